"""What a COCO file that was written holds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.coco_region_text import write_coco
from roi_assistant.formats.export_report import ExportReport


def to_coco(images: Iterable[AnnotatedImage], **options: Any) -> tuple[dict[str, Any], ExportReport]:
    """The file of ``images`` as JSON, and what its writer said; options as for `write_coco`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coco.json"
        report = write_coco(path, images, **{"created_at": "", **options})
        return json.loads(path.read_text(encoding="utf-8")), report
