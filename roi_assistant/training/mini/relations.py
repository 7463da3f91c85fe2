"""How the boxes of a photo relate, in words: "riding a horse", "on a table". For photos of which nobody wrote more than
names, this is what a description can be taught from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roi_assistant.core.box import Box
from roi_assistant.core.phrases import is_person, with_article

Named = tuple[str, Box]
"""A category and its box in pixels."""


@dataclass(frozen=True, slots=True)
class _Relation:
    """``words`` tell what a person does with one of ``things`` where the boxes are ``fits(person, thing)``."""

    words: str
    things: frozenset[str]
    fits: Callable[[Box, Box], bool]


def _inside(inner: Box, outer: Box) -> float:
    """Share of ``inner`` that lies in ``outer``."""
    width = min(inner.x2, outer.x2) - max(inner.x1, outer.x1)
    height = min(inner.y2, outer.y2) - max(inner.y1, outer.y1)
    return max(0.0, width) * max(0.0, height) / inner.area


def _rides(person: Box, thing: Box) -> bool:
    """The person is in the middle of the thing, and higher."""
    x, y = person.center
    above = y < thing.center[1] and person.y2 < thing.y2 and person.y2 > thing.y1 + 0.2 * thing.height
    return above and thing.x1 < x < thing.x2 and 0.25 < person.area / thing.area < 3 and _inside(person, thing) > 0.3


def _stands_on(person: Box, thing: Box) -> bool:
    """The thing is under the person's feet."""
    x, feet = thing.center[0], person.y2
    near = abs(thing.center[1] - feet) < 0.15 * person.height
    return near and person.x1 - 0.2 * person.width < x < person.x2 + 0.2 * person.width and thing.area < person.area


def _holds(person: Box, thing: Box) -> bool:
    """Most of the thing is before the person, above the feet."""
    upper = thing.center[1] < person.y1 + 0.75 * person.height
    return upper and thing.area < 0.4 * person.area and _inside(thing, person) > 0.6


def _sits_on(person: Box, thing: Box) -> bool:
    """Most of the person is before the seat, the feet are not above it."""
    return _inside(person, thing) > 0.6 and person.y2 > thing.y1 + 0.3 * thing.height and person.area < thing.area


_OF_PEOPLE = (
    _Relation("riding", frozenset(("horse", "bicycle", "motorcycle", "elephant")), _rides),
    _Relation("riding", frozenset(("skateboard", "snowboard", "surfboard")), _stands_on),
    _Relation(
        "holding",
        frozenset(
            (
                *("tennis racket", "baseball bat", "umbrella", "cell phone", "frisbee", "toothbrush", "wine glass"),
                *("remote control", "hot dog", "donut", "sandwich", "banana", "guitar", "teddy bear", "surfboard"),
            )
        ),
        _holds,
    ),
    _Relation("wearing", frozenset(("tie", "baseball glove")), _holds),
    _Relation("with", frozenset(("backpack", "handbag", "suitcase", "dog", "cat")), _holds),
    _Relation("sitting on", frozenset(("sofa", "couch", "bench")), _sits_on),
    _Relation("on", frozenset(("bed",)), _sits_on),
)
_SUPPORTS = frozenset(("table", "dining table", "desk", "coffee table", "bench", "sofa", "couch", "bed", "plate"))
_HOLLOW = frozenset(("bowl", "basket"))
_FOOD = frozenset(
    (
        *("banana", "apple", "orange", "sandwich", "carrot", "broccoli", "hot dog", "pizza", "donut", "cake"),
        *("tomato", "strawberry", "lemon"),
    )
)
_STANDING_ON = _FOOD | frozenset(
    (
        *("cup", "mug", "bottle", "wine glass", "bowl", "plate", "fork", "knife", "spoon", "vase", "laptop", "book"),
        *("keyboard", "computer mouse", "cell phone", "remote control", "scissors", "teddy bear"),
        *("cat", "potted plant", "television"),
    )
)
_WORDS = {"dining table": "table", "computer mouse": "mouse"}


def relations(regions: Sequence[Named]) -> dict[int, str]:
    """What can be said of the regions by their boxes alone, by place in ``regions``: at most one thing of each.

    It is a guess by geometry, meant for boxes that are drawn tightly. A thing that several people may hold tells
    nothing of any of them.
    """
    told: dict[int, str] = {}
    people = [(number, box) for number, (name, box) in enumerate(regions) if is_person(name)]
    for relation in _OF_PEOPLE:
        for name, thing in regions:
            if name in relation.things:
                fitting = [number for number, box in people if relation.fits(box, thing)]
                if len(fitting) == 1:
                    told.setdefault(fitting[0], f"{relation.words} {with_article(_WORDS.get(name, name))}")
    for number, (name, box) in enumerate(regions):
        under = [support for support in regions if _lies_on(name, box, *support)]
        if under and number not in told:
            support, _ = min(under, key=lambda pair: pair[1].area)
            told[number] = f"{'in' if support in _HOLLOW else 'on'} {with_article(_WORDS.get(support, support))}"
    return told


def _lies_on(name: str, box: Box, support: str, place: Box) -> bool:
    """Whether a thing lies on a table, or food in a bowl: its lower edge is within the other box, and it is smaller."""
    if support in _HOLLOW or support == "plate":
        return name in _FOOD and _inside(box, place) > 0.85 and box.area < 0.7 * place.area
    if support not in _SUPPORTS or name not in _STANDING_ON or box.area > 0.4 * place.area:
        return False
    x, foot = box.center[0], box.y2
    return place.x1 < x < place.x2 and place.y1 < foot < place.y2 and _inside(box, place) > 0.3
