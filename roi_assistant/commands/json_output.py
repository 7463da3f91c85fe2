"""The JSON of ``roi-assistant caption --json``: one document, whether for one image or many.

Described in ``docs/caption-json.md``. Fields may be added; those that are there keep their meaning while ``version``
is 1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from roi_assistant.commands.describing import DescribedImage, FailedImage
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredText

FORMAT = "roi-assistant-captions"
VERSION = 1


def caption_document(
    info: CaptionerInfo,
    request: DescribeRequest,
    results: Sequence[DescribedImage | FailedImage],
    *,
    boxes_by: CaptionerInfo | None = None,
) -> dict[str, object]:
    """All results as a JSON object, in the order of the images. ``boxes_by``: what proposed the boxes, if anything."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": {
            "id": info.id,
            "name": info.name,
            "device": info.device,
            "precision": info.precision,
            "weights_sha256": info.weights_sha256,
        },
        **({"boxes_by": {"id": boxes_by.id, "weights_sha256": boxes_by.weights_sha256}} if boxes_by else {}),
        "request": {
            "style": request.style,
            "decoding": request.decoding,
            "alternatives": request.alternatives,
            "attributes": request.attributes.name if request.attributes else None,
            "attribute_score": request.attribute_score,
        },
        "images": [_image(result) for result in results if isinstance(result, DescribedImage)],
        "failures": [
            {"file": str(result.requested.path), "name": result.requested.name, "error": str(result.error)}
            for result in results
            if isinstance(result, FailedImage)
        ],
    }


def dump_json(document: object, *, encoding: str | None) -> str:
    """``document`` as text.

    Letters beyond ASCII stay readable where ``encoding`` can hold them; bytes of file names that are no text become
    ``\\udcff``.
    """
    readable = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    try:
        readable.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return json.dumps(document, ensure_ascii=True, allow_nan=False, indent=2)
    return readable


def _image(result: DescribedImage) -> dict[str, object]:
    regions = []
    for number, (requested, text) in enumerate(zip(result.requested.regions, result.texts, strict=True), start=1):
        regions.append(
            {"number": number, "id": requested.id, **_region(text), "clipped": requested.box not in (None, text.box)}
        )
    return {
        "file": str(result.requested.path),
        "name": result.requested.name,
        "width": result.width,
        "height": result.height,
        "regions": regions,
    }


def _region(text: RegionText) -> dict[str, object]:
    return {
        "box": list(text.box.xyxy),
        "caption": _scored(text.caption),
        "alternatives": [_scored(item) for item in text.alternatives],
        "category": _scored(text.category) if text.category else None,
        "category_alternatives": [_scored(item) for item in text.category_alternatives],
        "attributes": [
            {
                "name": item.name,
                "values": list(item.values),
                "score": item.score,
                "source": item.source,
                **({"model": item.model_id, "weights_sha256": item.weights_sha256} if item.model_id else {}),
            }
            for item in text.attributes
        ],
        "unsure": text.unsure,
        "prompt": text.prompt,
        "raw_output": text.raw_output,
    }


def _scored(item: ScoredText) -> dict[str, object]:
    return {"text": item.text, "score": item.score}
