"""Captions in the form in which a person writes hers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from roi_assistant.core.box import Box, Place
from roi_assistant.core.records import RegionKey, RegionText, ScoredText, SuggestedAttribute
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory
from roi_assistant.memory.style import FEWEST, RECENT, Style, style_of

TOP_LEFT, MIDDLE = Place("top", "left"), Place("middle", "center")


def lesson(
    caption: str,
    category: str = "plate",
    *,
    number: int = 0,
    is_written: bool = True,
    place: Place | None = None,
    **values: str,
) -> Lesson:
    attributes = tuple((name, (value,)) for name, value in values.items())
    return Lesson(RegionKey("photo", str(number)), category, caption, attributes, is_written, place=place)


def spoken(category: str, color: str = "", *, score: float = 0.9) -> RegionText:
    attributes = (SuggestedAttribute("color", (color,), score),) if color else ()
    named = ScoredText(category, 0.8)
    return RegionText(Box(0, 0, 9, 9), ScoredText(f"a {category}", 0.8), category=named, attributes=attributes)


def learned(*lessons: Lesson) -> Style:
    style = style_of(lessons)
    assert style is not None
    return style


def test_the_first_template_that_can_be_filled_is() -> None:
    style = learned(
        *(lesson("plate, white", color="white") for _ in range(FEWEST + 1)),
        *(lesson("cup!", "cup") for _ in range(FEWEST)),
    )
    assert style.filled(spoken("fork", "gray")) == "fork, gray"
    assert style.filled(spoken("fork")) == "fork!"
    assert style.filled(spoken("fork", "gray", score=0.4)) == "fork!", "the color is not sure"
    assert style.filled(replace(spoken("fork"), category=None)) is None


def test_where_the_category_stands_is_a_part_of_the_form() -> None:
    style = learned(
        *(lesson("plate, white", color="white") for _ in range(4)),
        *(lesson("red, cup", "cup", color="red") for _ in range(3)),
    )
    assert len(style.templates) == 2
    assert style.filled(spoken("fork", "gray")) == "fork, gray"


def test_a_place_is_said_where_its_word_is_known() -> None:
    style = learned(
        *(lesson("plate, oben links", place=TOP_LEFT) for _ in range(4)),
        *(lesson("cup, oben links", "cup", place=TOP_LEFT) for _ in range(4)),
        *(lesson("cup, Mitte", "cup", place=MIDDLE) for _ in range(3)),
        *(lesson("plate, rechts", place=Place("middle", "right")) for _ in range(3)),
        lesson("plate, Mitte", place=MIDDLE),
    )
    fork = spoken("fork")
    assert style.filled(fork, place=MIDDLE) == "fork, Mitte"
    assert style.filled(fork, place=Place("bottom", "left")) is None
    assert style.filled(fork) is None


def test_places_that_she_calls_all_the_same() -> None:
    """Only left and right: who sees an image in halves has a word for cells of a row."""
    sides = {"left": "left", "right": "right"}
    style = learned(
        *(
            lesson(f"{name} {sides[column]}", name, place=Place(row, column))  # type: ignore[arg-type]
            for row in ("top", "bottom")
            for column in ("left", "right")
            for name in ("cup", "plate")
            for _ in range(2)
        )
    )
    assert style.filled(spoken("fork"), place=Place("middle", "left")) == "fork left"
    assert style.filled(spoken("fork"), place=MIDDLE) is None


def test_names_and_values_in_her_language() -> None:
    """The category is ours, her word for it another; "Eine" goes with the noun."""
    style = learned(
        *(lesson("Eine rote Tasse", "cup", color="red") for _ in range(3)),
        *(lesson("Eine weiße Tasse", "cup", color="white") for _ in range(3)),
        *(lesson("Ein roter Becher", "mug", color="red") for _ in range(3)),
        *(lesson("Ein weißer Becher", "mug", color="white") for _ in range(3)),
        *(lesson("Ein blauer Becher", "mug", color="blue") for _ in range(3)),
    )
    assert style.filled(spoken("cup", "red")) == "Eine rote Tasse"
    assert style.filled(spoken("mug", "white")) == "Ein weißer Becher"
    assert style.filled(spoken("cup", "blue")) is None, "blaue, which she never wrote"
    assert style.filled(spoken("fork", "red")) is None


def test_codes_of_a_project() -> None:
    """ "SKU 4711 front": the code goes with the category, the side with an attribute."""
    style = learned(
        *(lesson("SKU 4711 front", "mug", side="front") for _ in range(3)),
        *(lesson("SKU 4711 back", "mug", side="back") for _ in range(2)),
        *(lesson("SKU 12 front", "plate", side="front") for _ in range(3)),
    )
    side = (SuggestedAttribute("side", ("back",), 0.9),)
    assert style.filled(replace(spoken("plate"), attributes=side)) == "SKU 12 back"
    assert style.filled(replace(spoken("fork"), attributes=side)) is None


def test_numbers_are_values_as_all_others() -> None:
    style = learned(
        *(lesson("drei Tassen", "cup", count="three") for _ in range(3)),
        *(lesson("zwei Tassen", "cup", count="two") for _ in range(3)),
    )
    two = (SuggestedAttribute("count", ("two",), 0.9),)
    assert style.filled(replace(spoken("cup"), attributes=two)) == "zwei Tassen"
    assert style.filled(spoken("cup")) is None


def test_english_phrases_teach_no_form() -> None:
    assert style_of([lesson("a white plate", color="white") for _ in range(FEWEST)]) is None
    assert style_of([lesson("the plate on the left", place=TOP_LEFT) for _ in range(FEWEST)]) is None


def test_captions_without_a_form() -> None:
    """A name with braces is nothing special; marks alone are no caption's form."""
    assert learned(*(lesson("{plate}") for _ in range(FEWEST))).filled(spoken("fork")) == "{fork}"
    assert style_of([lesson("?!") for _ in range(FEWEST)]) is None
    assert style_of([lesson(f"number {number}") for number in range(20)]) is None


def test_a_form_needs_most_of_the_recent_captions_that_she_wrote() -> None:
    own = [lesson("plate, white", color="white") for _ in range(FEWEST)]
    assert style_of(own[1:]) is None
    assert style_of([replace(one, is_written=False) for one in own]) is None, "a model wrote them"
    others = [lesson(f"something else {number}") for number in range(FEWEST + 1)]
    assert style_of([*own, *others]) is None
    assert style_of([*own, *others[1:]]) is not None, "half of them"
    assert style_of([*own, *(others * RECENT)][-RECENT:]) is None
    assert style_of([*others * (RECENT // FEWEST), *own * 4]) is None, "she gave her old form up"


def test_what_she_took_over_in_her_form_teaches_words() -> None:
    """Else all that she writes is what was suggested wrongly, and the rest is forgotten."""
    own = [lesson("plate, weiß", color="white"), lesson("cup, weiß", "cup", color="white"), lesson("fork, rot", "fork")]
    taken = [
        lesson("cup, rot", "cup", is_written=False, color="red"),
        lesson("plate, rot", is_written=False, color="red"),
        lesson("a red plate", is_written=False, color="red"),
        lesson("red plate", is_written=False, color="red"),
    ]
    style = learned(*own[:2], *own[:2], *(taken * 3), *own)
    assert style.filled(spoken("fork", "red")) == "fork, rot"
    assert style_of([*own[:2], *(taken * 3)]) is None, "she wrote two of that form"


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
    memory.learn(lesson("", is_written=False, number=100), unlike)
    assert memory.recalled(spoken("fork", "gray"), unlike, key=RegionKey("photo", "new")).text.caption.text != "a fork"
    memory.forget(RegionKey("photo", "100"))
    memory.forget(RegionKey("photo", "0"))
    assert memory.recalled(spoken("fork", "gray"), unlike, key=RegionKey("photo", "new")).text.caption.text == "a fork"
