"""A session of work with the embedded model, from the first box to the exported file, by mouse and keys."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.core.review import alternatives
from roi_assistant.storage.project import Project
from roi_assistant.ui.pages.export import ExportPage
from roi_assistant.ui.pages.review_queue import ReviewQueue
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, wait_for
from tests.gui.e2e.driving import CTRL, SHIFT, draw, go_to, press, shot, stored, travel, words

WRITTEN = "a white helmet with a wide visor"


def annotate(window: MainWindow) -> None:
    """Three boxes on the first photo: one is accepted, one edited, of one an alternative is taken."""
    session, canvas = window.session, window.workspace.canvas
    astronaut = draw(window, (20, 16), (364, 508))
    assert (astronaut.state, words(astronaut) != "", bool(astronaut.category)) == ("suggested", True, True)
    provenance = astronaut.captions[0].provenance
    assert provenance.model_id == "gpt4roi-mini" and provenance.weights_sha256
    key(canvas, Qt.Key.Key_Return)
    assert session.image.region(astronaut.id).state == "accepted"
    shot(window, "annotating")

    helmet = draw(window, (278, 344), (507, 510))
    key(canvas, Qt.Key.Key_E)
    editor = window.workspace.editor
    assert window.focusWidget() is editor.caption
    key(editor.caption, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(editor.caption, WRITTEN)
    key(editor.caption, Qt.Key.Key_Return, CTRL)
    assert (words(session.image.region(helmet.id)), session.image.region(helmet.id).state) == (WRITTEN, "edited")

    flag = draw(window, (2, 2), (98, 510))
    second = alternatives(flag)[1].text
    canvas.setFocus()
    key(canvas, Qt.Key.Key_2)
    assert (words(session.image.region(flag.id)), session.image.region(flag.id).state) == (second, "accepted")
    stored(window)


def take_back_and_redo(window: MainWindow) -> None:
    """To before the third box and forth again."""
    session = window.session
    done = session.image.regions
    steps = 0
    while len(session.image.regions) == 3:
        travel(window)
        steps += 1
    assert session.image.regions == done[:2]
    assert steps == 2  # the box with its suggestion, the choice
    for _ in range(steps):
        travel(window, CTRL | SHIFT)
    assert session.image.regions == done
    assert not session.history.state.can_redo


def search(window: MainWindow) -> None:
    """Words of a caption, by their beginnings, find its photo."""
    session, images = window.session, window.workspace.images
    press(window, Qt.Key.Key_F, CTRL)
    assert window.focusWidget() is images.search
    QTest.keyClicks(images.search, "visor helm")
    key(images.search, Qt.Key.Key_Return)
    wait_for(lambda: list(session.images.keys) == ["astronaut.jpg"], "the photo with the words")
    wait_for(lambda: images.model.rowCount() == 1)
    shot(window, "search")
    key(images.search, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(images.search, "nothing like this")
    key(images.search, Qt.Key.Key_Return)
    wait_for(lambda: not session.images.keys, "no photo")
    shot(window, "search-nothing")
    key(images.search, Qt.Key.Key_Escape)
    wait_for(lambda: len(session.images.keys) == 3, "all photos again")


def review(window: MainWindow) -> list[str]:
    """Decide about everything in the queue without the mouse; what was decided, in order."""
    window.workspace.canvas.setFocus()
    press(window, Qt.Key.Key_Q)
    assert window.page == "review"
    page = window.pages.page("review")
    assert isinstance(page, ReviewQueue)
    wait_for(lambda: len(page.deck.items) == 3, "the queue")
    certainties = [item.certainty for item in page.deck.items]
    assert certainties == sorted(certainties)
    first = page.deck.current
    assert first is not None
    shot(window, "review")
    press(window, Qt.Key.Key_X)
    wait_for(lambda: page.deck.current is not None and page.deck.current != first, "the second suggestion")
    key(page, Qt.Key.Key_U)
    wait_for(lambda: page.deck.current is not None and page.deck.current.region == first.region, "the first again")
    stored(window)
    press(window, Qt.Key.Key_Return)
    second = page.deck.current
    assert second is not None and second != first
    press(window, Qt.Key.Key_X)
    third = page.deck.current
    assert third is not None and third != second
    press(window, Qt.Key.Key_E)
    assert window.focusWidget() is page.caption
    QTest.keyClicks(page.caption, "something of my own")
    key(page.caption, Qt.Key.Key_Return, CTRL)
    stored(window)
    press(window, Qt.Key.Key_Escape)
    wait_for(lambda: window.page == "workspace", "the images")
    return [item.region.id for item in (first, second, third)]


def ask(window: MainWindow) -> str:
    """One question about a region; the answer."""
    session, chat = window.session, window.workspace.chat
    press(window, Qt.Key.Key_A, CTRL | SHIFT)
    assert window.focusWidget() is chat.input
    QTest.keyClicks(chat.input, "what is <region1>")
    key(chat.input, Qt.Key.Key_Escape)  # what completion offers is not wanted
    QTest.keyClicks(chat.input, " doing?")
    window.activateWindow()  # without a display the popup of the completion keeps the focus when it goes
    wait_for(window.isActiveWindow, "the window")
    key(chat.input, Qt.Key.Key_Return)
    wait_for(lambda: len(session.chat.shown.turns) == 2 and not session.chat.is_answering, "the answer")
    question, answer = session.chat.shown.turns
    assert question.text == "what is <region1> doing?"
    assert answer.text
    stored(window)
    shot(window, "chat")
    return answer.text


def export(window: MainWindow, target: Path) -> None:
    """By keys only."""
    window.workspace.canvas.setFocus()
    press(window, Qt.Key.Key_E, CTRL)
    assert window.page == "export"
    page = window.pages.page("export")
    assert isinstance(page, ExportPage)
    wait_for(lambda: page.export_button.isEnabled(), "what is to be exported")
    page.path.setFocus()
    key(page.path, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(page.path, str(target))
    key(page.path, Qt.Key.Key_Return, CTRL | SHIFT)
    wait_for(lambda: page.result is not None, f"the file; the page says {page.summary.text()!r}")
    assert page.result is not None and page.result.path == target
    shot(window, "export")
    press(window, Qt.Key.Key_Escape)
    assert window.page == "workspace"


def test_from_the_first_box_to_the_exported_file(home: Path, samples_copy: Path, tmp_path: Path) -> None:
    folder, target = samples_copy, tmp_path / "out.json"
    kept: dict[str, object] = {}

    def work(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and len(session.images.keys) == 3, "the photos")
        assert list(session.images.keys) == ["astronaut.jpg", "chelsea.jpg", "café/咖啡 1.jpg"]
        wait_for(lambda: window.workspace.canvas.camera.image_size == (512, 512), "the picture")
        annotate(window)
        take_back_and_redo(window)
        kept["astronaut.jpg"] = session.image.regions
        go_to(window, "chelsea.jpg")
        ids = [draw(window, (136, 84), (206, 148)).id, draw(window, (4, 4), (402, 298)).id]
        go_to(window, "café/咖啡 1.jpg")
        ids.append(draw(window, (172, 18), (408, 310)).id)
        search(window)
        decided = review(window)
        assert sorted(decided) == sorted(ids)
        kept["decided"] = decided
        go_to(window, "astronaut.jpg")
        kept["answer"] = ask(window)
        export(window, target)
        assert window.bar.current is None, window.bar.text

    assert run_program(work, "open", str(folder)) == 0

    with Project.open(folder) as project:
        states = {
            region.id: region.state for key in ("chelsea.jpg", "café/咖啡 1.jpg") for region in project.regions(key)
        }
        assert [states[id_] for id_ in kept["decided"]] == ["accepted", "rejected", "edited"]  # type: ignore[attr-defined]
        assert project.regions("astronaut.jpg") == kept["astronaut.jpg"]
        rejected = kept["decided"][1]  # type: ignore[index]
        expected = {region.id for region in kept["astronaut.jpg"]} | (set(states) - {rejected})  # type: ignore[attr-defined]
    check_export(target, expected)

    def look_again(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and session.image.key == "astronaut.jpg", "the photo that was in sight")
        assert session.image.regions == kept["astronaut.jpg"]
        assert [turn.text for turn in session.chat.shown.turns] == ["what is <region1> doing?", kept["answer"]]
        travel(window)  # yesterday's last step
        assert len(session.image.regions) == 3 and session.image.regions != kept["astronaut.jpg"]
        travel(window, CTRL | SHIFT)
        assert session.image.regions == kept["astronaut.jpg"]

    assert run_program(look_again, "open", str(folder)) == 0


def check_export(target: Path, ids: set[str]) -> None:
    """The file is what pycocotools reads, with captions, attributes and review states in it."""
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(target))
    assert {image["file_name"] for image in coco.imgs.values()} == {
        "astronaut.jpg",
        "chelsea.jpg",
        "café/咖啡 1.jpg",
    }
    assert len(coco.anns) == len(ids)
    edited = [annotation for annotation in coco.anns.values() if annotation["caption"] == WRITTEN]
    assert len(edited) == 1
    x, y, width, height = edited[0]["bbox"]
    assert abs(x - 278) < 4 and abs(y - 344) < 4 and abs(width - 229) < 8 and abs(height - 166) < 8
    astronaut = coco.loadImgs(edited[0]["image_id"])[0]
    assert (astronaut["file_name"], astronaut["width"], astronaut["height"]) == ("astronaut.jpg", 512, 512)
    assert all(annotation["category_id"] in coco.cats for annotation in coco.anns.values())
    assert {annotation["region_id"] for annotation in coco.anns.values()} == ids
    assert {annotation["review_state"] for annotation in coco.anns.values()} == {"accepted", "edited"}


def test_no_process_of_the_model_stays(home: Path, samples_copy: Path) -> None:
    """Closing the window in the middle of loading the model and of writing ends both."""

    def work(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the photo")
        wait_for(lambda: window.session.engine.engine is not None, "the process of the model")
        canvas = window.workspace.canvas
        wait_for(lambda: canvas.camera.image_size[0] > 0)
        canvas.setFocus()
        key(canvas, Qt.Key.Key_W)
        drag(canvas, (20, 16), (364, 508))

    assert run_program(work, "open", str(samples_copy)) == 0
    assert not engine_processes(home)
    with Project.open(samples_copy) as project:
        assert len(project.regions("astronaut.jpg")) == 1


def engine_processes(home: Path) -> list[int]:
    """Ids of the model processes that use ``home`` (Linux; elsewhere none are found)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_engine = b"roi_assistant.engine.child" in (entry / "cmdline").read_bytes()
            if is_engine and str(home).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found
