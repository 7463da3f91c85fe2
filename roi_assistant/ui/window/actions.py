"""Everything that the window can be told to do, in one table that menus, toolbar, palette and shortcuts page follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

Menu = Literal["file", "edit", "view", "go", "region", "project", "help", ""]
Needs = Literal["", "project", "workspace", "image", "region", "undo", "redo"]
"""What must be there: an open project; the canvas in sight; an image on it; a selected region; a step to undo."""

MENUS: dict[Menu, str] = {
    "file": QT_TRANSLATE_NOOP("Actions", "&File"),
    "edit": QT_TRANSLATE_NOOP("Actions", "&Edit"),
    "view": QT_TRANSLATE_NOOP("Actions", "&View"),
    "go": QT_TRANSLATE_NOOP("Actions", "&Go"),
    "region": QT_TRANSLATE_NOOP("Actions", "&Region"),
    "project": QT_TRANSLATE_NOOP("Actions", "&Project"),
    "help": QT_TRANSLATE_NOOP("Actions", "&Help"),
}


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. ``id`` is the name of the method of ``Commands`` that does it, ``argument`` what that is given.

    ``text`` is English source text with a ``{}`` for the argument; ``keys`` are shortcuts in Qt's portable notation.
    ``on_canvas``: the keys count only while the canvas has the focus, since elsewhere they move about. ``gap`` begins a
    new group in the menu.
    """

    id: str
    text: str
    menu: Menu = ""
    keys: tuple[str, ...] = ()
    needs: Needs = ""
    icon: str = ""
    checkable: bool = False
    on_canvas: bool = False
    gap: bool = False
    argument: int | None = None

    @property
    def name(self) -> str:
        """Unique in the table."""
        return self.id if self.argument is None else f"{self.id}_{self.argument}"

    @property
    def shown(self) -> str:
        """The text in the language of the user."""
        text = QCoreApplication.translate("Actions", self.text)
        return text if self.argument is None else text.format(self.argument)

    @property
    def plain(self) -> str:
        """``shown`` without the mark of the access key and the dots."""
        return self.shown.replace("&", "").rstrip("…")


def _choices() -> tuple[ActionSpec, ...]:
    text = QT_TRANSLATE_NOOP("Actions", "Choose alternative {}")
    return tuple(
        ActionSpec("choose_alternative", text, "", (str(number),), "region", argument=number) for number in range(1, 10)
    )


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open_folder", QT_TRANSLATE_NOOP("Actions", "&Open folder…"), "file", ("Ctrl+O",), "", "folder"),
    ActionSpec("open_samples", QT_TRANSLATE_NOOP("Actions", "Open the &sample photos"), "file", ()),
    ActionSpec("rescan", QT_TRANSLATE_NOOP("Actions", "Look for &new images"), "file", ("F5",), "project"),
    ActionSpec(
        "import_annotations",
        QT_TRANSLATE_NOOP("Actions", "&Import annotations…"),
        "file",
        ("Ctrl+Shift+I",),
        "project",
        gap=True,
    ),
    ActionSpec("show_export", QT_TRANSLATE_NOOP("Actions", "&Export…"), "file", ("Ctrl+E",), "project", "export"),
    ActionSpec(
        "close_project", QT_TRANSLATE_NOOP("Actions", "&Close folder"), "file", ("Ctrl+W",), "project", gap=True
    ),
    ActionSpec("quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), "file", ("Ctrl+Q",)),
    ActionSpec("undo", QT_TRANSLATE_NOOP("Actions", "&Undo"), "edit", ("Ctrl+Z",), "undo", "undo"),
    ActionSpec("redo", QT_TRANSLATE_NOOP("Actions", "&Redo"), "edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "redo"),
    ActionSpec("copy", QT_TRANSLATE_NOOP("Actions", "&Copy regions"), "edit", ("Ctrl+C",), "region", gap=True),
    ActionSpec("paste", QT_TRANSLATE_NOOP("Actions", "&Paste regions"), "edit", ("Ctrl+V",), "image"),
    ActionSpec(
        "copy_from_previous",
        QT_TRANSLATE_NOOP("Actions", "Copy boxes from the pre&vious image"),
        "edit",
        ("Ctrl+Shift+V",),
        "image",
    ),
    ActionSpec(
        "delete", QT_TRANSLATE_NOOP("Actions", "&Delete regions"), "edit", ("Del", "Backspace"), "region", "delete"
    ),
    ActionSpec("select_all", QT_TRANSLATE_NOOP("Actions", "Select &all regions"), "edit", ("Ctrl+A",), "image"),
    ActionSpec(
        "show_settings", QT_TRANSLATE_NOOP("Actions", "&Settings"), "edit", ("Ctrl+,",), "", "settings", gap=True
    ),
    ActionSpec(
        "toggle_labels", QT_TRANSLATE_NOOP("Actions", "&Labels"), "view", ("L",), "workspace", "labels", checkable=True
    ),
    ActionSpec(
        "toggle_snap",
        QT_TRANSLATE_NOOP("Actions", "&Snap to edges"),
        "view",
        ("G",),
        "workspace",
        "snap",
        checkable=True,
    ),
    ActionSpec(
        "toggle_crosshair",
        QT_TRANSLATE_NOOP("Actions", "&Crosshair"),
        "view",
        ("C",),
        "workspace",
        "crosshair",
        checkable=True,
    ),
    ActionSpec("fit", QT_TRANSLATE_NOOP("Actions", "&Fit the image"), "view", ("F",), "image", "fit", gap=True),
    ActionSpec("one_to_one", QT_TRANSLATE_NOOP("Actions", "&Actual size"), "view", ("Ctrl+1",), "image", "one-to-one"),
    ActionSpec("zoom_in", QT_TRANSLATE_NOOP("Actions", "Zoom &in"), "view", ("+", "=", "Ctrl++"), "image"),
    ActionSpec("zoom_out", QT_TRANSLATE_NOOP("Actions", "Zoom &out"), "view", ("-", "Ctrl+-"), "image"),
    ActionSpec("zoom_to_region", QT_TRANSLATE_NOOP("Actions", "&Zoom to the region"), "view", ("Z",), "region"),
    ActionSpec("full_screen", QT_TRANSLATE_NOOP("Actions", "F&ull screen"), "view", ("F11",), checkable=True, gap=True),
    ActionSpec("next_image", QT_TRANSLATE_NOOP("Actions", "&Next image"), "go", ("D", "PgDown"), "image", "next"),
    ActionSpec(
        "previous_image", QT_TRANSLATE_NOOP("Actions", "&Previous image"), "go", ("A", "PgUp"), "image", "previous"
    ),
    ActionSpec(
        "next_region", QT_TRANSLATE_NOOP("Actions", "Next &region"), "go", ("Tab",), "image", on_canvas=True, gap=True
    ),
    ActionSpec(
        "previous_region",
        QT_TRANSLATE_NOOP("Actions", "Previous r&egion"),
        "go",
        ("Shift+Tab",),
        "image",
        on_canvas=True,
    ),
    ActionSpec(
        "search", QT_TRANSLATE_NOOP("Actions", "&Search images"), "go", ("Ctrl+F",), "project", "search", gap=True
    ),
    ActionSpec(
        "show_workspace",
        QT_TRANSLATE_NOOP("Actions", "&Images and regions"),
        "go",
        ("Ctrl+G",),
        "project",
        gap=True,
    ),
    ActionSpec(
        "show_palette",
        QT_TRANSLATE_NOOP("Actions", "&Command palette"),
        "go",
        ("Ctrl+K", "Ctrl+Shift+P"),
        "",
        "palette",
    ),
    ActionSpec(
        "draw", QT_TRANSLATE_NOOP("Actions", "&Draw boxes"), "region", ("W",), "workspace", "draw", checkable=True
    ),
    ActionSpec(
        "select",
        QT_TRANSLATE_NOOP("Actions", "&Select and move"),
        "region",
        ("V", "Esc"),
        "workspace",
        "select",
        checkable=True,
    ),
    ActionSpec(
        "accept", QT_TRANSLATE_NOOP("Actions", "&Accept"), "region", ("Return", "Enter"), "region", "accept", gap=True
    ),
    ActionSpec("edit_caption", QT_TRANSLATE_NOOP("Actions", "&Edit the caption"), "region", ("E",), "region", "edit"),
    ActionSpec("edit_category", QT_TRANSLATE_NOOP("Actions", "Edit the ca&tegory"), "region", ("T",), "region"),
    ActionSpec("reject", QT_TRANSLATE_NOOP("Actions", "Re&ject"), "region", ("X",), "region", "reject"),
    *_choices(),
    ActionSpec("reopen", QT_TRANSLATE_NOOP("Actions", "&Back to review"), "region", (), "region"),
    ActionSpec(
        "describe", QT_TRANSLATE_NOOP("Actions", "Describe a&gain"), "region", ("R",), "region", "describe", gap=True
    ),
    ActionSpec(
        "ask_about", QT_TRANSLATE_NOOP("Actions", "As&k about the regions"), "region", ("Ctrl+Shift+A",), "image"
    ),
    ActionSpec(
        "toggle_locked", QT_TRANSLATE_NOOP("Actions", "&Lock or unlock"), "region", ("Ctrl+L",), "region", gap=True
    ),
    ActionSpec("show_review", QT_TRANSLATE_NOOP("Actions", "&Review queue"), "project", ("Q",), "project", "review"),
    ActionSpec(
        "show_batch", QT_TRANSLATE_NOOP("Actions", "Caption &all boxes…"), "project", ("Ctrl+B",), "project", "batch"
    ),
    ActionSpec(
        "show_overview", QT_TRANSLATE_NOOP("Actions", "&Overview"), "project", ("Ctrl+I",), "project", "overview"
    ),
    ActionSpec(
        "show_schema",
        QT_TRANSLATE_NOOP("Actions", "A&ttributes…"),
        "project",
        ("Ctrl+T",),
        "project",
        "attributes",
        gap=True,
    ),
    ActionSpec("show_shortcuts", QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"), "help", ("?", "F1")),
    ActionSpec("open_log", QT_TRANSLATE_NOOP("Actions", "Open the &log folder"), "help", ()),
    ActionSpec("show_about", QT_TRANSLATE_NOOP("Actions", "&About RoI Assistant"), "help", (), "", "info", gap=True),
)
"""In the order of the menus."""

TOOLBAR: tuple[str, ...] = (
    "select", "draw", "", "accept", "edit_caption", "reject", "describe", "", "undo", "redo", "",
    "fit", "one_to_one", "", "toggle_labels", "toggle_snap", "toggle_crosshair",
)  # fmt: skip
"""Names of actions, "" for a gap."""

CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("Space", QT_TRANSLATE_NOOP("Actions", "Hold and drag: move the image")),
    ("Wheel", QT_TRANSLATE_NOOP("Actions", "Zoom at the pointer")),
    ("Arrows", QT_TRANSLATE_NOOP("Actions", "Move the selected boxes by a pixel; with Shift by ten")),
    ("Ctrl+Arrows", QT_TRANSLATE_NOOP("Actions", "Make the selected boxes larger or smaller")),
)
"""What the mouse and keys do on the canvas without being an action."""


class ActionSet:
    """The actions of one window. ``run`` is called with a spec when its action is triggered."""

    def __init__(self, window: QWidget, canvas: QWidget, run: Callable[[ActionSpec], None]) -> None:
        self._actions: dict[str, QAction] = {}
        self.specs = {spec.name: spec for spec in ACTIONS}
        for spec in ACTIONS:
            action = QAction(spec.shown, window)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.triggered.connect(lambda _checked=False, spec=spec: run(spec))
            if spec.on_canvas:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                canvas.addAction(action)
            else:
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
                window.addAction(action)
            self._actions[spec.name] = action
        self.translate()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def translate(self) -> None:
        """The texts in the language of now."""
        for name, action in self._actions.items():
            spec = self.specs[name]
            action.setText(spec.shown)
            action.setToolTip(with_keys(spec.plain, spec.keys[:1]))

    def enable(self, there: Iterable[Needs]) -> None:
        """Only what ``there`` is enough for can be done, by menu or by key."""
        have = {"", *there}
        for name, action in self._actions.items():
            action.setEnabled(self.specs[name].needs in have)


def with_keys(text: str, keys: Iterable[str]) -> str:
    """``Accept (Return)``"""
    shown = " / ".join(shown_key(key) for key in keys)
    return f"{text} ({shown})" if shown else text


def shown_key(key: str) -> str:
    """A key of the table as it stands on the keyboard."""
    named = {
        "Space": QCoreApplication.translate("Keys", "Space"),
        "Wheel": QCoreApplication.translate("Keys", "Wheel"),
        "Arrows": QCoreApplication.translate("Keys", "Arrow keys"),
        "Ctrl+Arrows": QCoreApplication.translate("Keys", "Ctrl+arrow keys"),
        "Return": QCoreApplication.translate("Keys", "Enter"),
    }
    return named.get(key) or QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key
