"""Florence-2: small and quick. A region is told by four location tokens behind the name of a task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from roi_assistant.api import (
    Box,
    BoxError,
    DescribeRequest,
    RegionText,
    ScoredBox,
    ScoredText,
    SuggestedAttribute,
    clip_box,
    florence_locations,
    intersection_over_union,
)

from .plain import BEAMS, GRAY, NOTHING_SAID, PictureState, PlainCaptioner, distinct

if TYPE_CHECKING:
    from .loading import Loaded

DESCRIPTION, CATEGORY, WRITTEN = "<REGION_TO_DESCRIPTION>", "<REGION_TO_CATEGORY>", "<REGION_TO_OCR>"
PROPOSAL = "<REGION_PROPOSAL>"
TEXT = "text"
"""The attribute of a schema that holds what is written on a thing."""
LONGEST = {DESCRIPTION: 64, CATEGORY: 16, WRITTEN: 64, PROPOSAL: 512}
NEARLY_THE_SAME = 0.9
LOCATIONS = 1000
_MARK = re.compile(r"<[^<>\s]*>")
_LOCATION = re.compile(r"<loc_(\d+)>")


class Florence2Captioner(PlainCaptioner):
    """See `roi_assistant.api.Captioner` and `roi_assistant.api.Proposes`. It answers in its own words: the style of a
    caption cannot be asked for."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__(loaded, frozenset({"attributes", "alternatives", "proposes"}))
        self._seen: tuple[Image.Image, Any] | None = None
        self._asked(DESCRIPTION, GRAY, [Box(0, 0, 64, 48)], longest=1)

    def describe(self, state: PictureState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Caption and category of ``boxes``, and what is written there where the schema has the attribute ``text``."""
        image = state.image
        clipped = [clip_box(box, width=image.width, height=image.height) for box in boxes]
        captions = self._asked(DESCRIPTION, image, clipped, kept=min(BEAMS, 1 + request.alternatives))
        categories = self._asked(CATEGORY, image, clipped) if request.category else [[]] * len(boxes)
        schema = request.attributes
        reads = schema is not None and any(one.name == TEXT for one in schema.attributes)
        texts = self._asked(WRITTEN, image, clipped) if reads else [[]] * len(boxes)
        for box, inside, caption, category, written in zip(boxes, clipped, captions, categories, texts, strict=True):
            best = caption[0] if caption else NOTHING_SAID
            attributes = [SuggestedAttribute(TEXT, (one.text,), one.score) for one in written]
            yield RegionText(
                box=box,
                caption=best,
                alternatives=tuple(caption[1:]),
                category=category[0] if category else None,
                attributes=tuple(one for one in attributes if one.score >= request.attribute_score),
                unsure=not caption,
                prompt=DESCRIPTION + florence_locations(inside, size=image.size),
                raw_output=best.text,
            )

    def propose(self, state: PictureState, *, most: int = 50) -> Sequence[ScoredBox]:
        """See `roi_assistant.api.Proposes`. All have the score of the whole answer."""
        image = state.image
        (found,) = self.said(image, [PROPOSAL], most=LONGEST[PROPOSAL])
        bins = [int(number) for number in _LOCATION.findall(found[0].text)]
        kept: list[ScoredBox] = []
        for place in range(0, len(bins) - 3, 4):
            # The middle of a bin; x before y.
            x1, y1, x2, y2 = (
                (bin_ + 0.5) * side / LOCATIONS
                for bin_, side in zip(bins[place : place + 4], image.size * 2, strict=True)
            )
            try:
                box = clip_box(Box(x1, y1, x2, y2), width=image.width, height=image.height)
            except BoxError:
                continue  # two corners in one place
            if all(intersection_over_union(box, other.box) < NEARLY_THE_SAME for other in kept):
                kept.append(ScoredBox(box, found[0].score))
        return kept[:most]

    def _asked(
        self, task: str, image: Image.Image, boxes: Sequence[Box], *, kept: int = 1, longest: int | None = None
    ) -> list[list[ScoredText]]:
        prompts = [task + florence_locations(box, size=image.size) for box in boxes]
        answers = self.said(image, prompts, most=longest or LONGEST[task], kept=kept)
        return [distinct([ScoredText(_MARK.sub("", one.text).strip(), one.score) for one in each]) for each in answers]

    def inputs(self, image: Image.Image, prompts: Sequence[str]) -> dict[str, Any]:
        """The encoder's answers. The picture is looked at once for all tasks and regions: on a CPU that takes longer
        than a short answer."""
        import torch
        from transformers.modeling_outputs import BaseModelOutput

        inputs = super().inputs(image, prompts)
        model = self._model
        with torch.inference_mode():
            if self._seen is None or self._seen[0] is not image:
                self._seen = (image, _features(model.get_image_features(inputs["pixel_values"][:1])))
            embedded = model.get_input_embeddings()(inputs["input_ids"])
            at_picture = (inputs["input_ids"] == model.config.image_token_id).unsqueeze(-1).expand_as(embedded)
            seen = self._seen[1].to(embedded).expand(len(prompts), -1, -1)
            embedded = embedded.masked_scatter(at_picture, seen)
            encoded = model.get_encoder()(inputs_embeds=embedded, attention_mask=inputs["attention_mask"])
        return {
            "encoder_outputs": BaseModelOutput(last_hidden_state=encoded.last_hidden_state),
            "attention_mask": inputs["attention_mask"],
        }


def _features(found: Any) -> Any:
    """Of a picture: 1 x tokens x channels. Versions of transformers give them as they are, or in an object."""
    found = getattr(found, "pooler_output", found)
    return found[0].unsqueeze(0) if isinstance(found, (list, tuple)) else found.reshape(1, -1, found.shape[-1])
