"""What GPT4RoI has to compute and to move, from its configuration: pure functions, no measurement.

Operations are those of matrix products and convolutions, two for a multiplication with its addition; softmax, norms,
resizing and RoIAlign are left out. Bytes are those that must pass through the device's memory: weights once for each
run over them, keys and values, and in the pyramid each round's maps in and out; other activations are left out. So both
give bounds from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """``flops`` operations and ``nbytes`` moved."""

    flops: float
    nbytes: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.flops + other.flops, self.nbytes + other.nbytes)

    def __mul__(self, times: float) -> Cost:
        return Cost(self.flops * times, self.nbytes * times)

    def seconds(self, *, flops_per_second: float, bytes_per_second: float) -> float:
        """The least time: computing and moving may overlap, so the longer of the two."""
        return max(self.flops / flops_per_second, self.nbytes / bytes_per_second)


def vision(config: Any, *, itemsize: int) -> Cost:
    """The blocks of the vision transformer that are used, for one picture, and the projection of its tokens."""
    sizes = config.vision_config
    width, patches = sizes.hidden_size, config.image_tokens
    tokens = patches + 1
    embedding = 3 * sizes.patch_size**2 * width
    block = 4 * width**2 + 2 * width * sizes.intermediate_size
    projection = width * config.text_config.hidden_size
    blocks = config.level_states[-1]
    products = patches * embedding + blocks * (tokens * block + 2 * tokens**2 * width) + patches * projection
    return Cost(2 * products, itemsize * (embedding + blocks * block + projection))


def pyramid(config: Any, *, itemsize: int) -> Cost:
    """Input convolutions on the patches' grid and the rounds of fusion, for one picture."""
    region = config.region_config
    inputs = sum((channels + 2) * region.width for channels in region.input_channels)
    kernel = 9 * region.width**2
    cells = sum(side**2 for side in region.level_sizes)
    products = config.image_tokens * inputs + region.fusion_rounds * cells * kernel
    maps = 2 * region.fusion_rounds * cells * region.width
    return Cost(2 * products, itemsize * (inputs + region.fusion_rounds * kernel + maps))


def boxes(config: Any, *, count: int, itemsize: int) -> Cost:
    """The vectors of ``count`` boxes."""
    region = config.region_config
    cells = region.roi_size**2
    convolutions = len(region.level_sizes) * 9 * region.width**2
    linear = region.width * cells * region.flatten_width * region.tokens
    linear += 4 * region.position_width + region.position_width * region.flatten_width
    linear += region.flatten_width * region.output_width
    return Cost(2 * count * (cells * convolutions + linear), itemsize * (convolutions + linear))


def decoder(config: Any, *, rows: int, new: int, known: int, itemsize: int, logits: int = 1) -> Cost:
    """One run over ``new`` places in each of ``rows``, behind ``known`` ones, with logits at the last ``logits``."""
    text = config.text_config
    width, layers = text.hidden_size, text.num_hidden_layers
    shared_heads = width // text.num_attention_heads * text.num_key_value_heads
    matrices = layers * (2 * width**2 + 2 * width * shared_heads + 3 * width * text.intermediate_size)
    words = text.vocab_size * width
    seen = new * known + new * (new + 1) / 2
    products = new * matrices + 2 * layers * width * seen + logits * words
    keys_and_values = 2 * layers * shared_heads * (known + 2 * new)
    return Cost(2 * rows * products, itemsize * (matrices + words + rows * keys_and_values))


def captions(
    config: Any, *, images: int, regions: int, prefix: int, question: int, answer: int, itemsize: int
) -> dict[str, Cost]:
    """By part: captions of ``answer`` tokens for ``regions`` of each of ``images``, one picture after the other.

    What the regions of a picture share is done once per picture; so nothing is shared with one region per picture.
    """
    steps = Cost(0, 0)
    for written in range(1, answer):
        steps += decoder(config, rows=regions, new=1, known=prefix + question + written - 1, itemsize=itemsize)
    parts = {
        "vision": vision(config, itemsize=itemsize),
        "pyramid": pyramid(config, itemsize=itemsize),
        "boxes": boxes(config, count=regions, itemsize=itemsize),
        "prefix": decoder(config, rows=1, new=prefix, known=0, itemsize=itemsize),
        "questions": decoder(config, rows=regions, new=question, known=prefix, itemsize=itemsize),
        "answers": steps,
    }
    return {name: cost * images for name, cost in parts.items()}


def training_step(config: Any, *, samples: int, tokens: int, regions: int, parameters: int, itemsize: int) -> Cost:
    """Stage 2 with gradient checkpoints in the decoder: its forward pass twice and a backward pass of twice the work;
    the region module without checkpoints; the vision transformer forwards only.

    Bytes are those of the optimizer, which reads weight, gradient and two moments and writes three of them back, for
    each of the trained ``parameters``; weights and activations of the passes are left out.
    """
    forward = decoder(config, rows=samples, new=tokens, known=0, itemsize=itemsize, logits=tokens).flops
    region = samples * (
        pyramid(config, itemsize=itemsize).flops + boxes(config, count=regions, itemsize=itemsize).flops
    )
    seeing = samples * vision(config, itemsize=itemsize).flops
    return Cost(4 * forward + 3 * region + seeing, 7 * itemsize * parameters)
