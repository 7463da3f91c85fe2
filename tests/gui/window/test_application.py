"""The program from outside: ``roi-assistant open FOLDER``, driven by mouse and keys."""

from __future__ import annotations

import gc
import sqlite3
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import ProjectWriteError
from roi_assistant.settings import user_plugins_folder
from roi_assistant.storage.project import Project
from roi_assistant.ui.session.store import ProjectStore
from roi_assistant.ui.window.main_window import MainWindow, shown_window
from roi_assistant.ui.window.recents import Memory
from tests.gui.application_fixtures import (
    PATIENCE,
    drag,
    is_open,
    key,
    run_program,
    settle,
    unwritable,
    wait_for,
    write_settings,
)

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


pytestmark = pytest.mark.usefixtures("writer")


def caption(window: MainWindow, number: int = 1) -> str:
    """The text of the region ``number`` of the image in sight, "" without one."""
    regions = window.session.image.regions
    if len(regions) < number:
        return ""
    found = preferred_caption(regions[number - 1])
    return found.text if found else ""


def test_draw_read_accept_edit_undo_redo_and_open_again(photos: Path) -> None:
    def first(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        wait_for(lambda: is_open(window), "the first image")
        assert (window.page, session.image.key, list(session.images.keys)) == (
            "workspace",
            "a.png",
            ["a.png", "b.png", "inner/c.png"],
        )
        canvas.setFocus()
        key(canvas, Qt.Key.Key_W)
        drag(canvas, (50, 50), (150, 120))
        assert len(session.image.regions) == 1
        box = session.image.regions[0].box
        assert abs(box.width - 100) < 4 and abs(box.height - 70) < 4
        wait_for(lambda: caption(window) and not session.suggestions.pending, "the suggestion")
        suggestion = caption(window)
        assert suggestion == f"a thing of {box.width:.0f}"
        region = session.image.regions[0]
        assert (region.state, region.category) == ("suggested", "thing")
        assert [attribute.name for attribute in region.attributes] == ["color"]  # 0.1 is less than the setting

        key(canvas, Qt.Key.Key_Return)
        assert session.image.regions[0].state == "accepted"
        key(canvas, Qt.Key.Key_2)
        assert caption(window) == f"{suggestion}, take 2"
        key(canvas, Qt.Key.Key_E)
        editor = window.workspace.editor
        assert window.focusWidget() is editor.caption
        QTest.keyClicks(editor.caption, "a wxd 1")  # none of these letters is a command here
        assert editor.caption.toPlainText() == "a wxd 1"
        key(editor.caption, Qt.Key.Key_Return, CTRL)
        assert caption(window) == "a wxd 1"
        assert (len(session.image.regions), session.image.regions[0].state) == (1, "edited")

        def undo(expected: str) -> None:
            settle(window)
            key(canvas, Qt.Key.Key_Z, CTRL)
            settle(window)
            assert caption(window) == expected

        canvas.setFocus()
        undo(f"{suggestion}, take 2")
        undo(suggestion)
        assert session.image.regions[0].state == "accepted"
        undo(suggestion)
        assert session.image.regions[0].state == "suggested"
        undo("")  # the box and what was suggested for it
        assert session.image.regions == ()
        for _ in range(2):
            key(canvas, Qt.Key.Key_Z, CTRL | SHIFT)
            settle(window)
        assert (caption(window), session.image.regions[0].state) == (suggestion, "accepted")

    assert run_program(first, "open", str(photos)) == 0
    with Project.open(photos) as project:
        (region,) = project.regions("a.png")
        assert region.state == "accepted"
        assert project.history("a.png").can_redo

    def second(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the image again")
        assert window.session.image.regions == (region,)

    assert run_program(second, "open", str(photos)) == 0


def test_the_image_that_was_in_sight_comes_back_and_the_folder_is_among_the_recent_ones(photos: Path) -> None:
    def leave(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        window.session.step_image(1)
        wait_for(lambda: is_open(window))

    run_program(leave, "open", str(photos))
    seen = []
    run_program(
        lambda window: wait_for(lambda: is_open(window)) or seen.append(window.session.image.key), "open", str(photos)
    )
    assert seen == ["b.png"]

    def welcome(window: MainWindow) -> None:
        assert window.page == "welcome"
        assert [recent.folder for recent in window.memory.recents] == [photos]
        window.open_folder(photos)
        wait_for(lambda: is_open(window))

    run_program(welcome, "open")


def test_an_image_as_argument_is_shown_first(photos: Path) -> None:
    seen = []
    run_program(
        lambda w: wait_for(lambda: is_open(w)) or seen.append(w.session.image.key), "open", str(photos / "b.png")
    )
    assert seen == ["b.png"]


def test_a_second_window_can_read(photos: Path) -> None:
    def look(window: MainWindow) -> None:
        wait_for(lambda: window.session.folder is not None)
        session = window.session
        assert session.read_only and session.store.state == "read-only"
        assert "reading only" in window.bar.text and "another window" in window.bar.text
        wait_for(lambda: is_open(window))
        assert session.edits.add_box(Box(1, 1, 50, 50)) == ""
        assert session.image.regions == ()

    with Project.open(photos) as project:
        project.add_images(["a.png"])
        assert run_program(look, "open", str(photos)) == 0


def test_a_folder_that_cannot_be_written_is_shown(photos: Path) -> None:
    def look(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        session = window.session
        wait_for(lambda: len(session.images.keys) == 3)
        assert session.read_only
        assert "cannot be written" in window.bar.text
        session.step_image(1)
        wait_for(lambda: is_open(window))
        assert session.image.key == "b.png"

    with unwritable(photos):
        assert run_program(look, "open", str(photos)) == 0
    assert sorted(path.name for path in photos.iterdir()) == ["a.png", "b.png", "inner"]


def test_a_damaged_project_is_refused_and_its_backup_restored(photos: Path) -> None:
    with Project.open(photos) as project:
        project.add_images(["a.png", "b.png", "inner/c.png"])
        project.back_up()
    (photos / "project.roi").write_bytes(b"not any more")

    def restore(window: MainWindow) -> None:
        wait_for(lambda: window.bar.current is not None, "the message")
        notice = window.bar.current
        assert notice is not None and notice.level == "error" and "damaged" in notice.text
        assert window.page == "welcome" and window.session.folder is None
        assert (photos / "project.roi").read_bytes() == b"not any more"
        assert notice.actions
        window.bar.lines[0].buttons[0].click()
        wait_for(lambda: is_open(window), "the restored project")

    assert run_program(restore, "open", str(photos)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rights of this kind")
def test_plugins_that_others_may_change_are_told(photos: Path) -> None:
    plugin = user_plugins_folder() / "mine"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text("{}")
    plugin.chmod(0o777)

    def look(window: MainWindow) -> None:
        wait_for(lambda: window.bar.current is not None, "the message")
        notice = window.bar.current
        assert notice is not None and notice.level == "warning"
        assert f"The plugin mine in {plugin.parent} is not run: everybody may write to {plugin}." in notice.text

    assert run_program(look, "open", str(photos)) == 0


def test_a_change_that_cannot_be_stored_is_taken_back_and_said_once(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window))
        kept = session.edits.add_box(Box(10, 10, 60, 60))
        wait_for(lambda: not session.store.is_saving and not session.suggestions.pending)
        before = session.image.regions
        real = Project.apply

        def full(self: Project, edit: object) -> object:
            raise ProjectWriteError("The disk is full.")

        monkeypatch.setattr(Project, "apply", full)
        session.edits.add_box(Box(100, 100, 160, 160))
        session.edits.delete([kept])
        assert len(session.image.regions) == 1
        wait_for(lambda: session.image.regions == before, "the way back")
        assert session.store.state == "failed"
        assert "disk is full" in window.bar.text
        monkeypatch.setattr(Project, "apply", real)
        session.edits.accept([kept])
        wait_for(lambda: session.store.state == "saved" and not session.store.is_saving)
        assert session.image.regions[0].state == "accepted"

    run_program(drive, "open", str(photos))
    with Project.open(photos) as project:
        assert [region.state for region in project.regions("a.png")] == ["accepted"]


def test_a_model_that_fails_is_said_and_the_box_stays(photos: Path, writer: Path) -> None:
    write_settings(writer, model="writer-broken", language="en")

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        window.session.edits.add_box(Box(10, 10, 60, 60))
        wait_for(lambda: "pencil is broken" in window.bar.text)
        assert len(window.session.image.regions) == 1 and not window.session.suggestions.pending

    assert run_program(drive, "open", str(photos)) == 0


def test_an_error_that_nobody_caught_is_logged_said_and_survived(photos: Path, writer: Path) -> None:
    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        try:
            raise ZeroDivisionError("one over nothing")
        except ZeroDivisionError as error:
            sys.excepthook(ZeroDivisionError, error, error.__traceback__)
        wait_for(lambda: "one over nothing" in window.bar.text)
        assert "roi-assistant.log" in window.bar.text
        window.session.step_image(1)
        wait_for(lambda: is_open(window) and window.session.image.key == "b.png")

    before = sys.excepthook
    assert run_program(drive, "open", str(photos)) == 0
    assert sys.excepthook is before
    assert "ZeroDivisionError: one over nothing" in (writer / "log" / "roi-assistant.log").read_text()


def test_chat_is_numbered_as_on_the_canvas_and_stored(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window))
        ids = [session.edits.add_box(Box(10 * n, 10, 10 * n + 50, 60)) for n in (1, 2, 3)]
        session.chat.ask("compare <region3> with <1>")
        wait_for(lambda: len(session.chat.shown.turns) == 2, "the answer")
        assert session.chat.shown.turns[1].text == "2 boxes. You said: compare <region3> with <region1>"
        session.edits.delete([ids[0]])
        assert session.chat.shown.turns[0].text == "compare <region2> with (deleted region)"
        session.chat.ask("and <region7>?")
        assert "no region 7" in window.bar.text and len(session.chat.shown.turns) == 2

    run_program(drive, "open", str(photos))
    with Project.open(photos) as project:
        (conversation,) = project.conversations("a.png")
        assert conversation.turns[0].text == "compare <region1> with <region2>"
        assert len(conversation.region_ids) == 2


def test_a_batch_goes_on_after_the_window_was_closed(photos: Path) -> None:
    with Project.open(photos) as project:
        project.add_images(["a.png", "b.png", "inner/c.png"])

    def begin(window: MainWindow) -> None:
        session = window.session
        window.change_setting("suggest_on_draw", False)
        for name in ("a.png", "b.png", "inner/c.png"):
            wait_for(lambda: is_open(window))
            session.open_image(name)
            wait_for(lambda name=name: is_open(window) and session.image.key == name)
            session.edits.add_box(Box(10, 10, 60, 60))
        settle(window)
        session.batches.start()
        wait_for(lambda: session.jobs.statuses and session.jobs.statuses[-1].total == 3)
        settle(window)

    run_program(begin, "open", str(photos))

    def finish(window: MainWindow) -> None:
        session = window.session

        def described() -> bool:
            rows = session.images.rows
            return (not session.jobs.statuses and not rows) or all(job.is_over for job in session.jobs.statuses)

        wait_for(lambda: window.session.folder is not None)
        wait_for(described)
        settle(window)

    run_program(finish, "open", str(photos))
    with Project.open(photos) as project:
        for name in ("a.png", "b.png", "inner/c.png"):
            assert [len(region.captions) > 0 for region in project.regions(name)] == [True], name
        assert project.load_jobs() == ()


def test_another_language_makes_the_window_anew_and_keeps_the_place(photos: Path, qapp: QApplication) -> None:
    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        window.session.edits.add_box(Box(10, 10, 60, 60))
        window.change_setting("language", "zh_CN")
        wait_for(lambda: shown_window() is not window, "the new window")
        other = shown_window()
        wait_for(lambda: is_open(other), "the project in the new window")
        assert not other.session.read_only and len(other.session.image.regions) == 1
        assert other.actions_of["accept"].text() not in ("", "&Accept")
        other.change_setting("language", "en")
        wait_for(lambda: shown_window() is not other)
        shown_window().close()

    assert run_program(drive, "open", str(photos)) == 0


def test_the_window_closes_when_the_last_change_is_stored_just_after_it_was_asked_to(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def is_closed(_store: ProjectStore) -> bool:
        asked.append(bool(asked))
        return asked[-1]  # not yet, the first time

    monkeypatch.setattr(ProjectStore, "is_closed", property(is_closed))
    guard = QTimer()
    guard.setSingleShot(True)
    guard.timeout.connect(lambda: QApplication.exit(99))

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        guard.start(int(PATIENCE * 1000))

    assert run_program(drive, "open", str(photos)) == 0
    guard.stop()


def test_bad_arguments(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["open", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capfd.readouterr().err
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        assert main(["open", str(tmp_path)]) == 2
        assert "no display" in capfd.readouterr().err


def test_the_file_is_sound_afterwards(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        for n in range(20):
            window.session.edits.add_box(Box(n, n, n + 40, n + 40))

    run_program(drive, "open", str(photos))  # closed while much is still to be written
    with Project.open(photos) as project:
        assert len(project.regions("a.png")) == 20
    with sqlite3.connect(photos / "project.roi") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_program_ends_with_its_window_though_another_one_is_open(photos: Path) -> None:
    other = QWidget()
    other.show()
    try:
        assert run_program(lambda window: wait_for(lambda: is_open(window)), "open", str(photos)) == 0
    finally:
        other.close()


def test_what_the_program_is_made_of_is_not_searched_for_garbage_while_it_runs(photos: Path) -> None:
    def look(window: MainWindow) -> None:
        started = gc.get_freeze_count()
        assert started
        wait_for(lambda: gc.get_freeze_count() > started, "the first picture")
        before = gc.get_freeze_count()
        assert before > 10 * len(gc.get_objects())
        window.show_page("about")
        assert gc.get_freeze_count() > before

    assert gc.get_freeze_count() == 0
    run_program(look, "open", str(photos))
    assert gc.get_freeze_count() == 0


def test_the_image_is_remembered_before_the_window_closes(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill one goes on where one was."""
    monkeypatch.setattr("roi_assistant.ui.window.main_window.PLACE_AFTER", 0.05)

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        there = window.session.images.keys[-1]
        window.session.open_image(there)
        wait_for(lambda: Memory().image_of(photos) == there, "the file that remembers it")

    run_program(drive, "open", str(photos))


def test_the_list_of_regions_leaves_room_for_the_editor_until_a_person_decides(photos: Path) -> None:
    def first(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        docks = window.workspace.docks
        assert docks["regions"].height() < 0.25 * window.workspace.height() < docks["editor"].height()
        window.workspace.resizeDocks([docks["regions"], docks["editor"]], [400, 400], Qt.Orientation.Vertical)
        QApplication.processEvents()
        heights.append(docks["regions"].height())

    def second(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        heights.append(window.workspace.docks["regions"].height())

    heights: list[int] = []
    run_program(first, "open", str(photos))
    run_program(second, "open", str(photos))
    assert min(heights) > 300, "what a person chose stays"
