"""Boxes with their true names and all that a captioner says of them, and files of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from roi_assistant.captioners.asking import describe_checked
from roi_assistant.core.box import Box
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import DescribeRequest, RegionText
from roi_assistant.errors import BadInputError, CaptionerError
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.predictions import AnswerKind
from roi_assistant.evaluation.resumable import AnswerFile, Record
from roi_assistant.evaluation.runner import Timing, ask_items
from roi_assistant.memory.vectors import unpacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from roi_assistant.interfaces import Captioner

FORMAT = "roi-assistant-region-texts"


@dataclass(frozen=True, kw_only=True)
class NamedRegion:
    """A box, its true ``name``, and what a captioner with the capability ``features`` says of it.

    ``box`` is in pixels of the annotation, that of ``text`` in pixels of the stored photo. ``item`` is unique within
    its data set.
    """

    item: str
    photo: str
    name: str
    box: tuple[float, float, float, float]
    text: RegionText

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        """How it looks, float32 [dimensions]. Raises: FormatError."""
        return unpacked(self.text.features)


def _decoded(record: Record) -> NamedRegion:
    """Raises: FormatError, also for damaged features; BadInputError for a box without area."""
    region = decode(NamedRegion, record)
    Box(*region.box)
    if not region.vector.any():
        raise BadInputError(f"The features of {region.item} are all zero: that is no direction.")
    return region


REGION_TEXTS: AnswerKind[NamedRegion] = AnswerKind(FORMAT, "file of region texts", encode=encode, decode=_decoded)


def describe_regions(
    captioner: Captioner,
    data: EvaluationSet,
    *,
    request: DescribeRequest,
    saved: AnswerFile[str, NamedRegion],
    progress: Callable[[int], None] = lambda items: None,
) -> tuple[dict[str, NamedRegion], Timing]:
    """What ``captioner`` says of all items, which have names, by item; and what it took.

    Items that ``saved`` has already are not asked again. ``progress`` is called with the number of items just
    finished.

    Raises:
        CaptionerError: the captioner does not tell how regions look; else as `describe_checked`.
    """
    if "features" not in captioner.info.capabilities:
        raise CaptionerError(
            f"{captioner.info.id} has no capability 'features', so that a project cannot remember what it describes: "
            "choose a model that tells how regions look."
        )

    def describe(state: object, boxes: Sequence[Box], items: Sequence[EvaluationItem]) -> list[NamedRegion]:
        texts = describe_checked(captioner, state, boxes, request, image=items[0].photo)
        return [_named(item, text, captioner.info.id) for item, text in zip(items, texts, strict=True)]

    return ask_items(captioner, data, describe, saved=saved, progress=progress)


def _named(item: EvaluationItem, text: RegionText, model: str) -> NamedRegion:
    if not text.features:
        raise CaptionerError(
            f"{model} told no features of {item.id}, though it has the capability: its plugin is at fault."
        )
    return NamedRegion(item=item.id, photo=item.photo, name=item.category or "", box=item.box.xyxy, text=text)


def check_names(regions: Iterable[NamedRegion], items: Iterable[EvaluationItem]) -> None:
    """Refuse ``regions`` that were named otherwise than ``items`` are.

    Raises:
        BadInputError: the name of an item differs.
    """
    names = {item.id: item.category for item in items}
    for region in regions:
        if names.get(region.item, region.name) != region.name:
            raise BadInputError(
                f"{region.item} was a {region.name!r} when it was described and is a {names[region.item]!r} now: give "
                "another predictions file."
            )
