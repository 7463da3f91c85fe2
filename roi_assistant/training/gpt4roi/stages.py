"""What each stage trains, adapters included, and putting the result together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.models.gpt4roi.reference_model import (
    IGNORED_LABEL,
    VISION_PREFIX,
    Gpt4RoiForConditionalGeneration,
)
from roi_assistant.training.gpt4roi.conversations import Batch
from roi_assistant.training.gpt4roi.settings import Lora, Stage
from roi_assistant.training.gpt4roi.start import load_start

REGION_MODULE, PROJECTOR = "model.spi_module.", "model.mm_projector."
_ADAPTED = r"model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
_ADAPTER = "lora_"


def is_trained(name: str, *, stage: Stage, lora: bool) -> bool:
    """Whether a stage trains the parameter ``name``: stage 1 the region module, stage 2 all but CLIP, or, with
    adapters, these, the region module and the projector."""
    if stage == 1:
        return name.startswith(REGION_MODULE)
    if lora:
        return name.startswith((REGION_MODULE, PROJECTOR)) or _ADAPTER in name
    return not name.startswith(VISION_PREFIX)


def prepare(
    model: Gpt4RoiForConditionalGeneration, *, stage: Stage, lora: Lora | None, frozen_dtype: torch.dtype
) -> Gpt4RoiForConditionalGeneration:
    """Freeze what ``stage`` does not train, and hold it in ``frozen_dtype``; put adapters in.

    Raises:
        MissingDependencyError: adapters need peft.
    """
    if lora is not None:
        _insert_adapters(model, lora)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(is_trained(name, stage=stage, lora=lora is not None))
        if not parameter.requires_grad and parameter.is_floating_point():
            parameter.data = parameter.data.to(frozen_dtype)
    return model


def load_quantized(folder: Path, *, device: torch.device) -> Gpt4RoiForConditionalGeneration:
    """The model in ``folder`` with the decoder's matrices in 4 bits (NF4). See `require_quantization`."""
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
        llm_int8_skip_modules=[
            "lm_head",
            PROJECTOR.removesuffix("."),
            REGION_MODULE.removesuffix("."),  # from the root on, or what lies in it would not be skipped
            VISION_PREFIX.removesuffix("."),
        ],
    )
    return Gpt4RoiForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, quantization_config=config, device_map={"": device}, local_files_only=True
    )


def require_quantization() -> None:
    """Raises:
    BadInputError: there is no CUDA device. bitsandbytes computes on CPUs too, but an evaluation there leaves it
        with packed weights that pass no gradients on, and the training goes wrong without a word.
    MissingDependencyError: bitsandbytes is not installed.
    """
    if not torch.cuda.is_available():
        raise BadInputError(
            "lora.quantized holds the weights in 4 bits with bitsandbytes, which trains on CUDA only, and this torch "
            "finds no CUDA device: leave it out, which trains the same adapters on whole weights."
        )
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("lora.quantized needs bitsandbytes: pip install bitsandbytes.") from error


def _insert_adapters(model: Gpt4RoiForConditionalGeneration, lora: Lora) -> Any:
    try:
        from peft import LoraConfig, LoraModel
    except ImportError as error:
        raise MissingDependencyError("[lora] needs peft: pip install 'roi-assistant[training]'.") from error
    config = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=_ADAPTED)
    return LoraModel(model, config, "default")  # changes ``model`` in place


def assemble(
    start: Path, trained: Mapping[str, Tensor], *, lora: Lora | None, dtype: torch.dtype
) -> Gpt4RoiForConditionalGeneration:
    """The checkpoint ``start`` with what was trained in its place and adapters merged.

    It is read again, since a run may hold what it does not train with fewer bits.
    """
    model = load_start(start)
    adapters = _insert_adapters(model, lora) if lora is not None else None
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in trained.items():
            parameters[name].copy_(value)
    if adapters is not None:
        model = adapters.merge_and_unload()
    return model.to(dtype)


class Trainee(nn.Module):
    """The model with its loss: what is wrapped for several processes."""

    def __init__(self, model: Gpt4RoiForConditionalGeneration) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> Tensor:
        """The sum, not the mean, of the losses of all tokens that are learned, in fp32: the passes of a step have
        different numbers of them."""
        model = self.model
        features = model.encode_image(batch.pixels)
        spoken_of = any(len(boxes) for boxes in batch.boxes)
        boxes = batch.boxes if spoken_of else (batch.pixels.new_tensor([[0.0, 0.0, 1.0, 1.0]]), *batch.boxes[1:])
        regions = model.encode_regions(features.maps, boxes)
        embeddings = model.embed(batch.ids, image=features.tokens.unbind(), regions=regions if spoken_of else None)
        if not spoken_of:
            # Several processes wait for each other's gradients, so that every pass has some for every weight.
            embeddings = embeddings + 0.0 * torch.cat(regions).sum()
        hidden = model.model(inputs_embeds=embeddings, attention_mask=batch.mask, use_cache=False).last_hidden_state
        ahead = batch.labels[:, 1:]
        learned = ahead != IGNORED_LABEL
        logits = model.lm_head(hidden[:, :-1][learned])
        return F.cross_entropy(logits.float(), ahead[learned], reduction="sum")
