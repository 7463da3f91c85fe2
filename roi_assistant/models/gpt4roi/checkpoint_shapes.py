"""Which tensors a published GPT4RoI delta has, and of which shape, derived from the model itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from roi_assistant.models.gpt4roi.loading import empty_model
from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig
from roi_assistant.models.gpt4roi.reference_model import VISION_PREFIX

Shape = tuple[int, ...]
WHOLE = ("model.mm_projector.", "model.spi_module.")
"""What the delta holds as it is; to all else the weights of LLaMA are added."""
EXTENDED = ("model.embed_tokens.weight", "lm_head.weight")
"""What has rows for the added tokens, to which nothing is added."""
_ROTARY = re.compile(r"model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq")


def model_shapes(config: Gpt4RoiReferenceConfig) -> dict[str, Shape]:
    """Every parameter of the model, the vision transformer's included."""
    return {name: tuple(tensor.shape) for name, tensor in empty_model(config).state_dict().items()}


def delta_shapes(config: Gpt4RoiReferenceConfig) -> dict[str, Shape]:
    """Every key of the published delta: 368 for GPT4RoI-7B, of which 32 are buffers that are not used."""
    text = config.text_config
    shapes = {name: s for name, s in model_shapes(config).items() if not name.startswith(VISION_PREFIX)}
    half = text.hidden_size // text.num_attention_heads // 2
    rotary = {f"model.layers.{n}.self_attn.rotary_emb.inv_freq": (half,) for n in range(text.num_hidden_layers)}
    return shapes | rotary


def is_rotary(name: str) -> bool:
    """Buffers of old checkpoints; the model computes them."""
    return _ROTARY.fullmatch(name) is not None


def region_sizes(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Sizes of the region module that cannot be told from the other configurations, from the delta's shapes.

    Raises:
        KeyError: a tensor that tells one is missing.
    """
    prefix = "model.spi_module."
    width = shapes[f"{prefix}mlvl_fuse.fuse_convs.0.conv.weight"][0]
    flat_width, flat_inputs = shapes[f"{prefix}roi_align.flatten_linear.weight"]
    rounds = sum(name.startswith(f"{prefix}mlvl_fuse.fuse_convs.") and name.endswith("gn.bias") for name in shapes)
    return {
        "width": width,
        "fusion_rounds": rounds,
        "roi_size": round((flat_inputs / width) ** 0.5),
        "flatten_width": flat_width,
        "position_width": shapes[f"{prefix}roi_align.pos_embedd.0.weight"][0],
    }
