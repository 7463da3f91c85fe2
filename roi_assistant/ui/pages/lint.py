"""What is doubtful in the project: findings by rule, each a step from its region."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QProgressBar, QPushButton, QTreeView, QWidget

from roi_assistant.core.lint.findings import RULE_OF, Finding, RuleId
from roi_assistant.ui.look.controls import EmptyState
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.page import Hint, PageHeading
from roi_assistant.ui.session.linting import Linting

if TYPE_CHECKING:
    from roi_assistant.ui.session.session import ProjectSession

_NO_PARENT: Final = QModelIndex()
_OPEN_AT_FIRST: Final = 200
"""Findings of a rule whose group is open from the start."""
_ICONS: Final = {"error": "error", "warning": "warning", "hint": "info"}
_ROLES: Final = frozenset(
    {
        *(Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DecorationRole),
        *(Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.FontRole),
    }
)
_CATEGORY_RULES: Final = frozenset({"category-spelling", "category-synonym"})


class FindingModel(QAbstractItemModel):
    """Rules with their findings below; the second column is the image."""

    def __init__(self, lint: Linting, parent: QWidget) -> None:
        super().__init__(parent)
        self._lint, self._widget = lint, parent
        self._muted = look(parent.palette()).muted
        self.groups: list[tuple[RuleId, int, list[int]]] = []
        """Rule, how many findings it has, and the places of those that are kept in ``lint.findings``."""

    def read_again(self) -> None:
        """Another report."""
        self.beginResetModel()
        places: dict[RuleId, list[int]] = {}
        for place, finding in enumerate(self._lint.findings):
            places.setdefault(finding.rule, []).append(place)
        counts = self._lint.report.counts if self._lint.report is not None else {}
        self.groups = [(rule, count, places.get(rule, [])) for rule, count in counts.items()]
        self.endResetModel()

    def mark(self) -> None:
        """Findings were seen to, or the colors of the window are others."""
        self._muted = look(self._widget.palette()).muted
        for row, (_, _, places) in enumerate(self.groups):
            if places:
                above = self.index(row, 0)
                self.dataChanged.emit(self.index(0, 0, above), self.index(len(places) - 1, 1, above))

    def place(self, index: QModelIndex) -> int:
        """The place in ``lint.findings`` of a row; -1 for that of a rule."""
        group = int(index.internalId()) - 1 if index.isValid() else -1
        return self.groups[group][2][index.row()] if group >= 0 else -1

    def index_of(self, place: int) -> QModelIndex:
        """The row of the finding at ``place``."""
        for row, (_, _, places) in enumerate(self.groups):
            if place in places:
                return self.index(places.index(place), 0, self.index(row, 0))
        return QModelIndex()

    def rule(self, index: QModelIndex) -> RuleId | None:
        """The rule of a row, or of the row above it."""
        if not index.isValid():
            return None
        group = int(index.internalId()) - 1
        return self.groups[group if group >= 0 else index.row()][0]

    def index(self, row: int, column: int, parent: QModelIndex = _NO_PARENT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: QModelIndex = _NO_PARENT) -> QModelIndex:  # type: ignore[override]
        group = int(index.internalId()) if index.isValid() else 0
        return self.createIndex(group - 1, 0, 0) if group else QModelIndex()

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        if not parent.isValid():
            return len(self.groups)
        return len(self.groups[parent.row()][2]) if not parent.internalId() and parent.column() == 0 else 0

    def columnCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 2

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES:  # Qt asks for ten roles of each row that it paints
            return None
        place = self.place(index)
        if place < 0:
            return self._rule_data(index, role)
        finding = self._lint.findings[place]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return finding.image if index.column() else translated(finding.text)
        if role == Qt.ItemDataRole.ForegroundRole and (index.column() or self._lint.is_seen_to(finding)):
            return self._muted
        if role == Qt.ItemDataRole.FontRole and self._lint.is_seen_to(finding):
            font = QFont(self._widget.font())
            font.setStrikeOut(True)
            return font
        return None

    def _rule_data(self, index: QModelIndex, role: int) -> Any:
        rule, count, places = self.groups[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            if not index.column():
                return f"{translated(RULE_OF[rule].title)}  ({count:,})"
            return self.tr("the first {} are shown").format(f"{len(places):,}") if len(places) < count else ""
        if role == Qt.ItemDataRole.DecorationRole and not index.column():
            return icon(_ICONS[RULE_OF[rule].severity], self._widget.palette())
        if role == Qt.ItemDataRole.FontRole and not index.column():
            font = QFont(self._widget.font())
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None


class _Tree(QTreeView):
    """Enter shows a finding, Delete ignores it."""

    deleted = pyqtSignal()
    entered_key = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = None if event is None else event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_key.emit()
        elif key == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class LintPage(QWidget):
    """Runs the check, lists what it found, and does what can be done about it. ``session`` is that of the window."""

    openRequested = pyqtSignal()
    """The session has opened the image of a finding."""
    categoryRequested = pyqtSignal(str)
    """A category, whose regions are to be shown."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._lint = session, session.lint
        self._report: object = None
        self._fixes: Counter[RuleId] = Counter()
        self.heading = PageHeading(self.tr("Doubtful regions"), self, size=1.5)
        self.setAccessibleName(self.heading.text())
        self.lead = Hint("", self)
        self.check_button = QPushButton(self.tr("Check the project"), self)
        self.check_button.clicked.connect(self._lint.check)
        self.stop_button = QPushButton(self.tr("Stop"), self)
        self.stop_button.clicked.connect(self._lint.stop)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(GRID)
        self.model = FindingModel(self._lint, self)
        self.tree = _Tree(self)
        self.tree.setModel(self.model)
        self.tree.setAccessibleName(self.tr("Findings"))
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.tree.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(1, 30 * GRID)
        self.empty = EmptyState(parent=self)
        self.show_button = QPushButton(self.tr("Show"), self)
        self.show_button.setToolTip(self.tr("Show the region (Enter); F8 goes on to the next one from there"))
        self.ignore_button = QPushButton(self.tr("Ignore"), self)
        self.ignore_button.setToolTip(self.tr("It is right as it is: do not tell it again in this project (Delete)"))
        self.fix_button = QPushButton(self.tr("Fix all"), self)
        self.show_button.clicked.connect(self.show_selected)
        self.ignore_button.clicked.connect(self.ignore_selected)
        self.fix_button.clicked.connect(self.fix_selected)
        self.tree.doubleClicked.connect(lambda _index: self.show_selected())
        self.tree.entered_key.connect(self.show_selected)
        self.tree.deleted.connect(self.ignore_selected)
        selection = self.tree.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(lambda *_: self._enable())
        top = lay_row((self.heading, 1), self.stop_button, self.check_button, margins=0, spacing=GRID)
        bottom = lay_row(self.fix_button, None, self.ignore_button, self.show_button, margins=0, spacing=GRID)
        lay_column(
            *(top, self.lead, self.progress, (self.tree, 1), (self.empty, 1), bottom),
            parent=self,
            margins=3 * GRID,
            spacing=GRID,
        )
        self.setFocusProxy(self.tree)
        self._lint.changed.connect(self.refresh)
        self._lint.marked.connect(self._marked)
        on_palette_change(self, self.model.mark)
        self.refresh()

    def refresh(self) -> None:
        """Show what the session has."""
        job, report = self._lint.job, self._lint.report
        self.progress.setVisible(job is not None)
        self.stop_button.setVisible(job is not None)
        self.check_button.setEnabled(job is None and self._session.folder is not None)
        if job is not None:
            self.progress.setRange(0, job.total)
            self.progress.setValue(job.done)
        if report is not self._report:
            self._report = report
            self._fixes = Counter(finding.rule for finding in self._lint.findings if finding.fix is not None)
            self.model.read_again()
            for row, (_, count, _) in enumerate(self.model.groups):
                if count <= _OPEN_AT_FIRST:
                    self.tree.expand(self.model.index(row, 0))
            if self.model.groups:
                self.tree.setCurrentIndex(self.model.index(0, 0))
        self.tree.setVisible(bool(self.model.groups))
        self.empty.setVisible(not self.model.groups)
        if report is None:
            self.lead.setText(self.tr("Captions, boxes and categories that are probably a slip. Nothing is changed."))
            self.empty.set_message(
                self.tr("Nothing was checked yet."),
                self.tr("The check reads all regions and, where a caption names a color, the photo."),
            )
        else:
            told = self.tr("%n finding(s)", "", sum(report.counts.values()))
            seen = self.tr("on {} regions of {} images").format(f"{report.regions:,}", f"{report.images:,}")
            ignored = self.tr("%n ignored", "", report.ignored) if report.ignored else ""
            self.lead.setText(", ".join(filter(None, (f"{told} {seen}", ignored))))
            self.empty.set_message(self.tr("Nothing doubtful was found."))
        self._enable()

    def _marked(self) -> None:
        self.model.mark()
        index = self.model.index_of(self._lint.current)
        if index.isValid():
            self.tree.setCurrentIndex(index)

    def _selected(self) -> list[Finding]:
        selection = self.tree.selectionModel()
        rows = selection.selectedRows() if selection is not None else []
        places = [place for row in rows if (place := self.model.place(row)) >= 0]
        return [self._lint.findings[place] for place in places]

    def _enable(self) -> None:
        current = self.model.place(self.tree.currentIndex())
        may_edit = not self._session.read_only and self._lint.job is None
        fixable = self._fixable()
        self.show_button.setEnabled(current >= 0)
        self.ignore_button.setEnabled(bool(self._selected()) and may_edit)
        self.fix_button.setEnabled(fixable > 0 and may_edit)
        self.fix_button.setToolTip(
            self.tr("Put right, without a judgement, of this kind: %n. It can be undone.", "", fixable)
            if fixable
            else self.tr("A person has to decide about findings of this kind.")
        )

    def _fixable(self) -> int:
        rule = self.model.rule(self.tree.currentIndex())
        return self._fixes[rule] if rule is not None else 0

    def show_selected(self) -> None:
        """Go to the region of the current finding, to the regions of its category, or open or close a group."""
        index = self.tree.currentIndex()
        place = self.model.place(index)
        if place < 0:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))
            return
        finding = self._lint.findings[place]
        if finding.rule in _CATEGORY_RULES:
            self.categoryRequested.emit(finding.subject.partition("\0")[0])
        else:
            self._lint.show(place)
            self.openRequested.emit()

    def ignore_selected(self) -> None:
        """Do not tell the selected findings again."""
        if self.ignore_button.isEnabled():
            self._lint.ignore(self._selected())

    def fix_selected(self) -> None:
        """Put right all of the current kind that can be."""
        rule = self.model.rule(self.tree.currentIndex())
        if rule is not None:
            self._lint.fix(rule)
