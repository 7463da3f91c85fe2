"""Ask a captioner the questions of VCR: by the scores of the options, or by the letter that it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roi_assistant.core.box import Box, clip_box, scale_box
from roi_assistant.core.record_json import decode
from roi_assistant.core.records import Turn
from roi_assistant.datasets.registry import dataset_spec
from roi_assistant.errors import BadInputError, BoxError, CaptionerError, FormatError
from roi_assistant.evaluation.resumable import AnswerFile, AnswerFormat, Record
from roi_assistant.evaluation.vcr import (
    LETTERS,
    TagStyle,
    Task,
    VcrChoice,
    VcrQuestion,
    best_place,
    letter_place,
    vcr_questions,
)
from roi_assistant.formats.vcr_annotations import VcrAnnotations
from roi_assistant.interfaces import can_score_options

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.interfaces import Captioner

Scoring = Literal["options", "letter"]
FORMAT = "roi-assistant-vcr-choices"
_OPTION_TEXTS = tuple(f"({letter})" for letter in LETTERS)

Key = tuple[str, Task]


def load_vcr_questions(
    root: Path, *, split: str = "val", limit: int | None = None, seed: int = 0, tags: TagStyle = "region"
) -> tuple[list[VcrQuestion], Path]:
    """The questions of ``split``, photo by photo, and the folder of the photos; ``limit`` keeps the first so many
    items.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
        BadInputError: the split has no labels.
    """
    data = VcrAnnotations(dataset_spec("vcr").paths(root, split)["photos and metadata"].parent)
    questions = [q for item in islice(data.items(split), limit) for q in vcr_questions(item, seed=seed, tags=tags)]
    if not questions:
        raise FormatError(f"The split {split} of {root} has no question: nothing to evaluate.")
    return sorted(questions, key=lambda question: question.image), data.images


class CaptionerScorer:
    """Puts the questions to a captioner; what it works out about a photo serves all questions about it.

    Raises:
        CaptionerError: the captioner cannot do what ``scoring`` needs.
    """

    def __init__(self, captioner: Captioner, load: Callable[[str], Image], *, scoring: Scoring) -> None:
        needed = "scores_options" if scoring == "options" else "chat"
        self._options = captioner if scoring == "options" and can_score_options(captioner) else None
        if needed not in captioner.info.capabilities:
            hint = "choose --scoring letter" if scoring == "options" else "choose a model that answers questions"
            raise CaptionerError(f"{captioner.info.id} has no capability {needed!r}: {hint}.")
        self.captioner, self.load = captioner, load
        self._image = ""
        self._state: object = None
        self._size = (0, 0)

    def choose(self, question: VcrQuestion) -> VcrChoice:
        """Raises: CaptionerError, ImageError."""
        if question.image != self._image:
            picture = self.load(question.image)
            self._state, self._image, self._size = self.captioner.set_image(picture), question.image, picture.size
        boxes = list(self._boxes(question))
        turns = [Turn("user", question.prompt)]
        if self._options is None:
            text = "".join(self.captioner.chat(self._state, boxes, turns))
            return VcrChoice(letter_place(text), text=text)
        scores = self._options.score_options(self._state, boxes, turns, _OPTION_TEXTS)
        return VcrChoice(best_place(list(scores)), tuple(float(score) for score in scores))

    def _boxes(self, question: VcrQuestion) -> Iterator[Box]:
        width, height = self._size
        for box in question.boxes:
            scaled = scale_box(box, x=width / question.width, y=height / question.height)
            try:
                yield clip_box(scaled, width=width, height=height)
            except BoxError as error:  # cannot be: boxes were cut to the photo when they were read
                raise FormatError(f"{question.image}: {error}") from error


def ask_all(
    questions: Sequence[VcrQuestion],
    choose: Callable[[VcrQuestion], VcrChoice],
    choices: AnswerFile[Key, VcrChoice],
    *,
    progress: Callable[[], None] = lambda: None,
) -> dict[Key, VcrChoice]:
    """The choices for all ``questions``; those that ``choices`` has already are not asked again."""
    for question in questions:
        if (question.item, question.task) not in choices.done:
            choices.add({(question.item, question.task): choose(question)})
            progress()
    return {(q.item, q.task): choices.done[(q.item, q.task)] for q in questions}


@dataclass(frozen=True, slots=True)
class _Line:
    """A choice as a line of the file holds it."""

    item: str
    task: Task
    place: Literal[0, 1, 2, 3] | None
    scores: tuple[float, ...]
    text: str


def _decode(record: Record) -> tuple[Key, VcrChoice]:
    line = decode(_Line, record)
    return (line.item, line.task), VcrChoice(line.place, line.scores, line.text)


def _check(record: Record) -> None:
    if record.get("format") != FORMAT:
        raise FormatError(f"it needs the format {FORMAT}")


_FORM: AnswerFormat[Key, VcrChoice] = AnswerFormat(
    "file of choices",
    check=_check,
    encode=lambda key, choice: {"item": key[0], "task": key[1], **asdict(choice)},
    decode=_decode,
)


def choice_file(path: Path | None, header: Record) -> AnswerFile[Key, VcrChoice]:
    """Choices by item and task, which are appended to ``path`` as they come, or only kept in memory when it is None.

    ``header`` (model, weights, split, scoring, seed, tags) stands in the first line.

    Raises:
        BadInputError: the file has another header.
        FormatError: the file is something else.
        FileWriteError: it cannot be written.
    """
    first = {"format": FORMAT, **header}

    def check_run(recorded: Record) -> None:
        if recorded != first:
            raise BadInputError(f"{path} was made by another run than this one: give another file.")

    return AnswerFile(path, first, _FORM, check_run=check_run)
