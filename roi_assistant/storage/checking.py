"""``roi-assistant project check``: everything that can be found wrong with a project."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.export_report import Loss, LossCounter
from roi_assistant.storage import learned, region_features
from roi_assistant.storage.connection import translated
from roi_assistant.storage.image_edits import unpack
from roi_assistant.storage.keys import from_db
from roi_assistant.storage.photo_faults import compare_with_photo, is_there
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_rows import COLUMNS
from roi_assistant.storage.schema_sql import COUNT_FIGURES, COUNT_REGIONS, FIGURES_VERSION, WRONGLY_COUNTED

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found. ``problems`` are faults of the file; ``missing`` are keys of images whose files are gone;
    ``photo_faults`` say how many images and regions do not fit their photos, see `compare_with_photo`."""

    problems: tuple[str, ...]
    missing: tuple[str, ...]
    images: int
    regions: int
    steps: int
    photo_faults: tuple[Loss, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file itself is sound; a missing picture is no fault of it."""
        return not self.problems

    @property
    def photos_fit(self) -> bool:
        """Whether all regions lie on photos that are there and have the size that they had."""
        return not any(fault.field == "region" or fault.kind == "altered" for fault in self.photo_faults)


def check_project(project: Project, *, on_step: Callable[[str], None] = lambda step: None) -> CheckReport:
    """Read all of the project. Changes nothing; the search index is compared with the texts only when writable.

    Raises:
        ProjectDamagedError: it is too damaged to be read to the end.
    """
    db = project.database
    problems: list[str] = []
    with translated(project.path):
        on_step("pages and indexes")
        messages = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_SHOWN})")]
        problems += [] if messages == ["ok"] else messages
        problems += [
            f"table {table}, row {row}: points to nothing" for table, row, *_ in db.execute("PRAGMA foreign_key_check")
        ]
        on_step("search index")
        if not project.read_only:
            problems += _search_problems(project)
        on_step("counts of regions")
        problems += _count_problems(db)
        on_step("figures of the overview")
        problems += _figure_problems(db)
        on_step("features of regions")
        problems += _feature_problems(db)
        on_step("regions")
        regions, faults = _unreadable_regions(project)
        problems += faults
        on_step("history")
        steps, faults = _unreadable_steps(project)
        problems += faults
        on_step("photos")
        missing = tuple(missing_images(project))
        photo_faults = _photo_faults(project)
    return CheckReport(tuple(problems), missing, project.image_count(), regions, steps, photo_faults)


def missing_images(project: Project) -> dict[str, int]:
    """Keys of the images whose photos are gone, in the order of the list, and how many regions they have."""
    rows = project.database.execute("SELECT key, regions FROM images ORDER BY sort, id")
    images = ((from_db(key), regions) for key, regions in rows)
    return {key: regions for key, regions in images if not is_there(project.folder / key)}


def _photo_faults(project: Project) -> tuple[Loss, ...]:
    faults = LossCounter()
    joined = project.database.execute(
        "SELECT i.id, i.key, i.width, i.height, r.region_id, r.x1, r.y1, r.x2, r.y2 FROM images AS i "
        "JOIN regions AS r ON r.image_id = i.id ORDER BY i.sort, i.id"
    )
    for _, group in itertools.groupby(joined, key=itemgetter(0)):
        records = list(group)
        _, key, width, height = records[0][:4]
        regions = tuple(Region(from_db(id_), box) for *_, id_, box in map(_with_box, records) if box is not None)
        image = AnnotatedImage(from_db(key), width, height, regions)
        compare_with_photo(image, project.folder, faults)
    return faults.report(images=0, regions=0).losses


def _with_box(record: tuple[Any, ...]) -> tuple[Any, Box | None]:
    try:
        return record[4], Box(*record[5:])
    except (BoxError, TypeError):  # told by the check of the regions
        return record[4], None


def _search_problems(project: Project) -> list[str]:
    try:
        project.database.execute("INSERT INTO region_search (region_search, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        return [f"the search index does not fit the texts ({error}); project check --repair makes it anew"]
    return []


def repair(project: Project) -> None:
    """Make again what is derived from the regions: the search index, the counts of the images, and the figures.
    Features of regions that nobody can read are forgotten: whoever needs them makes them again.

    Raises:
        ProjectError: the project is read-only or cannot be written.
    """
    with project.writing():
        db = project.database
        db.execute("INSERT INTO region_search (region_search) VALUES ('rebuild')")
        db.execute(COUNT_REGIONS)
        db.execute("DELETE FROM figures")
        db.execute(COUNT_FIGURES)
        db.execute(region_features.FORGET_UNUSABLE)
        db.execute(learned.FORGET_UNUSABLE)


def _count_problems(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(f"{WRONGLY_COUNTED} LIMIT ?", (_SHOWN,))
    return [f"{from_db(key)}: the counts of its regions are wrong; project check --repair corrects" for (key,) in rows]


def _figure_problems(db: sqlite3.Connection) -> list[str]:
    if db.execute("PRAGMA user_version").fetchone() < (
        FIGURES_VERSION,
    ):  # opened for reading only, and not brought up to date
        return []
    kept, counted = (
        set(db.execute(f"SELECT figure, a, b, n FROM {source} WHERE n <> 0"))
        for source in ("figures", "(SELECT figure, a, b, sum(n) AS n FROM region_figures GROUP BY 1, 2, 3)")
    )
    wrong = sorted({figure for figure, *_ in kept ^ counted})
    return [f"the figures of {figure!r} are wrong; project check --repair corrects" for figure in wrong]


def _feature_problems(db: sqlite3.Connection) -> list[str]:
    counts = {
        "features of regions": region_features.count_unusable(db),
        "lessons of other projects": learned.count_unusable(db),
    }
    return [
        f"{what} that cannot be read: {count}; project check --repair removes them"
        for what, count in counts.items()
        if count
    ]


def _unreadable_regions(project: Project) -> tuple[int, list[str]]:
    count, faults = 0, []
    for id_, *row in project.database.execute(f"SELECT id, {COLUMNS} FROM regions"):
        count += 1
        try:
            project.rows.read(tuple(row))
        except (ValueError, KeyError, TypeError, sqlite3.DatabaseError, FormatError) as error:
            faults.append(f"region {from_db(row[0])} (row {id_}) cannot be read: {error}")
    return count, faults[:_SHOWN]


def _unreadable_steps(project: Project) -> tuple[int, list[str]]:
    count, faults = 0, []
    for id_, edit in project.database.execute("SELECT id, edit FROM history"):
        count += 1
        try:
            unpack(edit, project.rows)
        except Exception as error:  # whatever is wrong with it, it is only a step of undo
            faults.append(f"step {id_} of the history cannot be read: {error}")
    return count, faults[:_SHOWN]
