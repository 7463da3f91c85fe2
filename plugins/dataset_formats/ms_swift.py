"""JSON lines of ms-swift, which trains Qwen-VL, InternVL and many others: one conversation about an image a line.

    {"images": ["a/1.jpg"], "objects": {"ref": [], "bbox": [[x1, y1, x2, y2]]}, "messages": [
     {"role": "user", "content": "<image>Describe the region <bbox> in a short phrase."},
     {"role": "assistant", "content": "a red cup"}]}

The k-th ``<bbox>`` of the messages is the k-th box. Boxes are pixels of the image as displayed: the framework scales
and writes them as each model wants, which is where files made for one model go wrong with another.
Format: https://swift.readthedocs.io/en/latest/Customization/Custom-dataset.html (grounding).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from roi_assistant.api import AnnotatedImage, ExportReport, LossCounter, Region, only_caption, write_atomically

QUESTION = "Describe the region <bbox> in a short phrase."
_PLACEHOLDERS = ("<image>", "<bbox>", "<ref-object>", "<video>", "<audio>")
"""Words that the framework replaces; a caption that holds one would shift all boxes behind it."""


class MsSwift:
    """Each image becomes one conversation with a question and an answer for each region."""

    suffixes = (".jsonl",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        losses = LossCounter()
        lines, regions = [], 0
        for image in images:
            answers = list(_answers(image, losses))
            if not answers:
                losses.add("image", "dropped", "it has no caption to learn", example=image.file_name)
                continue
            lines.append(json.dumps(_record(image, answers), ensure_ascii=False) + "\n")
            regions += len(answers)
        write_atomically(path, "".join(lines))
        return losses.report(images=len(lines), regions=regions)


def _answers(image: AnnotatedImage, losses: LossCounter) -> Iterable[tuple[Region, str]]:
    for region in image.regions:
        where = f"{image.file_name}, region {region.id}"
        caption = only_caption(region, losses, where=where)
        if caption is None:
            continue
        if any(word in caption.text for word in _PLACEHOLDERS):
            losses.add("region", "dropped", "its caption holds a word that ms-swift replaces", example=where)
            continue
        if region.category is not None:
            losses.add("category", "dropped", "only the caption is asked for", example=f"{where}: {region.category}")
        yield region, caption.text


def _record(image: AnnotatedImage, answers: list[tuple[Region, str]]) -> dict[str, Any]:
    messages = []
    for _, text in answers:
        messages += [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": text}]
    messages[0] = {"role": "user", "content": "<image>" + QUESTION}
    return {
        "messages": messages,
        "images": [image.file_name],
        "objects": {"ref": [], "bbox": [list(region.box.xyxy) for region, _ in answers]},
    }
