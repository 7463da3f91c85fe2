"""Writing a text file that has something for each region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from roi_assistant.core.records import Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.atomic import atomic_file
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
    """Write ``path`` image after image, as a whole or not at all, and count what is lost.

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
    written = regions = 0
    with atomic_file(path) as stream:
        stream.write(head.encode())
        for image in images:
            items = [item for region in image.regions if (item := item_of(image, region, losses)) is not None]
            if items:
                text = text_of(image, items) if text_of else "".join(map(str, items))
                stream.write(text.encode())
                written += 1
                regions += len(items)
            else:
                losses.add("image", "dropped", "it has no region that can be written", example=image.file_name)
    return losses.report(images=written, regions=regions)
