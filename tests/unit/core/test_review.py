"""What a model and a person may do to a region: a model never changes what a person wrote or accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Attribute,
    Caption,
    Provenance,
    Region,
    RegionText,
    ReviewState,
    ScoredText,
)
from roi_assistant.errors import BadInputError
from tests.unit.region_records import (
    FEW,
    HUMAN,
    LATER,
    MINI,
    NOW,
    OTHER_MODEL,
    answer,
    region_texts,
    regions,
    suggested,
)


def texts(region: Region) -> list[tuple[str, bool]]:
    return [(c.text, c.preferred) for c in region.captions]


# -------------------------------------------------------------------------------------------------------------- suggest


def test_a_suggestion_is_replaced_by_a_new_one() -> None:
    region = review.suggest(suggested(), answer(), provenance=OTHER_MODEL)
    assert region.id == "r1" and region.box == suggested().box and region.created_at == NOW
    assert texts(region) == [("a blue cup", True), ("a bowl", False), ("a red cup", False)]
    assert (region.category, region.category_score) == ("mug", 0.5)
    assert region.category_provenance == OTHER_MODEL and region.category_alternatives[0].text == "bowl"
    assert [(a.name, a.values) for a in region.attributes] == [("color", ("blue",)), ("material", ("glass",))]
    assert region.unsure and region.state == "suggested"


def test_a_new_box_takes_the_first_suggestion() -> None:
    region = review.suggest(Region("r", Box(0, 0, 1, 1)), answer(), provenance=MINI)
    assert texts(region)[0] == ("a blue cup", True) and region.category == "mug"


@pytest.mark.parametrize("state", ["accepted", "edited", "rejected"])
def test_of_a_decided_region_only_alternatives_are_replaced(state: ReviewState) -> None:
    region = replace(suggested(), state=state)
    again = review.suggest(region, answer(), provenance=OTHER_MODEL)
    assert texts(again) == [("a red cup", True), ("a blue cup", False), ("a bowl", False)]
    assert again.captions[0] == region.captions[0]
    assert replace(again, captions=region.captions) == region


def test_what_a_person_wrote_in_an_undecided_region_stays() -> None:
    region = review.set_category(suggested(), "teapot", at=LATER)
    region = review.set_attribute(region, "color", ("green",), at=LATER)
    assert region.state == "suggested"
    again = review.suggest(region, answer(), provenance=OTHER_MODEL)
    assert again.category == "teapot" and again.category_provenance == Provenance("human", LATER)
    assert [(a.name, a.values) for a in again.attributes] == [("color", ("green",)), ("material", ("glass",))]
    assert texts(again)[0] == ("a blue cup", True)


def test_a_category_of_unknown_author_is_not_a_models() -> None:
    imported = Region("r", Box(0, 0, 1, 1), "cat")
    assert review.suggest(imported, answer(), provenance=MINI).category == "cat"
    older = Region("r", Box(0, 0, 1, 1), "cat", category_score=0.5)  # a score: a model's
    assert review.suggest(older, answer(), provenance=MINI).category == "mug"


def test_a_category_that_a_person_took_away_stays_away() -> None:
    region = review.set_category(suggested(), "", at=LATER)
    assert region.category is None
    assert review.suggest(region, answer(), provenance=MINI).category is None


def test_a_persons_caption_in_a_reopened_region_stays_preferred() -> None:
    region = review.reopen(review.edit_caption(suggested(), "grandma's cup", at=LATER))
    again = review.suggest(region, answer(), provenance=OTHER_MODEL)
    assert texts(again)[0] == ("grandma's cup", True) and not again.unsure
    assert [c.preferred for c in again.captions].count(True) == 1


@FEW
@given(regions, region_texts)
def test_a_model_never_changes_what_a_person_wrote_or_decided(region: Region, text: RegionText) -> None:
    again = review.suggest(region, text, provenance=MINI)
    assert (again.id, again.box, again.state, again.locked) == (region.id, region.box, region.state, region.locked)
    for caption in region.captions:
        if caption.provenance.author == "human":
            assert caption in again.captions
    for attribute in region.attributes:
        if attribute.provenance.author == "human":
            assert attribute in again.attributes
    if region.category_provenance is not None and region.category_provenance.author == "human":
        assert (again.category, again.category_provenance) == (region.category, region.category_provenance)
    preferred = review.preferred_caption(region)
    if preferred is not None and (region.state != "suggested" or preferred.provenance.author == "human"):
        assert review.preferred_caption(again) == preferred
    if region.state != "suggested":
        assert replace(again, captions=region.captions) == region


@FEW
@given(regions, region_texts)
def test_asking_the_same_model_twice_is_asking_once(region: Region, text: RegionText) -> None:
    assume(len({a.name for a in region.attributes}) == len(region.attributes))
    once = review.suggest(region, text, provenance=MINI)
    assert review.suggest(once, text, provenance=MINI) == once


# --------------------------------------------------------------------------------------------------------------- people


def test_accepting_and_rejecting_keep_the_texts_and_their_authors() -> None:
    region = replace(suggested(), unsure=True)
    accepted = review.accept(region, at=LATER)
    assert (accepted.state, accepted.unsure, accepted.reviewed_at) == ("accepted", False, LATER)
    assert accepted.captions == region.captions
    rejected = review.reject(region, at=LATER)
    assert (rejected.state, rejected.captions) == ("rejected", region.captions)
    reopened = review.reopen(accepted)
    assert (reopened.state, reopened.reviewed_at) == ("suggested", "")


def test_an_edited_caption_is_a_persons_and_the_models_stay_as_alternatives() -> None:
    region = review.edit_caption(suggested(), "  a chipped cup ", at=LATER)
    assert region.state == "edited" and region.reviewed_at == LATER
    assert region.captions[0] == Caption("a chipped cup", Provenance("human", LATER), preferred=True)
    assert texts(region) == [("a chipped cup", True), ("a red cup", False), ("a mug", False)]
    again = review.edit_caption(region, "a cup with a chip", at=LATER)
    assert texts(again) == [("a cup with a chip", True), ("a red cup", False), ("a mug", False)]


def test_writing_what_stands_there_accepts_it() -> None:
    region = review.edit_caption(suggested(), "a red cup", at=LATER)
    assert region == review.accept(suggested(), at=LATER)
    edited = review.edit_caption(suggested(), "mine", at=LATER)
    assert review.edit_caption(edited, "mine", at=NOW) == edited


def test_writing_an_alternative_does_not_repeat_it() -> None:
    assert texts(review.edit_caption(suggested(), "a mug", at=LATER)) == [("a mug", True), ("a red cup", False)]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_caption_needs_words(text: str) -> None:
    with pytest.raises(BadInputError):
        review.edit_caption(suggested(), text, at=NOW)


def test_choosing_an_alternative() -> None:
    region = review.choose_alternative(suggested(), 0, at=LATER)
    assert texts(region) == [("a red cup", False), ("a mug", True)] and region.state == "accepted"
    assert region.captions[1].provenance == MINI
    assert [c.text for c in review.alternatives(region)] == ["a red cup"]
    for index in (1, -1):
        with pytest.raises(BadInputError):
            review.choose_alternative(region, index, at=LATER)


def test_further_captions() -> None:
    region = review.add_caption(suggested(), "a cup of tea", at=LATER)
    assert texts(region)[-1] == ("a cup of tea", False) and region.state == "suggested"
    assert texts(review.remove_alternative(region, 0)) == [("a red cup", True), ("a cup of tea", False)]
    with pytest.raises(BadInputError):
        review.add_caption(region, "a mug", at=LATER)
    first = review.add_caption(Region("r", Box(0, 0, 1, 1)), "a cup", at=LATER)
    assert texts(first) == [("a cup", True)] and first.state == "edited"


def test_a_field_of_a_decided_region_makes_it_edited() -> None:
    accepted = review.accept(suggested(), at=NOW)
    region = review.set_category(accepted, " tea  pot ", at=LATER)
    assert (region.category, region.state, region.reviewed_at) == ("tea pot", "edited", LATER)
    assert region.category_score is None
    assert review.set_category(accepted, "cup", at=LATER) == accepted
    drawn = Region("r", Box(0, 0, 1, 1))
    assert review.set_category(drawn, "cup", at=LATER).state == "edited"


def test_attributes_keep_their_place_and_can_be_taken_away() -> None:
    region = replace(suggested(), attributes=(*suggested().attributes, Attribute("shape", ("round",), HUMAN)))
    red = review.set_attribute(region, "color", ("blue", "white"), at=LATER)
    assert [(a.name, a.values, a.provenance.author) for a in red.attributes] == [
        ("color", ("blue", "white"), "human"),
        ("shape", ("round",), "human"),
    ]
    assert [a.name for a in review.set_attribute(region, "color", (), at=LATER).attributes] == ["shape"]
    assert [a.name for a in review.set_attribute(region, "size", ("big",), at=LATER).attributes][-1] == "size"
    accepted = review.accept(region, at=NOW)
    assert review.set_attribute(accepted, "color", ("red",), at=LATER) == accepted
    assert review.set_attribute(region, "nothing", (), at=LATER) == region


def test_choosing_what_a_model_wrote_makes_it_a_persons() -> None:
    region = suggested()
    name, values = region.attributes[0].name, region.attributes[0].values
    confirmed = review.set_attribute(region, name, values, at=LATER)
    assert confirmed.attributes[0].values == values
    assert confirmed.attributes[0].provenance == Provenance("human", LATER)
    assert review.set_attribute(confirmed, name, values, at=NOW) == confirmed
    assert region.category is not None
    confirmed = review.set_category(region, region.category, at=LATER)
    assert (confirmed.category, confirmed.category_score) == (region.category, None)
    assert confirmed.category_provenance == Provenance("human", LATER)
    assert review.set_category(confirmed, region.category, at=NOW) == confirmed


def test_a_locked_box_does_not_move() -> None:
    locked = review.lock(suggested(), True)
    assert review.move(locked, locked.box) == locked
    with pytest.raises(BadInputError):
        review.move(locked, Box(0, 0, 1, 1))
    assert review.move(review.lock(locked, False), Box(0, 0, 1, 1)).box == Box(0, 0, 1, 1)


def test_a_caption_suggested_after_the_decision_does_not_stand_for_the_region() -> None:
    accepted = review.accept(Region("r", Box(0, 0, 1, 1), "cup"), at=NOW)
    region = review.suggest(accepted, answer(), provenance=MINI)
    assert review.preferred_caption(region) is None and len(review.alternatives(region)) == 3
    assert review.preferred_caption(review.choose_alternative(region, 1, at=LATER)) is not None


# ------------------------------------------------------------------------------------------------------------ certainty


def test_the_least_certain_statement_counts() -> None:
    assert review.certainty(suggested(score=0.8)) == 0.8
    assert review.certainty(suggested(score=0.95)) == 0.9  # the category's
    assert review.certainty(Region("r", Box(0, 0, 1, 1))) == 0.0


def test_a_general_word_is_no_certainty() -> None:
    unsure = replace(suggested("r", "an object", score=0.99), unsure=True)
    assert review.certainty(unsure) == 0.1  # of its best guess, "a mug"
    assert review.certainty(replace(unsure, captions=unsure.captions[:1])) == pytest.approx(0.495)


def test_an_unsure_noun_is_no_general_word() -> None:
    assert review.shows_general_word(replace(suggested("r", "an animal"), unsure=True))
    assert not review.shows_general_word(replace(suggested("r", "a red cup"), unsure=True))
    assert not review.shows_general_word(suggested("r", "an animal")), "the model is sure of it"


def test_what_a_person_wrote_is_certain() -> None:
    region = review.edit_caption(suggested(score=0.2), "my cup", at=NOW)
    assert review.certainty(region) == 0.9
    assert review.certainty(review.set_category(region, "mine", at=NOW)) == 1.0


# ----------------------------------------------------------------------------------------- category follows the caption

SEATED = Region(
    "r1",
    Box(0, 0, 9, 9),
    "sofa",
    (
        Caption("a red sofa", MINI, 0.6, preferred=True),
        Caption("a red bed", MINI, 0.2),
        Caption("a man on a couch", MINI, 0.1),
    ),
    (
        Attribute("color", ("red",), MINI, 0.7, "pixels"),
        Attribute("material", ("leather",), MINI, 0.5),
        Attribute("state", ("broken",), HUMAN),
    ),
    category_score=0.6,
    category_provenance=MINI,
    category_alternatives=(ScoredText("bed", 0.3),),
)


def unconfirmed(region: Region) -> list[str]:
    return [a.name for a in region.attributes if a.unconfirmed] + ["category"] * region.category_unconfirmed


def test_a_chosen_alternative_brings_its_category() -> None:
    region = review.choose_alternative(SEATED, 0, at=LATER)
    assert (region.category, region.category_score, region.state) == ("bed", 0.3, "accepted")
    assert region.category_provenance == replace(MINI, derived_from="caption")
    assert unconfirmed(region) == ["material"], "red was measured and is named, broken is a person's"


def test_an_edited_caption_brings_its_category() -> None:
    region = review.edit_caption(SEATED, "a bathtub", at=LATER)
    assert (region.category, region.category_score, region.state) == ("bathtub", None, "edited")
    assert region.category_provenance == Provenance("human", LATER, derived_from="caption")
    assert unconfirmed(region) == ["material"]
    again = review.edit_caption(region, "a blue sink", at=LATER)
    assert again.category == "sink" and unconfirmed(again) == ["color", "material"]
    assert unconfirmed(review.edit_caption(again, "a red leather chair", at=LATER)) == [], "named now"


def test_other_words_for_the_same_thing_leave_all_as_it_is() -> None:
    region = review.edit_caption(SEATED, "an old couch", at=LATER)
    assert (region.category, region.category_provenance) == ("sofa", MINI) and unconfirmed(region) == []


def test_a_person_who_became_a_teddy_bear_does_not_keep_wearing_and_sitting() -> None:
    attributes = (Attribute("wearing", ("shirt",), MINI, 0.5), Attribute("action", ("sitting",), MINI, 0.6))
    person = replace(suggested(text="a person", category="person"), attributes=attributes)
    region = review.edit_caption(person, "a teddy bear", at=LATER)
    assert region.category == "teddy bear" and unconfirmed(region) == ["wearing", "action"]
    assert unconfirmed(review.edit_caption(person, "a little girl", at=LATER)) == []


def test_an_unsure_region_takes_the_specific_word() -> None:
    unsure = replace(SEATED, category="object", unsure=True, category_alternatives=(ScoredText("bed", 0.3),))
    unsure = replace(unsure, captions=(Caption("an object", MINI, 0.5, preferred=True), *SEATED.captions[:2]))
    region = review.choose_alternative(unsure, 1, at=LATER)
    assert (region.category, region.unsure) == ("bed", False) and unconfirmed(region) == []


def test_a_category_that_a_person_chose_stays() -> None:
    own = review.set_category(SEATED, "furniture", at=NOW)
    assert review.edit_caption(own, "a bathtub", at=LATER).category == "furniture"
    none = review.set_category(SEATED, "", at=NOW)
    assert review.edit_caption(none, "a bathtub", at=LATER).category is None
    imported = replace(SEATED, category_score=None, category_provenance=None)
    assert review.choose_alternative(imported, 0, at=LATER).category == "sofa"


def test_the_projects_word_for_a_noun() -> None:
    assert review.edit_caption(SEATED, "a flurbl", at=LATER, earlier={"flurbl": "gizmo"}.get).category == "gizmo"


def test_a_caption_that_nobody_understands_leaves_the_models_category_unconfirmed() -> None:
    region = review.edit_caption(SEATED, "一只猫", at=LATER)
    assert region.category == "sofa" and "category" in unconfirmed(region)
    assert unconfirmed(review.set_category(region, "猫", at=LATER)) == ["material"]
    assert unconfirmed(review.set_category(region, "sofa", at=LATER)) == ["material"], "the same, and now hers"


def test_a_drawn_region_gets_the_category_of_its_first_caption() -> None:
    assert review.edit_caption(Region("r", Box(0, 0, 1, 1)), "a bathtub", at=LATER).category == "bathtub"


def test_who_accepts_confirms_all() -> None:
    region = review.edit_caption(SEATED, "一只猫", at=LATER)
    assert unconfirmed(review.accept(region, at=LATER)) == [] == unconfirmed(review.reopen(region))


def test_a_value_can_be_confirmed_by_itself() -> None:
    region = review.choose_alternative(SEATED, 0, at=LATER)
    confirmed = review.set_attribute(region, "material", ("leather",), at=LATER)
    assert unconfirmed(confirmed) == [] and confirmed.attributes[1].provenance.author == "human"


def test_a_model_that_only_said_attributes_is_not_confirmed_by_a_persons_field() -> None:
    region = review.set_category(replace(SEATED, captions=(), category=None), "chair", at=LATER)
    assert region.state == "edited" and unconfirmed(region) == ["color", "material"]


def test_a_chosen_category_puts_its_caption_first() -> None:
    region = review.set_category(SEATED, "bed", at=LATER)
    assert texts(region) == [("a red bed", True), ("a red sofa", False), ("a man on a couch", False)]
    assert region.state == "suggested" and review.accept(region, at=LATER).category == "bed"
    assert texts(review.set_category(SEATED, "fridge", at=LATER)) == texts(SEATED)
    accepted = review.accept(SEATED, at=NOW)
    assert texts(review.set_category(accepted, "bed", at=LATER)) == texts(SEATED)


def test_an_accepted_category_does_not_contradict_the_accepted_caption() -> None:
    region = replace(
        suggested(text="a white toilet", category="sink"), category_alternatives=(ScoredText("toilet", 0.2),)
    )
    accepted = review.accept(region, at=LATER)
    assert (accepted.category, accepted.category_score, accepted.state) == ("toilet", 0.2, "accepted")
    assert accepted.category_provenance == replace(MINI, derived_from="caption")
    for text, category in (("a woman", "person"), ("a cat", "animal"), ("an animal", "cat"), ("an object", "object")):
        same = suggested(text=text, category=category)
        assert review.accept(same, at=LATER).category == category
    own = review.set_category(region, "furniture", at=NOW)
    assert review.accept(own, at=LATER).category == "furniture"


def test_what_is_suggested_for_a_persons_category_begins_with_such_a_thing() -> None:
    drawn = review.reopen(review.set_category(Region("r", Box(0, 0, 1, 1)), "bowl", at=NOW))
    region = review.suggest(drawn, answer(), provenance=MINI)
    assert texts(region) == [("a bowl", True), ("a blue cup", False), ("a red cup", False)]
    assert (region.category, region.unsure, region.state) == ("bowl", False, "suggested")
    lamp = review.reopen(review.set_category(drawn, "lamp", at=NOW))
    other = review.suggest(lamp, answer(), provenance=MINI)
    assert texts(other)[0] == ("a blue cup", True)


# ---------------------------------------------------------------------------------------------------------- look-alikes


def test_accepted_as_what_it_is_called_already_is_accepted() -> None:
    region = review.suggest(Region("r", Box(0, 0, 5, 5)), answer("a blue mug", category="mug"), provenance=MINI)
    assert review.accept_as(region, "mug", "a blue mug", at=LATER) == review.accept(region, at=LATER)


def test_accepted_as_something_else_with_the_words_of_an_alternative() -> None:
    region = review.suggest(Region("r", Box(0, 0, 5, 5)), answer(), provenance=MINI)
    after = review.accept_as(region, "bowl", "a bowl", at=LATER)
    caption = review.preferred_caption(after)
    assert caption is not None and (caption.text, caption.provenance.author) == ("a bowl", "model")
    assert (after.state, after.category, after.unsure, after.reviewed_at) == ("accepted", "bowl", False, LATER)
    assert not after.category_unconfirmed and len(after.captions) == len(region.captions)


def test_new_words_are_the_programs_and_not_what_the_model_would_have_said() -> None:
    region = review.suggest(Region("r", Box(0, 0, 5, 5)), answer(), provenance=MINI)
    after = review.accept_as(region, "jam jar", "a blue jam jar", at=LATER)
    caption, first = review.preferred_caption(after), review.suggested_caption(after)
    assert caption is not None and first is not None and first.text == "a blue cup"
    assert (after.category, after.category_score, after.category_provenance) == (
        "jam jar",
        None,
        Provenance("human", LATER),
    )
    assert (caption.text, caption.provenance.author, caption.score) == ("a blue jam jar", "model", None)
    assert (caption.provenance.model_id, caption.provenance.decoding) == ("mini", "memory of 1 regions")
    with pytest.raises(BadInputError):
        review.accept_as(region, "jam jar", " ", at=LATER)


def test_without_a_model_new_words_are_a_persons() -> None:
    region = Region("r", Box(0, 0, 5, 5), "cup", category_provenance=HUMAN)
    caption = review.preferred_caption(review.accept_as(region, "jar", "a jar", at=LATER))
    assert caption is not None and caption.provenance == Provenance("human", LATER)
