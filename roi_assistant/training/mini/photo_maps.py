"""What an exported model's ``vision.onnx`` says of every photo of the corpus: what the proposal head reads."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions

from roi_assistant.imaging.views import image_view, to_network
from roi_assistant.training.mini.corpus import Corpus
from roi_assistant.training.mini.photo_cache import Colors, Layout, fill, open_arrays

MAPS = ("fine", "coarse", "pooled")
"""Arrays of `cache_photo_maps`, and outputs of the graph."""


@dataclass(frozen=True, kw_only=True)
class MapJob:
    """What a worker process needs to open everything by itself. ``image_size``: side of a photo's view in pixels."""

    flickr: Path
    general: tuple[Path, ...]
    vision: Path
    folder: Path
    image_size: int
    seed: int = 0


class _Worker:
    """One process: its own session, corpus and memory maps."""

    def __init__(self, job: MapJob) -> None:
        self.job, self.corpus, self.network = job, Corpus(job.flickr, job.general), _session(job.vision)
        self.arrays = open_arrays(job.folder)

    def photo(self, index: int) -> Colors:
        """Write the maps of one photo; those of train are mirrored half of the time."""
        photo = self.corpus.photos[index]
        view = image_view(self.corpus.picture(photo), size=self.job.image_size)
        mirrored = photo.split == "train" and random.Random(f"{self.job.seed}/{index}").random() < 0.5
        self.arrays["mirrored"][index] = mirrored
        outputs = self.network.run(MAPS, {"pixels": to_network(view[None, :, ::-1] if mirrored else view[None])})
        for name, values in zip(MAPS, outputs, strict=True):
            self.arrays[name][index] = values[0]
        return {}


def _session(vision: Path) -> InferenceSession:
    options = SessionOptions()
    options.intra_op_num_threads = 1
    return InferenceSession(vision.read_bytes(), options, providers=["CPUExecutionProvider"])


def cache_photo_maps(job: MapJob, *, workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    Memory maps with a row a photo, in the order of `corpus.Corpus`: ``fine`` and ``coarse`` [channels, height, width],
    ``pooled`` [channels] (all float16) and ``mirrored`` (bool). Val photos come first, those of train in random order,
    so that a run which is cut short still leaves a fair sample; ``done.txt`` lists the photos that are there.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(job.flickr, job.general)
    pixels = np.zeros((1, 3, job.image_size, job.image_size), np.float32)
    probe = _session(job.vision).run(MAPS, {"pixels": pixels})
    layouts = {
        name: Layout((len(corpus.photos), *values.shape[1:]), np.float16)
        for name, values in zip(MAPS, probe, strict=True)
    }
    layouts["mirrored"] = Layout((len(corpus.photos),), np.bool_)
    order = list(range(len(corpus.photos)))
    random.Random(job.seed).shuffle(order)
    order.sort(key=lambda index: corpus.photos[index].split == "train")
    fill(job.folder, layouts, partial(_Worker, job), order=order, stage="photo maps", workers=workers)
