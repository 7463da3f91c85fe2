"""The published architecture: its keys, what it reads of CLIP, where features go, and what it learns from."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.errors import BadInputError, RegionReferenceError
from tests.unit import tiny_gpt4roi as tiny

BOXES = (Box(1, 2, 20, 30), Box(10, 5, 50, 35), Box(0, 0, 60, 40))


@pytest.fixture(scope="module")
def model(torch: Any) -> Any:
    return tiny.model()


@pytest.fixture(scope="module")
def processor(torch: Any) -> Any:
    return tiny.processor()


def inputs(processor: Any, text: str) -> Any:
    return processor.conversation([Turn("user", text)], boxes=BOXES, width=60, height=40)


# Sizes and names.


def test_the_seven_billion_model_has_the_published_tensors(torch: Any, shared: Path) -> None:
    from roi_assistant.models.gpt4roi.checkpoint_shapes import delta_shapes
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    path = shared / "parity" / "gpt4roi7b_expected_keys.json"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    expected = {name: tuple(shape) for name, shape in json.loads(path.read_text()).items()}
    assert delta_shapes(Gpt4RoiReferenceConfig()) == expected
    assert len(expected) == 368


def test_the_seven_billion_model_has_the_published_size(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.checkpoint_shapes import delta_shapes, is_rotary
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    config = Gpt4RoiReferenceConfig()
    assert config.level_states == (14, 17, 20, 23)
    assert config.image_tokens == 256
    assert config.region_config.level_sizes == (128, 64, 32, 16)
    shapes = delta_shapes(config)
    assert len(shapes) == 368 and sum(map(is_rotary, shapes)) == 32
    sizes = {name: torch.Size(shape).numel() for name, shape in shapes.items() if not is_rotary(name)}
    assert sum(sizes.values()) == 7_041_806_080
    assert sum(size for name, size in sizes.items() if "spi_module" in name) == 299_142_912


def test_thirteen_billion_widths(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.checkpoint_shapes import model_shapes
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig, llama_sizes

    sizes = llama_sizes(width=5120, layers=40, heads=40, inner_width=13824)
    shapes = model_shapes(Gpt4RoiReferenceConfig(text_config=sizes))
    assert shapes["model.spi_module.roi_align.updims.weight"] == (5120, 1024)
    assert shapes["model.mm_projector.weight"] == (5120, 1024)
    assert shapes["model.layers.39.mlp.down_proj.weight"] == (5120, 13824)


def test_levels_must_fit_the_vision_transformer(torch: Any) -> None:
    with pytest.raises(ValueError, match="too few"):
        tiny.config(level_step=3)


def test_configuration_comes_back(torch: Any, tmp_path: Path) -> None:
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    config = tiny.config()
    config.save_pretrained(tmp_path)
    again = Gpt4RoiReferenceConfig.from_pretrained(tmp_path)
    assert again.to_dict() == config.to_dict()
    assert again.region_config == config.region_config
    assert again.text_config.num_hidden_layers == 2


def test_weights_come_back_from_safetensors(torch: Any, model: Any, tmp_path: Path) -> None:
    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file() and not list(tmp_path.glob("*.bin"))
    again = Gpt4RoiForConditionalGeneration.from_pretrained(tmp_path)
    assert again.config._attn_implementation == "sdpa"
    for (name, loaded), (other, expected) in zip(again.state_dict().items(), model.state_dict().items(), strict=True):
        assert name == other
        assert torch.equal(loaded, expected), name
    torch.testing.assert_close(again.model.rotary_emb.inv_freq, model.model.rotary_emb.inv_freq)


def test_fresh_weights_have_the_published_spread(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

    torch.manual_seed(1)
    fresh = Gpt4RoiForConditionalGeneration(tiny.config()).requires_grad_(False)
    region = fresh.model.spi_module
    assert float(region.roi_align.pconvs[0].weight.std()) == pytest.approx(0.01, rel=0.1)
    fan_out = 16 * 9
    assert float(region.mlvl_fuse.fuse_convs[0].conv.weight.std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.1)
    assert float(region.roi_align.updims.weight.std()) == pytest.approx(0.02, rel=0.2)
    assert float(region.mlvl_fuse.input_conv[0].weight.abs().max()) == pytest.approx(18**-0.5, rel=0.1)
    assert float(region.roi_align.updims.bias.abs().max()) == 0


# What goes through it.


def test_reads_the_states_that_clip_gives(torch: Any, model: Any, processor: Any) -> None:
    pixels = processor.pixels(tiny.photo())[None]
    expected = model.vision_tower(pixels, output_hidden_states=True).hidden_states
    assert len(expected) == 6
    states = model.vision_states(pixels)
    assert model.config.level_states == (1, 2, 3, 4)
    for state, number in zip(states, (1, 2, 3, 4), strict=True):
        torch.testing.assert_close(state, expected[number][:, 1:])


def test_features_replace_the_embeddings_at_their_places(torch: Any, model: Any, processor: Any) -> None:
    given = inputs(processor, "<region2> and <region1>")
    assert given.regions == (1, 0)
    pixels = processor.pixels(tiny.photo())[None]
    features = model.encode_image(pixels)
    (regions,) = model.encode_regions(features.maps, [given.boxes])
    ids = torch.tensor([given.input_ids])
    embeddings = model.embed(ids, image=features.tokens, regions=[regions])[0]
    words = model.get_input_embeddings()(ids)[0]
    patches, boxes = ids[0] == processor.tokenizer.added["<im_patch>"], ids[0] == processor.tokenizer.added["<bbox>"]
    torch.testing.assert_close(embeddings[patches], features.tokens[0])
    torch.testing.assert_close(embeddings[boxes], regions)
    torch.testing.assert_close(embeddings[~patches & ~boxes], words[~patches & ~boxes])
    assert int(patches.sum()) == 4 and int(boxes.sum()) == 2
    second = processor.relative_boxes([BOXES[1]], width=60, height=40)
    own = model.model.spi_module(model.vision_states(pixels), [second])[0]
    torch.testing.assert_close(embeddings[boxes][:1], own)


def test_number_of_boxes_must_fit_the_text(torch: Any, model: Any, processor: Any) -> None:
    given = inputs(processor, "<region2> and <region1>")
    ids = torch.tensor([given.input_ids])
    pixels = processor.pixels(tiny.photo())[None]
    with pytest.raises(RegionReferenceError, match="2 boxes, but 1 were given"):
        model(input_ids=ids, pixel_values=pixels, boxes=[given.boxes[:1]])
    with pytest.raises(RegionReferenceError, match="2 boxes, but 0 were given"):
        model(input_ids=ids, pixel_values=pixels)
    one, none = inputs(processor, "<region1>"), inputs(processor, "a nothing")
    both = torch.tensor([[*row.input_ids, *[0] * 9][: len(one.input_ids)] for row in (one, none)])
    with pytest.raises(RegionReferenceError, match="Text 1 of 2 has places for 1 boxes, but 0 were given"):
        model(input_ids=both, pixel_values=pixels.expand(2, -1, -1, -1), boxes=[none.boxes, one.boxes])
    with pytest.raises(RegionReferenceError, match="Text 2 of 2 has places for 0 boxes, but 1 were given"):
        model(input_ids=both, pixel_values=pixels.expand(2, -1, -1, -1), boxes=[one.boxes, one.boxes])
    with pytest.raises(BadInputError, match="Text 2 of 2 has places for 4 image tokens, but 0"):
        model(input_ids=both, pixel_values=pixels, boxes=[one.boxes])
    with pytest.raises(BadInputError, match="4 image tokens, but 0"):
        model(input_ids=torch.tensor([inputs(processor, "a").input_ids]))
    with pytest.raises(RegionReferenceError, match="2 boxes, but 3"):
        processor.check_counts(given.input_ids, 3)


def test_a_batch_equals_its_rows(torch: Any, model: Any, processor: Any) -> None:
    """Rows of different pictures, lengths and numbers of boxes, one without any."""
    texts = ("a short <region1>?", "what of <region3> and <region2>?", "nothing")
    rows = [inputs(processor, text) for text in texts]
    photos = torch.stack([processor.pixels(tiny.photo(seed=k)) for k in range(3)])
    width = max(len(row.input_ids) for row in rows)
    ids = torch.tensor([list(row.input_ids) + [0] * (width - len(row.input_ids)) for row in rows])
    mask = torch.tensor([[1] * len(row.input_ids) + [0] * (width - len(row.input_ids)) for row in rows])
    together = model(input_ids=ids, attention_mask=mask, pixel_values=photos, boxes=[row.boxes for row in rows]).logits
    for number, row in enumerate(rows):
        alone = model(
            input_ids=torch.tensor([row.input_ids]), pixel_values=photos[number : number + 1], boxes=[row.boxes]
        ).logits[0]
        torch.testing.assert_close(together[number, : len(alone)], alone, rtol=0, atol=1e-4)


def test_loss_is_of_the_labels_only(torch: Any, model: Any, processor: Any) -> None:
    given = inputs(processor, "a <region1>")
    ids = torch.tensor([given.input_ids])
    labels = torch.full_like(ids, -100)
    labels[0, -2:] = ids[0, -2:]
    output = model(input_ids=ids, pixel_values=processor.pixels(tiny.photo())[None], boxes=[given.boxes], labels=labels)
    expected = -torch.log_softmax(output.logits[0, -3:-1], -1).gather(1, ids[0, -2:, None]).mean()
    torch.testing.assert_close(output.loss, expected)


def test_everything_but_the_last_vision_block_learns(torch: Any, processor: Any) -> None:
    learning = tiny.model().train()
    learning.requires_grad_(True)
    learning.activation_checkpointing_enable({"use_reentrant": False})
    given = inputs(processor, "a <region1>")
    ids = torch.tensor([given.input_ids])
    learning(
        input_ids=ids, pixel_values=processor.pixels(tiny.photo())[None], boxes=[given.boxes], labels=ids
    ).loss.backward()
    idle = {name for name, parameter in learning.named_parameters() if parameter.grad is None}
    assert all(name.startswith(("vision_tower.encoder.layers.4.", "vision_tower.post_layernorm.")) for name in idle)
    assert float(learning.model.spi_module.roi_align.flatten_linear.weight.grad.abs().max()) > 0


# Pictures and boxes.


@pytest.mark.parametrize("size", [(60, 40), (37, 91), (28, 28), (400, 20), (13, 9)])
def test_pixels_are_those_of_the_published_demo(torch: Any, processor: Any, size: tuple[int, int]) -> None:
    """The library's own CLIP processor without the crop, then bilinear to the square."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    photo = tiny.photo(*size)
    clip = CLIPImageProcessorPil(size={"shortest_edge": 28}, do_center_crop=False)
    prepared = clip(photo, return_tensors="pt")["pixel_values"]
    expected = torch.nn.functional.interpolate(prepared, size=(28, 28), mode="bilinear", align_corners=False)[0]
    torch.testing.assert_close(processor.pixels(photo), expected, rtol=0, atol=1e-5)


def test_a_line_of_pixels_takes_no_gigabytes(torch: Any, processor: Any) -> None:
    from PIL import Image

    tracemalloc.start()
    for size in ((60_000, 1), (1, 60_000)):
        pixels = processor.pixels(Image.new("RGB", size, (200, 0, 0)))
        assert pixels.shape == (3, 28, 28) and float(pixels.std((1, 2)).max()) < 1e-5
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_boxes_are_fractions_of_the_picture(torch: Any, processor: Any) -> None:
    boxes = processor.relative_boxes([Box(6, 10, 30, 40)], width=60, height=40)
    torch.testing.assert_close(boxes, torch.tensor([[0.1, 0.25, 0.5, 1.0]]))
    assert processor.relative_boxes([], width=60, height=40).shape == (0, 4)


def test_processor_comes_back(torch: Any, processor: Any, tmp_path: Path) -> None:
    from roi_assistant.errors import ModelFileError
    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor

    processor.save_pretrained(tmp_path)
    again = Gpt4RoiProcessor.from_pretrained(tmp_path)
    assert again.shared_ids() == processor.shared_ids()
    assert torch.equal(again.pixels(tiny.photo()), processor.pixels(tiny.photo()))
    (tmp_path / "processor_config.json").write_text('{"color": 1}')
    with pytest.raises(ModelFileError, match=r"processor_config\.json"):
        Gpt4RoiProcessor.from_pretrained(tmp_path)


def test_every_conversation_begins_with_the_shared_ids(torch: Any, processor: Any) -> None:
    shared_ids = processor.shared_ids()
    assert shared_ids[0] == 1 and shared_ids[-1] == processor.tokenizer.added["<im_end>"]
    for text in ("a", "<region1>", "  provides"):
        assert inputs(processor, text).input_ids[: len(shared_ids)] == shared_ids
