"""What a person and a model may do to a region. Pure functions; ``at`` is the time, ISO 8601 in UTC.

A model suggests. What a person wrote, and what a person accepted, is changed by a person only: running a model again
replaces its own earlier suggestions and nothing else. Who wrote a field is told by its provenance.
"""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region, RegionText, ReviewState
from roi_assistant.core.suggestions import suggested_region
from roi_assistant.errors import BadInputError

_GENERAL_WORD = 0.5
"""Certainty of an unsure region without a specific guess, as a part of its caption's score."""


def suggest(region: Region, text: RegionText, *, provenance: Provenance) -> Region:
    """``region`` with what a model says about it; the box stays.

    While it is ``suggested``, all that models wrote is replaced. Once a person decided (``accepted``, ``edited``,
    ``rejected``), only the captions that models wrote and that are not preferred are, so that there is something to
    choose from. Captions, category and attributes of a person stay as they are in every state.
    """
    new = suggested_region(text, id=region.id, provenance=provenance)
    if region.state != "suggested":
        return replace(region, captions=_with_suggestions(region, new.captions))
    preferred = preferred_caption(region)
    if preferred is not None and preferred.provenance.author == "human":
        captions, unsure = _with_suggestions(region, new.captions), False
    else:
        human = tuple(c for c in region.captions if c.provenance.author == "human")
        captions, unsure = (*new.captions[:1], *human, *_without(new.captions[1:], human)), new.unsure
    taken = {a.name for a in region.attributes if a.provenance.author == "human"}
    attributes = (
        *(a for a in region.attributes if a.name in taken),
        *(a for a in new.attributes if a.name not in taken),
    )
    result = replace(region, captions=captions, attributes=attributes, unsure=unsure)
    if not category_is_models(region):
        return replace(result, category_alternatives=new.category_alternatives)
    return replace(
        result,
        category=new.category,
        category_score=new.category_score,
        category_provenance=new.category_provenance,
        category_alternatives=new.category_alternatives,
    )


def accept(region: Region, *, at: str) -> Region:
    """What stands there is right. Who wrote it stays recorded.

    Raises:
        BadInputError: nothing stands there.
    """
    if is_empty(region):
        raise BadInputError("An empty region cannot be accepted: write a caption first.")
    return replace(region, state="accepted", unsure=False, reviewed_at=at)


def reject(region: Region, *, at: str) -> Region:
    """What stands there is wrong, or the box is not wanted; nothing is deleted."""
    return replace(region, state="rejected", reviewed_at=at)


def reopen(region: Region) -> Region:
    """Not decided any more: ``suggested`` again, with the texts as they are."""
    return replace(region, state="suggested", reviewed_at="")


def edit_caption(region: Region, text: str, *, at: str) -> Region:
    """A person's own words as the preferred caption. Captions of models stay as alternatives.

    Words that stand there already are accepted and keep their author.

    Raises:
        BadInputError: no words.
    """
    text = _words(text)
    preferred = preferred_caption(region)
    if preferred is not None and preferred.text == text:
        return region if region.state in ("accepted", "edited") else accept(region, at=at)
    written = Caption(text, Provenance("human", at), preferred=True)
    others = tuple(
        _not_preferred(c) for c in region.captions if not (c is preferred and c.provenance.author == "human")
    )
    return _edited(replace(region, captions=(written, *(c for c in others if c.text != text)), unsure=False), at=at)


def add_caption(region: Region, text: str, *, at: str) -> Region:
    """A further caption by a person, beside the preferred one (or as the preferred one, where there is none).

    Raises:
        BadInputError: no words, or the region has this caption already.
    """
    text = _words(text)
    if not region.captions:
        return edit_caption(region, text, at=at)
    if any(c.text == text for c in region.captions):
        raise BadInputError("The region has the caption {text} already.", text=repr(text))
    return replace(
        region, captions=(*region.captions, Caption(text, Provenance("human", at))), state=_after_a_field(region)
    )


def remove_alternative(region: Region, index: int) -> Region:
    """``region`` without ``alternatives(region)[index]``.

    Raises:
        BadInputError: there is no such alternative.
    """
    gone = _alternative(region, index)
    return replace(region, captions=tuple(c for c in region.captions if c is not gone))


def choose_alternative(region: Region, index: int, *, at: str) -> Region:
    """``alternatives(region)[index]`` becomes the preferred caption and the region is accepted.

    Raises:
        BadInputError: there is no such alternative.
    """
    chosen = _alternative(region, index)
    captions = tuple(replace(c, preferred=True) if c is chosen else _not_preferred(c) for c in region.captions)
    return accept(replace(region, captions=captions), at=at)


def set_category(region: Region, name: str, *, at: str) -> Region:
    """``name`` as a person's category, none when it is empty.

    Choosing a model's category confirms it, it is a person's from then on, unless the region was accepted as a whole or
    rejected. Nothing else changes when the category stands there already.
    """
    name = _one_line(name)
    if name == (region.category or "") and not (name and category_is_models(region) and _is_open(region)):
        return region
    state = _after_a_field(region)
    return replace(
        region,
        category=name or None,
        category_score=None,
        category_provenance=Provenance("human", at),
        state=state,
        reviewed_at=at if state != "suggested" else region.reviewed_at,
    )


def set_attribute(region: Region, name: str, values: tuple[str, ...], *, at: str) -> Region:
    """``values`` as a person's values of the attribute ``name``; no values: the attribute is taken away.

    The values are taken as they are; ``core.schema.validate_values`` checks them. The attribute keeps its place.
    Choosing a model's values confirms them, as ``set_category`` does.
    """
    names = [a.name for a in region.attributes]
    place = names.index(name) if name in names else len(names)
    old = region.attributes[place : place + 1]
    confirms = bool(old) and old[0].provenance.author == "model" and _is_open(region)
    if (old[0].values if old else ()) == values and not confirms:
        return region
    new = (Attribute(name, values, Provenance("human", at)),) if values else ()
    state = _after_a_field(region)
    return replace(
        region,
        attributes=(*region.attributes[:place], *new, *region.attributes[place + 1 :]),
        state=state,
        reviewed_at=at if state != "suggested" else region.reviewed_at,
    )


def move(region: Region, box: Box) -> Region:
    """``region`` with another box; its texts stay until a model is asked again.

    Raises:
        BadInputError: the region is locked.
    """
    if region.locked and box != region.box:
        raise BadInputError("The region is locked: unlock it to move its box.")
    return replace(region, box=box)


def lock(region: Region, locked: bool) -> Region:
    """``region`` with its box locked or free."""
    return replace(region, locked=locked)


def preferred_caption(region: Region) -> Caption | None:
    """The caption that stands for the region: the one marked as preferred, else the first.

    None without captions, and where a person decided about a region without one and a model has only suggested since:
    nobody has accepted those words.
    """
    marked = next((c for c in region.captions if c.preferred), None)
    if marked is not None or not region.captions:
        return marked
    if region.state == "suggested":
        return region.captions[0]
    return next((c for c in region.captions if c.provenance.author == "human"), None)


def alternatives(region: Region) -> tuple[Caption, ...]:
    """The other captions, in the order in which they are numbered on the screen."""
    preferred = preferred_caption(region)
    return tuple(c for c in region.captions if c is not preferred)


def suggested_caption(region: Region) -> Caption | None:
    """The first caption that a model wrote, preferred or not: what the model would have said."""
    return next((c for c in region.captions if c.provenance.author == "model"), None)


def is_empty(region: Region) -> bool:
    """Whether nothing is said of the region: there is nothing to accept."""
    return not region.captions and region.category is None and not region.attributes


def has_words(region: Region) -> bool:
    """Whether there are words to review: a caption that stands for the region, or a category."""
    return preferred_caption(region) is not None or region.category is not None


def category_is_models(region: Region) -> bool:
    """Whether a model may replace the category: there is none and nobody took it away, or a model wrote it."""
    if region.category_provenance is not None:
        return region.category_provenance.author == "model"
    return region.category is None or region.category_score is not None


def certainty(region: Region) -> float:
    """How sure the model is of what it suggests, 0..1; the review queue begins with the least.

    The smaller one of the scores of caption and category, as far as a model wrote them. Of an unsure region, whose
    caption is a general word, what counts is its best specific guess. 1 where no model's word stands, 0 where there
    is no word at all.
    """
    preferred = preferred_caption(region)
    if preferred is None and region.category is None:
        return 0.0
    scores = []
    if preferred is not None and preferred.provenance.author == "model":
        score = preferred.score or 0.0
        if region.unsure:
            guesses = [c.score or 0.0 for c in alternatives(region) if c.provenance.author == "model"]
            score = min(score, max(guesses)) if guesses else score * _GENERAL_WORD
        scores.append(score)
    if region.category is not None and region.category_score is not None and category_is_models(region):
        scores.append(region.category_score)
    return min(scores, default=1.0)


# ---------------------------------------------------------------------------------------------------------- helpers


def _with_suggestions(region: Region, new: tuple[Caption, ...]) -> tuple[Caption, ...]:
    preferred = preferred_caption(region)
    kept = tuple(c for c in region.captions if c is preferred or c.provenance.author == "human")
    return (*kept, *(_not_preferred(c) for c in _without(new, kept)))


def _without(captions: tuple[Caption, ...], others: tuple[Caption, ...]) -> tuple[Caption, ...]:
    texts = {c.text.casefold() for c in others}
    return tuple(c for c in captions if c.text.casefold() not in texts)


def _alternative(region: Region, index: int) -> Caption:
    others = alternatives(region)
    if not 0 <= index < len(others):
        raise BadInputError(
            "There is no alternative {number}: the region has {count}.", number=index + 1, count=len(others)
        )
    return others[index]


def _not_preferred(caption: Caption) -> Caption:
    return replace(caption, preferred=False) if caption.preferred else caption


def _edited(region: Region, *, at: str) -> Region:
    return replace(region, state="edited", reviewed_at=at)


def _is_open(region: Region) -> bool:
    """Whether single fields may still wait for a decision."""
    return region.state in ("suggested", "edited")


def _after_a_field(region: Region) -> ReviewState:
    """A person who sets one field of a suggestion has not yet decided about the model's caption beside it."""
    preferred = preferred_caption(region)
    if region.state == "suggested" and preferred is not None and preferred.provenance.author == "model":
        return "suggested"
    return "edited"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadInputError("A caption needs words: write some, or reject or delete the region.")
    return text
