"""Invented photos with colored shapes, their boxes and captions, in the layout of Flickr30k Entities."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 160, 120
COLORS = ("red", "green", "blue", "yellow", "white", "purple")
SHAPES = ("ball", "box", "bar")
_OBJECT = (
    "<object><name>{name}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>"
    "</object>"
)


def make(root: Path, *, train: int, val: int, seed: int = 0) -> None:
    """``root/flickr30k_entities`` with so many photos of each split, two or three things on each."""
    folder = root / "flickr30k_entities"
    for name in ("Annotations", "Sentences", "images"):
        (folder / name).mkdir(parents=True)
    rng = random.Random(seed)
    names = [str(1000 + number) for number in range(train + val)]
    for name in names:
        _photo(folder, name, rng)
    (folder / "train.txt").write_text("\n".join(names[:train]), encoding="utf-8")
    (folder / "val.txt").write_text("\n".join(names[train:]), encoding="utf-8")


def _photo(folder: Path, name: str, rng: random.Random) -> None:
    image = Image.new("RGB", (WIDTH, HEIGHT), (60, 60, 60))
    draw = ImageDraw.Draw(image)
    colors = rng.sample(COLORS, rng.choice((2, 3)))
    objects, words = "", []
    for number, color in enumerate(colors):
        x, y = 4 + 52 * number, rng.randrange(4, 60)
        width, height = rng.randrange(30, 46), rng.randrange(30, 56)
        shape = rng.choice(SHAPES)
        corners = (x, y, x + width, y + height)
        if shape == "ball":
            draw.ellipse(corners, fill=color)
        elif shape == "box":
            draw.rectangle(corners, fill=color)
        else:
            draw.rectangle((x, y + height // 3, x + width, y + 2 * height // 3), fill=color)
        chain = number + 1
        objects += _OBJECT.format(name=chain, x1=x + 1, y1=y + 1, x2=x + width, y2=y + height)
        words.append(f"[/EN#{chain}/other a {color} {shape}]")
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>"
    (folder / f"Annotations/{name}.xml").write_text(f"<annotation>{size}{objects}</annotation>", encoding="utf-8")
    (folder / f"Sentences/{name}.txt").write_text(f"There is {' and '.join(words)} .\n", encoding="utf-8")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    (folder / f"images/{name}.jpg").write_bytes(stream.getvalue())
