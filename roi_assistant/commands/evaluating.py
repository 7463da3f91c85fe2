"""The work of the caption commands of ``evaluate``: ask the model or read its answers, score, write, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.commands import console
from roi_assistant.commands.evaluation_lines import against_lines
from roi_assistant.commands.outputs import check_file
from roi_assistant.commands.progress import Progress
from roi_assistant.core.records import CaptionStyle, Decoding
from roi_assistant.errors import BadInputError, MissingDependencyError

if TYPE_CHECKING:
    from roi_assistant.evaluation.flickr30k import ItemOutcome
    from roi_assistant.evaluation.items import EvaluationSet
    from roi_assistant.evaluation.predictions import Prediction, RunHeader

MEASURED_ALTERNATIVES = 5
"""Alternatives that are asked for and kept in predictions files: those that the window shows."""


_BEGINNINGS = {"--json": b'"schema": "roi-assistant-evaluation"', "--html": b"<!doctype html>"}
"""What stands at the beginning of a report that was written to the file of this option."""


def check_outputs(files: Mapping[str, Path | None]) -> None:
    """Check, before the long work begins, that ``files``, by the option that names them, could be written, and that
    nothing but an earlier report is overwritten: no annotations, no photo.

    Raises:
        BadInputError: one could not, or would be.
    """
    named: dict[str, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        check_file(path, option=option)
        place = os.path.realpath(path)
        if place in named and not path.is_char_device():
            raise BadInputError(f"{named[place]} and {option} are the same file, {path}: give each its own.")
        named[place] = option
        if option in _BEGINNINGS and path.is_file() and not _may_replace(path, beginning=_BEGINNINGS[option]):
            raise BadInputError(f"{option} {path} is there and is no report of an evaluation: give another name.")


def _may_replace(path: Path, *, beginning: bytes) -> bool:
    """Whether the file is empty or an earlier report; one that cannot be read may hold anything."""
    try:
        with path.open("rb") as stream:
            found = stream.read(200)
    except OSError:
        return False
    return not found or beginning in found.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationJob:
    """What the user asked for; the fields are the options that the caption commands of ``evaluate`` share."""

    model: str
    decoding: Decoding
    device: str
    threads: int | None
    predictions: Path | None
    from_predictions: Path | None
    json_out: Path | None
    html_out: Path | None
    limit: int | None
    seed: int
    no_java: bool
    against: Path | None = None
    style: CaptionStyle = "phrase"

    def check(self) -> None:
        """Find what would fail at the end before the long work begins.

        Raises:
            BadInputError: options that contradict each other or name impossible places.
        """
        if self.predictions and self.from_predictions:
            raise BadInputError("Give --predictions to run the model or --from-predictions to score again, not both.")
        check_outputs({"--json": self.json_out, "--html": self.html_out, "--predictions": self.predictions})

    def run(
        self,
        data: EvaluationSet,
        evaluate: Callable[..., tuple[dict[str, Any], list[ItemOutcome]]],
        lines: Callable[[dict[str, Any]], list[str]],
    ) -> None:
        """Ask the model about ``data`` or read its saved answers, score them with ``evaluate``, write and print.

        Raises:
            MissingDependencyError: pycocoevalcap, or what the model needs, is not installed.
            RoiAssistantError: of the model, the predictions file or the files to write.
        """
        from roi_assistant.evaluation.categories import lexicon_rules
        from roi_assistant.evaluation.difference import differences
        from roi_assistant.evaluation.metrics import one_meteor_process
        from roi_assistant.evaluation.report import write_html

        if find_spec("pycocoevalcap") is None and any(item.references for item in data.items):
            raise MissingDependencyError(
                "Caption metrics need the package pycocoevalcap: pip install 'roi-assistant[evaluation]'."
            )
        tokenizer = "plain" if self.no_java else "auto"
        score = partial(evaluate, data, rules=lexicon_rules(), seed=self.seed, tokenizer=tokenizer)
        other = None if self.against is None else _saved_answers(self.against, data)
        header, answers, timing = self._answers(data)
        console.say(f"Scoring {len(data.items)} regions ...")
        with one_meteor_process():
            metrics, outcomes = score(answers, meteor=not self.no_java)
        if other is not None:
            whose, answers_of_other = other
            _, others = score(answers_of_other, meteor=False)
            metrics["against"] = {
                "model": whose.model_id,
                "weights_sha256": whose.weights_sha256,
                "decoding": whose.decoding,
                "differences": differences(outcomes, others),
            }
        report = self._report(data, header, metrics, timing)
        if self.html_out is not None:
            write_html(self.html_out, report, data, outcomes)
        for line in (*lines(metrics), *against_lines(metrics)):
            print(line)
        for note in report["notes"]:
            console.say(note)

    def run_question(
        self,
        data: EvaluationSet,
        question: str,
        evaluate: Callable[[Mapping[str, Prediction]], dict[str, Any]],
        lines: Callable[[dict[str, Any]], list[str]],
    ) -> None:
        """As `run`, for the answers to one ``question`` about each box, and without a page.

        Raises:
            CaptionerError: the model answers no questions.
            RoiAssistantError: of the model, the predictions file or the file to write.
        """
        header, answers, timing = self._answers(data, question)
        metrics = evaluate(answers)
        self._report(data, header, metrics, timing)
        for line in lines(metrics):
            print(line)

    def _report(
        self, data: EvaluationSet, header: RunHeader, metrics: dict[str, Any], timing: dict[str, Any] | None
    ) -> dict[str, Any]:
        from roi_assistant.evaluation.report import build_report, write_json

        command = ["roi-assistant", *sys.argv[1:]]
        report = build_report(data, header, metrics, command=command, seed=self.seed, timing=timing, limit=self.limit)
        if self.json_out is not None:
            write_json(self.json_out, report)
        return report

    def _answers(
        self, data: EvaluationSet, question: str | None = None
    ) -> tuple[RunHeader, dict[str, Prediction], dict[str, Any] | None]:
        """Saved ones, or those of the model: to ``question``, or without one its descriptions."""
        if self.from_predictions is not None:
            return *_saved_answers(self.from_predictions, data), None
        return self._ask(data, question)

    def _ask(
        self, data: EvaluationSet, question: str | None
    ) -> tuple[RunHeader, dict[str, Prediction], dict[str, Any]]:
        from roi_assistant.core.records import DescribeRequest
        from roi_assistant.evaluation.predictions import PredictionWriter, RunHeader, check_boxes
        from roi_assistant.evaluation.runner import describe_items, question_items
        from roi_assistant.plugins import PluginManager

        captioner = PluginManager().create_captioner(self.model, device=self.device, threads=self.threads)
        try:
            how = self.decoding if self.style == "phrase" else f"{self.decoding}, {self.style}"
            header = RunHeader.of(captioner.info, protocol=data.protocol, split=data.split, decoding=how)
            if question is None:
                request = DescribeRequest(
                    style=self.style,
                    alternatives=MEASURED_ALTERNATIVES,
                    attributes=data.attributes,
                    decoding=self.decoding,
                )
                ask = partial(describe_items, request=request)
            else:
                ask = partial(question_items, question=question)
            with PredictionWriter(self.predictions, header) as writer:
                if self.predictions is not None:
                    check_boxes(writer.done, data.items, self.predictions)
                done = sum(item.id in writer.done for item in data.items)
                if done:
                    console.say(f"{done} of {len(data.items)} regions were described before; going on.")
                with Progress(len(data.items) - done, what="regions") as bar:

                    def advance(regions: int) -> None:
                        for _ in range(regions):
                            bar.step()

                    answers, timing = ask(captioner, data, writer=writer, progress=advance)
        finally:
            captioner.close()
        return header, answers, timing.figures()


def _saved_answers(path: Path, data: EvaluationSet) -> tuple[RunHeader, dict[str, Prediction]]:
    """Those of a predictions file about every item of ``data``.

    Raises:
        BadInputError: it lacks some, or is about other boxes.
        FormatError: it is no predictions file.
    """
    from roi_assistant.evaluation.predictions import check_boxes, read_predictions

    header, answers, _ = read_predictions(path)
    missing = sum(item.id not in answers for item in data.items)
    if missing:
        raise BadInputError(
            f"{path} has no answer for {missing} of {len(data.items)} regions: finish the run with --predictions, or "
            "give the --limit that it was made with."
        )
    check_boxes(answers, data.items, path)
    return header, {item.id: answers[item.id] for item in data.items}
