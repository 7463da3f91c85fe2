"""``roi-assistant train gpt4roi``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit import grounded_photos, official_data_sets, tiny_gpt4roi

SIZES = """
[model]
vocabulary = 420
level_step = 1
text = { width = 32, layers = 2, heads = 4, inner_width = 48, positions = 800 }
region = { groups = 4, fusion_rounds = 1, roi_size = 3, position_width = 8 }

[model.vision]
hidden_size = 16
intermediate_size = 24
num_hidden_layers = 5
num_attention_heads = 2
patch_size = 14
image_size = 28
projection_dim = 8
"""
STAGE = """
stage = {stage}
[data]
datasets = {{ {datasets} }}
max_tokens = 800
[optimization]
batch = 4
learning_rate = 1e-3
epochs = 1.0
precision = "{precision}"
tokens_at_once = 1600
[evaluation]
every = 100
split = "train"
conversations = 2
answered = 1
"""


pytestmark = pytest.mark.usefixtures("one_thread")


def write(path: Path, stage: int, datasets: str, *, more: str = "", precision: str = "bf16") -> str:
    path.write_text(STAGE.format(stage=stage, datasets=datasets, precision=precision) + more, encoding="utf-8")
    return str(path)


def test_both_stages_on_all_data_sets_of_each(work: Path, run: Callable[..., Any]) -> None:
    """From sizes to a model that the captioner loads, in bf16 and with gradient checkpointing."""
    official_data_sets.make_all(work / "sets")
    first = write(work / "one.toml", 1, 'coco_detection = 1.0, refcoco = 1.0, "refcoco+" = 0.5', more=SIZES)
    names = ("refcocog", "flickr30k_entities", "visual_genome", "llava", "vcr", "single_vcr", "multi_vcr")
    second = write(work / "two.toml", 2, ", ".join(f"{name} = 1.0" for name in names))
    result = run("train", "gpt4roi", "--config", first, "--data", "sets", "--out", "runs/one", "--steps", "1")
    assert result.code == 0, result.err
    assert "1 of 2 steps" in result.out and "goes on from here" in result.out
    result = run("train", "gpt4roi", "--config", first, "--data", "sets", "--out", "runs/one")
    assert result.code == 0 and "2 of 2 steps" in result.out
    result = run(
        *("train", "gpt4roi", "--config", second, "--data", "sets", "--out", "runs/two", "--start", "runs/one/model")
    )
    assert result.code == 0, result.err
    page = (work / "runs/two/report.html").read_text(encoding="utf-8")
    assert "Loss per learned token" in page and "<polyline" in page

    from PIL import Image

    from roi_assistant.captioners.gpt4roi.captioner import Gpt4RoiCaptioner
    from roi_assistant.core.box import Box
    from roi_assistant.core.records import DescribeRequest

    captioner = Gpt4RoiCaptioner.load(work / "runs/two/model", id="trained", device="cpu")
    state = captioner.set_image(Image.new("RGB", (60, 40)))
    (told,) = captioner.describe(state, [Box(5, 5, 30, 30)], DescribeRequest())
    assert told.caption is not None and captioner.info.name == "GPT4RoI, stage 2"


def test_from_llama_and_clip_to_a_captioner(work: Path, home: Path, photo: Path, run: Callable[..., Any]) -> None:
    """Both stages, from checkpoints as transformers writes them to `caption` with the trained model."""
    import torch
    from safetensors.torch import load_file

    grounded_photos.make(work / "sets", train=4, val=0)
    tiny_gpt4roi.write_parts(work / "parts")
    options = ("--data", "sets", "--llama", "parts/llama", "--clip", "parts/clip")
    names = "flickr30k_entities = 1.0"
    first = write(work / "one.toml", 1, names, precision="fp32")
    second = write(work / "two.toml", 2, names, precision="fp32")
    result = run("train", "gpt4roi", "--config", first, "--out", "one", *options)
    assert result.code == 0, result.err
    result = run("train", "gpt4roi", "--config", second, "--out", "two", "--data", "sets", "--start", "one/model")
    assert result.code == 0, result.err
    kept = load_file(work / "one/model/model.safetensors")
    llama, clip = (load_file(work / "parts" / name / "model.safetensors") for name in ("llama", "clip"))
    name = "model.layers.1.mlp.up_proj.weight"
    assert torch.equal(kept[name], llama[name]), "stage 1 leaves LLaMA as it came"
    known = len(llama["model.embed_tokens.weight"])
    assert torch.equal(kept["model.embed_tokens.weight"][:known], llama["model.embed_tokens.weight"])
    vision = {key.removeprefix("vision_model."): value for key, value in clip.items()}
    trained = load_file(work / "two/model/model.safetensors")
    for key, value in vision.items():
        assert torch.equal(trained[f"vision_tower.{key}"], value), "CLIP is never trained"
    assert not torch.equal(trained[name], llama[name])

    shutil.copytree(work / "two/model", home / "data/models/mine")
    result = run("caption", photo, "--box", "100,80,500,400", "--model", "mine", "--device", "cpu", "--json")
    assert result.code == 0, result.err
    assert isinstance(json.loads(result.out)["images"][0]["regions"][0]["caption"]["text"], str)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stage = 3", "stage: One of 1, 2 is needed, not 3."),
        ("stage = 1\n[data]\ndatasets = {coco_detection = 1}", "The field 'optimization' is missing."),
        ("stage = 1\ncolour = 2", "There is no field 'colour'"),
        (
            "stage = 1\n[data]\ndatasets = {}\n[optimization]\nbatch = 1.5",
            "optimization.batch: A whole number is needed, not 1.5.",
        ),
        (
            "stage = 1\n[data]\ndatasets = {}\n[optimization]\nbatch = 1\nlearning_rate = 1",
            "data.datasets names no data set",
        ),
        ("stage = 1\n[data]\ndatasets = {a = 1}\n[optimization]\nbatch = 0\nlearning_rate = 1", "batch is 0"),
        ("stage = ", "is not a configuration"),
    ],
)
def test_bad_configurations_are_named(work: Path, run: Callable[..., Any], text: str, words: str) -> None:
    (work / "bad.toml").write_text(text, encoding="utf-8")
    result = run("train", "gpt4roi", "--config", "bad.toml", "--data", ".", "--out", "run")
    assert result.code == 2 and words in result.err.replace("\n", " ")


def test_what_is_missing_is_named(work: Path, run: Callable[..., Any]) -> None:
    grounded_photos.make(work / "sets", train=1, val=0)
    result = run("train", "gpt4roi", "--config", "gpt4roi-stage1", "--data", "sets", "--out", "run")
    assert result.code == 2 and "coco_detection is missing" in result.err and "refcoco+ is missing" in result.err
    config = write(work / "one.toml", 1, "flickr30k_entities = 1.0")
    result = run("train", "gpt4roi", "--config", config, "--data", "sets", "--out", "run")
    assert result.code == 2 and "Nothing says what to start from" in result.err
    result = run("train", "gpt4roi", "--config", config, "--data", "sets", "--out", "run", "--llama", "sets")
    assert result.code == 2 and "--clip" in result.err
    result = run("train", "gpt4roi", "--config", "gpt4roi-stage9", "--data", "sets", "--out", "run")
    assert result.code == 2 and "gpt4roi-stage1, gpt4roi-stage2" in result.err


def test_shipped_configurations_hold_the_published_values(torch: Any) -> None:
    from roi_assistant.training.gpt4roi.settings import CONFIGS, TrainingSettings

    names = sorted(path.stem for path in CONFIGS.glob("gpt4roi-*.toml"))
    loaded = {name: TrainingSettings.load(name) for name in names}
    assert len(loaded) == 6
    for number in (1, 2):
        one = loaded[f"gpt4roi-stage{number}"]
        assert (one.stage, one.optimization.learning_rate, one.optimization.epochs) == (number, 2e-5, 2.0)
        assert (
            set(one.data.datasets)
            == {
                1: {"coco_detection", "refcoco", "refcoco+"},
                2: {"refcocog", "flickr30k_entities", "visual_genome", "vcr", "single_vcr", "multi_vcr", "llava"},
            }[number]
        )
        assert one.optimization.precision == "bf16" and one.optimization.gradient_checkpointing
    assert loaded["gpt4roi-stage1"].optimization.warmup == 0.003
    assert loaded["gpt4roi-stage2"].optimization.warmup == 3000 and loaded["gpt4roi-stage2"].optimization.batch == 16
    assert loaded["gpt4roi-stage1"].optimization.weight_decay == 0.01
