"""VCR as conversations, in three ways: all objects listed, one object in the question, several objects in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset
from roi_assistant.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.datasets.templates import BEGIN, VCR_GIVEN, WHY, introduced, listed, pick
from roi_assistant.errors import FormatError
from roi_assistant.formats.vcr_annotations import TaggedText, VcrItem, VcrObject, tags_of, write_tags

Variant = Literal["vcr", "single_vcr", "multi_vcr"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a conversation is written from: an item without the wrong options, which are most of its text.

    ``order`` are the objects that get a region, in the order of their numbers there.
    """

    id: str
    image: str
    width: int
    height: int
    objects: tuple[VcrObject, ...]
    order: tuple[int, ...]
    question: TaggedText
    answer: TaggedText
    rationale: TaggedText


def load_vcr(
    items: Iterable[VcrItem], images: ImageFiles, *, variant: Variant = "vcr", split: str = "train"
) -> RegionDataset:
    """Question, right answer, "why", right rationale, in the words that people typed.

    ``vcr`` lists all objects of the photo before the question. ``single_vcr`` takes questions that name exactly one
    object, ``multi_vcr`` those that name several, and both only when answer and rationale name no other; each object is
    then introduced where the question first names it. Objects are written as "person at region2".

    Raises:
        FormatError: no question is left.
    """
    chosen, entries, boxes = Filter(), [], 0
    for item in items:
        if not chosen.keep(item.typed is not None, "no right answer"):
            continue
        assert item.typed is not None
        question, answer, rationale = item.typed
        named = tags_of(question)
        others = set(tags_of(answer)) | set(tags_of(rationale))
        if variant == "single_vcr" and not chosen.keep(len(named) == 1, "not exactly one object in the question"):
            continue
        if variant == "multi_vcr" and not chosen.keep(len(named) > 1, "not several objects in the question"):
            continue
        if variant != "vcr" and not chosen.keep(others <= set(named), "the answer names other objects"):
            continue
        numbers = range(len(item.objects)) if variant == "vcr" else named
        order = tuple(number for number in numbers if item.objects[number].box is not None)
        usable = {*named, *others} <= set(order) and bool(order)
        if chosen.keep(usable, "box without area") and chosen.keep(all(map(_has_words, item.typed)), "no words"):
            photo = item.image, item.width, item.height, item.objects
            entries.append(_Entry(item.id, *photo, order, *item.typed))
            boxes += len(order)
    if not entries:
        raise FormatError(f"The split {split} has no question that {variant} can use.")

    def write(entry: _Entry, rng: random.Random) -> RegionSample:
        place = {number: k for k, number in enumerate(entry.order, start=1)}
        known: set[int] = set(entry.order) if variant == "vcr" else set()

        def tag(number: int) -> str:
            region = f"region{place[number]}" if number in known else introduced(place[number])
            known.add(number)
            return f"{plain_text(entry.objects[number].name)} at {region}"

        asked = _written(entry.question, tag)
        if variant == "vcr":
            asked = pick(VCR_GIVEN, rng).format(regions=listed(len(entry.order)), question=asked)
        pairs = [(BEGIN + asked, _written(entry.answer, tag)), (pick(WHY, rng), _written(entry.rationale, tag))]
        in_order = [entry.objects[number].box for number in entry.order]
        unit = tuple(unit_box(box, width=entry.width, height=entry.height) for box in in_order if box is not None)
        return RegionSample(variant, entry.id, entry.image, entry.width, entry.height, unit, conversation(*pairs))

    return RegionDataset(variant, split, entries, write, images, boxes, dict(chosen.dropped))


def _has_words(text: TaggedText) -> bool:
    return bool(_written(text, lambda number: "x"))


def _written(text: TaggedText, tag: Callable[[int], str]) -> str:
    """The text on one line; only the words of people are cleaned, the tags are ours."""
    clean = tuple(piece if isinstance(piece, int) else _cleaned(piece) for piece in text)
    return " ".join(write_tags(clean, tag).split())


def _cleaned(piece: str) -> str:
    """``plain_text`` would also take away the spaces that divide words from tags."""
    inner = plain_text(piece)
    return f"{' ' * piece[:1].isspace()}{inner}{' ' * piece[-1:].isspace()}"
