"""``roi-assistant models`` in a process of its own: plugins that open models do not run in the one of the window."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PATIENCE = 90.0
"""Seconds: a server may be slow to say which models it has."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """``answer`` is what it printed, or, when it did not go well, its sentence for the user."""

    is_well: bool
    answer: str


def run_models_command(arguments: Sequence[str]) -> CommandResult:
    """Run ``roi-assistant models`` with ``arguments``; blocks, so call it from another thread."""
    command = [sys.executable, "-P", "-m", "roi_assistant", "models", *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return CommandResult(False, str(error))
    told = done.stdout if done.returncode == 0 else done.stderr or done.stdout
    lines = [line for line in told.splitlines() if line.strip()]
    return CommandResult(done.returncode == 0, told if done.returncode == 0 else " ".join(lines[-2:]))


@dataclass(frozen=True, slots=True)
class ListedModel:
    """``place`` is "" for a model of the program or a plugin; ``about`` says what it is. ``proposes``: it only proposes
    boxes."""

    id: str
    about: str
    place: str = ""
    proposes: bool = False


def listed_models(text: str) -> list[ListedModel]:
    """What ``models list --json`` printed; empty where it is something else."""
    try:
        entries: Any = json.loads(text)
        return [_listed(entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _listed(entry: dict[str, Any]) -> ListedModel:
    proposes = entry.get("makes") == "proposer"
    if "place" in entry:
        return ListedModel(str(entry["id"]), str(entry.get("model") or ""), str(entry["place"]), proposes)
    return ListedModel(str(entry["id"]), str(entry.get("description") or ""), proposes=proposes)
