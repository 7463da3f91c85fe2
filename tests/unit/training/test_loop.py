"""Schedule, averages, optimizer groups, checkpoints."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def loop(torch: Any) -> Any:
    from roi_assistant.training import loop

    return loop


def test_cosine_by_hand(loop: Any) -> None:
    factor = [loop.cosine(step, total=14, warmup=4, floor=0.1) for step in range(16)]
    assert factor[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert factor[4] == pytest.approx(1.0)
    assert factor[9] == pytest.approx(0.1 + 0.9 * 0.5)  # half-way down
    assert factor[6] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi * 0.2)) / 2)
    assert factor[14] == factor[15] == pytest.approx(0.1)
    assert factor[4:] == sorted(factor[4:], reverse=True)


def test_cosine_without_warm_up(loop: Any) -> None:
    assert loop.cosine(0, total=10, warmup=0) == pytest.approx(1.0)
    assert loop.cosine(10, total=10, warmup=0) == pytest.approx(0.02)


@pytest.fixture
def module(torch: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))


def state(module: Any) -> dict[str, Any]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def test_average_by_hand(torch: Any, loop: Any, module: Any) -> None:
    averaged = loop.Averaged(module, 0.5)
    start = module[0].weight.detach().clone()
    with torch.no_grad():
        module[0].weight.add_(11.0)
    averaged.update(module)  # the first step keeps 2 / 11 of the old average
    torch.testing.assert_close(averaged.values["0.weight"], start + 9.0)
    for _ in range(30):
        averaged.update(module)
    before = averaged.values["0.weight"].clone()
    with torch.no_grad():
        module[0].weight.add_(1.0)
    averaged.update(module)  # later ones keep a half
    torch.testing.assert_close(averaged.values["0.weight"], before + (module[0].weight - before) / 2)


def test_swapping_twice_changes_nothing(torch: Any, loop: Any, module: Any) -> None:
    averaged = loop.Averaged(module, 0.9)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1.0)
    own, average = state(module), {name: value.clone() for name, value in averaged.values.items()}
    averaged.swap(module)
    assert all(torch.equal(value, average[name]) for name, value in module.state_dict().items())
    assert all(torch.equal(value, own[name]) for name, value in averaged.values.items())
    averaged.swap(module)
    assert all(torch.equal(value, own[name]) for name, value in module.state_dict().items())
    assert all(torch.equal(value, average[name]) for name, value in averaged.values.items())


def test_frozen_parameters_are_not_averaged(loop: Any, module: Any) -> None:
    module[0].weight.requires_grad = False
    assert set(loop.Averaged(module, 0.9).values) == {"0.bias", "1.weight", "1.bias"}


def test_only_matrices_decay_and_shared_ones_once(torch: Any, loop: Any, module: Any) -> None:
    module[1].bias.requires_grad = False
    decayed, plain = loop.optimizer([module, module[0]], lr=0.1, weight_decay=0.3).param_groups
    assert [id(p) for p in decayed["params"]] == [id(module[0].weight)] and decayed["weight_decay"] == 0.3
    assert {id(p) for p in plain["params"]} == {id(module[0].bias), id(module[1].weight)}
    assert plain["weight_decay"] == 0.0


def test_checkpoint_comes_back_and_leaves_nothing_else(torch: Any, loop: Any, module: Any, tmp_path: Path) -> None:
    path = tmp_path / "stage.pt"
    loop.save_checkpoint(path, model=module.state_dict(), step=3, averaged={"a": torch.ones(2)})
    loop.save_checkpoint(path, model=module.state_dict(), step=4, averaged={"a": torch.ones(2)})
    checkpoint = loop.load_checkpoint(path)
    assert checkpoint["step"] == 4
    assert all(torch.equal(value, checkpoint["model"][name]) for name, value in module.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == ["stage.pt"]


def test_checkpoint_that_would_run_code_is_refused(torch: Any, loop: Any, tmp_path: Path) -> None:
    path = tmp_path / "stage.pt"
    torch.save({"step": Path("x")}, path)
    with pytest.raises(Exception, match=r"[Ww]eights"):
        loop.load_checkpoint(path)


def test_failed_write_leaves_the_old_checkpoint(
    torch: Any, loop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stage.pt"
    loop.save_checkpoint(path, step=1)

    def full(_state: Any, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(loop.torch, "save", full)
    with pytest.raises(OSError, match="no space"):
        loop.save_checkpoint(path, step=2)
    assert loop.load_checkpoint(path) == {"step": 1}


def test_log_is_one_object_a_line_and_goes_on(loop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for step in (1, 2):
        loop.RunLog(tmp_path / "run").write(stage="toy", step=step)
    lines = (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]
    assert all(json.loads(line).keys() == {"seconds", "stage", "step"} for line in lines)
    assert capsys.readouterr().out.splitlines() == lines


def test_mean_of_weights(torch: Any) -> None:
    from roi_assistant.training.loop import mean_of_weights

    states = [{"w": torch.tensor([0.0, 3.0]) + k, "steps": torch.tensor(7 + k)} for k in (0, 1, 5)]
    mean = mean_of_weights(states, [1 / 3] * 3)
    assert mean["w"].tolist() == pytest.approx([2.0, 5.0]) and mean["steps"].item() == 7
    mean = mean_of_weights(states, [0.5, 0.3, 0.2])
    assert mean["w"].tolist() == pytest.approx([1.3, 4.3]) and mean["steps"].item() == 7
    with pytest.raises(ValueError, match="one shape"):
        mean_of_weights([states[0], {"w": states[0]["w"]}], [0.5, 0.5])
