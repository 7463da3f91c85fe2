"""What the tests of the window share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtWidgets import QApplication

from roi_assistant.ui.look.garbage import collect_when_due
from tests.gui.application_fixtures import install, make_photos


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    """The application; widgets cannot be made without one."""
    existing = QApplication.instance()
    yield existing if isinstance(existing, QApplication) else QApplication([])


@pytest.fixture(autouse=True)
def garbage_of_this_thread() -> Iterator[None]:
    """Widgets that a test leaves behind must not be destroyed in a thread of the next one."""
    gc.disable()
    yield
    collect_when_due()
    gc.enable()


@pytest.fixture(autouse=True)
def plain_look() -> Iterator[None]:
    """The program's theme is that of the whole process: tests after this one must not inherit it."""
    yield
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.styleSheet():
        application.setStyleSheet("")
        style = application.style()
        if style is not None:
            application.setPalette(style.standardPalette())


@pytest.fixture
def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Path:
    """The program's own folder, with a captioner that needs no model."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(folder))
    install(folder)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Gray pictures."""
    return make_photos(tmp_path / "photos")
