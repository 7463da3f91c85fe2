"""What this computer has, and where a model fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.machine import Machine, fits, free_disk, gpu_bytes, gpu_memory, this_machine
from roi_assistant.model_catalogue import CatalogueEntry, catalogue_entry

GIGABYTE = 1_000_000_000


@pytest.fixture
def qwen() -> CatalogueEntry:
    """It needs 20.3 GB in bf16, 11.7 in int8, 7.7 in int4, 39.6 on a CPU."""
    entry = catalogue_entry("qwen3-vl-8b")
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    ("gpu", "memory", "answer"),
    [
        (24, 64, "GPU in bf16"),
        (20, 64, "GPU in int8"),
        (8, 64, "GPU in int4"),
        (4, 64, "CPU, slowly"),
        (0, 40, "CPU, slowly"),
        (0, 39, "CPU, slowly"),
        (0, 20, "no"),
        (4, 16, "no"),
    ],
)
def test_where_it_fits(qwen: CatalogueEntry, gpu: int, memory: int, answer: str) -> None:
    assert str(fits(qwen, Machine(gpu=gpu * GIGABYTE, memory=memory * GIGABYTE, disk=None))) == answer


def test_what_is_not_known_is_not_guessed(qwen: CatalogueEntry) -> None:
    large = Machine(gpu=80 * GIGABYTE, memory=None, disk=None)
    assert str(fits(replace(qwen, parameters=None, tower_parameters=0), large)) == "not known"
    assert str(fits(qwen, replace(large, gpu=0))) == "not known"
    assert str(fits(qwen, large)) == "GPU in bf16"


def test_the_largest_gpu_counts() -> None:
    assert gpu_bytes("24564\n81559\n") == 81559 << 20
    assert gpu_bytes("") == gpu_bytes("No devices were found\n") == gpu_bytes("[N/A]\n") == 0


def test_a_driver_that_is_missing_fails_or_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_memory() == 0
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 24564\n")
    tool.chmod(0o755)
    assert gpu_memory() == 24564 << 20
    tool.write_text("#!/bin/sh\necho 24564\nexit 9\n")
    assert gpu_memory() == 0
    monkeypatch.setattr("roi_assistant.machine.PATIENCE", 0.2)
    tool.write_text("#!/bin/sh\nwhile :; do :; done\n")
    assert gpu_memory() == 0


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    free = free_disk(tmp_path / "not" / "yet")
    assert free is not None and free > 0
    assert this_machine(tmp_path).memory is None or (this_machine(tmp_path).memory or 0) > GIGABYTE
