"""Ask a captioner about every item of an evaluation set, photo by photo."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypedDict

from roi_assistant.captioners.asking import describe_checked
from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, ScoredText, Turn
from roi_assistant.errors import CaptionerError
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.predictions import A, Prediction, prediction_of
from roi_assistant.evaluation.resumable import AnswerFile

if TYPE_CHECKING:
    from roi_assistant.interfaces import Captioner


class Timing(TypedDict):
    """Seconds that the captioner took in this run; items read from an earlier run's file (``items_reused``) are not in
    it. The means are None when nothing was described."""

    items_described: int
    items_reused: int
    photos: int
    image_seconds: float
    describe_seconds: float
    seconds_per_photo: float | None
    seconds_per_item: float | None


def describe_items(
    captioner: Captioner,
    data: EvaluationSet,
    *,
    request: DescribeRequest,
    saved: AnswerFile[str, Prediction],
    progress: Callable[[int], None] = lambda items: None,
) -> tuple[dict[str, Prediction], Timing]:
    """Predictions of all items, in their order, and what they took.

    Items that ``saved`` has already are not asked again. ``progress`` is called with the number of items just
    finished.

    Raises:
        CaptionerError: as `describe_checked`.
    """

    def describe(state: object, boxes: Sequence[Box], items: Sequence[EvaluationItem]) -> list[Prediction]:
        texts = describe_checked(captioner, state, boxes, request, image=items[0].photo)
        return [prediction_of(item, text) for item, text in zip(items, texts, strict=True)]

    return ask_items(captioner, data, describe, saved=saved, progress=progress)


def question_items(
    captioner: Captioner,
    data: EvaluationSet,
    *,
    question: str,
    saved: AnswerFile[str, Prediction],
    progress: Callable[[int], None] = lambda items: None,
) -> tuple[dict[str, Prediction], Timing]:
    """As `describe_items`, with one question of a conversation about each box, which it calls ``<region1>``; the
    prediction's text is the answer as the captioner gives it. A conversation gives no scores: they are 1.

    Raises:
        CaptionerError: the captioner answers no questions.
    """
    if "chat" not in captioner.info.capabilities:
        raise CaptionerError(f"{captioner.info.id} has no capability 'chat': choose a model that answers questions.")

    def answer(state: object, boxes: Sequence[Box], items: Sequence[EvaluationItem]) -> list[Prediction]:
        turns = [Turn("user", question)]
        texts = [ScoredText("".join(captioner.chat(state, [box], turns)).strip(), 1.0) for box in boxes]
        return [
            Prediction(item.id, item.box.xyxy, shown=text, specific=text)
            for item, text in zip(items, texts, strict=True)
        ]

    return ask_items(captioner, data, answer, saved=saved, progress=progress)


def ask_items(
    captioner: Captioner,
    data: EvaluationSet,
    answer: Callable[[object, Sequence[Box], Sequence[EvaluationItem]], list[A]],
    *,
    saved: AnswerFile[str, A],
    progress: Callable[[int], None] = lambda items: None,
) -> tuple[dict[str, A], Timing]:
    """As `describe_items`, with ``answer`` in the place of what is asked: it gets the captioner's state of a photo, and
    boxes in its pixels with their items."""
    described = photos = 0
    image_seconds = describe_seconds = 0.0
    reused = sum(item.id in saved.done for item in data.items)
    for photo, items in data.by_photo():
        open_items = [item for item in items if item.id not in saved.done]
        if not open_items:
            continue
        image = data.load(photo)
        boxes = [item.box_in(image) for item in open_items]
        start = time.perf_counter()
        state = captioner.set_image(image)
        middle = time.perf_counter()
        answers = answer(state, boxes, open_items)
        end = time.perf_counter()
        saved.add({answer.item: answer for answer in answers})
        image_seconds += middle - start
        describe_seconds += end - middle
        photos += 1
        described += len(open_items)
        progress(len(open_items))
    return {item.id: saved.done[item.id] for item in data.items}, {
        "items_described": described,
        "items_reused": reused,
        "photos": photos,
        "image_seconds": round(image_seconds, 3),
        "describe_seconds": round(describe_seconds, 3),
        "seconds_per_photo": round(image_seconds / photos, 4) if photos else None,
        "seconds_per_item": round((image_seconds + describe_seconds) / described, 4) if described else None,
    }
