"""COCO with region text: boxes, captions, attributes, and who wrote them.

Standard COCO fields are written so that pycocotools and everything built on it reads the file: ``images`` (where
``file_name`` is the POSIX path relative to the root of the images), ``categories``, and ``annotations`` with ``bbox``
[x, y, width, height], ``area``, ``iscrowd`` 0 and an empty ``segmentation``. Pixels are those of the image as
displayed, EXIF orientation applied.

Profile ``full`` adds to each annotation, and loses nothing of a region:

* ``caption``: the preferred text, where there is one; ``captions``: all of them as
  ``{text, score, preferred, provenance}``;
* ``attributes``: ``{name: value}``, a list where the schema says ``multi`` or where there are several values, true or
  false where it says ``boolean``; ``attribute_scores`` and ``attribute_provenance`` (with ``source``) by the same
  names;
* ``unconfirmed_attributes``, in the same form, and ``unconfirmed_category``: what a model said and nobody has decided
  about, in a region that was decided; such a category is ``object`` to readers of COCO;
* ``no_category``: true where there is none, which is ``object`` to readers of COCO, too;
* ``score``: of the preferred caption, without one of the category; 1.0 where no model gave one, because what a
  person wrote is certain and evaluation code sorts by this number;
* ``provenance`` of the preferred caption, ``region_id``, ``review_state``, and where known ``category_score``,
  ``category_provenance``, ``category_alternatives`` (``{text, score}``), ``unsure``, ``locked``, ``created_at``,
  ``reviewed_at``, ``copied_from`` (the file name of the image whose box and words these were), ``like_regions`` (the
  accepted regions after which a suggestion was told, ``{image, region}``) and ``other_answers`` (what other models said
  about the same box, ``{caption, score, category, category_score, attributes, provenance}``).

To images it adds ``note``, what a person noted of the image, and ``reviewed_empty``, true where she found nothing to
box.

Profile ``gpt4roi`` writes what the loaders of GPT4RoI and Osprey read: one category named ``object``, and ``caption``
as the only text. Regions without a caption are left out, because those loaders stop at them. ``segmentation`` is the
box as a polygon: Osprey makes its mask of it (pycocotools' ``annToMask``), and GPT4RoI does not look at it.

Format: https://cocodataset.org/#format-data
"""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal

from roi_assistant.core.box import box_to_xywh
from roi_assistant.core.records import Answer, Attribute, AttributeSchema, Provenance, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.schema import NO, YES
from roi_assistant.core.times import now
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import NO_CATEGORY, AnnotatedImage, AnnotationSet, DatasetInfo
from roi_assistant.formats.atomic import atomic_file, scratch_file
from roi_assistant.formats.coco_reading import from_coco, read_coco_boxes
from roi_assistant.formats.export_report import ExportReport, LossCounter
from roi_assistant.formats.json_text import json_text
from roi_assistant.formats.one_caption import only_caption

__all__ = [
    "AnnotatedImage",
    "CocoProfile",
    "AnnotationSet",
    "DatasetInfo",
    "from_coco",
    "read_coco_boxes",
    "relative_file_name",
    "write_coco",
]

CocoProfile = Literal["full", "gpt4roi"]


_GPT4ROI_INPUT = 224
"""GPT4RoI squashes each image to a square of this many pixels and drops boxes under two of them."""
_GPT4ROI_MIN_BOX = 2
_GPT4ROI_MIN_IMAGE = 32


def relative_file_name(path: Path, root: Path) -> str:
    """``file_name`` of the image at ``path``: its POSIX path relative to ``root``.

    Raises:
        FormatError: ``path`` is not below ``root``.
    """
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        raise FormatError(
            "{path} is not below {root}: choose a root that holds all images.", path=path, root=root
        ) from None


def write_coco(
    path: Path | str,
    images: Iterable[AnnotatedImage],
    *,
    profile: CocoProfile = "full",
    category_ids: Mapping[str, int] | None = None,
    schema: AttributeSchema | None = None,
    info: DatasetInfo = DatasetInfo(),  # noqa: B008 - frozen
    created_at: str | None = None,
) -> ExportReport:
    """Write ``images`` to ``path``, as a whole or not at all, one after the other: memory does not grow with their
    number but for their names.

    Args:
        images: unique file names; width and height are needed. All have an ``id``, or none has; then they are
            numbered from 1.
        category_ids: the project's ids by name. All are written, used or not, in this order. Names that are not among
            them get the numbers after the largest id, in order of first use; ids never depend on sorting.
        schema: tells which attributes are lists and which are true or false; without it, by the number of values.
        info: for the blocks ``info`` and ``licenses``.
        created_at: ISO 8601; None is now, "" stands for unknown.

    Raises:
        FormatError: an image without size, with an absolute or repeated file name or a repeated id; a repeated
            category id; a number that is not finite. Nothing is written.
        FileWriteError: the file cannot be written.
    """
    losses = LossCounter()
    categories = _CategoryIds({NO_CATEGORY: 1} if profile == "gpt4roi" else category_ids or {})
    # Annotations stand behind the categories in the file, which are known only when all annotations were seen.
    with atomic_file(path) as stream, scratch_file(path) as scratch:
        stream.write(f'{{\n"info": {_json(_info(info, now() if created_at is None else created_at))}'.encode())
        licences = _List(stream, "licenses")
        licences.add({"id": 1, "name": info.licence, "url": info.licence_url})
        licences.close()
        image_list = _List(stream, "images")
        annotation_list = _List(scratch, "annotations")
        for image, image_id in _identified(images):
            notes = _notes_record(image) if profile == "full" else {}
            image_list.add(_image_record(image, image_id) | notes)
            for region in image.regions:
                where = image.place_of(region)
                annotation: dict[str, object] | None
                if profile == "gpt4roi":
                    annotation = _gpt4roi_annotation(region, image, losses, where=where)
                else:
                    annotation = _full_annotation(region, categories, schema, losses, where=where)
                if annotation is not None:
                    annotation_list.add({"id": annotation_list.length + 1, "image_id": image_id, **annotation})
        image_list.close()
        category_list = _List(stream, "categories")
        for name, id in categories.ids.items():
            category_list.add({"id": id, "name": name, "supercategory": ""})
        category_list.close()
        annotation_list.close()
        scratch.seek(0)
        shutil.copyfileobj(scratch, stream, 1 << 20)
        stream.write(b"\n}\n")
    return losses.report(images=image_list.length, regions=annotation_list.length)


# ---------------------------------------------------------------------------------------------------------- the file


class _List:
    """A list of the file, with one entry a line, so that versions of a file can be compared."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.length = 0
        self._stream = stream
        stream.write(f',\n"{name}": ['.encode())

    def add(self, entry: Mapping[str, object]) -> None:
        self._stream.write((("\n  " if not self.length else ",\n  ") + _json(entry)).encode())
        self.length += 1

    def close(self) -> None:
        self._stream.write(b"\n]" if self.length else b"]")


def _info(info: DatasetInfo, created_at: str) -> dict[str, object]:
    return {
        "description": info.description,
        "url": "",
        "version": "1.0",
        "year": int(created_at[:4]) if created_at[:4].isdecimal() else 0,
        "contributor": "",
        "date_created": created_at,
    }


# ---------------------------------------------------------------------------------------------------------- writing


class _CategoryIds:
    def __init__(self, given: Mapping[str, int]) -> None:
        self.ids = dict(given)
        if len(set(self.ids.values())) != len(self.ids):
            raise FormatError("Two categories have the same id: give each name its own.")
        self._next = max(self.ids.values(), default=0) + 1

    def __getitem__(self, name: str) -> int:
        if name not in self.ids:
            self.ids[name] = self._next
            self._next += 1
        return self.ids[name]


def _identified(images: Iterable[AnnotatedImage]) -> Iterator[tuple[AnnotatedImage, int]]:
    names: set[str] = set()
    ids: set[int] = set()
    for number, image in enumerate(images, start=1):
        parts = PurePath(image.file_name).parts
        if posixpath.isabs(image.file_name) or ".." in parts or not parts:
            raise FormatError(
                "Image {file_name} must be named by its POSIX path relative to the images' root.",
                file_name=repr(image.file_name),
            )
        if image.file_name in names:
            raise FormatError("Image {file_name} occurs twice.", file_name=image.file_name)
        names.add(image.file_name)
        if image.id is not None:
            if image.id in ids:
                raise FormatError("Two images have the same id: give each its own.")
            ids.add(image.id)
        if len(ids) not in (0, number):
            raise FormatError("Some images have an id and others have none: give each its own, or none to any.")
        yield image, number if image.id is None else image.id


def _image_record(image: AnnotatedImage, image_id: int) -> dict[str, object]:
    if image.width is None or image.height is None:
        raise FormatError(
            "Image {file_name} has no width and height: read them from the file first.", file_name=image.file_name
        )
    return {
        "id": image_id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
        "license": 1,
        "date_captured": "",
    }


def _notes_record(image: AnnotatedImage) -> dict[str, object]:
    notes: dict[str, object] = {"note": image.note, "reviewed_empty": image.reviewed_empty}
    return {name: value for name, value in notes.items() if value}


def _geometry(region: Region) -> dict[str, object]:
    return {"bbox": list(box_to_xywh(region.box)), "area": region.box.area, "iscrowd": 0, "segmentation": []}


def _full_annotation(
    region: Region,
    categories: _CategoryIds,
    schema: AttributeSchema | None,
    losses: LossCounter,
    *,
    where: str,
) -> dict[str, Any]:
    if not region.category:
        losses.add("category", "altered", "COCO needs one, so it is '{category}'", category=NO_CATEGORY, example=where)
    caption = preferred_caption(region)
    category = None if region.category_unconfirmed else region.category
    record = {"category_id": categories[category or NO_CATEGORY], **_geometry(region)}
    if caption is not None:
        record["caption"] = caption.text
    record["captions"] = [
        {"text": c.text, "score": c.score, "preferred": c.preferred, "provenance": _provenance_record(c.provenance)}
        for c in region.captions
    ]
    record |= _attribute_records(region.attributes, schema, losses, where=where)
    score = region.category_score if caption is None else caption.score
    record["score"] = 1.0 if score is None else score
    if caption is not None:
        record["provenance"] = _provenance_record(caption.provenance)
    record |= {"region_id": region.id, "review_state": region.state}
    if not region.category:
        record["no_category"] = True
    elif region.category_unconfirmed:
        record["unconfirmed_category"] = region.category
    if region.category_score is not None:
        record["category_score"] = region.category_score
    if region.category_provenance is not None:
        record["category_provenance"] = _provenance_record(region.category_provenance)
    if region.category_alternatives:
        record["category_alternatives"] = [{"text": c.text, "score": c.score} for c in region.category_alternatives]
    if region.unsure:
        record["unsure"] = True
    if region.locked:
        record["locked"] = True
    if region.created_at:
        record["created_at"] = region.created_at
    if region.reviewed_at:
        record["reviewed_at"] = region.reviewed_at
    if region.copied_from:
        record["copied_from"] = region.copied_from
    if region.like:
        record["like_regions"] = [{"image": key.image, "region": key.region} for key in region.like]
    if region.answers:
        record["other_answers"] = [_answer_record(answer) for answer in region.answers]
    return record


def _answer_record(answer: Answer) -> dict[str, object]:
    attributes = [
        {
            "name": one.name,
            "values": list(one.values),
            "score": one.score,
            "unconfirmed": one.unconfirmed,
            "provenance": {"source": one.source, **_provenance_record(one.provenance)},
        }
        for one in answer.attributes
    ]
    known = {
        "score": answer.score,
        "category": answer.category,
        "category_score": answer.category_score,
        "attributes": attributes or None,
    }
    told = {name: value for name, value in known.items() if value is not None}
    return {"caption": answer.caption, **told, "provenance": _provenance_record(answer.provenance)}


def _attribute_records(
    attributes: Sequence[Attribute], schema: AttributeSchema | None, losses: LossCounter, *, where: str
) -> dict[str, object]:
    kinds = {definition.name: definition.kind for definition in schema.attributes} if schema else {}
    values: dict[str, bool | str | list[str]] = {}
    unconfirmed: dict[str, bool | str | list[str]] = {}
    scores: dict[str, float] = {}
    provenance: dict[str, dict[str, str]] = {}
    for attribute in attributes:
        place = f"{where}, {attribute.name}: {', '.join(attribute.values)}"
        if not any(attribute.values):
            losses.add("attributes", "dropped", "it has no value", example=place)
            continue
        if attribute.name in provenance:
            losses.add("attributes", "dropped", "the region has another value of the same name", example=place)
            continue
        kind = kinds.get(attribute.name)
        target = unconfirmed if attribute.unconfirmed else values
        if kind == "boolean" and attribute.values in ((YES,), (NO,)):
            target[attribute.name] = attribute.values == (YES,)
        elif kind == "multi" or len(attribute.values) > 1:
            target[attribute.name] = list(attribute.values)
        else:
            target[attribute.name] = attribute.values[0]
        if attribute.score is not None:
            scores[attribute.name] = attribute.score
        provenance[attribute.name] = {"source": attribute.source, **_provenance_record(attribute.provenance)}
    record: dict[str, object] = {"attributes": values, "attribute_scores": scores, "attribute_provenance": provenance}
    return {**record, "unconfirmed_attributes": unconfirmed} if unconfirmed else record


def _provenance_record(provenance: Provenance) -> dict[str, str]:
    record = {
        "author": provenance.author,
        "created_at": provenance.created_at,
        "model_id": provenance.model_id,
        "weights_sha256": provenance.weights_sha256,
        "prompt": provenance.prompt,
        "decoding": provenance.decoding,
        "raw_output": provenance.raw_output,
        "derived_from": provenance.derived_from,
    }
    return {key: value for key, value in record.items() if value}


def _gpt4roi_annotation(
    region: Region, image: AnnotatedImage, losses: LossCounter, *, where: str
) -> dict[str, object] | None:
    caption = only_caption(region, losses, where=where)
    if caption is None:
        return None
    if region.category != NO_CATEGORY:
        losses.add(
            "category",
            "altered",
            "the profile knows only '{category}'",
            category=NO_CATEGORY,
            example=f"{where}: {region.category}" if region.category else where,
        )
    if image.width and image.height:
        across, down = region.box.width / image.width, region.box.height / image.height
        if min(image.width, image.height) < _GPT4ROI_MIN_IMAGE:
            losses.add(
                "region",
                "ignored by readers",
                "GPT4RoI skips images with a side under {least} pixels",
                least=_GPT4ROI_MIN_IMAGE,
                example=f"{where}: {image.width} x {image.height}",
            )
        elif min(region.box.width, region.box.height) < 1 or min(across, down) * _GPT4ROI_INPUT < _GPT4ROI_MIN_BOX:
            losses.add(
                "region",
                "ignored by readers",
                "GPT4RoI skips boxes under {least} pixels of {side} x {side}",
                least=_GPT4ROI_MIN_BOX,
                side=_GPT4ROI_INPUT,
                example=f"{where}: {region.box.width:g} x {region.box.height:g}",
            )
    x1, y1, x2, y2 = region.box.xyxy
    outline = [[x1, y1, x2, y1, x2, y2, x1, y2]]
    return {"category_id": 1, **_geometry(region), "segmentation": outline, "caption": caption.text}


def _json(value: object) -> str:
    try:
        return json_text(value)
    except ValueError as error:
        what = value.get("region_id", value.get("id")) if isinstance(value, dict) else value
        raise FormatError(
            "Region {what} has a score that is not a finite number; JSON cannot hold it.", what=what
        ) from error
