"""Folders that hold no model, or one that cannot be used: a sentence each, before a weight is read."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugins.local_vlm import open_folder
from roi_assistant.captioners import devices
from roi_assistant.captioners.checkpoints import parameters, weight_files
from roi_assistant.errors import CaptionerError, MissingDependencyError, ModelFileError


def change_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Let ``change`` alter the object in the file ``path``."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.fixture
def copied(checkpoints: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of the tiny Qwen3-VL, to be changed."""
    shutil.copytree(checkpoints("qwen3_vl"), tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_that_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"gone is no folder: give the folder"):
        open_folder(tmp_path / "gone")
    with pytest.raises(ModelFileError, match=r"holds no config\.json, so it is no checkpoint"):
        open_folder(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelFileError, match=r"config\.json.*Download the model again"):
        open_folder(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ModelFileError, match="does not say a model_type"):
        open_folder(tmp_path)


def test_an_architecture_that_is_not_known(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_json(copied / "config.json", lambda config: config.update(model_type="moondream9", architectures=["Moon"]))
    with pytest.raises(ModelFileError, match=r"is a Moon, which transformers \d\S* does not know: a newer version may"):
        open_folder(copied)
    from transformers.models.auto import configuration_auto

    monkeypatch.delitem(configuration_auto.CONFIG_MAPPING_NAMES, "qwen3_5")
    change_json(copied / "config.json", lambda config: config.update(model_type="qwen3_5"))
    with pytest.raises(ModelFileError, match=r"transformers has from version 5\.2 on, and \d\S* is installed: pip"):
        open_folder(copied)


def test_models_of_other_kinds_are_left_to_others(copied: Path) -> None:
    for other in ("rt_detr", "clip", "gpt4roi_reference"):
        change_json(copied / "config.json", lambda config: config.update(model_type=other))  # noqa: B023
        assert open_folder(copied) is None


def test_models_that_read_text_only(copied: Path) -> None:
    change_json(copied / "processor_config.json", lambda config: config.pop("image_processor"))
    with pytest.raises(ModelFileError, match="Qwen3VLForConditionalGeneration without an image processor: it reads"):
        open_folder(copied)
    change_json(copied / "config.json", lambda config: config.update(model_type="qwen3", architectures=["Qwen3"]))
    with pytest.raises(ModelFileError, match="is a Qwen3 without an image processor: it reads text only"):
        open_folder(copied)


def test_a_model_without_a_chat_template(copied: Path) -> None:
    (copied / "chat_template.jinja").unlink()
    with pytest.raises(ModelFileError, match="has no chat template, so that nothing can be asked"):
        open_folder(copied)
    change_json(copied / "tokenizer_config.json", lambda config: config.update(chat_template="{{ messages }}"))
    assert open_folder(copied) is not None


def test_a_folder_as_older_versions_saved_it(copied: Path, checkpoints: Callable[[str], Path]) -> None:
    (copied / "processor_config.json").unlink()
    (copied / "preprocessor_config.json").write_text('{"image_processor_type": "Qwen2VLImageProcessor"}')
    assert open_folder(copied) is not None
    (copied / "preprocessor_config.json").write_text('{"feature_size": 80, "sampling_rate": 16000}')
    with pytest.raises(ModelFileError, match="text only"):
        open_folder(copied)


def test_weights_that_are_missing_or_could_be_code(copied: Path) -> None:
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(ModelFileError, match="holds no weights as safetensors: other kinds can hold code"):
        open_folder(copied)
    (copied / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}'
    )
    (copied / "model-1-of-2.safetensors").touch()
    with pytest.raises(ModelFileError, match=r"lacks 1 of 2 files of weights, first model-2-of-2\.safetensors"):
        open_folder(copied)


def test_weights_that_are_damaged(copied: Path) -> None:
    factory = open_folder(copied)
    assert factory is not None
    (copied / "model.safetensors").write_bytes(b"\x05\0\0\0\0\0\0\0[1,2]" + bytes(50))
    with pytest.raises(ModelFileError, match=r"model\.safetensors is no file of weights"):
        factory(device="cpu")
    (copied / "model.safetensors").write_bytes(bytes(20))
    with pytest.raises(ModelFileError, match=r"model\.safetensors is no file of weights \(its header has no length"):
        factory(device="cpu")


def test_other_files_that_are_damaged(copied: Path) -> None:
    (copied / "tokenizer.json").write_text("{}")
    factory = open_folder(copied)
    assert factory is not None
    with pytest.raises(ModelFileError, match=r"model cannot be loaded \(.*\): download it again"):
        factory(device="cpu")


def test_code_in_a_folder_is_not_run(copied: Path, tmp_path: Path) -> None:
    bad = f"open({str(tmp_path / 'ran')!r}, 'w')"
    (copied / "evil.py").write_text(f"{bad}\nclass Evil: pass\n")
    (copied / "custom_generate").mkdir()
    (copied / "custom_generate" / "generate.py").write_text(bad)
    mapped = {name: "evil.Evil" for name in ("AutoConfig", "AutoModelForMultimodalLM", "AutoProcessor")}
    change_json(copied / "config.json", lambda config: config.update(auto_map=mapped))
    change_json(copied / "processor_config.json", lambda config: config.update(auto_map=mapped))
    change_json(
        copied / "tokenizer_config.json", lambda config: config.update(auto_map={"AutoTokenizer": ["evil.Evil"] * 2})
    )
    factory = open_folder(copied)
    assert factory is not None
    assert factory(device="cpu").info.name == "model"
    assert not (tmp_path / "ran").exists()
    change_json(copied / "config.json", lambda config: config.update(model_type="evil"))
    with pytest.raises(ModelFileError, match="code of its own, which is never run"):
        open_folder(copied)


def test_parameters_are_counted_by_the_headers(checkpoints: Callable[[str], Path]) -> None:
    from transformers import AutoModelForMultimodalLM

    folder = checkpoints("internvl")
    model = AutoModelForMultimodalLM.from_pretrained(folder)
    assert parameters(weight_files(folder)) == sum(parameter.numel() for parameter in model.parameters())


def test_too_little_memory_is_said_before_loading(
    checkpoints: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = open_folder(checkpoints("qwen3_vl"))
    assert factory is not None
    monkeypatch.setattr(devices, "physical_memory", lambda: 1000)
    monkeypatch.setitem(sys.modules, "plugins.local_vlm.chat", None)  # nothing is made
    with pytest.raises(CaptionerError, match=r"This computer has 0\.0 GB of memory, the model needs .* use a smaller"):
        factory(device="cpu")


def test_without_transformers(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factory = open_folder(copied)
    assert factory is not None
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'roi-assistant\[torch\]'"):
        open_folder(copied)
    with pytest.raises(MissingDependencyError, match=r"pip install 'roi-assistant\[torch\]'"):
        factory(device="cpu")


def test_a_model_that_cannot_say_a_word_is_not_loaded(copied: Path) -> None:
    (copied / "chat_template.jinja").write_text("{{ raise_exception('no user') }}")
    factory = open_folder(copied)
    assert factory is not None
    with pytest.raises(CaptionerError, match=r"^model cannot answer: no user"):
        factory(device="cpu")


def test_links_as_in_the_folder_of_a_hub_client(checkpoints: Callable[[str], Path], tmp_path: Path) -> None:
    for file in checkpoints("qwen3_vl").iterdir():
        (tmp_path / file.name).symlink_to(file)
    factory = open_folder(tmp_path)
    assert factory is not None
    info: Any = factory(device="cpu", threads=1).info
    assert (info.device, info.precision) == ("CPU", "fp32")
    assert info.notes == ("Scores are the model's own and not calibrated.",)
