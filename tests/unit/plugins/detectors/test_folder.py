"""Which folders are detectors, and what is wrong with others: before a weight is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugins.detectors import FolderOpener, open_folder
from roi_assistant.captioners import devices
from roi_assistant.errors import CaptionerError, ModelFileError


@pytest.fixture
def copied(folder_of: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of the tiny DETR, to be changed."""
    shutil.copytree(folder_of("detr"), tmp_path / "model")
    return tmp_path / "model"


def change(path: Path, **fields: Any) -> None:
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    (path / "config.json").write_text(json.dumps({**config, **fields}), encoding="utf-8")


def test_other_models_are_left_to_others(copied: Path, tmp_path: Path) -> None:
    for other in ("qwen3_vl", "clip", "pp_ocrv5_server_det", "moondream9"):
        change(copied, model_type=other)
        assert open_folder(copied) is None
    assert FolderOpener().names(str(tmp_path)) == () and FolderOpener().open(str(tmp_path), id="x") is None


def test_a_detector_that_this_transformers_does_not_know(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.auto import configuration_auto

    monkeypatch.delitem(configuration_auto.CONFIG_MAPPING_NAMES, "rf_detr")
    change(copied, model_type="rf_detr", architectures=["RfDetr"])
    with pytest.raises(ModelFileError, match=r"is a RfDetr, which transformers has from version 5\.10 on"):
        open_folder(copied)


def test_what_is_missing(copied: Path) -> None:
    change(copied, unheard_of=1)
    assert FolderOpener().names(str(copied)) == ("",)
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(ModelFileError, match="holds no weights as safetensors"):
        open_folder(copied)
    (copied / "preprocessor_config.json").unlink()
    with pytest.raises(ModelFileError, match=r"without preprocessor_config\.json, which says how it is shown a photo"):
        open_folder(copied)


def test_weights_that_lack_a_layer(copied: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    weights.pop("class_labels_classifier.bias")
    save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    factory = open_folder(copied)
    assert factory is not None
    with pytest.raises(ModelFileError, match=r"lacks 1 weights of its model, first class_labels_classifier\.bias"):
        factory(device="cpu")


def test_memory_is_asked_for_first(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "physical_memory", lambda: 1000)
    factory = open_folder(copied)
    assert factory is not None
    with pytest.raises(CaptionerError, match=r"This computer has 0\.0 GB of memory.*use a smaller detector"):
        factory(device="cpu")
