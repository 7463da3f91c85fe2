"""RefCOCO, RefCOCO+ and RefCOCOg: expressions for objects of COCO photos, from either of the two distributions.

* The JSON files of MDETR (``finetune_refcoco_train.json``): COCO's layout with one "image" entry for each expression.
* The original files of the REFER toolkit: ``refs(unc).p`` and its like, a list of dictionaries, read as plain data
  only, beside ``instances.json`` with the boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import clipped_xywh, photo_of, read_coco_tables
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
    for image_id, entries in tables.by_image().items():
        image, width, height = photo_of(tables.images[image_id], name=tables.name)
        text = tables.images[image_id].get("caption")
        if not isinstance(text, str):
            raise FormatError(f"{path}: image {image_id} has no caption: give the fine-tuning file of MDETR.")
        for entry in entries:
            box = clipped_xywh(entry.get("bbox"), width=width, height=height)
            if box is not None:
                place = ",".join(f"{value:.2f}" for value in box.xyxy)
                expressions.append(
                    Expression(str(entry.get("id", image_id)), image, width, height, box, text, f"{image}@{place}")
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
    splits = {str(record.get("split")) for record in records}
    if split not in splits:
        raise FormatError(f"{refs} has no split {split!r}; it has {', '.join(sorted(splits))}.")
    tables = read_coco_tables(instances)
    boxes = {entry.get("id"): entry.get("bbox") for entry in tables.annotations}
    expressions = []
    for record in records:
        if record.get("split") != split:
            continue
        try:
            photo, annotation = tables.images[record["image_id"]], record["ann_id"]
            sentences = [_sentence(item) for item in record["sentences"]]
            wanted = boxes[annotation]
        except (KeyError, TypeError) as error:
            raise FormatError(f"{refs}, reference {record.get('ref_id')!r}: {error} is missing or unknown.") from error
        image, width, height = photo_of(photo, name=tables.name)
        box = clipped_xywh(wanted, width=width, height=height)
        if box is not None:
            expressions += [
                Expression(number, image, width, height, box, text, str(annotation)) for number, text in sentences
            ]
    return expressions


def _sentence(item: Any) -> tuple[str, str]:
    """Id and words of one sentence; ``sent`` is the text in lower case, ``raw`` as it was typed."""
    text = item["sent"]
    if not isinstance(text, str):
        raise TypeError("a sentence that is text")
    return str(item["sent_id"]), text
