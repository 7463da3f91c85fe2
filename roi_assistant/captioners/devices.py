"""Which device a model runs on, and whether it fits there: asked before its weights are read. torch is imported when
it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable

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

    if device not in ("auto", "cpu", "cuda"):
        raise CaptionerError("There is no device {device}: choose auto, cpu or cuda.", device=repr(device))
    notes: tuple[str, ...] = ()
    if device != "cpu" and torch.cuda.is_available():
        free = torch.cuda.mem_get_info()[0]
        try:
            require_memory(needs("cuda"), available=free, what=Sentence("The GPU"), advice=advice)
            return "cuda", ()
        except CaptionerError as error:
            if device == "cuda":
                raise
            notes = (f"Running on the CPU. {error}",)
    elif device == "cuda":
        raise CaptionerError("This torch finds no CUDA device: install torch with CUDA, or use --device cpu.")
    memory = physical_memory()
    if memory is not None:
        require_memory(needs("cpu"), available=memory, what=Sentence("This computer"), advice=advice)
    return "cpu", notes


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
