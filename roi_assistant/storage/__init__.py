"""The project file: one SQLite file per folder of images. No Qt."""
