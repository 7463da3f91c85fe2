"""The conversation about the current image: stored, one image may have several."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import (
    QComboBox,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from roi_assistant.core.records import Conversation, Turn
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.docks.chat_input import ChatInput
from roi_assistant.ui.docks.chat_turn import TurnView, spoken_references
from roi_assistant.ui.look.controls import Chip, EmptyState, quiet_button
from roi_assistant.ui.look.layouts import lay_column, lay_row, scrolled
from roi_assistant.ui.look.marks import plus_icon, send_icon, stop_icon, trash_icon
from roi_assistant.ui.look.palette import GRID, look, small_font
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.translation import translated

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.view import SessionView

MOST_CHIPS: Final = 9
"""Buttons that insert a region; further ones are typed, or clicked on the picture."""
_TITLE_LETTERS: Final = 60


class ChatPanel(QWidget):
    """Shows ``session.chat.shown`` and asks ``session.chat.ask``."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._image = ""
        self._stored: tuple[Conversation, ...] = ()
        self._turns: list[TurnView] = []
        self._shown: tuple[Turn, ...] = ()
        self._partial: str | None = None
        self._chip_numbers: list[int] = []
        self.list = QComboBox(self)
        self.list.setAccessibleName(self.tr("Conversations about this image"))
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.new = quiet_button("", self, tooltip=self.tr("New conversation"), slot=session.chat.begin)
        self.delete = quiet_button("", self, tooltip=self.tr("Delete this conversation"), slot=self._delete)
        self._empty = EmptyState(parent=self)
        self._scroll = QScrollArea(self)
        self.input = ChatInput(self)
        self.send = QToolButton(self)
        self.send.setAutoRaise(True)
        self._banner = QLabel(self)
        self._banner.setWordWrap(True)
        self._banner.setTextFormat(Qt.TextFormat.PlainText)
        self._banner.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        self._chips: list[Chip] = []
        self._lay_out()
        self._connect()
        self._icons()
        on_palette_change(self, self._icons)
        on_palette_change(self, self._show_send)
        self.refresh()
        self._show_regions()
        self._show_engine()

    def _lay_out(self) -> None:
        top = lay_row((self.list, 1), self.new, self.delete, margins=(GRID, GRID, GRID, GRID // 2), spacing=GRID // 2)
        page = QWidget()
        page.setBackgroundRole(QPalette.ColorRole.Base)
        self._column = lay_column(None, parent=page, margins=GRID, spacing=GRID)
        scrolled(page, self._scroll)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._scroll)
        chips = lay_row(margins=(GRID, GRID // 2, GRID, 0), spacing=2)
        for _ in range(MOST_CHIPS):
            chip = Chip("", self, checkable=False)
            chip.hide()
            chip.clicked.connect(lambda _checked, chip=chip: self._insert(self._chips.index(chip)))
            self._chips.append(chip)
            chips.addWidget(chip)
        chips.addStretch(1)
        bar = QWidget(self)
        bar.setLayout(chips)
        bar.setFixedHeight(self._chips[0].sizeHint().height() + GRID // 2)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        bottom = lay_row((self.input, 1), margins=(GRID, GRID // 2, GRID, GRID), spacing=GRID // 2)
        bottom.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        lay_column(top, (self._stack, 1), self._banner, bar, bottom, parent=self, margins=0, spacing=0)

    def _connect(self) -> None:
        session = self._session
        self.list.activated.connect(self._switch)
        self.input.submitted.connect(self._ask)
        self.send.clicked.connect(self._send_or_stop)
        bar = self._scroll.verticalScrollBar()
        if bar is not None:
            bar.rangeChanged.connect(lambda _low, high: bar.setValue(high))
        session.chat.changed.connect(self.refresh)
        session.chat.answering.connect(self._show_answer)
        session.image.regionsChanged.connect(self._show_regions)
        session.image.opened.connect(lambda _key: self._show_regions())
        session.image.selectionChanged.connect(self._selected)
        session.engine.stateChanged.connect(lambda _state: self._show_engine())
        session.projectClosed.connect(self.refresh)

    # What the session says.

    def refresh(self) -> None:
        """Show the session's conversation."""
        session = self._session
        answering = session.chat.is_answering
        if not answering:
            self._partial = None
        elif self._partial is None:
            self._partial = session.chat.answer
        turns = session.chat.shown.turns
        if self._partial is not None:
            turns = (*turns, Turn("assistant", self._partial))
        self._show_turns(turns)
        self._show_send()
        if not answering:
            self._load_list()

    def _show_turns(self, turns: Sequence[Turn]) -> None:
        """Keep the messages that are there; make and drop only what differs."""
        new_turns = tuple(turns)
        same = 0
        while same < min(len(new_turns), len(self._shown)) and new_turns[same] == self._shown[same]:
            same += 1
        if same == len(self._shown) - 1 == len(new_turns) - 1 and new_turns[same].role == self._shown[same].role:
            self._turns[same].show_text(new_turns[same].text, writing=self._partial is not None)
        else:
            for view in self._turns[same:]:
                self._column.removeWidget(view)
                view.hide()
                view.deleteLater()
            del self._turns[same:]
            for number, turn in enumerate(new_turns[same:], start=same):
                last = number == len(new_turns) - 1
                self._add(turn, writing=last and self._partial is not None)
        self._shown = new_turns
        if self._turns and new_turns:
            self._turns[-1].show_text(new_turns[-1].text, writing=self._partial is not None)
        self._stack.setCurrentIndex(1 if new_turns else 0)
        self._allow_use()

    def _add(self, turn: Turn, *, writing: bool) -> None:
        view = TurnView(turn, self, writing=writing)
        view.regionClicked.connect(self._select_number)
        view.useAsCaption.connect(self._use_as_caption)
        self._column.insertWidget(len(self._turns), view)
        self._turns.append(view)

    def _show_answer(self, text: str) -> None:
        self._partial = text
        turns = (*self._session.chat.shown.turns, Turn("assistant", self._partial))
        self._show_turns(turns)

    def _load_list(self) -> None:
        image = self._session.image.key
        if not image:
            self._show_list("", ())
            return

        def stored(project: Project) -> tuple[Conversation, ...]:
            return tuple(project.conversations(image))

        self._session.store.read(stored, lambda conversations: self._show_list(image, conversations))

    def _show_list(self, image: str, conversations: tuple[Conversation, ...]) -> None:
        if image != self._session.image.key:
            return
        self._stored = conversations
        here = self._session.chat.shown.id
        self.list.clear()
        shown = tuple(map(self._session.chat.as_shown, conversations))
        if not any(conversation.id == here for conversation in shown):
            self.list.addItem(self.tr("New conversation"), "")
        for conversation in reversed(shown):
            title = self._title(conversation)
            self.list.addItem(shortened(title, _TITLE_LETTERS), conversation.id)
            self.list.setItemData(self.list.count() - 1, f"<p>{escape(title)}</p>", Qt.ItemDataRole.ToolTipRole)
        self.list.setCurrentIndex(max(0, self.list.findData(here)))
        self.delete.setEnabled(bool(self.list.currentData()) and not self._session.read_only)
        self.new.setEnabled(bool(self.list.currentData()))

    def _title(self, conversation: Conversation) -> str:
        first = next((turn.text for turn in conversation.turns if turn.role == "user"), "")
        return " ".join(spoken_references(shortened(first)).split()) or self.tr("Conversation")

    def _show_regions(self) -> None:
        regions = self._session.image.regions
        self.input.set_regions(regions)
        font = small_font(self.font(), bold=True)
        selected = [n for n, region in enumerate(regions, start=1) if region.id in self._session.image.selection]
        numbers = list(range(1, min(len(regions), MOST_CHIPS) + 1))
        for number in selected:
            if number not in numbers and numbers:
                numbers[-1] = number  # the selected region can always be inserted
        self._chip_numbers = numbers
        for place, chip in enumerate(self._chips):
            chip.setVisible(place < len(numbers))
            if place < len(numbers):
                number = numbers[place]
                chip.setText(str(number))
                chip.setFont(font)
                name = self.tr("Insert region {number}").format(number=number)
                chip.setAccessibleName(name)
                chip.setToolTip(name)
        if self._stored:
            self._show_list(self._session.image.key, self._stored)  # numbers in titles are those of now
        self._show_empty()
        self._allow_use()

    def _show_empty(self) -> None:
        session = self._session
        if not session.image.key:
            self._empty.set_message(self.tr("No image"), self.tr("Open a folder of images to begin."))
        elif not session.image.regions:
            self._empty.set_message(
                self.tr("Ask about regions"), self.tr("Draw a box (W) first; then ask what is in it.")
            )
        else:
            self._empty.set_message(
                self.tr("Ask about regions"),
                self.tr("For example: what is <region1> doing? Click a number below, or type <, to refer to a box."),
            )

    def _show_engine(self) -> None:
        state = self._session.engine.state
        info = getattr(state, "info", None)
        message = ""
        if info is not None and "chat" not in info.capabilities:
            message = self.tr(
                "{model} describes regions but cannot answer questions. Choose a model that can chat in the settings."
            ).format(model=info.name)
        elif state is not None and state.state == "failed":
            message = self.tr("The model does not run: {reason}").format(reason=translated(state.message))
        elif state is not None and state.state == "starting":
            message = self.tr("The model is being loaded…")
        self._banner.setText(message)
        self._banner.setVisible(bool(message))
        self._show_send()

    @property
    def can_chat(self) -> bool:
        """Whether the model that is loaded answers questions; not known before one is loaded counts as yes."""
        state = self._session.engine.state
        info = getattr(state, "info", None)
        return (info is None or "chat" in info.capabilities) and getattr(state, "state", "") != "failed"

    def _show_send(self) -> None:
        answering = self._session.chat.is_answering
        able = bool(self._session.image.key) and self.can_chat
        self.input.setEnabled(able)
        self.send.setEnabled(able)
        colors = look(self.palette())
        self.send.setIcon(stop_icon(colors.text) if answering else send_icon(colors.text))
        name = self.tr("Stop the answer") if answering else self.tr("Ask (Enter)")
        self.send.setAccessibleName(name)
        self.send.setToolTip(name)

    # What the user does.

    def _ask(self, text: str) -> None:
        if self._session.chat.is_answering or not self.can_chat:
            return
        before = len(self._session.chat.shown.turns)
        self._session.chat.ask(text)
        if len(self._session.chat.shown.turns) > before:  # else the session said why not; the words stay
            self.input.clear()

    def _send_or_stop(self) -> None:
        if self._session.chat.is_answering:
            self._session.chat.stop()
            self.refresh()
        else:
            self.input.submit()

    def _insert(self, place: int) -> None:
        if place < len(self._chip_numbers):
            self.input.insert_reference(self._chip_numbers[place])

    def _selected(self, ids: tuple[str, ...]) -> None:
        if len(ids) == 1 and self.input.takes_clicks:
            self.input.insert_reference(self._session.image.number(ids[0]))
        self._show_regions()

    def _select_number(self, number: int) -> None:
        regions = self._session.image.regions
        if 1 <= number <= len(regions):
            self._session.image.select((regions[number - 1].id,))

    def _use_as_caption(self, text: str) -> None:
        if len(self._session.image.selection) == 1:
            self._session.edits.edit_caption(self._session.image.selection[0], text)

    def _allow_use(self) -> None:
        one = len(self._session.image.selection) == 1 and not self._session.read_only
        for view in self._turns:
            view.set_can_use(one)

    def _switch(self, place: int) -> None:
        id_ = self.list.itemData(place)
        if not id_:
            self._session.chat.begin()
            return
        for conversation in self._stored:
            if conversation.id == id_:
                self._session.chat.show(conversation)

    def _delete(self) -> None:
        id_ = self.list.currentData()
        if id_:
            self._session.chat.discard(id_)

    def focus_input(self) -> None:
        """Put the cursor into the question."""
        self.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _icons(self) -> None:
        colors = look(self.palette())
        self.new.setIcon(plus_icon(colors.text))
        self.delete.setIcon(trash_icon(colors.text))
        palette = self._banner.palette()
        if palette.color(QPalette.ColorRole.WindowText) != colors.warning:
            palette.setColor(QPalette.ColorRole.WindowText, colors.warning)
            self._banner.setPalette(palette)
