"""A checkpoint folder -> a captioner: memory is asked for first, then the weights are read, then one token is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.api import (
    Captioner,
    CaptionerInfo,
    ChatCaptioner,
    ModelFileError,
    Precision,
    loading_failures,
    read_config,
    tensor_shapes,
    weight_files,
    weights_sha256,
)

from .families import Family, family_of
from .precision import arguments, choose

NOT_CALIBRATED = "Scores are the model's own and not calibrated."


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model that is ready. ``family`` is its row of the table; ``info`` has no capabilities yet."""

    model: Any
    processor: Any
    family: Family
    info: CaptionerInfo

    @property
    def device(self) -> Any:
        """Where the model is, as torch names it."""
        return self.model.device


def load(
    path: Path, *, device: str = "auto", threads: int | None = None, precision: Precision = "auto", id: str = ""
) -> Captioner:
    """The captioner of the checkpoint in ``path``; arguments as of `roi_assistant.api.CaptionerFactory`, and
    ``precision`` as of `plugins.local_vlm.precision.choose`. ``id``: what it is called, the folder's name without.

    Raises:
        MissingDependencyError: a library is not installed.
        ModelFileError: a file is missing or damaged.
        CaptionerError: the device cannot be used or has too little memory, or the model cannot say a word.
    """
    loaded = load_model(path, device=device, threads=threads, precision=precision, id=id)
    return captioner_of(loaded)


def captioner_of(loaded: Loaded) -> Captioner:
    """The captioner for the family of ``loaded``, after it said one token about a gray picture.

    Raises:
        CaptionerError: it could not.
    """
    from .chat import LocalChatModel
    from .florence2 import Florence2Captioner
    from .located import Kosmos2Captioner, PaliGemmaCaptioner

    made: dict[str, Callable[[Loaded], Captioner]] = {
        "florence2": Florence2Captioner,
        "kosmos2": Kosmos2Captioner,
        "paligemma": PaliGemmaCaptioner,
        "chat": lambda loaded: ChatCaptioner(LocalChatModel(loaded)),
    }
    return made[loaded.family.kind](loaded)


def load_model(path: Path, *, device: str, threads: int | None, precision: Precision = "auto", id: str = "") -> Loaded:
    """The model and its processor. Arguments and errors as of `load`."""
    with loading_failures(path):
        import torch
        import transformers
    if threads:
        torch.set_num_threads(threads)
    files = weight_files(path)
    chosen = choose(device, precision, tensor_shapes(files))
    # MultimodalLM has all of ImageTextToText and models that hear, too, but not in every version.
    auto = getattr(transformers, "AutoModelForMultimodalLM", None) or transformers.AutoModelForImageTextToText
    with loading_failures(path):
        processor = transformers.AutoProcessor.from_pretrained(path, local_files_only=True)
        model = auto.from_pretrained(
            path,
            local_files_only=True,
            use_safetensors=True,
            **arguments(chosen),
        ).eval()
    if getattr(processor, "image_processor", None) is None:
        raise ModelFileError(
            "{path} is a {architecture} without an image processor: it reads text only and cannot look at a photo.",
            path=path,
            architecture=type(model).__name__,
        )
    family = family_of(str(read_config(path)["model_type"]))
    if family.soft_tokens is not None and hasattr(processor.image_processor, "max_soft_tokens"):
        processor.image_processor.max_soft_tokens = family.soft_tokens
    processor.tokenizer.padding_side = "left"  # what is written goes on at the right
    info = CaptionerInfo(
        id=id or path.name,
        name=id or path.name,
        weights_sha256=weights_sha256(files),
        device="CUDA" if chosen.device == "cuda" else "CPU",
        precision=chosen.held,
        notes=(NOT_CALIBRATED, *chosen.notes),
    )
    return Loaded(model=model, processor=processor, family=family, info=info)
