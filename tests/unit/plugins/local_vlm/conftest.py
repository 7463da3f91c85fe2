"""Checkpoints of random weights, made once for all tests of the plugin and loaded by their paths."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm import open_folder
from tests.unit import tiny_located_vlms, tiny_vlms


@pytest.fixture(scope="session")
def checkpoints(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """Family -> the folder with its tiny checkpoint. Threads cost such models more than they save."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            maker = getattr(tiny_vlms, family, None) or getattr(tiny_located_vlms, family)
            made[family] = maker(tmp_path_factory.mktemp(family) / f"tiny-{family}")
        return made[family]

    yield folder
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def captioner(checkpoints: Callable[[str], Path]) -> Callable[[str], Any]:
    """Family -> its captioner, loaded through the plugin."""
    loaded: dict[str, Any] = {}

    def load(family: str) -> Any:
        if family not in loaded:
            factory = open_folder(checkpoints(family))
            assert factory is not None
            loaded[family] = factory(device="cpu")
        return loaded[family]

    return load


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    """400 x 300 random pixels."""
    return Image.frombytes("RGB", (400, 300), random.Random(5).randbytes(400 * 300 * 3))
