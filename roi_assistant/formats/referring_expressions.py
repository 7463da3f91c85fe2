"""RefCOCO, RefCOCO+ and RefCOCOg: expressions for objects of COCO photos, from either of the two distributions.

* The JSON files of MDETR (``finetune_refcoco_train.json``): COCO's layout with one "image" entry for each expression.
* The original files of the REFER toolkit: ``refs(unc).p`` and its like, a list of dictionaries, read as plain data
  only, beside ``instances.json`` with the boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import Id, id_of, read_coco_tables
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
        if not isinstance(text, str):
            raise FormatError(f"{path}: image {image_id} has no caption: give the fine-tuning file of MDETR.")
        for entry in entries:
            box = entry.box_in(photo)
            if box is not None:
                place = f"{photo.image}@" + ",".join(f"{value:.2f}" for value in box.xyxy)
                expressions.append(Expression(str(entry.id), photo.image, photo.width, photo.height, box, text, place))
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
        ids = {key: _id(record.get(key), where=f"{where}, {key}") for key in ("image_id", "ann_id")}
        photo, annotation = tables.photos.get(ids["image_id"]), boxes.get(ids["ann_id"])
        if photo is None or annotation is None:
            unknown = "image_id" if photo is None else "ann_id"
            raise FormatError(f"{where}: {instances.name} has no {unknown} {ids[unknown]!r}.")
        box = annotation.box_in(photo)
        for sentence_id, text in _sentences(record.get("sentences"), where=where):
            if box is not None:
                size = photo.width, photo.height
                expressions.append(Expression(sentence_id, photo.image, *size, box, text, str(annotation.id)))
    return expressions


def _id(value: Any, *, where: str) -> Id:
    if isinstance(value, list | tuple | dict | set | frozenset):
        raise FormatError(f"{where} is missing or no number.")
    return id_of(value, where=where)


def _sentences(value: Any, *, where: str) -> Iterator[tuple[str, str]]:
    """Id and words of each sentence; ``sent`` is the text in lower case, ``raw`` as it was typed."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
        raise FormatError(f"{where} has no list of sentences.")
    for item in value:
        text = item.get("sent")
        if not isinstance(text, str):
            raise FormatError(f"{where} has a sentence without words.")
        yield str(_id(item.get("sent_id"), where=f"{where}, sent_id")), text
