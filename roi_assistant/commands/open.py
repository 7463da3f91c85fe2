"""``roi-assistant open``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.imaging.folders import folder_and_image

app = typer.Typer()


@app.command()
def open_(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A folder of images, or one image in it.")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Open a copy of the sample photos.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Open the window, on a folder of images when one is given."""
    if samples:
        from roi_assistant.ui.window.samples import copy_samples

        if path is not None:
            raise BadInputError("--samples opens the sample photos: leave out the folder.")
        path = copy_samples()
    folder, image = None, ""
    if path is not None:
        if not path.exists():
            raise BadInputError(f"{path} does not exist: give a folder of images.")
        place = folder_and_image(path)
        if place is None:
            raise BadInputError(f"{path} is no image by its name: give a folder of images, or one image in it.")
        folder, image = place
    code = open_window(folder, image=image)
    if code:
        raise typer.Exit(code)


def open_window(folder: Path | None, *, image: str = "") -> int:
    """Show the window until it is closed.

    Raises:
        BadInputError: there is no display.
        MissingDependencyError: Qt or one of its system libraries is missing.
    """
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        raise BadInputError(
            "There is no display to open a window on: log in to a desktop or use ssh -X; "
            "captions on the command line work without, see: roi-assistant caption --help."
        )
    try:
        from roi_assistant.ui.window.application import run_application
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("PyQt6")
        if not is_missing and "cannot open shared object" not in str(error):
            raise
        raise MissingDependencyError(
            f"The window cannot start ({error}): run roi-assistant doctor, which says what to install."
        ) from error
    return run_application(folder, image=image)


def has_display() -> bool:
    """Whether a window could be seen here."""
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal", "vnc"):
        return False
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
