"""Look-alikes of one region on the page of crops: which they are, and what can be done to them."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QLabel, QWidget

from roi_assistant.ui.look.controls import ElidedLabel
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.pages.crops.bars import crop_counts, shown_category

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.memory import LookAlikes


class AlikeRows(NamedTuple):
    """Rows of the project file: those that are shown, and those of them that are likely to be the same thing."""

    row_ids: array[int]
    chosen: tuple[int, ...]


def read_alike(project: Project, alike: LookAlikes) -> AlikeRows:
    """The look-alikes that still wait for review and are not locked, in their order."""
    chosen = {(one.key.image, one.key.region) for one in alike.found if one.is_chosen}
    row_ids = project.region_row_ids((one.key.image, one.key.region) for one in alike.found)
    waiting = [
        found
        for found in project.regions_by_row_id(row_ids)
        if found.region.state == "suggested" and not found.region.locked
    ]
    return AlikeRows(
        array("q", (found.row_id for found in waiting)),
        tuple(found.row_id for found in waiting if (found.image, found.region.id) in chosen),
    )


class AlikeBar(QWidget):
    """What the crops look like, and how many there are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(self)
        self.summary = QLabel(self)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        margins = (2 * GRID, GRID, 2 * GRID, GRID)
        lay_row((self.title, 1), self.summary, parent=self, margins=margins, spacing=GRID)

    def show_example(self, alike: LookAlikes) -> None:
        """The crops look like the region of ``alike``."""
        name = shown_category(alike.lesson.category)
        text = self.tr("These look like “{category}”. Strike out what is something else, and accept the rest.")
        self.title.set_text(text.format(category=name))
        self.title.setAccessibleName(self.title.text())

    def set_counts(self, crops: int | None, selected: int) -> None:
        """As `CropBar.set_counts`."""
        self.summary.setText(crop_counts(self.locale(), crops, selected))


def alike_keys() -> tuple[tuple[str, str, str], ...]:
    """What can be done to look-alikes, for `KeyBar`."""
    translate = QCoreApplication.translate
    return (
        ("accept", translate("KeyBar", "Accept"), "A"),
        ("strike", translate("KeyBar", "Strike out"), "X"),
        ("", "", ""),
        ("undo", translate("KeyBar", "Undo"), "U"),
        ("", "", ""),
        ("smaller", translate("KeyBar", "Smaller"), "-"),
        ("larger", translate("KeyBar", "Larger"), "+"),
        ("open", translate("KeyBar", "Open"), "O"),
    )
