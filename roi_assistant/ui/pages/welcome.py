"""What the window shows while no folder is open: open one, go on with a recent one, or try the sample photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.pages.page import Card, Hint, Page

_PATH = Qt.ItemDataRole.UserRole
_SHOWN = 8


class WelcomePage(Page):
    """The empty state.

    ``open_folder`` asks for a folder and opens it, ``open_recent`` opens the given one, ``open_samples`` the sample
    photos (None: there are none). ``forget_recent`` takes a folder off the list that ``set_recent`` gave.
    """

    def __init__(
        self,
        *,
        open_folder: Callable[[], None],
        open_recent: Callable[[Path], None],
        open_samples: Callable[[], None] | None = None,
        forget_recent: Callable[[Path], None] | None = None,
        recent: Sequence[Path] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._open_recent = open_recent
        self._forget_recent = forget_recent
        self.set_title(
            self.tr("RoI Assistant"),
            self.tr(
                "Draw a box on a photo and a model on this computer writes its caption and attributes. "
                "Your photos are never changed and never leave this computer."
            ),
            name=self.tr("Welcome"),
        )
        self.body.insertSpacing(0, 6 * GRID)

        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        self.open_button = QPushButton(self.tr("Open a folder of images…"))
        self.open_button.setDefault(True)
        self.open_button.setToolTip(self.tr("Open a folder of images (Ctrl+O)"))
        self.open_button.setMinimumHeight(5 * GRID)
        self.open_button.clicked.connect(lambda: open_folder())
        buttons.addWidget(self.open_button)
        self.samples_button = QPushButton(self.tr("Try the sample photos"))
        self.samples_button.setToolTip(self.tr("Open a copy of four photos that come with the program"))
        self.samples_button.setMinimumHeight(5 * GRID)
        self.samples_button.setVisible(open_samples is not None)
        if open_samples is not None:
            self.samples_button.clicked.connect(lambda: open_samples())
        buttons.addWidget(self.samples_button)
        buttons.addStretch(1)
        self.body.addLayout(buttons)
        self.body.addWidget(Hint(self.tr("Or drop a folder or a photo anywhere on this window.")))

        self.recent_card = Card(self.tr("Recent folders"))
        self.recent_list = QListWidget()
        self.recent_list.setAccessibleName(self.tr("Recent folders"))
        self.recent_list.setToolTip(self.tr("Enter opens the folder, Delete takes it off the list"))
        self.recent_list.setFrameShape(QListWidget.Shape.NoFrame)
        self.recent_list.setItemDelegate(_FolderDelegate(self.recent_list))
        self.recent_list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent_list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent_list.itemActivated.connect(self._open_item)
        self.recent_list.itemClicked.connect(self._open_item)
        self.recent_card.body.addWidget(self.recent_list)
        self.body.addWidget(self.recent_card)

        steps = Card(self.tr("How it goes"))
        for text in (
            self.tr("1.  Press W and drag to draw a box. The caption appears in the region list."),
            self.tr("2.  Enter accepts it, E edits it, 1 to 9 take another suggestion, X rejects it."),
            self.tr("3.  Every step is saved at once. File > Export writes COCO region text."),
        ):
            steps.body.addWidget(Hint(text))
        self.body.addWidget(steps)
        self.body.addStretch(1)
        self.set_recent(recent)

    def set_recent(self, folders: Sequence[Path]) -> None:
        """Show ``folders``, the latest first."""
        self.recent_list.clear()
        for folder in folders[:_SHOWN]:
            item = QListWidgetItem(folder.name or str(folder))
            item.setData(_PATH, folder)
            item.setToolTip(str(folder))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{folder.name}, {folder.parent}")
            self.recent_list.addItem(item)
        self.recent_card.setVisible(bool(folders))
        rows = min(len(folders), _SHOWN)
        self.recent_list.setFixedHeight(rows * _ROW_HEIGHT + 2)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        item = self.recent_list.currentItem()
        if (
            event.key() == Qt.Key.Key_Delete
            and item is not None
            and self.recent_list.hasFocus()
            and self._forget_recent is not None
        ):
            folder = item.data(_PATH)
            self.recent_list.takeItem(self.recent_list.row(item))
            self.recent_card.setVisible(self.recent_list.count() > 0)
            self._forget_recent(folder)
            return
        super().keyPressEvent(event)

    def _open_item(self, item: QListWidgetItem) -> None:
        self._open_recent(item.data(_PATH))


_ROW_HEIGHT = 6 * GRID


class _FolderDelegate(QStyledItemDelegate):
    """The name of a folder over its place."""

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:  # type: ignore[no-untyped-def]
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index) -> None:  # type: ignore[no-untyped-def]
        if painter is None:
            return
        option = QStyleOptionViewItem(option)
        self.initStyleOption(option, index)
        folder: Path = index.data(_PATH)
        option.text = ""
        style = QApplication.style()
        if style is not None:
            style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        text = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        painter.save()
        area = option.rect.adjusted(GRID, GRID // 2, -GRID, -GRID // 2)
        half = area.height() // 2
        painter.setPen(text)
        upper = QRect(area.topLeft(), QSize(area.width(), half))
        metrics = option.fontMetrics
        name = elided(metrics, folder.name or str(folder), area.width())
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(text if selected else look(palette).muted)
        lower = QRect(area.topLeft() + QPoint(0, half), QSize(area.width(), half))
        place = elided(metrics, str(folder.parent), area.width(), middle=True)
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, place)
        painter.restore()
