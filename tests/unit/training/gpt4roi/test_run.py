"""What a run changes, how it goes on after a stop, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.errors import BadInputError, MissingDependencyError, TrainingError

pytestmark = pytest.mark.usefixtures("one_thread")


def weights(folder: Path) -> dict[str, Any]:
    from roi_assistant.training.gpt4roi.start import load_start

    return dict(load_start(folder).state_dict())


def log(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def losses(out: Path) -> list[float]:
    return [line["loss"] for line in log(out) if "loss" in line]


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if not before[name].equal(after[name])}


def test_stage_1_changes_the_region_module_and_nothing_else(
    run: Callable[..., Any], settings: Callable[..., Any], start: Path, tmp_path: Path
) -> None:
    assert run(settings(stage=1), tmp_path).finished
    before = weights(start)
    region = {name for name in before if name.startswith("model.spi_module.")}
    assert changed(before, weights(tmp_path / "model")) == region


def test_stage_2_changes_everything_but_clip(
    run: Callable[..., Any], settings: Callable[..., Any], start: Path, tmp_path: Path
) -> None:
    run(settings(stage=2), tmp_path)
    before = weights(start)
    rest = {name for name in before if not name.startswith("vision_tower.")}
    assert changed(before, weights(tmp_path / "model")) == rest
    assert any(name.startswith("vision_tower.") for name in before)


@pytest.mark.parametrize("stop", [1, 3, 6])
def test_going_on_is_bit_equal(
    run: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path, stop: int
) -> None:
    """With dropout, in the middle of an epoch, at its end, and in the second one."""
    recipe = settings(stage=2, lora={"rank": 2, "dropout": 0.3}) if _has_peft() else settings(stage=2)
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    done = run(recipe, whole)
    first = run(recipe, parted, stop_after=stop)
    assert (done.steps, first.step, first.finished) == (10, stop, False)
    assert not (parted / "model").exists()
    assert run(recipe, parted).finished
    assert not changed(weights(whole / "model"), weights(parted / "model"))
    assert losses(whole) == losses(parted) and len(losses(whole)) == 10


def _has_peft() -> bool:
    import importlib.util

    return importlib.util.find_spec("peft") is not None


def test_merged_adapters_give_the_logits_of_unmerged_ones(torch: Any, start: Path) -> None:
    pytest.importorskip("peft")
    from roi_assistant.training.gpt4roi.settings import Lora
    from roi_assistant.training.gpt4roi.stages import assemble, prepare
    from roi_assistant.training.gpt4roi.start import load_start

    lora = Lora(rank=3, alpha=12.0)
    torch.manual_seed(5)
    plain = load_start(start).eval()
    adapted = prepare(load_start(start), stage=2, lora=lora, frozen_dtype=torch.float32).eval()
    trained = {name: torch.randn_like(p) * 0.1 for name, p in adapted.named_parameters() if p.requires_grad}
    assert sum("lora_B" in name for name in trained) == 14, "seven matrices in each of two layers"
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if name in trained:
                parameter.copy_(trained[name])
        merged = assemble(start, trained, lora=lora, dtype=torch.float32).eval()
        assert dict(merged.named_parameters()).keys() == dict(plain.named_parameters()).keys()
        words, pixels = torch.randint(3, 250, (2, 9)), torch.randn(2, 3, 28, 28)
        boxes = [torch.tensor([[0.1, 0.2, 0.6, 0.9]])] * 2
        ids = torch.cat([torch.tensor([[merged.patch_id] * 4 + [merged.box_id]] * 2), words], dim=1)
        first, second, before = (
            m(input_ids=ids, pixel_values=pixels, boxes=boxes).logits for m in (adapted, merged, plain)
        )
    torch.testing.assert_close(second, first, rtol=1e-4, atol=1e-4)
    assert float((first - before).abs().max()) > 0.1


def test_adapters_over_4_bits_have_the_gradients_of_what_these_stand_for(torch: Any, wide_start: Path) -> None:
    """Checked on the CPU, where bitsandbytes computes gradients as long as nothing is evaluated."""
    pytest.importorskip("peft")
    pytest.importorskip("bitsandbytes")
    from bitsandbytes.functional import dequantize_4bit

    from roi_assistant.training.gpt4roi.settings import Lora
    from roi_assistant.training.gpt4roi.stages import load_quantized, prepare
    from roi_assistant.training.gpt4roi.start import load_start

    packed = load_quantized(wide_start, device=torch.device("cpu"))
    whole = load_start(wide_start)
    quantized = {name: p for name, p in packed.named_parameters() if p.dtype == torch.uint8}
    assert len(quantized) == 14 and all(name.startswith("model.layers.") for name in quantized)
    with torch.no_grad():
        for name, parameter in quantized.items():
            whole.get_parameter(name).copy_(dequantize_4bit(parameter.data, parameter.quant_state))
    gradients = []
    for model in (packed, whole):
        torch.manual_seed(6)
        prepare(model, stage=2, lora=Lora(rank=2, dropout=0.0), frozen_dtype=torch.float32).train()
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        with torch.no_grad():
            for name, parameter in trained.items():
                if "lora_B" in name:
                    parameter.normal_(std=0.1)
        ids = torch.tensor([[model.box_id, 20, 30, 40, 50]])
        box = [torch.tensor([[0.1, 0.2, 0.6, 0.9]])]
        regions = model.encode_regions(model.encode_image(torch.ones(1, 3, 28, 28)).maps, box)
        embeddings = model.embed(ids, image=None, regions=regions)
        hidden = model.model(inputs_embeds=embeddings, use_cache=False).last_hidden_state
        torch.nn.functional.cross_entropy(model.lm_head(hidden)[0, 1:-1], ids[0, 2:]).backward()
        gradients.append({name: p.grad for name, p in trained.items() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    assert {"model.spi_module.roi_align.flatten_linear.weight"} <= gradients[0].keys()
    for name, gradient in gradients[1].items():
        assert float((gradients[0][name] - gradient).norm()) <= 0.05 * float(gradient.norm()) + 1e-6, name


@pytest.mark.parametrize(
    ("cuda", "error", "words"),
    [(False, BadInputError, "finds no CUDA device: leave it out"), (True, MissingDependencyError, "pip install bits")],
)
def test_weights_in_4_bits_need_cuda_and_bitsandbytes(
    torch: Any,
    run: Callable[..., Any],
    settings: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cuda: bool,
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(error, match=words):
        run(settings(stage=2, lora={"quantized": True}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_with_other_settings_does_not_go_on(
    run: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path
) -> None:
    run(settings(), tmp_path, stop_after=1)
    with pytest.raises(BadInputError, match="another configuration"):
        run(settings(seed=1), tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_with_its_state(
    torch: Any, run: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.gpt4roi import stages

    forward, calls = stages.Trainee.forward, []

    def broken(self: Any, batch: Any) -> Any:
        calls.append(batch)
        return forward(self, batch) * (float("nan") if len(calls) == 4 else 1.0)

    monkeypatch.setattr(stages.Trainee, "forward", broken)
    with pytest.raises(TrainingError, match=r"loss of step \d is not a number \(conversations flickr30k_entities"):
        run(settings(), tmp_path / "broken")
    (failed,) = (line for line in log(tmp_path / "broken") if "failed" in line)
    state = tmp_path / "broken/states" / f"{failed['step'] - 1:08d}"
    monkeypatch.setattr(stages.Trainee, "forward", forward)
    run(settings(), tmp_path / "good", stop_after=failed["step"] - 1)
    good = tmp_path / "good/states" / state.name
    for name in ("weights.safetensors", "optimizer.safetensors"):
        assert (state / name).read_bytes() == (good / name).read_bytes(), "the weights before the bad step"
    assert run(settings(), tmp_path / "broken").finished, "and the run can go on from there"


def test_a_gradient_that_is_no_number_stops_too(
    torch: Any, run: Callable[..., Any], settings: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.training.gpt4roi import trainer

    monkeypatch.setattr(trainer, "_number", lambda norm: float("inf"))
    with pytest.raises(TrainingError, match="gradient of step 1"):
        run(settings(), tmp_path)
    assert (tmp_path / "states/00000000/weights.safetensors").is_file()
