"""The pictures in a folder, in the order in which a person would list them."""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from roi_assistant.errors import ImageError
from roi_assistant.sentences import NOTHING, Sentence

IMAGE_SUFFIXES = (
    ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
    ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
"""Endings, in lower case, of the files that ``decode_image`` is asked to read. Compared without regard to case."""

UNREAD_SUFFIXES = (
    ".arw", ".cr2", ".cr3", ".dcm", ".dng", ".eps", ".exr", ".fits", ".hdr", ".heics", ".ico", ".jpx", ".jxl", ".jxr",
    ".kra", ".nef", ".nrw", ".orf", ".pam", ".pcx", ".pef", ".pfm", ".psb", ".psd", ".qoi", ".raf", ".raw", ".rw2",
    ".sgi", ".srw", ".svg", ".tga", ".wdp", ".xcf",
)  # fmt: skip
"""Endings, in lower case, of pictures that nothing here reads."""

_DIGITS = re.compile(r"(\d+)")
_RUN = 2000
"""Names that are sorted in one go."""
_log = logging.getLogger(__name__)


class UnreadPictures:
    """Counts the pictures of a folder that are left out because nothing here reads their kind."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._example = ""

    def add(self, key: str) -> None:
        """``key`` is a file that `find_keys` passed over; one that is no picture does not count."""
        suffix = os.path.splitext(key)[1].lower()
        if suffix in UNREAD_SUFFIXES:
            self._kinds[suffix] += 1
            self._example = self._example or key

    @property
    def sentence(self) -> Sentence:
        """What to tell; empty when there are none."""
        if not self._kinds:
            return NOTHING
        return Sentence.of(
            "Pictures of kinds that cannot be read are left out: {counts}, such as {example}. Convert them to JPEG or "
            "PNG.",
            counts=", ".join(f"{count} {suffix}" for suffix, count in self._kinds.most_common()),
            example=self._example,
        )


def folder_and_image(path: Path) -> tuple[Path, str] | None:
    """What to open when a person names ``path``: the folder, and the key of the image in it or "".

    A folder is itself, a picture or a project file (``.roi``) stands for the folder it is in; None for anything else.
    """
    if path.is_dir():
        return path, ""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return path.absolute().parent, path.name
    if path.suffix == ".roi":
        return path.absolute().parent, ""
    return None


def natural_key(name: str) -> str:
    """Sort key under which ``img2`` comes before ``img10``, and upper and lower case stand together.

    Names that differ only in case or in leading zeros have equal keys. It is one text and no tuple of parts: 100,000 of
    them are sorted in a tenth of the time, during which no other thread runs.
    """
    return _DIGITS.sub(_with_length, name.casefold())


def find_images(folder: Path | str, *, other_file: Callable[[str], None] | None = None) -> Iterator[Path]:
    """Paths of the pictures in ``folder``, in the order of ``find_keys``, with its rules and errors."""
    folder = Path(folder)
    return (folder / key for key in find_keys(folder, other_file=other_file))


def find_keys(folder: Path | str, *, other_file: Callable[[str], None] | None = None) -> Iterator[str]:
    """The pictures in ``folder``: its own first, then those of its sub-folders, each naturally sorted.

    Answers are POSIX paths relative to ``folder``. A file counts as a picture by its ending (``IMAGE_SUFFIXES``). Files
    and folders whose name begins with a dot are skipped. A link to a folder is followed when it leads out of
    ``folder``, and each folder is visited once, so a loop of links ends and no picture comes twice by way of a folder
    link. Sub-folders are listed one at a time while the result is consumed; one that cannot be read is logged and
    skipped. ``other_file`` is called with the key of each file that does not count as a picture.

    Raises:
        ImageError: at the call, when ``folder`` is missing, is not a folder, cannot be listed or holds no picture.
    """
    folder = Path(folder)
    unread = UnreadPictures()

    def passed_over(key: str) -> None:
        unread.add(key)
        if other_file is not None:
            other_file(key)

    keys = _walk(folder, passed_over)
    try:
        if not folder.exists():
            raise ImageError("Folder {folder} does not exist: check the path.", folder=folder)
        if not folder.is_dir():
            raise ImageError("{folder} is not a folder: give a folder of pictures.", folder=folder)
        first = next(keys, None)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise ImageError(
            "Folder {folder} cannot be listed ({reason}): check its permissions.", folder=folder, reason=error
        ) from error
    if first is None and unread.sentence:
        raise ImageError(
            "Folder {folder} has no picture that can be read. {unread}", folder=folder, unread=unread.sentence
        )
    if first is None:
        looked_for = " ".join(IMAGE_SUFFIXES)
        raise ImageError(
            "Folder {folder} has no pictures in it or its sub-folders: looked for {choices}.",
            folder=folder,
            choices=looked_for,
        )
    return itertools.chain([first], keys)


def _walk(top: Path, other_file: Callable[[str], None]) -> Iterator[str]:
    root = top.resolve()
    visited = {root}
    pending = [""]
    while pending:
        above = pending.pop()
        try:
            entries = _listed(top / above)
        except OSError as error:
            if not above:
                raise
            _log.warning("Folder %s is skipped: %s", top / above, error)
            continue
        below: list[str] = []
        for entry in entries:
            name = entry.name
            if _is_folder(entry):
                if _leads_somewhere_new(entry, top / above / name, root=root, visited=visited):
                    below.append(f"{above}{name}/")
            elif not name.lower().endswith(IMAGE_SUFFIXES):
                other_file(above + name)
            elif _is_file(entry):
                yield above + name
        pending += reversed(below)


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        visible = [(_order(entry.name), entry) for entry in entries if not entry.name.startswith(".")]
    # No other thread runs while a list is sorted, and the window is one: 100,000 names in one go keep it waiting.
    runs = [sorted(visible[first : first + _RUN]) for first in range(0, len(visible), _RUN)]
    return (entry for _, entry in heapq.merge(*runs))


def _order(name: str) -> str:
    stem, suffix = os.path.splitext(name)  # apart, so that img.jpg comes before img2.jpg
    return f"{natural_key(stem)}\x01{suffix.casefold()}\x01{name}"


def _with_length(digits: re.Match[str]) -> str:
    text = digits[0]
    number = text.lstrip("0") or "0" if text.isascii() or len(text) > 4000 else str(int(text))
    return f"\x04{len(number):04d}{number}"  # below any letter, as numbers are


def _leads_somewhere_new(entry: os.DirEntry[str], path: Path, *, root: Path, visited: set[Path]) -> bool:
    """Whether to descend; a link into, or to a parent of, the searched folder shows nothing that is not met anyway."""
    real = path.resolve()
    if entry.is_symlink() and (real.is_relative_to(root) or root.is_relative_to(real)):
        return False
    if real in visited:
        return False
    visited.add(real)
    return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
