"""Linear layers whose weights are stored as 8 or 4 bit integers and become numbers of the activations' type when used.

This saves memory, not time: each use unpacks the weights. Activations, embeddings, norms, the vision transformer, the
region module and the output layer keep their precision.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Bits = Literal[8, 4]
GROUP = 64
"""Weights of a row that share a scale and an offset at 4 bit."""


class Int8Linear(nn.Module):
    """A scale per output; weights [outputs, inputs] as int8."""

    def __init__(self, weight: Tensor, bias: Tensor | None, *, dtype: torch.dtype) -> None:
        super().__init__()
        scale = weight.float().abs().amax(1, keepdim=True).clamp_min(1e-12) / 127
        self.register_buffer("weight", (weight.float() / scale).round().to(torch.int8))
        self.register_buffer("scale", scale[:, 0].to(dtype))
        self.register_buffer("bias", bias.to(dtype) if bias is not None else None)

    def dequantized(self, dtype: torch.dtype) -> Tensor:
        """The weights [outputs, inputs] as numbers of ``dtype``."""
        return torch.mul(self.weight, self.scale.to(dtype)[:, None])

    def forward(self, x: Tensor) -> Tensor:
        """As ``nn.Linear``, in the type of ``x`` [..., inputs]."""
        if x.dtype == torch.float16:
            # Sums of integers leave its range where LLaMA's states are large, and become infinite.
            return F.linear(x, self.dequantized(x.dtype), self.bias)
        y = F.linear(x, self.weight.to(x.dtype)) * self.scale.to(x.dtype)  # half the time of scaling all weights
        return y if self.bias is None else y + self.bias


class Int4Linear(nn.Module):
    """A scale and an offset per group of inputs; two weights in a byte."""

    def __init__(self, weight: Tensor, bias: Tensor | None, *, dtype: torch.dtype) -> None:
        super().__init__()
        inputs = weight.shape[1]
        group = math.gcd(inputs, GROUP)
        if group % 2:
            raise ValueError(f"a layer with {inputs} inputs cannot be packed in pairs")
        groups = weight.float().unflatten(1, (inputs // group, group))
        low, high = groups.amin(2), groups.amax(2)
        # What is stored is what is used: rounding afterwards must fit the rounded scale and offset.
        scale, offset = ((high - low).clamp_min(1e-12) / 15).to(dtype), low.to(dtype)
        steps = ((groups - offset.float()[..., None]) / scale.float()[..., None].clamp_min(1e-12)).round().clamp(0, 15)
        pairs = steps.to(torch.uint8).flatten(1)
        self.register_buffer("packed", pairs[:, 0::2] | (pairs[:, 1::2] << 4))
        self.register_buffer("scale", scale)
        self.register_buffer("offset", offset)
        self.register_buffer("bias", bias.to(dtype) if bias is not None else None)
        self._group = group

    def dequantized(self, dtype: torch.dtype) -> Tensor:
        """The weights [outputs, inputs] as numbers of ``dtype``."""
        steps = torch.stack([self.packed & 15, self.packed >> 4], dim=-1).flatten(1).to(dtype)
        groups = steps.unflatten(1, (-1, self._group))
        return torch.addcmul(self.offset.to(dtype)[..., None], groups, self.scale.to(dtype)[..., None]).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """As ``nn.Linear``, in the type of ``x`` [..., inputs]."""
        return F.linear(x, self.dequantized(x.dtype), self.bias)


def quantized(weight: Tensor, bias: Tensor | None, *, bits: Bits, dtype: torch.dtype) -> nn.Module:
    """A layer that stands for ``nn.Linear`` with ``weight``; activations have ``dtype``."""
    return Int8Linear(weight, bias, dtype=dtype) if bits == 8 else Int4Linear(weight, bias, dtype=dtype)


def bytes_per_weight(bits: Bits, *, dtype: torch.dtype) -> float:
    """Including what the scales take."""
    return 1.0 if bits == 8 else 0.5 + 2 * dtype.itemsize / GROUP
