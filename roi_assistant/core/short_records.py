"""Records of other programs without the texts that are longer than a project takes over."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.records import Attribute, Region
from roi_assistant.core.text_bounds import LONGEST_NAME, LONGEST_TEXT


def is_short(attribute: Attribute) -> bool:
    """Whether name and values of ``attribute`` are within the bounds."""
    return len(attribute.name) <= LONGEST_NAME and all(len(value) <= LONGEST_TEXT for value in attribute.values)


def with_short_texts(region: Region) -> Region:
    """``region`` without the captions, the attributes and the category that are longer than the bounds; itself if there
    are none."""
    captions = tuple(caption for caption in region.captions if len(caption.text) <= LONGEST_TEXT)
    attributes = tuple(filter(is_short, region.attributes))
    has_name = len(region.category or "") <= LONGEST_NAME
    if has_name and len(captions) == len(region.captions) and len(attributes) == len(region.attributes):
        return region
    short = replace(region, captions=captions, attributes=attributes)
    if has_name:
        return short
    return replace(short, category=None, category_score=None, category_provenance=None, category_unconfirmed=False)
