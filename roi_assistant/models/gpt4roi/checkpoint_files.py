"""The files of a checkpoint folder, as the loader asks for them, and the tensors of a safetensors file among them."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from roi_assistant.core.plain_files import HashedFile, read_plain
from roi_assistant.errors import ModelFileError

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
_LONGEST_HEADER = 100_000_000
"""Bytes; the safetensors library sets this bound."""
_LONGEST_SMALL = 1 << 28


class File(Protocol):
    """A file that was read as a whole; ``path`` is for messages."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def data(self) -> bytes:
        """All of it."""


class CheckpointFiles(Protocol):
    """A checkpoint folder. Whoever gives one says which files may be read, and what is checked."""

    @property
    def path(self) -> Path:
        """The folder, for messages."""

    def __contains__(self, name: str) -> bool:
        """Whether there is a file ``name``."""

    def file(self, name: str) -> File:
        """A small file. Raises: ModelFileError."""

    def stream(self, name: str) -> AbstractContextManager[HashedFile]:
        """A large file, part by part. Raises: ModelFileError, also at the end: what was read is then of no use."""


@dataclass(frozen=True)
class PlainCheckpointFile:
    """See `File`."""

    path: Path
    data: bytes


@dataclass(frozen=True)
class PlainCheckpoint:
    """A folder without a manifest, such as training starts from: every plain file in it, unchecked."""

    path: Path

    def __contains__(self, name: str) -> bool:
        return (self.path / name).is_file()

    def file(self, name: str) -> PlainCheckpointFile:
        """See `CheckpointFiles`."""
        path = self.path / name
        with _reading(path):
            return PlainCheckpointFile(path, read_plain(path, longest=_LONGEST_SMALL))

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[HashedFile]:
        """See `CheckpointFiles`."""
        with _reading(self.path / name), HashedFile(self.path / name) as stream:
            yield stream


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ModelFileError("{path} is missing: import the model again.", path=path) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def read_tensors(files: CheckpointFiles, name: str) -> Iterator[tuple[str, Tensor]]:
    """The tensors of the safetensors file ``name`` in their order, each in memory of its own.

    They are read and not mapped: what is in a mapped file can change after it was checked.

    Raises:
        ModelFileError: as `CheckpointFiles.stream`, or it is no such file.
    """
    with files.stream(name) as stream:
        try:
            header = _header(stream)
            for tensor_name, dtype, shape, size in _layout(header, size=stream.left):
                data = stream.take(size)
                tensor = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
                yield tensor_name, tensor.reshape(shape)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _unreadable(files.path / name, error) from error


def _header(stream: HashedFile) -> dict[str, Any]:
    length = int.from_bytes(stream.take(8), "little")
    if length > min(_LONGEST_HEADER, stream.left):
        raise ValueError("it is no safetensors file")
    header: dict[str, Any] = json.loads(bytes(stream.take(length)))
    header.pop("__metadata__", None)
    return header


def _layout(header: dict[str, Any], *, size: int) -> list[tuple[str, torch.dtype, list[int], int]]:
    """Name, type, shape and bytes of each tensor by its place; together they fill the ``size`` bytes behind the
    header."""
    found = []
    place = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        dtype, shape = _DTYPES[entry["dtype"]], entry["shape"]
        if begin != place or not all(isinstance(n, int) and n >= 0 for n in (begin, end, *shape)):
            raise ValueError(f"{name} is not where the tensor before it ends")
        if end - begin != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"{name} has other bytes than its shape needs")
        found.append((name, dtype, shape, end - begin))
        place = end
    if place != size:
        raise ValueError("it does not end with its last tensor")
    return found


def _unreadable(path: Path, error: Exception) -> ModelFileError:
    words = (isinstance(error, OSError) and error.strerror) or str(error)
    reason = " ".join(words.split())[:200]
    return ModelFileError("{path} cannot be read ({reason}): import the model again.", path=path, reason=reason)
