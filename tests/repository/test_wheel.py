"""The wheel that users install holds plugins and resources; an editable installation copies neither."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def build(repository: Path, folder: Path, kind: str) -> set[str]:
    """Build a wheel with the tools that are installed (no network) and list what is in it."""
    code = f"import sys, hatchling.build as build; print(build.build_{kind}(sys.argv[1]))"
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / done.stdout.splitlines()[-1]) as wheel:
        return set(wheel.namelist())


def files_below(repository: Path, folder: str) -> set[str]:
    paths = (repository / folder).rglob("*")
    return {path.relative_to(repository).as_posix() for path in paths if path.is_file() and path.suffix != ".pyc"}


def test_wheel_holds_the_program_its_plugins_and_its_resources(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling (extra dev) is not installed")
    names = build(repository, tmp_path, "wheel")
    bundled = files_below(repository, "plugins") | files_below(repository, "resources")
    assert "resources/samples/coffee.jpg" in bundled
    assert {f"roi_assistant/_bundled/{name}" for name in bundled} <= names
    assert files_below(repository, "roi_assistant") <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/", "plugins/", "resources/")) for name in names)


def test_editable_installation_copies_nothing(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling (extra dev) is not installed")
    names = build(repository, tmp_path, "editable")
    assert [name for name in names if ".dist-info/" not in name and not name.endswith(".pth")] == []
