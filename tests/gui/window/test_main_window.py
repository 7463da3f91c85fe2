"""Parts of the window that need no project: notices, what is dropped on it, what it remembers."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import Caption, Provenance, Region
from roi_assistant.ui.session.canvas_regions import canvas_regions, is_too_small
from roi_assistant.ui.window.main_window import MainWindow, dropped_place, first_size
from roi_assistant.ui.window.notifications import NoticeAction, NotificationBar
from roi_assistant.ui.window.recents import KEPT, Memory, Recent
from roi_assistant.ui.window.samples import copy_samples
from tests.gui.application_fixtures import is_open, run_program, wait_for

pytestmark = pytest.mark.usefixtures("qapp")


def drop(*urls: QUrl) -> QDropEvent:
    data = QMimeData()
    data.setUrls(list(urls))
    drop.kept = data  # type: ignore[attr-defined]  # the event does not own it
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QDropEvent(QPointF(1, 1), Qt.DropAction.CopyAction, data, buttons, keys)


def test_what_can_be_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.JPG").touch()
    (tmp_path / "notes.txt").touch()

    def local(name: str) -> QUrl:
        return QUrl.fromLocalFile(str(tmp_path / name))

    assert dropped_place(drop(local(""))) == (tmp_path, "")
    assert dropped_place(drop(local("a.JPG"))) == (tmp_path, "a.JPG")
    assert dropped_place(drop(local("project.roi"))) == (tmp_path, "")
    assert dropped_place(drop(local("notes.txt"), local("a.JPG"))) == (tmp_path, "a.JPG")
    assert dropped_place(drop(local("notes.txt"))) is None
    assert dropped_place(drop(QUrl("https://example.org/a.jpg"))) is None


@pytest.mark.usefixtures("writer")
def test_a_folder_may_be_dropped_on_the_picture_and_on_a_text_field(photos: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.png").write_bytes(next(photos.glob("*.*")).read_bytes())

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        canvas, caption = window.workspace.canvas.viewport(), window.workspace.editor.caption.viewport()
        for place, folder in ((canvas, other), (caption, photos), (window.workspace.chat.input.viewport(), other)):
            assert place is not None
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(folder))])
            given = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
            enter = QDragEnterEvent(QPoint(5, 5), *given)
            QApplication.sendEvent(place, enter)
            assert enter.isAccepted()
            QApplication.sendEvent(place, QDropEvent(QPointF(5, 5), *given))
            wait_for(lambda folder=folder: window.session.folder == folder, "the folder")

    run_program(drive, "open", str(photos))


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        ((1600, 1000), (1360, 860)),
        ((2560, 1400), (2048, 1120)),
        ((800, 500), (792, 460)),
        ((1366, 720), (1358, 680)),
    ],
)
def test_the_first_window_is_no_larger_than_the_screen(screen: tuple[int, int], size: tuple[int, int]) -> None:
    shown = SimpleNamespace(availableSize=lambda: QSize(*screen))
    assert first_size(shown) == QSize(*size)  # type: ignore[arg-type]


def test_notices_come_in_their_order_and_once() -> None:
    bar, done = NotificationBar(), []
    bar.say("info", "first")
    bar.say("info", "second")
    assert bar.text == "second"
    bar.say("error", "broken", NoticeAction("Repair", lambda: done.append(1)), NoticeAction("Leave", lambda: None))
    bar.say("warning", "careful")
    bar.say("error", "broken")
    bar.say("error", "broken too")
    seen = []
    while bar.current is not None:
        seen.append(bar.text)
        if bar.current.actions:
            bar.lines[0].buttons[0].click()
        else:
            bar.dismiss()
    assert seen == ["broken", "broken too", "careful", "second"]
    assert done == [1] and bar.isHidden()


def test_the_latest_folder_comes_first_and_its_image_is_known(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "config" / "window.json")
    for number in range(KEPT + 3):
        memory.visit(tmp_path / str(number))
    memory.visit(tmp_path / "5", "inner/x.jpg")
    memory.visit(tmp_path / "5")
    memory.wait()
    again = Memory(tmp_path / "config" / "window.json")
    assert again.recents[0] == Recent(tmp_path / "5", "inner/x.jpg")
    assert len(again.recents) == KEPT
    again.forget(tmp_path / "5")
    assert again.image_of(tmp_path / "5") == ""
    again.keep({"geometry": "abc"})
    again.wait()
    assert Memory(tmp_path / "config" / "window.json").get("geometry") == "abc"


@pytest.mark.parametrize("data", [{"recents": 3}, {"recents": [1, {"folder": 2}, {"folder": "x", "image": 4}]}, []])
def test_a_strange_memory_is_no_problem(tmp_path: Path, data: object) -> None:
    path = tmp_path / "window.json"
    path.write_text(json.dumps(data))
    assert {recent.image for recent in Memory(path).recents} <= {""}


def test_regions_as_the_canvas_shows_them() -> None:
    caption = Caption("a cup", Provenance("human", ""), preferred=True)
    regions = (
        Region("a", Box(0, 0, 100, 100), captions=(caption,), state="edited"),
        Region("b", Box(0, 0, 30, 100), category="spoon", unsure=True),
        Region("c", Box(5, 5, 90, 90), locked=True),
    )
    shown = canvas_regions(regions, pending={"c"}, size=(4000, 3000))
    assert [(r.number, r.label, r.pending, bool(r.warning), r.locked) for r in shown] == [
        (1, "a cup", False, False, False),
        (2, "spoon", False, True, False),
        (3, "", True, False, True),
    ]
    assert not any(r.warning for r in canvas_regions(regions, pending=(), size=None))


def test_what_is_too_small_for_the_model() -> None:
    assert is_too_small(Box(0, 0, 35, 500), (4000, 3000))  # 1.96 pixels of 224
    assert not is_too_small(Box(0, 0, 36, 500), (4000, 3000))
    assert is_too_small(Box(0, 0, 500, 26), (4000, 3000))


def test_samples_are_copied_and_what_is_there_is_kept(tmp_path: Path) -> None:
    folder = copy_samples(tmp_path / "samples")
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 4 and all(name.endswith(".jpg") for name in names)
    (folder / names[0]).write_bytes(b"mine")
    copy_samples(folder)
    assert (folder / names[0]).read_bytes() == b"mine"


def test_the_bar_is_hidden_until_there_is_something_to_say(qapp: QApplication) -> None:
    assert NotificationBar().isHidden()
