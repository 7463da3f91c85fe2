"""Backbone features of the whole corpus, computed once: the backbone is frozen, so no step needs to run it again."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from roi_assistant.core.box import scale_box
from roi_assistant.core.phrases import is_person
from roi_assistant.imaging.colors import measure_colors
from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
from roi_assistant.training.corpus import Corpus, Photo
from roi_assistant.training.loop import RunLog

COLORS_FILE = "colors.json"
_DONE_FILE = "done.txt"
_CLEAR_SHARE = 0.5
"""A color is named in a general object's phrase when it covers at least this share of the thing."""


@dataclass(frozen=True)
class FeatureJob:
    """What a worker process needs to open everything by itself."""

    flickr: Path
    general: Path
    vision: Path
    folder: Path
    image_size: int
    view_size: int


class _Worker:
    """One process: its own session, corpus and memory maps."""

    def __init__(self, job: FeatureJob) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(job.vision), options, providers=["CPUExecutionProvider"])
        self.job, self.corpus = job, Corpus(job.flickr, job.general)
        self.arrays = {p.stem: np.load(p, mmap_mode="r+") for p in sorted(job.folder.glob("*.npy"))}

    def photo(self, index: int) -> tuple[int, dict[int, list[str]]]:
        """Write all features of one photo; returns its index and the measured colors of its region rows."""
        job, photo = self.job, self.corpus.photos[index]
        human = photo.human
        image = Image.open(io.BytesIO(self.corpus.image_bytes(photo))).convert("RGB")
        sx, sy = image.width / human.width, image.height / human.height
        fine, coarse, pooled = self._run([image_view(image, size=job.image_size)])
        self.arrays["img4"][index], self.arrays["img5"][index], self.arrays["imgh"][index] = (
            fine[0],
            coarse[0],
            pooled[0],
        )
        for offset, region in enumerate(human.regions):
            row = photo.first_region + offset
            window = region_window(region.box, width=human.width, height=human.height)
            fine, coarse, pooled = self._run([region_view(image, scale_box(window, x=sx, y=sy), size=job.view_size)])
            self.arrays["crop4"][row], self.arrays["crop5"][row], self.arrays["croph"][row] = (
                fine[0],
                coarse[0],
                pooled[0],
            )
            b = region.box
            self.arrays["boxes"][row] = (
                b.x1 / human.width,
                b.y1 / human.height,
                b.x2 / human.width,
                b.y2 / human.height,
            )
            self.arrays["cbox"][row] = box_in_window(b, window)
        return index, clear_colors(photo, image)

    def _run(self, views: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self.session.run(None, {"pixels": to_network(np.stack(views))})


def clear_colors(photo: Photo, image: Image.Image) -> dict[int, list[str]]:
    """The color of each general object, by region row, where it has a clear one: what a phrase about it names."""
    if photo.source != "general":
        return {}
    pixels, colors = np.asarray(image), {}
    scale = {"x": image.width / photo.human.width, "y": image.height / photo.human.height}
    for row, region in enumerate(photo.human.regions, start=photo.first_region):
        if is_person(region.category or ""):
            continue
        measured = measure_colors(pixels, scale_box(region.box, **scale))
        if measured and measured[0].score >= _CLEAR_SHARE:
            colors[row] = [measured[0].text]
    return colors


_worker: _Worker | None = None


def _start(job: FeatureJob) -> None:
    global _worker
    _worker = _Worker(job)


def _photo(index: int) -> tuple[int, dict[int, list[str]]]:
    assert _worker is not None
    return _worker.photo(index)


def cache_features(job: FeatureJob, *, channels: tuple[int, ...], workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    ``channels`` of the two levels and of the pooled vector. The files are float16 memory maps: ``img4``, ``img5``,
    ``imgh``
    with a row a photo, ``crop4``, ``crop5``, ``croph`` (close-ups), ``boxes`` and ``cbox`` (xyxy, 0..1 of the photo
    and of the
    close-up) with a row a region, in the order of `corpus.Corpus`.
    """
    folder = job.folder
    folder.mkdir(parents=True, exist_ok=True)
    corpus, log = Corpus(job.flickr, job.general), RunLog(folder)
    fine, coarse, pooled = channels
    shapes = {
        "img4": (len(corpus.photos), fine, job.image_size // 16, job.image_size // 16),
        "img5": (len(corpus.photos), coarse, job.image_size // 32, job.image_size // 32),
        "imgh": (len(corpus.photos), pooled),
        "crop4": (corpus.region_count, fine, job.view_size // 16, job.view_size // 16),
        "crop5": (corpus.region_count, coarse, job.view_size // 32, job.view_size // 32),
        "croph": (corpus.region_count, pooled),
        "boxes": (corpus.region_count, 4),
        "cbox": (corpus.region_count, 4),
    }
    for name, shape in shapes.items():
        path = folder / f"{name}.npy"
        if not path.exists() or np.load(path, mmap_mode="r").shape != shape:
            dtype = np.float32 if name in ("boxes", "cbox") else np.float16
            np.lib.format.open_memmap(path, "w+", dtype, shape)  # type: ignore[no-untyped-call]
            (folder / _DONE_FILE).unlink(missing_ok=True)
    done_path, colors_path = folder / _DONE_FILE, folder / COLORS_FILE
    done = set(map(int, done_path.read_text().split())) if done_path.exists() else set()
    colors = json.loads(colors_path.read_text()) if done and colors_path.exists() else {}
    todo = [index for index in range(len(corpus.photos)) if index not in done]
    with get_context("spawn").Pool(workers or os.cpu_count() or 1, _start, (job,)) as pool:
        for count, (index, found) in enumerate(pool.imap_unordered(_photo, todo, chunksize=8), start=1):
            done.add(index)
            colors.update({str(row): names for row, names in found.items()})
            if count % 200 == 0 or count == len(todo):
                colors_path.write_text(json.dumps(colors))
                done_path.write_text(" ".join(map(str, sorted(done))))
                log.write(stage="features", photos=len(done), total=len(corpus.photos))


def load_colors(folder: Path) -> dict[int, tuple[str, ...]]:
    """Measured colors by region row."""
    return {int(row): tuple(names) for row, names in json.loads((folder / COLORS_FILE).read_text()).items()}
