"""Arrays about the whole corpus, filled a photo at a time by several processes; what is interrupted goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np

from roi_assistant.training.loop import RunLog

_COLORS_FILE = "colors.json"
_DONE_FILE = "done.txt"
_SAVE_EVERY = 200

Colors = dict[int, list[str]]
"""Measured colors by region row."""


@dataclass(frozen=True)
class Layout:
    """Shape and type of one array."""

    shape: tuple[int, ...]
    dtype: type[np.generic]


class PhotoWorker(Protocol):
    """What a process does."""

    def photo(self, index: int) -> Colors:
        """Write what there is to know of photo ``index`` of the corpus into the arrays (`open_arrays`)."""


def fill(
    folder: Path,
    layouts: Mapping[str, Layout],
    make_worker: Callable[[], PhotoWorker],
    *,
    order: Sequence[int],
    stage: str,
    workers: int | None = None,
) -> None:
    """Compute what is missing in ``folder``, in ``order`` of photos.

    Each array is a memory map ``NAME.npy``; ``done.txt`` lists the photos that are there, ``colors.json`` the colors
    that the workers answered. An array of another shape than its layout is begun anew, and all photos with it.
    ``make_worker`` is called once in each of ``workers`` processes (None: one a core), so it must be picklable.
    """
    log = RunLog(folder)
    done_path, colors_path = folder / _DONE_FILE, folder / _COLORS_FILE
    for name, layout in layouts.items():
        path = folder / f"{name}.npy"
        if not path.exists() or np.load(path, mmap_mode="r").shape != layout.shape:
            np.lib.format.open_memmap(path, "w+", layout.dtype, layout.shape)
            done_path.unlink(missing_ok=True)
    done = photos_done(folder)
    colors = json.loads(colors_path.read_text()) if done and colors_path.exists() else {}
    todo = [index for index in order if index not in done]
    with get_context("spawn").Pool(workers or os.cpu_count() or 1, _start, (make_worker,)) as pool:
        for count, (index, colors_of_rows) in enumerate(pool.imap_unordered(_photo, todo, chunksize=8), start=1):
            done.add(index)
            colors.update({str(row): names for row, names in colors_of_rows.items()})
            if count % _SAVE_EVERY == 0 or count == len(todo):
                colors_path.write_text(json.dumps(colors))
                done_path.write_text(" ".join(map(str, sorted(done))))
                log.write(stage=stage, photos=len(done), total=len(order))


def open_arrays(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of ``folder`` by name, to write in."""
    return {path.stem: np.load(path, mmap_mode="r+") for path in sorted(folder.glob("*.npy"))}


def photos_done(folder: Path) -> set[int]:
    """Indices of the photos that are in ``folder``."""
    path = folder / _DONE_FILE
    return set(map(int, path.read_text().split())) if path.exists() else set()


def load_colors(folder: Path) -> dict[int, tuple[str, ...]]:
    """Measured colors by region row."""
    return {int(row): tuple(names) for row, names in json.loads((folder / _COLORS_FILE).read_text()).items()}


_worker: PhotoWorker | None = None


def _start(make_worker: Callable[[], PhotoWorker]) -> None:
    global _worker
    _worker = make_worker()


def _photo(index: int) -> tuple[int, Colors]:
    assert _worker is not None
    return index, _worker.photo(index)
