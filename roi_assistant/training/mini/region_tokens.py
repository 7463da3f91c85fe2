"""Image and region tokens of the whole corpus from an exported model: what its decoder sees, so that the decoder or
the heads alone can be trained further."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from roi_assistant.captioners.mini.captioner import BOXES_PER_BATCH, MiniCaptioner
from roi_assistant.core.box import Box
from roi_assistant.training.mini.augment import shaken
from roi_assistant.training.mini.corpus import Corpus, stored_boxes
from roi_assistant.training.mini.features import clear_colors
from roi_assistant.training.mini.photo_cache import Colors, Layout, fill, open_arrays


@dataclass(frozen=True)
class TokenSource:
    """Cached tokens as `cache_region_tokens` writes them."""

    image: np.ndarray
    region: np.ndarray
    pooled_vectors: np.ndarray
    mirrored: np.ndarray

    @classmethod
    def load(cls, folder: Path) -> TokenSource:
        """Read what `cache_region_tokens` wrote to ``folder``."""
        return cls(*(np.load(folder / f"{name}.npy") for name in ("image", "region", "pooled", "mirrored")))

    def images(self, photos: Sequence[int]) -> Tensor:
        """-> [photos, image tokens, width]"""
        return torch.from_numpy(self.image[list(photos)].astype(np.float32))

    def regions(self, rows: Sequence[int]) -> Tensor:
        """-> [rows, region tokens, width]"""
        return torch.from_numpy(self.region[list(rows)].astype(np.float32))

    def pooled(self, rows: Sequence[int]) -> Tensor:
        """The close-ups' pooled vectors -> [rows, channels]"""
        return torch.from_numpy(self.pooled_vectors[list(rows)].astype(np.float32))


@dataclass(frozen=True)
class TokenJob:
    """What a worker process needs to open everything by itself. ``jitter``: see `shaken`."""

    flickr: Path
    general: tuple[Path, ...]
    model: Path
    folder: Path
    jitter: float
    seed: int


class _Worker:
    """One process: its own model, corpus and memory maps."""

    def __init__(self, job: TokenJob) -> None:
        self.job, self.corpus = job, Corpus(job.flickr, job.general)
        self.model = MiniCaptioner.load(job.model, device="cpu", threads=1)
        self.arrays = open_arrays(job.folder)

    def photo(self, index: int) -> Colors:
        """Write the tokens of one photo and its regions; returns its `clear_colors`.

        Photos of train are mirrored half of the time and their boxes shaken: the model was trained on these very
        photos, and what it sees in boxes as they were drawn is surer than what it will see in a user's.
        """
        job, photo = self.job, self.corpus.photos[index]
        human, rng = photo.human, random.Random(f"{job.seed}/{index}")
        image = self.corpus.picture(photo)
        colors = clear_colors(photo, image)
        boxes = stored_boxes(human, image)
        if photo.split == "train":
            boxes = [shaken(b, job.jitter, rng, width=image.width, height=image.height) for b in boxes]
            if rng.random() < 0.5:
                image = ImageOps.mirror(image)
                boxes = [Box(image.width - b.x2, b.y1, image.width - b.x1, b.y2) for b in boxes]
                self.arrays["mirrored"][index] = True
        state = self.model.set_image(image)
        self.arrays["image"][index] = state.tokens
        for start in range(0, len(boxes), BOXES_PER_BATCH):
            part = boxes[start : start + BOXES_PER_BATCH]
            row = photo.first_region + start
            tokens, pooled = self.model.region_features(state, part)
            self.arrays["region"][row : row + len(part)] = tokens
            self.arrays["pooled"][row : row + len(part)] = pooled
        return colors


def cache_region_tokens(job: TokenJob, *, workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    Memory maps: ``image`` [photos, image tokens, width], ``region`` [regions, region tokens, width], ``pooled``
    [regions, channels] (all float16) and ``mirrored`` [photos] (bool), in the order of `corpus.Corpus`. Val photos come
    first, those of train in random order, so that a run which is cut short still leaves a fair sample; ``done.txt``
    lists the photos that are there and ``colors.json`` the `clear_colors` of their regions.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(job.flickr, job.general)
    model = MiniCaptioner.load(job.model, device="cpu", threads=1)
    probe = model.set_image(Image.new("RGB", (64, 64)))
    tokens, pooled = model.region_features(probe, [Box(8, 8, 40, 40)])
    layouts = {
        "image": Layout((len(corpus.photos), *probe.tokens.shape), np.float16),
        "region": Layout((corpus.region_count, *tokens.shape[1:]), np.float16),
        "pooled": Layout((corpus.region_count, *pooled.shape[1:]), np.float16),
        "mirrored": Layout((len(corpus.photos),), np.bool_),
    }
    order = list(range(len(corpus.photos)))
    random.Random(job.seed).shuffle(order)
    order.sort(key=lambda index: corpus.photos[index].split == "train")
    fill(job.folder, layouts, partial(_Worker, job), order=order, stage="tokens", workers=workers)
