"""RefCOCO, RefCOCO+ and RefCOCOg: a box, and what somebody said to tell it from the others."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Literal

from roi_assistant.core.references import BOX_TOKEN
from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset, is_large_enough
from roi_assistant.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.datasets.templates import (
    BEGIN,
    DESCRIBE,
    REFCOCO_BEGIN,
    REFCOCO_PLUS_BEGIN,
    introduced,
    pick,
)
from roi_assistant.errors import FormatError
from roi_assistant.formats.referring_expressions import Expression

Variant = Literal["refcoco", "refcoco+", "refcocog"]
LEAST_WORDS = 3


def load_refcoco(
    expressions: Iterable[Expression], images: ImageFiles, *, variant: Variant, split: str = "train"
) -> RegionDataset:
    """One conversation for each expression; those of fewer than ``LEAST_WORDS`` words are left out.

    RefCOCO and RefCOCO+ ask with the bare box after a fixed introduction, RefCOCOg with one of the 20 questions.

    Raises:
        FormatError: no expression is left.
    """
    chosen, entries = Filter(), []
    for expression in expressions:
        words = plain_text(expression.text).split()
        large = is_large_enough(expression.box, width=expression.width, height=expression.height)
        if chosen.keep(len(words) >= LEAST_WORDS, "fewer than three words") and chosen.keep(large, "box too small"):
            entries.append(expression)
    if not entries:
        raise FormatError(f"The split {split} of {variant} has no expression that can be used.")

    def question(rng: random.Random) -> str:
        if variant == "refcocog":
            return BEGIN + pick(DESCRIBE, rng).format(region=introduced(1))
        return (REFCOCO_BEGIN if variant == "refcoco" else REFCOCO_PLUS_BEGIN) + BOX_TOKEN

    def write(entry: Expression, rng: random.Random) -> RegionSample:
        box = unit_box(entry.box, width=entry.width, height=entry.height)
        turns = conversation((question(rng), plain_text(entry.text)))
        return RegionSample(variant, entry.id, entry.image, entry.width, entry.height, (box,), turns)

    return RegionDataset(variant, split, entries, write, images, len(entries), dict(chosen.dropped))
