"""COCO -> records. The other direction, and what the fields mean, is in ``coco_region_text``."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, cast, get_args

from roi_assistant.core.box import Box, box_from_xywh
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
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.json_files import read_json

EmptyBoxes = Literal["refuse", "skip"]
"""What becomes of boxes without area or with a negative side, which a few official files have."""


def read_coco_boxes(path: Path | str, *, empty_boxes: EmptyBoxes = "refuse") -> AnnotationSet:
    """The images, boxes and texts of the COCO file at ``path``. Arguments and errors as for ``from_coco``.

    Raises:
        FormatError: the file is missing, is not JSON in UTF-8, or is not a COCO data set.
    """
    path = Path(path)
    return from_coco(read_json(path), name=str(path), empty_boxes=empty_boxes)


def from_coco(data: Any, *, name: str, empty_boxes: EmptyBoxes = "refuse") -> AnnotationSet:
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
            f"{name} is a list of COCO results, which do not name their images: give the data set itself."
        )
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        raise FormatError(f'{name} is not a COCO file: it has no list "images".')
    images: dict[Any, dict[str, Any]] = {}
    for record in data["images"]:
        image_id = _id_of(record, images, what="image", name=name)
        images[image_id] = record
    _check_file_names(images, name=name)
    category_names: dict[Any, str] = {}
    for record in _list_of(data, "categories", name=name):
        category_id = _id_of(record, category_names, what="category", name=name)
        category_names[category_id] = _name(record, "name", where=f"{name}, category {category_id}")
    info = data.get("info")
    date = info.get("date_created") if isinstance(info, dict) else None
    unsigned = Provenance("human", date if isinstance(date, str) else "")
    regions: dict[Any, list[Region]] = {image_id: [] for image_id in images}
    seen: set[Any] = set()
    used_categories: set[Any] = set()
    crowds = empty = 0
    for record in _list_of(data, "annotations", name=name):
        annotation_id = _id_of(record, seen, what="annotation", name=name)
        seen.add(annotation_id)
        where = f"{name}, annotation {annotation_id}"
        image_id = record.get("image_id")
        if not _is_id(image_id) or image_id not in images:
            raise FormatError(f"{where}: there is no image with the id {image_id!r}.")
        if record.get("iscrowd"):
            crowds += 1
            continue
        category_id = record.get("category_id")
        if (
            category_id is not None
            and category_names
            and (not _is_id(category_id) or category_id not in category_names)
        ):
            raise FormatError(f"{where}: there is no category with the id {category_id!r}.")
        used_categories.add(category_id)
        if empty_boxes == "skip" and min(_xywh(record, where=where)[2:]) <= 0:
            empty += 1
            continue
        regions[image_id].append(_region(record, category_names.get(category_id), unsigned, where=where))
    return AnnotationSet(
        images=tuple(
            AnnotatedImage(
                file_name=record["file_name"],
                width=_size(record, "width", where=f"{name}, image {image_id}"),
                height=_size(record, "height", where=f"{name}, image {image_id}"),
                regions=tuple(regions[image_id]),
                id=image_id if isinstance(image_id, int) else None,
            )
            for image_id, record in images.items()
        ),
        category_ids=_ids_by_name(category_names, used_categories),
        crowds_skipped=crowds,
        empty_skipped=empty,
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _id_of(record: Any, seen: Collection[Any], *, what: str, name: str) -> Any:
    if not isinstance(record, dict) or not _is_id(record.get("id")):
        raise FormatError(f'{name}: every {what} must be an object with a number as "id".')
    if record["id"] in seen:
        raise FormatError(f"{name}: the {what} id {record['id']} occurs twice.")
    return record["id"]


def _list_of(data: Mapping[str, Any], key: str, *, name: str) -> list[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        raise FormatError(f'{name}: "{key}" must be a list.')
    return value


def _name(record: Mapping[str, Any], key: str, *, where: str) -> str:
    value = _text(record, key, where=where)
    if not value:
        raise FormatError(f'{where}: "{key}" must not be empty.')
    return value


def _text(record: Mapping[str, Any], key: str, *, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise FormatError(f'{where}: "{key}" must be text.')
    return value


def _check_file_names(images: Mapping[Any, dict[str, Any]], *, name: str) -> None:
    owners: dict[str, Any] = {}
    for image_id, record in images.items():
        file_name = _name(record, "file_name", where=f"{name}, image {image_id}")
        if file_name in owners:
            raise FormatError(f"{name}: the images {owners[file_name]} and {image_id} are both called {file_name}.")
        owners[file_name] = image_id


def _size(record: Mapping[str, Any], key: str, *, where: str) -> int | None:
    value = record.get(key)
    if value is None:
        return None
    if not _is_number(value) or not math.isfinite(value) or value < 1:
        raise FormatError(f'{where}: "{key}" must be a positive number of pixels, not {value!r}.')
    return int(value)


def _ids_by_name(names: Mapping[Any, str], used: Collection[Any]) -> dict[str, int]:
    """Some tools name a category twice, once as its own parent: the id that annotations use is the one to keep."""
    ids: dict[str, int] = {}
    for category_id, name in names.items():
        if isinstance(category_id, int) and (name not in ids or (ids[name] not in used and category_id in used)):
            ids[name] = category_id
    return ids


def _region(record: Mapping[str, Any], category: str | None, unsigned: Provenance, *, where: str) -> Region:
    state = record.get("review_state", "accepted")
    if state not in get_args(ReviewState):
        raise FormatError(f'{where}: "review_state" must be one of {", ".join(get_args(ReviewState))}, not {state!r}.')
    return Region(
        id=str(record.get("region_id", record["id"])),
        box=_box(record, where=where),
        category=category,
        captions=_captions(record, unsigned, where=where),
        attributes=_attributes(record, unsigned, where=where),
        state=cast(ReviewState, state),
        category_score=_score(record.get("category_score"), where=where),
        unsure=record.get("unsure") is True,
        category_provenance=_provenance_or_none(record.get("category_provenance"), where=where),
        category_alternatives=_alternatives(record, where=where),
        locked=record.get("locked") is True,
        created_at=_time(record, "created_at"),
        reviewed_at=_time(record, "reviewed_at"),
    )


def _xywh(record: Mapping[str, Any], *, where: str) -> list[float]:
    values = record.get("bbox")
    if not isinstance(values, list) or len(values) != 4 or not all(_is_number(value) for value in values):
        raise FormatError(f'{where}: "bbox" must be four numbers, x, y, width and height, not {values!r}.')
    return values


def _box(record: Mapping[str, Any], *, where: str) -> Box:
    try:
        return box_from_xywh(_xywh(record, where=where))
    except (BoxError, OverflowError) as error:
        raise FormatError(f"{where}: {error}") from error


def _score(value: Any, *, where: str) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or not math.isfinite(value):
        raise FormatError(f"{where}: a score must be a number, not {value!r}.")
    return float(value)


def _captions(record: Mapping[str, Any], unsigned: Provenance, *, where: str) -> tuple[Caption, ...]:
    listed = record.get("captions")
    if listed is None:
        text = record.get("caption")
        if text is not None and not isinstance(text, str):
            raise FormatError(f'{where}: "caption" must be text, not {text!r}.')
        return (Caption(text, unsigned, preferred=True),) if text and text.strip() else ()
    if not isinstance(listed, list):
        raise FormatError(f'{where}: "captions" must be a list.')
    captions = []
    for item in listed:
        if isinstance(item, str):
            captions.append(Caption(item, unsigned, preferred=item == record.get("caption")))
        elif isinstance(item, dict):
            text = _text(item, "text", where=f"{where}, captions")
            provenance = _provenance(item.get("provenance"), unsigned, where=where)
            score = _score(item.get("score"), where=where)
            captions.append(Caption(text, provenance, score, preferred=item.get("preferred") is True))
        else:
            raise FormatError(f'{where}: "captions" must hold texts or objects with a "text", not {item!r}.')
    return tuple(captions)


def _alternatives(record: Mapping[str, Any], *, where: str) -> tuple[ScoredText, ...]:
    listed = record.get("category_alternatives") or []
    if not isinstance(listed, list):
        raise FormatError(f'{where}: "category_alternatives" must be a list.')
    alternatives = []
    for item in listed:
        score = _score(item.get("score"), where=where) if isinstance(item, dict) else None
        if score is None:
            raise FormatError(f'{where}: "category_alternatives" must hold objects with "text" and "score".')
        alternatives.append(ScoredText(_text(item, "text", where=f"{where}, category_alternatives"), score))
    return tuple(alternatives)


def _time(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _attributes(record: Mapping[str, Any], unsigned: Provenance, *, where: str) -> tuple[Attribute, ...]:
    values = _object_of(record, "attributes", where=where)
    scores = _object_of(record, "attribute_scores", where=where)
    authors = _object_of(record, "attribute_provenance", where=where)
    attributes = []
    for name, value in values.items():
        words = tuple(_word(item, where=f"{where}, attribute {name}") for item in _as_list(value))
        if not words:
            continue
        signed = authors.get(name)
        source = signed.get("source", "human") if isinstance(signed, dict) else "human"
        if source not in get_args(AttributeSource):
            raise FormatError(f"{where}, attribute {name}: {source!r} is not a known source of attributes.")
        provenance = _provenance(signed, unsigned, where=where)
        score = _score(scores.get(name), where=where)
        attributes.append(Attribute(name, words, provenance, score, cast(AttributeSource, source)))
    return tuple(attributes)


def _as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _word(value: Any, *, where: str) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value
    if _is_number(value):
        return f"{value:g}"
    raise FormatError(f"{where}: a value must be text, a number, true or false, not {value!r}.")


def _object_of(record: Mapping[str, Any], key: str, *, where: str) -> dict[str, Any]:
    value = record.get(key) or {}
    if not isinstance(value, dict):
        raise FormatError(f'{where}: "{key}" must be an object.')
    return value


def _provenance_or_none(record: Any, *, where: str) -> Provenance | None:
    return None if record is None else _provenance(record, Provenance("human", ""), where=where)


def _provenance(record: Any, unsigned: Provenance, *, where: str) -> Provenance:
    if record is None:
        return unsigned
    author = record.get("author") if isinstance(record, dict) else None
    if author not in get_args(Author):
        raise FormatError(f'{where}: "provenance" must name an author, one of {", ".join(get_args(Author))}.')
    keys = ("created_at", "model_id", "weights_sha256", "prompt", "decoding", "raw_output")
    return Provenance(cast(Author, author), **{key: str(record.get(key, "")) for key in keys})
