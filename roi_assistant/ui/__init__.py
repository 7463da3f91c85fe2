"""The window. PyQt6; models run in another process, files and SQLite are read in threads."""
