"""Weights back from an exported model, to go on training where only its ONNX files are left.

The export renames, transposes and folds some tensors. Rather than knowing its habits, the same graph is exported from a
model whose weights are all different random numbers: an initialiser that equals a parameter (or its transpose) there is
that parameter here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from roi_assistant.errors import ModelFileError
from roi_assistant.models.gpt4roi.export_onnx import trace_graph
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi

GRAPHS = ("image", "region", "language")
"""Without ``vision``: its normalisation layers are folded into convolutions and cannot be told apart again."""


@torch.no_grad()
def load_exported(model: Gpt4Roi, folder: Path) -> list[str]:
    """Copy the weights of the model in ``folder`` into ``model``; returns the names of parameters that it lacks.

    Backbones stay as they are, and so does a category head that the exported model has not. Exported weights are fp16:
    what comes back differs from what was exported by up to one part in 2,000.

    Raises:
        ModelFileError: a file is missing or belongs to a model of another shape.
    """
    wanted = {
        name: p for name, p in model.named_parameters() if not name.startswith(("backbone.", "own_view_backbone."))
    }
    kept = {name: p.detach().clone() for name, p in wanted.items()}
    generator = torch.Generator().manual_seed(0)
    for parameter in wanted.values():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))
    known = {name: p.detach().clone().numpy() for name, p in wanted.items()}
    found: dict[str, np.ndarray] = {}
    for graph in GRAPHS:
        path = folder / f"{graph}.onnx"
        try:
            exported = onnx.load(path)
        except (OSError, ValueError) as error:
            raise ModelFileError(f"{path} cannot be read ({error}).") from error
        ours = _traced(model, graph, category_head=len(exported.graph.output) > 1)
        for marker, value in _pairs(ours, exported, path):
            name, transposed = _match(marker, known)
            if name:
                found[name] = value.T if transposed else value.reshape(known[name].shape)
    for name, parameter in wanted.items():
        parameter.copy_(torch.from_numpy(found[name].astype(np.float32)) if name in found else kept[name])
    return [name for name in wanted if name not in found]


def _traced(model: Gpt4Roi, graph: str, *, category_head: bool) -> onnx.ModelProto:
    head, buffer = model.category_head, io.BytesIO()
    if graph == "region" and not category_head:
        model.category_head = None
    try:
        trace_graph(graph, model, buffer)
    finally:
        model.category_head = head
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
