"""Stage 2: both heads learn further what people said of the regions, from cached tokens.

Beside the decoder they saw each region a few times only. On cached `region_tokens` an epoch takes seconds, so that they
can see every region many times, which names more things rightly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.corpus import InstructionMix
from roi_assistant.training.heads import attribute_loss, attribute_targets, category_loss, noun_targets
from roi_assistant.training.loop import RunLog, cosine, optimizer, save_checkpoint
from roi_assistant.training.region_tokens import TokenSource


@dataclass(frozen=True)
class HeadsStageConfig:
    """Hyper-parameters. ``dropout`` is that of the tokens, beside the one inside the heads; ``general_repeat`` and
    ``rare_below``: see `InstructionMix.repeats`."""

    epochs: int = 4
    regions_per_step: int = 256
    lr: float = 5e-4
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
    evaluate: Callable[[Gpt4Roi], Mapping[str, float]] | None = None,
) -> Path:
    """Train the heads of ``model`` for the classes ``nouns`` and ``values`` on the regions of ``photos`` (indices of
    train photos whose tokens are cached). The stage takes minutes and always begins anew.

    Returns the path of the heads' weights, ``out/heads.pt``.
    """
    assert model.category_head is not None and model.attribute_head is not None
    log, rng = RunLog(out), random.Random(config.seed)
    torch.manual_seed(config.seed)
    named, asked = noun_targets(mix, nouns), attribute_targets(mix, values)
    sizes = [len(several) for several in values.values()]
    heads = (model.category_head, model.attribute_head)
    for parameter in model.parameters():
        parameter.requires_grad = False
    for head in heads:
        head.requires_grad_()
    opt = optimizer(heads, lr=config.lr, weight_decay=config.weight_decay)
    shown = [
        (index, mix.corpus.photos[index].first_region + k, mix.repeats(index, **_repeats(config)))
        for index in photos
        for k in range(len(mix.corpus.photos[index].human.regions))
    ]
    total = config.epochs * round(sum(often for _, _, often in shown)) // config.regions_per_step
    step = 0
    for epoch in range(config.epochs):
        model.train()
        drawn = [(p, row) for p, row, often in shown for _ in range(int(often) + (rng.random() < often % 1))]
        rng.shuffle(drawn)
        losses = []
        for start in range(0, len(drawn), config.regions_per_step):
            part = drawn[start : start + config.regions_per_step]
            rows = [row for _, row in part]
            images = F.dropout(tokens.images([photo for photo, _ in part]), config.dropout)
            regions = F.dropout(tokens.regions(rows), config.dropout)
            smoothing = config.label_smoothing
            loss = category_loss(model, regions, images, named.of(rows), smoothing=smoothing)
            loss = loss + attribute_loss(model, regions, images, asked.of(rows), sizes=sizes, smoothing=smoothing)
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
        log.write(stage="heads", epoch=epoch + 1, loss=round(sum(losses) / len(losses), 4), **figures)
    save_checkpoint(out / "heads.pt", category=heads[0].state_dict(), attribute=heads[1].state_dict())
    return out / "heads.pt"


def _repeats(config: HeadsStageConfig) -> dict[str, float]:
    return {"general": config.general_repeat, "rare_below": config.rare_below}
