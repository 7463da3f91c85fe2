"""The text side of the embedded model: special tokens, the shared prefix, and the questions that it was taught.

A prompt is ``<s> <im_start> <im_patch>* <im_end> <region1> <bbox>* [<region2> <bbox>* ...]`` (the prefix, shared by all
questions about the same regions) followed by ``<q> question <a>``; the model writes the answer and ``</s>``. The
embeddings at ``<im_patch>`` and ``<bbox>`` are replaced by image and region embeddings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from roi_assistant.core.references import named_references
from roi_assistant.errors import ModelFileError

PAD, BEGIN, END = "<pad>", "<s>", "</s>"
IMAGE_START, IMAGE_PATCH, IMAGE_END, BOX = "<im_start>", "<im_patch>", "<im_end>", "<bbox>"
QUESTION, ANSWER = "<q>", "<a>"
MAX_REGIONS = 9
REGION_NAMES = tuple(f"<region{number}>" for number in range(1, MAX_REGIONS + 1))
SPECIAL_TOKENS = (PAD, BEGIN, END, IMAGE_START, IMAGE_PATCH, IMAGE_END, BOX, QUESTION, ANSWER, *REGION_NAMES)

Task = Literal[
    "phrase", "sentence", "description", "category", "color", "material", "size", "pattern", "state", "shape", "action",
    "wearing", "count", "is_a", "image", "relation",
]  # fmt: skip

QUESTIONS: dict[Task, tuple[str, ...]] = {
    "phrase": ("describe <region1>", "give a short description of <region1>", "what is in <region1>"),
    "sentence": (
        "describe <region1> in one sentence",
        "write a sentence about <region1>",
        "what can you say about <region1>",
    ),
    "description": (
        "describe <region1> in detail",
        "what does <region1> look like",
        "give a detailed description of <region1>",
    ),
    "category": ("category of <region1>", "what kind of thing is <region1>", "what is the category of <region1>"),
    "color": ("what color is <region1>", "which colors does <region1> have", "color of <region1>"),
    "material": ("what material is <region1>", "what is <region1> made of", "material of <region1>"),
    "size": ("what size is <region1>", "how big is <region1>", "size of <region1>"),
    "pattern": ("what pattern is <region1>", "what pattern does <region1> have", "pattern of <region1>"),
    "state": ("what state is <region1>", "in what state is <region1>", "state of <region1>"),
    "shape": ("what shape is <region1>", "which shape does <region1> have", "shape of <region1>"),
    "action": ("what is <region1> doing", "what does <region1> do", "action of <region1>"),
    "wearing": ("what is <region1> wearing", "what does <region1> wear", "what clothes does <region1> have on"),
    "count": ("how many are in <region1>", "how many are there in <region1>", "count <region1>"),
    "is_a": ("is <region1> {article}", "is this {article} in <region1>", "can you see {article} in <region1>"),
    "image": ("describe the image", "what is happening in the image", "write a caption that names the regions"),
    "relation": (
        "what is <region1> doing to <region2>",
        "how is <region1> related to <region2>",
        "what is the relation of <region1> and <region2>",
    ),
}
"""Wordings per task; the first one is asked when the program describes a region."""

_IN_WORDS = re.compile(r"(?<!<)\bregion\s*(\d+)\b", re.IGNORECASE)
"""References without brackets: "region 1"."""


def special_token_ids(lookup: Callable[[str], int | None]) -> dict[str, int]:
    """The ids of all special tokens; ``lookup`` is a tokenizer's ``token_to_id``.

    Raises:
        ModelFileError: the tokenizer lacks one.
    """
    ids = {}
    for token in SPECIAL_TOKENS:
        number = lookup(token)
        if number is None:
            raise ModelFileError(
                "The model's tokenizer has no token {token}: it belongs to another model.", token=token
            )
        ids[token] = number
    return ids


def prefix(*, regions: int, image_tokens: int, region_tokens: int) -> str:
    """The part of the prompt that all questions about the same regions share."""
    named = "".join(name + BOX * region_tokens for name in REGION_NAMES[:regions])
    return BEGIN + IMAGE_START + IMAGE_PATCH * image_tokens + IMAGE_END + named


def ask(question: str) -> str:
    """A question in the form that the model continues with its answer."""
    return f"{QUESTION}{question}{ANSWER}"


def normalise_question(text: str) -> str:
    """What people type as the training questions are written: lower case, ``<regionN>``, no question mark."""
    text = _IN_WORDS.sub(r"<region\1>", named_references(text))
    return " ".join(re.sub(r"[?.!]+\s*$", "", text.strip().lower()).split())
