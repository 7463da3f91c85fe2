"""What an export of the window writes, and writing it, in a thread of the caller's. No Qt in here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from roi_assistant.core import record_json
from roi_assistant.core.records import ReviewState
from roi_assistant.errors import BadInputError, RoiAssistantError
from roi_assistant.formats.coco_region_text import DatasetInfo
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import COCO, region_format, writer_of
from roi_assistant.settings import config_folder, object_in, write_json
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_export import KEPT_STATES, ExportResult, export_regions
from roi_assistant.vlm.questions import read_questions

_log = logging.getLogger(__name__)

STATES: tuple[ReviewState, ...] = get_args(ReviewState)
DEFAULT_STEM = "regions"
_REMEMBERED = 100
"""Projects whose choices are kept."""


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """What the user chose. ``format`` is the id of a `RegionFormat`; ``path`` is the file to write,
    ``questions`` a JSON file for formats that ask some, "" for those of the program."""

    path: str = ""
    format: str = COCO.id
    states: tuple[ReviewState, ...] = KEPT_STATES
    empty_images: bool = True
    description: str = DatasetInfo().description
    licence: str = DatasetInfo().licence
    licence_url: str = ""
    questions: str = ""


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """What would be written: ``regions`` by review state. ``target_exists`` is about the chosen file."""

    images: int
    images_with_regions: int
    regions: dict[ReviewState, int]
    target_exists: bool = False

    def regions_in(self, states: Iterable[ReviewState]) -> int:
        """How many regions have one of ``states``."""
        return sum(self.regions.get(state, 0) for state in states)


def preview_export(project: Project, path: str) -> ExportPreview:
    """Counts for the page; ``path`` may be empty."""
    counts = project.review_counts()
    return ExportPreview(
        images=counts.images,
        images_with_regions=counts.images_with_regions,
        regions=counts.by_state,
        target_exists=bool(path) and Path(path).exists(),
    )


def run_export(
    project: Project, choices: ExportChoices, plugins: PluginManager, *, step: Callable[[int, int], None]
) -> ExportResult:
    """Write ``project`` as ``choices`` say; ``step(done, total)`` is called for each image and may raise to stop.

    Raises:
        BadInputError: no file, one that `check_target` refuses, no state, or an unknown format was chosen.
        FormatError, FileWriteError, PluginError: of the questions or the writer; nothing is written.
    """
    if not choices.path.strip():
        raise BadInputError("Choose a file to write.")
    if not choices.states:
        raise BadInputError("Choose at least one review state to write.")
    info = DatasetInfo(choices.description, choices.licence, choices.licence_url)
    format_ = region_format(choices.format, plugins)
    own = choices.questions if format_.questions else ""
    questions = read_questions(project.folder / Path(own).expanduser()) if own else None
    return export_regions(
        project,
        project.folder / Path(choices.path).expanduser(),
        writer_of(choices.format, project, plugins, info=info, questions=questions),
        states=choices.states,
        empty_images=choices.empty_images,
        lossless=format_.is_lossless,
        conversations=format_.conversations,
        step=step,
    )


# ------------------------------------------------------------------------------------------------- remembered choices


def remembered_choices(folder: Path) -> ExportChoices:
    """What was chosen last for the project in ``folder``; the defaults where nothing is known or the file is broken."""
    try:
        return record_json.decode(ExportChoices, object_in(_memory())[str(folder.resolve())])
    except (KeyError, RoiAssistantError):
        return ExportChoices(path=str(folder / (DEFAULT_STEM + COCO.suffixes[0])))


def remember_choices(folder: Path, choices: ExportChoices) -> None:
    """Keep ``choices`` for the project in ``folder``. Failing to is no reason to trouble anybody."""
    everything: dict[str, object] = object_in(_memory())
    everything.pop(str(folder.resolve()), None)  # the latest comes last
    everything[str(folder.resolve())] = record_json.encode(choices)
    try:
        write_json(_memory(), dict(list(everything.items())[-_REMEMBERED:]))
    except RoiAssistantError as error:
        _log.warning("The choices of the export are not remembered: %s", error)


def _memory() -> Path:
    return config_folder() / "export.json"
