"""What a training starts from: always a checkpoint folder, which is made of LLaMA and CLIP, or of sizes, if need be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import CLIPVisionConfig

from roi_assistant.errors import BadInputError, ModelFileError
from roi_assistant.models.gpt4roi.checkpoint_files import PlainCheckpoint
from roi_assistant.models.gpt4roi.checkpoint_source import CheckpointFolder
from roi_assistant.models.gpt4roi.loading import read_config
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.reference_config import (
    ADDED_TOKENS,
    Gpt4RoiReferenceConfig,
    llama_sizes,
    stored_llama_sizes,
)
from roi_assistant.models.gpt4roi.reference_model import VISION_PREFIX, Gpt4RoiForConditionalGeneration
from roi_assistant.models.gpt4roi.tokenization import BEGIN, END, UNKNOWN, Gpt4RoiTokenizer

_CLIP_PREFIX = "vision_model."
_EXTENDED = ("model.embed_tokens.weight", "lm_head.weight")
_PROJECTOR = ("model.mm_projector.weight", "model.mm_projector.bias")
_BYTES = 256


def load_start(folder: Path) -> Gpt4RoiForConditionalGeneration:
    """The model in ``folder``, in fp32.

    Raises:
        ModelFileError: it is no checkpoint of this architecture, or not a whole one.
    """
    read_config(PlainCheckpoint(folder))
    try:
        model, report = Gpt4RoiForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelFileError(f"{folder} cannot be loaded ({error}).") from error
    if report["missing_keys"] or report["unexpected_keys"]:
        names = sorted((*report["missing_keys"], *report["unexpected_keys"]))
        raise ModelFileError(f"{folder} lacks weights, or has ones too many, such as {names[0]}.")
    return model


def save_start(model: Gpt4RoiForConditionalGeneration, processor: Gpt4RoiProcessor, folder: Path) -> Path:
    """Write a checkpoint in one step: ``folder`` is there as a whole or not at all."""
    partial = folder.with_name(f".{folder.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(partial)
    processor.save_pretrained(partial)
    return partial.replace(folder)


def new_model(
    sizes: Mapping[str, Any], lines: Iterable[str], *, seed: int
) -> tuple[Gpt4RoiForConditionalGeneration, Gpt4RoiProcessor]:
    """A model with random weights and a vocabulary learned from ``lines``.

    ``sizes``: ``vocabulary``; ``text``, arguments of `llama_sizes`; ``vision``, of a `CLIPVisionConfig`; and, as in
    `Gpt4RoiReferenceConfig`, ``region``, ``vision_layer``, ``level_step``.

    Raises:
        BadInputError: sizes are missing, unknown, or contradict each other.
    """
    try:
        rest = dict(sizes)
        tokenizer = learn_vocabulary(lines, size=rest.pop("vocabulary"))
        text = llama_sizes(vocabulary=tokenizer.base_size, **rest.pop("text"))
        # LLaMA's fixed 0.02 fits its own widths. In a narrow model it makes every vector so small that what tells boxes
        # and photos apart is lost in what they share.
        text["initializer_range"] = text["hidden_size"] ** -0.5
        vision = CLIPVisionConfig(**rest.pop("vision"))
        unknown = rest.keys() - {"region", "vision_layer", "level_step"}
        if unknown:
            raise ValueError(f"there is no setting {sorted(unknown)[0]}")
        config = Gpt4RoiReferenceConfig(text_config=text, vision_config=vision, **rest)
        torch.manual_seed(seed)
        model = Gpt4RoiForConditionalGeneration(config)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInputError(f"[model] of the configuration gives no model: {error}.") from error
    return model, _processor(tokenizer, config)


def model_from_parts(
    *, llama: Path, clip: Path, projector: Path | None, seed: int
) -> tuple[Gpt4RoiForConditionalGeneration, Gpt4RoiProcessor]:
    """LLaMA or Vicuna of any size and CLIP, with a new region module; the rows of the added tokens begin as the mean of
    the others.

    ``projector`` is a folder with LLaVA's pretrained projector as ``pytorch_model.bin`` or ``model.safetensors``;
    its last two rows of word embeddings, if it has them, are those of ``<im_start>`` and ``<im_end>``.

    Raises:
        ModelFileError: a file is missing, damaged or of other sizes.
    """
    tokenizer = Gpt4RoiTokenizer.from_llama(llama)
    texts, visions = CheckpointFolder(llama, what="--llama"), CheckpointFolder(clip, what="--clip")
    data, vision_data = texts.config(), visions.config()
    vision_data = vision_data.get("vision_config", vision_data)
    try:
        sizes = stored_llama_sizes(data, vocabulary=tokenizer.base_size)
        sizes["num_key_value_heads"] = data.get("num_key_value_heads", data["num_attention_heads"])
        known = CLIPVisionConfig().to_dict().keys()
        vision = CLIPVisionConfig(**{k: v for k, v in vision_data.items() if k in known and k != "model_type"})
        config = Gpt4RoiReferenceConfig(text_config=sizes, vision_config=vision)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"The configurations in {llama} and {clip} are not LLaMA's and CLIP's ({error})."
        ) from error
    torch.manual_seed(seed)
    model = Gpt4RoiForConditionalGeneration(config)
    given = CheckpointFolder(projector, what="--projector") if projector else None
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(VISION_PREFIX):
                key = name.removeprefix(VISION_PREFIX)
                key = _CLIP_PREFIX + key if _CLIP_PREFIX + key in visions.tensors else key
                parameter.copy_(_read(visions, key, parameter.shape))
            elif name in _PROJECTOR:
                if given is not None:
                    parameter.copy_(_read(given, name, parameter.shape))
            elif name in _EXTENDED:
                rows = len(parameter) - ADDED_TOKENS
                stored = texts.tensors.get(name)
                # Vicuna v0 has a row for [PAD] already.
                own = rows + (1 if stored is not None and stored.shape[0] == rows + 1 else 0)
                parameter[:own].copy_(_read(texts, name, (own, *parameter.shape[1:])))
                parameter[own:] = parameter[:rows].mean(dim=0)
                if given is not None and name == _EXTENDED[0] and name in given.tensors:
                    parameter[-2:] = given.read(name)[-2:].to(parameter.dtype)
            elif not name.startswith("model.spi_module."):
                parameter.copy_(_read(texts, name, parameter.shape))
    return model, _processor(tokenizer, config)


def learn_vocabulary(lines: Iterable[str], *, size: int) -> Gpt4RoiTokenizer:
    """A vocabulary in LLaMA's form, with the bytes for rare characters, of at most ``size`` tokens before the added
    ones."""
    backend = Tokenizer(models.BPE(unk_token=UNKNOWN))
    # Nothing is merged over a space, a digit or the "###" between turns.
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\n|#|\d"), behavior="isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always", split=True),
        ]
    )
    special = [UNKNOWN, BEGIN, END, *(f"<0x{number:02X}>" for number in range(_BYTES))]
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=2, special_tokens=special, show_progress=False)
    backend.train_from_iterator(lines, trainer)
    return Gpt4RoiTokenizer.from_backend(backend)


def _processor(tokenizer: Gpt4RoiTokenizer, config: Gpt4RoiReferenceConfig) -> Gpt4RoiProcessor:
    return Gpt4RoiProcessor(
        tokenizer,
        image_size=config.vision_config.image_size,
        image_tokens=config.image_tokens,
        space_after_separator=False,
    )


def _read(source: CheckpointFolder, name: str, shape: Iterable[int]) -> Tensor:
    stored = source.tensors.get(name)
    if stored is None:
        raise ModelFileError(f"{source.what} {source.folder} lacks the tensor {name}.")
    if stored.shape != tuple(shape):
        raise ModelFileError(
            f"{source.what} {source.folder}: {name} has shape {list(stored.shape)}, not {list(shape)}."
        )
    return source.read(name)
