"""Folders with a checkpoint of transformers, shared by the plugins that load them: what one holds is found out before
torch is imported or a weight is read, and what goes wrong in loading becomes one sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roi_assistant.errors import (
    CaptionerError,
    FormatError,
    MissingDependencyError,
    ModelFileError,
    RoiAssistantError,
)
from roi_assistant.formats.json_files import read_json

_LONGEST_HEADER = 1 << 28


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
    config = read_object(path / "config.json")
    if not isinstance(config.get("model_type"), str):
        raise ModelFileError(
            "{path} does not say a model_type, so it is of no checkpoint of transformers.", path=path / "config.json"
        )
    return config


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, empty where it is something else.

    Raises:
        ModelFileError: it is missing or no JSON.
    """
    # Folders that a hub's client keeps hold links.
    try:
        found = read_json(path.resolve())
    except FormatError as error:
        raise ModelFileError("{reason} Download the model again.", reason=error) from error
    return found if isinstance(found, dict) else {}


def architecture_of(config: Mapping[str, Any]) -> str:
    """What a checkpoint calls its model, for messages."""
    return str((config.get("architectures") or [config["model_type"]])[0])


def check_architecture(path: Path, config: Mapping[str, Any], *, first_versions: Mapping[str, str]) -> None:
    """That the transformers that is installed knows the model in ``path``, by its ``config`` of `read_config`.

    Args:
        first_versions: ``model_type`` -> the version of transformers that first had it.

    Raises:
        MissingDependencyError: transformers is not installed.
        ModelFileError: it does not know the model; the message says which version does.
    """
    try:
        from transformers import __version__
        from transformers.models.auto import configuration_auto
    except ImportError as error:
        raise MissingDependencyError(
            "{path} needs torch and transformers ({reason}): pip install 'roi-assistant[torch]'.",
            path=path,
            reason=error,
        ) from error
    model_type, architecture = str(config["model_type"]), architecture_of(config)
    if model_type not in configuration_auto.CONFIG_MAPPING_NAMES:
        if model_type in first_versions:
            raise ModelFileError(
                "{path} is a {architecture}, which transformers has from version {first} on, and {installed} is "
                "installed: pip install --upgrade transformers.",
                path=path,
                architecture=architecture,
                first=first_versions[model_type],
                installed=__version__,
            )
        raise ModelFileError(
            "{path} is a {architecture}, which transformers {installed} does not know: a newer version may, or the "
            "model needs code of its own, which is never run.",
            path=path,
            architecture=architecture,
            installed=__version__,
        )


def weight_files(path: Path) -> list[Path]:
    """The safetensors files of the checkpoint in ``path``, sorted.

    Raises:
        ModelFileError: there are none, or one that the index lists is missing.
    """
    index = path / "model.safetensors.index.json"
    if index.is_file():
        listed = read_object(index).get("weight_map")
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
    return sum(math.prod(shape) for shape in tensor_shapes(files).values())


def tensor_shapes(files: list[Path]) -> dict[str, tuple[int, ...]]:
    """Name -> shape of each tensor in the safetensors ``files``, by their headers alone.

    Raises:
        ModelFileError: a header cannot be read.
    """
    return {name: shape for file in files for name, shape in _shapes(file)}


def _shapes(path: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= _LONGEST_HEADER:
                raise ValueError("its header has no length")
            body = stream.read(length)
        if len(body) < length:
            raise ValueError("it ends in its header")
        header = json.loads(body)
        for name, entry in header.items():
            if name != "__metadata__":
                yield name, tuple(int(side) for side in entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            "{path} is no file of weights ({reason}): download it again.", path=path, reason=str(error)[:200]
        ) from error


@contextmanager
def loading_failures(path: Path) -> Iterator[None]:
    """What loading the checkpoint in ``path`` inside the ``with`` block raises, as one of our errors.

    Raises:
        MissingDependencyError: a library is not installed.
        CaptionerError: the GPU has too little memory left.
        ModelFileError: anything else; errors of ours pass unchanged.
    """
    try:
        yield
    except RoiAssistantError:
        raise
    except ImportError as error:
        reason = " ".join(str(error).split())[:300]
        raise MissingDependencyError(
            "{path} needs a library that is not installed ({reason}): pip install 'roi-assistant[torch]', or what is "
            "named there.",
            path=path,
            reason=reason,
        ) from error
    except Exception as error:  # of any of the libraries that read a folder
        if type(error).__name__ == "OutOfMemoryError":  # torch's; importing it may be what failed
            raise CaptionerError(
                "The GPU has too little memory left for {id}: close other programs, or use --device cpu.", id=path.name
            ) from error
        reason = " ".join(str(error).split())[:300]
        raise ModelFileError(
            "{path} cannot be loaded ({reason}): download it again.", path=path, reason=reason
        ) from error
