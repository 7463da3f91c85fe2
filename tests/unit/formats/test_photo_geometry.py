"""Boxes of files that were made for another copy of the photo."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.photo_geometry import (
    FittedRecord,
    fit_to_photo,
    turn_box,
    unit_of,
)
from roi_assistant.imaging.decode import decode_bytes


def record(size: tuple[int, int] | None, *boxes: Box) -> AnnotatedImage:
    regions = tuple(Region(str(number), box) for number, box in enumerate(boxes))
    width, height = size or (None, None)
    return AnnotatedImage("a.jpg", width, height, regions)


def fit(size: tuple[int, int] | None, photo: tuple[int, int] | None, *boxes: Box, orientation: int = 1) -> FittedRecord:
    return fit_to_photo(record(size, *boxes), photo, orientation=lambda: orientation)


@pytest.mark.parametrize(
    ("size", "photo", "box", "result"),
    [
        ((64, 48), (64, 48), Box(16, 12, 32, 24), Box(16, 12, 32, 24)),
        (None, (64, 48), Box(16, 12, 32, 24), Box(16, 12, 32, 24)),
        ((32, 24), (64, 48), Box(16, 12, 32, 24), Box(32, 24, 64, 48)),
        ((128, 96), (64, 48), Box(16, 12, 32, 24), Box(8, 6, 16, 12)),
        ((640, 427), (6000, 4000), Box(0, 0, 640, 427), Box(0, 0, 6000, 4000)),  # 426.7 was rounded
        ((640, 426), (6000, 4000), Box(0, 0, 320, 213), Box(0, 0, 3000, 2000)),  # or cut
    ],
)
def test_resized_copies(size: tuple[int, int] | None, photo: tuple[int, int], box: Box, result: Box) -> None:
    fitted = fit(size, photo, box)
    assert fitted.fit == ("as it is" if box == result else "scaled")
    assert fitted.record.regions[0].box.xyxy == pytest.approx(result.xyxy)


@pytest.mark.parametrize(
    ("size", "photo", "orientation", "box"),
    [
        ((64, 48), (64, 64), 1, Box(2, 2, 9, 9)),  # squashed, or cut
        ((64, 48), (48, 64), 1, Box(2, 2, 9, 9)),  # turned, but not by its EXIF
        ((64, 48), (48, 64), 3, Box(2, 2, 9, 9)),
        ((64, 48), (48, 64), 6, Box(2, 2, 9, 60)),  # drawn on the turned photo, whatever the file says
        ((640, 480), (640, 440), 1, Box(2, 2, 9, 9)),
    ],
)
def test_what_is_not_certain_is_refused(
    size: tuple[int, int], photo: tuple[int, int], orientation: int, box: Box
) -> None:
    fitted = fit(size, photo, box, orientation=orientation)
    assert fitted.fit == "refused" and fitted.record.regions == ()
    assert str(fitted.sizes) == f"a.jpg: {size[0]} x {size[1]} in the file, {photo[0]} x {photo[1]} in the photo"


def test_a_photo_that_cannot_be_read_leaves_boxes_as_they_are() -> None:
    fitted = fit((64, 48), None, Box(2, 2, 9, 9))
    assert fitted.fit == "unknown" and fitted.record.regions[0].box == Box(2, 2, 9, 9)


@pytest.mark.parametrize(
    ("orientation", "result"),
    [  # of 64 x 48 pixels: 2..22 from the left, 2..12 from above
        (5, Box(2, 2, 12, 22)),
        (6, Box(36, 2, 46, 22)),
        (7, Box(36, 42, 46, 62)),
        (8, Box(2, 42, 12, 62)),
    ],
)
def test_boxes_turn_as_the_photo_does(orientation: int, result: Box) -> None:
    box = Box(2, 2, 22, 12)
    assert turn_box(box, orientation, 64, 48) == result
    fitted = fit((64, 48), (48, 64), box, orientation=orientation)
    assert fitted.fit == "turned" and fitted.record.regions[0].box == result
    twice = fit((64, 48), (96, 128), box, orientation=orientation)
    assert twice.record.regions[0].box.xyxy == tuple(2 * value for value in result.xyxy)

    picture = Image.new("RGB", (64, 48))
    picture.paste((255, 255, 255), (2, 2, 22, 12))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    picture.save(stream, "PNG", exif=exif)
    shown = decode_bytes(stream.getvalue(), name="x").pixels
    assert shown.convert("L").getbbox() == tuple(int(value) for value in result.xyxy)


def test_boxes_from_0_to_1() -> None:
    fractions = [record((64, 48), Box(0.25, 0.5, 0.75, 1.0)), record(None, Box(0, 0, 1, 1))]
    assert unit_of(fractions) == "fractions"
    fitted = fit_to_photo(fractions[0], (64, 48), orientation=lambda: 1, unit="fractions")
    assert fitted.fit == "fractions" and fitted.record.regions[0].box == Box(16, 24, 48, 48)
    assert unit_of([record((64, 48), Box(0, 0, 1, 1))]) == "pixels"
    assert unit_of([*fractions, record((64, 48), Box(0, 0, 2, 1))]) == "pixels"
    assert unit_of([]) == "pixels"


def test_boxes_that_may_be_percent_are_not_guessed() -> None:
    boxes = (Box(0, 0, 99, 30), Box(10.5, 10, 20, 80), Box(1, 1, 2, 2))
    assert unit_of([record((640, 480), *boxes)]) is None
    assert unit_of([record((100, 100), *boxes)]) == "pixels"
    assert unit_of([record((640, 480), *boxes, Box(1, 1, 101, 2))]) == "pixels"
    assert unit_of([record((640, 480), *boxes[:2])]) == "pixels"


def test_boxes_that_fill_the_first_hundred_are_percent() -> None:
    boxes = [Box(x, y, x + 25, y + 25) for x in (0, 25, 50, 75) for y in (0, 40, 75)]
    files = [record((640, 480), *boxes[:6]), record((300, 200), *boxes[6:])]
    assert unit_of(files) == "percent"
    fitted = fit_to_photo(files[1], (600, 400), orientation=lambda: 1, unit="percent")
    assert fitted.fit == "percent" and fitted.record.regions[0].box == Box(300, 0, 450, 100)
    corner = [Box(x, 30, x + 20, 99.5) for x in range(0, 80, 8)]
    assert unit_of([record((640, 480), *corner)]) is None  # none in its upper half


@pytest.mark.parametrize("size", [None, (64, 48)])
def test_parts_of_a_photo_that_cannot_be_read_need_the_size_in_the_file(size: tuple[int, int] | None) -> None:
    fitted = fit_to_photo(record(size, Box(0, 0, 0.5, 0.5)), None, orientation=lambda: 1, unit="fractions")
    if size is None:
        assert fitted.fit == "refused" and not fitted.record.regions
    else:
        assert fitted.fit == "fractions" and fitted.record.regions[0].box == Box(0, 0, 32, 24)
