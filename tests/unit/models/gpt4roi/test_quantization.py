"""Integer weights: how far from the real ones, in how much memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.errors import ModelFileError
from tests.unit import tiny_gpt4roi as tiny


@pytest.fixture(scope="module")
def loading(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi import loading

    return loading


@pytest.fixture(scope="module")
def folder(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    tiny.model().save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("bits", "largest"), [(8, 0.008), (4, 0.1)])
def test_weights_are_near(torch: Any, bits: Any, largest: float) -> None:
    """Relative error of normal weights, of the layer and of what it computes: 0.6 % and 9 % when this was written."""
    from roi_assistant.models.gpt4roi.quantization import quantized

    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(96, 256, generator=generator) * torch.rand(96, 1, generator=generator)
    x = torch.randn(50, 256, generator=generator)
    layer = quantized(weight, None, bits=bits, dtype=torch.float32)
    error = (layer.dequantized(torch.float32) - weight).norm() / weight.norm()
    assert 0.1 * largest < float(error) < largest
    expected = x @ weight.T
    assert float((layer(x) - expected).norm() / expected.norm()) < largest
    torch.testing.assert_close(layer(x), x @ layer.dequantized(torch.float32).T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bits", [8, 4])
def test_simple_weights_are_exact(torch: Any, bits: Any) -> None:
    from roi_assistant.models.gpt4roi.quantization import quantized

    steps = torch.arange(16.0).repeat(3, 4) * torch.tensor([[1.0], [-2.0], [0.0]])
    bias = torch.tensor([1.0, 2.0, 3.0])
    layer = quantized(steps, bias, bits=bits, dtype=torch.float32)
    tolerance = 0.13 if bits == 8 else 1e-5
    torch.testing.assert_close(layer.dequantized(torch.float32), steps, rtol=0, atol=tolerance)
    torch.testing.assert_close(layer(torch.zeros(2, 64)), bias.expand(2, 3))
    assert len(layer.state_dict()["packed" if bits == 4 else "weight"].flatten()) == steps.numel() // (8 // bits)


def test_odd_inputs_cannot_be_packed(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.quantization import quantized

    with pytest.raises(ValueError, match="in pairs"):
        quantized(torch.ones(2, 33), None, bits=4, dtype=torch.float32)


@pytest.mark.parametrize(("precision", "likeness"), [("int8", 0.999), ("int4", 0.85), ("bf16", 0.999)])
def test_whole_model_stays_near(torch: Any, loading: Any, folder: Path, precision: Any, likeness: float) -> None:
    """Cosine of the logits; narrow random layers suffer far more than wide trained ones."""
    processor = tiny.processor()
    given = processor.conversation([Turn("user", "what is <region1>?")], boxes=[Box(1, 2, 20, 30)], width=60, height=40)
    logits = []
    for kind in ("fp32", precision):
        model = loading.load_model(tiny.files(folder), precision=kind)
        with torch.inference_mode():
            output = model(
                input_ids=torch.tensor([given.input_ids]),
                pixel_values=processor.pixels(tiny.photo())[None],
                boxes=[given.boxes],
            )
        logits.append(output.logits.float().flatten())
    assert not torch.equal(*logits)
    assert float(torch.nn.functional.cosine_similarity(*logits, dim=0)) > likeness


def test_only_the_decoders_matrices_are_integers(torch: Any, loading: Any, folder: Path) -> None:
    model = loading.load_model(tiny.files(folder), precision="int8")
    kinds = {name: tensor.dtype for name, tensor in model.state_dict().items()}
    integers = {name for name, dtype in kinds.items() if dtype == torch.int8}
    assert len(integers) == 2 * 7
    assert all(name.startswith("model.layers.") for name in integers)
    assert kinds["lm_head.weight"] == kinds["vision_tower.embeddings.class_embedding"] == torch.float32


def test_loaded_as_it_was_saved(torch: Any, loading: Any, folder: Path) -> None:
    expected = tiny.model().state_dict()
    model = loading.load_model(tiny.files(folder))
    assert all(torch.equal(tensor, expected[name]) for name, tensor in model.state_dict().items())
    assert not any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))
    half = loading.load_model(tiny.files(folder), precision="fp16")
    assert {parameter.dtype for parameter in half.parameters()} == {torch.float16}
    assert half.model.rotary_emb.inv_freq.dtype == torch.float32


def test_memory_is_told_before_loading(torch: Any, loading: Any) -> None:
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    config = Gpt4RoiReferenceConfig()
    gigabytes = {
        (precision, device): loading.weight_bytes(config, precision, device=device) / 1e9
        for precision, device in (("fp16", "cuda"), ("int8", "cuda"), ("int4", "cuda"), ("fp32", "cpu"))
    }
    assert gigabytes["fp16", "cuda"] == pytest.approx(14.69, abs=0.01)
    assert gigabytes["int4", "cuda"] < 5.5
    assert gigabytes["int4", "cuda"] < gigabytes["int8", "cuda"] < gigabytes["fp16", "cuda"] < gigabytes["fp32", "cpu"]


def test_integer_weights_take_the_memory_that_is_told(torch: Any, loading: Any, folder: Path) -> None:
    config = tiny.config()
    for precision in ("fp32", "int8", "int4"):
        model = loading.load_model(tiny.files(folder), precision=precision)
        names = {name for name, _ in model.named_buffers()} - {"model.rotary_emb.inv_freq"}
        tensors = [*model.parameters(), *(b for n, b in model.named_buffers() if n in names and "_proj." in n)]
        expected = loading.weight_bytes(config, precision, device="cpu")
        assert sum(tensor.nbytes for tensor in tensors) == pytest.approx(expected, rel=0.05)


def test_damaged_folders(torch: Any, loading: Any, folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    with pytest.raises(ModelFileError, match=r"config\.json"):
        loading.load_model(tiny.files(tmp_path))
    tiny.config().save_pretrained(tmp_path)
    with pytest.raises(ModelFileError, match=r"model\.safetensors is missing"):
        loading.load_model(tiny.files(tmp_path))
    weights = load_file(folder / "model.safetensors")
    path = tmp_path / "model.safetensors"
    save_file({name: tensor for name, tensor in weights.items() if name != "lm_head.weight"}, path)
    with pytest.raises(ModelFileError, match=r"lacks 1 tensors, first lm_head\.weight"):
        loading.load_model(tiny.files(tmp_path))
    save_file({**weights, "lm_head.weight": torch.ones(3, 3)}, path)
    with pytest.raises(ModelFileError, match=r"lm_head\.weight has shape \(3, 3\)"):
        loading.load_model(tiny.files(tmp_path))
    save_file({**weights, "lm_head.bias": torch.ones(3)}, path)
    with pytest.raises(ModelFileError, match="does not have"):
        loading.load_model(tiny.files(tmp_path))
    path.write_bytes((folder / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(ModelFileError, match="cannot be read"):
        loading.load_model(tiny.files(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(ModelFileError, match="imported GPT4RoI"):
        loading.load_model(tiny.files(tmp_path))


@pytest.mark.parametrize("bits", [8, 4])
def test_sums_stay_within_half_precision(torch: Any, bits: Any) -> None:
    """LLaMA has activations in the hundreds: what is added up must be the weights and not the integers that stand for
    them, which are 127 times as large."""
    from roi_assistant.models.gpt4roi.quantization import quantized

    weight = torch.full((1, 64), 0.3)
    weight[0, 0] = -0.3
    layer = quantized(weight, None, bits=bits, dtype=torch.float16)
    found = layer(torch.full((1, 64), 100.0, dtype=torch.float16))
    torch.testing.assert_close(found, torch.tensor([[62 * 30.0]], dtype=torch.float16), rtol=0.01, atol=0)
