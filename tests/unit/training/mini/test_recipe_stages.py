"""The stages learn, stop, and go on as if they had never stopped."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("quiet")


class Stopped(Exception):
    """The machine was switched off."""


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def differing(torch: Any, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of tensors that differ in any bit."""
    assert one.keys() == other.keys()
    return [name for name in one if not torch.equal(one[name], other[name])]


# The language model alone.


@pytest.fixture
def pretrain(torch: Any, config: Any, tokenizer: Any, corpus: Any) -> Callable[..., Path]:
    from roi_assistant.training.mini.language_stage import pretrain_language

    # Of one length: every new shape of a batch has to be compiled.
    lines = [line for line in corpus.text_lines() if line.startswith("Someone chases")]

    def run(out: Path, **changes: Any) -> Path:
        settings = {"steps": 60, "batch": 4, "lr": 3e-3, **changes}
        return pretrain_language(config, tokenizer, lines, out, **settings)

    return run


def test_language_learns_its_lines(pretrain: Callable[..., Path], torch: Any, tmp_path: Path) -> None:
    checkpoint = pretrain(tmp_path)
    losses = [entry["loss"] for entry in log_of(tmp_path)]
    assert losses[-1] < 0.6 * losses[0]
    state = torch.load(checkpoint, weights_only=True)
    assert state["step"] == 60
    assert set(state) == {"model", "optimizer", "step"}


def test_language_goes_on_where_it_stopped(
    pretrain: Callable[..., Path], torch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.mini import language_stage

    settings = {"steps": 204, "batch": 2}
    whole = torch.load(pretrain(tmp_path / "whole", **settings), weights_only=True)
    write = language_stage.RunLog.write

    def stop(log: Any, **values: Any) -> None:
        write(log, **values)
        if values["step"] == 200:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(language_stage.RunLog, "write", stop)
        with pytest.raises(Stopped):
            pretrain(tmp_path / "parts", **settings)
    assert torch.load(tmp_path / "parts" / "language.pt", weights_only=True)["step"] == 200
    parts = torch.load(pretrain(tmp_path / "parts", **settings), weights_only=True)
    assert parts["step"] == 204
    assert differing(torch, whole["model"], parts["model"]) == []


def test_finished_language_stage_does_nothing(pretrain: Callable[..., Path], tmp_path: Path) -> None:
    checkpoint = pretrain(tmp_path, steps=3)
    before = (checkpoint.read_bytes(), (tmp_path / "log.jsonl").read_bytes())
    pretrain(tmp_path, steps=3)
    assert (checkpoint.read_bytes(), (tmp_path / "log.jsonl").read_bytes()) == before


# Features of a batch.


@pytest.fixture
def source(torch: Any, features: dict[str, np.ndarray]) -> Any:
    from roi_assistant.training.mini.region_stage import FeatureSource

    return FeatureSource([features])


def test_mirrored_features(torch: Any, source: Any, features: dict[str, np.ndarray]) -> None:
    (plain, mirrored) = source.take("img4", [3, 3], [0, 1])
    assert plain.dtype == torch.float32
    assert torch.equal(mirrored, plain.flip(-1)) and not torch.equal(mirrored, plain)
    (plain, mirrored) = source.take("imgh", [3, 3], [0, 1])
    assert torch.equal(mirrored, plain)
    for name in ("boxes", "cbox"):
        (plain, mirrored) = source.take(name, [5, 5], [0, 1])
        x1, y1, x2, y2 = features[name][5]
        np.testing.assert_array_equal(plain.numpy(), [x1, y1, x2, y2])
        np.testing.assert_allclose(mirrored.numpy(), [1 - x2, y1, 1 - x1, y2], atol=1e-6)


def test_mirroring_a_region_is_mirroring_what_is_under_it(torch: Any, source: Any, new_model: Any) -> None:
    """Box and map are flipped alike: what lies under the box is the same, the other way round."""
    from torchvision.ops import roi_align

    fine = source.take("img4", [4, 4], [0, 1])
    boxes = source.take("boxes", [7, 7], [0, 1])
    pooled = roi_align(fine, torch.cat([torch.tensor([[0.0], [1.0]]), boxes], 1), 3, 4.0, 2, aligned=True)
    torch.testing.assert_close(pooled[1], pooled[0].flip(-1), rtol=0, atol=1e-5)


def test_batch_takes_every_feature_once_and_in_its_place(torch: Any, source: Any, mix: Any) -> None:
    from roi_assistant.training.mini.corpus import Sample

    photos = mix.corpus.photos
    first, second = photos[3].first_region, photos[5].first_region
    samples = [
        Sample(5, (second + 1,), 1, ()),
        Sample(3, (first, first + 2), 0, ()),
        Sample(3, (first + 2,), 0, ()),
        Sample(3, (first + 2,), 1, ()),
    ]
    batch = source.batch(samples)
    for order, sample in zip(batch.image_order.tolist(), samples, strict=True):
        expected = source.take("img4", [sample.photo], [sample.variant])[0]
        assert torch.equal(batch.image.levels[0][order], expected)
    flat = [(row, sample) for sample in samples for row in sample.rows]
    assert len(batch.region_order) == 5
    for order, (row, sample) in zip(batch.region_order.tolist(), flat, strict=True):
        for name, found in (
            ("boxes", batch.boxes),
            ("cbox", batch.view_boxes),
            ("crop4", batch.view.levels[0]),
            ("crop5", batch.view.levels[1]),
            ("croph", batch.view.pooled),
        ):
            assert torch.equal(found[order], source.take(name, [row], [sample.variant])[0]), name
        image = batch.image_index[order]
        assert torch.equal(batch.image.levels[1][image], source.take("img5", [sample.photo], [sample.variant])[0])
    assert batch.region_order[2] == batch.region_order[3], "a region that two samples share is there once"
    assert len(batch.image.pooled) % 8 == 0 and len(batch.boxes) % 16 == 0


def test_vision_of_a_sample_does_not_depend_on_the_others(torch: Any, source: Any, new_model: Any, mix: Any) -> None:
    from roi_assistant.training.mini.corpus import Sample
    from roi_assistant.training.mini.region_stage import encode_vision

    model = new_model().eval()
    row = mix.corpus.photos[5].first_region
    samples = [Sample(5, (row + 1, row), 1, ()), Sample(4, (mix.corpus.photos[4].first_region,), 0, ())]
    with torch.inference_mode():
        image, regions, _ = encode_vision(model, source.batch(samples))
        assert image.shape == (2, 5, 32) and regions.shape == (3, 4, 32)
        alone, own, _ = encode_vision(model, source.batch(samples[:1]))
    torch.testing.assert_close(alone[0], image[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(own, regions[:2], rtol=0, atol=1e-5)


def test_loss_is_the_weighted_mean_over_answer_tokens(
    torch: Any, source: Any, new_model: Any, text_encoder: Any, mix: Any
) -> None:
    from roi_assistant.training.mini.corpus import Sample
    from roi_assistant.training.mini.instructions import Exchange
    from roi_assistant.training.mini.region_stage import encode_vision, token_loss

    model = new_model().eval()
    row = mix.corpus.photos[3].first_region
    exchanges = (
        Exchange("phrase", "describe <region1>", "a clown", 3.0),
        Exchange("color", "color of <region1>", "red"),
    )
    with torch.inference_mode():
        image, regions, _ = encode_vision(model, source.batch([Sample(3, (row,), 0, exchanges)]))

        def loss(*chosen: Exchange) -> float:
            return token_loss(model, text_encoder.batch([(1, chosen)]), image, regions, smoothing=0.0).item()

        clown, red = loss(exchanges[0]), loss(exchanges[1])
        tokens = [len(text_encoder.encode(e.answer)) + 1 for e in exchanges]
        expected = (3 * tokens[0] * clown + tokens[1] * red) / (3 * tokens[0] + tokens[1])
        assert loss(*exchanges) == pytest.approx(expected, rel=1e-5)
        assert clown != pytest.approx(red, rel=1e-3)


# Spatial instruction tuning.


@pytest.fixture(scope="module")
def stage(torch: Any, new_model: Any, mix: Any, features: Any, text_encoder: Any) -> Callable[..., tuple[Any, Path]]:
    """``stage(out, evaluate=None, features=features, **settings)`` -> the trained model and its file."""
    from roi_assistant.training.mini.region_stage import RegionStageConfig, train_regions

    def run(out: Path, *, evaluate: Any = None, features: Any = features, **settings: Any) -> tuple[Any, Path]:
        config = RegionStageConfig(**{"epochs": 1.0, "regions_per_step": 2, "lr": 3e-3, "save_every": 3, **settings})
        model = new_model()
        return model, train_regions(model, mix, [features], text_encoder, out, config, evaluate=evaluate)

    return run


@pytest.fixture(scope="module")
def whole(torch: Any, stage: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The weights after two epochs without a break."""
    return torch.load(stage(tmp_path_factory.mktemp("whole"), epochs=2.0)[1], weights_only=True)


@contextmanager
def cut_off_after(steps: int) -> Iterator[None]:
    """The stage is cut off in the middle of the step after ``steps`` ones."""
    from roi_assistant.training.mini import region_stage

    compute, count = region_stage.token_loss, [0]

    def loss(*arguments: Any, **options: Any) -> Any:
        count[0] += 1
        if count[0] > steps:
            raise Stopped
        return compute(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(region_stage, "token_loss", loss)
        yield


def losses_of(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    from roi_assistant.training.mini import region_stage

    compute, losses = region_stage.token_loss, []

    def loss(*arguments: Any, **options: Any) -> Any:
        value = compute(*arguments, **options)
        losses.append(value.item())
        return value

    monkeypatch.setattr(region_stage, "token_loss", loss)
    return losses


def test_loss_falls(torch: Any, stage: Any, new_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = losses_of(monkeypatch)
    model, path = stage(tmp_path, epochs=2.0)
    assert len(losses) >= 20
    assert np.mean(losses[-5:]) < 0.85 * np.mean(losses[:5]), "smoothed labels keep it from 0"
    saved = torch.load(path, weights_only=True)
    assert path == tmp_path / "model.pt"
    assert differing(torch, saved, model.state_dict()) == []
    untrained = new_model().state_dict()
    changed = differing(torch, saved, untrained)
    assert changed and not any(name.startswith("backbone.") for name in changed), "the backbone is frozen"
    assert not model.training
    entries = log_of(tmp_path)
    assert all(entry["stage"] == "regions" for entry in entries)


def test_model_is_the_average_of_the_last_steps(torch: Any, stage: Any, tmp_path: Path) -> None:
    _, path = stage(tmp_path)
    checkpoint = torch.load(tmp_path / "regions.pt", weights_only=True)
    saved = torch.load(path, weights_only=True)
    assert checkpoint["averaged"] and checkpoint["updates"] == checkpoint["step"]
    for name, value in checkpoint["averaged"].items():
        assert torch.equal(saved[name], value)
    assert differing(torch, saved, checkpoint["model"])


def test_same_seed_gives_the_same_model(torch: Any, stage: Any, tmp_path: Path) -> None:
    one, other, third = (
        torch.load(stage(tmp_path / str(number), epochs=0.3, seed=seed)[1], weights_only=True)
        for number, seed in enumerate((1, 1, 2))
    )
    assert differing(torch, one, other) == []
    assert differing(torch, one, third)


@pytest.mark.parametrize("steps", [2, 4, 14, 16, 23])
def test_goes_on_as_if_it_had_not_stopped(
    steps: int, torch: Any, stage: Any, whole: dict[str, Any], tmp_path: Path
) -> None:
    """Stopped before the first checkpoint, after it, around the end of an epoch, and in the next epoch."""
    with cut_off_after(steps):
        stage(tmp_path, epochs=2.0)
    assert (tmp_path / "regions.pt").exists() is (steps >= 3)
    assert not (tmp_path / "model.pt").exists()
    _, path = stage(tmp_path, epochs=2.0)
    assert differing(torch, whole, torch.load(path, weights_only=True)) == []


def test_loss_that_is_no_number_stops_the_stage(
    torch: Any, stage: Any, features: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.mini import region_stage

    compute, count = region_stage.token_loss, [0]

    def loss(*arguments: Any, **options: Any) -> Any:
        count[0] += 1
        value = compute(*arguments, **options)
        return value * float("nan") if count[0] == 5 else value

    monkeypatch.setattr(region_stage, "token_loss", loss)
    with pytest.raises(FloatingPointError, match=r"not finite at step 4; the last checkpoint is .*regions\.pt"):
        stage(tmp_path)
    kept = torch.load(tmp_path / "regions.pt", weights_only=True)
    assert kept["step"] == 3
    assert all(torch.isfinite(value).all() for value in kept["model"].values() if value.is_floating_point())


def test_damaged_features_stop_the_stage(stage: Any, features: dict[str, np.ndarray], tmp_path: Path) -> None:
    broken = {**features, "croph": np.full_like(features["croph"], np.nan)}
    with pytest.raises(FloatingPointError, match="not finite at step 0"):
        stage(tmp_path, features=broken)


def test_photos_without_regions_stop_the_stage(
    new_model: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.mini import region_stage

    monkeypatch.setattr(type(mix), "samples", lambda *_arguments, **_options: [])
    with pytest.raises(ValueError, match="no regions to learn from"):
        region_stage.train_regions(
            new_model(), mix, [features], text_encoder, tmp_path, region_stage.RegionStageConfig(regions_per_step=2)
        )


def test_regions_of_a_photo_are_shown_together(torch: Any, mix: Any) -> None:
    from roi_assistant.training.mini import region_stage

    def length(sample: Any) -> int:
        return sum(len(e.question) + len(e.answer) for e in sample.exchanges)

    rng = random.Random(0)
    samples = [s for photo in range(len(mix.corpus.photos)) for s in mix.samples(photo, rng, several=1.0)]
    rng.shuffle(samples)
    region_stage._sort(samples)
    blocks = [list(block) for _, block in groupby(samples, key=lambda s: (len(s.rows), s.photo))]
    assert len(blocks) == len({(len(s.rows), s.photo) for s in samples}) < len(samples)
    longest = [(len(block[0].rows), max(map(length, block))) for block in blocks]
    assert longest == sorted(longest)
    assert len({s.variant for s in blocks[0]}) == 1, "or the photo would have to be encoded twice"


def test_few_regions_are_shown_again_until_a_step_is_full(
    new_model: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.mini import region_stage

    monkeypatch.setattr(mix, "repeated", lambda photos, rng, **often: [3])
    config = region_stage.RegionStageConfig(epochs=2, regions_per_step=8)
    region_stage.train_regions(new_model(), mix, [features], text_encoder, tmp_path, config)
    assert region_stage.load_checkpoint(tmp_path / "regions.pt")["step"] == 2


def test_error_while_reading_reaches_the_caller(stage: Any, features: dict[str, np.ndarray], tmp_path: Path) -> None:
    """Batches are read in a thread."""
    with pytest.raises(KeyError, match="crop5"):
        stage(tmp_path, features={name: array for name, array in features.items() if name != "crop5"})


def test_evaluation_sees_the_averages_and_training_goes_on_with_its_own_weights(
    torch: Any, stage: Any, whole: dict[str, Any], tmp_path: Path
) -> None:
    seen: list[tuple[bool, Any]] = []

    def evaluate(model: Any) -> dict[str, float]:
        seen.append((model.training, model.vision.norm.weight.detach().clone()))
        return {"cider": 0.5}

    _, path = stage(tmp_path, evaluate=evaluate, epochs=2.0)
    assert len(seen) >= 2 and not any(training for training, _ in seen)
    saved = torch.load(path, weights_only=True)
    assert differing(torch, saved, whole) == []
    assert torch.equal(seen[-1][1], saved["vision.norm.weight"])
    assert sum("cider" in entry for entry in log_of(tmp_path)) == len(seen)


@pytest.mark.parametrize("bf16", [False, True])
def test_upper_stages_of_the_close_ups_can_be_tuned(
    torch: Any, tunable: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path, bf16: bool
) -> None:
    from roi_assistant.training.mini import region_stage

    model = tunable()
    config = region_stage.RegionStageConfig(epochs=0.2, regions_per_step=2, backbone_lr=1e-3, tuned_stage=4, bf16=bf16)
    half_way = {name: values for name, values in features.items() if not name.startswith("crop")}
    half_way["crop"] = features["crop4"]
    region_stage.train_regions(model, mix, [half_way], text_encoder, tmp_path, config)
    changed = differing(torch, model.state_dict(), tunable().state_dict())
    tuned = {name for name in changed if name.startswith("own_view_backbone.")}
    assert any(name.startswith("own_view_backbone.net.blocks.4") for name in tuned)
    assert "own_view_backbone.net.conv_head.weight" in tuned
    assert not any(name.startswith(f"own_view_backbone.net.blocks.{k}") for name in tuned for k in range(4))
    assert not any("bn" in name for name in tuned), "its statistics stay those of ImageNet"
    assert not any(name.startswith("backbone.") for name in changed), "the photo's cached features stay right"


def test_upper_stages_of_the_photos_can_be_tuned_too(
    torch: Any, tunable: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path
) -> None:
    from roi_assistant.training.mini import region_stage

    model = tunable()
    config = region_stage.RegionStageConfig(
        epochs=0.2,
        regions_per_step=2,
        backbone_lr=1e-3,
        tuned_stage=4,
        photo_stage=4,
        shift=1,
        erase=0.5,
        drop_path=0.2,
    )
    half_way = {name: values for name, values in features.items() if not name.startswith("crop")}
    half_way["crop"] = features["crop4"]
    with pytest.raises(ValueError, match="photo_stage"):
        region_stage.train_regions(model, mix, [half_way, half_way], text_encoder, tmp_path, config)
    half_way["img"] = features["img4"]
    region_stage.train_regions(model, mix, [half_way, half_way], text_encoder, tmp_path, config)
    changed = set(differing(torch, model.state_dict(), tunable().state_dict()))
    photos = {name for name in changed if name.startswith("backbone.")}
    assert "backbone.net.conv_head.weight" in photos
    assert all(name.startswith(("backbone.net.blocks.4", "backbone.net.conv_head")) for name in photos)
    assert any(name.startswith("own_view_backbone.") for name in changed)


def test_photos_go_through_the_rest_of_their_backbone(torch: Any, new_model: Any, mix: Any, features: Any) -> None:
    from roi_assistant.training.mini import region_stage

    model = new_model().eval()
    samples = [region_stage.Sample(5, (mix.corpus.photos[5].first_region,), 0, ())]
    with torch.inference_mode():
        fine, coarse, pooled = _rest_of_photos(torch, model, features)
        whole = region_stage.FeatureSource([features | {"img4": fine, "img5": coarse, "imgh": pooled}])
        others = {name: values for name, values in features.items() if not name.startswith("img")}
        half_way = region_stage.FeatureSource([others | {"img": features["img4"]}], photo_stage=4)
        for one, other in zip(
            region_stage.encode_vision(model, whole.batch(samples)),
            region_stage.encode_vision(model, half_way.batch(samples)),
            strict=True,
        ):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-4)


def _rest_of_photos(torch: Any, model: Any, features: dict[str, np.ndarray]) -> list[np.ndarray]:
    found = model.backbone.from_stage(torch.from_numpy(features["img4"].astype(np.float32)), 4)
    return [values.numpy() for values in (*found.levels, found.pooled)]


def test_blocks_are_dropped_in_training_alone(torch: Any, new_model: Any) -> None:
    from roi_assistant.models.gpt4roi.backbone import PyramidBackbone
    from roi_assistant.training.mini import region_stage

    model = new_model()
    model.backbone = PyramidBackbone("tf_efficientnet_lite0", (4, 6))
    region_stage.drop_blocks(model.backbone, 5, 0.5)
    rates = [block.drop_path.drop_prob for stage in model.backbone.net.blocks[5:] for block in stage]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    pixels = torch.randn(4, 3, 64, 64)
    model.eval()
    assert torch.equal(model.backbone(pixels).pooled, model.backbone(pixels).pooled)
    region_stage._train_mode(model)
    one, other = model.backbone(pixels), model.backbone(pixels)
    assert torch.equal(one.levels[0], other.levels[0]), "the stages before are whole"
    assert not torch.equal(one.pooled, other.pooled)
    assert not model.backbone.net.bn1.training


def test_batch_takes_features_of_the_pass_of_each_sample(torch: Any, features: Any, mix: Any) -> None:
    from roi_assistant.training.mini.region_stage import FeatureSource, Sample

    other = {name: values + 1 for name, values in features.items()}
    row = mix.corpus.photos[3].first_region
    batch = FeatureSource([features, other]).batch([Sample(3, (row,), 0, (), cached) for cached in (1, 0)])
    for values, order in ((batch.image.pooled, batch.image_order), (batch.boxes, batch.region_order)):
        second, first = values[order]
        torch.testing.assert_close(second, first + 1, rtol=1e-3, atol=1e-3)


def test_a_backbone_that_photos_share_is_not_tuned(stage: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="own_view_backbone"):
        stage(tmp_path, backbone_lr=1e-3)


def test_tuning_needs_close_ups_half_way_through_their_backbone(
    torch: Any, tunable: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path
) -> None:
    from roi_assistant.training.mini import region_stage

    config = region_stage.RegionStageConfig(epochs=0.2, regions_per_step=2, backbone_lr=1e-3)
    with pytest.raises(ValueError, match="half-way"):
        region_stage.train_regions(tunable(), mix, [features], text_encoder, tmp_path, config)


def test_only_the_photos_asked_for_are_shown(
    new_model: Any, mix: Any, features: Any, text_encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.mini import region_stage

    shown: set[int] = set()
    batch = region_stage.FeatureSource.batch

    def watch(source: Any, samples: Sequence[Any]) -> Any:
        shown.update(sample.photo for sample in samples)
        return batch(source, samples)

    monkeypatch.setattr(region_stage.FeatureSource, "batch", watch)
    config = region_stage.RegionStageConfig(epochs=0.2, regions_per_step=2)
    region_stage.train_regions(new_model(), mix, [features], text_encoder, tmp_path / "run", config)
    train = {index for index, photo in enumerate(mix.corpus.photos) if photo.split == "train"}
    assert shown and shown <= train, "val photos are never trained on"
