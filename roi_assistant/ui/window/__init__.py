"""The top floor: the application, its window, actions and menus."""
