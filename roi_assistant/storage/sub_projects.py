"""Projects of sub-folders: the work was begun in ``photos/day1``, then somebody opens ``photos``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.storage.connection import PROJECT_NAME
from roi_assistant.storage.keys import to_db
from roi_assistant.storage.project import Project

KeyHere = Callable[[str], str | None]
"""The key in this project of an image that the other project knows by another; None: it is not below this folder."""


class SubProjects:
    """Collects the sub-folders of a folder that have a project of their own."""

    def __init__(self) -> None:
        self.folders: list[str] = []

    def add(self, key: str) -> None:
        """``key`` is a file that `imaging.folders.find_keys` passed over."""
        folder, _, name = key.rpartition("/")
        if name == PROJECT_NAME and folder:
            self.folders.append(folder)


def tell_sub_projects(project: Project, folders: Iterable[str]) -> Sentence:
    """What to tell of sub-folders with a project whose work ``project`` does not have; empty when there are none."""
    other = [folder for folder in folders if not _has_regions_below(project, folder)]
    if not other:
        return NOTHING
    return Sentence.of(
        "{folders} has a project of its own, whose regions are not shown here: take them over with "
        "roi-assistant project merge {here} {example}.",
        folders=", ".join(other),
        here=project.folder,
        example=project.folder / other[0],
    )


def key_mapping(here: Path, other: Path, keys: Iterable[str]) -> KeyHere:
    """How images of the project file ``other``, with ``keys``, are called in a project of the folder ``here``.

    Where one folder is below the other, and the photos are where the other project has them, keys get or lose the names
    of the folders between. Else both are copies of one folder, and keys are the same.
    """
    ours, theirs = here.resolve(), other.resolve().parent
    if other.name == PROJECT_NAME and ours != theirs and any((theirs / key).is_file() for key in keys):
        if theirs.is_relative_to(ours):
            before = theirs.relative_to(ours).as_posix() + "/"
            return lambda key: before + key
        if ours.is_relative_to(theirs):
            above = ours.relative_to(theirs).as_posix() + "/"
            return lambda key: key.removeprefix(above) if key.startswith(above) else None
    return lambda key: key


def _has_regions_below(project: Project, folder: str) -> bool:
    below = folder + "/"
    end = below[:-1] + chr(ord("/") + 1)
    query = "SELECT 1 FROM images WHERE key >= ? AND key < ? AND regions > 0 LIMIT 1"
    return project.database.execute(query, (to_db(below), to_db(end))).fetchone() is not None
