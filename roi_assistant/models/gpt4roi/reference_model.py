"""The published GPT4RoI as a transformers model, at any size.

Parameter names are those of the published checkpoint (``model.layers...``, ``model.mm_projector``,
``model.spi_module``, ``lm_head``), with the CLIP vision transformer, which is published apart, as ``vision_tower``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPVisionModel, LlamaModel, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import CausalLMOutputWithPast

from roi_assistant.errors import BadInputError, RegionReferenceError
from roi_assistant.models.gpt4roi.reference_config import ADDED_TOKENS, Gpt4RoiReferenceConfig
from roi_assistant.models.gpt4roi.region_encoder import RegionEncoder
from roi_assistant.models.gpt4roi.tokenization import ADDED_TOKENS as TOKENS
from roi_assistant.models.gpt4roi.tokenization import BOX, IMAGE_PATCH

VISION_PREFIX = "vision_tower."
IGNORED_LABEL = -100


@dataclass(frozen=True)
class ImageFeatures:
    """What is computed once per picture: image tokens [B, patches, width] and the fused pyramid, finest first."""

    tokens: Tensor
    maps: tuple[Tensor, ...]


class Gpt4RoiDecoder(LlamaModel):
    """LLaMA with the two modules that the published model keeps in it."""

    def __init__(self, config: Gpt4RoiReferenceConfig) -> None:
        super().__init__(config.text_config)
        self.mm_projector = nn.Linear(config.vision_config.hidden_size, config.text_config.hidden_size)
        self.spi_module = RegionEncoder(config.region_config)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        region = getattr(self, "spi_module", None)
        if region is None or not isinstance(module, nn.Conv2d):
            return
        if any(module is conv for conv in region.roi_align.pconvs):
            init.normal_(module.weight, std=0.01)
        elif any(module is fuse.conv for fuse in region.mlvl_fuse.fuse_convs):
            init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        else:
            bound = module.in_channels**-0.5
            init.uniform_(module.weight, -bound, bound)
            init.uniform_(module.bias, -bound, bound)


class Gpt4RoiForConditionalGeneration(PreTrainedModel):
    """Pictures, boxes and token ids -> logits. See `models.gpt4roi.generation` for writing text with it."""

    config_class = Gpt4RoiReferenceConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _no_split_modules = ["LlamaDecoderLayer", "CLIPEncoderLayer"]  # noqa: RUF012
    _supports_sdpa = True
    _supports_flash_attn = True

    def __init__(self, config: Gpt4RoiReferenceConfig) -> None:
        super().__init__(config)
        self.model = Gpt4RoiDecoder(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.vision_tower = CLIPVisionModel(config.vision_config)
        base = config.text_config.vocab_size - ADDED_TOKENS
        self.patch_id, self.box_id = base + TOKENS.index(IMAGE_PATCH), base + TOKENS.index(BOX)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """See ``PreTrainedModel``: the layer that turns token ids into vectors."""
        return self.model.embed_tokens

    def set_input_embeddings(self, value: nn.Module) -> None:
        """See ``PreTrainedModel``."""
        self.model.embed_tokens = value

    def get_output_embeddings(self) -> nn.Module:
        """See ``PreTrainedModel``: the layer that turns states into logits."""
        return self.lm_head

    def vision_states(self, pixel_values: Tensor) -> list[Tensor]:
        """Pixels [B, 3, S, S] -> the states of `Gpt4RoiReferenceConfig.level_states`, each [B, patches, channels].

        Blocks after the last of them do not run.
        """
        tower = self.vision_tower
        x = tower.pre_layrnorm(tower.embeddings(pixel_values.to(tower.embeddings.patch_embedding.weight.dtype)))
        levels = self.config.level_states
        states = {0: x}
        for number in range(levels[-1]):
            x = tower.encoder.layers[number](x, attention_mask=None)
            states[number + 1] = x
        return [states[number][:, 1:] for number in levels]

    def encode_image(self, pixel_values: Tensor) -> ImageFeatures:
        """The part that depends on neither text nor boxes: vision transformer, image tokens, fused pyramid."""
        levels = self.vision_states(pixel_values)
        return ImageFeatures(self.model.mm_projector(levels[-1]), tuple(self.model.spi_module.fuse(levels)))

    def encode_regions(self, maps: Sequence[Tensor], boxes: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Fused maps and, per picture, boxes [n_i, 4] (xyxy, 0..1) -> per picture a vector per box [n_i, width]."""
        sizes = [len(b) for b in boxes]
        counts = torch.tensor(sizes)
        flat = torch.cat([b.reshape(-1, 4) for b in boxes]).to(maps[0].device)
        index = torch.repeat_interleave(torch.arange(len(boxes)), counts).to(flat.device)
        return self.model.spi_module.pool(maps, flat, index).flatten(0, 1).split(sizes)

    def embed(self, input_ids: Tensor, *, image: Sequence[Tensor] | None, regions: Sequence[Tensor] | None) -> Tensor:
        """Ids [B, T] -> embeddings [B, T, width]; per row, ``image`` [n_i, width] and ``regions`` [m_i, width] replace
        those at ``<im_patch>`` and ``<bbox>``, in order of occurrence. None is nothing for any row.

        Raises:
            BadInputError: a row has places for another number of image tokens.
            RegionReferenceError: a row refers to another number of boxes.
        """
        embeddings = self.model.embed_tokens(input_ids)
        for token, values, error in (
            (self.patch_id, image, BadInputError),
            (self.box_id, regions, RegionReferenceError),
        ):
            places = input_ids == token
            expected = places.sum(1).tolist()
            given = [0] * len(expected) if values is None else [len(row) for row in values]
            if expected != given:
                # Row by row: counts that are right in sum only would put one picture's regions into another's text.
                what = "image tokens" if token == self.patch_id else "boxes"
                pairs = zip_longest(expected, given, fillvalue=0)
                row, (places_in_text, got) = next((k, pair) for k, pair in enumerate(pairs) if pair[0] != pair[1])
                where = "The text" if len(expected) == 1 else f"Text {row + 1} of {len(expected)}"
                raise error(f"{where} has places for {places_in_text} {what}, but {got} were given.")
            if values is not None and any(given):
                embeddings = embeddings.masked_scatter(places[..., None], torch.cat(list(values)).to(embeddings.dtype))
        return embeddings

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        boxes: Sequence[Tensor] | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        logits_to_keep: int = 0,
        **_: object,
    ) -> CausalLMOutputWithPast:
        """Everything from pixels to logits, without a cache: see `models.gpt4roi.steps` for that.

        Args:
            input_ids: [B, T]; or give ``inputs_embeds`` [B, T, width], and neither pixels nor boxes.
            pixel_values: [B, 3, S, S], one picture per row, normalised.
            boxes: per row [n_i, 4], xyxy in 0..1, in the order of the row's ``<bbox>``.
            labels: [B, T], the ids to learn, -100 where there is none; they are compared with the logits of the place
                before.
            logits_to_keep: 0 for logits at all places, else at the last ones only.

        Raises:
            RegionReferenceError, BadInputError: as `embed`.
        """
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError("Give input_ids or inputs_embeds.")
            image: Sequence[Tensor] | None = None
            regions: Sequence[Tensor] | None = None
            if pixel_values is not None:
                features = self.encode_image(pixel_values)
                image = features.tokens.unbind()
                if boxes is not None and any(len(b) for b in boxes):
                    regions = self.encode_regions(features.maps, boxes)
            inputs_embeds = self.embed(input_ids, image=image, regions=regions)
        output = self.model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=False,
        )
        hidden = output.last_hidden_state
        logits = self.lm_head(hidden[:, -logits_to_keep:] if logits_to_keep else hidden)
        loss = None
        if labels is not None:
            ahead = F.pad(labels[:, 1:], (0, 1), value=IGNORED_LABEL)
            loss = F.cross_entropy(logits.float().flatten(0, 1), ahead.flatten(), ignore_index=IGNORED_LABEL)
        return CausalLMOutputWithPast(loss=loss, logits=logits)
