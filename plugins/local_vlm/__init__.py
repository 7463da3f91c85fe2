"""Vision-language models that run in this program through transformers, each from a folder with its checkpoint.

Folders are added by ``roi-assistant models add FOLDER``: `open_folder` says what a folder holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from roi_assistant.api import CaptionerFactory, ModelOpener, Precision, hookimpl

from .folder import open_folder

__all__ = ["open_folder", "register_model_openers"]


class FolderOpener:
    """See `roi_assistant.api.ModelOpener`. A folder without ``config.json`` may be for another opener."""

    kind: Literal["folder"] = "folder"
    makes: Literal["captioner"] = "captioner"

    def names(self, place: str, *, allow_remote: bool = False) -> Sequence[str]:
        """One, "", of a folder with a checkpoint. Raises: as `open_folder`."""
        return ("",) if self._open(place) is not None else ()

    def open(
        self, place: str, *, id: str, model: str = "", allow_remote: bool = False, precision: Precision = "auto"
    ) -> CaptionerFactory | None:
        """See `open_folder`."""
        return self._open(place, precision, id)

    @staticmethod
    def _open(place: str, precision: Precision = "auto", id: str = "") -> CaptionerFactory | None:
        folder = Path(place)
        return open_folder(folder, precision=precision, id=id) if (folder / "config.json").is_file() else None


@hookimpl
def register_model_openers(register: Callable[[str, ModelOpener], None]) -> None:
    """Folders become models: ``roi-assistant models add FOLDER``."""
    register("local-vlm", FolderOpener())
