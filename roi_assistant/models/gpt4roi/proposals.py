"""A small head that proposes boxes of things worth describing, on the maps into which the photo is encoded anyway.

It is agnostic of classes: an anchor's score is the overlap (IoU) that its box is expected to have with a box that a
person would draw, as in OLN (Kim et al., arXiv 2108.06753), which finds things of unseen kinds better than a
classifier of foreground does. Boxes are distances to four sides (FCOS, arXiv 1904.01355) in units of the anchor.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ASPECTS = (0.5, 1.0, 2.0)
"""Width over height of the anchors of a place and scale, in units of the photo's sides."""
LONGEST = 3.0
"""Limit of a predicted distance: the exponential of it times half a side of the anchor."""


@dataclass(frozen=True, kw_only=True)
class ProposalConfig:
    """Sizes of a `ProposalHead`.

    ``channels`` are those of the fine and the coarse map and of the pooled vector; ``size`` is the side of the fine map
    in cells, that of the coarse one is half of it. ``scales`` are the roots of the anchors' areas, in units of the
    photo's sides, on grids of twice, once and half the side of the fine map; ``blocks`` work on each of these grids.
    """

    channels: tuple[int, int, int] = (120, 352, 1280)
    size: int = 18
    width: int = 96
    fine_width: int = 48
    blocks: tuple[int, int, int] = (1, 3, 3)
    scales: tuple[tuple[float, ...], ...] = ((0.09,), (0.16, 0.28), (0.5, 0.85))

    @property
    def sides(self) -> tuple[int, int, int]:
        """Sides of the three grids in cells, the finest first."""
        return 2 * self.size, self.size, self.size // 2


class ProposalHead(nn.Module):
    """One box and its expected overlap for every anchor."""

    def __init__(self, config: ProposalConfig) -> None:
        super().__init__()
        self.config = config
        fine, coarse, pooled = config.channels
        width, narrow = config.width, config.fine_width
        below, level, above = config.blocks
        self.fine = nn.Conv2d(fine, width, 1)
        self.coarse = nn.Conv2d(coarse, width, 1)
        self.pooled = nn.Linear(pooled, width)
        self.large = nn.Sequential(*(_Block(width) for _ in range(above)))
        self.middle = nn.Sequential(*(_Block(width) for _ in range(level)))
        self.upwards = nn.Sequential(nn.Conv2d(width, 4 * narrow, 1), nn.PixelShuffle(2))
        self.small = nn.Sequential(*(_Block(narrow) for _ in range(below)))
        self.outputs = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(1, channels), nn.Conv2d(channels, 5 * len(ASPECTS) * len(scales), 1))
            for channels, scales in zip((narrow, width, width), config.scales, strict=True)
        )
        for output in self.outputs:
            nn.init.normal_(output[-1].weight, std=0.01)
            nn.init.zeros_(output[-1].bias)
        self.register_buffer("anchors", anchor_grid(config), persistent=False)

    def forward(self, fine: Tensor, coarse: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """The maps and the pooled vector of photos [B, ...] -> boxes [B, anchors, 4] (xyxy in units of the photo's
        sides, a little beyond 0..1 too) and logits of their overlaps [B, anchors]."""
        context = self.coarse(coarse) + self.pooled(pooled)[:, :, None, None]
        large = self.large(context)
        middle = self.middle(self.fine(fine) + F.interpolate(large, scale_factor=2.0, mode="nearest"))
        small = self.small(self.upwards(middle))
        levels = []
        for output, values in zip(self.outputs, (small, middle, large), strict=True):
            levels.append(output(values).flatten(2).unflatten(1, (-1, 5)).transpose(2, 3).flatten(1, 2))
        values = torch.cat(levels, dim=1)
        return boxes_of(self.anchors, values[..., :4]), values[..., 4]


class ProposalGraph(nn.Module):
    """What is exported: the head on one photo, with overlaps instead of logits."""

    def __init__(self, head: ProposalHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, fine: Tensor, coarse: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """One photo's maps and pooled vector [1, ...] -> boxes [anchors, 4] and expected overlaps [anchors], 0..1."""
        boxes, logits = self.head(fine, coarse, pooled)
        return boxes[0], logits[0].sigmoid()


class _Block(nn.Module):
    """A residual block of a depthwise 3x3 and two pointwise convolutions (as in ConvNeXt, arXiv 2201.03545)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm = nn.GroupNorm(1, width)
        self.expand = nn.Conv2d(width, 2 * width, 1)
        self.reduce = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.reduce(F.relu(self.expand(self.norm(self.spread(x)))))


def anchor_grid(config: ProposalConfig) -> Tensor:
    """Centers and sides of the anchors [anchors, 4] (x, y, width, height in units of the photo's sides): level by
    level the finest first, on it by scale and aspect, and then row by row."""
    rows = []
    for side, scales in zip(config.sides, config.scales, strict=True):
        places = (torch.arange(side) + 0.5) / side
        y, x = torch.meshgrid(places, places, indexing="ij")
        for scale in scales:
            for aspect in ASPECTS:
                width, height = scale * aspect**0.5, scale / aspect**0.5
                rows.append(
                    torch.stack([x, y, torch.full_like(x, width), torch.full_like(x, height)], -1).flatten(0, 1)
                )
    return torch.cat(rows)


def boxes_of(anchors: Tensor, values: Tensor) -> Tensor:
    """Anchors [N, 4] and logarithms of the distances from their centers to the left, upper, right and lower side, in
    halves of their sides [..., N, 4] -> boxes [..., N, 4] (xyxy)."""
    center, half = anchors[:, :2], anchors[:, 2:] / 2
    distances = values.clamp(max=LONGEST).exp()
    return torch.cat([center - half * distances[..., :2], center + half * distances[..., 2:]], dim=-1)


def overlaps(boxes: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and GIoU (arXiv 1902.09630) of ``boxes`` with ``others``, which are [..., 4] of shapes that fit each other;
    none of them is empty."""
    inside = (torch.minimum(boxes[..., 2:], others[..., 2:]) - torch.maximum(boxes[..., :2], others[..., :2])).clamp(0)
    around = torch.maximum(boxes[..., 2:], others[..., 2:]) - torch.minimum(boxes[..., :2], others[..., :2])
    areas = [(sides[..., 2:] - sides[..., :2]).prod(-1) for sides in (boxes, others)]
    shared, hull = inside.prod(-1), around.prod(-1)
    union = areas[0] + areas[1] - shared
    iou = shared / union
    return iou, iou - (hull - union) / hull
