"""Flickr30k Entities: a caption of the whole photo, then which of its words are about which region."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset, draw, is_large_enough
from roi_assistant.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.datasets.templates import BEGIN, CAPTION, PHRASE, listed, pick
from roi_assistant.errors import FormatError
from roi_assistant.formats.grounded_captions import GroundedCaption

NAME = "flickr30k_entities"
MOST_BOXES = 15


def load_flickr30k_entities(
    captions: Iterable[GroundedCaption], images: ImageFiles, *, split: str = "train"
) -> RegionDataset:
    """One conversation for each caption with a box: first the caption, with all its regions listed, then the phrase of
    each region. Boxes of less than a pixel, or too small once the photo is squeezed, are left out.

    Raises:
        FormatError: no caption is left.
    """
    chosen, entries, boxes = Filter(), [], 0
    for caption in captions:
        kept = []
        for words, box in caption.phrases:
            fits = is_large_enough(box, width=caption.width, height=caption.height)
            if chosen.keep(fits, "box too small") and chosen.keep(bool(plain_text(words)), "no words"):
                kept.append((words, box))
        if chosen.keep(bool(kept and plain_text(caption.text)), "caption without a box"):
            entries.append(replace(caption, phrases=tuple(kept)))
            boxes += len(kept)
    if not entries:
        raise FormatError(f"The split {split} of Flickr30k Entities has no caption with a box that can be used.")

    def write(caption: GroundedCaption, rng: random.Random) -> RegionSample:
        taken: list[tuple[str, Box]] = draw(caption.phrases, MOST_BOXES, rng)
        pairs = [(BEGIN + pick(CAPTION, rng).format(regions=listed(len(taken))), plain_text(caption.text))]
        for number, (words, _) in enumerate(taken, start=1):
            pairs.append((pick(PHRASE, rng).format(k=number), plain_text(words)))
        return RegionSample(
            NAME,
            caption.id,
            caption.image,
            caption.width,
            caption.height,
            tuple(unit_box(box, width=caption.width, height=caption.height) for _, box in taken),
            conversation(*pairs),
        )

    return RegionDataset(NAME, split, entries, write, images, boxes, dict(chosen.dropped))
