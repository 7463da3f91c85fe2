"""The folders that were open last, and how the window looked: what the program remembers without being told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.errors import FileWriteError
from roi_assistant.settings import config_folder, object_in, write_json

KEPT = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recent:
    """A folder and the image that was in sight when it was left."""

    folder: Path
    image: str = ""


class Memory:
    """``window.json`` in the folder of the settings, written by a thread: a busy disk may take its time.

    Losing it costs comfort only, so no error of it is shown.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or config_folder() / "window.json"
        self._writing: threading.Thread | None = None
        self._data = object_in(self._path)

    @property
    def recents(self) -> tuple[Recent, ...]:
        """The latest first."""
        folders = []
        entries = self._data.get("recents")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("folder"), str):
                image = entry.get("image")
                folders.append(Recent(Path(entry["folder"]), image if isinstance(image, str) else ""))
        return tuple(folders[:KEPT])

    def image_of(self, folder: Path) -> str:
        """The image that was in sight when ``folder`` was left, "" when it is not known."""
        return next((recent.image for recent in self.recents if recent.folder == folder), "")

    def visit(self, folder: Path, image: str = "") -> None:
        """``folder`` is the latest; ``image`` "" keeps the one that is remembered."""
        image = image or self.image_of(folder)
        others = [recent for recent in self.recents if recent.folder != folder]
        self._set_recents([Recent(folder, image), *others])

    def forget(self, folder: Path) -> None:
        """Take ``folder`` off the list of recent folders; nothing happens when it is not on it."""
        self._set_recents([recent for recent in self.recents if recent.folder != folder])

    def get(self, key: str) -> Any:
        """The value that ``keep`` stored under ``key``; None when there is none."""
        return self._data.get(key)

    def keep(self, values: Mapping[str, Any]) -> None:
        """Remember ``values`` (JSON)."""
        if any(self._data.get(key) != value for key, value in values.items()):
            self._data |= values
            self._write()

    def _set_recents(self, recents: list[Recent]) -> None:
        self.keep({"recents": [{"folder": str(r.folder), "image": r.image} for r in recents[:KEPT]]})

    def wait(self) -> None:
        """Until all that was given is on the disk."""
        if self._writing is not None:
            self._writing.join()

    def _write(self) -> None:
        data, before = dict(self._data), self._writing

        def write() -> None:
            if before is not None:
                before.join()
            try:
                write_json(self._path, data)
            except FileWriteError as error:
                _log.warning("%s", error)

        self._writing = threading.Thread(target=write, name="memory")  # no daemon: the program ends after it
        self._writing.start()
