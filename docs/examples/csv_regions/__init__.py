"""Comma-separated values: a line for each region with its image, box, category and caption."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from roi_assistant.api import AnnotatedImage, LossCounter, Region, hookimpl, only_caption, write_each_region


class Csv:
    label, suffixes = "Comma-separated values", (".csv",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]):
        return write_each_region(path, images, line, head="image,x1,y1,x2,y2,category,caption\n")


def line(image: AnnotatedImage, region: Region, losses: LossCounter) -> str | None:
    caption = only_caption(region, losses, where=image.place_of(region))
    if caption is None:
        return None
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([image.file_name, *region.box.xyxy, region.category, caption.text])
    return text.getvalue()


@hookimpl
def register_formats(register):
    register("csv", Csv())
