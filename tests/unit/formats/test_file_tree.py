"""The same files from a folder, a tar archive and a compressed one."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.formats import file_tree
from roi_assistant.formats.file_tree import FileTree

FILES = {"1.txt": b"first", "2.txt": "zwei ä".encode(), "pixels.bin": bytes(range(256)) * 40}


def pack(path: Path, files: dict[str, bytes], *, inside: str = "Parts/") -> None:
    mode = {".xz": "w:xz", ".gz": "w:gz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        folder = tarfile.TarInfo(inside)
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, data in files.items():
            member = tarfile.TarInfo(inside + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


@pytest.fixture(params=["folder", "Parts.tar", "Parts.tar.xz", "Parts.tar.gz", "several"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        (tmp_path / "Parts" / "sub").mkdir(parents=True)
        for name, data in FILES.items():
            (tmp_path / "Parts" / name).write_bytes(data)
    elif request.param == "several":
        for number, (name, data) in enumerate(FILES.items()):
            pack(tmp_path / f"Parts-{number}.tar", {name: data}, inside="whatever/deep/")
    else:
        pack(tmp_path / request.param, FILES)
    return tmp_path


def test_every_layout_reads_the_same(root: Path) -> None:
    tree = FileTree.find(root, "Other", "Parts")
    assert sorted(tree.names()) == sorted(FILES)
    assert {name: tree.read(name) for name in FILES} == FILES
    assert tree.text("2.txt") == "zwei ä"
    assert tree.open("pixels.bin").read(3) == b"\0\1\2"
    assert "1.txt" in tree and "3.txt" not in tree


def test_missing_file_is_named(root: Path) -> None:
    with pytest.raises(FormatError, match=r"3\.txt"):
        FileTree.find(root, "Parts").read("3.txt")


@pytest.mark.parametrize("name", ["../secret", "a/b.txt", "/etc/passwd"])
def test_only_plain_names(root: Path, name: str) -> None:
    with pytest.raises(FormatError, match="not a plain file name"):
        FileTree.find(root, "Parts").read(name)


def test_text_that_is_not_utf8(root: Path) -> None:
    with pytest.raises(FormatError, match=r"pixels\.bin is not text in UTF-8"):
        FileTree.find(root, "Parts").text("pixels.bin")


def test_folder_comes_before_archive(tmp_path: Path) -> None:
    pack(tmp_path / "Parts.tar", {"a": b"from the archive"})
    (tmp_path / "Parts").mkdir()
    (tmp_path / "Parts" / "a").write_bytes(b"from the folder")
    assert FileTree.find(tmp_path, "Parts").read("a") == b"from the folder"


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="neither the folder images/ or photos/ nor its tar archives"):
        FileTree.find(tmp_path, "images", "photos")


@pytest.mark.parametrize("name", ["Parts.tar", "Parts.tar.xz", "Parts.tar.gz"])
@pytest.mark.parametrize("damage", ["text", "cut"])
def test_damaged_archive(name: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / name
    pack(path, FILES)
    data = path.read_bytes()
    path.write_bytes(b"this is no archive at all" * 30 if damage == "text" else data[: len(data) * 2 // 5])
    with pytest.raises(FormatError, match=r"cannot be read as a tar archive .*: copy it again"):
        FileTree.find(tmp_path, "Parts")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros compress a thousandfold."""
    monkeypatch.setattr(file_tree, "LARGEST", 1 << 20)
    for number in range(2):
        with tarfile.open(tmp_path / f"Sentences-{number}.tar.xz", "w:xz") as tar:
            info = tarfile.TarInfo(f"{number}.txt")
            info.size = 600_000
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 10_000
    with pytest.raises(FormatError, match=r"Sentences-1\.tar\.xz unpacks to more than 1 MB: unpack it"):
        FileTree.find(tmp_path, "Sentences")
    (tmp_path / "Sentences-1.tar.xz").unlink()
    assert "0.txt" in FileTree.find(tmp_path, "Sentences")
