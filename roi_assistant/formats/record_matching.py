"""Which record of an annotation file is about which image: names in files are often relative to another folder."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.sentences import Sentence


class NamedImage(Protocol):
    """An image file. ``name`` is its POSIX path relative to the folder that holds all images."""

    @property
    def path(self) -> Path:
        """Where the file lies."""

    @property
    def name(self) -> str:
        """The name by which a record may call the image: a POSIX path."""


Image = TypeVar("Image", bound=NamedImage)


def match_records(
    images: Sequence[Image],
    records: Sequence[AnnotatedImage],
    *,
    file: Path,
    notes: list[Sentence],
    notes_count: bool = False,
) -> list[tuple[Image, AnnotatedImage]]:
    """The images for which ``records``, read from ``file``, have boxes, each with its record. ``notes_count``: also
    those of which a person noted something.

    A name fits that is the image's, or whose last folders are the image's last folders. What belongs to no image, and
    images without boxes, are told in ``notes``.

    Raises:
        FormatError: no image has boxes, or it is not clear which image a record is about.
    """
    exact = {record.file_name: record for record in records}
    names = {image.name for image in images}
    by_base: dict[str, list[AnnotatedImage]] = defaultdict(list)
    for listed in records:
        if listed.file_name not in names:
            by_base[PurePosixPath(listed.file_name).name].append(listed)
    matched: list[tuple[Image, AnnotatedImage]] = []
    used: set[str] = set()
    without = 0
    for image in images:
        record = exact.get(image.name) or _match(image, by_base.get(PurePosixPath(image.name).name, ()), file)
        if record is None or not (record.regions or (notes_count and (record.note or record.reviewed_empty))):
            without += 1
            continue
        if record.file_name in used:
            raise FormatError(
                "{file}: several of the images fit {name}; give only one of them.",
                file=file,
                name=repr(record.file_name),
            )
        used.add(record.file_name)
        matched.append((image, record))
    if not matched:
        raise FormatError(
            "{file} has no boxes for the given images: it lists {names}.", file=file, names=_examples(records)
        )
    if without:
        notes.append(Sentence.of("{file}: images without boxes in it, left out: {count}.", file=file, count=without))
    unused = sum(1 for record in records if record.regions and record.file_name not in used)
    if unused:
        notes.append(
            Sentence.of(
                "{file}: images with boxes that are not among the given, left out: {count}.", file=file, count=unused
            )
        )
    return matched


def _match(image: NamedImage, candidates: Sequence[AnnotatedImage], file: Path) -> AnnotatedImage | None:
    """The only one of ``candidates`` whose path ends with that of ``image``, or the other way round."""
    if not candidates:
        return None
    full, name = PurePosixPath(Path(os.path.abspath(image.path)).as_posix()).parts, PurePosixPath(image.name).parts
    fitting = []
    for record in candidates:
        parts = PurePosixPath(record.file_name).parts
        if full[-len(parts) :] == parts or parts[-len(name) :] == name:
            fitting.append(record)
    if len(fitting) > 1:
        raise FormatError(
            "{file}: {path} may be {one} or {other}; give the folder that the names are relative to.",
            file=file,
            path=image.path,
            one=repr(fitting[0].file_name),
            other=repr(fitting[1].file_name),
        )
    return fitting[0] if fitting else None


def _examples(records: Sequence[AnnotatedImage]) -> Sentence | str:
    names = [record.file_name for record in records if record.regions]
    if not names:
        return Sentence("no image with boxes")
    listed = ", ".join(names[:3])
    if len(names) <= 3:
        return listed
    return Sentence.of("{names} and {count} more", names=listed, count=len(names) - 3)
