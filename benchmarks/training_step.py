"""A training step of the embedded model, with and without what `roi_assistant.training.mini.faster` does.

    OMP_NUM_THREADS=1 python benchmarks/training_step.py [--repeat 8] [--json out.json]

A step is forward and backward of the close-ups' and the photos' backbones as ``configs/mini.toml`` tunes them, in
bfloat16, on random features of 64 close-ups and 56 photos, and of the attention of the decoder's layers on 64 sequences
of 57 tokens. Both ways run by turns in one process; every figure is a median after two that warm up. Needs the extra
``torch``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from roi_assistant.models.gpt4roi.backbone import PyramidBackbone  # noqa: E402
from roi_assistant.training.mini.faster import fold_normalisation, plain_attention  # noqa: E402
from roi_assistant.training.mini.region_stage import tuned_weights  # noqa: E402

PARTS = {  # first stage, channels, size of the maps, pictures
    "close-ups, stages 4 to 6": (4, 88, 14, 64),
    "photos, stages 5 and 6": (5, 120, 18, 56),
}
LAYERS, HEADS, TOKENS, WIDTH = 4, 4, 57, 64


def backbone_step(first: int, channels: int, size: int, pictures: int, *, folded: bool) -> Callable[[], None]:
    torch.manual_seed(0)
    backbone = PyramidBackbone("tf_efficientnet_lite2", (4, 6)).eval().requires_grad_(False)
    for weight in tuned_weights(backbone, first):
        weight.requires_grad_()
    if folded:
        fold_normalisation(backbone, first)
    maps = torch.rand(pictures, channels, size, size).contiguous(memory_format=torch.channels_last)

    def step() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            features = backbone.from_stage(maps, first)
            loss = sum(level.float().mean() for level in (*features.levels, features.pooled))
        loss.backward()

    return step


def attention_step(*, plain: bool) -> Callable[[], None]:
    torch.manual_seed(0)
    shape = (3, 64, HEADS, TOKENS, WIDTH)
    vectors = torch.randn(shape, dtype=torch.bfloat16).requires_grad_()
    mask = torch.ones(64, 1, TOKENS, TOKENS, dtype=torch.bool).tril()

    def step() -> None:
        with plain_attention(torch.device("cpu")) if plain else contextlib.nullcontext():
            for _ in range(LAYERS):
                F.scaled_dot_product_attention(*vectors, attn_mask=mask).float().mean().backward()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pairs = {
        name: (backbone_step(*part, folded=False), backbone_step(*part, folded=True)) for name, part in PARTS.items()
    }
    pairs["attention of the decoder"] = attention_step(plain=False), attention_step(plain=True)
    figures = {}
    for name, steps in pairs.items():
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(options.repeat + 2):
            for step, taken in zip(steps, times, strict=True):
                start = time.perf_counter()
                step()
                if number >= 2:
                    taken.append((time.perf_counter() - start) * 1000)
        ordinary, faster = map(statistics.median, times)
        figures[name] = {"ordinary_ms": ordinary, "faster_ms": faster, "times": ordinary / faster}
        print(f"{name}: {ordinary:.0f} ms ordinary, {faster:.0f} ms faster, {ordinary / faster:.1f} times")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
