"""The models that there are, and adding one: the folder of a checkpoint, or a server on the desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from roi_assistant.added_models import is_remote, model_at
from roi_assistant.settings import CAPTIONER, NO_MODEL
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.pages.model_downloads import DownloadsCard, Pull, pull_beside
from roi_assistant.ui.pages.page import Card, Hint, Page
from roi_assistant.ui.session.model_commands import (
    CommandResult,
    ListedModel,
    listed_models,
    offered_models,
    run_models_command,
)

Run: TypeAlias = Callable[[Sequence[str], Callable[[CommandResult], None]], None]
"""Runs ``roi-assistant models`` with arguments beside the window, and hands on what came of it."""
EXAMPLE = "http://127.0.0.1:8000/v1"


class ModelsPage(Page):
    """``current`` answers the id of the model in use, ``second`` that of the one that answers beside it; ``use`` and
    ``use_second`` make another one it. ``proposer`` and ``let_propose`` are the same of what suggests boxes; its id is
    `CAPTIONER` where no detector does. ``pull`` begins a download."""

    listed = pyqtSignal()
    """The list was read."""

    def __init__(
        self,
        *,
        run: Run,
        current: Callable[[], str],
        use: Callable[[str], None],
        second: Callable[[], str],
        use_second: Callable[[str], None],
        proposer: Callable[[], str] = lambda: CAPTIONER,
        let_propose: Callable[[str], None] = lambda _id: None,
        pull: Pull = pull_beside,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._run, self._current, self._use = run, current, use
        self._proposer, self._let_propose = proposer, let_propose
        self._second, self._use_second = second, use_second
        self.models: list[ListedModel] = []
        self.set_title(
            self.tr("Models"),
            self.tr(
                "What writes captions and attributes. A change counts from the next box on. The second model is asked "
                "only when you want to compare: it answers beside the words that are there."
            ),
        )
        self._list = Card()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2 * GRID)
        self._list.body.addLayout(self._rows)
        self.body.addWidget(self._list)
        self._proposers = Card(
            self.tr("Suggests boxes"),
            self.tr(
                "The model itself, or a detector: one that knows classes, or one that finds what you name in words."
            ),
        )
        self._proposer_rows = QVBoxLayout()
        self._proposer_rows.setSpacing(2 * GRID)
        self._proposers.body.addLayout(self._proposer_rows)
        self.body.addWidget(self._proposers)
        self._build_adding()
        self.downloads = DownloadsCard(pull)
        self.downloads.ended.connect(self._downloaded)
        self.body.addWidget(self.downloads)
        self.body.addStretch(1)
        self.setFocusProxy(self.place)

    def _build_adding(self) -> None:
        card = Card(
            self.tr("Add a model that you have"),
            self.tr(
                "A folder with a checkpoint of a vision-language model or a detector (config.json and safetensors "
                "files), or a server that runs already: vLLM, SGLang, llama.cpp, Ollama, LM Studio. Nothing is "
                "downloaded or copied."
            ),
        )
        self.place = QLineEdit()
        self.place.setPlaceholderText(EXAMPLE)
        self.place.setAccessibleName(self.tr("Folder or address"))
        self.place.textChanged.connect(self._place_changed)
        self.place.returnPressed.connect(self.add)
        choose = QPushButton(self.tr("Choose a folder…"))
        choose.clicked.connect(self._choose_folder)
        self.model = QLineEdit()
        self.model.setPlaceholderText(self.tr("Name of the model, if the server has several"))
        self.model.setAccessibleName(self.tr("Name of the model on the server"))
        self.model.returnPressed.connect(self.add)
        self.remote = QCheckBox(self.tr("Send photos to that computer"))
        self.remote.setToolTip(self.tr("The address is not this computer: whoever runs the server sees the photos"))
        self.remote.toggled.connect(self._place_changed)
        self.remote.hide()
        self.add_button = QPushButton(self.tr("Add"))
        self.add_button.setDefault(True)
        self.add_button.clicked.connect(self.add)
        card.body.addLayout(lay_row((self.place, 1), choose, margins=0, spacing=GRID))
        card.body.addLayout(lay_row((self.model, 1), self.add_button, margins=0, spacing=GRID))
        card.body.addWidget(self.remote)
        self.body.addWidget(card)
        self._place_changed()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._run(("list", "--json"), self._listed)

    def _listed(self, result: CommandResult) -> None:
        self.models = listed_models(result.answer) if result.is_well else []
        if not result.is_well:
            self.message.show_message("error", result.answer)
        self._show_models()
        self.downloads.show_models(offered_models(result.answer) if result.is_well else [])
        self.listed.emit()

    def _show_models(self) -> None:
        for rows in (self._rows, self._proposer_rows):
            while rows.count():
                item = rows.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.setParent(None)
                    widget.deleteLater()
        self._proposer_rows.addWidget(self._row(ListedModel(CAPTIONER, "", proposes=True)))
        for model in self.models:
            (self._proposer_rows if model.proposes else self._rows).addWidget(self._row(model))

    def _row(self, model: ListedModel) -> QWidget:
        row = QWidget()
        called = self.tr("The model itself") if model.id == CAPTIONER else model.id
        name = QLabel(called)
        about = Hint(" ".join(filter(None, (model.place, model.about))))
        about.setVisible(bool(about.text()))
        texts = lay_column(name, about, margins=0, spacing=GRID // 2)
        in_use = model.id == (self._proposer() if model.proposes else self._current())
        use = QPushButton(self.tr("In use") if in_use else self.tr("Use"))
        use.setEnabled(not in_use)
        use.setAccessibleName((self.tr("Let {} suggest boxes") if model.proposes else self.tr("Use {}")).format(called))
        use.clicked.connect(partial(self._choose, model))
        parts: list[QWidget] = [use]
        if not model.proposes:
            parts.insert(0, self._second_button(model, in_use=in_use))
        if model.place:
            remove = QPushButton(self.tr("Forget"))
            remove.setToolTip(self.tr("Its files, or its server, stay as they are"))
            remove.setAccessibleName(self.tr("Forget {}").format(model.id))
            remove.setEnabled(not in_use)
            remove.clicked.connect(partial(self._remove, model.id))
            parts.insert(0, remove)
        lay_row((texts, 1), *parts, parent=row, margins=0, spacing=GRID)
        return row

    def _second_button(self, model: ListedModel, *, in_use: bool) -> QPushButton:
        is_second = model.id == self._second()
        second = QPushButton(self.tr("Second model") if is_second else self.tr("Use as second"))
        second.setEnabled(not in_use)
        second.setCheckable(True)
        second.setChecked(is_second)
        second.setToolTip(self.tr("Asks this model about boxes that have words already: Shift+R"))
        second.setAccessibleName(self.tr("Use {} as second model").format(model.id))
        second.clicked.connect(partial(self._choose_second, NO_MODEL if is_second else model.id))
        return second

    def _choose(self, model: ListedModel) -> None:
        (self._let_propose if model.proposes else self._use)(model.id)
        self._show_models()

    def _choose_second(self, id_: str, _checked: bool = False) -> None:
        self._use_second(id_)
        self._show_models()

    def _remove(self, id_: str) -> None:
        self._run(("remove", id_), self._changed)

    def _downloaded(self, result: CommandResult) -> None:
        if result.is_well:
            self.message.show_message("success", self.tr("The model is there: press Use to work with it."))
            bar = self.scroll_area.verticalScrollBar()
            if bar is not None:
                bar.setValue(0)
        else:  # the row says why
            self.message.clear()
        self.refresh()

    # Adding.

    def _choose_folder(self) -> None:
        title = self.tr("Choose the folder of a model")
        chosen = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if chosen:
            self.place.setText(chosen)

    def _place_changed(self) -> None:
        found = model_at(self.place.text().strip())
        self.remote.setVisible(found is not None and is_remote(found))
        self.model.setVisible(found is not None and found.kind == "server")
        self.add_button.setEnabled(found is not None and (self.remote.isChecked() or not is_remote(found)))

    def add(self) -> None:
        """Add what stands in the fields; what is wrong with it becomes the message of the page."""
        if not self.add_button.isEnabled():
            return
        arguments = ["add", self.place.text().strip()]
        if self.model.text().strip() and not self.model.isHidden():
            arguments += ["--model", self.model.text().strip()]
        if self.remote.isChecked() and not self.remote.isHidden():
            arguments.append("--allow-remote")
        self.add_button.setEnabled(False)
        self.message.show_message("info", self.tr("Looking at {}…").format(self.place.text().strip()))
        self._run(arguments, self._added)

    def _added(self, result: CommandResult) -> None:
        if result.is_well:
            self.place.clear()
            self.model.clear()
            self.remote.setChecked(False)
        self._changed(result)

    def _changed(self, result: CommandResult) -> None:
        self._place_changed()
        if result.is_well:
            self.message.clear()
            self.refresh()
        else:
            self.message.show_message("error", result.answer)


def run_beside(in_background: Callable[[Callable[[], CommandResult], Callable[[CommandResult], None]], None]) -> Run:
    """A `Run` by a function that calls another one on a thread of its own."""

    def run(arguments: Sequence[str], done: Callable[[CommandResult], None]) -> None:
        in_background(partial(run_models_command, tuple(arguments)), done)

    return run
