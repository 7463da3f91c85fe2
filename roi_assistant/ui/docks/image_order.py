"""How the list of images is sorted and grouped: a chip with a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPoint, pyqtSignal
from PyQt6.QtWidgets import QMenu, QWidget

from roi_assistant.storage.records import ImageGrouping, ImageSort, ImageState
from roi_assistant.ui.look.controls import Chip, add_choice

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

_SORTS: Final[dict[ImageSort, str]] = {
    "name": QT_TRANSLATE_NOOP("ImageOrder", "Name"),
    "date": QT_TRANSLATE_NOOP("ImageOrder", "Date of the file"),
    "to_review": QT_TRANSLATE_NOOP("ImageOrder", "To review"),
    "certainty": QT_TRANSLATE_NOOP("ImageOrder", "Least certain"),
}
_GROUPINGS: Final[dict[ImageGrouping, str]] = {
    "none": QT_TRANSLATE_NOOP("ImageOrder", "Not grouped"),
    "folder": QT_TRANSLATE_NOOP("ImageOrder", "Grouped by folder"),
    "state": QT_TRANSLATE_NOOP("ImageOrder", "Grouped by state"),
}
_STATES: Final[dict[ImageState, str]] = {
    "to_review": QT_TRANSLATE_NOOP("ImageOrder", "To review"),
    "no_boxes": QT_TRANSLATE_NOOP("ImageOrder", "No boxes"),
    "finished": QT_TRANSLATE_NOOP("ImageOrder", "Finished"),
    "problem": QT_TRANSLATE_NOOP("ImageOrder", "Cannot be read"),
}


def group_name(name: str, grouping: ImageGrouping) -> str:
    """What the heading of an ``ImageGroup`` says."""
    if grouping == "state":
        return _tr(_STATES[name])  # type: ignore[index]
    return name or _tr(QT_TRANSLATE_NOOP("ImageOrder", "Top folder"))


class ImageOrderChip(Chip):
    """Says by what the images are sorted. What is chosen is a setting, so it is kept."""

    settingChanged = pyqtSignal(str, object)
    """Name of a setting and its new value."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__("", parent, checkable=False)
        self._session = session
        self.clicked.connect(self.choose)
        session.images.changed.connect(self._show)
        self._show()

    def choose(self) -> None:
        """Open the menu, with the order of now under the cursor."""
        order, menu = self._session.images.order, QMenu(self)
        for sort, text in _SORTS.items():
            self._add(menu, _tr(text), "image_sort", sort, checked=sort == order.sort)
        menu.addSeparator()
        self._add(menu, self.tr("The other way round"), "image_sort_reversed", not order.reverse, checked=order.reverse)
        menu.addSeparator()
        for grouping, text in _GROUPINGS.items():
            self._add(menu, _tr(text), "image_groups", grouping, checked=grouping == order.group)
        menu.addSeparator()
        add_choice(menu, self.tr("Sort again"), checked=False, choose=self._session.images.refresh)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        menu.setActiveAction(menu.actions()[list(_SORTS).index(order.sort)])

    def _add(self, menu: QMenu, text: str, name: str, value: object, *, checked: bool) -> None:
        add_choice(menu, text, checked=checked, choose=lambda: self.settingChanged.emit(name, value))

    def _show(self) -> None:
        order = self._session.images.order
        sort = _tr(_SORTS[order.sort])
        self.setText(f"{'↑' if order.reverse else '↓'} {sort} ▾")
        words = [self.tr("Sorted by: {}").format(sort)]
        if order.reverse:
            words.append(self.tr("The other way round"))
        words.append(_tr(_GROUPINGS[order.group]))
        self.setAccessibleName(", ".join(words))
        self.setToolTip("\n".join((*words, self.tr("Choose another order (S)"))))
        self.updateGeometry()


def _tr(text: str) -> str:
    return QCoreApplication.translate("ImageOrder", text)
