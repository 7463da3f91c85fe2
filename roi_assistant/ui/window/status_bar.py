"""The status bar: image and regions, pointer, zoom, state of the file, model."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from roi_assistant.core.review import is_waiting
from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.docks.image_model import one_line
from roi_assistant.ui.docks.view_panel import signed
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.session import ProjectSession


class StatusBar(QStatusBar):
    """Follows a session; the canvas tells it the pointer and the zoom."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._image_in_sight = False
        self._tone = Tone()
        self.setSizeGripEnabled(False)
        self.place = self._field(self.tr("Image and regions"), grows=True)
        self.tone = self._field(self.tr("Only what is seen: no file changes. Shift+B shows the picture as it is."))
        self.armed = self._field(self.tr("Category of the next boxes; Esc takes it back"))
        self.pointer = self._field(self.tr("Pointer, in pixels of the image"), widest="00000, 00000")
        self.zoom = self._field(self.tr("Zoom"), widest="0000 %")
        self.saved = self._field(self.tr("State of the project file"))
        self.model = self._field(self.tr("Model, device and precision"))
        self.setContentsMargins(GRID, 0, GRID, 0)
        for signal in (session.image.opened, session.images.changed, session.image.regionsChanged):
            signal.connect(self._show_place)
        session.store.stateChanged.connect(lambda _: self._show_saved())
        session.projectOpened.connect(lambda _: self._show_saved())
        session.projectClosed.connect(self._show_saved)
        session.engine.stateChanged.connect(lambda _: self._show_model())
        session.images.scanFinished.connect(lambda _: self._show_place())
        session.categories.armedChanged.connect(lambda _name: self._show_armed())
        self.translate()

    def translate(self) -> None:
        """Everything in the language of now."""
        self._show_armed()
        self._show_place()
        self._show_saved()
        self._show_model()
        self.show_tone(self._tone)

    def set_image_in_sight(self, in_sight: bool) -> None:
        """Show pointer and zoom only while the canvas is in sight: a page shows other images or none."""
        self._image_in_sight = in_sight
        self._show_armed()
        self.pointer.setVisible(in_sight)
        self.show_tone(self._tone)
        self.zoom.setVisible(in_sight)
        self._show_place()

    def show_pointer(self, x: float, y: float) -> None:
        """``x``, ``y`` in pixels of the image."""
        size = self._session.image.size
        inside = size is not None and 0 <= x < size[0] and 0 <= y < size[1]
        self.pointer.setText(f"{int(x)}, {int(y)}" if inside else "")

    def show_zoom(self, factor: float) -> None:
        """``factor`` screen pixels for one of the image."""
        percent = factor * 100
        self.zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")

    def show_tone(self, tone: Tone) -> None:
        """Say in what the picture that is seen differs from its file; nothing while it does not."""
        self._tone = tone
        parts = []
        if tone.brightness:
            parts.append(self.tr("brightness {}").format(signed(tone.brightness)))
        if tone.contrast:
            parts.append(self.tr("contrast {}").format(signed(tone.contrast)))
        if tone.gamma != 1:
            parts.append(self.tr("gamma {}").format(self.locale().toString(tone.gamma, "f", 2)))
        self.tone.setText(self.tr("Shown with {}").format(", ".join(parts)) if parts else "")
        self.tone.setVisible(bool(parts) and self._image_in_sight)

    def _field(self, name: str, *, grows: bool = False, widest: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)  # names of files may look like tags
        label.setAccessibleName(name)
        label.setToolTip(name)
        if widest:
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + GRID)
        label.setContentsMargins(GRID // 2, 0, GRID // 2, 0)
        if grows:
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self.addWidget(label, 1)
        else:
            self.addPermanentWidget(label)
        return label

    def _show_place(self, *_: Any) -> None:
        session = self._session
        if session.folder is None:
            self.place.setText("")
            self.pointer.setText("")
            self.zoom.setText("")
            return
        total = len(session.images.keys)
        parts = []
        current = session.image.key if self._image_in_sight else ""
        index = session.images.index(current)
        if current and index is not None:
            parts.append(self.tr("{} of {}").format(index + 1, f"{total:,}"))
        else:
            parts.append(self.tr("%n image(s)", "", total))
        if session.images.scanning:
            parts.append(self.tr("looking for images…"))
        if current:
            parts.append(one_line(current))
            if session.image.size is not None:
                parts.append(f"{session.image.size[0]} × {session.image.size[1]}")
            regions = session.image.regions
            parts.append(self.tr("%n region(s)", "", len(regions)))
            waiting = sum(map(is_waiting, regions))
            if waiting:
                parts.append(self.tr("%n to review", "", waiting))
        text = "  ·  ".join(parts)
        self.place.setText(text)

    def _show_armed(self) -> None:
        name = self._session.categories.armed
        self.armed.setText(self.tr("Next boxes: {}").format(one_line(name)) if name else "")
        self.armed.setVisible(bool(name) and self._image_in_sight)

    def _show_saved(self) -> None:
        names = {
            "saved": self.tr("Saved"),
            "saving": self.tr("Saving…"),
            "failed": self.tr("Not saved"),
            "read-only": self.tr("Read only"),
        }
        self.saved.setText(names[self._session.store.state] if self._session.folder is not None else "")

    def _show_model(self) -> None:
        state = self._session.engine.state
        name = self._session.model_name
        if state is None:
            self.model.setText(name)
            return
        info = state.info
        if info is not None:
            where = {"cpu": "CPU", "cuda": "GPU (CUDA)"}.get(info.device, info.device)
            precision = info.precision.partition(" (")[0]
            self.model.setText("  ·  ".join(filter(None, (info.name or info.id, where, precision))))
            self.model.setToolTip(
                "\n".join((f"{info.id}, {info.device}, {info.precision}", *map(translated, info.notes)))
            )
            return
        words = {
            "starting": self.tr("{}: loading…"),
            "failed": self.tr("{}: does not run"),
            "unloaded": self.tr("{}: asleep"),
            "stopped": self.tr("{}: not running"),
        }
        self.model.setText(words.get(state.state, "{}").format(name))
        self.model.setToolTip(translated(state.message) or self.tr("Model, device and precision"))
