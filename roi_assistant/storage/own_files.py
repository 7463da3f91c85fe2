"""Files of ours beside somebody's photos: never opened through a link, never mistaken for a pipe or a device.

A folder may come from somebody else, in an archive that can hold links. What we truncate, lock or replace must be a
file in that folder and nothing else.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from roi_assistant.core.plain_files import open_plain
from roi_assistant.errors import ProjectError


def check_own_file(path: Path) -> None:
    """Check that ``path`` is a plain file or nothing.

    Raises:
        ProjectError: it is a link, a folder, a pipe or a device.
    """
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise ProjectError(
            "{path} cannot be read ({reason}): check its permissions.", path=path, reason=error
        ) from error
    if stat.S_ISLNK(mode):
        raise ProjectError(
            "{path} is a link: such a file must lie in the folder itself. Put the file in its place, or remove it.",
            path=path,
        )
    if not stat.S_ISREG(mode):
        raise ProjectError("{path} is not a plain file: move it away.", path=path)


def check_own_folder(path: Path) -> None:
    """Check that ``path`` is a folder or nothing.

    Raises:
        ProjectError: it is a link or a file.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise ProjectError("{path} must be a folder and not a link: move it away.", path=path)


def open_own_file(path: Path) -> int:
    """A descriptor of the plain file ``path`` for reading and writing; made when it is missing.

    Raises:
        ProjectError: as `check_own_file`.
        OSError: it cannot be opened.
    """
    check_own_file(path)  # for its sentence
    return open_plain(path, os.O_RDWR | os.O_CREAT)
