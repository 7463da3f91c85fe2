"""Prompts of the published GPT4RoI, and its answers without what belongs to the form of the conversation.

A conversation is the system text, an empty line, and turns ``### Human: ...`` and ``### Assistant: ...`` on lines of
their own; it ends with ``### ``, which the model continues with ``Assistant: ...`` and, at the end of its answer, with
the next ``###``. The first question begins with the image. A region is ``region1 <bbox>`` where it is first mentioned
and ``region1`` afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from roi_assistant.core.records import Turn
from roi_assistant.core.references import find_references, rewrite_references
from roi_assistant.errors import BadInputError, RegionReferenceError
from roi_assistant.models.gpt4roi.tokenization import ADDED_TOKENS, IMAGE_END, IMAGE_PATCH, IMAGE_START, PAD

SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)
SEPARATOR = "###"
HUMAN, ASSISTANT = "Human: ", "Assistant: "
IMAGE = "<image>"
IMAGE_INTRODUCTION = f"The {IMAGE} provides an overview of the picture.\n"
_ADDED = re.compile("|".join(map(re.escape, (*ADDED_TOKENS, IMAGE))))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation as text with ``<image>`` and ``<bbox>`` in it.

    ``regions``: the box, counted from 0, whose features stand at the first ``<bbox>``, at the second, and so on.
    """

    text: str
    regions: tuple[int, ...]


def conversation_prompt(turns: Sequence[Turn], *, n_boxes: int) -> Prompt:
    """The prompt after which the model answers the last of ``turns``; ``<region1>`` is the first of the boxes.

    Raises:
        RegionReferenceError: a question refers to a box that does not exist, or contains a token of the model.
        BadInputError: there is no question.
    """
    if not turns or turns[-1].role != "user" or not turns[-1].text.strip():
        raise BadInputError("There is no question to answer: write one about <region1> or the image.")
    lines = [f"{SYSTEM}\n\n"]
    introduced: list[int] = []
    begin = IMAGE_INTRODUCTION
    for turn in turns:
        if turn.role == "user":
            text = turn.text.strip()
            if PAD in text:
                raise RegionReferenceError("{token} is reserved for the model: leave it out.", token=PAD)
            written = rewrite_references(text, n_boxes, introduced=introduced)
            introduced += [number for number in find_references(text) if number not in introduced]
            lines.append(f"{SEPARATOR} {HUMAN}{begin}{written}\n")
            begin = ""
        else:
            # What the model wrote may hold anything; its tokens must not become places for features.
            lines.append(f"{SEPARATOR} {ASSISTANT}{_ADDED.sub('', turn.text).strip()}\n")
    lines.append(f"{SEPARATOR} ")
    return Prompt("".join(lines), tuple(number - 1 for number in introduced))


def has_model_tokens(text: str) -> bool:
    """Whether ``text`` contains what stands for features or fills up: it would be read as that."""
    return _ADDED.search(text) is not None


def shared_text() -> str:
    """What all prompts begin with, up to the end of the image."""
    head, _, _ = IMAGE_INTRODUCTION.partition(IMAGE)
    return f"{SYSTEM}\n\n{SEPARATOR} {HUMAN}{head}{IMAGE}"


def expand_image(text: str, *, image_tokens: int) -> str:
    """``<image>`` as the tokens that hold its features."""
    return text.replace(IMAGE, IMAGE_START + IMAGE_PATCH * image_tokens + IMAGE_END)


def has_ended(continuation: str) -> bool:
    """Whether the model has begun the next turn."""
    return SEPARATOR in continuation


def answer_text(continuation: str, *, finished: bool) -> str:
    """The answer in what the model has written so far.

    Unless ``finished``, what may turn out not to belong to the answer is kept back: a part of ``Assistant:`` or of
    ``###``, white space at the end, the bytes of an incomplete character. What is returned for a longer continuation
    begins with what was returned for a shorter one.
    """
    text, _, _ = continuation.lstrip().partition(SEPARATOR)
    finished = finished or has_ended(continuation)
    name = ASSISTANT.strip()
    if text.startswith(name):
        text = text[len(name) :].lstrip()
    elif name.startswith(text) and not finished:
        return ""
    return text.strip() if finished else text.rstrip("#\ufffd \t\r\n")
