"""Losses are what differs between a region and what is read back of it, each value once."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.formats.export_report import LossCounter
from roi_assistant.formats.field_losses import count_differences, preferred_first

UNSIGNED, MODEL = Provenance("human", ""), Provenance("model", "2026-01-02T03:04:05+00:00", "mini")
PLAIN = Region("r", Box(1, 2, 3, 4), "cup", state="accepted")


def told(before: Region, after: Region) -> list[tuple[str, str, int]]:
    losses = LossCounter()
    count_differences(before, after, losses, where="a.jpg, region r")
    return [(loss.field, loss.kind, loss.count) for loss in losses.report(images=1, regions=1).losses]


def test_what_came_back_is_no_loss_and_boxes_are_not_compared() -> None:
    assert told(PLAIN, replace(PLAIN, box=Box(1, 2, 3, 4.0000001))) == []


def test_ids_that_are_numbers_or_nothing_are_lost() -> None:
    assert told(replace(PLAIN, id="7"), replace(PLAIN, id="7")) == [("region_id", "dropped", 1)]
    assert told(replace(PLAIN, id=""), replace(PLAIN, id="")) == [("region_id", "dropped", 1)]


def test_captions_are_compared_with_those_that_were_written() -> None:
    first, other = Caption("a mug", UNSIGNED), Caption("a cup", MODEL, 0.5, preferred=True)
    before = replace(PLAIN, captions=(first, other, Caption(" ", UNSIGNED)))
    assert preferred_first(before) == (other, first)
    came = replace(PLAIN, captions=(Caption("a cup", UNSIGNED, preferred=True),))
    assert told(before, came) == [("captions", "dropped", 2), ("score", "dropped", 1), ("provenance", "dropped", 1)]
    nobody = replace(PLAIN, captions=(Caption("a cup", MODEL, 0.5),))
    assert preferred_first(nobody) == (), "nobody has accepted these words"
    assert preferred_first(replace(PLAIN, captions=(Caption(" ", UNSIGNED, preferred=True), first))) == ()


def test_attributes_are_counted_one_by_one() -> None:
    red = Attribute("color", ("red",), UNSIGNED)
    before = replace(PLAIN, attributes=(red, replace(red, name="x", score=0.5), Attribute("y", ("a", "b"), UNSIGNED)))
    came = (red, replace(red, name="x"), Attribute("y", ("a, b",), UNSIGNED))
    assert told(before, replace(before, attributes=came)) == [("attributes", "altered", 1)] * 2
    assert told(before, PLAIN) == [("attributes", "dropped", 3)]


def test_all_other_fields() -> None:
    before = replace(PLAIN, state="edited", locked=True, category_score=0.5, copied_from="b.jpg")
    assert told(before, replace(PLAIN, category="object")) == [
        ("category", "altered", 1),
        ("review_state", "altered", 1),
        ("category_score", "dropped", 1),
        ("locked", "dropped", 1),
        ("copied_from", "dropped", 1),
    ]
