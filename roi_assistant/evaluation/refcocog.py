"""RefCOCOg in either of its official distributions, as boxes to caption."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.datasets.registry import dataset_spec
from roi_assistant.evaluation.region_captions import ReferringExpression, RegionCaptionSet, region_caption_set

if TYPE_CHECKING:
    from PIL.Image import Image

PROTOCOL = "refcocog"
NOTES = ("Photos of RefCOCOg are from COCO train2014, on which many models were trained.",)


def load_refcocog(root: Path, *, split: str = "val", limit: int | None = None) -> RegionCaptionSet:
    """The expressions of ``split``, from ``finetune_refcocog_<split>.json`` or ``refs(umd).p`` with ``instances.json``.

    Nothing is filtered: short expressions and small boxes count too.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
    """
    from roi_assistant.formats.referring_expressions import read_mdetr_expressions, read_refer_expressions
    from roi_assistant.imaging.decode import decode_image

    paths = dataset_spec("refcocog").paths(root, split)
    if "boxes" in paths:
        expressions = read_refer_expressions(paths["expressions"], paths["boxes"], split=split)
    else:
        expressions = read_mdetr_expressions(paths["expressions"])
    described = [ReferringExpression(e.image, e.width, e.height, e.object_id, e.box, e.text) for e in expressions]

    def load(photo: str) -> Image:
        return decode_image(paths["photos"] / photo).pixels

    return region_caption_set(
        described, load, protocol=PROTOCOL, name="RefCOCOg", split=split, limit=limit, notes=NOTES
    )
