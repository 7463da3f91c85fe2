"""Weights back from an exported model, to go on training where only its ONNX files are left.

The export renames, transposes and folds some tensors. Rather than knowing its habits, the same graph is exported from a
model whose weights are all different random numbers: an initialiser that equals a parameter (or its transpose) there is
that parameter here.

Backbones are another matter: the export folds their normalisation into the convolutions before it. As training leaves
the normalisation alone, that is undone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from roi_assistant.errors import ModelFileError
from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig
from roi_assistant.models.gpt4roi.export_onnx import trace_graph
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.mini.exported import CONFIG

_GRAPHS = ("image", "region", "language")
_ROUNDING = 0.01
"""Share of a convolution's norm by which fp16 may have changed it; training changes it by more."""
_FOLDED_AWAY = 1e-4
"""Channels that normalisation scales by less keep the weights they have: dividing by it would blow up their fp16."""


@torch.no_grad()
def load_exported(model: Gpt4Roi, folder: Path) -> list[str]:
    """Copy the weights of the model in ``folder`` into ``model``; returns the names of parameters that it lacks.

    Backbones stay as they are (`load_exported_backbones`), and so do heads that the exported model has not.
    Exported weights are fp16: what comes back differs from what was exported by up to one part in 2,000.

    Raises:
        ModelFileError: a file is missing or belongs to a model of another shape.
    """
    parameters = {
        name: p for name, p in model.named_parameters() if not name.startswith(("backbone.", "own_view_backbone."))
    }
    kept = {name: p.detach().clone() for name, p in parameters.items()}
    generator = torch.Generator().manual_seed(0)
    for parameter in parameters.values():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))
    known = {name: p.detach().clone().numpy() for name, p in parameters.items()}
    given: dict[str, np.ndarray] = {}
    for graph in _GRAPHS:
        path = folder / f"{graph}.onnx"
        exported = _read(path)
        ours = _traced(model, graph, heads=len(exported.graph.output) - 1, pooled=_reads_pooled(folder))
        for marker, value in _pairs(ours, exported, path):
            name, transposed = _match(marker, known)
            if name:
                given[name] = value.T if transposed else value.reshape(known[name].shape)
    for name, parameter in parameters.items():
        parameter.copy_(torch.from_numpy(given[name].astype(np.float32)) if name in given else kept[name])
    return [name for name in parameters if name not in given]


@torch.no_grad()
def load_exported_backbones(
    model: Gpt4Roi, folder: Path, *, photo_stage: int | None = None, view_stage: int | None = None
) -> None:
    """Copy the backbones of the model in ``folder`` into those of ``model``, which need the same normalisation as the
    exported ones, that is ImageNet's. Close-ups that shared the photos' backbone begin with it.

    With ``photo_stage`` and ``view_stage``, the stages before these must be in the exported model what they are in
    ``model``, because training goes on from cached features of the latter.

    Raises:
        ModelFileError: a file is missing, belongs to a model of another shape, has another normalisation, or was tuned
            in stages whose features are cached.
    """
    photos, own = folder / "vision.onnx", folder / "view.onnx"
    backbones = [(model.backbone, photos, photo_stage)]
    if model.own_view_backbone is not None:
        backbones.append((model.own_view_backbone, own if own.is_file() else photos, view_stage))
    for backbone, path, first in backbones:
        before = {name: weight.clone() for name, weight in backbone.convolutions(before=first or 0)}
        _unfold(backbone.net, path)
        for name, weight in backbone.convolutions(before=first or 0):
            if (weight - before[name]).norm() > _ROUNDING * before[name].norm():
                raise ModelFileError(
                    f"{path} was tuned before stage {first} ({name}): the cached features are those of other weights."
                )


def _read(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path} cannot be read ({error}).") from error


def _unfold(net: nn.Module, path: Path) -> None:
    """Copy the convolutions of a backbone's graph into ``net``, divided by what ``net``'s normalisation, which follows
    those without a bias, multiplies with."""
    exported = _read(path)
    if any(node.op_type == "QuantizeLinear" for node in exported.graph.node):
        raise ModelFileError(f"{path} is in 8 bits: backbones are trained from the folder that 'train quantize' read.")
    constants = _constants(exported)
    folded = [node for node in exported.graph.node if node.op_type == "Conv"]
    convolutions = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    norms = (module for module in net.modules() if isinstance(module, nn.BatchNorm2d))
    if len(folded) != len(convolutions):
        raise ModelFileError(f"{path} belongs to a model of another shape.")
    for node, convolution in zip(folded, convolutions, strict=True):
        weight, bias = (torch.from_numpy(constants[name]) for name in node.input[1:])
        if weight.shape != convolution.weight.shape:
            raise ModelFileError(f"{path} belongs to a model of another shape.")
        if convolution.bias is not None:
            convolution.weight.copy_(weight)
            convolution.bias.copy_(bias)
            continue
        norm = next(norms)
        assert norm.running_var is not None and norm.running_mean is not None
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        if not torch.allclose(bias, norm.bias - norm.running_mean * scale, rtol=1e-2, atol=2e-2):
            raise ModelFileError(f"{path} has another normalisation than the weights that training starts from.")
        scale = scale[:, None, None, None]
        convolution.weight.copy_(torch.where(scale.abs() > _FOLDED_AWAY, weight / scale, convolution.weight))


def _reads_pooled(folder: Path) -> bool:
    """Whether the category head of the model in ``folder`` reads the pooled vector."""
    path = folder / CONFIG
    return path.is_file() and Gpt4RoiConfig.load(path).category_pooled


def _traced(model: Gpt4Roi, graph: str, *, heads: int, pooled: bool) -> onnx.ModelProto:
    """The graph of ``model``, that of the regions with as many of its heads as the exported one has."""
    all_heads, buffer = (model.category_head, model.attribute_head, model.phrase_head), io.BytesIO()
    of_pooled = model.category_pooled
    if graph == "region":
        kept = (*all_heads[:heads], *[None] * (len(all_heads) - heads))
        model.category_head, model.attribute_head, model.phrase_head = kept
        model.category_pooled = of_pooled if pooled else None
    try:
        trace_graph(graph, model, buffer)
    finally:
        model.category_head, model.attribute_head, model.phrase_head = all_heads
        model.category_pooled = of_pooled
    return onnx.load_from_string(buffer.getvalue())


def _pairs(ours: onnx.ModelProto, theirs: onnx.ModelProto, path: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Constants at the same input of the same node of both graphs. (The list of initialisers does not do: of several
    that are equal the tracer keeps one, and an identity node for each of the others.)"""
    mine, their = _constants(ours), _constants(theirs)
    computing, stored = _computing(ours), _computing(theirs)
    if [node.op_type for node in computing] != [node.op_type for node in stored]:
        raise ModelFileError(f"{path} belongs to a model of another shape.")
    for one, other in zip(computing, stored, strict=True):
        for name, counterpart in zip(one.input, other.input, strict=True):
            if name in mine and counterpart in their:
                if mine[name].shape != their[counterpart].shape:
                    raise ModelFileError(f"{path} belongs to a model of another shape.")
                yield mine[name], their[counterpart]


def _computing(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type != "Identity" and not _casts_weight(node)]


def _casts_weight(node: onnx.NodeProto) -> bool:
    return node.op_type == "Cast" and node.input[0] == node.output[0] + ".half"


def _constants(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Floating-point initialisers by the names that nodes know them by (`export_onnx.store_half` casts them)."""
    stored = {tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values = {k: v.astype(np.float32) for k, v in stored.items() if v.dtype in (np.float16, np.float32)}
    for node in model.graph.node:
        if node.op_type == "Identity" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    return values


def _match(marker: np.ndarray, known: dict[str, np.ndarray]) -> tuple[str, bool]:
    for name, values in known.items():
        if values.size != marker.size:
            continue
        if np.array_equal(values.ravel(), marker.ravel()):
            return name, False
        if values.ndim == 2 and values.T.shape == marker.shape and np.array_equal(values.T, marker):
            return name, True
    return "", False
