"""Captions of whole photos whose phrases have boxes: MDETR's JSON files and Flickr30k Entities itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import read_coco_tables
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities


@dataclass(frozen=True, slots=True)
class GroundedCaption:
    """One sentence about a photo of ``width`` x ``height`` pixels; ``phrases`` are (words of it, box) in its order."""

    id: str
    image: str
    width: int
    height: int
    text: str
    phrases: tuple[tuple[str, Box], ...]


def read_mdetr_captions(path: Path) -> Iterator[GroundedCaption]:
    """The captions of ``final_flickr_mergedGT_train.json``.

    A box with several spans in the caption (two phrases for one thing) stands for its first; boxes without area are
    left out.

    Raises:
        FormatError: the file has another layout, or a span lies outside its caption.
    """
    tables = read_coco_tables(path)
    for image_id, photo in tables.photos.items():
        text = photo.caption
        if text is None:
            raise FormatError(f"{path}: image {image_id} has no caption: give the pre-training file of MDETR.")
        spans = []
        for annotation in tables.annotations.get(image_id, []):
            box = annotation.box_in(photo)
            where = f"{path}, entry {annotation.number} of 'annotations'"
            start, end = _first_span(annotation.tokens_positive, text, where=where)
            if box is not None:
                spans.append((start, end, box))
        spans.sort(key=lambda item: item[:2])
        phrases = tuple((text[start:end].strip(), box) for start, end, box in spans)
        yield GroundedCaption(str(image_id), photo.file_name, photo.width, photo.height, text, phrases)


def _first_span(spans: Sequence[tuple[int, int]], text: str, *, where: str) -> tuple[int, int]:
    if not spans:
        raise FormatError(f"{where} has no tokens_positive.")
    start, end = min(spans)
    if not 0 <= start < end <= len(text) or not text[start:end].strip():
        raise FormatError(f"{where}: the span {start} to {end} is not in its caption of {len(text)} letters.")
    return start, end


def entities_captions(data: Flickr30kEntities, *, split: str) -> Iterator[GroundedCaption]:
    """The sentences of Flickr30k Entities; a chain is listed once, with the words of its first mention, and the boxes
    of a group are merged into one.

    Raises:
        FormatError: a file of the data set is missing or has another layout.
    """
    for photo in data.photos(split):
        boxes = {region.id: region.box for region in photo.regions}
        for number, sentence in enumerate(photo.sentences):
            first: dict[str, str] = {}
            for mention in sentence.mentions:
                if mention.region_id in boxes:
                    first.setdefault(mention.region_id, " ".join(sentence.words[mention.start : mention.end]))
            phrases = tuple((words, boxes[chain]) for chain, words in first.items())
            yield GroundedCaption(
                f"{photo.image}#{number}", photo.image, photo.width, photo.height, sentence.text, phrases
            )
