"""A checkpoint folder -> a model ready to write, one tensor at a time, quantized on the way if so wished."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn

from roi_assistant.errors import CaptionerError, ModelFileError
from roi_assistant.models.gpt4roi.checkpoint_files import CheckpointFiles, read_tensors
from roi_assistant.models.gpt4roi.quantization import Bits, bytes_per_weight, quantized
from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

Precision = Literal["fp32", "fp16", "bf16", "int8", "int4"]
DTYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
BITS: dict[Precision, Bits] = {"int8": 8, "int4": 4}
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"


def compute_dtype(precision: Precision, *, device: str) -> torch.dtype:
    """The type of activations: that of the weights, or for integer weights fp32 on a CPU and fp16 on a GPU, which is
    what the weights are published in."""
    return DTYPES.get(precision, torch.float16 if device == "cuda" else torch.float32)


def is_quantizable(name: str) -> bool:
    """Whether the weight ``name`` is one that int8 and int4 are meant for: the decoder's matrices."""
    return name.startswith("model.layers.") and name.endswith("_proj.weight")


def empty_model(config: Gpt4RoiReferenceConfig) -> Gpt4RoiForConditionalGeneration:
    """The model without memory for its parameters; buffers are there."""
    with init_empty_weights(include_buffers=False):
        return Gpt4RoiForConditionalGeneration(config).eval()


def weight_bytes(config: Gpt4RoiReferenceConfig, precision: Precision, *, device: str) -> int:
    """Memory that the weights take once loaded."""
    dtype = compute_dtype(precision, device=device)
    small = bytes_per_weight(BITS[precision], dtype=dtype) if precision in BITS else float(dtype.itemsize)
    return round(
        sum(
            parameter.numel() * (small if is_quantizable(name) else dtype.itemsize)
            for name, parameter in empty_model(config).named_parameters()
        )
    )


def read_config(files: CheckpointFiles) -> Gpt4RoiReferenceConfig:
    """Raises: ModelFileError, ``config.json`` is missing or not of this architecture."""
    file = files.file("config.json")
    try:
        data: dict[str, object] = json.loads(file.data)
        if data.get("model_type") != Gpt4RoiReferenceConfig.model_type:
            raise ValueError(f"model_type is {data.get('model_type')!r}")
        return Gpt4RoiReferenceConfig.from_dict(data)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            "{path} is not the configuration of an imported GPT4RoI ({reason}).", path=file.path, reason=error
        ) from error


def load_model(
    files: CheckpointFiles, *, device: str = "cpu", precision: Precision = "fp32"
) -> Gpt4RoiForConditionalGeneration:
    """The model in ``files`` (safetensors) for inference on ``device`` (``cpu`` or ``cuda``).

    Raises:
        ModelFileError: a file or a tensor is missing, unreadable or of another shape.
        CaptionerError: the GPU's memory does not suffice.
    """
    config = read_config(files)
    model = empty_model(config)
    dtype = compute_dtype(precision, device=device)
    missing = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    try:
        for name, tensor in _tensors(files):
            if name not in missing:
                raise ModelFileError(
                    "{folder} holds {name}, which GPT4RoI does not have: import the model again.",
                    folder=files.path,
                    name=name,
                )
            shape = missing.pop(name)
            if tuple(tensor.shape) != shape:
                raise ModelFileError(
                    "{folder}: {name} has shape {found}, not {shape}.",
                    folder=files.path,
                    name=name,
                    found=tuple(tensor.shape),
                    shape=shape,
                )
            _place(
                model, name, tensor.to(device), dtype=dtype, bits=BITS.get(precision) if is_quantizable(name) else None
            )
        if missing:
            raise ModelFileError(
                "{folder} lacks {count} tensors, first {name}.",
                folder=files.path,
                count=len(missing),
                name=next(iter(missing)),
            )
        return model.to(device)
    except torch.OutOfMemoryError as error:
        raise CaptionerError(
            "The GPU has too little free memory for {name} in {precision}: close other programs, or "
            "use its int8 or int4 form, or --device cpu.",
            name=files.path.name,
            precision=precision,
        ) from error


def _place(model: nn.Module, name: str, tensor: Tensor, *, dtype: torch.dtype, bits: Bits | None) -> None:
    path, _, last = name.rpartition(".")
    if bits is None:
        module = model.get_submodule(path)
        setattr(module, last, nn.Parameter(tensor.to(dtype), requires_grad=False))
        return
    parent, _, child = path.rpartition(".")
    setattr(model.get_submodule(parent), child, quantized(tensor, None, bits=bits, dtype=dtype))


def weight_files(files: CheckpointFiles) -> list[str]:
    """The names of the files that hold the weights.

    Raises:
        ModelFileError: the index cannot be read.
    """
    if INDEX not in files:
        return [WEIGHTS]
    index = files.file(INDEX)
    try:
        return sorted(set(json.loads(index.data)["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(
            "{path} cannot be read ({reason}): import the model again.", path=index.path, reason=error
        ) from error


def _tensors(files: CheckpointFiles) -> Iterator[tuple[str, Tensor]]:
    for name in weight_files(files):
        yield from read_tensors(files, name)
