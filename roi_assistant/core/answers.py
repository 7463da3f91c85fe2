"""Answers of other models about a region: keeping them beside its words, taking them over, and what people made of what
each model said. Pure functions; ``at`` is the time, ISO 8601 in UTC.

An answer changes no word of the region. Who takes one over, or a part of it, decides: the words keep the provenance of
the model that said them, and what the other model had said becomes an answer itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from roi_assistant.core.phrase_comparison import edit_distance, words_of
from roi_assistant.core.records import MOST_ANSWERS, Answer, Attribute, Caption, Provenance, Region, RegionText
from roi_assistant.core.review import category_is_models, confirmed, preferred_caption, suggested_caption
from roi_assistant.core.suggestions import suggested_region
from roi_assistant.errors import BadInputError

OutcomeKind = Literal["waiting", "unchanged", "alternative", "edited", "rejected", "passed_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What people made of what one model said about one region.

    ``waiting``: nobody has decided. ``unchanged``: accepted with the caption that the model said first.
    ``alternative``: accepted with another caption of the same model. ``edited``: a person wrote or chose something
    else; ``edit_distance`` is that of the final caption from the model's, 0..1, see
    ``core.phrase_comparison.edit_distance`` (0 where she changed no caption but a category or an attribute), None
    for all others. ``passed_over``: words of another model or of a person were kept instead.
    """

    model_id: str
    weights_sha256: str
    kind: OutcomeKind
    edit_distance: float | None = None


def answer_of(text: RegionText, *, provenance: Provenance) -> Answer:
    """``text`` as an answer; prompt and raw output come from it."""
    said = suggested_region(text, id="", provenance=provenance)
    return Answer(
        provenance=said.captions[0].provenance,
        caption=text.caption.text,
        score=text.caption.score,
        category=said.category,
        category_score=said.category_score,
        attributes=said.attributes,
    )


def with_answer(region: Region, answer: Answer) -> Region:
    """``region`` with ``answer`` in place of an earlier one of the same model; the oldest beyond `MOST_ANSWERS` goes. A
    model whose own suggestion stands there has said it already: nothing changes."""
    standing = standing_answer(region)
    if standing is not None and standing.provenance.model_id == answer.provenance.model_id:
        return region
    return replace(region, answers=_added(region.answers, answer))


def has_answer(region: Region, model_id: str) -> bool:
    """Whether the model has said something about ``region``, as its suggestion or as an answer."""
    standing = standing_answer(region)
    said = (standing, *region.answers) if standing is not None else region.answers
    return any(answer.provenance.model_id == model_id for answer in said)


def standing_answer(region: Region) -> Answer | None:
    """What the model said whose suggestion ``region`` has, as far as it is still there; None without a model's
    caption."""
    caption = suggested_caption(region)
    if caption is None:
        return None
    by = region.category_provenance
    is_its = by is not None and by.author == "model" and by.model_id == caption.provenance.model_id
    return Answer(
        provenance=caption.provenance,
        caption=caption.text,
        score=caption.score,
        category=region.category if is_its else None,
        category_score=region.category_score if is_its else None,
        attributes=tuple(
            replace(one, unconfirmed=False)
            for one in region.attributes
            if one.provenance.author == "model" and one.provenance.model_id == caption.provenance.model_id
        ),
    )


def take_answer(region: Region, index: int, *, at: str) -> Region:
    """``region`` accepted with caption, category and attributes of ``region.answers[index]``. What the answer does not
    speak of stays.

    Raises:
        BadInputError: there is no such answer.
    """
    answer = _answer(region, index)
    taken = _with_caption(_remembering(region), answer)
    taken = _with_category(taken, answer)
    for attribute in answer.attributes:
        taken = _with_attribute(taken, attribute)
    return replace(confirmed(taken), state="accepted", unsure=False, reviewed_at=at)


def take_caption(region: Region, index: int, *, at: str) -> Region:
    """``region`` with the caption of an answer only; it goes on waiting for a decision if it did.

    Raises:
        BadInputError: there is no such answer.
    """
    answer = _answer(region, index)
    return _decided_as_before(replace(_with_caption(_remembering(region), answer), unsure=False), at=at)


def take_category(region: Region, index: int, *, at: str) -> Region:
    """``region`` with the category of an answer only, as `take_caption`.

    Raises:
        BadInputError: there is no such answer.
    """
    answer = _answer(region, index)
    return _decided_as_before(_with_category(_remembering(region), answer), at=at)


def take_attribute(region: Region, index: int, name: str, *, at: str) -> Region:
    """``region`` with the values of one attribute of an answer, as `take_caption`.

    Raises:
        BadInputError: there is no such answer, or it does not speak of this attribute.
    """
    answer = _answer(region, index)
    attribute = next((one for one in answer.attributes if one.name == name), None)
    if attribute is None:
        raise BadInputError("The other model says nothing of {attribute}.", attribute=name)
    return _decided_as_before(_with_attribute(_remembering(region), attribute), at=at)


def outcomes(region: Region) -> tuple[Outcome, ...]:
    """What people made of what each model said about ``region``, its suggestion first, then its answers."""
    standing = standing_answer(region)
    if standing is None and region.category and region.category_provenance and category_is_models(region):
        standing = Answer(provenance=region.category_provenance, caption="", category=region.category)
    said = [*([standing] if standing is not None else []), *region.answers]
    seen: dict[tuple[str, str], Outcome] = {}
    for answer in said:
        by = answer.provenance
        if by.author == "model" and (by.model_id, by.weights_sha256) not in seen:
            kind, distance = _outcome(region, answer, is_standing=answer is standing)
            seen[by.model_id, by.weights_sha256] = Outcome(
                model_id=by.model_id, weights_sha256=by.weights_sha256, kind=kind, edit_distance=distance
            )
    return tuple(seen.values())


def _outcome(region: Region, answer: Answer, *, is_standing: bool) -> tuple[OutcomeKind, float | None]:
    if region.state == "suggested":
        return "waiting", None
    if region.state == "rejected":
        return ("rejected" if is_standing else "passed_over"), None
    final = preferred_caption(region)
    words, own = words_of(final.text if final else ""), words_of(answer.caption)
    if region.state == "accepted" and words == own:
        return "unchanged", None
    by = answer.provenance
    if final is not None and final.provenance.author == "model":
        if (final.provenance.model_id, final.provenance.weights_sha256) != (by.model_id, by.weights_sha256):
            return "passed_over", None
        return ("alternative", None) if region.state == "accepted" else ("edited", edit_distance(own, words))
    return ("edited", edit_distance(own, words)) if is_standing else ("passed_over", None)


def _answer(region: Region, index: int) -> Answer:
    if not 0 <= index < len(region.answers):
        raise BadInputError(
            "There is no answer {number}: other models gave {count}.", number=index + 1, count=len(region.answers)
        )
    return region.answers[index]


def _added(answers: Iterable[Answer], answer: Answer) -> tuple[Answer, ...]:
    others = (one for one in answers if one.provenance.model_id != answer.provenance.model_id)
    return (*others, answer)[-MOST_ANSWERS:]


def _remembering(region: Region) -> Region:
    """``region`` with what stands there as an answer, too: parts of it are about to go. One that is there stays: it is
    what the model said, and parts of it may be gone already."""
    standing = standing_answer(region)
    if standing is None or any(one.provenance.model_id == standing.provenance.model_id for one in region.answers):
        return region
    return replace(region, answers=(standing, *region.answers[1 - MOST_ANSWERS :]))


def _with_caption(region: Region, answer: Answer) -> Region:
    if not answer.caption:
        return region
    same = next((caption for caption in region.captions if caption.text == answer.caption), None)
    if same is None:
        same = Caption(answer.caption, answer.provenance, answer.score)
        region = replace(region, captions=(*region.captions, same))
    captions = tuple(replace(caption, preferred=caption is same) for caption in region.captions)
    return replace(region, captions=captions)


def _with_category(region: Region, answer: Answer) -> Region:
    if not answer.category or answer.category == region.category:
        return region
    return replace(
        region,
        category=answer.category,
        category_score=answer.category_score,
        category_provenance=replace(answer.provenance, raw_output=""),
        category_unconfirmed=False,
    )


def _with_attribute(region: Region, attribute: Attribute) -> Region:
    names = [one.name for one in region.attributes]
    place = names.index(attribute.name) if attribute.name in names else len(names)
    if region.attributes[place : place + 1] and region.attributes[place].values == attribute.values:
        return region
    new = replace(attribute, unconfirmed=False)
    return replace(region, attributes=(*region.attributes[:place], new, *region.attributes[place + 1 :]))


def _decided_as_before(region: Region, *, at: str) -> Region:
    if region.state == "suggested":
        return region
    return replace(confirmed(region), state="accepted", unsure=False, reviewed_at=at)
