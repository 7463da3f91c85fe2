"""ONNX files that keep numbers elsewhere are not loaded, wherever in the file they say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.captioners.onnx_file import check_self_contained
from roi_assistant.captioners.onnx_session import CPU, Device, Graph
from roi_assistant.errors import ModelFileError

onnx: Any = pytest.importorskip("onnx", reason="writing a model needs onnx, the extra 'torch'")
helper = onnx.helper

OPSET = [helper.make_opsetid("", 17)]


def tensor(*, where: str | None = None) -> Any:
    made = onnx.numpy_helper.from_array(np.array([1.0, 2.0], np.float32), "w")
    if where is not None:
        made.ClearField("raw_data")
        made.data_location = onnx.TensorProto.EXTERNAL
        made.external_data.add(key="location", value=where)
    return made


def value(name: str) -> Any:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"])


def graph(*nodes: Any, **parts: Any) -> Any:
    return helper.make_graph(
        list(nodes) or [helper.make_node("Add", ["x", "w"], ["z"])], "g", [value("x")], [value("z")], **parts
    )


def in_initializer(w: Any) -> Any:
    return helper.make_model(graph(initializer=[w]), opset_imports=OPSET, ir_version=8)


def in_constant(w: Any) -> Any:
    nodes = [helper.make_node("Constant", [], ["w"], value=w), helper.make_node("Add", ["x", "w"], ["z"])]
    return helper.make_model(graph(*nodes), opset_imports=OPSET, ir_version=8)


def in_branch(w: Any) -> Any:
    def branch() -> Any:
        nodes = [helper.make_node("Add", ["x", "w"], ["y"])]
        return helper.make_graph(nodes, "branch", [], [value("y")], initializer=[w])

    condition = onnx.numpy_helper.from_array(np.array(True), "c")
    node = helper.make_node("If", ["c"], ["z"], then_branch=branch(), else_branch=branch())
    return helper.make_model(graph(node, initializer=[condition]), opset_imports=OPSET, ir_version=8)


def in_function(w: Any) -> Any:
    nodes = [helper.make_node("Constant", [], ["w"], value=w), helper.make_node("Add", ["a", "w"], ["b"])]
    function = helper.make_function("own", "AddTwo", ["a"], ["b"], nodes, OPSET)
    node = helper.make_node("AddTwo", ["x"], ["z"], domain="own")
    opsets = [*OPSET, helper.make_opsetid("own", 1)]
    return helper.make_model(graph(node), functions=[function], opset_imports=opsets, ir_version=8)


def in_sparse(w: Any) -> Any:
    indices = onnx.numpy_helper.from_array(np.array([0, 1], np.int64), "i")
    sparse = helper.make_sparse_tensor(w, indices, [2])
    return helper.make_model(graph(sparse_initializer=[sparse]), opset_imports=OPSET, ir_version=8)


PLACES = [in_initializer, in_constant, in_branch, in_function, in_sparse]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("where", ["w.bin", "../w.bin", "absolute"])
def test_numbers_in_another_file_are_refused(
    place: Callable[[Any], Any], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file lies in the current folder, in which onnxruntime looks for it."""
    work = tmp_path / "work"
    work.mkdir()
    for folder in (work, tmp_path):
        (folder / "w.bin").write_bytes(np.array([1.0, 2.0], np.float32).tobytes())
    monkeypatch.chdir(work)
    if where == "absolute":
        where = str(work / "w.bin")
    file = ModelFile(work / "m.onnx", place(tensor(where=where)).SerializeToString())
    with pytest.raises(ModelFileError, match=r"m\.onnx keeps weights in another file"):
        Graph(file, Device(CPU, 1))


@pytest.mark.parametrize("place", PLACES)
def test_numbers_in_the_file_are_loaded(place: Callable[[Any], Any]) -> None:
    file = ModelFile(Path("m.onnx"), place(tensor()).SerializeToString())
    check_self_contained(file)
    (total,) = Graph(file, Device(CPU, 1))(x=np.array([10, 20], np.float32))
    assert total.tolist() == [11, 22]
