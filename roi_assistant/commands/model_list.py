"""What ``models list`` tells of the catalogue and of models that were added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roi_assistant import model_hub
from roi_assistant.added_models import AddedModel
from roi_assistant.commands import console
from roi_assistant.errors import ModelFileError
from roi_assistant.machine import GPU_PRECISIONS, Machine, fits
from roi_assistant.model_catalogue import CatalogueEntry, model_catalogue


def pin_of(model: AddedModel) -> model_hub.Pin | None:
    """The pin of an added folder; None where it has none that can be read."""
    if model.kind != "folder":
        return None
    try:
        return model_hub.read_pin(Path(model.place))
    except ModelFileError:
        return None


def offered(added: tuple[AddedModel, ...]) -> list[CatalogueEntry]:
    """The entries of the catalogue that were not downloaded yet."""
    there = {pin.repository for pin in map(pin_of, added) if pin is not None}
    return [entry for entry in model_catalogue() if entry.repository not in there]


def added_document(model: AddedModel) -> dict[str, Any]:
    """An added model for ``--json``."""
    pin = pin_of(model)
    document: dict[str, Any] = {
        "id": model.id,
        "kind": model.kind,
        "place": model.place,
        "model": model.model,
        "makes": model.makes,
    }
    if model.kind == "folder":
        document["precision"] = model.precision
    return document if pin is None else {**document, "repository": pin.repository, "revision": pin.revision}


def offered_document(entry: CatalogueEntry, machine: Machine) -> dict[str, Any]:
    """An entry of the catalogue for ``--json``; null: not known. Sizes are in bytes. ``begun``: an interrupted download
    left something."""
    fit = fits(entry, machine)
    return {
        "id": entry.id,
        "kind": "catalogue",
        "title": entry.title,
        "good_for": entry.good_for,
        "repository": entry.repository,
        "revision": entry.revision or "not pinned",
        "files": entry.files,
        "licence": {
            "name": entry.licence.name,
            "commercial_use": entry.licence.commercial_use,
            "note": entry.licence.note,
        },
        "gated": entry.gated,
        "parameters": entry.parameters,
        "download_bytes": entry.download_bytes,
        "memory": {precision: entry.memory(precision) for precision in ("fp32", *GPU_PRECISIONS)},
        "fits": {"where": fit.where, "precision": fit.precision},
        "capabilities": list(entry.capabilities),
        "transformers": entry.transformers,
        "sources": entry.sources,
        "begun": model_hub.partial_folder(model_hub.models_folder() / entry.id).exists(),
    }


def print_offered(entries: list[CatalogueEntry], machine: Machine) -> None:
    """The catalogue as a table on stdout, narrower than 120 characters."""
    rows = [
        (
            entry.id,
            _gigabytes(entry.download_bytes),
            "/".join(_number(entry.memory(precision)) for precision in GPU_PRECISIONS) if entry.parameters else "-",
            str(fits(entry, machine)),
            entry.licence.commercial_use,
            entry.licence.name + (", gated" if entry.gated else ""),
        )
        for entry in entries
    ]
    headings = ("to download", "GB", "bf16/int8/int4 GB", "fits here", "commercial use", "licence")
    console.print_rows(headings, rows)
    memory = "memory that is not known" if machine.memory is None else f"{machine.memory / 1e9:.0f} GB of memory"
    gpu = f"a GPU of {machine.gpu / 1e9:.0f} GB" if machine.gpu else "no NVIDIA GPU"
    disk = "" if machine.disk is None else f", {machine.disk / 1e9:.0f} GB of free disk"
    console.say(f"This computer has {gpu}, {memory}{disk}. int8 and int4 need pip install bitsandbytes.")
    console.say("What each is good for: docs/models.md. Download one: roi-assistant models pull ID.")


def _gigabytes(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e9:.1f}"


def _number(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e9:.0f}"
