"""The stack of pages: welcome and workspace from the start, each other page made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QStackedWidget, QToolButton, QWidget

from roi_assistant.settings import Settings
from roi_assistant.ui.look import garbage
from roi_assistant.ui.look.icon_engine import ICON_SIZE
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.session.session import ProjectSession
from roi_assistant.ui.window.actions import shortcut_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What pages are made with."""

    session: ProjectSession
    settings: Callable[[], Settings]
    """The settings of now."""
    change_setting: Callable[[str, object], None]
    go_back: Callable[[], None]
    """To the images."""
    show_filtered: Callable[[], None]
    """To the images, whose list was given another filter."""
    show_crops: Callable[[str], None]
    """To the crops of a category."""
    show_look_alikes: Callable[[str, Sequence[str]], None]
    """To what looks like one of the regions, by their ids, of an image."""


# Each imports its module when it is called: a page that is never shown costs nothing.


def _review(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.review_queue import ReviewQueue

    page = ReviewQueue(context.session)
    page.openRequested.connect(lambda *_: context.go_back())  # a region, which the session has opened
    page.alikeRequested.connect(lambda image, region: context.show_look_alikes(image, (region,)))
    return page


def _crops(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.crops.page import CropsPage

    page = CropsPage(context.session)
    page.openRequested.connect(lambda *_: context.go_back())  # a region, which the session has opened
    page.alikeRequested.connect(lambda image, region: context.show_look_alikes(image, (region,)))
    return page


def _batch(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.batch import BatchPage

    return BatchPage(context.session)


def _overview(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.overview.page import OverviewPage

    page = OverviewPage(context.session)
    page.filterRequested.connect(lambda _: context.show_filtered())  # a bar: the images behind it
    page.cropsRequested.connect(context.show_crops)
    return page


def _schema(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.schema_editor import SchemaEditor

    return SchemaEditor(context.session)


def _export(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.export import ExportPage

    return ExportPage(context.session)


def _lint(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.lint import LintPage

    page = LintPage(context.session)
    page.openRequested.connect(context.go_back)  # a region, which the session has opened
    page.categoryRequested.connect(context.show_crops)
    return page


def _settings(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.settings import SettingsPage

    return SettingsPage(context.settings, context.change_setting)


def _prompts(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.prompts import PromptsPage

    return PromptsPage(context.session)


def _models(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.models import ModelsPage, run_beside

    return ModelsPage(
        run=run_beside(context.session.in_background),
        current=lambda: context.settings().model,
        use=lambda id_: context.change_setting("model", id_),
        proposer=lambda: context.settings().proposer,
        let_propose=lambda id_: context.change_setting("proposer", id_),
        second=lambda: context.settings().second_model,
        use_second=lambda id_: context.change_setting("second_model", id_),
    )


def _shortcuts(_context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.shortcuts import ShortcutsPage

    return ShortcutsPage(shortcut_groups())


def _about(context: PageContext) -> QWidget:
    from roi_assistant.ui.pages.about import AboutPage

    return AboutPage(context.session)


PAGES: dict[str, Callable[[PageContext], QWidget]] = {
    "review": _review,
    "crops": _crops,
    "batch": _batch,
    "overview": _overview,
    "schema": _schema,
    "lint": _lint,
    "export": _export,
    "settings": _settings,
    "prompts": _prompts,
    "models": _models,
    "shortcuts": _shortcuts,
    "about": _about,
}
NEED_NO_PROJECT = frozenset({"welcome", "settings", "models", "shortcuts", "about"})


class PageStack(QStackedWidget):
    """Shows one page at a time; ``names`` of pages are welcome, workspace and those of `PAGES`."""

    def __init__(self, context: PageContext, *, welcome: QWidget, workspace: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._pages = {"welcome": welcome, "workspace": workspace}
        self.addWidget(welcome)
        self.addWidget(workspace)

    @property
    def name(self) -> str:
        """The name of the page in sight."""
        current = self.currentWidget()
        page = current.page if isinstance(current, PageFrame) else current
        return next((name for name, widget in self._pages.items() if widget is page), "welcome")

    def page(self, name: str) -> QWidget:
        """The page ``name``, made and put under a bar with the way back when it is asked for first."""
        if name not in self._pages:
            page = PAGES[name](self._context)
            garbage.gc_freeze()
            self._pages[name] = page
            frame = PageFrame(page)
            frame.backRequested.connect(self._context.go_back)
            self.addWidget(frame)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Bring the page ``name`` into sight and, but for the welcome page, give it the focus."""
        page = self.page(name)
        parent = page.parentWidget()
        self.setCurrentWidget(parent if isinstance(parent, PageFrame) else page)
        if name != "welcome":
            page.setFocus()


class PageFrame(QWidget):
    """A page under a slim bar with the way back."""

    backRequested = pyqtSignal()

    def __init__(self, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self._back = QToolButton(self)
        self._back.setAutoRaise(True)
        self._back.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self._back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._back.setText(self.tr("Back"))
        self._back.setToolTip(self.tr("Back (Esc)"))
        self._back.setAccessibleName(self.tr("Back"))
        self._back.clicked.connect(self.backRequested)
        bar = QWidget(self)
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        lay_row(self._back, None, parent=bar, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self._bar = bar
        lay_column(bar, (page, 1), parent=self, margins=0, spacing=0)
        self._tint()
        on_palette_change(self, self._tint)

    def _tint(self) -> None:
        self._back.setIcon(icon("back", self.palette()))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(look(self.palette()).line)
        painter.drawLine(0, self._bar.height() - 1, self.width(), self._bar.height() - 1)
