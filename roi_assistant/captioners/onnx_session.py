"""onnxruntime sessions that say where they really run."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.captioners.onnx_file import check_self_contained
from roi_assistant.errors import CaptionerError, MissingDependencyError, ModelFileError
from roi_assistant.sentences import Sentence

try:
    import onnxruntime

    # It writes warnings about missing CUDA libraries to stderr; what matters of them is in `Device.note`.
    onnxruntime.set_default_logger_severity(4)
except Exception as error:  # a half of it is missing, a library of the system, or the other build is beside it
    raise MissingDependencyError(
        "onnxruntime, which runs the model, cannot be loaded ({reason}): run roi-assistant doctor, which says what to "
        "install.",
        reason=" ".join(str(error).split()).rstrip("."),
    ) from error

if TYPE_CHECKING:
    import numpy as np

LOADERS = 2
"""Graphs that are loaded at a time; each needs some memory more while it is."""
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@dataclass(frozen=True)
class Device:
    """Where sessions run. ``note`` tells the user when it is not what she may expect."""

    provider: str
    threads: int | None
    note: str = ""

    @property
    def name(self) -> str:
        """As a person reads it: "CUDA" or "CPU"."""
        return "CUDA" if self.provider == CUDA else "CPU"


def choose_device(device: str, *, threads: int | None, probe: ModelFile) -> Device:
    """The device for ``auto``, ``cpu`` or ``cuda``, decided by loading ``probe`` on it.

    ``get_available_providers`` lists CUDA on machines without a GPU, and asking for it there falls back without an
    error; only the providers of a session that was made are the truth.

    Raises:
        CaptionerError: ``cuda`` was asked for and cannot be had.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise CaptionerError("There is no device {device}: choose auto, cpu or cuda.", device=repr(device))
    if (
        device == "cpu"
        or CUDA not in onnxruntime.get_available_providers()
        or not (device == "cuda" or _may_have_gpu())
    ):
        if device == "cuda":
            raise CaptionerError("This onnxruntime has no CUDA: install onnxruntime-gpu, or use --device cpu.")
        return Device(CPU, threads)
    session = _session(probe, providers=[CUDA, CPU], threads=threads)
    if CUDA in session.get_providers():
        return Device(CUDA, threads)
    if device == "cuda":
        raise CaptionerError(
            "CUDA could not be loaded; 'roi-assistant doctor' says why. Use --device cpu to go on without it."
        )
    return Device(CPU, threads, note=str(_ON_CPU))


_ON_CPU = Sentence("Running on the CPU: CUDA could not be loaded; 'roi-assistant doctor' says why.")


def _may_have_gpu() -> bool:
    """Cheap evidence of an NVIDIA driver, so that machines without one do not pay for trying CUDA."""
    import os

    return os.name == "nt" or any(Path(p).exists() for p in ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg"))


def _session(file: ModelFile, *, providers: list[str], threads: int | None) -> onnxruntime.InferenceSession:
    check_self_contained(file)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Every session has threads of its own. Those that have just worked would by default go on asking for work in a busy
    # loop, on the cores that the next session's threads need (and the window's, and other programs').
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if threads:
        options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(file.data, options, providers=providers)
    except Exception as error:  # onnxruntime raises its own, undocumented exception types
        raise ModelFileError(
            "{path} cannot be loaded by onnxruntime ({reason}).", path=file.path, reason=str(error).splitlines()[0]
        ) from error
    session._model_bytes = None  # it would keep the file in memory to make itself anew, which nobody asks of it
    return session


def open_graphs(files: Sequence[ModelFile], device: Device) -> list[Graph]:
    """The graphs in ``files``, loaded side by side: onnxruntime prepares one graph on one core.

    Raises:
        ModelFileError: one of them cannot be loaded.
    """
    with ThreadPoolExecutor(LOADERS) as pool:
        return list(pool.map(lambda file: Graph(file, device), files))


class Graph:
    """One ONNX graph: named arrays in, list of arrays out."""

    def __init__(self, file: ModelFile, device: Device) -> None:
        providers = [CUDA, CPU] if device.provider == CUDA else [CPU]
        self.session = _session(file, providers=providers, threads=device.threads)

    def __call__(self, **inputs: np.ndarray) -> list[np.ndarray]:
        return self.session.run(None, inputs)
