"""A check of the whole training: a small model learns the phrases of a few photos by heart, through both stages.

It then has to write the phrase of each region in answer to wordings drawn anew, where nothing but the box tells which
region of the photo is meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from roi_assistant.errors import FormatError
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.region_photos import HumanPhoto
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.training.datasets.dataset import RegionDataset
from roi_assistant.training.datasets.sampling import Part
from roi_assistant.training.datasets.visual_genome import load_visual_genome
from roi_assistant.training.gpt4roi.evaluation import Written, answers, held_out
from roi_assistant.training.gpt4roi.run import MODEL, Source, run_training
from roi_assistant.training.gpt4roi.settings import Settings
from roi_assistant.training.gpt4roi.start import load_start

MOST_REGIONS = 4


@dataclass(frozen=True)
class Memorized:
    """``loss`` per learned token of the last ten steps; what was ``written`` for all regions."""

    photos: int
    steps: int
    loss: float
    written: tuple[Written, ...]

    @property
    def right(self) -> int:
        return sum(w.same for w in self.written)


def region_phrases(data: Flickr30kEntities, *, photos: int) -> RegionDataset:
    """The first phrases of at most ``MOST_REGIONS`` regions of the first ``photos`` train photos that have some, each
    region in a conversation of its own: in one about several, answers before tell which are left.

    Of regions with the same box only the first is taken: a box cannot have two answers.

    Raises:
        FormatError: there are not so many.
    """
    found: list[HumanPhoto] = []
    taken = 0
    for photo_id in data.split("train"):
        if taken == photos:
            break
        photo = data.photo(photo_id)
        if photo.regions and photo.image in data.images:
            distinct = {region.box: region for region in reversed(photo.regions)}
            kept = [region for region in photo.regions if distinct[region.box] is region]
            found += [replace(photo, regions=(region,)) for region in kept[:MOST_REGIONS]]
            taken += 1
    if taken < photos:
        raise FormatError(f"{data.root} has {taken} train photos with regions, fewer than {photos}.")
    return load_visual_genome(found, data.images)  # which asks for descriptions of regions


def memorize(data: Path, out: Path, *, photos: int, settings: Settings) -> Memorized:
    """Train ``settings.model`` through both stages, stage 1 for a tenth of stage 2's epochs, and ask for each phrase.

    Raises:
        FormatError: the data set is not complete.
        BadInputError, TrainingError, FileWriteError: as `run_training`.
    """
    dataset = region_phrases(Flickr30kEntities(data), photos=photos)
    first = replace(
        settings,
        stage=1,
        optimization=replace(settings.optimization, epochs=max(1.0, settings.optimization.epochs / 10)),
    )
    run_training(first, parts=[Part(dataset)], evaluated=[], source=Source(), out=out / "stage1")
    start = Source(checkpoint=out / "stage1" / MODEL)
    trained = run_training(settings, parts=[Part(dataset)], evaluated=[], source=start, out=out / "stage2")
    model = load_start(out / "stage2" / MODEL).eval()
    processor = Gpt4RoiProcessor.from_pretrained(out / "stage2" / MODEL)
    asked = held_out(
        [dataset],
        processor,
        conversations=len(dataset),
        max_tokens=settings.data.max_tokens,
        seed=settings.seed,
    )
    with torch.no_grad():
        written = tuple(w for item in asked for w in answers(model, processor, item))
    lines = [json.loads(line) for line in (out / "stage2" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line][-10:]
    return Memorized(photos, trained.steps, sum(losses) / len(losses), written)
