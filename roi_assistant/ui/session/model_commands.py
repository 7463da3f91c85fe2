"""``roi-assistant models`` in a process of its own: plugins that open models do not run in the one of the window."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PyQt6.QtCore import QObject, QProcess, pyqtBoundSignal, pyqtSignal

_COMMAND = ("-P", "-m", "roi_assistant", "models")
PATIENCE = 90.0
"""Seconds: a server may be slow to say which models it has."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """``answer`` is what it printed, or, when it did not go well, its sentence for the user."""

    is_well: bool
    answer: str


def run_models_command(arguments: Sequence[str]) -> CommandResult:
    """Run ``roi-assistant models`` with ``arguments``; blocks, so call it from another thread."""
    try:
        done = subprocess.run(
            [sys.executable, *_COMMAND, *arguments],
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
    if done.returncode == 0:
        return CommandResult(True, done.stdout)
    return CommandResult(False, _last_lines(done.stderr or done.stdout))


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
        return [_listed(entry) for entry in entries if entry.get("kind") != "catalogue"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _listed(entry: dict[str, Any]) -> ListedModel:
    proposes = entry.get("makes") == "proposer"
    if "place" in entry:
        return ListedModel(str(entry["id"]), str(entry.get("model") or ""), str(entry["place"]), proposes)
    return ListedModel(str(entry["id"]), str(entry.get("description") or ""), proposes=proposes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModel:
    """A model that can be downloaded. Texts are by language; sizes in bytes, None: not known. ``memory`` is that of
    bf16; ``where`` and ``precision`` say how it fits this computer, as `Fit`. ``is_begun``: a part of it is there."""

    id: str
    title: str
    good_for: dict[str, str]
    licence: str
    commercial_use: str
    conditions: dict[str, str]
    is_gated: bool
    download_bytes: int | None
    memory: int | None
    where: str
    precision: str | None
    is_begun: bool


def offered_models(text: str) -> list[OfferedModel]:
    """The catalogue in what ``models list --json`` printed; empty where it is something else."""
    try:
        entries: Any = json.loads(text)
        return [_offered(entry) for entry in entries if entry.get("kind") == "catalogue"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _offered(entry: dict[str, Any]) -> OfferedModel:
    return OfferedModel(
        id=str(entry["id"]),
        title=str(entry["title"]),
        good_for=entry["good_for"],
        licence=str(entry["licence"]["name"]),
        commercial_use=str(entry["licence"]["commercial_use"]),
        conditions=entry["licence"]["note"],
        is_gated=bool(entry["gated"]),
        download_bytes=entry["download_bytes"],
        memory=entry["memory"]["bf16"],
        where=str(entry["fits"]["where"]),
        precision=entry["fits"]["precision"],
        is_begun=bool(entry["begun"]),
    )


@dataclass(frozen=True, slots=True)
class PullProgress:
    """``done`` of ``total`` bytes are there. ``seconds_left`` None: not known yet."""

    done: int
    total: int
    seconds_left: float | None


class Pulling(Protocol):
    """A download that runs, or has ended."""

    progressed: pyqtBoundSignal
    """Carries a `PullProgress`."""
    ended: pyqtBoundSignal
    """Carries a `CommandResult`; its answer is "" after `stop`."""

    def stop(self) -> None:
        """End it; what came stays."""


class PullProcess(QObject):
    """``roi-assistant models pull`` beside the window. It may be killed at any time: the next one goes on."""

    progressed = pyqtSignal(object)
    ended = pyqtSignal(object)

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_stopped, self._last = False, ""
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)
        self._process.start(sys.executable, [*_COMMAND, "pull", "--json-progress", *arguments])
        self._process.closeWriteChannel()

    def stop(self) -> None:
        """End it; what came stays."""
        self._is_stopped = True
        self._process.kill()

    def _read(self) -> None:
        while self._process.canReadLine():
            line = _text(self._process.readLine().data())
            progress = pull_progress(line)
            if progress is not None:
                self.progressed.emit(progress)
            elif line.strip():
                self._last = line

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        is_well = code == 0 and status == QProcess.ExitStatus.NormalExit
        told = _last_lines(_text(self._process.readAllStandardError().data()), count=1) or self._last
        self.ended.emit(CommandResult(is_well, self._last if is_well else "" if self._is_stopped else told))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # finished is not told then
            self.ended.emit(CommandResult(False, self._process.errorString()))


def pull_progress(line: str) -> PullProgress | None:
    """The progress in a line that ``models pull --json-progress`` printed; None where there is none in it."""
    try:
        told: Any = json.loads(line)
        return PullProgress(int(told["bytes"]), int(told["of"]), told["seconds_left"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(data: bytes) -> str:
    return bytes(data).decode("utf-8", errors="replace")


def _last_lines(text: str, count: int = 2) -> str:
    return " ".join([line for line in text.splitlines() if line.strip()][-count:])
