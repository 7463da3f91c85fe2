"""The window: menus, the notification bar, the workspace and the other pages, and the line at the bottom."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QScreen
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from roi_assistant.errors import RoiAssistantError
from roi_assistant.imaging.folders import folder_and_image
from roi_assistant.settings import Settings, save_settings, with_setting
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.look.translation import said
from roi_assistant.ui.pages.welcome import WelcomePage
from roi_assistant.ui.session.project_opening import OpenProblem, ProjectSummary
from roi_assistant.ui.session.session import ProjectSession, SessionOptions
from roi_assistant.ui.window.actions import ACTIONS, MENUS, TOOLBAR, ActionSet, Menu, Needs
from roi_assistant.ui.window.commands import Commands
from roi_assistant.ui.window.notifications import NotificationBar
from roi_assistant.ui.window.pages import NEED_NO_PROJECT, PageFrame, make_page
from roi_assistant.ui.window.recents import Memory
from roi_assistant.ui.window.status_bar import StatusBar
from roi_assistant.ui.window.workspace import Workspace

_log = logging.getLogger(__name__)

FIRST_SIZE: Final = QSize(1360, 860)
FRAME: Final = QSize(8, 40)
"""Room for title bar and borders, which are not known before the window is shown."""

CLOSING_PATIENCE = 15.0
"""Seconds that a closing window waits for the last changes to be stored; a second attempt to close does not wait."""
WAITING_STEP = 0.05
PLACE_AFTER = 2.0
"""Seconds on an image after which it is where one goes on, also when the program is killed."""


class MainWindow(QMainWindow):
    """One window on one project."""

    closed = pyqtSignal()
    """It was closed, and what it had to store is stored."""

    def __init__(self, session: ProjectSession, settings: Settings, memory: Memory) -> None:
        super().__init__()
        self.session, self.settings, self.memory = session, settings, memory
        self.tool = "select"
        self._closing = False
        self._waited = 0.0
        self._watched: QWidget | None = None
        self._palette: QWidget | None = None
        self.setAcceptDrops(True)
        self.setObjectName("main")
        self.bar = NotificationBar(self)
        self.stack = QStackedWidget(self)
        self.commands = Commands(self)
        self.welcome = WelcomePage(
            open_folder=self.commands.open_folder,
            open_recent=self.open_folder,
            open_samples=self.commands.open_samples,
            forget_recent=memory.forget,
            recent=[recent.folder for recent in memory.recents],
        )
        self.workspace = Workspace(session)
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.workspace)
        self._frames: dict[str, PageFrame] = {}
        center = QWidget(self)
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(center)
        self.actions_of = ActionSet(self, self.workspace.canvas, self.commands.run)
        self.status = StatusBar(session, self)
        self.setStatusBar(self.status)
        self._make_menus()
        self._make_toolbar()
        self._connect()
        self._follow_settings()
        self._restore_layout()
        self._tint()
        self.set_tool("select" if memory.get("tool") == "select" else "draw")
        self.show_page("welcome")
        self._update_title()

    # Pages.

    @property
    def page(self) -> str:
        """The name of the page in sight: welcome, workspace, or one of ``ui.window.pages``."""
        current = self.stack.currentWidget()
        if isinstance(current, PageFrame):
            return current.name
        return "workspace" if current is self.workspace else "welcome"

    def show_page(self, name: str) -> None:
        """Bring a page into sight; pages about a project need one."""
        is_open = self.session.folder is not None
        if name == "workspace" and not is_open:
            name = "welcome"
        if name not in ("welcome", "workspace"):
            if not is_open and name not in NEED_NO_PROJECT:
                return
            if name not in self._frames:
                page = make_page(name, self)
                frame = PageFrame(name, page)
                frame.backRequested.connect(self.go_back)
                if hasattr(page, "filterRequested"):  # a bar of the overview: show the images behind it
                    page.filterRequested.connect(self._show_found)
                if hasattr(page, "openRequested"):  # a region of the review queue: show it on its picture
                    page.openRequested.connect(self.go_back)
                self._frames[name] = frame
                self.stack.addWidget(frame)
        widget: QWidget
        if name == "welcome":
            self.welcome.set_recent([recent.folder for recent in self.memory.recents])
            widget = self.welcome
        else:
            widget = self.workspace if name == "workspace" else self._frames[name]
        self.workspace.editor.commit()
        self.stack.setCurrentWidget(widget)
        self.status.set_image_in_sight(name == "workspace")
        if name == "workspace":
            self.workspace.canvas.setFocus()
        elif name != "welcome":
            self._frames[name].page.setFocus()
        self._enable()

    def go_back(self) -> None:
        """From another page to the images, or to the welcome page."""
        self.show_page("workspace")

    def _show_found(self, _flt: object) -> None:
        """The images that a filter lets through, and one of them on the canvas."""

        def arrived(_: object) -> None:
            keys = self.session.images.keys
            if keys and self.session.images.index(self.session.image.key) is None:
                self.session.open_image(keys[0])

        self.go_back()
        self.session.store.read(lambda _project: None, arrived)  # asked after the list, and so answered after it

    def show_palette(self) -> None:
        """Bring the command palette up."""
        from roi_assistant.ui.window.command_palette import CommandPalette

        if self._palette is None:
            self._palette = CommandPalette(self)
        self._palette.open()  # type: ignore[attr-defined]

    # Projects.

    def open_folder(self, folder: Path, *, image: str = "") -> None:
        """Open a folder; ``image`` (a key) is shown first, else the one that was in sight when it was left."""
        folder = Path(folder).absolute()
        self._remember_place()
        self.session.open_folder(folder, image=image or self.memory.image_of(folder))

    def leave_project(self) -> None:
        self._remember_place()
        self.session.close_project()

    def say(self, level: str, text: str) -> None:
        """A sentence in the notification bar."""
        self.bar.say(level, text)  # type: ignore[arg-type]

    def _opened(self, summary: ProjectSummary) -> None:
        self.bar.clear()
        self.memory.visit(summary.folder)
        self._fill_recents()
        self.show_page("workspace")
        self._update_title()
        if summary.reason == "locked":
            self.say("warning", self.tr("This folder is open for reading only. {}").format(said(summary.detail)))
        elif summary.reason == "folder":
            text = self.tr("The folder {} cannot be written: you can look, but boxes cannot be drawn here.")
            self.say("warning", text.format(summary.folder))

    def _closed(self) -> None:
        self.show_page("welcome")
        self._update_title()

    def _open_failed(self, problem: OpenProblem) -> None:
        backup = problem.backup
        if backup is None:
            self.bar.say("error", problem.message)
        else:
            self.bar.say(
                "error",
                problem.message,
                action=self.tr("Restore the backup"),
                act=lambda: self._restore(problem.folder, backup),
            )
        if self.session.folder is None:
            self.show_page("welcome")

    def _restore(self, folder: Path, backup: Path) -> None:
        from roi_assistant.storage.backup import restore_backup
        from roi_assistant.storage.project import PROJECT_NAME

        def restored(kept: Path | None) -> None:
            self.open_folder(folder)
            if kept is not None:
                self.say("info", self.tr("The backup is in use; the damaged file was kept as {}.").format(kept.name))

        self.session.in_background(lambda: restore_backup(folder / PROJECT_NAME, backup), restored)

    def _remember_place(self) -> None:
        if self.session.folder is not None and self.session.image.key:
            self.memory.visit(self.session.folder, self.session.image.key)

    def _update_title(self) -> None:
        folder = self.session.folder
        name = self.tr("RoI Assistant")
        self.setWindowTitle(name if folder is None else f"{folder.name or folder} — {name}")

    # Actions.

    def _make_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        bar.clear()
        menus: dict[Menu, QMenu] = {}
        for key, title in MENUS.items():
            menu = bar.addMenu(QApplication.translate("Actions", title))
            assert menu is not None
            menus[key] = menu
        for spec in ACTIONS:
            if not spec.menu:
                continue
            if spec.gap:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.actions_of[spec.name])
            if spec.id == "open_samples":
                recents = menus["file"].addMenu(self.tr("Open &recent"))
                assert recents is not None
                self._recents = recents
        panels = menus["view"].addMenu(self.tr("&Panels"))
        assert panels is not None
        for dock in self.workspace.docks.values():
            panels.addAction(dock.toggleViewAction())
        self._fill_recents()

    def _fill_recents(self) -> None:
        self._recents.clear()
        for recent in self.memory.recents:
            action = self._recents.addAction(str(recent.folder).replace("&", "&&"))
            assert action is not None
            action.triggered.connect(lambda _=False, folder=recent.folder: self.open_folder(folder))
        self._recents.setEnabled(bool(self.memory.recents))

    def _make_toolbar(self) -> None:
        for name in TOOLBAR:
            if name:
                self.workspace.toolbar.addAction(self.actions_of[name])
            else:
                self.workspace.toolbar.addSeparator()

    def _tint(self) -> None:
        for spec in ACTIONS:
            if spec.icon:
                action = self.actions_of[spec.name]
                action.setIcon(icon(spec.icon, self.palette()))
                action.setIconVisibleInMenu(False)

    def _enable(self) -> None:
        """Only what can be done now can be triggered."""
        there: set[Needs] = set()
        session, history = self.session, self.session.history.state
        if session.folder is not None:
            there.add("project")
            if self.page == "workspace":
                there.add("workspace")
                if session.image.key:
                    there.add("image")
                if session.image.selection:
                    there.add("region")
                if history is not None and history.can_undo:
                    there.add("undo")
                if history is not None and history.can_redo:
                    there.add("redo")
            elif self.page == "schema":
                there |= {"undo", "redo"}
        self.actions_of.enable(there)

    def set_tool(self, tool: str) -> None:
        """``select`` or ``draw``"""
        self.workspace.canvas.set_tool(tool)  # type: ignore[arg-type]
        self._show_tool(tool)

    def _show_tool(self, tool: str) -> None:
        self.tool = tool
        self.actions_of["draw"].setChecked(tool == "draw")
        self.actions_of["select"].setChecked(tool == "select")

    def _show_history(self, history: object) -> None:
        for name, label in (("undo", "undo_label"), ("redo", "redo_label")):
            text = getattr(history, label, "")
            spec = self.actions_of.specs[name]
            what = QApplication.translate("Edits", text) if text else ""
            self.actions_of[name].setText(f"{spec.shown}: {what}" if what else spec.shown)
        self._enable()

    # Settings.

    def change_setting(self, name: str, value: object) -> None:
        """Change, follow and store a setting."""
        from roi_assistant.ui.window.application import apply_settings

        old, self.settings = self.settings, with_setting(self.settings, name, value)
        if old == self.settings:
            return
        self._follow_settings()
        apply_settings(self, old)
        try:
            save_settings(self.settings)
        except RoiAssistantError as error:
            self.say("error", said(error))

    def _follow_settings(self) -> None:
        settings, canvas = self.settings, self.workspace.canvas
        canvas.set_labels_visible(settings.show_labels)
        canvas.set_snap(settings.snap)
        canvas.set_crosshair(settings.crosshair)
        self.actions_of["toggle_labels"].setChecked(settings.show_labels)
        self.actions_of["toggle_snap"].setChecked(settings.snap)
        self.actions_of["toggle_crosshair"].setChecked(settings.crosshair)
        self.session.model_name = settings.model
        self.session.options = SessionOptions(
            suggest_on_draw=settings.suggest_on_draw,
            attribute_score=settings.attribute_score,
            alternatives=settings.alternatives,
            advance=settings.advance,
            style=settings.caption_style,  # type: ignore[arg-type]
            prefetch=settings.prefetch,
        )

    def _restore_layout(self) -> None:
        geometry = self.memory.get("geometry")
        if not (isinstance(geometry, str) and self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))):
            self.resize(first_size(self.screen()))
        self.workspace.restore_layout(self.memory.get("docks"))

    def _remember_layout(self) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.memory.keep({"geometry": geometry, "docks": self.workspace.save_layout(), "tool": self.tool})

    # Signals and events.

    def _connect(self) -> None:
        session, canvas = self.session, self.workspace.canvas
        session.projectOpened.connect(self._opened)
        session.projectClosed.connect(self._closed)
        session.openFailed.connect(self._open_failed)
        session.notice.connect(self.say)
        session.history.changed.connect(self._show_history)
        session.engine.stateChanged.connect(self._engine_changed)
        self._placing = QTimer(self)
        self._placing.setSingleShot(True)
        self._placing.setInterval(round(PLACE_AFTER * 1000))
        self._placing.timeout.connect(self._remember_place)
        session.image.opened.connect(lambda _: self._placing.start())
        for signal in (session.image.opened, session.image.selectionChanged, session.images.changed):
            signal.connect(lambda *_: self._enable())
        canvas.pointerMoved.connect(self.status.show_pointer)
        canvas.zoomChanged.connect(self.status.show_zoom)
        canvas.toolChanged.connect(self._show_tool)
        canvas.contextMenuRequested.connect(self._context_menu)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def _engine_changed(self, state: object) -> None:
        if getattr(state, "state", "") == "failed":
            self.say("error", said(getattr(state, "message", "")))
        info = getattr(state, "info", None)
        for note in info.notes if info is not None else ():
            if note not in self._told_notes:
                self._told_notes.add(note)
                self.say("warning", said(note))

    _told_notes: set[str] = set()  # noqa: RUF012 - one engine for the life of the program

    def _context_menu(self, id_: str, place: object) -> None:
        if id_ and id_ not in self.session.image.selection:
            self.session.image.select((id_,))
        menu = QMenu(self)
        region = (
            "accept",
            "edit_caption",
            "edit_category",
            "reject",
            "reopen",
            "",
            "describe",
            "",
            "copy",
            "toggle_locked",
            "delete",
        )
        image = ("paste", "copy_from_previous", "", "fit", "one_to_one", "", "toggle_labels")
        for name in region if id_ else image:
            if name:
                menu.addAction(self.actions_of[name])
            else:
                menu.addSeparator()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)  # type: ignore[arg-type]

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._unwatch)
            self._watched = None
        if new is not None and is_text_field(new):
            new.installEventFilter(self)
            new.destroyed.connect(self._unwatch)
            self._watched = new

    def _unwatch(self) -> None:
        self._watched = None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # What is typed into a text is not a command: single keys stay with the field.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and is_typing(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            if self.page == "workspace":
                self.workspace.canvas.setFocus()
            elif self.page != "welcome":
                self.go_back()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is None or not hasattr(self, "actions_of"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.WindowStateChange:
            self.actions_of["full_screen"].setChecked(self.isFullScreen())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and dropped_place(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        place = None if event is None else dropped_place(event)
        if event is None or place is None:
            return
        event.acceptProposedAction()
        folder, image = place
        if folder == self.session.folder and image:
            self.session.open_image(image)
        else:
            self.open_folder(folder, image=image)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is None:
            return
        if not self._closing:
            self.put_away()
        elif self._waited:
            event.accept()  # asked for a second time: the user does not want to wait
            self.closed.emit()
            return
        if self.session.store.is_closed:
            event.accept()
            self.closed.emit()
            return
        event.ignore()
        self.say("warning", self.tr("Storing the last changes; the window closes by itself. Close it again to stop."))
        self._waited = WAITING_STEP
        # Not at once, although everything may be stored by now: a window that is closing does not hear close().
        QTimer.singleShot(round(WAITING_STEP * 1000), self._wait_for_storage)

    def put_away(self) -> None:
        """Remember how it looked, let the project be stored and the engine end."""
        self._closing = True
        self.workspace.editor.commit()
        self._remember_place()
        self._remember_layout()
        self.session.close_project()
        self.session.engine.close()
        self.workspace.close_threads()

    def _wait_for_storage(self) -> None:
        self._waited += WAITING_STEP
        if self.session.store.is_closed or self._waited > CLOSING_PATIENCE:
            self.close()
        else:
            QTimer.singleShot(round(WAITING_STEP * 1000), self._wait_for_storage)


def first_size(screen: QScreen | None) -> QSize:
    """How large a window is at first: a small screen, or one on which all is drawn twice as large, has fewer pixels."""
    return FIRST_SIZE if screen is None else FIRST_SIZE.boundedTo(screen.availableSize() - FRAME)


def is_text_field(widget: QWidget) -> bool:
    """Whether keys that are pressed in ``widget`` become text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox) or (isinstance(widget, QComboBox) and widget.isEditable())


def is_typing(event: QKeyEvent) -> bool:
    """Whether the key belongs to whoever types: no Ctrl, Alt or Meta with it, and no function key."""
    commanding = (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    return not event.modifiers() & commanding and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35


def dropped_place(event: QDropEvent) -> tuple[Path, str] | None:
    """Folder and image key of what is dragged: a folder, a picture (its folder is opened) or a project file."""
    data = event.mimeData()
    for url in data.urls() if data is not None else ():
        if url.isLocalFile() and (place := folder_and_image(Path(url.toLocalFile()))) is not None:
            return place
    return None
