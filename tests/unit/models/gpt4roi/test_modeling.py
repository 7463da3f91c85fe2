"""The model around the region module: its configuration, its features, and how they enter the text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.prompts import BOX, IMAGE_PATCH
from roi_assistant.errors import ModelFileError


@pytest.fixture(scope="module")
def model(build: Callable[..., Any]) -> Any:
    return build().requires_grad_(False)


# The configuration.


def test_configuration_survives_its_file(tiny_config: Any, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for config in (tiny_config, dataclasses.replace(tiny_config, view=None), type(tiny_config)()):
        path.write_text(config.to_json(), encoding="utf-8")
        loaded = type(config).load(path)
        assert loaded == config
        assert isinstance(loaded.region.level_sizes, tuple) and isinstance(loaded.stage_channels, tuple)


def test_numbers_of_tokens(tiny_config: Any) -> None:
    assert tiny_config.image_tokens == 2 * 2 + 1
    assert tiny_config.region_tokens == 2 + 1 + 1
    assert dataclasses.replace(tiny_config, view=None, image_grid=3).image_tokens == 10
    assert dataclasses.replace(tiny_config, view=None).region_tokens == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.update(wings=2),
        lambda data: data["region"].update(wings=2),
        lambda data: data["view"].update(wings=2),
        lambda data: data["language"].update(wings=2),
        lambda data: data.pop("region"),
        lambda data: data.pop("language"),
    ],
)
def test_configuration_of_another_version(damage: Callable[[Any], Any], tiny_config: Any) -> None:
    data = json.loads(tiny_config.to_json())
    damage(data)
    with pytest.raises(ModelFileError, match=r"does not fit this version of RoI Assistant: .*(wings|region|language)"):
        type(tiny_config).from_dict(data)


def test_heads_without_those_before_them_are_refused(tiny_config: Any) -> None:
    data = json.loads(tiny_config.to_json()) | {"attribute_values": 8}
    with pytest.raises(ModelFileError, match="needs categories too"):
        type(tiny_config).from_dict(data)
    config = type(tiny_config).from_dict(data | {"categories": 3, "phrase_ngrams": 9})
    assert config.classes == (3, 8, 9)
    with pytest.raises(ModelFileError, match="needs attribute_values too"):
        type(tiny_config).from_dict(json.loads(tiny_config.to_json()) | {"categories": 3, "phrase_ngrams": 9})


# The backbone.


def test_pyramid_has_the_stages_asked_for(torch: Any, model: Any) -> None:
    with torch.inference_mode():
        features = model.backbone(torch.rand(2, 3, 96, 64) * 2 - 1)
    assert [tuple(level.shape) for level in features.levels] == [(2, 112, 6, 4), (2, 320, 3, 2)]
    assert features.pooled.shape == (2, 1280)
    assert all(level.std() > 1e-3 for level in (*features.levels, features.pooled))


def test_pyramid_goes_on_from_cached_features(torch: Any, model: Any) -> None:
    """What tuning the last stages relies on."""
    with torch.inference_mode():
        whole = model.backbone(torch.rand(2, 3, 64, 64) * 2 - 1)
        rest = model.backbone.from_stage(whole.levels[0], 5)
    assert len(rest.levels) == 2
    for left, right in zip((*whole.levels, whole.pooled), (*rest.levels, rest.pooled), strict=True):
        torch.testing.assert_close(left, right, rtol=0, atol=0)


def test_backbone_weights_of_the_other_implementation(torch: Any, tmp_path: Path) -> None:
    import timm

    from roi_assistant.models.gpt4roi.backbone import imagenet_backbone_state

    state = timm.create_model("tf_efficientnet_lite2", pretrained=False).state_dict()
    other = {f"_other.{number}": value + number for number, value in enumerate(state.values())}
    path = tmp_path / "weights"
    torch.save(other, path)
    renamed = imagenet_backbone_state(str(path))
    assert list(renamed) == list(state)
    assert all(torch.equal(left, right) for left, right in zip(renamed.values(), other.values(), strict=True))
    name = list(state)[3]
    torch.save({**other, "_other.3": torch.zeros(7, 7)}, path)
    with pytest.raises(ValueError, match=rf"{name} should have shape .* the file has \(7, 7\)"):
        imagenet_backbone_state(str(path))
    other.popitem()
    torch.save(other, path)
    with pytest.raises(ValueError):
        imagenet_backbone_state(str(path))


# Image and region tokens.


@pytest.mark.parametrize(("size", "grid"), [(9, 2), (8, 2), (7, 3), (5, 5), (4, 1)])
def test_grid_means_are_adaptive_pooling(size: int, grid: int, torch: Any) -> None:
    from roi_assistant.models.gpt4roi.modeling import _grid_means

    x = torch.randn(2, 3, size, size, dtype=torch.float64)
    torch.testing.assert_close(_grid_means(x, grid), torch.nn.functional.adaptive_avg_pool2d(x, grid))


def test_image_tokens_are_the_grid_row_by_row_then_the_whole(torch: Any, model: Any) -> None:
    from roi_assistant.models.gpt4roi.backbone import Features

    coarse = torch.zeros(1, 320, 4, 4)
    coarse[:, :, :2, 2:] = torch.randn(320)[:, None, None]  # the upper right quarter
    empty, filled = (
        model.vision.image_tokens(Features((torch.zeros(1, 112, 8, 8), c), torch.ones(1, 1280)))[0]
        for c in (torch.zeros_like(coarse), coarse)
    )
    assert filled.shape == (5, 32)
    changed = (filled - empty).abs().amax(1) > 1e-4
    assert changed.tolist() == [False, True, False, False, False]
    other = model.vision.image_tokens(Features((torch.zeros(1, 112, 8, 8), coarse), torch.randn(1, 1280)))[0]
    assert ((other - filled).abs().amax(1) > 1e-4).tolist() == [False, False, False, False, True]


def test_region_tokens_depend_on_their_own_photo_box_and_close_up(torch: Any, model: Any) -> None:
    from roi_assistant.models.gpt4roi.backbone import Features

    generator = torch.Generator().manual_seed(3)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    maps = model.vision.region.fuse((draw(2, 112, 6, 6), draw(2, 320, 3, 3)))
    boxes = torch.tensor([[0.1, 0.1, 0.6, 0.7], [0.2, 0.0, 0.9, 1.0], [0.5, 0.5, 0.8, 0.6]])
    inside = torch.tensor([[0.1, 0.1, 0.9, 0.9], [0.0, 0.2, 1.0, 0.8], [0.2, 0.2, 0.7, 0.8]])
    photo = torch.tensor([0, 1, 1])
    view = Features((draw(3, 112, 4, 4), draw(3, 320, 2, 2)), draw(3, 1280))
    tokens = model.vision.region_tokens(maps, boxes, photo, view, inside)
    assert tokens.shape == (3, 4, 32)
    for k in range(3):
        own = Features(tuple(level[k : k + 1] for level in view.levels), view.pooled[k : k + 1])
        alone = model.vision.region_tokens(maps, boxes[k : k + 1], photo[k : k + 1], own, inside[k : k + 1])
        torch.testing.assert_close(alone[0], tokens[k])
    # Two tokens of the photo, one of the close-up's map, one of its pooled vector.
    moved = model.vision.region_tokens(maps, boxes * 0.5, photo, view, inside)
    assert ((moved - tokens).abs().amax((0, 2)) > 1e-4).tolist() == [True, True, False, False]
    moved = model.vision.region_tokens(maps, boxes, photo, view, inside * 0.5)
    assert ((moved - tokens).abs().amax((0, 2)) > 1e-4).tolist() == [False, False, True, False]


def test_model_without_close_ups(torch: Any, tiny_config: Any, build: Callable[..., Any]) -> None:
    model = build(config=dataclasses.replace(tiny_config, view=None)).requires_grad_(False)
    maps = model.vision.region.fuse((torch.randn(1, 112, 6, 6), torch.randn(1, 320, 3, 3)))
    box = torch.tensor([[0.1, 0.1, 0.6, 0.7]])
    tokens = model.vision.region_tokens(maps, box, torch.tensor([0]), None, box)
    assert tokens.shape == (1, 2, 32)


# The text.


def places(token_ids: dict[str, int]) -> tuple[int, int]:
    return token_ids[IMAGE_PATCH], token_ids[BOX]


def test_embeddings_enter_at_their_places_in_order(torch: Any, model: Any, token_ids: dict[str, int]) -> None:
    p, b = places(token_ids)
    ids = torch.tensor([[1, p, p, 20, b, 21], [1, 22, p, p, b, b]])
    image = torch.arange(4 * 32.0).reshape(2, 2, 32)
    regions = -torch.arange(1.0, 3 * 32 + 1).reshape(3, 1, 32)
    embeddings = model.embed(ids, image=image, regions=regions)
    words = model.language.get_input_embeddings().weight
    expected = torch.stack(
        [
            torch.stack([words[1], image[0, 0], image[0, 1], words[20], regions[0, 0], words[21]]),
            torch.stack([words[1], words[22], image[1, 0], image[1, 1], regions[1, 0], regions[2, 0]]),
        ]
    )
    torch.testing.assert_close(embeddings, expected, rtol=0, atol=0)


def test_text_without_regions(torch: Any, model: Any, token_ids: dict[str, int]) -> None:
    p, _ = places(token_ids)
    image = torch.randn(1, 1, 32)
    embeddings = model.embed(torch.tensor([[1, p, 20]]), image=image, regions=torch.zeros(0, 4, 32))
    torch.testing.assert_close(embeddings[0, 1], image[0, 0], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("images", "regions", "message"),
    [
        (1, 2, "places for 2 image embeddings, 1 were given"),
        (3, 2, "places for 2 image embeddings, 3 were given"),
        (2, 1, "places for 2 region embeddings, 1 were given"),
        (2, 3, "places for 2 region embeddings, 3 were given"),
        (2, 0, "places for 2 region embeddings, 0 were given"),
    ],
)
def test_numbers_of_embeddings_must_match(
    images: int, regions: int, message: str, torch: Any, model: Any, token_ids: dict[str, int]
) -> None:
    p, b = places(token_ids)
    ids = torch.tensor([[1, p, p, b, b, 20]])
    with pytest.raises(ValueError, match=message):
        model.embed(ids, image=torch.zeros(images, 1, 32), regions=torch.zeros(regions, 1, 32))


def test_dropout_only_while_training(torch: Any, tiny_config: Any, build: Callable[..., Any], token_ids: Any) -> None:
    p, b = places(token_ids)
    model = build(config=dataclasses.replace(tiny_config, dropout=0.5))
    arguments = {"image": torch.ones(1, 1, 32), "regions": torch.ones(1, 1, 32)}
    ids = torch.tensor([[p, b]])
    assert (model.embed(ids, **arguments) == 1).all()
    model.train()
    dropped = model.embed(ids, **arguments)
    assert set(dropped.flatten().tolist()) == {0.0, 2.0}


def test_words_share_one_table(model: Any) -> None:
    assert model.language.lm_head.weight is model.language.get_input_embeddings().weight
