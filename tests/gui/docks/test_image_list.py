"""The image list: what it asks of 100,000 rows, filters, search, the current image."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Caption, Provenance, Region
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import ImageFilter, ImageRow, ImageRows, SearchHit
from roi_assistant.ui.docks.image_filters import ImageFilters
from roi_assistant.ui.docks.image_list import ImageList
from roi_assistant.ui.docks.image_model import (
    SNIPPET_ROLE,
    ImageModel,
    lines_of_name,
    match_spans,
    one_line,
    reason,
    search_words,
)
from roi_assistant.ui.look.thumbnails import Thumbnails
from tests.gui.fake_session import FakeSession


def rows(count: int) -> list[ImageRow]:
    return [ImageRow(n, f"march/{n:06}.jpg", 640, 480, 3, 1, 2, 0, 0, "") for n in range(count)]


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession()
    session.list_images(rows(500))
    session.open_image(session.images.keys[0])
    session.project.hits = [SearchHit("march/000003.jpg", "r", "two cats at home", "cat", "accepted")]
    return session


def test_the_menu_of_models_has_those_whose_suggestions_are_all_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    """The filter matches regions in any state, so its menu may not list only models that wait for a review."""
    written = Caption("a cup", Provenance("model", "2026-01-02T03:04:05+00:00", "gpt4roi-mini"), 0.5, preferred=True)
    waiting = replace(written, provenance=replace(written.provenance, model_id="gpt4roi"))
    with Project.open(tmp_path) as project:
        project.add_images(["a.jpg"])
        regions = [
            Region("r1", Box(0, 0, 9, 9), captions=(written,), state="accepted"),
            Region("r2", Box(0, 0, 9, 9), captions=(waiting,)),
        ]
        project.apply(Edit("Import", "a.jpg", tuple(RegionChange("a.jpg", None, region) for region in regions)))
        filters = ImageFilters(FakeSession(project=project, key=""))
        offered: list[str] = []
        monkeypatch.setattr(filters, "_menu", lambda _chip, names, *_: offered.extend(names))
        filters.model.click()
        assert offered == ["gpt4roi", "gpt4roi-mini"]


class Loader:
    """Makes plain pictures and remembers of what, in which thread."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.threads: set[int] = set()

    def __call__(self, path: Path, size: int) -> Image.Image:
        self.made.append(path.as_posix())
        self.threads.add(threading.get_ident())
        return Image.new("RGB", (size, size // 2))


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def dock(qapp: QApplication, session: FakeSession, loader: Loader) -> Iterator[ImageList]:
    dock = ImageList(session, thumbnails=Thumbnails(size=56, load=loader))
    dock.resize(280, 600)
    dock.show()
    yield dock
    dock.close()
    dock.close_pictures()


def wait(condition: Callable[[], Any]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it did not come"
        QTest.qWait(10)


def test_a_hundred_thousand_rows_are_not_asked_one_by_one(
    dock: ImageList, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    count, data = ImageModel.rowCount, ImageModel.data
    monkeypatch.setattr(ImageModel, "rowCount", lambda self, *a: asked.append(0) or count(self, *a))
    monkeypatch.setattr(ImageModel, "data", lambda self, *a: asked.append(1) or data(self, *a))
    session.open_image("march/077777.jpg")
    session.list_images(rows(100_000))
    QApplication.processEvents()
    assert dock.view.currentIndex().row() == 77_777
    assert len(asked) < 2000


def test_only_visible_rows_get_thumbnails_and_in_threads(dock: ImageList, session: FakeSession, loader: Loader) -> None:
    wait(lambda: len(loader.made) >= 9)
    QTest.qWait(50)
    assert len(loader.made) < 40 and threading.get_ident() not in loader.threads
    assert loader.made[0].endswith("march/000000.jpg")
    dock.view.verticalScrollBar().setValue(dock.view.verticalScrollBar().maximum())  # type: ignore[union-attr]
    wait(lambda: any(path.endswith("000499.jpg") for path in loader.made))
    assert not any(path.endswith("000250.jpg") for path in loader.made)


def test_the_cache_is_bounded(qapp: QApplication, loader: Loader) -> None:
    pictures = Thumbnails(size=64, load=loader, max_bytes=64 * 32 * 4 * 5)
    try:
        pictures.want([f"{n}.jpg" for n in range(20)])
        wait(lambda: len(loader.made) == 20)
        wait(lambda: pictures.pixmap("19.jpg") or pictures.pixmap("18.jpg"))
        QTest.qWait(30)
        assert 0 < pictures.cached_bytes <= 64 * 32 * 4 * 5
    finally:
        pictures.close()


def test_a_picture_that_cannot_be_read_is_told_and_not_tried_again(qapp: QApplication) -> None:
    tries: list[Path] = []

    def load(path: Path, size: int) -> Image.Image:
        tries.append(path)
        raise OSError("it is truncated")

    pictures = Thumbnails(load=load)
    try:
        pictures.want(["a.jpg"])
        wait(lambda: pictures.failure("a.jpg"))
        pictures.want(["a.jpg"])
        QTest.qWait(30)
        assert pictures.failure("a.jpg") == "it is truncated" and len(tries) == 1
    finally:
        pictures.close()


def test_an_unreadable_image_says_why_in_its_row(dock: ImageList, session: FakeSession) -> None:
    dock.thumbnails._made.emit(
        "march/000002.jpg", None, "/photos/march/000002.jpg is truncated: copy it again.", dock.thumbnails._epoch
    )
    assert session.images.rows[2].problem.endswith("copy it again.")
    assert reason(session.images.rows[2]) == "is truncated: copy it again."
    assert reason(session.images.rows[2]._replace(problem="The disk is gone.")) == "The disk is gone."


def test_keys_go_from_image_to_image(dock: ImageList, session: FakeSession) -> None:
    QTest.keyClick(dock.view, Qt.Key.Key_Down)
    wait(lambda: session.image.key == "march/000001.jpg")
    QTest.keyClick(dock.view, Qt.Key.Key_End)
    wait(lambda: session.image.key == "march/000499.jpg")
    QTest.keyClick(dock.view, Qt.Key.Key_Home)
    wait(lambda: session.image.key == "march/000000.jpg")


def test_the_image_on_screen_stays_in_view(dock: ImageList, session: FakeSession) -> None:
    session.open_image("march/000300.jpg")
    assert dock.view.currentIndex().row() == 300
    assert dock.view.viewport().rect().intersects(dock.view.visualRect(dock.view.currentIndex()))  # type: ignore[union-attr]


def test_chips_and_search_make_one_filter(dock: ImageList, session: FakeSession) -> None:
    dock.filters.states["accepted"].click()
    assert session.images.filter == ImageFilter(states=frozenset({"accepted"}))
    dock.search.setFocus()
    QTest.keyClicks(dock.search, "ca")
    assert session.images.filter.text == ""  # not before the typing pauses
    QTest.keyClick(dock.search, Qt.Key.Key_T)
    wait(lambda: session.images.filter.text == "cat")
    assert session.images.filter.states == frozenset({"accepted"})
    dock.filters.problem.click()
    assert session.images.filter == ImageFilter(text="cat", states=frozenset({"accepted"}), problem=True)
    dock.clear_filter()
    assert session.images.filter is None and dock.search.text() == ""


def test_a_filter_from_elsewhere_is_shown(dock: ImageList, session: FakeSession) -> None:
    session.images.set_filter(ImageFilter(category="dog", attribute=("color", "red"), text="tree"))
    assert dock.filters.category.isChecked() and dock.filters.category.text().startswith("dog")
    assert dock.filters.attribute.text().startswith("color: red")
    assert dock.search.text() == "tree"
    dock.filters.states["suggested"].click()
    assert session.images.filter.category == "dog" and session.images.filter.text == "tree"


def test_found_words_are_shown(dock: ImageList, session: FakeSession) -> None:
    session.images.set_filter(ImageFilter(text="Cat"))
    assert dock.model.index(3).data(SNIPPET_ROLE) == "two cats at home · cat"
    assert dock.model.index(4).data(SNIPPET_ROLE) == ""
    session.images.set_filter(None)
    assert dock.model.index(3).data(SNIPPET_ROLE) == ""


def test_where_words_are_found() -> None:
    text = "Two cats, a catalog; concat"
    assert [text[a:b] for a, b in match_spans(text, search_words("CAT"))] == ["cat", "cat"]
    assert match_spans("a dog", ()) == []
    assert search_words('a "cat" OR cat*') == ("a", "cat", "or")


def test_how_many_images_are_finished(dock: ImageList, session: FakeSession) -> None:
    assert dock._count.text() == "0 of 500 finished"
    for place in (0, 1):
        session.images.rows[place] = session.images.rows[place]._replace(suggested=0, accepted=3)
        session.images.rowChanged.emit(session.images.keys[place])
    assert dock._count.text() == "2 of 500 finished"
    session.images.rows[1] = session.images.rows[1]._replace(regions=0, accepted=0)  # nothing to decide is not finished
    session.images.rowChanged.emit(session.images.keys[1])
    assert dock._count.text() == "1 of 500 finished" and ImageRows(session.images.rows).finished == 1
    session.images.set_filter(ImageFilter(text="cat"))
    assert dock._count.text() == "500 of 500 images"


def test_nothing_found_says_so(dock: ImageList, session: FakeSession) -> None:
    session.project.rows = []
    session.images.set_filter(ImageFilter(text="unicorn"))
    assert not dock.view.isVisible()
    session.store.folder = None
    session.projectClosed.emit()
    assert not dock.view.isVisible() and session.images.filter is not None


def test_a_tooltip_tells_state_and_problem(qapp: QApplication) -> None:
    model = ImageModel()
    row = ImageRow(1, "a/b.jpg", None, None, 0, 0, 0, 0, 0, "b.jpg is truncated")
    model.set_rows(ImageRows([row]), [row.key])
    text = model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "a/b.jpg" in text and "truncated" in text
    assert model.row_of("a/b.jpg") == 0 and model.row_of("none") == -1 and model.key(5) == ""
    assert model.data(QModelIndex()) is None


def test_names_stay_on_one_line_and_in_one_direction() -> None:
    assert one_line("a\nb\tc\u202egnp.exe") == "a␤b cgnp.exe"


def test_a_name_is_shown_whole_in_two_lines_and_only_then_without_its_middle(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    name = "2026-03-12_harbour_camera-07_000123.jpg"
    width = metrics.horizontalAdvance(name)
    assert lines_of_name(name, metrics, width) == (name,)
    lines = lines_of_name(name, metrics, width * 2 // 3)
    assert "".join(lines) == name and len(lines) == 2 and lines[0][-1] in "_-."
    first, second = lines_of_name(name, metrics, width // 3)
    assert name.startswith(first) and "…" in second and second.endswith(".jpg")
    assert lines_of_name("W" * 400, metrics, 1)[0] == "W"


def test_the_tooltip_of_a_row_has_the_whole_name(qapp: QApplication, session: FakeSession) -> None:
    dock = ImageList(session)
    assert "march/000003.jpg" in dock.model.data(dock.model.index(3), Qt.ItemDataRole.ToolTipRole)
    dock.close_pictures()
