"""The category of a region: typed with completion, or taken from what the model would also say."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QEvent, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QCompleter, QSizePolicy, QWidget

from roi_assistant.core.records import Region
from roi_assistant.core.review import category_waits, shows_general_word
from roi_assistant.core.text_bounds import LONGEST_NAME, shortened
from roi_assistant.ui.docks.category_refusal import CategoryRefusal
from roi_assistant.ui.docks.provenance import percent, provenance_line, provenance_tooltip
from roi_assistant.ui.look.bounded_fields import BoundedLine
from roi_assistant.ui.look.controls import ENTER, Chip, claims_key
from roi_assistant.ui.look.keys import is_step
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look, state_icon
from roi_assistant.ui.session.categories import Categories

_MOST_CHIPS: Final = 4


class CategoryEdit(QWidget):
    """A line with completion over the project's categories, an accept button, and the model's other categories."""

    chosen = pyqtSignal(str, str)
    """Id of a region and its new category; empty for none."""
    left = pyqtSignal()
    """Enter, Esc or a choice: the keyboard may go back to where it came from."""
    stepped = pyqtSignal(int)
    """Tab (1) or Shift+Tab (-1) while the list of completions is open, which keeps these keys from the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._region: Region | None = None
        self._project: tuple[str, ...] = ()
        self._categories: Categories | None = None
        self.line = _Line(self)
        self.line.setAccessibleName(self.tr("Category"))
        self.line.setPlaceholderText(self.tr("No category"))
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(self._completer)
        self.accept = Chip("", self, checkable=False)
        self.accept.set_suggested(True)
        policy = self.accept.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.accept.setSizePolicy(policy)
        self.accept.setFixedWidth(self.accept.fontMetrics().horizontalAdvance("100 %") + 6 * GRID)
        self.accept.hide()
        self._others = QWidget(self)
        self._chips: list[Chip] = []
        row = lay_row(parent=self._others, margins=0, spacing=GRID // 2)
        for _ in range(_MOST_CHIPS):
            chip = Chip("", self._others, checkable=False)
            chip.clicked.connect(lambda _checked, chip=chip: self._take(chip.text()))
            chip.hide()
            self._chips.append(chip)
            row.addWidget(chip)
        row.addStretch(1)
        self._others.setFixedHeight(self._chips[0].sizeHint().height())
        self._others.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        top = lay_row((self.line, 1), self.accept, spacing=GRID)
        self.refusal = CategoryRefusal(self)
        lay_column(top, self.refusal, self._others, parent=self, margins=0, spacing=GRID // 2)
        self.refusal.taken.connect(self._take)
        self.refusal.added.connect(self._add)
        self.line.committed.connect(lambda: self.commit())
        self.line.left.connect(self.left)
        self.line.stepped.connect(self.stepped)
        self._completer.activated[str].connect(self._take)
        self.accept.clicked.connect(lambda: self._take(self._region.category if self._region else None))

    def follow(self, categories: Categories) -> None:
        """Offer the categories of a project, and refuse those that its closed list does not have."""
        self._categories = categories
        categories.changed.connect(self._categories_changed)
        self._categories_changed()

    def _categories_changed(self) -> None:
        assert self._categories is not None
        known = self._categories
        self._project = known.list.names if known.list.closed else known.names
        self._offer()
        if not self.line.hasFocus():
            self._show_refusal(self._region.category if self._region else None)

    def _show_refusal(self, name: str | None) -> bool:
        """Say so if ``name`` is not in the closed list; answers whether it is not."""
        if not name or self._categories is None or self._categories.is_allowed(name):
            self.refusal.clear()
            return False
        self.refusal.show_name(name, nearest=self._categories.nearest(name))
        return True

    def _add(self, name: str) -> None:
        """Put ``name`` into the list, and give it to the region."""
        if self._categories is not None and self._region is not None:
            id_ = self._region.id
            self._categories.add((name,), lambda: self._take(name, of=id_))

    def show_region(self, region: Region | None) -> None:
        """Show the category of ``region``. What was typed for another region is committed to that one first."""
        if self._region is not None and (region is None or region.id != self._region.id):
            self.commit(leaving=True)
        same = region is not None and self._region is not None and region.id == self._region.id
        self._region = region
        category = (region.category or "") if region else ""
        if same and self.line.hasFocus() and self.line.is_changed:
            self.line.keep_text(category)
        else:
            self.line.show_text(category)
            self._show_refusal(category)
        score = region.category_score if region else None
        provenance = region.category_provenance if region else None
        suggested = region is not None and category_waits(region)
        general = region is not None and shows_general_word(region)
        self.accept.setVisible(suggested)
        if suggested:
            self.accept.setIcon(state_icon("accepted", look(self.palette()).suggested))
            self.accept.setText(percent(score) if score is not None and not general else "")
            accept = self.tr("Accept the category {category}").format(category=shortened(category))
            self.accept.setAccessibleName(accept)
            self.accept.setToolTip(accept)
        font = self.line.font()
        font.setItalic(suggested)
        self.line.setFont(font)
        line = provenance_line(provenance, score=score, general=general)
        self.line.setToolTip(f"<p>{line}</p>{provenance_tooltip(provenance, score=score)}" if line else "")
        alternatives = region.category_alternatives if region else ()
        others = [other for other in alternatives if other.text != category and len(other.text) <= LONGEST_NAME]
        for number, chip in enumerate(self._chips):
            chip.setVisible(number < len(others))
            if number < len(others):
                other = others[number]
                chip.setText(other.text)
                name = shortened(other.text)
                chip.setAccessibleName(self.tr("Category {name}").format(name=name))
                chip.setToolTip(f"{name}, {percent(other.score)}")
        self._offer()

    def _offer(self) -> None:
        own = [other.text for other in (self._region.category_alternatives if self._region else ())]
        words = list(dict.fromkeys((*own, *self._project)))
        if words != self._words.stringList():
            self._words.setStringList(words)

    def _take(self, name: str | None, *, of: str = "") -> None:
        """``of`` is the region that was meant, where another one may be shown by now."""
        if self._region is not None and name and of in ("", self._region.id) and not self._show_refusal(name):
            self.line.show_text(name)
            self.chosen.emit(self._region.id, name)
            self.left.emit()

    def commit(self, *, leaving: bool = False) -> None:
        """Hand over what was typed, if it differs. ``leaving``: another region is shown next, so a name that is refused
        cannot wait here."""
        if self._region is None or not self.line.is_changed:
            return
        name = " ".join(self.line.text().split())
        if self._show_refusal(name) and not leaving:
            return
        self.line.show_text(name)
        self.chosen.emit(self._region.id, name)


class _Line(BoundedLine):
    """Commits with Enter, by a completion or by leaving; takes back with Esc."""

    committed = pyqtSignal()
    left = pyqtSignal()
    stepped = pyqtSignal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, most=LONGEST_NAME)
        self._stored = ""

    @property
    def is_changed(self) -> bool:
        """Whether another name stands here than the stored one. (A completion does not count as modified for Qt.)"""
        return not self.is_cut and " ".join(self.text().split()) != self._stored

    def keep_text(self, stored: str) -> None:
        """``stored`` is what Esc goes back to; what is being typed stays."""
        self._stored = stored

    def show_text(self, text: str) -> None:
        self._stored = text
        if self.is_cut or self.text() != text:
            super().show_text(text)

    def event(self, event: QEvent | None) -> bool:
        is_press = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if isinstance(event, QKeyEvent) and is_press and is_step(event) and self._is_completing():
            self._close_completions()
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Tab else -1)
            event.accept()
            return True
        return claims_key(event, ENTER | {Qt.Key.Key_Escape}) or super().event(event)

    def _is_completing(self) -> bool:
        completer = self.completer()
        popup = completer.popup() if completer is not None else None
        return popup is not None and popup.isVisible()

    def _close_completions(self) -> None:
        completer = self.completer()
        popup = completer.popup() if completer is not None else None
        if popup is not None:
            popup.hide()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or event.key() not in ENTER | {Qt.Key.Key_Escape}:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape and self._is_completing():
            event.ignore()  # the completer closes its list
        elif event.key() == Qt.Key.Key_Escape:
            self.show_text(self._stored)
            self.left.emit()
        else:  # what stands here is kept: what was typed, or the completion that the arrow keys went to
            self._close_completions()
            self.committed.emit()
            if not self.is_changed:  # else it was refused, and the line below says what to do
                self.left.emit()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if not self._is_completing():
            self.committed.emit()
