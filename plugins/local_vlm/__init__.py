"""Vision-language models that run in this program through transformers, each from a folder with its checkpoint.

Folders are added by ``roi-assistant models add FOLDER``, so nothing is registered here: `open_folder` says what a
folder holds."""

from .folder import open_folder

__all__ = ["open_folder"]
