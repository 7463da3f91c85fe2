"""docs/guide.md and the program say the same."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from PyQt6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "guide.md"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("guide_screenshots", ROOT / "scripts" / "guide_screenshots.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_keys_is_current(qapp: QApplication, script: ModuleType) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert script.with_table(text) == text, "run scripts/guide_screenshots.py --shortcuts"


def test_pictures_are_there_small_and_all_shown() -> None:
    shown = set(re.findall(r"\(images/(guide-[\w-]+\.png)\)", GUIDE.read_text(encoding="utf-8")))
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").glob("guide-*.png")}
    assert shown <= pictures.keys()
    shown |= set(re.findall(r"\(docs/images/(guide-[\w-]+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert pictures.keys() <= shown
    assert sum(pictures.values()) < 3_000_000


def test_links_lead_to_headings_of_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^##? (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings
