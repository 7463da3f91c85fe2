"""The options and the work of the commands of ``evaluate``: ask the model or read its answers, score, write, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.captioning import DEFAULT_MODEL
from roi_assistant.commands.captioning import Device as DeviceName
from roi_assistant.commands.outputs import check_file
from roi_assistant.commands.progress import Progress
from roi_assistant.core.records import CaptionStyle, Decoding, DescribeRequest
from roi_assistant.errors import BadInputError, MissingDependencyError

if TYPE_CHECKING:
    from roi_assistant.evaluation.difference import Against
    from roi_assistant.evaluation.items import EvaluationSet
    from roi_assistant.evaluation.outcomes import ItemOutcome, ScoringOptions
    from roi_assistant.evaluation.predictions import A, AnswerKind, Prediction, RunHeader
    from roi_assistant.evaluation.report import Report
    from roi_assistant.evaluation.runner import Timing

Model = Annotated[str, typer.Option("--model", "-m", help="Id of the model; `roi-assistant models` lists them.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write all figures to this JSON file.")]
Device = Annotated[DeviceName, typer.Option("--device", help="Where the model runs.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads of the model.")]

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
            start = stream.read(200)
    except OSError:
        return False
    return not start or beginning in start.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """The options of all commands that ask a model about boxes or read its saved answers.

    Raises:
        BadInputError: options contradict each other or name impossible places.
    """

    context: typer.Context
    model: Model = DEFAULT_MODEL
    json_out: JsonOut = None
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many photos.")] = None
    device: Device = "auto"
    threads: Threads = None
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions", help="Save the answers in this JSONL file; a run that was stopped goes on from it."
        ),
    ] = None
    from_predictions: Annotated[
        Path | None,
        typer.Option("--from-predictions", help="Score the answers in this JSONL file; no model is loaded."),
    ] = None
    verbose: console.Verbose = False

    def __post_init__(self) -> None:
        if self.predictions and self.from_predictions:
            raise BadInputError("Give --predictions to run the model or --from-predictions to score again, not both.")
        check_outputs(self._outputs())

    def _outputs(self) -> dict[str, Path | None]:
        return {"--json": self.json_out, "--predictions": self.predictions}

    def run_question(
        self,
        data: EvaluationSet,
        question: str,
        evaluate: Callable[[Mapping[str, Prediction]], Mapping[str, object]],
    ) -> None:
        """Score the answers to one ``question`` about each box with ``evaluate``, write and print.

        Raises:
            CaptionerError: the model answers no questions.
            RoiAssistantError: of the model, the predictions file or the file to write.
        """
        from roi_assistant.evaluation.predictions import PREDICTIONS
        from roi_assistant.evaluation.runner import question_items

        ask = partial(question_items, question=question)
        header, answers, timing = self.answers(data, ask, decoding="greedy", kind=PREDICTIONS)
        self.report(data, header, evaluate(answers), timing)

    def report(
        self,
        data: EvaluationSet,
        header: RunHeader,
        metrics: Mapping[str, object],
        timing: Timing | None,
        seed: int = 0,
    ) -> Report:
        """Write and print the ``metrics``."""
        from roi_assistant.evaluation.report import build_report, write_json
        from roi_assistant.evaluation.report_sections import report_lines

        command = ["roi-assistant", *sys.argv[1:]]
        report = build_report(data, header, metrics, command=command, seed=seed, timing=timing, limit=self.limit)
        if self.json_out is not None:
            write_json(self.json_out, report)
        print("\n".join(report_lines(data.protocol, metrics)))
        return report

    def answers(
        self,
        data: EvaluationSet,
        ask: Callable[..., tuple[dict[str, A], Timing]],
        *,
        decoding: str,
        kind: AnswerKind[A],
    ) -> tuple[RunHeader, dict[str, A], Timing | None]:
        """The saved answers of this ``kind``, or those that the model gives to ``ask``, which is a function of
        `runner`."""
        from roi_assistant.evaluation.predictions import RunHeader, check_boxes

        if self.from_predictions is not None:
            return *_saved_answers(self.from_predictions, data, kind), None
        captioner = console.plugins_of(self.context).create_captioner(
            self.model, device=self.device, threads=self.threads
        )
        try:
            header = RunHeader.of(captioner.info, protocol=data.protocol, split=data.split, decoding=decoding)
            with kind.open(self.predictions, header) as saved:
                if self.predictions is not None:
                    check_boxes(saved.done, data.items, self.predictions)
                done = sum(item.id in saved.done for item in data.items)
                if done:
                    console.say(f"{done} of {len(data.items)} regions were described before; going on.")
                with Progress(len(data.items) - done, what="regions") as bar:
                    answers, timing = ask(captioner, data, saved=saved, progress=bar.step)
        finally:
            captioner.close()
        return header, answers, timing


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRun(ModelRun):
    """The options of the commands that score captions, categories and attributes."""

    html_out: Annotated[Path | None, typer.Option("--html", help="Write a report with pictures to this HTML file.")] = (
        None
    )
    decoding: Annotated[Decoding, typer.Option("--decoding", help="How captions are written.")] = "greedy"
    style: Annotated[
        CaptionStyle,
        typer.Option(
            "--style",
            help="description is compared with what people wrote on from the region's name to the end of a clause; "
            "sentence asks GPT4RoI as an independent benchmark of it does.",
        ),
    ] = "phrase"
    seed: Annotated[int, typer.Option("--seed", help="Draws the human phrase that stands for a person.")] = 0
    against: Annotated[
        Path | None,
        typer.Option("--against", help="Answers of another model or decoding in this JSONL file: tell the difference."),
    ] = None
    no_java: Annotated[
        bool, typer.Option("--no-java", help="Split texts by the program's own rules and leave METEOR out.")
    ] = False

    def _outputs(self) -> dict[str, Path | None]:
        return {"--json": self.json_out, "--html": self.html_out, "--predictions": self.predictions}

    def run(
        self,
        data: EvaluationSet,
        evaluate: Callable[
            [EvaluationSet, Mapping[str, Prediction], ScoringOptions], tuple[Mapping[str, object], list[ItemOutcome]]
        ],
    ) -> None:
        """Ask the model about ``data`` or read its saved answers, score them with ``evaluate``, write and print.

        Raises:
            MissingDependencyError: pycocoevalcap, or what the model needs, is not installed.
            RoiAssistantError: of the model, the predictions file or the files to write.
        """
        from roi_assistant.evaluation.difference import differences
        from roi_assistant.evaluation.metrics import one_meteor_process
        from roi_assistant.evaluation.outcomes import ScoringOptions
        from roi_assistant.evaluation.predictions import PREDICTIONS
        from roi_assistant.evaluation.report_html import write_html
        from roi_assistant.evaluation.runner import describe_items

        if find_spec("pycocoevalcap") is None and any(item.references for item in data.items):
            raise MissingDependencyError(
                "Caption metrics need the package pycocoevalcap: pip install 'roi-assistant[evaluation]'."
            )
        options = ScoringOptions(seed=self.seed, meteor=not self.no_java, tokenizer="plain" if self.no_java else "auto")
        other = None if self.against is None else _saved_answers(self.against, data, PREDICTIONS)
        style = self.style
        request = DescribeRequest(
            style=style, alternatives=MEASURED_ALTERNATIVES, attributes=data.attributes, decoding=self.decoding
        )
        decoding = self.decoding if style == "phrase" else f"{self.decoding}, {style}"
        ask = partial(describe_items, request=request)
        header, answers, timing = self.answers(data, ask, decoding=decoding, kind=PREDICTIONS)
        console.say(f"Scoring {len(data.items)} regions ...")
        with one_meteor_process():
            metrics, outcomes = evaluate(data, answers, options)
        if other is not None:
            whose, answers_of_other = other
            _, others = evaluate(data, answers_of_other, replace(options, meteor=False))
            against: Against = {
                "model": whose.model_id,
                "weights_sha256": whose.weights_sha256,
                "decoding": whose.decoding,
                "differences": differences(outcomes, others),
            }
            metrics = {**metrics, "against": against}
        report = self.report(data, header, metrics, timing, self.seed)
        if self.html_out is not None:
            write_html(self.html_out, report, data, outcomes)
        for note in report["notes"]:
            console.say(note)


def _saved_answers(path: Path, data: EvaluationSet, kind: AnswerKind[A]) -> tuple[RunHeader, dict[str, A]]:
    """Those of a file of this ``kind`` about every item of ``data``.

    Raises:
        BadInputError: it lacks some, or is about other boxes.
        FormatError: it is no such file.
    """
    from roi_assistant.evaluation.predictions import check_boxes

    header, answers = kind.read(path)
    missing = sum(item.id not in answers for item in data.items)
    if missing:
        raise BadInputError(
            f"{path} has no answer for {missing} of {len(data.items)} regions: finish the run with --predictions, or "
            "give the --limit that it was made with."
        )
    check_boxes(answers, data.items, path)
    return header, {item.id: answers[item.id] for item in data.items}
