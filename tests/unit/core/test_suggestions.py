"""A captioner's answer becomes a suggestion with its author."""

from __future__ import annotations

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Attribute,
    Caption,
    Provenance,
    Region,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)
from roi_assistant.core.suggestions import suggested_region

MODEL = Provenance("model", "2026-01-02T03:04:05+00:00", "mini", "ab" * 32, decoding="beam")


def test_every_part_is_kept_and_signed() -> None:
    text = RegionText(
        box=Box(1, 2, 3, 4),
        caption=ScoredText("a red cup", 0.8),
        alternatives=(ScoredText("a mug", 0.1),),
        category=ScoredText("cup", 0.9),
        category_alternatives=(ScoredText("bowl", 0.05),),
        attributes=(
            SuggestedAttribute("color", ("red",), 0.7, "pixels"),
            SuggestedAttribute("material", (), 0.1),
        ),
        unsure=True,
        prompt="describe <region1>",
        raw_output="a red cup </s>",
    )
    asked = Provenance("model", MODEL.created_at, "mini", "ab" * 32, "describe <region1>", "beam")
    heard = Provenance("model", MODEL.created_at, "mini", "ab" * 32, "describe <region1>", "beam", "a red cup </s>")
    assert suggested_region(text, id="r1", provenance=MODEL) == Region(
        id="r1",
        box=Box(1, 2, 3, 4),
        category="cup",
        captions=(Caption("a red cup", heard, 0.8, preferred=True), Caption("a mug", asked, 0.1)),
        attributes=(Attribute("color", ("red",), asked, 0.7, "pixels"),),
        state="suggested",
        category_score=0.9,
        unsure=True,
        category_provenance=asked,
        category_alternatives=(ScoredText("bowl", 0.05),),
    )


def test_the_least_answer() -> None:
    region = suggested_region(RegionText(Box(0, 0, 1, 1), ScoredText("an object", 0.2)), id="r", provenance=MODEL)
    assert region.category is None and region.category_score is None and region.attributes == ()
    assert [caption.preferred for caption in region.captions] == [True]
