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


def with_normalisation_of(trained: Any, model: Any) -> Any:
    """``model`` with what training leaves alone in backbones; the test's ``trained`` has other numbers there too."""
    for backbone in filter(None, (model.backbone, model.own_view_backbone)):
        state = backbone.state_dict()
        for name, value in trained.backbone.state_dict().items():
            if "bn" in name:
                state[name].copy_(value)
    return model


def test_all_weights_come_back(torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any) -> None:
    from roi_assistant.training.mini.warm_start import load_exported, load_exported_backbones

    trained, folder = exported
    model = with_normalisation_of(trained, fresh(config, tokenizer))
    assert load_exported(model, folder) == []
    load_exported_backbones(model, folder)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, trained.get_parameter(name), rtol=2e-3, atol=1e-5)


def test_backbone_with_another_normalisation(
    torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any
) -> None:
    from roi_assistant.training.mini.warm_start import load_exported_backbones

    model = fresh(config, tokenizer)
    with torch.no_grad():
        model.backbone.net.bn1.bias.add_(1.0)
    with pytest.raises(ModelFileError, match=r"vision\.onnx has another normalisation"):
        load_exported_backbones(model, exported[1])


def test_features_of_other_weights_are_refused(
    torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any
) -> None:
    """Stage 2 of the model's backbone is another one than in the export, as if that had been tuned there."""
    from roi_assistant.training.mini.warm_start import load_exported_backbones

    trained, folder = exported

    def start() -> Any:
        model = with_normalisation_of(trained, fresh(config, tokenizer))
        model.backbone.net.load_state_dict(trained.backbone.net.state_dict())
        with torch.no_grad():
            next(module for module in model.backbone.net.blocks[2].modules() if hasattr(module, "weight")).weight.mul_(
                1.05
            )
        return model

    with pytest.raises(ModelFileError, match=r"vision\.onnx was tuned before stage 3 \(blocks\.2"):
        load_exported_backbones(start(), folder, photo_stage=3)
    load_exported_backbones(start(), folder, photo_stage=2)


def test_close_ups_begin_with_the_backbone_they_shared(
    torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any
) -> None:
    from roi_assistant.training.mini.warm_start import load_exported_backbones

    trained, folder = exported
    model = with_normalisation_of(trained, fresh(config, tokenizer, own_view_backbone=True))
    load_exported_backbones(model, folder)
    expected = trained.backbone.net.conv_head.weight
    torch.testing.assert_close(model.own_view_backbone.net.conv_head.weight, expected, rtol=2e-3, atol=1e-5)


def test_heads_that_the_export_lacks_stay(torch: Any, exported: tuple[Any, Path], config: Any, tokenizer: Any) -> None:
    from roi_assistant.training.mini.warm_start import load_exported

    model = fresh(config, tokenizer, categories=5, attribute_values=3, phrase_ngrams=4)
    before = model.category_head[1].weight.clone()
    missing = load_exported(model, exported[1])
    assert {name.split(".")[0] for name in missing} == {"category_head", "attribute_head", "phrase_head"}
    assert torch.equal(model.category_head[1].weight, before)
    torch.testing.assert_close(model.vision.norm.weight, exported[0].vision.norm.weight, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "ngrams", "lacking"), [(0, 0, {"attribute_head", "phrase_head"}), (3, 0, {"phrase_head"}), (3, 4, set())]
)
def test_heads_come_back(
    torch: Any, config: Any, tokenizer: Any, tmp_path: Path, values: int, ngrams: int, lacking: set[str]
) -> None:
    """Also those of a model that has not all of them yet."""
    from roi_assistant.models.gpt4roi.export_onnx import export_graphs
    from roi_assistant.training.mini.warm_start import load_exported

    torch.manual_seed(21)
    trained = fresh(config, tokenizer, categories=5, attribute_values=values, phrase_ngrams=ngrams)
    export_graphs(trained, tmp_path)
    torch.manual_seed(22)
    model = fresh(config, tokenizer, categories=5, attribute_values=3, phrase_ngrams=4)
    missing = load_exported(model, tmp_path)
    assert {name.split(".")[0] for name in missing} == lacking
    torch.testing.assert_close(model.category_head[4].bias, trained.category_head[4].bias, rtol=1e-3, atol=1e-4)
    if values:
        torch.testing.assert_close(model.attribute_head[4].bias, trained.attribute_head[4].bias, rtol=1e-3, atol=1e-4)
    if ngrams:
        torch.testing.assert_close(model.phrase_head[4].bias, trained.phrase_head[4].bias, rtol=1e-3, atol=1e-4)


def test_model_of_another_shape(exported: tuple[Any, Path], config: Any, tokenizer: Any) -> None:
    from roi_assistant.training.mini.warm_start import load_exported

    language = dataclasses.replace(config.language, intermediate_size=64)
    with pytest.raises(ModelFileError, match=r"language\.onnx belongs to a model of another shape"):
        load_exported(fresh(config, tokenizer, language=language), exported[1])


def test_missing_file(tmp_path: Path, config: Any, tokenizer: Any, torch: Any) -> None:
    pytest.importorskip("onnx", reason="needs onnx, the extra 'torch'")
    from roi_assistant.training.mini.warm_start import load_exported

    with pytest.raises(ModelFileError, match=r"image\.onnx cannot be read"):
        load_exported(fresh(config, tokenizer), tmp_path)


@pytest.mark.parametrize("had", [True, False])
def test_the_layer_that_reads_the_close_up_comes_back_or_begins_at_nothing(
    torch: Any, config: Any, tokenizer: Any, tmp_path: Path, had: bool
) -> None:
    from roi_assistant.models.gpt4roi.export_onnx import export_graphs
    from roi_assistant.training.mini.warm_start import load_exported

    trained = fresh(config, tokenizer, categories=5, category_pooled=had)
    if had:
        trained.category_pooled.weight.data.normal_(generator=torch.Generator().manual_seed(3))
    export_graphs(trained, tmp_path)
    (tmp_path / "config.json").write_text(trained.config.to_json(), encoding="utf-8")
    model = fresh(config, tokenizer, categories=5, category_pooled=True)
    assert load_exported(model, tmp_path) == ([] if had else ["category_pooled.weight"])
    expected = trained.category_pooled.weight if had else torch.zeros(5, config.head_channels)
    torch.testing.assert_close(model.category_pooled.weight, expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(model.category_head[4].bias, trained.category_head[4].bias, rtol=1e-3, atol=1e-4)
