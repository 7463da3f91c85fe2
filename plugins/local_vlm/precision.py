"""In how many bits a model's weights are held: the largest that fits, so that a small GPU holds a large model."""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roi_assistant.api import CaptionerError, MissingDependencyError, Precision, Sentence, choose_device, wants_gpu

Held = Literal["fp32", "bf16", "fp16", "int8", "int4"]
"""How weights are held. Computing is done in bf16 or fp16 on a GPU."""
GPU_LADDER: tuple[Held, ...] = ("bf16", "int8", "int4")
CPU_LADDER: tuple[Held, ...] = ("fp32", "bf16")
"""A CPU computes fp32 fastest. Fewer bits than bf16 are slow there, and only taken when they are asked for."""
_BYTES: Mapping[Held, float] = {"fp32": 4, "bf16": 2, "fp16": 2, "int8": 1, "int4": 0.5 + 4 / 64}
"""Of a weight of the decoder's layers. int4 (NF4) keeps a scale of four bytes for 64 weights."""
WORKING = 1 << 30
"""Bytes for a picture and the answers to a few questions about it, beside the weights of a large model."""
NOT_OF_THE_DECODER = r".*(?:visual|vision|image|audio|projector|connector|merger|embed|lm_head).*"
"""Modules that keep 16 bits: what looks at pictures loses most, and is small."""
_OTHER = re.compile(NOT_OF_THE_DECODER)
_LAYER = re.compile(r"(?:^|\.)layers\.\d+\..*\.weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Where and how a model is held, and what the user should know about it."""

    device: str
    held: Held
    notes: tuple[str, ...] = ()


def is_quantizable(name: str, shape: Sequence[int]) -> bool:
    """Whether the tensor ``name`` is a matrix of the decoder's layers, which int8 and int4 are meant for."""
    return len(shape) == 2 and _LAYER.search(name) is not None and _OTHER.match(name) is None


def needed_bytes(shapes: Mapping[str, Sequence[int]], held: Held) -> int:
    """Of memory, for weights of these names and ``shapes`` and the work with them."""
    count = sum(math.prod(shape) for shape in shapes.values())
    decoder = sum(math.prod(shape) for name, shape in shapes.items() if is_quantizable(name, shape))
    rest = _BYTES["bf16"] if held in ("int8", "int4") else _BYTES[held]
    weights = decoder * _BYTES[held] + (count - decoder) * rest
    return math.ceil(weights) + (WORKING if count > WORKING // 4 else 0)


def choose(device: str, wanted: Precision, shapes: Mapping[str, Sequence[int]]) -> Chosen:
    """Where and how a model with tensors of these names and ``shapes`` is held.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        wanted: ``auto`` is the most that fits: the GPU in 16, 8 or 4 bits, else the CPU.

    Raises:
        CaptionerError: the device cannot be used, or has too little memory.
        MissingDependencyError: 8 or 4 bits are ``wanted``, and bitsandbytes is missing.
    """
    has_quantizer = importlib.util.find_spec("bitsandbytes") is not None
    if wanted in ("int8", "int4") and not has_quantizer:
        raise MissingDependencyError("{precision} needs a library: pip install bitsandbytes.", precision=wanted)
    advice = _advice(wanted, has_quantizer)

    def fits(where: str, held: Held) -> tuple[str, tuple[str, ...]]:
        return choose_device(where, needs=lambda _: needed_bytes(shapes, held), advice=advice)

    notes: tuple[str, ...] = ()
    if wants_gpu(device):
        steps = GPU_LADDER if wanted == "auto" else (wanted,)
        for held in [one for one in steps if has_quantizer or one not in ("int8", "int4")]:
            try:
                fits("cuda", held)
                return Chosen(device="cuda", held=_native(held), notes=notes)
            except CaptionerError as error:
                missed = error
                notes = (f"Weights are held in fewer bits, which changes a few words. {error}",)
        if device == "cuda":
            raise missed
        notes = (f"Running on the CPU. {missed}",)
    first, *others = CPU_LADDER if wanted == "auto" else (wanted,)
    try:
        fits("cpu", first)
        return Chosen(device="cpu", held=first, notes=notes)
    except CaptionerError:
        if not others:
            raise
        fits("cpu", others[0])
        return Chosen(device="cpu", held=others[0], notes=notes)


def arguments(chosen: Chosen) -> dict[str, Any]:
    """What ``from_pretrained`` is told of ``chosen``."""
    import torch

    computed = {"fp32": torch.float32, "fp16": torch.float16}.get(chosen.held, torch.bfloat16)
    if chosen.held == "int8" and chosen.device == "cuda":
        computed = torch.float16  # its kernels compute in that, whatever they are given
    if chosen.held not in ("int8", "int4"):
        return {"dtype": computed, "device_map": chosen.device}
    from transformers import BitsAndBytesConfig

    bits: dict[str, Any] = (
        {"load_in_8bit": True}
        if chosen.held == "int8"
        else {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": computed}
    )
    config = BitsAndBytesConfig(llm_int8_skip_modules=[NOT_OF_THE_DECODER], **bits)
    return {"dtype": computed, "device_map": chosen.device, "quantization_config": config}


def _native(held: Held) -> Held:
    """GPUs before Ampere only imitate bf16, slowly."""
    import torch

    return "fp16" if held == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False) else held


def _advice(wanted: Precision, has_quantizer: bool) -> Sentence:
    if wanted in ("auto", "int4") and has_quantizer:
        return Sentence("use a smaller model, or one on a server")
    if wanted in ("bf16", "int8"):
        return Sentence("add it with --precision auto, use a smaller model, or one on a server")
    return Sentence("pip install bitsandbytes halves that, or use a smaller model, or one on a server")
