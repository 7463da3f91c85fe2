"""Detectors of transformers, each from a folder with its checkpoint, propose boxes.

Folders are added by ``roi-assistant models add FOLDER``: `open_folder` says what a folder holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from roi_assistant.api import ModelOpener, ProposerFactory, hookimpl

from .folder import open_folder

__all__ = ["open_folder", "register_model_openers"]


class FolderOpener:
    """See `roi_assistant.api.ModelOpener`. A folder without ``config.json`` may be for another opener."""

    kind: Literal["folder"] = "folder"
    makes: Literal["proposer"] = "proposer"

    def names(self, place: str, *, allow_remote: bool = False) -> Sequence[str]:
        """One, "", of a folder with a detector. Raises: as `open_folder`."""
        return ("",) if self._open(place) is not None else ()

    def open(self, place: str, *, id: str, model: str = "", allow_remote: bool = False) -> ProposerFactory | None:
        """See `open_folder`."""
        return self._open(place)

    @staticmethod
    def _open(place: str) -> ProposerFactory | None:
        folder = Path(place)
        return open_folder(folder) if (folder / "config.json").is_file() else None


@hookimpl
def register_model_openers(register: Callable[[str, ModelOpener], None]) -> None:
    """Folders become proposers: ``roi-assistant models add FOLDER``."""
    register("detectors", FolderOpener())
