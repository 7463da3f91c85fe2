"""A check of the whole training: a small model learns the phrases of a few photos by heart, through both stages.

It then has to write the phrase of each region in answer to wordings drawn anew, where nothing but the box tells which
region of the photo is meant.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import torch

from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.datasets.sampling import Part
from roi_assistant.datasets.visual_genome import load_visual_genome
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.training.gpt4roi.evaluation import Written, answers, held_out
from roi_assistant.training.gpt4roi.report import LOG
from roi_assistant.training.gpt4roi.run import MODEL, DataSource, prepare_start, run_training
from roi_assistant.training.gpt4roi.settings import Stage, TrainingSettings
from roi_assistant.training.gpt4roi.start import load_start

MOST_REGIONS = 4


@dataclass(frozen=True)
class Memorized:
    """``loss`` per learned token in the last epoch of stage 2, which had ``steps``; ``first_stage`` the losses in the
    first and the last epoch of stage 1; what was ``written`` for all regions."""

    photos: int
    steps: int
    loss: float
    first_stage: tuple[float, float]
    written: tuple[Written, ...]

    @property
    def right(self) -> int:
        """How many phrases were written to the letter."""
        return sum(w.same for w in self.written)


def region_phrases(data: Flickr30kEntities, *, photos: int) -> RegionDataset:
    """The first phrases of at most ``MOST_REGIONS`` regions of the first ``photos`` train photos that have some, each
    region in a conversation of its own: in one about several, answers before tell which are left.

    Of regions with the same box only the first is taken: a box cannot have two answers.

    Raises:
        FormatError: there are not so many.
    """
    chosen: list[AnnotatedPhoto] = []
    taken = 0
    for photo_id in data.split("train"):
        if taken == photos:
            break
        photo = data.photo(photo_id)
        if photo.regions and photo.image in data.images:
            distinct = {region.box: region for region in reversed(photo.regions)}
            kept = [region for region in photo.regions if distinct[region.box] is region]
            chosen += [replace(photo, regions=(region,)) for region in kept[:MOST_REGIONS]]
            taken += 1
    if taken < photos:
        raise FormatError(f"{data.root} has {taken} train photos with regions, fewer than {photos}.")
    return load_visual_genome(chosen, data.images)  # which asks for descriptions of regions


def memorize(data: Path, out: Path, *, photos: int, settings: TrainingSettings) -> Memorized:
    """Train ``settings.model`` through both stages and ask for each phrase.

    Stage 1 presumes a decoder that reads, which is LLaMA's part: a random one makes nothing of what tells regions
    apart. So the decoder learns to speak first, with half of the photos and for a fifth of stage 2's epochs; stage 1
    takes a tenth of them.

    Raises:
        FormatError: the data set is not complete.
        BadInputError, TrainingError, FileWriteError: as `run_training`.
    """
    corpus = Flickr30kEntities(data)
    dataset, half = (region_phrases(corpus, photos=count) for count in (photos, (photos + 1) // 2))
    checkpoint = prepare_start(settings, DataSource(), [dataset], out)
    runs: tuple[tuple[str, Stage, RegionDataset, float], ...] = (
        ("speaks", 2, half, 0.2),
        ("stage1", 1, dataset, 0.1),
        ("stage2", 2, dataset, 1.0),
    )
    for name, stage, learned, share in runs:
        epochs = max(1.0, settings.optimization.epochs * share)
        run_training(
            replace(settings, stage=stage, optimization=replace(settings.optimization, epochs=epochs)),
            parts=[Part(learned)],
            evaluated=[],
            source=DataSource(checkpoint=checkpoint),
            out=out / name,
        )
        checkpoint = out / name / MODEL
    model, processor = load_start(checkpoint).eval(), Gpt4RoiProcessor.from_pretrained(checkpoint)
    asked = held_out(
        [dataset],
        processor,
        conversations=len(dataset),
        max_tokens=settings.data.max_tokens,
        seed=settings.seed,
    )
    with torch.no_grad():
        written = tuple(w for item in asked for w in answers(model, processor, item))
    first, second = _losses(out / "stage1"), _losses(out / "stage2")
    epoch = math.ceil(len(dataset) / settings.optimization.batch)
    return Memorized(
        photos, len(second), fmean(second[-epoch:]), (fmean(first[:epoch]), fmean(first[-epoch:])), written
    )


def _losses(run: Path) -> list[float]:
    lines = [json.loads(line) for line in (run / LOG).read_text(encoding="utf-8").splitlines()]
    return [line["loss"] for line in lines if "loss" in line]
