"""A model on disk: a manifest with the sha256 of every file. What is loaded are the bytes that were hashed.

Files that the manifest does not list are never read, and no library gets the path of the folder, so that none of them
is picked up by itself. Links, folders, pipes and devices are no files of a model.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.plain_files import HashedFile, read_plain
from roi_assistant.errors import ModelFileError

MANIFEST = "manifest.json"
HASHERS = 4
"""Files that are read and hashed at a time."""
LONGEST_FILE = 1 << 31
"""Bytes of a file that is read as a whole. An ONNX file cannot have more."""
_LONGEST_MANIFEST = 1 << 24
_LONGEST_NAME = 255


@dataclass(frozen=True)
class ModelFile:
    """A file's bytes, which have the sha256 that the manifest states. ``path`` is for messages: nothing opens it."""

    path: Path
    data: bytes

    def json(self) -> Any:
        """The contents of a JSON file.

        Raises:
            ModelFileError: it is none.
        """
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError) as error:
            raise ModelFileError(
                "{path} is not valid JSON ({reason}): copy it again.", path=self.path, reason=_reason(error)
            ) from error


@dataclass(frozen=True)
class ListedFiles:
    """The files that the manifest of the folder ``path`` lists, read when they are asked for."""

    path: Path
    manifest: dict[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.manifest["files"]

    @property
    def sha256(self) -> str:
        """Of the manifest's list of hashes: one value for all weights."""
        return combined_sha256(self.manifest["files"])

    def file(self, name: str) -> ModelFile:
        """The file ``name`` as a whole.

        Raises:
            ModelFileError: the manifest does not list it, or it is missing, unreadable, or differs from its sha256.
        """
        expected = self._expected(name)
        try:
            data = read_plain(self.path / name, longest=LONGEST_FILE)
        except (OSError, ValueError) as error:
            raise _unreadable(self.path / name, error) from error
        self._check(name, hashlib.sha256(data).hexdigest(), expected)
        return ModelFile(self.path / name, data)

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[HashedFile]:
        """The file ``name`` to be read part by part; the rest of it is read at the end.

        Raises:
            ModelFileError: as `file`; that it differs from its sha256 is known, and raised, at the end.
        """
        expected = self._expected(name)
        try:
            with HashedFile(self.path / name) as stream:
                yield stream
                digest = stream.finish()
        except (OSError, ValueError) as error:
            raise _unreadable(self.path / name, error) from error
        self._check(name, digest, expected)

    def _expected(self, name: str) -> str:
        if name not in self:
            raise ModelFileError(
                "{path} does not list {name}: install RoI Assistant again.", path=self.path / MANIFEST, name=name
            )
        return str(self.manifest["files"][name])

    def _check(self, name: str, digest: str, expected: str) -> None:
        if digest != expected:
            raise ModelFileError(
                "{path} is not the file that its manifest describes (the sha256 differs): copy it again.",
                path=self.path / name,
            )


@dataclass(frozen=True)
class ModelFolder:
    """A model whose files were all present and unaltered, in memory. Let go of it once the model is made."""

    path: Path
    id: str
    name: str
    sha256: str
    """Of the manifest's list of hashes: one value for all weights."""
    manifest: dict[str, Any]
    files: dict[str, ModelFile]

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def file(self, name: str) -> ModelFile:
        """The file ``name``.

        Raises:
            ModelFileError: the manifest does not list it.
        """
        if name not in self:
            raise ModelFileError(
                "{path} does not list {name}: install RoI Assistant again.", path=self.path / MANIFEST, name=name
            )
        return self.files[name]

    def json(self, name: str) -> Any:
        """The contents of the JSON file ``name``.

        Raises:
            ModelFileError: the manifest does not list it, or it is no JSON.
        """
        return self.file(name).json()


def open_model_folder(path: Path) -> ModelFolder:
    """Read the manifest in ``path`` and every file that it lists.

    Raises:
        ModelFileError: a file is missing, unreadable, or differs from its sha256.
    """
    listed = listed_files(path)
    manifest = listed.manifest
    with ThreadPoolExecutor(HASHERS) as pool:
        files = dict(zip(manifest["files"], pool.map(listed.file, manifest["files"]), strict=True))
    return ModelFolder(path, manifest["id"], manifest["name"], listed.sha256, manifest, files)


def listed_files(path: Path) -> ListedFiles:
    """What the manifest in ``path`` lists; nothing but the manifest is read.

    Raises:
        ModelFileError: as `read_manifest`.
    """
    return ListedFiles(path, read_manifest(path))


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the folder ``path``: ``id``, ``name`` and ``files`` (plain file name -> sha256) are there.

    Raises:
        ModelFileError: it cannot be read, or is not a manifest.
    """
    where = path / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(read_plain(where, longest=_LONGEST_MANIFEST))
        texts = [manifest["id"], manifest["name"], *manifest["files"].values()]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("id, name and every sha256 must be text")
        for text in texts:
            text.encode("utf-8")
    except OSError as error:
        raise ModelFileError(
            "{where} cannot be read ({reason}): install RoI Assistant again.", where=where, reason=_reason(error)
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            "{where} is not a model manifest ({reason}): install RoI Assistant again.",
            where=where,
            reason=_reason(error),
        ) from error
    if not manifest["files"]:
        raise ModelFileError("{where} lists no files: install RoI Assistant again.", where=where)
    for file_name in manifest["files"]:
        if not _is_plain_name(file_name):
            raise ModelFileError(
                "{where} lists {file_name}, which is not a plain file name.",
                where=where,
                file_name=ascii(file_name)[:_LONGEST_NAME],
            )
    return manifest


def file_sha256(path: Path) -> str:
    """Hex digest of a file.

    Raises:
        ModelFileError: the file cannot be read.
    """
    try:
        with HashedFile(path) as stream:
            return stream.finish()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def combined_sha256(files: dict[str, str]) -> str:
    """One digest for a set of files: that of their sorted names and digests."""
    listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(listing.encode()).hexdigest()


def _is_plain_name(name: str) -> bool:
    """Whether ``name`` is one file of the folder on every system: no way into another folder, no stream of a file, no
    device."""
    try:
        return (
            0 < len(name.encode("utf-8")) <= _LONGEST_NAME
            and name.isprintable()
            and not set(name) & set('/\\:*?"<>|')
            and name not in (".", "..", MANIFEST)
        )
    except UnicodeEncodeError:
        return False


def _unreadable(path: Path, error: Exception) -> ModelFileError:
    return ModelFileError("{path} cannot be read ({reason}): copy it again.", path=path, reason=_reason(error))


def _reason(error: Exception) -> str:
    """What an error says, short: a part of a damaged file may be in it."""
    words = (isinstance(error, OSError) and error.strerror) or str(error)
    return " ".join(words.split())[:200]
