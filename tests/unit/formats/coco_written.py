"""Regions that are written to COCO files, and what such a file holds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, AttributeDefinition, AttributeSchema, Caption, Provenance, Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.coco_region_text import write_coco
from roi_assistant.formats.export_report import ExportReport

NOW = "2026-01-02T03:04:05+00:00"
ANNA = Provenance("human", NOW)
MINI = Provenance("model", NOW, "mini", "ab" * 32, "describe <region1>", "beam", "a red cup </s>")
CUP = Region(
    "r1",
    Box(10, 20, 40.5, 60),
    "cup",
    (Caption("a mug", MINI, 0.25), Caption("a red cup", MINI, 0.75, preferred=True)),
    (
        Attribute("color", ("red",), MINI, 0.5, "pixels"),
        Attribute("pattern", ("striped", "dotted"), ANNA),
        Attribute("occluded", ("yes",), ANNA),
    ),
    "suggested",
    0.9,
    True,
)
DOG = Region("r2", Box(0, 0, 100, 50), "dog", (Caption("a dog", ANNA, preferred=True),), (), "accepted")
BARE = Region("r3", Box(1, 1, 2, 2), None, (), (), "edited")
SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("color", "multi", ("red", "blue")),
        AttributeDefinition("pattern", "multi", ("striped", "dotted")),
        AttributeDefinition("occluded", "boolean"),
    ),
)


def to_coco(images: Iterable[AnnotatedImage], **options: Any) -> tuple[dict[str, Any], ExportReport]:
    """The file of ``images`` as JSON, and what its writer said; options as for `write_coco`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coco.json"
        report = write_coco(path, images, **{"created_at": "", **options})
        return json.loads(path.read_text(encoding="utf-8")), report
