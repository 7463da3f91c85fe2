"""From a file of annotations that the user chooses to its regions in the project."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QWidget

from roi_assistant.region_formats import AUTO, RegionFormat, region_formats
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.import_job import start_import
from roi_assistant.ui.session.session import ProjectSession
from roi_assistant.ui.window.notifications import NoticeAction, NotificationBar

if TYPE_CHECKING:
    from roi_assistant.storage.region_identity import OnConflict


def ask_for_annotations(session: ProjectSession, window: QWidget, bar: NotificationBar) -> None:
    """Let the user of ``window`` choose a file, and import it; the kind of file that is chosen in the dialog is the
    format, the first of them all that are known by their content. ``bar`` tells where regions of the project are other
    than those of the file, and offers to take these."""

    def choose(formats: Sequence[RegionFormat]) -> None:
        readable = [format_ for format_ in formats if format_.can_read]
        endings = dict.fromkeys(f"*{suffix}" for format_ in readable for suffix in format_.suffixes)
        known = QCoreApplication.translate("Importing", "All annotation files")
        kinds = {f"{known} ({' '.join(endings)})": AUTO}
        kinds |= {f"{translated(format_.label)} ({format_.pattern})": format_.id for format_ in readable}
        start = str(session.folder or Path.home())
        title = QCoreApplication.translate("Importing", "Import annotations")
        path, kind = QFileDialog.getOpenFileName(window, title, start, ";;".join(kinds))
        if path:
            _import(session, bar, Path(path), kinds.get(kind, AUTO))

    plugins = session.plugins
    session.store.read(lambda _project: region_formats(plugins), choose)


def ask_for_annotation_folder(session: ProjectSession, window: QWidget, bar: NotificationBar) -> None:
    """Let the user of ``window`` choose a folder of annotation files, and import it, as `ask_for_annotations` does."""
    title = QCoreApplication.translate("Importing", "Import a folder of annotations")
    if path := QFileDialog.getExistingDirectory(window, title, str(session.folder or Path.home())):
        _import(session, bar, Path(path), AUTO)


def _import(
    session: ProjectSession, bar: NotificationBar, file: Path, format: str, *, on_conflict: OnConflict = "keep"
) -> None:
    translate = QCoreApplication.translate

    def ask(count: int) -> None:
        choices: tuple[tuple[str, OnConflict], ...] = (
            (translate("Importing", "Take those of the file"), "replace"),
            (translate("Importing", "Keep both"), "both"),
        )
        actions = [
            NoticeAction(word, partial(_import, session, bar, file, format, on_conflict=choice))
            for word, choice in choices
        ]
        text = translate("Importing", "Other in {} than in the project, which stayed: %n region(s).", "", count)
        bar.say("warning", text.format(file.name), *actions)

    start_import(session, file, format=format, on_conflict=on_conflict, ask=ask)
