"""What an ONNX file refers to, read from the file itself."""

from __future__ import annotations

import struct
from typing import Literal, TypeAlias

from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.core.protobuf import message_fields
from roi_assistant.errors import ModelFileError

_Kind: TypeAlias = Literal["model", "training", "graph", "node", "attribute", "function", "sparse", "tensor"]

_PARTS: dict[_Kind, dict[int, _Kind]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Messages of ``onnx.proto`` -> their fields in which tensors can be, however deep."""
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
"""Fields of a tensor whose numbers lie in another file."""


def check_self_contained(file: ModelFile) -> None:
    """Check that all numbers of the ONNX file are in it: others would be read from a file that nobody has hashed.

    Raises:
        ModelFileError: it is no ONNX file, or refers to another file.
    """
    todo: list[tuple[_Kind, memoryview]] = [("model", memoryview(file.data))]
    try:
        while todo:
            kind, data = todo.pop()
            for number, value in message_fields(data):
                part = _PARTS[kind].get(number)
                if part is not None and isinstance(value, memoryview):
                    todo.append((part, value))
                elif kind == "tensor" and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value)):
                    raise ModelFileError(
                        "{path} keeps weights in another file, which is not loaded: save the model as one file.",
                        path=file.path,
                    )
    except (ValueError, IndexError, struct.error) as error:
        raise ModelFileError(
            "{path} cannot be loaded ({reason}): it is not an ONNX file.", path=file.path, reason=error
        ) from error
