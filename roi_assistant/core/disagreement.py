"""How far two models, or a model and a person, disagree about a region, and why, in plain words. Pure, and cheap: the
words are compared, nothing is computed from pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from roi_assistant.core.lexicon import is_function_word, is_more_general, same_category
from roi_assistant.core.phrase_comparison import bare_words, canonical_value, words_f1, words_of
from roi_assistant.core.records import Answer, Attribute, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.text_bounds import shortened
from roi_assistant.sentences import NOTHING, Sentence

CategoryRelation = Literal["same", "synonym", "wider", "different", "missing"]
"""``wider``: one is a more general word for the other. ``missing``: one side, or both, named none."""
AttributeRelation = Literal["agree", "differ", "missing"]

_AMOUNTS: Mapping[CategoryRelation, float] = {"same": 0.0, "synonym": 0.0, "wider": 0.4, "different": 1.0}
_CATEGORY, _CAPTION, _ATTRIBUTES = 0.5, 0.3, 0.2
"""What each part weighs. They only order regions: another name for the thing comes before another wording."""
_LONGEST_SHOWN = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one side says about a region. ``attributes``: name -> values."""

    caption: str = ""
    category: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides about one region.

    ``caption_similarity``: F1 of the words without articles, prepositions and the like, 0..1; None where one side has
    no caption. ``attributes``: name -> how both relate, in the order of the left side. ``disagreement``: 0..1, the
    weighted mean of what both sides speak of; 0 where they speak of nothing in common. ``reason``: its heaviest part,
    empty where they agree.
    """

    category: CategoryRelation
    caption_similarity: float | None
    attributes: Mapping[str, AttributeRelation]
    disagreement: float
    reason: Sentence = NOTHING


def words_of_region(region: Region) -> Words:
    """What stands in ``region`` now, whoever wrote it."""
    caption = preferred_caption(region)
    return Words(
        caption=caption.text if caption else "",
        category=region.category or "",
        attributes=_values(region.attributes),
    )


def words_of_answer(answer: Answer) -> Words:
    """What another model said."""
    return Words(caption=answer.caption, category=answer.category or "", attributes=_values(answer.attributes))


def compare(left: Words, right: Words) -> Comparison:
    """How two sides agree. Values are compared as basic colors and the like, see `canonical_value`; of attributes with
    several values, those that are said on one side only are a difference. What only one side says counts as missing,
    not as a difference: the other may not have been asked."""
    category = _category(left.category, right.category)
    similarity = _similarity(left.caption, right.caption) if left.caption and right.caption else None
    names = dict.fromkeys((*left.attributes, *right.attributes))
    attributes = {
        name: _attribute(name, left.attributes.get(name, ()), right.attributes.get(name, ())) for name in names
    }
    parts: list[tuple[float, float]] = []
    if category != "missing":
        parts.append((_CATEGORY, _AMOUNTS[category]))
    if similarity is not None:
        parts.append((_CAPTION, 1 - similarity))
    both = [relation for relation in attributes.values() if relation != "missing"]
    if both:
        parts.append((_ATTRIBUTES, both.count("differ") / len(both)))
    weight = sum(part for part, _ in parts)
    amount = sum(part * value for part, value in parts) / weight if weight else 0.0
    return Comparison(
        category=category,
        caption_similarity=similarity,
        attributes=attributes,
        disagreement=amount,
        reason=_reason(left, right, category, similarity, attributes),
    )


def most_disagreeing(region: Region) -> tuple[Answer, Comparison] | None:
    """The answer that differs most from the words of ``region``, of equal ones the latest; None without any answer."""
    words = words_of_region(region)
    compared = [(answer, compare(words, words_of_answer(answer))) for answer in reversed(region.answers)]
    return max(compared, key=lambda pair: pair[1].disagreement, default=None)


def disagreement(region: Region) -> float | None:
    """How far other models disagree with the words of ``region``, 0..1; None where none was asked."""
    found = most_disagreeing(region)
    return None if found is None else found[1].disagreement


def _values(attributes: tuple[Attribute, ...]) -> dict[str, tuple[str, ...]]:
    return {attribute.name: attribute.values for attribute in attributes if any(attribute.values)}


def _category(left: str, right: str) -> CategoryRelation:
    one, two = bare_words(left), bare_words(right)
    if not one or not two:
        return "missing"
    if one == two:
        return "same"
    if same_category(one, two):
        return "synonym"
    return "wider" if is_more_general(one, two) or is_more_general(two, one) else "different"


def _similarity(left: str, right: str) -> float:
    one, two = words_of(left), words_of(right)
    said, other = ([word for word in words if not is_function_word(word)] for words in (one, two))
    return words_f1(said or one, other or two)


def _attribute(name: str, left: tuple[str, ...], right: tuple[str, ...]) -> AttributeRelation:
    if not left or not right:
        return "missing"
    one, two = ({canonical_value(name, value) for value in values} for values in (left, right))
    return "agree" if one == two else "differ"


def _reason(
    left: Words,
    right: Words,
    category: CategoryRelation,
    similarity: float | None,
    attributes: Mapping[str, AttributeRelation],
) -> Sentence:
    if category == "different":
        return _against(left.category, right.category)
    differing = next((name for name, relation in attributes.items() if relation == "differ"), None)
    if differing is not None:
        values = (", ".join(side.attributes[differing]) for side in (left, right))
        return Sentence.of("{name}: {difference}", name=differing, difference=_against(*values))
    if category == "wider":
        return _against(left.category, right.category)
    return _against(left.caption, right.caption) if similarity is not None and similarity < 1 else NOTHING


def _against(left: str, right: str) -> Sentence:
    one, two = (shortened(" ".join(text.split()), _LONGEST_SHOWN) for text in (left, right))
    return Sentence.of("{left} against {right}", left=one, right=two)
