"""Models that people may want to download: what each is good for, its licence, and what it needs. Read from
``resources/model-catalogue.json``; nothing here asks a network.

What is not known is not guessed: a field is then absent, and said to be not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from roi_assistant.core.plain_files import read_small
from roi_assistant.core.record_json import decode
from roi_assistant.errors import FormatError

CommercialUse = Literal["yes", "no", "conditions", "not known"]
Capability = Literal["caption", "category", "attributes", "chat", "text", "boxes"]
Precision = Literal["fp32", "bf16", "int8", "int4"]

CATALOGUE = "model-catalogue.json"
BYTES_PER_WEIGHT: Mapping[Precision, float] = {"fp32": 4.0, "bf16": 2.0, "int8": 1.05, "int4": 0.6}
"""Of a language model, with the scales that the whole numbers need."""
SPARE_FACTOR = 1.1
SPARE_BYTES = 1_000_000_000
"""For activations and caches of one photo, beside a tenth of the weights."""
_TOWER_BYTES = 2.0
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Licence:
    """``name`` as its publisher calls it; ``note`` says the conditions in plain words, by language."""

    name: str
    commercial_use: CommercialUse
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A model of the catalogue.

    ``good_for`` is a sentence by language; ``en`` is always there. ``revision`` is a commit, and ``files`` the sha256
    by name; None and empty: not pinned, so the first download pins them. ``tower_parameters`` are those of
    ``parameters`` that see, and stay in bf16 in every precision of a GPU; 0: not known. ``transformers`` is the first
    version that has the architecture. ``gated`` None: not known. ``sources`` names for a field where it was read.
    """

    id: str
    title: str
    good_for: dict[str, str]
    repository: str
    licence: Licence
    capabilities: tuple[Capability, ...]
    sources: dict[str, str]
    revision: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    parameters: int | None = None
    tower_parameters: int = 0
    download_bytes: int | None = None
    transformers: str = ""
    gated: bool | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether revision and files are known before the first download."""
        return self.revision is not None and bool(self.files)

    def memory(self, precision: Precision) -> int | None:
        """Bytes that it needs in ``precision``; None where its parameters are not known."""
        if self.parameters is None:
            return None
        return memory_bytes(self.parameters, tower=self.tower_parameters, precision=precision)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    version: Literal[1]
    entries: tuple[CatalogueEntry, ...]


def memory_bytes(parameters: int, *, tower: int = 0, precision: Precision) -> int:
    """Bytes of memory for a model of ``parameters``, ``tower`` of them in its eyes, and one photo.

    The tower stays in bf16 where the language model is int8 or int4, and is fp32 where all of it is.
    """
    per_weight = BYTES_PER_WEIGHT[precision]
    weights = (parameters - tower) * per_weight + tower * max(_TOWER_BYTES, per_weight)
    return round(weights * SPARE_FACTOR) + SPARE_BYTES


def model_catalogue(file: Path | None = None) -> tuple[CatalogueEntry, ...]:
    """The entries of the catalogue, in its order. ``file`` None: the one that ships.

    Raises:
        FormatError: it is damaged.
    """
    from roi_assistant.resources_path import resource

    path = file or resource(CATALOGUE)
    try:
        entries = decode(_Catalogue, json.loads(read_small(path))).entries
        _check(entries)
    except (OSError, ValueError, RecursionError, FormatError) as error:
        raise FormatError(
            "{path} cannot be read ({reason}): install RoI Assistant again.", path=path, reason=error
        ) from error
    return entries


def catalogue_entry(id_: str, file: Path | None = None) -> CatalogueEntry | None:
    """The entry whose id or repository is ``id_``. Raises: FormatError: the catalogue is damaged."""
    return next((entry for entry in model_catalogue(file) if id_ in (entry.id, entry.repository)), None)


def _check(entries: tuple[CatalogueEntry, ...]) -> None:
    """Raises: ValueError: an entry says what cannot be."""
    for entry in entries:
        numbers = (entry.parameters, entry.download_bytes)
        sound = (
            _ID.fullmatch(entry.id)
            and _REPOSITORY.fullmatch(entry.repository)
            and (entry.revision is None or _COMMIT.fullmatch(entry.revision))
            and all(_SHA256.fullmatch(sha256) for sha256 in entry.files.values())
            and entry.good_for.get("en")
            and all(number is None or number > 0 for number in numbers)
            and 0 <= entry.tower_parameters <= (entry.parameters or 0)
        )
        if not sound:
            raise ValueError(f"the entry {entry.id!r} is not sound")
    if len({entry.id for entry in entries}) != len(entries):
        raise ValueError("an id is there twice")
