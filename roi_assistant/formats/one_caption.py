"""What is common to the formats that hold a box and one text about it, and nothing else of a region."""

from __future__ import annotations

from roi_assistant.core.records import Caption, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.formats.export_report import LossCounter


def only_caption(region: Region, losses: LossCounter, *, where: str) -> Caption | None:
    """The preferred caption of ``region``; None, and counted as a dropped region, when it has no words.

    Everything else is counted in ``losses`` but for the category, for which each format has another place; ``where``
    names the region in examples.
    """
    caption = preferred_caption(region)
    if caption is None or not caption.text.strip():
        losses.add("region", "dropped", "it has no caption", example=where)
        return None
    for other in region.captions:
        if other is not caption:
            losses.add("captions", "dropped", "the profile holds one caption", example=f"{where}: {other.text}")
    for attribute in region.attributes:
        text = f"{where}: {attribute.name} {', '.join(attribute.values)}"
        losses.add("attributes", "dropped", "the profile has no attributes", example=text)
    if caption.score is not None:
        losses.add("score", "dropped", "the profile has no scores", example=f"{where}: {caption.score:g}")
    losses.add("provenance", "dropped", "the profile has no authors", example=f"{where}: {caption.provenance.author}")
    losses.add("region_id", "dropped", "the profile numbers regions anew", example=where)
    if region.category_alternatives:
        text = f"{where}: {region.category_alternatives[0].text}"
        losses.add("category_alternatives", "dropped", "the profile has no alternatives", example=text)
    if region.locked:
        losses.add("locked", "dropped", "the profile has no locks", example=where)
    losses.add("review_state", "dropped", "the profile has no review states", example=f"{where}: {region.state}")
    return caption
