"""What all these tools can hold of a region: a label, texts, and values by names.

What they have no place for goes by names that are kept for it: ``review_state``, unless it is ``accepted``, and
``no_category`` beside the label `NO_CATEGORY`, as no tool takes a box without a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast, get_args

from roi_assistant.api import NO, NO_CATEGORY, YES, Attribute, Box, Caption, Provenance, Region, ReviewState

REVIEW_STATE, WITHOUT_CATEGORY = "review_state", "no_category"
UNSIGNED = Provenance("human", "")
"""Of what does not say who wrote it."""
_STATES = get_args(ReviewState)


def told_of(region: Region) -> dict[str, tuple[str, ...]]:
    """Name -> values of what tools show as attributes of ``region``."""
    told: dict[str, tuple[str, ...]] = {}
    if region.state != "accepted":
        told[REVIEW_STATE] = (region.state,)
    if region.category is None:
        told[WITHOUT_CATEGORY] = (YES,)
    kept = (REVIEW_STATE, WITHOUT_CATEGORY)
    for attribute in region.attributes:
        if attribute.name and any(attribute.values) and attribute.name not in (*told, *kept):
            told[attribute.name] = attribute.values
    return told


def label_of(region: Region) -> str:
    """The label of ``region``, never empty."""
    return region.category or NO_CATEGORY


def region_of(
    box: Box,
    *,
    id: str = "",
    label: str = "",
    texts: Iterable[str] = (),
    told: Mapping[str, Sequence[str]] | None = None,
    score: float | None = None,
    by: Provenance = UNSIGNED,
) -> Region:
    """What a file tells of the region in ``box``: the opposite of `told_of` and `label_of`. ``id`` "" is for
    `with_ids` to give; ``score`` is that of the label, 0 to 1. What a model tells, by ``by``, is suggested."""
    values = {name: tuple(one for one in found if one) for name, found in (told or {}).items()}
    state = values.pop(REVIEW_STATE, ())
    if len(state) != 1 or state[0] not in _STATES:
        state = ("accepted" if by.author == "human" else "suggested",)
    is_without = values.get(WITHOUT_CATEGORY) == (YES,) and label == NO_CATEGORY
    if is_without:
        del values[WITHOUT_CATEGORY]
    captions = [Caption(text, by) for text in texts if text.strip()]
    if captions:
        captions[0] = replace(captions[0], preferred=True)
    return Region(
        id=id,
        box=box,
        category=None if is_without else label or None,
        captions=tuple(captions),
        attributes=tuple(
            Attribute(name, found, by, source=by.author) for name, found in values.items() if name and found
        ),
        state=cast(ReviewState, state[0]),
        category_score=score,
    )


def with_ids(regions: Iterable[Region]) -> tuple[Region, ...]:
    """``regions`` with an id each: their own, with a number behind it where it was copied together with its region, or
    their place in the file."""
    found: dict[str, Region] = {}
    for number, region in enumerate(regions, start=1):
        base = region.id or str(number)
        id_, copy = base, 1
        while id_ in found:
            copy += 1
            id_ = f"{base}#{copy}"
        found[id_] = replace(region, id=id_)
    return tuple(found.values())


def is_checked(values: Sequence[str]) -> bool | None:
    """What a checkbox shows for ``values``: None for what is neither yes nor no."""
    return {YES: True, NO: False}.get(values[0]) if len(values) == 1 else None
