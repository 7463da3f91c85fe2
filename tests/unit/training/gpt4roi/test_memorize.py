"""A model of a few thousand weights learns invented photos by heart, through both stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.record_json import decode
from tests.unit import grounded_photos

SIZES = {
    "vocabulary": 600,
    "level_step": 1,
    "text": {"width": 64, "layers": 2, "heads": 4, "inner_width": 128, "positions": 400},
    "vision": {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 5,
        "num_attention_heads": 2,
        "patch_size": 14,
        "image_size": 56,
        "projection_dim": 8,
    },
    "region": {"groups": 4, "fusion_rounds": 1, "roi_size": 3, "position_width": 16},
}

pytestmark = pytest.mark.usefixtures("one_thread")


def test_phrases_are_learned_and_written(torch: Any, tmp_path: Path) -> None:
    from roi_assistant.training.gpt4roi.memorize import memorize
    from roi_assistant.training.gpt4roi.settings import TrainingSettings

    grounded_photos.make(tmp_path / "data", train=3, val=0)
    settings = decode(
        TrainingSettings,
        {
            "stage": 2,
            "data": {"datasets": {"flickr30k_entities": 1.0}, "max_tokens": 400},
            "model": SIZES,
            "optimization": {
                "batch": 8,
                "learning_rate": 4e-3,
                "epochs": 50.0,
                "warmup": 0.05,
                "precision": "fp32",
                "gradient_checkpointing": False,
                "tokens_at_once": 2000,
                "workers": 1,
            },
            "evaluation": {"split": ""},
        },
    )
    result = memorize(tmp_path / "data/flickr30k_entities", tmp_path / "run", photos=3, settings=settings)
    assert result.loss < 0.05, result.loss
    assert result.right == len(result.written) > 6, result.written
    by_photo: dict[str, list[str]] = {}
    for w in result.written:
        by_photo.setdefault(w.id, []).append(w.written)
    assert len(by_photo) == 3
    for phrases in by_photo.values():
        assert len(set(phrases)) == len(phrases) > 1, "regions of a photo are not told apart"
