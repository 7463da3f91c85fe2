"""Regions of the session as the canvas shows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PyQt6.QtCore import QCoreApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.schema import NO, YES
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.canvas.model import CanvasRegion

MODEL_SIDE = 224
"""GPT4RoI sees an image as 224 x 224 pixels, whatever its shape (gpt4roi/datasets/vg.py), and drops boxes that are
then narrower than ``SMALLEST``."""
SMALLEST = 2.0


def is_too_small(box: Box, size: tuple[int, int]) -> bool:
    """Whether ``box``, on an image of ``size``, has less than ``SMALLEST`` pixels on a side in the model's input."""
    width, height = size
    return min(box.width / width, box.height / height) * MODEL_SIDE < SMALLEST


def canvas_regions(
    regions: Sequence[Region],
    *,
    pending: Collection[str],
    size: tuple[int, int] | None,
    attributes: bool = False,
    color: Callable[[str], str] | None = None,
    hidden: Callable[[Region], bool] = lambda _region: False,
) -> list[CanvasRegion]:
    """``regions`` with their numbers, labels and warnings.

    Args:
        regions: all regions of the image: they are numbered by their places.
        pending: ids of those that the model is to write about.
        size: of the image in pixels, when it is known.
        attributes: whether their values are shown.
        color: answers the color (``#rrggbb``) of a category; None: boxes have the color of their state.
        hidden: which regions are left out.
    """
    warning = QCoreApplication.translate(
        "Canvas", "This box is very small: less than 2 pixels in the 224 x 224 input of GPT4RoI."
    )
    shown = []
    for number, region in enumerate(regions, start=1):
        if hidden(region):
            continue
        caption = preferred_caption(region)
        shown.append(
            CanvasRegion(
                id=region.id,
                number=number,
                box=region.box,
                label=shortened(caption.text if caption else region.category or ""),
                state=region.state,
                details=shortened(attribute_values(region)) if attributes else "",
                unsure=region.unsure,
                locked=region.locked,
                warning=warning if size is not None and is_too_small(region.box, size) else "",
                pending=region.id in pending,
                color=color(region.category) if color is not None and region.category else "",
            )
        )
    return shown


def attribute_values(region: Region) -> str:
    """The values of all attributes in a line; of yes and no, which say nothing by themselves, with their names."""
    shown = []
    for attribute in region.attributes:
        values = ", ".join(attribute.values)
        shown.append(f"{attribute.name}: {values}" if attribute.values in ((YES,), (NO,)) else values)
    return " · ".join(filter(None, shown))
