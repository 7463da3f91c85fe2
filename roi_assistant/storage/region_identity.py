"""Which region of an annotation file is which region of the project.

Ids are unique in their own file only, and many tools number anew with each export. So a region is the same where its
own id is, if that is more than a number; else where its box and words are. Doubtful are a box with other words, the
same words around nearly the same box, and an edited region whose id is still known: one of them stays, or both.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from roi_assistant.core.box import intersection_over_union
from roi_assistant.core.json_values import is_number
from roi_assistant.core.records import Provenance, Region

Relation = Literal["new", "same", "conflict", "double"]
"""Of a region of a file to those of the project: ``same`` says the same as one of them, ``conflict`` may be one of them
but says something else, ``double`` is equal to an earlier region of the file."""

OnConflict = Literal["keep", "replace", "both"]
"""What becomes of a region that the project has otherwise: the project's stays, the file's comes in its place, or the
file's comes beside it."""

_SAME_REGION = 0.5
"""Overlap (intersection over union) from which two boxes with one id are taken for one that was moved."""
_NEARLY_THE_SAME_BOX = 0.9
"""Overlap from which two boxes with the same words are taken for one that was rounded."""
_MOST_PAIRS = 1_000_000
"""Of boxes on one image that are compared for their overlap."""


@dataclass(frozen=True, slots=True)
class MatchedRegion:
    """A ``region`` of a file, with the id that it gets in the project, and the one of the project that it may be."""

    region: Region
    relation: Relation
    stored: Region | None = None


def match_regions(regions: Sequence[Region], stored: Iterable[Region]) -> list[MatchedRegion]:
    """Each of ``regions``, which a file has of one image, with its counterpart among ``stored`` on the same image.

    The order is that of ``regions``. A stored region is the counterpart of one region at most; of regions that are
    equal to the last letter the later ones are the same as the first.
    """
    open_ = {region.id: region for region in stored}
    taken = set(open_)
    counterparts: list[Region | None] = [None] * len(regions)
    for find in (_by_id, _by_box_and_words, _by_box, _by_overlap):
        waiting = [number for number, counterpart in enumerate(counterparts) if counterpart is None]
        if not waiting or not open_:
            break
        for number, match in find([(number, regions[number]) for number in waiting], list(open_.values())):
            if match.id in open_ and counterparts[number] is None:
                counterparts[number] = open_.pop(match.id)
    matched: list[MatchedRegion] = []
    seen: set[tuple[object, ...]] = set()
    for region, counterpart in zip(regions, counterparts, strict=True):
        equal = (region.id if _is_own_id(region.id) else "", _corners(region), _words(region))
        if counterpart is not None:
            relation: Relation = "same" if _says_the_same(region, counterpart) else "conflict"
            matched.append(MatchedRegion(replace(region, id=counterpart.id), relation, counterpart))
        elif equal in seen:
            matched.append(MatchedRegion(region, "double"))
        else:
            named = replace(region, id=free_id(_id_in_project(region), taken))
            taken.add(named.id)
            matched.append(MatchedRegion(named, "new"))
        seen.add(equal)
    return matched


def _says_the_same(region: Region, stored: Region) -> bool:
    if _corners(region) != _corners(stored):
        return False
    if not _is_own_id(region.id):
        return _words(region) == _words(stored)
    if _is_plain(region):  # came back from a tool that knows no authors
        return _words(region) == _words(stored) and region.state == stored.state
    # Of a file that this program wrote: also who wrote what, and the review state.
    return replace(region, id=stored.id, box=stored.box) == stored


def _is_plain(region: Region) -> bool:
    """Whether nothing is told of it but words and the review state."""
    words = Region(
        region.id,
        region.box,
        region.category,
        region.captions,
        region.attributes,
        region.state,
        region.category_score,
    )
    signed = [*(one.provenance for one in region.captions), *(one.provenance for one in region.attributes)]
    return region == words and all(provenance == Provenance("human", "") for provenance in signed)


def free_id(id_: str, taken: Collection[str]) -> str:
    """``id_``, or with the first number behind it with which it is not among ``taken``."""
    free, number = id_, 2
    while free in taken:
        free, number = f"{id_}-{number}", number + 1
    return free


def _is_own_id(id_: str) -> bool:
    """Whether it names the region wherever the region is, and is not its number in one file."""
    return not is_number(id_)


def _id_in_project(region: Region) -> str:
    """A number becomes what box and words give: the same in all projects, so that two of them can be merged, and still
    known when the region is edited and its file comes again."""
    if _is_own_id(region.id):
        return region.id
    told = json.dumps([_corners(region), _words(region)], ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _corners(region: Region) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in region.box.xyxy)


def _words(region: Region) -> tuple[object, ...]:
    captions = tuple(caption.text for caption in region.captions)
    return region.category or "", captions, tuple((a.name, a.values) for a in region.attributes)


_Numbered = tuple[int, Region]


def _by_id(regions: Sequence[_Numbered], stored: Sequence[Region]) -> Iterable[_Numbered]:
    by_id = {region.id: region for region in stored}
    for number, region in regions:
        match = by_id.get(_id_in_project(region))
        if match is not None and (_fits(region, match) or not _is_own_id(region.id)):
            yield number, match


def _fits(region: Region, stored: Region) -> bool:
    """Whether regions with one id can be one region: short ids such as ``r1`` may come from two people."""
    return (
        len(region.id) >= 16
        or intersection_over_union(region.box, stored.box) >= _SAME_REGION
        or _words(region) == _words(stored)
    )


def _by_box_and_words(regions: Sequence[_Numbered], stored: Sequence[Region]) -> Iterable[_Numbered]:
    same = defaultdict(list)
    for region in stored:
        same[_corners(region), _words(region)].append(region)
    for number, region in regions:
        if (matches := same.get((_corners(region), _words(region)))) and _may_be(region, matches[-1]):
            yield number, matches.pop()


def _by_box(regions: Sequence[_Numbered], stored: Sequence[Region]) -> Iterable[_Numbered]:
    same = defaultdict(list)
    for region in stored:
        same[_corners(region)].append(region)
    for number, region in regions:
        if (matches := same.get(_corners(region))) and _may_be(region, matches[-1]):
            yield number, matches.pop()


def _by_overlap(regions: Sequence[_Numbered], stored: Sequence[Region]) -> Iterable[_Numbered]:
    if len(regions) * len(stored) > _MOST_PAIRS:
        return
    by_words = defaultdict(list)
    for region in stored:
        by_words[_words(region)].append(region)
    for number, region in regions:
        near = [(intersection_over_union(region.box, other.box), other.id, other) for other in by_words[_words(region)]]
        overlap, _, match = max(near, default=(0.0, "", region))
        if overlap >= _NEARLY_THE_SAME_BOX and _may_be(region, match):
            by_words[_words(region)].remove(match)
            yield number, match


def _may_be(region: Region, stored: Region) -> bool:
    """Two regions that both have an id of their own, and not the same, are two."""
    return not (_is_long_id(region.id) and _is_long_id(stored.id))


def _is_long_id(id_: str) -> bool:
    return len(id_) >= 16 and _is_own_id(id_)
