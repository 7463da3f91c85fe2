"""What a run changes, how it goes on after a stop, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.errors import BadInputError, TrainingError

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
