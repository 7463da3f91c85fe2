"""Which files count as pictures, in which order, and that no loop of links traps the search."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from roi_assistant.errors import ImageError
from roi_assistant.imaging.folders import IMAGE_SUFFIXES, UnreadPictures, find_images, natural_key

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def relative_paths(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in find_images(root)]


def test_numbers_in_names_count_as_numbers(tmp_path: Path) -> None:
    make(tmp_path, "img10.jpg", "img2.jpg", "img1.jpg", "img.jpg", "Img3.jpg", "a100.png", "a20.png", "7.png")
    assert relative_paths(tmp_path) == [
        "7.png", "a20.png", "a100.png", "img.jpg", "img1.jpg", "img2.jpg", "Img3.jpg", "img10.jpg",
    ]  # fmt: skip


def test_natural_key_of_mixed_names() -> None:
    names = ["x1y10", "x1y9", "x", "1", "x01y9", "²", "10", "2"]
    assert sorted(names, key=lambda name: (natural_key(name), name)) == [
        "1", "2", "10", "x", "x01y9", "x1y9", "x1y10", "²",
    ]  # fmt: skip


def test_own_pictures_come_before_those_of_sub_folders(tmp_path: Path) -> None:
    make(tmp_path, "z.jpg", "set10/a.jpg", "set2/b.jpg", "set2/deep/c.jpg", "set2/d.jpg")
    assert relative_paths(tmp_path) == ["z.jpg", "set2/b.jpg", "set2/d.jpg", "set2/deep/c.jpg", "set10/a.jpg"]


def test_only_known_endings_in_any_case(tmp_path: Path) -> None:
    make(
        tmp_path, "a.JPG", "b.Tiff", "c.txt", "d.jpg.part", "jpg", "e.psd", *(f"f{suffix}" for suffix in IMAGE_SUFFIXES)
    )
    assert relative_paths(tmp_path) == sorted(["a.JPG", "b.Tiff", *(f"f{suffix}" for suffix in IMAGE_SUFFIXES)])


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", ".b.jpg", "._a.jpg", ".thumbnails/c.jpg", "d/.hidden/e.jpg")
    assert relative_paths(tmp_path) == ["a.jpg"]


def test_hidden_folder_that_is_asked_for_is_searched(tmp_path: Path) -> None:
    make(tmp_path, ".photos/a.jpg")
    assert relative_paths(tmp_path / ".photos") == ["a.jpg"]


def test_folder_with_a_picture_ending_is_a_folder(tmp_path: Path) -> None:
    make(tmp_path, "odd.jpg/inside.png")
    assert relative_paths(tmp_path) == ["odd.jpg/inside.png"]


@links
def test_loops_of_links_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.jpg", "sub/b.jpg")
    (root / "sub" / "up").symlink_to(root)
    (root / "self").symlink_to(root / "self")
    (root / "parent").symlink_to(tmp_path)
    (root / "again").symlink_to(root / "sub")
    assert relative_paths(root) == ["a.jpg", "sub/b.jpg"]


@links
def test_links_out_of_the_folder_are_followed_once(tmp_path: Path) -> None:
    make(tmp_path, "root/a.jpg", "elsewhere/b.jpg")
    (tmp_path / "root" / "first").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root" / "second").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "root")
    assert relative_paths(tmp_path / "root") == ["a.jpg", "first/b.jpg"]


@links
def test_linked_pictures_count_and_broken_links_do_not(tmp_path: Path) -> None:
    make(tmp_path, "root/a.jpg", "elsewhere/b.jpg")
    (tmp_path / "root" / "linked.jpg").symlink_to(tmp_path / "elsewhere" / "b.jpg")
    (tmp_path / "root" / "broken.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert relative_paths(tmp_path / "root") == ["a.jpg", "linked.jpg"]


def test_missing_folder_is_an_error_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"Folder .*nowhere does not exist"):
        find_images(tmp_path / "nowhere")


def test_file_instead_of_folder(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    with pytest.raises(ImageError, match=r"a\.jpg is not a folder"):
        find_images(tmp_path / "a.jpg")


def test_folder_without_pictures_names_folder_and_endings(tmp_path: Path) -> None:
    make(tmp_path, "notes.txt", "sub/more.md")
    with pytest.raises(ImageError) as caught:
        find_images(tmp_path)
    assert str(tmp_path) in str(caught.value) and "or its sub-folders" in str(caught.value)
    assert all(suffix in str(caught.value) for suffix in IMAGE_SUFFIXES)


def test_pictures_of_kinds_that_are_not_read_are_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.PSD", "sub/c.psd", "sub/d.svg", "notes.txt")
    unread = UnreadPictures()
    assert [path.name for path in find_images(tmp_path, other_file=unread.add)] == ["a.jpg"]
    assert str(unread.sentence) == (
        "Pictures of kinds that cannot be read are left out: 2 .psd, 1 .svg, such as b.PSD. Convert them to "
        "JPEG or PNG."
    )
    assert not UnreadPictures().sentence


def test_a_folder_with_nothing_but_pictures_that_are_not_read_says_so(tmp_path: Path) -> None:
    make(tmp_path, "sub/c.psd")
    with pytest.raises(ImageError, match=r"no picture that can be read\. .* 1 \.psd, such as sub/c\.psd"):
        find_images(tmp_path)


def test_search_is_lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg", "sub/b.jpg")
    listed: list[str] = []
    scandir = os.scandir

    def counting(path: str | os.PathLike[str]) -> object:
        listed.append(os.path.basename(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counting)
    images = find_images(tmp_path)
    assert listed == [tmp_path.name]
    assert len(list(images)) == 2 and listed == [tmp_path.name, "sub"]


def test_unreadable_sub_folder_is_reported_and_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make(tmp_path, "a.jpg", "locked/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def refusing(path: str | os.PathLike[str]) -> object:
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert relative_paths(tmp_path) == ["a.jpg", "open/c.jpg"]
    assert "locked is skipped" in caplog.text


def test_unreadable_folder_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(path: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(ImageError, match=r"cannot be listed \(Permission denied\)"):
        find_images(tmp_path)
