"""Stage 0: the language model reads all sentences, without pictures."""

from __future__ import annotations

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from roi_assistant.core.prompts import BEGIN, END, special_token_ids
from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig
from roi_assistant.models.gpt4roi.modeling import build_language_model
from roi_assistant.training.loop import RunLog, cosine, load_checkpoint, optimizer, save_checkpoint


def pretrain_language(
    config: Gpt4RoiConfig,
    tokenizer: Tokenizer,
    lines: list[str],
    out: Path,
    *,
    steps: int,
    batch: int = 160,
    lr: float = 1.5e-3,
    seed: int = 0,
) -> Path:
    """Train next-token prediction on ``lines``; the state dict is written to ``out/language.pt`` (resumed if there)."""
    log = RunLog(out)
    torch.manual_seed(seed)
    model = build_language_model(config.language)
    opt = optimizer([model], lr=lr, weight_decay=0.05)
    first, checkpoint = 0, out / "language.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["optimizer"])
        first = state["step"]
    special = special_token_ids(tokenizer.token_to_id)
    begin, end = special[BEGIN], special[END]
    encoded = [[begin, *e.ids, end] for e in tokenizer.encode_batch(lines, add_special_tokens=False)]
    for step in range(first, steps):
        rng = random.Random(f"{seed}/{step}")
        # Similar lengths together waste less padding.
        pool = sorted(rng.sample(encoded, min(len(encoded), 8 * batch)), key=len)
        start = rng.randrange(0, max(1, len(pool) - batch))
        rows = pool[start : start + batch]
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True, padding_value=-100)
        logits = model(input_ids=ids.clamp_min(0)).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), ignore_index=-100)
        for group in opt.param_groups:
            group["lr"] = lr * cosine(step, total=steps, warmup=min(100, steps // 5 + 1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        if step % 25 == 0 or step + 1 == steps:
            log.write(stage="language", step=step, loss=round(loss.item(), 4))
        if (step + 1) % 200 == 0 or step + 1 == steps:
            save_checkpoint(checkpoint, model=model.state_dict(), optimizer=opt.state_dict(), step=step + 1)
    return checkpoint
