"""What captioners share of models that do not chat: a prompt of their own for each region, answered by beams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from roi_assistant.api import Box, Capability, CaptionerError, ScoredText, Turn

from .speaking import Speaker

if TYPE_CHECKING:
    from .loading import Loaded

GRAY = Image.new("RGB", (64, 48), (127, 127, 127))
BEAMS = 3
NOTHING_SAID = ScoredText("an object", 0.0)
"""The caption where a model said nothing."""


@dataclass(frozen=True, slots=True)
class PictureState:
    """The picture itself."""

    image: Image.Image

    @property
    def nbytes(self) -> int:
        """Of the pixels."""
        return self.image.width * self.image.height * 3


class PlainCaptioner:
    """The part of a `roi_assistant.api.Captioner` that is the same for all; ``describe`` is the family's."""

    def __init__(self, loaded: Loaded, capabilities: frozenset[Capability]) -> None:
        self.info = replace(loaded.info, capabilities=capabilities | {"interruptible"})
        """See `roi_assistant.api.Captioner`."""
        self.processor = loaded.processor
        self._model = loaded.model
        self._speaker = Speaker(loaded)

    @property
    def interrupt(self) -> Callable[[], None]:
        """See `roi_assistant.api.Interruptible`."""
        return self._speaker.interrupt

    @interrupt.setter
    def interrupt(self, function: Callable[[], None]) -> None:
        self._speaker.interrupt = function

    def set_image(self, image: Image.Image) -> PictureState:
        """Nothing is computed before a question."""
        return PictureState(image)

    def chat(self, state: PictureState, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """Raises: CaptionerError, always."""
        raise CaptionerError("{id} cannot chat: choose a model that can, such as Qwen3-VL.", id=self.info.id)

    def close(self) -> None:
        """Let go of the weights."""
        del self._model
        self._speaker.close()

    def said(self, image: Image.Image, prompts: Sequence[str], *, most: int, kept: int = 1) -> list[list[ScoredText]]:
        """What the model says to each of ``prompts`` about ``image``, ``kept`` answers each, the likeliest first, with
        all marks of the model. The prompts have the same number of tokens, so that none is padded.

        Raises:
            CaptionerError: it cannot.
        """

        def answer(part: Sequence[str]) -> list[list[ScoredText]]:
            found = self._speaker.beams(self.inputs(image, part), most=most, kept=kept, beams=BEAMS)
            return [[ScoredText(self.decoded(ids), score) for ids, score in answers] for answers in found]

        return list(self._speaker.batches(prompts, answer))

    def inputs(self, image: Image.Image, prompts: Sequence[str]) -> dict[str, Any]:
        """What the model is given for ``prompts`` about ``image``."""
        inputs = self.processor(text=list(prompts), images=[image] * len(prompts), return_tensors="pt")
        # What is meant for training is no argument of writing.
        return {
            key: value
            for key, value in inputs.to(self._model.device, dtype=self._model.dtype).items()
            if key not in ("labels", "token_type_ids")
        }

    def decoded(self, ids: Sequence[int]) -> str:
        """The answer of tokens ``ids``, with all marks."""
        return str(self.processor.decode(ids, skip_special_tokens=False))


def distinct(answers: Sequence[ScoredText]) -> list[ScoredText]:
    """``answers`` without empty ones, each text once."""
    found: dict[str, ScoredText] = {}
    for answer in answers:
        if answer.text:
            found.setdefault(answer.text, answer)
    return list(found.values())
