"""What a project lets a detector look for, as a person typed it. No step of undo holds it: no region changes."""

from __future__ import annotations

from roi_assistant.storage import connection
from roi_assistant.storage.project import Project

_KEY = "look_for"
LONGEST = 10_000
"""Letters of the text."""


def project_words(project: Project) -> str:
    """What was typed last; "" before.

    Raises:
        ProjectError: the project cannot be read.
    """
    with connection.translated(project.path):
        row = project.database.execute(
            "SELECT value FROM meta WHERE key = ? AND length(value) <= ?", (_KEY, LONGEST)
        ).fetchone()
    return str(row[0]) if row is not None else ""


def store_words(project: Project, text: str) -> None:
    """Look for ``text`` in this project from now on; "": for its categories.

    Raises:
        ProjectError: the project cannot be written.
    """
    with project.writing():
        if text:
            project.database.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, text[:LONGEST]))
        else:
            project.database.execute("DELETE FROM meta WHERE key = ?", (_KEY,))
