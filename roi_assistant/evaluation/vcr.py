"""VCR: which of four answers is right (Q -> A), which of four reasons, given the right answer (QA -> R), and both on
the same question (Q -> AR).

The options of each question are shown in an order drawn with the seed, so that a model gains nothing by liking a
letter. Objects that the texts name become region references. Chance is 25, 25 and 6.25 %.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from roi_assistant.core.box import Box
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.metrics import standard_error
from roi_assistant.formats.vcr_annotations import OPTIONS, TaggedText, VcrItem, write_tags

PROTOCOL = "vcr"
LETTERS = "ABCD"
Task = Literal["answer", "rationale"]
TagStyle = Literal["region", "number"]
"""How the texts name an object: ``<region2>``, which is what the program's models read, or ``2`` as in GPT4RoI's
paper."""

_GIVEN = " refers to specific areas within the photo along with their respective identifiers. "
_CHOICE = "are multiple-choice; you only need to pick the correct answer from the given options (A), (B), (C), or (D)."
_ASK_ANSWER = f"I need you to answer the question. Questions {_CHOICE}\n"
_ASK_RATIONALE = (
    "I give you a question and its answer, I need you to provide a rationale explaining why the answer is right. "
    f"Both questions {_CHOICE}\n"
)
_LETTER = re.compile(r"\(\s*([A-D])\s*\)|^\W*([A-D])\b(?!\s+[a-z])|\b([A-D])\)", re.IGNORECASE)
_NAMED_LETTER = re.compile(r"\b(?:answer|option|choice)\s*(?:is|:)?\s*\(?([A-D])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VcrQuestion:
    """One multiple-choice question. ``boxes`` are in pixels of a photo of ``width`` x ``height``; ``<region1>`` in
    ``prompt`` is the first of them. ``order[k]`` is the official number of the option shown as ``LETTERS[k]``, and
    ``gold`` the place of the right one among those shown."""

    item: str
    task: Task
    image: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    prompt: str
    options: tuple[str, ...]
    order: tuple[int, ...]
    gold: int


@dataclass(frozen=True, slots=True)
class VcrChoice:
    """The place 0..3 of the option that was picked, None when the answer names none; ``scores`` of all four where the
    model gives them, ``text`` where it wrote one."""

    place: int | None
    scores: tuple[float, ...] = ()
    text: str = ""


def vcr_questions(item: VcrItem, *, seed: int, tags: TagStyle = "region") -> tuple[VcrQuestion, VcrQuestion]:
    """Q -> A and QA -> R of ``item``. QA -> R always gives the right answer, whatever a model chose before.

    All objects with a box are listed before the question, numbered from 1 in the order of the photo.

    Raises:
        BadInputError: the item has no labels (the test split).
    """
    if item.answer_label is None or item.rationale_label is None:
        raise BadInputError(f"{item.id} has no right answer: the labels of VCR's test split are not public.")
    listed = [number for number, entry in enumerate(item.objects) if entry.box is not None]
    place = {number: k for k, number in enumerate(listed, start=1)}

    def tag(number: int) -> str:
        # An object without a box cannot be pointed at; its class is said instead.
        if number not in place:
            return item.objects[number].name
        return f"<region{place[number]}>" if tags == "region" else str(place[number])

    head = ",".join(f"<region{k}>" for k in place.values()) + _GIVEN if place else ""
    question = write_tags(item.question, tag)
    answer = write_tags(item.answers[item.answer_label], tag)
    boxes = tuple(entry.box for entry in item.objects if entry.box is not None)

    def ask(task: Task, text: str, choices: Sequence[TaggedText], label: int) -> VcrQuestion:
        order = list(range(OPTIONS))
        random.Random(f"{seed}/{item.id}/{task}").shuffle(order)
        options = tuple(write_tags(choices[number], tag) for number in order)
        lines = "\n".join(f"({letter}),{option}" for letter, option in zip(LETTERS, options, strict=True))
        prompt = f"{text}\n{lines}"
        gold = order.index(label)
        return VcrQuestion(
            item.id, task, item.image, item.width, item.height, boxes, prompt, options, tuple(order), gold
        )

    why = f'"{question}" The answer is "{answer}" What\'s the rationale for this decision?'
    return (
        ask("answer", f"{head}{_ASK_ANSWER}{question}", item.answers, item.answer_label),
        ask("rationale", f"{head}{_ASK_RATIONALE}{why}", item.rationales, item.rationale_label),
    )


def letter_place(text: str) -> int | None:
    """The option that a generated answer names: "(C)", "C", "C)", "The answer is C."; None when it names none or
    several."""
    letters = {letter.upper() for match in _LETTER.finditer(text) for letter in match.groups() if letter}
    letters = letters or {match[1].upper() for match in _NAMED_LETTER.finditer(text)}
    return LETTERS.index(letters.pop()) if len(letters) == 1 else None


def best_place(scores: Sequence[float]) -> int:
    """The option with the highest score.

    Raises:
        BadInputError: there are not four scores, or one is not a number.
    """
    if len(scores) != OPTIONS or any(score != score for score in scores):
        raise BadInputError(f"There must be {OPTIONS} scores that are numbers, not {list(scores)!r}.")
    return max(range(OPTIONS), key=lambda place: scores[place])


class VcrFigures(TypedDict):
    """Shares of right choices, each with its :func:`standard_error`: ``q_a``, ``qa_r``, and ``q_ar`` (both right on the
    same item); how often no letter was named; how often each letter was right and was picked."""

    items: int
    without_letter: int
    q_a: float
    q_a_standard_error: float | None
    qa_r: float
    qa_r_standard_error: float | None
    q_ar: float
    q_ar_standard_error: float | None
    right_letters: dict[str, int]
    picked_letters: dict[str, int]


def vcr_figures(questions: Sequence[VcrQuestion], choices: Mapping[tuple[str, Task], VcrChoice]) -> VcrFigures:
    """The figures of ``choices``, by item and task, for ``questions``.

    Raises:
        BadInputError: a question has no choice, or an item has only one of its two questions.
    """
    right: dict[str, dict[Task, bool]] = {}
    photos = {question.item: question.image for question in questions}
    gold, picked = Counter[int](), Counter[int]()
    silent = 0
    for question in questions:
        choice = choices.get((question.item, question.task))
        if choice is None:
            raise BadInputError(f"There is no choice for {question.item}, {question.task}.")
        right.setdefault(question.item, {})[question.task] = choice.place == question.gold
        gold[question.gold] += 1
        if choice.place is None:
            silent += 1
        else:
            picked[choice.place] += 1
    if not right or any(len(both) != 2 for both in right.values()):
        raise BadInputError("Each item needs both its questions: answer and rationale.")
    answers = {item: float(both["answer"]) for item, both in right.items()}
    rationales = {item: float(both["rationale"]) for item, both in right.items()}
    both_right = {item: answers[item] * rationales[item] for item in right}
    return {
        "items": len(right),
        "without_letter": silent,
        "q_a": sum(answers.values()) / len(right),
        "q_a_standard_error": standard_error(answers, photos),
        "qa_r": sum(rationales.values()) / len(right),
        "qa_r_standard_error": standard_error(rationales, photos),
        "q_ar": sum(both_right.values()) / len(right),
        "q_ar_standard_error": standard_error(both_right, photos),
        "right_letters": {letter: gold[place] for place, letter in enumerate(LETTERS)},
        "picked_letters": {letter: picked[place] for place, letter in enumerate(LETTERS)},
    }
