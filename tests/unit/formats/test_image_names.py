"""Names of images as tools write them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.record_matching import match_records

E_ACUTE = "é"


@dataclass(frozen=True)
class Photo:
    name: str

    @property
    def path(self) -> Path:
        return Path("/data/photos") / self.name


def owners(photos: list[str], *listed: str) -> dict[str, str]:
    records = [AnnotatedImage(name, None, None, (Region("1", Box(1, 1, 2, 2)),)) for name in listed]
    matched = match_records([Photo(name) for name in photos], records, file=Path("in.json"), notes=[])
    return {photo.name: record.file_name for photo, record in matched}


@pytest.mark.parametrize(
    ("photo", "listed"),
    [
        ("a.jpg", r"images\a.jpg"),
        ("sub/a.jpg", r"D:\shared\photos\sub\a.jpg"),
        ("a.jpg", "./a.jpg"),
        ("a.jpg", ".//images/./a.jpg"),
        ("my photo.jpg", "my%20photo.jpg"),
        ("my photo.jpg", "https://host.example/d/my%20photo.jpg?x=1"),
        ("my photo.jpg", "s3://bucket/d/my photo.jpg"),
        ("my photo.jpg", "file:///C:/d/my%20photo.jpg#top"),
        ("写真.jpg", "%E5%86%99%E7%9C%9F.jpg"),
        ("sub/a.jpg", "/data/local-files/?d=photos/sub/a.jpg"),
        ("sub/a.jpg", "/data/local-files/?d=photos%5Csub%5Ca.jpg"),
        ("sub/a.jpg", "http://localhost:8080/data/local-files/?d=sub/a.jpg"),
        ("a.jpg", "/data/upload/1/a.jpg"),
        ("a.jpg", "/data/upload/1/1fa2b3c4-a.jpg"),
        ("sub/a.jpg", "/data/upload/1/1fa2b3c4-a.jpg"),
        ("sub/a.jpg", r"images\1fa2b3c4-a.jpg"),
        ("a.jpg", "a_jpg.rf.0123456789abcdef0123456789abcdef.jpg"),
        ("a.jpg", "A.JPG"),
        ("Straße.jpg", "STRASSE.JPG"),
        (unicodedata.normalize("NFC", f"caf{E_ACUTE}.jpg"), unicodedata.normalize("NFD", f"caf{E_ACUTE}.jpg")),
        (unicodedata.normalize("NFD", f"caf{E_ACUTE}.jpg"), unicodedata.normalize("NFC", f"caf{E_ACUTE}.jpg")),
        ("a\\b.jpg", "a\\b.jpg"),
        ("100%.jpg", "100%.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("1fa2b3c4-a.jpg", "1fa2b3c4-a.jpg"),
        ("%FF.jpg", "x/%FF.jpg"),
    ],
)
def test_one_photo_by_its_many_names(photo: str, listed: str) -> None:
    assert owners([photo], listed) == {photo: listed}


@pytest.mark.parametrize("listed", ["b.jpg", "a.jpg.png", "http://[", "?", "data:image/png;base64,AA", "/", "x/a jpg"])
def test_other_names(listed: str) -> None:
    with pytest.raises(FormatError, match="has no boxes for the given images"):
        owners(["a.jpg"], listed)


def test_the_name_as_it_is_written_comes_first() -> None:
    assert owners(["a%20b.jpg", "a b.jpg"], "a%20b.jpg", "a b.jpg") == {"a%20b.jpg": "a%20b.jpg", "a b.jpg": "a b.jpg"}
    assert owners(["a.jpg", "A.jpg"], "A.jpg") == {"A.jpg": "A.jpg"}
    assert owners(["a.jpg", "1fa2b3c4-a.jpg"], "a.jpg", "x/1fa2b3c4-a.jpg") == {
        "a.jpg": "a.jpg",
        "1fa2b3c4-a.jpg": "x/1fa2b3c4-a.jpg",
    }


@pytest.mark.parametrize(
    ("photos", "listed", "words"),
    [
        (["a.jpg", "A.jpg"], ["A.JPG"], "several of the images fit 'A.JPG', such as a.jpg and A.jpg"),
        (["x/a.jpg", "y/a.jpg"], [r".\a.jpg"], "such as x/a.jpg and y/a.jpg"),
        (["a.jpg"], [r"x\a.jpg", "y/a.jpg"], r"may be 'x\\\\a.jpg' or 'y/a.jpg'"),
        (["a.jpg"], ["1fa2b3c4-a.jpg", "2fa2b3c4-a.jpg"], "may be '1fa2b3c4-a.jpg' or '2fa2b3c4-a.jpg'"),
    ],
)
def test_what_may_be_two_is_an_error_that_names_both(photos: list[str], listed: list[str], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        owners(photos, *listed)
