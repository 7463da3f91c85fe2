"""Detectors of random weights, made once for all tests of the plugin and loaded by their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.detectors import open_folder
from tests.unit.tiny_detectors import MAKERS


@pytest.fixture(scope="session")
def folder_of(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """Kind -> the folder with its tiny checkpoint. Threads cost such models more than they save."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            torch.manual_seed(0)
            made[kind] = MAKERS[kind](tmp_path_factory.mktemp(kind) / f"tiny-{kind}")
        return made[kind]

    yield folder
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def detector(folder_of: Callable[[str], Path]) -> Callable[[str], Any]:
    """Kind -> its detector, loaded through the plugin."""
    loaded: dict[str, Any] = {}

    def load(kind: str) -> Any:
        if kind not in loaded:
            factory = open_folder(folder_of(kind))
            assert factory is not None
            loaded[kind] = factory(device="cpu")
        return loaded[kind]

    return load
