"""What a project asks models for, where a person changed it. No step of undo holds it: no region changes."""

from __future__ import annotations

import json

from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import Prompts
from roi_assistant.errors import FormatError
from roi_assistant.storage import connection
from roi_assistant.storage.project import Project

_KEY = "prompts"
_LONGEST = 200_000
"""Letters of the stored text: what is longer is not of ours."""


def project_prompts(project: Project) -> Prompts | None:
    """The project's own prompts; None while it asks as the program does, and where what is stored is none of ours.

    Raises:
        ProjectError: the project cannot be read.
    """
    with connection.translated(project.path):
        row = project.database.execute(
            "SELECT value FROM meta WHERE key = ? AND length(value) < ?", (_KEY, _LONGEST)
        ).fetchone()
    if row is None:
        return None
    try:
        return decode(Prompts, json.loads(row[0]))
    except (ValueError, TypeError, RecursionError, FormatError):
        return None


def store_prompts(project: Project, prompts: Prompts | None) -> None:
    """Ask with ``prompts`` in this project; None: as the program does.

    Raises:
        ProjectError: the project cannot be written.
    """
    with project.writing():
        if prompts is None or prompts == Prompts():
            project.database.execute("DELETE FROM meta WHERE key = ?", (_KEY,))
        else:
            text = json.dumps(encode(prompts), ensure_ascii=False)
            project.database.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, text))
