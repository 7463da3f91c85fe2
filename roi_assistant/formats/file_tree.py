"""A data set's files, read from folders or straight from the tar archives they are distributed in."""

from __future__ import annotations

import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from roi_assistant.errors import FormatError

LARGEST = 2 << 30
"""Bytes of compressed archives that are kept in memory: enough for all texts of a data set, not for its photos."""


class FileTree:
    """Read-only files of one kind, keyed by base name.

    ``FileTree.find(root, "Annotations")`` reads ``root/Annotations/`` when it is a folder, else every
    ``root/Annotations*.tar`` or ``.tar.xz``. Compressed archives are read into memory once, as they have no random
    access, and refused when they unpack to more than ``LARGEST`` bytes.
    """

    def __init__(self, *, folder: Path | None = None, archives: list[Path] | None = None) -> None:
        self._folder = folder
        self._packed: dict[str, tuple[Path, int, int]] = {}
        self._memory: dict[str, bytes] = {}
        for archive in archives or []:
            self._index(archive)

    @classmethod
    def find(cls, root: Path, *names: str) -> FileTree:
        """The first of ``names`` that exists under ``root``, as a folder or as archives.

        Raises:
            FormatError: none of them exists.
        """
        for name in names:
            if (root / name).is_dir():
                return cls(folder=root / name)
            archives = sorted(p for p in root.glob(f"{name}*.tar*") if p.suffixes[-1] in (".tar", ".xz", ".gz"))
            if archives:
                return cls(archives=archives)
        folders = " or ".join(f"{name}/" for name in names)
        raise FormatError(
            f"{root} has neither the folder {folders} nor its tar archives: give the data set's top folder."
        )

    def _index(self, archive: Path) -> None:
        held = sum(map(len, self._memory.values()))
        try:
            with tarfile.open(archive) as tar:
                compressed = archive.suffix != ".tar"
                for member in tar:
                    if not member.isfile():
                        continue
                    name = Path(member.name).name
                    if compressed:
                        held += member.size
                        if held > LARGEST:
                            raise FormatError(
                                f"{archive} unpacks to more than {LARGEST >> 20} MB: unpack it, and give the folder."
                            )
                        stream = tar.extractfile(member)
                        assert stream is not None
                        self._memory[name] = stream.read()
                    else:
                        self._packed[name] = (archive, member.offset_data, member.size)
        except (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")  # tarfile lists every method
            raise FormatError(f"{archive} cannot be read as a tar archive ({reason}): copy it again.") from error

    def names(self) -> Iterator[str]:
        """Base names of all files."""
        if self._folder is not None:
            yield from sorted(p.name for p in self._folder.iterdir() if p.is_file())
        yield from self._packed
        yield from self._memory

    def __contains__(self, name: str) -> bool:
        if self._folder is not None:
            return (self._folder / name).is_file()
        return name in self._packed or name in self._memory

    def read(self, name: str) -> bytes:
        """Contents of the file called ``name``.

        Raises:
            FormatError: there is no such file.
        """
        if Path(name).name != name:
            raise FormatError(f"{name!r} is not a plain file name.")
        if name in self._memory:
            return self._memory[name]
        if name in self._packed:
            archive, offset, size = self._packed[name]
            with archive.open("rb") as stream:
                stream.seek(offset)
                return stream.read(size)
        if self._folder is not None:
            try:
                return (self._folder / name).read_bytes()
            except OSError as error:
                raise FormatError(f"{self._folder / name} cannot be read: {error.strerror}.") from error
            except ValueError as error:  # a NUL, or half a letter
                raise FormatError(f"{name!r} cannot be the name of a file.") from error
        raise FormatError(f"{name} is in none of the data set's archives.")

    def text(self, name: str) -> str:
        """Contents of the text file called ``name``.

        Raises:
            FormatError: there is no such file, or it is not UTF-8.
        """
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name} is not text in UTF-8 ({error}).") from error

    def open(self, name: str) -> io.BytesIO:
        """The file called ``name`` as a stream in memory.

        Raises:
            FormatError: there is no such file, or it cannot be read.
        """
        return io.BytesIO(self.read(name))
