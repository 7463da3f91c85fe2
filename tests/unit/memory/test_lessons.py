from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box, Place
from roi_assistant.core.records import Attribute, Caption, Provenance, Region, RegionKey, ReviewState
from roi_assistant.memory.lessons import Lesson, lesson_of

_HUMAN = Provenance("human", "2026-01-01T00:00:00Z")
_REGION = Region(
    "r1",
    Box(0, 0, 10, 10),
    category="fork",
    captions=(Caption("a fork", _HUMAN, preferred=True),),
    attributes=(
        Attribute("material", ("steel",), _HUMAN),
        Attribute("state", ("bent",), _HUMAN, unconfirmed=True),
        Attribute("shape", (), _HUMAN),
    ),
    state="accepted",
    category_provenance=_HUMAN,
)


def test_a_category_that_a_person_chose_teaches_while_the_caption_waits() -> None:
    waiting = replace(_REGION, state="suggested")
    assert lesson_of("photo", waiting) == Lesson(RegionKey("photo", "r1"), "fork")
    assert lesson_of("photo", replace(waiting, category_provenance=None)) is None
    assert lesson_of("photo", replace(waiting, category_provenance=Provenance("model", "t"))) is None


def test_a_value_that_stands_in_her_caption_is_decided() -> None:
    color = replace(_REGION.attributes[0], name="color", values=("red",), unconfirmed=True)
    written = replace(_REGION.captions[0], text="fork, red", provenance=Provenance("human", "t"), preferred=True)
    found = lesson_of("photo", replace(_REGION, captions=(written,), attributes=(color,)))
    assert found is not None and found.attributes == (("color", ("red",)),)
    reddish = lesson_of(
        "photo", replace(_REGION, captions=(replace(written, text="a reddish fork"),), attributes=(color,))
    )
    assert reddish is not None and reddish.attributes == ()


def test_a_decided_region_teaches_what_it_is() -> None:
    assert lesson_of("photo", _REGION) == Lesson(
        RegionKey("photo", "r1"), "fork", "a fork", (("material", ("steel",)),), is_written=True
    )
    assert lesson_of("photo", replace(_REGION, state="edited", captions=(), attributes=())) == Lesson(
        RegionKey("photo", "r1"), "fork"
    )


@pytest.mark.parametrize("state", ["suggested", "rejected"])
def test_an_undecided_region_teaches_nothing(state: ReviewState) -> None:
    by = Provenance("model" if state == "suggested" else "human", "t")
    assert lesson_of("photo", replace(_REGION, state=state, category_provenance=by)) is None


@pytest.mark.parametrize("category", [None, ""])
def test_a_region_without_category_teaches_nothing(category: str | None) -> None:
    assert lesson_of("photo", replace(_REGION, category=category)) is None


def test_a_category_of_the_model_that_nobody_decided_about_teaches_nothing() -> None:
    kept = replace(_REGION, category_unconfirmed=True, category_provenance=Provenance("model", "2026-01-01T00:00:00Z"))
    assert lesson_of("photo", kept) is None
    assert lesson_of("photo", replace(kept, category_unconfirmed=False)) is not None


def test_a_place_needs_the_size_of_the_image() -> None:
    found = lesson_of("photo", _REGION, size=(30, 30))
    assert found is not None and found.place == Place("top", "left")
    unknown = lesson_of("photo", _REGION)
    assert unknown is not None and unknown.place is None


def test_what_is_written_on_one_thing_teaches_nothing_about_others() -> None:
    captions = (Caption('a red sign. It reads "STOP".', _HUMAN, preferred=True),)
    attributes = (Attribute("text", ("STOP",), _HUMAN), Attribute("color", ("red",), _HUMAN))
    found = lesson_of("photo", replace(_REGION, captions=captions, attributes=attributes))
    assert found is not None
    assert (found.caption, found.attributes) == ("a red sign", (("color", ("red",)),))
