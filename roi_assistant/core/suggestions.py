"""A captioner's answer as a region of a project."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.records import Attribute, Caption, Provenance, Region, RegionText


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
        Attribute(item.name, item.values, wrote, item.score, item.source) for item in text.attributes if item.values
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
    )
