"""Samples -> tensors. Several questions share one prefix: each attends to the prefix and to itself only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from roi_assistant.core.prompts import END, PAD, ask, prefix, special_token_ids
from roi_assistant.training.mini.instructions import Exchange

IGNORE = -100


@dataclass(frozen=True)
class TextBatch:
    """``ids``, ``positions``, ``labels`` [B, T]; ``mask`` bool [B, 1, T, T], true where attention is allowed.

    ``labels[t]`` is the token that position ``t`` should predict (already shifted), `IGNORE` where nothing is learned.
    """

    ids: Tensor
    positions: Tensor
    labels: Tensor
    mask: Tensor
    weights: Tensor

    def to(self, device: torch.device) -> TextBatch:
        """The batch on ``device``."""
        return TextBatch(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


class TextEncoder:
    """Encodes prefixes and exchanges, with a cache of repeated texts."""

    def __init__(self, tokenizer: Tokenizer, *, image_tokens: int, region_tokens: int) -> None:
        self.tokenizer = tokenizer
        self.image_tokens, self.region_tokens = image_tokens, region_tokens
        special = special_token_ids(tokenizer.token_to_id)
        self.pad, self.end = special[PAD], special[END]
        self._cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """The ids of ``text``, without special tokens added."""
        if text not in self._cache:
            self._cache[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return self._cache[text]

    def prefix(self, regions: int) -> list[int]:
        """The ids of the prefix about so many ``regions``."""
        return self.encode(prefix(regions=regions, image_tokens=self.image_tokens, region_tokens=self.region_tokens))

    def batch(self, samples: Sequence[tuple[int, Sequence[Exchange]]]) -> TextBatch:
        """Samples of (number of regions, exchanges) -> `TextBatch`."""
        rows = [self._row(regions, exchanges) for regions, exchanges in samples]
        length = max(len(row[0]) for row in rows)
        ids = np.full((len(rows), length), self.pad, np.int64)
        positions = np.zeros((len(rows), length), np.int64)
        labels = np.full((len(rows), length), IGNORE, np.int64)
        weights = np.zeros((len(rows), length), np.float32)
        block = np.full((len(rows), length), -1, np.int64)
        targets: tuple[np.ndarray, ...] = (ids, positions, labels, weights, block)
        for index, row in enumerate(rows):
            for target, values in zip(targets, row, strict=True):
                target[index, : len(values)] = values
        causal = np.tril(np.ones((length, length), bool))
        same = (block[:, None, :] == 0) | (block[:, None, :] == block[:, :, None])
        mask = causal & same & (block[:, None, :] >= 0) | np.eye(length, dtype=bool)
        return TextBatch(
            ids=torch.from_numpy(ids),
            positions=torch.from_numpy(positions),
            labels=torch.from_numpy(labels),
            mask=torch.from_numpy(mask[:, None]),
            weights=torch.from_numpy(weights),
        )

    def _row(self, regions: int, exchanges: Sequence[Exchange]) -> tuple[Sequence[float], ...]:
        ids = list(self.prefix(regions))
        start = len(ids)
        positions, block = list(range(start)), [0] * start
        labels, weights = [IGNORE] * start, [0.0] * start
        for number, exchange in enumerate(exchanges, start=1):
            question, answer = self.encode(ask(exchange.question)), [*self.encode(exchange.answer), self.end]
            inputs = question + answer[:-1]
            ids += inputs
            positions += range(start, start + len(inputs))
            block += [number] * len(inputs)
            labels += [IGNORE] * (len(question) - 1) + answer
            weights += [0.0] * (len(question) - 1) + [exchange.weight] * len(answer)
        return ids, positions, labels, weights, block
