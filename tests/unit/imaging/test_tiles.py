"""Pyramids: the right pixels at each level, the right tiles for a view, and pictures that are too large to decode."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roi_assistant.errors import ImageError
from roi_assistant.imaging import huge, tiles
from roi_assistant.imaging.decode import DecodeCancelledError, decode_image
from roi_assistant.imaging.tiles import TILE, TileKey, build_pyramid, load_pyramid
from roi_assistant.imaging.tone import Tone


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(1).integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megapixel is huge here."""
    monkeypatch.setattr(tiles, "MAX_PIXELS", 900_000)
    monkeypatch.setattr(huge, "REDUCED_PIXELS", 100_000)
    monkeypatch.setattr(huge, "_STRIP_PIXELS", 50_000)


def test_each_level_is_half_of_the_one_before() -> None:
    pyramid = build_pyramid(picture(3001, 1999))
    assert [level.size for level in pyramid.levels] == [(3001, 1999), (1501, 1000), (751, 500), (376, 250)]
    expected = np.asarray(pyramid.levels[0]).astype(int)[:2, :2].mean(axis=(0, 1))
    assert np.abs(np.asarray(pyramid.levels[1])[0, 0] - expected).max() <= 1


def test_levels_that_are_shrunk_in_bands_are_the_same() -> None:
    tall = picture(40, 2 * tiles._BAND + 77)
    assert build_pyramid(tall).levels[1].tobytes() == tall.reduce(2).tobytes()


def test_tiles_joined_are_the_level() -> None:
    pyramid = build_pyramid(picture(1300, 700))
    joined = Image.new("RGB", (1300, 700))
    for key in pyramid.tiles_in(0, (0, 0, 1300, 700)):
        joined.paste(pyramid.tile(key), pyramid.bounds(key)[:2])
    assert joined.tobytes() == pyramid.levels[0].tobytes()


def test_the_tiles_of_a_view_are_those_it_shows_from_its_middle() -> None:
    pyramid = build_pyramid(Image.new("RGB", (6000, 4000)))
    keys = pyramid.tiles_in(1, (1000, 1000, 3080, 2000))
    columns, rows = {key.column for key in keys}, {key.row for key in keys}
    assert (columns, rows) == ({0, 1, 2, 3}, {0, 1})
    assert keys[0] in (TileKey(1, 1, 1), TileKey(1, 2, 1), TileKey(1, 1, 0), TileKey(1, 2, 0))
    assert pyramid.bounds(TileKey(1, 5, 3)) == (2560, 1536, 3000, 2000)
    assert pyramid.tile(TileKey(0, 0, 0)).size == (TILE, TILE)


def test_making_a_pyramid_can_be_left_off(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture(900, 900).save(path)
    with pytest.raises(DecodeCancelledError):
        load_pyramid(path, cancelled=lambda: True)


def test_a_decode_is_left_off_between_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    picture(3000, 3000).save(path, quality=95)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(DecodeCancelledError):
        decode_image(path, cancelled=cancelled)
    assert len(asked) == 4


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA"])
def test_a_huge_png_is_read_in_strips(tmp_path: Path, small_limits: None, mode: str) -> None:
    path = tmp_path / "huge.png"
    picture(1201, 977, mode).save(path)
    pyramid = load_pyramid(path)
    assert (pyramid.width, pyramid.height, pyramid.first) == (1201, 977, 2)
    assert pyramid.levels[0].tobytes() == decode_image(path).pixels.reduce(4).tobytes()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_huge_picture_is_turned_as_it_is_seen(
    tmp_path: Path, small_limits: None, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"huge.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture(1200, 976).save(path, exif=exif)
    whole = decode_image(path).pixels
    pyramid = load_pyramid(path)
    assert (pyramid.width, pyramid.height) == whole.size
    difference = np.asarray(pyramid.levels[0]).astype(int) - np.asarray(whole.reduce(4))
    assert np.abs(difference).mean() < 3  # JPEG is shrunk by its own decoder


def test_a_huge_picture_that_is_cut_off_is_said_to_be(tmp_path: Path, small_limits: None) -> None:
    data = io.BytesIO()
    picture(1201, 977).save(data, "PNG")
    path = tmp_path / "cut.png"
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    with pytest.raises(ImageError, match=r"cut\.png is truncated"):
        load_pyramid(path)


def test_a_huge_picture_of_another_format_is_refused_with_advice(tmp_path: Path, small_limits: None) -> None:
    path = tmp_path / "huge.bmp"
    picture(1201, 977).save(path)
    with pytest.raises(ImageError, match="save it as JPEG or PNG"):
        load_pyramid(path)


def test_reading_a_huge_png_can_be_left_off(tmp_path: Path, small_limits: None) -> None:
    path = tmp_path / "huge.png"
    picture(1201, 977).save(path)
    with pytest.raises(DecodeCancelledError):
        load_pyramid(path, cancelled=lambda: True)


def test_gray_of_16_bits_keeps_them_on_all_levels(tmp_path: Path) -> None:
    values = np.arange(901 * 401, dtype=np.uint32).reshape(401, 901) % 4000
    values[-1, -1] = 65535
    path = tmp_path / "deep.png"
    Image.fromarray(values.astype(np.uint16)).save(path)
    pyramid = load_pyramid(path)
    assert [level.mode for level in pyramid.levels] == ["I;16"] * 3
    assert [level.size for level in pyramid.levels] == [(901, 401), (451, 201), (226, 101)]
    assert np.asarray(pyramid.levels[1])[0, 0] == round(values[:2, :2].mean())
    assert pyramid.tile(TileKey(0, 0, 0)).tobytes() == decode_image(path).pixels.crop((0, 0, 512, 401)).tobytes()
    lighter = pyramid.tile(TileKey(0, 0, 0), Tone(gamma=3.0))
    assert np.asarray(lighter).mean() > 2 * np.asarray(pyramid.tile(TileKey(0, 0, 0))).mean()
