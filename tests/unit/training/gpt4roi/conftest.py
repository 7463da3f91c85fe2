"""Invented photos in Flickr30k Entities' layout, a checkpoint of a few thousand weights, and short runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.record_json import decode
from tests.unit import grounded_photos, tiny_gpt4roi


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("grounded")
    grounded_photos.make(root, train=9, val=3)
    return root


@pytest.fixture(scope="session")
def start(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of random weights."""
    from roi_assistant.training.gpt4roi.start import save_start

    torch.manual_seed(3)
    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

    model = Gpt4RoiForConditionalGeneration(tiny_gpt4roi.config())
    return save_start(model, tiny_gpt4roi.processor(), tmp_path_factory.mktemp("starts") / "tiny")


@pytest.fixture(scope="session")
def wide_start(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another, as wide as weights in 4 bits must be on a CPU."""
    from roi_assistant.models.gpt4roi.reference_config import llama_sizes
    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration
    from roi_assistant.training.gpt4roi.start import save_start

    torch.manual_seed(4)
    vocabulary = len(tiny_gpt4roi.pieces())
    sizes = llama_sizes(vocabulary=vocabulary, width=64, layers=2, heads=4, inner_width=128, positions=700)
    model = Gpt4RoiForConditionalGeneration(tiny_gpt4roi.config(text_config=sizes))
    return save_start(model, tiny_gpt4roi.processor(), tmp_path_factory.mktemp("wide") / "tiny")


@pytest.fixture
def settings(torch: Any) -> Callable[..., Any]:
    """``settings(stage=1, optimization={...}, ...)``: for the tiny checkpoint, nine steps, two epochs."""
    from roi_assistant.training.gpt4roi.settings import TrainingSettings

    def make(stage: int = 1, **changes: Any) -> Any:
        optimization = {
            "batch": 2,
            "learning_rate": 1e-2,
            "epochs": 2.0,
            "precision": "fp32",
            "gradient_checkpointing": False,
            "tokens_at_once": 700,
            "workers": 1,
            **changes.pop("optimization", {}),
        }
        data = {"datasets": {"flickr30k_entities": 1.0}, "max_tokens": 700, **changes.pop("data", {})}
        evaluation = {"split": "", **changes.pop("evaluation", {})}
        return decode(
            TrainingSettings,
            {"stage": stage, "data": data, "optimization": optimization, "evaluation": evaluation, **changes},
        )

    return make


@pytest.fixture
def run(photos: Path, start: Path) -> Callable[..., Any]:
    """``run(settings, out)``: train on the invented photos."""
    from roi_assistant.training.gpt4roi.run import DataSource, load_datasets, run_training

    def train(settings: Any, out: Path, *, stop_after: int | None = None, checkpoint: Path = start) -> Any:
        parts, evaluated = load_datasets(settings, photos)
        return run_training(
            settings,
            parts=parts,
            evaluated=evaluated,
            source=DataSource(checkpoint=checkpoint),
            out=out,
            stop_after=stop_after,
        )

    return train
