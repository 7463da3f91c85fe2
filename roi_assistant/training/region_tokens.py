"""Image and region tokens of the whole corpus from an exported model: what its decoder sees, so that the decoder alone
can be trained further."""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from roi_assistant.core.box import Box, clip_box, scale_box
from roi_assistant.inference.mini_captioner import BOXES_PER_BATCH, MiniCaptioner
from roi_assistant.training.corpus import Corpus
from roi_assistant.training.features import COLORS_FILE, clear_colors
from roi_assistant.training.loop import RunLog

_DONE_FILE = "done.txt"
_SAVE_EVERY = 200


@dataclass(frozen=True)
class TokenJob:
    """What a worker process needs to open everything by itself. ``jitter``: see `shaken`."""

    flickr: Path
    general: Path
    model: Path
    folder: Path
    jitter: float
    seed: int


def shaken(box: Box, jitter: float, rng: random.Random, *, width: float, height: float) -> Box:
    """``box`` with every edge moved by up to ``jitter`` of the box's own side, clipped to the picture."""
    w, h = box.width * jitter, box.height * jitter
    moved = Box(
        box.x1 + rng.uniform(-w, w),
        box.y1 + rng.uniform(-h, h),
        box.x2 + rng.uniform(-w, w),
        box.y2 + rng.uniform(-h, h),
    )
    return clip_box(moved, width=width, height=height)


class _Worker:
    """One process: its own model, corpus and memory maps."""

    def __init__(self, job: TokenJob) -> None:
        self.job, self.corpus = job, Corpus(job.flickr, job.general)
        self.model = MiniCaptioner.load(job.model, device="cpu", threads=1)
        self.arrays = {p.stem: np.load(p, mmap_mode="r+") for p in sorted(job.folder.glob("*.npy"))}

    def photo(self, index: int) -> tuple[int, dict[int, list[str]]]:
        """Write the tokens of one photo and its regions; returns its index and `clear_colors`.

        Photos of train are mirrored half of the time and their boxes shaken: the model was trained on these very
        photos, and what it sees in boxes as they were drawn is surer than what it will see in a user's.
        """
        job, photo = self.job, self.corpus.photos[index]
        human, rng = photo.human, random.Random(f"{job.seed}/{index}")
        image = Image.open(io.BytesIO(self.corpus.image_bytes(photo))).convert("RGB")
        colors = clear_colors(photo, image)
        sx, sy = image.width / human.width, image.height / human.height
        boxes = [scale_box(region.box, x=sx, y=sy) for region in human.regions]
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
            self.arrays["region"][row : row + len(part)] = self.model.region_tokens(state, part)
        return index, colors


_worker: _Worker | None = None


def _start(job: TokenJob) -> None:
    global _worker
    _worker = _Worker(job)


def _photo(index: int) -> tuple[int, dict[int, list[str]]]:
    assert _worker is not None
    return _worker.photo(index)


def cache_region_tokens(job: TokenJob, *, workers: int | None = None) -> None:
    """Compute what is missing in ``job.folder``; an interrupted run goes on where it stopped.

    Memory maps: ``image`` [photos, image tokens, width], ``region`` [regions, region tokens, width] (both float16) and
    ``mirrored`` [photos] (bool), in the order of `corpus.Corpus`. Val photos come first, those of train in random
    order, so that a run which is cut short still leaves a fair sample; ``done.txt`` lists the photos that are there
    and ``colors.json`` the `clear_colors` of their regions.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    corpus, log = Corpus(job.flickr, job.general), RunLog(job.folder)
    model = MiniCaptioner.load(job.model, device="cpu", threads=1)
    probe = model.set_image(Image.new("RGB", (64, 64)))
    tokens = model.region_tokens(probe, [Box(8, 8, 40, 40)])
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        "image": ((len(corpus.photos), *probe.tokens.shape), np.float16),
        "region": ((corpus.region_count, *tokens.shape[1:]), np.float16),
        "mirrored": ((len(corpus.photos),), np.bool_),
    }
    done_path = job.folder / _DONE_FILE
    for name, (shape, dtype) in shapes.items():
        path = job.folder / f"{name}.npy"
        if not path.exists() or np.load(path, mmap_mode="r").shape != shape:
            np.lib.format.open_memmap(path, "w+", dtype, shape)  # type: ignore[no-untyped-call]
            done_path.unlink(missing_ok=True)
    done, colors_path = photos_with_tokens(job.folder), job.folder / COLORS_FILE
    colors = json.loads(colors_path.read_text()) if done and colors_path.exists() else {}
    todo = [index for index in range(len(corpus.photos)) if index not in done]
    random.Random(job.seed).shuffle(todo)
    todo.sort(key=lambda index: corpus.photos[index].split == "train")
    with get_context("spawn").Pool(workers, _start, (job,)) as pool:
        for count, (index, found) in enumerate(pool.imap_unordered(_photo, todo, chunksize=8), start=1):
            done.add(index)
            colors.update({str(row): names for row, names in found.items()})
            if count % _SAVE_EVERY == 0 or count == len(todo):
                colors_path.write_text(json.dumps(colors))
                done_path.write_text(" ".join(map(str, sorted(done))))
                log.write(stage="tokens", photos=len(done), total=len(corpus.photos))


def photos_with_tokens(folder: Path) -> set[int]:
    """Indices of the photos whose tokens are in ``folder``."""
    path = folder / _DONE_FILE
    return set(map(int, path.read_text().split())) if path.exists() else set()
