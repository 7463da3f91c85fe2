"""The whole picture is one object for all boxes that are told in it, and none is too long for a model."""

from __future__ import annotations

import gc
import weakref

from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.vlm.places import QWEN3_BOX
from roi_assistant.vlm.telling import RegionForm, tell, tell_several

TEXT = RegionForm(telling="text", form=QWEN3_BOX, longest_side=100)
BOX = Box(40, 30, 200, 225)


def test_a_large_picture_is_scaled_once() -> None:
    image, other = Image.new("RGB", (400, 300)), Image.new("RGB", (400, 300))
    (picture,) = tell(image, BOX, TEXT).pictures
    assert picture.size == (100, 75)
    assert tell(image, Box(0, 0, 9, 9), TEXT).pictures[0] is picture
    assert tell_several(image, [BOX], TEXT).pictures[0] is picture
    assert tell(image, BOX, TEXT).words == 'the thing at {"bbox_2d": [100, 100, 500, 750]}'
    assert tell(other, BOX, TEXT).pictures[0] is not picture
    larger = RegionForm(telling="text", form=QWEN3_BOX, longest_side=200)
    assert tell(other, BOX, larger).pictures[0].size == (200, 150)


def test_a_small_picture_is_shown_itself_and_no_picture_is_kept_alive() -> None:
    small = Image.new("RGB", (80, 60))
    assert tell(small, Box(1, 1, 9, 9), TEXT).pictures[0] is small
    image = Image.new("RGB", (400, 300))
    tell(image, BOX, TEXT)
    gone = weakref.ref(image)
    del image
    gc.collect()
    assert gone() is None


def test_a_strip_is_padded() -> None:
    strip = Image.new("RGB", (1800, 6), (10, 200, 30))
    for form in (RegionForm(telling="text", form=QWEN3_BOX), RegionForm(telling="drawn")):
        told = tell(strip, Box(90, 0, 900, 6), form)
        assert told.pictures[0].size == (1280, 64)
        assert tell_several(strip, [Box(90, 0, 900, 6)], form).pictures[0].size == (1280, 64)
    # 1800 x 90 with the padding: 6 of 90 rows are the photo's.
    told = tell(strip, Box(90, 0, 900, 6), RegionForm(telling="text", form=QWEN3_BOX))
    assert told.words == 'the thing at {"bbox_2d": [50, 0, 500, 67]}'
    high = tell(strip.rotate(90, expand=True), Box(0, 90, 6, 900), RegionForm(telling="text", form=QWEN3_BOX))
    assert high.words == 'the thing at {"bbox_2d": [0, 50, 67, 500]}'
