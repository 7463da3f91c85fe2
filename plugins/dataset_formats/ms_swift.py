"""JSON lines of ms-swift, which trains Qwen-VL, InternVL and many others: one conversation about an image a line.

    {"images": ["a/1.jpg"], "objects": {"ref": [], "bbox": [[x1, y1, x2, y2]]}, "messages": [
     {"role": "user", "content": "<image>Describe the region <bbox> in a short phrase."},
     {"role": "assistant", "content": "a red cup"}]}

The k-th ``<bbox>`` of the messages is the k-th box. Boxes are pixels of the image as displayed: the framework scales
and writes them as each model wants, which is where files made for one model go wrong with another. It ignores the EXIF
orientation; the export counts the photos that have one.
Format: https://swift.readthedocs.io/en/latest/Customization/Custom-dataset.html (grounding).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from roi_assistant.api import (
    AnnotatedImage,
    ExportReport,
    LossCounter,
    Region,
    json_text,
    only_caption,
    write_each_region,
)

QUESTION = "Describe the region <bbox> in a short phrase."
_PLACEHOLDERS = ("<image>", "<bbox>", "<ref-object>", "<video>", "<audio>")
"""Words that the framework replaces; a caption that holds one would shift all boxes behind it."""


class MsSwift:
    """Each image becomes one conversation with a question and an answer for each region."""

    suffixes = (".jsonl",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        return write_each_region(path, images, _answer, _line)


def _answer(image: AnnotatedImage, region: Region, losses: LossCounter) -> tuple[Region, str] | None:
    where = image.place_of(region)
    caption = only_caption(region, losses, where=where)
    if caption is None:
        return None
    if any(word in caption.text for word in _PLACEHOLDERS):
        losses.add("region", "dropped", "its caption holds a word that ms-swift replaces", example=where)
        return None
    if region.category is not None:
        losses.add("category", "dropped", "only the caption is asked for", example=f"{where}: {region.category}")
    return region, caption.text


def _line(image: AnnotatedImage, answers: list[tuple[Region, str]]) -> str:
    messages = []
    for _, text in answers:
        messages += [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": text}]
    messages[0] = {"role": "user", "content": "<image>" + QUESTION}
    record = {
        "messages": messages,
        "images": [image.file_name],
        "objects": {"ref": [], "bbox": [list(region.box.xyxy) for region, _ in answers]},
    }
    return json_text(record) + "\n"
