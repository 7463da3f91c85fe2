"""The work of ``models pull``: say what comes and under which licence, download, and add the model."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant import model_hub
from roi_assistant.added_models import AddedModel, Made, add_model, added_models, model_at, with_free_id
from roi_assistant.commands import console
from roi_assistant.commands.progress import Progress
from roi_assistant.errors import BadInputError, FileWriteError, ModelFileError
from roi_assistant.model_catalogue import CatalogueEntry, catalogue_entry, model_catalogue

_MEGABYTE = 1_000_000
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_NOT_COMMERCIAL = re.compile(r"(?:^|-)nc(?:-|$)|non-?commercial|research", re.IGNORECASE)
_JSON_SECONDS = 0.25
"""Between two lines of progress for another program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullJob:
    """What the user asked for; the fields are the options of ``models pull``. ``taken`` are ids of other models;
    ``made`` finds out what a folder is for."""

    id: str
    to: Path | None = None
    revision: str | None = None
    accept_licence: bool = False
    as_json: bool = False
    taken: tuple[str, ...] = ()
    made: Callable[[AddedModel], Made] = lambda _model: "captioner"


def run_pull(job: PullJob) -> None:
    """Download a model and add it.

    Raises:
        RoiAssistantError: it cannot be had; what came already is kept for the next try.
    """
    entry = catalogue_entry(job.id)
    if entry is None and not _REPOSITORY.fullmatch(job.id):
        names = ", ".join(entry.id for entry in model_catalogue())
        raise BadInputError(f"{job.id!r} is not in the catalogue: give a repository as OWNER/NAME, or one of {names}.")
    repository = entry.repository if entry else job.id
    id_ = entry.id if entry else _id_of(repository)
    folder = (job.to or model_hub.models_folder() / id_).absolute()
    pin = model_hub.read_pin(folder)
    if pin is not None and pin.repository == repository and job.revision in (None, pin.revision):
        added = _add(id_, folder, job)
        console.say(f"{repository} is in {folder} already.")
        print(console.printable(f"{added} is there: roi-assistant models try {added}"))
        return
    model_hub.require_online()
    if entry is not None:
        _require_accepted(entry.licence.name, entry.licence.commercial_use == "no", job)
    revision = job.revision or model_hub.begun_revision(folder, repository) or (entry.revision if entry else None)
    remote = model_hub.look_up(repository, revision=revision)
    _require_accepted(remote.licence, bool(_NOT_COMMERCIAL.search(remote.licence)), job)
    there = model_hub.bytes_there(remote, folder)
    console.say(_announcement(entry, remote, folder, there))
    pinned = entry.files if entry is not None and entry.revision == remote.revision else None
    try:
        with _progress(remote.size, there, id_, as_json=job.as_json) as told:
            model_hub.download(remote, folder, pinned=pinned, told=told)
    except KeyboardInterrupt:
        kept = model_hub.bytes_there(remote, folder)
        console.say(f"{_size(kept)} of {_size(remote.size)} are kept: run it again to go on.")
        raise
    added = _add(id_, folder, job)
    print(console.printable(f"{added} is there: roi-assistant models try {added}"))


def delete_files(id_: str) -> None:
    """Delete what `run_pull` made for the model ``id_``, or what an interrupted download of it left. Files that
    somebody put beside them stay.

    Raises:
        BadInputError: there is no such model, or something else made its folder.
        FileWriteError: a file cannot be deleted.
    """
    added = next((model for model in added_models() if model.id == id_), None)
    folder = Path(added.place) if added is not None else model_hub.models_folder() / id_
    partial = model_hub.partial_folder(folder)
    pin = model_hub.read_pin(folder) if added is not None and added.kind == "folder" else None
    if pin is None and added is not None:
        raise BadInputError(f"{added.place} was not made by models pull, so it is not deleted: leave --files out.")
    if pin is None and model_hub.read_pin(partial) is None:
        raise BadInputError(f"There is no model {id_!r}: see roi-assistant models list.")
    try:
        if pin is not None:
            for name in (*pin.files, model_hub.PIN):
                (folder / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()  # not where something else is in it
        else:
            shutil.rmtree(partial)
            console.say(f"What came of {id_} is deleted.")
    except OSError as error:
        raise FileWriteError("{folder} cannot be deleted ({reason}).", folder=folder, reason=error) from error


def problems_of(folder: Path) -> list[str] | None:
    """What is wrong with the files of the model in ``folder``; None where nothing says how they should be: a checkpoint
    that no download of ours made."""
    from roi_assistant.captioners.model_folder import MANIFEST
    from roi_assistant.commands import doctor_checks

    try:
        pin = model_hub.read_pin(folder)
    except ModelFileError as error:
        return [str(error)]
    if pin is not None:
        return model_hub.damaged_files(folder, pin)
    if not (folder / MANIFEST).exists() and (folder / "config.json").exists():
        return None
    return doctor_checks.damaged_files(folder)


def commercial_use(entry: CatalogueEntry) -> str:
    """The licence of ``entry`` in plain words."""
    note = entry.licence.note.get("en", "")
    if entry.licence.name == "not known":
        return "not known here: as the hub tells"
    use = {"conditions": "under conditions"}.get(entry.licence.commercial_use, entry.licence.commercial_use)
    return f"{entry.licence.name}, commercial use: {use}" + (f" ({note.rstrip('.')})" if note else "")


def _require_accepted(licence: str, is_not_commercial: bool, job: PullJob) -> None:
    if is_not_commercial and not job.accept_licence:
        raise BadInputError(
            f"The licence of {job.id} ({licence}) forbids commercial use: give --accept-licence if yours is none."
        )


def _announcement(entry: CatalogueEntry | None, remote: model_hub.RemoteModel, folder: Path, there: int) -> str:
    told = f"the hub says {remote.licence}" if remote.licence else "the hub says none"
    licence = f"{commercial_use(entry)} ({told})" if entry else f"not in the catalogue, {told}"
    size = f"{_size(remote.size)} in {len(remote.files)} files"
    if there:
        size += f", {_size(there)} of them there already"
    return f"{remote.repository} at {remote.revision[:12]}. Licence: {licence}. {size}, into {folder}."


def _id_of(repository: str) -> str:
    return re.sub(r"[^\w.-]+", "-", repository.partition("/")[2]).strip("-.").lower() or "model"


def _add(id_: str, folder: Path, job: PullJob) -> str:
    """Add the model in ``folder``, under ``id_`` where that is not another's; the id that it has."""
    others = [model for model in added_models() if model.place != str(folder.resolve())]
    there = next((model for model in added_models() if model.place == str(folder.resolve())), None)
    if there is not None:
        return there.id
    found = model_at(str(folder))
    assert found is not None
    named = AddedModel(id=id_, kind="folder", place=found.place)
    chosen = with_free_id(named, (*job.taken, *(model.id for model in others)))
    chosen = replace(chosen, makes=job.made(chosen))
    add_model(chosen)
    return chosen.id


@contextlib.contextmanager
def _progress(total: int, there: int, what: str, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    """What is told of bytes that come, ``there`` of ``total`` being there: a bar, or lines of JSON on stdout for a
    program that draws its own."""
    if as_json:
        yield _JsonProgress(total, there)
        return
    with Progress(max(1, (total - there) // _MEGABYTE), what=f"MB of {what}") as progress:
        yield lambda count: progress.step(count / _MEGABYTE)


class _JsonProgress:
    """``{"bytes": 1, "of": 2, "seconds_left": 3}``, at most a few times a second; seconds null while not known."""

    def __init__(self, total: int, there: int) -> None:
        self._total, self._done, self._new = total, there, 0
        self._begun, self._last = time.monotonic(), -_JSON_SECONDS

    def __call__(self, count: int) -> None:
        self._done += count
        self._new += max(0, count)
        now = time.monotonic()
        if now - self._last < _JSON_SECONDS and self._done < self._total:
            return
        self._last = now
        passed = now - self._begun
        left = (self._total - self._done) * passed / self._new if self._new and passed > 1 else None
        line = {"bytes": self._done, "of": self._total, "seconds_left": None if left is None else round(left)}
        print(json.dumps(line), flush=True)


def _size(count: int) -> str:
    """``1234567890`` -> ``1.2 GB``."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
