"""An annotator with a form of her own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box, Place
from roi_assistant.core.records import RegionText, ScoredText, SuggestedAttribute
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.evaluation.restyled import Restyled, forms_of

_TEXT = RegionText(Box(0, 0, 9, 9), ScoredText("a fork", 0.8))
_RED = replace(_TEXT, attributes=(SuggestedAttribute("color", ("red", "blue"), 0.2),))
FORMS = ("{category}, {color}, {place}", "{category}, {place}", "{category}")


def _region(text: RegionText) -> NamedRegion:
    return NamedRegion(item="#1", photo="photo", name="spoon", box=(0, 0, 9, 9), text=text)


def test_the_first_form_whose_slots_have_values_is_written() -> None:
    her = Restyled(forms=FORMS, places={"#1": Place("top", "center")})
    assert her.caption(_region(_RED)) == "spoon, red, top"
    assert her.caption(_region(_TEXT)) == "spoon, top"
    assert Restyled(forms=FORMS).caption(_region(_RED)) == "spoon"
    assert Restyled(forms=FORMS[:1]).caption(_region(_RED)) == ""


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("top", "left"), "top left"),
        (Place("middle", "right"), "right"),
        (Place("bottom", "center"), "bottom"),
        (Place("middle", "center"), "center"),
    ],
)
def test_places_as_people_call_them(place: Place, said: str) -> None:
    assert Restyled(forms=("{place}",), places={"#1": place}).caption(_region(_TEXT)) == said


def test_her_words_stand_for_values() -> None:
    words = {"color": {"red": "rot"}, "place": {"top left": "oben links"}}
    her = Restyled(forms=FORMS, words=words, places={"#1": Place("top", "left")})
    assert her.caption(_region(_RED)) == "spoon, rot, oben links"


def test_forms_are_separated_by_bars() -> None:
    assert forms_of("{category}, {color}|{category}") == ("{category}, {color}", "{category}")
    with pytest.raises(BadInputError, match="The form 'cup' has no slot"):
        forms_of("{category}|cup")
