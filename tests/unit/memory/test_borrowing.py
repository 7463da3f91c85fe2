from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region, RegionKey, RegionText, ScoredText
from roi_assistant.errors import FormatError
from roi_assistant.memory.borrowing import borrowed_lesson, read_borrowed
from roi_assistant.memory.known_regions import KnownRegions
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.vectors import packed, to_bytes

_HUMAN = Provenance("human", "2026-01-01T00:00:00Z")
_REGION = Region(
    "r1",
    Box(0, 0, 10, 10),
    category="fork",
    captions=(Caption("a fork", _HUMAN, preferred=True),),
    attributes=(Attribute("material", ("steel",), _HUMAN),),
    state="accepted",
    category_provenance=_HUMAN,
)


def test_a_lesson_goes_and_comes_back_without_its_photo() -> None:
    text = borrowed_lesson("secret/photo.jpg", _REGION)
    assert text is not None and "photo" not in text
    assert read_borrowed(text, source="mugs", number=7) == Lesson(
        RegionKey("", "mugs 7"), "fork", "a fork", (("material", ("steel",)),), is_written=True, source="mugs"
    )
    assert borrowed_lesson("a", replace(_REGION, state="rejected")) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"key": 1}', '{"key": {"image": "", "region": ""}}'])
def test_what_is_no_lesson_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="lesson of the project mugs"):
        read_borrowed(text, source="mugs", number=0)


def test_what_another_project_taught_is_told_apart() -> None:
    known = KnownRegions()
    looks = np.array([1, 0, 0, 0], np.float32)
    text = borrowed_lesson("a", _REGION)
    assert text is not None
    for number in range(3):
        known.borrow(text, to_bytes(packed(looks)), source="mugs", number=number)
    known.borrow("{", to_bytes(packed(looks)), source="mugs", number=3)
    known.borrow(text, b"", source="mugs", number=4)
    assert len(known.memory) == 3
    known.see(RegionKey("b", "own"), to_bytes(packed(looks)))
    known.decide("b", replace(_REGION, id="own"))
    said = RegionText(
        Box(0, 0, 9, 9), ScoredText("a spoon", 0.5), category=ScoredText("spoon", 0.5), features=packed(looks)
    )
    recalled = known.recalled(said, key=RegionKey("b", "new"))
    assert recalled.text.category is not None and recalled.text.category.text == "fork"
    assert recalled.like == (RegionKey("b", "own"),) and recalled.like_elsewhere == ("mugs",) * 3
