"""Opening a folder: the project file with its lock, its read-only fallbacks, and the search for pictures.

Everything here runs on threads of its own and touches no widget.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from roi_assistant.errors import (
    ImageError,
    ProjectDamagedError,
    ProjectError,
    ProjectLockedError,
    ProjectVersionError,
    RoiAssistantError,
)
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.storage.records import ImageFilter

if TYPE_CHECKING:
    from roi_assistant.core.records import AttributeSchema, Prompts, ReadingText
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import ImageOrder, ImageRows, StoredJob

    Listing: TypeAlias = tuple[ImageRows, Sequence[str], dict[str, int]]
    """Rows of images, their keys, and the index of each key."""

_log = logging.getLogger(__name__)

ReadOnlyReason = Literal["", "locked", "folder"]


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """The project that a window shows. ``reason`` says why it is read-only: another window has it (``locked``), or its
    folder cannot be written (``folder``); ``detail`` is what the error said."""

    folder: Path
    read_only: bool = False
    reason: ReadOnlyReason = ""
    detail: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Why a folder was not opened. ``backup`` is a copy of the damaged project file that can be restored."""

    folder: Path
    message: str
    backup: Path | None = None


class ProjectOpener:
    """Opens the project of ``folder`` for writing, or for reading when that cannot be; ``summary`` then says why.

    A folder that cannot be written and has no project yet is shown all the same: its list of images is kept in a
    temporary folder, which goes when the project is closed. ``place`` is the folder of the file that was opened.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = self.place = folder
        self.summary = ProjectSummary(folder)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether the list of images is kept in a temporary folder."""
        return self._temporary is not None

    def __call__(self) -> Project:
        from roi_assistant.storage.project import Project

        if not self.folder.is_dir():
            raise ImageError("{folder} is not a folder that can be opened: check the path.", folder=self.folder)
        if os.access(self.folder, os.W_OK):
            try:
                return Project.open(self.folder)
            except ProjectLockedError as error:
                return self._read_only("locked", error.sentence)
            except (ProjectDamagedError, ProjectVersionError):
                raise
            except ProjectError as error:
                return self._read_only("folder", error.sentence)
        return self._read_only("folder", NOTHING)

    def _read_only(self, reason: ReadOnlyReason, detail: Sentence) -> Project:
        from roi_assistant.storage.project import PROJECT_NAME, Project

        self.summary = ProjectSummary(self.folder, True, reason, detail)
        if (self.folder / PROJECT_NAME).exists():
            return Project.open(self.folder, read_only=True, backup=False)
        self._temporary = tempfile.TemporaryDirectory(prefix="roi-assistant-")
        self.place = Path(self._temporary.name)
        return Project.open(self.place, backup=False)

    def clean_up(self) -> None:
        """After the project was closed."""
        if self._temporary is not None:
            self._temporary.cleanup()


class FolderScan:
    """Walks a folder in a thread and hands the keys of its pictures over in groups.

    ``add_keys`` gets a list of keys (POSIX paths relative to the folder) that are not among ``known``, ``finished`` the
    number of all pictures and what is wrong when the folder could not be read, or that pictures of some kinds were left
    out. Both are called on the scanning thread. ``sub_projects`` then has the sub-folders with a project of their own.
    """

    FIRST, GROUP = 200, 5000
    PAUSE = 0.4
    """Seconds for which the search leaves the processor to the first picture: before it begins when there are pictures
    to show already, else after the first group."""

    def __init__(
        self,
        folder: Path,
        *,
        add_keys: Callable[[list[str]], None],
        finished: Callable[[int, Sentence], None],
        known: Collection[str] = (),
    ) -> None:
        self._folder, self._add_keys, self._finished, self._known = folder, add_keys, finished, known
        self.sub_projects: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folder-scan", daemon=True)

    def start(self) -> None:
        """Begin on a thread of its own; once only."""
        self._thread.start()

    def stop(self) -> None:
        """Leave at the next picture; nothing more is handed over."""
        self._stop.set()

    def _run(self) -> None:
        count, problem = 0, NOTHING
        try:
            count, problem = self._walk()
        except RoiAssistantError as error:
            problem = error.sentence
        except Exception as error:
            _log.exception("The folder %s cannot be searched.", self._folder)
            problem = Sentence.of(
                "The folder {folder} cannot be searched for images ({reason}): check that it can be read.",
                folder=self._folder,
                reason=error,
            )
        if not self._stop.is_set():
            self._finished(count, problem)

    def _walk(self) -> tuple[int, Sentence]:
        from roi_assistant.imaging.folders import UnreadPictures, find_keys
        from roi_assistant.storage.sub_projects import SubProjects

        unread, projects = UnreadPictures(), SubProjects()

        def passed_over(key: str) -> None:
            unread.add(key)
            projects.add(key)

        count, group, size = 0, list[str](), self.FIRST
        if self._known and self._stop.wait(self.PAUSE):
            return 0, NOTHING
        for key in find_keys(self._folder, other_file=passed_over):
            if self._stop.is_set():
                return count, NOTHING
            count += 1
            if key in self._known:
                continue
            group.append(key)
            if len(group) >= size:
                self._add_keys(group)
                if size == self.FIRST and not self._known:
                    self._stop.wait(self.PAUSE)
                group, size = [], self.GROUP
        if group:
            self._add_keys(group)
        self.sub_projects = projects.folders
        return count, unread.sentence


def give_attributes(project: Project) -> None:
    """A project that is new begins with the attributes of the default preset."""
    from roi_assistant.core.edits import Edit
    from roi_assistant.core.schema import load_schema, shipped_presets

    before = project.schema
    if project.read_only or before.name or before.attributes or project.image_count():
        return
    after = load_schema(shipped_presets()["default"])
    project.apply(Edit("Change attributes", "", schema=(before, after)), undoable=False)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the session reads of a project that was just opened."""

    schema: AttributeSchema
    images: Listing
    jobs: tuple[StoredJob, ...]
    prompts: Prompts | None = None
    look_for: str = ""
    reading: ReadingText = "if_possible"


def first_look(project: Project, order: ImageOrder) -> FirstLook:
    """What the window shows first of a project. A new one gets the attributes of the default preset.

    Images are in ``order`` unless the disk would have to be asked for it: the first picture does not wait for that.
    """
    from roi_assistant.storage.project_prompts import project_prompts
    from roi_assistant.storage.project_reading import project_reading
    from roi_assistant.storage.project_words import project_words

    give_attributes(project)
    return FirstLook(
        project.schema,
        listing(project, None, order, lambda _key: None),
        project.load_jobs(),
        prompts=project_prompts(project),
        look_for=project_words(project),
        reading=project_reading(project),
    )


def listing(
    project: Project, flt: ImageFilter | None, order: ImageOrder, file_time: Callable[[str], float | None]
) -> Listing:
    """The images that ``flt`` (None: all) finds, in ``order``: rows, keys, and the place of each key."""
    rows = project.images(flt or ImageFilter(), order, file_time=file_time)
    keys = rows.keys()
    return rows, keys, {key: index for index, key in enumerate(keys)}


def newest_backup(folder: Path) -> Path | None:
    """The latest copy of the project file of ``folder``, None when there is none."""
    from roi_assistant.storage.backup import backups
    from roi_assistant.storage.project import PROJECT_NAME

    return next(iter(backups(folder / PROJECT_NAME)), None)
