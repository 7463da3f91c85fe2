"""Folders with one file for each image: which files are read, and what is left out is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.formats import file_per_image
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.file_per_image import annotation_files, read_each_file, read_file
from roi_assistant.formats.reading_counter import ReadingCounter


def read(name: str, path: Path, counter: ReadingCounter) -> AnnotatedImage:
    if b"bad" in read_file(path):
        raise FormatError("{path} is bad.", path=path)
    return AnnotatedImage(name.removesuffix(".json"), None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.JSON", "a/c.json", ".hidden/x.json", ".y.json", "notes.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    (tmp_path / "outside.json").write_text("")
    (tmp_path / "in/link.json").symlink_to(tmp_path / "outside.json")
    (tmp_path / "in/up").symlink_to(tmp_path)
    return tmp_path / "in"


def test_files_in_their_order_and_nothing_outside(folder: Path) -> None:
    assert [name for name, _ in annotation_files(folder, (".json",))] == ["a/c.json", "b.JSON"]
    assert annotation_files(folder / "b.JSON", (".xml",)) == [("b.JSON", folder / "b.JSON")]
    with pytest.raises(FormatError, match=r"has no files that end in \.xml"):
        annotation_files(folder, (".xml",))


def test_a_file_that_is_bad_is_left_out_unless_there_is_no_other(folder: Path) -> None:
    (folder / "a/c.json").write_text("bad")
    found = read_each_file(folder, (".json",), read)
    assert [image.file_name for image in found.images] == ["b.JSON"]
    assert "files left out: 1" in str(found.left_out[0])
    (folder / "b.JSON").write_text("bad")
    with pytest.raises(FormatError, match=r"c\.json is bad"):
        read_each_file(folder, (".json",), read)


def test_files_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError, match="does not exist"):
        read_file(folder / "none.json")
    with pytest.raises(FormatError, match="cannot be read"):
        read_file(folder / "a")
    monkeypatch.setattr(file_per_image, "LONGEST", 3)
    with pytest.raises(FormatError, match="as no annotation file of an image has"):
        read_file(folder / "b.JSON")
