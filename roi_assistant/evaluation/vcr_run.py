"""Ask a captioner the questions of VCR: by the scores of the options, or by the letter that it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal

from roi_assistant.core.box import Box, clip_box, scale_box
from roi_assistant.core.records import Turn
from roi_assistant.datasets.registry import Missing, dataset_spec
from roi_assistant.errors import BadInputError, BoxError, CaptionerError, FileWriteError, FormatError
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
from roi_assistant.formats.json_files import read_json_lines
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
    found = dataset_spec("vcr").find(root, split)
    if isinstance(found, Missing):
        raise FormatError(str(found))
    data = VcrAnnotations(found[1]["photos and metadata"].parent)
    questions: list[VcrQuestion] = []
    for number, item in enumerate(data.items(split)):
        if limit is not None and number >= limit:
            break
        questions += vcr_questions(item, seed=seed, tags=tags)
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
        if needed not in captioner.info.capabilities:
            hint = "choose --scoring letter" if scoring == "options" else "choose a model that answers questions"
            raise CaptionerError(f"{captioner.info.id} has no capability {needed!r}: {hint}.")
        self.captioner, self.load, self.scoring = captioner, load, scoring
        self._image = ""
        self._state: Any = None
        self._size = (0, 0)

    def choose(self, question: VcrQuestion) -> VcrChoice:
        """Raises: CaptionerError, ImageError."""
        if question.image != self._image:
            picture = self.load(question.image)
            self._state, self._image, self._size = self.captioner.set_image(picture), question.image, picture.size
        boxes = list(self._boxes(question))
        turns = [Turn("user", question.prompt)]
        if self.scoring == "letter":
            text = "".join(self.captioner.chat(self._state, boxes, turns))
            return VcrChoice(letter_place(text), text=text)
        assert can_score_options(self.captioner)
        scores = self.captioner.score_options(self._state, boxes, turns, _OPTION_TEXTS)
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
    choices: ChoiceFile,
    *,
    progress: Callable[[], None] = lambda: None,
) -> dict[Key, VcrChoice]:
    """The choices for all ``questions``; those that ``choices`` has already are not asked again."""
    for question in questions:
        if (question.item, question.task) not in choices.done:
            choices.add(question, choose(question))
            progress()
    return {(q.item, q.task): choices.done[(q.item, q.task)] for q in questions}


class ChoiceFile:
    """Choices as they come, one JSON object a line, so that a run that was stopped goes on; only in memory without a
    path. A context manager.

    ``header`` (model, weights, split, scoring, seed, tags) stands in the first line; a file with another one is
    refused.

    Raises:
        BadInputError: the file belongs to another run.
        FormatError: the file is something else.
        FileWriteError: it cannot be written.
    """

    def __init__(self, path: Path | None, header: dict[str, Any]) -> None:
        self.done: dict[Key, VcrChoice] = {}
        self._stream: IO[bytes] | None = None
        if path is None:
            return
        first = {"format": FORMAT, **header}
        try:
            if path.exists() and path.stat().st_size:
                intact = path.read_bytes().rfind(b"\n") + 1
                self._stream = path.open("r+b")
                self._stream.truncate(intact)  # a line that a crash tore
                self._read(path, first)
                self._stream.seek(intact)
            else:
                self._stream = path.open("wb")
                self._write(first)
        except OSError as error:
            raise FileWriteError(f"{path} cannot be written ({error.strerror}): check the path.") from error

    def _read(self, path: Path, header: dict[str, Any]) -> None:
        for number, record in read_json_lines(path):
            if number == 1:
                if record != header:
                    raise BadInputError(f"{path} was made by another run than this one: give another file.")
                continue
            try:
                place = record["place"]
                if place is not None and place not in range(len(LETTERS)):
                    raise ValueError(f"there is no place {place!r}")
                choice = VcrChoice(place, tuple(map(float, record["scores"])), str(record["text"]))
                self.done[(str(record["item"]), record["task"])] = choice
            except (KeyError, TypeError, ValueError) as error:
                raise FormatError(f"{path}, line {number}: not a choice ({error!r}).") from error

    def _write(self, record: dict[str, Any]) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            self._stream.flush()

    def add(self, question: VcrQuestion, choice: VcrChoice) -> None:
        self.done[(question.item, question.task)] = choice
        record = {"item": question.item, "task": question.task, "place": choice.place}
        self._write({**record, "scores": list(choice.scores), "text": choice.text})

    def __enter__(self) -> ChoiceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            os.fsync(self._stream.fileno())
            self._stream.close()
