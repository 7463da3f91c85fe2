"""Two processes compute what one computes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("one_of_several.py")

pytestmark = pytest.mark.usefixtures("one_thread")


def run(world: int, start: Path, data: Path, out: Path, sharding: str = "none") -> list[dict[str, Any]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(start), str(data), str(out), sharding],
            env=os.environ | ({**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)} if world > 1 else {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(world)
    ]
    errors = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * world, "\n".join(errors)[-3000:]
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(start: Path, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Path]:
    out = tmp_path_factory.mktemp("alone")
    return run(1, start, photos, out), out


def test_two_gloo_processes_give_the_gradients_of_one(
    torch: Any, start: Path, photos: Path, tmp_path: Path, alone: tuple[list[dict[str, Any]], Path]
) -> None:
    """The first moments of the optimizer after one epoch are means of its gradients, so each gradient is in them."""
    from safetensors.torch import load_file

    log, single = alone
    shared = run(2, start, photos, tmp_path)
    assert len(shared) == len(log) == 5, "three steps and two evaluations"
    for one, two in zip(log, shared, strict=True):
        for key in {"loss", "gradient_norm", "held_out_loss"} & one.keys():
            assert two[key] == pytest.approx(one[key], rel=1e-4)
    first, second = (load_file(next((o / "states").iterdir()) / "optimizer.safetensors") for o in (single, tmp_path))
    assert first.keys() == second.keys() and any(name.endswith("/exp_avg") for name in first)
    for name in first:
        torch.testing.assert_close(second[name], first[name], rtol=1e-3, atol=1e-5)
    assert (tmp_path / "model/manifest.json").is_file()
