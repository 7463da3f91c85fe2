"""Texts that are longer than a project takes over."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.core.short_records import with_short_texts
from roi_assistant.core.text_bounds import LONGEST_NAME, LONGEST_TEXT

HUMAN = Provenance("human", "")
REGION = Region(
    "r",
    Box(0, 0, 9, 9),
    category="c" * LONGEST_NAME,
    captions=(Caption("t" * LONGEST_TEXT, HUMAN),),
    attributes=(Attribute("n" * LONGEST_NAME, ("v" * LONGEST_TEXT,), HUMAN),),
)


def test_texts_of_the_greatest_length_stay() -> None:
    assert with_short_texts(REGION) is REGION


def test_longer_ones_are_left_out_and_the_box_stays() -> None:
    long = replace(
        REGION,
        category=f"{REGION.category}c",
        captions=(*REGION.captions, Caption("t" * (LONGEST_TEXT + 1), HUMAN)),
        attributes=(Attribute("n" * (LONGEST_NAME + 1), ("v",), HUMAN), Attribute("n", ("v" * 20_000,), HUMAN)),
    )
    assert with_short_texts(long) == replace(REGION, category=None, attributes=())
