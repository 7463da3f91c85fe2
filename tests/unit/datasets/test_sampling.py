"""Mixing, going on after a stop, several processes; flips and shifts."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from roi_assistant.datasets.dataset import FolderImages, RegionDataset
from roi_assistant.datasets.records import RegionSample, UnitBox, conversation
from roi_assistant.datasets.sampling import (
    DatasetMix,
    Part,
    View,
    draw_view,
    view_for,
    viewed_box,
    viewed_picture,
    viewed_sample,
)
from roi_assistant.errors import BadInputError


def numbered(name: str, size: int) -> RegionDataset:
    def write(entry: int, rng: random.Random) -> RegionSample:
        pair = ("<image>?", f"{entry}/{rng.random()}")
        return RegionSample(name, f"{name}{entry}", "a.jpg", 4, 4, (), conversation(pair))

    return RegionDataset(name, "train", range(size), write, FolderImages((Path("."),)), 0)


def ids(mix: DatasetMix, **options: int) -> list[str]:
    return [sample.id for sample in mix.samples(**{"epoch": 0, **options})]


def test_every_entry_comes_once() -> None:
    mix = DatasetMix([Part(numbered("a", 7)), Part(numbered("b", 5))], seed=1)
    drawn = ids(mix)
    assert sorted(drawn) == sorted([f"a{k}" for k in range(7)] + [f"b{k}" for k in range(5)])
    assert drawn != sorted(drawn) and drawn == ids(mix) and drawn != ids(mix, epoch=1)
    assert len(mix) == 12
    other = DatasetMix(mix.parts, seed=2)
    assert ids(other) != drawn


def test_shares() -> None:
    mix = DatasetMix([Part(numbered("a", 8), 0.25), Part(numbered("b", 3), 2)], seed=0)
    drawn = [ids(mix, epoch=epoch) for epoch in range(4)]
    assert [sum(name[0] == "a" for name in epoch) for epoch in drawn] == [2, 2, 2, 2]
    assert len({name for epoch in drawn for name in epoch if name[0] == "a"}) == 8, (
        "no entry twice before all have come"
    )
    assert all(sorted(n for n in epoch if n[0] == "b") == ["b0", "b0", "b1", "b1", "b2", "b2"] for epoch in drawn)


def test_going_on_and_several_processes() -> None:
    mix = DatasetMix([Part(numbered("a", 11))], seed=3)
    whole = list(mix.samples(epoch=2))
    assert list(mix.samples(epoch=2, start=4)) == whole[4:]
    parts = [ids(mix, rank=rank, world=3) for rank in range(3)]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert {name for part in parts for name in part} == {f"a{k}" for k in range(11)}
    assert ids(mix, rank=1, world=3, start=2) == parts[1][2:]


def test_more_processes_than_samples() -> None:
    mix = DatasetMix([Part(numbered("a", 2))], seed=3)
    assert [len(ids(mix, rank=rank, world=5)) for rank in range(5)] == [1] * 5


@pytest.mark.parametrize("parts", [[], [Part(numbered("a", 2), 0.0)], [Part(numbered("a", 2), float("nan"))]])
def test_mixes_of_nothing(parts: list[Part]) -> None:
    with pytest.raises(BadInputError):
        DatasetMix(parts, seed=0)


def test_views_by_hand() -> None:
    assert viewed_box((0.25, 0.25, 0.5, 0.75), View(flip=True)) == (0.5, 0.25, 0.75, 0.75)
    assert viewed_box((0.25, 0.25, 0.5, 0.75), View(dx=28, dy=-28)) == (0.375, 0.125, 0.625, 0.625)
    assert viewed_box((0.875, 0.0, 1.0, 0.5), View(dx=14)) == (0.9375, 0.0, 1.0, 0.5)
    assert viewed_box((0.875, 0.0, 1.0, 0.5), View(dx=28)) is None


UNITS = st.lists(st.integers(0, 1000), min_size=2, max_size=2, unique=True).map(
    lambda pair: sorted(v / 1000 for v in pair)
)


@settings(deadline=None)
@given(UNITS, UNITS, st.integers(0, 10_000))
def test_drawn_views_keep_boxes_inside(xs: list[float], ys: list[float], seed: int) -> None:
    box: UnitBox = (xs[0], ys[0], xs[1], ys[1])
    sample = RegionSample("a", "1", "a.jpg", 4, 4, (box,), conversation(("<image><bbox>", "x")))
    if (xs[1] - xs[0]) * 224 < 1 or (ys[1] - ys[0]) * 224 < 1:
        return
    view = view_for(sample, random.Random(seed))
    moved = viewed_sample(sample, view)
    assert moved.turns == sample.turns and len(moved.boxes) == 1
    assert abs(view.dx) <= 32 and abs(view.dy) <= 32


def test_half_are_flipped_and_half_moved() -> None:
    views = [draw_view(random.Random(seed)) for seed in range(2000)]
    assert 900 < sum(view.flip for view in views) < 1100
    assert 900 < sum(view.dx == view.dy == 0 for view in views) < 1120


def test_a_view_that_loses_a_box() -> None:
    sample = RegionSample("a", "1", "a.jpg", 4, 4, ((0.9, 0, 1.0, 1),), conversation(("<image><bbox>", "x")))
    with pytest.raises(BadInputError):
        viewed_sample(sample, View(dx=32))


@pytest.mark.parametrize("view", [View(), View(flip=True), View(dx=30, dy=-20), View(True, -32, 5)])
def test_pictures_move_with_their_boxes(view: View) -> None:
    image = Image.new("RGB", (448, 448))
    image.paste((255, 255, 255), (112, 112, 224, 336))
    shown = np.asarray(viewed_picture(image, view).convert("L"))
    box = viewed_box((0.25, 0.25, 0.5, 0.75), view)
    assert box is not None and shown.shape == (224, 224)
    rows, columns = np.nonzero(shown > 128)
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.abs(np.array(found) - np.array(box) * 224).max() <= 1
