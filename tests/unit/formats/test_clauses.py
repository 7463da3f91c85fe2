"""What people wrote on from a region's name."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Box
from roi_assistant.formats.annotated_photos import AnnotatedRegion, AnnotatedSentence
from roi_assistant.formats.clauses import clauses_of
from roi_assistant.formats.flickr30k_entities import parse_sentence


def clauses(number: str, *lines: str, given: tuple[str, ...] = ()) -> list[str]:
    sentences: list[AnnotatedSentence] = [parse_sentence(line) for line in lines]
    return clauses_of(AnnotatedRegion(number, Box(0, 0, 9, 9), clauses=given), sentences)


def test_they_go_on_to_the_end_of_the_clause() -> None:
    assert clauses(
        "1",
        "[/EN#1/people A clown] in [/EN#2/clothing a red hat] is juggling [/EN#3/other three green pears] .",
        "[/EN#1/people A Tall  man] juggles [/EN#3/other pears] near [/EN#4/scene a fountain] while people watch .",
        "[/EN#3/other Green pears] and [/EN#1/people someone] .",
    ) == ["A clown in a red hat is juggling three green pears", "A Tall man juggles pears near a fountain"]


def test_those_of_things_only_when_they_come_first() -> None:
    """What follows any other mention of a thing mostly speaks of who came before it."""
    lines = ("[/EN#1/people A boy] flies [/EN#2/other a kite] over the sea .", "[/EN#2/other A kite] above the sea .")
    assert clauses("2", *lines) == ["A kite above the sea"]
    line = "A day when [/EN#1/people a boy] meets [/EN#2/animals a dog] that barks ."
    assert clauses("2", line) == ["a dog that barks"]


@pytest.mark.parametrize(("words", "count"), [(1, 0), (2, 1), (14, 1), (15, 0)])
def test_they_are_neither_short_nor_long(words: int, count: int) -> None:
    assert len(clauses("1", "[/EN#1/people A boy] " + "runs " * words + ".")) == count


def test_those_that_a_data_set_gives() -> None:
    assert clauses("1", given=("a boy on a wall", "long " * 17)) == ["a boy on a wall"]
