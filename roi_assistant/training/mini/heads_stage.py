"""Stage 2: the heads learn further what people said of the regions, from cached tokens.

Beside the decoder they saw each region a few times only. On cached `region_tokens` an epoch takes seconds, so that they
can see every region many times, which names more things rightly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.loop import RunLog, cosine, optimizer, save_checkpoint
from roi_assistant.training.mini.corpus import InstructionMix
from roi_assistant.training.mini.heads import attribute_targets, head_loss, ngram_loss, ngram_targets, noun_targets
from roi_assistant.training.mini.region_tokens import TokenSource


@dataclass(frozen=True)
class HeadsStageConfig:
    """Hyper-parameters. ``dropout`` is that of the tokens, beside the one inside the heads; ``general_repeat`` and
    ``rare_below``: see `InstructionMix.repeats`."""

    epochs: int = 2
    regions_per_step: int = 256
    lr: float = 3e-4
    weight_decay: float = 0.1
    dropout: float = 0.2
    label_smoothing: float = 0.1
    general_repeat: float = 2.0
    rare_below: float = 0.01
    seed: int = 0


def train_heads(
    model: Gpt4Roi,
    mix: InstructionMix,
    tokens: TokenSource,
    out: Path,
    config: HeadsStageConfig,
    *,
    photos: Sequence[int],
    nouns: Sequence[str],
    values: Mapping[str, Sequence[str]],
    weights: Mapping[str, float] | None = None,
    evaluate: Callable[[Gpt4Roi], Mapping[str, float]] | None = None,
) -> Path:
    """Train the heads of ``model`` for the classes ``nouns``, ``values`` and, if it has a phrase head, the n-grams that
    have ``weights``, on the regions of ``photos`` (indices of train photos whose tokens are cached). The stage takes
    minutes and always begins anew.

    Returns the path of the heads' weights, ``out/heads.pt``.
    """
    assert model.category_head is not None and model.attribute_head is not None
    log, rng = RunLog(out), random.Random(config.seed)
    torch.manual_seed(config.seed)
    named, asked = noun_targets(mix, nouns), attribute_targets(mix, values)
    said = ngram_targets(mix, weights) if weights else None
    sizes = [len(several) for several in values.values()]
    category, attribute, phrase = model.category_head, model.attribute_head, model.phrase_head
    for parameter in model.parameters():
        parameter.requires_grad = False
    for head in model.heads:
        head.requires_grad_()
    opt = optimizer(model.heads, lr=config.lr, weight_decay=config.weight_decay)
    epochs = [_drawn(mix, photos, rng, config) for _ in range(config.epochs)]
    total = sum(math.ceil(len(drawn) / config.regions_per_step) for drawn in epochs)
    step = 0
    for epoch, drawn in enumerate(epochs, start=1):
        model.train()
        losses = []
        for start in range(0, len(drawn), config.regions_per_step):
            part = drawn[start : start + config.regions_per_step]
            rows = [row for _, row in part]
            images = F.dropout(tokens.images([photo for photo, _ in part]), config.dropout)
            regions = F.dropout(tokens.regions(rows), config.dropout)
            smoothing = config.label_smoothing
            loss = head_loss(category, regions, images, named.of(rows), smoothing=smoothing)
            loss = loss + head_loss(attribute, regions, images, asked.of(rows), smoothing=smoothing, sizes=sizes)
            if said is not None and phrase is not None:
                loss = loss + ngram_loss(phrase, regions, images, said.of(rows))
            if not torch.isfinite(loss):
                raise FloatingPointError(f"The loss is not finite at step {step}.")
            for group in opt.param_groups:
                group["lr"] = config.lr * cosine(step, total=total, warmup=total // 20 + 1)
            loss.backward()
            opt.step()
            opt.zero_grad()
            losses.append(loss.item())
            step += 1
        model.eval()
        figures = evaluate(model) if evaluate is not None else {}
        log.write(stage="heads", epoch=epoch, loss=round(sum(losses) / len(losses), 4), **figures)
    heads = {"category": category, "attribute": attribute, "phrase": phrase}
    save_checkpoint(out / "heads.pt", **{name: head.state_dict() for name, head in heads.items() if head is not None})
    return out / "heads.pt"


def _drawn(
    mix: InstructionMix, photos: Sequence[int], rng: random.Random, config: HeadsStageConfig
) -> list[tuple[int, int]]:
    """(photo, region row) pairs of an epoch in random order."""
    shown = mix.repeated(photos, rng, general=config.general_repeat, rare_below=config.rare_below)
    of_photos = ((index, mix.corpus.photos[index]) for index in shown)
    drawn = [(index, photo.first_region + k) for index, photo in of_photos for k in range(len(photo.human.regions))]
    rng.shuffle(drawn)
    return drawn
