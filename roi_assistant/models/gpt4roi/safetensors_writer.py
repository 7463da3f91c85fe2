"""Writes a safetensors file tensor by tensor: it never holds more than one, and knows the sha256 at the end."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from roi_assistant.errors import FileWriteError

_NAMES = {torch.float16: "F16", torch.float32: "F32", torch.bfloat16: "BF16"}
_ALIGNMENT = 8


def file_bytes(shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype) -> int:
    """Length of the file that `write_safetensors` writes."""
    return len(_header(shapes, dtype)) + sum(_bytes(shape, dtype) for shape in shapes.values())


def write_safetensors(
    path: Path,
    shapes: Mapping[str, tuple[int, ...]],
    read: Callable[[str], Tensor],
    *,
    dtype: torch.dtype,
    written: Callable[[int], None] = lambda count: None,
) -> str:
    """Write the tensors named in ``shapes``, which ``read`` gives one after the other; the answer is the sha256.

    The file has its name once it is whole. ``written`` is told the bytes of each tensor.

    Raises:
        FileWriteError: it cannot be written.
    """
    digest = hashlib.sha256()
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            header = _header(shapes, dtype)
            stream.write(header)
            digest.update(header)
            for name, shape in shapes.items():
                tensor = read(name).to(dtype).contiguous()
                if tuple(tensor.shape) != shape:
                    raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {shape}")
                data = memoryview(tensor.flatten().view(torch.uint8).numpy())
                stream.write(data)
                digest.update(data)
                written(len(data))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    except OSError as error:
        raise FileWriteError(
            f"{path} cannot be written ({error.strerror or error}): check that its folder is writable and has space."
        ) from error
    return digest.hexdigest()


def _bytes(shape: tuple[int, ...], dtype: torch.dtype) -> int:
    count = dtype.itemsize
    for size in shape:
        count *= size
    return count


def _header(shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype) -> bytes:
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, shape in shapes.items():
        end = place + _bytes(shape, dtype)
        entries[name] = {"dtype": _NAMES[dtype], "shape": list(shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text
