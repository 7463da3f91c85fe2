"""RefCOCO, RefCOCO+ and RefCOCOg: expressions for objects of COCO photos, from either of the two distributions.

* The JSON files of MDETR (``finetune_refcoco_train.json``): COCO's layout with one "image" entry for each expression.
* The original files of the REFER toolkit: ``refs(unc).p`` and its like, a list of dictionaries, read as plain data
  only, beside ``instances.json`` with the boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.json_values import Id
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import read_coco_tables
from roi_assistant.formats.plain_pickle import read_plain_pickle


@dataclass(frozen=True, slots=True)
class Expression:
    """What one person said of one object. ``box`` is in pixels of a photo of ``width`` x ``height``; expressions with
    the same ``object_id`` are about the same object."""

    id: str
    image: str
    width: int
    height: int
    box: Box
    text: str
    object_id: str


@dataclass(frozen=True, slots=True)
class _Sentence(Foreign):
    """``sent`` is the text in lower case; ``raw``, which is not read, as it was typed."""

    sent: str
    sent_id: Id


@dataclass(frozen=True, slots=True)
class _Reference(Foreign):
    image_id: Id
    ann_id: Id
    sentences: tuple[_Sentence, ...]


def read_mdetr_expressions(path: Path) -> list[Expression]:
    """The expressions in MDETR's file; those whose box has no area are left out.

    The file does not number objects: they are told apart by photo and box.

    Raises:
        FormatError: the file has another layout.
    """
    tables = read_coco_tables(path)
    expressions = []
    for image_id, entries in tables.annotations.items():
        photo = tables.photos[image_id]
        text = photo.caption
        if text is None:
            raise FormatError(f"{path}: image {image_id} has no caption: give the fine-tuning file of MDETR.")
        for entry in entries:
            box = entry.box_in(photo)
            if box is not None:
                place = f"{photo.file_name}@" + ",".join(f"{value:.2f}" for value in box.xyxy)
                expressions.append(
                    Expression(str(entry.id), photo.file_name, photo.width, photo.height, box, text, place)
                )
    return expressions


def read_refer_expressions(refs: Path, instances: Path, *, split: str) -> list[Expression]:
    """The expressions of ``split`` in a ``refs(...).p`` file, with boxes and photos from ``instances``.

    Raises:
        FormatError: a file has another layout, holds more than plain data, or the split is not in it.
    """
    records = read_plain_pickle(refs)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise FormatError(f"{refs} is not a list of references: give the file of the REFER toolkit.")
    # Nothing of the file is compared, hashed or put into a message before its type is known: parts that are shared
    # many times over make small files whose values are too large for any of these.
    splits = {record["split"] for record in records if isinstance(record.get("split"), str)}
    if split not in splits:
        raise FormatError(f"{refs} has no split {split!r}; it has {', '.join(sorted(splits)) or 'none'}.")
    tables = read_coco_tables(instances)
    boxes = {entry.id: entry for entries in tables.annotations.values() for entry in entries}
    expressions = []
    for number, record in enumerate(records, start=1):
        named = record.get("split")
        if not isinstance(named, str) or named != split:
            continue
        where = f"{refs}, reference {number}"
        reference = decode(_Reference, record, name=where)
        photo, annotation = tables.photos.get(reference.image_id), boxes.get(reference.ann_id)
        if photo is None or annotation is None:
            unknown = f"image_id {reference.image_id!r}" if photo is None else f"ann_id {reference.ann_id!r}"
            raise FormatError(f"{where}: {instances.name} has no {unknown}.")
        box = annotation.box_in(photo)
        if box is not None:
            size, object_id = (photo.width, photo.height), str(annotation.id)
            for item in reference.sentences:
                expressions.append(Expression(str(item.sent_id), photo.file_name, *size, box, item.sent, object_id))
    return expressions
