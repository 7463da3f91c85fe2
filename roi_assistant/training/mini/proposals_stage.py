"""The proposal head learns from people's boxes, on cached maps.

People box what they speak of and not all there is. So the score of an anchor is the overlap of its own box with the
nearest of theirs (`models.gpt4roi.proposals`), and what overlaps none counts little, least on photos of few boxes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from roi_assistant.models.gpt4roi.proposals import ProposalHead, overlaps
from roi_assistant.training.loop import Averaged, RunLog, cosine, optimizer, save_checkpoint
from roi_assistant.training.mini.corpus import Photo
from roi_assistant.training.mini.photo_maps import MAPS

NEAR = 0.3
"""What overlaps every box of a person by less than this is a negative."""
_LOG_EVERY = 100


@dataclass(frozen=True, kw_only=True)
class ProposalStageConfig:
    """Hyper-parameters.

    Anchors that overlap a person's box by ``positive_from``, and the ``nearest`` ones of each box, learn its sides. The
    scores of negatives (`NEAR`) count ``negative_weight``, times the number of a photo's boxes over ``well_boxed``
    where it has fewer.
    """

    epochs: float = 2.0
    photos_per_step: int = 16
    lr: float = 2e-3
    weight_decay: float = 0.05
    ema: float = 0.998
    positive_from: float = 0.45
    nearest: int = 6
    negative_weight: float = 0.1
    well_boxed: int = 4
    score_weight: float = 1.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class MapSource:
    """Cached maps as `photo_maps.cache_photo_maps` writes them, and people's boxes in them."""

    maps: tuple[np.ndarray, ...]
    mirrored: np.ndarray
    photos: Sequence[Photo]

    @classmethod
    def load(cls, folder: Path, photos: Sequence[Photo]) -> MapSource:
        """Open what is in ``folder``; ``photos`` are those of the corpus."""
        maps = tuple(np.load(folder / f"{name}.npy", mmap_mode="r") for name in MAPS)
        return cls(maps=maps, mirrored=np.load(folder / "mirrored.npy"), photos=photos)

    def inputs(self, indices: Sequence[int]) -> list[Tensor]:
        """Fine and coarse maps and pooled vectors of photos, [photos, ...] each."""
        return [torch.from_numpy(values[list(indices)].astype(np.float32)) for values in self.maps]

    def boxes(self, index: int) -> Tensor:
        """People's boxes on the photo as it is cached -> [boxes, 4] (xyxy in units of its sides)."""
        human = self.photos[index].human
        boxes = torch.tensor([region.box.xyxy for region in human.regions]).reshape(-1, 4)
        boxes = boxes / torch.tensor([human.width, human.height] * 2)
        if self.mirrored[index]:
            boxes = torch.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], dim=1)
        return boxes.clamp(0, 1)


def train_proposals(
    head: ProposalHead,
    source: MapSource,
    out: Path,
    config: ProposalStageConfig,
    *,
    photos: Sequence[int],
    evaluate: Callable[[ProposalHead], Mapping[str, float]] | None = None,
) -> Path:
    """Train ``head`` on ``photos`` (indices of train photos whose maps are cached). The stage always begins anew.

    Returns the path of the weights, ``out/proposals.pt``: the moving average of those of the last steps.
    """
    log, rng = RunLog(out), random.Random(config.seed)
    torch.manual_seed(config.seed)
    shown = _shown(photos, rng, epochs=config.epochs)
    opt = optimizer([head], lr=config.lr, weight_decay=config.weight_decay)
    averaged = Averaged(head, config.ema)
    total = math.ceil(len(shown) / config.photos_per_step)
    losses: list[tuple[float, float]] = []
    head.train()
    for step in range(total):
        part = sorted(shown[step * config.photos_per_step : (step + 1) * config.photos_per_step])
        boxes, logits = head(*source.inputs(part))
        truths = [source.boxes(index) for index in part]
        box_loss, score_loss = proposal_losses(head.anchors, boxes, logits, truths, config)
        loss = box_loss + config.score_weight * score_loss
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is not finite at step {step}.")
        for group in opt.param_groups:
            group["lr"] = config.lr * cosine(step, total=total, warmup=total // 20 + 1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        opt.step()
        opt.zero_grad()
        averaged.update(head)
        losses.append((box_loss.item(), score_loss.item()))
        if (step + 1) % _LOG_EVERY == 0 or step + 1 == total:
            means = [round(sum(column) / len(losses), 4) for column in zip(*losses, strict=True)]
            log.write(stage="proposals", step=step + 1, total=total, box_loss=means[0], score_loss=means[1])
            losses = []
    averaged.swap(head)
    head.eval()
    if evaluate is not None:
        log.write(stage="proposals", **evaluate(head))
    save_checkpoint(out / "proposals.pt", **head.state_dict())
    return out / "proposals.pt"


def _shown(photos: Sequence[int], rng: random.Random, *, epochs: float) -> list[int]:
    """``photos`` in random order, one epoch after the other; the last one may be a part."""
    shown: list[int] = []
    while len(shown) < round(epochs * len(photos)):
        shown += rng.sample(list(photos), len(photos))
    return shown[: round(epochs * len(photos))]


def proposal_losses(
    anchors: Tensor, boxes: Tensor, logits: Tensor, truths: Sequence[Tensor], config: ProposalStageConfig
) -> tuple[Tensor, Tensor]:
    """How far boxes are off, 1 - GIoU, and how far scores are from overlaps: two numbers, each a mean over people's
    boxes.

    Args:
        anchors: Centers and sides [anchors, 4].
        boxes: What the head says [photos, anchors, 4].
        logits: Its scores [photos, anchors].
        truths: People's boxes on each photo [boxes, 4].
        config: What counts how much.
    """
    fixed = torch.cat([anchors[:, :2] - anchors[:, 2:] / 2, anchors[:, :2] + anchors[:, 2:] / 2], dim=1)
    count = max(1, sum(len(truth) for truth in truths))
    box_loss, score_loss = boxes.new_zeros(()), boxes.new_zeros(())
    for found, scores, truth in zip(boxes, logits, truths, strict=True):
        if not len(truth):
            continue
        chosen, wanted = assigned(fixed, truth, positive_from=config.positive_from, nearest=config.nearest)
        shares = 1 / torch.bincount(wanted, minlength=len(truth))[wanted]
        box_loss = box_loss + (shares * (1 - overlaps(found[chosen], truth[wanted])[1])).sum()
        with torch.no_grad():
            target = overlaps(found[:, None], truth[None])[0].amax(1)
            few = config.negative_weight * min(1.0, len(truth) / config.well_boxed)
            # The weight by distance is that of quality focal loss (arXiv 2006.04388).
            weight = torch.where(target < NEAR, few, 1.0) * (target - scores.sigmoid()).square()
        score_loss = score_loss + (weight * F.binary_cross_entropy_with_logits(scores, target, reduction="none")).sum()
    return box_loss / count, score_loss / count


def assigned(fixed: Tensor, truth: Tensor, *, positive_from: float, nearest: int) -> tuple[Tensor, Tensor]:
    """Which anchors learn which boxes.

    Anchors as boxes ``fixed`` [anchors, 4], people's boxes ``truth`` [boxes, 4] -> two index vectors [pairs] of equal
    length. An anchor learns the box that it overlaps most, if by ``positive_from``; each box besides has the
    ``nearest`` anchors, those that overlap it most.
    """
    iou = overlaps(fixed[:, None], truth[None])[0]
    best, nearest_box = iou.max(dim=1)
    owner = torch.where(best >= positive_from, nearest_box, -1)
    closest = iou.topk(nearest, dim=0).indices
    owner[closest.flatten()] = torch.arange(len(truth)).expand(nearest, -1).flatten()
    chosen = (owner >= 0).nonzero()[:, 0]
    return chosen, owner[chosen]
