"""COCO -> records. The other direction, and what the fields mean, is in ``coco_region_text``."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from roi_assistant.core.box import Box, box_from_xywh
from roi_assistant.core.json_values import Id, is_number
from roi_assistant.core.record_json import decode, shown
from roi_assistant.core.records import Answer, Attribute, Caption, Provenance, Region, RegionKey, ScoredText
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.unread_fields import unread_fields
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet, DatasetInfo
from roi_assistant.formats.coco_records import (
    CocoAnnotation,
    CocoAnswer,
    CocoCategory,
    CocoEntry,
    CocoFile,
    CocoImage,
    CocoProvenance,
)
from roi_assistant.formats.coco_shapes import box_of_shape, is_outline_of
from roi_assistant.formats.json_files import read_json_entries
from roi_assistant.formats.other_tools import tool_of_json
from roi_assistant.formats.reading_counter import ReadingCounter
from roi_assistant.sentences import Sentence

_HAS_BOXES = Sentence("the image has boxes")
_ONE_ID = Sentence("a project has one whole number for each category")
_ONLY_THE_BOX = Sentence("only the box is kept")
_NO_CATEGORIES = Sentence("the file has no list of categories")
_NO_CATEGORY = Sentence("the file has no category with this id")
_NO_SCORE = Sentence("it is not a number from 0 to 1")
_OTHER_SCORE = Sentence("it is another than that of the caption or category")
_NUMBERS_AS_TEXT = Sentence("numbers are kept as texts")
_ID_IS_A_NUMBER = Sentence("numbers are no ids beyond their file")
_OTHER_CAPTION = Sentence("caption is another than the preferred one of captions and now preferred")
TRUE_AND_FALSE_AS_TEXT = Sentence("true and false are kept as the texts yes and no")
"""Why an attribute is altered, unless the project asks about it with yes and no."""


def read_coco_boxes(path: Path | str, *, strict: bool = True) -> AnnotationSet:
    """The images, boxes and texts of the COCO file at ``path``. Arguments and errors as for ``from_coco``.

    Raises:
        FormatError: the file is missing, is not JSON in UTF-8, or is not a COCO data set.
    """
    path = Path(path)
    return from_coco(_read_blocks(path), name=str(path), strict=strict)


_BLOCKS = ("images", "annotations", "categories")
_MOST_STRAYS, _MOST_OTHERS = 100_000, 10_000
"""Entries without an id in one file, of which more are no data set, and entries of each other block that are kept: a
small file of nothing but empty entries must not fill the memory."""


def _read_blocks(path: Path) -> object:
    """The object in ``path``, read entry by entry; of a list its first entry. A block that is there twice goes on.

    Raises:
        FormatError: it is not JSON in UTF-8, or has too many entries that are nothing.
    """
    blocks: dict[str, object] = {}
    strays = 0
    for key, number, value in read_json_entries(path):
        if not key and number:
            return [value]
        block = blocks.get(key)
        if not number:
            if not (value == [] and isinstance(block, list)):
                blocks[key] = value
            continue
        if not isinstance(block, list):
            block = blocks[key] = []
        if key in _BLOCKS or len(block) < _MOST_OTHERS:
            block.append(value)
        if key in _BLOCKS and (not isinstance(value, dict) or "id" not in value):
            strays += 1
            if strays > _MOST_STRAYS:
                raise FormatError(
                    "{path} is not a COCO file: {count} entries of {key} and others have no id.",
                    path=path,
                    count=strays,
                    key=repr(key),
                )
    return blocks


def from_coco(data: object, *, name: str, strict: bool = True) -> AnnotationSet:
    """The COCO object ``data``; ``name`` is what messages call it, usually the path.

    Reads what ``to_coco`` writes, and plain COCO: ``caption`` alone becomes the preferred caption, ``attributes`` of
    other tools are taken over, and what does not say who wrote it counts as written by a person and accepted. Boxes
    are not clipped; where there is none, it is computed from the polygons. Crowds are skipped and counted.

    Args:
        data: what the JSON file holds.
        name: of the file, in messages.
        strict: stop at the first entry that cannot be used. Otherwise such entries are left out and counted.

    Raises:
        FormatError: no ``images``; a repeated id of an image or category, or a repeated file name. If ``strict``, also
            a missing or repeated id; an annotation with a box that is not four numbers or is empty, or of an image or
            category that the file does not have. Names file and annotation.
    """
    if tool := tool_of_json(data):
        raise FormatError("{name}: {problem}", name=name, problem=tool)
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        raise FormatError('{name} is not a COCO file: it has no list "images".', name=name)
    return _CocoReader(name, strict=strict).read(data)


_LICENCES = 100
"""Without a name that are looked for at each image, at most."""
_IMAGE, _CATEGORY, _ANNOTATION = Sentence("image"), Sentence("category"), Sentence("annotation")
_LEFT_OUT = {
    _IMAGE: Sentence("{file}: images left out: {count}, such as: {problem}"),
    _CATEGORY: Sentence("{file}: categories left out: {count}, such as: {problem}"),
    _ANNOTATION: Sentence("{file}: annotations left out: {count}, such as: {problem}"),
}
E = TypeVar("E", bound=CocoEntry)


class _CocoReader:
    """Reads one file and counts what it leaves out and what it cannot keep."""

    def __init__(self, file: str, *, strict: bool) -> None:
        self._file = file
        self._counter = ReadingCounter(strict=strict)
        self._lose = self._counter.lose
        self._is_own = False
        """Whether this program wrote annotations of it, whose boxes are in pixels however small they are."""

    def read(self, data: dict[str, object]) -> AnnotationSet:
        file = decode(CocoFile, data, name=self._file)
        self._lose_file(data, file)
        plain = [item.get("id") for item in _objects(data.get("licenses")) if not _licence_name(item)][:_LICENCES]
        images: dict[Id, CocoImage] = {}
        for image, record in self._entries(CocoImage, file.images, what=_IMAGE):
            images[image.id] = image
            for field, value in unread_fields(CocoImage, record):
                if field != "license" or value not in plain:
                    self._lose(f"images.{field}", image.file_name, value)
        _check_file_names(images.values(), file=self._file)
        categories: dict[Id, str] = {}
        for listed, record in self._entries(CocoCategory, file.categories, what=_CATEGORY):
            categories[listed.id] = listed.name
            self._counter.lose_unread(CocoCategory, record, listed.name, prefix="categories.")
        unsigned = Provenance("human", file.info)
        regions: dict[Id, dict[str, Region]] = {image_id: {} for image_id in images}
        used_categories: set[Id | None] = set()
        copies: defaultdict[tuple[Id, str], int] = defaultdict(lambda: 1)
        crowds = 0
        for entry, record in self._entries(CocoAnnotation, file.annotations, what=_ANNOTATION):
            try:
                if entry.image_id not in images:
                    raise FormatError("There is no image with the id {id}.", id=repr(entry.image_id))
                if entry.iscrowd:
                    crowds += 1
                    continue
                where = f"{images[entry.image_id].file_name}, region {entry.id}"
                category = self._category(entry, categories, where=where)
                used_categories.add(entry.category_id)
                region = self._region(entry, _box(entry), category, unsigned, where=where)
            except (BoxError, FormatError) as error:
                self._leave_out(error, _ANNOTATION, entry.id)
                continue
            of_image = regions[entry.image_id]
            base, id_ = region.id.partition("#")[0], region.id
            while id_ in of_image:  # copied together with its id
                copies[entry.image_id, base] += 1
                id_ = f"{base}#{copies[entry.image_id, base]}"
            of_image[id_] = region if id_ == region.id else replace(region, id=id_)
            self._is_own = self._is_own or entry.region_id is not None
            self._counter.lose_unread(CocoAnnotation, record, where)
            self._tell_types(record, where=where)
        for image_id, image in images.items():
            if image.reviewed_empty and regions[image_id]:
                self._lose("images.reviewed_empty", image.file_name, True, _HAS_BOXES)
        category_ids = _ids_by_name(categories, used_categories)
        for category_id, name in categories.items():
            if category_ids.get(name) != category_id:
                self._lose("categories.id", name, category_id, _ONE_ID)
        return AnnotationSet(
            images=tuple(
                AnnotatedImage(
                    file_name=image.file_name,
                    width=image.width,
                    height=image.height,
                    regions=tuple(regions[image.id].values()),
                    id=image.id if isinstance(image.id, int) else None,
                    note=image.note,
                    reviewed_empty=image.reviewed_empty and not regions[image.id],
                )
                for image in images.values()
            ),
            category_ids=category_ids,
            crowds_skipped=crowds,
            left_out=self._counter.left_out(),
            losses=self._counter.losses(),
            unit="pixels" if self._is_own else None,
        )

    def _entries(self, kind: type[E], records: Iterable[object], *, what: Sentence) -> Iterator[tuple[E, object]]:
        """The ``records`` of one list of the file, called ``what`` in messages, each with the object that it was.

        Raises:
            FormatError: one is no ``kind`` (only if strict), or has the id of another one. Ids of annotations may occur
                twice where this is not strict: nothing refers to them.
        """
        seen: dict[Id, E] = {}
        for number, record in enumerate(records, start=1):
            id_ = record.get("id") if isinstance(record, dict) else None
            place = f"no. {number}" if id_ is None else shown(id_)
            try:
                entry = decode(kind, record)
            except FormatError as error:
                self._leave_out(error, what, place)
                continue
            if entry.id in seen:
                is_harmless = what == _ANNOTATION or seen[entry.id] == entry
                if self._counter.strict or not is_harmless:
                    raise _placed(FormatError("This id occurs twice."), what=what, id=place, file=self._file)
                if what != _ANNOTATION:
                    continue
            seen[entry.id] = entry
            yield entry, record

    def _leave_out(self, error: BoxError | FormatError, what: Sentence, id: object) -> None:
        """Raises: FormatError: if strict."""
        placed = _placed(error, what=what, id=id, file=self._file)
        self._counter.leave_out(_LEFT_OUT[what], placed, file=self._file, error=error)

    def _tell_types(self, record: object, *, where: str) -> None:
        """Count attributes that are no texts in the file and become some."""
        attributes = record.get("attributes") if isinstance(record, dict) else None
        for name, value in attributes.items() if isinstance(attributes, dict) else ():
            kinds = set(map(type, value)) if isinstance(value, list) else {type(value)}
            place = f"{where}, {name}"
            if bool in kinds:
                self._lose(f"attributes.{name}", place, value, TRUE_AND_FALSE_AS_TEXT, kind="altered")
            elif kinds & {int, float}:
                self._lose("attributes", place, value, _NUMBERS_AS_TEXT, kind="altered")

    def _lose_file(self, data: dict[str, object], file: CocoFile) -> None:
        for field, value in unread_fields(CocoFile, data):
            if field == "licenses":
                for licence in filter(_licence_name, _objects(value)):
                    self._lose("licenses", self._file, _licence_name(licence))
            else:
                self._lose(field, self._file, value)
        info = data.get("info")
        if isinstance(info, dict):
            ours = {"description": DatasetInfo().description, "version": "1.0", "year": info.get("year")}
            is_ours = info.get("description") == ours["description"]
            for field, value in info.items():
                if value and not (field == "date_created" and file.info) and not (is_ours and ours.get(field) == value):
                    self._lose(f"info.{field}", self._file, value)

    def _category(self, entry: CocoAnnotation, categories: Mapping[Id, str], *, where: str) -> str | None:
        """Raises: FormatError: the file does not have it (only if strict)."""
        if entry.category_id is None or entry.category_id in categories or not categories:
            if entry.category_id is not None and not categories:
                self._lose("category_id", where, entry.category_id, _NO_CATEGORIES)
            return None if entry.category_id is None else categories.get(entry.category_id)
        if self._counter.strict:
            raise FormatError("There is no category with the id {id}.", id=repr(entry.category_id))
        self._lose("category_id", where, entry.category_id, _NO_CATEGORY)
        return None

    def _region(
        self, entry: CocoAnnotation, box: Box, category: str | None, unsigned: Provenance, *, where: str
    ) -> Region:
        signed = entry.category_provenance
        if entry.no_category:
            category = None
        if entry.region_id is not None and is_number(entry.region_id):
            self._lose("region_id", where, entry.region_id, _ID_IS_A_NUMBER, kind="altered")
        region = Region(
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
            like=tuple(RegionKey(one.image, one.region) for one in entry.like_regions),
            answers=tuple(_answer(one, unsigned) for one in entry.other_answers),
        )
        if entry.segmentation and not is_outline_of(box, entry.segmentation):
            self._lose("segmentation", where, entry.segmentation)
        if entry.area is not None and not _is_near(entry.area, box.area, tolerance=1e-3):
            self._lose("area", where, entry.area, _ONLY_THE_BOX)
        region = self._with_caption(region, entry, unsigned, where=where)
        region = self._with_score(region, entry, where=where)
        return self._with_provenance(region, entry, unsigned, where=where)

    def _with_caption(self, region: Region, entry: CocoAnnotation, unsigned: Provenance, *, where: str) -> Region:
        """``caption`` is what scripts correct: it is the preferred one also where ``captions`` says otherwise."""
        text, chosen = entry.caption, preferred_caption(region)
        if entry.captions is None or not text or not text.strip() or (chosen is not None and chosen.text == text):
            return region
        self._lose("captions", where, text, _OTHER_CAPTION, kind="altered")
        others = [replace(caption, preferred=False) for caption in region.captions]
        same = next((caption for caption in others if caption.text == text), None)
        if same is None:
            others.insert(0, Caption(text, unsigned, preferred=True))
        else:
            others[others.index(same)] = replace(same, preferred=True)
        return replace(region, captions=tuple(others))

    def _with_score(self, region: Region, entry: CocoAnnotation, *, where: str) -> Region:
        """``score`` of a detector is that of category and caption. In our own files it follows from these."""
        score, chosen = entry.score, preferred_caption(region)
        if score is None:
            return region
        known = region.category_score if chosen is None else chosen.score
        if _is_near(score, 1.0 if known is None else known, tolerance=1e-9):
            return region
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            self._lose("score", where, score, _NO_SCORE)
        elif known is not None or entry.region_id is not None:
            self._lose("score", where, score, _OTHER_SCORE)
        else:
            if region.category is not None or chosen is None:
                region = replace(region, category_score=float(score))
            if chosen is not None:
                scored = replace(chosen, score=float(score))
                region = replace(region, captions=tuple(scored if c is chosen else c for c in region.captions))
        return region

    def _with_provenance(self, region: Region, entry: CocoAnnotation, unsigned: Provenance, *, where: str) -> Region:
        """``provenance`` is that of the preferred caption, and who wrote a ``caption`` that stands alone."""
        if not entry.provenance:
            return region
        chosen = preferred_caption(region)
        try:
            signed = _provenance(decode(CocoProvenance, entry.provenance), unsigned)
        except FormatError:
            signed = None
        if chosen is None or signed is None or (entry.captions is not None and signed != chosen.provenance):
            self._lose("provenance", where, entry.provenance)
            return region
        signed_caption = replace(chosen, provenance=signed)
        return replace(region, captions=tuple(signed_caption if c is chosen else c for c in region.captions))


def _placed(error: BoxError | FormatError, *, file: str, what: Sentence, id: object) -> FormatError:
    where = Sentence.of("{file}, {what} {id}", file=file, what=what, id=id)
    return FormatError("{where}: {problem}", where=where, problem=error)


def _box(entry: CocoAnnotation) -> Box:
    """Raises: BoxError, FormatError: there is none, or it is empty."""
    if entry.bbox is not None:
        return box_from_xywh(entry.bbox)
    box = box_of_shape(entry.segmentation)
    if box is None:
        raise FormatError("The field {name} is missing.", name=repr("bbox"))
    return box


def _is_near(value: object, expected: float, *, tolerance: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        return False
    return math.isclose(value, expected, rel_tol=tolerance, abs_tol=tolerance)


def _objects(data: object) -> list[dict[str, object]]:
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _licence_name(licence: Mapping[str, object]) -> object:
    """What it is called; empty for those that say nothing."""
    name = licence.get("name") or licence.get("url")
    return "" if name == DatasetInfo().licence else name


def _check_file_names(images: Iterable[CocoImage], *, file: str) -> None:
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


def _captions(entry: CocoAnnotation, unsigned: Provenance) -> tuple[Caption, ...]:
    if entry.captions is None:
        text = entry.caption
        return (Caption(text, unsigned, preferred=True),) if text and text.strip() else ()
    return tuple(
        Caption(item, unsigned, preferred=item == entry.caption)
        if isinstance(item, str)
        else Caption(item.text, _provenance(item.provenance, unsigned), item.score, item.preferred)
        for item in entry.captions
    )


def _attributes(entry: CocoAnnotation, unsigned: Provenance) -> tuple[Attribute, ...]:
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


def _answer(entry: CocoAnswer, unsigned: Provenance) -> Answer:
    return Answer(
        provenance=_provenance(entry.provenance, unsigned),
        caption=entry.caption,
        score=entry.score,
        category=entry.category,
        category_score=entry.category_score,
        attributes=tuple(
            Attribute(
                one.name,
                one.values,
                _provenance(one.provenance, unsigned),
                one.score,
                "human" if one.provenance is None else one.provenance.source,
                one.unconfirmed,
            )
            for one in entry.attributes
        ),
    )


def _provenance(signed: CocoProvenance | None, unsigned: Provenance) -> Provenance:
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
