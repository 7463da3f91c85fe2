"""What the kinds of detectors are asked, and how their answers become boxes.

All answers go through the model's own post-processing, which knows how its photos were resized and padded. Boxes are
xyxy float pixels of the photo as displayed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from PIL import Image

from roi_assistant.api import (
    Box,
    BoxError,
    BoxSearch,
    CaptionerError,
    CaptionerInfo,
    ScoredBox,
    best_boxes,
    clip_box,
)

MOST_ASPECT = 20
"""Of the longer side of a photo by the shorter one. Processors that bound the longer side make the shorter one of a
thinner photo less than a pixel."""
OVERSAMPLED = 2
"""Times the side that the model sees: OWLv2's processor blurs all pixels of a photo before it shrinks it. With fewer it
has less to do, and what the model sees hardly differs."""
LEAST_SIDE = 1.0
"""Pixels; a narrower box shows nothing."""
_NO_NAME = re.compile(r"LABEL_\d+|N/A|", re.IGNORECASE)
"""What ``id2label`` says of a class without a name, such as the holes in the numbers of COCO."""
_ENDS_PHRASE = re.compile(r"[.?\s]+")
"""Grounding DINO takes a dot and a question mark for the end of a phrase."""
_ARTICLE = re.compile(r"(?:an?|the)\s", re.IGNORECASE)


class FolderDetector(ABC):
    """See `roi_assistant.api.Detector`."""

    least: ClassVar[float]
    """The score from which boxes are kept where the search does not say: as the model's authors do."""

    def __init__(self, model: Any, processor: Any, info: CaptionerInfo) -> None:
        self.info = info
        self._model, self._processor = model, processor

    def propose(self, image: Image.Image) -> Sequence[Box]:
        """See `roi_assistant.api.Proposer`."""
        return [found.box for found in self.detect(image, BoxSearch())]

    @abstractmethod
    def detect(self, image: Image.Image, search: BoxSearch) -> Sequence[ScoredBox]:
        """See `roi_assistant.api.Detector`."""

    def close(self) -> None:
        """Give memory back."""
        self._model = self._processor = None

    def _least(self, search: BoxSearch) -> float:
        return self.least if search.least is None else search.least

    def _outputs(self, inputs: Any) -> Any:
        """What the model says of ``inputs``, in fp32 on the CPU, as post-processing may mix it with sizes."""
        import torch

        with torch.inference_mode():
            outputs = self._model(**inputs.to(self._model.device))
        return _on_cpu(outputs)


class ClassDetector(FolderDetector):
    """Finds the classes that it was trained on."""

    least = 0.3

    def detect(self, image: Image.Image, search: BoxSearch) -> Sequence[ScoredBox]:
        """All that it finds; with typed words only the classes of these names. Categories of a project mean nothing
        to it.

        Raises:
            CaptionerError: it has no class of any of the words.
        """
        import torch

        names = class_names(self._model.config.id2label)
        wanted = self._wanted(names, search.words)
        shown = not_thin(image)
        outputs = self._outputs(self._processor(images=shown, return_tensors="pt"))
        sizes = torch.tensor([[shown.height, shown.width]])
        (result,) = self._processor.post_process_object_detection(
            outputs, threshold=self._least(search), target_sizes=sizes
        )
        labels = [int(label) for label in result["labels"]]
        kept = [place for place, label in enumerate(labels) if wanted is None or label in wanted]
        texts = [names.get(labels[place], "") for place in kept]
        found = scored_boxes(result["scores"][kept], result["boxes"][kept], texts, image=image)
        return best_boxes(found, most=search.most)

    def _wanted(self, names: Mapping[int, str], words: Sequence[str]) -> frozenset[int] | None:
        """The classes that ``words`` name; None: all."""
        if not words:
            return None
        asked = {word.casefold() for word in words}
        wanted = frozenset(number for number, name in names.items() if name.casefold() in asked)
        if not wanted:
            examples = ", ".join(list(names.values())[:8])
            raise CaptionerError(
                "{id} cannot find {words}: it knows {count} classes, such as {examples}. A detector by words, such as "
                "Grounding DINO or OWLv2, looks for anything.",
                id=self.info.id,
                words=", ".join(words),
                count=len(names),
                examples=examples,
            )
        return wanted


class WordDetector(FolderDetector):
    """Finds what it is told in words: those that were typed, or else the categories of the project."""

    def detect(self, image: Image.Image, search: BoxSearch) -> Sequence[ScoredBox]:
        """Of the same thing under two phrases the surer one.

        Raises:
            CaptionerError: there are no words.
        """
        phrases = self._phrases(search.words or search.categories)
        if not phrases:
            raise CaptionerError(
                "{id} looks for what it is told: type what to look for, or make a list of categories.", id=self.info.id
            )
        shown = not_thin(image)
        found = [one for part in self._parts(phrases) for one in self._find(shown, part, self._least(search), image)]
        return best_boxes(found, most=search.most, across_labels=True)

    def _phrases(self, words: Sequence[str]) -> list[str]:
        """``words`` as the model can be told them."""
        return list(words)

    def _parts(self, phrases: list[str]) -> Iterator[list[str]]:
        """``phrases`` in as many parts as the model must be asked."""
        yield phrases

    @abstractmethod
    def _find(self, shown: Image.Image, phrases: list[str], least: float, image: Image.Image) -> Iterable[ScoredBox]:
        """What ``phrases`` name in ``shown``, which is ``image`` or begins with it."""


class GroundingDetector(WordDetector):
    """Grounding DINO and MM-Grounding-DINO: all phrases are one text, in lower case, each ended by a dot. The answer
    has a probability for each token of the text."""

    least = 0.25

    def _phrases(self, words: Sequence[str]) -> list[str]:
        """Two categories that differ in capitals alone are one phrase to it."""
        return list(dict.fromkeys(filter(None, (_ENDS_PHRASE.sub(" ", word).strip() for word in words))))

    def _parts(self, phrases: list[str]) -> Iterator[list[str]]:
        tokenizer, room = self._processor.tokenizer, int(self._model.config.max_text_len) - 2
        part: list[str] = []
        left = room
        for phrase in phrases:
            needed = len(tokenizer(phrase.lower(), add_special_tokens=False)["input_ids"]) + 1
            if part and needed > left:
                yield part
                part, left = [], room
            part.append(phrase)
            left -= needed
        yield part

    def _find(self, shown: Image.Image, phrases: list[str], least: float, image: Image.Image) -> Iterable[ScoredBox]:
        text = " ".join(f"{phrase.lower()}." for phrase in phrases)
        inputs = self._processor(images=shown, text=text, return_tensors="pt")
        ids = inputs["input_ids"]
        outputs = self._outputs(inputs)
        (result,) = self._processor.post_process_grounded_object_detection(
            outputs, ids.cpu(), threshold=least, text_threshold=least, target_sizes=[(shown.height, shown.width)]
        )
        # Its texts are made of all tokens above the threshold, also of several phrases, and of words without a place.
        # The tokens have one, so that phrases that share a word are told apart.
        probabilities = outputs.logits.sigmoid()[0]
        kept = probabilities[probabilities.max(-1).values > least]
        spans = phrase_spans(ids[0].tolist(), self._processor.tokenizer.convert_tokens_to_ids("."))
        for row, box in zip(kept, result["boxes"].tolist(), strict=True):
            score, phrase = max(
                ((float(row[begin:end].max()), phrase) for (begin, end), phrase in zip(spans, phrases, strict=True)),
                key=lambda one: one[0],
            )
            if score > least:  # else it was a dot, or the end of the text
                yield from scored_boxes([score], [box], [phrase], image=image)


class OwlDetector(WordDetector):
    """OWL-ViT and OWLv2: each phrase in the words of CLIP, of 16 tokens at most. OWLv2 sees the photo in the upper left
    corner of a square."""

    least = 0.1

    def _find(self, shown: Image.Image, phrases: list[str], least: float, image: Image.Image) -> Iterable[ScoredBox]:
        prompts = [f"a photo of {phrase if _ARTICLE.match(phrase) else 'a ' + phrase}" for phrase in phrases]
        longest = int(self._model.config.text_config.max_position_embeddings)
        seen = _at_most(shown, OVERSAMPLED * int(self._processor.image_processor.size["height"]))
        inputs = self._processor(
            text=[prompts], images=seen, return_tensors="pt", padding="max_length", truncation=True, max_length=longest
        )
        (result,) = self._processor.post_process_grounded_object_detection(
            self._outputs(inputs), threshold=least, target_sizes=[(shown.height, shown.width)], text_labels=[phrases]
        )
        return scored_boxes(result["scores"], result["boxes"], result["text_labels"], image=image)


class OmDetDetector(WordDetector):
    """OmDet-Turbo: phrases, and a task in words that its processor makes of them."""

    least = 0.3

    def _find(self, shown: Image.Image, phrases: list[str], least: float, image: Image.Image) -> Iterable[ScoredBox]:
        inputs = self._processor(images=shown, text=phrases, return_tensors="pt")
        (result,) = self._processor.post_process_grounded_object_detection(
            self._outputs(inputs), text_labels=phrases, threshold=least, target_sizes=[(shown.height, shown.width)]
        )
        return scored_boxes(result["scores"], result["boxes"], result["text_labels"], image=image)


def not_thin(image: Image.Image) -> Image.Image:
    """``image``, with gray at its right or below it where one side is more than `MOST_ASPECT` times the other: pixels
    keep their coordinates."""
    least = -(-max(image.size) // MOST_ASPECT)
    if min(image.size) >= least:
        return image
    padded = Image.new("RGB", (max(image.width, least), max(image.height, least)), (128, 128, 128))
    padded.paste(image)
    return padded


def _at_most(image: Image.Image, side: int) -> Image.Image:
    """``image``, smaller where its longer side has more than ``side`` pixels."""
    longer = max(image.size)
    if longer <= side:
        return image
    width, height = (max(1, round(old * side / longer)) for old in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def class_names(id2label: Mapping[Any, Any]) -> dict[int, str]:
    """The classes of a config that have a name."""
    return {int(number): str(name) for number, name in id2label.items() if not _NO_NAME.fullmatch(str(name).strip())}


def phrase_spans(ids: Sequence[int], dot: int) -> list[tuple[int, int]]:
    """First token and the one behind the last of each phrase in ``ids``, which begin with a token of the model and
    have a ``dot`` behind each phrase."""
    spans, begin = [], 1
    for place, token in enumerate(ids):
        if token == dot:
            spans.append((begin, place))
            begin = place + 1
    return spans


def scored_boxes(
    scores: Iterable[Any], boxes: Iterable[Iterable[Any]], labels: Iterable[str], *, image: Image.Image
) -> Iterator[ScoredBox]:
    """What lies inside ``image``, of what a model found; boxes are xyxy pixels, scores end at 1."""
    for score, corners, label in zip(scores, boxes, labels, strict=True):
        try:
            box = clip_box(Box(*(float(value) for value in corners)), width=image.width, height=image.height)
        except BoxError:
            continue  # without area, or in what was added at the edge
        if min(box.width, box.height) >= LEAST_SIDE:
            yield ScoredBox(box, min(1.0, max(0.0, float(score))), label)


def _on_cpu(value: Any) -> Any:
    """The tensors in ``value``, an output of a model, on the CPU."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, Mapping):
        return type(value)(**{name: _on_cpu(one) for name, one in value.items()})
    if isinstance(value, (tuple, list)):
        return type(value)(_on_cpu(one) for one in value)
    return value
