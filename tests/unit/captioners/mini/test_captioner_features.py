"""How regions look to the embedded model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from roi_assistant.captioners.mini.captioner import MiniCaptioner
from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.memory.vectors import unpacked


def test_a_region_looks_like_itself(repository: Path) -> None:
    """Vectors of length 1, the same in drafts and answers; another region's are others."""
    folder = repository / "resources" / "models" / "gpt4roi-mini"
    captioner = MiniCaptioner.load(folder, device="cpu", threads=1)
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    state, boxes = captioner.set_image(Image.fromarray(noise)), [Box(2, 2, 30, 30), Box(20, 10, 60, 40)]
    drafts = [text.features for text in captioner.draft(state, boxes, DescribeRequest())]
    texts = [text.features for text in captioner.describe(state, boxes, DescribeRequest())]
    assert texts == drafts
    first, second = (unpacked(text) for text in texts)
    assert first @ first == pytest.approx(1, abs=0.01) and first @ second < 0.99
