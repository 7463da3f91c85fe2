"""The page that writes the project as an annotation file and tells what the format could not keep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer, QUrl
from PyQt6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from roi_assistant.core.records import ReviewState
from roi_assistant.errors import RoiAssistantError
from roi_assistant.region_formats import BUILT_IN, COCO, RegionFormat, region_formats
from roi_assistant.storage.region_export import ExportResult
from roi_assistant.ui.look.controls import FlowLayout
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.loss_table import LossTable
from roi_assistant.ui.pages.page import Card, Hint, Page, add_form_row, form_layout
from roi_assistant.ui.session.export_job import (
    DEFAULT_STEM,
    STATES,
    ExportChoices,
    ExportPreview,
    preview_export,
    remember_choices,
    remembered_choices,
    run_export,
)

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.jobs import JobControl
    from roi_assistant.ui.session.view import SessionView

_TYPING_PAUSE = 300
"""Milliseconds without typing before the target file is looked at."""


class ExportPage(Page):
    """Choices, then what will be written, then the report of what was."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.session = session
        self.result: ExportResult | None = None
        self._preview: ExportPreview | None = None
        self._job = ""
        self._filling = False
        self.heading.setText(self.tr("Export"))
        self.setAccessibleName(self.tr("Export"))
        self.lead.setText(
            self.tr(
                "Writes a file or folder. Your images and the project stay as they are, and nothing is half-written."
            )
        )
        self._build_target()
        self._build_content()
        self._build_report()
        self.body.addStretch(1)
        self._build_footer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE)
        self._pause.timeout.connect(self.refresh)
        self.setFocusProxy(self.export_button)
        session.projectOpened.connect(self._project_changed)
        session.projectClosed.connect(self._project_changed)
        session.jobs.changed.connect(self._show_progress)
        self._project_changed()

    # ------------------------------------------------------------------------------------------------------- build

    def _build_target(self) -> None:
        card = Card(self.tr("File"))
        self.target_card = card
        form = form_layout()
        self.format = QComboBox()
        self.format.setAccessibleName(self.tr("Format"))
        self.format.setToolTip(self.tr("The kind of file that is written"))
        self.format.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._set_formats(BUILT_IN)
        self.format.currentIndexChanged.connect(lambda *_: self._format_changed())
        add_form_row(form, self.tr("Format"), self.format)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("File to write"))
        self.path.setToolTip(self.tr("A path without a leading folder is below the project's folder"))
        self.path.textEdited.connect(lambda *_: self._edited())
        row.addWidget(self.path, 1)
        self.browse_button = QPushButton(self.tr("Choose…"))
        self.browse_button.setToolTip(self.tr("Choose the file to write"))
        self.browse_button.clicked.connect(self._browse)
        row.addWidget(self.browse_button)
        add_form_row(form, self.tr("File"), row)
        card.body.addLayout(form)
        self.target_hint = Hint()
        card.body.addWidget(self.target_hint)
        self.body.addWidget(card)

    def _build_content(self) -> None:
        card = Card(self.tr("Content"))
        self.content_card = card
        form = form_layout()
        states = FlowLayout(spacing=2 * GRID)
        self.states: dict[ReviewState, QCheckBox] = {}
        for state, text in self._state_names().items():
            box = QCheckBox(text)
            box.setToolTip(self.tr("Write the regions in this review state"))
            box.toggled.connect(lambda *_: self._edited())
            self.states[state] = box
            states.addWidget(box)
        add_form_row(form, self.tr("Regions"), states)
        self.empty_images = QCheckBox(self.tr("Also images without regions"))
        self.empty_images.setToolTip(self.tr("Images in which there is nothing are training data, too"))
        self.empty_images.toggled.connect(lambda *_: self._edited())
        add_form_row(form, self.tr("Images"), self.empty_images)
        self.description = self._line(self.tr("Description of the data set"))
        add_form_row(form, self.tr("Description"), self.description)
        self.licence = self._line(self.tr("Licence of the images"))
        add_form_row(form, self.tr("Licence"), self.licence)
        self.licence_url = self._line(self.tr("Address of the licence"))
        self.licence_url.setPlaceholderText(self.tr("https://… (may stay empty)"))
        add_form_row(form, self.tr("Licence address"), self.licence_url)
        self.questions = self._line(self.tr("JSON file with the questions about regions"))
        self.questions.setPlaceholderText(self.tr("those of the program"))
        add_form_row(form, self.tr("Questions"), self.questions)
        card.body.addLayout(form)
        self.body.addWidget(card)

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(name)
        line.setToolTip(name)
        line.textEdited.connect(lambda *_: self._edited())
        return line

    def _build_report(self) -> None:
        self.report_card = Card(self.tr("Report"), "-")
        self.report_table = LossTable()
        self.report_card.body.addWidget(self.report_table)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.copy_button = QPushButton(self.tr("Copy report"))
        self.copy_button.setToolTip(self.tr("Copy the report as text"))
        self.copy_button.clicked.connect(self._copy_report)
        self.folder_button = QPushButton(self.tr("Open folder"))
        self.folder_button.setToolTip(self.tr("Show the folder of the file"))
        self.folder_button.clicked.connect(self._open_folder)
        row.addWidget(self.copy_button)
        row.addWidget(self.folder_button)
        row.addStretch(1)
        self.report_card.body.addLayout(row)
        self.report_card.hide()
        self.body.insertWidget(self.body.indexOf(self.message) + 1, self.report_card)

    def _build_footer(self) -> None:
        self.summary = Hint()
        self.summary.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Progress of the export"))
        self.progress.setFixedWidth(24 * GRID)
        self.progress.hide()
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Stop; no file is written"))
        self.cancel_button.clicked.connect(self.cancel)
        self.cancel_button.hide()
        self.export_button = QPushButton(self.tr("Export"))
        self.export_button.setToolTip(self.tr("Write the file (Ctrl+Shift+Return)"))
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self.start)
        shortcut = QShortcut(QKeySequence("Ctrl+Shift+Return"), self)
        shortcut.activated.connect(self.start)
        shortcut.setContext(shortcut.context().WidgetWithChildrenShortcut)
        self.add_to_footer(self.summary, self.progress, self.cancel_button, self.export_button)

    def _state_names(self) -> dict[ReviewState, str]:
        return {
            "accepted": self.tr("Accepted"),
            "edited": self.tr("Edited"),
            "suggested": self.tr("Suggested"),
            "rejected": self.tr("Rejected"),
        }

    # ----------------------------------------------------------------------------------------------------- choices

    @property
    def choices(self) -> ExportChoices:
        """What is chosen now."""
        return ExportChoices(
            path=self.path.text().strip(),
            format=self._chosen_format.id,
            states=tuple(state for state in STATES if self.states[state].isChecked()),
            empty_images=self.empty_images.isChecked(),
            description=self.description.text().strip(),
            licence=self.licence.text().strip(),
            licence_url=self.licence_url.text().strip(),
            questions=self.questions.text().strip(),
        )

    def set_choices(self, choices: ExportChoices) -> None:
        """Fill the form without remembering it. A format whose plugin is gone becomes COCO."""
        self._filling = True
        ids = [format_.id for format_ in self._formats]
        chosen = choices.format if choices.format in ids else COCO.id  # its plugin is gone
        self.format.setCurrentIndex(ids.index(chosen))
        self.path.setText(choices.path)
        for state, box in self.states.items():
            box.setChecked(state in choices.states)
        self.empty_images.setChecked(choices.empty_images)
        self.description.setText(choices.description)
        self.licence.setText(choices.licence)
        self.licence_url.setText(choices.licence_url)
        self.questions.setText(choices.questions)
        self._filling = False
        self.refresh()

    def _project_changed(self, _summary: object = None) -> None:
        self._job = ""
        self._preview = None
        self.message.clear()
        self.report_card.hide()
        folder, plugins = self.session.folder, self.session.plugins
        if folder is not None:
            self.session.store.read(
                lambda _project: (region_formats(plugins), remembered_choices(folder)), self._show_remembered
            )
        self._show_state()

    def _show_remembered(self, answer: tuple[Sequence[RegionFormat], ExportChoices]) -> None:
        formats, choices = answer
        self._set_formats([format_ for format_ in formats if format_.can_write])
        self.set_choices(choices)

    def _set_formats(self, formats: Sequence[RegionFormat]) -> None:
        self._filling = True
        self._formats = tuple(formats)
        self._chosen_format = formats[0]
        self.format.clear()
        for format_ in formats:
            endings = "" if format_.is_folder else ", ".join(format_.suffixes)
            self.format.addItem(
                f"{translated(format_.label)} ({endings})" if endings else translated(format_.label), format_.id
            )
        self._filling = False

    def _format_changed(self) -> None:
        """The file gets the ending of the format, unless the user gave it another than that of the format before."""
        before, self._chosen_format = self._chosen_format, self._formats[max(0, self.format.currentIndex())]
        path = Path(self.path.text())
        suffixes = self._chosen_format.suffixes
        is_own_ending = path.suffix in before.suffixes or (before.is_folder and not path.suffix)
        if not self._filling and path.name and is_own_ending:
            if self._chosen_format.is_folder:
                self.path.setText(str(path.with_suffix("")))
            elif suffixes and path.suffix not in suffixes:
                self.path.setText(str(path.with_suffix(suffixes[0])))
        self._edited()

    def _edited(self) -> None:
        if not self._filling:
            self._show_state()
            self._pause.start()

    def _browse(self) -> None:
        default = DEFAULT_STEM + "".join(self._chosen_format.suffixes[:1])
        start = self.path.text() or str((self.session.folder or Path()) / default)
        if self._chosen_format.is_folder:
            folder = QFileDialog.getExistingDirectory(self, self.tr("Export to"), str(Path(start).parent))
            if folder:
                self.path.setText(folder)
                self._edited()
            return
        path, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export to"),
            start,
            f"{translated(self._chosen_format.label)} ({self._chosen_format.pattern});;{self.tr('All files (*)')}",
            options=QFileDialog.Option.DontConfirmOverwrite,  # the page says that a file will be replaced
        )
        if path:
            self.path.setText(path)
            self._edited()

    # ------------------------------------------------------------------------------------------------ what will be

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Count again what would be written."""
        if self.session.folder is not None:
            path = str(self.session.folder / Path(self.choices.path).expanduser()) if self.choices.path else ""
            self.session.store.read(lambda project: preview_export(project, path), self._set_preview)

    def _set_preview(self, preview: ExportPreview) -> None:
        self._preview = preview
        self._show_state()

    def _show_state(self) -> None:
        """Everything that follows from the choices and the counts."""
        choices, preview = self.choices, self._preview
        running = bool(self._job)
        self.target_hint.set_level("warning" if preview and preview.target_exists else None)
        exists = ""
        if preview and preview.target_exists:
            exists = (
                self.tr("This folder exists. It is replaced if it is empty or holds an earlier export.")
                if self._chosen_format.is_folder
                else self.tr("This file exists and will be replaced.")
            )
        self.target_hint.setText(exists)
        self.target_hint.setVisible(bool(self.target_hint.text()))
        is_plugin = self._chosen_format.profile is None
        for line in (self.description, self.licence, self.licence_url):
            line.setEnabled(not is_plugin)
        self.questions.setEnabled(self._chosen_format.questions)
        problem = ""
        if self.session.folder is None:
            problem = self.tr("Open a folder first.")
        elif not choices.path:
            problem = self.tr("Choose a file to write.")
        elif not choices.states:
            problem = self.tr("Choose at least one review state.")
        if problem:
            self.summary.setText(problem)
        elif running:
            self.summary.setText(self.tr("Writing {}…").format(Path(choices.path).name))
        elif preview is not None:
            images = preview.images if choices.empty_images else preview.images_with_regions
            self.summary.setText(
                self.tr("Images: {}. Regions: {} of {}.").format(
                    f"{images:,}", f"{preview.regions_in(choices.states):,}", f"{preview.regions_in(STATES):,}"
                )
            )
        else:
            self.summary.setText(self.tr("Counting…"))
        for state, box in self.states.items():
            name = self._state_names()[state]
            box.setText(f"{name} ({preview.regions.get(state, 0):,})" if preview is not None else name)
        self.export_button.setEnabled(not problem and not running)
        self.export_button.setVisible(not running)
        self.target_card.setEnabled(not running)
        self.content_card.setEnabled(not running)
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)

    # ------------------------------------------------------------------------------------------------------- export

    def start(self) -> None:
        """Write the file."""
        folder, plugins = self.session.folder, self.session.plugins
        if not self.export_button.isEnabled() or folder is None:
            return
        choices = self.choices
        self.message.clear()
        self.report_card.hide()
        self.progress.setRange(0, 0)
        title = self.tr("Export {}").format(Path(choices.path).name)

        def work(project: Project, control: JobControl) -> ExportResult:
            result = run_export(project, choices, plugins, step=control.progress)
            remember_choices(folder, choices)
            return result

        self._job = self.session.jobs.run(title, work, self._finished, self._failed)
        self._show_state()

    def cancel(self) -> None:
        """Stop the export of this page; the file that is there stays as it is."""
        if self._job:
            self.session.jobs.cancel(self._job)

    def _show_progress(self) -> None:
        if not self._job:
            return
        status = next((job for job in self.session.jobs.statuses if job.id == self._job), None)
        if status is None or status.state == "cancelled":
            self._job = ""
            self.message.show_message("info", self.tr("The export was cancelled; no file was written."))
            self._show_state()
        elif status.total:
            self.progress.setRange(0, status.total)
            self.progress.setValue(status.done)

    def _finished(self, result: ExportResult) -> None:
        self._job = ""
        self.result = result
        self.message.show_message("success", self.tr("Written: {}").format(result.path))
        self._show_report(result)
        self.refresh()
        self._show_state()
        self.scroll_area.ensureWidgetVisible(self.message)
        self.copy_button.setFocus()

    def _failed(self, error: Exception) -> None:
        self._job = ""
        if isinstance(error, RoiAssistantError):
            text = translated(error)
        else:
            text = self.tr("The export failed and wrote nothing ({}). The log has the details.").format(error)
        self.message.show_message("error", text)
        self.scroll_area.ensureWidgetVisible(self.message)
        self._show_state()
        self.export_button.setFocus()  # what was disabled meanwhile has lost the focus; Enter tries again

    def _show_report(self, result: ExportResult) -> None:
        report = result.report
        if report is None:
            self.report_card.set_hint(self.tr("The format tells nothing about what it left out."))
        else:
            counts = self.tr("Images: {}. Regions: {}.").format(f"{report.images:,}", f"{report.regions:,}")
            if report.lossless and not result.skipped:
                self.report_card.set_hint(f"{counts} {self.tr('Nothing was lost.')}")
            else:
                self.report_card.set_hint(f"{counts} {self.tr('What the file does not hold as the project does:')}")
        self.report_table.show_losses(result.losses, result.skipped)
        self.report_card.show()

    def _copy_report(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and self.result is not None:
            clipboard.setText(str(self.result))

    def _open_folder(self) -> None:
        if self.result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.result.path.parent)))
