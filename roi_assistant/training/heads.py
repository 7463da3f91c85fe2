"""What the category head and the attribute head learn beside the decoder: shares of what people said of a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.corpus import InstructionMix


@dataclass(frozen=True)
class Targets:
    """Shares of ``classes`` classes by region row, as (class, share) pairs."""

    shares: Mapping[int, Sequence[tuple[int, float]]]
    classes: int

    def of(self, rows: Sequence[int]) -> Tensor:
        """-> [rows, classes]; a row of zeros where people said none of them."""
        targets = torch.zeros(len(rows), self.classes)
        for place, row in enumerate(rows):
            for number, share in self.shares.get(row, ()):
                targets[place, number] = share
        return targets


def noun_targets(mix: InstructionMix, nouns: Sequence[str]) -> Targets:
    """Share of each of ``nouns`` among what people called a region."""
    place = {noun: number for number, noun in enumerate(nouns)}
    said = {row: [(place[n], share) for n, share in facts.nouns if n in place] for row, facts in mix.facts.items()}
    return Targets(said, len(nouns))


def attribute_targets(mix: InstructionMix, values: Mapping[str, Sequence[str]]) -> Targets:
    """The ``values`` of each attribute (classes in their order) that people named: each an equal share of one."""
    place = {pair: k for k, pair in enumerate((name, value) for name in values for value in values[name])}
    shares: dict[int, list[tuple[int, float]]] = {}
    for row in mix.facts:
        for name in values:
            said = [place[name, value] for value in mix.named_values(row, name) if (name, value) in place]
            shares.setdefault(row, []).extend((number, 1 / len(said)) for number in said)
    return Targets(shares, len(place))


def category_loss(model: Gpt4Roi, regions: Tensor, images: Tensor, targets: Tensor, *, smoothing: float) -> Tensor:
    """Mean cross-entropy of the category head with shares of nouns [regions, categories], where there are any.

    ``images`` are the image tokens of each region's photo.
    """
    assert model.category_head is not None
    named = targets.sum(1) > 0
    logits = model.category_head(regions[named], images[named])
    return F.cross_entropy(logits, targets[named], label_smoothing=smoothing)


def attribute_loss(
    model: Gpt4Roi, regions: Tensor, images: Tensor, targets: Tensor, *, sizes: Sequence[int], smoothing: float
) -> Tensor:
    """Mean cross-entropy of the attribute head with shares [regions, values], over the attributes that people named.

    ``images`` are the image tokens of each region's photo, ``sizes`` the numbers of values of each attribute, which is
    a choice of its own.
    """
    assert model.attribute_head is not None
    logits = model.attribute_head(regions, images)
    losses = []
    for scores, shares in zip(logits.split(list(sizes), dim=1), targets.split(list(sizes), dim=1), strict=True):
        named = shares.sum(1) > 0
        losses.append(F.cross_entropy(scores[named], shares[named], label_smoothing=smoothing, reduction="none"))
    found = torch.cat(losses)
    return found.mean() if len(found) else logits.sum() * 0
