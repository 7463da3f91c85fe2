"""The program with the model that ships with it, on the photos that ship with it; patience for busy machines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.gui import application_fixtures
from tests.gui.application_fixtures import write_settings


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model is loaded and answers, perhaps beside other work."""
    monkeypatch.setattr(application_fixtures, "PATIENCE", 60.0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Path:
    """The program's own folder, with settings for the embedded model."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(folder))
    write_settings(folder, language="en", theme="light", threads=1, device="cpu")
    return folder


@pytest.fixture
def samples_copy(tmp_path: Path, samples: Path) -> Path:
    """Two photos, and one below a folder, with names that are not all ASCII."""
    folder = tmp_path / "Fotos für später"
    for source, name in (("astronaut", "astronaut.jpg"), ("chelsea", "chelsea.jpg"), ("coffee", "café/咖啡 1.jpg")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(samples / f"{source}.jpg", folder / name)
    return folder
