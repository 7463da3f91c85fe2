"""The page that lets the model caption all boxes of the project, with a count before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from roi_assistant.storage.records import BatchFilter, ImageFilter, ReviewCounts
from roi_assistant.ui.look.bounded_fields import BoundedLine
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.pages.page import Card, FigureTile, Hint, Page, add_form_row, form_layout
from roi_assistant.ui.session.project_boxes import KIND, images_without_boxes

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.jobs import JobStatus
    from roi_assistant.ui.session.view import SessionView

_PAUSE = 500
"""Milliseconds between a change of the project and the new count."""


@dataclass(frozen=True, slots=True)
class BatchCount:
    """What a run would do: ``boxes`` in ``images``; ``counts`` are those of the whole project. ``boxless`` images have
    no box, and nobody has said that there is nothing."""

    images: int
    boxes: int
    counts: ReviewCounts
    boxless: int = 0


def count_batch(project: Project, flt: BatchFilter) -> BatchCount:
    """Ask the project how much ``flt`` means."""
    targets = project.batch_targets(flt)
    boxless = len(images_without_boxes(project, flt.images))
    return BatchCount(targets.images, targets.regions, project.review_counts(), boxless)


class BatchPage(Page):
    """Caption all boxes without an accepted caption."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.session = session
        self.count: BatchCount | None = None
        self._counted_for: BatchFilter | None = None
        self._job = ""
        self._told: set[str] = set()
        self.set_title(
            self.tr("Caption all boxes"),
            self.tr(
                "The model writes suggestions for boxes that have no accepted caption. You can go on meanwhile; "
                "what you do comes first.",
            ),
        )
        self._build_progress()
        self._build_choices()
        self._build_count()
        self.body.addStretch(1)
        self._build_footer()
        self._pause = single_shot(self, _PAUSE, self.refresh)
        self.setFocusProxy(self.start_button)
        session.projectOpened.connect(self._project_changed)
        session.projectClosed.connect(self._project_changed)
        session.images.changed.connect(self._later)
        session.image.regionsChanged.connect(self._later)
        session.jobs.changed.connect(self._show_jobs)
        self._project_changed()

    # ------------------------------------------------------------------------------------------------------- build

    def _build_progress(self) -> None:
        self.progress_card = Card(self.tr("Running"), "-")
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Progress"))
        self.progress_card.body.addWidget(self.progress)
        self.progress_card.hide()
        self.body.addWidget(self.progress_card)

    def _build_choices(self) -> None:
        card = Card(self.tr("Which boxes"))
        form = form_layout()
        self.all_boxes, self.empty_boxes, boxes = self._pair(
            self.tr("All without an accepted or edited caption"),
            self.tr("Only those without any words yet"),
        )
        add_form_row(form, self.tr("Boxes"), boxes)
        self.all_images, self.listed_images, images = self._pair(
            self.tr("All images of the project"),
            self.tr("The images that the list shows now"),
        )
        add_form_row(form, self.tr("Images"), images)
        self.skip_done = QCheckBox(self.tr("Leave out boxes that this model has described already"))
        self.skip_done.setToolTip(self.tr("After a run was stopped, the next one goes on where it ended"))
        self.skip_done.setChecked(True)
        self.skip_done.toggled.connect(self.refresh)
        add_form_row(form, self.tr("Model"), self.skip_done)
        self.boxes_first = QCheckBox()
        self.boxes_first.setToolTip(
            self.tr("Not on images where you said that there is nothing. Each image's boxes are one step of undo.")
        )
        self.boxes_first.toggled.connect(self._show_state)
        add_form_row(form, self.tr("New boxes"), self.boxes_first)
        self.words = BoundedLine()
        self.words.setPlaceholderText(self.tr("The categories of the project"))
        self.words.setAccessibleName(self.tr("What to look for"))
        self.words.setToolTip(
            self.tr("For a detector, with commas: red car, traffic sign. Empty: the project's categories.")
        )
        self.words.editingFinished.connect(self._keep_words)
        self.session.look_for.changed.connect(self._show_words)
        self._words_label = add_form_row(form, self.tr("What to look for"), self.words)
        self.compare = QCheckBox()
        self.compare.setToolTip(
            self.tr("Boxes with words, decided or not. The answers stand beside the words, which stay as they are.")
        )
        self.compare.toggled.connect(self.refresh)
        add_form_row(form, self.tr("Compare"), self.compare)
        card.body.addLayout(form)
        self.body.addWidget(card)
        self.choices_card = card

    def _keep_words(self) -> None:
        self.words.setModified(False)
        self.session.look_for.replace(self.words.text())

    def _show_words(self) -> None:
        """What is looked for in the project; only a detector looks for anything. What is being typed stays, also while
        another window has the keyboard."""
        if not self.words.isModified():
            self.words.setText(self.session.look_for.text)
        proposer = self.session.box_suggestions.proposer
        self.boxes_first.setText(
            self.tr("Let {} suggest boxes first on images without any").format(proposer)
            if proposer
            else self.tr("Let the model suggest boxes first on images without any")
        )
        for widget in (self.words, self._words_label):
            widget.setVisible(self.boxes_first.isChecked() and bool(proposer))

    def _pair(self, first: str, second: str) -> tuple[QRadioButton, QRadioButton, QVBoxLayout]:
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        group = QButtonGroup(self)
        buttons = []
        for text in (first, second):
            button = QRadioButton(text)
            group.addButton(button)
            column.addWidget(button)
            buttons.append(button)
        buttons[0].setChecked(True)
        buttons[0].toggled.connect(self.refresh)
        return buttons[0], buttons[1], column

    def _build_count(self) -> None:
        card = Card(self.tr("What will happen"))
        self.figures = {
            "boxes": FigureTile(self.tr("boxes get suggestions"), spacing=GRID // 2),
            "images": FigureTile(self.tr("images"), spacing=GRID // 2),
            "untouched": FigureTile(self.tr("boxes are never touched"), spacing=GRID // 2),
        }
        card.body.addLayout(lay_row(*((figure, 1) for figure in self.figures.values()), spacing=4 * GRID))
        self.untouched = Hint()
        card.body.addWidget(self.untouched)
        self.body.addWidget(card)

    def _build_footer(self) -> None:
        self.status = Hint()
        self.status.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.cancel_button = QPushButton(self.tr("Stop"))
        self.cancel_button.setToolTip(self.tr("Stop; suggestions that are written stay"))
        self.cancel_button.clicked.connect(self.cancel)
        self.start_button = QPushButton(self.tr("Caption the boxes"))
        self.start_button.setToolTip(self.tr("Start (Ctrl+Shift+Return)"))
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self.start)
        shortcut = QShortcut(QKeySequence("Ctrl+Shift+Return"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.start)
        self.add_to_footer(self.status, self.cancel_button, self.start_button)

    # ------------------------------------------------------------------------------------------------------ choices

    @property
    def filter(self) -> BatchFilter:
        """What is chosen now."""
        listed = self.session.images.filter if self.listed_images.isChecked() else None
        images = listed if listed is not None else ImageFilter()
        if self.compare.isChecked() and self.session.second.name:
            return BatchFilter(images=images, compare_with=self.session.second.model_id)
        return BatchFilter(
            images=images,
            only_empty=self.empty_boxes.isChecked(),
            skip_model=self._model() if self.skip_done.isChecked() else "",
        )

    def _model(self) -> str:
        info = getattr(self.session.engine.state, "info", None)
        return info.id if info is not None else ""

    def _project_changed(self, _summary: object = None) -> None:
        self._job, self.count, self._counted_for = "", None, None
        self.words.setModified(False)  # it was typed for another project
        self.message.clear()
        self._show_jobs()
        self.refresh()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()

    def _later(self) -> None:
        """Counting 2,000,000 regions after every stroke would be a waste."""
        if self.isVisible():
            self._pause.start()

    def refresh(self) -> None:
        """Count again."""
        if self.session.folder is None:
            self._show_state()
            return
        flt = self.filter
        if flt != self._counted_for:
            self.count = None
        self._show_state()
        self.session.store.read(lambda project: count_batch(project, flt), lambda count: self._counted(count, flt))

    def _counted(self, count: BatchCount, flt: BatchFilter) -> None:
        if flt == self.filter:  # else another count is on its way
            self.count, self._counted_for = count, flt
            self._show_state()

    def _show_state(self) -> None:
        self._show_words()
        count, second = self.count, self.session.second.name
        self.compare.setText(
            self.tr("Ask the second model, {}, about boxes with words").format(second)
            if second
            else self.tr("Ask a second model: choose one on the page Models first")
        )
        self.compare.setEnabled(bool(second))
        compares = self.compare.isChecked() and bool(second)
        for choice in (self.all_boxes, self.empty_boxes, self.skip_done, self.boxes_first):
            choice.setEnabled(not compares)
        if count is None:
            for figure in self.figures.values():
                figure.setText("–")
            self.untouched.setText("")
        else:
            counts = count.counts
            self.figures["boxes"].setText(f"{count.boxes:,}")
            self.figures["images"].setText(f"{count.images:,}")
            self.figures["untouched"].setText(f"{counts.accepted + counts.edited + counts.rejected:,}")
            never = self.tr("Never touched: accepted {}, edited {}, rejected {}, and any text that a person wrote.")
            self.untouched.setText(
                self.tr("No word that is there changes: the answers stand beside them.")
                if compares
                else never.format(f"{counts.accepted:,}", f"{counts.edited:,}", f"{counts.rejected:,}")
            )
        boxless = count.boxless if count is not None and self.boxes_first.isChecked() and not compares else 0
        running = self._running() is not None
        if self.session.folder is None:
            status = self.tr("Open a folder first.")
        elif self.session.read_only:
            status = self.tr("The project is open read-only.")
        elif running:
            status = ""
        elif count is None:
            status = self.tr("Counting…")
        elif not count.boxes and not boxless:
            status = self.tr("Nothing to do: every box has been described.")
        else:
            status = ""
        self.status.setText(status)
        self.choices_card.setEnabled(not running and not self.session.read_only)
        self.cancel_button.setVisible(running)
        self.start_button.setVisible(not running)
        may = not status and count is not None
        self.start_button.setEnabled(may)
        if may and boxless:
            text = self.tr("Suggest boxes on {} images").format(f"{boxless:,}")
        elif may and count and compares:
            text = self.tr("Ask about {} boxes").format(f"{count.boxes:,}")
        elif may and count:
            text = self.tr("Caption {} boxes").format(f"{count.boxes:,}")
        else:
            text = self.tr("Caption the boxes")
        self.start_button.setText(text)

    # ------------------------------------------------------------------------------------------------------ running

    def start(self) -> None:
        """Begin; the run is listed under Activity, too, and goes on after a restart."""
        if not self.words.isHidden():
            self._keep_words()
        if self.start_button.isEnabled() and self.start_button.isVisibleTo(self):
            self.message.clear()
            boxes_first = self.boxes_first.isChecked() and self.count is not None and self.count.boxless > 0
            boxes_first = boxes_first and not self.filter.compare_with
            self._job = self.session.batches.start(self.filter, boxes_first=boxes_first)
            self._show_jobs()

    def cancel(self) -> None:
        """Stop the batch that runs; captions that were written stay. Nothing happens when none runs."""
        job = self._running()
        if job is not None:
            self.session.jobs.cancel(job.id)

    def _running(self) -> JobStatus | None:
        """The batch that runs, also one that was begun before a restart."""
        return next((job for job in self.session.jobs.statuses if _is_batch(job) and not job.is_over), None)

    def _show_jobs(self) -> None:
        job = self._running()
        self.progress_card.setVisible(job is not None)
        if job is not None:
            self._job = job.id
            self.progress.setRange(0, job.total)
            self.progress.setValue(job.done)
            self.progress_card.heading.setText(job.title)
            self.progress_card.set_hint(self._pace(job))
        elif self._job and self._job not in self._told:
            ended = next((job for job in self.session.jobs.statuses if job.id == self._job), None)
            if ended is not None:
                self._told.add(ended.id)
                self._tell_end(ended)
                self.refresh()
        self._show_state()

    def _pace(self, job: JobStatus) -> str:
        if not job.total:
            return self.tr("Starting the model…")
        told = self.tr("{} of {} images.") if job.id.startswith(KIND) else self.tr("{} of {} boxes.")
        text = told.format(f"{job.done:,}", f"{job.total:,}")
        left = job.seconds_left
        if left is None:
            return text
        return f"{text} {self._time_left(left)}"

    def _time_left(self, seconds: float) -> str:
        if seconds < 90:
            return self.tr("About {} seconds left.").format(max(1, round(seconds)))
        if seconds < 5400:
            return self.tr("About {} minutes left.").format(round(seconds / 60))
        return self.tr("About {} hours left.").format(f"{seconds / 3600:.1f}")

    def _tell_end(self, job: JobStatus) -> None:
        if job.state == "failed":
            self.message.show_message("error", job.message)
        elif job.state == "cancelled":
            self.message.show_message(
                "info", self.tr("Stopped. The suggestions that were written stay; start again to go on.")
            )
        else:
            self.message.show_message(
                "success", job.message or self.tr("Done. The review queue shows the suggestions, least certain first.")
            )


def _is_batch(job: Any) -> bool:
    return bool(job.id.startswith("batch"))
