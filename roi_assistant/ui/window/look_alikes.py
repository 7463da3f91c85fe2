"""From a region that was decided about to the page with what waits and looks like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.session.session import ProjectSession

if TYPE_CHECKING:
    from roi_assistant.ui.pages.crops.alike import AlikeRows
    from roi_assistant.ui.session.memory import LookAlikes


def find_look_alikes(
    session: ProjectSession,
    image: str,
    regions: Sequence[str],
    *,
    show: Callable[[LookAlikes], None],
    say: Callable[[str], None],
) -> None:
    """``show`` what waits and looks like the last of ``regions``, by their ids, of ``image`` that was decided about, or
    else like the region of the project that was decided last. Where there is nothing of the kind, ``say`` why."""
    from roi_assistant.ui.pages.crops.alike import read_alike

    translate = QCoreApplication.translate
    alike = session.memory.look_alikes(image, regions)
    if alike is None:
        say(translate("LookAlikes", "Accept or name a region first: then you can apply that to its look-alikes."))
        return

    def found(rows: AlikeRows) -> None:
        if rows.row_ids:
            show(alike)
        else:
            text = translate("LookAlikes", "No region that waits looks like this “{}”.")
            say(text.format(shortened(alike.lesson.category)))

    session.store.read(lambda project: read_alike(project, alike), found)
