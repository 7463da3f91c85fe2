"""Configuration of the published GPT4RoI: a CLIP vision transformer, the region module and a LLaMA decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import CLIPVisionConfig, LlamaConfig, PreTrainedConfig

from roi_assistant.models.gpt4roi.region_encoder import RegionEncoderConfig

ADDED_TOKENS = 6
LEVELS = 4


class Gpt4RoiReferenceConfig(PreTrainedConfig):
    """Any size of the published architecture; the defaults are GPT4RoI-7B's.

    ``vision_layer`` is the state (0: the embeddings, k: the output of block k, negative: from the end) that gives the
    image tokens and the coarsest region level; the other levels are ``level_step`` states apart below it. ``region``
    has sizes of the region module; those that follow from the other two parts need not be given.
    """

    model_type = "gpt4roi"
    sub_configs = {"text_config": LlamaConfig, "vision_config": CLIPVisionConfig}  # noqa: RUF012

    def __init__(
        self,
        text_config: LlamaConfig | dict[str, Any] | None = None,
        vision_config: CLIPVisionConfig | dict[str, Any] | None = None,
        region: dict[str, Any] | None = None,
        vision_layer: int = -2,
        level_step: int = 3,
        **kwargs: Any,
    ) -> None:
        text, vision = text_config, vision_config
        self.text_config: Any = text if isinstance(text, LlamaConfig) else LlamaConfig(**(text or llama_sizes()))
        self.vision_config: Any = (
            vision if isinstance(vision, CLIPVisionConfig) else CLIPVisionConfig(**(vision or vit_l_14_sizes()))
        )
        self.vision_layer, self.level_step = vision_layer, level_step
        self.region = dict(region or {})
        kwargs.setdefault("tie_word_embeddings", False)
        super().__init__(**kwargs)
        if self.level_states[0] < 0:
            raise ValueError(
                f"{self.vision_config.num_hidden_layers} vision blocks are too few for {LEVELS} levels "
                f"{level_step} apart."
            )

    @property
    def grid(self) -> int:
        """Patches along one side of the picture."""
        return int(self.vision_config.image_size // self.vision_config.patch_size)

    @property
    def image_tokens(self) -> int:
        """Embeddings that stand for the photo in the sequence: one for each patch."""
        return self.grid**2

    @property
    def level_states(self) -> tuple[int, ...]:
        """The states of the vision transformer that the region module reads, the earliest (finest) first."""
        states = self.vision_config.num_hidden_layers + 1
        last = self.vision_layer if self.vision_layer >= 0 else states + self.vision_layer
        return tuple(last - self.level_step * k for k in reversed(range(LEVELS)))

    @property
    def region_config(self) -> RegionEncoderConfig:
        """Sizes of the region module: grids of 8, 4, 2 and 1 times the patches, and the widths of the other parts."""
        channels = self.vision_config.hidden_size
        sizes: dict[str, Any] = {
            "input_channels": (channels,) * LEVELS,
            "level_sizes": tuple(self.grid * 2**k for k in reversed(range(LEVELS))),
            "width": channels,
            "flatten_width": channels,
            "output_width": self.text_config.hidden_size,
        }
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in self.region.items()}
        return RegionEncoderConfig(**{**sizes, **given})


def llama_sizes(
    *,
    vocabulary: int = 32000,
    width: int = 4096,
    layers: int = 32,
    heads: int = 32,
    inner_width: int = 11008,
    positions: int = 2048,
    norm_eps: float = 1e-6,
) -> dict[str, Any]:
    """Arguments of a `LlamaConfig` of LLaMA-1 with the added tokens; 13B has width 5120, 40 layers and heads, 13824."""
    return {
        "vocab_size": vocabulary + ADDED_TOKENS,
        "hidden_size": width,
        "intermediate_size": inner_width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "max_position_embeddings": positions,
        "rms_norm_eps": norm_eps,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": vocabulary,
        "tie_word_embeddings": False,
    }


def stored_llama_sizes(data: Mapping[str, Any], *, vocabulary: int) -> dict[str, Any]:
    """`llama_sizes` of a published checkpoint whose ``config.json`` holds ``data``.

    Raises:
        KeyError: a size is missing.
    """
    return llama_sizes(
        vocabulary=vocabulary,
        width=data["hidden_size"],
        layers=data["num_hidden_layers"],
        heads=data["num_attention_heads"],
        inner_width=data["intermediate_size"],
        positions=data.get("max_position_embeddings", 2048),
        norm_eps=data["rms_norm_eps"],
    )


def vit_l_14_sizes() -> dict[str, Any]:
    """Arguments of the `CLIPVisionConfig` of ``openai/clip-vit-large-patch14``."""
    return {
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "patch_size": 14,
        "image_size": 224,
        "projection_dim": 768,
        "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-5,
    }
