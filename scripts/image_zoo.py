"""A folder of pictures of every awkward kind, and a walk through it in the program.

    python scripts/image_zoo.py make FOLDER --many 50000      # only the files
    python scripts/image_zoo.py walk --many 50000             # make them, open them in the program, say how it went

The walk opens the folder by ``roi-assistant open`` without a display, goes from picture to picture by keys, and
measures with a timer how long the window was ever deaf. It fails when a picture that can be read is not shown in its
right size and the right way up, when one that cannot be read is shown without its reason, or when a file is missing
from the list.
Pillow and numpy only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow

WIDTH, HEIGHT = 240, 160
CORNER = (220, 30, 30)
"""The color of the top left corner of most pictures, as they are to be shown."""
_STORED = {  # orientation -> how the displayed picture is turned to be stored
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Specimen:
    """One file. ``size`` is width and height as displayed, None for one that cannot be read; ``reason`` is then in what
    is said about it. ``corner`` is the color that must be at the top left."""

    key: str
    size: tuple[int, int] | None = (WIDTH, HEIGHT)
    reason: str = ""
    corner: tuple[int, int, int] | None = None


@dataclass
class Zoo:
    """What ``make_zoo`` has made: one specimen for each file that must be in the list."""

    folder: Path
    specimens: list[Specimen] = field(default_factory=list)

    def path(self, key: str) -> Path:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def picture(mode: str = "RGB") -> Image.Image:
    """White, with a red corner at the top left."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    image.paste(CORNER, (0, 0, WIDTH // 3, HEIGHT // 3))
    return image.convert(mode)


def make_zoo(folder: Path, *, many: int = 500, large: int = 20_000, jpeg: bool = False) -> Zoo:
    """Fill the empty folder ``folder``. ``large`` is the side of the huge picture in pixels, 0 for none; with ``jpeg``
    there is a huge JPEG, too (its making takes 1 GB of memory). ``many`` tiny files lie in a folder of their own."""
    zoo = Zoo(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for make in (make_kinds, make_orientations, make_broken, make_names, make_links):
        make(zoo)
    if large:
        make_huge(zoo, large, jpeg=jpeg)
    make_many(zoo, many)
    return zoo


def make_kinds(zoo: Zoo) -> None:
    def save(key: str, image: Image.Image, corner: bool = True, **options: object) -> None:
        image.save(zoo.path(key), **options)
        zoo.specimens.append(Specimen(key, corner=CORNER if corner else None))

    gray = np.full((HEIGHT, WIDTH), 0x8000, np.uint16)
    gray[: HEIGHT // 3, : WIDTH // 3] = 0
    save("kinds/16-bit.tiff", Image.fromarray(gray), corner=False)
    save("kinds/16-bit.png", Image.fromarray(gray), corner=False)
    save("kinds/float.tiff", Image.fromarray((gray / 65535).astype(np.float32)), corner=False)
    save("kinds/cmyk.jpg", picture("CMYK"), quality=95)
    save("kinds/cmyk.tif", picture("CMYK"))
    save("kinds/palette.png", picture().quantize(16))
    save("kinds/bilevel.png", picture("1"), corner=False)
    save("kinds/alpha.png", picture("RGBA"))
    save("kinds/progressive.jpg", picture(), progressive=True, quality=95)
    save("kinds/interlaced.gif", picture(), interlace=1)
    save("kinds/lossless.webp", picture(), lossless=True)
    save("kinds/plain.bmp", picture())
    save("kinds/plain.ppm", picture())
    save("kinds/UPPER.JPG", picture(), quality=95)
    frames = [Image.new("RGB", (WIDTH, HEIGHT), color) for color in ("blue", "green")]
    for suffix in ("gif", "webp"):
        save(f"kinds/animated.{suffix}", picture(), save_all=True, append_images=frames, duration=40, loop=0)
    save("kinds/pages.tif", picture(), save_all=True, append_images=frames)
    with contextlib.suppress(OSError, KeyError):  # Pillow was built without it
        save("kinds/plain.avif", picture(), quality=95)
    with contextlib.suppress(OSError, KeyError):
        save("kinds/plain.jp2", picture())
    picture().save(zoo.path("kinds/really a png.jpg"), "PNG")
    zoo.specimens.append(Specimen("kinds/really a png.jpg", corner=CORNER))
    for name, size in (("one pixel", (1, 1)), ("line", (3000, 1)), ("column", (1, 3000))):
        Image.new("RGB", size, "navy").save(zoo.path(f"kinds/{name}.png"))
        zoo.specimens.append(Specimen(f"kinds/{name}.png", size))


def make_orientations(zoo: Zoo) -> None:
    for number in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = number
        image = picture()
        stored = image.transpose(_STORED[number]) if number > 1 else image
        key = f"orientation/{number}.jpg"
        stored.save(zoo.path(key), quality=95, exif=exif)
        zoo.specimens.append(Specimen(key, corner=CORNER))


def make_broken(zoo: Zoo) -> None:
    def broken(key: str, data: bytes, reason: str) -> None:
        zoo.path(key).write_bytes(data)
        zoo.specimens.append(Specimen(key, None, reason))

    whole = zoo.path("broken/whole.jpg")
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    for suffix in ("jpg", "png", "tif", "webp"):
        Image.fromarray(noise).save(whole.with_suffix(f".{suffix}"))
        data = whole.with_suffix(f".{suffix}").read_bytes()
        whole.with_suffix(f".{suffix}").unlink()
        broken(f"broken/half.{suffix}", data[: len(data) // 2], "truncated")
    broken("broken/empty.jpg", b"", "empty")
    broken("broken/empty.png", b"", "empty")
    broken("broken/text.png", b"I am no picture.\n" * 50, "not a picture")
    broken("broken/zeros.jpg", bytes(4096), "not a picture")
    broken("broken/only a head.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "truncated")
    broken("broken/page.html.jpg", b"<!doctype html><title>404 Not Found</title>", "not a picture")
    broken("broken/claims much.png", _png_head(300_000, 300_000) + _chunk(b"IEND", b""), "pixels")
    broken("broken/claims more than it has.png", _png_head(5000, 5000) + _chunk(b"IEND", b""), "truncated")
    if hasattr(os, "geteuid") and os.geteuid() != 0:  # root may read everything
        key = "broken/private.png"
        picture().save(zoo.path(key))
        zoo.path(key).chmod(0)
        zoo.specimens.append(Specimen(key, None, "cannot be read"))


def make_names(zoo: Zoo) -> None:
    names = [
        "日本語の写真.png",
        "عربي.png",
        "e\u0301 apart and \xe9 together.png",
        "\U0001f98a\u200d\U0001f98a.png",
        "new\nline.png",
        "tab\tand  two blanks .png",
        "quote ' \" ` and \\ back.png",
        "{} {0} %s %d %%.png",
        "<b>bold</b> &amp; <region1>.png",
        "; DROP TABLE images; --.png",
        "#hash ?query=1&b.png",
        "file:..%2f.png",
        "-rf.png",
        "~.png",
        "x" * (255 - 4) + ".png",
        "写" * ((255 - 4) // 3) + ".png",
        "\u202egnp.exe.png",
    ]
    if sys.platform.startswith("linux"):
        names += [os.fsdecode(b"latin1 \xfc.png"), os.fsdecode(b"\xff\xfe.png")]
    for name in names:
        key = f"names/{name}"
        try:
            picture().save(zoo.path(key), "PNG")
        except OSError as error:
            print(f"this disk cannot hold {name[:30]!r}: {error}", file=sys.stderr)
            continue
        zoo.specimens.append(Specimen(key, corner=CORNER))
    deep = "deep/" + "/".join(f"{level:02d} " + "d" * 60 for level in range(30)) + "/leaf.png"
    picture().save(zoo.path(deep))
    zoo.specimens.append(Specimen(deep, corner=CORNER))


def make_links(zoo: Zoo) -> None:
    """Links that lead in circles, nowhere, and to a picture; only the last is to be found."""
    base = zoo.path("links/inner/real.png")
    picture().save(base)
    zoo.specimens.append(Specimen("links/inner/real.png", corner=CORNER))
    links = zoo.folder / "links"
    for name, target in (
        ("up", ".."),
        ("itself", "itself"),
        ("inner/back", "../inner"),
        ("ping", "pong"),
        ("pong", "ping"),
        ("nowhere.png", "there is nothing.png"),
        ("loop.png", "loop.png"),
        ("a picture.png", "inner/real.png"),
    ):
        (links / name).symlink_to(target)
    zoo.specimens.append(Specimen("links/a picture.png", corner=CORNER))
    (links / "folder.png").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(links / "pipe.png")  # reading it would wait for ever


def make_huge(zoo: Zoo, side: int, *, jpeg: bool = False) -> None:
    key = f"huge/{side}.png"
    with open(zoo.path(key), "wb") as stream:
        stream.write(_png_head(side, side))
        packer = zlib.compressobj(1)
        row = b"\0" + b"\x60" * side
        packed = b""
        for _ in range(side):
            packed += packer.compress(row)
            if len(packed) > 1 << 16:
                stream.write(_chunk(b"IDAT", packed))
                packed = b""
        stream.write(_chunk(b"IDAT", packed + packer.flush()))
        stream.write(_chunk(b"IEND", b""))
    zoo.specimens.append(Specimen(key, (side, side), corner=(0x60, 0x60, 0x60)))
    if jpeg:
        key = f"huge/{side}.jpg"
        Image.new("L", (side, side), 0x60).save(zoo.path(key), quality=50)
        zoo.specimens.append(Specimen(key, (side, side), corner=(0x60, 0x60, 0x60)))


def make_many(zoo: Zoo, count: int) -> None:
    data = _png_head(2, 2) + _chunk(b"IDAT", zlib.compress(b"\0\x80\x80" * 2)) + _chunk(b"IEND", b"")
    for number in range(count):
        key = f"many/{number // 1000:03d}/{number:05d}.png"
        is_empty = number % 100 == 99
        path = zoo.folder / key
        if number % 1000 == 0:
            path.parent.mkdir(parents=True)
        with open(path, "wb", buffering=0) as stream:
            stream.write(b"" if is_empty else data)
        zoo.specimens.append(Specimen(key, None, "empty") if is_empty else Specimen(key, (2, 2)))


def _png_head(width: int, height: int) -> bytes:
    """Up to the pixels of a PNG of 8-bit gray."""
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# ------------------------------------------------------------------------------------------------------------ the walk


@dataclass
class Walked:
    """How a walk went: ``worst`` are the most seconds without an answer of the window, ``pauses`` says what ran in such
    times, ``wrong`` are sentences about what is not as it must be."""

    images: int = 0
    visited: int = 0
    unreadable: int = 0
    worst: float = 0.0
    pauses: str = ""
    first_picture: float = 0.0
    all_listed: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.images} pictures in the list, {self.visited} looked at, {self.unreadable} of these unreadable",
                f"first picture after {self.first_picture:.2f} s, list complete after {self.all_listed:.2f} s",
                self.pauses,
                *(f"WRONG: {text}" for text in self.wrong),
            ]
        )


def walk(zoo: Zoo, *, most: int = 700, look: Callable[[MainWindow, Specimen], None] | None = None) -> Walked:
    """Open ``zoo`` in the program and go through it by keys; of more than ``most`` pictures of the same kind (those of
    ``many``) only some. ``look`` is called at each picture."""
    from PyQt6.QtCore import Qt
    from PyQt6.QtTest import QTest

    from benchmarks.heartbeat import Heartbeat
    from tests.gui.application_fixtures import run_program, wait_for

    walked = Walked()
    by_key = {specimen.key: specimen for specimen in zoo.specimens}
    begun = time.perf_counter()

    def drive(window: MainWindow) -> None:
        heart = Heartbeat()
        session, canvas = window.session, window.workspace.canvas
        shown: dict[str, object] = {}
        canvas.picture.imageLoaded.connect(lambda key, width, height: shown.__setitem__(key, (width, height)))
        canvas.picture.imageFailed.connect(lambda key, message: shown.__setitem__(key, message))
        wait_for(lambda: session.image.key and session.image.key in shown, "the first picture")
        walked.first_picture = time.perf_counter() - begun
        wait_for(lambda: not session.images.scanning and session.folder is not None, "the end of the search")
        read: list[object] = []
        session.store.read(
            lambda project: project.image_count(), read.append
        )  # after the list was read for the last time
        wait_for(lambda: read, "the whole list")
        walked.all_listed = time.perf_counter() - begun
        walked.images = len(session.images.keys)
        missing = by_key.keys() - set(session.images.keys)
        unknown = set(session.images.keys) - by_key.keys()
        walked.wrong += [f"not in the list: {key!r}" for key in sorted(missing)[:20]]
        walked.wrong += [f"should not be in the list: {key!r}" for key in sorted(unknown)[:20]]
        special = [key for key in session.images.keys if not key.startswith("many/")]
        plenty = [key for key in session.images.keys if key.startswith("many/")]
        stride = max(1, len(plenty) // max(1, most - len(special)))
        for key in [*special, *plenty[::stride]]:
            heart.doing = key
            here, target = session.images.index(session.image.key), session.images.index(key)
            if here is not None and target == here + 1:
                canvas.setFocus()
                QTest.keyClick(canvas, Qt.Key.Key_D)
            else:
                session.open_image(key)
            if session.image.key != key:
                walked.wrong.append(f"{key!r} was to be shown, {session.image.key!r} is")
                continue
            wait_for(lambda key=key: key in shown and session.history.state is not None, f"{key!r}")  # type: ignore[misc]
            walked.visited += 1
            _judge(window, by_key[key], shown[key], walked)
            if look is not None:
                look(window, by_key[key])
            heart.leave_out()
        heart.doing = "many steps at once"
        for _ in range(200):
            QTest.keyClick(canvas, Qt.Key.Key_A)
            QTest.qWait(1)
        wait_for(lambda: session.image.key in shown and session.history.state is not None, "the picture at the end")
        heart.doing = "closing"
        heart.stop()
        walked.worst, walked.pauses = heart.worst.ours / 1000, heart.report()
        walked.wrong += [f"left in the bar: {notice.text}" for notice in window.bar.notices]

    code = run_program(drive, "open", str(zoo.folder))
    if code:
        walked.wrong.append(f"the program ended with {code}")
    return walked


def _judge(window: MainWindow, specimen: Specimen, shown: object, walked: Walked) -> None:
    from roi_assistant.ui.look.translation import translated

    session = window.session
    row = session.images.row(specimen.key)
    line = window.status.place.text()
    if len(line.splitlines()) != 1 or "\u202e" in line:
        walked.wrong.append(f"{specimen.key!r} spoils the line at the bottom: {line!r}")
    if specimen.size is None:
        walked.unreadable += 1
        if not isinstance(shown, str) or specimen.reason not in shown:
            walked.wrong.append(f"{specimen.key!r} cannot be read, and what is said is {shown!r}")
        elif not translated(row.problem) == translated(shown) == window.workspace.canvas.picture.message:
            canvas = window.workspace.canvas.picture.message
            walked.wrong.append(
                f"{specimen.key!r}: {shown!r}, but the list says {row.problem!r}, the canvas {canvas!r}"
            )
        return
    if shown != specimen.size:
        walked.wrong.append(f"{specimen.key!r} should have {specimen.size} pixels, and this came: {shown!r}")
    elif row.problem:
        walked.wrong.append(f"{specimen.key!r} is shown, and the list says {row.problem!r}")
    elif specimen.corner is not None:
        color = _color_at(window, specimen)
        if max(abs(a - b) for a, b in zip(color, specimen.corner, strict=True)) > 40:
            walked.wrong.append(f"{specimen.key!r} has {color} at the top left instead of {specimen.corner}")


def _color_at(window: MainWindow, specimen: Specimen) -> tuple[int, int, int]:
    """The color on the screen a little inside of the top left corner of the picture."""
    assert specimen.size is not None
    canvas = window.workspace.canvas
    point = canvas.mapFromScene(specimen.size[0] * 0.08, specimen.size[1] * 0.08)
    view = canvas.viewport()
    assert view is not None
    color = view.grab().toImage().pixelColor(point)
    return color.red(), color.green(), color.blue()


@contextlib.contextmanager
def _work_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="roi-zoo-") as made:
        yield Path(made)


def main() -> int:
    parser = argparse.ArgumentParser(description="Awkward pictures, and a walk through them in the program.")
    parser.add_argument("what", choices=("make", "walk"))
    parser.add_argument("folder", type=Path, nargs="?", help="an empty folder (walk: a temporary one)")
    parser.add_argument("--many", type=int, default=500, help="tiny files besides (500)")
    parser.add_argument("--large", type=int, default=20_000, help="side of the huge picture in pixels (20000)")
    parser.add_argument("--jpeg", action="store_true", help="a huge JPEG, too")
    arguments = parser.parse_args()
    if arguments.what == "make":
        if arguments.folder is None:
            parser.error("make needs a folder")
        zoo = make_zoo(arguments.folder, many=arguments.many, large=arguments.large, jpeg=arguments.jpeg)
        print(f"{len(zoo.specimens)} pictures in {zoo.folder}")
        return 0
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with _work_folder(arguments.folder) as folder:
        from tests.gui import application_fixtures

        application_fixtures.PATIENCE = 600.0
        os.environ["ROI_ASSISTANT_HOME"] = str(folder / "home")
        application_fixtures.install(folder / "home")
        begun = time.perf_counter()
        zoo = make_zoo(folder / "zoo", many=arguments.many, large=arguments.large, jpeg=arguments.jpeg)
        print(f"{len(zoo.specimens)} pictures made in {time.perf_counter() - begun:.1f} s", flush=True)
        walked = walk(zoo)
    print(walked)
    return 1 if walked.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
