"""What a captioner answered, one JSON object a line, so that a run can be continued and scored again without the model.

The first line describes the run (model, decoding, data). Each further line is one item. Lines are appended as soon as a
photo is done; a line torn by a crash is cut off when the run goes on.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, RegionText, ScoredText
from roi_assistant.errors import BadInputError, CaptionerError, FileWriteError, FormatError
from roi_assistant.evaluation.items import EvaluationItem
from roi_assistant.evaluation.metrics import normalise_phrase

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

    The specific categories of an unsure region are its category alternatives.

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
    if shown_category is not None and not (text.unsure and ranked):
        ranked = (shown_category, *ranked)
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in text.attributes:
        attributes[attribute.name] = (*attributes.get(attribute.name, ()), *attribute.values)
    return Prediction(
        item=item.id,
        box=item.box.xyxy,
        shown=text.caption,
        specific=_specific(text),
        unsure=text.unsure,
        shown_category=shown_category,
        categories=ranked,
        attributes=attributes,
        alternatives=text.alternatives,
    )


def _specific(text: RegionText) -> ScoredText:
    """The best specific caption; of an unsure answer that does not name it, what the model wrote."""
    if text.specific is not None:
        return text.specific
    raw = text.raw_output.strip()
    if not text.unsure or not raw:
        return text.caption
    by_text = {normalise_phrase(t.text): t.score for t in reversed((text.caption, *text.alternatives))}
    return ScoredText(raw, by_text.get(normalise_phrase(raw), text.caption.score))


def _pair(value: ScoredText | None) -> list[Any] | None:
    return None if value is None else [value.text, value.score]


def _scored(value: Any) -> ScoredText:
    text, score = value
    if not isinstance(text, str) or not math.isfinite(float(score)):
        raise ValueError(f"{value!r} is not a text with its score")
    return ScoredText(text, float(score))


def to_line(prediction: Prediction) -> str:
    """One line of the predictions file, without the line end."""
    record = {
        "item": prediction.item,
        "box": list(prediction.box),
        "shown": _pair(prediction.shown),
        "specific": _pair(prediction.specific),
        "unsure": prediction.unsure,
        "shown_category": _pair(prediction.shown_category),
        "categories": [_pair(value) for value in prediction.categories],
        "attributes": {name: list(values) for name, values in prediction.attributes.items()},
        "alternatives": [_pair(value) for value in prediction.alternatives],
    }
    return json.dumps(record, ensure_ascii=False)


def from_record(record: Mapping[str, Any]) -> Prediction:
    """The inverse of :func:`to_line`, after JSON decoding.

    Raises:
        KeyError, TypeError, ValueError: a field is missing or has another type.
    """
    shown_category = record["shown_category"]
    box = Box(*(float(value) for value in record["box"]))
    return Prediction(
        item=str(record["item"]),
        box=box.xyxy,
        shown=_scored(record["shown"]),
        specific=_scored(record["specific"]),
        unsure=bool(record["unsure"]),
        shown_category=None if shown_category is None else _scored(shown_category),
        categories=tuple(_scored(value) for value in record["categories"]),
        attributes={str(name): tuple(map(str, values)) for name, values in record["attributes"].items()},
        alternatives=tuple(_scored(value) for value in record["alternatives"]),
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

    def to_line(self) -> str:
        record = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(
            {"format": FORMAT, "version": VERSION, **record, "notes": list(self.notes)}, ensure_ascii=False
        )


def _header(line: str, path: Path) -> RunHeader:
    try:
        record = json.loads(line)
        if record["format"] != FORMAT or record["version"] != VERSION:
            raise ValueError(f"format {record['format']!r} version {record['version']!r}")
        fields = {name: record[name] for name in RunHeader.__slots__}
        return RunHeader(**{**fields, "notes": tuple(fields["notes"])})
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{path} is not a predictions file of version {VERSION} ({error!r}): give another file."
        ) from error


def read_predictions(path: Path) -> tuple[RunHeader, dict[str, Prediction], int]:
    """Header, predictions by item, and the length in bytes of the intact part of the file.

    A last line without a line end was torn by a crash and is left out. An item that occurs twice keeps the later line.

    Raises:
        FormatError: the file cannot be read or is not a predictions file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    intact = data.rfind(b"\n") + 1
    try:
        lines = data[:intact].decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not a predictions file (it is not UTF-8 text): give another file.") from error
    if not lines:
        what = "is not a predictions file (it has not one whole line)" if data else "is empty"
        raise FormatError(f"{path} {what}: delete it or give another file.")
    header = _header(lines[0], path)
    predictions: dict[str, Prediction] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            prediction = from_record(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, BadInputError) as error:
            raise FormatError(f"{path}, line {number}: not a prediction ({error!r}).") from error
        predictions[prediction.item] = prediction
    return header, predictions, intact


def check_boxes(predictions: Mapping[str, Prediction], items: Iterable[EvaluationItem], path: Path) -> None:
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


class PredictionWriter:
    """Appends predictions to ``path``, or only keeps them in memory when it is None. A context manager.

    ``done`` holds what the file had already.

    Raises:
        BadInputError: the file belongs to another model, decoding, protocol or split.
        FormatError: the file is something else.
    """

    def __init__(self, path: Path | None, header: RunHeader) -> None:
        self.path = path
        self.done: dict[str, Prediction] = {}
        self._stream: IO[bytes] | None = None
        if path is None:
            return
        if path.exists() and path.stat().st_size:
            found, self.done, intact = read_predictions(path)
            if not found.same_run(header):
                raise BadInputError(
                    f"{path} holds predictions of {found.model_id} ({found.protocol} {found.split}, {found.decoding}), "
                    "another run than this one: give another file."
                )
            self._stream = path.open("r+b")
            self._stream.truncate(intact)
            self._stream.seek(intact)
        else:
            try:
                self._stream = path.open("wb")
            except OSError as error:
                raise FileWriteError(f"{path} cannot be written ({error.strerror}): check the path.") from error
            self._write([header.to_line()])

    def _write(self, lines: list[str]) -> None:
        if self._stream is not None:
            self._stream.write("".join(line + "\n" for line in lines).encode())
            self._stream.flush()

    def add(self, predictions: Iterable[Prediction]) -> None:
        new = list(predictions)
        self.done.update((prediction.item, prediction) for prediction in new)
        self._write([to_line(prediction) for prediction in new])

    def __enter__(self) -> PredictionWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            os.fsync(self._stream.fileno())
            self._stream.close()
