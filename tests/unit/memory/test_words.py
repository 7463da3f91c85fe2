"""What words of captions follow, worked out by hand."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Place
from roi_assistant.memory.words import (
    CATEGORY,
    COLUMN,
    PLACE,
    ROW,
    SUPPORT,
    Aligned,
    Facts,
    aligned,
    columns_of,
    facts_of,
    split,
)


@pytest.mark.parametrize(
    ("caption", "facts", "words", "between"),
    [
        ("plate, white", {}, ("plate", "white"), ("", ", ", "")),
        ("(Wine Glass)!", {CATEGORY: "wine glass"}, ("Wine Glass",), ("(", ")!")),
        ("wine glasses", {CATEGORY: "wine glass"}, ("wine", "glasses"), ("", " ", "")),
        ("SKU 4711 front", {CATEGORY: "SKU 4711"}, ("SKU 4711", "front"), ("", " ", "")),
        ("light blue blue-ish", {"color": "light blue"}, ("light blue", "blue-ish"), ("", " ", "")),
        ("白い皿、左上", {CATEGORY: "皿"}, ("白い", "皿", "左上"), ("", "", "、", "")),
        ("ab a", {CATEGORY: "a"}, ("ab", "a"), ("", " ", "")),
        ("a a", {CATEGORY: "a", "name": "a"}, ("a", "a"), ("", " ", "")),
        ("…", {}, (), ("…",)),
        ("", {CATEGORY: "a"}, (), ("",)),
        ("İ a b", {CATEGORY: "a b"}, ("İ", "a", "b"), ("", " ", " ", "")),
    ],
)
def test_captions_are_split(caption: str, facts: Facts, words: tuple[str, ...], between: tuple[str, ...]) -> None:
    parts = split(caption, facts)
    assert (parts.words, parts.between) == (words, between)


def test_facts_are_what_is_known() -> None:
    assert facts_of("", [("color", "red"), ("material", "")], None) == {"color": "red"}
    known = facts_of("cup", [], Place("top", "left"))
    assert known == {CATEGORY: "cup", ROW: "top", COLUMN: "left", PLACE: "top left"}


def align(*said: tuple[str, Facts]) -> Aligned | None:
    return aligned([word for word, _ in said], columns_of([facts for _, facts in said]))


def often(word: str, times: int = SUPPORT, **facts: str) -> list[tuple[str, Facts]]:
    """``cup`` stands for the category."""
    return [(word, {CATEGORY if kind == "cup" else kind: value for kind, value in facts.items()})] * times


def red(category: str, color: str = "red") -> Facts:
    return {CATEGORY: category, "color": color}


def test_a_word_follows_the_attribute_of_which_it_is_a_translation() -> None:
    place = align(
        *often("rot", cup="cup", color="red"),
        *often("rot", cup="fork", color="red"),
        *often("blau", cup="fork", color="blue"),
        *often("grün", SUPPORT - 1, cup="fork", color="green"),
    )
    assert place is not None
    assert place.word(red("plate")) == "rot"
    assert place.word(red("cup", "blue")) == "blau", "though cups were all red"
    assert place.word(red("cup", "green")) is None, "said too seldom"
    assert place.word(red("cup", "white")) is None and place.word({CATEGORY: "cup"}) is None


def test_a_value_with_several_words_has_none() -> None:
    said = [*often("rot", 4, color="red"), *often("rosa", 2, color="red"), *often("blau", 8, color="blue")]
    place = align(*said)
    assert place is not None and place.word({"color": "red"}) is None
    place = align(*said, *often("rot", 4, color="red"))
    assert place is not None and place.word({"color": "red"}) == "rot", "8 of 10"


def test_what_was_never_told_apart_is_said_where_all_agree() -> None:
    """All cups were red and all plates white: "rot" may be the color, or what she says of cups."""
    place = align(*often("rot", cup="cup", color="red"), *often("weiß", cup="plate", color="white"))
    assert place is not None
    assert place.word(red("cup")) == "rot"
    assert place.word(red("plate")) is None and place.word(red("fork")) is None


def test_a_constant_was_met_with_other_values() -> None:
    place = align(*often("Eine", cup="cup", color="red"), *often("Eine", cup="plate", color="red"))
    assert place is not None
    assert place.word(red("fork")) == "Eine"
    assert place.word(red("fork", "blue")) is None, "all were red"
    assert place.word({CATEGORY: "fork"}) is None


def test_a_color_agrees_with_its_noun() -> None:
    place = align(
        *often("rote", cup="Tasse", color="red"),
        *often("roter", cup="Becher", color="red"),
        *often("weißer", cup="Becher", color="white"),
        *often("weiße", cup="Tasse", color="white"),
    )
    assert place is not None
    assert place.word(red("Tasse")) == "rote"
    assert place.word(red("Becher", "white")) == "weißer"
    assert place.word(red("Löffel")) is None, "roter or rotes"


def test_a_color_with_its_noun_explains_more_than_either() -> None:
    said = [*often("rote", cup="Tasse", color="red"), *often("weiße", cup="Tasse", color="white")]
    place = align(*often("roter", 4, cup="Becher", color="red"), *said)
    assert place is not None and place.word(red("Tasse")) == "rote"
    only = align(*said)
    assert only is not None and only.word(red("Tasse")) == "rote"
    assert only.word(red("Becher")) is None, "she has only written of cups"


def test_rows_and_columns_are_learned_apart() -> None:
    """Three corners teach the fourth."""
    corners = [facts_of("cup", [], place) for place in (Place("top", "left"), Place("top", "right"))]
    corners.append(facts_of("cup", [], Place("bottom", "right")))
    rows = align(*zip(["oben", "oben", "unten"] * SUPPORT, corners * SUPPORT, strict=True))
    columns = align(*zip(["links", "rechts", "rechts"] * SUPPORT, corners * SUPPORT, strict=True))
    new = facts_of("fork", [], Place("bottom", "left"))
    assert rows is not None and columns is not None
    assert (rows.word(new), columns.word(new)) == ("unten", "links")


def test_literal_values_are_said_of_what_was_never_met() -> None:
    place = align(*often("white", color="white"), *often("grey", color="gray"), *often("red", 1, color="red"))
    assert place is not None
    assert place.word({"color": "mauve"}) == "mauve"
    assert place.word({"color": "gray"}) == "grey"
    assert place.word({"color": "red"}) == "red"
    mixed = align(*often("white", color="white"), *often("grey", 1, color="gray"))
    assert mixed is not None and mixed.word({"color": "gray"}) is None, "grey, she said once"
    raised = align(*often("Cup", cup="cup"), *often("Plate", 1, cup="plate"))
    assert raised is not None and raised.word({CATEGORY: "fork"}) == "Fork"


def test_the_more_literal_kind_wins() -> None:
    place = align(*often("orange", cup="orange", color="orange"), *often("red", 1, cup="apple", color="red"))
    assert place is not None and place.word({CATEGORY: "plum", "color": "blue"}) == "blue"


def test_words_at_random_follow_nothing() -> None:
    assert align(*((f"word{number}", red("cup")) for number in range(9))) is None
    assert align(*often("rot", SUPPORT - 1, color="red")) is None
    few = [(f"word{number}", red("cup", f"color{number}")) for number in range(4)]
    assert align(*often("rot", cup="cup", color="red"), *few[:3]) is not None, "3 of 6"
    assert align(*often("rot", cup="cup", color="red"), *few) is None, "3 of 7"
