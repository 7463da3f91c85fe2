"""What the canvas shows of a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState

Tool = Literal["select", "draw", "pan"]


@dataclass(frozen=True, slots=True)
class CanvasRegion:
    """A box with its number and label. ``number`` is the ``<regionN>`` of the chat, 1-based.

    ``box`` is in pixels of the image as displayed. ``label`` may be empty. ``warning`` says why the box is a problem,
    for example too small for the model; ``pending`` that a model is about to describe it. ``color`` is ``#rrggbb``;
    empty: that of the state.
    """

    id: str
    number: int
    box: Box
    label: str
    state: ReviewState
    unsure: bool = False
    locked: bool = False
    warning: str = ""
    pending: bool = False
    color: str = ""
