"""A conversation about boxes -> ids and what of them is learned; several -> one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from roi_assistant.datasets.records import RegionSample, UnitBox, segments
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.prompting import ASSISTANT, HUMAN, SYSTEM, expand_image
from roi_assistant.models.gpt4roi.reference_model import IGNORED_LABEL
from roi_assistant.models.gpt4roi.tokenization import BOX, PAD


@dataclass(frozen=True, slots=True)
class Encoded:
    """``ids[start:stop]`` of each span are learned: an answer, from ``Assistant:`` to its ``###``."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    boxes: tuple[UnitBox, ...]

    @property
    def learned(self) -> int:
        """How many ids are learned."""
        return sum(stop - start for start, stop in self.spans)


def encode(sample: RegionSample, processor: Gpt4RoiProcessor, *, max_tokens: int) -> Encoded:
    """The ids of the conversation, its text tokenized as a whole; what is longer than ``max_tokens`` is cut off, with
    the boxes that are mentioned there."""
    tokenizer = processor.tokenizer
    ids = [tokenizer.begin]
    spans = []
    for piece in segments(sample.turns, system=SYSTEM, human=HUMAN, assistant=ASSISTANT):
        # Pieces meet at a space, which the tokenizer puts before each, so the ids are those of the text as a whole.
        own = tokenizer.encode(expand_image(piece.text.strip(" "), image_tokens=processor.image_tokens))
        if piece.learned:
            spans.append((len(ids), min(len(ids) + len(own), max_tokens)))
        ids += own
    ids = ids[:max_tokens]
    return Encoded(
        tuple(ids),
        tuple((start, stop) for start, stop in spans if start < stop),
        sample.boxes[: ids.count(tokenizer.added[BOX])],
    )


@dataclass(frozen=True)
class Batch:
    """``ids``, ``mask`` and ``labels`` are [B, T], padded on the right; labels are the ids that are learned, elsewhere
    -100. ``pixels`` [B, 3, S, S]; ``boxes`` per row [n_i, 4], xyxy in 0..1."""

    ids: Tensor
    mask: Tensor
    labels: Tensor
    pixels: Tensor
    boxes: tuple[Tensor, ...]


def collate(conversations: Sequence[Encoded], pixels: Sequence[Tensor], *, processor: Gpt4RoiProcessor) -> Batch:
    """One batch of several conversations; ``pixels`` [3, S, S] are those of their photos."""
    width = max(len(c.ids) for c in conversations)
    ids = torch.full((len(conversations), width), processor.tokenizer.added[PAD])
    labels = torch.full_like(ids, IGNORED_LABEL)
    mask = torch.zeros_like(ids)
    for row, conversation in enumerate(conversations):
        length = len(conversation.ids)
        ids[row, :length] = torch.tensor(conversation.ids)
        mask[row, :length] = 1
        for start, stop in conversation.spans:
            labels[row, start:stop] = ids[row, start:stop]
    boxes = tuple(torch.tensor(c.boxes, dtype=torch.float32).reshape(-1, 4) for c in conversations)
    return Batch(ids, mask, labels, torch.stack(list(pixels)), boxes)
