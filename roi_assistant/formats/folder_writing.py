"""Writing a folder of files as a whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roi_assistant.core.plain_files import read_plain
from roi_assistant.errors import BadInputError, FileWriteError
from roi_assistant.formats.atomic import flush_folder
from roi_assistant.formats.json_text import json_text
from roi_assistant.temporary_files import sweep_temporaries, temporary_name

MARKER = ".roi-assistant-export.json"
"""Lists the files of an export with their sha256, so that the next one knows what it may replace."""
_LONGEST = 1 << 28


class HashedStream:
    """Bytes on their way into a file of an export."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of all that was written, in hex."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Write ``data`` behind what was written. Raises: OSError: it cannot be written."""
        self._digest.update(data)
        self._file.write(data)


class FolderWriter:
    """Writes the files of one folder, see `atomic_folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}

    def __contains__(self, name: object) -> bool:
        """Whether a file was written under ``name``."""
        return name in self._digests

    def write(self, name: str, data: str | bytes) -> None:
        """Write the file ``name``, as `open` does; text as UTF-8, line ends as they are."""
        with self.open(name) as stream:
            stream.write(data.encode("utf-8") if isinstance(data, str) else data)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[HashedStream]:
        """A stream into the file ``name``, a POSIX path below the folder.

        Raises:
            FileWriteError: the name leaves the folder, or was written before.
            OSError: it cannot be written; `atomic_folder` makes an error with a sentence of it.
        """
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or name in self._digests:
            raise FileWriteError("{name} cannot be the name of a file in an export: rename the image.", name=repr(name))
        path = self._folder.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except ValueError as error:  # a NUL, or half a letter
            raise FileWriteError(
                "{name} cannot be the name of a file in an export: rename the image.", name=repr(name)
            ) from error
        with file:
            stream = HashedStream(file)
            yield stream
        self._digests[name] = stream.sha256

    def finish(self) -> None:
        """Write the list of what was written. Raises: OSError: it cannot be written."""
        (self._folder / MARKER).write_text(json_text({"files": self._digests}), encoding="utf-8")


@contextlib.contextmanager
def atomic_folder(path: Path | str) -> Iterator[FolderWriter]:
    """What writes files that become the folder ``path`` when the block ends, and only then.

    They go to a new folder beside it, which then takes its name. A folder that is there already is replaced when it is
    empty or holds nothing but what an earlier export wrote, unchanged since. After an exception in the block ``path``
    is as it was. Files are not flushed one by one, as a hundred thousand of them would take minutes: after a power cut
    an export may have to be made again.

    Raises:
        BadInputError: ``path`` is a file, or holds what no export wrote.
        FileWriteError: it cannot be written. ``path`` is then as it was, and nothing is left beside it.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        target = path.resolve() if path.is_symlink() else path
        _check_replaceable(target, path)
        sweep_temporaries(target.parent)
        candidate = target.with_name(temporary_name())
        candidate.mkdir()
        temporary = candidate
        writer = FolderWriter(temporary)
        yield writer
        writer.finish()
        if target.exists():
            _check_replaceable(target, path)  # somebody may have worked there meanwhile
            _exchange(temporary, target)
        else:
            temporary.rename(target)
        temporary = None
        flush_folder(target.parent)
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and temporary is not None:
            raise  # of the block
        raise FileWriteError(
            "{path} cannot be written ({reason}): check that its folder exists, is writable and has space.",
            path=path,
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    finally:
        if temporary is not None:  # also when the process is interrupted
            shutil.rmtree(temporary, ignore_errors=True)


def _exchange(new: Path, target: Path) -> None:
    old = target.with_name(temporary_name())
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(target: Path, path: Path) -> None:
    """Raises: BadInputError: ``target``, which the user calls ``path``, holds what no export wrote."""
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise BadInputError("{path} is a file, and this format is a folder of files: give another name.", path=path)
    written = _written_before(target)
    for file in _walked(target):
        name = file.relative_to(target).as_posix()
        if name == MARKER and written:
            continue
        if name not in written:
            raise BadInputError(
                "{path} holds what no export wrote, such as {name}: give a new folder.", path=path, name=name
            )
        if _sha256(file) != written[name]:
            raise BadInputError(
                "{path} holds {name}, which was changed after it was exported: give a new folder.", path=path, name=name
            )


def _walked(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for root, folders, files in os.walk(folder, onerror=fail):
        yield from (Path(root, name) for name in sorted(files))
        # A link to a folder is a file of somebody's.
        yield from (Path(root, name) for name in sorted(folders) if Path(root, name).is_symlink())


def _written_before(folder: Path) -> dict[str, str]:
    try:
        data = json.loads(read_plain(folder / MARKER, longest=_LONGEST))
        return {str(name): str(digest) for name, digest in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _sha256(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
