"""Which device a model runs on, and whether it fits there: asked before its weights are read. torch is imported when
it is asked."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roi_assistant.errors import CaptionerError
from roi_assistant.sentences import Sentence

SPARE = 1.1
"""Memory for activations and caches, as a factor of the weights."""


def choose_device(device: str, *, needs: Callable[[str], int], advice: Sentence) -> tuple[str, tuple[str, ...]]:
    """``cpu`` or ``cuda``, and what the user should know about it.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``. With ``auto`` a model that is too large for the GPU runs on the CPU, and
            the notes say so.
        needs: Bytes of the weights on ``cpu`` or ``cuda``.
        advice: What to do where it does not fit: the end of a sentence.

    Raises:
        CaptionerError: it cannot be used or is too small.
    """
    import torch

    notes: tuple[str, ...] = ()
    if wants_gpu(device):
        try:
            require_gpu(torch)
            free = torch.cuda.mem_get_info()[0]
            require_memory(needs("cuda"), available=free, what=Sentence("The GPU"), advice=advice)
            return "cuda", ()
        except CaptionerError as error:
            if device == "cuda":
                raise
            notes = (f"Running on the CPU. {error}",)
    memory = physical_memory()
    if memory is not None:
        require_memory(needs("cpu"), available=memory, what=Sentence("This computer"), advice=advice)
    return "cpu", notes


def wants_gpu(device: str) -> bool:
    """Whether ``device`` (``auto``, ``cpu`` or ``cuda``) is a GPU here. A driver counts: why its GPU cannot be used is
    worth a word.

    Raises:
        CaptionerError: it is none of the three.
    """
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise CaptionerError("There is no device {device}: choose auto, cpu or cuda.", device=repr(device))
    return device == "cuda" or (device == "auto" and (torch.cuda.is_available() or has_nvidia_driver()))


def has_nvidia_driver() -> bool:
    """Whether a driver is loaded or its tool installed."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def require_gpu(torch: Any) -> None:
    """That ``torch``, the library, can compute on the GPU of this machine.

    Raises:
        CaptionerError: there is none, its driver is too old, or it is none of those that torch was built for.
    """
    if not torch.cuda.is_available():
        raise CaptionerError(
            "This torch finds no CUDA device ({reason}): install torch with CUDA and a driver for it, or use "
            "--device cpu.",
            reason=_why_there_is_none(torch),
        )
    capability = tuple(torch.cuda.get_device_capability())
    built_for = torch.cuda.get_arch_list()
    if built_for and not any(_runs(name, capability) for name in built_for):
        raise CaptionerError(
            "The GPU {name} has the compute capability {capability}, and this torch is built for {built_for}: install "
            "one that is built for it, or use --device cpu.",
            name=torch.cuda.get_device_name(),
            capability=".".join(map(str, capability)),
            built_for=", ".join(built_for),
        )


def _why_there_is_none(torch: Any) -> str:
    if torch.version.cuda is None:
        return "it is built without CUDA"
    try:
        torch.cuda.init()
    except Exception as error:  # whatever the driver says
        return " ".join(str(error).split())[:200]
    return "no device is visible"


def _runs(name: str, capability: tuple[int, ...]) -> bool:
    """Whether code for ``name`` (sm_86, compute_90) runs on a GPU of ``capability`` (major, minor): machine code on
    later ones of the same major number, PTX on all later ones. CUDA C++ Programming Guide, "Binary compatibility"."""
    found = re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", name)
    if found is None:
        return False
    built = (int(found[2]), int(found[3]))
    return built <= capability and (found[1] == "compute" or built[0] == capability[0])


def require_memory(needed: int, *, available: int, what: Sentence, advice: Sentence) -> None:
    """Raises: CaptionerError, ``needed`` bytes and some more are not ``available``."""
    if needed * SPARE > available:
        raise CaptionerError(
            "{what} has {available} GB of memory, the model needs {needed} GB: {advice}.",
            what=what,
            available=f"{available / 1e9:.1f}",
            needed=f"{needed * SPARE / 1e9:.1f}",
            advice=advice,
        )


def physical_memory() -> int | None:
    """Bytes of memory of this computer; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
