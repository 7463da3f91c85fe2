"""What a folder holds, found out before torch is imported or a weight is read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from roi_assistant.api import (
    Captioner,
    CaptionerFactory,
    FormatError,
    MissingDependencyError,
    ModelFileError,
    read_json,
)

from .families import FIRST_VERSION, family_of

_LONGEST_HEADER = 1 << 28
_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def open_folder(path: Path) -> CaptionerFactory | None:
    """What loads the checkpoint in the folder ``path``; None where it is of a model that does not speak about pictures,
    such as a detector. No weights are read.

    Raises:
        ModelFileError: it holds no checkpoint that can be used; the message says why, and which version of transformers
            has its architecture.
        MissingDependencyError: transformers is not installed.
    """
    config = read_config(path)
    model_type = str(config["model_type"])
    if model_type.startswith("gpt4roi"):
        return None  # ours, with a manifest: another plugin has it
    try:
        from transformers import __version__
        from transformers.models.auto import configuration_auto, modeling_auto
    except ImportError as error:
        raise MissingDependencyError(
            "{path} needs torch and transformers ({reason}): pip install 'roi-assistant[torch]'.",
            path=path,
            reason=error,
        ) from error
    architecture = str((config.get("architectures") or [model_type])[0])
    if model_type not in configuration_auto.CONFIG_MAPPING_NAMES:
        if model_type in FIRST_VERSION:
            raise ModelFileError(
                "{path} is a {architecture}, which transformers has from version {first} on, and {installed} is "
                "installed: pip install --upgrade transformers.",
                path=path,
                architecture=architecture,
                first=FIRST_VERSION[model_type],
                installed=__version__,
            )
        raise ModelFileError(
            "{path} is a {architecture}, which transformers {installed} does not know: a newer version may, or the "
            "model needs code of its own, which is never run.",
            path=path,
            architecture=architecture,
            installed=__version__,
        )
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
    return partial(_load, path)


def _load(path: Path, *, device: str = "auto", threads: int | None = None) -> Captioner:
    from .loading import load

    return load(path, device=device, threads=threads)


def _text_only(path: Path, architecture: str) -> ModelFileError:
    return ModelFileError(
        "{path} is a {architecture} without an image processor: it reads text only and cannot look at a photo.",
        path=path,
        architecture=architecture,
    )


def read_config(path: Path) -> dict[str, Any]:
    """``config.json`` of the checkpoint in ``path``; ``model_type`` is there.

    Raises:
        ModelFileError: the folder holds no checkpoint.
    """
    if not path.is_dir():
        raise ModelFileError("{path} is no folder: give the folder with the checkpoint's config.json.", path=path)
    if not (path / "config.json").is_file():
        raise ModelFileError(
            "{path} holds no config.json, so it is no checkpoint: give the folder that was downloaded as a whole.",
            path=path,
        )
    config = _object(path / "config.json")
    if not isinstance(config.get("model_type"), str):
        raise ModelFileError(
            "{path} does not say a model_type, so it is of no checkpoint of transformers.", path=path / "config.json"
        )
    return config


def _object(path: Path) -> dict[str, Any]:
    # Folders that a hub's client keeps hold links.
    try:
        found = read_json(path.resolve())
    except FormatError as error:
        raise ModelFileError("{reason} Download the model again.", reason=error) from error
    return found if isinstance(found, dict) else {}


def _sees(path: Path) -> bool:
    if (path / "preprocessor_config.json").is_file():
        found = _object(path / "preprocessor_config.json")
        return any(key.startswith("image") or key in ("crop_size", "patch_size") for key in found)
    return (path / "processor_config.json").is_file() and "image_processor" in _object(path / "processor_config.json")


def _has_chat_template(path: Path) -> bool:
    if any((path / name).is_file() for name in _TEMPLATES):
        return True
    files = [path / name for name in ("tokenizer_config.json", "processor_config.json") if (path / name).is_file()]
    return any(_object(file).get("chat_template") for file in files)


def weight_files(path: Path) -> list[Path]:
    """The safetensors files of the checkpoint in ``path``, sorted.

    Raises:
        ModelFileError: there are none, or one that the index lists is missing.
    """
    index = path / "model.safetensors.index.json"
    if index.is_file():
        listed = _object(index).get("weight_map")
        names = sorted({Path(str(name)).name for name in listed.values()}) if isinstance(listed, dict) else []
    else:
        names = ["model.safetensors"] if (path / "model.safetensors").is_file() else []
    if not names:
        raise ModelFileError(
            "{path} holds no weights as safetensors: other kinds can hold code and are not read. Download the "
            "safetensors files of the model.",
            path=path,
        )
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise ModelFileError(
            "{path} lacks {count} of {all} files of weights, first {name}: download it again.",
            path=path,
            count=len(missing),
            all=len(names),
            name=missing[0],
        )
    return [path / name for name in names]


def parameters(files: list[Path]) -> int:
    """How many numbers the safetensors ``files`` hold, by their headers alone.

    Raises:
        ModelFileError: a header cannot be read.
    """
    return sum(count for file in files for count in _sizes(file))


def _sizes(path: Path) -> Iterator[int]:
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= _LONGEST_HEADER:
                raise ValueError("its header has no length")
            header = json.loads(stream.read(length))
        for name, entry in header.items():
            if name != "__metadata__":
                yield math.prod(int(side) for side in entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            "{path} is no file of weights ({reason}): download it again.", path=path, reason=str(error)[:200]
        ) from error
