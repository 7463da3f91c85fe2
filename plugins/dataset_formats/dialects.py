"""The table of families of models, with the way in which each wants boxes in its training conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roi_assistant.api import (
    BBOX_2D,
    BOX_2D,
    BRACKETS,
    FLORENCE,
    GEMMA_BOX,
    INTERNVL_BOX,
    KOSMOS,
    PALIGEMMA,
    QWEN3_BOX,
    QWEN25_BOX,
    REF_BOX,
    BoxForm,
    BoxSyntax,
    NumbersInText,
    Resizing,
    Sentence,
)

Frame = Literal["pixels", "resized", "sides"]
"""What boxes in a text are counted in: pixels of the image, of the image as the processor resizes it, or parts of the
sides, for which the size need not be known."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Boxes stand in a list of the record, in pixels, and a mark in the text where each belongs."""

    kind: Literal["numbered", "of each turn", "in order"]
    """``numbered``: ``<region1>`` is the first box of ``boxes`` (GPT4RoI, Shikra's file). ``of each turn``:
    ``<bbox_location0>`` is the first box that ``box_x1y1x2y2`` has for the turn (Ferret). ``in order``: the k-th
    ``<bbox>`` is the k-th box of ``objects`` (ms-swift)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How files for a family of models are written.

    ``label`` is what the window calls it. ``layout``: ``conversations`` have ``from`` and ``value`` and one ``image``,
    as in LLaVA and ShareGPT; ``messages`` have ``role`` and ``content`` and a list of ``images``. ``lines``: JSON
    lines, else one JSON list. ``opening`` is the mark of the photo at the beginning of the first question.
    ``answers_boxes``: the family can say where something is.
    """

    label: Sentence
    boxes: BoxSyntax | Listed
    frame: Frame
    layout: Literal["conversations", "messages"] = "conversations"
    lines: bool = False
    opening: str = "<image>\n"
    answers_boxes: bool = True


_PLAIN = "[{0}, {1}, {2}, {3}]"
DIALECTS: dict[str, Dialect] = {
    "llava-pixels": Dialect(
        label=Sentence("Conversations (LLaVA, ShareGPT), boxes in pixels"),
        boxes=NumbersInText(form=BoxForm(unit="pixels", template=_PLAIN), pattern=BRACKETS),
        frame="pixels",
    ),
    "llava-0-1000": Dialect(
        label=Sentence("Conversations (LLaVA, ShareGPT), boxes from 0 to 1000"),
        boxes=NumbersInText(form=BoxForm(unit="thousandths", template=_PLAIN), pattern=BRACKETS),
        frame="sides",
    ),
    "llava-0-1": Dialect(
        label=Sentence("Conversations (LLaVA, ShareGPT), boxes from 0 to 1"),
        boxes=NumbersInText(
            form=BoxForm(unit="fractions", template="[{0:.3f}, {1:.3f}, {2:.3f}, {3:.3f}]"), pattern=BRACKETS
        ),
        frame="sides",
    ),
    "qwen3-vl": Dialect(
        label=Sentence("Conversations for Qwen3-VL and later"),
        boxes=NumbersInText(form=QWEN3_BOX, pattern=BBOX_2D, is_json=True),
        frame="sides",
    ),
    "qwen2.5-vl": Dialect(
        label=Sentence("Conversations for Qwen2.5-VL"),
        boxes=NumbersInText(form=QWEN25_BOX, pattern=BBOX_2D, is_json=True, resizing=Resizing()),
        frame="resized",
    ),
    "internvl": Dialect(
        label=Sentence("Conversations for InternVL"),
        boxes=NumbersInText(form=INTERNVL_BOX, pattern=REF_BOX, named="<ref>{phrase}</ref>{box}"),
        frame="sides",
        lines=True,
    ),
    "gemma": Dialect(
        label=Sentence("Conversations for Gemma 4"),
        boxes=NumbersInText(form=GEMMA_BOX, pattern=BOX_2D, is_json=True),
        frame="sides",
        layout="messages",
        lines=True,
    ),
    "shikra": Dialect(
        label=Sentence("Conversations for Shikra"),
        boxes=NumbersInText(
            form=BoxForm(unit="fractions", template="[{0:.3f},{1:.3f},{2:.3f},{3:.3f}]"),
            pattern=BRACKETS,
            named="{phrase}{box}",
        ),
        frame="sides",
    ),
    "kosmos-2": Dialect(
        label=Sentence("Conversations for Kosmos-2"), boxes=KOSMOS, frame="sides", layout="messages", lines=True
    ),
    "florence-2": Dialect(
        label=Sentence("Conversations for Florence-2"), boxes=FLORENCE, frame="sides", layout="messages", lines=True
    ),
    "paligemma": Dialect(
        label=Sentence("Conversations for PaliGemma"), boxes=PALIGEMMA, frame="sides", layout="messages", lines=True
    ),
    "gpt4roi": Dialect(
        label=Sentence("Conversations for GPT4RoI"), boxes=Listed("numbered"), frame="pixels", answers_boxes=False
    ),
    "ferret": Dialect(label=Sentence("Conversations for Ferret"), boxes=Listed("of each turn"), frame="pixels"),
}
"""By the names that ``--dialect`` has. A format of each is called ``conversations-`` and the name."""

MS_SWIFT = Dialect(
    label=Sentence("ms-swift (Qwen-VL, InternVL and others)"),
    boxes=Listed("in order"),
    frame="pixels",
    layout="messages",
    lines=True,
    opening="<image>",
)
"""Boxes in pixels, which the framework scales and writes as each model wants."""
