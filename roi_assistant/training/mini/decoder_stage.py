"""Stage 2, of the decoder: it learns its questions further from cached tokens, new ones among them.

Like the heads it can then be taught what new photos and new questions ask for in less time than a run of all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.loop import Averaged, RunLog, cosine, load_checkpoint, optimizer, save_checkpoint
from roi_assistant.training.mini.batching import TextEncoder
from roi_assistant.training.mini.corpus import InstructionMix, Sample
from roi_assistant.training.mini.region_stage import token_loss
from roi_assistant.training.mini.region_tokens import TokenSource


@dataclass(frozen=True)
class DecoderStageConfig:
    """Hyper-parameters. ``dropout`` is that of the tokens; ``general_repeat``, ``rare_below`` and ``several``: see
    `InstructionMix`. The weights that are kept lie ``share_kept`` of the way from those before the stage to the trained
    ones (Wortsman et al., arXiv 2109.01903)."""

    steps: int = 1000
    samples_per_step: int = 48
    lr: float = 3e-4
    weight_decay: float = 0.05
    dropout: float = 0.1
    label_smoothing: float = 0.1
    ema: float = 0.995
    general_repeat: float = 1.2
    rare_below: float = 0.01
    several: float = 0.3
    share_kept: float = 1.0
    seed: int = 0
    save_every: int = 200


def train_decoder(
    model: Gpt4Roi,
    tokenizer: Tokenizer,
    mix: InstructionMix,
    tokens: TokenSource,
    out: Path,
    config: DecoderStageConfig,
    *,
    photos: Sequence[int],
    evaluate: Callable[[Gpt4Roi], Mapping[str, float]] | None = None,
) -> Path:
    """Run or resume the stage over ``photos`` (indices of train photos whose tokens are cached).

    Returns the path of the decoder's weights, ``out/language.pt``; the checkpoint is ``out/decoder.pt``.
    """
    log, checkpoint = RunLog(out), out / "decoder.pt"
    encoder = TextEncoder(tokenizer, image_tokens=model.config.image_tokens, region_tokens=model.config.region_tokens)
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.language.requires_grad_()
    before = {name: value.detach().clone() for name, value in model.language.state_dict().items()}
    opt = optimizer([model.language], lr=config.lr, weight_decay=config.weight_decay)
    averaged, first = Averaged(model, config.ema), 0
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.language.load_state_dict(state["language"])
        opt.load_state_dict(state["optimizer"])
        averaged.values, averaged.updates, first = state["averaged"], state["updates"], state["step"]
    batches = question_batches(
        mix,
        tokens,
        photos,
        size=config.samples_per_step,
        seed=config.seed,
        general_repeat=config.general_repeat,
        rare_below=config.rare_below,
        several=config.several,
        skip=first,
    )
    model.train()
    running = 0.0
    for step in range(first, config.steps):
        torch.manual_seed(config.seed * 1_000_003 + step)
        samples = next(batches)
        loss = token_loss(
            model,
            encoder.batch([(len(s.rows), s.exchanges) for s in samples]),
            F.dropout(tokens.images([s.photo for s in samples]), config.dropout),
            F.dropout(tokens.regions([row for s in samples for row in s.rows]), config.dropout),
            smoothing=config.label_smoothing,
        )
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is not finite at step {step}; the last checkpoint is {checkpoint}.")
        for group in opt.param_groups:
            group["lr"] = config.lr * cosine(step, total=config.steps, warmup=min(50, config.steps // 10 + 1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.language.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        averaged.update(model)
        running += (loss.item() - running) * 0.05 if running else loss.item()
        done = step + 1
        if done % 25 == 0:
            log.write(stage="decoder", step=done, total=config.steps, loss=round(running, 4))
        if done % config.save_every == 0 or done == config.steps:
            save_checkpoint(
                checkpoint, language=model.language.state_dict(), optimizer=opt.state_dict(), averaged=averaged.values,
                updates=averaged.updates, step=done,
            )  # fmt: skip
    averaged.swap(model)
    model.eval()
    trained = model.language.state_dict()
    model.language.load_state_dict({k: torch.lerp(before[k], v, config.share_kept) for k, v in trained.items()})
    save_checkpoint(out / "language.pt", **model.language.state_dict())
    if evaluate is not None:
        log.write(stage="decoder", step=config.steps, **evaluate(model))
    return out / "language.pt"


def question_batches(
    mix: InstructionMix,
    tokens: TokenSource,
    photos: Sequence[int],
    *,
    size: int,
    seed: int,
    general_repeat: float,
    rare_below: float,
    several: float,
    skip: int = 0,
) -> Iterator[list[Sample]]:
    """Batches of ``size`` samples of ``photos``, without end; the first ``skip`` are drawn but not given."""
    rng = random.Random(seed)
    shown = [mix.repeats(i, general=general_repeat, rare_below=rare_below) for i in photos]
    produced = 0
    pending: list[Sample] = []
    while True:
        for photo in rng.choices(photos, weights=shown, k=64):
            pending += mix.samples(photo, rng, several=several, mirrored_as=bool(tokens.mirrored[photo]))
        rng.shuffle(pending)
        while len(pending) >= size:
            batch, pending = pending[:size], pending[size:]
            produced += 1
            if produced > skip:
                yield batch
