"""``roi-assistant models list`` and ``roi-assistant plugins list``."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def broken(home: Path) -> Path:
    """Beside the fake plugin: one that cannot be imported, one whose manifest is damaged, one that takes a taken id."""
    plugins = home / "data" / "plugins"
    for name, manifest, code in (
        (
            "cracked",
            {"name": "cracked", "version": "3", "kinds": ["captioner"], "module": "cracked"},
            "import no_such_one",
        ),
        ("damaged", "{", ""),
        (
            "zealous",
            {"name": "zealous", "version": "1", "kinds": ["captioner"], "module": "zealous", "captioners": ["fake"]},
            "",
        ),
    ):
        (plugins / name).mkdir()
        (plugins / name / "plugin.json").write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
        (plugins / name / "__init__.py").write_text(code)
    return plugins


def test_models(run: Run) -> None:
    result = run("models", "list")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].split() == ["model", "plugin", "GPU", "memory", "licence", "of", "the", "weights"]
    assert any(line.startswith("gpt4roi-mini (default)") and "not commercial" in line for line in lines)
    [fake] = [line for line in lines if line.startswith("fake ")]
    assert fake.split("  ")[-1] == "none needed"
    assert "fake (folder)" in fake
    assert "700 MB" in fake


def test_files_of_models_are_verified(run: Run, home: Path) -> None:
    result = run("models", "verify")
    assert result.code == 0
    [line] = result.out.splitlines()
    assert line.startswith("ok ") and line.endswith("gpt4roi-mini")
    model = home / "model"
    model.mkdir()
    (model / "weights").write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()
    manifest = {"id": "m", "name": "M", "files": {"weights": digest, "gone": digest}}
    (model / "manifest.json").write_text(json.dumps(manifest))
    result = run("models", "verify", model)
    assert (result.code, result.out.split()[0]) == (3, "damaged")
    [problem] = result.err.splitlines()
    assert "gone cannot be read" in problem


def test_models_as_json(run: Run) -> None:
    models = {model["id"]: model for model in json.loads(run("models", "list", "--json").out)}
    assert models["gpt4roi-mini"]["default"]
    assert models["gpt4roi-mini"]["origin"] == "built-in"
    assert models["fake"] == {
        "id": "fake",
        "default": False,
        "plugin": "fake",
        "origin": "folder",
        "vram_mb": 700,
        "weights_licence": "none needed",
        "description": "",
    }


def test_plugins_that_work(run: Run, home: Path) -> None:
    result = run("plugins", "list")
    assert result.code == 0
    rows = [line.split() for line in result.out.splitlines()]
    assert rows[0][:5] == ["plugin", "version", "from", "kinds", "state"]
    assert ["fake", "1.0", "folder", "captioner,", "attributes", "ok", "none", "needed"] in rows
    assert any(row[0] == "gpt4roi-mini" and "ok" in row for row in rows)
    assert result.err == f"Your own plugins go to {home / 'data' / 'plugins'}\n"


def test_broken_plugins_are_reported_and_the_others_go_on(run: Run, broken: Path, photo: Path) -> None:
    result = run("plugins", "list")
    assert result.code == 0
    states = {line.split()[0]: "broken" in line.split() for line in result.out.splitlines()[1:]}
    assert states == {
        "annotation-tools": False,
        "dataset-formats": False,
        "detectors": False,
        "gpt4roi": False,
        "gpt4roi-mini": False,
        "local-vlm": False,
        "ocr": False,
        "openai-server": False,
        "fake": False,
        "cracked": True,
        "damaged": True,
        "zealous": True,
    }
    assert "The plugin cracked in " in result.err and "No module named 'no_such_one'" in result.err
    assert "not valid JSON" in result.err
    assert "its model 'fake' is that of fake" in result.err
    assert run("caption", photo, "--model", "fake").code == 0
    result = run("caption", photo, "--model", "unheard-of")
    assert result.code == 2
    assert "No module named 'no_such_one'" in result.err


def test_plugins_as_json(run: Run, broken: Path, home: Path) -> None:
    document = json.loads(run("plugins", "list", "--json").out)
    assert document["user_folder"] == str(home / "data" / "plugins")
    plugins = {plugin["name"]: plugin for plugin in document["plugins"]}
    assert {name: plugin["state"] for name, plugin in plugins.items()} == {
        "annotation-tools": "ok",
        "dataset-formats": "ok",
        "detectors": "ok",
        "gpt4roi": "ok",
        "gpt4roi-mini": "ok",
        "local-vlm": "ok",
        "ocr": "ok",
        "openai-server": "ok",
        "fake": "ok",
        "cracked": "broken",
        "damaged": "broken",
        "zealous": "broken",
    }
    assert plugins["fake"]["ids"]["attributes"] == ["fake-preset"]
    assert plugins["fake"]["problem"] == ""
    assert "no_such_one" in plugins["cracked"]["problem"]
    assert len({tuple(plugin) for plugin in plugins.values()}) == 1


def test_plugins_need_not_be_loaded(run: Run, broken: Path) -> None:
    document = json.loads(run("plugins", "list", "--no-load", "--json").out)
    states = {plugin["name"]: plugin["state"] for plugin in document["plugins"]}
    assert states["cracked"] == states["fake"] == "not loaded"
    assert states["damaged"] == "broken"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of this kind")
def test_plugins_that_others_may_change_are_refused_and_can_be_allowed(run: Run, home: Path, photo: Path) -> None:
    plugins = home / "data" / "plugins"
    assert run("caption", photo, "--model", "fake").code == 0
    (plugins / "fake").chmod(0o777)
    result = run("plugins", "list")
    assert result.code == 0
    assert any(line.split() == ["fake", "refused"] for line in result.out.splitlines())
    cause = f"The plugin fake in {plugins} is not run: everybody may write to {plugins / 'fake'}."
    assert cause in result.err and "roi-assistant plugins allow fake" in result.err
    states = {p["name"]: p["state"] for p in json.loads(run("plugins", "list", "--json").out)["plugins"]}
    assert states["fake"] == "refused"
    assert cause in run("models", "list").err
    result = run("caption", photo, "--model", "fake")
    assert result.code == 2 and cause in result.err

    result = run("plugins", "allow", "other")
    assert result.code == 2 and "No plugin 'other' is refused" in result.err and "fake" in result.err
    assert run("plugins", "allow", "fake").err == "fake runs from now on, whoever changes it.\n"
    assert run("caption", photo, "--model", "fake").code == 0
    assert any("ok" in line.split() for line in run("plugins", "list").out.splitlines() if line.startswith("fake "))
    result = run("plugins", "allow", "fake")
    assert result.code == 2 and "refused are: none." in result.err
    assert run("plugins", "allow", "--undo", "fake").code == 0
    assert run("caption", photo, "--model", "fake").code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of this kind")
def test_nothing_is_allowed_where_others_could_allow_it(run: Run, home: Path) -> None:
    home.chmod(0o777)
    result = run("plugins", "allow", "fake")
    assert result.code == 4
    assert "allowed-plugins.json does not count: everybody may write to" in result.err
    assert any(line.split() == ["fake", "refused"] for line in run("plugins", "list").out.splitlines())
