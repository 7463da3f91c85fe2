"""RapidOCR on pictures of words: upright, turned, slanted, tiny, at the border, and where nothing is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from roi_assistant.core.box import Box
from roi_assistant.errors import MissingDependencyError
from roi_assistant.imaging.decode import decode_image
from roi_assistant.plugins import PluginManager
from roi_assistant.resources_path import resource

pytest.importorskip("rapidocr", reason="reading text needs the extra 'ocr'")


@pytest.fixture(scope="module")
def reader() -> Any:
    return PluginManager(user=Path("/no plugins"), packages=False).create_text_reader(threads=1)


def sign(*rows: str, size: int = 32, angle: int = 0, ink: str = "black", paper: str = "white") -> Image.Image:
    """``rows`` on ``paper``, turned counter-clockwise by ``angle`` degrees."""
    font = ImageFont.load_default(size)
    boxes = [font.getbbox(row) for row in rows]
    height = round(1.5 * size)
    picture = Image.new("RGB", (round(max(box[2] for box in boxes)) + 2 * size, height * len(rows) + size), paper)
    for place, row in enumerate(rows):
        ImageDraw.Draw(picture).text((size, size // 2 + place * height), row, font=font, fill=ink)
    return picture.rotate(angle, expand=True, fillcolor=paper, resample=Image.Resampling.BICUBIC)


def on_photo(part: Image.Image, *, at: tuple[int, int] = (60, 40)) -> tuple[Image.Image, Box]:
    photo = Image.new("RGB", (max(640, part.width + 120), max(480, part.height + 80)), (70, 90, 70))
    photo.paste(part, at)
    return photo, Box(at[0], at[1], at[0] + part.width, at[1] + part.height)


def read(reader: Any, part: Image.Image, *, at: tuple[int, int] = (60, 40)) -> str:
    photo, box = on_photo(part, at=at)
    (answer,) = reader.read(photo, [box])
    return answer.text if answer is not None else ""


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 15, -15])
def test_turned_and_slanted(reader: Any, angle: int) -> None:
    assert read(reader, sign("Main Street 42", angle=angle)) == "Main Street 42"


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_rows_are_in_reading_order(reader: Any, angle: int) -> None:
    assert read(reader, sign("OPEN DAILY", "from nine", "until five", angle=angle)) == "OPEN DAILY from nine until five"


def test_tiny_and_light_on_dark(reader: Any) -> None:
    assert read(reader, sign("Harbour Office", size=10)) == "Harbour Office"
    assert read(reader, sign("Harbour Office", size=16, ink="white", paper="navy")) == "Harbour Office"


def test_a_large_box_is_read_at_the_resolution_of_the_photo(reader: Any) -> None:
    photo = decode_image(resource("samples", "coffee.jpg")).pixels.resize((3000, 2000))
    photo.paste(sign("Emergency EXIT", size=30), (1900, 1700))
    (answer,) = reader.read(photo, [Box(0, 0, 3000, 2000)])
    assert answer is not None and answer.text == "Emergency EXIT"


def test_lines_outside_the_box_are_left_out(reader: Any) -> None:
    photo, _ = on_photo(sign("INSIDE", "OUTSIDE"))
    (answer,) = reader.read(photo, [Box(60, 40, 320, 102)])
    assert answer is not None and answer.text == "INSIDE"


def test_at_the_border_of_the_photo(reader: Any) -> None:
    photo = sign("Corner Shop", size=40)
    photo = photo.crop((36, 14, photo.width - 36, photo.height - 14))
    (answer,) = reader.read(photo, [Box(0, 0, photo.width, photo.height)])
    assert answer is not None and answer.text == "Corner Shop"


@pytest.mark.parametrize(
    "box", [Box(10, 10, 12, 12), Box(0, 0, 600, 2), Box(0, 100, 600, 102), Box(599, 399, 600, 400)]
)
def test_boxes_of_two_pixels_have_no_text(reader: Any, box: Box) -> None:
    assert list(reader.read(Image.new("RGB", (600, 400), "white"), [box])) == [None]


@pytest.mark.parametrize("upright", [False, True])
def test_boxes_300_times_as_long_as_wide(reader: Any, upright: bool) -> None:
    photo = Image.effect_noise((2400, 20), 60).convert("RGB")
    photo.paste(sign("strip of words", size=14).crop((8, 6, 130, 28)).resize((110, 8)), (300, 6))
    photo = photo.rotate(90, expand=True) if upright else photo
    (answer,) = reader.read(photo, [Box(6, 0, 14, 2400) if upright else Box(0, 6, 2400, 14)])
    assert answer is None or 0.0 <= answer.score <= 1.0


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_where_nothing_is_written_nothing_is_read(reader: Any, name: str) -> None:
    photo = decode_image(resource("samples", f"{name}.jpg")).pixels
    side = photo.height // 3
    boxes = [Box(0, 0, photo.width, photo.height)]
    boxes += [Box(x, y, x + side, y + side) for x in range(0, photo.width - side, side) for y in (0, side)]
    assert [answer for answer in reader.read(photo, boxes) if answer is not None] == []


def test_photos_that_are_stored_turned(reader: Any, tmp_path: Path) -> None:
    photo, box = on_photo(sign("PLATFORM 9"))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = photo.rotate(90, expand=True)  # what a camera on its side stores
    stored.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = decode_image(tmp_path / "turned.jpg").pixels
    assert pixels.size == photo.size
    (answer,) = reader.read(pixels, [box])
    assert answer is not None and answer.text == "PLATFORM 9"


def test_answers_come_one_by_one(reader: Any) -> None:
    photo, box = on_photo(sign("FIRST"))
    answers = reader.read(photo, [box, Box(0, 0, 1e9, 1e9)])
    assert next(answers).text == "FIRST", "the second box is not looked at before it is asked for"


def test_confidence_and_lines(reader: Any) -> None:
    photo, box = on_photo(sign("OPEN", "late"))
    (answer,) = reader.read(photo, [box])
    assert [line.text for line in answer.lines] == ["OPEN", "late"]
    assert 0.6 <= answer.score <= 1.0
    assert answer.score == pytest.approx(sum(line.score for line in answer.lines) / 2)


def test_what_is_loaded_is_named(reader: Any) -> None:
    assert reader.info.id == "rapidocr"
    assert reader.info.name.startswith("RapidOCR 3.") and "PP-OCRv6" in reader.info.name
    assert len(reader.info.weights_sha256) == 64


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sys.modules["importlib.util"].find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *rest: None if name == "rapidocr" else real(name))
    with pytest.raises(MissingDependencyError, match=r"pip install 'roi-assistant\[ocr\]'"):
        PluginManager(user=Path("/no plugins"), packages=False).create_text_reader()
