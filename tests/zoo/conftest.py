"""The program's own folder for the walks, with a captioner that needs no model."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.gui import application_fixtures
from tests.gui.conftest import qapp  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Path:  # noqa: F811
    folder = tmp_path / "home"
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(folder))
    monkeypatch.setattr(application_fixtures, "PATIENCE", 120.0)
    application_fixtures.install(folder)
    return folder
