"""Regions of an annotation file come into the open project: a job that hands portions to the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from roi_assistant.formats.photo_geometry import FittedRecord
from roi_assistant.formats.record_matching import NamedImage
from roi_assistant.region_formats import COCO, read_annotations
from roi_assistant.storage.region_import import ImportReport, RegionImport
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.jobs import JobCancelledError

if TYPE_CHECKING:
    from roi_assistant.core.edits import Edit
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.region_identity import OnConflict
    from roi_assistant.ui.session.jobs import JobControl
    from roi_assistant.ui.session.session import ProjectSession

PORTION = 16
"""Images that are stored at a time: what the user does waits for no more."""
_LOOK = 0.1
"""Seconds between two looks whether the job was stopped, while a portion is being stored."""


@dataclass(frozen=True, slots=True)
class _ImageFile:
    """An image of the project: its key and where it lies."""

    name: str
    path: Path


def start_import(
    session: ProjectSession,
    file: Path,
    *,
    format: str = COCO.id,
    on_conflict: OnConflict = "keep",
    ask: Callable[[int], None] = lambda count: None,
) -> str:
    """Take over the regions of ``file``; answers the job's id. What came of it is a notice. ``ask`` gets the number of
    regions that the project has otherwise and that stayed, if there are such.

    Images that are done stay when the job is stopped; importing the same file again goes on from there.
    """
    folder, plugins = session.folder, session.plugins
    if folder is None:
        return ""

    def work(reader: Project, control: JobControl) -> ImportReport:
        images = [_ImageFile(key, folder / key) for key in reader.images().keys()]  # noqa: SIM118 - rows, not a dict
        regions = RegionImport(file, read_annotations(file, format, plugins), images=images, on_conflict=on_conflict)

        def begin(project: Project) -> tuple[Edit, ...]:
            regions.begin(project)
            return ()

        _store(session, control, begin)
        for done, edits in enumerate(_portions(regions)):
            control.progress(min(done * PORTION, len(regions.matched)), len(regions.matched))
            _store(session, control, edits)
        return regions.report()

    def finished(report: ImportReport) -> None:
        session.images.refresh()
        session.notice.emit("warning" if report.notes else "info", told(report))
        if report.differing:
            ask(report.differing)

    def failed(error: Exception) -> None:
        session.images.refresh()
        text = QCoreApplication.translate("Jobs", "{} was not imported, or only in part. {}")
        session.notice.emit("error", text.format(file.name, translated(error)))

    title = QCoreApplication.translate("Jobs", "Import {}").format(file.name)
    return session.jobs.run(title, work, finished, failed)


def told(report: ImportReport) -> str:
    """The report in the language of the user, a line for each note."""
    text = QCoreApplication.translate("Jobs", "Imported regions: {}, on images: {}.")
    head = text.format(f"{report.regions:,}", f"{report.images:,}")
    return "\n".join([head, *map(translated, report.notes)])


def _portions(regions: RegionImport) -> Iterator[Callable[[Project], list[Edit]]]:
    """What stores the regions of some images each. Headers of photos are read here, not where the project is stored."""
    for start in range(0, len(regions.matched), PORTION):
        part = [(image, regions.fit(image, record)) for image, record in regions.matched[start : start + PORTION]]

        def store(project: Project, part: Sequence[tuple[NamedImage, FittedRecord]] = part) -> list[Edit]:
            edits = [regions.take_over(project, image, fitted) for image, fitted in part]
            return [edit for edit in edits if edit is not None]

        yield store


def _store(session: ProjectSession, control: JobControl, make: Callable[[Project], Sequence[Edit]]) -> None:
    """Let the session store what ``make`` makes, and wait for it.

    Raises:
        JobCancelledError: the user stopped the job, or the project is being closed.
    """
    answers: SimpleQueue[Exception | None] = SimpleQueue()

    def hand_on() -> None:
        if not control.cancelled:  # another project may be open by now
            session.history.store_edits(make, lambda: answers.put(None), answers.put)

    session.post(hand_on)
    while True:
        try:
            problem = answers.get(timeout=_LOOK)
        except Empty:
            if control.cancelled:
                raise JobCancelledError from None
            continue
        if problem is not None:
            raise problem
        return
