"""Photos with human region text, as every region data set is read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roi_assistant.core.box import Box


@dataclass(frozen=True, slots=True)
class AnnotatedRegion:
    """One box and what people said of it.

    ``box`` is in pixels of a photo of ``AnnotatedPhoto.width`` x ``height``. ``phrases`` keeps one entry per person and
    mention, ``clauses`` what people wrote on from such a mention, which may speak of things outside the box;
    ``category`` is set by data sets that name categories, with ``attributes`` (values by name) where somebody told
    them, and ``members`` holds the single boxes of a group.
    """

    id: str
    box: Box
    phrases: tuple[str, ...] = ()
    category: str | None = None
    members: tuple[Box, ...] = ()
    kinds: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``start:end`` of ``AnnotatedSentence.words`` that name the region ``region_id``."""

    region_id: str
    start: int
    end: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    words: tuple[str, ...]
    mentions: tuple[Mention, ...]

    @property
    def text(self) -> str:
        """The words with a space between any two, as the data set has them."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class AnnotatedPhoto:
    """A photo's regions and sentences; ``image`` is its file name, ``width`` and ``height`` the pixels of its boxes.

    The stored file may have other dimensions (a resized copy): scale x and y separately.
    """

    image: str
    width: int
    height: int
    regions: tuple[AnnotatedRegion, ...]
    sentences: tuple[AnnotatedSentence, ...] = field(default=())
