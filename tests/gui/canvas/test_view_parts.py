"""The parts of the canvas without the canvas: in a plain graphics view."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QGraphicsView

from roi_assistant.core.box import Box
from roi_assistant.imaging.label_layout import overlap
from roi_assistant.ui.canvas.camera import Camera
from roi_assistant.ui.canvas.hand import Hand
from roi_assistant.ui.canvas.placing import place_all
from roi_assistant.ui.canvas.region_layer import RegionLayer
from roi_assistant.ui.canvas.theme import theme_for
from tests.gui.canvas.conftest import region


@pytest.fixture
def view(qapp: QApplication) -> Iterator[QGraphicsView]:
    view = QGraphicsView()
    view.resize(400, 300)
    view.show()
    yield view
    view.deleteLater()


@pytest.fixture
def camera(view: QGraphicsView) -> Camera:
    camera = Camera(view)
    camera.set_image_size(800, 600)
    return camera


@pytest.fixture
def layer(view: QGraphicsView, camera: Camera) -> Iterator[RegionLayer]:
    layer = RegionLayer(view, camera, theme_for(view.palette()))
    yield layer
    layer.close_threads()


def test_the_camera_fits_an_image_and_zooms_at_a_point(camera: Camera) -> None:
    zooms: list[float] = []
    camera.zoomChanged.connect(zooms.append)
    assert camera.fitted and camera.zoom == pytest.approx(0.47)
    corner = camera.origin()
    camera.set_zoom(1.0, at=corner)
    assert camera.origin() == corner and zooms == [1.0] and not camera.fitted and camera.moving
    assert camera.to_image(QPointF(corner.x() + 10, corner.y() + 20)) == (10, 20)


def test_a_resized_view_keeps_its_middle(view: QGraphicsView, camera: Camera) -> None:
    camera.set_zoom(2.0)
    before = camera.middle_of(view.size())
    assert before is not None
    view.resize(300, 200)
    camera.resized(before)
    middle = camera.middle_of(view.size())
    assert middle == pytest.approx(before, abs=1)


def test_the_layer_keeps_what_the_hand_holds_and_says_when_it_is_gone(layer: RegionLayer) -> None:
    gone: list[str] = []
    layer.heldGone.connect(lambda: gone.append("gone"))
    layer.set_regions([region("a", 1, (0, 0, 50, 50)), region("b", 2, (60, 60, 90, 90))])
    layer.held = {"a": Box(5, 5, 55, 55)}
    layer.set_regions([region("a", 1, (0, 0, 50, 50))])
    assert layer.box("a") == Box(5, 5, 55, 55) and gone == []
    layer.set_regions([])
    assert gone == ["gone"] and layer.held == {}


def test_nothing_is_movable_when_read_only(layer: RegionLayer) -> None:
    layer.set_regions([region("a", 1, (0, 0, 50, 50)), region("b", 2, (0, 0, 9, 9), locked=True)])
    assert layer.is_movable("a") and not layer.is_movable("b") and not layer.is_movable("c")
    layer.set_read_only(True)
    assert not layer.is_movable("a")


def test_the_hand_draws_on_any_view(view: QGraphicsView, camera: Camera, layer: RegionLayer) -> None:
    hand, boxes = Hand(view, camera, layer), list[Box]()
    hand.boxDrawn.connect(boxes.append)
    hand.set_tool("draw")
    hand.set_snap(False)
    camera.one_to_one()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    press, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease

    def event(kind: QEvent.Type, x: float, y: float, buttons: Qt.MouseButton) -> QMouseEvent:
        place = QPointF(x, y) + camera.origin()
        return QMouseEvent(kind, place, place, left, buttons, Qt.KeyboardModifier.NoModifier)

    hand.press(event(press, 300, 200, left))
    hand.move(event(QEvent.Type.MouseMove, 350, 260, left))
    hand.release(event(release, 350, 260, none))
    assert boxes == [Box(300, 200, 350, 260)]


def test_a_small_image_is_fitted_as_large_as_the_view_allows(view: QGraphicsView, camera: Camera) -> None:
    camera.set_image_size(40, 30)
    camera.fit()
    area = camera.visible_area()
    assert min(area.width() / 40, area.height() / 30) < 1.1


def test_attribute_values_stand_below_the_caption_and_never_on_the_box(view: QGraphicsView, layer: RegionLayer) -> None:
    overlay = layer._overlay
    free = region("a", 1, (300, 250, 500, 400), details="red · wood")
    whole = region("b", 1, (0, 0, 800, 600), details="red · wood")
    for shown, has_details in ((free, True), (whole, False)):
        layer.set_regions([shown])
        frame = layer.frame()
        (request,) = overlay.requests(layer.shown, frame)
        place = place_all([request], width=frame.width, height=frame.height)[shown.id]
        assert place.shape is not None
        shape = overlay.art.shapes(shown)[place.shape]
        assert bool(shape.details) == has_details
        assert bool(overlay._place_that_must_be(shown, overlay.art.shapes(shown), request.box.xyxy, frame).shape) != (
            has_details
        )
        if has_details:
            x, y = place.corner(request.box.xyxy)
            assert not overlap((x, y, x + shape.size[0], y + shape.size[1]), request.box.xyxy)
