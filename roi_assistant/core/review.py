"""What a person and a model may do to a region. Pure functions; ``at`` is the time, ISO 8601 in UTC.

A model suggests. What a person wrote, and what a person accepted, is changed by a person only: running a model again
replaces its own earlier suggestions and nothing else. Who wrote a field is told by its provenance.

Who decides about a caption decides about the region: its category follows the caption, and what a model said else and
no longer fits is taken back to unconfirmed.
"""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.caption_category import (
    CategoryOfNoun,
    agrees,
    category_of_caption,
    fits,
    is_same_thing,
    mentions,
    no_earlier,
    noun_of,
)
from roi_assistant.core.lexicon import is_broad
from roi_assistant.core.records import (
    Attribute,
    Caption,
    CaptionerInfo,
    Provenance,
    Region,
    RegionText,
    ScoredBox,
    ScoredText,
)
from roi_assistant.core.suggestions import after_regions, suggested_region
from roi_assistant.errors import BadInputError

_GENERAL_WORD = 0.5
"""Certainty of an unsure region without a specific guess, as a part of its caption's score."""


def suggest(region: Region, text: RegionText, *, provenance: Provenance) -> Region:
    """``region`` with what a model says about it; the box stays.

    While it is ``suggested``, all that models wrote is replaced. Once a person decided (``accepted``, ``edited``,
    ``rejected``), only the captions that models wrote and that are not preferred are, so that there is something to
    choose from. Captions, category and attributes of a person stay as they are in every state. Of the suggested
    captions the first that names a thing of a person's category comes first. What a detector found stays the category,
    too: the box was drawn because of it. The model's category is then the first alternative.
    """
    new = suggested_region(text, id=region.id, provenance=provenance)
    if region.state != "suggested":
        return replace(region, captions=_with_suggestions(region, new.captions))
    answers = tuple(answer for answer in region.answers if answer.provenance.model_id != provenance.model_id)
    if answers != region.answers:  # what this model said when it was the other one
        region = replace(region, answers=answers)
    preferred = preferred_caption(region)
    if preferred is not None and preferred.provenance.author == "human":
        captions, unsure = _with_suggestions(region, new.captions), False
    else:
        region = replace(region, copied_from="")  # the words are about these pixels now
        human = tuple(c for c in region.captions if c.provenance.author == "human")
        captions, unsure = (*new.captions[:1], *human, *_without(new.captions[1:], human)), new.unsure
    taken = {a.name for a in region.attributes if a.provenance.author == "human"}
    attributes = (
        *(a for a in region.attributes if a.name in taken),
        *(a for a in new.attributes if a.name not in taken),
    )
    result = replace(region, captions=captions, attributes=attributes, unsure=unsure)
    if not category_is_models(region):
        return _with_caption_of(replace(result, category_alternatives=new.category_alternatives), region.category or "")
    if region.category and was_detected(region):
        own = [ScoredText(new.category, new.category_score or 0.0)] if new.category else []
        others = (*own, *new.category_alternatives)
        found = region.category.casefold()
        others = tuple(other for other in others if other.text.casefold() != found)
        return _with_caption_of(replace(result, category_alternatives=others, like=new.like), region.category)
    return replace(
        result,
        category=new.category,
        category_score=new.category_score,
        category_provenance=new.category_provenance,
        category_alternatives=new.category_alternatives,
        like=new.like,
    )


def was_detected(region: Region) -> bool:
    """Whether the category came with the box, from a detector."""
    by = region.category_provenance
    return by is not None and by.derived_from == "detection"


def detected(region: Region, found: ScoredBox, *, by: CaptionerInfo, at: str, prompt: str = "") -> Region:
    """``region``, just made of the box ``found``, with the category that the detector ``by`` gave it; as it is where
    it gave none. ``prompt``: the words that were looked for."""
    if not found.label:
        return region
    wrote = Provenance("model", at, by.id, by.weights_sha256, prompt=prompt, derived_from="detection")
    return replace(region, category=found.label, category_score=found.score, category_provenance=wrote)


def accept(region: Region, *, at: str, earlier: CategoryOfNoun = no_earlier) -> Region:
    """Mark every text of the region as right; their provenance stays.

    A model's category that contradicts its caption, which is what a person reads, follows the caption.

    Raises:
        BadInputError: the region is empty.
    """
    if is_empty(region):
        raise BadInputError("An empty region cannot be accepted: write a caption first.")
    return replace(_consistent(confirmed(region), earlier=earlier), state="accepted", unsure=False, reviewed_at=at)


def accept_as(region: Region, name: str, words: str, *, at: str) -> Region:
    """``region`` accepted as a ``name`` with the caption ``words``, because one that looks alike is such.

    Words that are not among its captions are the program's, not a person's: they get the provenance of the model's.

    Raises:
        BadInputError: ``words`` has no words.
    """
    words, preferred = _words(words), preferred_caption(region)
    if preferred is not None and preferred.text == words:
        region = confirmed(region)
    else:
        chosen = next((c for c in region.captions if c.text == words), None)
        if chosen is None:
            chosen = Caption(words, _provenance_of_alike(region, at=at))
            region = replace(region, captions=(*region.captions, chosen))
        captions = tuple(replace(c, preferred=True) if c is chosen else _not_preferred(c) for c in region.captions)
        region = replace(_follow(region, chosen, earlier=no_earlier), captions=captions)
    if region.category != name:
        region = replace(region, category=name, category_score=None, category_provenance=Provenance("human", at))
    return replace(region, category_unconfirmed=False, state="accepted", unsure=False, reviewed_at=at)


def _provenance_of_alike(region: Region, *, at: str) -> Provenance:
    suggested = suggested_caption(region)
    by = suggested.provenance if suggested is not None else region.category_provenance
    if by is None or by.author != "model":
        return Provenance("human", at)
    return replace(by, created_at=at, prompt="", decoding=after_regions(1), raw_output="", derived_from="")


def reject(region: Region, *, at: str) -> Region:
    """Mark the texts, or the box itself, as wrong; nothing is deleted."""
    return replace(region, state="rejected", reviewed_at=at)


def reopen(region: Region) -> Region:
    """Not decided any more: ``suggested`` again, with the texts as they are."""
    return replace(confirmed(region), state="suggested", reviewed_at="")


def edit_caption(region: Region, text: str, *, at: str, earlier: CategoryOfNoun = no_earlier) -> Region:
    """A person's own words as the preferred caption. Captions of models stay as alternatives.

    Words that stand there already are accepted and keep their author. Others bring their category with them.

    Raises:
        BadInputError: no words.
    """
    text = _words(text)
    preferred = preferred_caption(region)
    if preferred is not None and preferred.text == text:
        return region if region.state in ("accepted", "edited") else accept(region, at=at, earlier=earlier)
    written = Caption(text, Provenance("human", at), preferred=True)
    others = tuple(
        _not_preferred(c) for c in region.captions if not (c is preferred and c.provenance.author == "human")
    )
    followed = _follow(region, written, earlier=earlier)
    return _edited(replace(followed, captions=(written, *(c for c in others if c.text != text)), unsure=False), at=at)


def add_caption(region: Region, text: str, *, at: str, earlier: CategoryOfNoun = no_earlier) -> Region:
    """A further caption by a person, beside the preferred one (or as the preferred one, where there is none).

    Raises:
        BadInputError: no words, or the region has this caption already.
    """
    text = _words(text)
    if not region.captions:
        return edit_caption(region, text, at=at, earlier=earlier)
    if any(c.text == text for c in region.captions):
        raise BadInputError("The region has the caption {text} already.", text=repr(text))
    return _with_own_field(replace(region, captions=(*region.captions, Caption(text, Provenance("human", at)))), at=at)


def remove_alternative(region: Region, index: int) -> Region:
    """``region`` without ``alternatives(region)[index]``.

    Raises:
        BadInputError: there is no such alternative.
    """
    gone = _alternative(region, index)
    return replace(region, captions=tuple(c for c in region.captions if c is not gone))


def choose_alternative(region: Region, index: int, *, at: str, earlier: CategoryOfNoun = no_earlier) -> Region:
    """``alternatives(region)[index]`` becomes the preferred caption, its category with it, and the region is accepted.

    Raises:
        BadInputError: there is no such alternative.
    """
    chosen = _alternative(region, index)
    captions = tuple(replace(c, preferred=True) if c is chosen else _not_preferred(c) for c in region.captions)
    followed = _follow(region, chosen, earlier=earlier)
    return replace(followed, captions=captions, state="accepted", unsure=False, reviewed_at=at)


def set_category(region: Region, name: str, *, at: str) -> Region:
    """``name`` as a person's category, none when it is empty.

    Choosing a model's category confirms it, it is a person's from then on, unless the region was accepted as a whole or
    rejected. Nothing else changes when the category stands there already. Of captions that are only suggested, the
    first that names such a thing comes first.
    """
    name = _one_line(name)
    if name == (region.category or "") and not (name and category_waits(region)):
        return region
    chosen = replace(
        region,
        category=name or None,
        category_score=None,
        category_provenance=Provenance("human", at),
        category_unconfirmed=False,
    )
    return _with_own_field(_with_caption_of(chosen, name), at=at)


def replace_category(region: Region, name: str | None) -> Region:
    """``region`` with ``name`` instead of a category that followed from its caption; None: with no category, for a
    person to choose one."""
    if name is None:
        return replace(region, category=None, category_score=None, category_provenance=None, category_unconfirmed=False)
    return replace(region, category=name, category_score=None)


def set_attribute(region: Region, name: str, values: tuple[str, ...], *, at: str) -> Region:
    """``values`` as a person's values of the attribute ``name``; no values: the attribute is taken away.

    The values are taken as they are; ``core.schema.validate_values`` checks them. The attribute keeps its place.
    Choosing a model's values confirms them, as ``set_category`` does.
    """
    names = [a.name for a in region.attributes]
    place = names.index(name) if name in names else len(names)
    old = region.attributes[place : place + 1]
    confirms = bool(old) and attribute_waits(region, old[0])
    if (old[0].values if old else ()) == values and not confirms:
        return region
    new = (Attribute(name, values, Provenance("human", at)),) if values else ()
    attributes = (*region.attributes[:place], *new, *region.attributes[place + 1 :])
    return _with_own_field(replace(region, attributes=attributes), at=at)


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
    """Whether there is a caption or a category."""
    return preferred_caption(region) is not None or region.category is not None


def is_waiting(region: Region) -> bool:
    """Whether there is something to review: a suggestion with words."""
    return region.state == "suggested" and has_words(region)


def category_is_models(region: Region) -> bool:
    """Whether a model may replace the category: there is none and nobody took it away, or a model wrote it."""
    if region.category_provenance is not None:
        return region.category_provenance.author == "model"
    return region.category is None or region.category_score is not None


def category_waits(region: Region) -> bool:
    """Whether the category is a model's that nobody has decided about."""
    if region.category is None or not category_is_models(region):
        return False
    return region.state == "suggested" or region.category_unconfirmed


def attribute_waits(region: Region, attribute: Attribute) -> bool:
    """Whether ``attribute`` of ``region`` has values of a model that nobody has decided about."""
    return attribute.provenance.author == "model" and (region.state == "suggested" or attribute.unconfirmed)


def confirmed(region: Region) -> Region:
    """``region`` without a mark on any field that nobody has decided about it."""
    if not region.category_unconfirmed and not any(a.unconfirmed for a in region.attributes):
        return region
    attributes = tuple(replace(a, unconfirmed=False) if a.unconfirmed else a for a in region.attributes)
    return replace(region, attributes=attributes, category_unconfirmed=False)


def shows_general_word(region: Region) -> bool:
    """Whether the caption of ``region`` is a general word, because the model is unsure of every specific one."""
    preferred = preferred_caption(region)
    return region.unsure and (preferred is None or is_broad(noun_of(preferred.text)))


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


def _follow(region: Region, caption: Caption, *, earlier: CategoryOfNoun) -> Region:
    """``region`` as ``caption`` leaves it: with the category of its noun, and with what no longer fits unconfirmed.

    A category that a person set, or took away, stays. Where the caption names no noun that is known, the model's
    category stays unconfirmed.
    """
    preferred, noun = preferred_caption(region), noun_of(caption.text)
    guesses = [other.text for other in region.category_alternatives]
    before = [noun_of(preferred.text) if preferred else "", region.category or "", *guesses[: int(region.unsure)]]
    same_thing = any(is_same_thing(thing, noun) for thing in before if thing != "object")
    attributes = tuple(_refit(a, caption.text, same_thing=same_thing) for a in region.attributes)
    followed = replace(region, attributes=attributes)
    if not _category_follows(region):
        return followed
    stands = None if region.unsure else region.category
    category = category_of_caption(caption.text, category=stands, guesses=guesses, earlier=earlier)
    if category is None:
        is_models = region.category is not None and category_is_models(region)
        return replace(followed, category_unconfirmed=is_models and caption.provenance.author == "human")
    if category == stands:
        return replace(followed, category_unconfirmed=False)
    score = next((other.score for other in region.category_alternatives if other.text == category), None)
    return replace(
        followed,
        category=category,
        category_score=score if caption.provenance.author == "model" else None,
        category_provenance=replace(caption.provenance, raw_output="", derived_from="caption"),
        category_unconfirmed=False,
    )


def _with_caption_of(region: Region, category: str) -> Region:
    preferred = preferred_caption(region)
    if region.state != "suggested" or preferred is None or preferred.provenance.author == "human" or not category:
        return region
    fitting = [c for c in region.captions if noun_of(c.text) and agrees(category, noun_of(c.text))]
    if not fitting or preferred in fitting:
        return region
    first = replace(fitting[0], preferred=True)
    others = (_not_preferred(c) for c in region.captions if c is not fitting[0])
    return replace(region, captions=(first, *others), unsure=False)


def _consistent(region: Region, *, earlier: CategoryOfNoun) -> Region:
    caption = preferred_caption(region)
    noun = noun_of(caption.text) if caption is not None else ""
    if caption is None or not noun or not region.category or not _category_follows(region):
        return region
    if is_same_thing(region.category, noun):
        return region
    return replace(_follow(region, caption, earlier=earlier), attributes=region.attributes)


def _refit(attribute: Attribute, caption: str, *, same_thing: bool) -> Attribute:
    if attribute.provenance.author == "human":
        return attribute
    if attribute.unconfirmed:
        return replace(attribute, unconfirmed=not mentions(caption, attribute))
    return replace(attribute, unconfirmed=not fits(caption, attribute, same_thing=same_thing))


def _category_follows(region: Region) -> bool:
    by = region.category_provenance
    return category_is_models(region) or (by is not None and by.derived_from == "caption")


def _with_own_field(region: Region, *, at: str) -> Region:
    """``region`` after a person wrote one of its fields: ``edited``, and a model's other fields unconfirmed.

    Where a model's caption waits beside it the region stays ``suggested``: she has not decided about that.
    """
    if region.state != "suggested":
        return _edited(region, at=at)
    preferred = preferred_caption(region)
    if preferred is not None and preferred.provenance.author == "model":
        return region
    attributes = tuple(replace(a, unconfirmed=a.provenance.author == "model") for a in region.attributes)
    waits = region.category is not None and category_is_models(region)
    return _edited(replace(region, attributes=attributes, category_unconfirmed=waits), at=at)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadInputError("A caption needs words: write some, or reject or delete the region.")
    return text
