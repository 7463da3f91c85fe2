"""Boxes as text: numbers worked out by hand on a photo of 640 x 480, and back."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.vlm.box_texts import (
    BBOX_2D,
    BOX_2D,
    BRACKETS,
    FLORENCE,
    KOSMOS,
    PALIGEMMA,
    REF_BOX,
    BoxSyntax,
    NumbersInText,
    Resizing,
)
from roi_assistant.vlm.places import (
    GEMMA_BOX,
    INTERNVL_BOX,
    QWEN3_BOX,
    QWEN25_BOX,
    BoxForm,
    box_of_kosmos,
    kosmos_patches,
)

SIZE = (640, 480)
BOX = Box(64, 120, 320, 480)
"""A tenth to a half across, a quarter to the lower border down."""
TWO_PIXELS = Box(101, 101, 103, 103)
QWEN3 = NumbersInText(form=QWEN3_BOX, pattern=BBOX_2D, is_json=True)
QWEN25 = NumbersInText(form=QWEN25_BOX, pattern=BBOX_2D, is_json=True, resizing=Resizing())
GEMMA = NumbersInText(form=GEMMA_BOX, pattern=BOX_2D, is_json=True)
INTERNVL = NumbersInText(form=INTERNVL_BOX, pattern=REF_BOX, named="<ref>{phrase}</ref>{box}")
PIXELS = NumbersInText(form=BoxForm(unit="pixels", template="[{0}, {1}, {2}, {3}]"), pattern=BRACKETS)
SHIKRA = NumbersInText(form=BoxForm(unit="fractions", template="[{0:.3f},{1:.3f},{2:.3f},{3:.3f}]"), pattern=BRACKETS)
ALL: tuple[BoxSyntax, ...] = (QWEN3, QWEN25, GEMMA, INTERNVL, PIXELS, SHIKRA, FLORENCE, PALIGEMMA, KOSMOS)


@pytest.mark.parametrize(
    ("syntax", "named", "tiny"),
    [
        (QWEN3, '{"bbox_2d": [100, 250, 500, 1000], "label": "a cup"}', '{"bbox_2d": [158, 210, 161, 215]}'),
        # 640 x 480 becomes 644 x 476: 64 x 644/640 = 64.4, 120 x 476/480 = 119; 101 -> 101.6 and 100.2.
        (QWEN25, '{"bbox_2d": [64, 119, 322, 476], "label": "a cup"}', '{"bbox_2d": [102, 100, 104, 102]}'),
        (GEMMA, '{"box_2d": [250, 100, 1000, 500], "label": "a cup"}', '{"box_2d": [210, 158, 215, 161]}'),
        (INTERNVL, "<ref>a cup</ref><box>[[100, 250, 500, 1000]]</box>", "<box>[[158, 210, 161, 215]]</box>"),
        (PIXELS, "a cup [64, 120, 320, 480]", "[101, 101, 103, 103]"),
        (SHIKRA, "a cup [0.100,0.250,0.500,1.000]", "[0.158,0.210,0.161,0.215]"),
        (FLORENCE, "a cup<loc_100><loc_250><loc_500><loc_999>", "<loc_157><loc_210><loc_160><loc_214>"),
        # y first, times 1023: 101 / 480 = 215.3, 101 / 640 = 161.4, 103 / 480 = 219.5, 103 / 640 = 164.6.
        (PALIGEMMA, "<loc0256><loc0102><loc1023><loc0512> a cup", "<loc0215><loc0161><loc0220><loc0165>"),
        # Patches of 20 x 15: column 3 to 15, row 8 to 31; a tiny box is the patch in column 5, row 6.
        (
            KOSMOS,
            "<phrase>a cup</phrase><object><patch_index_0259><patch_index_1007></object>",
            "<object><patch_index_0197><patch_index_0197></object>",
        ),
    ],
)
def test_each_family_by_hand(syntax: BoxSyntax, named: str, tiny: str) -> None:
    assert syntax.write(BOX, size=SIZE, phrase="a cup") == named
    assert syntax.write(TWO_PIXELS, size=SIZE) == tiny


def test_tokens_are_read_as_the_processors_do() -> None:
    (found,) = FLORENCE.find("<loc_100><loc_250><loc_500><loc_999>", size=SIZE)
    assert found.box is not None and found.box.xyxy == pytest.approx((64.32, 120.24, 320.32, 479.76))
    (found,) = KOSMOS.find("<phrase>a cup</phrase><object><patch_index_0259><patch_index_1007></object>", size=SIZE)
    assert found.box is not None and found.box.xyxy == pytest.approx((70, 127.5, 310, 472.5)), "middle to middle"
    assert found.phrase == "a cup"
    (found,) = KOSMOS.find("<object><patch_index_0197><patch_index_0197></object>", size=SIZE)
    assert found.box is not None and found.box.xyxy == pytest.approx((100, 90, 120, 105)), "one whole patch"


def test_what_others_write_is_found() -> None:
    text = (
        '```json\n[{"label": "the \\"red\\" cup", "bbox_2d": [100,250,500,1000]}, {"bbox_2d": [0, 0, 1000, 1000]}]\n```'
    )
    first, second = QWEN3.find(text, size=SIZE)
    assert first.box == BOX
    assert first.phrase == 'the "red" cup' and second.box == Box(0, 0, 640, 480)
    several = INTERNVL.find("<ref>cups</ref><box>[[100, 250, 500, 1000], [0, 0, 1000, 1000]]</box>", size=SIZE)
    assert [found.phrase for found in several] == ["cups", "cups"]
    assert several[0].box == first.box and several[1].box == second.box


@pytest.mark.parametrize("text", ["", "[1, 2, 3]", "[a, b, c, d]", "<loc_1><loc_2><loc_3>", '{"bbox_2d": [1, 2, 3]}'])
def test_what_is_no_box_is_not_found(text: str) -> None:
    assert [syntax.find(text, size=SIZE) for syntax in ALL] == [[]] * len(ALL)


def test_a_box_without_area_is_found_as_such() -> None:
    assert [found.box for found in PIXELS.find("[5, 5, 5, 9]", size=SIZE)] == [None]
    assert [found.box for found in PALIGEMMA.find("<loc0001><loc9999><loc0003><loc0004>", size=SIZE)] == [None]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ALL),
    st.tuples(st.integers(64, 6000), st.integers(64, 6000)),
    st.tuples(*[st.floats(0, 1, width=32)] * 4),
    st.sampled_from(["", "a red cup", 'the "left" one']),
)
def test_a_box_comes_back_up_to_the_rounding(
    syntax: BoxSyntax, size: tuple[int, int], corners: tuple[float, ...], phrase: str
) -> None:
    (x1, x2), (y1, y2) = sorted(corners[::2]), sorted(corners[1::2])
    x1, x2, y1, y2 = x1 * size[0], x2 * size[0], y1 * size[1], y2 * size[1]
    across, down = syntax.rounding(size)
    if x2 - x1 <= 2 * across or y2 - y1 <= 2 * down:
        return
    box = Box(x1, y1, x2, y2)
    (found,) = syntax.find(f"Where? {syntax.write(box, size=size, phrase=phrase)}.", size=size)
    assert found.box is not None
    assert max(abs(a - b) for a, b in zip(found.box.xyxy[::2], box.xyxy[::2], strict=True)) <= across * 1.001 + 1e-6
    assert max(abs(a - b) for a, b in zip(found.box.xyxy[1::2], box.xyxy[1::2], strict=True)) <= down * 1.001 + 1e-6


def test_the_families_own_processors_read_the_same() -> None:
    pytest.importorskip("transformers", reason="needs the extra 'torch'")
    torch = pytest.importorskip("torch")
    from transformers.models.florence2.processing_florence2 import Florence2PostProcessor
    from transformers.models.kosmos2.processing_kosmos2 import coordinate_to_patch_index, patch_index_to_coordinate
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

    draw = random.Random(1)
    florence = Florence2PostProcessor.__new__(Florence2PostProcessor)  # without the tokenizer of a checkpoint
    florence.quantize_bins = (1000, 1000)
    for _ in range(500):
        size = width, height = draw.randint(50, 4000), draw.randint(50, 4000)
        (x1, x2), (y1, y2) = sorted(draw.random() for _ in "12"), sorted(draw.random() for _ in "12")
        box = Box(x1 * width, y1 * height, x2 * width, y2 * height)
        patches = kosmos_patches(box, size=size)
        assert patches == coordinate_to_patch_index(tuple(v / s for v, s in zip(box.xyxy, size * 2, strict=True)), 32)
        parts = patch_index_to_coordinate(*patches, 32)
        read = box_of_kosmos(*patches, size=size).xyxy
        assert read == pytest.approx([part * side for part, side in zip(parts, size * 2, strict=True)])
        high, wide = smart_resize(height, width, factor=28, min_pixels=3136, max_pixels=12845056)
        assert Resizing().of(size) == (wide, high)
        bins = florence.quantize(torch.tensor([box.xyxy], dtype=torch.float64), size)
        assert FLORENCE.write(box, size=size) == "".join(f"<loc_{int(bin_)}>" for bin_ in bins[0])
        (found,) = FLORENCE.find(FLORENCE.write(box, size=size), size=size)
        if found.box is not None:  # theirs are whole pixels, cut off
            theirs = florence.dequantize(bins, size)[0].tolist()
            assert [math.floor(value + 1e-3) for value in found.box.xyxy] == pytest.approx(theirs, abs=1)
