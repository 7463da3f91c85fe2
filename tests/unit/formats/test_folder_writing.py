"""A folder is written as a whole or not at all, and nobody's work is replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roi_assistant.errors import BadInputError, FileWriteError
from roi_assistant.formats.folder_writing import MARKER, atomic_folder
from roi_assistant.temporary_files import sweep_temporaries


def export(path: Path, **files: str) -> None:
    with atomic_folder(path) as folder:
        for name, text in files.items():
            folder.write(f"sub/{name}.txt", text)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_new_one_and_an_export_over_an_earlier_one(tmp_path: Path) -> None:
    export(tmp_path / "out", a="1", b="2")
    assert names(tmp_path) == [f"out/{MARKER}", "out/sub/a.txt", "out/sub/b.txt"]
    export(tmp_path / "out", b="3")
    assert names(tmp_path) == [f"out/{MARKER}", "out/sub/b.txt"], "what is no longer there is gone"
    assert (tmp_path / "out/sub/b.txt").read_text() == "3"


def test_an_empty_folder_and_a_link_to_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    export(tmp_path / "link", a="1")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real/sub/a.txt").read_text() == "1"


def test_what_no_export_wrote_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo.jpg").write_text("x")
    with pytest.raises(BadInputError, match=r"holds what no export wrote, such as photo\.jpg"):
        export(out, a="1")
    (out / "photo.jpg").unlink()
    export(out, a="1")
    (out / "sub/a.txt").write_text("edited by hand")
    with pytest.raises(BadInputError, match=r"sub/a.txt, which was changed"):
        export(out, a="2")
    assert (out / "sub/a.txt").read_text() == "edited by hand"
    (out / "sub/a.txt").unlink()
    (out / "sub/other").symlink_to(tmp_path)
    with pytest.raises(BadInputError, match="sub/other"):
        export(out, a="2")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="is a file"):
        export(tmp_path / "file", a="1")


def test_a_damaged_list_of_what_was_written_replaces_nothing(tmp_path: Path) -> None:
    export(tmp_path / "out", a="1")
    (tmp_path / "out" / MARKER).write_text('{"files": ["sub/a.txt"]}')
    with pytest.raises(BadInputError, match="no export wrote"):
        export(tmp_path / "out", a="2")


@pytest.mark.parametrize("error", [ValueError("of the block"), KeyboardInterrupt(), FileWriteError("full")])
def test_after_a_failure_all_is_as_it_was(tmp_path: Path, error: BaseException) -> None:
    export(tmp_path / "out", a="1")
    with pytest.raises(type(error)), atomic_folder(tmp_path / "out") as folder:
        folder.write("sub/b.txt", "2")
        raise error
    assert names(tmp_path) == [f"out/{MARKER}", "out/sub/a.txt"] and os.listdir(tmp_path) == ["out"]


def test_the_last_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(tmp_path / "out", a="1")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and "sub/b.txt" in names(self):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(FileWriteError, match="No space left"):
        export(tmp_path / "out", b="2")
    assert names(tmp_path) == [f"out/{MARKER}", "out/sub/a.txt"] and os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("name", ["../x", "/x", "", "a/../../x", "a\0b", "\ud800"])
def test_names_that_leave_the_folder_or_can_be_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileWriteError, match="cannot be the name of a file"), atomic_folder(tmp_path / "out") as folder:
        folder.write(name, "x")
    assert not (tmp_path / "out").exists() and not (tmp_path / "x").exists()


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="No such file"):
        export(tmp_path / "none/out", a="1")


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    export(tmp_path / "out", a="1")
    from roi_assistant import temporary_files

    left = tmp_path / f".{2**22 + 1}-{temporary_files._HERE}00000000.tmp"
    (left / "sub").mkdir(parents=True)
    (left / "sub/a.txt").write_text("")
    sweep_temporaries(tmp_path)
    assert os.listdir(tmp_path) == ["out"]
