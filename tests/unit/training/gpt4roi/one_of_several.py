"""One of the processes of a run, for `test_distributed`: python one_of_several.py START DATA OUT SHARDING."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from roi_assistant.training.gpt4roi.run import Source, load_datasets, run_training
from roi_assistant.training.gpt4roi.settings import Settings

SETTINGS = {
    "stage": 2,
    "data": {"datasets": {"flickr30k_entities": 1.0}, "max_tokens": 700},
    "optimization": {
        "batch": 4,
        "learning_rate": 1e-3,
        "epochs": 1.0,
        "precision": "fp32",
        "gradient_checkpointing": False,
        "tokens_at_once": 700,
        "workers": 1,
    },
    "evaluation": {"split": "val", "conversations": 2, "answered": 0},
}


def main(start: str, data: str, out: str, sharding: str) -> None:
    torch.set_num_threads(1)
    values = {**SETTINGS, "optimization": {**SETTINGS["optimization"], "sharding": sharding}}  # type: ignore[dict-item]
    settings = Settings.from_dict(values)
    parts, evaluated = load_datasets(settings, Path(data))
    run_training(settings, parts=parts, evaluated=evaluated, source=Source(checkpoint=Path(start)), out=Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
