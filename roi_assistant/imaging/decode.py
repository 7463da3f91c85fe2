"""Any picture file -> 8-bit RGB as a viewer shows it. Pillow and numpy only.

What "as a viewer shows it" means here:

* The EXIF orientation is applied, so boxes are in pixels of the picture as displayed.
* Alpha, palette transparency and transparent key colors are composited on white.
* An embedded color profile other than sRGB is converted to sRGB; a broken profile is ignored.
* Of an animation or a file with several pages, the first frame is taken.
* More than 8 bits a sample keep their *linear scale*. White is that of the fewest bits of 8, 10, 12, 14 and 16 which
  hold the brightest sample, because cameras store 10 to 14 bits in files of 16: samples up to 1023 are divided by 4.01,
  up to 65535 by 257. A TIFF that says how many bits it has (12) keeps to that. 16-bit color is treated in the same way.
* 32-bit integers and floats have no agreed white. Integers within 0..65535 are taken as 16-bit. Floats within 0..1 are
  multiplied by 255, others within 0..65535 treated as 16-bit. Data outside these ranges are stretched from their own
  least to their own greatest value. NaN becomes black, infinities the ends of the range.
* HEIC and HEIF are read through pillow-heif, where it is installed (the extra ``heif``).

Nothing here changes Pillow's process-wide switches (``LOAD_TRUNCATED_IMAGES``, ``MAX_IMAGE_PIXELS``, warning filters),
and nothing is shared between calls, so any number of threads may decode at once.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from roi_assistant.errors import ImageError
from roi_assistant.imaging.pixel_modes import (
    is_dark,
    is_sixteen_bit,
    low_byte_rawmodes,
    sixteen_bit,
    to_rgb,
    with_low_bytes,
)

if TYPE_CHECKING:
    pass

MAX_PIXELS = 200_000_000
"""Width x height that is decoded unless the caller allows more: 800 MB, Pillow keeps four bytes a pixel."""

MAX_WEBP_PIXELS = MAX_PIXELS // 3
"""Of a WebP: libwebp keeps two canvases besides the picture, also of a file of a few bytes that says to be large."""
_PREFIX = 30
"""Bytes that tell the format of a file, and the size of a WebP."""

_PLUGINS = (
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
    TiffImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Jpeg2KImagePlugin,
    AvifImagePlugin,
    PpmImagePlugin,
)
# A closed list, imported here and not found by Pillow's search: some of Pillow's other readers start external programs
# (EPS) or have no signature and take arbitrary bytes for a picture (TGA).
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF", "PPM", "DIB")

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
"""What a HEIF file says it is. Pillow reads AVIF, which may call itself mif1, too, and is asked first."""
_UNSUPPORTED = re.compile(
    r"unsupported|not (yet )?supported|cannot handle|decoder \S+ not available|unknown (pixel mode|data organization)"
    r"|unable to determine J2K image mode",
    re.IGNORECASE,
)
"""What Pillow's readers say of a sound file of a kind that they do not read."""
_CODECS_OF_SOME_LIBTIFF = ("webp", "zstd", "lzma", "tiff_sgilog", "tiff_sgilog24", "tiff_thunderscan")
"""Compressions of TIFF that libtiff may have been built without; it then says no more than a number."""
_ORIENTATION_TAG = 0x0112
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """A picture ready to be shown and described.

    ``pixels`` has mode RGB, 8 bits a sample, EXIF orientation applied (or I;16, white at 65535, where that was asked
    for); ``path`` is None when it came from bytes.
    """

    pixels: Image.Image
    path: Path | None = None

    @property
    def width(self) -> int:
        """Pixels, orientation applied."""
        return self.pixels.width

    @property
    def height(self) -> int:
        """Pixels, orientation applied."""
        return self.pixels.height


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    """What the header of a picture says. ``width`` and ``height`` are pixels as displayed; ``orientation`` is what EXIF
    says and readers have to apply themselves, 1 to 8 (TIFF and HEIF come turned)."""

    width: int
    height: int
    orientation: int = 1

    @property
    def is_turned(self) -> bool:
        """Whether a reader that ignores EXIF sees the picture otherwise than it is displayed."""
        return self.orientation != 1


class DecodeCancelledError(Exception):
    """The caller does not want the picture any more. It never reaches a user, so it is none of our errors."""


class _WatchedStream(io.RawIOBase):
    """A file that stops a decoder, which reads it in blocks, once ``cancelled`` says so."""

    def __init__(self, stream: IO[bytes], cancelled: Callable[[], bool]) -> None:
        self._stream = stream
        self._cancelled = cancelled

    def read(self, size: int | None = -1) -> bytes:
        if self._cancelled():
            raise DecodeCancelledError
        return self._stream.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def decode_image(
    path: Path | str,
    *,
    max_pixels: int = MAX_PIXELS,
    draft: int = 1,
    keep_depth: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> DecodedImage:
    """The picture in the file ``path``.

    Args:
        path: the file.
        max_pixels: width x height that is decoded at most, after ``draft``.
        draft: 1, 2, 4 or 8. A JPEG is decoded to this part of its width and height, rounded up, which is faster and
            needs less memory; other formats ignore it.
        keep_depth: give 16-bit gray as it is, in mode I;16 with white at 65535, and not as RGB.
        cancelled: asked between blocks of the file.

    Raises:
        DecodeCancelledError: ``cancelled`` said so.
        ImageError: the file is missing, is not a file, is empty, cannot be read, is not a picture of a known format, is
            truncated or damaged, or has more than ``max_pixels`` pixels (told from its header, before decoding).
    """
    path = Path(path)
    with _reading(path) as file:
        stream = cast("IO[bytes]", _WatchedStream(file, cancelled)) if cancelled else file
        pixels = _decode(stream, name=str(path), max_pixels=max_pixels, draft=draft, keep_depth=keep_depth)
        return DecodedImage(pixels, path)


def read_size(path: Path | str) -> tuple[int, int]:
    """Width and height of `read_header`, with its errors."""
    header = read_header(path)
    return header.width, header.height


def read_header(path: Path | str) -> PhotoHeader:
    """Size, in pixels, of the picture in ``path`` as ``decode_image`` will give it, and how its file is turned.

    Only a PNG that keeps its orientation behind the pixels is decoded for it.

    Raises:
        ImageError: as ``decode_image``, as far as the header tells.
    """
    path = Path(path)
    with _reading(path) as stream:
        image = _open(stream, name=str(path))
        width, height = image.size
        if isinstance(image, TiffImagePlugin.TiffImageFile):  # Pillow gives the size of the turned picture already
            return PhotoHeader(width, height)
        is_png = isinstance(image, PngImagePlugin.PngImageFile)
        if is_png and "exif" not in image.info and not _has_late_exif(stream):
            image.info["exif"] = b""  # else Pillow would decode the picture to look for it
        orientation = _orientation(image)
        if orientation >= 5:
            width, height = height, width
        return PhotoHeader(width, height, orientation)


def size_if_readable(path: Path) -> tuple[int, int] | None:
    """`read_size`, or None where it fails: decoding says what is wrong with the picture, when its turn comes."""
    try:
        return read_size(path)
    except ImageError:
        return None


def read_orientation(path: Path | str) -> int:
    """EXIF orientation, 1 to 8, of the picture in ``path``: how it is turned before it is displayed.

    Raises:
        ImageError: as ``decode_image``, as far as the header tells.
    """
    path = Path(path)
    with _reading(path) as stream:
        return _orientation(_open(stream, name=str(path)))


def decode_bytes(data: bytes, *, name: str, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """The picture in ``data``; ``name`` is what messages call it.

    Raises:
        ImageError: as ``decode_image``.
    """
    if not data:
        raise ImageError("{name} is empty (0 bytes): copy or export it again.", name=name)
    return DecodedImage(_decode(io.BytesIO(data), name=name, max_pixels=max_pixels))


@contextmanager
def _reading(path: Path) -> Iterator[IO[bytes]]:
    """The open file ``path``; what goes wrong in reading it becomes an ImageError."""
    try:
        if not path.exists():
            raise ImageError("{path} does not exist: check the path.", path=path)
        if not path.is_file():
            if path.is_dir():
                raise ImageError("{path} is a folder: give the path of a picture.", path=path)
            raise ImageError("{path} is not a regular file: give the path of a picture.", path=path)
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size == 0:
                raise ImageError("{path} is empty (0 bytes): copy or export it again.", path=path)
            yield stream
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise ImageError(
            "{path} cannot be read ({reason}): check the path and its permissions.", path=path, reason=error
        ) from error


def _has_late_exif(stream: IO[bytes]) -> bool:
    """Whether a PNG has a chunk behind its pixels that may hold an orientation: EXIF, or XMP in a text chunk."""
    before = stream.tell()
    stream.seek(8)
    pixels_seen = has_late = False
    while not has_late and len(head := stream.read(8)) == 8:
        kind = head[4:]
        pixels_seen = pixels_seen or kind == b"IDAT"
        has_late = pixels_seen and kind in (b"eXIf", b"iTXt", b"zTXt", b"tEXt")
        stream.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
    stream.seek(before)
    return has_late


def _decode(stream: IO[bytes], *, name: str, max_pixels: int, draft: int = 1, keep_depth: bool = False) -> Image.Image:
    image = _open(stream, name=name)
    if draft > 1 and isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(None, (max(1, image.width // draft), max(1, image.height // draft)))
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            "{name} has {width} x {height} pixels, more than the limit of {limit} million: make it smaller.",
            name=name,
            width=width,
            height=height,
            limit=f"{max_pixels / 1e6:g}",
        )
    try:
        low_bytes = low_byte_rawmodes(image)
        loaded = _loaded(image)
        turn = _TURN.get(_orientation(image))
        if keep_depth and is_sixteen_bit(loaded):
            pixels = sixteen_bit(loaded)
        elif low_bytes and is_dark(loaded):
            pixels = to_rgb(with_low_bytes(loaded, _low_bytes(low_bytes, stream, name=name)))
        else:
            pixels = to_rgb(loaded)
        del loaded
        image.im = None  # type: ignore[assignment]  # what was not taken over is freed before the picture is turned
        if turn is not None:
            pixels = pixels.transpose(turn)
    except DecodeCancelledError:
        raise
    except Image.DecompressionBombError as error:  # TIFF: tiles larger than the whole picture
        raise ImageError(
            "{name} is too large to be decoded ({reason}): make it smaller.", name=name, reason=_first_line(error)
        ) from error
    except MemoryError as error:
        raise ImageError(
            "{name} ({width} x {height} pixels) does not fit into memory: make it smaller.",
            name=name,
            width=width,
            height=height,
        ) from error
    except Exception as error:  # readers raise almost any type on damaged files
        if _is_unsupported(image, error):
            raise _unsupported(name, image.format or "", error) from error
        raise ImageError(
            "{name} is truncated or damaged ({reason}): copy or export it again.", name=name, reason=_first_line(error)
        ) from error
    pixels.info = {}  # the orientation and the profile in it have been applied and must not be applied twice
    return pixels


def _loaded(image: ImageFile.ImageFile) -> Image.Image:
    """``image`` with its pixels in memory, four bytes each."""
    if isinstance(image, WebPImagePlugin.WebPImageFile):
        # What Pillow's own load does, without a copy, and without the decoder's two canvases once there is a picture.
        data, _, _ = image._get_next()
        image._decoder = None
        loaded = Image.frombuffer(
            "RGBA" if image.mode == "RGBA" else "RGBX", image.size, data, "raw", image.rawmode, 0, 1
        )
        loaded.info = image.info
        return loaded
    image.load()
    return image


def _low_bytes(rawmodes: list[str], stream: IO[bytes], *, name: str) -> Image.Image:
    """The 16-bit color picture in ``stream``, read with ``rawmodes``, which keep the low bytes."""
    stream.seek(0)
    low = _open(stream, name=name)
    low.tile = [
        tile._replace(args=(rawmode, *tile[3][1:]) if isinstance(tile[3], tuple) else rawmode)
        for tile, rawmode in zip(low.tile, rawmodes, strict=True)
    ]
    low.load()
    return low


def _check_webp(prefix: bytes, *, name: str) -> None:
    """Raises: ImageError: a canvas for the picture, of which libwebp makes two when a file is opened, is too large."""
    size = WebPImagePlugin._get_size(prefix)
    if size is not None and size[0] * size[1] > MAX_WEBP_PIXELS:
        raise ImageError(
            "{name} is a WebP picture of {width} x {height} pixels, and more than {limit} million of them need too "
            "much memory to be decoded: convert it to JPEG or PNG.",
            name=name,
            width=size[0],
            height=size[1],
            limit=f"{MAX_WEBP_PIXELS / 1e6:g}",
        )


def _open(stream: IO[bytes], *, name: str) -> ImageFile.ImageFile:
    """The header of the picture, as ``Image.open`` reads it but without its process-wide pixel limit."""
    prefix = stream.read(_PREFIX)
    for format_name in _FORMATS:
        factory, accept = Image.OPEN[format_name]
        if accept is None or len(prefix) < 4 or accept(prefix) is not True:
            continue
        if format_name == "WEBP":
            _check_webp(prefix, name=name)
        stream.seek(0)
        try:
            # No file name for the reader: given one, Pillow may map the file into memory, and a file that shrinks while
            # it is mapped kills the process.
            return factory(stream, "")
        except DecodeCancelledError:
            raise
        except Image.DecompressionBombError as error:
            raise ImageError(
                "{name} is too large to be decoded ({reason}): make it smaller.", name=name, reason=_first_line(error)
            ) from error
        except Exception as error:  # readers raise almost any type on damaged files
            # Of a TIFF, a compression that Pillow does not know is a key that its table lacks.
            unknown_key = format_name == "TIFF" and isinstance(error.__cause__, KeyError)
            if unknown_key or _UNSUPPORTED.search(str(error)):
                raise _unsupported(name, format_name, error) from error
            raise ImageError(
                "{name} starts as {format_name} but is truncated or damaged ({reason}): copy or export it again.",
                name=name,
                format_name=format_name,
                reason=_first_line(error),
            ) from error
    if prefix[4:8] == b"ftyp" and prefix[8:12] in _HEIF_BRANDS:
        return _open_heif(stream, name=name)
    raise ImageError(
        "{name} is not a picture of a known format ({choices}): convert it to one of them.",
        name=name,
        choices=", ".join(_FORMATS),
    )


def _open_heif(stream: IO[bytes], *, name: str) -> ImageFile.ImageFile:
    try:
        from pillow_heif import HeifImageFile  # late: an extra, and its libraries take 20 MB
    except ImportError as error:
        raise ImageError(
            "{name} is a HEIC picture, which needs pillow-heif: install it with pip install 'roi-assistant[heif]', or "
            "convert the picture to JPEG.",
            name=name,
        ) from error
    stream.seek(0)
    try:
        return cast("ImageFile.ImageFile", HeifImageFile(stream, ""))
    except DecodeCancelledError:
        raise
    except Exception as error:
        raise ImageError(
            "{name} starts as {format_name} but is truncated or damaged ({reason}): copy or export it again.",
            name=name,
            format_name="HEIF",
            reason=_first_line(error),
        ) from error


def _is_unsupported(image: ImageFile.ImageFile, error: Exception) -> bool:
    """Whether the file is sound as far as anybody can tell, but nobody here reads its kind."""
    if _UNSUPPORTED.search(str(error)):
        return True
    return isinstance(image, TiffImagePlugin.TiffImageFile) and (
        image.info.get("compression") in _CODECS_OF_SOME_LIBTIFF
    )


def _unsupported(name: str, format_name: str, error: Exception) -> ImageError:
    return ImageError(
        "{name} is a {format_name} picture of a kind that is not supported ({reason}): convert it to PNG or JPEG.",
        name=name,
        format_name=format_name,
        reason=f"compression {error}" if isinstance(error.__cause__, KeyError) else _first_line(error),
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8 that is still to be applied. Call it after ``load``: PNG may hold EXIF behind the pixels,
    and TIFF pictures are turned by Pillow while loading."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception as error:  # unreadable EXIF raises almost any type; the picture itself is fine
        _log.warning("EXIF of a picture cannot be read: %s", error)
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
