"""What is done for a project file that was opened for writing, while it is worked with: a look for damage, a copy."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from roi_assistant.errors import ProjectDamagedError, RoiAssistantError
from roi_assistant.storage import connection
from roi_assistant.storage.backup import make_backup

_log = logging.getLogger(__name__)


class Upkeep:
    """Of the project file ``path``. Belongs to the thread that opened it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.damage: ProjectDamagedError | None = None
        """What was found; nothing may be written then."""

    def start(self, *, check: bool, backup: bool) -> None:
        """Look for damage (``check``) and copy the file: a large one, which takes seconds, while it is worked with. A
        small one was checked already."""
        if os.stat(self._path).st_size <= connection.FULL_CHECK_BYTES:
            if backup:
                self._try_backup()
        elif check or backup:
            self._thread = threading.Thread(
                target=self._keep_up, kwargs={"check": check, "backup": backup}, name="project upkeep", daemon=True
            )
            self._thread.start()

    def wait(self) -> None:
        """Until all is done."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Leave what is not done yet."""
        self._stopping.set()
        self.wait()

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()

    def _keep_up(self, *, check: bool, backup: bool) -> None:
        if check:
            self.damage = connection.find_damage(self._path, keep_going=self._goes_on)
        if backup and self.damage is None:
            self._try_backup()

    def _try_backup(self) -> None:
        """Without a copy the work can go on: no space for it must not keep anybody from her own data."""
        try:
            make_backup(self._path, keep_going=self._goes_on)
        except RoiAssistantError as error:
            _log.warning("%s", error)
