"""What this computer has, and whether a model of the catalogue fits it. No library is loaded for that."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roi_assistant.model_catalogue import CatalogueEntry, Precision

GPU_PRECISIONS: tuple[Precision, ...] = ("bf16", "int8", "int4")
"""The best first."""
CPU_PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
"""The quickest first."""
PATIENCE = 5.0
"""Seconds: the driver's tool wakes a GPU that sleeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Bytes; None where the system does not tell. ``gpu`` is the memory of the largest GPU, 0 without one."""

    gpu: int
    memory: int | None
    disk: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a model runs, and in which precision. ``no``: nowhere. ``not known``: it, or the computer, does not say."""

    where: Literal["gpu", "cpu", "no", "not known"]
    precision: Precision | None = None

    def __str__(self) -> str:
        if self.where == "gpu":
            return f"GPU in {self.precision}"
        return {"cpu": "CPU, slowly", "no": "no"}.get(self.where, "not known")


def fits(entry: CatalogueEntry, machine: Machine) -> Fit:
    """The best way to run ``entry`` on ``machine``: 16, 8 or 4 bits on a GPU, 32 or 16 on a CPU. 8 and 4 bits need
    bitsandbytes, or a server that quantizes."""
    if entry.parameters is None:
        return Fit("not known")
    for precision in GPU_PRECISIONS:
        if (entry.memory(precision) or 0) <= machine.gpu:
            return Fit("gpu", precision)
    if machine.memory is None:
        return Fit("not known")
    for precision in CPU_PRECISIONS:
        if (entry.memory(precision) or 0) <= machine.memory:
            return Fit("cpu", precision)
    return Fit("no")


def this_machine(folder: Path) -> Machine:
    """This computer; the disk is that of ``folder``, which need not exist."""
    from roi_assistant.captioners.devices import physical_memory

    return Machine(gpu=gpu_memory(), memory=physical_memory(), disk=free_disk(folder))


def free_disk(folder: Path) -> int | None:
    """Bytes that may be written to ``folder``, which need not exist; None where the system does not tell."""
    place = next((path for path in (folder, *folder.absolute().parents) if path.exists()), None)
    try:
        return None if place is None else shutil.disk_usage(place).free
    except OSError:
        return None


def gpu_memory() -> int:
    """Bytes of the largest NVIDIA GPU as its driver's tool tells, 0 where there is none. Importing torch for it would
    take seconds."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return gpu_bytes(done.stdout) if done.returncode == 0 else 0


def gpu_bytes(told: str) -> int:
    """Bytes of the largest GPU in what the driver's tool ``told``: a line each, in MiB."""
    return max((int(line) for line in told.split() if line.isdecimal()), default=0) << 20
