"""How a model's weights are held: the most that fits, said before anything is loaded."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm import open_folder
from plugins.local_vlm.precision import WORKING, choose, is_quantizable, needed_bytes
from roi_assistant.captioners import devices
from roi_assistant.captioners.checkpoints import tensor_shapes, weight_files
from roi_assistant.captioners.devices import SPARE
from roi_assistant.cli import main
from roi_assistant.errors import CaptionerError, MissingDependencyError
from roi_assistant.vlm.chat_captioner import Ask, Message
from tests.unit import tiny_vlms

LAYER = "model.language_model.layers.0.mlp.up_proj.weight"
SHAPES = {LAYER: (1000, 1000), "model.embed_tokens.weight": (500, 1000), "model.visual.blocks.0.qkv.weight": (100, 10)}
"""A million weights of the decoder, 501,000 others."""
LARGE = {**SHAPES, LAYER: (10**5, 8 * 10**4)}
"""8 billion: 16, 8 and 4.5 GB in 16, 8 and 4 bits, and 32 in 32."""
GB = 10**9


def with_gpu(monkeypatch: pytest.MonkeyPatch, torch: Any, free: int, *, native: bool = True) -> None:
    cuda = SimpleNamespace(
        is_available=lambda: True,
        mem_get_info=lambda: (free, free),
        get_device_capability=lambda: (8, 6) if native else (7, 5),
        get_arch_list=lambda: ["sm_75", "sm_86"],
        is_bf16_supported=lambda including_emulation=True: native or including_emulation,
    )
    monkeypatch.setattr(torch, "cuda", cuda)


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        (LAYER, (8, 8), True),
        ("model.layers.11.self_attn.q_proj.weight", (8, 8), True),
        ("language_model.model.layers.0.self_attn.k_proj.bias", (8,), False),
        ("model.layers.0.mlp.experts.gate_up_proj", (4, 8, 8), False),
        ("model.language_model.layers.0.input_layernorm.weight", (8,), False),
        ("model.vision_tower.encoder.layers.0.mlp.fc1.weight", (8, 8), False),
        ("model.visual.blocks.0.attn.qkv.weight", (8, 8), False),
        ("multi_modal_projector.layers.0.weight", (8, 8), False),
        ("lm_head.weight", (8, 8), False),
        ("model.embed_tokens.weight", (8, 8), False),
    ],
)
def test_only_the_matrices_of_the_decoder_lose_bits(name: str, shape: tuple[int, ...], expected: bool) -> None:
    assert is_quantizable(name, shape) is expected


def test_the_bytes_of_each_step_are_those_worked_out_by_hand() -> None:
    assert needed_bytes(SHAPES, "fp32") == 4 * 1_501_000
    assert needed_bytes(SHAPES, "bf16") == needed_bytes(SHAPES, "fp16") == 2 * 1_501_000
    assert needed_bytes(SHAPES, "int8") == 1_000_000 + 2 * 501_000
    assert needed_bytes(SHAPES, "int4") == 562_500 + 2 * 501_000
    assert needed_bytes(LARGE, "bf16") == 16 * GB + 2 * 501_000 + WORKING


@pytest.mark.parametrize(
    ("free", "held", "notes"),
    [
        (24 * GB, "bf16", ()),
        (12 * GB, "int8", ("fewer bits", "needs 18.8 GB")),
        (8 * GB, "int4", ("fewer bits", "needs 10.0 GB")),
    ],
)
def test_a_gpu_holds_as_many_bits_as_it_has_room_for(
    torch: Any, monkeypatch: pytest.MonkeyPatch, free: int, held: str, notes: tuple[str, ...]
) -> None:
    with_gpu(monkeypatch, torch, free)
    chosen = choose("auto", "auto", LARGE)
    assert (chosen.device, chosen.held) == ("cuda", held)
    assert len(chosen.notes) == bool(notes)
    assert all(part in chosen.notes[0] for part in notes)


def test_what_no_gpu_holds_goes_to_the_cpu_and_says_so(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gpu(monkeypatch, torch, 4 * GB)
    monkeypatch.setattr(devices, "physical_memory", lambda: 64 * GB)
    chosen = choose("auto", "auto", LARGE)
    assert (chosen.device, chosen.held) == ("cpu", "fp32")
    assert len(chosen.notes) == 1 and chosen.notes[0].startswith("Running on the CPU. The GPU has 4.0 GB")
    with pytest.raises(CaptionerError, match=r"The GPU has 4\.0 GB of memory, the model needs 6\.1 GB: use a smaller"):
        choose("cuda", "auto", LARGE)
    monkeypatch.setattr(devices, "physical_memory", lambda: 24 * GB)
    assert choose("auto", "auto", LARGE).held == "bf16", "half of what fp32 needs"
    monkeypatch.setattr(devices, "physical_memory", lambda: 12 * GB)
    with pytest.raises(CaptionerError, match=r"This computer has 12\.0 GB"):
        choose("auto", "auto", LARGE)


def test_a_precision_that_was_asked_for_is_kept(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gpu(monkeypatch, torch, 24 * GB)
    assert choose("auto", "int8", LARGE).held == "int8"
    with_gpu(monkeypatch, torch, 12 * GB)
    with pytest.raises(CaptionerError, match="--precision auto"):
        choose("cuda", "bf16", LARGE)


def test_a_gpu_that_only_imitates_bf16_computes_in_fp16(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gpu(monkeypatch, torch, 24 * GB, native=False)
    assert choose("auto", "auto", LARGE).held == "fp16"


def test_without_the_library_fewer_bits_are_no_step(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with_gpu(monkeypatch, torch, 8 * GB)
    monkeypatch.setattr(devices, "physical_memory", lambda: 64 * GB)
    chosen = choose("auto", "auto", LARGE)
    assert chosen.device == "cpu" and "pip install bitsandbytes halves that" in chosen.notes[0]
    with pytest.raises(MissingDependencyError, match="int4 needs a library: pip install bitsandbytes"):
        choose("auto", "int4", LARGE)


@pytest.mark.parametrize("held", ["int8", "int4"])
@pytest.mark.parametrize("family", ["qwen3_vl", "internvl"])
def test_a_model_in_fewer_bits_takes_the_memory_that_was_told_and_speaks(
    torch: Any, tmp_path: Path, held: Any, family: str
) -> None:
    pytest.importorskip("bitsandbytes")
    # 64 weights share a scale: smaller layers cannot be held in 4 bits.
    path = getattr(tiny_vlms, family)(tmp_path / "model", hidden=64)
    factory = open_folder(path, precision=held)
    assert factory is not None
    captioner: Any = factory(device="cpu")
    model = captioner._model
    assert captioner.info.precision == held
    kinds = {name: type(module).__name__ for name, module in model._model.named_modules() if hasattr(module, "weight")}
    linear = "Linear8bitLt" if held == "int8" else "Linear4bit"
    small = [name for name, kind in kinds.items() if kind == linear]
    assert small and all(is_quantizable(f"{name}.weight", (1, 1)) for name in small)
    shapes = tensor_shapes(weight_files(path))
    assert model._model.get_memory_footprint() <= SPARE * needed_bytes(shapes, held)
    decoder = [name for name, shape in shapes.items() if is_quantizable(name, shape)]
    assert len(small) == len(decoder), "what is counted as small is what becomes small"
    photo = Image.new("RGB", (160, 120), (90, 140, 200))
    (answer,) = model.answers([Ask(messages=(Message("user", "What is it?", (photo,)),), most_tokens=4)])
    assert answer.tokens
    captioner.close()


def test_a_precision_is_kept_with_an_added_model(
    checkpoints: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("bitsandbytes")
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    assert main(["models", "add", str(checkpoints("qwen3_vl")), "--id", "small", "--precision", "int8"]) == 0
    assert main(["models", "try", "small", "--device", "cpu"]) == 0
    assert "Model small on CPU, int8" in capsys.readouterr().err
