"""From a region that was decided about to the page with what waits and looks like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from roi_assistant.core.text_bounds import shortened

if TYPE_CHECKING:
    from roi_assistant.ui.pages.crops.alike import AlikeRows
    from roi_assistant.ui.window.main_window import MainWindow


def show_look_alikes(window: MainWindow, image: str, regions: Sequence[str]) -> None:
    """Show what waits and looks like the last of ``regions``, by their ids, of ``image`` that was decided about, or
    else like the region of the project that was decided last. Where there is nothing of the kind, a notice says so."""
    from roi_assistant.ui.pages.crops.alike import read_alike

    translate = QCoreApplication.translate
    alike = window.session.memory.look_alikes(image, regions)
    if alike is None:
        text = translate("LookAlikes", "Accept or name a region first: then you can apply that to its look-alikes.")
        window.say("info", text)
        return

    def found(rows: AlikeRows) -> None:
        if rows.row_ids:
            window.show_page("crops")
            window.pages.page("crops").show_look_alikes(alike)  # type: ignore[attr-defined]
        else:
            text = translate("LookAlikes", "No region that waits looks like this “{}”.")
            window.say("info", text.format(shortened(alike.lesson.category)))

    window.session.store.read(lambda project: read_alike(project, alike), found)
