"""Sentences: told in English and by a translator, stored and read again."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from roi_assistant.errors import FormatError, ImageError, RoiAssistantError
from roi_assistant.sentences import Sentence

GERMAN = {
    "{path} is empty: {why}.": "{why}: {path} ist leer.",
    "copy it again": "noch einmal kopieren",
    "{name} cannot be read ({reason}).": "{name} ist nicht lesbar ({reason}).",
    "No space left on device": "Kein Platz mehr",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


@pytest.fixture
def nested() -> Sentence:
    return Sentence.of("{path} is empty: {why}.", path=Path("a/b.png"), why=Sentence("copy it again"))


def test_a_sentence_and_the_sentences_in_it_are_translated(nested: Sentence) -> None:
    assert str(nested) == "a/b.png is empty: copy it again."
    assert nested.translated(german) == "noch einmal kopieren: a/b.png ist leer."


def test_an_error_is_its_sentence_also_within_another() -> None:
    inner = ImageError("{name} cannot be read ({reason}).", name="x.jpg", reason=OSError(28, "No space left on device"))
    outer = FormatError("line {number}: {problem}", number=3, problem=inner)
    assert str(outer) == "line 3: x.jpg cannot be read (No space left on device)."
    assert outer.sentence.translated(german) == "line 3: x.jpg ist nicht lesbar (Kein Platz mehr)."


def test_braces_are_only_places_when_there_is_a_value() -> None:
    assert str(RoiAssistantError("{path} is a strange name")) == "{path} is a strange name"
    assert str(Sentence.of("{path} is {path", path="{path} {0} {x!r}")) == "{path} {0} {x!r} is {path"


@pytest.mark.parametrize("text", ["", "plain {x}", "[1, 2]", "[not JSON", '["a", {"b": 3}]', "[" * 100_000])
def test_a_text_that_is_no_stored_sentence_is_said_as_it_is(text: str) -> None:
    assert str(Sentence.from_text(text)) == text
    assert bool(Sentence.from_text(text)) == bool(text)


def test_what_is_stored_is_read_again(nested: Sentence) -> None:
    for sentence in (nested, Sentence("[odd]"), Sentence(), Sentence.of("{a} {b}", a="[", b=nested)):
        assert Sentence.from_text(sentence.to_text()) == sentence


def test_an_error_survives_its_way_between_processes() -> None:
    error = ImageError("{name} is odd.", name="é")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.sentence) == (str(error), error.sentence)
