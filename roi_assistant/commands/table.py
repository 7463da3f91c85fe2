"""Captions for people: a table where the terminal is wide enough, aligned lines elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

from roi_assistant.commands.console import is_terminal, printable
from roi_assistant.commands.describing import DescribedImage
from roi_assistant.core.box import Box, format_box
from roi_assistant.core.records import RegionText, SuggestedAttribute

MIN_TABLE_COLUMNS = 100
UNSURE_MARK = "?"
_LABEL = 14


def print_captions(result: DescribedImage) -> None:
    """Print what was written about one image to stdout."""
    if is_terminal(sys.stdout) and shutil.get_terminal_size().columns >= MIN_TABLE_COLUMNS:
        _print_table(result)
    else:
        print("\n".join(plain_lines(result)))


def heading(result: DescribedImage) -> str:
    """The line above the regions of an image: its path and its size in pixels."""
    return f"{printable(str(result.requested.path))}  {result.width} x {result.height}"


def plain_lines(result: DescribedImage) -> Iterator[str]:
    """Heading, then per region its box and one labelled line per statement, the score in front."""
    yield heading(result)
    for number, text in enumerate(result.texts, start=1):
        yield f"{number:>3}  {_box(text.box)}" + ("  unsure" if text.unsure else "")
        for label, score, words in statements(text):
            mark = UNSURE_MARK if text.unsure and label in ("caption", "category") else " "
            yield f"     {label:<{_LABEL}} {mark} {score:.2f}  {words}"


def statements(text: RegionText) -> Iterator[tuple[str, float, str]]:
    """(label, score, words) of caption, alternatives, category and attributes; later alternatives have no label."""
    yield "caption", text.caption.score, printable(text.caption.text)
    for rank, item in enumerate(text.alternatives):
        yield "" if rank else "alternatives", item.score, printable(item.text)
    if text.category is not None:
        yield "category", text.category.score, printable(text.category.text)
    for attribute in text.attributes:
        yield printable(attribute.name), attribute.score, _values(attribute)


def _print_table(result: DescribedImage) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(heading(result), style="bold"), title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    for name in ("box", "caption", "alternatives", "category", "attributes"):
        table.add_column(name, overflow="fold")
    for number, text in enumerate(result.texts, start=1):
        mark = f"{UNSURE_MARK} " if text.unsure else ""
        style = "yellow" if text.unsure else "green"
        attributes = (f"{printable(a.name)}: {_values(a)} {a.score:.2f}" for a in text.attributes)
        table.add_row(
            Text(str(number)),
            Text(_box(text.box)),
            Text(f"{mark}{printable(text.caption.text)} {text.caption.score:.2f}", style=style),
            Text("\n".join(f"{printable(item.text)} {item.score:.2f}" for item in text.alternatives)),
            Text(
                f"{mark}{printable(text.category.text)} {text.category.score:.2f}" if text.category else "", style=style
            ),
            Text("\n".join(attributes)),
        )
    Console(highlight=False).print(table)


def _values(attribute: SuggestedAttribute) -> str:
    source = " (pixels)" if attribute.source == "pixels" else ""
    return printable(", ".join(attribute.values)) + source


def _box(box: Box) -> str:
    return format_box(round(value, 1) for value in box.xyxy)
