"""What the canvas shows of a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState

Tool = Literal["select", "draw", "pan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxStyle:
    """How boxes are drawn: ``line_width`` in pixels of the screen, ``fill`` the opacity inside, 0 to 100 percent."""

    line_width: int = 2
    fill: int = 0

    @property
    def alpha(self) -> int:
        """``fill`` as Qt counts it, 0 to 255."""
        return round(self.fill * 2.55)


@dataclass(frozen=True, slots=True)
class CanvasRegion:
    """A box with its number and label. ``number`` is the ``<regionN>`` of the chat, 1-based.

    ``box`` is in pixels of the image as displayed. ``label`` may be empty; ``details`` stand below it, smaller, where
    they cover nothing of the box. ``warning`` says why the box is a problem, for example too small for the model;
    ``pending`` that a model is about to describe it. ``color`` is ``#rrggbb``; empty: that of the state.
    """

    id: str
    number: int
    box: Box
    label: str
    state: ReviewState
    details: str = ""
    unsure: bool = False
    locked: bool = False
    warning: str = ""
    pending: bool = False
    color: str = ""
