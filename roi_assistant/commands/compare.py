"""``roi-assistant compare``: a second model on boxes that have words, and how far both agree."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.caption import DeviceOption, Threads
from roi_assistant.errors import BadInputError

if TYPE_CHECKING:
    from roi_assistant.captioners.reading import TextReading
    from roi_assistant.core.records import Answer, DescribeRequest, Region
    from roi_assistant.evaluation.model_comparison import ComparedBox
    from roi_assistant.interfaces import Captioner
    from roi_assistant.plugins import PluginManager
    from roi_assistant.storage.project import Project

LABEL = "Answers of another model"
HELP = (
    "Ask a second model about boxes that have words, and tell how far both agree.\n\n"
    "In a project the answers are kept beside the words that are there, which stay as they are; boxes that the model "
    "has answered are not asked about again, so a run that was stopped goes on where it ended. In a folder without a "
    "project give --boxes and --model: both models are asked, one after the other, and nothing is kept."
)
app = typer.Typer()


@app.command(help=HELP)
def compare(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of images, usually with a project.")],
    against: Annotated[str, typer.Option("--against", metavar="ID", help="The model that is asked now.")],
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="ID", help="Compare with what this model said; default: what stands there."),
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Boxes of a COCO file, for a folder without a project.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Ask about so many boxes at most, image by image.")
    ] = None,
    show: Annotated[int, typer.Option("--show", min=0, metavar="N", help="List so many of the most different.")] = 10,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="REPORT", help="Also write a report: .html, or .json.")
    ] = None,
    device: DeviceOption = "auto",
    threads: Threads = None,
    verbose: console.Verbose = False,
) -> None:
    """``roi-assistant compare``; see ``HELP``."""
    from roi_assistant.commands.outputs import check_file
    from roi_assistant.evaluation.model_comparison import compare_boxes, comparison_sections, write_comparison
    from roi_assistant.storage.connection import PROJECT_NAME

    if out is not None:
        check_file(out, option="--out")
    most = math.inf if limit is None else limit
    asking = _Asking(console.plugins_of(context), device=device, threads=threads)
    if boxes is not None:
        if model is None:
            raise BadInputError("Without a project there are no words yet: give --model, too.")
        found = _compare_files(folder, boxes, asking, model=model, against=against, most=most)
    elif (folder / PROJECT_NAME).is_file():
        found = _compare_project(folder, asking, model=model, against=against, most=most)
    else:
        raise BadInputError(f"{folder} has no project: give boxes with --boxes, or open the folder first.")
    figures = compare_boxes(found.boxes, left=found.left, right=found.right, shown=show)
    print(console.printable(f"{found.left} against {found.right}"))
    for section in comparison_sections(figures):
        for line in section.lines():
            print(console.printable(line))
    if out is not None:
        write_comparison(out, figures)
        console.say(f"{out} written.")
    if found.failed:
        raise typer.Exit(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    left: str
    right: str
    boxes: list[ComparedBox]
    failed: int


@dataclass(frozen=True, slots=True)
class _Asking:
    plugins: PluginManager
    device: str
    threads: int | None

    @property
    def reading(self) -> TextReading:
        """What reads boxes where that is asked for."""
        from roi_assistant.commands.describing import open_reading

        return open_reading(self.plugins, threads=self.threads)

    @contextlib.contextmanager
    def captioner(self, id_: str) -> Iterator[Captioner]:
        """One model at a time: the memory of the one before is free again."""
        from roi_assistant.commands.describing import open_captioner

        with contextlib.closing(
            open_captioner(self.plugins, id_, device=self.device, threads=self.threads)
        ) as captioner:
            yield captioner


def _compare_project(folder: Path, asking: _Asking, *, model: str | None, against: str, most: float) -> _Compared:
    from roi_assistant.core.records import DescribeRequest
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.project_prompts import project_prompts
    from roi_assistant.storage.project_reading import project_reading

    with Project.open(folder) as project, asking.captioner(against) as captioner:
        schema = project.schema
        request = DescribeRequest(
            style="description",
            attributes=schema if schema.name or schema.attributes else None,
            prompts=project_prompts(project),
            read_text=project_reading(project),
        )
        failed = _ask_in_project(project, folder, captioner, request, reading=asking.reading, most=most)
        boxes, left_out = _pairs(project, left=model, right=captioner.info.id)
        if not boxes:
            known = ", ".join(project.models()) or "none"
            raise BadInputError(
                f"There is no box with words of both sides to compare. Models with words in this project: {known}."
            )
    if left_out:
        console.say(f"{left_out} boxes have words of one side only; they are not compared.")
    return _Compared(left=model or "what stands there", right=captioner.info.id, boxes=boxes, failed=failed)


def _ask_in_project(
    project: Project,
    folder: Path,
    captioner: Captioner,
    request: DescribeRequest,
    *,
    reading: TextReading,
    most: float,
) -> int:
    """Ask about the boxes that ``captioner`` has not answered, each image one edit; how many images failed."""
    from roi_assistant.commands.describing import FailedImage, describe_images
    from roi_assistant.commands.planning import WantedImage, WantedRegion
    from roi_assistant.commands.progress import Progress
    from roi_assistant.core.answers import answer_of, with_answer
    from roi_assistant.core.edits import Edit, RegionChange
    from roi_assistant.core.suggestions import provenance_of
    from roi_assistant.core.times import now
    from roi_assistant.storage.records import BatchFilter

    targets = project.batch_targets(BatchFilter(compare_with=captioner.info.id))
    asked = failed = 0
    with Progress(int(min(targets.regions, most)), what="boxes") as bar:
        for target in targets:
            regions = {one.id: one for one in project.regions(target.image) if one.id in target.region_ids}
            chosen = list(regions.values())[: int(min(len(regions), most - asked))]
            if not chosen:
                break
            asked += len(chosen)
            wanted = tuple(WantedRegion(one.id, f"region {one.id}", one.box) for one in chosen)
            (result,) = describe_images(
                captioner, [WantedImage(folder / target.image, target.image, wanted)], request, reading=reading
            )
            bar.clear()
            if isinstance(result, FailedImage):
                failed += 1
                console.say(f"Left out: {result.error}")
            else:
                by = provenance_of(captioner.info, request, at=now())
                changes = tuple(
                    RegionChange(target.image, one, with_answer(one, answer_of(text, provenance=by)))
                    for one, text in zip(chosen, result.texts, strict=True)
                )
                project.apply(Edit(LABEL, target.image, changes))
            bar.step(len(chosen))
    return failed


def _pairs(project: Project, *, left: str | None, right: str) -> tuple[list[ComparedBox], int]:
    from roi_assistant.core.disagreement import words_of_answer, words_of_region
    from roi_assistant.evaluation.model_comparison import ComparedBox

    pairs, left_out = [], 0
    for image in project.export_images():
        for region in image.regions:
            if region.state == "rejected" or not region.captions:
                continue
            said = _words_of(region)
            one = words_of_region(region) if left is None else words_of_answer(said[left]) if left in said else None
            if one is None or right not in said:
                left_out += 1
            else:
                pairs.append(
                    ComparedBox(image=image.file_name, box=region.box, left=one, right=words_of_answer(said[right]))
                )
    return pairs, left_out


def _words_of(region: Region) -> dict[str, Answer]:
    """What each model said about ``region``, by its id; what was told last where it said something twice."""
    from roi_assistant.core.answers import standing_answer

    standing = standing_answer(region)
    said = {standing.provenance.model_id: standing} if standing is not None else {}
    return said | {answer.provenance.model_id: answer for answer in region.answers}


def _compare_files(folder: Path, file: Path, asking: _Asking, *, model: str, against: str, most: float) -> _Compared:
    """Both models on the boxes of ``file``, nothing kept."""
    from dataclasses import replace

    from roi_assistant.commands.describing import FailedImage, describe_images
    from roi_assistant.commands.planning import make_plan
    from roi_assistant.commands.progress import Progress
    from roi_assistant.core.answers import answer_of
    from roi_assistant.core.disagreement import words_of_answer
    from roi_assistant.core.records import DescribeRequest
    from roi_assistant.core.suggestions import provenance_of
    from roi_assistant.core.times import now
    from roi_assistant.evaluation.model_comparison import ComparedBox

    plan = make_plan([folder], boxes_file=file)
    for note in plan.notes:
        console.say(note)
    images, left = [], most
    for image in plan.images:
        kept = image.regions[: int(min(len(image.regions), left))]
        left -= len(kept)
        if kept:
            images.append(replace(image, regions=kept))
    request = DescribeRequest(style="description")
    names, said, failed = [], [], set()
    for id_ in (model, against):
        answers = {}
        with asking.captioner(id_) as captioner, Progress(len(images), what="images") as bar:
            names.append(captioner.info.id)
            for result in describe_images(captioner, images, request, reading=asking.reading):
                if isinstance(result, FailedImage):
                    bar.clear()
                    failed.add(result.requested.name)
                    console.say(f"Left out: {result.error}")
                else:
                    by = provenance_of(captioner.info, request, at=now())
                    for region, text in zip(result.requested.regions, result.texts, strict=True):
                        words = words_of_answer(answer_of(text, provenance=by))
                        answers[result.requested.name, region.id] = (text.box, words)
                bar.step()
        said.append(answers)
    one, two = said
    boxes = [
        ComparedBox(image=key[0], box=one[key][0], left=one[key][1], right=two[key][1]) for key in one if key in two
    ]
    if not boxes:
        raise BadInputError("No box was described by both models: see the lines above.")
    return _Compared(left=names[0], right=names[1], boxes=boxes, failed=len(failed))
