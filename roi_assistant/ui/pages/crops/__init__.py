"""The crops of one category side by side, for spotting those that do not belong."""
