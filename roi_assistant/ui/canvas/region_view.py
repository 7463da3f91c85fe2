"""The canvas: shows an image with its regions and turns what hands do into signals.

It changes nothing by itself: a drawn, moved or resized box is shown where the hand left it and told to whoever listens,
who answers with ``set_regions``. Coordinates in signals are pixels of the image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import QPoint, QPointF, QRectF, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QWidget

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import geometry
from roi_assistant.ui.canvas.image_view import ImageView
from roi_assistant.ui.canvas.label_service import LabelService
from roi_assistant.ui.canvas.labels import LabelArt
from roi_assistant.ui.canvas.model import CanvasRegion, Tool
from roi_assistant.ui.canvas.overlay import Frame, Overlay, Shown
from roi_assistant.ui.canvas.placing import Place

_BURST_MS = 400
_PENDING_MS = 80
_PENDING_TURN_MS = 1100
_CLICK_REACH = 5.0


class RegionView(ImageView):
    """The part of the canvas that shows regions and knows which are selected; ``Canvas`` adds the hand."""

    boxDrawn = pyqtSignal(object)
    """A Box, clipped to the image."""
    boxesChanged = pyqtSignal(dict)
    """Region id -> Box: once at the end of a drag or of a burst of nudges."""
    selectionChanged = pyqtSignal(tuple)
    """Region ids, by the user's hand; ``set_selection`` does not send it."""
    regionActivated = pyqtSignal(str)
    regionHovered = pyqtSignal(str)
    """Region id, empty when the pointer has left."""
    pointerMoved = pyqtSignal(float, float)
    contextMenuRequested = pyqtSignal(str, QPoint)
    """Region id or empty, and the global position."""
    deleteRequested = pyqtSignal(tuple)
    toolChanged = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions: dict[str, CanvasRegion] = {}
        self._shown = Shown()
        self._tool: Tool = "select"
        self._read_only = False
        self._nudged: dict[str, Box] = {}
        self._overlay = Overlay(self.theme, self._new_art())
        self._labels = LabelService(self)
        self._labels.placed.connect(self._on_placed)
        self._burst = self._timer(_BURST_MS, self._flush_nudges)
        self._placing = self._timer(0, self._place_labels)
        self._more = self._timer(0, self.repaint_overlay)
        self._dots = self._timer(_PENDING_MS, self._turn_dots)
        self._dots.setSingleShot(False)
        self.cameToRest.connect(self._placing.start)
        self.imageSwapped.connect(self._placing.start)
        self.setAccessibleName(self.tr("Image with regions"))
        self._describe_for_readers()

    # ---------------------------------------------------------------------------------------------------- what is shown

    @property
    def regions(self) -> tuple[CanvasRegion, ...]:
        return tuple(self._regions.values())

    @property
    def selection(self) -> tuple[str, ...]:
        return self._shown.selected

    @property
    def tool(self) -> Tool:
        return self._tool

    @property
    def read_only(self) -> bool:
        return self._read_only

    def box(self, name: str) -> Box | None:
        """Where the box of a region is shown now, also during a drag; None: there is no such region."""
        return self._shown.boxes.get(name)

    def set_image(self, path: Path | None, *, key: str = "") -> None:
        """Show the image in ``path``, or nothing; the regions of the image before are taken away at once.

        ``key`` comes back in signals; it is the path when empty.
        """
        self.cancel_gesture()
        self._flush_nudges()
        self.set_regions(())
        super().set_image(path, key=key)

    def set_regions(self, regions: Sequence[CanvasRegion]) -> None:
        """Show ``regions``. What a drag is moving just now stays where the hand has it."""
        before = self._regions
        self._regions = {region.id: region for region in regions}
        gone = before.keys() - self._regions.keys()
        held = self._held()
        if gone & held.keys():
            self.cancel_gesture()
            held = {}
        self._nudged = {name: box for name, box in self._nudged.items() if name in self._regions}
        self._shown.regions = self._regions
        self._shown.boxes = {region.id: region.box for region in regions} | self._nudged | dict(held)
        if gone:
            self._shown.selected = tuple(name for name in self._shown.selected if name in self._regions)
            self._hover("" if self._shown.hovered in gone else self._shown.hovered)
        if any(region.pending for region in regions):
            if not self._dots.isActive():
                self._dots.start()
        else:
            self._dots.stop()
        if before != self._regions:
            self._placing.start()
            self._describe_for_readers()
            self.repaint_overlay()

    def set_selection(self, ids: Sequence[str]) -> None:
        """Select these regions; unknown ids are left out. Sends no signal."""
        selected = tuple(dict.fromkeys(name for name in ids if name in self._regions))
        if selected != self._shown.selected:
            self._flush_nudges()
            self._shown.selected = selected
            self._describe_for_readers()
            self.repaint_overlay()

    def set_labels_visible(self, visible: bool) -> None:
        """Show numbers and captions, or the boxes alone."""
        self._shown.labels = visible
        self._placing.start()
        self.repaint_overlay()

    def set_read_only(self, read_only: bool) -> None:
        """Boxes cannot be drawn, moved or resized; looking and selecting go on."""
        self.cancel_gesture()
        self._flush_nudges()
        self._read_only = read_only
        self._shown.handles = not read_only
        self._update_cursor()
        self.repaint_overlay()

    def zoom_to_region(self, name: str) -> None:
        """Show a region large in the middle of the view."""
        box = self.box(name)
        if box is not None:
            self.zoom_to_area(QRectF(box.x1, box.y1, box.width, box.height))

    def reveal(self, name: str) -> None:
        """Bring a region into view if it is outside, at the same zoom."""
        box = self.box(name)
        if box is not None and not self.visible_area().intersects(QRectF(box.x1, box.y1, box.width, box.height)):
            self.center_on(*box.center)

    def select_next(self, step: int) -> None:
        """Select the region ``step`` further in the order of numbers, around the end."""
        names = [region.id for region in sorted(self._regions.values(), key=lambda region: region.number)]
        if not names:
            return
        if self._shown.selected:
            place = (names.index(self._shown.selected[-1 if step > 0 else 0]) + step) % len(names)
        else:
            place = 0 if step > 0 else len(names) - 1
        self._select_by_hand((names[place],))
        self.reveal(names[place])

    def nudge(self, dx: int, dy: int, grow: bool = False) -> None:
        """Move the selected boxes by whole pixels, or move their right and lower edges when ``grow``."""
        if self._read_only or not self.image_size[0]:
            return
        boxes = {name: self._shown.boxes[name] for name in self._shown.selected if not self._regions[name].locked}
        width, height = self.image_size
        if grow:
            changed = {name: geometry.grown(box, dx, dy, width=width, height=height) for name, box in boxes.items()}
        else:
            changed = geometry.moved(boxes, dx, dy, width=width, height=height)[0]
        if changed:
            self._nudged |= changed
            self._shown.boxes = self._shown.boxes | changed
            self._burst.start()
            self.repaint_overlay()

    # ----------------------------------------------------------------------------------------------------- for the hand

    def cancel_gesture(self) -> None:
        """Leave off a drag; everything is as before it."""

    def _held(self) -> Mapping[str, Box]:
        """Boxes that a drag has in hand."""
        return {}

    def _update_cursor(self) -> None:
        """Show what the hand can do here."""

    def _region_at(self, position: QPointF) -> str:
        """Id of the region under a point of the widget; empty: none."""
        x, y = self.to_image(position)
        return geometry.box_at(self._shown.boxes.items(), x, y, reach=_CLICK_REACH / self.scale_factor) or ""

    def _select_by_hand(self, names: Sequence[str]) -> None:
        before = self._shown.selected
        self.set_selection(names)
        if self._shown.selected != before:
            self.selectionChanged.emit(self._shown.selected)

    def _hover(self, name: str) -> None:
        if name != self._shown.hovered:
            self._shown.hovered = name
            self.regionHovered.emit(name)
            self.repaint_overlay()

    def _change_boxes(self, boxes: Mapping[str, Box]) -> None:
        """The hand has let go of ``boxes``: show them there and tell."""
        changed = {name: box for name, box in boxes.items() if name in self._regions and self._regions[name].box != box}
        self._shown.boxes = self._shown.boxes | changed
        self._placing.start()
        self.repaint_overlay()
        if changed:
            self.boxesChanged.emit(changed)

    def _flush_nudges(self) -> None:
        self._burst.stop()
        nudged, self._nudged = self._nudged, {}
        if nudged:
            self._change_boxes(nudged)

    # -------------------------------------------------------------------------------------------------------- painting

    def frame(self) -> Frame:
        """Where the image is on the widget now."""
        origin, size = self.origin(), self._viewport().size()
        return Frame(self.scale_factor, origin.x(), origin.y(), float(size.width()), float(size.height()), self.moving)

    def drawForeground(self, painter: QPainter | None, rect: QRectF) -> None:
        if painter is None:
            return
        painter.save()
        painter.resetTransform()
        if self.image_size[0]:
            self._overlay.paint(painter, self._shown, self.frame())
            if self._overlay.art.incomplete:
                self._more.start()
        self.paint_message(painter)
        painter.restore()

    def _place_labels(self) -> None:
        if self.image_size[0] and not self.moving:
            frame = self.frame()
            self._labels.ask(self._overlay.requests(self._shown, frame), width=frame.width, height=frame.height)

    def _on_placed(self, places: dict[str, Place]) -> None:
        self._overlay.places = places
        self.repaint_overlay()

    def _turn_dots(self) -> None:
        self._shown.phase = (self._shown.phase + _PENDING_MS / _PENDING_TURN_MS) % 1.0
        self.repaint_overlay()

    def _new_art(self) -> LabelArt:
        return LabelArt(self.theme, self.font(), self.devicePixelRatioF())

    def _theme_changed(self) -> None:
        self._overlay = Overlay(self.theme, self._new_art())
        self._placing.start()

    def _describe_for_readers(self) -> None:
        selected = [self._regions[name] for name in self._shown.selected if name in self._regions]
        text = self.tr("%n region(s).", "", len(self._regions))
        if len(selected) == 1:
            one = self.tr("Region {number} is selected: {caption}").format(
                number=selected[0].number, caption=selected[0].label or self.tr("no caption")
            )
            text = f"{text} {one}"
        elif selected:
            text = f"{text} {self.tr('%n selected.', '', len(selected))}"
        self.setAccessibleDescription(text)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def close_threads(self) -> None:
        """Stop all threads for good, before the application ends."""
        super().close_threads()
        self._labels.close()
