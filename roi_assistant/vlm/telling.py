"""Telling a model which region is meant: by numbers in the text, by a box on the picture, or by a part of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from roi_assistant.core.box import Box
from roi_assistant.vlm.pictures import bounded, crop_with_context, padded, with_drawn_box, with_numbered_boxes
from roi_assistant.vlm.places import BoxForm, box_text

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Telling = Literal["text", "drawn", "crop"]
"""``text``: the whole picture, and the box as numbers; then all regions of an image share the picture. ``drawn``: the
box on the whole picture. ``crop``: what is around the box, with the box drawn."""

Resize = Callable[[tuple[int, int]], tuple[int, int]]
LONGEST_SIDE = 1280
"""Of the whole picture that is sent, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionForm:
    """How a family is told a region. ``form`` is how it writes boxes, for ``text``; ``resized`` the size to which its
    processor brings a picture, where numbers are of that."""

    telling: Telling = "crop"
    form: BoxForm | None = None
    resized: Resize | None = None
    longest_side: int = LONGEST_SIDE


@dataclass(frozen=True, slots=True)
class Told:
    """Pictures to show, and words for the region in them."""

    pictures: tuple[Picture, ...]
    words: str


def tell(image: Picture, box: Box, form: RegionForm) -> Told:
    """How a family with ``form`` is told ``box``, in pixels of ``image``. For ``text`` the picture is the same object
    for all boxes of an image that are told one after another."""
    if form.telling == "crop":
        part, inside = crop_with_context(image, box)
        return Told((bounded(with_drawn_box(part, inside), form.longest_side),), "the thing in the red box")
    if form.telling == "drawn" or form.form is None:
        return Told((_sent(with_drawn_box(image, box), form.longest_side),), "the thing in the red box")
    picture = _whole(image, form.longest_side)
    return Told((picture,), f"the thing at {_numbers(picture, image, box, form)}")


def tell_several(image: Picture, boxes: Sequence[Box], form: RegionForm) -> Told:
    """The whole picture, and words for the boxes: ``words`` is one line for each, in their order."""
    if form.telling == "text" and form.form is not None:
        picture = _whole(image, form.longest_side)
        lines = [f"region {n}: {_numbers(picture, image, box, form)}" for n, box in enumerate(boxes, start=1)]
        return Told((picture,), "\n".join(lines))
    picture = _sent(with_numbered_boxes(image, boxes), form.longest_side)
    lines = [f"region {n}: the box with the number {n}" for n in range(1, len(boxes) + 1)]
    return Told((picture,), "\n".join(lines))


_last_whole: tuple[weakref.ref[Picture], int, Picture] | None = None
"""The image that was last shown as a whole, its longest side, and what was shown: a backend knows by the object that
it has seen a picture, and scaling one down takes longer than telling a box in it."""


def _whole(image: Picture, longest: int) -> Picture:
    global _last_whole
    if _last_whole is None or _last_whole[0]() is not image or _last_whole[1] != longest:
        sent = _sent(image, longest)
        if sent is image:
            return image
        _last_whole = (weakref.ref(image), longest, sent)
    return _last_whole[2]


def _sent(image: Picture, longest: int) -> Picture:
    return bounded(padded(image), longest)


def _numbers(picture: Picture, image: Picture, box: Box, form: RegionForm) -> str:
    assert form.form is not None
    # ``picture`` may be padded at the right or below; then only the longer side tells how it was scaled.
    scale = max(picture.size) / max(image.size)
    sent = Box(box.x1 * scale, box.y1 * scale, box.x2 * scale, box.y2 * scale)
    resized = form.resized(picture.size) if form.resized is not None else None
    return box_text(sent, form.form, size=picture.size, resized=resized)
