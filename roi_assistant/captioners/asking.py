"""Asking a captioner about boxes, with its answers checked: a plugin's model may answer anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, RegionText
from roi_assistant.core.suggestions import trimmed
from roi_assistant.errors import CaptionerError
from roi_assistant.interfaces import Captioner, ImageState, can_draft


def describe_checked(
    captioner: Captioner,
    state: ImageState,
    boxes: Sequence[Box],
    request: DescribeRequest,
    *,
    image: str,
    draft: bool = False,
) -> Iterator[RegionText]:
    """One answer per box, in their order, about exactly that box and with no more than ``request`` asks for.

    Args:
        state: of the image, from ``captioner.set_image``.
        boxes: pixels of the image, inside it.
        image: what messages call the image.
        draft: captions now and attributes later, where the captioner can do that, see `interfaces.Drafts`.

    Raises:
        CaptionerError: fewer or more answers than boxes, an answer that is no `RegionText`, or a score that is not
            from 0 to 1. What else the captioner raises passes unchanged.
    """
    describe = captioner.draft if draft and can_draft(captioner) else captioner.describe
    answers: Iterable[object] = describe(state, boxes, request) if boxes else ()
    count = 0
    for text in answers:
        if not isinstance(text, RegionText):
            break
        count += 1
        if count > len(boxes):
            break
        for score in _scores(text):
            if not (math.isfinite(score) and 0.0 <= score <= 1.0):
                raise CaptionerError(
                    "The model {model} gave a score of {score} on {image}, not one from 0 to 1.",
                    model=captioner.info.id,
                    score=score,
                    image=image,
                )
        yield trimmed(text, request, box=boxes[count - 1])
    if count != len(boxes):
        raise CaptionerError(
            "The model {model} gave {count} answers about {boxes} boxes of {image}.",
            model=captioner.info.id,
            count=count,
            boxes=len(boxes),
            image=image,
        )


def _scores(text: RegionText) -> Iterator[float]:
    scored = [text.caption, *text.alternatives, *text.category_alternatives]
    scored += [item for item in (text.category, text.specific) if item is not None]
    yield from (item.score for item in scored)
    yield from (attribute.score for attribute in text.attributes)
