"""A model of a few thousand weights over the smallest backbone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_config(torch: Any) -> Any:
    """Photos and close-ups of different sizes, two region tokens and one close-up token besides the pooled one."""
    from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig, LanguageConfig
    from roi_assistant.models.gpt4roi.region_encoder import RegionEncoderConfig

    sizes: dict[str, Any] = {
        "input_channels": (112, 320),
        "width": 16,
        "groups": 4,
        "roi_size": 3,
        "flatten_width": 16,
        "position_width": 8,
        "output_width": 32,
    }
    return Gpt4RoiConfig(
        backbone="tf_efficientnet_lite0",
        stage_channels=(112, 320),
        image_size=96,
        image_grid=2,
        view_size=64,
        region=RegionEncoderConfig(level_sizes=(6, 3), fusion_rounds=2, tokens=2, **sizes),
        view=RegionEncoderConfig(level_sizes=(4, 2), fusion_rounds=1, tokens=1, **sizes),
        language=LanguageConfig(
            vocab_size=40, hidden_size=32, layers=2, heads=4, intermediate_size=48, max_positions=64
        ),
    )


@pytest.fixture(scope="session")
def token_ids() -> dict[str, int]:
    from roi_assistant.core.prompts import SPECIAL_TOKENS

    return {token: number for number, token in enumerate(SPECIAL_TOKENS)}


@pytest.fixture(scope="session")
def build(torch: Any, tiny_config: Any, token_ids: dict[str, int]) -> Callable[..., Any]:
    """``build(seed=0, config=tiny_config)``: a model in evaluation mode whose every weight matters."""

    def make(*, seed: int = 0, config: Any = tiny_config) -> Any:
        from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

        torch.manual_seed(seed)
        model = Gpt4Roi(config, token_ids=token_ids).eval()
        with torch.no_grad():
            for parameter in model.language.parameters():
                if parameter.dim() == 2:  # the library's own small start makes all answers nearly alike
                    parameter.normal_(std=0.3)
            for module in model.backbone.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.running_mean.normal_(std=0.05)
                    module.running_var.uniform_(0.8, 1.2)
        return model

    return make
