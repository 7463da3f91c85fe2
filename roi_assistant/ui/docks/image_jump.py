"""Going to an image of the list by its number or a part of its name: a line that is there only while it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtWidgets import QWidget

from roi_assistant.ui.look.controls import ElidedLabel, EntryLine
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView


def image_index(text: str, keys: Sequence[str], *, after: int) -> int | None:
    """The index in ``keys`` that ``text`` means: a number counted from 1, or a part of a name. Of several names it is
    the next one behind the index ``after``, around the end."""
    if text.isdecimal() and 1 <= int(text) <= len(keys):
        return int(text) - 1
    part = text.casefold()
    if not part:
        return None
    places = (*range(after + 1, len(keys)), *range(min(after + 1, len(keys))))
    return next((place for place in places if part in keys[place].casefold()), None)


class ImageJump(QWidget):
    """Enter goes, Esc or a click elsewhere closes. While one types, it says where Enter would go."""

    left = pyqtSignal()
    """It was closed by a key: the keyboard may go back to the picture."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._goes = False
        """Whether Enter was pressed and the image is still being looked for."""
        self.line = _Line(self)
        self.line.setPlaceholderText(self.tr("Number or part of a name"))
        self.line.setAccessibleName(self.tr("Go to image"))
        self.line.setToolTip(self.tr("Number or part of a name; Enter goes there, Esc closes (Ctrl+J)"))
        self.target = ElidedLabel(self, muted=True, small=True)
        lay_column(self.line, self.target, parent=self, margins=0, spacing=GRID // 2)
        self.line.textChanged.connect(self._typed)
        self.line.entered.connect(self._enter)
        self.line.escaped.connect(self._leave)
        self.line.unfocused.connect(self.hide)
        self.hide()

    def open(self) -> None:
        """Show the line with the number of the image in sight, selected, so that typing replaces it."""
        here = self._session.images.index(self._session.image.key)
        self.show()
        self.line.setText("" if here is None else str(here + 1))
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _typed(self) -> None:
        self._goes = False
        self._find()

    def _enter(self) -> None:
        self._goes = True
        self._find()

    def _find(self) -> None:
        text, keys = self.line.text().strip(), self._session.images.keys
        here = self._session.images.index(self._session.image.key)
        after = -1 if here is None else here

        def arrived(place: int | None) -> None:
            if text == self.line.text().strip() and keys is self._session.images.keys and not self.isHidden():
                self._show_target(place, keys)

        # On the thread that reads: names are 100,000 in a large project.
        self._session.store.read(lambda _project: image_index(text, keys, after=after), arrived)

    def _show_target(self, place: int | None, keys: Sequence[str]) -> None:
        locale = self.locale()
        if place is not None and self._goes:
            self._session.open_image(keys[place])
            self._leave()
        elif place is not None:
            number, total = locale.toString(place + 1), locale.toString(len(keys))
            name = keys[place].rpartition("/")[2]
            self.target.set_text(
                self.tr("{number} of {total}: {name}").format(number=number, total=total, name=name),
                tooltip=keys[place],
            )
        elif self.line.text().strip():
            self.target.set_text(self.tr("No image of this list; it has {}.").format(locale.toString(len(keys))))
        else:
            self.target.set_text("")

    def _leave(self) -> None:
        self._goes = False
        self.hide()
        self.left.emit()


class _Line(EntryLine):
    unfocused = pyqtSignal()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if event is not None and event.reason() not in _STAYS:
            self.unfocused.emit()


_STAYS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
