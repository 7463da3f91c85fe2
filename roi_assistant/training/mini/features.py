"""Backbone features of the whole corpus, computed once: the lower stages are frozen, so no step needs to run them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnx.utils
from onnxruntime import InferenceSession, SessionOptions
from PIL import Image

from roi_assistant.core.box import Box, scale_box
from roi_assistant.core.phrases import is_person
from roi_assistant.imaging.colors import measure_colors
from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
from roi_assistant.training.mini.augment import relit, shaken
from roi_assistant.training.mini.corpus import Corpus, Photo
from roi_assistant.training.mini.photo_cache import Colors, Layout, fill, open_arrays

_CLEAR_SHARE = 0.5
"""A color is named in a general object's phrase when it covers at least this share of the thing."""


@dataclass(frozen=True)
class FeatureJob:
    """What a worker process needs to open everything by itself.

    Boxes of train photos are `augment.shaken` by ``jitter``, their pixels `augment.relit` by ``light``. With
    ``view_stage`` close-ups go through the backbone's stages before that one only, with ``photo_stage`` photos: the
    rest is tuned.
    """

    flickr: Path
    general: tuple[Path, ...]
    vision: Path
    folder: Path
    image_size: int
    view_size: int
    jitter: float = 0.0
    light: float = 0.0
    view_stage: int | None = None
    photo_stage: int | None = None
    seed: int = 0


class _Worker:
    """One process: its own session, corpus and memory maps."""

    def __init__(self, job: FeatureJob) -> None:
        self.photo_network, self.view_network = _networks(job)
        self.job, self.corpus = job, Corpus(job.flickr, job.general)
        self.arrays = open_arrays(job.folder)

    def photo(self, index: int) -> Colors:
        """Write all features of one photo; returns its `clear_colors`."""
        job, photo = self.job, self.corpus.photos[index]
        human = photo.human
        image = self.corpus.picture(photo)
        colors = clear_colors(photo, image)
        boxes = [region.box for region in human.regions]
        if photo.split == "train":
            rng = random.Random(f"{job.seed}/{index}")
            boxes = [shaken(b, job.jitter, rng, width=human.width, height=human.height) for b in boxes]
            image = relit(image, job.light, rng)
        sx, sy = image.width / human.width, image.height / human.height
        self._write(_photo_arrays(job), index, self.photo_network, image_view(image, size=job.image_size))
        for row, box in enumerate(boxes, start=photo.first_region):
            window = region_window(box, width=human.width, height=human.height)
            view = region_view(image, scale_box(window, x=sx, y=sy), size=job.view_size)
            self._write(_view_arrays(job), row, self.view_network, view)
            self.arrays["boxes"][row] = box_in_window(box, Box(0, 0, human.width, human.height))
            self.arrays["cbox"][row] = box_in_window(box, window)
        return colors

    def _write(self, names: Sequence[str], row: int, network: InferenceSession, view: np.ndarray) -> None:
        for name, values in zip(names, network.run(None, {"pixels": to_network(view[None])}), strict=True):
            self.arrays[name][row] = values[0]


def _photo_arrays(job: FeatureJob) -> tuple[str, ...]:
    return ("img4", "img5", "imgh") if job.photo_stage is None else ("img",)


def _view_arrays(job: FeatureJob) -> tuple[str, ...]:
    return ("crop4", "crop5", "croph") if job.view_stage is None else ("crop",)


def _networks(job: FeatureJob) -> tuple[InferenceSession, InferenceSession]:
    """What photos and what close-ups go through."""
    photo, view = (_session(job.vision, stage) for stage in (job.photo_stage, job.view_stage))
    return photo, view


def _session(vision: Path, stage: int | None) -> InferenceSession:
    """The backbone, or its stages before ``stage``."""
    graph = vision.read_bytes() if stage is None else _before_stage(vision, stage)
    options = SessionOptions()
    options.intra_op_num_threads = 1
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _before_stage(vision: Path, stage: int) -> bytes:
    """The graph of the backbone before block stage ``stage``."""
    graph = onnx.load(vision)
    last = [node for node in graph.graph.node if f"/blocks.{stage - 1}/" in node.name][-1].output[0]
    graph.graph.output.append(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, None))
    return onnx.utils.Extractor(graph).extract_model(["pixels"], [last]).SerializeToString()


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


def cache_features(job: FeatureJob, *, workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    Memory maps with a row a photo: ``img4``, ``img5``, ``imgh`` (two levels and the pooled vector, float16), or ``img``
    alone where ``job.photo_stage`` is given. With a row a region: the same of its close-up as ``crop4``, ``crop5``,
    ``croph``, or ``crop`` alone where ``job.view_stage`` is given; ``boxes`` and ``cbox`` (xyxy, 0..1 of the photo and
    of the close-up, float32). All in the order of `corpus.Corpus`.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(job.flickr, job.general)
    layouts = {
        "boxes": Layout((corpus.region_count, 4), np.float32),
        "cbox": Layout((corpus.region_count, 4), np.float32),
    }
    photo_network, view_network = _networks(job)
    for names, rows, network, size in (
        (_photo_arrays(job), len(corpus.photos), photo_network, job.image_size),
        (_view_arrays(job), corpus.region_count, view_network, job.view_size),
    ):
        probe = network.run(None, {"pixels": np.zeros((1, 3, size, size), np.float32)})
        layouts |= {name: Layout((rows, *out.shape[1:]), np.float16) for name, out in zip(names, probe, strict=True)}
    fill(job.folder, layouts, partial(_Worker, job), order=range(len(corpus.photos)), stage="features", workers=workers)
