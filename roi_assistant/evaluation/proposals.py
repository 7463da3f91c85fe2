"""Are the boxes that a model proposes those that people drew? Recall, class-agnostic.

People do not box all there is, so a proposal that hits none of their boxes may still be right: the share of their boxes
that is found says more than the share of proposals that hit (Chavali et al., "Object-Proposal Evaluation Protocol is
'Gameable'", arXiv 1505.05836).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypedDict

import numpy as np

from roi_assistant.captioners.mini.proposals import overlaps
from roi_assistant.core.box import Box, intersection_over_union, scale_box
from roi_assistant.core.records import ScoredBox
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.calibration import CalibrationFigures, calibration
from roi_assistant.evaluation.items import EvaluationSet, item_of, photo_loader
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities, is_flickr30k
from roi_assistant.formats.region_lines import RegionLines
from roi_assistant.interfaces import Proposes

PROTOCOL = "proposals"
MOST = (10, 50)
"""How many proposals of a photo are looked at."""
LEAST = (0.5, 0.7)
"""The overlap (IoU) from which a box counts as found."""
HIT = 0.5
"""The overlap that the score of a proposal is the probability of."""
_SAMPLE = 3000
"""Boxes of the training split that `frequent_boxes` are drawn from."""


class RecallRow(TypedDict):
    """The share of people's boxes that one of the first ``proposals`` overlaps by ``iou``; ``frequent`` is that of the
    training split's most frequent boxes, the same for every photo (None without such a split)."""

    proposals: int
    iou: float
    recall: float
    frequent: float | None


class ProposalFigures(TypedDict):
    """Those of one data set; ``calibration`` is about the scores of the most proposals."""

    name: str
    photos: int
    boxes: int
    sha256: str
    recall: list[RecallRow]
    calibration: CalibrationFigures


def load_boxes(root: Path, *, split: str, limit: int | None = None) -> EvaluationSet:
    """All boxes of ``split``: of a folder with ``regions.jsonl``, or of Flickr30k Entities.

    Raises:
        FormatError: the folder has neither layout, or the split has no box.
    """
    data = _open(root)
    items = tuple(item_of(photo, region) for photo in islice(data.photos(split), limit) for region in photo.regions)
    if not items:
        raise FormatError(f"The split {split} of {root} has no box: nothing to evaluate.")
    return EvaluationSet(PROTOCOL, root.resolve().name, split, items, photo_loader(data.images))


def frequent_boxes(root: Path, *, most: int) -> list[Box] | None:
    """``most`` boxes in units of the photo's sides that find the most of the training split's: each is the one of them
    that overlaps, by `HIT`, the most that those before it do not. None without a training split."""
    try:
        photos = list(_open(root).photos("train"))
    except FormatError:
        return None
    sides = [(p.width, p.height, p.width, p.height) for p in photos for _ in p.regions]
    boxes = np.array([region.box.xyxy for photo in photos for region in photo.regions], np.float32)
    if not len(boxes):
        return None
    boxes = np.divide(boxes, np.array(sides, np.float32), dtype=np.float32)[:: max(1, len(boxes) // _SAMPLE)]
    found = np.stack([overlaps(box, boxes) >= HIT for box in boxes])
    left, chosen = np.ones(len(boxes), bool), []
    for _ in range(min(most, len(boxes))):
        best = int((found & left).sum(axis=1).argmax())
        left &= ~found[best]
        chosen.append(Box(*boxes[best].tolist()))
    return chosen


def _open(root: Path) -> Flickr30kEntities | RegionLines:
    return Flickr30kEntities(root) if is_flickr30k(root) else RegionLines(root)


def recall(
    proposed: Sequence[Sequence[Box]], drawn: Sequence[Sequence[Box]], *, most: int, least: float
) -> float | None:
    """The share of the boxes ``drawn`` on photos that one of the first ``most`` boxes ``proposed`` on the same photo
    overlaps by ``least``; None without boxes."""
    found = [
        any(intersection_over_union(box, other) >= least for other in others[:most])
        for others, boxes in zip(proposed, drawn, strict=True)
        for box in boxes
    ]
    return sum(found) / len(found) if found else None


def evaluate_proposals(
    captioner: Proposes,
    data: EvaluationSet,
    *,
    frequent: Sequence[Box] | None,
    progress: Callable[[int], None] = lambda photos: None,
) -> ProposalFigures:
    """Recall and calibration of what ``captioner`` proposes on the photos of ``data``; ``frequent``: see `RecallRow`.
    ``progress`` is called with 1 after each photo.

    Raises:
        CaptionerError: the model cannot do it.
    """
    proposed: list[list[ScoredBox]] = []
    drawn: list[list[Box]] = []
    everywhere: list[list[Box]] = []
    for photo, items in data.by_photo():
        image = data.load(photo)
        drawn.append([item.box_in(image) for item in items])
        proposed.append(list(captioner.propose(captioner.set_image(image), most=max(MOST))))
        everywhere.append([scale_box(box, x=image.width, y=image.height) for box in frequent or ()])
        progress(1)
    rows: list[RecallRow] = []
    for most in MOST:
        for least in LEAST:
            found = recall([[one.box for one in photo] for photo in proposed], drawn, most=most, least=least)
            same = recall(everywhere, drawn, most=most, least=least) if frequent is not None else None
            rows.append({"proposals": most, "iou": least, "recall": found or 0.0, "frequent": same})
    hits = [hit for photo, boxes in zip(proposed, drawn, strict=True) for hit in hits_of(photo, boxes)]
    return {
        "name": data.name,
        "photos": data.photos,
        "boxes": len(data.items),
        "sha256": data.sha256,
        "recall": rows,
        "calibration": calibration([one.score for photo in proposed for one in photo], hits),
    }


def hits_of(proposed: Sequence[ScoredBox], drawn: Sequence[Box]) -> list[bool]:
    """Whether each proposal overlaps one of the boxes ``drawn`` on its photo by `HIT`."""
    return [any(intersection_over_union(one.box, box) >= HIT for box in drawn) for one in proposed]
