"""What an export writes, and writing it, in a thread of the caller's. No Qt in here."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from roi_assistant.core.records import ReviewState
from roi_assistant.errors import BadInputError, ImageError, RoiAssistantError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.coco_region_text import KEPT_STATES, UNKNOWN_LICENCE, CocoProfile, write_coco
from roi_assistant.formats.export_report import ExportReport
from roi_assistant.sentences import Sentence
from roi_assistant.storage.project import Project, check_target

_log = logging.getLogger(__name__)

STATES: tuple[ReviewState, ...] = ("suggested", "accepted", "edited", "rejected")
COCO_FULL, COCO_GPT4ROI = "coco-full", "coco-gpt4roi"
_PROFILES: dict[str, CocoProfile] = {COCO_FULL: "full", COCO_GPT4ROI: "gpt4roi"}
_REMEMBERED = 100
"""Projects whose choices are kept."""


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What the user chose. ``format`` is one of ours or the id of a plugin's; ``path`` is the file to write."""

    path: str = ""
    format: str = COCO_FULL
    states: tuple[ReviewState, ...] = KEPT_STATES
    empty_images: bool = True
    description: str = "Region captions and attributes"
    licence: str = UNKNOWN_LICENCE
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """What would be written: ``regions`` by review state. ``target_exists`` is about the chosen file."""

    images: int
    images_with_regions: int
    regions: dict[ReviewState, int]
    target_exists: bool = False

    def regions_in(self, states: Iterable[ReviewState]) -> int:
        return sum(self.regions.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class SkippedImage:
    """An image that is not in the file, and why."""

    key: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class ExportResult:
    """``report`` is None when a plugin's format told nothing; ``words`` is then what it said, if anything."""

    path: Path
    report: ExportReport | None
    skipped: tuple[SkippedImage, ...] = ()
    words: str = ""

    def __str__(self) -> str:
        lines = [str(self.path), str(self.report) if self.report is not None else self.words]
        lines += [f"Not written: {image.key}: {image.reason}" for image in self.skipped]
        return "\n".join(line for line in lines if line) + "\n"


def preview_export(project: Project, path: str) -> ExportPreview:
    """Counts for the page; ``path`` may be empty."""
    counts = project.review_counts()
    return ExportPreview(
        images=counts.images,
        images_with_regions=counts.images_with_regions,
        regions={
            "suggested": counts.suggested,
            "accepted": counts.accepted,
            "edited": counts.edited,
            "rejected": counts.rejected,
        },
        target_exists=bool(path) and Path(path).exists(),
    )


def run_export(project: Project, choices: ExportChoices, *, step: Callable[[int, int], None]) -> ExportResult:
    """Write ``project`` as ``choices`` say; ``step(done, total)`` is called after each image and may raise to stop.

    Images whose size is not known yet are opened to read it; those that cannot be read are skipped and told.

    Raises:
        BadInputError: no file, one that `check_target` refuses, no state, or an unknown format was chosen.
        FormatError, FileWriteError: as ``write_coco``; nothing is written.
    """
    if not choices.path.strip():
        raise BadInputError("Choose a file to write.")
    if not choices.states:
        raise BadInputError("Choose at least one review state to write.")
    path = Path(choices.path).expanduser()
    if not path.is_absolute():
        path = project.folder / path
    check_target(path)
    skipped: list[SkippedImage] = []
    images = _images(project, choices, skipped, step)
    if choices.format not in _PROFILES:
        return _write_with_plugin(path, choices, images, skipped)
    report = write_coco(
        path,
        images,
        profile=_PROFILES[choices.format],
        category_ids=project.category_ids(),
        schema=project.schema,
        states=choices.states,
        description=choices.description,
        licence=choices.licence,
        licence_url=choices.licence_url,
    )
    return ExportResult(path, report, tuple(skipped))


def _images(
    project: Project, choices: ExportChoices, skipped: list[SkippedImage], step: Callable[[int, int], None]
) -> Iterator[AnnotatedImage]:
    total = project.review_counts().images
    # All states are handed on, so that the writer counts what it leaves out.
    for done, image in enumerate(project.export_images(STATES), start=1):
        step(done, total)
        if not image.regions and not choices.empty_images:
            continue
        if image.width is None or image.height is None:
            try:
                image = _with_size(image, project.folder)
            except ImageError as error:
                skipped.append(SkippedImage(image.file_name, error.sentence))
                continue
        yield image


def _with_size(image: AnnotatedImage, folder: Path) -> AnnotatedImage:
    from roi_assistant.imaging.decode import read_size

    width, height = read_size(folder / image.file_name)
    return replace(image, width=width, height=height)


def _write_with_plugin(
    path: Path, choices: ExportChoices, images: Iterable[AnnotatedImage], skipped: list[SkippedImage]
) -> ExportResult:
    from roi_assistant.plugins import PluginManager

    format_ = PluginManager().format(choices.format)
    kept = [
        AnnotatedImage(i.file_name, i.width, i.height, tuple(r for r in i.regions if r.state in choices.states), i.id)
        for i in images
    ]
    try:
        answer = format_.write(path, kept)
    except RoiAssistantError:
        raise
    except Exception as error:
        raise BadInputError(
            "The format {format} of a plugin failed to write {path}: {reason}.",
            format=choices.format,
            path=path,
            reason=error,
        ) from error
    report = answer if isinstance(answer, ExportReport) else None
    words = "" if report is not None or answer is None else str(answer)
    return ExportResult(path, report, tuple(skipped), words)


# ------------------------------------------------------------------------------------------------- remembered choices


def remembered_choices(folder: Path) -> ExportChoices:
    """What was chosen last for the project in ``folder``; the defaults where nothing is known or the file is broken."""
    stored = _read_all().get(str(folder.resolve()))
    default = ExportChoices(path=str(folder / "regions.json"))
    if not isinstance(stored, dict):
        return default
    known = {field.name: stored[field.name] for field in fields(ExportChoices) if field.name in stored}
    for name, value in known.items():
        if name == "states":
            if not isinstance(value, list) or any(state not in STATES for state in value):
                return default
        elif not isinstance(value, type(getattr(default, name))):
            return default
    if "states" in known:
        known["states"] = tuple(cast("list[ReviewState]", known["states"]))
    return ExportChoices(**known)


def remember_choices(folder: Path, choices: ExportChoices) -> None:
    """Keep ``choices`` for the project in ``folder``. Failing to is no reason to trouble anybody."""
    everything = _read_all()
    everything.pop(str(folder.resolve()), None)  # the latest comes last
    everything[str(folder.resolve())] = asdict(choices)
    kept = dict(list(everything.items())[-_REMEMBERED:])
    path = _memory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    except (OSError, RoiAssistantError) as error:
        _log.warning("The choices of the export are not remembered: %s", error)


def _memory() -> Path:
    from roi_assistant.settings import config_folder

    return config_folder() / "export.json"


def _read_all() -> dict[str, Any]:
    try:
        data = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
