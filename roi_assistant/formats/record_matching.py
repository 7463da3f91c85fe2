"""Which record of an annotation file is about which image: names in files are often relative to another folder."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.image_names import NAME_MATCHES, NameMatch, name_parts
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

    A name fits that is the image's, or whose last folders are the image's last folders; where none is written just so,
    one that differs in what `image_names.NameMatch` says, the smallest difference first. What belongs to no image, and
    images without boxes, are told in ``notes``.

    Raises:
        FormatError: no image has boxes, or it is not clear which image a record is about.
    """
    owners = _owners(images, records, file)

    def says_something(record: AnnotatedImage) -> bool:
        return bool(record.regions or (notes_count and (record.note or record.reviewed_empty)))

    matched: list[tuple[Image, AnnotatedImage]] = []
    used: set[str] = set()
    without = 0
    for image in images:
        record = owners.get(image.name)
        if record is None or not says_something(record):
            without += 1
            continue
        used.add(record.file_name)
        matched.append((image, record))
    if not matched:
        problem = Sentence.of(
            "{file} has no boxes for the given images: it lists {names}.", file=file, names=_examples(records)
        )
        for note in notes:
            problem = Sentence.of("{problem} {note}", problem=problem, note=note)
        raise FormatError(problem.template, **dict(problem.values))
    if without:
        notes.append(Sentence.of("{file}: images without boxes in it, left out: {count}.", file=file, count=without))
    unused = [record.file_name for record in records if record.file_name not in used and says_something(record)]
    if unused:
        told = Sentence.of(
            "{file}: images with boxes or notes that are not among the given, left out: {count}, such as {example}.",
            file=file,
            count=len(unused),
            example=unused[0],
        )
        notes.append(told)
    return matched


def _owners(images: Sequence[Image], records: Sequence[AnnotatedImage], file: Path) -> dict[str, AnnotatedImage]:
    """Names of images -> the record that is about each.

    Raises:
        FormatError: an image fits two records, or a record two images.
    """
    exact = {record.file_name: record for record in records}
    owners = {image.name: exact[image.name] for image in images if image.name in exact}
    left_images = [image for image in images if image.name not in owners]
    left_records = [record for record in records if record.file_name not in owners]
    for allowed in NAME_MATCHES:
        by_base: dict[str, list[tuple[tuple[str, ...], AnnotatedImage]]] = defaultdict(list)
        for record in left_records:
            if parts := name_parts(record.file_name, allowed):
                by_base[parts[-1]].append((parts, record))
        images_of: dict[str, Image] = {}
        for image in left_images:
            owner = _only_fitting(image, by_base, allowed, file)
            if owner is None:
                continue
            other = images_of.setdefault(owner.file_name, image)
            if other is not image:
                raise FormatError(
                    "{file}: several of the images fit {name}, such as {one} and {other}; give only one of them.",
                    file=file,
                    name=repr(owner.file_name),
                    one=other.name,
                    other=image.name,
                )
            owners[image.name] = owner
        left_images = [image for image in left_images if image.name not in owners]
        left_records = [record for record in left_records if record.file_name not in images_of]
    return owners


def _only_fitting(
    image: NamedImage,
    by_base: Mapping[str, Sequence[tuple[tuple[str, ...], AnnotatedImage]]],
    allowed: NameMatch,
    file: Path,
) -> AnnotatedImage | None:
    """The only record whose path ends with that of ``image``, or the other way round."""
    name = name_parts(image.name, allowed)
    candidates = by_base.get(name[-1], ()) if name else ()
    if not candidates:
        return None
    full = name_parts(Path(os.path.abspath(image.path)).as_posix(), allowed)
    fitting = [record for parts, record in candidates if full[-len(parts) :] == parts or parts[-len(name) :] == name]
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
