"""From Pillow's pictures to Qt's, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QImage

if TYPE_CHECKING:
    from PIL.Image import Image

_BAND = 128


def to_qimage(image: Image) -> QImage:
    """An RGB picture as the kind of image that Qt paints fastest. May be called in any thread.

    It is filled in bands: bytes of the whole picture would be put together and copied twice, in calls that keep all
    other threads, the window's too, from running.

    Raises:
        MemoryError: it does not fit into memory.
    """
    width, height = image.size
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    bits = picture.bits()
    if bits is None:
        raise MemoryError
    bits.setsize(picture.sizeInBytes())
    pixels = memoryview(bits)  # type: ignore[arg-type]  # it is a buffer, which the stubs do not say
    row = picture.bytesPerLine()
    for top in range(0, height, _BAND):
        bottom = min(height, top + _BAND)
        pixels[top * row : bottom * row] = image.crop((0, top, width, bottom)).tobytes("raw", "BGRX")
    return picture


def to_pillow(picture: QImage) -> Image:
    """A picture that ``to_qimage`` has made, as an RGB picture of its own. May be called in any thread."""
    from PIL import Image as Pictures

    bits = picture.constBits()
    if bits is None:
        raise MemoryError
    bits.setsize(picture.sizeInBytes())
    size = (picture.width(), picture.height())
    return Pictures.frombuffer("RGB", size, bits.asstring(), "raw", "BGRX", picture.bytesPerLine(), 1)
