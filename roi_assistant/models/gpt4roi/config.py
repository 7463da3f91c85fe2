"""Configuration of a GPT4RoI model of any size, as stored beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from roi_assistant.errors import ModelFileError
from roi_assistant.models.gpt4roi.region_encoder import RegionEncoderConfig


@dataclass(frozen=True)
class LanguageConfig:
    """Sizes of the Llama decoder."""

    vocab_size: int = 4096
    hidden_size: int = 256
    layers: int = 4
    heads: int = 4
    intermediate_size: int = 768
    max_positions: int = 256


@dataclass(frozen=True)
class Gpt4RoiConfig:
    """A GPT4RoI model over a CNN pyramid.

    The whole photo (``image_size`` square) gives ``image_grid`` squared + 1 image tokens and the fused pyramid that
    ``region`` pools from. With ``view`` set, a close-up of each box (``view_size`` square) goes through the
    backbone too and gives ``view.tokens`` + 1 more tokens for the region.
    """

    backbone: str = "tf_efficientnet_lite2"
    backbone_stages: tuple[int, ...] = (4, 6)
    stage_channels: tuple[int, ...] = (120, 352)
    head_channels: int = 1280
    image_size: int = 288
    image_grid: int = 2
    view_size: int = 224
    region: RegionEncoderConfig = field(default_factory=RegionEncoderConfig)
    view: RegionEncoderConfig | None = None
    language: LanguageConfig = field(default_factory=LanguageConfig)
    own_view_backbone: bool = False
    """Close-ups go through a copy of the backbone of their own, which can be tuned apart from the photo's."""
    dropout: float = 0.0
    categories: int = 0
    """Classes of the category head; 0: the model has none."""
    category_pooled: bool = False
    """The category head reads the pooled vector of the close-up besides, through a layer of its own."""
    attribute_values: int = 0
    """Classes of the attribute head, which needs a category head beside it; 0: none. The values of an attribute are
    next to each other, and a choice of their own: softmax is over each attribute's."""
    phrase_ngrams: int = 0
    """Classes of the phrase head, which needs both other heads beside it; 0: none. Each is a word, or up to four in a
    row, of what people would call the region, and a value of its own."""

    def __post_init__(self) -> None:
        if self.attribute_values and not self.categories:
            raise ModelFileError("A model configuration with attribute_values needs categories too.")
        if self.phrase_ngrams and not self.attribute_values:
            raise ModelFileError("A model configuration with phrase_ngrams needs attribute_values too.")

    @property
    def classes(self) -> tuple[int, int, int]:
        """How many the category, the attribute and the phrase head have."""
        return self.categories, self.attribute_values, self.phrase_ngrams

    @property
    def image_tokens(self) -> int:
        """Embeddings that stand for the photo in the sequence: a grid of patches and one of the whole."""
        return self.image_grid**2 + 1

    @property
    def region_tokens(self) -> int:
        """Embeddings that stand for one box in the sequence."""
        return self.region.tokens + (self.view.tokens + 1 if self.view else 0)

    def to_json(self) -> str:
        """The file's contents, indented; ``from_dict`` reads them."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Gpt4RoiConfig:
        """Inverse of `to_json`.

        Raises:
            ModelFileError: a key is unknown, or there is a head without one that it needs beside it.
        """

        def sizes(values: dict[str, Any]) -> dict[str, Any]:
            return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}

        try:
            fields = sizes(data)
            fields["region"] = RegionEncoderConfig(**sizes(data["region"]))
            fields["view"] = RegionEncoderConfig(**sizes(data["view"])) if data.get("view") else None
            fields["language"] = LanguageConfig(**data["language"])
            return cls(**fields)
        except (KeyError, TypeError) as error:
            raise ModelFileError(
                "The model configuration does not fit this version of RoI Assistant: {reason}.", reason=error
            ) from error

    @classmethod
    def load(cls, path: Path) -> Gpt4RoiConfig:
        """Read the file ``path``.

        Raises:
            ModelFileError: a key is unknown, or one is missing.
        """
        return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))
