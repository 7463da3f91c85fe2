"""COCO -> records. The other direction, and what the fields mean, is in ``coco_region_text``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from roi_assistant.core.box import Box, box_from_xywh
from roi_assistant.core.json_values import Finite, Flag, Id, Label, Name, Pixels, Text, Xywh, read_label
from roi_assistant.core.record_json import Foreign, Misfit, decode, shown
from roi_assistant.core.records import (
    Attribute,
    AttributeSource,
    Author,
    Caption,
    Provenance,
    Region,
    ReviewState,
    ScoredText,
)
from roi_assistant.core.schema import NO, YES
from roi_assistant.core.times import to_utc
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.json_files import read_json
from roi_assistant.sentences import Sentence

EmptyBoxes = Literal["refuse", "skip"]
"""What becomes of boxes without area or with a negative side, which a few official files have."""


def read_coco_boxes(path: Path | str, *, empty_boxes: EmptyBoxes = "refuse") -> AnnotationSet:
    """The images, boxes and texts of the COCO file at ``path``. Arguments and errors as for ``from_coco``.

    Raises:
        FormatError: the file is missing, is not JSON in UTF-8, or is not a COCO data set.
    """
    path = Path(path)
    return from_coco(read_json(path), name=str(path), empty_boxes=empty_boxes)


def from_coco(data: object, *, name: str, empty_boxes: EmptyBoxes = "refuse") -> AnnotationSet:
    """The COCO object ``data``; ``name`` is what messages call it, usually the path.

    Reads what ``to_coco`` writes, and plain COCO: ``caption`` alone becomes the preferred caption, ``attributes`` of
    other tools are taken over, and what does not say who wrote it counts as written by a person and accepted. Boxes
    are not clipped. Crowds are skipped and counted, and so are empty boxes when ``empty_boxes`` says so.

    Raises:
        FormatError: no ``images``; a missing or repeated id or file name; an annotation with a box that is not four
            numbers or is empty, or of an image or category that the file does not have. Names file and annotation.
    """
    if isinstance(data, list):
        raise FormatError(
            "{name} is a list of COCO results, which do not name their images: give the data set itself.", name=name
        )
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        raise FormatError('{name} is not a COCO file: it has no list "images".', name=name)
    file = decode(_File, data, name=name)
    images = {image.id: image for image in _entries(_Image, file.images, what=_IMAGE, file=name)}
    _check_file_names(images.values(), file=name)
    categories = {entry.id: entry.name for entry in _entries(_Category, file.categories, what=_CATEGORY, file=name)}
    unsigned = Provenance("human", file.info)
    regions: dict[Id, list[Region]] = {image_id: [] for image_id in images}
    used_categories: set[Id | None] = set()
    crowds = empty = 0
    for entry in _entries(_Annotation, file.annotations, what=_ANNOTATION, file=name):
        try:
            if entry.image_id not in images:
                raise FormatError("There is no image with the id {id}.", id=repr(entry.image_id))
            if entry.iscrowd:
                crowds += 1
                continue
            if entry.category_id is not None and categories and entry.category_id not in categories:
                raise FormatError("There is no category with the id {id}.", id=repr(entry.category_id))
            used_categories.add(entry.category_id)
            if entry.bbox is None:
                raise FormatError("The field {name} is missing.", name=repr("bbox"))
            if empty_boxes == "skip" and min(entry.bbox[2:]) <= 0:
                empty += 1
                continue
            category = None if entry.category_id is None else categories.get(entry.category_id)
            regions[entry.image_id].append(_region(entry, box_from_xywh(entry.bbox), category, unsigned))
        except (BoxError, FormatError) as error:
            raise _placed(error, file=name, what=_ANNOTATION, id=entry.id) from error
    return AnnotationSet(
        images=tuple(
            AnnotatedImage(
                file_name=image.file_name,
                width=image.width,
                height=image.height,
                regions=tuple(regions[image.id]),
                id=image.id if isinstance(image.id, int) else None,
                note=image.note,
                reviewed_empty=image.reviewed_empty and not regions[image.id],
            )
            for image in images.values()
        ),
        category_ids=_ids_by_name(categories, used_categories),
        crowds_skipped=crowds,
        empty_skipped=empty,
    )


# -------------------------------------------------------------------------------------------- what the file consists of


def _time(data: object) -> str:
    try:
        if isinstance(data, str):
            return to_utc(data)
    except ValueError:
        pass
    raise Misfit("A time such as 2026-01-02T03:04:05+00:00 is needed, not {data}.", data=shown(data))


def _date_created(info: object) -> str:
    """Of the whole file, in UTC; official files write 2017/09/01, and others words, which are not taken over."""
    try:
        return to_utc(str(info["date_created"]).replace("/", "-")) if isinstance(info, dict) else ""
    except (KeyError, ValueError):
        return ""


def _values(data: object) -> tuple[str, ...]:
    """Of an attribute; other programs write a single value, a number, or true or false."""
    values = data if isinstance(data, list) else [] if data is None or data == "" else [data]
    return tuple((YES if value else NO) if isinstance(value, bool) else read_label(value) for value in values)


_Time = Annotated[str, _time]
"""In UTC, "" where the file does not say."""


@dataclass(frozen=True, slots=True)
class _File(Foreign):
    images: tuple[object, ...]
    categories: tuple[object, ...] = ()
    annotations: tuple[object, ...] = ()
    info: Annotated[str, _date_created] = ""


@dataclass(frozen=True, slots=True)
class _Entry(Foreign):
    id: Id


@dataclass(frozen=True, slots=True)
class _Image(_Entry):
    file_name: Text
    width: Pixels | None = None
    height: Pixels | None = None
    note: Label = ""
    reviewed_empty: Flag = False


@dataclass(frozen=True, slots=True)
class _Category(_Entry):
    name: Name


@dataclass(frozen=True, slots=True)
class _Provenance(Foreign):
    author: Author
    created_at: _Time = ""
    model_id: Label = ""
    weights_sha256: Label = ""
    prompt: Label = ""
    decoding: Label = ""
    raw_output: Label = ""
    source: AttributeSource = "human"
    derived_from: Literal["", "caption"] = ""


@dataclass(frozen=True, slots=True)
class _Caption(Foreign):
    text: str
    score: Finite | None = None
    preferred: Flag = False
    provenance: _Provenance | None = None


@dataclass(frozen=True, slots=True)
class _Alternative(Foreign):
    text: str
    score: Finite


@dataclass(frozen=True, slots=True)
class _Annotation(_Entry):
    """``bbox`` may be missing in crowds; ``caption`` stands alone or is the preferred one of ``captions``."""

    image_id: Id
    category_id: Id | None = None
    iscrowd: Flag = False
    bbox: Xywh | None = None
    caption: str | None = None
    captions: tuple[str | _Caption, ...] | None = None
    attributes: dict[str, Annotated[tuple[str, ...], _values]] = field(default_factory=dict)
    unconfirmed_attributes: dict[str, Annotated[tuple[str, ...], _values]] = field(default_factory=dict)
    unconfirmed_category: str | None = None
    attribute_scores: dict[str, Finite | None] = field(default_factory=dict)
    attribute_provenance: dict[str, _Provenance | None] = field(default_factory=dict)
    region_id: Label | None = None
    review_state: ReviewState = "accepted"
    category_score: Finite | None = None
    category_provenance: _Provenance | None = None
    category_alternatives: tuple[_Alternative, ...] = ()
    unsure: Flag = False
    locked: Flag = False
    created_at: _Time = ""
    reviewed_at: _Time = ""
    copied_from: Label = ""


_IMAGE, _CATEGORY, _ANNOTATION = Sentence("image"), Sentence("category"), Sentence("annotation")
E = TypeVar("E", bound=_Entry)


def _entries(kind: type[E], records: Iterable[object], *, what: Sentence, file: str) -> Iterator[E]:
    """The ``records`` of one list of the file, called ``what`` in messages.

    Raises:
        FormatError: one is no ``kind``, or has the id of another.
    """
    seen: set[Id] = set()
    for number, record in enumerate(records, start=1):
        try:
            entry = decode(kind, record)
            if entry.id in seen:
                raise FormatError("This id occurs twice.")
        except FormatError as error:
            id_ = record.get("id") if isinstance(record, dict) else None
            raise _placed(error, file=file, what=what, id=f"no. {number}" if id_ is None else shown(id_)) from error
        seen.add(entry.id)
        yield entry


def _placed(error: BoxError | FormatError, *, file: str, what: Sentence, id: object) -> FormatError:
    where = Sentence.of("{file}, {what} {id}", file=file, what=what, id=id)
    return FormatError("{where}: {problem}", where=where, problem=error)


def _check_file_names(images: Iterable[_Image], *, file: str) -> None:
    owners: dict[str, Id] = {}
    for image in images:
        other = owners.setdefault(image.file_name, image.id)
        if other != image.id:
            raise FormatError(
                "{name}: the images {one} and {other} are both called {file_name}.",
                name=file,
                one=other,
                other=image.id,
                file_name=image.file_name,
            )


def _ids_by_name(names: Mapping[Id, str], used: Collection[Id | None]) -> dict[str, int]:
    """Some tools name a category twice, once as its own parent: the id that annotations use is the one to keep."""
    ids: dict[str, int] = {}
    for category_id, name in names.items():
        if isinstance(category_id, int) and (name not in ids or (ids[name] not in used and category_id in used)):
            ids[name] = category_id
    return ids


# ----------------------------------------------------------------------------------------------------------- records


def _region(entry: _Annotation, box: Box, category: str | None, unsigned: Provenance) -> Region:
    signed = entry.category_provenance
    return Region(
        id=str(entry.id) if entry.region_id is None else entry.region_id,
        box=box,
        category=category if entry.unconfirmed_category is None else entry.unconfirmed_category,
        captions=_captions(entry, unsigned),
        attributes=_attributes(entry, unsigned),
        state=entry.review_state,
        category_score=entry.category_score,
        unsure=entry.unsure,
        category_provenance=None if signed is None else _provenance(signed, unsigned),
        category_alternatives=tuple(ScoredText(item.text, item.score) for item in entry.category_alternatives),
        locked=entry.locked,
        created_at=entry.created_at,
        reviewed_at=entry.reviewed_at,
        category_unconfirmed=entry.unconfirmed_category is not None,
        copied_from=entry.copied_from,
    )


def _captions(entry: _Annotation, unsigned: Provenance) -> tuple[Caption, ...]:
    if entry.captions is None:
        text = entry.caption
        return (Caption(text, unsigned, preferred=True),) if text and text.strip() else ()
    return tuple(
        Caption(item, unsigned, preferred=item == entry.caption)
        if isinstance(item, str)
        else Caption(item.text, _provenance(item.provenance, unsigned), item.score, item.preferred)
        for item in entry.captions
    )


def _attributes(entry: _Annotation, unsigned: Provenance) -> tuple[Attribute, ...]:
    attributes = []
    order = {name: place for place, name in enumerate(entry.attribute_provenance)}
    both = entry.attributes | entry.unconfirmed_attributes
    for name, values in sorted(both.items(), key=lambda item: order.get(item[0], len(order))):
        if values:
            signed = entry.attribute_provenance.get(name)
            source = "human" if signed is None else signed.source
            score = entry.attribute_scores.get(name)
            waits = name in entry.unconfirmed_attributes
            attributes.append(Attribute(name, values, _provenance(signed, unsigned), score, source, waits))
    return tuple(attributes)


def _provenance(signed: _Provenance | None, unsigned: Provenance) -> Provenance:
    if signed is None:
        return unsigned
    return Provenance(
        author=signed.author,
        created_at=signed.created_at,
        model_id=signed.model_id,
        weights_sha256=signed.weights_sha256,
        prompt=signed.prompt,
        decoding=signed.decoding,
        raw_output=signed.raw_output,
        derived_from=signed.derived_from,
    )
