"""Whether the exported model says what the trained one says: greedy phrases of both on val photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.mini.captioner import MiniCaptioner
from roi_assistant.core.box import Box
from roi_assistant.core.prompts import END, PAD, QUESTIONS, ask, prefix
from roi_assistant.core.records import AttributeSchema, DescribeRequest
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.imaging.views import box_in_window, image_view, region_view, region_window, to_network
from roi_assistant.models.gpt4roi.modeling import Gpt4Roi
from roi_assistant.training.mini.corpus import open_picture, stored_boxes


@dataclass(frozen=True)
class Parity:
    """Regions compared, and the captions that differ as (region, torch, ONNX)."""

    regions: int
    different: tuple[tuple[str, str, str], ...]

    @property
    def share(self) -> float:
        """The share of captions that are the same."""
        return 1 - len(self.different) / max(1, self.regions)


def compare(model: Gpt4Roi, tokenizer: Tokenizer, exported: Path, *, flickr: Path, photos: int | None) -> Parity:
    """Greedy phrases of ``model`` (torch, fp32) and of the folder ``exported`` on val photos of Flickr30k Entities."""
    runtime, dataset = MiniCaptioner.load(exported, device="cpu"), Flickr30kEntities(flickr)
    request = DescribeRequest(alternatives=0, decoding="greedy", category=False, attributes=AttributeSchema("none"))
    regions, different = 0, []
    for photo in islice(dataset.photos("val"), photos):
        image = open_picture(dataset, photo)
        boxes = stored_boxes(photo, image)
        if not boxes:
            continue
        ours = torch_phrases(model, tokenizer, image, boxes)
        theirs = [text.raw_output for text in runtime.describe(runtime.set_image(image), boxes, request)]
        regions += len(boxes)
        for region, one, other in zip(photo.regions, ours, theirs, strict=True):
            if one != other:
                different.append((f"{photo.image}/{region.id}", one, other))
    return Parity(regions, tuple(different))


@torch.no_grad()
def torch_phrases(model: Gpt4Roi, tokenizer: Tokenizer, image: Image.Image, boxes: Sequence[Box]) -> list[str]:
    """Greedy answers to the phrase question by the torch model, from pixels."""
    config = model.eval().config
    windows = [region_window(box, width=image.width, height=image.height) for box in boxes]
    photo = model.backbone(torch.from_numpy(to_network(image_view(image, size=config.image_size))[None]))
    close = np.stack([region_view(image, window, size=config.view_size) for window in windows])
    view = model.view_backbone(torch.from_numpy(to_network(close)))
    scale = torch.tensor([image.width, image.height] * 2)
    regions = model.vision.region_tokens(
        model.vision.region.fuse(photo.levels),
        torch.tensor([box.xyxy for box in boxes]) / scale,
        torch.zeros(len(boxes), dtype=torch.long),
        view,
        torch.tensor([box_in_window(b, w) for b, w in zip(boxes, windows, strict=True)]),
    )
    text = prefix(regions=1, image_tokens=config.image_tokens, region_tokens=config.region_tokens)
    ids = tokenizer.encode(text + ask(QUESTIONS["phrase"][0]), add_special_tokens=False).ids
    tokens = model.vision.image_tokens(photo).expand(len(boxes), -1, -1)
    embeddings = model.embed(torch.tensor([ids] * len(boxes)), image=tokens, regions=regions)
    out = model.language.generate(
        inputs_embeds=embeddings,
        attention_mask=torch.ones(embeddings.shape[:2], dtype=torch.long),
        max_new_tokens=10,
        do_sample=False,
        eos_token_id=tokenizer.token_to_id(END),
        pad_token_id=tokenizer.token_to_id(PAD),
    )
    return [tokenizer.decode(row.tolist(), skip_special_tokens=True).strip() for row in out]
