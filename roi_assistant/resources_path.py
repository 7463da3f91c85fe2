"""Where the files that travel with the program are, in a checkout and in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"


def _folder(name: str) -> Path:
    """The wheel carries both folders inside the package; a checkout has them beside it."""
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def resource(*parts: str) -> Path:
    """Path of a file or folder below ``resources``: ``resource("attribute-presets", "default.json")``.

    The path is not checked: opening a missing file raises ``FileNotFoundError`` with its name.

    Raises:
        ValueError: a part is absolute or climbs out of the folder.
    """
    root = _folder("resources")
    path = root.joinpath(*parts)
    if not path.resolve().is_relative_to(_resolved(root)):
        raise ValueError(f"{'/'.join(parts)} is not below {root}.")
    return path


@cache
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def plugins_folder() -> Path:
    """The folder of the plugins that ship with the program."""
    return _folder("plugins")
