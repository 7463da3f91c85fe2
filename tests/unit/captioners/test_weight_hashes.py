from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from roi_assistant.captioners import weight_hashes
from roi_assistant.captioners.model_folder import combined_sha256
from roi_assistant.captioners.weight_hashes import weights_sha256
from roi_assistant.errors import ModelFileError


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    paths = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 1000)
    return paths


def test_whole_files_are_hashed_once(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert weights_sha256(files) == combined_sha256(digests)
    hashed: list[Path] = []
    known = weight_hashes.file_sha256
    monkeypatch.setattr(weight_hashes, "file_sha256", lambda path: hashed.append(path) or known(path))
    assert weights_sha256(files) == combined_sha256(digests)
    assert hashed == []
    files[0].write_bytes(b"other")
    assert weights_sha256(files) != combined_sha256(digests)
    assert hashed == [files[0]]


def test_links_are_followed(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    link = tmp_path / "snapshot" / "a.safetensors"
    link.symlink_to(files[0])
    assert weights_sha256([link]) == weights_sha256([files[0]])


def test_what_was_kept_may_be_damaged_or_impossible_to_keep(files: list[Path], tmp_path: Path) -> None:
    expected = weights_sha256(files)
    (tmp_path / "home" / "data" / weight_hashes.KEPT).write_text('{"x": 1}')
    assert weights_sha256(files) == expected
    os.remove(tmp_path / "home" / "data" / weight_hashes.KEPT)
    (tmp_path / "home" / "data" / weight_hashes.KEPT).mkdir()
    assert weights_sha256(files) == expected


def test_a_missing_file(tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(ModelFileError, match="gone"):
        weights_sha256([tmp_path / "gone"])
