"""Boxes of a file that was made for a photo of another size: a resized copy, or the photo before its EXIF turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from roi_assistant.core.box import Box, scale_box
from roi_assistant.formats.annotations import AnnotatedImage, BoxUnit
from roi_assistant.sentences import Sentence

Fit = Literal["as it is", "fractions", "percent", "scaled", "turned", "unknown", "refused"]
"""What was done to the boxes of an image. ``fractions`` and ``percent``: of its sides, which became pixels;
``unknown``: the photo cannot be read; ``refused``: it is not certain what they mean."""
_WHOLE_SIDE = {"fractions": 1.0, "percent": 100.0}
_BESIDE_CORNER = 200
"""Pixels of the shorter side from which boxes in the first 100 pixels are only a part of the image."""
_FEW, _MANY = 3, 10
"""Boxes from which a file may be, and is, in percent."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FittedRecord:
    """``record`` with its boxes in pixels of the photo as displayed, and without regions where ``fit`` is ``refused``.

    ``file_size`` is what the file says, ``size`` is that of the photo, both width and height.
    """

    record: AnnotatedImage
    fit: Fit
    size: Size | None = None
    file_size: Size | None = None

    @property
    def sizes(self) -> Sentence:
        """Which image it is and how both sizes differ, for reports."""
        if self.file_size is None or self.size is None:
            return Sentence(self.record.file_name)
        return Sentence.of(
            "{name}: {file} in the file, {photo} in the photo",
            name=self.record.file_name,
            file="{} x {}".format(*self.file_size),
            photo="{} x {}".format(*self.size),
        )


def fit_to_photo(
    record: AnnotatedImage, size: Size | None, *, orientation: Callable[[], int], unit: BoxUnit = "pixels"
) -> FittedRecord:
    """``record`` in pixels of its photo.

    Args:
        record: as it was read.
        size: width and height of the photo as displayed, None where it cannot be read.
        orientation: answers the photo's EXIF orientation, 1 to 8; asked only where it matters.
        unit: of the boxes, see `unit_of`.
    """
    file_size = None if record.width is None or record.height is None else (record.width, record.height)
    if unit != "pixels" and record.regions:
        whole = size or file_size
        if whole is None:
            return FittedRecord(replace(record, regions=()), "refused", size, file_size)
        x, y = (side / _WHOLE_SIDE[unit] for side in whole)
        return FittedRecord(_mapped(record, lambda box: scale_box(box, x=x, y=y)), unit, size, file_size)
    if size is None:
        return FittedRecord(record, "unknown", None, file_size)
    if file_size is None or file_size == size or not record.regions:
        return FittedRecord(record, "as it is", size, file_size)
    turned_size = file_size[1], file_size[0]
    if _is_scaled_copy(file_size, size):
        return FittedRecord(_scaled(record, file_size, size), "scaled", size, file_size)
    if _is_scaled_copy(turned_size, size) and (turn := orientation()) >= 5 and _lie_inside(record, file_size):
        turned = _mapped(record, lambda box: turn_box(box, turn, *file_size))
        return FittedRecord(_scaled(turned, turned_size, size), "turned", size, file_size)
    return FittedRecord(replace(record, regions=()), "refused", size, file_size)


def unit_of(records: Sequence[AnnotatedImage]) -> BoxUnit | None:
    """What the boxes of a file are given in; None where they may be percent and this is not certain.

    ``fractions``: all boxes lie in the unit square, some of them not at its corners. ``percent``: ten boxes or more on
    images with sides from 200 pixels all lie in the first 100 pixels, in each quarter of these, and end within one of
    their border to the right and below; no file in pixels does either. Fewer boxes there, or boxes in some parts of it
    only, may as well be a logo in the corner.
    """
    boxes = [region.box for record in records for region in record.regions]
    if _are_fractions(boxes):
        return "fractions"
    sides = [min(record.width or 0, record.height or 0) for record in records if record.regions]
    if len(boxes) < _FEW or min(sides) < _BESIDE_CORNER or any(max(b.xyxy) > 100.01 or min(b.xyxy) < 0 for b in boxes):
        return "pixels"
    right, bottom = max(box.x2 for box in boxes), max(box.y2 for box in boxes)
    if right <= 50 or bottom <= 50:
        return "pixels"
    quarters = {(box.center[0] > 50, box.center[1] > 50) for box in boxes}
    return "percent" if len(boxes) >= _MANY and min(right, bottom) >= 99 and len(quarters) == 4 else None


def _are_fractions(boxes: Sequence[Box]) -> bool:
    if any(max(box.xyxy) > 1.0001 or min(box.xyxy) < -0.0001 for box in boxes):
        return False
    return any(value != int(value) for box in boxes for value in box.xyxy)


def turn_box(box: Box, orientation: int, width: float, height: float) -> Box:
    """``box`` on a photo as stored, of ``width`` x ``height`` pixels, as it lies on the photo as displayed.

    ``orientation`` is that of EXIF, 5 to 8: 6, for example, is displayed after a quarter turn to the right.
    """
    x1, y1, x2, y2 = box.y1, box.x1, box.y2, box.x2  # columns become rows
    if orientation in (6, 7):
        x1, x2 = height - x2, height - x1
    if orientation in (7, 8):
        y1, y2 = width - y2, width - y1
    return Box(x1, y1, x2, y2)


def _is_scaled_copy(one: Size, other: Size) -> bool:
    """Whether both have the same aspect ratio, but for one side that was rounded to whole pixels."""
    (w, h), (width, height) = min(one, other), max(one, other)
    return abs(h - height * w / width) < 1 or abs(w - width * h / height) < 1


def _scaled(record: AnnotatedImage, file_size: Size, size: Size) -> AnnotatedImage:
    if file_size == size:
        return record
    return _mapped(record, lambda box: scale_box(box, x=size[0] / file_size[0], y=size[1] / file_size[1]))


def _mapped(record: AnnotatedImage, change: Callable[[Box], Box]) -> AnnotatedImage:
    return replace(record, regions=tuple(replace(region, box=change(region.box)) for region in record.regions))


def _lie_inside(record: AnnotatedImage, size: Size) -> bool:
    """Whether no box leaves an image of ``size``, which it would if it was drawn on the turned photo."""
    return all(
        max(r.box.x2 - size[0], r.box.y2 - size[1]) <= 1 and min(r.box.x1, r.box.y1) >= -1 for r in record.regions
    )
