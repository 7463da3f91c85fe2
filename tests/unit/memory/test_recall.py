from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionKey, RegionText, ScoredText, SuggestedAttribute
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import (
    SHOWN,
    ProjectMemory,
    guesses_of,
    speaks_of,
    words_for,
)

NEW = RegionKey("photo", "new")


def _looking(degrees: float) -> NDArray[np.float32]:
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def _spoon(caption: str = "a silver spoon") -> RegionText:
    """What a model says of a fork that it does not know."""
    return RegionText(
        Box(0, 0, 10, 10),
        ScoredText(caption, 0.6),
        alternatives=(ScoredText("a knife", 0.1),),
        category=ScoredText("spoon", 0.6),
        category_alternatives=(ScoredText("knife", 0.2),),
        features="x",
    )


def _taught(*lessons: Lesson, degrees: float = 0.0) -> ProjectMemory:
    memory = ProjectMemory(2)
    for number, lesson in enumerate(lessons):
        memory.learn(lesson, _looking(degrees + number))
    return memory


def _lesson(number: int, category: str, caption: str = "", **attributes: str) -> Lesson:
    named = tuple((name, (value,)) for name, value in attributes.items())
    return Lesson(RegionKey("photo", str(number)), category, caption, named)


def _forks() -> ProjectMemory:
    return _taught(*(_lesson(number, "fork", "a silver fork") for number in range(3)))


def test_three_corrected_forks_make_the_fourth_a_fork() -> None:
    found = _forks().recalled(_spoon(), _looking(1), key=NEW)
    text = found.text
    assert text.category is not None
    assert text.category.text == "fork"
    assert text.caption == ScoredText("a silver fork", text.category.score), "in the color of the model's caption"
    assert text.alternatives == (ScoredText("a silver spoon", 0.6), ScoredText("a knife", 0.1))
    assert [guess.text for guess in text.category_alternatives] == ["spoon", "knife"]
    assert found.like == tuple(RegionKey("photo", number) for number in ("1", "0", "2"))
    assert (text.box, text.features) == (_spoon().box, "x")


def test_other_looks_keep_the_model_s_name() -> None:
    text = _forks().recalled(_spoon(), _looking(120), key=NEW).text
    assert text == _spoon()


def test_a_caption_among_the_alternatives_that_speaks_of_the_name_is_taken() -> None:
    said = replace(_spoon(), alternatives=(ScoredText("a knife", 0.1), ScoredText("an old fork", 0.05)))
    text = _forks().recalled(said, _looking(1), key=NEW).text
    assert text.caption.text == "an old fork"
    assert [other.text for other in text.alternatives] == ["a silver spoon", "a knife"]


def test_forgetting_takes_it_back_exactly() -> None:
    memory = _taught(_lesson(0, "knife"), _lesson(1, "knife"), degrees=0.3)
    before = memory.recalled(_spoon(), _looking(1), key=NEW)
    sums = memory.looks(_looking(1))
    for number in range(5, 40):
        memory.learn(_lesson(number, "fork" if number % 3 else "knife"), _looking(number / 7))
    assert memory.recalled(_spoon(), _looking(1), key=NEW) != before
    for number in range(5, 40):
        memory.forget(RegionKey("photo", str(number)))
    memory.forget(RegionKey("photo", "5"))
    assert len(memory) == 2
    assert memory.lesson(RegionKey("photo", "5")) is None
    assert memory.looks(_looking(1)) == sums
    assert memory.recalled(_spoon(), _looking(1), key=NEW) == before
    for number in range(2):
        memory.forget(RegionKey("photo", str(number)))
    assert memory.recalled(_spoon(), _looking(1), key=NEW).text == _spoon()
    assert memory.looks(_looking(0)).means == {}


def test_what_is_left_out_for_a_moment_changes_nothing() -> None:
    """A region that is described again is left out, and taught again: the sums of the names must not drift."""
    memory = ProjectMemory(224)
    vectors = np.random.default_rng(5).normal(size=(60, 224)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for number, vector in enumerate(vectors[:2]):
        memory.learn(_lesson(number, "fork"), vector)
    before = memory.looks(vectors[0])
    for number, vector in enumerate(vectors):
        memory.learn(_lesson(number + 2, "fork"), vector)
    for number in range(60):
        memory.recalled(_spoon(), vectors[number], key=RegionKey("photo", str(number + 2)))
    for number in range(60):
        memory.forget(RegionKey("photo", str(number + 2)))
    after = memory.looks(vectors[0])
    assert after.means == before.means, "exactly"
    similar, at_first = ([s for _, s in looks.neighbours] for looks in (after, before))
    assert similar == pytest.approx(at_first, abs=1e-6)


def test_a_later_lesson_takes_the_place_of_an_earlier_one() -> None:
    memory = _taught(_lesson(0, "knife"), _lesson(0, "fork"))
    assert len(memory) == 1
    assert memory.looks(_looking(1)).taught == {"fork": 1}
    assert set(memory.looks(_looking(1)).means) == {"fork"}


def test_what_a_region_taught_itself_is_left_out() -> None:
    memory = _taught(_lesson(0, "fork"))
    own = RegionKey("photo", "0")
    assert memory.recalled(_spoon(), _looking(0), key=own).text == _spoon()
    assert memory.lesson(own) == _lesson(0, "fork"), "and is known afterwards"
    assert memory.looks(_looking(0)).taught == {"fork": 1}
    assert memory.recalled(_spoon(), _looking(0), key=NEW).text.category != ScoredText("spoon", 0.6)


def test_text_without_category_or_without_lessons_stays() -> None:
    assert ProjectMemory(2).recalled(_spoon(), _looking(0), key=NEW).text == _spoon()
    bare = replace(_spoon(), category=None)
    found = _forks().recalled(bare, _looking(1), key=NEW)
    assert found.text == bare
    assert found.like == ()


def test_a_general_word_gives_way() -> None:
    unsure = RegionText(
        Box(0, 0, 10, 10),
        ScoredText("an object", 0.9),
        alternatives=(ScoredText("a spoon", 0.2), ScoredText("a knife", 0.1)),
        category=ScoredText("object", 0.9),
        category_alternatives=(ScoredText("spoon", 0.2), ScoredText("knife", 0.1)),
        unsure=True,
        specific=ScoredText("a spoon", 0.2),
    )
    assert guesses_of(unsure) == {"spoon": 0.2, "knife": 0.1}
    text = _forks().recalled(unsure, _looking(1), key=NEW).text
    assert text.caption.text == "a fork"
    assert text.specific is None
    assert not text.unsure
    assert [other.text for other in text.alternatives] == ["a spoon", "a knife"]


def test_people_are_still_called_what_they_are() -> None:
    """The score of "a man" is the model's own: that it is a person says nothing of that."""
    said = RegionText(Box(0, 0, 10, 10), ScoredText("a man", 0.7), category=ScoredText("person", 0.8))
    memory = _taught(*(_lesson(number, "person", "a woman") for number in range(3)))
    text = memory.recalled(said, _looking(1), key=NEW).text
    assert text.caption == ScoredText("a man", 0.7)
    assert text.category is not None
    assert text.category.text == "person"


def test_a_name_that_is_no_english_noun_takes_the_person_s_caption() -> None:
    memory = _taught(
        _lesson(0, "SKU 4711", "blue box of screws"),
        _lesson(1, "SKU 4711", "box of screws"),
        _lesson(2, "SKU 4711", "box of screws"),
    )
    text = memory.recalled(_spoon(), _looking(1), key=NEW).text
    assert text.category is not None
    assert text.category.text == "SKU 4711"
    assert text.caption.text == "box of screws", "the commonest"
    memory.learn(_lesson(3, "SKU 4711", "screws, top left"), _looking(0))
    memory.learn(_lesson(4, "SKU 4711", "screws, bottom right"), _looking(0))
    said = memory.recalled(_spoon(), _looking(1), key=NEW).text.caption.text
    assert "SKU 4711" in said, "2 of 5 say no more than what it is"
    without = _taught(*(_lesson(number, "SKU 4711") for number in range(3)))
    assert "SKU 4711" in without.recalled(_spoon(), _looking(1), key=NEW).text.caption.text


def test_attributes_are_told_where_most_alike_regions_have_them() -> None:
    said = replace(_spoon(), attributes=(SuggestedAttribute("color", ("gray",), 0.8, "pixels"),))
    memory = _taught(
        _lesson(0, "fork", material="steel", color="silver", state="bent"),
        _lesson(1, "fork", material="steel", color="silver"),
        _lesson(2, "fork", material="steel", color="silver"),
        _lesson(3, "fork", material="wood"),
    )
    told = memory.recalled(said, _looking(1), key=NEW).text.attributes
    assert told == (
        SuggestedAttribute("color", ("gray",), 0.8, "pixels"),
        SuggestedAttribute("material", ("steel",), 4 / 6),
    ), "3 of 4; colors are measured, and one bent fork says nothing"
    memory.learn(_lesson(4, "fork", material="wood"), _looking(2))
    assert memory.recalled(said, _looking(1), key=NEW).text.attributes == said.attributes, "3 of 5"


def test_a_few_alike_regions_are_shown() -> None:
    memory = _taught(*(_lesson(number, "fork") for number in range(12)))
    assert len(memory.recalled(_spoon(), _looking(1), key=NEW).like) == SHOWN


def test_scores_are_shares_of_one() -> None:
    memory = _forks()
    scored = memory.scored({"spoon": 0.6}, memory.looks(_looking(1)))
    assert [one.text for one in scored] == ["fork", "spoon"]
    assert 0 < scored[1].score < scored[0].score < 1
    assert sum(one.score for one in scored) < 1, "what is left is that of a name that is none of them"


@pytest.mark.parametrize(
    ("caption", "name", "speaks"),
    [
        ("a man", "person", True),
        ("a couch", "sofa", True),
        ("an old jam jar", "jam jar", True),
        ("a jar", "lid", False),
    ],
)
def test_whether_a_caption_speaks_of_a_name(caption: str, name: str, speaks: bool) -> None:
    assert speaks_of(caption, name) == speaks


def test_as_many_other_names_are_told_as_there_are_digits() -> None:
    guesses = tuple(ScoredText(f"guess {number}", 0.02) for number in range(12))
    text = _forks().recalled(replace(_spoon(), category_alternatives=guesses), _looking(1), key=NEW).text
    assert text.category is not None and text.category.text == "fork"
    assert len(text.category_alternatives) == 9


def test_words_for_a_name_are_the_models_where_they_speak_of_it() -> None:
    cups = [_lesson(1, "cup", "a red cup")]
    assert words_for(["a small bowl", "a blue cup"], "cup", cups) == "a blue cup"
    assert words_for(["a blue bowl", "a dish"], "cup", cups) == "a blue cup"
    assert words_for(["a blue bowl"], "cup", [_lesson(1, "cup", "a cup")]) == "a cup"
    assert words_for(["a blue bowl"], "SKU 4711", [_lesson(1, "SKU 4711", "the left one")]) == "the left one"
    assert words_for([], "cup", [_lesson(1, "cup")]) == "a cup"
