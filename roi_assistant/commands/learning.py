"""The options and the work of ``evaluate learning``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.evaluating import MEASURED_ALTERNATIVES, ModelRun
from roi_assistant.commands.progress import Progress
from roi_assistant.core.records import Decoding, DescribeRequest
from roi_assistant.errors import BadInputError, FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roi_assistant.evaluation.items import EvaluationSet
    from roi_assistant.evaluation.learning import Project
    from roi_assistant.evaluation.named_regions import NamedRegion
    from roi_assistant.evaluation.restyled import Restyled
    from roi_assistant.memory.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRun(ModelRun):
    """The options of ``evaluate learning``."""

    html_out: Annotated[
        Path | None, typer.Option("--html", help="Write a report with learning curves to this HTML file.")
    ] = None
    decoding: Annotated[Decoding, typer.Option("--decoding", help="How captions are written.")] = "greedy"
    stream: Annotated[int, typer.Option("--stream", help="Draws the projects and the order of their photos.")] = 0
    projects: Annotated[
        int, typer.Option("--projects", min=0, help="Projects of 12 categories, 230 boxes at most; 0 for none.")
    ] = 8
    most: Annotated[int, typer.Option("--most", min=1, help="Boxes at most of the project with all of them.")] = 1700
    unknown: Annotated[
        bool,
        typer.Option("--unknown", help="Also projects of 18 categories that the model's first guess never was."),
    ] = False
    wrong: Annotated[
        float, typer.Option("--wrong", min=0.0, max=1.0, help="Share of boxes that teach a wrong name.")
    ] = 0.0
    restyled: Annotated[
        str | None,
        typer.Option(
            "--restyled",
            help="The annotator writes all captions in this form, '{category}, {color}, {place}': tell how many are "
            "suggested so to the letter. Several with | between them: the first whose slots have values.",
        ),
    ] = None
    words: Annotated[
        Path | None,
        typer.Option(
            "--words", help='Her words for --restyled in this JSON file, by slot and value: {"color": {"red": "rot"}}.'
        ),
    ] = None
    weights: Annotated[
        Path | None, typer.Option("--weights", help="Weights that 'train memory' wrote, in place of those that ship.")
    ] = None

    def _outputs(self) -> dict[str, Path | None]:
        return {"--json": self.json_out, "--html": self.html_out, "--predictions": self.predictions}

    def run(self, data: EvaluationSet) -> None:
        """Describe the named boxes of ``data`` or read what was said of them, annotate projects of them, write and
        print.

        Raises:
            CaptionerError: the model does not tell how regions look.
            RoiAssistantError: of the model, the predictions file or the files to write.
        """
        from roi_assistant.evaluation.learning import PROTOCOL, measure
        from roi_assistant.evaluation.named_regions import REGION_TEXTS, check_names, describe_regions
        from roi_assistant.evaluation.report_html import write_html

        weights = None if self.weights is None else _read_weights(self.weights)
        restyled = self._restyled(data)
        data = replace(data, protocol=PROTOCOL, items=tuple(item for item in data.items if item.category))
        if not data.items:
            raise BadInputError(f"No box of {data.name} has a name: there is nothing to learn.")
        request = DescribeRequest(alternatives=MEASURED_ALTERNATIVES, decoding=self.decoding)
        ask = partial(describe_regions, request=request)
        header, answers, timing = self.answers(data, ask, decoding=self.decoding, kind=REGION_TEXTS)
        check_names(answers.values(), data.items)
        groups = self._groups(list(answers.values()))
        with Progress(sum(map(len, groups.values())), what="projects") as bar:
            metrics = measure(
                groups, weights=weights, wrong=self.wrong, restyled=restyled, seed=self.stream, progress=bar.step
            )
        report = self.report(data, header, metrics, timing, self.stream)
        if self.html_out is not None:
            write_html(self.html_out, report, data, ())

    def _restyled(self, data: EvaluationSet) -> Restyled | None:
        """Raises: BadInputError: a form has no slot; FormatError: the file of words is none."""
        from roi_assistant.core.box import place_of
        from roi_assistant.evaluation.restyled import Restyled, forms_of

        if self.restyled is None:
            if self.words is not None:
                raise BadInputError("--words are those of a form: give --restyled FORM, too.")
            return None
        places = {item.id: place_of(item.box, width=item.width, height=item.height) for item in data.items}
        words = {} if self.words is None else _read_words(self.words)
        return Restyled(forms=forms_of(self.restyled), words=words, places=places)

    def _groups(self, regions: list[NamedRegion]) -> dict[str, Sequence[Project]]:
        from roi_assistant.evaluation.learning import (
            FEW_NAMES,
            UNKNOWN_NAMES,
            drawn_projects,
            mixed_project,
            unknown_names,
        )

        groups: dict[str, Sequence[Project]] = {
            "Mixed": [mixed_project(regions, seed=self.stream, most=self.most)],
            "12 categories": drawn_projects(regions, FEW_NAMES, count=self.projects, seed=self.stream),
        }
        if self.unknown:
            names = unknown_names(regions)
            groups["Names that the model does not know"] = drawn_projects(
                regions, UNKNOWN_NAMES, count=self.projects, seed=self.stream, among=names
            )
        for name, projects in groups.items():
            if not projects and self.projects:
                console.say(f"{name}: left out, no category has enough boxes.")
        return {name: projects for name, projects in groups.items() if projects}


def _read_words(path: Path) -> dict[str, dict[str, str]]:
    from roi_assistant.formats.json_files import read_json

    words: dict[str, dict[str, str]] = {}
    stored = read_json(path)
    for slot, group in stored.items() if isinstance(stored, dict) else [("", None)]:
        if not isinstance(group, dict) or not all(isinstance(word, str) for word in group.values()):
            raise FormatError(f'{path} holds no words: give a JSON file such as {{"color": {{"red": "rot"}}}}.')
        words[slot] = group
    return words


def _read_weights(path: Path) -> Weights:
    from roi_assistant.memory.weights import weights_of

    try:
        weights = weights_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} cannot be read ({error}): give a file that 'train memory' wrote.") from error
    if weights is None:
        raise FormatError(f"{path} holds no weights of a memory: give a file that 'train memory' wrote.")
    return weights
