"""VCR as conversations, in three ways: all objects listed, one object in the question, several objects in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Literal

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.vcr_annotations import TaggedText, VcrItem, tags_of, write_tags
from roi_assistant.training.datasets.dataset import Filter, ImageFiles, RegionDataset
from roi_assistant.training.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.training.datasets.templates import BEGIN, VCR_GIVEN, WHY, introduced, listed, pick

Variant = Literal["vcr", "single_vcr", "multi_vcr"]


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
        order = _order(item, variant)
        usable = {*named, *others} <= set(order) and bool(order)
        if chosen.keep(usable, "box without area") and chosen.keep(_has_words(item), "no words"):
            entries.append(item)
            boxes += len(order)
    if not entries:
        raise FormatError(f"The split {split} has no question that {variant} can use.")

    def write(item: VcrItem, rng: random.Random) -> RegionSample:
        assert item.typed is not None
        order = _order(item, variant)
        place = {number: k for k, number in enumerate(order, start=1)}
        question, answer, rationale = item.typed
        known: set[int] = set(order) if variant == "vcr" else set()

        def tag(number: int) -> str:
            region = f"region{place[number]}" if number in known else introduced(place[number])
            known.add(number)
            return f"{plain_text(item.objects[number].name)} at {region}"

        asked = _written(question, tag)
        if variant == "vcr":
            asked = pick(VCR_GIVEN, rng).format(regions=listed(len(order)), question=asked)
        pairs = [(BEGIN + asked, _written(answer, tag)), (pick(WHY, rng), _written(rationale, tag))]
        found = [item.objects[number].box for number in order]
        unit = tuple(unit_box(box, width=item.width, height=item.height) for box in found if box is not None)
        return RegionSample(variant, item.id, item.image, item.width, item.height, unit, conversation(*pairs))

    return RegionDataset(variant, split, entries, write, images, boxes, dict(chosen.dropped))


def _order(item: VcrItem, variant: Variant) -> list[int]:
    """The objects that get a region, in the order of their numbers there; those without a box are left out."""
    assert item.typed is not None
    wanted = range(len(item.objects)) if variant == "vcr" else tags_of(item.typed[0])
    return [number for number in wanted if isinstance(item.objects[number].box, Box)]


def _has_words(item: VcrItem) -> bool:
    return item.typed is not None and all(_written(text, lambda number: "x") for text in item.typed)


def _written(text: TaggedText, tag: Callable[[int], str]) -> str:
    """The text on one line; only the words of people are cleaned, the tags are ours."""
    clean = tuple(piece if isinstance(piece, int) else _cleaned(piece) for piece in text)
    return " ".join(write_tags(clean, tag).split())


def _cleaned(piece: str) -> str:
    """``plain_text`` would also take away the spaces that divide words from tags."""
    inner = plain_text(piece)
    return f"{' ' * piece[:1].isspace()}{inner}{' ' * piece[-1:].isspace()}"
