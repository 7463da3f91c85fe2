"""``roi-assistant models import-gpt4roi`` on small files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit import tiny_gpt4roi as tiny

Run = Callable[..., Any]


@pytest.fixture
def published(torch: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    tiny.write_published(folder)
    return folder


def test_import_and_use(run: Run, home: Path, published: Path, photo: Path) -> None:
    options = ["--llama", published / "llama", "--delta", published / "delta"]
    out = home / "data" / "models" / "gpt4roi-7b"
    result = run("models", "import-gpt4roi", *options)
    assert result.code == 0, result.err
    assert "--delta: " in result.err and "in 3 files" in result.err
    assert f"the sha256 of every file is in {out / 'manifest.json'}" in result.err
    assert "--model gpt4roi-7b" in result.err
    assert (out / "manifest.json").is_file()
    again = run("models", "import-gpt4roi", *options)
    assert again.code == 0 and "imported already" in again.err
    assert "gpt4roi-7b-int4" in run("models", "list").out


def test_another_folder(run: Run, home: Path, published: Path, tmp_path: Path) -> None:
    result = run(
        "models", "import-gpt4roi", "--llama", published / "llama", "--delta", published / "delta",
        "--clip", published / "clip-vit-large-patch14", "--out", tmp_path / "elsewhere",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert f"looks for models in {home / 'data' / 'models'}" in result.err


def test_wrong_files(run: Run, home: Path, published: Path, tmp_path: Path) -> None:
    swapped = run("models", "import-gpt4roi", "--llama", published / "delta", "--delta", published / "llama")
    assert swapped.code == 3 and "swapped" in swapped.err
    (published / "clip-vit-large-patch14").rename(tmp_path / "clip")
    missing = run("models", "import-gpt4roi", "--llama", published / "llama", "--delta", published / "delta")
    assert missing.code == 2 and "--clip" in missing.err
    assert not (home / "data" / "models").exists()
