"""The regions over the image: their boxes as shown now, the selection, and painting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QObject, QPointF, QRectF, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsView

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import geometry
from roi_assistant.ui.canvas.camera import Camera
from roi_assistant.ui.canvas.label_service import LabelService
from roi_assistant.ui.canvas.labels import LabelArt
from roi_assistant.ui.canvas.model import BoxStyle, CanvasRegion
from roi_assistant.ui.canvas.overlay import Frame, Overlay, Shown
from roi_assistant.ui.canvas.placing import Place
from roi_assistant.ui.canvas.theme import CanvasTheme
from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.timers import single_shot

_BURST_MS = 400
_PENDING_MS = 80
_PENDING_TURN_MS = 1100
_CLICK_REACH = 5.0


class RegionLayer(QObject):
    """Boxes and labels over the image of ``camera`` in ``view``. Coordinates are pixels of the image."""

    boxesChanged = pyqtSignal(dict)
    """Region id -> Box: once at the end of a drag or of a burst of nudges."""
    selectionChanged = pyqtSignal(tuple)
    """Region ids, by the user's hand; ``set_selection`` does not send it."""
    regionHovered = pyqtSignal(str)
    """Region id, empty when the pointer has left."""
    heldGone = pyqtSignal()
    """A region whose box the hand holds is no longer there."""

    def __init__(self, view: QGraphicsView, camera: Camera, theme: CanvasTheme) -> None:
        super().__init__(view)
        self._view, self._camera = view, camera
        self._regions: dict[str, CanvasRegion] = {}
        self.shown = Shown()
        self._read_only = False
        self._box_style = BoxStyle()
        self.held: Mapping[str, Box] = {}
        """Where a drag has boxes just now; ``set_regions`` leaves them there."""
        self._nudged: dict[str, Box] = {}
        self._labels = LabelService(self)
        self._labels.placed.connect(self._on_placed)
        self._burst = single_shot(self, _BURST_MS, self.flush_nudges)
        self._placing = single_shot(self, 0, self._place_labels)
        self._more = single_shot(self, 0, self.repaint)
        self._dots = QTimer(self)
        self._dots.setInterval(_PENDING_MS)
        self._dots.timeout.connect(self._turn_dots)
        camera.cameToRest.connect(self._placing.start)
        self.set_theme(theme)
        self._describe_for_readers()

    # ---------------------------------------------------------------------------------------------------- what is shown

    @property
    def regions(self) -> tuple[CanvasRegion, ...]:
        """The regions as ``set_regions`` gave them: boxes of a drag are not in them."""
        return tuple(self._regions.values())

    @property
    def selection(self) -> tuple[str, ...]:
        """Ids in the order in which they were selected."""
        return self.shown.selected

    @property
    def read_only(self) -> bool:
        """Whether boxes can only be looked at."""
        return self._read_only

    def box(self, name: str) -> Box | None:
        """Where the box of a region is shown now, also during a drag; None: there is no such region."""
        return self.shown.boxes.get(name)

    def set_regions(self, regions: Sequence[CanvasRegion]) -> None:
        """Show ``regions``. What a drag is moving just now stays where the hand has it."""
        before = self._regions
        self._regions = {region.id: region for region in regions}
        gone = before.keys() - self._regions.keys()
        if gone & self.held.keys():
            self.held = {}
            self.heldGone.emit()
        self._nudged = {name: box for name, box in self._nudged.items() if name in self._regions}
        self.shown.regions = self._regions
        self.shown.boxes = {region.id: region.box for region in regions} | self._nudged | dict(self.held)
        if gone:
            self.shown.selected = tuple(name for name in self.shown.selected if name in self._regions)
            self.hover("" if self.shown.hovered in gone else self.shown.hovered)
        if any(region.pending for region in regions):
            if not self._dots.isActive():
                self._dots.start()
        else:
            self._dots.stop()
        if before != self._regions:
            self._placing.start()
            self._describe_for_readers()
            self.repaint()

    def set_selection(self, ids: Sequence[str]) -> None:
        """Select these regions; unknown ids are left out. Sends no signal."""
        selected = tuple(dict.fromkeys(name for name in ids if name in self._regions))
        if selected != self.shown.selected:
            self.flush_nudges()
            self.shown.selected = selected
            self._describe_for_readers()
            self.repaint()

    def set_labels_visible(self, visible: bool) -> None:
        """Show numbers and captions, or the boxes alone."""
        self.shown.labels = visible
        self._placing.start()
        self.repaint()

    def set_new_label(self, name: str) -> None:
        """Say ``name`` beside the size of a box that is being drawn."""
        self.shown.new_label = name
        self.repaint()

    def set_read_only(self, read_only: bool) -> None:
        """Boxes cannot be moved or resized; looking and selecting go on."""
        self.flush_nudges()
        self._read_only = read_only
        self.shown.handles = not read_only
        self.repaint()

    def set_theme(self, theme: CanvasTheme) -> None:
        """Paint in the colors of ``theme``, and in the font and for the screen of the view."""
        art = LabelArt(theme, self._view.font(), self._view.devicePixelRatioF())
        self._overlay = Overlay(theme, art, self._box_style)
        self.place_labels_soon()

    def set_box_style(self, style: BoxStyle) -> None:
        """Draw boxes in ``style``."""
        self._box_style = self._overlay.outlines.style = style
        self.repaint()

    def place_labels_soon(self) -> None:
        """Look for new places for the labels: what there is to see has changed."""
        self._placing.start()

    def is_movable(self, name: str) -> bool:
        """Whether the box of a region may be moved and resized."""
        return not self._read_only and name in self._regions and not self._regions[name].locked

    def region(self, name: str) -> CanvasRegion | None:
        """The region ``name``; None: there is none."""
        return self._regions.get(name)

    def zoom_to_region(self, name: str) -> None:
        """Show a region large in the middle of the view."""
        box = self.box(name)
        if box is not None:
            self._camera.zoom_to_area(QRectF(box.x1, box.y1, box.width, box.height))

    def reveal(self, name: str) -> None:
        """Bring a region into view if it is outside, at the same zoom."""
        box = self.box(name)
        if box is not None and not self._camera.visible_area().intersects(
            QRectF(box.x1, box.y1, box.width, box.height)
        ):
            self._camera.center_on(*box.center)

    def select_next(self, step: int) -> None:
        """Select the region ``step`` further in the order of numbers, around the end."""
        names = [region.id for region in sorted(self._regions.values(), key=lambda region: region.number)]
        if not names:
            return
        if self.shown.selected:
            place = (names.index(self.shown.selected[-1 if step > 0 else 0]) + step) % len(names)
        else:
            place = 0 if step > 0 else len(names) - 1
        self.select_by_hand((names[place],))
        self.reveal(names[place])

    def nudge(self, dx: int, dy: int, grow: bool = False) -> None:
        """Move the selected boxes by whole pixels, or move their right and lower edges when ``grow``."""
        if self._read_only or not self._camera.image_size[0]:
            return
        boxes = {name: self.shown.boxes[name] for name in self.shown.selected if not self._regions[name].locked}
        width, height = self._camera.image_size
        if grow:
            changed = {name: geometry.grown(box, dx, dy, width=width, height=height) for name, box in boxes.items()}
        else:
            changed = geometry.moved(boxes, dx, dy, width=width, height=height)[0]
        if changed:
            self._nudged |= changed
            self.shown.boxes = self.shown.boxes | changed
            self._burst.start()
            self.repaint()

    # ----------------------------------------------------------------------------------------------------- for the hand

    def region_at(self, position: QPointF) -> str:
        """Id of the region under a point of the widget; empty: none."""
        x, y = self._camera.to_image(position)
        return geometry.box_at(self.shown.boxes.items(), x, y, reach=_CLICK_REACH / self._camera.scale_factor) or ""

    def select_by_hand(self, names: Sequence[str]) -> None:
        """Select these regions and emit ``selectionChanged`` when that makes a difference."""
        before = self.shown.selected
        self.set_selection(names)
        if self.shown.selected != before:
            self.selectionChanged.emit(self.shown.selected)

    def hover(self, name: str) -> None:
        """Highlight the region under the pointer and emit ``regionHovered``; "" is none."""
        if name != self.shown.hovered:
            self.shown.hovered = name
            self.regionHovered.emit(name)
            self.repaint()

    def change_boxes(self, boxes: Mapping[str, Box]) -> None:
        """The hand has let go of ``boxes``: show them there and tell."""
        changed = {name: box for name, box in boxes.items() if name in self._regions and self._regions[name].box != box}
        self.shown.boxes = self.shown.boxes | changed
        self._placing.start()
        self.repaint()
        if changed:
            self.boxesChanged.emit(changed)

    def flush_nudges(self) -> None:
        """End a series of ``nudge`` now, so that it becomes one ``boxesChanged``."""
        self._burst.stop()
        nudged, self._nudged = self._nudged, {}
        if nudged:
            self.change_boxes(nudged)

    # -------------------------------------------------------------------------------------------------------- painting

    def frame(self) -> Frame:
        """Where the image is on the widget now."""
        origin, size = self._camera.origin(), viewport_of(self._view).size()
        return Frame(
            self._camera.scale_factor,
            origin.x(),
            origin.y(),
            float(size.width()),
            float(size.height()),
            self._camera.moving,
        )

    def paint(self, painter: QPainter) -> None:
        """Paint a frame; ``painter`` is in pixels of the widget, without transform."""
        if self._camera.image_size[0]:
            self._overlay.paint(painter, self.shown, self.frame())
            if self._overlay.art.incomplete:
                self._more.start()

    def repaint(self) -> None:
        """Paint what lies over the image anew."""
        viewport_of(self._view).update()

    def _place_labels(self) -> None:
        if self._camera.image_size[0] and not self._camera.moving:
            frame = self.frame()
            self._labels.ask(self._overlay.requests(self.shown, frame), width=frame.width, height=frame.height)

    def _on_placed(self, places: dict[str, Place]) -> None:
        self._overlay.places = places
        self.repaint()

    def _turn_dots(self) -> None:
        self.shown.phase = (self.shown.phase + _PENDING_MS / _PENDING_TURN_MS) % 1.0
        self.repaint()

    def _describe_for_readers(self) -> None:
        selected = [self._regions[name] for name in self.shown.selected if name in self._regions]
        text = self.tr("%n region(s).", "", len(self._regions))
        if len(selected) == 1:
            one = self.tr("Region {number} is selected: {caption}").format(
                number=selected[0].number, caption=selected[0].label or self.tr("no caption")
            )
            text = f"{text} {one}"
        elif selected:
            text = f"{text} {self.tr('%n selected.', '', len(selected))}"
        self._view.setAccessibleDescription(text)

    def close_threads(self) -> None:
        """Stop looking for places for good, before the application ends."""
        self._labels.close()
