"""What the tests of several parts of the package share."""

from __future__ import annotations

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
