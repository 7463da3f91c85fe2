"""Thumbnails: right pixels, found again, bounded, and a cache that may be damaged at will."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.errors import ImageError
from roi_assistant.imaging import thumbnails
from roi_assistant.imaging.thumbnails import ThumbnailCache, make_thumbnail


def picture(path: Path, *, size: tuple[int, int] = (900, 600), color: str = "red", orientation: int = 1) -> Path:
    image = Image.new("RGB", size, color)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, exif=exif)
    return path


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Paths of the pictures that were decoded."""
    seen: list[Path] = []
    make = thumbnails.make_thumbnail

    def counted(path: Path, size: int) -> Image.Image:
        seen.append(path)
        return make(path, size)

    monkeypatch.setattr(thumbnails, "make_thumbnail", counted)
    return seen


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_thumbnail_fits_and_is_turned_as_the_picture_is_seen(tmp_path: Path, suffix: str) -> None:
    small = make_thumbnail(picture(tmp_path / f"a.{suffix}", orientation=6), 96)
    assert small.size == (64, 96)
    assert small.mode == "RGB"
    assert small.getpixel((30, 40)) == pytest.approx((255, 0, 0), abs=3)


def test_small_pictures_are_not_enlarged(tmp_path: Path) -> None:
    assert make_thumbnail(picture(tmp_path / "a.png", size=(20, 10)), 96).size == (20, 10)


def test_each_picture_is_decoded_once(tmp_path: Path, decoded: list[Path]) -> None:
    path = picture(tmp_path / "a.png")
    first = ThumbnailCache(tmp_path / "cache")
    assert first.thumbnail(path, 64) is first.thumbnail(path, 64)
    assert ThumbnailCache(tmp_path / "cache").thumbnail(path, 64).size == (64, 43)
    assert decoded == [path]


def test_a_changed_picture_and_another_size_get_their_own(tmp_path: Path, decoded: list[Path]) -> None:
    path = picture(tmp_path / "a.png")
    store = ThumbnailCache(tmp_path / "cache")
    store.thumbnail(path, 64)
    store.thumbnail(path, 32)
    picture(path, color="blue")
    os.utime(path, ns=(1, 1))
    assert store.thumbnail(path, 64).getpixel((5, 5)) == (0, 0, 255)
    assert len(decoded) == 3


def test_memory_is_bounded(tmp_path: Path) -> None:
    store = ThumbnailCache(None, memory_bytes=3 * 64 * 43 * 4)
    for number in range(6):
        store.thumbnail(picture(tmp_path / f"{number}.png"), 64)
    assert store.memory_used == 3 * 64 * 43 * 4


def test_the_disk_is_looked_at_once_and_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    listed = thumbnails._files_below
    monkeypatch.setattr(thumbnails, "_files_below", lambda folder: looks.append(folder) or listed(folder))
    store = ThumbnailCache(tmp_path / "cache", memory_bytes=1, disk_bytes=100_000)
    for number in range(8):
        store.thumbnail(picture(tmp_path / f"{number}.png"), 64)
    assert len(looks) == 1
    held = sum(file.stat().st_size for file in (tmp_path / "cache").glob("*/*"))
    again = ThumbnailCache(tmp_path / "cache", memory_bytes=1, disk_bytes=held)
    for number in range(8, 10):
        again.thumbnail(picture(tmp_path / f"{number}.png"), 64)
    assert len(looks) == 2, "what an earlier run left is counted, and makes room at once"


def test_the_disk_is_bounded_and_the_oldest_go_first(tmp_path: Path) -> None:
    store = ThumbnailCache(tmp_path / "cache", memory_bytes=1, disk_bytes=4000)
    for number in range(21):
        store.thumbnail(picture(tmp_path / f"{number}.png"), 64)
        for file in (tmp_path / "cache").glob("*/*.jpg"):
            if file.stat().st_mtime > 1e9:
                os.utime(file, (number, number))
    kept = list((tmp_path / "cache").glob("*/*"))
    assert 0 < sum(file.stat().st_size for file in kept) <= 4000 + 1500
    assert min(file.stat().st_mtime for file in kept) > 5


def test_a_damaged_cache_is_made_anew(tmp_path: Path, decoded: list[Path]) -> None:
    path = picture(tmp_path / "a.png")
    ThumbnailCache(tmp_path / "cache").thumbnail(path, 64)
    for file in (tmp_path / "cache").glob("*/*.jpg"):
        file.write_bytes(b"\xff\xd8\xff no picture")
    assert ThumbnailCache(tmp_path / "cache").thumbnail(path, 64).size == (64, 43)
    assert len(decoded) == 2


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert ThumbnailCache(tmp_path / "cache").thumbnail(picture(tmp_path / "a.png"), 64).size == (64, 43)


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match=r"a\.jpg is empty"):
        ThumbnailCache(None).thumbnail(tmp_path / "a.jpg", 64)
    with pytest.raises(ImageError, match="does not exist"):
        ThumbnailCache(None).thumbnail(tmp_path / "b.jpg", 64)
