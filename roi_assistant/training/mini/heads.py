"""What the heads learn beside the decoder: shares of what people said of a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from roi_assistant.core.ngrams import unit_vectors, weight_of_any
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi, RegionHead
from roi_assistant.training.mini.corpus import InstructionMix

HeadName = Literal["category", "attribute", "phrase"]


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


def heads_of(model: Gpt4Roi) -> dict[HeadName, RegionHead]:
    """The heads that the model has."""
    heads: dict[HeadName, RegionHead | None] = {
        "category": model.category_head,
        "attribute": model.attribute_head,
        "phrase": model.phrase_head,
    }
    return {name: head for name, head in heads.items() if head is not None}


@dataclass(frozen=True)
class HeadClasses:
    """The classes of each head: ``nouns`` of the category head, ``values`` by attribute of the attribute head, n-grams
    with their ``weights`` of the phrase head. A head without classes neither learns nor is asked."""

    nouns: Sequence[str] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def targets(self, mix: InstructionMix) -> dict[HeadName, Targets]:
        """What each head learns of the regions of ``mix``."""
        targets: dict[HeadName, Targets] = {}
        if self.nouns:
            targets["category"] = noun_targets(mix, self.nouns)
        if self.values:
            targets["attribute"] = attribute_targets(mix, self.values)
        if self.weights:
            targets["phrase"] = ngram_targets(mix, self.weights)
        return targets

    def losses(
        self,
        model: Gpt4Roi,
        targets: Mapping[HeadName, Tensor],
        regions: Tensor,
        images: Tensor,
        pooled: Tensor,
        *,
        smoothing: float,
    ) -> dict[HeadName, Tensor]:
        """The loss of each head that has ``targets`` [regions, classes]; ``images`` are the image tokens of each
        region's photo, ``pooled`` as in `Gpt4Roi.category_logits`."""
        losses: dict[HeadName, Tensor] = {}
        for name, shares in targets.items():
            head = heads_of(model)[name]
            if name == "phrase":
                losses[name] = ngram_loss(head, regions, images, shares)
            else:
                is_category = name == "category"
                logits = model.category_logits(regions, images, pooled) if is_category else head(regions, images)
                sizes = None if is_category else [len(named) for named in self.values.values()]
                losses[name] = choice_loss(logits, shares, smoothing=smoothing, sizes=sizes)
        return losses


NO_CLASSES = HeadClasses()


def exchange_nouns(nouns: Sequence[str], mix: InstructionMix, *, at_least: int) -> list[str]:
    """``nouns`` with those that name ``at_least`` train regions or more and are not among them, in the places of the
    ones that name the fewest."""
    missing = [noun for noun in mix.nouns(at_least=at_least) if noun not in set(nouns)]
    counts = mix.noun_counts()
    rarest = sorted(range(len(nouns)), key=lambda place: counts[nouns[place]])
    exchanged = list(nouns)
    for place, noun in zip(rarest, missing, strict=False):
        if counts[nouns[place]] < counts[noun]:
            exchanged[place] = noun
    return exchanged


def forget_classes(head: RegionHead, places: Sequence[int], *, seed: int) -> None:
    """Begin the classes at ``places`` anew, as unlikely as classes are on average.

    With weights of next to nothing they would be the likeliest of all: what is not meant has logits far below 0.
    """
    last = head[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        noise = torch.randn(len(places), last.in_features, generator=torch.Generator().manual_seed(seed))
        kept = [place for place in range(last.out_features) if place not in set(places)]
        last.weight[list(places)] = last.weight[kept].mean(0) + 0.02 * noise
        last.bias[list(places)] = last.bias.min()


def noun_targets(mix: InstructionMix, nouns: Sequence[str]) -> Targets:
    """Share of each of ``nouns`` among what people called a region."""
    place = {noun: number for number, noun in enumerate(nouns)}
    shares = {row: [(place[n], share) for n, share in facts.nouns if n in place] for row, facts in mix.facts.items()}
    return Targets(shares, len(nouns))


def attribute_targets(mix: InstructionMix, values: Mapping[str, Sequence[str]]) -> Targets:
    """The ``values`` of each attribute (classes in their order) that people named: each an equal share of one."""
    place = {pair: k for k, pair in enumerate((name, value) for name in values for value in values[name])}
    shares: dict[int, list[tuple[int, float]]] = {}
    for row in mix.facts:
        for name in values:
            classes = [place[name, value] for value in mix.named_values(row, name) if (name, value) in place]
            shares.setdefault(row, []).extend((number, 1 / len(classes)) for number in classes)
    return Targets(shares, len(place))


def ngram_targets(mix: InstructionMix, weights: Mapping[str, float]) -> Targets:
    """Mean over a region's distinct phrases of their `unit_vectors`, for the n-grams that have ``weights`` (classes in
    their order); of others see `weight_of_any`."""
    place, weight = {gram: number for number, gram in enumerate(weights)}, weight_of_any(weights)
    shares: dict[int, list[tuple[int, float]]] = {}
    for row, facts in mix.facts.items():
        phrases, mean = tuple(dict.fromkeys(facts.phrases)), dict[int, float]()
        for phrase in phrases:
            for gram, value in unit_vectors(phrase, weight).items():
                if gram in place:
                    mean[place[gram]] = mean.get(place[gram], 0.0) + value / len(phrases)
        shares[row] = list(mean.items())
    return Targets(shares, len(weights))


def ngram_loss(head: RegionHead, regions: Tensor, images: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of the phrase head with ``targets`` [regions, n-grams] in 0..1: the sum over the n-grams, the mean
    over the regions that have any. It is least when the head gives their expected values."""
    known = targets.sum(1) > 0
    logits = head(regions, images)
    losses = F.binary_cross_entropy_with_logits(logits[known], targets[known], reduction="none").sum(1)
    return losses.mean() if len(losses) else logits.sum() * 0


def choice_loss(logits: Tensor, targets: Tensor, *, smoothing: float, sizes: Sequence[int] | None = None) -> Tensor:
    """Mean cross-entropy of a head's ``logits`` with shares, both [regions, classes], over the choices that people
    made. The classes are one choice, or with ``sizes`` several next to each other, as the values of each attribute are.
    """
    sizes = list(sizes or [targets.shape[1]])
    losses = []
    for scores, shares in zip(logits.split(sizes, dim=1), targets.split(sizes, dim=1), strict=True):
        named = shares.sum(1) > 0
        losses.append(F.cross_entropy(scores[named], shares[named], label_smoothing=smoothing, reduction="none"))
    all_losses = torch.cat(losses)
    return all_losses.mean() if len(all_losses) else logits.sum() * 0
