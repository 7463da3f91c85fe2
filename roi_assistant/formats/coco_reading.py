"""COCO -> records. The other direction, and what the fields mean, is in ``coco_region_text``."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

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
            "{name} is a list of COCO results, which do not name their images: give the data set itself.", name=name
        )
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        raise FormatError('{name} is not a COCO file: it has no list "images".', name=name)
    images: dict[Any, dict[str, Any]] = {}
    for record in data["images"]:
        image_id = _id_of(record, images, what=_IMAGE, name=name)
        images[image_id] = record
    _check_file_names(images, name=name)
    category_names: dict[Any, str] = {}
    for record in _list_of(data, "categories", name=name):
        category_id = _id_of(record, category_names, what=_CATEGORY, name=name)
        category_names[category_id] = _name(record, "name", where=_Place(name, _CATEGORY, category_id))
    info = data.get("info")
    date = info.get("date_created") if isinstance(info, dict) else None
    unsigned = Provenance("human", _date_or_nothing(date))
    regions: dict[Any, list[Region]] = {image_id: [] for image_id in images}
    seen: set[Any] = set()
    used_categories: set[Any] = set()
    crowds = empty = 0
    for record in _list_of(data, "annotations", name=name):
        annotation_id = _id_of(record, seen, what=_ANNOTATION, name=name)
        seen.add(annotation_id)
        where = _Place(name, _ANNOTATION, annotation_id)
        image_id = record.get("image_id")
        if not _is_id(image_id) or image_id not in images:
            raise FormatError("{where}: there is no image with the id {id}.", where=where, id=repr(image_id))
        if record.get("iscrowd"):
            crowds += 1
            continue
        category_id = record.get("category_id")
        if (
            category_id is not None
            and category_names
            and (not _is_id(category_id) or category_id not in category_names)
        ):
            raise FormatError("{where}: there is no category with the id {id}.", where=where, id=repr(category_id))
        used_categories.add(category_id)
        if empty_boxes == "skip" and min(_xywh(record, where=where)[2:]) <= 0:
            empty += 1
            continue
        regions[image_id].append(_region(record, category_names.get(category_id), unsigned, where=where))
    return AnnotationSet(
        images=tuple(
            AnnotatedImage(
                file_name=record["file_name"],
                width=_size(record, "width", where=_Place(name, _IMAGE, image_id)),
                height=_size(record, "height", where=_Place(name, _IMAGE, image_id)),
                regions=tuple(regions[image_id]),
                id=image_id if isinstance(image_id, int) else None,
            )
            for image_id, record in images.items()
        ),
        category_ids=_ids_by_name(category_names, used_categories),
        crowds_skipped=crowds,
        empty_skipped=empty,
    )


_IMAGE, _CATEGORY, _ANNOTATION = Sentence("image"), Sentence("category"), Sentence("annotation")


class _Place(NamedTuple):
    """Where something stands in a file. Its sentence is made only when there is something to tell."""

    file: str
    what: Sentence
    id: Any
    key: str = ""

    def at(self, key: str) -> _Place:
        return _Place(self.file, self.what, self.id, key)

    @property
    def sentence(self) -> Sentence:
        if self.key:
            return Sentence.of(
                "{file}, {what} {id}, {key}", file=self.file, what=self.what, id=self.id, key=repr(self.key)
            )
        return Sentence.of("{file}, {what} {id}", file=self.file, what=self.what, id=self.id)


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _id_of(record: Any, seen: Collection[Any], *, what: Sentence, name: str) -> Any:
    if not isinstance(record, dict) or not _is_id(record.get("id")):
        raise FormatError('{name}: every {what} must be an object with a number as "id".', name=name, what=what)
    if record["id"] in seen:
        raise FormatError("{name}: the {what} id {id} occurs twice.", name=name, what=what, id=record["id"])
    return record["id"]


def _list_of(data: Mapping[str, Any], key: str, *, name: str) -> list[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        raise FormatError('{where}: "{key}" must be a list.', where=name, key=key)
    return value


def _name(record: Mapping[str, Any], key: str, *, where: _Place) -> str:
    value = _text(record, key, where=where)
    if not value:
        raise FormatError('{where}: "{key}" must not be empty.', where=where, key=key)
    return value


def _text(record: Mapping[str, Any], key: str, *, where: _Place) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise FormatError('{where}: "{key}" must be text.', where=where, key=key)
    return value


def _check_file_names(images: Mapping[Any, dict[str, Any]], *, name: str) -> None:
    owners: dict[str, Any] = {}
    for image_id, record in images.items():
        file_name = _name(record, "file_name", where=_Place(name, _IMAGE, image_id))
        if file_name in owners:
            raise FormatError(
                "{name}: the images {one} and {other} are both called {file_name}.",
                name=name,
                one=owners[file_name],
                other=image_id,
                file_name=file_name,
            )
        owners[file_name] = image_id


def _size(record: Mapping[str, Any], key: str, *, where: _Place) -> int | None:
    value = record.get(key)
    if value is None:
        return None
    if not _is_number(value) or not math.isfinite(value) or value < 1:
        raise FormatError(
            '{where}: "{key}" must be a positive number of pixels, not {value}.',
            where=where,
            key=key,
            value=repr(value),
        )
    return int(value)


def _ids_by_name(names: Mapping[Any, str], used: Collection[Any]) -> dict[str, int]:
    """Some tools name a category twice, once as its own parent: the id that annotations use is the one to keep."""
    ids: dict[str, int] = {}
    for category_id, name in names.items():
        if isinstance(category_id, int) and (name not in ids or (ids[name] not in used and category_id in used)):
            ids[name] = category_id
    return ids


def _region(record: Mapping[str, Any], category: str | None, unsigned: Provenance, *, where: _Place) -> Region:
    state = record.get("review_state", "accepted")
    if state not in get_args(ReviewState):
        raise _not_among("review_state", get_args(ReviewState), state, where=where)
    unconfirmed = "unconfirmed_category" in record
    return Region(
        id=str(record.get("region_id", record["id"])),
        box=_box(record, where=where),
        category=_text(record, "unconfirmed_category", where=where) if unconfirmed else category,
        captions=_captions(record, unsigned, where=where),
        attributes=_attributes(record, unsigned, where=where),
        state=cast(ReviewState, state),
        category_score=_score(record.get("category_score"), where=where),
        unsure=record.get("unsure") is True,
        category_provenance=_provenance_or_none(record.get("category_provenance"), where=where),
        category_alternatives=_alternatives(record, where=where),
        locked=record.get("locked") is True,
        created_at=_time(record, "created_at", where=where),
        reviewed_at=_time(record, "reviewed_at", where=where),
        category_unconfirmed=unconfirmed,
    )


def _xywh(record: Mapping[str, Any], *, where: _Place) -> list[float]:
    values = record.get("bbox")
    if not isinstance(values, list) or len(values) != 4 or not all(_is_number(value) for value in values):
        raise FormatError(
            '{where}: "bbox" must be four numbers, x, y, width and height, not {values}.',
            where=where,
            values=repr(values),
        )
    return values


def _box(record: Mapping[str, Any], *, where: _Place) -> Box:
    try:
        return box_from_xywh(_xywh(record, where=where))
    except (BoxError, OverflowError) as error:
        raise FormatError("{where}: {problem}", where=where, problem=error) from error


def _score(value: Any, *, where: _Place) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or not math.isfinite(value):
        raise FormatError("{where}: a score must be a number, not {value}.", where=where, value=repr(value))
    return float(value)


def _captions(record: Mapping[str, Any], unsigned: Provenance, *, where: _Place) -> tuple[Caption, ...]:
    listed = record.get("captions")
    if listed is None:
        text = record.get("caption")
        if text is not None and not isinstance(text, str):
            raise FormatError('{where}: "{key}" must be text.', where=where, key="caption")
        return (Caption(text, unsigned, preferred=True),) if text and text.strip() else ()
    if not isinstance(listed, list):
        raise FormatError('{where}: "{key}" must be a list.', where=where, key="captions")
    captions = []
    for item in listed:
        if isinstance(item, str):
            captions.append(Caption(item, unsigned, preferred=item == record.get("caption")))
        elif isinstance(item, dict):
            text = _text(item, "text", where=where.at("captions"))
            provenance = _provenance(item.get("provenance"), unsigned, where=where)
            score = _score(item.get("score"), where=where)
            captions.append(Caption(text, provenance, score, preferred=item.get("preferred") is True))
        else:
            raise FormatError(
                '{where}: "captions" must hold texts or objects with a "text", not {item}.',
                where=where,
                item=repr(item),
            )
    return tuple(captions)


def _alternatives(record: Mapping[str, Any], *, where: _Place) -> tuple[ScoredText, ...]:
    listed = record.get("category_alternatives") or []
    if not isinstance(listed, list):
        raise FormatError('{where}: "{key}" must be a list.', where=where, key="category_alternatives")
    alternatives = []
    for item in listed:
        score = _score(item.get("score"), where=where) if isinstance(item, dict) else None
        if score is None:
            raise FormatError(
                '{where}: "category_alternatives" must hold objects with "text" and "score".', where=where
            )
        alternatives.append(ScoredText(_text(item, "text", where=where.at("category_alternatives")), score))
    return tuple(alternatives)


def _time(record: Mapping[str, Any], key: str, *, where: _Place) -> str:
    """In UTC, "" where the file does not say."""
    value = record.get(key) or ""
    try:
        return to_utc(value)
    except (TypeError, ValueError) as error:
        raise FormatError(
            '{where}: "{key}" must be a time such as 2026-01-02T03:04:05+00:00, not {value}.',
            where=where,
            key=key,
            value=repr(value),
        ) from error


def _date_or_nothing(value: Any) -> str:
    """``date_created`` of the whole file, which official files write as 2017/09/01 and others in words."""
    try:
        return to_utc(value.replace("/", "-"))
    except (AttributeError, ValueError):
        return ""


def _attributes(record: Mapping[str, Any], unsigned: Provenance, *, where: _Place) -> tuple[Attribute, ...]:
    confirmed = _object_of(record, "attributes", where=where)
    unconfirmed = _object_of(record, "unconfirmed_attributes", where=where)
    scores = _object_of(record, "attribute_scores", where=where)
    authors = _object_of(record, "attribute_provenance", where=where)
    attributes = []
    order = {name: place for place, name in enumerate(authors)}
    values = sorted((confirmed | unconfirmed).items(), key=lambda item: order.get(item[0], len(order)))
    for name, value in values:
        words = tuple(_word(item, where=where.at(name)) for item in _as_list(value))
        if not words:
            continue
        signed = authors.get(name)
        source = signed.get("source", "human") if isinstance(signed, dict) else "human"
        if source not in get_args(AttributeSource):
            raise _not_among("source", get_args(AttributeSource), source, where=where.at(name))
        provenance = _provenance(signed, unsigned, where=where)
        score = _score(scores.get(name), where=where)
        waits = name in unconfirmed
        attributes.append(Attribute(name, words, provenance, score, cast(AttributeSource, source), waits))
    return tuple(attributes)


def _as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _word(value: Any, *, where: _Place) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value
    if _is_number(value):
        return f"{value:g}"
    raise FormatError(
        "{where}: a value must be text, a number, true or false, not {value}.", where=where, value=repr(value)
    )


def _object_of(record: Mapping[str, Any], key: str, *, where: _Place) -> dict[str, Any]:
    value = record.get(key) or {}
    if not isinstance(value, dict):
        raise FormatError('{where}: "{key}" must be an object.', where=where, key=key)
    return value


def _provenance_or_none(record: Any, *, where: _Place) -> Provenance | None:
    return None if record is None else _provenance(record, Provenance("human", ""), where=where)


def _provenance(record: Any, unsigned: Provenance, *, where: _Place) -> Provenance:
    if record is None:
        return unsigned
    author = record.get("author") if isinstance(record, dict) else None
    if author not in get_args(Author):
        raise _not_among("author", get_args(Author), author, where=where.at("provenance"))
    keys = ("model_id", "weights_sha256", "prompt", "decoding", "raw_output")
    created_at = _time(record, "created_at", where=where.at("provenance"))
    model_id, weights, prompt, decoding, raw_output = (str(record.get(key, "")) for key in keys)
    derived_from = record.get("derived_from", "")
    if derived_from not in ("", "caption"):
        raise _not_among("derived_from", ("caption",), derived_from, where=where.at("provenance"))
    return Provenance(
        cast(Author, author),
        created_at,
        model_id=model_id,
        weights_sha256=weights,
        prompt=prompt,
        decoding=decoding,
        raw_output=raw_output,
        derived_from=derived_from,
    )


def _not_among(key: str, choices: Sequence[str], value: Any, *, where: _Place) -> FormatError:
    return FormatError(
        '{where}: "{key}" must be one of {choices}, not {value}.',
        where=where,
        key=key,
        choices=", ".join(choices),
        value=repr(value),
    )
