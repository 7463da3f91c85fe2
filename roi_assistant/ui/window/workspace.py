"""Where one works: the canvas in the middle, lists and forms around it.

It is a main window inside the main window, so that its docks and toolbar go with it when another page is shown.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QDockWidget, QLabel, QMainWindow, QTabWidget, QToolBar, QToolButton, QWidget

from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.canvas import Canvas, MiniMap
from roi_assistant.ui.docks.activity import Activity
from roi_assistant.ui.docks.category_list import CategoryList
from roi_assistant.ui.docks.chat import ChatPanel
from roi_assistant.ui.docks.image_list import ImageList
from roi_assistant.ui.docks.region_editor import RegionEditor
from roi_assistant.ui.docks.region_list import RegionList
from roi_assistant.ui.docks.view_panel import ViewPanel
from roi_assistant.ui.look.icon_engine import ICON_SIZE
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID, small_font
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.session.canvas_regions import canvas_regions
from roi_assistant.ui.session.session import ProjectSession

_LAYOUT_VERSION = 2
"""Raise it when docks are added or renamed: a stored layout of another version is not used."""
_LIST_SHARE = 0.24
"""Of the height at first, for the list of regions: the editor below needs the rest on a small screen."""

_IMAGES_SHARE, _IMAGES_WIDTH = 0.2, (264, 420)
"""Of the width at first, for the list of images, and its limits: names are read whole where there is room."""
_CATEGORIES_BELOW = 0.68
"""Of the height at first, for the list of images above the list of categories."""

TABBED = ("editor", "chat", "activity")


class DockTitle(QWidget):
    """The name of a panel, and a way to hide it that does not shout."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._label = QLabel(self)
        self._label.setFont(small_font(self.font(), bold=True))
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setIconSize(QSize(14, 14))
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(dock.close)
        lay_row((self._label, 1), self._close, parent=self, margins=(GRID, GRID // 2, GRID // 2, GRID // 2))
        dock.windowTitleChanged.connect(self._name)
        self._tint()
        on_palette_change(self, self._tint)

    def _name(self, title: str) -> None:
        self._label.setText(title)
        text = self.tr("Hide the panel {}; View > Panels brings it back").format(title)
        self._close.setToolTip(text)
        self._close.setAccessibleName(text)

    def _tint(self) -> None:
        self._close.setIcon(icon("close", self.palette()))


class Workspace(QMainWindow):
    """Canvas and docks, tied to a session."""

    toneChanged = pyqtSignal(object)
    """The Tone in which images are shown from now on."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Widget)
        self._session = session
        self._is_laid_out = False
        self._colors_categories = False
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.canvas = Canvas()
        self.setCentralWidget(self.canvas)
        self.minimap = MiniMap(self.canvas)
        self.minimap.attach(self.canvas)
        self.view_panel = ViewPanel(self.canvas)
        self.view_panel.show_tone(self.canvas.picture.tone)
        self._attributes_shown = False
        self.images = ImageList(session)
        self.categories = CategoryList(session)
        self.regions = RegionList(session)
        self.editor = RegionEditor(session)
        self.chat = ChatPanel(session)
        self.activity = Activity(session)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.docks = {
            "images": self._dock("images", self.images, left),
            "categories": self._dock("categories", self.categories, left),
            "regions": self._dock("regions", self.regions, right),
            "editor": self._dock("editor", self.editor, right),
            "chat": self._dock("chat", self.chat, right),
            "activity": self._dock("activity", self.activity, right),
        }
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.splitDockWidget(self.docks["images"], self.docks["categories"], Qt.Orientation.Vertical)
        self.splitDockWidget(self.docks["regions"], self.docks["editor"], Qt.Orientation.Vertical)
        self.tabifyDockWidget(self.docks["editor"], self.docks["chat"])
        self.tabifyDockWidget(self.docks["chat"], self.docks["activity"])
        self.docks["editor"].raise_()
        self.resizeDocks([self.docks["images"], self.docks["regions"]], [264, 340], Qt.Orientation.Horizontal)
        self.toolbar = QToolBar(self)
        self.toolbar.setObjectName("tools")
        self.toolbar.setMovable(False)
        self.toolbar.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addToolBar(self.toolbar)
        self.canvas.installEventFilter(self)
        self._connect()
        self.translate()

    def translate(self) -> None:
        """The titles in the language of now."""
        titles = {
            "images": self.tr("Images"),
            "categories": self.tr("Categories"),
            "regions": self.tr("Regions"),
            "editor": self.tr("Region"),
            "chat": self.tr("Chat"),
            "activity": self.tr("Activity"),
        }
        for name, dock in self.docks.items():
            dock.setWindowTitle(titles[name])
        self.toolbar.setWindowTitle(self.tr("Tools"))
        self.toolbar.setAccessibleName(self.tr("Tools"))

    def save_layout(self) -> str:
        """Places and sizes of docks and toolbar as text, for ``restore_layout``."""
        return bytes(self.saveState(_LAYOUT_VERSION).toBase64().data()).decode("ascii")

    def restore_layout(self, text: object) -> None:
        """Put docks and toolbar where ``save_layout`` found them. Anything else leaves them as they are."""
        from PyQt6.QtCore import QByteArray

        if isinstance(text, str):
            layout = QByteArray.fromBase64(text.encode("ascii", "ignore"))
            self._is_laid_out = self.restoreState(layout, _LAYOUT_VERSION)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if not self._is_laid_out:  # shares can be given only now that there is a size
            self._is_laid_out = True
            for upper, lower, share in (
                ("regions", "editor", _LIST_SHARE),
                ("images", "categories", _CATEGORIES_BELOW),
            ):
                heights = [round(self.height() * share), round(self.height() * (1 - share))]
                self.resizeDocks([self.docks[upper], self.docks[lower]], heights, Qt.Orientation.Vertical)
            least, most = _IMAGES_WIDTH
            width = min(most, max(least, round(self.width() * _IMAGES_SHARE)))
            self.resizeDocks([self.docks["images"]], [width], Qt.Orientation.Horizontal)

    def set_tone(self, tone: Tone) -> None:
        """Show images in ``tone``; no file changes, and the next start of the program knows nothing of it."""
        self.canvas.picture.set_tone(tone)
        self.view_panel.show_tone(tone)
        self.toneChanged.emit(tone)

    def toggle_view_panel(self) -> None:
        """Open the panel of picture and boxes, or close it."""
        if self.view_panel.isVisible():
            self.view_panel.leave()
        else:
            self.view_panel.open()

    def set_attributes_shown(self, shown: bool) -> None:
        """Whether attribute values stand on the canvas."""
        if shown != self._attributes_shown:
            self._attributes_shown = shown
            self._show_regions()

    def raise_dock(self, name: str) -> None:
        """Bring a dock into sight."""
        self.docks[name].show()
        self.docks[name].raise_()

    def close_threads(self) -> None:
        """Before the window goes: nothing may be decoded for it any more."""
        self.canvas.close_threads()
        self.images.close_pictures()

    def _dock(self, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        # Panels that share tabs are named by these already.
        dock.setTitleBarWidget(QWidget(dock) if name in TABBED else DockTitle(dock))
        dock.setMinimumWidth(200)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        session, canvas = self._session, self.canvas
        canvas.hand.boxDrawn.connect(session.edits.add_box)
        canvas.hand.spotClicked.connect(session.box_suggestions.add_at)
        canvas.regions.boxesChanged.connect(session.edits.change_boxes)
        canvas.regions.selectionChanged.connect(session.image.select)
        canvas.hand.deleteRequested.connect(session.edits.delete)
        canvas.hand.letGo.connect(session.categories.disarm)
        canvas.hand.regionActivated.connect(self.edit_caption)
        canvas.picture.imageLoaded.connect(self._image_loaded)
        canvas.picture.imageFailed.connect(self._image_failed)
        session.image.opened.connect(self._show_image)
        session.image.regionsChanged.connect(self._show_regions)
        session.suggestions.pendingChanged.connect(lambda _: self._show_regions())
        session.image.selectionChanged.connect(self._show_selection)
        session.projectOpened.connect(lambda summary: canvas.set_read_only(summary.read_only))
        session.images.changed.connect(self._prefetch)
        self.regions.editRequested.connect(self.edit_caption)
        self.editor.left.connect(canvas.setFocus)
        self.editor.stepped.connect(self.step_region)
        self.images.openRequested.connect(canvas.setFocus)
        self.images.notes.left.connect(canvas.setFocus)
        self.images.jump.left.connect(canvas.setFocus)
        self.regions.look_for.left.connect(canvas.setFocus)
        self.view_panel.toneChanged.connect(self.set_tone)
        self.view_panel.closed.connect(canvas.setFocus)
        self.categories.left.connect(canvas.setFocus)
        for signal in (session.categories.changed, session.categories.hiddenChanged):
            signal.connect(self._show_regions)
        session.categories.armedChanged.connect(canvas.regions.set_new_label)

    def _show_image(self, key: str) -> None:
        session = self._session
        self.canvas.set_image(session.path(key) if key else None, key=key)
        self._prefetch()

    def _prefetch(self) -> None:
        session = self._session
        here = session.images.index(session.image.key) if session.image.key else None
        if here is None:
            return
        near = (here + 1, here - 1, here + 2)
        self.canvas.picture.prefetch(
            [session.path(session.images.keys[n]) for n in near if 0 <= n < len(session.images.keys)]
        )

    def _show_regions(self) -> None:
        session = self._session
        hidden, chosen = session.categories.hidden, session.image.selection
        shown = canvas_regions(
            session.image.regions,
            pending=session.suggestions.pending,
            size=session.image.size,
            attributes=self._attributes_shown,
            color=session.categories.color if self._colors_categories else None,
            hidden=lambda region: (region.category or "") in hidden and region.id not in chosen,
        )
        self.canvas.regions.set_regions(shown)
        self.canvas.regions.set_selection(chosen)

    def _show_selection(self, ids: tuple[str, ...]) -> None:
        if self._session.categories.hidden:
            self._show_regions()  # a selected region is shown, whatever is hidden
        else:
            self.canvas.regions.set_selection(ids)

    def set_category_colors(self, on: bool) -> None:
        """Draw boxes in the color of their category, or of their review state."""
        if on != self._colors_categories:
            self._colors_categories = on
            self._show_regions()

    def _image_loaded(self, key: str, width: int, height: int) -> None:
        known = self._session.image.size
        self._session.set_image_size(key, width, height)
        if known != (width, height):
            self._show_regions()  # which boxes are too small depends on it

    def _image_failed(self, key: str, message: str) -> None:
        # The canvas says it in place of the picture, the list beside the name: no notice that outlives the picture.
        self._session.images.set_problem(key, message)

    def edit_caption(self, id_: str) -> None:
        """Put the cursor into the caption of a region."""
        self._session.image.select((id_,))
        self.raise_dock("editor")
        self.editor.focus_caption()

    def edit_category(self, id_: str) -> None:
        """Put the cursor into the category of a region."""
        self._session.image.select((id_,))
        self.raise_dock("editor")
        self.editor.focus_category()

    def step_region(self, step: int) -> None:
        """Keep what is being typed and select the next region (or the one before). The focus stays where it is: in a
        field of the editor one goes on with the same field of that region."""
        self.editor.commit()
        self._session.image.step_region(step)
        self.editor.select_field()

    def step_field(self, step: int) -> None:
        """Give the focus to the next control (or the one before), as Tab does in other windows."""
        self.focusNextPrevChild(step > 0)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.canvas and event is not None and event.type() == QEvent.Type.Resize:
            self._place_minimap()
        return super().eventFilter(watched, event)

    def _place_minimap(self) -> None:
        size = self.minimap.size()
        view = self.canvas.viewport()
        assert view is not None
        self.minimap.move(QPoint(view.width() - size.width() - 2 * GRID, view.height() - size.height() - 2 * GRID))
