"""What a captioner answered, in a file that a run can go on from and that can be scored again without the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, field
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from roi_assistant.core.box import Box
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import CaptionerInfo, RegionText, ScoredText
from roi_assistant.errors import BadInputError, CaptionerError, FormatError
from roi_assistant.evaluation.items import EvaluationItem
from roi_assistant.evaluation.resumable import AnswerFile, AnswerFormat, Record, read_answers

FORMAT = "roi-assistant-predictions"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Prediction:
    """A captioner's answer for one item.

    ``shown`` is the caption that users see; ``specific`` is the best specific guess, which differs from it when the
    model is ``unsure`` and shows a more general word. ``categories`` are the specific guesses, best first, and
    ``shown_category`` what users see. ``box`` is in pixels of the annotation.
    """

    item: str
    box: tuple[float, float, float, float]
    shown: ScoredText
    specific: ScoredText
    unsure: bool = False
    shown_category: ScoredText | None = None
    categories: tuple[ScoredText, ...] = ()
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    alternatives: tuple[ScoredText, ...] = ()


def prediction_of(item: EvaluationItem, text: RegionText) -> Prediction:
    """What ``text`` says about ``item``, with the specific guesses told apart from what is shown.

    Where a more general word is shown, the specific categories are the category alternatives.

    Raises:
        CaptionerError: a score is not a probability.
    """
    for guess in (text.caption, *text.alternatives, *filter(None, [text.category]), *text.category_alternatives):
        if not 0.0 <= guess.score <= 1.0:
            raise CaptionerError(
                f"The model scores {guess.text!r} for {item.id} with {guess.score}, not with a probability between 0 "
                "and 1: the plugin is at fault."
            )
    shown_category = text.category
    ranked = text.category_alternatives
    if shown_category is not None and not (text.specific is not None and ranked):
        ranked = (shown_category, *ranked)
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in text.attributes:
        attributes[attribute.name] = (*attributes.get(attribute.name, ()), *attribute.values)
    return Prediction(
        item=item.id,
        box=item.box.xyxy,
        shown=text.caption,
        specific=text.specific or text.caption,
        unsure=text.unsure,
        shown_category=shown_category,
        categories=ranked,
        attributes=attributes,
        alternatives=text.alternatives,
    )


Scored = tuple[str, float]


@dataclass(frozen=True, slots=True)
class _Line:
    """A `Prediction` as a line of the file holds it: scored texts as pairs."""

    item: str
    box: tuple[float, float, float, float]
    shown: Scored
    specific: Scored
    unsure: bool
    shown_category: Scored | None
    categories: tuple[Scored, ...]
    attributes: dict[str, tuple[str, ...]]
    alternatives: tuple[Scored, ...]


def encode_prediction(prediction: Prediction) -> Record:
    """A line of the predictions file."""
    return encode(_Line(*astuple(prediction)))


def decode_prediction(record: Record) -> Prediction:
    """The inverse of :func:`encode_prediction`.

    Raises:
        FormatError: a field is missing or has another type.
        BadInputError: the box is none.
    """
    line = decode(_Line, record)
    scored = [line.shown, line.specific, *filter(None, [line.shown_category]), *line.categories, *line.alternatives]
    if not all(math.isfinite(score) for _, score in scored):
        raise FormatError("A score is not a number.")
    return Prediction(
        item=line.item,
        box=Box(*line.box).xyxy,
        shown=ScoredText(*line.shown),
        specific=ScoredText(*line.specific),
        unsure=line.unsure,
        shown_category=None if line.shown_category is None else ScoredText(*line.shown_category),
        categories=tuple(starmap(ScoredText, line.categories)),
        attributes=line.attributes,
        alternatives=tuple(starmap(ScoredText, line.alternatives)),
    )


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a predictions file belongs to; runs are continued only under an equal header."""

    protocol: str
    split: str
    model_id: str
    model_name: str
    weights_sha256: str
    decoding: str
    device: str = ""
    precision: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, info: CaptionerInfo, *, protocol: str, split: str, decoding: str) -> RunHeader:
        """That of a run of the captioner with ``info``."""
        return cls(
            protocol=protocol,
            split=split,
            model_id=info.id,
            model_name=info.name,
            weights_sha256=info.weights_sha256,
            decoding=decoding,
            device=info.device,
            precision=info.precision,
            notes=tuple(info.notes),
        )

    def same_run(self, other: RunHeader) -> bool:
        """Whether predictions under both headers may be mixed: device and precision may differ, all else may not."""
        keys = ("protocol", "split", "model_id", "weights_sha256", "decoding")
        return all(getattr(self, key) == getattr(other, key) for key in keys)

    def record(self, form: str = FORMAT) -> Record:
        """The first line of a file in the format ``form``."""
        return {"format": form, "version": VERSION, **asdict(self), "notes": list(self.notes)}

    @classmethod
    def of_record(cls, record: Record, form: str = FORMAT) -> RunHeader:
        """The inverse of `record`.

        Raises:
            FormatError: it is not the first line of a file in the format ``form`` and of `VERSION`.
        """
        values = dict(record)
        if (values.pop("format", None), values.pop("version", None)) != (form, VERSION):
            raise FormatError(f"it needs the format {form}, version {VERSION}")
        return decode(cls, values)


class AboutItem(Protocol):
    """An answer about an item."""

    @property
    def item(self) -> str:
        """Id of the item."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """xyxy, in pixels of the annotation."""


A = TypeVar("A", bound=AboutItem)


class AnswerKind(Generic[A]):
    """Files with one kind of answer about each item."""

    def __init__(self, form: str, name: str, *, encode: Callable[[A], Record], decode: Callable[[Record], A]) -> None:
        """``form`` stands in the first line, ``name`` in messages; ``encode`` and ``decode`` as in `AnswerFormat`."""
        self.form = form
        self._format: AnswerFormat[str, A] = AnswerFormat(
            name,
            check=partial(RunHeader.of_record, form=form),
            encode=lambda item, answer: encode(answer),
            decode=lambda record: ((answer := decode(record)).item, answer),
        )

    def read(self, path: Path) -> tuple[RunHeader, dict[str, A]]:
        """Header, and answers by item.

        A last line without a line end was torn by a crash and is left out. An item that occurs twice keeps the later
        line.

        Raises:
            FormatError: the file cannot be read or is none of this kind.
        """
        header, answers = read_answers(path, self._format)
        return RunHeader.of_record(header, self.form), answers

    def open(self, path: Path | None, header: RunHeader) -> AnswerFile[str, A]:
        """Answers by item, which are appended to ``path`` as they come, or only kept in memory when it is None.

        Raises:
            BadInputError: the file belongs to another model, decoding, protocol or split.
            FormatError: the file is something else.
            FileWriteError: it cannot be written.
        """

        def check_run(record: Record) -> None:
            other = RunHeader.of_record(record, self.form)
            if not other.same_run(header):
                raise BadInputError(
                    f"{path} holds predictions of {other.model_id} ({other.protocol} {other.split}, {other.decoding}), "
                    "another run than this one: give another file."
                )

        return AnswerFile(path, header.record(self.form), self._format, check_run=check_run)


PREDICTIONS = AnswerKind(FORMAT, "predictions file", encode=encode_prediction, decode=decode_prediction)


def check_boxes(predictions: Mapping[str, AboutItem], items: Iterable[EvaluationItem], path: Path) -> None:
    """Refuse predictions that were made for other boxes than those of ``items``.

    Raises:
        BadInputError: the box of an item differs by more than a hundredth of a pixel.
    """
    for item in items:
        prediction = predictions.get(item.id)
        if prediction and any(abs(a - b) > 0.01 for a, b in zip(prediction.box, item.box.xyxy, strict=True)):
            raise BadInputError(
                f"{path} was made from other annotations: the box of {item.id} differs; give another predictions file."
            )
