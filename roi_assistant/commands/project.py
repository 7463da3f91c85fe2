"""``roi-assistant project``: look at, check, save, restore, merge, fill and export the project of a folder."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from roi_assistant.commands import console
from roi_assistant.commands.progress import Progress
from roi_assistant.core.records import ReviewState
from roi_assistant.errors import BadInputError, ProjectLockedError

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.region_export import ExportResult

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of images that was opened.")]
COCO = "coco"
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="ID",
        help="coco, coco-gpt4roi, conversations, or a format in `roi-assistant plugins list`.",
    ),
]
Dialect = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of --format conversations: for which models, such as qwen3-vl or internvl."),
]
_SHOWN = 20

app = typer.Typer(no_args_is_help=True)


@app.callback()
def project() -> None:
    """Look at, check, save, restore, merge, fill and export the project of a folder."""


@app.command()
def info(
    folder: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of lines.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Images, regions, how far the review is, the schema, backups. Changes nothing."""
    from roi_assistant.storage.backup import backups
    from roi_assistant.storage.checking import missing_images
    from roi_assistant.storage.learning_from import learned_from
    from roi_assistant.storage.records import outcome_line

    with _open_to_read(folder) as opened:
        _say_sub_projects(opened)
        counts = opened.review_counts()
        missing = missing_images(opened)
        learning = opened.learning_curve()
        outcomes = opened.outcomes()
        facts = {
            "file": str(opened.path),
            "bytes": opened.path.stat().st_size,
            "created_at": opened.info().get("created_at", ""),
            "images": counts.images,
            "images_with_regions": counts.images_with_regions,
            "missing_photos": len(missing),
            "regions_of_missing_photos": sum(missing.values()),
            "regions": counts.regions,
            "suggested": counts.suggested,
            "accepted": counts.accepted,
            "edited": counts.edited,
            "rejected": counts.rejected,
            "right_of_first_50": learning.steps[0] if learning else None,
            "right_of_last_50": learning.last if learning else None,
            "outcomes": [asdict(model) for model in outcomes.models],
            "outcomes_of_regions": f"{outcomes.counted} of {outcomes.regions}",
            "categories": len(opened.category_ids()),
            "learned_from": [f"{name} ({count} lessons)" for name, count in learned_from(opened).items()],
            "schema": opened.schema.name or None,
            "attributes": [definition.name for definition in opened.schema.attributes],
            "unfinished_jobs": len(opened.load_jobs()),
            "backups": [str(path) for path in backups(opened.path)],
        }
    if as_json:
        from roi_assistant.commands.json_output import dump_json

        print(dump_json(facts, encoding=sys.stdout.encoding))
        return
    rows = []
    facts["outcomes"] = [outcome_line(model) for model in outcomes.models]
    for name, value in facts.items():
        text = ", ".join(value) if isinstance(value, list) else "-" if value is None else str(value)
        rows.append((name.replace("_", " "), text or "-"))
    console.print_rows(("what", "value"), rows)


@app.command()
def check(
    folder: Folder,
    repair: Annotated[bool, typer.Option("--repair", help="Make the search index and the counts anew.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Read the whole project and the sizes of its photos, and say what is wrong. Exit code 1 when something is."""
    from roi_assistant.storage.checking import check_project
    from roi_assistant.storage.checking import repair as make_anew
    from roi_assistant.storage.project import Project

    must_exist(folder)
    try:
        opened = Project.open(folder, backup=repair, accept_loss=repair)
    except ProjectLockedError as error:
        if repair:
            raise
        console.say(f"{error} The search index is not checked.")
        opened = Project.open(folder, read_only=True)
    with opened:
        _say_sub_projects(opened)
        if repair:
            make_anew(opened)
        report = check_project(opened, on_step=lambda step: console.say(f"checking {step} ..."))
    for problem in report.problems:
        print(console.printable(f"wrong: {problem}"))
    for key in report.missing[:_SHOWN]:
        print(console.printable(f"missing file: {key}"))
    if len(report.missing) > _SHOWN:
        print(f"... and {len(report.missing) - _SHOWN} more missing files")
    for fault in report.photo_faults:
        print(console.printable(f"photos: {fault.count} {fault.field}(s): {fault.reason} ({fault.example})"))
    state = ("sound" if report.photos_fit else "sound, but its photos are NOT") if report.ok else "NOT sound"
    print(
        f"The project is {state}: {report.images} images ({len(report.missing)} files missing), {report.regions} "
        f"regions, {report.steps} steps of undo."
    )
    if not (report.ok and report.photos_fit):
        raise typer.Exit(1)


@app.command()
def backup(folder: Folder, verbose: console.Verbose = False) -> None:
    """Save a dated copy now, also while the project is open in a window."""
    from roi_assistant.storage.backup import make_backup

    with _open_to_read(folder) as opened:
        path = opened.path
    print(make_backup(path))


@app.command()
def restore(
    folder: Folder,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.roi", help="The backup; default: the newest one.")
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Put a backup in the place of the project. The file that was there is renamed, not deleted."""
    from roi_assistant.storage.backup import backups
    from roi_assistant.storage.connection import PROJECT_NAME
    from roi_assistant.storage.restoring import restore_project

    path = folder / PROJECT_NAME
    candidates = [source] if source is not None else backups(path)
    if not candidates or not candidates[0].is_file():
        raise BadInputError(f"{folder} has no backup to restore: give the path of one with --from.")
    aside = restore_project(folder, candidates[0])
    print(f"{path} is now {candidates[0]}" + (f"; what was there is {aside}" if aside else ""))


@app.command()
def merge(
    folder: Folder,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The other project file, or its folder.")],
    verbose: console.Verbose = False,
) -> None:
    """Take over what another copy of the project has; what a person wrote is kept on both sides."""
    from roi_assistant.storage.connection import PROJECT_NAME
    from roi_assistant.storage.merging import merge as merge_in
    from roi_assistant.storage.project import Project

    must_exist(folder)
    theirs = other / PROJECT_NAME if other.is_dir() else other
    if not theirs.is_file():
        raise BadInputError(f"{theirs} does not exist: give the other project file, or its folder.")
    with Project.open(folder, backup=False) as opened:
        report = merge_in(opened, theirs)
    console.say(f"Backup: {report.backup}")
    for line in str(report).splitlines():
        print(console.printable(line))


@app.command()
def prompts(
    folder: Folder,
    set_: Annotated[
        Path | None, typer.Option("--set", metavar="FILE.json", help="Ask with the texts in this file from now on.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Ask as the program does again.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """What models that understand words are asked for in this project, as JSON; change it with --set."""
    from roi_assistant.commands.json_output import dump_json
    from roi_assistant.core.record_json import encode
    from roi_assistant.core.records import Prompts
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.project_prompts import project_prompts, store_prompts
    from roi_assistant.vlm.prompts import read_prompts

    must_exist(folder)
    if set_ is not None and clear:
        raise BadInputError("Give --set or --clear, not both.")
    if set_ is not None or clear:
        wanted = read_prompts(set_) if set_ is not None else None
        with Project.open(folder) as opened:
            store_prompts(opened, wanted)
    with _open_to_read(folder) as opened:
        asked = project_prompts(opened) or Prompts()
    print(dump_json({**{name: getattr(asked, name) for name in Prompts.__slots__}, **encode(asked)}, encoding="utf-8"))


@app.command()
def reading(
    folder: Folder,
    choice: Annotated[
        Literal["on", "off", "default"] | None,
        typer.Argument(help="default: where the attributes have a 'text', and roi-assistant[ocr] is installed."),
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Whether what is written in boxes is read into the attribute 'text' in this project; change it with on or off."""
    from roi_assistant.core.reading import fills_text
    from roi_assistant.core.records import ReadingText
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.project_reading import project_reading, store_reading

    stored: dict[str, ReadingText] = {"on": "yes", "off": "no", "default": "if_possible"}
    must_exist(folder)
    if choice is not None:
        with Project.open(folder) as opened:
            store_reading(opened, stored[choice])
    with _open_to_read(folder) as opened:
        chosen, has_attribute = project_reading(opened), fills_text(opened.schema)
    print(next(word for word, value in stored.items() if value == chosen))
    if chosen != "no" and not has_attribute:
        console.say("The project has no attribute 'text' of any text: nothing is read until it has one.")


@app.command("learn-from")
def learn_from(
    folder: Folder,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The folder of the project to learn from.")],
    forget: Annotated[bool, typer.Option("--forget", help="Forget what it taught instead.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Start with the words of another project: what its accepted regions taught changes suggestions here, too.

    The lessons are copied. Doing it again replaces them; the other project is only read. A project is made in FOLDER if
    there is none.
    """
    from roi_assistant.storage.learning_from import forget_lessons
    from roi_assistant.storage.learning_from import learn_from as take_over
    from roi_assistant.storage.project import Project

    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder: give the folder of images.")
    with Project.open(folder) as opened:
        if forget:
            print(console.printable(f"{forget_lessons(opened, other)} lessons of {other} are forgotten."))
            return
        report = take_over(opened, other)
    for sentence in report.sentences():
        print(console.printable(str(sentence)))


@app.command("import")
def import_(
    context: typer.Context,
    folder: Folder,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The annotation file, or folder of such; images are found by their names."),
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format", metavar="ID", help="auto: what the file is, else a format in `roi-assistant plugins list`."
        ),
    ] = "auto",
    on_conflict: Annotated[
        Literal["keep", "replace", "both"],
        typer.Option(help="Of regions that the project has otherwise: keep its own, take the file's instead, or both."),
    ] = "keep",
    boxes: Annotated[
        Literal["auto", "pixels", "fractions", "percent"],
        typer.Option(help="What boxes are given in: found out, or pixels, or parts of the sides from 0 to 1 or 100."),
    ] = "auto",
    dialect: Dialect = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop, before anything is stored, at what would be left out.")
    ] = False,
    verbose: console.Verbose = False,
) -> None:
    """Take over boxes, captions, categories and attributes of an annotation file; a project is made if there is none.

    Boxes are clipped to their images. What does not say who wrote it counts as written by a person. Regions that the
    project has already are left as they are, so that the same file may be imported twice. Undo works image by image.
    """
    from roi_assistant.commands.planning import find_inputs
    from roi_assistant.region_formats import read_annotations
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.region_import import RegionImport

    images = find_inputs([folder])
    format = _with_dialect(format, dialect, context)
    annotations = read_annotations(file, format, console.plugins_of(context), strict=strict)
    unit = None if boxes == "auto" else boxes
    work = RegionImport(file, annotations, images=images, on_conflict=on_conflict, unit=unit)
    records = ((image, work.fit(image, record)) for image, record in work.matched)
    if strict:  # all of them before the first is stored
        checked = list(records)
        for _, fitted in checked:
            if fitted.fit == "refused":
                raise BadInputError("{sizes}: boxes of the file do not fit the photo.", sizes=fitted.sizes)
        records = (pair for pair in checked)
    with Project.open(folder) as opened:
        opened.add_images(image.name for image in images)
        work.begin(opened)
        with Progress(len(work.matched), what="images") as bar:
            for image, fitted in records:
                work.take_over(opened, image, fitted)
                bar.step()
    report = work.report()
    for line in str(report).splitlines():
        print(console.printable(line))
    if report.differing and on_conflict == "keep":
        print("To take those of the file instead, or beside them: --on-conflict replace, or both.")


@app.command()
def export(
    context: typer.Context,
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; of some formats a folder.")],
    format: Format = COCO,
    profile: Annotated[
        Literal["full", "gpt4roi"], typer.Option(help="Of COCO: all there is, or what GPT4RoI's loader reads.")
    ] = "full",
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE",
            help="Regions in this state (suggested, accepted, edited, rejected); repeat it. Default: all but rejected.",
        ),
    ] = None,
    dialect: Dialect = None,
    questions: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="Of conversations: ask about regions with the texts in this file."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of conversations: draws the questions; the same one draws the same. Default: 0.")
    ] = None,
    check: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Read the file again, compare its boxes with the project's, and draw those of N photos onto a page "
            "beside it. Exit code 1 where they differ by more than rounding.",
        ),
    ] = 0,
    verbose: console.Verbose = False,
) -> None:
    """Write COCO region text, or another format, and say what was lost."""
    from roi_assistant.commands.outputs import check_file, check_folder
    from roi_assistant.region_formats import COCO_GPT4ROI, region_format, writer_of
    from roi_assistant.storage.region_export import KEPT_STATES, export_regions
    from roi_assistant.vlm.questions import Questions, read_questions

    if profile == "gpt4roi":
        if format not in (COCO, COCO_GPT4ROI.id):
            raise BadInputError(f"--profile {profile} is one of COCO: leave out --format {format}.")
        format = COCO_GPT4ROI.id
    plugins = console.plugins_of(context)
    format = _with_dialect(format, dialect, context)
    chosen = region_format(format, plugins)
    if check and not chosen.can_read and chosen.profile is None:
        raise BadInputError(f"{format} cannot be read, so that --check cannot tell whether it is right.")
    asked = read_questions(questions) if questions is not None else None
    if seed is not None:
        asked = replace(asked or Questions(), seed=seed)
    states = tuple(_state(name) for name in state) if state else KEPT_STATES
    if chosen.is_folder:
        check_folder(out.parent, option="OUT")
    else:
        check_file(out, option="OUT")
    with _open_to_read(folder) as opened:
        _say_sub_projects(opened)
        write = writer_of(format, opened, plugins, questions=asked)
        result = export_regions(
            opened, out, write, states=states, lossless=chosen.is_lossless, conversations=chosen.conversations
        )
        is_right = not check or _check_export(opened, result, format, plugins, states, samples=check)
    shown = replace(result, skipped=result.skipped[:_SHOWN])
    for line in str(shown).splitlines():
        console.say(line)
    if len(result.skipped) > _SHOWN:
        console.say(f"... and {len(result.skipped) - _SHOWN} more.")
    if not is_right:
        raise typer.Exit(1)
    if result.skipped:
        raise typer.Exit(2)


def _check_export(
    opened: Project,
    result: ExportResult,
    format_id: str,
    plugins: PluginManager,
    states: tuple[ReviewState, ...],
    *,
    samples: int,
) -> bool:
    """Compare what was written with the project and say what came out; whether it is right."""
    from roi_assistant.commands.export_check import check_export
    from roi_assistant.region_formats import read_annotations, rounding_of

    written = result.report.regions if result.report is not None else None
    if written == 0:
        console.say("Nothing to check: no region was written.")
        return True
    found = check_export(
        opened,
        result.path,
        read_annotations(result.path, format_id, plugins),
        written=written,
        states=states,
        rounding=rounding_of(format_id, plugins),
        samples=samples,
    )
    for problem in found.problems:
        print(console.printable(f"wrong: {problem}"))
    state = "NOT right" if found.problems else "right up to rounding"
    print(
        console.printable(
            f"The boxes in the file are {state}: {found.boxes} compared, overlap {found.least:.4f} at least, "
            f"{found.mean:.4f} on average; {found.page} shows them."
        )
    )
    return not found.problems


def _with_dialect(format_id: str, dialect: str | None, context: typer.Context) -> str:
    """The format that --format and --dialect name together."""
    from roi_assistant.region_formats import dialect_format

    if format_id == "conversations":
        return dialect_format(dialect or "", console.plugins_of(context))
    if dialect is not None:
        raise BadInputError(f"--dialect {dialect} is one of conversations: give --format conversations.")
    return format_id


def _state(name: str) -> ReviewState:
    for known in get_args(ReviewState):
        if name == known:
            return cast(ReviewState, known)
    raise BadInputError(f"--state {name} is not known: give one of {', '.join(get_args(ReviewState))}.")


def _open_to_read(folder: Path) -> Project:
    from roi_assistant.storage.project import Project

    must_exist(folder)
    return Project.open(folder, read_only=True)


def _say_sub_projects(opened: Project) -> None:
    """Tell of sub-folders whose work is not in this project."""
    from roi_assistant.errors import ImageError
    from roi_assistant.imaging.folders import find_keys
    from roi_assistant.storage.sub_projects import SubProjects, tell_sub_projects

    others = SubProjects()
    with contextlib.suppress(ImageError):  # there is no picture any more: the missing ones are told
        for _ in find_keys(opened.folder, other_file=others.add):
            pass
    if remark := tell_sub_projects(opened, others.folders):
        console.say(str(remark))


def must_exist(folder: Path) -> None:
    """Check that ``folder`` has a project. Raises: BadInputError: it has none."""
    from roi_assistant.storage.connection import PROJECT_NAME

    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder: give the folder of images.")
    if not (folder / PROJECT_NAME).exists():
        raise BadInputError(f"{folder} has no {PROJECT_NAME}: open the folder once with roi-assistant open.")
