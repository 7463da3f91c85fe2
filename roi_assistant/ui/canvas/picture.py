"""The image of the canvas: loading it off the GUI thread, painting it, saying when it cannot be shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QRegion, QTextOption, QTransform
from PyQt6.QtWidgets import QGraphicsScene, QGraphicsView

from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.canvas.camera import Camera
from roi_assistant.ui.canvas.image_layer import ImageLayer
from roi_assistant.ui.canvas.loader import ImageLoader, LoadedImage
from roi_assistant.ui.canvas.theme import CanvasTheme, theme_for
from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated

_LOADING_AFTER_MS = 180
_MESSAGE_WIDTH = 520


class Picture(QObject):
    """See the module. The image before is gone as soon as another one is asked for."""

    imageLoaded = pyqtSignal(str, int, int)
    """Key, width, height: the first pixels are shown."""
    imageFailed = pyqtSignal(str, str)
    """Key and a sentence that can be shown. It may follow ``imageLoaded``: damage is found late in a large file."""
    imageSwapped = pyqtSignal()
    """What there is to see of the image has become another image, none, a better version, or another tone."""

    def __init__(self, view: QGraphicsView, camera: Camera) -> None:
        super().__init__(view)
        self._view, self._camera = view, camera
        self._key = ""
        self._request = 0
        self._announced = False
        self._message = ""
        self._theme = theme_for(view.palette())
        self._loader = ImageLoader(self)
        self._loader.sized.connect(self._on_sized)
        self._loader.loaded.connect(self._on_loaded)
        self._loader.failed.connect(self._on_failed)
        self._layer = ImageLayer(self)
        self._layer.tileReady.connect(self._on_tile)
        self._layer.toneReady.connect(self._swapped)
        self._loading = single_shot(self, _LOADING_AFTER_MS, self._say_loading)
        camera.cameToRest.connect(self._paint_anew)
        view.setBackgroundBrush(self._theme.backdrop)

    @property
    def key(self) -> str:
        """Key of the image that is shown or being loaded."""
        return self._key

    @property
    def theme(self) -> CanvasTheme:
        """The colors in which it is painted now."""
        return self._theme

    @property
    def tone(self) -> Tone:
        """How images are shown: their files and what the model sees stay as they are."""
        return self._layer.tiles.tone

    def set_tone(self, tone: Tone) -> None:
        """Show this image and those that follow in ``tone``, as soon as a thread has made it."""
        self._layer.set_tone(tone)
        self._paint_anew()

    @property
    def complete(self) -> bool:
        """Whether the image is there in full detail, not only as a preview."""
        return self._layer.image is not None and self._layer.image.complete

    @property
    def message(self) -> str:
        """What stands in the place of the image; empty when it is shown."""
        return self._message

    def set_image(self, path: Path | None, *, key: str = "") -> None:
        """Show the image in ``path``, or nothing. ``key`` comes back in signals; it is the path when empty."""
        self._key = key or (str(path) if path is not None else "")
        self._message = ""
        self._announced = False
        self._request = 0
        self._loading.stop()
        if path is None:
            self._loader.forget()
            self._clear()
            return
        known = self._loader.cached(path)
        self._request = self._loader.load(path)
        if known is None:
            self._clear()
            self._loading.start()
        else:
            self._show(known)

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Load these when there is nothing else to do, so that showing them is instant; replaces earlier ones."""
        self._loader.prefetch(paths)

    def close_threads(self) -> None:
        """Stop loading for good, before the application ends."""
        self._loader.close()
        self._layer.tiles.close()

    def small_version(self, side: int) -> QImage | None:
        """The whole image, its longest side at least ``side`` pixels if there is such a version; None: no image."""
        return self._layer.small_version(side)

    def follow_palette(self) -> None:
        """Paint in the colors of the view's palette."""
        self._theme = theme_for(self._view.palette())
        self._view.setBackgroundBrush(self._theme.backdrop)
        self._view.resetCachedContent()

    def _paint_anew(self) -> None:
        self._view.resetCachedContent()
        self._repaint()

    def _repaint(self) -> None:
        viewport_of(self._view).update()

    # --------------------------------------------------------------------------------------------------------- loading

    def _clear(self) -> None:
        self._layer.set_image(None)
        self._camera.forget_image()
        self._swapped()

    def _show(self, image: LoadedImage) -> None:
        self._loading.stop()
        self._message = ""
        another = not self._announced
        self._layer.set_image(image)
        same = self._camera.image_size == (image.width, image.height)
        if not same or (another and not self._camera.fitted):
            self._camera.set_image_size(image.width, image.height)
        self._swapped()
        if another:
            self._announced = True
            self.imageLoaded.emit(self._key, image.width, image.height)

    def _swapped(self) -> None:
        self._view.resetCachedContent()
        self.imageSwapped.emit()
        self._repaint()

    def _on_sized(self, request: int, width: int, height: int) -> None:
        if request == self._request and self._layer.image is None:
            self._camera.set_image_size(width, height)
            self._swapped()

    def _on_loaded(self, request: int, image: LoadedImage) -> None:
        if request == self._request and image is not self._layer.image:
            self._show(image)

    def _on_failed(self, request: int, message: str) -> None:
        if request != self._request:
            return
        self._loading.stop()
        self._message = translated(message)
        self._clear()
        self.imageFailed.emit(self._key, message)

    def _say_loading(self) -> None:
        if self._layer.image is None and self._key:
            self._message = self.tr("Loading…")
            self._repaint()

    def _on_tile(self, area: QRectF) -> None:
        self._view.invalidateScene(area.adjusted(-1, -1, 1, 1), QGraphicsScene.SceneLayer.BackgroundLayer)

    # -------------------------------------------------------------------------------------------------------- painting

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the part ``rect`` of the scene, as ``QGraphicsView.drawBackground`` gives it."""
        ratio, zoom = self._view.devicePixelRatioF(), self._camera.zoom
        origin = self._camera.origin()
        exposed = (
            painter.clipRegion() if painter.hasClipping() else QRegion(self._view.mapFromScene(rect).boundingRect())
        )
        painter.save()
        # Image pixels are put on device pixels, also where a widget pixel is more than one of them.
        painter.setWorldTransform(QTransform())
        exposed = self._in_widget(exposed, painter)
        painter.fillRect(exposed.boundingRect(), self._theme.backdrop)
        painter.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
        if ratio != 1:
            bounds = exposed.boundingRect()
            exposed = QRegion(QTransform.fromScale(ratio, ratio).mapRect(QRectF(bounds)).toAlignedRect())
        width, height = self._camera.image_size
        if not self._layer.can_paint and width:
            paper = QRectF(origin.x() * ratio, origin.y() * ratio, width * zoom, height * zoom)
            painter.fillRect(paper, self._theme.paper)
        missing = self._layer.paint(
            painter,
            scale=zoom,
            left=origin.x() * ratio,
            top=origin.y() * ratio,
            exposed=exposed,
            smooth=not self._camera.moving,
        )
        painter.restore()
        if missing:
            self._layer.ask_for_view(self._camera.visible_area(), zoom)

    def _in_widget(self, region: QRegion, painter: QPainter) -> QRegion:
        """``region`` as the painter gives it, now that there is no transform."""
        clip = painter.clipRegion() if painter.hasClipping() else region
        return clip if not clip.isEmpty() else region

    def paint_message(self, painter: QPainter) -> None:
        """What is said in the place of an image."""
        if not self._message:
            return
        area = QRectF(viewport_of(self._view).rect()).adjusted(24, 24, -24, -24)
        if area.width() > _MESSAGE_WIDTH:
            area.adjust((area.width() - _MESSAGE_WIDTH) / 2, 0, (_MESSAGE_WIDTH - area.width()) / 2, 0)
        painter.setPen(self._theme.message)
        option = QTextOption(Qt.AlignmentFlag.AlignCenter)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # paths have no spaces
        painter.drawText(area, self._message, option)
