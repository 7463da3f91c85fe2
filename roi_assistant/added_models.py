"""Models that the user added: folders of checkpoints, and servers that run somewhere. Kept in the user's folder.

A model is named by an id of this list, or at once by its place: a folder or an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from roi_assistant.core.plain_files import read_small
from roi_assistant.core.record_json import decode, encode
from roi_assistant.errors import BadInputError, FormatError

PlaceKind = Literal["folder", "server"]
Precision = Literal["auto", "bf16", "int8", "int4"]
"""In how many bits the weights of a folder are held; ``auto``: as many as the memory has room for."""
Made = Literal["captioner", "proposer"]
"""What a model is for: writing about boxes, or proposing them."""
FILE_NAME = "added-models.json"
_ID = re.compile(r"[A-Za-z0-9][\w.:-]{0,99}")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[?::1\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedModel:
    """``place`` is a path or an address. ``model`` is its name on a server, "" for the only one. ``allow_remote``: the
    user knows that photos go to a server that is not this machine. ``precision`` is of a folder. ``makes`` is found out
    when it is added; of a place that was not added, it is not known and says nothing."""

    id: str
    kind: PlaceKind
    place: str
    model: str = ""
    allow_remote: bool = False
    precision: Precision = "auto"
    makes: Made = "captioner"


@dataclass(frozen=True, slots=True)
class _Stored:
    models: tuple[AddedModel, ...] = ()


def added_models(file: Path | None = None) -> tuple[AddedModel, ...]:
    """What the user added, in that order; empty before the first. ``file`` None: in the user's folder.

    Raises:
        FormatError: the file is damaged.
    """
    path = file or _file()
    if not path.exists():
        return ()
    try:
        return decode(_Stored, json.loads(read_small(path))).models
    except (OSError, ValueError, RecursionError, FormatError) as error:
        raise FormatError(
            "{path} cannot be read ({reason}): mend or delete it; the models themselves are elsewhere.",
            path=path,
            reason=error,
        ) from error


def add_model(model: AddedModel, file: Path | None = None) -> None:
    """Keep ``model``, in place of one with its id.

    Raises:
        BadInputError: its id is none.
        FormatError, FileWriteError: the list cannot be read or written.
    """
    if not _ID.fullmatch(model.id):
        raise BadInputError("{id} is no id: use letters, digits, dots and dashes.", id=repr(model.id))
    kept = [other for other in added_models(file) if other.id != model.id]
    _write((*kept, model), file)


def remove_model(id_: str, file: Path | None = None) -> AddedModel:
    """Forget the model ``id_``; its files, or its server, stay as they are.

    Raises:
        BadInputError: it was not added.
        FormatError, FileWriteError: the list cannot be read or written.
    """
    known = added_models(file)
    found = next((model for model in known if model.id == id_), None)
    if found is None:
        names = ", ".join(model.id for model in known) or "none"
        raise BadInputError("{id} was not added; there are: {names}.", id=repr(id_), names=names)
    _write([model for model in known if model is not found], file)
    return found


def model_at(text: str, *, model: str = "") -> AddedModel | None:
    """The model whose place is ``text``: an address, or a folder that is there; None where it is neither."""
    if text.lower().startswith(("http://", "https://")):
        host = urlsplit(text).netloc.rpartition("@")[2]
        id_ = re.sub(r"[^\w.-]+", "-", f"{host}-{model}" if model else host).strip("-")
        return AddedModel(id=id_, kind="server", place=text.rstrip("/"), model=model)
    if text and Path(text).is_dir():
        folder = Path(text).resolve()
        return AddedModel(
            id=re.sub(r"[^\w.-]+", "-", folder.name).strip("-.") or "model", kind="folder", place=str(folder)
        )
    return None


def find_model(text: str, file: Path | None = None) -> AddedModel | None:
    """The model that ``text`` names: an id of the list, or a place. Raises: FormatError: the list is damaged."""
    return next((model for model in added_models(file) if model.id == text), None) or model_at(text)


def is_remote(model: AddedModel) -> bool:
    """Whether photos leave this machine."""
    return model.kind == "server" and not _LOOPBACK.fullmatch(urlsplit(model.place).hostname or "")


def with_free_id(model: AddedModel, taken: Sequence[str]) -> AddedModel:
    """``model`` with an id that is not ``taken`` by a model that ships or a plugin's."""
    number = 2
    id_ = model.id
    while id_ in taken:
        id_, number = f"{model.id}-{number}", number + 1
    return replace(model, id=id_)


def _file() -> Path:
    from roi_assistant.settings import data_folder

    return data_folder() / FILE_NAME


def _write(models: Sequence[AddedModel], file: Path | None) -> None:
    from roi_assistant.formats.atomic import write_atomically

    path = file or _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(encode(_Stored(tuple(models))), ensure_ascii=False, indent=2) + "\n")
