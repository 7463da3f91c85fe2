"""Whether one model's answers are better than another's to the same questions, or only luckier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from roi_assistant.evaluation.items import photo_of
from roi_assistant.evaluation.metrics import standard_error
from roi_assistant.evaluation.outcomes import ItemOutcome

_MEASURES: tuple[tuple[str, str, Callable[[ItemOutcome], float | None]], ...] = (
    ("cider", "CIDEr", lambda outcome: outcome.cider),
    ("exact_match", "exact match", lambda outcome: outcome.exact),
    ("right", "right, with synonyms", lambda outcome: outcome.right),
)


class Difference(TypedDict):
    """A mean minus another, and the standard error of that, if other photos had been drawn: far smaller than that of
    either mean, because hard photos are hard for both."""

    label: str
    difference: float
    standard_error: float | None


class Against(TypedDict):
    """Differences by measure from the answers of another ``model`` or ``decoding``."""

    model: str
    weights_sha256: str
    decoding: str
    differences: dict[str, Difference]


def differences(outcomes: Sequence[ItemOutcome], others: Sequence[ItemOutcome]) -> dict[str, Difference]:
    """By measure the mean of ``outcomes`` minus that of ``others``.

    Measures that the protocol does not have are left out. ``right`` is `ItemOutcome.right`.

    Raises:
        ValueError: they are not of the same items, in the same order.
    """
    if [outcome.item.id for outcome in outcomes] != [outcome.item.id for outcome in others]:
        raise ValueError("Only answers about the same items can be compared.")
    photos = photo_of(outcome.item for outcome in outcomes)
    by_measure: dict[str, Difference] = {}
    for name, label, measure in _MEASURES:
        pairs = {one.item.id: (measure(one), measure(other)) for one, other in zip(outcomes, others, strict=True)}
        by_item = {item: a - b for item, (a, b) in pairs.items() if a is not None and b is not None}
        if by_item:
            mean = sum(by_item.values()) / len(by_item)
            error = standard_error(by_item, photos)
            by_measure[name] = {"label": label, "difference": mean, "standard_error": error}
    return by_measure
