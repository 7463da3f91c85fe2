"""Settings: defaults, the file, what is kept, what is set aside."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from roi_assistant import settings as module
from roi_assistant.errors import FileWriteError
from roi_assistant.settings import (
    Settings,
    load_settings,
    object_in,
    save_settings,
    setting_specs,
    settings_file,
    with_setting,
    write_json,
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    return settings_file()


def test_every_setting_has_a_spec_that_accepts_its_default() -> None:
    assert set(setting_specs()) == {field.name for field in fields(Settings)} - {"extra"}
    for name, spec in setting_specs().items():
        assert spec.accepts(getattr(Settings(), name)), name


def test_without_a_file_all_is_default(path: Path) -> None:
    assert load_settings() == (Settings(), ())
    assert not path.exists()


def test_only_what_differs_is_written_and_read_back(path: Path) -> None:
    changed = replace(Settings(), theme="dark", attribute_score=0.75, cache_mb=1024)
    save_settings(changed)
    assert json.loads(path.read_text()) == {"version": 1, "theme": "dark", "attribute_score": 0.75, "cache_mb": 1024}
    loaded, problems = load_settings()
    assert (replace(loaded, extra={}), problems) == (changed, ())


def test_keys_of_other_versions_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 7, "theme": "light", "future": [1, 2]}')
    loaded, problems = load_settings()
    assert (loaded.theme, problems) == ("light", ())
    save_settings(with_setting(loaded, "theme", "dark"))
    assert json.loads(path.read_text()) == {"version": 7, "theme": "dark", "future": [1, 2]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("alternatives", 10),
        ("alternatives", 2.5),
        ("alternatives", True),
        ("snap", 1),
        ("model", ""),
    ],
)
def test_a_value_that_is_not_allowed_is_reported_and_left_at_its_default(path: Path, name: str, value: Any) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({name: value, "crosshair": True}))
    loaded, problems = load_settings()
    assert getattr(loaded, name) == getattr(Settings(), name)
    assert loaded.crosshair
    assert len(problems) == 1 and repr(name) in str(problems[0])
    with pytest.raises(ValueError):
        with_setting(Settings(), name, value)


@pytest.mark.parametrize("text", ["{", "[]", "\x00", "[" * 100_000])
def test_a_damaged_file_is_set_aside(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.with_name("settings.json.damaged-1").write_text("older")
    path.write_text(text)
    loaded, problems = load_settings()
    assert loaded == Settings()
    assert "settings.json.damaged-2" in str(problems[0])
    assert not path.exists()
    assert path.with_name("settings.json.damaged-1").read_text() == "older"
    assert path.with_name("settings.json.damaged-2").read_text() == text


def test_migrations_run_one_after_the_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTINGS_VERSION", 3)
    monkeypatch.setattr(
        module,
        "MIGRATIONS",
        {
            1: lambda data: {"colors": data.pop("dark") and "dark", **data},
            2: lambda data: {"theme": data.pop("colors"), **data},
        },
    )
    path.parent.mkdir()
    path.write_text('{"version": 1, "dark": true}')
    loaded, problems = load_settings()
    assert (loaded.theme, problems, loaded.extra["version"]) == ("dark", (), 3)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileWriteError, match="file"):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_json_that_the_program_can_do_without(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "window.json"
    if text is not None:
        path.write_text(text)
    assert object_in(path) == {}


def test_names_of_files_that_are_no_unicode_come_back(tmp_path: Path) -> None:
    data = {"image": os.fsdecode(b"latin1 \xfc.png"), "folder": "/写"}
    write_json(tmp_path / "window.json", data)
    assert object_in(tmp_path / "window.json") == data


@pytest.mark.parametrize("version", ["-1000000000000", "0", "1e400", "true", '"1"', "null", "[1]", "-1.5"])
def test_a_version_that_nobody_wrote_is_set_aside(path: Path, version: str) -> None:
    path.parent.mkdir()
    path.write_text(f'{{"version": {version}, "theme": "dark"}}')
    loaded, problems = load_settings()
    assert loaded == Settings()
    assert "no program has written version" in str(problems[0])
    assert path.with_name("settings.json.damaged-1").exists()


def test_a_version_far_ahead_takes_no_time(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 1000000000000, "theme": "dark"}')
    loaded, problems = load_settings()
    assert (loaded.theme, problems) == ("dark", ())


@pytest.mark.parametrize("text", ["[" * 100_000, " " * (1 << 20) + "{}"])
def test_settings_without_bounds_are_set_aside(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    assert load_settings()[0] == Settings()
    assert path.with_name("settings.json.damaged-1").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_is_neither_read_nor_written(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    loaded, problems = load_settings()
    assert loaded == Settings() and "not a plain file" in str(problems[0])
    with pytest.raises(FileWriteError, match="not a plain file"):
        save_settings(loaded)
