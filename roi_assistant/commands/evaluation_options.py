"""Options that the commands of ``evaluate`` share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from roi_assistant.commands import console
from roi_assistant.commands.captioning import DEFAULT_MODEL
from roi_assistant.commands.captioning import Device as DeviceName
from roi_assistant.commands.evaluating import EvaluationJob
from roi_assistant.core.records import CaptionStyle, Decoding

Model = Annotated[str, typer.Option("--model", "-m", help="Id of the model; `roi-assistant models` lists them.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write all figures to this JSON file.")]
HtmlOut = Annotated[Path | None, typer.Option("--html", help="Write a report with pictures to this HTML file.")]
DecodingOption = Annotated[Decoding, typer.Option("--decoding", help="How captions are written.")]
StyleOption = Annotated[
    CaptionStyle, typer.Option("--style", help="sentence asks GPT4RoI as an independent benchmark of it does.")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many photos.")]
Device = Annotated[DeviceName, typer.Option("--device", help="Where the model runs.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads of the model.")]
Seed = Annotated[int, typer.Option("--seed", help="Draws the human phrase that stands for a person.")]
Save = Annotated[
    Path | None,
    typer.Option("--predictions", help="Save the answers in this JSONL file; a run that was stopped goes on from it."),
]
Rescore = Annotated[
    Path | None, typer.Option("--from-predictions", help="Score the answers in this JSONL file; no model is loaded.")
]
Against = Annotated[
    Path | None,
    typer.Option("--against", help="Answers of another model or decoding in this JSONL file: tell the difference."),
]
NoJava = Annotated[bool, typer.Option("--no-java", help="Split texts by the program's own rules and leave METEOR out.")]


def _job(
    *,
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    style: StyleOption = "phrase",
    decoding: DecodingOption = "greedy",
    limit: Limit = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Seed = 0,
    predictions: Save = None,
    from_predictions: Rescore = None,
    against: Against = None,
    no_java: NoJava = False,
    verbose: console.Verbose = False,
) -> EvaluationJob:
    job = EvaluationJob(
        model=model,
        decoding=decoding,
        device=device,
        threads=threads,
        predictions=predictions,
        from_predictions=from_predictions,
        against=against,
        json_out=json_out,
        html_out=html_out,
        limit=limit,
        seed=seed,
        no_java=no_java,
        style=style,
    )
    job.check()
    return job


def with_job_options(*, style: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command that takes a ``job`` gets the options of all caption evaluations in its place, ``--style`` only where
    it is wanted. The job is checked before the command runs (BadInputError)."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "job"]
        options = inspect.signature(_job, eval_str=True).parameters.values()
        shared = [option for option in options if style or option.name != "style"]

        @functools.wraps(command)
        def run(**values: Any) -> None:
            job = _job(**{option.name: values.pop(option.name) for option in shared})
            command(**values, job=job)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in [*own, *shared]]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # which typer reads
        return run

    return decorate
