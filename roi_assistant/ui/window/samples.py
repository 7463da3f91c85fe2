"""The sample photos as a project of the user's: a copy, because what ships with the program is not written to."""

from __future__ import annotations

import shutil
from pathlib import Path

from roi_assistant.resources_path import resource
from roi_assistant.settings import data_folder

NAME = "sample photos"


def copy_samples(folder: Path | None = None) -> Path:
    """Copy the photos that are not there yet to ``folder`` (None: one among the program's data); answers it."""
    folder = folder or data_folder() / NAME
    folder.mkdir(parents=True, exist_ok=True)
    for photo in sorted(resource("samples").glob("*.jpg")):
        if not (folder / photo.name).exists():
            shutil.copyfile(photo, folder / photo.name)
    return folder
