"""The same computation as the backbone's and the decoder's own, faster to train on CPUs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise

import torch
import torch.nn.functional as F
from timm.layers import BatchNormAct2d, Conv2dSame, pad_same
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from roi_assistant.models.gpt4roi.backbone import PyramidBackbone


def fold_normalisation(backbone: PyramidBackbone, first: int) -> None:
    """From block stage ``first`` on, let each convolution of ``backbone`` do the work of the normalisation after it,
    which training leaves as it is: no pass over the maps for it, forwards or backwards.

    Weights keep their names and values; they are scaled each time they are used, so that gradients reach them.
    Convolutions that have a bias, or no normalisation after them, stay as they are.
    """
    net = backbone.net
    modules = [m for stage in net.blocks[first:] for m in stage.modules()] + [net.conv_head, *net.bn2.modules()]
    steps = [module for module in modules if isinstance(module, nn.Conv2d | BatchNormAct2d)]
    for convolution, norm in pairwise(steps):
        if isinstance(convolution, nn.Conv2d) and convolution.bias is None and isinstance(norm, BatchNormAct2d):
            convolution.forward = _Folded(convolution, norm)
            norm.forward = norm.act.forward  # a module would be registered as a child


class _Folded:
    """Forward of a convolution whose outputs are normalised with constants."""

    def __init__(self, convolution: nn.Conv2d, norm: BatchNormAct2d) -> None:
        assert norm.running_var is not None and norm.running_mean is not None
        scale = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
        self.convolution, self.scale = convolution, scale[:, None, None, None]
        self.shift = norm.bias.detach() - norm.running_mean * scale

    def __call__(self, x: Tensor) -> Tensor:
        c = self.convolution
        weight, padding = c.weight * self.scale, c.padding
        if isinstance(c, Conv2dSame):  # TensorFlow's padding, which depends on the size of the map
            x = pad_same(x, list(c.kernel_size), list(c.stride))
        if c.groups > 1 and c.stride[0] > 1:
            # In bfloat16 oneDNN falls back to a gradient that is 35 times slower than that in float32.
            with torch.autocast(x.device.type, enabled=False):
                return F.conv2d(x.float(), weight, self.shift, c.stride, padding, groups=c.groups).to(x.dtype)
        return F.conv2d(x, weight, self.shift, c.stride, padding, groups=c.groups)


@contextmanager
def plain_attention(device: torch.device) -> Iterator[None]:
    """On CPUs attention as separate products: on short sequences the gradient of PyTorch's fused kernel is slower in
    bfloat16 (``benchmarks/training_step.py``)."""
    with sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext():
        yield
