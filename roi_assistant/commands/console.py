"""What all commands share about the terminal: messages on stderr, safe text, the trace of an error.

Results go to stdout and everything else to stderr, so that a pipe sees results only.
"""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager

_state = {"verbose": False}


def set_verbose(value: bool) -> None:
    """Whether errors also show their trace on stderr."""
    _state["verbose"] = value


def is_verbose() -> bool:
    """Whether ``--verbose`` was given."""
    return _state["verbose"]


def _verbose_option(value: bool) -> None:
    if value:
        set_verbose(True)


Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_verbose_option, is_eager=True, help="Show the trace of an error."),
]
"""The ``-v`` option; ``roi-assistant -v command`` and ``roi-assistant command -v`` mean the same."""


def plugins_of(context: typer.Context) -> PluginManager:
    """The plugins of this run of the program; looked for when a command first asks."""
    from roi_assistant.plugins import PluginManager

    root = context.find_root()
    if root.obj is None:
        root.obj = PluginManager()
    plugins: PluginManager = root.obj
    return plugins


def prepare_streams() -> None:
    """Never fail on a stream that was closed (``>&-``), nor on a character that the terminal cannot show.

    What goes to a closed stream is lost; such a character is written as ``\\u4e2d``.
    """
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open as long as the program runs
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    """``text`` on one line without control characters.

    File names may hold anything: line breaks, terminal escape sequences, marks that reverse the direction of writing,
    bytes that are not text. They are shown as ``\\n``, ``\\x1b``, ``\\u202e``, ``\\udcff``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")


def say(message: str) -> None:
    """One line on stderr."""
    print(printable(message), file=sys.stderr, flush=True)


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table on stdout, each column as wide as its longest cell."""
    cells = [list(headings), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def is_terminal(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal on which lines can be rewritten."""
    try:
        return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):  # ValueError: a closed stream
        return False


def show_trace(error: BaseException) -> None:
    """The trace of ``error`` on stderr."""
    import traceback

    traceback.print_exception(error, file=sys.stderr)
