"""Stage 2: the heads learn further what people said of the regions, from cached tokens.

Beside the decoder they saw each region a few times only. On cached `region_tokens` an epoch takes seconds, so that they
can see every region many times, which names more things rightly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.loop import RunLog, cosine, optimizer, save_checkpoint
from roi_assistant.training.mini.corpus import InstructionMix
from roi_assistant.training.mini.heads import HeadClasses, heads_of
from roi_assistant.training.mini.region_tokens import TokenSource


@dataclass(frozen=True)
class HeadsStageConfig:
    """Hyper-parameters. ``dropout`` is that of the tokens, beside the one inside the heads; ``general_repeat`` and
    ``rare_below``: see `InstructionMix.repeats`. Nouns of ``new_nouns_from`` train regions or more that the category
    head lacks take the places of its rarest ones."""

    epochs: int = 2
    regions_per_step: int = 256
    lr: float = 3e-4
    weight_decay: float = 0.1
    dropout: float = 0.2
    label_smoothing: float = 0.1
    general_repeat: float = 2.0
    rare_below: float = 0.01
    new_nouns_from: int = 5
    seed: int = 0


def train_heads(
    model: Gpt4Roi,
    mix: InstructionMix,
    tokens: TokenSource,
    out: Path,
    config: HeadsStageConfig,
    *,
    photos: Sequence[int],
    classes: HeadClasses,
    evaluate: Callable[[Gpt4Roi], Mapping[str, float]] | None = None,
) -> Path:
    """Train the heads of ``model`` for ``classes`` on the regions of ``photos`` (indices of train photos whose tokens
    are cached). The stage takes minutes and always begins anew.

    Returns the path of the heads' weights, ``out/heads.pt``.
    """
    log, rng = RunLog(out), random.Random(config.seed)
    torch.manual_seed(config.seed)
    targets = classes.targets(mix)
    for parameter in model.parameters():
        parameter.requires_grad = False
    for head in model.heads:
        head.requires_grad_()
    modules: list[nn.Module] = [*model.heads]
    if model.category_pooled is not None:
        modules.append(model.category_pooled.requires_grad_())
    opt = optimizer(modules, lr=config.lr, weight_decay=config.weight_decay)
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
            shares = {name: of_head.of(rows) for name, of_head in targets.items()}
            pooled = F.dropout(tokens.pooled(rows), config.dropout)
            of_heads = classes.losses(model, shares, regions, images, pooled, smoothing=config.label_smoothing)
            loss = reduce(torch.add, of_heads.values())
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
    trained = {str(name): head.state_dict() for name, head in heads_of(model).items()}
    if model.category_pooled is not None:
        trained["category_pooled"] = model.category_pooled.state_dict()
    save_checkpoint(out / "heads.pt", **trained)
    return out / "heads.pt"


def _drawn(
    mix: InstructionMix, photos: Sequence[int], rng: random.Random, config: HeadsStageConfig
) -> list[tuple[int, int]]:
    """(photo, region row) pairs of an epoch in random order."""
    shown = mix.repeated(photos, rng, general=config.general_repeat, rare_below=config.rare_below)
    drawn = [(index, row) for index in shown for row in mix.corpus.photos[index].rows]
    rng.shuffle(drawn)
    return drawn
