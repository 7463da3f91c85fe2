"""The page that edits the project's attribute schema and saves it as one step that can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from roi_assistant.core.records import AttributeSchema
from roi_assistant.core.schema import dump_schema, load_schema, shipped_presets
from roi_assistant.core.text_bounds import LONGEST_NAME, shortened
from roi_assistant.errors import FormatError, RoiAssistantError
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.ui.look.bounded_fields import BoundedLine, BoundedTextEdit
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.kind_chooser import KindChooser
from roi_assistant.ui.pages.page import Card, Hint, Page
from roi_assistant.ui.pages.reading_choice import ReadingChoice
from roi_assistant.ui.pages.schema_draft import (
    LISTED,
    Change,
    DraftAttribute,
    Issue,
    StoredValues,
    changes,
    draft_of,
    issues,
    match_origins,
    renames,
    to_schema,
    typed_values,
)
from roi_assistant.ui.pages.schema_preview import SchemaPreview

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import HistoryState
    from roi_assistant.ui.session.view import SessionView

_PAGE_WIDTH = 1040
_LIST_WIDTH = 30 * GRID
_ROW_HEIGHT = 3 * GRID
_MOST_OF_VALUES = 100 * LONGEST_NAME


class SchemaEditor(Page):
    """Attributes on the left, the chosen one on the right, below it the form that they make."""

    saved = pyqtSignal(object)
    """The schema that was handed to the session."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(width=_PAGE_WIDTH, parent=parent)
        self.session = session
        self._before = AttributeSchema("")
        self._draft: list[DraftAttribute] = []
        self._stored: StoredValues = {}
        self._filling = False
        self.heading.setText(self.tr("Attributes"))
        self.setAccessibleName(self.tr("Attributes"))
        self.lead.setText(
            self.tr(
                "What is asked about every region of this project: the model suggests values, you correct them in the "
                "region editor. Saving is one step that can be taken back."
            )
        )
        self._build_top()
        self._build_middle()
        self._build_bottom()
        self.setFocusProxy(self.list)
        session.attributes.changed.connect(self._schema_changed)
        session.projectOpened.connect(self.reload)
        session.projectClosed.connect(self.reload)
        self.reload()

    # ---------------------------------------------------------------------------------------------------- contents

    @property
    def draft(self) -> tuple[DraftAttribute, ...]:
        """The attributes as they are edited, saved or not."""
        return tuple(self._draft)

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        if issues(self._draft) or not self.name_edit.text().strip():
            return bool(self._draft) or self.name_edit.text().strip() != self._before.name
        return to_schema(self._draft, name=self.name_edit.text()) != self._before

    def reload(self, _summary: object = None) -> None:
        """Take the project's schema, dropping what was typed."""
        self._before = self.session.schema or AttributeSchema("")
        self._load(draft_of(self._before), name=self._before.name)
        self.message.clear()

    def _schema_changed(self, _schema: object = None) -> None:
        """An undo, or another place, changed the schema: follow, but keep what was typed and not saved."""
        if self.changed and self.session.schema != self._before and self._draft_differs_from(self.session.schema):
            self._before = self.session.schema or AttributeSchema("")
            self._draft = list(match_origins(self._draft, self._before))
            self.message.show_message(
                "warning",
                self.tr("The schema was changed elsewhere. What you typed is kept; Discard shows the stored one."),
            )
            self._refresh()
        else:
            self.reload()
        if self.isVisible():
            self._count_stored()

    def _draft_differs_from(self, schema: AttributeSchema | None) -> bool:
        try:
            return to_schema(self._draft, name=self.name_edit.text()) != schema
        except FormatError:
            return True

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._count_stored()

    def _count_stored(self) -> None:
        if self.session.folder is not None:
            self.session.store.read(_stored, self._set_stored)

    def _set_stored(self, answer: tuple[StoredValues, HistoryState]) -> None:
        self._stored, history = answer
        self.undo_button.setEnabled(history.can_undo and not self.session.read_only)
        self.redo_button.setEnabled(history.can_redo and not self.session.read_only)
        self._refresh()

    # ------------------------------------------------------------------------------------------------------- build

    def _build_top(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        label = QLabel(self.tr("Name"))
        self.name_edit = BoundedLine(most=LONGEST_NAME)
        self.name_edit.setAccessibleName(self.tr("Name of the schema"))
        self.name_edit.setToolTip(self.tr("A name for this set of attributes"))
        label.setBuddy(self.name_edit)
        self.name_edit.textEdited.connect(self._refresh)
        row.addWidget(label)
        row.addWidget(self.name_edit, 1)
        self.preset_button = QToolButton()
        self.preset_button.setText(self.tr("Preset"))
        self.preset_button.setToolTip(self.tr("Replace the list below by a ready-made one"))
        self.preset_button.setAccessibleName(self.tr("Preset"))
        self.preset_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.preset_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.preset_menu = QMenu(self.preset_button)
        self.preset_menu.aboutToShow.connect(self._list_presets)
        self.preset_button.setMenu(self.preset_menu)
        self.import_button = QPushButton(self.tr("Import…"))
        self.import_button.setToolTip(self.tr("Read a schema from a JSON file"))
        self.import_button.clicked.connect(self._ask_import)
        self.export_button = QPushButton(self.tr("Export…"))
        self.export_button.setToolTip(self.tr("Write this schema to a JSON file"))
        self.export_button.clicked.connect(self._ask_export)
        for button in (self.preset_button, self.import_button, self.export_button):
            row.addWidget(button)
        height = max(button.sizeHint().height() for button in (self.import_button, self.preset_button))
        for widget in (self.name_edit, self.preset_button, self.import_button, self.export_button):
            widget.setMinimumHeight(height)
        self.body.addLayout(row)

    def _build_middle(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        left = Card(self.tr("Attributes"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Attributes"))
        self.list.setToolTip(self.tr("Delete removes an attribute, Alt+Up and Alt+Down move it, or drag it"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMinimumHeight(28 * GRID)
        self.list.currentRowChanged.connect(self._fill_form)
        model = self.list.model()
        if model is not None:
            model.rowsMoved.connect(lambda *_: self._take_order())
        left.body.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID // 2)
        self.add_button = self._list_button(self.tr("Add"), self.tr("Add an attribute (Insert)"), self.add)
        self.remove_button = self._list_button(
            self.tr("Remove"), self.tr("Remove this attribute (Delete)"), self.remove
        )
        self.up_button = self._list_button("↑", self.tr("Move up (Alt+Up)"), lambda: self.move(-1))
        self.down_button = self._list_button("↓", self.tr("Move down (Alt+Down)"), lambda: self.move(1))
        self.up_button.setAccessibleName(self.tr("Move up"))
        self.down_button.setAccessibleName(self.tr("Move down"))
        for button in (self.up_button, self.down_button):
            button.setFixedWidth(4 * GRID)
        for button in (self.add_button, self.remove_button, self.up_button, self.down_button):
            buttons.addWidget(button)
        left.body.addLayout(buttons)
        for keys, slot in (
            ("Del", self.remove),
            ("Ins", self.add),
            ("Alt+Up", lambda: self.move(-1)),
            ("Alt+Down", lambda: self.move(1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        left.setFixedWidth(max(_LIST_WIDTH, left.sizeHint().width()))  # of large letters the buttons need more
        row.addWidget(left)
        row.addWidget(self._build_form(), 1)
        self.body.addLayout(row)

    def _list_button(self, text: str, tip: str, slot: Any) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: slot())
        return button

    def _build_form(self) -> Card:
        card = Card(self.tr("Attribute"))
        self.form_card = card
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.setVerticalSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        self.attribute_name = BoundedLine(most=LONGEST_NAME)
        self.attribute_name.setAccessibleName(self.tr("Name of the attribute"))
        self.attribute_name.setToolTip(self.tr("How the attribute is called in the form and in exports"))
        self.attribute_name.textEdited.connect(self._take_form)
        form.addRow(self.tr("Name"), self.attribute_name)
        self.kind = KindChooser()
        self.kind.kindChanged.connect(lambda *_: self._take_form())
        form.addRow(self.tr("Kind"), self.kind)
        self.values_label = QLabel(self.tr("Values"))
        self.values = BoundedTextEdit(most=_MOST_OF_VALUES)
        self.values.setAccessibleName(self.tr("Allowed values, one per line"))
        self.values.setToolTip(self.tr("One value per line, or several with commas"))
        self.values.setTabChangesFocus(True)
        self.values.setMinimumHeight(18 * GRID)
        self.values.textChanged.connect(self._take_form)
        self.values_label.setBuddy(self.values)
        form.addRow(self.values_label, self.values)
        self.question = BoundedLine()
        self.question.setAccessibleName(self.tr("Question to the model"))
        self.question.setToolTip(self.tr("The question that is put to the model; <region1> stands for the region"))
        self.question.setPlaceholderText(self.tr("For example: what color is <region1>?"))
        self.question.textEdited.connect(self._take_form)
        form.addRow(self.tr("Question"), self.question)
        card.body.addLayout(form)
        self.form_hint = Hint()
        card.body.addWidget(self.form_hint)
        card.body.addStretch(1)
        return card

    def _build_bottom(self) -> None:
        self.reading = ReadingChoice(self.session, lambda: self._draft, self._append)
        self.body.addWidget(self.reading)
        self.consequences = Card(self.tr("What saving changes"))
        self.consequence_text = QLabel()
        self.consequence_text.setWordWrap(True)
        self.consequence_text.setTextFormat(Qt.TextFormat.PlainText)
        self.consequences.body.addWidget(self.consequence_text)
        self.body.addWidget(self.consequences)
        preview = Card(
            self.tr("Preview"), self.tr("The form in the region editor. Nothing that you try here is stored.")
        )
        self.preview = SchemaPreview()
        preview.body.addWidget(self.preview)
        self.body.addWidget(preview)
        self.body.addStretch(1)
        self.status = Hint()
        self.status.setWordWrap(False)
        self.discard_button = QPushButton(self.tr("Discard"))
        self.discard_button.setToolTip(self.tr("Go back to the stored schema"))
        self.discard_button.clicked.connect(lambda: self.reload())
        self.save_button = QPushButton(self.tr("Save schema"))
        self.save_button.setToolTip(self.tr("Save as one step that can be taken back (Ctrl+S)"))
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.save)
        shortcut = QShortcut(QKeySequence("Ctrl+S"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.save)
        # The history of the schema is the project's, not that of the image in sight: it has buttons of its own.
        self.undo_button = QPushButton(self.tr("Undo last save"))
        self.undo_button.setToolTip(self.tr("Take back the last saved change of the schema"))
        self.undo_button.clicked.connect(lambda: self.session.history.undo(""))
        self.redo_button = QPushButton(self.tr("Redo"))
        self.redo_button.setToolTip(self.tr("Bring back the change that was taken back"))
        self.redo_button.clicked.connect(lambda: self.session.history.redo(""))
        for button in (self.undo_button, self.redo_button):
            button.setEnabled(False)
        self.add_to_footer(self.undo_button, self.redo_button, self.status, None, self.discard_button, self.save_button)

    # ------------------------------------------------------------------------------------------------------ editing

    def add(self) -> None:
        """A new attribute after the chosen one."""
        names = {item.name for item in self._draft}
        name = next(
            name for n in range(1, len(names) + 2) if (name := f"attribute {n}" if n > 1 else "attribute") not in names
        )
        row = self.list.currentRow() + 1
        self._draft.insert(row, DraftAttribute(name, "text"))
        self._show_list(row)
        self.attribute_name.setFocus()
        self.attribute_name.selectAll()

    def _append(self, item: DraftAttribute) -> None:
        self._draft.append(item)
        if not self.name_edit.text().strip():
            self.name_edit.show_text(item.name)
        self._show_list(len(self._draft) - 1)

    def remove(self) -> None:
        """Take the chosen attribute out of the draft; nothing happens when none is chosen. Regions keep their
        values."""
        row = self.list.currentRow()
        if row >= 0:
            del self._draft[row]
            self._show_list(min(row, len(self._draft) - 1))

    def move(self, step: int) -> None:  # type: ignore[override]
        """The chosen attribute up (-1) or down (1)."""
        row = self.list.currentRow()
        target = row + step
        if row >= 0 and 0 <= target < len(self._draft):
            self._draft[row], self._draft[target] = self._draft[target], self._draft[row]
            self._show_list(target)

    def save(self) -> None:
        """Hand the schema to the session as one edit."""
        if not self.save_button.isEnabled():
            return
        schema = to_schema(self._draft, name=self.name_edit.text())
        renamed = renames(self._draft)
        self._before = schema
        self._draft = list(match_origins(self._draft, schema))
        self.session.history.set_schema(schema, renamed=renamed)
        self.message.show_message("success", self.tr("The schema is saved. “Undo last save” takes it back."))
        self.saved.emit(schema)
        self._refresh()
        self._count_stored()

    def use(self, schema: AttributeSchema) -> None:
        """Put ``schema`` (a preset, a file) into the editor; nothing is stored before Save."""
        self._load(match_origins(draft_of(schema, stored=False), self._before), name=schema.name)

    def _load(self, draft: tuple[DraftAttribute, ...], *, name: str) -> None:
        self._draft = list(draft)
        self.name_edit.show_text(name)
        self._show_list(0 if draft else -1)

    def _show_list(self, row: int) -> None:
        self._filling = True
        self.list.clear()
        for index, item in enumerate(self._draft):
            entry = QListWidgetItem(shortened(item.name) or self.tr("(no name)"))
            entry.setData(Qt.ItemDataRole.UserRole, index)
            entry.setSizeHint(QSize(0, _ROW_HEIGHT))
            self.list.addItem(entry)
        self._filling = False
        self.list.setCurrentRow(row)
        self._fill_form(row)

    def _take_order(self) -> None:
        """Rows were dragged: the order of the draft follows."""
        if self._filling:
            return
        order = [entry.data(Qt.ItemDataRole.UserRole) for n in range(self.list.count()) if (entry := self.list.item(n))]
        self._draft = [self._draft[index] for index in order]
        self._show_list(self.list.currentRow())

    def _fill_form(self, row: int) -> None:
        if self._filling:
            return
        self._filling = True
        is_chosen = 0 <= row < len(self._draft)
        item = self._draft[row] if is_chosen else DraftAttribute("", "text")
        self.form_card.setEnabled(is_chosen and not self.session.read_only)
        self.attribute_name.show_text(item.name)
        self.kind.set_kind(item.kind)
        self.values.show_text("\n".join(item.values))
        self.question.show_text(item.question)
        self._filling = False
        self._refresh()

    def _take_form(self) -> None:
        row = self.list.currentRow()
        if self._filling or row < 0:
            return
        before = self._draft[row]
        self._draft[row] = replace(
            before,
            name=before.name if self.attribute_name.is_cut else self.attribute_name.text(),
            kind=self.kind.kind,
            values=before.values if self.values.is_cut else typed_values(self.values.toPlainText()),
            question=before.question if self.question.is_cut else self.question.text(),
        )
        entry = self.list.item(row)
        if entry is not None:
            entry.setText(self.attribute_name.text().strip() or self.tr("(no name)"))
        self._refresh()

    def _refresh(self) -> None:
        """Everything that follows from the draft."""
        row = self.list.currentRow()
        listed = row >= 0 and self._draft[row].kind in LISTED
        self.values.setVisible(listed)
        self.values_label.setVisible(listed)
        wrong = issues(self._draft)
        here = [issue for issue in wrong if issue.index == row]
        self.form_hint.setText(" ".join(self._issue_text(issue) for issue in here) or self._kind_hint(row))
        self.form_hint.set_level("error" if here else None)
        for index in range(self.list.count()):
            entry = self.list.item(index)
            if entry is not None:
                font = entry.font()
                font.setItalic(any(issue.index == index for issue in wrong))
                entry.setFont(font)
        nameless = not self.name_edit.text().strip()
        ready = not wrong and not nameless
        if ready:
            self.preview.show_schema(to_schema(self._draft, name=self.name_edit.text()))
        told = changes(self._before, self._draft, self._stored)
        self.consequence_text.setText("\n".join(self._change_text(change) for change in told))
        self.consequences.setVisible(bool(told))
        may = not self.session.read_only and self.session.folder is not None
        changed = self.changed
        self.save_button.setEnabled(ready and may and changed)
        self.discard_button.setEnabled(changed)
        self.export_button.setEnabled(ready)
        for widget in (self.add_button, self.preset_button, self.import_button, self.name_edit):
            widget.setEnabled(may)
        self.remove_button.setEnabled(may and row >= 0)
        self.up_button.setEnabled(may and row > 0)
        self.down_button.setEnabled(may and 0 <= row < len(self._draft) - 1)
        self.reading.refresh()
        self.status.set_level("error" if wrong else None)
        if self.session.read_only:
            self.status.setText(self.tr("The project is open read-only."))
        elif nameless and self._draft:
            self.status.setText(self.tr("Give the schema a name."))
        elif wrong:
            item = self._draft[wrong[0].index]
            self.status.setText(f"{shortened(item.name.strip()) or self.tr('(no name)')}: {self._issue_text(wrong[0])}")
        else:
            self.status.setText(self.tr("Not saved yet.") if changed else "")

    # -------------------------------------------------------------------------------------------------------- words

    def _kind_hint(self, row: int) -> str:
        if row < 0:
            return self.tr("Add an attribute, or take a preset.")
        kind = self._draft[row].kind
        if kind == "boolean":
            return self.tr("The answer is yes or no.")
        if kind == "text":
            return self.tr("Any text may be entered.")
        return self.tr("One value per line. Values: {}.").format(len(self._draft[row].values))

    def _issue_text(self, issue: Issue) -> str:
        if issue.code == "no_name":
            return self.tr("Give the attribute a name.")
        if issue.code == "name_twice":
            return self.tr("There is another attribute called “{}”: choose a different name.").format(issue.detail)
        if issue.code == "no_values":
            return self.tr("Enter the values that may be chosen, or take another kind.")
        return self.tr("The value “{}” is there twice: remove one.").format(issue.detail)

    def _change_text(self, change: Change) -> str:
        if change.code == "removed":
            text = self.tr("“{}” is removed. The file keeps its values, no form shows them. Regions concerned: {}.")
            return text.format(change.attribute, change.regions)
        if change.code == "renamed":
            text = self.tr("“{}” becomes “{}”. Values keep to it under the new name. Regions concerned: {}.")
            return text.format(change.attribute, change.detail, change.regions)
        if change.code == "kind":
            text = self.tr("“{}” changes its kind. Values stay as they are. Regions concerned: {}.")
            return text.format(change.attribute, change.regions)
        text = self.tr("“{}” of “{}” can no longer be chosen. Regions that keep it: {}.")
        return text.format(change.detail, change.attribute, change.regions)

    # ---------------------------------------------------------------------------------------------- presets and files

    def _list_presets(self) -> None:
        self.preset_menu.clear()
        waiting = self.preset_menu.addAction(self.tr("Looking for presets…"))
        if waiting is not None:
            waiting.setEnabled(False)
        plugins = self.session.plugins
        self.session.store.read(lambda _project: _presets(plugins), self._show_presets, self._preset_failed)

    def _show_presets(self, presets: dict[str, AttributeSchema]) -> None:
        self.preset_menu.clear()
        for name, schema in presets.items():
            action = self.preset_menu.addAction(name)
            if action is not None:
                action.setToolTip(", ".join(definition.name for definition in schema.attributes))
                action.triggered.connect(lambda _checked=False, schema=schema: self.use(schema))

    def _preset_failed(self, error: Exception) -> None:
        self.preset_menu.clear()
        self.preset_menu.hide()
        self.message.show_message("error", translated(error))

    def _ask_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Import a schema"), "", self.tr("JSON files (*.json)"))
        if path:
            self.import_from(Path(path))

    def import_from(self, path: Path) -> None:
        """Put the schema in the file ``path`` into the editor; a sentence in the page when that fails."""
        try:
            self.use(load_schema(path))
            self.message.clear()
        except FormatError as error:
            self.message.show_message("error", translated(error))

    def _ask_export(self) -> None:
        name = f"{self.name_edit.text().strip() or 'attributes'}.json"
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Export the schema"), name, self.tr("JSON files (*.json)"))
        if path:
            self.export_to(Path(path))

    def export_to(self, path: Path) -> None:
        """Write the schema as it stands in the editor to ``path``."""
        try:
            write_atomically(path, dump_schema(to_schema(self._draft, name=self.name_edit.text())))
            self.message.show_message("success", self.tr("The schema was written to {}.").format(path))
        except RoiAssistantError as error:
            self.message.show_message("error", translated(error))


def _stored(project: Project) -> tuple[StoredValues, HistoryState]:
    values = {name: dict(pairs) for name, pairs in project.overview().attributes.items()}
    return values, project.history("")


def _presets(plugins: PluginManager) -> dict[str, AttributeSchema]:
    """The presets that ship with the program and those of plugins, by what they are called."""
    presets = {name: load_schema(path) for name, path in shipped_presets().items()}
    for id_ in sorted(plugins.ids("attributes")):
        try:
            presets.setdefault(id_, plugins.attribute_preset(id_))
        except RoiAssistantError:
            continue  # the plugins page tells what is wrong with it
    return presets
