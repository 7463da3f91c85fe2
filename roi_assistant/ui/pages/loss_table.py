"""The report of an export as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from roi_assistant.formats.export_report import Loss, LossKind
from roi_assistant.storage.region_export import SkippedImage
from roi_assistant.ui.look.translation import translated

_SHOWN_SKIPPED = 50


class LossTable(QTableWidget):
    """One row per field: what happened to it, how often, and an example."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        self.setHorizontalHeaderLabels(
            [self.tr("Field"), self.tr("What happened"), self.tr("How often"), self.tr("Example")]
        )
        self.setAccessibleName(self.tr("What was lost"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        vertical, header = self.verticalHeader(), self.horizontalHeader()
        if vertical is not None:
            vertical.hide()
        if header is not None:
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            header.setHighlightSections(False)
            for column in (0, 2):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            for column in (1, 3):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def show_losses(self, losses: Sequence[Loss], skipped: Sequence[SkippedImage] = ()) -> None:
        """Fill the table; it hides itself when there is nothing to tell."""
        rows = [
            (loss.field, f"{kind_words(loss.kind)}: {translated(loss.reason)}", f"{loss.count:,}", loss.example)
            for loss in losses
        ]
        for image in skipped[:_SHOWN_SKIPPED]:
            rows.append((self.tr("image"), self.tr("not written: {}").format(translated(image.reason)), "1", image.key))
        if len(skipped) > _SHOWN_SKIPPED:
            count = len(skipped) - _SHOWN_SKIPPED
            rows.append((self.tr("image"), self.tr("more images were not written"), f"{count:,}", ""))
        self.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setTextAlignment(
                    Qt.AlignmentFlag.AlignVCenter
                    | (Qt.AlignmentFlag.AlignRight if column == 2 else Qt.AlignmentFlag.AlignLeft)
                )
                self.setItem(row, column, item)
        self.setVisible(bool(rows))
        header = self.horizontalHeader()
        height = header.sizeHint().height() if header is not None else 0
        self.setFixedHeight(height + sum(self.rowHeight(row) for row in range(len(rows))) + 2 * self.frameWidth())


def kind_words(kind: LossKind) -> str:
    """``kind`` in the language of the window."""
    return {
        "dropped": QCoreApplication.translate("Loss", "left out"),
        "altered": QCoreApplication.translate("Loss", "changed"),
        "ignored by readers": QCoreApplication.translate("Loss", "written, but other programs skip it"),
    }[kind]
