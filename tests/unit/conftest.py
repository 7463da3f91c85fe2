"""What the tests of several parts of the package share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def torch() -> Any:
    """The library, with the others that models and training import; tests that ask for it skip without."""
    reason = "models and training need torch, torchvision, timm and transformers, the extra 'torch'"
    module = pytest.importorskip("torch", reason=reason)
    for name in ("torchvision", "timm", "transformers"):
        pytest.importorskip(name, reason=reason)
    return module


@pytest.fixture
def one_thread(torch: Any) -> Iterator[None]:
    """Threads cost small models more than they save, and much more on a machine that has other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
