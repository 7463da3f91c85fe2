"""Photos as the model sees them, prepared by threads while it works on the ones before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType

import torch
from torch import Tensor

from roi_assistant.datasets.sampling import view_for, viewed_picture, viewed_sample
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.training.gpt4roi.conversations import Encoded
from roi_assistant.training.gpt4roi.plan import Item

Prepared = tuple[Encoded, Tensor]


def prepared(item: Item, processor: Gpt4RoiProcessor) -> Prepared:
    """The conversation and its photo [3, S, S]; where the data set allows it, flipped and shifted.

    Photos are squeezed to a square as they are for answering: two ways to do so would be one too many.

    Raises:
        FormatError, ImageError: the photo is missing or damaged.
    """
    image = item.dataset.picture(item.sample.image)
    encoded = item.encoded
    if item.dataset.mirrors and item.view_seed:
        view = view_for(item.sample, random.Random(item.view_seed))
        image = viewed_picture(image, view)
        boxes = viewed_sample(item.sample, view).boxes[: len(encoded.boxes)]
        encoded = replace(encoded, boxes=boxes)
    return encoded, processor.pixels(image)


class PicturePool:
    """Prepares photos ahead. Use as a context manager."""

    def __init__(self, processor: Gpt4RoiProcessor, *, workers: int) -> None:
        self._processor = processor
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="photos")

    def __enter__(self) -> PicturePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, items: Sequence[Item]) -> list[Future[Prepared]]:
        """Prepare the photos of ``items`` in the threads."""
        return [self._pool.submit(_alone, item, self._processor) for item in items]


def _alone(item: Item, processor: Gpt4RoiProcessor) -> Prepared:
    with torch.no_grad():
        return prepared(item, processor)
