"""A trained model -> ONNX graphs that run without torch.

Several graphs, so that what is shared is computed once: ``vision`` (the photo's backbone), ``view`` (the close-ups',
where they have their own), ``image`` (fused pyramid and image tokens, once per photo), ``region`` (region tokens and
nouns, once per box) and ``language`` (one step of the decoder over a cache, for the prefix, the questions and every new
token). Beside them may lie ``propose`` (boxes on a photo, `proposals`). Weights are stored as fp16 and cast to fp32
when a session loads, which halves the files and leaves CPU arithmetic in fp32.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from roi_assistant.models.gpt4roi.backbone import Features, PyramidBackbone
from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi, RegionHead, VisionProjection, category_logits
from roi_assistant.models.gpt4roi.proposals import ProposalGraph, ProposalHead

OPSET = 17
GRAPHS = ("vision", "view", "image", "region", "language")
HEAD_OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "nouns": partial(torch.log_softmax, dim=-1),
    "values": torch.Tensor.clone,
    "ngrams": torch.sigmoid,
}
"""What the graph of the regions calls the outputs of `Gpt4Roi.heads`, and how it makes them of their logits."""


class VisionGraph(nn.Module):
    def __init__(self, backbone: PyramidBackbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Pixels [B, 3, H, W] in -1..1 -> the maps of two levels, the finer first, and the pooled vector."""
        features = self.backbone(pixels)
        return (*features.levels, features.pooled)


class ImageGraph(nn.Module):
    def __init__(self, vision: VisionProjection) -> None:
        super().__init__()
        self.vision = vision

    def forward(self, fine: Tensor, coarse: Tensor, pooled: Tensor) -> tuple[Tensor, ...]:
        """Maps and pooled vector of the photo -> the two fused maps and the image tokens [1, image tokens, width]."""
        maps = self.vision.region.fuse((fine, coarse))
        return (*maps, self.vision.image_tokens(Features((fine, coarse), pooled)))


class RegionGraph(nn.Module):
    """Region tokens, and what the heads that the model has (`Gpt4Roi.heads`) say: log-probabilities of the category
    head's nouns, logits of the attribute head's values, the phrase head's n-grams from 0 to 1. ``image`` [1, image
    tokens, width] are the image tokens, which the heads read."""

    def __init__(
        self, vision: VisionProjection, heads: Sequence[RegionHead], category_pooled: nn.Linear | None = None
    ) -> None:
        super().__init__()
        self.vision = vision
        self.heads = nn.ModuleList(heads)
        self.category_pooled = category_pooled

    def forward(
        self,
        map0: Tensor,
        map1: Tensor,
        boxes: Tensor,
        fine: Tensor,
        coarse: Tensor,
        pooled: Tensor,
        view_boxes: Tensor,
        image: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """Tokens of ``boxes`` [N, 4] (xyxy, 0..1) over the fused maps; with ``image`` what the heads say, too."""
        index = torch.zeros_like(boxes[:, 0], dtype=torch.long)
        tokens = self.vision.region_tokens((map0, map1), boxes, index, Features((fine, coarse), pooled), view_boxes)
        if image is None:
            return (tokens,)
        images = image.expand(boxes.shape[0], -1, -1)
        logits = [
            category_logits(head, self.category_pooled, tokens, images, pooled) if k == 0 else head(tokens, images)
            for k, head in enumerate(self.heads)
        ]
        return tokens, *(form(values) for values, form in zip(logits, HEAD_OUTPUTS.values(), strict=False))


class LanguageGraph(nn.Module):
    """The Llama decoder with an explicit cache, written out so that one graph serves prefill and decoding.

    A batch row is one region (or photo): its ``T`` new tokens may be a tree, in which questions and beams branch off
    from what they share, with ``mask`` saying who sees whom. So nothing shared is computed or kept twice
    (Cai et al. 2024, arXiv 2401.10774, call it tree attention).

    Inputs: ``ids`` [B, T]; ``features`` [M, width] and ``feature_index`` [B, T], which row of it replaces a token's
    embedding (-1: none); ``positions`` [B, T]; ``mask`` bool [B, T, P + T], true where attention is allowed;
    ``wanted`` [B, W], places among the new tokens; ``past`` [2 * layers, B, heads, P, head width], keys and values in
    turn. Outputs: log-probabilities of the token after each of ``wanted`` [B, W, vocabulary], and the longer cache.
    """

    def __init__(self, language: LlamaForCausalLM) -> None:
        super().__init__()
        self.model, self.lm_head = language.model, language.lm_head
        config = language.config
        self.heads = config.num_attention_heads
        self.head_width = config.hidden_size // config.num_attention_heads
        inverse = self.model.rotary_emb.inv_freq.float()
        self.register_buffer("inverse_frequency", inverse.clone(), persistent=False)

    def forward(
        self,
        ids: Tensor,
        features: Tensor,
        feature_index: Tensor,
        positions: Tensor,
        mask: Tensor,
        wanted: Tensor,
        past: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """See the class for the shapes."""
        taken = features[feature_index.clamp_min(0)]
        x = torch.where((feature_index >= 0)[..., None], taken, self.model.embed_tokens(ids))
        angles = positions[..., None].float() * self.inverse_frequency
        angles = torch.cat([angles, angles], dim=-1)
        turn = angles.cos()[:, None], angles.sin()[:, None]
        bias = torch.where(mask, 0.0, -1e9)
        present = []
        for number, layer in enumerate(self.model.layers):
            attention = layer.self_attn
            h = layer.input_layernorm(x)
            k, v = _rotate(self._split(attention.k_proj(h)), *turn), self._split(attention.v_proj(h))
            k = torch.cat([past[2 * number], k], dim=2)
            v = torch.cat([past[2 * number + 1], v], dim=2)
            present += [k, v]
            if number == len(self.model.layers) - 1:
                # After the last layer's keys and values only the wanted places matter.
                x, h, bias, angles = (_pick(values, wanted) for values in (x, h, bias, angles))
                turn = angles.cos()[:, None], angles.sin()[:, None]
            q = _rotate(self._split(attention.q_proj(h)), *turn) * self.head_width**-0.5
            weights = torch.softmax(q @ k.transpose(2, 3) + bias[:, None], dim=-1)
            x = x + attention.o_proj((weights @ v).transpose(1, 2).flatten(2))
            h = layer.post_attention_layernorm(x)
            x = x + layer.mlp.down_proj(F.silu(layer.mlp.gate_proj(h)) * layer.mlp.up_proj(h))
        return torch.log_softmax(self.lm_head(self.model.norm(x)), dim=-1), torch.stack(present)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, self.head_width)).transpose(1, 2)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding (RoFormer, arXiv 2104.09864) in the half-split layout of Llama."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def _pick(x: Tensor, places: Tensor) -> Tensor:
    """``x`` [B, T, C] at ``places`` [B, W] -> [B, W, C]."""
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))


Input = tuple[Tensor, dict[int, str]]
"""An example value and the names of its axes that vary."""


def _vision_inputs(config: Gpt4RoiConfig) -> dict[str, Input]:
    return {"pixels": (torch.zeros(2, 3, config.view_size, config.view_size), {0: "batch", 2: "height", 3: "width"})}


def _level_shapes(config: Gpt4RoiConfig, size: int) -> list[tuple[int, ...]]:
    """Channels and sides of the backbone's two levels (strides 16 and 32) and its pooled vector."""
    fine, coarse = config.stage_channels
    return [(fine, size // 16, size // 16), (coarse, size // 32, size // 32), (config.head_channels,)]


def _image_inputs(config: Gpt4RoiConfig) -> dict[str, Input]:
    shapes = _level_shapes(config, config.image_size)
    return {
        name: (torch.zeros(1, *shape), {}) for name, shape in zip(("fine", "coarse", "pooled"), shapes, strict=True)
    }


def _region_inputs(config: Gpt4RoiConfig) -> dict[str, Input]:
    boxes = torch.tensor([[0.1, 0.1, 0.6, 0.7], [0.2, 0.0, 0.9, 1.0]])
    shapes = _level_shapes(config, config.view_size)
    views = {
        name: (torch.zeros(2, *shape), {0: "boxes"})
        for name, shape in zip(("fine", "coarse", "pooled"), shapes, strict=True)
    }
    maps: dict[str, Input] = {
        f"map{k}": (torch.zeros(1, config.region.width, s, s), {}) for k, s in enumerate(config.region.level_sizes)
    }
    image: Input = (torch.zeros(1, config.image_tokens, config.language.hidden_size), {})
    return {**maps, "boxes": (boxes, {0: "boxes"}), **views, "view_boxes": (boxes, {0: "boxes"}), "image": image}


def _language_inputs(config: Gpt4RoiConfig) -> dict[str, Input]:
    size = config.language
    batch, length, before, head = 2, 3, 4, size.hidden_size // size.heads
    both = {0: "batch", 1: "length"}
    return {
        "ids": (torch.ones(batch, length, dtype=torch.long), both),
        "features": (torch.zeros(5, size.hidden_size), {0: "features"}),
        "feature_index": (torch.tensor([[0, -1, 2]] * batch), both),
        "positions": (torch.arange(length).expand(batch, -1) + before, both),
        "mask": (torch.ones(batch, length, before + length, dtype=torch.bool), {**both, 2: "total"}),
        "wanted": (torch.tensor([[0, 2]] * batch), {0: "batch", 1: "wanted"}),
        "past": (torch.zeros(2 * size.layers, batch, size.heads, before, head), {1: "batch", 3: "before"}),
    }


_INPUTS = {
    "vision": _vision_inputs,
    "view": _vision_inputs,
    "image": _image_inputs,
    "region": _region_inputs,
    "language": _language_inputs,
}
_FEATURES = {"fine": {0: "batch", 2: "h4", 3: "w4"}, "coarse": {0: "batch", 2: "h5", 3: "w5"}, "pooled": {0: "batch"}}
_OUTPUTS: dict[str, dict[str, dict[int, str]]] = {
    "vision": _FEATURES,
    "view": _FEATURES,
    "image": {"map0": {}, "map1": {}, "tokens": {}},
    "region": {"tokens": {0: "boxes"}, **{name: {0: "boxes"} for name in HEAD_OUTPUTS}},
    "language": {"log_probabilities": {0: "batch", 1: "wanted"}, "present": {1: "batch", 3: "total"}},
}


def export_graphs(model: Gpt4Roi, folder: Path) -> list[Path]:
    """Write the four graphs to ``folder``; returns their paths."""
    names = [name for name in GRAPHS if name != "view" or model.own_view_backbone is not None]
    return [export_graph(name, model, folder / f"{name}.onnx") for name in names]


def export_graph(name: str, model: Gpt4Roi, path: Path) -> Path:
    """Write one of `GRAPHS` with fp16 weights."""
    buffer = io.BytesIO()
    trace_graph(name, model, buffer)
    return _save(buffer, path)


@torch.no_grad()
def export_proposals(head: ProposalHead, path: Path) -> Path:
    """Write the graph `ProposalGraph` of ``head`` with fp16 weights."""
    config, buffer = head.config, io.BytesIO()
    fine, coarse, pooled = config.channels
    _, side, half = config.sides
    torch.onnx.export(
        ProposalGraph(head).eval(),
        (torch.zeros(1, fine, side, side), torch.zeros(1, coarse, half, half), torch.zeros(1, pooled)),
        buffer,
        dynamo=False,
        opset_version=OPSET,
        input_names=["fine", "coarse", "pooled"],
        output_names=["boxes", "scores"],
    )
    return _save(buffer, path)


def _save(traced: io.BytesIO, path: Path) -> Path:
    onnx.save(store_half(onnx.load_from_string(traced.getvalue())), path)
    return path


@torch.no_grad()
def trace_graph(name: str, model: Gpt4Roi, buffer: io.BytesIO) -> None:
    """Trace one of `GRAPHS` with example inputs and write it, fp32, to ``buffer``."""
    model = model.eval().float()
    config = model.config
    modules: dict[str, Callable[[], nn.Module]] = {
        "vision": lambda: VisionGraph(model.backbone),
        "view": lambda: VisionGraph(model.view_backbone),
        "image": lambda: ImageGraph(model.vision),
        "region": lambda: RegionGraph(model.vision, model.heads, model.category_pooled),
        "language": lambda: LanguageGraph(model.language),
    }
    inputs, outputs = _INPUTS[name](config), dict(_OUTPUTS[name])
    if name == "region":
        for output in list(HEAD_OUTPUTS)[len(model.heads) :]:
            del outputs[output]
        if not model.heads:
            del inputs["image"]  # which the heads alone read
    axes = {key: varying for key, (_, varying) in inputs.items()} | outputs
    torch.onnx.export(
        modules[name]().eval(),
        tuple(value for value, _ in inputs.values()),
        buffer,
        dynamo=False,  # the tracer: one file, and RoIAlign as the ONNX operator
        opset_version=OPSET,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={key: varying for key, varying in axes.items() if varying},
    )


def store_half(model: onnx.ModelProto, *, smallest: int = 256) -> onnx.ModelProto:
    """Store fp32 initialisers of at least ``smallest`` elements as fp16, followed by a cast back."""
    graph = model.graph
    casts, kept = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < smallest or np.abs(values).max() > 6e4:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + ".half"))
        casts.append(helper.make_node("Cast", [tensor.name + ".half"], [tensor.name], to=TensorProto.FLOAT))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model
