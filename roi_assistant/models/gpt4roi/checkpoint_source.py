"""Checkpoints of others, read tensor by tensor without running what they contain and without holding them in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from roi_assistant.errors import ModelFileError

_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_SINGLE = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """Shape and storage of a tensor that was not read yet."""

    shape: tuple[int, ...]
    file: str


class CheckpointFolder:
    """The weights of a folder in the layout of the model hub: safetensors or ``.bin``, in one file or several.

    ``what`` is the option of the command that names the folder, for messages. Files are mapped into memory; `release`
    gives back what was read of them so far.
    """

    def __init__(self, folder: Path, *, what: str) -> None:
        """Raises: ModelFileError, the folder has no weights or not all of them."""
        self.folder, self.what = folder, what
        self.files = tuple(_weight_files(folder, what=what))
        self._open: dict[str, Any] = {}
        self.tensors: dict[str, TensorInfo] = {}
        for path in self.files:
            for name, shape in self._shapes(path):
                if name in self.tensors:
                    raise ModelFileError(f"{what} {folder} holds {name} in two files: keep one set of weights there.")
                self.tensors[name] = TensorInfo(shape, path.name)
        self.release()

    def __enter__(self) -> CheckpointFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def config(self) -> dict[str, Any]:
        """``config.json``.

        Raises:
            ModelFileError: it is missing or no JSON object.
        """
        path = self.folder / "config.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelFileError(
                f"{path} cannot be read ({error}): copy it from where the weights come from."
            ) from error
        if not isinstance(data, dict):
            raise ModelFileError(f"{path} is not a JSON object: copy it from where the weights come from.")
        return data

    def read(self, name: str) -> Tensor:
        """One tensor, mapped from its file.

        Raises:
            ModelFileError: the file changed or is damaged.
        """
        path = self.folder / self.tensors[name].file
        opened = self._opened(path)
        try:
            tensor: Tensor = opened[name] if isinstance(opened, dict) else opened.get_tensor(name)
        except (SafetensorError, KeyError, OSError) as error:
            raise ModelFileError(f"{path} does not give {name} any more ({error}): copy it again.") from error
        return tensor

    def release(self) -> None:
        """Unmap the files; the next `read` maps what it needs."""
        self._open.clear()

    def fingerprint(self) -> list[list[Any]]:
        """Name, size and time of change of each file, to tell whether it is still the same."""
        return [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in self.files]

    def _shapes(self, path: Path) -> list[tuple[str, tuple[int, ...]]]:
        opened = self._opened(path)
        if isinstance(opened, dict):
            return [(name, tuple(tensor.shape)) for name, tensor in opened.items()]
        return [(name, tuple(opened.get_slice(name).get_shape())) for name in opened.keys()]  # noqa: SIM118

    def _opened(self, path: Path) -> Any:
        if path.name not in self._open:
            if path.suffix == ".safetensors":
                self._open[path.name] = _open_safetensors(path)
            else:
                self._open[path.name] = _map_bin(path)
        return self._open[path.name]


def _open_safetensors(path: Path) -> Any:
    try:
        return safe_open(path, framework="pt", device="cpu").__enter__()
    except (SafetensorError, OSError) as error:
        raise ModelFileError(
            f"{path} is not a whole safetensors file ({_reason(path, error)}): copy it again."
        ) from error


def _map_bin(path: Path) -> dict[str, Tensor]:
    try:
        data = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except Exception as error:  # a damaged file may raise about anything
        raise ModelFileError(
            f"{path} is not a file of weights that can be read safely ({_reason(path, error)}): copy it again."
        ) from error
    if not isinstance(data, dict) or not all(isinstance(value, Tensor) for value in data.values()):
        raise ModelFileError(f"{path} does not hold named tensors only: it is not a file of this checkpoint.")
    return data


def _reason(path: Path, error: Exception) -> str:
    """In a few words; a clone without Git LFS has small text files in place of weights."""
    try:
        with path.open("rb") as stream:
            if stream.read(40).startswith(b"version https://git-lfs"):
                return "it is a pointer of Git LFS, run 'git lfs pull' there"
    except OSError:
        pass
    lines = str(error).splitlines()
    return lines[0][:120] if lines else type(error).__name__


def _weight_files(folder: Path, *, what: str) -> list[Path]:
    if not folder.is_dir():
        raise ModelFileError(f"{what} {folder} is not a folder: give the folder that holds the weights.")
    for name in _INDEXES:
        if (folder / name).is_file():
            return _files_of_index(folder / name)
    for name in _SINGLE:
        if (folder / name).is_file():
            return [folder / name]
    if any(folder.glob("consolidated.*.pth")):
        raise ModelFileError(
            f"{what} {folder} holds weights as Meta published them: convert them with "
            "'python -m transformers.models.llama.convert_llama_weights_to_hf' and give the folder that it writes."
        )
    raise ModelFileError(
        f"{what} {folder} holds no weights: there should be {', '.join((*_INDEXES, *_SINGLE))} or one of them."
    )


def _files_of_index(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        if not names or any(Path(name).name != name for name in names):
            raise ValueError("it does not name files of its folder")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{index} is not an index of weights ({error}): copy it again.") from error
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise ModelFileError(
            f"{index.parent} lacks {len(missing)} of {len(names)} files of weights, first {missing[0]}: "
            "copy them there."
        )
    return [index.parent / name for name in names]
