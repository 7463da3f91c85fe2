"""Flickr30k Entities (Plummer et al., ICCV 2015) in its official layout.

``ROOT/Annotations/<id>.xml``, ``ROOT/Sentences/<id>.txt``, ``ROOT/<split>.txt`` and the photos in ``images/`` or
``flickr30k-images/``; folders, or tar archives that begin with these names.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from roi_assistant.core.box import Box, clip_box, union_box
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion, AnnotatedSentence, Mention
from roi_assistant.formats.file_tree import FileTree

NOT_VISUAL = "0"
_MENTION = re.compile(r"\[/EN#(?P<chain>\d+)/(?P<kinds>\S+) (?P<words>[^\]]*)\]")


def parse_sentence(line: str) -> AnnotatedSentence:
    """``[/EN#1/people A man] in [/EN#2/clothing a hat] .`` -> words and mentions."""
    words: list[str] = []
    mentions: list[Mention] = []
    position = 0
    for match in _MENTION.finditer(line):
        words += line[position : match.start()].split()
        inside = match["words"].split()
        if inside:
            mentions.append(
                Mention(match["chain"], len(words), len(words) + len(inside), tuple(match["kinds"].split("/")))
            )
        words += inside
        position = match.end()
    words += line[position:].split()
    return AnnotatedSentence(tuple(words), tuple(mentions))


def parse_annotation(xml: str, *, name: str) -> tuple[int, int, dict[str, list[Box]]]:
    """Width, height and the boxes of every chain; corners are 1-based and inclusive in the file.

    Raises:
        FormatError: the file is not an annotation of this data set.
    """
    try:
        root = ElementTree.fromstring(xml)
        width, height = int(root.findtext("size/width", "")), int(root.findtext("size/height", ""))
        boxes: dict[str, list[Box]] = defaultdict(list)
        for item in root.iter("object"):
            for corner in item.findall("bndbox"):
                x1, y1, x2, y2 = (float(corner.findtext(key, "")) for key in ("xmin", "ymin", "xmax", "ymax"))
                try:
                    box = clip_box(Box(x1 - 1, y1 - 1, x2, y2), width=width, height=height)
                except BoxError:
                    continue  # a few boxes of the official files are empty
                for chain in item.findall("name"):
                    boxes[(chain.text or "").strip()].append(box)
    except (ElementTree.ParseError, ValueError) as error:
        raise FormatError(f"{name} is not a Flickr30k Entities annotation: {error}.") from error
    return width, height, dict(boxes)


def is_flickr30k(root: Path) -> bool:
    """Whether ``root`` is a folder in this layout and not one with ``regions.jsonl``."""
    return any(root.glob("Sentences*")) and not (root / "regions.jsonl").is_file()


class Flickr30kEntities:
    """The data set at ``root``.

    Raises:
        FormatError: a part of the layout is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise FormatError(f"{self.root} is not a folder: give the top folder of Flickr30k Entities.")
        self.annotations = FileTree.find(self.root, "Annotations")
        self.sentences = FileTree.find(self.root, "Sentences")
        self.images = FileTree.find(self.root, "images", "flickr30k-images", "flickr30k_images")

    def split(self, name: str) -> list[str]:
        """Photo ids of a split file such as ``val.txt``."""
        path = self.root / f"{name}.txt"
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in self.root.glob("*.txt"))) or "none"
            raise FormatError(f"{path} is missing; the splits here are: {known}.")
        try:
            return path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise FormatError(f"{path} cannot be read ({error}): it must list the ids of photos.") from error

    def photo(self, photo_id: str) -> AnnotatedPhoto:
        """One photo; a chain with several boxes becomes one region with the union box and its members."""
        width, height, boxes = parse_annotation(self.annotations.text(f"{photo_id}.xml"), name=f"{photo_id}.xml")
        sentences = self.sentences_of(photo_id)
        phrases: dict[str, list[str]] = defaultdict(list)
        kinds: dict[str, set[str]] = defaultdict(set)
        for sentence in sentences:
            for mention in sentence.mentions:
                phrases[mention.region_id].append(" ".join(sentence.words[mention.start : mention.end]))
                kinds[mention.region_id].update(mention.kinds)
        regions = tuple(
            AnnotatedRegion(
                id=chain,
                box=union_box(chain_boxes),
                phrases=tuple(phrases[chain]),
                members=tuple(chain_boxes) if len(chain_boxes) > 1 else (),
                kinds=tuple(sorted(kinds[chain])),
            )
            for chain, chain_boxes in boxes.items()
            if chain != NOT_VISUAL and phrases.get(chain)
        )
        return AnnotatedPhoto(f"{photo_id}.jpg", width, height, regions, sentences)

    def sentences_of(self, photo_id: str) -> tuple[AnnotatedSentence, ...]:
        """The sentences about a photo, five of them in the data set.

        Raises:
            FormatError: the file of the photo is missing or cannot be read.
        """
        text = self.sentences.text(f"{photo_id}.txt")
        return tuple(parse_sentence(line) for line in text.splitlines() if line.strip())

    def photos(self, split: str) -> Iterator[AnnotatedPhoto]:
        """The photos of ``split`` (train, val, test), read one after the other.

        Raises:
            FormatError: a file is missing or cannot be read.
        """
        for photo_id in self.split(split):
            yield self.photo(photo_id)
