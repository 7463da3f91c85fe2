"""Two processes compute what one computes, with whole copies of the model and with shares of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.cli import main
from tests.unit import tiny_gpt4roi

RECIPE = """
stage = 2
[data]
datasets = {{ flickr30k_entities = 1.0 }}
max_tokens = 700
[optimization]
batch = 4
learning_rate = 1e-3
epochs = 1.0
sharding = "{sharding}"
precision = "{precision}"
gradient_checkpointing = {checkpointing}
tokens_at_once = 700
workers = 1
[evaluation]
split = "val"
conversations = 2
answered = 1
"""
RECIPES = {
    "none": {"sharding": "none", "precision": "fp32", "checkpointing": "false"},
    "gradients": {"sharding": "gradients", "precision": "fp32", "checkpointing": "false"},
    "full": {"sharding": "full", "precision": "fp32", "checkpointing": "false"},
    "as published": {"sharding": "full", "precision": "bf16", "checkpointing": "true"},
}
COMMANDS = """
import json, sys
from roi_assistant.cli import main
sys.exit(any(main(arguments) for arguments in json.loads(sys.argv[1])))
"""


@dataclass(frozen=True)
class Run:
    """A finished run in ``out``."""

    out: Path

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def runs(torch: Any, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """``train gpt4roi`` from LLaMA and CLIP by one process, "alone", and with each of `RECIPES` by two over gloo, one
    command after another. "full" stops after a step, so that a state is written from shares and read into them."""
    root = tmp_path_factory.mktemp("distributed")
    tiny_gpt4roi.write_parts(root)

    def command(name: str, recipe: str) -> list[str]:
        config = root / f"{name}.toml"
        config.write_text(RECIPE.format(**RECIPES[recipe]), encoding="utf-8")
        options = {"config": config, "data": photos, "llama": root / "llama", "clip": root / "clip", "out": root / name}
        return ["train", "gpt4roi", *(str(part) for key, value in options.items() for part in (f"--{key}", value))]

    commands = [[*command("full", "full"), "--steps", "1"], *(command(name, name) for name in RECIPES)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COMMANDS, json.dumps(commands)],
            env=os.environ | shared | {"OMP_NUM_THREADS": "1", "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert main(command("alone", "none")) == 0
        errors = [process.communicate(timeout=600)[1] for process in processes]
    finally:
        torch.set_num_threads(threads)
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(errors)[-3000:]
    return {name: Run(root / name) for name in ("alone", *RECIPES)}


@pytest.mark.parametrize("name", ["none", "gradients", "full"])
def test_two_gloo_processes_give_the_gradients_of_one(torch: Any, runs: dict[str, Run], name: str) -> None:
    """The first moments of the optimizer after one epoch are means of its gradients, so each gradient is in them."""
    from safetensors.torch import load_file

    one, two = runs["alone"], runs[name]
    assert len(one.log) == len(two.log) == 5, "three steps and two evaluations"
    for before, after in zip(one.log, two.log, strict=True):
        for key in {"loss", "gradient_norm", "held_out_loss"} & before.keys():
            assert after[key] == pytest.approx(before[key], rel=1e-4)
        assert after.get("examples") == before.get("examples")
    assert one.log[-1]["answers"] > 0
    first, second = (load_file(run.out / "states/00000003/optimizer.safetensors") for run in (one, two))
    assert first.keys() == second.keys() and any(key.endswith("/exp_avg") for key in first)
    for key in first:
        torch.testing.assert_close(second[key], first[key], rtol=1e-3, atol=1e-5)
    weights, others = (load_file(run.out / "model/model.safetensors") for run in (one, two))
    assert weights.keys() == others.keys()
    for key in weights:  # where gradients are next to 0, a step of Adam (1e-3 here) depends on how they were rounded
        assert float((others[key] - weights[key]).abs().mean()) < 1e-5, key


def test_shares_were_stopped_and_gone_on_with(runs: dict[str, Run]) -> None:
    for name, run in runs.items():
        states = sorted(path.name for path in (run.out / "states").iterdir())
        assert states == (["00000001", "00000003"] if name == "full" else ["00000003"])


def test_shares_learn_in_bf16_with_checkpointing(runs: dict[str, Run]) -> None:
    """As stage 2 was published."""
    losses = [[line["loss"] for line in runs[name].log if "loss" in line] for name in ("alone", "as published")]
    assert losses[1] == pytest.approx(losses[0], rel=0.01) and losses[1] != losses[0]
