"""Boxes in the texts of conversations: written as a family of models writes them, and found again by its rule.

Numbers, bins and patches are those of `places`; here is how they stand in a sentence. Nothing but the text and the size
of the image is needed to read a box, so that what is read is what a model will be taught.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from roi_assistant.core.box import Box
from roi_assistant.errors import BoxError
from roi_assistant.vlm.places import (
    GRID_KOSMOS,
    LOCATIONS_FLORENCE,
    LOCATIONS_PALIGEMMA,
    BoxForm,
    box_numbers,
    box_of_florence,
    box_of_kosmos,
    box_of_numbers,
    box_of_paligemma,
    box_text,
    florence_locations,
    kosmos_patches,
    paligemma_locations,
    qwen_resized,
)

Size = tuple[int, int]
"""Width and height of an image in pixels, as displayed."""
_NUMBER = r"\s*-?[0-9]{1,9}(?:\.[0-9]{1,9})?\s*"
_ANY_FOUR = rf"\[{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\]"
_FOUR_NUMBERS = re.compile(rf"\[({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBox:
    """A box in a text, at its characters ``start`` to ``end``. ``box`` is in pixels of the image, None where the text
    gives a box without area; ``phrase`` is what the text calls it, "" where it has no name."""

    start: int
    end: int
    box: Box | None
    phrase: str = ""


class BoxSyntax(Protocol):
    """How a family of models writes boxes into sentences."""

    def write(self, box: Box, *, size: Size, phrase: str = "") -> str:
        """``box``, in pixels of an image of ``size``, as it stands in a text; with ``phrase`` its name, too, where the
        family has a place for it.

        Raises:
            ValueError: the family's processor refuses images of this size.
        """

    def find(self, text: str, *, size: Size) -> list[FoundBox]:
        """The boxes in ``text``, in their order. Raises as `write`."""

    def rounding(self, size: Size) -> tuple[float, float]:
        """By how many pixels x and y of a corner may differ at most from what was written. Raises as `write`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resizing:
    """How a processor of Qwen-VL resizes images, see `qwen_resized`. The defaults are those of Qwen2.5-VL."""

    factor: int = 28
    min_pixels: int = 56 * 56
    max_pixels: int = 28 * 28 * 16384

    def of(self, size: Size) -> Size:
        """The size after it. Raises: ValueError: as `qwen_resized`."""
        return qwen_resized(size, factor=self.factor, min_pixels=self.min_pixels, max_pixels=self.max_pixels)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersInText:
    """Boxes as four numbers.

    ``named`` is how a box with a name is written: ``{box}`` beside ``{phrase}``. ``pattern`` finds it; in its groups
    ``boxes`` stand four numbers or several times four, in ``name`` or ``name2``, where it has them, the name.
    ``is_json``: box and name are a JSON object.
    """

    form: BoxForm
    pattern: re.Pattern[str]
    named: str = "{phrase} {box}"
    is_json: bool = False
    resizing: Resizing | None = None

    def write(self, box: Box, *, size: Size, phrase: str = "") -> str:
        """See `BoxSyntax`."""
        text = box_text(box, self.form, size=size, resized=self._resized(size))
        if not phrase:
            return text
        if self.is_json:
            return f'{text[:-1]}, "label": {json.dumps(phrase, ensure_ascii=False)}}}'
        return _named(self.named, text, phrase)

    def find(self, text: str, *, size: Size) -> list[FoundBox]:
        """See `BoxSyntax`."""
        resized, form = self._resized(size), self.form
        found = []
        for match in self.pattern.finditer(text):
            phrase = _name_in(match, is_json=self.is_json)
            for numbers in _FOUR_NUMBERS.finditer(match["boxes"]):
                a, b, c, d = map(float, numbers.groups())
                box = _box(box_of_numbers, (a, b, c, d), form.unit, size=size, resized=resized, y_first=form.y_first)
                found.append(FoundBox(start=match.start(), end=match.end(), box=box, phrase=phrase))
        return found

    def rounding(self, size: Size) -> tuple[float, float]:
        """See `BoxSyntax`."""
        # How many units the sides have is what the box of the whole image ends with.
        unit = self.form.unit
        _, _, across, down = box_numbers(Box(0, 0, *size), unit, size=size, resized=self._resized(size))
        step = 0.001 if unit == "fractions" else 1.0
        return step * size[0] / across / 2, step * size[1] / down / 2

    def _resized(self, size: Size) -> Size | None:
        return self.resizing.of(size) if self.resizing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensInText:
    """Boxes as tokens of a grid with ``cells`` a side. ``token`` writes a box. In the groups ``n1`` to ``n4`` of
    ``pattern`` stand the numbers of which ``read`` makes one, in ``name`` its name. ``off``: by how many cells a corner
    may come back elsewhere."""

    token: Callable[[Box, Size], str]
    read: Callable[[Sequence[int], Size], Box]
    pattern: re.Pattern[str]
    cells: int
    named: str = "{phrase}{box}"
    off: float = 0.5

    def write(self, box: Box, *, size: Size, phrase: str = "") -> str:
        """See `BoxSyntax`."""
        token = self.token(box, size)
        return _named(self.named, token, phrase) if phrase else token

    def find(self, text: str, *, size: Size) -> list[FoundBox]:
        """See `BoxSyntax`."""
        found = []
        for match in self.pattern.finditer(text):
            numbers = [int(number) for name, number in match.groupdict().items() if name != "name"]
            box = _box(self.read, numbers, size) if max(numbers) < self.most else None
            found.append(FoundBox(start=match.start(), end=match.end(), box=box, phrase=_name_in(match)))
        return found

    @property
    def most(self) -> int:
        """Tokens beyond this one do not exist."""
        return GRID_KOSMOS**2 if self.cells == GRID_KOSMOS else self.cells

    def rounding(self, size: Size) -> tuple[float, float]:
        """See `BoxSyntax`."""
        return self.off * size[0] / self.cells, self.off * size[1] / self.cells


def _named(template: str, box: str, phrase: str) -> str:
    before, _, behind = template.partition("{box}")
    return before.replace("{phrase}", phrase) + box + behind.replace("{phrase}", phrase)


def _name_in(match: re.Match[str], *, is_json: bool = False) -> str:
    name = next((text for key, text in match.groupdict().items() if key.startswith("name") and text), "")
    if is_json and name:
        try:
            return str(json.loads(f'"{name}"'))
        except ValueError:
            return ""
    return name.strip()


def _box(make: Callable[..., Box], *numbers: object, **more: object) -> Box | None:
    try:
        return make(*numbers, **more)
    except BoxError:
        return None


def _json_object(key: str) -> re.Pattern[str]:
    label = r'"label"\s*:\s*"(?P<%s>(?:[^"\\]|\\.){0,2000})"'
    return re.compile(
        rf"\{{\s*(?:{label % 'name'}\s*,\s*)?\"{key}\"\s*:\s*(?P<boxes>{_ANY_FOUR})\s*(?:,\s*{label % 'name2'}\s*)?\}}"
    )


BRACKETS = re.compile(rf"(?P<boxes>{_ANY_FOUR})")
"""``[x1, y1, x2, y2]``, as in LLaVA's and Shikra's conversations."""
BBOX_2D, BOX_2D = _json_object("bbox_2d"), _json_object("box_2d")
REF_BOX = re.compile(
    rf"(?:<ref>(?P<name>[^<]*)</ref>)?<box>\s*\[(?P<boxes>\s*{_ANY_FOUR}(?:\s*,\s*{_ANY_FOUR})*\s*)\]\s*</box>"
)
FLORENCE = TokensInText(
    token=lambda box, size: florence_locations(box, size=size),
    read=lambda bins, size: box_of_florence((bins[0], bins[1], bins[2], bins[3]), size=size),
    pattern=re.compile("".join(rf"<loc_(?P<n{n}>[0-9]{{1,3}})>" for n in (1, 2, 3, 4))),
    cells=LOCATIONS_FLORENCE,
)
PALIGEMMA = TokensInText(
    token=lambda box, size: paligemma_locations(box, size=size),
    read=lambda bins, size: box_of_paligemma((bins[0], bins[1], bins[2], bins[3]), size=size),
    pattern=re.compile("".join(rf"<loc(?P<n{n}>[0-9]{{4}})>" for n in (1, 2, 3, 4))),
    cells=LOCATIONS_PALIGEMMA,
    named="{box} {phrase}",
    off=0.5 * LOCATIONS_PALIGEMMA / (LOCATIONS_PALIGEMMA - 1),  # its first and last bin are the borders
)


def _kosmos_token(box: Box, size: Size) -> str:
    first, last = kosmos_patches(box, size=size)
    return f"<object><patch_index_{first:04d}><patch_index_{last:04d}></object>"


KOSMOS = TokensInText(
    token=_kosmos_token,
    read=lambda patches, size: box_of_kosmos(patches[0], patches[1], size=size),
    pattern=re.compile(
        r"(?:<phrase>(?P<name>[^<]*)</phrase>)?<object><patch_index_(?P<n1>[0-9]{4})><patch_index_(?P<n2>[0-9]{4})></object>"
    ),
    cells=GRID_KOSMOS,
    named="<phrase>{phrase}</phrase>{box}",
    off=1.0,
)
