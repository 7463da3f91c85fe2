"""Asking a captioner about boxes, with its answers checked: a plugin's model may answer anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import BoxSearch, CaptionerInfo, DescribeRequest, RegionText, ScoredBox
from roi_assistant.core.suggestions import trimmed
from roi_assistant.errors import BoxError, CaptionerError
from roi_assistant.interfaces import Captioner, Detector, ImageState, Proposer, can_draft, can_propose

if TYPE_CHECKING:
    from PIL.Image import Image


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


def propose_checked(
    captioner: Captioner, state: ImageState, *, most: int, width: int, height: int, image: str
) -> tuple[ScoredBox, ...]:
    """At most ``most`` boxes that are worth describing, inside an image of ``width`` x ``height`` pixels, the surest
    first. Boxes outside of it are left out, others are cut at its edge.

    Args:
        state: of the image, from ``captioner.set_image``.
        image: what messages call the image.

    Raises:
        CaptionerError: the captioner cannot propose boxes, or its answer is no boxes with scores from 0 to 1. What
            else the captioner raises passes unchanged.
    """
    if not can_propose(captioner):
        raise CaptionerError("{id} cannot propose boxes: draw them.", id=captioner.info.id)
    answers = captioner.propose(state, most=most)
    return _inside(answers, most=most, size=(width, height), model=captioner.info.id, image=image)


def detect_checked(proposer: Proposer, picture: Image, search: BoxSearch, *, image: str) -> tuple[ScoredBox, ...]:
    """What ``proposer`` finds on ``picture`` (mode RGB), inside it, the surest first. Boxes of one that is no
    `interfaces.Detector` are all as sure, and stay in its order.

    Args:
        image: what messages call the image.

    Raises:
        CaptionerError: the answer is no boxes with scores from 0 to 1. What else the proposer raises passes unchanged.
    """
    if isinstance(proposer, Detector):
        answers: Iterable[object] = proposer.detect(picture, search)
    else:
        answers = (ScoredBox(box, 1.0) for box in proposer.propose(picture))
    return _inside(answers, most=search.most, size=picture.size, model=proposer_info(proposer).id, image=image)


def proposer_info(proposer: Proposer, id_: str = "") -> CaptionerInfo:
    """What a proposer says that it is; of one that says nothing, the ``id_`` by which it was asked for."""
    return proposer.info if isinstance(proposer, Detector) else CaptionerInfo(id_, id_)


def _inside(
    answers: Iterable[object], *, most: int, size: tuple[int, int], model: str, image: str
) -> tuple[ScoredBox, ...]:
    found: list[ScoredBox] = []
    for item in answers:
        if not isinstance(item, ScoredBox) or not 0.0 <= item.score <= 1.0:  # false for NaN, too
            raise CaptionerError(
                "The model {model} proposed something on {image} that is no box with a score from 0 to 1.",
                model=model,
                image=image,
            )
        try:
            box = clip_box(item.box, width=size[0], height=size[1])
        except BoxError:
            continue
        found.append(ScoredBox(box, float(item.score), str(item.label)))
    return tuple(sorted(found, key=lambda item: -item.score)[:most])


def _scores(text: RegionText) -> Iterator[float]:
    scored = [text.caption, *text.alternatives, *text.category_alternatives]
    scored += [item for item in (text.category, text.specific) if item is not None]
    yield from (item.score for item in scored)
    yield from (attribute.score for attribute in text.attributes)
