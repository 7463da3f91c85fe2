"""The lowest floor of the window: theme, colors, icons, small controls, translation."""
