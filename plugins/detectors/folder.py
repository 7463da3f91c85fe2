"""Whether a folder holds a detector, and of which kind: found out before torch is imported or a weight is read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from roi_assistant.api import (
    Detector,
    ModelFileError,
    ProposerFactory,
    architecture_of,
    check_architecture,
    read_config,
    weight_files,
)

Kind = Literal["classes", "grounding", "owl", "omdet"]
"""``classes``: finds the classes that it was trained on. The others find what they are told in words, each in a way of
its own."""
BY_WORDS: dict[str, Kind] = {
    "grounding-dino": "grounding",
    "mm-grounding-dino": "grounding",
    "owlv2": "owl",
    "owlvit": "owl",
    "omdet-turbo": "omdet",
}
FIRST_VERSION = {"lw_detr": "5.0", "deimv2": "5.8", "rf_detr": "5.10"}
"""The version of transformers that first had a ``model_type``, where that is later than the oldest that we take."""
_OTHERWISE = "pp_ocr"
"""Begins the types that find lines of writing, whose output is a map and no boxes."""


def open_folder(path: Path) -> ProposerFactory | None:
    """What loads the detector in the folder ``path``; None where it holds another kind of model. No weights are read.

    Raises:
        ModelFileError: it holds a detector that cannot be used; the message says why.
        MissingDependencyError: transformers is not installed.
    """
    config = read_config(path)
    model_type = str(config["model_type"])
    if model_type in FIRST_VERSION:
        check_architecture(path, config, first_versions=FIRST_VERSION)
    kind = kind_of(model_type)
    if kind is None:
        return None
    check_architecture(path, config, first_versions=FIRST_VERSION)
    if not any((path / name).is_file() for name in ("preprocessor_config.json", "processor_config.json")):
        raise ModelFileError(
            "{path} is a {architecture} without preprocessor_config.json, which says how it is shown a photo: download "
            "the whole folder.",
            path=path,
            architecture=architecture_of(config),
        )
    weight_files(path)
    return partial(_load, path, kind)


def kind_of(model_type: str) -> Kind | None:
    """How a ``model_type`` of a config finds things; None where it is no detector, or transformers is not installed."""
    if model_type in BY_WORDS:
        return BY_WORDS[model_type]
    try:
        from transformers.models.auto.modeling_auto import MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES
    except ImportError:
        return None  # whoever opens other folders says what is missing
    known = model_type in MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES and not model_type.startswith(_OTHERWISE)
    return "classes" if known else None


def _load(path: Path, kind: Kind, *, device: str = "auto", threads: int | None = None) -> Detector:
    from .loading import load

    return load(path, kind, device=device, threads=threads)
