"""Backbone features of the whole corpus, computed once: the backbone is frozen, so no step needs to run it again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from roi_assistant.core.box import scale_box
from roi_assistant.core.phrases import is_person
from roi_assistant.imaging.colors import measure_colors
from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
from roi_assistant.training.corpus import Corpus, Photo
from roi_assistant.training.photo_cache import Colors, Layout, fill, open_arrays

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
        self.arrays = open_arrays(job.folder)

    def photo(self, index: int) -> Colors:
        """Write all features of one photo; returns its `clear_colors`."""
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
        return clear_colors(photo, image)

    def _run(self, views: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self.session.run(None, {"pixels": to_network(np.stack(views))})


def clear_colors(photo: Photo, image: Image.Image) -> Colors:
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


def cache_features(job: FeatureJob, *, channels: tuple[int, ...], workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    ``channels`` of the two levels and of the pooled vector. The files are float16 memory maps: ``img4``, ``img5``,
    ``imgh``
    with a row a photo, ``crop4``, ``crop5``, ``croph`` (close-ups), ``boxes`` and ``cbox`` (xyxy, 0..1 of the photo
    and of the
    close-up) with a row a region, in the order of `corpus.Corpus`.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(job.flickr, job.general)
    photos, regions = len(corpus.photos), corpus.region_count
    fine, coarse, pooled = channels
    image, view = job.image_size, job.view_size
    layouts = {
        "img4": Layout((photos, fine, image // 16, image // 16), np.float16),
        "img5": Layout((photos, coarse, image // 32, image // 32), np.float16),
        "imgh": Layout((photos, pooled), np.float16),
        "crop4": Layout((regions, fine, view // 16, view // 16), np.float16),
        "crop5": Layout((regions, coarse, view // 32, view // 32), np.float16),
        "croph": Layout((regions, pooled), np.float16),
        "boxes": Layout((regions, 4), np.float32),
        "cbox": Layout((regions, 4), np.float32),
    }
    fill(job.folder, layouts, partial(_Worker, job), order=range(photos), stage="features", workers=workers)
