"""The thread that writes the project file: what its answers may rely on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roi_assistant.errors import ProjectWriteError
from roi_assistant.storage.project import Project
from roi_assistant.ui.session.storage_thread import StorageThread, reader_of


class AtOnce:
    """A courier that delivers before the writer has gone on: the window may be that quick."""

    def post(self, function: Callable[[], None]) -> None:
        function()


def thread_of(folder: Path) -> StorageThread:
    return StorageThread(
        AtOnce(),  # type: ignore[arg-type]
        open_project=lambda: Project.open(folder),
        open_reader=reader_of(folder),
        opened=lambda project: None,
        done=lambda answer: None,
        failed=lambda error: None,
    )


@pytest.mark.parametrize("fails", [False, True])
def test_when_the_answer_comes_the_change_is_no_longer_waiting(tmp_path: Path, fails: bool) -> None:
    storage, seen = thread_of(tmp_path), []

    def act(project: Project) -> int:
        if fails:
            raise ProjectWriteError("no space")
        return project.add_images(["a.png"])

    def answered(answer: object) -> None:
        seen.append((str(answer), storage.waiting))

    storage.write(act, answered, answered)
    storage.close()
    assert storage.wait(30)
    assert seen == [("no space" if fails else "1", 0)]
