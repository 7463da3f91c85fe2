"""The program with a window: one ``QApplication``, one session, one window, until it is closed."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QApplication

from roi_assistant import __version__
from roi_assistant.error_log import log_trace
from roi_assistant.errors import MissingDependencyError
from roi_assistant.plugin_manifest import refused_plugins
from roi_assistant.plugins import PluginManager
from roi_assistant.resources_path import resource
from roi_assistant.sentences import Sentence
from roi_assistant.settings import CAPTIONER, NO_MODEL, Settings, load_settings, log_file
from roi_assistant.ui.look import garbage
from roi_assistant.ui.look.theme import apply_theme
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import Translation, translated
from roi_assistant.ui.session.engine_bridge import EngineBridge, EngineFactory, engine_factory
from roi_assistant.ui.session.session import ProjectSession
from roi_assistant.ui.window.main_window import MainWindow
from roi_assistant.ui.window.recents import Memory

if TYPE_CHECKING:
    from PyQt6.QtCore import QMessageLogContext

_log = logging.getLogger(__name__)
_ENGINE_SETTINGS = ("model", "proposer", "device", "threads", "cache_mb", "idle_minutes")
_SECOND_SETTINGS = ("second_model", "device", "threads", "cache_mb", "idle_minutes")
ENGINE_AFTER_MS = 1000
"""The window and its first picture come first; the process of the model is started this long after the window when no
picture was shown before."""
SWITCH_SECONDS = 0.001
"""For so long another thread may keep the window waiting that computes in Python, each time; Python's own 5 ms are felt
when a folder is searched, because answering one event takes several turns."""
PAINTED_MS = 50
"""A picture that has arrived is on the screen after this time."""


class Application:
    """What belongs together for the life of the program. The window and its session are others after a change of the
    language."""

    def __init__(self, qt: QApplication) -> None:
        self.qt = qt
        self.settings, problems = load_settings()
        self.plugins = PluginManager()
        self.translation = Translation(qt)
        self.translation.use(self.settings.language)
        apply_theme(qt, self.settings.theme)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(lambda _: self._follow_theme())
        self._is_running = True
        self._told_notes: set[str] = set()  # the engine's process may be another, its notes are the same
        self._make_window()
        for problem in problems:
            self.window.say("warning", translated(problem))

    def _make_window(self) -> None:
        self.session = ProjectSession(EngineBridge(factory_for(self.settings)), plugins=self.plugins)
        self._use_second(self.settings)
        self.window = MainWindow(self.session, self.settings, Memory(), told_notes=self._told_notes)
        self.window.settingsChanged.connect(self._follow_settings)
        # Not left to Qt's "last window closed": any other window that is still there would keep the program running.
        self.window.closed.connect(self.qt.quit)

    def _use_second(self, settings: Settings) -> None:
        second = settings.second_model
        usable = second not in (NO_MODEL, settings.model)
        self.session.second.use(second, factory_for(replace(settings, model=second)) if usable else None)

    def _make_window_anew(self) -> None:
        """Everything in another language: many widgets say their words once, when they are made."""
        old, before = self.window, self.session
        folder = before.folder
        old.put_away()
        self._make_window()
        self.session.store.take_over(before.store)
        self.window.setGeometry(old.geometry())
        self.window.show()
        if folder is not None:
            self.window.open_folder(folder)
            self.session.projectOpened.connect(lambda _: self.window.show_page("settings"))
        self.window.show_page("settings")
        self.session.engine.start()
        old.hide()
        old.deleteLater()

    def begin_work(self) -> None:
        """The window and its first picture are there: what can wait for them."""
        session = self.session

        def imported(_: object) -> None:
            if self._is_running and self.session is session:  # no other window has come, and the program goes on
                session.engine.start()
            garbage.gc_freeze()

        def tell(refused: tuple[Sentence, ...]) -> None:
            for plugin in refused if self._is_running else ():
                self.window.say("warning", translated(plugin))

        session.in_background(lambda: importlib.import_module("roi_assistant.engine.engine"), imported)
        session.in_background(refused_plugins, tell)

    def end_work(self) -> None:
        """The event loop has ended: what arrives from now on starts nothing."""
        self._is_running = False

    def _follow_theme(self) -> None:
        apply_theme(self.qt, self.window.settings.theme)

    def _follow_settings(self, old: Settings) -> None:
        """The settings of the window have changed."""
        settings = self.window.settings
        self.settings = settings
        if settings.theme != old.theme:
            apply_theme(self.qt, settings.theme)
        if settings.language != old.language:
            before = self.translation.language
            self.translation.use(settings.language)
            if self.translation.language != before:
                QTimer.singleShot(0, self._make_window_anew)  # the control that was changed is still at work
                return
        if any(getattr(settings, name) != getattr(old, name) for name in _ENGINE_SETTINGS):
            self.session.engine.restart(factory_for(settings))
        if any(getattr(settings, name) != getattr(old, name) for name in ("model", *_SECOND_SETTINGS)):
            self._use_second(settings)


def factory_for(settings: Settings) -> EngineFactory:
    """Engines as ``settings`` want them."""
    return engine_factory(
        model=settings.model,
        device=settings.device,
        threads=settings.threads or None,
        cache_bytes=settings.cache_mb << 20,
        idle_seconds=settings.idle_minutes * 60,
        proposer="" if settings.proposer == CAPTIONER else settings.proposer,
    )


def run_application(folder: Path | None, *, image: str = "") -> int:
    """Show the window, on ``folder`` when one is given, until it is closed; answers the exit code."""
    starting = _Starting()
    handler = qInstallMessageHandler(starting)
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(["roi-assistant"])
    qInstallMessageHandler(_qt_says)
    starting.repeat()
    qt.setApplicationName("roi-assistant")
    qt.setApplicationDisplayName("RoI Assistant")
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName("roi-assistant")
    qt.setWindowIcon(QIcon(str(resource("icons", "roi-assistant.svg"))))
    application = Application(qt)
    garbage.gc_freeze()
    window, session = application.window, application.session
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    with garbage.collected_here(), _Catching(application):
        window.show()
        if folder is not None:
            window.open_folder(folder, image=image)
        engine_timer = single_shot(None, ENGINE_AFTER_MS, application.begin_work)
        engine_timer.start()
        for tried in (window.workspace.canvas.picture.imageLoaded, window.workspace.canvas.picture.imageFailed):
            tried.connect(lambda *_: engine_timer.isActive() and engine_timer.start(PAINTED_MS))
        code = qt.exec()
        application.end_work()
        engine_timer.stop()  # a window that was closed sooner needs none
        window, session = application.window, application.session  # other ones after a change of the language
        session.close_project()
        session.engine.close()
        session.second.close()
        window.workspace.close_threads()
        session.store.wait_closed(30)
        session.engine.wait_closed(3)
        session.second.engine.wait_closed(3)
        window.memory.wait()
    window.deleteLater()
    sys.setswitchinterval(before)
    qInstallMessageHandler(handler)
    return code


class _Catching:
    """While it is entered, an error that nobody caught goes to the log and into the notification bar, and the program
    goes on: PyQt would end it."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._before: tuple[Callable[..., object], Callable[..., object]] | None = None

    def __enter__(self) -> None:
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._caught
        threading.excepthook = lambda given: self._caught(given.exc_type, given.exc_value, given.exc_traceback)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before

    def _caught(self, kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
        if error is None or issubclass(kind, KeyboardInterrupt):
            QTimer.singleShot(0, self._application.window.close)
            return
        where = log_trace(error) or log_file()
        text = QApplication.translate(
            "Application", "Something went wrong ({}). Your work is stored; the details are in {}."
        )
        message = text.format(f"{kind.__name__}: {error}"[:200], where)
        self._application.session.post(lambda: self._application.window.say("error", message))


class _Starting:
    """What Qt says while it starts. It kills the process where it has no display: the reason is told before."""

    def __init__(self) -> None:
        self._messages: list[tuple[QtMsgType, str]] = []

    def __call__(self, kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
        if kind == QtMsgType.QtFatalMsg:
            sys.stderr.write(cannot_start(text for _, text in self._messages) + "\n")
            sys.stderr.flush()
            logging.shutdown()
            os._exit(MissingDependencyError.exit_code)
        self._messages.append((kind, message or ""))

    def repeat(self) -> None:
        """Qt started: what it said goes where all that it says goes."""
        for kind, message in self._messages:
            _log_qt(kind, message)


def cannot_start(messages: Iterable[str]) -> str:
    """The sentence about a window that Qt cannot show, after what it said before it gave up."""
    reasons = "; ".join(" ".join(message.split()).rstrip(".") for message in messages if message)
    return (
        f"The window cannot start ({reasons or 'no platform plugin of Qt loads'}): check the display (DISPLAY, "
        "QT_QPA_PLATFORM, ssh -X), and run roi-assistant doctor, which says what to install."
    )


def _qt_says(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    _log_qt(kind, message)


def _log_qt(kind: QtMsgType, message: str | None) -> None:
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}.get(kind, logging.WARNING)
    _log.log(level, "Qt: %s", message)
