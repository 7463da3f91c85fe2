"""Opening a folder: the project file with its lock, its read-only fallbacks, and the search for pictures.

Everything here runs on threads of its own and touches no widget.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roi_assistant.errors import ImageError, RoiAssistantError

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

_log = logging.getLogger(__name__)

ReadOnlyReason = Literal["", "locked", "folder"]


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """The project that a window shows. ``reason`` says why it is read-only: another window has it (``locked``), or its
    folder cannot be written (``folder``); ``detail`` is the sentence of the error."""

    folder: Path
    read_only: bool = False
    reason: ReadOnlyReason = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Why a folder was not opened. ``backup`` is a copy of the damaged project file that can be restored."""

    folder: Path
    message: str
    backup: Path | None = None


class ProjectOpener:
    """Opens the project of ``folder`` for writing, or for reading when that cannot be; ``summary`` then says why."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = ProjectSummary(folder)

    def __call__(self) -> Project:
        from roi_assistant.errors import ProjectLockedError
        from roi_assistant.storage.project import Project

        if not self.folder.is_dir():
            raise ImageError(f"{self.folder} is not a folder that can be opened: check the path.")
        if not os.access(self.folder, os.W_OK):
            return self._read_only("folder", "")
        try:
            return Project.open(self.folder)
        except ProjectLockedError as error:
            return self._read_only("locked", str(error))
        except PermissionError as error:
            return self._read_only("folder", str(error))

    def _read_only(self, reason: ReadOnlyReason, detail: str) -> Project:
        from roi_assistant.storage.project import Project

        self.summary = ProjectSummary(self.folder, True, reason, detail)
        return Project.open(self.folder, read_only=True, backup=False)


class FolderScan:
    """Walks a folder in a thread and hands the keys of its pictures over in groups.

    ``found`` gets a list of keys (POSIX paths relative to the folder), ``finished`` the number of pictures and a
    sentence when the folder could not be read. Both are called on the scanning thread.
    """

    FIRST, GROUP = 200, 5000

    def __init__(
        self, folder: Path, *, found: Callable[[list[str]], None], finished: Callable[[int, str], None]
    ) -> None:
        self._folder, self._found, self._finished = folder, found, finished
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folder-scan", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Leave at the next picture; nothing more is handed over."""
        self._stop.set()

    def _run(self) -> None:
        count, problem = 0, ""
        try:
            count = self._walk()
        except RoiAssistantError as error:
            problem = str(error)
        except Exception as error:
            _log.exception("The folder %s cannot be searched.", self._folder)
            problem = f"The folder {self._folder} cannot be searched for images ({error}): check that it can be read."
        if not self._stop.is_set():
            self._finished(count, problem)

    def _walk(self) -> int:
        from roi_assistant.imaging.folders import find_images

        count, group, size = 0, [], self.FIRST
        for path in find_images(self._folder):
            if self._stop.is_set():
                return count
            group.append(path.relative_to(self._folder).as_posix())
            count += 1
            if len(group) >= size:
                self._found(group)
                group, size = [], self.GROUP
        if group:
            self._found(group)
        return count


def newest_backup(folder: Path) -> Path | None:
    """The latest copy of the project file of ``folder``, None when there is none."""
    copies = sorted(folder.glob("*.roi.bak*")) + sorted((folder / ".roi-backups").glob("*.roi"))
    return max(copies, key=lambda path: path.stat().st_mtime, default=None)
