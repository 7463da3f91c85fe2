"""GPT4RoI over a CNN pyramid: image tokens and region embeddings interleaved with text for a Llama decoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from roi_assistant.core.prompts import BOX, IMAGE_PATCH
from roi_assistant.models.gpt4roi.backbone import Features, PyramidBackbone
from roi_assistant.models.gpt4roi.config import Gpt4RoiConfig, LanguageConfig
from roi_assistant.models.gpt4roi.region_encoder import RegionEncoder


def build_language_model(config: LanguageConfig) -> LlamaForCausalLM:
    """A Llama decoder with tied input and output embeddings."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            intermediate_size=config.intermediate_size,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.heads,
            max_position_embeddings=config.max_positions,
            tie_word_embeddings=True,
            attn_implementation="sdpa",
        )
    )


class VisionProjection(nn.Module):
    """Backbone features -> image tokens and region tokens in the width of the language model."""

    def __init__(self, config: Gpt4RoiConfig) -> None:
        super().__init__()
        width = config.language.hidden_size
        self.config = config
        self.region = RegionEncoder(config.region)
        self.view = RegionEncoder(config.view) if config.view else None
        self.image_projector = nn.Linear(config.stage_channels[-1], width)
        self.image_head = _Head(config.head_channels, width)
        self.view_head = _Head(config.head_channels, width) if config.view else None
        self.norm = nn.LayerNorm(width)

    def image_tokens(self, features: Features) -> Tensor:
        """-> [B, image_tokens, width]: a coarse grid of the last level, row-major, then the pooled vector."""
        grid = _grid_means(features.levels[-1], self.config.image_grid).flatten(2).transpose(1, 2)
        return self.norm(torch.cat([self.image_projector(grid), self.image_head(features.pooled)[:, None]], dim=1))

    def region_tokens(
        self, maps: Sequence[Tensor], boxes: Tensor, image_index: Tensor, view: Features | None, view_boxes: Tensor
    ) -> Tensor:
        """-> [N, region_tokens, width].

        ``maps`` of the photos (`RegionEncoder.fuse`), ``boxes`` [N, 4] xyxy in 0..1 of their photo ``image_index`` [N],
        the close-ups ``view`` and the boxes within them, ``view_boxes`` [N, 4] xyxy in 0..1.
        """
        tokens = [self.region.pool(maps, boxes, image_index)]
        if self.view is not None:
            assert view is not None and self.view_head is not None
            own = torch.ones_like(boxes[:, 0], dtype=torch.long).cumsum(0) - 1  # each close-up has one box
            tokens.append(self.view.pool(self.view.fuse(view.levels), view_boxes, own))
            tokens.append(self.view_head(view.pooled)[:, None])
        return self.norm(torch.cat(tokens, dim=1))


def _grid_means(x: Tensor, grid: int) -> Tensor:
    """``adaptive_avg_pool2d`` to ``grid`` x ``grid`` of a square map, as matrix products, which ONNX can express."""
    size = int(x.shape[-1])
    cells = torch.zeros(grid, size, dtype=x.dtype, device=x.device)
    for cell in range(grid):
        start, stop = cell * size // grid, -(-(cell + 1) * size // grid)
        cells[cell, start:stop] = 1 / (stop - start)
    return cells @ x @ cells.T


class _Head(nn.Sequential):
    """A two-layer projection of the pooled vector."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(nn.LayerNorm(channels), nn.Linear(channels, 2 * width), nn.GELU(), nn.Linear(2 * width, width))


class RegionHead(nn.Sequential):
    """Region tokens [N, region_tokens, width] and the image tokens [N, image_tokens, width] of each region's photo ->
    logits [N, classes].

    What a thing is called, and still more what somebody does, is seen in the whole photo as well as in the box.
    """

    def __init__(self, config: Gpt4RoiConfig, *, classes: int, dropout: float) -> None:
        width, tokens = config.language.hidden_size, config.region_tokens + config.image_tokens
        super().__init__(
            nn.Flatten(), nn.Linear(tokens * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, classes)
        )

    def forward(self, regions: Tensor, images: Tensor) -> Tensor:
        """See the class for the shapes."""
        return super().forward(torch.cat([regions, images], dim=1))


def category_logits(
    head: RegionHead, of_pooled: nn.Linear | None, regions: Tensor, images: Tensor, pooled: Tensor
) -> Tensor:
    """See `Gpt4Roi.category_logits`. What is rare is told apart by more than the few region tokens carry, so that the
    vector of the close-up has a say of its own where the model has ``of_pooled``."""
    logits: Tensor = head(regions, images)
    if of_pooled is None:
        return logits
    return logits + of_pooled(F.layer_norm(pooled, (of_pooled.in_features,)))


def _head(config: Gpt4RoiConfig, classes: int, *, dropout: float) -> RegionHead | None:
    return RegionHead(config, classes=classes, dropout=dropout) if classes else None


class Gpt4Roi(nn.Module):
    """Backbone, projection and language model."""

    def __init__(self, config: Gpt4RoiConfig, *, token_ids: dict[str, int]) -> None:
        """``token_ids`` gives the ids of the special tokens in the model's tokenizer."""
        super().__init__()
        self.config = config
        self.token_ids = token_ids
        self.backbone = PyramidBackbone(config.backbone, config.backbone_stages)
        self.own_view_backbone = (
            PyramidBackbone(config.backbone, config.backbone_stages) if config.own_view_backbone else None
        )
        self.vision = VisionProjection(config)
        few = 3 * config.dropout  # people named attributes of few regions, and few said the same words
        self.category_head = _head(config, config.categories, dropout=config.dropout)
        self.attribute_head = _head(config, config.attribute_values, dropout=few)
        self.phrase_head = _head(config, config.phrase_ngrams, dropout=few)
        self.category_pooled: nn.Linear | None = None
        if config.categories and config.category_pooled:
            self.category_pooled = nn.Linear(config.head_channels, config.categories, bias=False)
            nn.init.zeros_(self.category_pooled.weight)  # a head that learned without it goes on where it was
        self.dropout = nn.Dropout(config.dropout)
        self.language = build_language_model(config.language)

    @property
    def heads(self) -> list[RegionHead]:
        """Those that the model has, in the order of category, attribute and phrase head."""
        return [head for head in (self.category_head, self.attribute_head, self.phrase_head) if head is not None]

    def category_logits(self, regions: Tensor, images: Tensor, pooled: Tensor) -> Tensor:
        """The category head's logits [N, categories]; ``pooled`` [N, channels] are the close-ups' pooled vectors, the
        rest is as for `RegionHead`."""
        assert self.category_head is not None
        return category_logits(self.category_head, self.category_pooled, regions, images, pooled)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def view_backbone(self) -> PyramidBackbone:
        """The backbone that close-ups go through."""
        return self.own_view_backbone or self.backbone

    def embed(self, ids: Tensor, *, image: Tensor, regions: Tensor) -> Tensor:
        """Token ids [B, T] -> embeddings [B, T, width], with image and region embeddings in their places.

        ``image`` [I, image_tokens, width] and ``regions`` [N, region_tokens, width] are used in order of occurrence.

        Raises:
            ValueError: the sequence asks for another number of image or region embeddings than were given.
        """
        embeddings = self.language.get_input_embeddings()(ids)
        for token, values, what in ((IMAGE_PATCH, image, "image"), (BOX, regions, "region")):
            places = ids == self.token_ids[token]
            values = self.dropout(values.flatten(0, 1))
            if int(places.sum()) != len(values):
                raise ValueError(
                    f"The text has places for {int(places.sum())} {what} embeddings, {len(values)} were given."
                )
            embeddings = embeddings.masked_scatter(places[..., None], values.to(embeddings.dtype))
        return embeddings
