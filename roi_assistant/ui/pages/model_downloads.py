"""Models to download: what each is good for, its licence, its size, whether it fits, and the download itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from roi_assistant.ui.docks.activity import time_left
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.translation import told_in
from roi_assistant.ui.pages.page import Card, Hint
from roi_assistant.ui.session.model_commands import CommandResult, OfferedModel, Pulling, PullProcess, PullProgress

Pull: TypeAlias = Callable[[Sequence[str], QWidget], Pulling]
"""Begins ``roi-assistant models pull`` with arguments; the widget is who owns it."""
STEPS = 1000
ROWS_AT_A_TIME = 4
"""Rows that are made before other events have their turn: all of them would keep the window waiting."""


class DownloadRow(QWidget):
    """A model of the catalogue with its button. ``pressed`` carries the arguments of the download."""

    pressed = pyqtSignal(object)

    def __init__(self, model: OfferedModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        title = QLabel(model.title)
        self.needs = Hint(" · ".join(self._needs()))
        self.terms = Hint(" · ".join(self._terms()))
        self.state = Hint()
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Progress of {}").format(model.title))
        self.consent = QCheckBox(self.tr("My use is not commercial"))
        self.consent.setAccessibleName(self.tr("My use of {} is not commercial").format(model.title))
        self.consent.setVisible(model.commercial_use == "no")
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        texts = lay_column(
            title,
            Hint(told_in(model.good_for)),
            self.needs,
            self.terms,
            self.consent,
            self.bar,
            self.state,
            margins=0,
            spacing=GRID // 2,
        )
        lay_row((texts, 1), lay_column(self.button, None, margins=0), parent=self, margins=0, spacing=2 * GRID)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.consent.toggled.connect(lambda: self.show_idle(is_free=True))
        self.show_idle(is_free=True)

    def show_idle(self, *, is_free: bool, problem: str = "") -> None:
        """No download of this model runs. ``is_free``: none of another does. ``problem``: why the last one ended."""
        self.bar.hide()
        self.state.setText(problem)
        self.state.setVisible(bool(problem))
        words = self.tr("Resume {}") if self.model.is_begun else self.tr("Download {}")
        self.button.setText(self.tr("Resume") if self.model.is_begun else self.tr("Download"))
        self.button.setAccessibleName(words.format(self.model.title))
        needs_consent = self.model.commercial_use == "no" and not self.consent.isChecked()
        self.button.setEnabled(is_free and not needs_consent)
        self.button.setToolTip("" if is_free else self.tr("One download at a time"))
        self.consent.setEnabled(is_free)

    def show_running(self, progress: PullProgress | None) -> None:
        """A download runs; ``progress`` None: it has not told yet."""
        self.button.setText(self.tr("Cancel"))
        self.button.setAccessibleName(self.tr("Cancel the download of {}").format(self.model.title))
        self.button.setToolTip(self.tr("What came is kept, and the download can go on later"))
        self.button.setEnabled(True)
        self.consent.setEnabled(False)
        self.bar.show()
        self.state.show()
        if progress is None or not progress.total:
            self.bar.setRange(0, 0)
            self.state.setText(self.tr("Asking the hub…"))
            return
        self.bar.setRange(0, STEPS)
        self.bar.setValue(STEPS * progress.done // progress.total)
        parts = [self.tr("{done} of {total}").format(done=size_text(progress.done), total=size_text(progress.total))]
        if progress.done >= progress.total:
            parts.append(self.tr("checking the files…"))
        elif progress.seconds_left is not None:
            parts.append(time_left(progress.seconds_left))
        self.state.setText(" · ".join(parts))

    def _press(self) -> None:
        accepted = ["--accept-licence"] if self.model.commercial_use == "no" and self.consent.isChecked() else []
        self.pressed.emit([self.model.id, *accepted])

    def _needs(self) -> list[str]:
        model = self.model
        size = size_text(model.download_bytes) if model.download_bytes else ""
        needs = [
            self._fit(),
            self.tr("{} to download").format(size) if size else self.tr("size is told before the download"),
        ]
        if model.memory:
            needs.append(self.tr("{} of GPU memory").format(size_text(model.memory)))
        return needs

    def _terms(self) -> list[str]:
        model = self.model
        uses = {
            "yes": self.tr("commercial use: yes"),
            "no": self.tr("commercial use: no"),
            "conditions": self.tr("commercial use: under conditions"),
        }
        if model.commercial_use in uses:
            terms = [f"{model.licence}, {uses[model.commercial_use]}"]
        else:
            terms = [self.tr("the licence is told before the download")]
        if model.conditions:
            terms.append(told_in(model.conditions).rstrip(".。"))
        if model.is_gated:
            terms.append(self.tr("first accept its terms on its page, and set HF_TOKEN"))
        return terms

    def _fit(self) -> str:
        match self.model.where, self.model.precision:
            case "gpu", "bf16":
                return self.tr("fits this GPU")
            case "gpu", str(precision):
                return self.tr("fits this GPU in {}").format(precision)
            case "cpu", _:
                return self.tr("runs on this CPU, slowly")
            case "no", _:
                return self.tr("does not fit this computer")
        return self.tr("not known whether it fits")


class DownloadsCard(Card):
    """The catalogue. ``pull`` begins a download, one at a time; ``ended`` carries what came of it."""

    ended = pyqtSignal(object)

    def __init__(self, pull: Pull, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.heading.setText(self.tr("Models to download"))
        self.heading.show()
        self.set_hint(
            self.tr(
                "Nothing is fetched unless you press Download. Every file is compared with its sha256. HF_ENDPOINT "
                "names a mirror."
            )
        )
        self._pull = pull
        self._running: Pulling | None = None
        self._running_id = ""
        self._progress: PullProgress | None = None
        self._problems: dict[str, str] = {}
        """Id of a model -> why its last download ended; beside its button, for the top may be out of sight."""
        self.rows: list[DownloadRow] = []
        self._models: list[OfferedModel] = []
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._add_rows)
        self._column = QVBoxLayout()
        self._column.setSpacing(2 * GRID)
        self.body.addLayout(self._column)

    def show_models(self, models: Sequence[OfferedModel]) -> None:
        """Show ``models`` in place of those before; a download goes on."""
        if self._models != list(models):
            self._models = list(models)
            for row in self.rows:
                self._column.removeWidget(row)
                row.setParent(None)
                row.deleteLater()
            self.rows = []
            self._add_rows()
        self.setVisible(bool(self._models))
        self._show_state()

    def _add_rows(self) -> None:
        begin = len(self.rows)
        for model in self._models[begin : begin + ROWS_AT_A_TIME]:
            row = DownloadRow(model)
            row.pressed.connect(partial(self._pressed, row))
            self.rows.append(row)
            self._column.addWidget(row)
        self._show_state()
        if len(self.rows) < len(self._models):
            self._next.start(0)

    def _pressed(self, row: DownloadRow, arguments: Sequence[str]) -> None:
        if self._running is not None:
            if row.model.id == self._running_id:
                self._running.stop()
            return
        self._running_id, self._progress = row.model.id, None
        self._problems.pop(row.model.id, None)
        self._running = self._pull(arguments, self)
        self._running.progressed.connect(self._progressed)
        self._running.ended.connect(self._ended)
        self._show_state()

    def _progressed(self, progress: PullProgress) -> None:
        self._progress = progress
        self._show_state()

    def _ended(self, result: CommandResult) -> None:
        if not result.is_well:
            self._problems[self._running_id] = result.answer
        self._running, self._running_id = None, ""
        self._show_state()
        self.ended.emit(result)

    def _show_state(self) -> None:
        for row in self.rows:
            if row.model.id == self._running_id:
                row.show_running(self._progress)
            else:
                row.show_idle(is_free=self._running is None, problem=self._problems.get(row.model.id, ""))


def pull_beside(arguments: Sequence[str], owner: QWidget) -> Pulling:
    """A download in a process of its own."""
    return PullProcess(arguments, owner)


def size_text(count: int) -> str:
    """``17500000000`` -> ``17.5 GB``; units are the same in every language."""
    return f"{count / 1e9:.1f} GB" if count >= 100_000_000 else f"{count / 1e6:.1f} MB"
