"""The close-ups' graph of an exported model in 8 bits: faster on CPUs, and half as large.

Weights become int8 with a scale per output channel, maps uint8 with a scale each (Jacob et al., CVPR 2018, arXiv
1712.05877), which is as wide as what pictures of train show. Processors with AVX2 alone add two products of a map and a
weight in 16 bits: only weights of 7 bits leave room for that. Depthwise convolutions are computed otherwise and keep 8.
The first layers lose most and cost little: they stay in float32.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from roi_assistant.captioners.model_folder import open_model_folder
from roi_assistant.core.box import clip_box
from roi_assistant.errors import ModelFileError
from roi_assistant.imaging.views import region_view, region_window, to_network
from roi_assistant.training.mini.corpus import Corpus, stored_boxes
from roi_assistant.training.mini.exported import CONFIG, write_manifest

PHOTOS, VIEWS = "vision.onnx", "view.onnx"
PICTURES = 192
"""Close-ups that show how wide the maps are."""
PIXELS = "pixels"


def quantize_model(model: Path, out: Path, *, flickr: Path, general: Sequence[Path], pictures: int = PICTURES) -> Path:
    """Write the exported ``model`` to the folder ``out`` with ``view.onnx`` in 8 bits.

    Boxes of ``pictures`` photos of the training splits are drawn. ``vision.onnx``, which is run once a photo, keeps its
    weights and gets `with_constant_padding`. Training of backbones goes on from ``model``, not from ``out``: it cannot
    begin with weights of 8 bits.

    Raises:
        ModelFileError: a file of ``model`` is missing or altered, or it is in 8 bits already.
    """
    files = open_model_folder(model)
    graphs = {name: onnx.load_from_string(files.file(name).data) for name in (PHOTOS, VIEWS)}
    if is_quantized(graphs[VIEWS]):
        raise ModelFileError("{path} is in 8 bits already: give the folder that was exported.", path=model / VIEWS)
    shown = sample_views(Corpus(flickr, general), pictures, size=files.json(CONFIG)["view_size"])
    out.mkdir(parents=True, exist_ok=True)
    for name in files.files:
        if name not in graphs and model.resolve() != out.resolve():
            shutil.copyfile(model / name, out / name)
    onnx.save(with_constant_padding(graphs[PHOTOS]), out / PHOTOS)
    onnx.save(quantized(graphs[VIEWS], shown), out / VIEWS)
    write_manifest(out)
    return out


def is_quantized(model: ModelProto) -> bool:
    """Whether a part of ``model`` computes in 8 bits."""
    return any(node.op_type == "QuantizeLinear" for node in model.graph.node)


def sample_views(corpus: Corpus, count: int, *, size: int, seed: int = 0) -> np.ndarray:
    """Close-ups of a region of each of ``count`` photos of train: float32 [count, 3, size, size]."""
    draw = random.Random(seed)
    photos = [photo for photo in corpus.photos if photo.split == "train" and photo.human.regions]
    views = []
    for photo in draw.sample(photos, min(count, len(photos))):
        image = corpus.picture(photo)
        box = clip_box(draw.choice(stored_boxes(photo.human, image)), width=image.width, height=image.height)
        window = region_window(box, width=image.width, height=image.height)
        views.append(to_network(region_view(image, window, size=size)))
    return np.stack(views)


def quantized(model: ModelProto, pictures: np.ndarray) -> ModelProto:
    """``model`` in 8 bits, with the same inputs and outputs.

    ``pictures`` is float32 [pictures, 3, H, W], as `imaging.views.to_network` gives them: a few hundred of the kind
    that the graph will see. H and W, here and later, must be multiples of all strides together (32).
    """
    plain = with_constant_padding(unpacked(model))
    add_pre_process_metadata(plain)  # else onnxruntime warns that it would rather have done it
    kept = first_layers(plain)
    depthwise = [n.input[1] for n in _convolutions(plain) if _group(n) > 1 and n.name not in kept]
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(plain, before)
        quantize_static(
            before,
            after,
            _Pictures(pictures),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "Add", "Clip"],
            nodes_to_exclude=kept,
            extra_options={
                "QDQKeepRemovableActivations": True,  # onnxruntime leaves them out when it loads the graph
                "TensorQuantOverrides": {
                    name: [{"quant_type": QuantType.QInt8, "axis": 0, "symmetric": True, "reduce_range": False}]
                    for name in depthwise
                },
            },
        )
        result = onnx.load(after)
    correct_biases(result, plain, pictures)
    return result


def unpacked(model: ModelProto) -> ModelProto:
    """``model`` with weights as float32 that `export_onnx.store_half` stored as float16."""
    result = ModelProto()
    result.CopyFrom(model)
    stored = {tensor.name: tensor for tensor in result.graph.initializer}
    nodes = []
    for node in result.graph.node:
        tensor = stored.get(node.input[0]) if node.op_type == "Cast" else None
        if tensor is None:
            nodes.append(node)
        else:
            values = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, node.output[0]))
    return _with_nodes(result, nodes)


def with_constant_padding(model: ModelProto) -> ModelProto:
    """``model`` with the padding of TensorFlow's "same" convolutions as numbers, for pictures whose height and width
    are multiples of all strides together: as exported it is computed anew from the size of each map.

    A map of ``n`` x stride pixels is padded by kernel - stride, the smaller half of it at the top and left.
    """
    result = ModelProto()
    result.CopyFrom(model)
    pads = {node.output[0]: node for node in result.graph.node if node.op_type == "Pad"}
    for node in _convolutions(result):
        pad = pads.get(node.input[0])
        if pad is None:
            continue
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        total = [k - s for k, s in zip(attributes["kernel_shape"], attributes["strides"], strict=True)]
        before = [n // 2 for n in total]
        attributes["pads"] = [*before, *(n - b for n, b in zip(total, before, strict=True))]
        node.input[0] = pad.input[0]
        del node.attribute[:]
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return _with_nodes(result, result.graph.node)


def first_layers(model: ModelProto) -> list[str]:
    """Names of the convolutions, and what lies between them, up to the first without an activation after it."""
    names = []
    for node, following in pairwise(n for n in model.graph.node if n.op_type in ("Conv", "Clip", "Add")):
        names.append(node.name)
        if node.op_type == "Conv" and following.op_type != "Clip":
            break
    return names


def correct_biases(model: ModelProto, plain: ModelProto, pictures: np.ndarray) -> None:
    """Shift the biases of ``model`` (changed in place) by what its rounded weights change in the mean output of each
    channel (Nagel et al., ICCV 2019, arXiv 1906.04721). ``plain`` is the same model in float32.

    Such shifts are about half of what 8 bits cost: they add up from layer to layer, while other errors partly cancel.
    """
    makers = {output: node for node in model.graph.node for output in node.output}
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    exact = {tensor.name: numpy_helper.to_array(tensor) for tensor in plain.graph.initializer}
    original = {node.name: node for node in _convolutions(plain)}
    layers = [n for n in _convolutions(model) if _is_dequantized(makers, n.input[1])]
    means = channel_means(plain, [original[n.name].input[0] for n in layers], pictures)
    for node in layers:
        before = original[node.name]
        codes, scale, _ = (numpy_helper.to_array(stored[name]) for name in makers[node.input[1]].input)
        weight = exact[before.input[1]]
        lost = (weight - codes * scale[:, None, None, None]).sum(axis=(2, 3))
        mean = means[before.input[0]]
        shift = lost[:, 0] * mean if _group(node) > 1 else lost @ mean
        bias = makers[node.input[2]].input
        values, unit = (numpy_helper.to_array(stored[name]) for name in bias[:2])
        moved = np.rint(values + shift / unit).astype(np.int32)
        stored[bias[0]].CopyFrom(numpy_helper.from_array(moved, bias[0]))


def channel_means(model: ModelProto, names: Iterable[str], pictures: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of each channel of the maps ``names`` of ``model``: float64 [channels] by name."""
    wanted = list(dict.fromkeys(names))
    probe = ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    for number, name in enumerate(wanted):
        mean = f"mean{number}"
        probe.graph.node.append(helper.make_node("ReduceMean", [name], [mean], axes=[0, 2, 3], keepdims=0))
        probe.graph.output.append(helper.make_tensor_value_info(mean, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    total = [np.zeros(1)] * len(wanted)
    for batch in _batches(pictures):
        total = [sum_ + mean for sum_, mean in zip(total, session.run(None, batch), strict=True)]
    return {name: sum_ / len(pictures) for name, sum_ in zip(wanted, total, strict=True)}


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: np.ndarray) -> None:
        self._batches = _batches(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._batches, None)


def _batches(pictures: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    """One picture at a time: all maps of a graph are in memory at once."""
    for picture in pictures:
        yield {PIXELS: picture[None]}


def _with_nodes(model: ModelProto, nodes: Iterable[NodeProto]) -> ModelProto:
    """``model`` with those of ``nodes``, and of its weights, that its outputs depend on."""
    needed, kept = {output.name for output in model.graph.output}, []
    for node in reversed(list(nodes)):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    weights = [tensor for tensor in model.graph.initializer if tensor.name in needed]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(reversed(kept))
    model.graph.initializer.extend(weights)
    return model


def _convolutions(model: ModelProto) -> list[NodeProto]:
    return [node for node in model.graph.node if node.op_type == "Conv"]


def _group(node: NodeProto) -> int:
    return next((a.i for a in node.attribute if a.name == "group"), 1)


def _is_dequantized(makers: dict[str, NodeProto], name: str) -> bool:
    return name in makers and makers[name].op_type == "DequantizeLinear"
