"""Text that is safe to print."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.commands.console import is_terminal, prepare_streams, print_rows, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name.jpg", "plain name.jpg"),
        ("café 红杯.jpg", "café 红杯.jpg"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("\x1b[2J", "\\x1b[2J"),
        ("gpj.\u202etxt", "gpj.\\u202etxt"),
        ("raw\udcff", "raw\\udcff"),
        ("\x00\x85", "\\x00\\x85"),
        ("wide\u3000space", "wide\u3000space"),
        ("line\u2028end", "line\\u2028end"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_printable_is_one_line_that_every_unicode_terminal_takes(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
    assert printable(shown) == shown


def test_rows_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("id", "what"), [("long-one", "x"), ("s", "two\nlines")])
    assert capsys.readouterr().out == "id        what\nlong-one  x\ns         two\\nlines\n"


def test_a_narrow_encoding_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    prepare_streams()
    print("杯子")
    assert raw.getvalue() == b"\\u676f\\u5b50\n"


def test_what_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert is_terminal(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Terminal())
    monkeypatch.delenv("TERM")
    assert not is_terminal(io.StringIO())
    assert not is_terminal(None)
    closed = io.StringIO()
    closed.close()
    assert not is_terminal(closed)
