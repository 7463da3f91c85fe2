"""Captions in the form in which a person writes hers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionKey, RegionText, ScoredText, SuggestedAttribute
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory
from roi_assistant.memory.style import FEWEST, RECENT, style_of, template_of


def lesson(caption: str, category: str = "plate", *, number: int = 0, is_written: bool = True, **values: str) -> Lesson:
    attributes = tuple((name, (value,)) for name, value in values.items())
    return Lesson(RegionKey("photo", str(number)), category, caption, attributes, is_written)


@pytest.mark.parametrize(
    ("caption", "values", "template"),
    [
        ("plate, white", {"color": "white"}, "{category}, {color}"),
        ("White Plate / metal", {"color": "white", "material": "metal"}, "{color} {category} / {material}"),
        ("plate, white", {}, "{category}, white"),
        ("plates", {}, ""),
        ("a white plate", {"color": "white"}, ""),
        ("{plate}", {}, ""),
        ("cup", {}, ""),
        ("plate category", {"name": "category"}, "{category} {name}"),
    ],
)
def test_a_caption_without_what_the_region_says(caption: str, values: dict[str, str], template: str) -> None:
    assert template_of(lesson(caption, **values)) == template


def test_a_name_in_any_language() -> None:
    assert template_of(lesson("Tasse 茶碗 (rot)", "茶碗", color="rot")) == "Tasse {category} ({color})"
    assert template_of(lesson("SKU 4711 front", "SKU 4711")) == "{category} front"


def spoken(category: str, color: str = "", *, score: float = 0.9) -> RegionText:
    attributes = (SuggestedAttribute("color", (color,), score),) if color else ()
    named = ScoredText(category, 0.8)
    return RegionText(Box(0, 0, 9, 9), ScoredText(f"a {category}", 0.8), category=named, attributes=attributes)


def test_the_first_template_that_can_be_filled_is() -> None:
    style = style_of(
        [
            *(lesson("plate, white", color="white") for _ in range(FEWEST + 1)),
            *(lesson("cup!", "cup") for _ in range(FEWEST)),
        ]
    )
    assert style is not None and style.templates == ("{category}, {color}", "{category}!")
    assert style.filled(spoken("fork", "gray")) == "fork, gray"
    assert style.filled(spoken("fork")) == "fork!"
    assert style.filled(spoken("fork", "gray", score=0.4)) == "fork!", "the color is not sure"
    assert style.filled(replace(spoken("fork"), category=None)) is None


def test_a_form_needs_most_of_the_recent_captions_that_she_wrote() -> None:
    own = [lesson("plate, white", color="white") for _ in range(FEWEST)]
    assert style_of(own[1:]) is None
    assert style_of([replace(one, is_written=False) for one in own]) is None, "a model wrote them"
    others = [lesson(f"something else {number}") for number in range(FEWEST + 1)]
    assert style_of([*own, *others]) is None
    assert style_of([*own, *others[1:]]) is not None, "half of them"
    assert style_of([*own, *(others * RECENT)][-RECENT:]) is None


def test_suggestions_come_in_her_form() -> None:
    """Also of things that look like nothing that was taught; not where the model is unsure what it is."""
    memory = ProjectMemory(2)
    for number in range(FEWEST):
        memory.learn(lesson("plate, white", color="white", number=number), np.array([1, 0], np.float32))
    unlike = np.array([0, 1], np.float32)
    text = memory.recalled(spoken("fork", "gray"), unlike, key=RegionKey("photo", "new")).text
    assert text.caption == ScoredText("fork, gray", 0.8) and text.alternatives == (ScoredText("a fork", 0.8),)
    unsure = replace(spoken("fork", "gray"), unsure=True)
    assert memory.recalled(unsure, unlike, key=RegionKey("photo", "new")).text == unsure
    memory.forget(RegionKey("photo", "0"))
    assert memory.recalled(spoken("fork", "gray"), unlike, key=RegionKey("photo", "new")).text.caption.text == "a fork"
