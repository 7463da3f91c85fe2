"""Tables of gray values, and pictures looked up in them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from roi_assistant.imaging.tone import Tone, toned


def test_a_neutral_tone_changes_nothing() -> None:
    assert Tone().is_neutral and not Tone(gamma=1.1).is_neutral
    assert Tone().table() == bytes(range(256))
    image = Image.new("RGB", (3, 2), (1, 2, 3))
    assert toned(image, Tone()) is image


@pytest.mark.parametrize(
    ("tone", "dark", "light"),
    [
        (Tone(brightness=20), 1, 1),
        (Tone(brightness=-20), -1, -1),
        (Tone(contrast=40), -1, 1),
        (Tone(contrast=-40), 1, -1),
        (Tone(gamma=2.0), 1, 1),
        (Tone(gamma=0.5), -1, -1),
    ],
)
def test_what_becomes_lighter_and_what_darker(tone: Tone, dark: int, light: int) -> None:
    table = tone.table()
    assert np.sign(table[60] - 60) == dark and np.sign(table[200] - 200) == light
    assert list(table) == sorted(table)


def test_gamma_keeps_black_and_white() -> None:
    table = Tone(gamma=3.0).table()
    assert (table[0], table[255]) == (0, 255)


def test_dark_gray_of_16_bits_has_more_steps_than_8_bits_could_have() -> None:
    ramp = Image.fromarray(np.arange(1024, dtype=np.uint16).reshape(32, 32))
    plain, lifted = np.asarray(toned(ramp, Tone())), np.asarray(toned(ramp, Tone(gamma=4.0)))
    assert len(np.unique(plain)) <= 5
    assert len(np.unique(lifted)) > 60
