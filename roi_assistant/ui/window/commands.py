"""What the actions do: one method for each ``id`` of the table in ``ui.window.actions``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog

from roi_assistant.settings import log_folder
from roi_assistant.ui.look.translation import said

if TYPE_CHECKING:
    from roi_assistant.region_formats import RegionFormat
    from roi_assistant.ui.window.actions import ActionSpec
    from roi_assistant.ui.window.main_window import MainWindow

_log = logging.getLogger(__name__)
_ZOOM_STEP = 1.25


class Commands:
    """Belongs to a window. ``run`` is what its actions call."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session = window.session

    def run(self, spec: ActionSpec) -> None:
        method = getattr(self, spec.id)
        if spec.argument is None:
            method()
        else:
            method(spec.argument)

    # File.

    def open_folder(self) -> None:
        start = self._session.folder.parent if self._session.folder else Path.home()
        title = QCoreApplication.translate("Commands", "Open a folder of images")
        chosen = QFileDialog.getExistingDirectory(self._window, title, str(start))
        if chosen:
            self._window.open_folder(Path(chosen))

    def open_samples(self) -> None:
        from roi_assistant.ui.window.samples import copy_samples

        self._window.open_folder(copy_samples())

    def rescan(self) -> None:
        self._session.images.rescan()

    def import_annotations(self) -> None:
        from roi_assistant.region_formats import region_formats

        plugins = self._session.plugins
        self._session.store.read(lambda _project: region_formats(plugins), self._choose_import)

    def _choose_import(self, formats: Sequence[RegionFormat]) -> None:
        """Ask for the file; the kind of file that is chosen in the dialog is the format."""
        from roi_assistant.region_formats import COCO
        from roi_assistant.ui.session.import_job import start_import

        kinds = {f"{said(format_.label)} ({format_.pattern})": format_ for format_ in formats if format_.can_read}
        title = QCoreApplication.translate("Commands", "Import annotations")
        start = str(self._session.folder or Path.home())
        path, kind = QFileDialog.getOpenFileName(self._window, title, start, ";;".join(kinds))
        if path:
            start_import(self._session, Path(path), format=kinds.get(kind, COCO).id)

    def close_project(self) -> None:
        self._window.leave_project()

    def quit(self) -> None:
        self._window.close()

    # Edit.

    def undo(self) -> None:
        self._session.history.undo("" if self._window.page == "schema" else None)

    def redo(self) -> None:
        self._session.history.redo("" if self._window.page == "schema" else None)

    def copy(self) -> None:
        self._session.edits.copy(self._session.image.selection)

    def paste(self) -> None:
        self._session.edits.paste()

    def copy_from_previous(self) -> None:
        self._session.copy_from_previous()

    def delete(self) -> None:
        self._session.edits.delete(self._session.image.selection)

    def select_all(self) -> None:
        self._session.image.select(region.id for region in self._session.image.regions)

    # View.

    def toggle_labels(self) -> None:
        self._window.change_setting("show_labels", self._window.actions_of["toggle_labels"].isChecked())

    def toggle_snap(self) -> None:
        self._window.change_setting("snap", self._window.actions_of["toggle_snap"].isChecked())

    def toggle_crosshair(self) -> None:
        self._window.change_setting("crosshair", self._window.actions_of["toggle_crosshair"].isChecked())

    def fit(self) -> None:
        self._window.workspace.canvas.fit()

    def one_to_one(self) -> None:
        self._window.workspace.canvas.one_to_one()

    def zoom_in(self) -> None:
        self._window.workspace.canvas.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        self._window.workspace.canvas.zoom_by(1 / _ZOOM_STEP)

    def zoom_to_region(self) -> None:
        if self._session.image.selection:
            self._window.workspace.canvas.zoom_to_region(self._session.image.selection[-1])

    def full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    # Go.

    def next_image(self) -> None:
        self._session.step_image(1)

    def previous_image(self) -> None:
        self._session.step_image(-1)

    def next_region(self) -> None:
        self._session.image.step_region(1)

    def previous_region(self) -> None:
        self._session.image.step_region(-1)

    def search(self) -> None:
        self._window.show_page("workspace")
        self._window.workspace.raise_dock("images")
        self._window.workspace.images.focus_search()

    def show_workspace(self) -> None:
        self._window.show_page("workspace")

    def show_palette(self) -> None:
        self._window.show_palette()

    # Region.

    def draw(self) -> None:
        self._window.set_tool("draw")

    def select(self) -> None:
        if self._window.tool == "select":
            self._session.image.select(())
        self._window.set_tool("select")

    def accept(self) -> None:
        self._session.edits.decide(self._session.edits.accept, self._session.image.selection)

    def edit_caption(self) -> None:
        if self._session.image.selection:
            self._window.workspace.edit_caption(self._session.image.selection[-1])

    def edit_category(self) -> None:
        if self._session.image.selection:
            self._window.workspace.edit_category(self._session.image.selection[-1])

    def reject(self) -> None:
        self._session.edits.decide(self._session.edits.reject, self._session.image.selection)

    def reopen(self) -> None:
        self._session.edits.reopen(self._session.image.selection)

    def choose_alternative(self, number: int) -> None:
        if self._session.image.selection:
            id_ = self._session.image.selection[-1]
            self._session.edits.decide(lambda _ids: self._session.edits.choose_alternative(id_, number - 1), (id_,))

    def describe(self) -> None:
        self._session.suggestions.describe(self._session.image.selection)

    def ask_about(self) -> None:
        self._window.show_page("workspace")
        self._window.workspace.raise_dock("chat")
        self._window.workspace.chat.focus_input()

    def toggle_locked(self) -> None:
        chosen = [self._session.image.region(id_) for id_ in self._session.image.selection]
        locked = all(region is not None and region.locked for region in chosen)
        self._session.edits.set_locked(self._session.image.selection, not locked)

    # Pages.

    def show_export(self) -> None:
        self._window.show_page("export")

    def show_review(self) -> None:
        self._window.show_page("review")

    def show_batch(self) -> None:
        self._window.show_page("batch")

    def show_overview(self) -> None:
        self._window.show_page("overview")

    def show_schema(self) -> None:
        self._window.show_page("schema")

    def show_settings(self) -> None:
        self._window.show_page("settings")

    def show_shortcuts(self) -> None:
        self._window.show_page("shortcuts")

    def show_about(self) -> None:
        self._window.show_page("about")

    def open_log(self) -> None:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._window.say("info", QCoreApplication.translate("Commands", "The log is in {}.").format(folder))
