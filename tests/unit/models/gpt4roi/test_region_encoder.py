"""The region module against outputs of the published one, and against values computed by hand."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CASES = ("one_image_three_boxes", "two_images_2_and_5", "degenerate", "full_image", "empty_and_three")
SMALL: dict[str, Any] = {
    "input_channels": (5, 6),
    "level_sizes": (8, 4),
    "width": 8,
    "groups": 2,
    "roi_size": 3,
    "flatten_width": 12,
    "position_width": 6,
    "output_width": 10,
    "fusion_rounds": 2,
}


@pytest.fixture(scope="module")
def encoders(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi import region_encoder

    return region_encoder


@pytest.fixture(scope="module")
def parity(shared: Path) -> Path:
    folder = shared / "parity"
    if not folder.is_dir():
        pytest.skip(f"needs the reference outputs in {folder}")
    return folder


@pytest.fixture(scope="module")
def recipe(parity: Path) -> Any:
    """The module that makes weights and inputs from names."""
    spec = importlib.util.spec_from_file_location("parity_recipe", parity / "recipe.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(module.CASES) == set(CASES)
    return module


@pytest.fixture(scope="module")
def reference(parity: Path) -> Any:
    with np.load(parity / "lite_embed64.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def filled(encoders: Any, recipe: Any) -> Any:
    encoder = encoders.RegionEncoder(encoders.RegionEncoderConfig(input_channels=(64,) * 4, width=64))
    recipe.fill(encoder)
    return encoder.eval()


def case_inputs(torch: Any, recipe: Any, case: str) -> tuple[list[Any], list[Any]]:
    boxes = [torch.tensor(b, dtype=torch.float32).reshape(-1, 4) for b in recipe.CASES[case]]
    return [torch.from_numpy(level) for level in recipe.feats(case, len(boxes), 64)], boxes


# The published module.


@pytest.mark.parametrize("case", CASES)
def test_equals_the_published_module(case: str, torch: Any, recipe: Any, reference: Any, filled: Any) -> None:
    levels, boxes = case_inputs(torch, recipe, case)
    steps: dict[str, Any] = {}
    hooks = [
        getattr(filled.roi_align, name).register_forward_hook(lambda _m, _i, out, name=name: steps.update({name: out}))
        for name in ("pos_embedd", "flatten_linear")
    ]
    with torch.inference_mode():
        outputs = filled(levels, boxes)
    for hook in hooks:
        hook.remove()
    assert len(outputs) == len(boxes)
    for number, output in enumerate(outputs):
        np.testing.assert_array_equal(boxes[number].numpy(), reference[f"{case}/boxes{number}"])
        np.testing.assert_allclose(output.numpy(), reference[f"{case}/out{number}"], rtol=0, atol=2e-5)
    for name, value in steps.items():
        np.testing.assert_allclose(value.numpy(), reference[f"{case}/mid_{name}.0"], rtol=0, atol=2e-5)


def test_published_widths_have_the_names_and_shapes_of_the_checkpoint(torch: Any, encoders: Any, parity: Path) -> None:
    listing = json.loads((parity / "gpt4roi7b_expected_keys.json").read_text(encoding="utf-8"))
    start = "model.spi_module."
    expected = {key.removeprefix(start): tuple(shape) for key, shape in listing.items() if key.startswith(start)}
    with torch.device("meta"):
        state = encoders.RegionEncoder(encoders.RegionEncoderConfig()).state_dict()
    assert len(expected) == 43
    assert {key: tuple(value.shape) for key, value in state.items()} == expected


@pytest.mark.parametrize(("output_width", "count"), [(4096, 299_142_912), (5120, 299_142_912 + 1024 * (1024 + 1))])
def test_number_of_parameters(output_width: int, count: int, torch: Any, encoders: Any) -> None:
    with torch.device("meta"):
        encoder = encoders.RegionEncoder(encoders.RegionEncoderConfig(output_width=output_width))
    assert sum(parameter.numel() for parameter in encoder.parameters()) == count


# By hand.


def small(torch: Any, encoders: Any, **changes: Any) -> Any:
    torch.manual_seed(1)
    encoder = encoders.RegionEncoder(encoders.RegionEncoderConfig(**{**SMALL, **changes})).eval()
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.normal_(std=0.5)
    return encoder.requires_grad_(False)


def small_levels(torch: Any, images: int = 2) -> list[Any]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(images, c, s, s, generator=generator) for c, s in ((5, 6), (6, 3))]


def test_input_convolution_commutes_with_upsampling(torch: Any, encoders: Any) -> None:
    encoder = small(torch, encoders, fusion_rounds=0)
    levels = small_levels(torch)
    for fused, level, conv, size in zip(
        encoder.fuse(levels), levels, encoder.mlvl_fuse.input_conv, SMALL["level_sizes"], strict=True
    ):
        large = torch.nn.functional.interpolate(level, size=(size, size), mode="bilinear", align_corners=True)
        ramp = torch.linspace(-1, 1, size)
        across, down = ramp.expand(2, 1, size, size), ramp[:, None].expand(2, 1, size, size)
        torch.testing.assert_close(fused, conv(torch.cat([large, across, down], 1)), rtol=0, atol=1e-5)


def test_levels_exchange_quarters_of_their_channels(torch: Any, encoders: Any) -> None:
    encoder = small(torch, encoders, input_channels=(2, 2, 2), level_sizes=(4, 2, 1), fusion_rounds=1)
    encoder.mlvl_fuse.fuse_convs[0] = torch.nn.Identity()
    for number, conv in enumerate(encoder.mlvl_fuse.input_conv):  # level l has the constant 10 l + c in channel c
        conv.weight.zero_()
        conv.bias.copy_(10 * number + torch.arange(8.0))
    maps = encoder.fuse([torch.randn(1, 2, size, size) for size in (4, 2, 1)])
    assert [tuple(m.shape) for m in maps] == [(1, 8, 4, 4), (1, 8, 2, 2), (1, 8, 1, 1)]
    # Half of its own, the last quarter of the coarser level, the third quarter of the finer one.
    expected = [
        [0.0, 1.0, 2.0, 3.0, 16.0, 17.0, 4.0, 5.0],
        [10.0, 11.0, 12.0, 13.0, 26.0, 27.0, 4.0, 5.0],
        [20.0, 21.0, 22.0, 23.0, 26.0, 27.0, 14.0, 15.0],
    ]
    for fused, channels in zip(maps, expected, strict=True):
        torch.testing.assert_close(fused, torch.tensor(channels)[None, :, None, None].expand_as(fused))


def test_pooling_reads_the_map_under_the_box(torch: Any, encoders: Any) -> None:
    """On a ramp a bin's mean is the ramp's value at its centre, half a cell being the centre of the first one."""
    encoder = small(torch, encoders, input_channels=(2,), level_sizes=(16,), roi_size=2, fusion_rounds=0)
    pooling = encoder.roi_align
    pooling.pconvs[0].weight.zero_()
    for channel in range(8):
        pooling.pconvs[0].weight[channel, channel, 1, 1] = 1.0
    pooling.pconvs[0].bias.zero_()
    seen: list[Any] = []
    hook = pooling.flatten_linear.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    columns = torch.arange(16.0).expand(1, 8, 16, 16).clone()
    columns[:, 1] = torch.arange(16.0)[:, None]  # channel 1 tells rows
    columns = torch.cat([columns, 100 + columns])  # the second image
    boxes = torch.tensor([[0.25, 0.5, 0.75, 0.75], [0.25, 0.5, 0.75, 0.75]])
    encoder.pool([columns], boxes, torch.tensor([0, 1]))
    hook.remove()
    bins = seen[0].unflatten(1, (8, 2, 2))
    # x: 4 ... 12 in two bins of 4, y: 8 ... 12 in two bins of 2.
    torch.testing.assert_close(bins[0, 0], torch.tensor([[5.5, 9.5], [5.5, 9.5]]))
    torch.testing.assert_close(bins[0, 1], torch.tensor([[8.5, 8.5], [10.5, 10.5]]))
    torch.testing.assert_close(bins[1, 0], torch.tensor([[105.5, 109.5], [105.5, 109.5]]))


def test_levels_are_summed(torch: Any, encoders: Any) -> None:
    encoder = small(torch, encoders)
    seen: list[Any] = []
    hook = encoder.roi_align.flatten_linear.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    constants = [torch.full((1, 8, 8, 8), 2.0), torch.full((1, 8, 4, 4), 3.0)]
    for conv, bias in zip(encoder.roi_align.pconvs, (0.25, 0.5), strict=True):
        conv.weight.zero_()
        conv.weight[:, :, 1, 1] = torch.eye(8)
        conv.bias.fill_(bias)
    encoder.pool(constants, torch.tensor([[0.1, 0.1, 0.9, 0.9]]), torch.tensor([0]))
    hook.remove()
    torch.testing.assert_close(seen[0], torch.full((1, 8 * 9), 2.0 + 3.0 + 0.25 + 0.5))


def test_fusing_once_and_pooling_equals_forward(torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders), small_levels(torch)
    boxes = [torch.tensor([[0.1, 0.2, 0.5, 0.9]]), torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.3, 0.1, 0.4, 0.2]])]
    maps = encoder.fuse(levels)
    pooled = encoder.pool(maps, torch.cat(boxes), torch.tensor([0, 1, 1]))
    assert pooled.shape == (3, 1, 10)
    first, second = encoder(levels, boxes)
    torch.testing.assert_close(torch.cat([first, second]), pooled[:, 0])
    alone = encoder.pool(maps, boxes[1][1:], torch.tensor([1]))
    torch.testing.assert_close(second[1:], alone[:, 0])  # a box does not depend on the others
    other = encoder([level.flip(0) for level in levels], boxes[::-1])
    torch.testing.assert_close(other[0], second)  # nor an image


def test_patch_tokens_are_the_map_row_by_row(torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders), small_levels(torch)
    boxes = [torch.tensor([[0.0, 0.5, 0.5, 1.0]]), torch.tensor([[0.5, 0.0, 1.0, 0.5]])]
    tokens = [torch.stack([level[:, :, y, x] for y in range(s) for x in range(s)], 1)
              for level, s in zip(levels, (6, 3), strict=True)]  # fmt: skip
    for as_map, as_tokens in zip(encoder(levels, boxes), encoder(tokens, boxes), strict=True):
        torch.testing.assert_close(as_map, as_tokens)


def test_several_tokens_per_box(torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders, tokens=3), small_levels(torch)
    boxes = [torch.tensor([[0.1, 0.2, 0.5, 0.9]]), torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.3, 0.1, 0.4, 0.2]])]
    first, second = encoder(levels, boxes)
    assert first.shape == (3, 10) and second.shape == (6, 10)
    flat = SMALL["flatten_width"]
    for token in range(3):
        single = small(torch, encoders)
        state = dict(encoder.state_dict())
        for name in ("weight", "bias"):
            key = f"roi_align.flatten_linear.{name}"
            state[key] = state[key][token * flat : (token + 1) * flat]
        single.load_state_dict(state)
        torch.testing.assert_close(torch.cat(single(levels, boxes)), torch.cat([first, second])[token::3])


@pytest.mark.parametrize("tokens", [1, 2])
def test_images_without_boxes(tokens: int, torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders, tokens=tokens), small_levels(torch)
    box, none = torch.tensor([[0.1, 0.2, 0.5, 0.9]]), torch.zeros(0, 4)
    first, second = encoder(levels, [none, box])
    assert first.shape == (0, 10) and second.shape == (tokens, 10)
    assert [part.shape for part in encoder(levels, [none, none])] == [(0, 10), (0, 10)]


def test_box_of_no_area_and_beyond_the_image_give_numbers(torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders), small_levels(torch, 1)
    (output,) = encoder(levels, [torch.tensor([[0.3, 0.3, 0.3, 0.3], [-0.2, -0.5, 1.4, 2.0]])])
    assert torch.isfinite(output).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level_sizes": (8, 4, 2)}, "the same number of levels"),
        ({"width": 6}, "multiple of 4 and of groups"),
        ({"width": 8, "groups": 3}, "multiple of 4 and of groups"),
    ],
)
def test_sizes_that_do_not_fit(changes: dict[str, Any], message: str, encoders: Any) -> None:
    with pytest.raises(ValueError, match=message):
        encoders.RegionEncoder(encoders.RegionEncoderConfig(**{**SMALL, **changes}))


def test_inputs_that_do_not_fit(torch: Any, encoders: Any) -> None:
    encoder, levels = small(torch, encoders), small_levels(torch, 1)
    box = [torch.tensor([[0.1, 0.2, 0.5, 0.9]])]
    with pytest.raises(ValueError, match="8 patch tokens do not form a square grid"):
        encoder([torch.randn(1, 8, 5), levels[1]], box)
    with pytest.raises(ValueError):
        encoder(levels[:1], box)
