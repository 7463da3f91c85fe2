"""Long work: what runs, how far it is and how long it will take, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QWidget,
)

from roi_assistant.core.text_bounds import LONGEST_TEXT, with_both_ends
from roi_assistant.ui.look.controls import ElidedLabel, EmptyState
from roi_assistant.ui.look.layouts import lay_column, lay_row, scrolled
from roi_assistant.ui.look.marks import paint_warning
from roi_assistant.ui.look.palette import GRID, look, paint_state

if TYPE_CHECKING:
    from roi_assistant.ui.session.jobs import JobStatus
    from roi_assistant.ui.session.view import SessionView

_BAR_STEPS = 1000


def time_left(seconds: float | None) -> str:
    """``about 3 min left``; empty when it is not known. Coarse on purpose: figures that flicker say less."""
    if seconds is None:
        return ""
    if seconds < 10:
        return QCoreApplication.translate("Activity", "a few seconds left")
    if seconds < 60:
        return QCoreApplication.translate("Activity", "about {} s left").format(round(seconds / 10) * 10)
    minutes = round(seconds / 60)
    if minutes < 60:
        return QCoreApplication.translate("Activity", "about {} min left").format(minutes)
    return QCoreApplication.translate("Activity", "about {hours} h {minutes} min left").format(
        hours=minutes // 60, minutes=minutes % 60
    )


class Activity(QWidget):
    """One card per job of ``session.jobs.statuses``, running ones first, then the newest."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._cards: dict[str, JobCard] = {}
        self._empty = EmptyState(
            self.tr("Nothing is running"),
            self.tr("Captioning many boxes, export and other long work is shown here."),
            self,
        )
        page = QWidget()
        self._column = lay_column(None, parent=page, margins=GRID, spacing=GRID)
        scroll = scrolled(page)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(scroll)
        lay_column(self._stack, parent=self, margins=0)
        session.jobs.changed.connect(self.refresh)
        self.refresh()

    @property
    def cards(self) -> dict[str, JobCard]:
        """The cards by the id of their job."""
        return self._cards

    def refresh(self) -> None:
        """Show the session's jobs as they are now."""
        jobs = sorted(reversed(self._session.jobs.statuses), key=lambda job: job.is_over)
        listed = {job.id for job in jobs}
        for id_ in [id_ for id_ in self._cards if id_ not in listed]:
            card = self._cards.pop(id_)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, job in enumerate(jobs):
            if job.id not in self._cards:
                self._cards[job.id] = JobCard(job.id, self)
                self._cards[job.id].cancelled.connect(self._session.jobs.cancel)
            card = self._cards[job.id]
            if self._column.indexOf(card) != place:
                self._column.removeWidget(card)
                self._column.insertWidget(place, card)
            card.show_job(job)
        self._stack.setCurrentIndex(1 if jobs else 0)


class JobCard(QWidget):
    """Title, bar, what is left, and a button to cancel; for a job that is over, how it ended."""

    cancelled = pyqtSignal(str)

    def __init__(self, id_: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = id_
        self._state = "running"
        self._title = ElidedLabel(self)
        self._sign = _Sign(self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._detail = ElidedLabel(self, muted=True, small=True)
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.clicked.connect(self._stop)
        top = lay_row(self._sign, (self._title, 1), self._cancel, spacing=GRID)
        lay_column(top, self._bar, self._detail, self._message, parent=self, margins=GRID, spacing=GRID // 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    @property
    def detail(self) -> str:
        """The line below the bar."""
        return self._detail.text()

    @property
    def message(self) -> str:
        """What the job ended with."""
        return self._message.text()

    @property
    def cancel_button(self) -> QPushButton:
        """Stops the job."""
        return self._cancel

    def show_job(self, job: JobStatus) -> None:
        """Show ``job``."""
        self._state = job.state
        self._title.set_text(job.title)
        self._sign.set_state(job.state)
        running = not job.is_over
        self._cancel.setVisible(running)
        self._cancel.setAccessibleName(self.tr("Cancel {job}").format(job=job.title))
        self._bar.setVisible(running)
        if job.total:
            self._bar.setRange(0, _BAR_STEPS)
            self._bar.setValue(round(_BAR_STEPS * min(1.0, job.done / job.total)))
        elif job.state == "running":
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, _BAR_STEPS)
            self._bar.setValue(0)
        self._bar.setAccessibleName(job.title)
        self._detail.set_text(self._line(job))
        self._message.setText(with_both_ends(job.message, LONGEST_TEXT))
        self._message.setVisible(bool(job.message))
        self.setAccessibleName(f"{job.title}: {self._line(job)} {job.message}".strip())

    def _line(self, job: JobStatus) -> str:
        locale = self.locale()
        count = ""
        if job.total:
            count = self.tr("{done} of {total}").format(
                done=locale.toString(job.done), total=locale.toString(job.total)
            )
        if job.state == "running":
            parts = [count or self.tr("working…"), time_left(job.seconds_left)]
        elif job.state == "waiting":
            parts = [self.tr("waiting"), count]
        elif job.state == "done":
            parts = [self.tr("done"), count]
        elif job.state == "cancelled":
            parts = [self.tr("cancelled"), count]
        else:
            parts = [self.tr("failed"), count]
        return " · ".join(part for part in parts if part)

    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self.cancelled.emit(self._id)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = look(self.palette())
        painter.setPen(QPen(colors.error if self._state == "failed" else colors.line, 1))
        painter.setBrush(colors.base)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.end()


class _Sign(QWidget):
    """How a job stands, as a shape."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = "running"
        self.setFixedSize(16, 16)

    def set_state(self, state: str) -> None:
        self._state = state
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = look(self.palette())
        rect = QRectF(0, 0, 16, 16)
        if self._state == "done":
            paint_state(painter, rect, "accepted", colors.accepted)
        elif self._state == "cancelled":
            paint_state(painter, rect, "rejected", colors.muted)
        elif self._state == "failed":
            paint_warning(painter, rect, colors.error)
        else:
            paint_state(painter, rect, "suggested", colors.muted if self._state == "waiting" else colors.info)
        painter.end()
