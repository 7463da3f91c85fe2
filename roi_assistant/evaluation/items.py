"""What is evaluated: boxes with what people said of them, whatever data set they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box, clip_box, scale_box
from roi_assistant.core.records import AttributeSchema, CaptionStyle
from roi_assistant.evaluation.metrics import distinct_phrases
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.clauses import clauses_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.datasets.dataset import ImageFiles

SMALL_AREA = 32.0**2
MEDIUM_AREA = 96.0**2
REFERENCE_SIDE = 640.0
"""COCO's limits of small and medium boxes, in pixels of a photo whose longer side is ``REFERENCE_SIDE``."""


@dataclass(frozen=True, slots=True)
class EvaluationItem:
    """One box with its human references.

    ``box`` is in pixels of a photo of ``width`` x ``height``; the stored photo may have another size.
    ``references`` are distinct, lower-cased phrases; ``category`` is set where the data set names categories.
    """

    id: str
    photo: str
    box: Box
    width: int
    height: int
    references: tuple[str, ...] = ()
    category: str | None = None
    kinds: tuple[str, ...] = ()
    label: str = ""
    """The category as the annotations write it."""
    members: int = 1
    mentions: tuple[tuple[tuple[str, ...], int, int], ...] = ()
    """Sentences in which people mention the region: words, start, end."""

    def box_in(self, image: Image) -> Box:
        """The box in pixels of ``image``: both axes scaled separately, since stored copies may be stretched."""
        scaled = scale_box(self.box, x=image.width / self.width, y=image.height / self.height)
        return clip_box(scaled, width=image.width, height=image.height)

    @property
    def size(self) -> str:
        """``small``, ``medium`` or ``large``: COCO's areas on a photo scaled to ``REFERENCE_SIDE``."""
        area = self.box.area * (REFERENCE_SIDE / max(self.width, self.height)) ** 2
        return "small" if area < SMALL_AREA else "medium" if area < MEDIUM_AREA else "large"


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The items of one split. ``load`` returns the RGB picture of a photo by ``EvaluationItem.photo``.

    Items of one photo follow each other. ``train_photos`` counts the training photos of each category where the data
    set has a training split.
    """

    protocol: str
    name: str
    split: str
    items: tuple[EvaluationItem, ...]
    load: Callable[[str], Image]
    train_photos: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    attributes: AttributeSchema | None = None
    """What captioners are asked beside caption and category; None: all that they know."""

    @property
    def photos(self) -> int:
        """How many photos the items are on."""
        return len({item.photo for item in self.items})

    @property
    def sha256(self) -> str:
        """Hash of ids, boxes, references and categories: two runs with the same hash were asked the same."""
        lines = [[i.id, *i.box.xyxy, i.width, i.height, list(i.references), i.category] for i in self.items]
        return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()

    def by_photo(self) -> Iterator[tuple[str, list[EvaluationItem]]]:
        """Each photo with its items, in their order."""
        for photo, items in groupby(self.items, key=lambda item: item.photo):
            yield photo, list(items)


def photo_loader(images: ImageFiles) -> Callable[[str], Image]:
    """`EvaluationSet.load` for the photos in ``images``."""
    from roi_assistant.imaging.decode import decode_bytes

    return lambda photo: decode_bytes(images.read(photo), name=photo).pixels


def photo_of(items: Iterable[EvaluationItem]) -> dict[str, str]:
    """The photo of each item, by ids."""
    return {item.id: item.photo for item in items}


def item_of(photo: AnnotatedPhoto, region: AnnotatedRegion, *, style: CaptionStyle = "phrase") -> EvaluationItem:
    """The item of one region. Its references are what people wrote in that style: phrases, or clauses for
    descriptions."""
    references = clauses_of(region, photo.sentences) if style == "description" else region.phrases
    return EvaluationItem(
        id=f"{photo.image}#{region.id}",
        photo=photo.image,
        box=region.box,
        width=photo.width,
        height=photo.height,
        references=tuple(distinct_phrases(references)),
        category=region.category,
        kinds=region.kinds,
        members=max(1, len(region.members)),
        mentions=tuple(
            (sentence.words, mention.start, mention.end)
            for sentence in photo.sentences
            for mention in sentence.mentions
            if mention.region_id == region.id
        ),
    )
