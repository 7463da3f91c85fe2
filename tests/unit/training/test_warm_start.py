"""Weights come back from an exported model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.errors import ModelFileError


@pytest.fixture(scope="module")
def exported(torch: Any, new_model: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    pytest.importorskip("onnx", reason="export needs onnx, the extra 'torch'")
    from roi_assistant.models.gpt4roi.export_onnx import export_graphs

    model, folder = new_model(), tmp_path_factory.mktemp("exported")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3)) * 0.1)
    export_graphs(model, folder)
    return model, folder


def fresh(config: Any, tokenizer: Any, **changes: Any) -> Any:
    from roi_assistant.core.prompts import special_token_ids
    from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

    return Gpt4Roi(dataclasses.replace(config, **changes), token_ids=special_token_ids(tokenizer.token_to_id))


def test_all_but_the_backbone_comes_back(torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any) -> None:
    from roi_assistant.training.warm_start import load_exported

    trained, folder = exported
    model = fresh(config, tokenizer)
    before = {name: value.clone() for name, value in model.named_parameters() if name.startswith("backbone.")}
    assert load_exported(model, folder) == []
    for name, value in model.named_parameters():
        if name.startswith("backbone."):
            assert torch.equal(value, before[name])
        else:
            torch.testing.assert_close(value, trained.get_parameter(name), rtol=1e-3, atol=1e-6)


def test_a_category_head_that_the_export_lacks_stays(
    torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any
) -> None:
    from roi_assistant.training.warm_start import load_exported

    model = fresh(config, tokenizer, categories=5)
    before = model.category_head[1].weight.clone()
    missing = load_exported(model, exported[1])
    assert missing and all(name.startswith("category_head.") for name in missing)
    assert torch.equal(model.category_head[1].weight, before)
    torch.testing.assert_close(model.vision.norm.weight, exported[0].vision.norm.weight, rtol=1e-3, atol=1e-6)


def test_model_of_another_shape(exported: tuple[Any, Path], config: Any, tokenizer: Any) -> None:
    from roi_assistant.training.warm_start import load_exported

    language = dataclasses.replace(config.language, intermediate_size=64)
    with pytest.raises(ModelFileError, match=r"language\.onnx belongs to a model of another shape"):
        load_exported(fresh(config, tokenizer, language=language), exported[1])


def test_missing_file(tmp_path: Path, config: Any, tokenizer: Any, torch: Any) -> None:
    pytest.importorskip("onnx", reason="needs onnx, the extra 'torch'")
    from roi_assistant.training.warm_start import load_exported

    with pytest.raises(ModelFileError, match=r"image\.onnx cannot be read"):
        load_exported(fresh(config, tokenizer), tmp_path)
