"""The region module of GPT4RoI: multi-level features and boxes in, region embeddings out.

Source: arXiv 2307.03601, section 3.2, and the layer names of the published checkpoint (``model.spi_module.*``), so that
its state dict loads as it is. The published widths are the defaults; every width is a parameter, and ``tokens`` asks
for
several embeddings per box (the published model has one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from torchvision.ops import roi_align


@dataclass(frozen=True)
class RegionEncoderConfig:
    """Sizes of a `RegionEncoder`.

    ``level_sizes`` are the grid sides that each level is brought to before fusion, finest first; ``input_channels`` the
    channels of each level as they come in.
    """

    input_channels: tuple[int, ...] = (1024, 1024, 1024, 1024)
    level_sizes: tuple[int, ...] = (128, 64, 32, 16)
    width: int = 1024
    fusion_rounds: int = 5
    groups: int = 64
    roi_size: int = 14
    sampling_ratio: int = 2
    flatten_width: int = 1024
    position_width: int = 256
    output_width: int = 4096
    tokens: int = 1


class ScaleShuffleFusion(nn.Module):
    """Levels exchange a quarter of their channels with the level above and below, round after round.

    A round applies one 3x3 convolution, shared by all levels, to half of the level's own channels and a quarter of each
    neighbour's (the finest and the coarsest level stand in for their missing neighbour, as published).
    """

    def __init__(self, config: RegionEncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.level_sizes = config.level_sizes
        self.gradient_checkpointing = False
        """Compute the rounds again in the backward pass; set by `PreTrainedModel.gradient_checkpointing_enable`."""
        self.input_conv = nn.ModuleList(nn.Conv2d(channels + 2, width, 1) for channels in config.input_channels)
        self.fuse_convs = nn.ModuleList(_ConvNormRelu(width, config.groups) for _ in range(config.fusion_rounds))

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Feature maps [B, C_l, h_l, w_l] -> fused maps [B, width, S_l, S_l]."""
        maps = [
            # The 1x1 convolution commutes with align_corners upsampling, coordinates included: it runs on the small
            # grid.
            _resize(conv(_with_coordinates(level)), size)
            for level, conv, size in zip(levels, self.input_conv, self.level_sizes, strict=True)
        ]
        for fuse in self.fuse_convs:
            if self.gradient_checkpointing and self.training:
                maps = list(checkpoint(self._round, fuse, *maps, use_reentrant=False))
            else:
                maps = list(self._round(fuse, *maps))
        return maps

    def _round(self, fuse: nn.Module, *maps: Tensor) -> tuple[Tensor, ...]:
        return tuple(fuse(self._shuffle(maps, target)) for target in range(len(maps)))

    def _shuffle(self, maps: Sequence[Tensor], target: int) -> Tensor:
        last = len(maps) - 1
        top, down = min(target + 1, last), max(target - 1, 0)
        width, size = maps[target].shape[1], self.level_sizes[target]
        half, three_quarters = width // 2, width - width // 4
        return torch.cat(
            [
                maps[target][:, :half],
                _resize(maps[top][:, three_quarters:], size),
                _resize(maps[down][:, half:three_quarters], size),
            ],
            dim=1,
        )


class _ConvNormRelu(nn.Module):
    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.gn = nn.GroupNorm(groups, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.gn(self.conv(x)))


class RegionPooling(nn.Module):
    """RoIAlign on every fused level, summed, flattened and joined by an embedding of the box."""

    def __init__(self, config: RegionEncoderConfig) -> None:
        super().__init__()
        self.config = config
        width, flat = config.width, config.flatten_width
        self.pconvs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in config.level_sizes)
        self.pos_embedd = nn.Sequential(
            nn.Linear(4, config.position_width),
            nn.ReLU(),
            nn.LayerNorm(config.position_width),
            nn.Linear(config.position_width, flat),
            nn.ReLU(),
            nn.LayerNorm(flat),
        )
        self.flatten_linear = nn.Linear(width * config.roi_size**2, flat * config.tokens)
        self.updims = nn.Linear(flat, config.output_width)

    def forward(self, maps: Sequence[Tensor], boxes: Tensor, image_index: Tensor) -> Tensor:
        """Fused maps, boxes [N, 4] (xyxy, 0..1) and the image each is on [N] -> embeddings [N, tokens,
        output_width]."""
        c = self.config
        rois = torch.cat([image_index[:, None].to(torch.float32), boxes.to(torch.float32)], dim=1)
        pooled = None
        for features, size, conv in zip(maps, c.level_sizes, self.pconvs, strict=True):
            # fp32 whatever the feature type, as published; the boxes are 0..1, so the scale is the grid's side.
            aligned = roi_align(
                features.float(), rois, (c.roi_size, c.roi_size), float(size), c.sampling_ratio, aligned=True
            )
            level = conv(aligned.to(features.dtype))
            pooled = level if pooled is None else pooled + level
        assert pooled is not None
        flat = self.flatten_linear(F.relu(pooled).flatten(1)).unflatten(1, (c.tokens, c.flatten_width))
        return self.updims(flat + self.pos_embedd(boxes.to(flat.dtype))[:, None])


class RegionEncoder(nn.Module):
    """Feature levels and boxes -> region embeddings. Parameter names are those of the published ``spi_module``."""

    def __init__(self, config: RegionEncoderConfig) -> None:
        super().__init__()
        if len(config.input_channels) != len(config.level_sizes):
            raise ValueError("input_channels and level_sizes must name the same number of levels.")
        if config.width % 4 or config.width % config.groups:
            raise ValueError("width must be a multiple of 4 and of groups.")
        self.config = config
        self.mlvl_fuse = ScaleShuffleFusion(config)
        self.roi_align = RegionPooling(config)
        for pconv in self.roi_align.pconvs:
            assert isinstance(pconv, nn.Conv2d) and pconv.bias is not None
            nn.init.normal_(pconv.weight, std=0.01)
            nn.init.zeros_(pconv.bias)
        for fuse in self.mlvl_fuse.fuse_convs:
            assert isinstance(fuse, _ConvNormRelu)
            nn.init.kaiming_normal_(fuse.conv.weight, mode="fan_out", nonlinearity="relu")

    def fuse(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """The part that does not depend on boxes: compute once per image and keep."""
        return self.mlvl_fuse([_as_map(level) for level in levels])

    def pool(self, maps: Sequence[Tensor], boxes: Tensor, image_index: Tensor) -> Tensor:
        """See `RegionPooling.forward`."""
        return self.roi_align(maps, boxes, image_index)

    def forward(self, levels: Sequence[Tensor], boxes: Sequence[Tensor]) -> list[Tensor]:
        """Levels [B, tokens, C] or [B, C, h, w], and per image boxes [n_i, 4] -> per image [n_i * tokens,
        output_width].

        Boxes are xyxy in 0..1 of the image; ``n_i`` may be 0.
        """
        counts = [len(b) for b in boxes]
        flat = torch.cat([b.reshape(-1, 4) for b in boxes])
        images = torch.arange(len(boxes), device=flat.device)
        index = torch.repeat_interleave(images, torch.tensor(counts, device=flat.device))
        embeddings = self.pool(self.fuse(levels), flat, index)
        return [part.flatten(0, 1) for part in embeddings.split(counts)]


def _as_map(level: Tensor) -> Tensor:
    """Patch tokens [B, h*h, C] (row-major) -> map [B, C, h, h]; maps pass through."""
    if level.dim() == 4:
        return level
    side = round(level.shape[1] ** 0.5)
    if side * side != level.shape[1]:
        raise ValueError(f"{level.shape[1]} patch tokens do not form a square grid.")
    return level.transpose(1, 2).unflatten(2, (side, side))


def _with_coordinates(x: Tensor) -> Tensor:
    """Append x along columns and y along rows, each -1..1: [B, C, h, w] -> [B, C + 2, h, w]."""
    batch, _, height, width = x.shape
    ys = torch.linspace(-1, 1, height, device=x.device, dtype=x.dtype)
    xs = torch.linspace(-1, 1, width, device=x.device, dtype=x.dtype)
    return torch.cat(
        [x, xs.expand(batch, 1, height, width), ys[:, None].expand(batch, 1, height, width)],
        dim=1,
    )


def _resize(x: Tensor, size: int) -> Tensor:
    """Bilinear with aligned corners to ``size`` x ``size``, in fp32 as published."""
    if x.shape[-2:] == (size, size):
        return x
    return F.interpolate(x.float(), size=(size, size), mode="bilinear", align_corners=True).to(x.dtype)
