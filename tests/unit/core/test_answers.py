from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core import answers, review
from roi_assistant.core.edits import rename_attributes
from roi_assistant.core.records import MOST_ANSWERS, Caption, Region
from roi_assistant.errors import BadInputError
from tests.unit.region_records import HUMAN, LATER, MINI, NOW, OTHER_MODEL, answer, suggested


def asked(region: Region | None = None) -> Region:
    """A cup about which ``florence`` answered, too."""
    other = answers.answer_of(answer("a blue mug"), provenance=OTHER_MODEL)
    return answers.with_answer(region or suggested(), other)


def kinds(region: Region) -> dict[str, str]:
    return {one.model_id: one.kind for one in answers.outcomes(region)}


def test_an_answer_is_kept_beside_the_words_and_changes_none() -> None:
    region = asked()
    assert replace(region, answers=()) == suggested()
    (kept,) = region.answers
    assert (kept.caption, kept.category, kept.provenance.model_id) == ("a blue mug", "mug", "florence")
    assert {one.name: one.values for one in kept.attributes} == {"color": ("blue",), "material": ("glass",)}
    assert answers.has_answer(region, "florence") and answers.has_answer(region, "mini")
    assert not answers.has_answer(region, "qwen")


def test_answers_have_a_bound_and_one_model_has_one() -> None:
    region = asked()
    again = answers.answer_of(answer("a jug"), provenance=OTHER_MODEL)
    assert [one.caption for one in answers.with_answer(region, again).answers] == ["a jug"]
    for number in range(MOST_ANSWERS):
        more = answers.answer_of(answer(f"a {number}"), provenance=replace(OTHER_MODEL, model_id=f"m{number}"))
        region = answers.with_answer(region, more)
    assert [one.caption for one in region.answers] == ["a 0", "a 1", "a 2"], "the oldest went"


def test_the_model_whose_suggestion_stands_gives_no_second_answer() -> None:
    own = answers.answer_of(answer("a jug"), provenance=MINI)
    assert answers.with_answer(suggested(), own) == suggested()


def test_taking_an_answer_accepts_it_with_its_provenance_and_remembers_the_other() -> None:
    taken = answers.take_answer(asked(), 0, at=LATER)
    caption = review.preferred_caption(taken)
    assert caption is not None
    assert (caption.text, caption.provenance.model_id, taken.state) == ("a blue mug", "florence", "accepted")
    assert (taken.category, taken.reviewed_at) == ("mug", LATER)
    assert taken.category_provenance is not None and taken.category_provenance.model_id == "florence"
    assert {one.name: (one.values, one.provenance.model_id) for one in taken.attributes} == {
        "color": (("blue",), "florence"), "material": (("glass",), "florence"),
    }  # fmt: skip
    mini = next(one for one in taken.answers if one.provenance.model_id == "mini")
    assert (mini.caption, mini.category, mini.attributes[0].values) == ("a red cup", "cup", ("red",))
    assert [one.text for one in taken.captions] == ["a red cup", "a mug", "a blue mug"], "no caption is lost"


def test_parts_of_an_answer_are_taken_one_by_one_and_the_region_goes_on_waiting() -> None:
    region = answers.take_attribute(asked(), 0, "material", at=LATER)
    assert region.state == "suggested" and review.preferred_caption(region) == suggested().captions[0]
    assert [(one.name, one.values) for one in region.attributes] == [("color", ("red",)), ("material", ("glass",))]
    index = [one.provenance.model_id for one in region.answers].index("florence")
    region = answers.take_category(region, index, at=LATER)
    assert region.category == "mug" and region.state == "suggested"
    region = answers.take_caption(region, index, at=LATER)
    assert (review.preferred_caption(region) or suggested().captions[0]).text == "a blue mug"
    assert region.attributes[0].values == ("red",), "the color stays that of the first model"
    accepted = review.accept(region, at=LATER)
    assert answers.take_attribute(accepted, index, "color", at=LATER).state == "accepted"


def test_what_is_not_there_cannot_be_taken() -> None:
    with pytest.raises(BadInputError, match=r"no answer 2: other models gave 1\."):
        answers.take_answer(asked(), 1, at=LATER)
    with pytest.raises(BadInputError, match="says nothing of pattern"):
        answers.take_attribute(asked(), 0, "pattern", at=LATER)


def test_what_a_person_wrote_stays_as_a_caption_when_an_answer_is_taken() -> None:
    own = asked(review.edit_caption(suggested(), "my cup", at=NOW))
    taken = answers.take_answer(own, 0, at=LATER)
    assert "my cup" in [one.text for one in taken.captions]


def test_the_other_model_asked_as_the_first_one_has_no_answer_any_more() -> None:
    region = review.suggest(asked(), answer("a jug"), provenance=OTHER_MODEL)
    assert region.answers == () and region.captions[0].text == "a jug"


def test_renamed_attributes_are_renamed_in_answers() -> None:
    (kept,) = rename_attributes(asked(), {"material": "stuff"}).answers
    assert [one.name for one in kept.attributes] == ["color", "stuff"]


def test_what_people_made_of_each_models_words() -> None:
    region = asked()
    assert kinds(region) == {"mini": "waiting", "florence": "waiting"}
    assert kinds(review.accept(region, at=LATER)) == {"mini": "unchanged", "florence": "passed_over"}
    assert kinds(review.reject(region, at=LATER)) == {"mini": "rejected", "florence": "passed_over"}
    assert kinds(review.choose_alternative(region, 0, at=LATER)) == {"mini": "alternative", "florence": "passed_over"}
    assert kinds(answers.take_answer(region, 0, at=LATER)) == {"mini": "passed_over", "florence": "unchanged"}
    same = replace(region, answers=(replace(region.answers[0], caption="a red cup"),))
    assert kinds(review.accept(same, at=LATER)) == {"mini": "unchanged", "florence": "unchanged"}


def test_an_edit_tells_how_far_it_went() -> None:
    edited = review.edit_caption(asked(), "a large red cup", at=LATER)
    mini, florence = answers.outcomes(edited)
    assert (mini.kind, mini.edit_distance) == ("edited", 1 / 4)  # "large" was put into three words
    assert (florence.kind, florence.edit_distance) == ("passed_over", None)
    only_category = review.set_category(review.accept(asked(), at=NOW), "jug", at=LATER)
    assert answers.outcomes(only_category)[0].edit_distance == 0


def test_a_person_alone_is_no_model() -> None:
    own = Region("r", suggested().box, captions=(Caption("a cup", HUMAN, preferred=True),), state="edited")
    assert answers.outcomes(own) == ()
