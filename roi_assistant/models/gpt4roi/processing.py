"""Pictures, boxes and conversations -> inputs of the published GPT4RoI."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.errors import BadInputError, ModelFileError, RegionReferenceError
from roi_assistant.models.gpt4roi.checkpoint_files import CheckpointFiles, PlainCheckpoint
from roi_assistant.models.gpt4roi.prompting import (
    ASSISTANT,
    conversation_prompt,
    expand_image,
    has_model_tokens,
    shared_text,
)
from roi_assistant.models.gpt4roi.tokenization import BOX, TOKENIZER_FILE, Gpt4RoiTokenizer

PROCESSOR_FILE = "processor_config.json"
_LONGEST = 64
"""Sides of the square that a picture may have on the way to it: a line of pixels would else take gigabytes."""
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Gpt4RoiInputs:
    """One conversation. ``boxes`` [n, 4], xyxy in 0..1, in the order of ``<bbox>`` in ``input_ids``; ``regions`` says
    which of the given boxes each is, counted from 0."""

    input_ids: tuple[int, ...]
    boxes: Tensor
    regions: tuple[int, ...]


class Gpt4RoiProcessor:
    """Tokenizer and picture preparation of the published demo.

    That demo ends a prompt with ``### ``, whose space is a token of its own, while in training the space belongs to the
    word behind it. Without ``space_after_separator`` prompts end as they were trained.
    """

    def __init__(
        self,
        tokenizer: Gpt4RoiTokenizer,
        *,
        image_size: int = 224,
        image_tokens: int = 256,
        mean: Sequence[float] = CLIP_MEAN,
        std: Sequence[float] = CLIP_STD,
        space_after_separator: bool = True,
    ) -> None:
        self.tokenizer = tokenizer
        self.image_size, self.image_tokens = image_size, image_tokens
        self.mean, self.std = tuple(mean), tuple(std)
        self.space_after_separator = space_after_separator

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Gpt4RoiProcessor:
        """Raises: ModelFileError, a file is missing or damaged."""
        return cls.from_files(PlainCheckpoint(Path(folder)))

    @classmethod
    def from_files(cls, files: CheckpointFiles) -> Gpt4RoiProcessor:
        """Raises: ModelFileError, a file is missing or damaged."""
        file, tokenizer = files.file(PROCESSOR_FILE), files.file(TOKENIZER_FILE)
        try:
            sizes: dict[str, Any] = json.loads(file.data)
            return cls(Gpt4RoiTokenizer.load(tokenizer.data, path=tokenizer.path), **sizes)
        except (ValueError, TypeError, RecursionError) as error:
            raise ModelFileError(
                "{path} cannot be read ({reason}): import the model again.", path=file.path, reason=error
            ) from error

    def save_pretrained(self, folder: Path | str) -> None:
        """Write the tokenizer and the sizes into ``folder``."""
        sizes = {
            "image_size": self.image_size,
            "image_tokens": self.image_tokens,
            "mean": list(self.mean),
            "std": list(self.std),
            "space_after_separator": self.space_after_separator,
        }
        self.tokenizer.save(Path(folder) / TOKENIZER_FILE)
        (Path(folder) / PROCESSOR_FILE).write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")

    def pixels(self, image: Image.Image) -> Tensor:
        """A picture (orientation applied) -> [3, image_size, image_size], the whole of it, squeezed to a square.

        As published in two steps: the shorter side to ``image_size`` (bicubic, 8 bit), then, on normalised values, both
        sides (bilinear, without smoothing).
        """
        image = image.convert("RGB")
        short, long = sorted(image.size)
        side = self.image_size
        longer = min(max(side, int(side * long / short)), _LONGEST * side)
        size = (side, longer) if image.width <= image.height else (longer, side)
        small = np.asarray(image.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / 255
        normal = (small - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        pixels = torch.from_numpy(normal).permute(2, 0, 1)[None]
        return F.interpolate(pixels, size=(side, side), mode="bilinear", align_corners=False)[0]

    def relative_boxes(self, boxes: Sequence[Box], *, width: int, height: int) -> Tensor:
        """Boxes in pixels of a picture -> [n, 4], xyxy in 0..1 of it."""
        scale = torch.tensor([width, height, width, height], dtype=torch.float32)
        return torch.tensor([box.xyxy for box in boxes], dtype=torch.float32).reshape(-1, 4) / scale

    def shared_ids(self) -> tuple[int, ...]:
        """The ids that every conversation begins with, up to the end of the image."""
        return tuple(self.tokenizer.encode(expand_image(shared_text(), image_tokens=self.image_tokens), begin=True))

    def conversation(self, turns: Sequence[Turn], *, boxes: Sequence[Box], width: int, height: int) -> Gpt4RoiInputs:
        """Inputs for answering the last of ``turns`` about a picture of ``width`` x ``height`` pixels.

        Raises:
            RegionReferenceError: a text refers to a box that does not exist.
            BadInputError: there is no question.
        """
        prompt = conversation_prompt(turns, n_boxes=len(boxes))
        ids = self._encode(prompt.text if self.space_after_separator else prompt.text.rstrip(" "))
        chosen = [boxes[number] for number in prompt.regions]
        self.check_counts(ids, len(chosen))
        return Gpt4RoiInputs(tuple(ids), self.relative_boxes(chosen, width=width, height=height), tuple(prompt.regions))

    def answers(
        self, turns: Sequence[Turn], options: Sequence[str], *, boxes: Sequence[Box], width: int, height: int
    ) -> tuple[Gpt4RoiInputs, list[tuple[int, ...]]]:
        """As `conversation`, for answers that are given: what all conversations that end with one of ``options`` as the
        answer begin with, and for each option the ids that follow.

        They are cut into tokens as a whole, as in training.

        Raises:
            RegionReferenceError: a text refers to a box that does not exist, or an option contains a token of
                the model.
            BadInputError: there is no question, or an option is empty.
        """
        if not all(option.strip() for option in options):
            raise BadInputError("An option is empty: give each option a text.")
        reserved = [option for option in options if has_model_tokens(option)]
        if reserved:
            raise RegionReferenceError(
                "The option {option} contains a token of the model: leave it out.", option=repr(reserved[0])
            )
        prompt = conversation_prompt(turns, n_boxes=len(boxes))
        inputs = self.conversation(turns, boxes=boxes, width=width, height=height)
        wholes = [self._encode(prompt.text.rstrip() + f" {ASSISTANT}{option.strip()}") for option in options]
        rows = [*wholes, self._encode(prompt.text.rstrip() + f" {ASSISTANT.strip()}")]
        common = next(
            (place for place, tokens in enumerate(zip(*rows, strict=False)) if len(set(tokens)) > 1),
            min(map(len, rows)),
        )
        return replace(inputs, input_ids=tuple(wholes[0][:common])), [tuple(ids[common:]) for ids in wholes]

    def _encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(expand_image(text, image_tokens=self.image_tokens), begin=True)

    def check_counts(self, ids: Sequence[int], n_boxes: int) -> None:
        """Raises: RegionReferenceError, ``ids`` have not as many ``<bbox>`` as there are boxes."""
        places = ids.count(self.tokenizer.added[BOX])
        if places != n_boxes:
            raise RegionReferenceError(
                "The text refers to {places} boxes, but {n_boxes} were given.", places=places, n_boxes=n_boxes
            )
