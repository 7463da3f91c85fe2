"""Model folders: nothing is loaded that differs from what the manifest lists."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.captioners.model_folder import (
    ModelFile,
    combined_sha256,
    file_sha256,
    listed_files,
    open_model_folder,
)
from roi_assistant.errors import ModelFileError

FILES = {"weights.onnx": b"\x00\x01weights", "config.json": b'{"layers": 4}'}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make(root: Path, **changes: Any) -> Path:
    folder = root / "model"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    manifest = {"id": "toy", "name": "Toy", "files": {name: digest(data) for name, data in FILES.items()}, **changes}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def refuses(folder: Path, *parts: str) -> None:
    """Opening fails with one sentence that has all ``parts``."""
    with pytest.raises(ModelFileError) as caught:
        open_model_folder(folder)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_good_folder(tmp_path: Path) -> None:
    folder = make(tmp_path, licence="none")
    model = open_model_folder(folder)
    assert (model.path, model.id, model.name) == (folder, "toy", "Toy")
    assert model.manifest["licence"] == "none"
    assert model.file("weights.onnx") == ModelFile(folder / "weights.onnx", FILES["weights.onnx"])
    assert "weights.onnx" in model and "manifest.json" not in model
    assert model.json("config.json") == {"layers": 4}


def test_hash_of_all_weights(tmp_path: Path) -> None:
    model = open_model_folder(make(tmp_path))
    listing = "".join(f"{digest(FILES[name])}  {name}\n" for name in ("config.json", "weights.onnx"))
    assert model.sha256 == digest(listing.encode())
    files = model.manifest["files"]
    assert combined_sha256(dict(reversed(files.items()))) == model.sha256
    assert combined_sha256({**files, "config.json": digest(b"other")}) != model.sha256
    assert combined_sha256({"a": files["config.json"], "weights.onnx": files["weights.onnx"]}) != model.sha256


def test_file_that_is_not_listed(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "extra.bin").write_bytes(b"")
    model = open_model_folder(folder)
    with pytest.raises(ModelFileError, match=re.escape(f"{folder / 'manifest.json'} does not list extra.bin")):
        model.file("extra.bin")
    with pytest.raises(ModelFileError, match=r"does not list extra\.bin"):
        model.json("extra.bin")


@pytest.mark.parametrize("name", sorted(FILES))
def test_missing_file_is_named(name: str, tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / name).unlink()
    refuses(folder, str(folder / name), "cannot be read", "copy it again")


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("damage", ["altered", "shorter", "longer", "empty"])
def test_altered_file_is_named(name: str, damage: str, tmp_path: Path) -> None:
    folder = make(tmp_path)
    data = FILES[name]
    altered = {"altered": data[:-1] + bytes([data[-1] ^ 1]), "shorter": data[:-1], "longer": data + b"\n", "empty": b""}
    (folder / name).write_bytes(altered[damage])
    refuses(folder, str(folder / name), "sha256 differs", "copy it again")


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "weights.onnx").unlink()
    (folder / "weights.onnx").mkdir()
    refuses(folder, str(folder / "weights.onnx"), "cannot be read")


def test_no_model_at_all(tmp_path: Path) -> None:
    refuses(tmp_path / "nowhere", str(tmp_path / "nowhere" / "manifest.json"), "cannot be read", "install")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"manifest"',
        '{"id": "toy", "name": "Toy"}',
        '{"id": "toy", "files": {}}',
        '{"name": "Toy", "files": {}}',
        '{"id": "toy", "name": "Toy", "files": ["weights.onnx"]}',
        '{"id": "toy", "name": "Toy", "files": null}',
    ],
)
def test_bad_manifest_is_named(text: str, tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    refuses(folder, str(folder / "manifest.json"), "is not a model manifest", "install")


def test_manifest_that_is_no_text(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")
    refuses(folder, str(folder / "manifest.json"), "is not a model manifest")


@pytest.mark.parametrize(
    "name",
    ["../secret", "sub/weights.onnx", "sub/", "./weights.onnx", "..", "/", "c:secret", "sub\\weights.onnx", "*", ""],
)
def test_path_in_the_manifest(name: str, tmp_path: Path) -> None:
    """A manifest reaches no file outside its folder, even one whose hash it knows."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = make(tmp_path, files={name: digest(b"secret")})
    (folder / "sub").mkdir()
    (folder / "sub" / "weights.onnx").write_bytes(b"secret")
    with pytest.raises(ModelFileError):
        open_model_folder(folder)


def test_path_with_a_slash_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = make(tmp_path, files={"../secret": digest(b"secret")})
    refuses(folder, str(folder / "manifest.json"), "'../secret'", "not a plain file name")


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a\nb", "x" * 256, "é" * 200, "manifest.json", "."])
def test_name_that_no_file_can_have(name: str, tmp_path: Path) -> None:
    refuses(make(tmp_path, files={name: digest(b"")}), "manifest.json lists ", "not a plain file name")


@pytest.mark.parametrize("field", ["id", "name"])
def test_text_that_cannot_be_told(field: str, tmp_path: Path) -> None:
    refuses(make(tmp_path, **{field: "\ud800"}), "is not a model manifest")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"id":' * 100_000, '{"a":' + "[" * 100_000])
def test_deep_manifest(text: str, tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    refuses(folder, "is not a model manifest")


def test_endless_manifest(tmp_path: Path) -> None:
    folder = make(tmp_path)
    with (folder / "manifest.json").open("wb") as stream:
        stream.truncate(1 << 40)  # no blocks: it only claims to be so long
    refuses(folder, str(folder / "manifest.json"), "it is larger than 16777216 bytes")


def test_endless_weights(tmp_path: Path) -> None:
    folder = make(tmp_path)
    with (folder / "weights.onnx").open("wb") as stream:
        stream.truncate(1 << 40)
    refuses(folder, str(folder / "weights.onnx"), "bytes")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")
@pytest.mark.parametrize("name", ["weights.onnx", "config.json", "manifest.json"])
@pytest.mark.parametrize("kind", ["pipe", "link", "link to a device", "link to nothing", "link to itself", "socket"])
def test_what_is_no_plain_file(kind: str, name: str, tmp_path: Path) -> None:
    """None of them is read or waited for, also when what it leads to has the right sha256."""
    folder = make(tmp_path)
    path = folder / name
    path.rename(tmp_path / "elsewhere")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made, contextlib.chdir(folder):
            made.bind(name)
    else:
        targets = {"link": "../elsewhere", "link to a device": "/dev/zero", "link to nothing": "gone"}
        path.symlink_to(targets.get(kind, name))
    refuses(folder, str(path), "cannot be read")
    if name != "manifest.json":
        with pytest.raises(ModelFileError, match="cannot be read"), listed_files(folder).stream(name):
            pass
        with pytest.raises(ModelFileError, match="cannot be read"):
            file_sha256(path)


def test_what_is_handed_out_is_what_was_hashed(tmp_path: Path) -> None:
    """Whatever happens to the file afterwards."""
    folder = make(tmp_path)
    model = open_model_folder(folder)
    for name in FILES:
        (folder / name).write_bytes(b"[]")
    assert model.file("weights.onnx").data == FILES["weights.onnx"]
    assert model.json("config.json") == {"layers": 4}
    with pytest.raises(ModelFileError, match="sha256 differs"):
        listed_files(folder).file("weights.onnx")


def test_json_that_is_none(tmp_path: Path) -> None:
    folder = make(tmp_path)
    for content in (b"{", b"\xff", b"[" * 100_000):
        (folder / "config.json").write_bytes(content)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"]["config.json"] = digest(content)
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelFileError, match=r"config\.json is not valid JSON"):
            open_model_folder(folder).json("config.json")


def test_stream_is_checked_at_its_end(tmp_path: Path) -> None:
    folder = make(tmp_path)
    files = listed_files(folder)
    with files.stream("weights.onnx") as stream:
        assert (bytes(stream.take(2)), stream.left) == (b"\x00\x01", 7)
    (folder / "weights.onnx").write_bytes(b"\x00\x01Weights")
    with pytest.raises(ModelFileError, match="sha256 differs"), files.stream("weights.onnx") as stream:
        stream.take(2)
    with pytest.raises(ModelFileError, match="shorter than it says"), files.stream("weights.onnx") as stream:
        stream.take(10)
    with pytest.raises(ModelFileError, match="it grew"), files.stream("weights.onnx") as stream:
        (folder / "weights.onnx").write_bytes(FILES["weights.onnx"] * 2)
    with pytest.raises(ModelFileError, match="it shrank"), files.stream("weights.onnx") as stream:
        (folder / "weights.onnx").write_bytes(b"")
        stream.take(3)
    with pytest.raises(ModelFileError, match="does not list"), files.stream("manifest.json"):
        pass


def test_hash_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"x" * 3_000_000)
    assert file_sha256(path) == digest(b"x" * 3_000_000)
    with pytest.raises(ModelFileError, match=re.escape(str(tmp_path / "gone"))):
        file_sha256(tmp_path / "gone")
