"""The Flickr30k Entities reader on a photo made up here, in the official format."""

from __future__ import annotations

import io
import itertools
import tarfile
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedRegion, Mention
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities, parse_annotation, parse_sentence
from tests.unit import official_data_sets as official

SENTENCES = """\
[/EN#1/people A clown] juggles [/EN#2/other three pears] near [/EN#3/scene a fountain] .
[/EN#1/people Someone in [odd] clothes] with [/EN#2/other fruit] and [/EN#0/notvisual fun] .

[/EN#4/people/clothing A clown in a wig] laughs .
"""

ANNOTATION = """\
<annotation>
  <filename>77.jpg</filename>
  <size><width>200</width><height>100</height><depth>3</depth></size>
  <object><name>1</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>60</xmax><ymax>90</ymax></bndbox></object>
  <object><name>2</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></object>
  <object><name>2</name><bndbox><xmin>31</xmin><ymin>5</ymin><xmax>40</xmax><ymax>20</ymax></bndbox></object>
  <object><name>3</name><scene>1</scene><nobndbox>0</nobndbox></object>
  <object><name>4</name><name>9</name><bndbox><xmin>101</xmin><ymin>1</ymin><xmax>250</xmax><ymax>50</ymax></bndbox></object>
  <object><name>0</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>
  <object><name>5</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>8</xmax><ymax>9</ymax></bndbox></object>
</annotation>
"""


def make(root: Path, *, packed: bool = False) -> None:
    files = {"Annotations/77.xml": ANNOTATION, "Sentences/77.txt": SENTENCES, "flickr30k-images/77.jpg": "pixels"}
    for name, text in files.items():
        folder = name.split("/")[0]
        if packed:
            with tarfile.open(root / f"{folder}.tar.xz", "w:xz") as tar:
                member = tarfile.TarInfo(name)
                member.size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))
        else:
            (root / folder).mkdir()
            (root / name).write_text(text, encoding="utf-8")
    (root / "val.txt").write_text("77\n")
    (root / "train.txt").write_text("")


def test_sentence_with_mentions() -> None:
    sentence = parse_sentence("[/EN#1/people A clown] juggles [/EN#2/other three pears] .")
    assert sentence.words == ("A", "clown", "juggles", "three", "pears", ".")
    assert sentence.text == "A clown juggles three pears ."
    assert sentence.mentions == (Mention("1", 0, 2, ("people",)), Mention("2", 3, 5, ("other",)))


def test_sentence_with_joined_kinds_and_no_words() -> None:
    sentence = parse_sentence("[/EN#12/people/clothing A wig] [/EN#3/other ] falls")
    assert sentence.mentions == (Mention("12", 0, 2, ("people", "clothing")),)
    assert sentence.words == ("A", "wig", "falls")
    assert parse_sentence("no mention here").mentions == ()


def test_annotation_corners_become_half_open() -> None:
    width, height, boxes = parse_annotation(ANNOTATION, name="77.xml")
    assert (width, height) == (200, 100)
    assert boxes == {
        "1": [Box(10, 20, 60, 90)],
        "2": [Box(0, 0, 10, 10), Box(30, 4, 40, 20)],
        "4": [Box(100, 0, 200, 50)],  # cut at the border of the photo
        "9": [Box(100, 0, 200, 50)],  # one box, two chains
        "0": [Box(0, 0, 5, 5)],
    }


@pytest.mark.parametrize("xml", ["", "<annotation>", "<annotation/>", ANNOTATION.replace("<width>200", "<width>wide")])
def test_annotation_that_is_none(xml: str) -> None:
    with pytest.raises(FormatError, match=r"77\.xml is not a Flickr30k Entities annotation"):
        parse_annotation(xml, name="77.xml")


@pytest.mark.parametrize("packed", [False, True])
def test_photo(packed: bool, tmp_path: Path) -> None:
    make(tmp_path, packed=packed)
    data = Flickr30kEntities(tmp_path)
    (photo,) = data.photos("val")
    assert (photo.image, photo.width, photo.height) == ("77.jpg", 200, 100)
    assert photo.image in data.images
    assert photo.regions == (
        AnnotatedRegion("1", Box(10, 20, 60, 90), ("A clown", "Someone in [odd"), kinds=("people",)),
        AnnotatedRegion(
            "2",
            Box(0, 0, 40, 20),  # around both pears
            ("three pears", "fruit"),
            members=(Box(0, 0, 10, 10), Box(30, 4, 40, 20)),
            kinds=("other",),
        ),
        AnnotatedRegion("4", Box(100, 0, 200, 50), ("A clown in a wig",), kinds=("clothing", "people")),
    )
    assert photo.sentences[0].text == "A clown juggles three pears near a fountain ."
    assert len(photo.sentences) == 3
    assert list(data.photos("train")) == []


def test_missing_parts_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nowhere is not a folder"):
        Flickr30kEntities(tmp_path / "nowhere")
    with pytest.raises(FormatError, match="Annotations/"):
        Flickr30kEntities(tmp_path)
    make(tmp_path)
    data = Flickr30kEntities(tmp_path)
    with pytest.raises(FormatError, match=r"test\.txt is missing; the splits here are: train, val"):
        data.split("test")
    with pytest.raises(FormatError, match=r"78\.xml"):
        data.photo("78")


def test_real_corpus_can_be_read(shared: Path) -> None:
    root = shared / "flickr30k-entities-8k"
    if not root.is_dir():
        pytest.skip(f"needs {root}")
    data = Flickr30kEntities(root)
    ids = data.split("val")
    photo = data.photo(ids[0])
    assert len(ids) == 247 and f"{ids[0]}.jpg" in data.images
    assert len(photo.sentences) == 5 and photo.regions


def test_entities_that_name_each_other_are_not_written_out() -> None:
    """A billion letters out of a few hundred bytes of XML."""
    names = [f"e{number}" for number in range(10)]
    rules = [f'<!ENTITY {a} "{10 * f"&{b};"}">' for a, b in itertools.pairwise(names)]
    xml = f'<!DOCTYPE a [<!ENTITY e9 "lol">{"".join(rules)}]><annotation>&e0;</annotation>'
    with pytest.raises(FormatError, match=r"7\.xml"):
        parse_annotation(xml, name="7.xml")


def test_a_split_that_is_no_text(tmp_path: Path) -> None:
    official.make_flickr(tmp_path)
    root = tmp_path / "flickr30k_entities"
    (root / "train.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match=r"train\.txt"):
        Flickr30kEntities(root).split("train")
