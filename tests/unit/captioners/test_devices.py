from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from roi_assistant.captioners import devices
from roi_assistant.captioners.devices import choose_device, require_memory
from roi_assistant.errors import CaptionerError
from roi_assistant.sentences import Sentence

ADVICE = Sentence("do without")


def with_gpu(torch: Any, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    cuda = SimpleNamespace(
        is_available=lambda: True,
        mem_get_info=lambda: (free, free),
        get_device_capability=lambda: (8, 6),
        get_arch_list=lambda: ["sm_86"],
        get_device_name=lambda: "RTX",
    )
    monkeypatch.setattr(torch, "cuda", cuda)


def test_memory_that_does_not_suffice_is_told_in_gigabytes() -> None:
    require_memory(100, available=200, what=Sentence("It"), advice=ADVICE)
    with pytest.raises(CaptionerError, match=r"It has 5\.0 GB of memory, the model needs 11\.0 GB: do without"):
        require_memory(10 * 10**9, available=5 * 10**9, what=Sentence("It"), advice=ADVICE)


def test_the_cpu_takes_what_is_too_large_for_the_gpu_and_says_so(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "physical_memory", lambda: 10**10)
    sizes = {"cuda": 10**9, "cpu": 2 * 10**9}
    with_gpu(torch, monkeypatch, 2 * 10**9)
    assert choose_device("auto", needs=sizes.__getitem__, advice=ADVICE) == ("cuda", ())
    assert choose_device("cpu", needs=sizes.__getitem__, advice=ADVICE) == ("cpu", ())
    with_gpu(torch, monkeypatch, 10**9)
    chosen, notes = choose_device("auto", needs=sizes.__getitem__, advice=ADVICE)
    assert chosen == "cpu"
    assert notes == ("Running on the CPU. The GPU has 1.0 GB of memory, the model needs 1.1 GB: do without.",)
    with pytest.raises(CaptionerError, match=r"The GPU has 1\.0 GB"):
        choose_device("cuda", needs=sizes.__getitem__, advice=ADVICE)


def test_a_computer_that_is_too_small(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "physical_memory", lambda: 10**9)
    with pytest.raises(CaptionerError, match="This computer has"):
        choose_device("cpu", needs=lambda where: 10**9, advice=ADVICE)


@pytest.mark.parametrize(
    ("built_for", "capability", "runs"),
    [
        (["sm_75", "sm_80", "sm_90"], (8, 6), True),
        (["sm_75", "sm_86"], (8, 0), False),
        (["sm_75", "sm_80"], (6, 1), False),
        (["sm_80", "compute_80"], (12, 0), True),
        (["sm_80", "sm_90a"], (12, 0), False),
        (["sm_100a", "sm_120"], (12, 0), True),
        ([], (8, 6), True),
    ],
)
def test_a_gpu_that_torch_is_not_built_for_is_left(
    torch: Any, monkeypatch: pytest.MonkeyPatch, built_for: list[str], capability: tuple[int, int], runs: bool
) -> None:
    with_gpu(torch, monkeypatch, 10**10)
    torch.cuda.get_arch_list, torch.cuda.get_device_capability = lambda: built_for, lambda: capability
    chosen, notes = choose_device("auto", needs=lambda where: 1000, advice=ADVICE)
    assert chosen == ("cuda" if runs else "cpu")
    if not runs:
        assert f"RTX has the compute capability {capability[0]}.{capability[1]}" in notes[0]
        with pytest.raises(CaptionerError, match=", ".join(built_for)):
            choose_device("cuda", needs=lambda where: 1000, advice=ADVICE)


@pytest.mark.parametrize(
    ("version", "reason"), [(None, "it is built without CUDA"), ("13.0", "The NVIDIA driver on your system is too old")]
)
def test_a_driver_whose_gpu_torch_cannot_use_is_worth_a_note(
    torch: Any, monkeypatch: pytest.MonkeyPatch, version: str | None, reason: str
) -> None:
    def init() -> None:
        raise RuntimeError("The NVIDIA driver on your system\nis too old (found version 11040).")

    monkeypatch.setattr(torch, "cuda", SimpleNamespace(is_available=lambda: False, init=init))
    monkeypatch.setattr(torch.version, "cuda", version)
    monkeypatch.setattr(devices, "has_nvidia_driver", lambda: False)
    assert choose_device("auto", needs=lambda where: 1000, advice=ADVICE) == ("cpu", ())
    monkeypatch.setattr(devices, "has_nvidia_driver", lambda: True)
    chosen, (note,) = choose_device("auto", needs=lambda where: 1000, advice=ADVICE)
    assert chosen == "cpu" and note.startswith("Running on the CPU.") and reason in note
