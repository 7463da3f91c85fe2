"""Rules about boxes: tiny ones, doubled ones, and those that contain another of the same category."""

from __future__ import annotations

from collections.abc import Iterator

from roi_assistant.core.box import Box, format_box, intersection_over_union
from roi_assistant.core.lexicon import is_person, load_lexicon, singular
from roi_assistant.core.lint.findings import Finding, LintImage, RemoveRegion, caption_of
from roi_assistant.core.lint.words import are_different_kinds
from roi_assistant.core.phrase_comparison import words_of
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import Region
from roi_assistant.sentences import Sentence

SMALLEST_SIDE = 4.0
"""Pixels: of a box with a shorter side nobody sees what is in it."""
DOUBLED = 0.9
"""Intersection over union from which two boxes are nearly the same one."""
HALF = 0.5
"""Intersection over union below which a box inside another is mostly a thing of its own, such as a person behind."""
CONTAINED = 0.95
"""Part of a box's area inside another one, from which the other contains it."""
SAME = 0.97
"""Intersection over union from which boxes of different categories are told."""
MOST_BOXES = 400
"""Boxes of an image that are compared with each other, the first ones: the work grows with their square."""


def tiny_boxes(image: LintImage) -> Iterator[Finding]:
    """Boxes with a side below `SMALLEST_SIDE` pixels: mostly a slip of the hand."""
    for region in image.regions:
        box = region.box
        if min(box.width, box.height) < SMALLEST_SIDE:
            yield Finding(
                rule="tiny-box",
                text=Sentence.of(
                    "The box is {width} x {height} pixels: nobody sees what is in it.",
                    width=f"{box.width:.3g}",
                    height=f"{box.height:.3g}",
                ),
                image=image.key,
                regions=(region.id,),
                subject=format_box(box.xyxy),
            )


def doubled_boxes(image: LintImage) -> Iterator[Finding]:
    """Pairs of nearly the same box in the same category, or one of them in none. Of two that say the same, the one
    with fewer decisions of people may go."""
    for earlier, later, overlap in _overlapping(image, DOUBLED):
        if earlier.category and later.category and _name(earlier) != _name(later):
            continue
        kept, spare = (later, earlier) if _weight(later) > _weight(earlier) else (earlier, later)
        yield Finding(
            rule="doubled-box",
            text=Sentence.of(
                "Two boxes of “{name}” overlap by {percent} percent.",
                name=kept.category or spare.category or Sentence("no category"),
                percent=int(100 * overlap),
            ),
            image=image.key,
            regions=(spare.id, kept.id),
            subject=f"{format_box(spare.box.xyxy)} {format_box(kept.box.xyxy)}",
            fix=RemoveRegion(image.key, spare.id, kept.id) if says_all(kept, spare) else None,
        )


def two_categories(image: LintImage) -> Iterator[Finding]:
    """Pairs of nearly the same box in categories of different kinds. A dog that is also an animal is none, and
    neither are people with what they wear or ride: both are right, and their boxes are often the same."""
    for earlier, later, _ in _overlapping(image, SAME):
        one, other = (earlier.category or "").casefold(), (later.category or "").casefold()
        if is_person(one) or is_person(other) or not are_different_kinds(one, other):
            continue
        yield Finding(
            rule="two-categories",
            text=Sentence.of("The same box is a “{one}” and a “{other}”.", one=one, other=other),
            image=image.key,
            regions=(later.id, earlier.id),
            subject=f"{one} {other} {format_box(later.box.xyxy)}",
        )


def _overlapping(image: LintImage, least: float) -> Iterator[tuple[Region, Region, float]]:
    """Each region with the first one before it whose box overlaps its own by ``least``, and by how much: of three
    copies, each is told once."""
    regions = image.regions[:MOST_BOXES]
    for place, later in enumerate(regions):
        for earlier in regions[:place]:
            overlap = intersection_over_union(earlier.box, later.box)
            if overlap >= least:
                yield earlier, later, overlap
                break


def says_all(kept: Region, spare: Region) -> bool:
    """Whether nothing is lost when ``spare`` goes: the same box to a tenth of a pixel, and no word, value or decision
    of a person that ``kept`` has not."""
    if max(abs(a - b) for a, b in zip(kept.box.xyxy, spare.box.xyxy, strict=True)) > 0.1:
        return False
    if spare.locked or _weight(spare) > _weight(kept) or (spare.category and _name(spare) != _name(kept)):
        return False
    kept_words = {caption.text for caption in kept.captions}
    kept_values = {(attribute.name, attribute.values) for attribute in kept.attributes}
    return {caption.text for caption in spare.captions} <= kept_words and all(
        (attribute.name, attribute.values) in kept_values for attribute in spare.attributes
    )


def nested_boxes(image: LintImage) -> Iterator[Finding]:
    """Boxes that contain another of the same category nearly wholly, and only one: a box around several is a group,
    and so is one whose caption counts ("two dogs") or names several ("dogs")."""
    regions = [region for region in image.regions[:MOST_BOXES] if region.category]
    for outer in regions:
        inside = [
            inner
            for inner in regions
            if inner is not outer
            and _name(inner) == _name(outer)
            and _part_inside(inner.box, outer.box) >= CONTAINED
            and HALF <= intersection_over_union(inner.box, outer.box) < DOUBLED
        ]
        if len(inside) == 1 and not _is_group(outer):
            yield Finding(
                rule="nested-box",
                text=Sentence.of("The box of a “{name}” contains another “{name}”.", name=outer.category or ""),
                image=image.key,
                regions=(inside[0].id, outer.id),
                subject=f"{format_box(outer.box.xyxy)} {format_box(inside[0].box.xyxy)}",
            )


def without_region(regions: tuple[Region, ...], fix: RemoveRegion) -> Region | None:
    """The region that ``fix`` removes, while it still holds that nothing is lost; None when it does not."""
    found = {region.id: region for region in regions}
    kept, spare = found.get(fix.same_as), found.get(fix.region)
    if kept is None or spare is None or "rejected" in (kept.state, spare.state) or not says_all(kept, spare):
        return None
    return spare


def _name(region: Region) -> str:
    return (region.category or "").casefold()


def _weight(region: Region) -> tuple[bool, bool]:
    """Decisions of people outweigh suggestions, locked boxes others."""
    return region.locked, region.state in ("accepted", "edited")


def _part_inside(inner: Box, outer: Box) -> float:
    width = min(inner.x2, outer.x2) - max(inner.x1, outer.x1)
    height = min(inner.y2, outer.y2) - max(inner.y1, outer.y1)
    return max(0.0, width) * max(0.0, height) / inner.area


def _is_group(region: Region) -> bool:
    """Whether the caption is about several things: "two dogs", "a group of men", "people"."""
    caption = caption_of(region)
    facts, words = parse_phrase(caption), words_of(caption)
    if "count" in facts.attributes or not load_lexicon().collectives.isdisjoint(words):
        return True
    head = facts.head.rpartition(" ")[2]
    return bool(head) and head not in words and any(singular(word) == head for word in words)
