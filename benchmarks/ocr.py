"""How well, and how fast, what is written in boxes is read: words drawn onto the sample photos, by size and angle.

    python benchmarks/ocr.py [--signs 12] [--threads 2]

Each sign has three words or numbers out of a list, dark on light or light on dark, in the font that comes with Pillow,
somewhere on a photo; its box is the sign with 15 % around it. A word counts when it is read as it was written, letter
by letter. ``large`` are the same signs, upright, in a box that is the whole photo of 3000 x 2250 pixels. ``nothing``
are boxes of photos on which nothing is written: each text there is invented. Two mean scores tell whether the score is
worth something. The time is the median of the processor time per box, of all cores together, as other work on the
machine does not change that much.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from roi_assistant.core.box import Box
from roi_assistant.imaging.decode import decode_image
from roi_assistant.interfaces import TextReader
from roi_assistant.plugins import PluginManager
from roi_assistant.resources_path import resource

SIZES = (10, 14, 20, 30, 40, 60)
"""Of the font, in pixels."""
ANGLES = (0, 90, 180, 270, 15, -15)
_TEXT = (
    "STOP EXIT Main Street Harbour Office OPEN closed Platform 42 1987 7B No parking Bakery COFFEE tickets Museum "
    "Gate 12 SALE 50% Library Taxi Central Station push Emergency fire Hotel Reception Room 305 Ladies Danger Keep out "
    "Menu Pizza fresh bread Warning 24h Bus"
)
WORDS = _TEXT.split()
INKS = (("black", "white"), ("white", "navy"), ("white", "#a01010"), ("#202020", "#e8d060"))
NOTHING = ("chelsea", "coffee")
"""Sample photos without a letter on them."""


@dataclass
class Tally:
    """What was read of the signs of one kind."""

    words: int = 0
    right: int = 0
    seconds: list[float] = field(default_factory=list)
    right_scores: list[float] = field(default_factory=list)
    wrong_scores: list[float] = field(default_factory=list)

    def row(self) -> str:
        return f"{100 * self.right / max(1, self.words):5.1f} % {1000 * statistics.median(self.seconds):6.0f} ms"


def drawn_sign(words: list[str], size: int, angle: int, ink: str, paper: str) -> Image.Image:
    font = ImageFont.load_default(size)
    text = " ".join(words)
    left, top, right, bottom = font.getbbox(text)
    sign = Image.new("RGB", (round(right - left) + size, round(bottom - top) + size), paper)
    ImageDraw.Draw(sign).text((size / 2 - left, size / 2 - top), text, font=font, fill=ink)
    turned = sign.convert("RGBA").rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    return turned


def measure(reader: TextReader, photo: Image.Image, box: Box, words: list[str], tally: Tally) -> None:
    start = time.process_time()
    (answer,) = reader.read(photo, [box])
    tally.seconds.append(time.process_time() - start)
    read = Counter(answer.text.split()) if answer is not None else Counter()
    right = sum((read & Counter(words)).values())
    tally.words += len(words)
    tally.right += right
    if answer is not None:
        (tally.right_scores if right == len(words) else tally.wrong_scores).append(answer.score)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--signs", type=int, default=12, help="signs of each size and angle")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reader = PluginManager(user=Path("/no plugins"), packages=False).create_text_reader(threads=options.threads)
    print(f"{reader.info.name}, {options.threads} threads, {options.signs} signs of each kind")
    photos = [decode_image(path).pixels for path in sorted(resource("samples").glob("*.jpg"))]
    chance = random.Random(options.seed)
    tallies: dict[str, Tally] = {}

    def one(kind: str, size: int, angle: int, *, whole: bool = False) -> None:
        words = chance.sample(WORDS, 3)
        sign = drawn_sign(words, size, angle, *chance.choice(INKS))
        photo = chance.choice(photos).copy()
        if whole or min(photo.size) < max(sign.size) * 1.4:
            side = 3000 if whole else round(max(sign.size) * 1.5)
            photo = photo.resize((side, round(side * 0.75) if whole else side))
        x = chance.randint(0, photo.width - sign.width)
        y = chance.randint(0, photo.height - sign.height)
        photo.paste(sign, (x, y), sign)
        around = 0.15 * min(sign.size)
        box = Box(
            max(0, x - around),
            max(0, y - around),
            min(photo.width, x + sign.width + around),
            min(photo.height, y + sign.height + around),
        )
        box = Box(0, 0, photo.width, photo.height) if whole else box
        measure(reader, photo, box, words, tallies.setdefault(kind, Tally()))

    for size in SIZES:
        for angle in ANGLES:
            for _ in range(options.signs):
                one(f"{size:3} px {angle:4}°", size, angle)
    for size in (30, 60, 120):
        for _ in range(options.signs):
            one(f"large {size:3} px", size, 0, whole=True)
    for kind, tally in tallies.items():
        print(f"{kind:14} {tally.row()}")
    for name in ("right_scores", "wrong_scores"):
        scores = [score for tally in tallies.values() for score in getattr(tally, name)]
        if scores:
            sure = sum(score >= 0.9 for score in scores)
            print(f"{name}: {len(scores)}, mean {statistics.mean(scores):.3f}, {sure} of 0.9 and more")
    invented, seconds, boxes = [], [], 0
    for name in NOTHING:
        photo = decode_image(resource("samples", f"{name}.jpg")).pixels
        for _ in range(10 * options.signs // 2):
            width, height = (chance.uniform(20, 0.9 * side) for side in photo.size)
            x, y = chance.uniform(0, photo.width - width), chance.uniform(0, photo.height - height)
            start = time.process_time()
            (answer,) = reader.read(photo, [Box(x, y, x + width, y + height)])
            seconds.append(time.process_time() - start)
            boxes += 1
            if answer is not None:
                invented.append(answer.text)
    print(f"nothing: {len(invented)} texts in {boxes} boxes {invented}, {1000 * statistics.median(seconds):.0f} ms")


if __name__ == "__main__":
    main()
