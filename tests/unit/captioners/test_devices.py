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
    cuda = SimpleNamespace(is_available=lambda: True, mem_get_info=lambda: (free, free))
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
