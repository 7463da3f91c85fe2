"""The stages one after the other as their commands run them, on the invented corpora and the smallest network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.errors import BadInputError, ModelFileError

pytestmark = pytest.mark.usefixtures("quiet")

_REGION = """\
input_channels = [48, 64]
level_sizes = [4, 2]
width = 16
groups = 4
fusion_rounds = 1
roi_size = 3
flatten_width = 16
position_width = 8
output_width = 32
"""

_SETTINGS = f"""\
seed = 3
vocabulary = 600

[model]
backbone = "test_efficientnet"
backbone_stages = [3, 4]
stage_channels = [48, 64]
head_channels = 256
image_size = 64
image_grid = 2
view_size = 64
own_view_backbone = true
dropout = 0.1
categories = 6
attribute_values = 8
phrase_ngrams = 12

[model.region]
{_REGION}tokens = 2

[model.view]
{_REGION}tokens = 1

[model.language]
vocab_size = 600
hidden_size = 32
layers = 2
heads = 4
intermediate_size = 48

[features]
passes = 2
jitter = 0.1
light = 0.25

[language]
steps = 2
batch = 2
lr = 1e-3

[regions]
epochs = 0.2
regions_per_step = 4
backbone_lr = 1e-3
tuned_stage = 4
photo_stage = 4
category_weight = 0.5
attribute_weight = 0.5
phrase_weight = 0.1
extra_questions = 1
phrases = 2
consensus = 2.0

[tokens]
jitter = 0.1

[heads]
epochs = 1
regions_per_step = 16

[proposals]
epochs = 1
photos_per_step = 4

[decoder]
steps = 1
samples_per_step = 4

[reward]
steps = 1
regions_per_step = 2
samples = 2
answers_per_step = 2
share_kept = 0.5
"""


@pytest.fixture
def recipe(torch: Any, corpus: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``recipe(without=..., instead=...)``: the recipe with a line of its configuration replaced."""
    pytest.importorskip("onnx", reason="export needs onnx, the extra 'torch'")
    import timm

    from roi_assistant.training.mini import recipe as module

    torch.manual_seed(11)
    state = timm.create_model("test_efficientnet", pretrained=False).state_dict()
    monkeypatch.setattr(module, "imagenet_weights", lambda: Path("invented"))
    monkeypatch.setattr(module, "imagenet_backbone_state", lambda path: state)

    def load(without: str = "", instead: str = "") -> Any:
        assert without in _SETTINGS
        path = tmp_path / "tiny.toml"
        path.write_text(_SETTINGS.replace(without, instead), encoding="utf-8")
        general = [each.root for each in corpus.general]
        return module.Recipe.load(path, flickr=corpus.flickr.root, general=general, out=tmp_path / "run")

    return load


def test_all_stages(torch: Any, recipe: Callable[..., Any], tmp_path: Path) -> None:
    from roi_assistant.captioners.mini.captioner import MiniCaptioner
    from roi_assistant.captioners.model_folder import file_sha256
    from roi_assistant.interfaces import can_propose
    from roi_assistant.training.loop import save_checkpoint
    from roi_assistant.training.mini import recipe as stages

    small, model = recipe(), tmp_path / "model"
    stages.run_tokenizer(small)
    folder = stages.run_features(small, workers=1)
    first, second = (np.load(folder / name / "crop.npy") for name in ("0", "1"))
    val = sum(len(photo.human.regions) for photo in small.corpus().photos if photo.split == "val")
    assert np.array_equal(first[:val], second[:val]), "val is not changed at random"
    assert not np.array_equal(first[val:], second[val:]), "every pass changes train in its own way"
    stages.run_language(small)
    with pytest.raises(BadInputError, match="has 0 runs to average"):
        stages.run_average(small)
    one, other = (torch.load(stages.run_regions(small, seed=seed), weights_only=True) for seed in (5, 6))
    stages.run_average(small)
    stages.run_export(small, model)
    trained = torch.load(small.out / "regions" / "model.pt", weights_only=True)
    name = "vision.norm.weight"
    assert not torch.equal(one[name], other[name])
    torch.testing.assert_close(trained[name], (one[name] + other[name]) / 2)
    save_checkpoint(small.out / "regions-5" / "model.pt", **{**one, name: one[name] + 8})
    stages.run_average(small, start=model, start_share=0.25)
    kept = torch.load(small.out / "regions" / "model.pt", weights_only=True)
    torch.testing.assert_close(kept[name], trained[name] + 0.75 * 4, rtol=1e-3, atol=1e-3)  # the export is fp16
    save_checkpoint(small.out / "regions-5" / "model.pt", **one)
    stages.run_average(small)

    stages.run_tokens(small, model, workers=1)
    (model / "attributes.json").rename(model / "elsewhere.json")
    with pytest.raises(ModelFileError, match=r"attributes\.json is missing"):
        stages.run_heads(small, model)
    (model / "elsewhere.json").rename(model / "attributes.json")
    for stage, trained_graph in (
        (stages.run_heads, "region.onnx"),
        (stages.run_decoder, "language.onnx"),
        (stages.run_reward, "language.onnx"),
    ):
        before = {path.name: path.read_bytes() for path in model.iterdir()}
        stage(small, model)
        changed = {name for name, data in before.items() if (model / name).read_bytes() != data}
        assert changed == {trained_graph, "manifest.json"}
        manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["files"][trained_graph] == file_sha256(model / trained_graph)
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    assert not can_propose(MiniCaptioner.load(model, device="cpu"))
    for _ in range(2):  # the second time there is a calibrated head before
        stages.run_proposals(small, model, workers=1)
        changed = {path.name for path in model.iterdir() if before.get(path.name) != path.read_bytes()}
        assert changed == {"propose.onnx", "calibration.json", "manifest.json"}
        (curve,) = json.loads((model / "calibration.json").read_text(encoding="utf-8"))["curves"].values()
        assert len(curve["inputs"]) == len(curve["outputs"]) > 0
    assert can_propose(MiniCaptioner.load(model, device="cpu"))
    values = json.loads((model / "attributes.json").read_text(encoding="utf-8"))
    assert sum(map(len, values.values())) == 8
    assert len(json.loads((model / "ngrams.json").read_text(encoding="utf-8"))) == 12
    assert MiniCaptioner.load(model, device="cpu")

    again = stages._new_model(small)
    stages.load_exported(again, model)
    stages.load_exported_backbones(again, model)
    heads = torch.load(small.out / "heads" / "heads.pt", weights_only=True)
    for name, head in zip(("category", "attribute", "phrase"), again.heads, strict=True):
        torch.testing.assert_close(head[4].weight, heads[name]["4.weight"], rtol=2e-3, atol=1e-4)
    for name in ("backbone.net.conv_head.weight", "own_view_backbone.net.conv_head.weight", "vision.norm.weight"):
        torch.testing.assert_close(again.state_dict()[name], trained[name], rtol=2e-3, atol=1e-4)


def test_a_run_keeps_the_classes_of_the_model_that_it_begins_with(recipe: Callable[..., Any], tmp_path: Path) -> None:
    """Its heads know them in their order, which other measured colors might change."""
    from roi_assistant.training.mini import recipe as stages

    small, start = recipe(), tmp_path / "start"
    small.out.mkdir(exist_ok=True)
    start.mkdir()
    mix = small.mix({})
    classes = stages._classes(small, mix, start)
    assert (classes.nouns, classes.values) == (mix.nouns(at_least=1)[:6], mix.attribute_values(8))
    assert list(classes.weights) == list(mix.phrase_ngrams(12))
    (start / "ngrams.json").write_text(json.dumps(dict(reversed(classes.weights.items()))), encoding="utf-8")
    kept, backwards = stages._classes(small, mix, start), list(classes.weights)[::-1]
    assert (kept.nouns, kept.values, list(kept.weights)) == (classes.nouns, classes.values, backwards)
    assert list(json.loads((small.out / "ngrams.json").read_text(encoding="utf-8"))) == backwards
    (start / "nouns.json").write_text(json.dumps(classes.nouns[:5]), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"5 classes for nouns\.json, the configuration asks for 6"):
        stages._classes(small, mix, start)


@pytest.mark.parametrize(
    ("without", "instead", "said"),
    [
        ("[features]\npasses = 2\njitter = 0.1\n", "[other]\n", r"no table \[features\]"),
        ("jitter = 0.1\nlight", "shake = 0.1\nlight", r"table \[features\].*shake"),
        ("seed = 3\n", "", r"tiny\.toml is not a training configuration: 'seed'"),
    ],
)
def test_configuration_that_is_not_right(recipe: Callable[..., Any], without: str, instead: str, said: str) -> None:
    from roi_assistant.training.mini import recipe as stages

    with pytest.raises(BadInputError, match=said):
        stages.run_features(recipe(without, instead), workers=1)


def test_shipped_configuration_is_one_that_the_stages_know(torch: Any) -> None:
    from roi_assistant.training.mini import recipe as stages
    from roi_assistant.training.mini.region_stage import RegionStageConfig

    path = Path(stages.__file__).parent / "configs" / "mini.toml"
    shipped = stages.Recipe.load(path, flickr=Path(), general=[Path()], out=Path())
    settings = shipped.table("regions")
    assert {settings.pop(name) >= 0 for name in stages._ASKED} == {True}
    assert stages._config(RegionStageConfig, "regions", **settings).photo_stage is not None
