"""Images with their regions, as all readers and writers of annotation files exchange them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from roi_assistant.core.records import Conversation, Region
from roi_assistant.formats.export_report import Loss
from roi_assistant.sentences import Sentence

BoxUnit = Literal["pixels", "fractions", "percent"]
"""What the numbers of a box are: of the image as displayed, or parts of its sides, the whole side being 1 or 100."""

NO_CATEGORY = "object"
"""COCO wants a category for every annotation: this one stands for "none given"."""


@dataclass(frozen=True, slots=True)
class AnnotatedImage:
    """One image and its regions.

    ``file_name`` is its POSIX path relative to the root of the images, never only the base name. ``width`` and
    ``height`` are pixels of the image as displayed; None where a file that was read does not say. ``id`` None: a
    number is given on writing. ``note`` and ``reviewed_empty`` are those of ``core.records.ImageNotes``.
    ``conversations`` are those of the chat, about regions by their ids.
    """

    file_name: str
    width: int | None
    height: int | None
    regions: tuple[Region, ...] = ()
    id: int | None = None
    note: str = ""
    reviewed_empty: bool = False
    conversations: tuple[Conversation, ...] = ()

    def place_of(self, region: Region) -> str:
        """What messages and reports call ``region``."""
        return f"{self.file_name}, region {region.id}"


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What COCO's blocks ``info`` and ``licenses`` say of the data set."""

    description: str = "Region captions and attributes"
    licence: str = "Unknown: ask the owners of the images"
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class AnnotationSet:
    """What an annotation file holds. ``category_ids`` maps names to the file's own ids; hand it to the next export.
    ``unit`` is that of the boxes, None where the file leaves it to be found out."""

    images: tuple[AnnotatedImage, ...]
    category_ids: Mapping[str, int] = field(default_factory=dict)
    crowds_skipped: int = 0
    left_out: tuple[Sentence, ...] = ()
    """What could not be read, where the reader was told to go on: a sentence for each kind of problem."""
    losses: tuple[Loss, ...] = ()
    """What the file says of its images and regions beyond what these records hold."""
    unit: BoxUnit | None = None
