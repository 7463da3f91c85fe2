"""Backbone features of two small corpora, cached by the real stage."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageStat

from roi_assistant.imaging.views import image_view, region_view, region_window, to_network

Cache = Callable[..., dict[str, np.ndarray]]


@pytest.fixture
def cache(torch: Any, corpus: Any, new_model: Any, tmp_path: Path) -> Cache:
    """``cache(name, jitter=...)``: the arrays of one run of the stage."""
    from roi_assistant.models.gpt4roi.export_onnx import export_graph
    from roi_assistant.training.mini.features import FeatureJob, cache_features

    vision = export_graph("vision", new_model(), tmp_path / "vision.onnx")

    def run(name: str, **changes: Any) -> dict[str, np.ndarray]:
        folder = tmp_path / name
        job = FeatureJob(
            corpus.flickr.root, tuple(each.root for each in corpus.general), vision, folder, 64, 64, **changes
        )
        cache_features(job, workers=1)
        return {path.stem: np.load(path) for path in folder.glob("*.npy")}

    return run


def test_features_are_those_of_the_photo_and_of_each_close_up(
    torch: Any, cache: Cache, corpus: Any, new_model: Any
) -> None:
    arrays, model = cache("plain"), new_model().eval()
    for index in (0, len(corpus.photos) - 1):
        photo = corpus.photos[index]
        image = corpus.picture(photo)
        row, box = photo.first_region + 1, photo.human.regions[1].box
        window = region_window(box, width=image.width, height=image.height)
        for names, place, view in (
            (("img4", "img5", "imgh"), index, image_view(image, size=64)),
            (("crop4", "crop5", "croph"), row, region_view(image, window, size=64)),
        ):
            with torch.inference_mode():
                found = model.backbone(torch.from_numpy(to_network(view[None])))
            for name, expected in zip(names, (*found.levels, found.pooled), strict=True):
                np.testing.assert_allclose(arrays[name][place], expected[0].numpy(), rtol=0, atol=0.01, err_msg=name)
        width, height = photo.human.width, photo.human.height
        np.testing.assert_allclose(arrays["boxes"][row] * (width, height, width, height), box.xyxy, rtol=1e-5)


def test_pictures_stop_before_the_tuned_stage_and_go_on_from_there(
    torch: Any, cache: Cache, corpus: Any, new_model: Any
) -> None:
    plain, half, model = cache("plain"), cache("half", view_stage=3, photo_stage=4), new_model().eval()
    assert set(half) == {"boxes", "cbox", "crop", "img"}
    for array, stage in (("crop", 3), ("img", 4)):
        with torch.inference_mode():
            found = model.backbone.from_stage(torch.from_numpy(half[array].astype(np.float32)), stage)
        for name, expected in zip(("4", "5", "h"), (*found.levels, found.pooled), strict=True):
            np.testing.assert_allclose(plain[array + name], expected.numpy(), rtol=0, atol=0.02, err_msg=array + name)


def test_only_training_photos_are_shaken_and_relit(torch: Any, cache: Cache, corpus: Any) -> None:
    plain, shaken = cache("plain"), cache("shaken", jitter=0.1, light=0.3, seed=1)
    again, other = cache("again", jitter=0.1, light=0.3, seed=1), cache("other", jitter=0.1, light=0.3, seed=2)
    for index, photo in enumerate(corpus.photos):
        rows = slice(photo.first_region, photo.first_region + len(photo.human.regions))
        np.testing.assert_array_equal(shaken["boxes"][rows], again["boxes"][rows])
        moved = np.abs(shaken["boxes"][rows] - plain["boxes"][rows])
        if photo.split == "val":
            assert not moved.any() and np.array_equal(shaken["img4"][index], plain["img4"][index])
            continue
        assert moved.any() and not np.array_equal(shaken["img4"][index], plain["img4"][index])
        sides = plain["boxes"][rows][:, [2, 3, 2, 3]] - plain["boxes"][rows][:, [0, 1, 0, 1]]
        assert (moved <= 0.1 * sides + 1e-6).all()
        assert not np.array_equal(shaken["boxes"][rows], other["boxes"][rows])


def test_light_changes_brightness_within_its_bounds() -> None:
    from roi_assistant.training.mini.augment import relit

    image = Image.new("RGB", (8, 8), (100, 120, 140))
    levels = [ImageStat.Stat(relit(image, 0.2, random.Random(seed))).mean[1] for seed in range(40)]
    assert 90 < min(levels) < 105 and 130 < max(levels) < 150
    assert relit(image, 0.0, random.Random(0)).tobytes() == image.tobytes()


def test_colors_are_measured_before_the_light_changes(torch: Any, cache: Cache, tmp_path: Path) -> None:
    from roi_assistant.training.mini.photo_cache import load_colors

    cache("plain")
    cache("relit", jitter=0.1, light=0.9, seed=3)
    assert load_colors(tmp_path / "plain") == load_colors(tmp_path / "relit")
