"""The device is what was asked for, or the user is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from roi_assistant.captioners import onnx_session
from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.captioners.onnx_session import CPU, CUDA, Device, Graph, choose_device
from roi_assistant.errors import CaptionerError, ModelFileError

NOWHERE = ModelFile(Path("there-is-no-model-here.onnx"), b"")


@pytest.fixture
def probe() -> ModelFile:
    """A model that adds two vectors."""
    onnx = pytest.importorskip("onnx", reason="writing a model needs onnx, the extra 'torch'")
    values = {name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in "xyz"}
    node = onnx.helper.make_node("Add", ["x", "y"], ["z"])
    graph = onnx.helper.make_graph([node], "sum", [values["x"], values["y"]], [values["z"]])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    return ModelFile(Path("sum.onnx"), model.SerializeToString())


@pytest.fixture
def onnxruntime_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """``onnxruntime_with(providers, gpu=, works=)`` pretends; returns the providers of every session that was made."""

    def pretend(providers: list[str], *, gpu: bool, works: bool = False) -> list[list[str]]:
        made: list[list[str]] = []

        class Session:
            def get_providers(self) -> list[str]:
                return [CUDA, CPU] if works else [CPU]

        def session(_file: ModelFile, *, providers: list[str], threads: int | None) -> Session:
            made.append(providers)
            return Session()

        monkeypatch.setattr(onnx_session.onnxruntime, "get_available_providers", lambda: providers)
        monkeypatch.setattr(onnx_session, "_may_have_gpu", lambda: gpu)
        monkeypatch.setattr(onnx_session, "_session", session)
        return made

    return pretend


@pytest.mark.parametrize("name", ["gpu", "CUDA", "", "cuda:0", "tpu"])
def test_unknown_device(name: str) -> None:
    with pytest.raises(CaptionerError, match=f"no device {name!r}: choose auto, cpu or cuda"):
        choose_device(name, threads=None, probe=NOWHERE)


def test_cpu_is_taken_without_trying_anything() -> None:
    assert choose_device("cpu", threads=3, probe=NOWHERE) == Device(CPU, 3)


def test_auto_without_a_gpu_is_the_cpu_without_a_note() -> None:
    if onnx_session._may_have_gpu():
        pytest.skip("this machine may have a GPU")
    device = choose_device("auto", threads=2, probe=NOWHERE)
    assert device == Device(CPU, 2) and device.name == "CPU" and device.note == ""


def test_cuda_where_there_is_none(probe: ModelFile) -> None:
    if onnx_session._may_have_gpu():
        pytest.skip("this machine may have a GPU")
    with pytest.raises(CaptionerError, match=r"CUDA.*--device cpu"):
        choose_device("cuda", threads=None, probe=probe)


def test_runtime_without_cuda(onnxruntime_with: Callable[..., list[list[str]]]) -> None:
    made = onnxruntime_with([CPU], gpu=True)
    with pytest.raises(CaptionerError, match=r"no CUDA: install onnxruntime-gpu, or use --device cpu"):
        choose_device("cuda", threads=None, probe=NOWHERE)
    assert choose_device("auto", threads=None, probe=NOWHERE) == Device(CPU, None)
    assert made == []


def test_cuda_that_works(onnxruntime_with: Callable[..., list[list[str]]]) -> None:
    made = onnxruntime_with([CUDA, CPU], gpu=True, works=True)
    for name in ("auto", "cuda"):
        device = choose_device(name, threads=4, probe=NOWHERE)
        assert device == Device(CUDA, 4) and device.name == "CUDA"
    assert made == [[CUDA, CPU]] * 2


def test_cuda_that_is_listed_but_does_not_load(onnxruntime_with: Callable[..., list[list[str]]]) -> None:
    """The list of providers says CUDA on machines whose sessions then run on the CPU."""
    onnxruntime_with([CUDA, CPU], gpu=True, works=False)
    with pytest.raises(CaptionerError, match=r"CUDA could not be loaded.*doctor.*--device cpu"):
        choose_device("cuda", threads=None, probe=NOWHERE)
    device = choose_device("auto", threads=None, probe=NOWHERE)
    assert device.name == "CPU" and "Running on the CPU" in device.note and "doctor" in device.note


def test_auto_tries_cuda_only_where_a_driver_may_be(onnxruntime_with: Callable[..., list[list[str]]]) -> None:
    made = onnxruntime_with([CUDA, CPU], gpu=False, works=True)
    assert choose_device("auto", threads=None, probe=NOWHERE) == Device(CPU, None)
    assert made == []
    assert choose_device("cuda", threads=None, probe=NOWHERE).name == "CUDA", "the user knows better"


def test_graph_runs_by_names(probe: ModelFile) -> None:
    graph = Graph(probe, Device(CPU, 1))
    (total,) = graph(y=np.array([1, 2], np.float32), x=np.array([10, 20], np.float32))
    assert total.tolist() == [11, 22]
    assert graph.session.get_providers() == [CPU]
    assert graph.session.get_session_options().intra_op_num_threads == 1


def test_bytes_of_the_file_are_let_go(probe: ModelFile) -> None:
    file = ModelFile(probe.path, bytes(bytearray(probe.data)))
    before = sys.getrefcount(file.data)
    graph = Graph(file, Device(CPU, 1))
    after = sys.getrefcount(file.data)
    assert after == before
    assert graph(x=np.ones(1, np.float32), y=np.ones(1, np.float32))[0].tolist() == [2]


@pytest.mark.parametrize("content", [b"", b"no model", b"\x3a\xff\xff\xff\xff\x0f", b"\xff" * 20, b"\x08"])
def test_file_that_is_no_model(content: bytes) -> None:
    with pytest.raises(ModelFileError) as caught:
        Graph(ModelFile(Path("bad.onnx"), content), Device(CPU, None))
    assert "bad.onnx cannot be loaded" in str(caught.value) and "\n" not in str(caught.value)


def test_onnxruntime_takes_no_notes_about_the_user(tmp_path: Path) -> None:
    """Releases for Linux from 1.31 on record events for their maker, beginning with the import."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    code = "import roi_assistant.captioners.onnx_session, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ImportError('libcudart.so.12: cannot open shared object file')", "libcudart.so.12: cannot open"),
        ("", "has no attribute 'set_default_logger_severity'"),
    ],
)
def test_a_broken_onnxruntime_is_told_with_what_to_do(tmp_path: Path, code: str, reason: str) -> None:
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").write_text(code)
    repository = str(Path(__file__).resolve().parents[3])
    program = "import roi_assistant.captioners.onnx_session"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), repository))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert "MissingDependencyError: onnxruntime, which runs the model, cannot be loaded" in last
    assert reason in last and last.endswith("run roi-assistant doctor, which says what to install.")
