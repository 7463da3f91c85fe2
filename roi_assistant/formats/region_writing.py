"""Writing a text file that has something for each region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from roi_assistant.core.records import Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.export_report import ExportReport, LossCounter

Item = TypeVar("Item")


def write_each_region(
    path: Path,
    images: Iterable[AnnotatedImage],
    item_of: Callable[[AnnotatedImage, Region, LossCounter], Item | None],
    text_of: Callable[[AnnotatedImage, list[Item]], str] | None = None,
    *,
    head: str = "",
) -> ExportReport:
    """Write ``path`` as a whole or not at all, and count what is lost.

    Args:
        item_of: what the file holds of a region, such as a line of text. None leaves the region out; ``item_of``
            counts why.
        text_of: the text about an image with the items of its regions; by default the items one after the other.
            Images without an item are left out and counted.
        head: stands before all else.

    Raises:
        FileWriteError: the file cannot be written.
    """
    losses = LossCounter()
    texts = [head]
    regions = 0
    for image in images:
        written = (item_of(image, region, losses) for region in image.regions)
        items = [item for item in written if item is not None]
        if items:
            texts.append(text_of(image, items) if text_of else "".join(map(str, items)))
            regions += len(items)
        else:
            losses.add("image", "dropped", "it has no region that can be written", example=image.file_name)
    write_atomically(path, "".join(texts))
    return losses.report(images=len(texts) - 1, regions=regions)
