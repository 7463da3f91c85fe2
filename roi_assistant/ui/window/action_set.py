"""The actions of the table as Qt's actions, and the menus and the toolbar that show them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PyQt6.QtCore import QKeyCombination
from PyQt6.QtGui import QAction, QKeySequence, QPalette
from PyQt6.QtWidgets import QApplication, QMenu, QMenuBar, QToolBar, QWidget

from roi_assistant.settings import Settings
from roi_assistant.ui.look.keys import with_keys
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.window.actions import ACTIONS, MENUS, Action, Menu, Needs, Surface, on_surface


class ActionSet:
    """The actions of one window. ``run`` gets an action's row when it is triggered."""

    def __init__(self, window: QWidget, run: Callable[[Action], object]) -> None:
        self._actions: dict[str, QAction] = {}
        for row in ACTIONS:
            action = QAction(row.shown_text, window)
            action.setObjectName(row.id)
            action.setCheckable(row.checkable or bool(row.setting))
            action.setShortcuts([QKeySequence(key) for key in row.shortcuts])
            action.setToolTip(with_keys(row.plain_text, row.shortcuts[:1]))
            action.setIconVisibleInMenu(False)
            action.triggered.connect(lambda _checked=False, row=row: run(row))
            window.addAction(action)
            self._actions[row.id] = action

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    def with_key(self, key: QKeyCombination) -> QAction | None:
        """The action with the shortcut ``key`` that is enabled: for keys that Qt did not know as a shortcut."""
        enabled = (action for action in self._actions.values() if action.isEnabled())
        return next((action for action in enabled if QKeySequence(key) in action.shortcuts()), None)

    def enable(self, conditions: Collection[Needs]) -> None:
        """Enable the actions that need nothing or one of ``conditions``, in menus and for keys."""
        for row in ACTIONS:
            self[row.id].setEnabled(not row.needs or row.needs in conditions)

    def check_settings(self, settings: Settings) -> None:
        """Check the actions whose setting is on."""
        for row in ACTIONS:
            if row.setting:
                self[row.id].setChecked(getattr(settings, row.setting))

    def tint(self, palette: QPalette) -> None:
        """Draw the icons in the color of the text of ``palette``."""
        for row in ACTIONS:
            if row.icon:
                self[row.id].setIcon(icon(row.icon, palette))

    def name_edit(self, id_: str, label: str) -> None:
        """Name the edit that ``id_`` (undo or redo) would take back behind its text; ``label`` "" names none."""
        text = next(row.shown_text for row in ACTIONS if row.id == id_)
        self[id_].setText(f"{text}: {QApplication.translate('Edits', label)}" if label else text)

    def fill_menu_bar(self, bar: QMenuBar) -> dict[Menu, QMenu]:
        """Put the menus into ``bar``; answers them."""
        menus: dict[Menu, QMenu] = {}
        for name, title in MENUS.items():
            menu = bar.addMenu(QApplication.translate("Actions", title))
            assert menu is not None
            menus[name] = menu
        for row in ACTIONS:
            if row.menu:
                if row.gap:
                    menus[row.menu].addSeparator()
                menus[row.menu].addAction(self[row.id])
        return menus

    def fill(self, place: QMenu | QToolBar, surface: Surface) -> None:
        """Put the actions of ``surface`` into ``place``, a separator between groups."""
        for number, group in enumerate(on_surface(surface)):
            if number:
                place.addSeparator()
            place.addActions([self[row.id] for row in group])
