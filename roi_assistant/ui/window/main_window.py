"""The window: menus, the notification bar, the workspace and the other pages, and the line at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QByteArray, QEvent, QObject, QPoint, QSize, Qt, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent, QScreen
from PyQt6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMainWindow,
    QMenu,
    QWidget,
)

from roi_assistant.errors import RoiAssistantError
from roi_assistant.imaging.folders import folder_and_image
from roi_assistant.settings import CAPTIONER, Settings, save_settings, with_setting
from roi_assistant.storage.records import ImageOrder
from roi_assistant.ui.canvas import BoxStyle
from roi_assistant.ui.look.keys import is_letter, is_step, is_text_field, is_typing, pressed_key, shown_key
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.welcome import WelcomePage
from roi_assistant.ui.session.project_opening import OpenProblem, ProjectSummary
from roi_assistant.ui.session.session import ProjectSession, SessionOptions
from roi_assistant.ui.window.action_set import ActionSet
from roi_assistant.ui.window.actions import ACTIONS, OF_PROJECT, Needs, Surface
from roi_assistant.ui.window.command_palette import CommandPalette, Entry, keys_with
from roi_assistant.ui.window.importing import ask_for_annotation_folder, ask_for_annotations
from roi_assistant.ui.window.look_alikes import find_look_alikes
from roi_assistant.ui.window.notifications import Level, NoticeAction, NotificationBar
from roi_assistant.ui.window.page_stack import NEED_NO_PROJECT, PageContext, PageStack
from roi_assistant.ui.window.recents import Memory
from roi_assistant.ui.window.samples import copy_samples
from roi_assistant.ui.window.status_bar import StatusBar
from roi_assistant.ui.window.workspace import Workspace

if TYPE_CHECKING:
    from roi_assistant.engine.engine import EngineStateChanged
    from roi_assistant.storage.records import HistoryState
    from roi_assistant.ui.session.memory import LookAlikes

FIRST_SIZE: Final = QSize(1360, 860)
LARGE_SHARE: Final = 0.8
"""Of a large screen, for the first window."""
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

    settingsChanged = pyqtSignal(object)
    """`settings` are others now; the argument is the old ones."""

    def __init__(
        self, session: ProjectSession, settings: Settings, memory: Memory, *, told_notes: set[str] | None = None
    ) -> None:
        """``told_notes`` are notes of the engine that were shown already, by the window before this one."""
        super().__init__()
        self.session, self.settings, self.memory = session, settings, memory
        self.tool = "select"
        self._told_notes = set() if told_notes is None else told_notes
        self._closing = False
        self._waited = 0.0
        self._watched: QWidget | None = None
        self._palette: CommandPalette | None = None
        self.setAcceptDrops(True)
        self.setObjectName("main")
        self.bar = NotificationBar(self)
        self.welcome = WelcomePage(
            open_folder=self.ask_for_folder,
            open_recent=self.open_folder,
            open_samples=self.open_samples,
            forget_recent=memory.forget,
            recent=[recent.folder for recent in memory.recents],
        )
        self.workspace = Workspace(session)
        context = PageContext(
            session=session,
            settings=lambda: self.settings,
            change_setting=self.change_setting,
            go_back=self.go_back,
            show_filtered=self._show_filtered,
            show_crops=self._show_crops,
            show_look_alikes=self.show_look_alikes,
        )
        self.pages = PageStack(context, welcome=self.welcome, workspace=self.workspace, parent=self)
        center = QWidget(self)
        lay_column(self.bar, (self.pages, 1), parent=center, margins=0, spacing=0)
        self.setCentralWidget(center)
        self.actions_of = ActionSet(self, lambda row: row.run(self))
        self.status = StatusBar(session, self)
        self.setStatusBar(self.status)
        self._make_menus()
        self.actions_of.fill(self.workspace.toolbar, "toolbar")
        self._connect()
        self._follow_settings()
        self._restore_layout()
        self._tint()
        on_palette_change(self, self._tint)
        self.set_tool("select" if memory.get("tool") == "select" else "draw")
        self.show_page("welcome")
        self._update_title()

    # Pages.

    @property
    def page(self) -> str:
        """The name of the page in sight: welcome, workspace, or one of `page_stack.PAGES`."""
        return self.pages.name

    def show_page(self, name: str) -> None:
        """Bring a page into sight; pages about a project need one."""
        is_open = self.session.folder is not None
        if name == "workspace" and not is_open:
            name = "welcome"
        if not is_open and name not in NEED_NO_PROJECT:
            return
        if name == "welcome":
            self.welcome.set_recent([recent.folder for recent in self.memory.recents])
        self.workspace.editor.commit()
        self.workspace.images.notes.commit()
        self.pages.show_page(name)
        self.status.set_image_in_sight(name == "workspace")
        self._enable()

    def go_back(self) -> None:
        """From another page to the images, or to the welcome page."""
        self.show_page("workspace")

    def _show_filtered(self) -> None:
        """The images that the new filter lets through, and one of them on the canvas."""

        def arrived(_: object) -> None:
            keys = self.session.images.keys
            if keys and self.session.images.index(self.session.image.key) is None:
                self.session.open_image(keys[0])

        self.go_back()
        self.session.store.read(lambda _project: None, arrived)  # asked after the list, and so answered after it

    def _show_crops(self, category: str) -> None:
        """The crops of ``category``."""
        self.show_page("crops")
        self.pages.page("crops").show_category(category)  # type: ignore[attr-defined]

    def show_look_alikes(self, image: str, regions: Sequence[str]) -> None:
        """What waits and looks like one of ``regions`` of ``image``, or like the region that was decided last."""

        def show(alike: LookAlikes) -> None:
            self.show_page("crops")
            self.pages.page("crops").show_look_alikes(alike)  # type: ignore[attr-defined]

        find_look_alikes(self.session, image, regions, show=show, say=partial(self.say, "info"))

    # The command palette.

    def show_palette(self) -> None:
        """Bring the command palette up."""
        if self._palette is None:
            self._palette = CommandPalette(self, self._palette_images)
        self._palette.open([*self._palette_actions(), *self._palette_folders()])

    def _palette_actions(self) -> list[Entry]:
        return [
            Entry(row.plain_text, " / ".join(map(shown_key, row.shortcuts[:2])), self.actions_of[row.id].trigger)
            for row in ACTIONS
            if self.actions_of[row.id].isEnabled() and row.id != "show_palette"
        ]

    def _palette_folders(self) -> list[Entry]:
        folders = [recent.folder for recent in self.memory.recents if recent.folder != self.session.folder]
        return [
            Entry(
                self.tr("Open {}").format(folder.name or folder), str(folder.parent), partial(self.open_folder, folder)
            )
            for folder in folders
        ]

    def _palette_images(self, query: str, most: int) -> list[Entry]:
        note = self.tr("image")
        return [
            Entry(key, note, partial(self._show_image, key))
            for key in keys_with(query, self.session.images.keys, most=most)
        ]

    def _show_image(self, key: str) -> None:
        self.show_page("workspace")
        self.session.open_image(key)

    # What actions ask of the window.

    def ask_for_folder(self) -> None:
        """Let the user choose a folder, and open it."""
        self._ask_for_folder(self.tr("Open a folder of images"), self.open_folder)

    def open_samples(self) -> None:
        """Open a copy of the sample photos."""
        self.open_folder(copy_samples())

    def ask_for_teacher(self) -> None:
        """Let the user choose the folder of another project, and learn what that has learned."""
        self._ask_for_folder(self.tr("Learn from the project of another folder"), self.session.memory.learn_from)

    def _ask_for_folder(self, title: str, then: Callable[[Path], object]) -> None:
        start = self.session.folder.parent if self.session.folder else Path.home()
        chosen = QFileDialog.getExistingDirectory(self, title, str(start))
        if chosen:
            then(Path(chosen))

    def ask_for_annotations(self) -> None:
        """Let the user choose a file of annotations, and import it."""
        ask_for_annotations(self.session, self, self.bar)

    def ask_for_annotation_folder(self) -> None:
        """Let the user choose a folder of annotation files, and import it."""
        ask_for_annotation_folder(self.session, self, self.bar)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def show_in_file_manager(self, folder: Path) -> None:
        """Show ``folder`` in the desktop's file manager, or say where it is when there is none."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.say("info", self.tr("The folder is {}.").format(folder))

    # Projects.

    def open_folder(self, folder: Path, *, image: str = "") -> None:
        """Open a folder; ``image`` (a key) is shown first, else the one that was in sight when it was left."""
        folder = Path(folder).absolute()
        self._remember_place()
        self.session.open_folder(folder, image=image or self.memory.image_of(folder))

    def leave_project(self) -> None:
        self._remember_place()
        self.session.close_project()

    def say(self, level: Level, text: str) -> None:
        """A sentence in the notification bar."""
        self.bar.say(level, text)

    def _opened(self, summary: ProjectSummary) -> None:
        self.bar.clear()
        self.memory.visit(summary.folder)
        self._fill_recents()
        self.show_page("workspace")
        self._update_title()
        if summary.reason == "locked":
            self.say("warning", self.tr("This folder is open for reading only. {}").format(translated(summary.detail)))
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
                NoticeAction(self.tr("Restore the backup"), lambda: self._restore(problem.folder, backup)),
            )
        if self.session.folder is None:
            self.show_page("welcome")

    def _restore(self, folder: Path, backup: Path) -> None:
        from roi_assistant.storage.restoring import restore_project

        def restored(kept: Path | None) -> None:
            self.open_folder(folder)
            if kept is not None:
                self.say("info", self.tr("The backup is in use; the damaged file was kept as {}.").format(kept.name))

        self.session.in_background(lambda: restore_project(folder, backup), restored)

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
        menus = self.actions_of.fill_menu_bar(bar)
        self._recents = QMenu(self.tr("Open &recent"), self)
        menus["file"].insertMenu(self.actions_of["rescan"], self._recents)
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

    def _tint(self) -> None:
        self.actions_of.tint(self.palette())

    def _enable(self) -> None:
        """Only what can be done now can be triggered."""
        conditions: set[Needs] = set()
        session, history = self.session, self.session.history.state
        if session.folder is not None:
            conditions.add("project")
            if self.page == "workspace":
                conditions.add("workspace")
                if session.image.key:
                    conditions.add("image")
                if session.image.selection:
                    conditions.add("region")
                if session.led_from or (history is not None and history.can_undo):
                    conditions.add("undo")
                if history is not None and history.can_redo:
                    conditions.add("redo")
            elif self.page in OF_PROJECT:
                conditions |= {"undo", "redo"}
        self.actions_of.enable(conditions)

    def set_tool(self, tool: str) -> None:
        """``select`` or ``draw``"""
        self.workspace.canvas.hand.set_tool(tool)  # type: ignore[arg-type]
        self._show_tool(tool)

    def _show_tool(self, tool: str) -> None:
        self.tool = tool
        self.actions_of["draw"].setChecked(tool == "draw")
        self.actions_of["select"].setChecked(tool == "select")

    def _show_history(self, history: HistoryState | None) -> None:
        self.actions_of.name_edit("undo", history.undo_label if history is not None else "")
        self.actions_of.name_edit("redo", history.redo_label if history is not None else "")
        self._enable()

    # Settings.

    def change_setting(self, name: str, value: object) -> None:
        """Change, follow and store a setting."""
        old, self.settings = self.settings, with_setting(self.settings, name, value)
        if old == self.settings:
            return
        self._follow_settings()
        self.settingsChanged.emit(old)
        try:
            save_settings(self.settings)
        except RoiAssistantError as error:
            self.say("error", translated(error))

    def _follow_settings(self) -> None:
        settings, canvas = self.settings, self.workspace.canvas
        canvas.regions.set_labels_visible(settings.show_labels)
        canvas.regions.set_box_style(BoxStyle(line_width=settings.line_width, fill=settings.box_fill))
        self.workspace.set_attributes_shown(settings.show_attributes)
        self.workspace.view_panel.show_settings(settings)
        self.workspace.set_category_colors(settings.category_colors)
        canvas.hand.set_snap(settings.snap)
        canvas.hand.set_crosshair(settings.crosshair)
        self.actions_of.check_settings(settings)
        self.session.images.set_order(
            ImageOrder(settings.image_sort, settings.image_sort_reversed, settings.image_groups)  # type: ignore[arg-type]
        )
        self.session.model_name = settings.model
        self.session.options = SessionOptions(
            suggest_on_draw=settings.suggest_on_draw,
            attribute_score=settings.attribute_score,
            alternatives=settings.alternatives,
            advance=settings.advance,
            advance_image=settings.advance_image,
            style=settings.caption_style,  # type: ignore[arg-type]
            prefetch=settings.prefetch,
            keep_previous=settings.keep_previous,
            memory=settings.memory,
            box_on_click=settings.box_on_click,
            proposer="" if settings.proposer == CAPTIONER else settings.proposer,
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
        place_timer = single_shot(self, round(PLACE_AFTER * 1000), self._remember_place)
        session.image.opened.connect(lambda _: place_timer.start())
        for signal in (session.image.opened, session.image.selectionChanged, session.images.changed):
            signal.connect(lambda *_: self._enable())
        canvas.hand.pointerMoved.connect(self.status.show_pointer)
        canvas.camera.zoomChanged.connect(self.status.show_zoom)
        self.workspace.toneChanged.connect(self.status.show_tone)
        self.workspace.view_panel.settingChanged.connect(self.change_setting)
        canvas.hand.toolChanged.connect(self._show_tool)
        canvas.hand.contextMenuRequested.connect(self._show_context_menu)
        self.workspace.images.order.settingChanged.connect(self.change_setting)
        self.workspace.regions.contextMenuRequested.connect(self._show_context_menu)
        self.workspace.images.contextMenuRequested.connect(partial(self._show_menu, "image_list_menu"))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def _engine_changed(self, state: EngineStateChanged) -> None:
        if state.state == "failed":
            self.say("error", translated(state.message))
        for note in state.info.notes if state.info is not None else ():
            if note not in self._told_notes:
                self._told_notes.add(note)
                self.say("warning", translated(note))

    def _show_context_menu(self, id_: str, place: QPoint) -> None:
        """The menu of the region ``id_``, or that of the image where there is none, at ``place`` on the screen."""
        if id_ and id_ not in self.session.image.selection:
            self.session.image.select((id_,))
        self._show_menu("region_menu" if id_ else "image_menu", place)

    def _show_menu(self, surface: Surface, place: QPoint) -> None:
        menu = QMenu(self)
        self.actions_of.fill(menu, surface)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

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
        # What is typed into a text is not a command: single keys stay with the field. Tab goes on to the next region.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and is_typing(event):
            is_in_editor = self._watched is not None and self.workspace.editor.isAncestorOf(self._watched)
            if not (is_in_editor and is_step(event)):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            if self.page == "workspace":
                self.workspace.canvas.setFocus()
            elif self.page != "welcome":
                self.go_back()
        elif event is not None and is_letter(event) and (action := self.actions_of.with_key(pressed_key(event))):
            action.trigger()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange:
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
        self.workspace.images.notes.commit()
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


def shown_window() -> MainWindow:
    """The window that the program shows now, for tests and scripts that drive it."""
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())


def first_size(screen: QScreen | None) -> QSize:
    """How large a window is at first: a small screen, or one on which all is drawn twice as large, has fewer pixels; of
    a large one most is used."""
    if screen is None:
        return FIRST_SIZE
    room = screen.availableSize()
    return FIRST_SIZE.expandedTo(room * LARGE_SHARE).boundedTo(room - FRAME)


def dropped_place(event: QDropEvent) -> tuple[Path, str] | None:
    """Folder and image key of what is dragged: a folder, a picture (its folder is opened) or a project file."""
    data = event.mimeData()
    for url in data.urls() if data is not None else ():
        if url.isLocalFile() and (place := folder_and_image(Path(url.toLocalFile()))) is not None:
            return place
    return None
