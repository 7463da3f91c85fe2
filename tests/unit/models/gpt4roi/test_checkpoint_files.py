"""Tensors are read as they were written, and damaged files are refused before memory is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.errors import ModelFileError
from tests.unit import tiny_gpt4roi as tiny

NAME = "model.safetensors"


@pytest.fixture
def read(torch: Any, tmp_path: Path) -> Any:
    from roi_assistant.models.gpt4roi.checkpoint_files import read_tensors

    return lambda: list(read_tensors(tiny.files(tmp_path), NAME))


def written(header: object, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(begin: Any, end: Any, shape: Any = (2,), dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_as_the_library_writes_them(torch: Any, read: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    kinds = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    tensors = {f"{kind} {shape}": torch.randn(shape).to(kind) for kind in kinds for shape in ((), (0,), (3, 0), (5, 7))}
    save_file(tensors, tmp_path / NAME, metadata={"format": "pt"})
    found = dict(read())
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype and found[name].shape == tensor.shape
        assert torch.equal(found[name], tensor)
    (tmp_path / NAME).write_bytes(b"")
    found["torch.float32 (5, 7)"].add_(1)  # memory of its own, of which the file knows nothing


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        written({}, length=1 << 60),
        written({}, length=200_000_000),
        written(b"{", b""),
        written([]),
        written(b"[" * 100_000),
        written({"a": 3}),
        written({"a": {}}),
        written({"a": entry(0, 8)}, bytes(7)),
        written({"a": entry(0, 8)}, bytes(9)),
        written({"a": entry(0, 4)}, bytes(4)),
        written({"a": entry(0, 1 << 50, [1 << 48])}, bytes(8)),
        written({"a": entry(8, 16)}, bytes(16)),
        written({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)),
        written({"a": entry(-8, 0)}, b""),
        written({"a": entry(0, 8, [-1, -2])}, bytes(8)),
        written({"a": entry(0.0, 8.0)}, bytes(8)),
        written({"a": entry(0, 8, 2)}, bytes(8)),
        written({"a": entry(0, 8, dtype="X")}, bytes(8)),
        written({"a": entry(0, 8, dtype=[])}, bytes(8)),
        written({"a": entry("0", "8")}, bytes(8)),
    ],
)
def test_damaged(content: bytes, read: Any, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.safetensors cannot be read") as caught:
        read()
    assert len(str(caught.value)) < 500


def test_a_long_file_of_nothing(read: Any, tmp_path: Path) -> None:
    with (tmp_path / NAME).open("wb") as stream:
        stream.write(written({"a": entry(0, 8)}, bytes(8)))
        stream.truncate(1 << 40)
    with pytest.raises(ModelFileError, match="does not end with its last tensor"):
        read()
