"""Arrays about the corpus that several processes fill."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest


class Squares:
    """Writes the square of a photo's number; photo ``fails_at`` cannot be read."""

    def __init__(self, folder: Path, fails_at: int | None) -> None:
        from roi_assistant.training.mini.photo_cache import open_arrays

        self.arrays, self.fails_at = open_arrays(folder), fails_at

    def photo(self, index: int) -> dict[int, list[str]]:
        if index == self.fails_at:
            raise OSError(f"no photo {index}")
        self.arrays["squares"][index] += index**2
        return {index: ["red"]} if index % 2 else {}


def fill(folder: Path, *, length: int = 20, fails_at: int | None = None, order: list[int] | None = None) -> np.ndarray:
    from roi_assistant.training.mini import photo_cache

    layouts = {"squares": photo_cache.Layout((length,), np.float32)}
    try:
        photo_cache.fill(
            folder, layouts, partial(Squares, folder, fails_at), order=order or range(length), stage="test", workers=1
        )
    finally:
        written = np.load(folder / "squares.npy")
    return written


def test_what_is_there_is_kept_and_the_rest_is_added(
    torch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: SimpleNamespace
) -> None:
    from roi_assistant.training.mini import photo_cache

    monkeypatch.setattr(photo_cache, "_SAVE_EVERY", 8)
    with pytest.raises(OSError, match="no photo 17"):
        fill(tmp_path, fails_at=17)
    assert photo_cache.photos_done(tmp_path) == set(range(16))
    again = fill(tmp_path)
    assert list(again[:16]) == [n**2 for n in range(16)], "not added a second time"
    assert list(again[18:]) == [18**2, 19**2]
    assert photo_cache.photos_done(tmp_path) == set(range(20))
    assert photo_cache.load_colors(tmp_path) == {n: ("red",) for n in range(1, 20, 2)}


def test_another_shape_begins_anew(torch: Any, tmp_path: Path, quiet: SimpleNamespace) -> None:
    from roi_assistant.training.mini import photo_cache

    fill(tmp_path, length=3)
    assert list(fill(tmp_path, length=5, order=[4, 0, 1, 2, 3])) == [0, 1, 4, 9, 16]
    assert photo_cache.photos_done(tmp_path) == set(range(5))
