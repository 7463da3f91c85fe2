"""The tests of a module are found by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

MIRRORED = {"tests/unit": "roi_assistant", "tests/unit/plugins": "plugins", "tests/gui": "roi_assistant/ui"}
"""Folder of tests -> what it mirrors; the longest match counts."""
ELSEWHERE = ("tests/gui/e2e/", "tests/unit/benchmarks/")
"""Tests of the whole program through ``main``, and of ``benchmarks``."""


def strangers(root: Path) -> Iterator[str]:
    """Files of tests whose folder, or whose name, is not that of a module: ``test_<module>[_<aspect>].py``."""
    for path in sorted([*(root / "tests/unit").rglob("test_*.py"), *(root / "tests/gui").rglob("test_*.py")]):
        name = path.relative_to(root).as_posix()
        if name.startswith(ELSEWHERE):
            continue
        base = max((base for base in MIRRORED if name.startswith(f"{base}/")), key=len)
        folder = root / MIRRORED[base] / path.parent.relative_to(root / base)
        modules = [entry.stem for entry in folder.iterdir()] if folder.is_dir() else []
        about = path.stem.removeprefix("test_")
        if not any(about == module or about.startswith(f"{module}_") for module in modules):
            yield name


def test_each_file_of_tests_is_named_after_a_module(repository: Path) -> None:
    assert list(strangers(repository)) == []


@pytest.mark.parametrize(
    ("test", "is_found"),
    [
        ("tests/unit/core/test_box.py", True),
        ("tests/unit/core/test_box_of_many.py", True),
        ("tests/unit/core/test_boxes.py", False),
        ("tests/unit/shapes/test_box.py", False),
        ("tests/gui/look/test_theme.py", True),
        ("tests/gui/look/test_box.py", False),
        ("tests/gui/e2e/test_anything.py", True),
    ],
)
def test_a_stranger_is_found(tmp_path: Path, test: str, is_found: bool) -> None:
    for name in ("roi_assistant/core/box.py", "roi_assistant/ui/look/theme.py", test, "tests/unit/x", "tests/gui/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert (list(strangers(tmp_path)) == []) == is_found
