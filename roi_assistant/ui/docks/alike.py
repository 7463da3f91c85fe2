"""The accepted regions after which a suggestion was told: how many, and close-ups that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QToolButton, QWidget

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region, RegionKey
from roi_assistant.core.review import preferred_caption
from roi_assistant.ui.look.controls import ElidedLabel
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.thumbnails import CropKey, RegionCrops

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.view import SessionView

_SIDE: Final = 40
"""Of a close-up, in device-independent pixels."""
_SHOWN: Final = 5
_Found = tuple[RegionKey, Box, str]


class AlikeRow(QWidget):
    """Hidden where a suggestion is the model's alone."""

    def __init__(self, session: SessionView, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._keys: tuple[RegionKey, ...] = ()
        self._found: list[_Found] = []
        self.crops = RegionCrops(max_bytes=4 << 20, parent=self)
        self.crops.ready.connect(lambda _key: self._show_crops())
        self.title = ElidedLabel(self, muted=True, small=True)
        self.buttons = [self._button(place) for place in range(_SHOWN)]
        row = lay_row(*self.buttons, None, margins=0, spacing=GRID // 2)
        lay_column(self.title, row, parent=self, margins=0, spacing=GRID // 4)
        session.projectOpened.connect(lambda _summary: self.crops.set_folder(session.folder))
        self.crops.set_folder(session.folder)
        self.hide()

    def _button(self, place: int) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._open(place))
        button.hide()
        return button

    def show_region(self, region: Region | None) -> None:
        """Show what ``region`` is like, as long as it waits for a decision."""
        keys = region.like if region is not None and region.state == "suggested" else ()
        if keys == self._keys:
            return
        self._keys, self._found = keys, []
        self._show_crops()
        self.setVisible(bool(keys))
        if not keys:
            return
        self.title.set_text(
            self.tr("like one that you named")
            if len(keys) == 1
            else self.tr("like {} that you named").format(len(keys)),
            tooltip=self.tr(
                "Accepted regions of this project that look alike. Learning can be turned off in the settings."
            ),
        )
        self._session.store.ask(lambda project: _found(project, keys), lambda found: self._arrived(keys, found))

    def _arrived(self, keys: tuple[RegionKey, ...], found: list[_Found]) -> None:
        if keys == self._keys:
            self._found = found[:_SHOWN]
            self.crops.want([self._crop(one) for one in self._found])
            self._show_crops()

    def _crop(self, found: _Found) -> CropKey:
        side = round(_SIDE * self.devicePixelRatioF())
        return CropKey(found[0].image, found[1], side, side)

    def _show_crops(self) -> None:
        for place, button in enumerate(self.buttons):
            found = self._found[place] if place < len(self._found) else None
            button.setVisible(found is not None)
            if found is None:
                continue
            pixmap = self.crops.pixmap(self._crop(found))
            button.setIcon(QIcon(pixmap) if pixmap is not None else QIcon())
            told = self.tr("{caption}, on {image}").format(caption=found[2], image=found[0].image)
            button.setToolTip(told)
            button.setAccessibleName(told)

    def _open(self, place: int) -> None:
        if place < len(self._found):
            key = self._found[place][0]
            self._session.open_image(key.image, region=key.region)


def _found(project: Project, keys: tuple[RegionKey, ...]) -> list[_Found]:
    """Those of ``keys`` that are still there, with their boxes and captions."""
    regions = {image: {r.id: r for r in project.regions(image)} for image in dict.fromkeys(key.image for key in keys)}
    there = [(key, region) for key in keys if (region := regions[key.image].get(key.region)) is not None]
    captions = ((key, region, preferred_caption(region)) for key, region in there)
    return [(key, r.box, caption.text if caption else r.category or "") for key, r, caption in captions]
