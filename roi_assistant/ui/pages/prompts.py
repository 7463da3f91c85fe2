"""What chatting models are asked for: texts that a person may change, tried on a box before they are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from roi_assistant.core.records import REGION, Prompts, Region, RegionText
from roi_assistant.errors import BadInputError
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.page import Card, Hint, Page
from roi_assistant.ui.session.looking import Looking
from roi_assistant.vlm.prompts import checked_prompts

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchResult
    from roi_assistant.ui.session.session import ProjectSession

FIELDS = ("task", "phrase", "sentence", "description", "category")
_LINES = 2


class PromptsPage(Page):
    """One field for each text. ``session`` is that of the window."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session = session
        self._looking = Looking(session.engine, self)
        self.set_title(
            self.tr("Prompts"),
            self.tr(
                "What a model that understands words is asked for in this project: models of your own, and servers. "
                "The embedded model has learned its questions and is not asked in other words. Attributes have their "
                "questions on the page of attributes."
            ),
        )
        self.fields: dict[str, QPlainTextEdit] = {}
        card = Card()
        names = {
            "task": self.tr("Where to look ({} is where the box is told)").format(REGION),
            "phrase": self.tr("A caption that is a phrase"),
            "sentence": self.tr("A caption that is a sentence"),
            "description": self.tr("A caption that is a description"),
            "category": self.tr("The category"),
        }
        for name in FIELDS:
            field = QPlainTextEdit()
            field.setTabChangesFocus(True)
            field.setFixedHeight(field.fontMetrics().lineSpacing() * (_LINES + 1))
            field.setAccessibleName(names[name])
            field.textChanged.connect(self._edited)
            self.fields[name] = field
            label = QLabel(names[name])
            label.setBuddy(field)
            card.body.addWidget(label)
            card.body.addWidget(field)
        self.body.addWidget(card)
        self.tried = Card(self.tr("Tried on the selected box"), "-")
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.tried.body.addWidget(self.said)
        self.raw = Hint()
        self.tried.body.addWidget(self.raw)
        self.tried.hide()
        self.body.addWidget(self.tried)
        self.body.addStretch(1)
        self.reset_button = QPushButton(self.tr("As the program asks"))
        self.reset_button.clicked.connect(lambda: self._show(Prompts()))
        self.try_button = QPushButton(self.tr("Try"))
        self.try_button.setToolTip(self.tr("Ask about the selected box with these words; nothing is stored"))
        self.try_button.clicked.connect(self.try_them)
        self.keep_button = QPushButton(self.tr("Keep"))
        self.keep_button.setToolTip(self.tr("Ask with these words in this project from now on"))
        self.keep_button.clicked.connect(self.keep)
        self.add_to_footer(self.reset_button, None, self.try_button, self.keep_button)
        session.prompts.changed.connect(self.refresh)
        session.projectClosed.connect(self._looking.stop)
        self.refresh()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._edited()

    @property
    def prompts(self) -> Prompts:
        """What stands in the fields."""
        texts = {name: field.toPlainText().strip() for name, field in self.fields.items()}
        own = self._session.prompts.value or Prompts()
        return Prompts(**texts, attributes=own.attributes)

    def refresh(self) -> None:
        """Show what the project asks."""
        self._show(self._session.prompts.value or Prompts())

    def _show(self, prompts: Prompts) -> None:
        for name, field in self.fields.items():
            field.setPlainText(getattr(prompts, name))

    def _edited(self) -> None:
        now = self._session.prompts.value or Prompts()
        changed = self.prompts != now
        self.keep_button.setEnabled(changed and self._session.folder is not None and not self._session.read_only)
        self.try_button.setEnabled(self._region() is not None)
        self.reset_button.setEnabled(self.prompts != Prompts(attributes=now.attributes))

    def _region(self) -> Region | None:
        chosen = self._session.image.selection
        return self._session.image.region(chosen[-1]) if chosen else None

    def _checked(self, then: Callable[[Prompts], None]) -> None:
        try:
            prompts = checked_prompts(self.prompts)
        except BadInputError as error:
            self.message.show_message("error", translated(error))
        else:
            self.message.clear()
            then(prompts)

    def keep(self) -> None:
        """Store the prompts with the project."""
        self._checked(self._session.prompts.replace)

    def try_them(self) -> None:
        """Ask about the selected box as the fields say; the answer is shown and nothing is stored."""
        self._checked(self._try)

    def _try(self, prompts: Prompts) -> None:
        region, folder, key = self._region(), self._session.folder, self._session.image.key
        if region is None or folder is None:
            return
        self.tried.set_hint(self.tr("Asking…"))
        self.said.clear()
        self.raw.clear()
        self.tried.show()
        request = replace(self._session.suggestions.request, prompts=prompts)
        items = [(folder / key, key, [(region.id, region.box)])]
        self._looking.start(items, total=1, seen=self._answered, priority="pointer", request=request)

    def _answered(self, result: BatchResult) -> None:
        if result.problem or not result.texts:
            self.tried.set_hint(translated(result.problem))
            return
        text = result.texts[0][1]
        self.tried.set_hint("")
        self.said.setText(_told(text))
        self.raw.setText(text.raw_output)


def _told(text: RegionText) -> str:
    parts = [text.caption.text]
    if text.category is not None:
        parts.append(QCoreApplication.translate("PromptsPage", "category: {}").format(text.category.text))
    parts += [f"{item.name}: {', '.join(item.values)}" for item in text.attributes]
    return "\n".join(parts)
