"""A captioner's answer as a region of a project."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Attribute,
    Caption,
    CaptionerInfo,
    DescribeRequest,
    Provenance,
    Region,
    RegionText,
    SuggestedAttribute,
)


def trimmed(text: RegionText, request: DescribeRequest, *, box: Box | None = None) -> RegionText:
    """``text`` with no more alternatives and attributes than ``request`` asks for; about ``box`` if one is given."""
    return replace(
        text,
        box=box or text.box,
        alternatives=text.alternatives[: request.alternatives],
        attributes=tuple(item for item in text.attributes if item.score >= request.attribute_score),
    )


def provenance_of(
    info: CaptionerInfo | None, request: DescribeRequest | None, *, at: str, text: RegionText | None = None
) -> Provenance:
    """Who wrote an answer to ``request``. ``at`` is the time, ISO 8601 in UTC; ``text`` adds prompt and raw output."""
    return Provenance(
        "model",
        at,
        model_id=info.id if info else "",
        weights_sha256=info.weights_sha256 if info else "",
        prompt=text.prompt if text else "",
        decoding=_decoding(request, text),
        raw_output=text.raw_output if text else "",
    )


def _decoding(request: DescribeRequest | None, text: RegionText | None) -> str:
    parts: list[str] = [request.decoding] if request else []
    if text is not None and text.like:
        parts.append(after_regions(len(text.like)))
    if text is not None:
        parts += [f"{after_regions(count)} of {name}" for name, count in Counter(text.like_elsewhere).items()]
    if text is not None and text.quotes:
        parts.append(f"quoting {text.quotes}")
    return ", ".join(parts)


def _wrote(item: SuggestedAttribute, captioner: Provenance) -> Provenance:
    if not item.model_id:
        return captioner
    return Provenance("model", captioner.created_at, model_id=item.model_id, weights_sha256=item.weights_sha256)


def after_regions(count: int) -> str:
    """How a provenance says that words were told after ``count`` regions that look alike."""
    return f"memory of {count} regions"


def suggested_region(text: RegionText, *, id: str, provenance: Provenance) -> Region:
    """``text`` as a region in the state ``suggested``: the caption preferred, the alternatives behind it.

    ``provenance`` says which model wrote it; prompt and raw output come from ``text``. The raw output stands with the
    preferred caption only: all else was read from the same words.
    """
    wrote = replace(provenance, prompt=text.prompt or provenance.prompt, raw_output="")
    captions = (
        Caption(text.caption.text, replace(wrote, raw_output=text.raw_output), text.caption.score, preferred=True),
        *(Caption(other.text, wrote, other.score) for other in text.alternatives),
    )
    attributes = tuple(
        Attribute(item.name, item.values, _wrote(item, wrote), item.score, item.source)
        for item in text.attributes
        if item.values
    )
    return Region(
        id=id,
        box=text.box,
        category=text.category.text if text.category else None,
        captions=captions,
        attributes=attributes,
        state="suggested",
        category_score=text.category.score if text.category else None,
        unsure=text.unsure,
        category_provenance=wrote if text.category else None,
        category_alternatives=text.category_alternatives,
        like=text.like,
    )
