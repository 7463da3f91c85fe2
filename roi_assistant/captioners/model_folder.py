"""A model on disk: a manifest with the sha256 of every file, checked before anything is loaded."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.errors import ModelFileError

MANIFEST = "manifest.json"
HASHERS = 4
"""Files that are hashed at a time."""


@dataclass(frozen=True)
class ModelFolder:
    """A model whose files are present and unaltered."""

    path: Path
    id: str
    name: str
    sha256: str
    """Of the manifest's list of hashes: one value for all weights."""
    manifest: dict[str, Any]

    def file(self, name: str) -> Path:
        """Where the file ``name`` lies.

        Raises:
            ModelFileError: the manifest does not list it.
        """
        if name not in self.manifest["files"]:
            raise ModelFileError(
                "{path} does not list {name}: install RoI Assistant again.", path=self.path / MANIFEST, name=name
            )
        return self.path / name

    def json(self, name: str) -> Any:
        """The contents of the JSON file ``name``.

        Raises:
            ModelFileError: the manifest does not list it.
        """
        return json.loads(self.file(name).read_text(encoding="utf-8"))


def open_model_folder(path: Path) -> ModelFolder:
    """Read the manifest in ``path`` and check every file that it lists.

    Raises:
        ModelFileError: a file is missing, unreadable, or differs from its sha256.
    """
    manifest = read_manifest(path)
    with ThreadPoolExecutor(HASHERS) as pool:
        digests = list(pool.map(file_sha256, [path / name for name in manifest["files"]]))
    for (file_name, expected), digest in zip(manifest["files"].items(), digests, strict=True):
        if digest != expected:
            raise ModelFileError(
                "{path} is not the file that its manifest describes (the sha256 differs): copy it again.",
                path=path / file_name,
            )
    return ModelFolder(path, manifest["id"], manifest["name"], combined_sha256(manifest["files"]), manifest)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the folder ``path``: ``id``, ``name`` and ``files`` (plain file name -> sha256) are there.

    Raises:
        ModelFileError: it cannot be read, or is not a manifest.
    """
    where = path / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(where.read_text(encoding="utf-8"))
        values = [manifest["id"], manifest["name"], *manifest["files"].values()]
        if not all(isinstance(value, str) for value in values):
            raise TypeError("id, name and every sha256 must be text")
    except OSError as error:
        raise ModelFileError(
            "{where} cannot be read ({reason}): install RoI Assistant again.", where=where, reason=error
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(
            "{where} is not a model manifest ({reason}): install RoI Assistant again.", where=where, reason=error
        ) from error
    if not manifest["files"]:
        raise ModelFileError("{where} lists no files: install RoI Assistant again.", where=where)
    for file_name in manifest["files"]:
        if Path(file_name).name != file_name:
            raise ModelFileError(
                "{where} lists {file_name}, which is not a plain file name.", where=where, file_name=repr(file_name)
            )
    return manifest


def file_sha256(path: Path) -> str:
    """Hex digest of a file.

    Raises:
        ModelFileError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError("{path} cannot be read ({reason}): copy it again.", path=path, reason=error) from error


def combined_sha256(files: dict[str, str]) -> str:
    """One digest for a set of files: that of their sorted names and digests."""
    listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(listing.encode()).hexdigest()
