"""What is written in boxes, read with RapidOCR: signs, plates, labels, screens, in Latin letters and Chinese."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING

from roi_assistant.api import MissingDependencyError, hookimpl

if TYPE_CHECKING:
    from roi_assistant.api import TextReader, TextReaderFactory


def load(*, threads: int | None = None) -> TextReader:
    """The reader on ``threads`` CPU threads (None: all).

    Raises:
        MissingDependencyError: RapidOCR is not installed.
        ModelFileError: its weights are missing or damaged.
    """
    if importlib.util.find_spec("rapidocr") is None:
        raise MissingDependencyError(
            "Reading what is written in boxes needs RapidOCR: pip install 'roi-assistant[ocr]'."
        )
    from .reader import RapidOcrReader

    return RapidOcrReader.load(threads=threads)


@hookimpl
def register_text_readers(register: Callable[[str, TextReaderFactory], None]) -> None:
    """RapidOCR with the weights in its wheel."""
    register("rapidocr", load)
