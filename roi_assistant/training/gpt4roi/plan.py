"""Which conversations a step takes, and how they share out over processes and passes.

All of it follows from seed and step alone and not from the number of processes: a run can go on from any step, and
any number of processes computes the same gradients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.datasets.records import RegionSample
from roi_assistant.datasets.sampling import DatasetMix
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.training.gpt4roi.conversations import Encoded, encode

WINDOW = 50
"""Steps whose conversations are sorted by length together: as in a sampler that groups by length, the batches of a
window are alike in length inside and shuffled among each other."""


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation of a step; ``view_seed`` chooses how its photo is shown, "" as it is."""

    dataset: RegionDataset
    sample: RegionSample
    encoded: Encoded
    view_seed: str


class TrainingPlan:
    """The conversations of all steps of a run."""

    def __init__(self, mix: DatasetMix, processor: Gpt4RoiProcessor, *, batch: int, epochs: float, max_tokens: int):
        self._mix, self._processor, self._batch, self._max_tokens = mix, processor, batch, max_tokens
        self.steps_per_epoch = math.ceil(len(mix) / batch)
        self.steps = max(1, round(epochs * self.steps_per_epoch))
        self._window: tuple[tuple[int, int], list[list[Item]]] | None = None

    def step(self, number: int) -> list[Item]:
        """The conversations of step ``number``, from 0, over all processes; always ``batch`` of them."""
        epoch, place = divmod(number, self.steps_per_epoch)
        window, inside = divmod(place, WINDOW)
        if self._window is None or self._window[0] != (epoch, window):
            self._window = ((epoch, window), self._steps_of(epoch, window))
        return self._window[1][inside]

    def _steps_of(self, epoch: int, window: int) -> list[list[Item]]:
        order = self._mix.order(epoch)
        last = self.steps_per_epoch * self._batch  # where it does not come out even, the first few come again
        places = np.arange(window * WINDOW * self._batch, min(last, (window + 1) * WINDOW * self._batch)) % len(order)
        items = []
        for part, index in order[places]:
            dataset = self._mix.parts[part].dataset
            sample = dataset.sample(int(index), seed=self._mix.seed, epoch=epoch)
            encoded = encode(sample, self._processor, max_tokens=self._max_tokens)
            items.append(Item(dataset, sample, encoded, f"{self._mix.seed}/{epoch}/view/{dataset.name}/{index}"))
        items.sort(key=lambda item: len(item.encoded.ids))  # stable, so equal lengths keep their drawn order
        steps = [items[start : start + self._batch] for start in range(0, len(items), self._batch)]
        shuffled = np.random.default_rng([self._mix.seed, epoch, window, 1]).permutation(len(steps))
        return [steps[k] for k in shuffled]


def passes(lengths: Sequence[int], *, tokens_at_once: int, world: int) -> list[list[int]]:
    """Indices of conversations, grouped into passes through the model, as many for each of ``world`` processes (who
    take every ``world``-th).

    A pass has similar lengths and, padding included, at most ``tokens_at_once`` places, but at least one conversation.
    ``len(lengths)`` must be a multiple of ``world``.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        fits = groups and lengths[groups[-1][0]] * (len(groups[-1]) + 1) <= tokens_at_once
        if fits:
            groups[-1].append(index)
        else:
            groups.append([index])
    while len(groups) % world:
        largest = max(range(len(groups)), key=lambda g: len(groups[g]))
        whole = groups.pop(largest)
        groups[largest:largest] = [whole[: len(whole) // 2], whole[len(whole) // 2 :]]
    return groups


def padding(lengths: Sequence[int], groups: Sequence[Sequence[int]]) -> float:
    """Share of the places of all passes that hold nothing."""
    places = sum(max(lengths[i] for i in group) * len(group) for group in groups)
    return 1.0 - sum(lengths) / places
