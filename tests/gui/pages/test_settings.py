"""The page of settings: a control for each, texts for all, and changes that count at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

from roi_assistant.settings import Settings, setting_specs, with_setting
from roi_assistant.ui.look.translation import LANGUAGES
from roi_assistant.ui.pages.page import Hint
from roi_assistant.ui.pages.settings import CHOICES, GROUPS, TEXTS, SettingsPage


class Store:
    def __init__(self) -> None:
        self.settings = Settings()

    def change_setting(self, name: str, value: object) -> None:
        self.settings = with_setting(self.settings, name, value)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def page(qapp: QApplication, store: Store) -> SettingsPage:
    return SettingsPage(lambda: store.settings, store.change_setting)


def test_every_setting_has_words_and_a_control(page: SettingsPage) -> None:
    specs = setting_specs()
    assert TEXTS.keys() == specs.keys() == page.controls.keys()
    assert {spec.group for spec in specs.values()} == GROUPS.keys()
    choices = {choice for spec in specs.values() for choice in spec.choices}
    assert choices <= CHOICES.keys() | LANGUAGES.keys()
    assert all(control.accessibleName() for control in page.controls.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "dark"),
        ("language", "zh_CN"),
        ("snap", False),
        ("alternatives", 9),
        ("attribute_score", 0.75),
        ("cache_mb", 1024),
        ("device", "cpu"),
    ],
)
def test_a_change_counts_at_once(page: SettingsPage, store: Store, name: str, value: Any) -> None:
    control = page.controls[name]
    if isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    elif isinstance(control, QCheckBox):
        control.setChecked(value)
    else:
        assert isinstance(control, QSpinBox | QDoubleSpinBox)
        control.setValue(value)
    assert getattr(store.settings, name) == value
    page.reset()
    assert store.settings == Settings()
    page.refresh()
    if isinstance(control, QComboBox):
        assert control.currentData() == getattr(Settings(), name)


def test_no_number_of_threads_reads_as_automatic(page: SettingsPage) -> None:
    control = page.controls["threads"]
    assert isinstance(control, QSpinBox) and control.text() == "Automatic"
    control.setValue(2)
    assert control.text() == "2"


def test_the_model_that_ships_can_be_chosen(page: SettingsPage) -> None:
    control = page.controls["model"]
    assert isinstance(control, QComboBox)
    assert control.findData("gpt4roi-mini") >= 0


def test_plugins_that_are_not_run_are_named(
    qapp: QApplication, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    plugin = tmp_path / "data" / "plugins" / "mine"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text("{}")
    plugin.chmod(0o777)
    page = SettingsPage(lambda: store.settings, store.change_setting)
    [hint] = [hint.text() for hint in page.findChildren(Hint) if "is not run" in hint.text()]
    assert f"everybody may write to {plugin}" in hint and "roi-assistant plugins allow mine" in hint
    plugin.chmod(0o755)
    page = SettingsPage(lambda: store.settings, store.change_setting)
    assert not [hint for hint in page.findChildren(Hint) if "is not run" in hint.text()]
