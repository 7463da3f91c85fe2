"""What a folder holds, found out before torch is imported or a weight is read."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from roi_assistant.api import (
    Captioner,
    CaptionerFactory,
    ModelFileError,
    Precision,
    architecture_of,
    check_architecture,
    read_config,
    read_object,
    weight_files,
)

from .families import FIRST_VERSION, family_of

_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def open_folder(path: Path, *, precision: Precision = "auto", id: str = "") -> CaptionerFactory | None:
    """What loads the checkpoint in the folder ``path`` in a ``precision``, called ``id`` or by the name of the
    folder; None where it is of a model that does not speak about pictures, such as a detector. No weights are read.

    Raises:
        ModelFileError: it holds no checkpoint that can be used; the message says why, and which version of transformers
            has its architecture.
        MissingDependencyError: transformers is not installed.
    """
    config = read_config(path)
    model_type = str(config["model_type"])
    if model_type.startswith("gpt4roi"):
        return None  # ours, with a manifest: another plugin has it
    check_architecture(path, config, first_versions=FIRST_VERSION)
    from transformers.models.auto import modeling_auto

    architecture = architecture_of(config)
    speaking = getattr(
        modeling_auto,
        "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES",
        modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    )
    if model_type not in speaking:
        if model_type in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
            raise _text_only(path, architecture)
        return None
    if not _sees(path):
        raise _text_only(path, architecture)
    if family_of(model_type).kind == "chat" and not _has_chat_template(path):
        raise ModelFileError(
            "{path} has no chat template, so that nothing can be asked: take the checkpoint whose name ends in "
            "Instruct, it or Chat.",
            path=path,
        )
    weight_files(path)
    return partial(_load, path, precision=precision, id=id)


def _load(path: Path, *, precision: Precision, id: str, device: str = "auto", threads: int | None = None) -> Captioner:
    from .loading import load

    return load(path, device=device, threads=threads, precision=precision, id=id)


def _text_only(path: Path, architecture: str) -> ModelFileError:
    return ModelFileError(
        "{path} is a {architecture} without an image processor: it reads text only and cannot look at a photo.",
        path=path,
        architecture=architecture,
    )


def _sees(path: Path) -> bool:
    if (path / "preprocessor_config.json").is_file():
        found = read_object(path / "preprocessor_config.json")
        return any(key.startswith("image") or key in ("crop_size", "patch_size") for key in found)
    return (path / "processor_config.json").is_file() and "image_processor" in read_object(
        path / "processor_config.json"
    )


def _has_chat_template(path: Path) -> bool:
    if any((path / name).is_file() for name in _TEMPLATES):
        return True
    files = [path / name for name in ("tokenizer_config.json", "processor_config.json") if (path / name).is_file()]
    return any(read_object(file).get("chat_template") for file in files)
