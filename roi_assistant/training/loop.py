"""What all stages share: learning-rate schedule, EMA, log, checkpoints that continue exactly."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def cosine(step: int, *, total: int, warmup: int, floor: float = 0.02) -> float:
    """Factor of the learning rate at ``step``: linear warm-up, then cosine down to ``floor``."""
    if step < warmup:
        return (step + 1) / warmup
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, total - warmup))))


class Averaged:
    """Exponential moving average of the trainable parameters."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {k: p.detach().clone() for k, p in module.named_parameters() if p.requires_grad}
        self.updates = 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move the averages towards the parameters of ``module``; the first updates count more."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, parameter in module.named_parameters():
            if name in self.values:
                self.values[name].lerp_(parameter.detach(), 1 - decay)

    @torch.no_grad()
    def swap(self, module: nn.Module) -> None:
        """Exchange the module's parameters with the averages; call again to go back."""
        for name, parameter in module.named_parameters():
            if name in self.values:
                kept = parameter.detach().clone()
                parameter.copy_(self.values[name])
                self.values[name] = kept


def mean_of_weights(states: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> dict[str, Tensor]:
    """The mean of models that were trained from the same weights ("model soup", arXiv 2203.05482), weighted by
    ``shares``, which sum to 1; counters are those of the first.

    Raises:
        ValueError: they have not the same tensors.
    """
    first, *others = states
    if any(other.keys() != first.keys() for other in others):
        raise ValueError("Only models of one shape have a mean.")
    return {
        name: torch.stack([share * state[name] for share, state in zip(shares, states, strict=True)]).sum(0)
        if value.is_floating_point()
        else value
        for name, value in first.items()
    }


def optimizer(
    modules: Iterable[nn.Module], *, lr: float, weight_decay: float, betas: tuple[float, float] = (0.9, 0.98)
) -> torch.optim.AdamW:
    """AdamW; weight decay on matrices only."""
    parameters = [p for module in modules for p in module.parameters() if p.requires_grad]
    unique = list({id(p): p for p in parameters}.values())
    decayed, plain = [p for p in unique if p.dim() >= 2], [p for p in unique if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)


class RunLog:
    """Prints and appends one JSON object a line to ``log.jsonl``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "log.jsonl"
        self.start = time.time()

    def write(self, **values: object) -> None:
        """Print ``values`` and append them, after the seconds since the run began."""
        values = {"seconds": round(time.time() - self.start), **values}
        line = json.dumps(values)
        print(line, flush=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")


def save_checkpoint(path: Path, **state: object) -> None:
    """Tensors and plain containers only, so that ``weights_only=True`` reads it back; replaced in one step."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """What `save_checkpoint` wrote, on the CPU."""
    return torch.load(path, weights_only=True, map_location="cpu")
