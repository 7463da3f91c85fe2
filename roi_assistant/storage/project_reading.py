"""Whether what is written in boxes is read in a project. No step of undo holds it: no region changes."""

from __future__ import annotations

from typing import get_args

from roi_assistant.core.records import ReadingText
from roi_assistant.storage import connection
from roi_assistant.storage.project import Project

_KEY = "read_text"
DEFAULT: ReadingText = "if_possible"


def project_reading(project: Project) -> ReadingText:
    """What the project says; `DEFAULT` where it says nothing, or what is none of ours.

    Raises:
        ProjectError: the project cannot be read.
    """
    with connection.translated(project.path):
        row = project.database.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    for choice in get_args(ReadingText):
        if row is not None and row[0] == choice:
            return choice
    return DEFAULT


def store_reading(project: Project, choice: ReadingText) -> None:
    """Read boxes, or not, in this project from now on.

    Raises:
        ProjectError: the project cannot be written.
    """
    with project.writing():
        if choice == DEFAULT:
            project.database.execute("DELETE FROM meta WHERE key = ?", (_KEY,))
        else:
            project.database.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, choice))
