"""Regions and conversations of the chat become questions and answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from roi_assistant.api import (
    NOTHING,
    AnnotatedImage,
    Attribute,
    Box,
    BoxError,
    Conversation,
    FormatError,
    LossCounter,
    Provenance,
    QuestionKind,
    Questions,
    Region,
    Sentence,
    clip_box,
    filled,
    is_sentence,
    named_references,
    only_caption,
    preferred_caption,
)

from .dialects import Dialect, Listed
from .marked_texts import MARKS, Mention, Turn, found, written

BETWEEN = ", "
"""Stands between the values of an attribute."""
CHAT = "chat"
UNSIGNED = Provenance("human", "")
"""Whose the answers of a file are: it does not say."""
_REFERENCE = re.compile(r"<region([0-9]+)>")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer. ``asked`` is what it asks for: ``caption``, ``category``, ``attribute: color``,
    ``grounding`` or ``chat``."""

    asked: str
    question: Turn
    answer: Turn


class Asker:
    """Asks about one image, whose size is known, in one dialect, and counts what cannot be said in it."""

    def __init__(self, image: AnnotatedImage, dialect: Dialect, questions: Questions, losses: LossCounter) -> None:
        assert image.width and image.height, "writers get images with their sizes"
        self._image, self._dialect, self._questions, self._losses = image, dialect, questions, losses
        self._size = (image.width, image.height)
        self._as_read: dict[Box, tuple[Sentence, Box]] = {}
        self.region_ids: set[str] = set()
        """The regions that stand in a question or an answer."""

    def about_chat(self) -> list[list[Pair]]:
        """The conversations of the chat. Asked for first: a region that they speak of needs no caption."""
        return [pairs for talk in self._image.conversations if (pairs := self._talk(talk))]

    def about_regions(self) -> tuple[list[Pair], list[Pair]]:
        """The questions about each region, in their order, and those where each is. These stand in a conversation of
        their own: in the first, the answers stood in the questions before."""
        asked: list[tuple[Region, str]] = []
        about, where = list[Pair](), list[Pair]()
        for region in self._image.regions:
            caption = self._caption(region)
            pairs = self._asked_of(region, caption, number=len(asked) + 1) if caption is not None else None
            if caption is not None and pairs is not None:
                asked.append((region, caption))
                about += pairs
        captions = Counter(caption for _, caption in asked)
        for number, (region, caption) in enumerate(asked, start=1):
            if captions[caption] == 1:  # else there is no telling which of them is meant
                where += self._where(region, caption, number=number)
        self.region_ids.update(region.id for region, _ in asked)
        return about, where

    # -------------------------------------------------------------------------------------------------------- regions

    def _caption(self, region: Region) -> str | None:
        """The caption of a region that can be asked about. What is left out is counted."""
        where, losses = self._image.place_of(region), self._losses
        problem, _ = self.as_read(region.box)
        if problem:
            losses.add("region", "dropped", problem.template, example=f"{where}: {region.box}")
            return None
        said = preferred_caption(region)
        if region.id in self.region_ids and not (said and said.text.strip()):
            self._count_unasked(region)
            return None
        caption = only_caption(replace(region, attributes=()), losses, where=where)
        if caption is None:
            return None
        if not self._is_plain(caption.text):
            field = "caption" if region.id in self.region_ids else "region"
            losses.add(field, "dropped", "its caption holds a word that stands for a box or photo", example=where)
            return None
        return caption.text

    def _count_unasked(self, region: Region) -> None:
        """Count what is known of a region that stands in the chat only, for want of a caption."""
        where, losses = self._image.place_of(region), self._losses
        told = [("attributes", f"{a.name} {BETWEEN.join(a.values)}") for a in region.attributes]
        told += [("category", region.category)] if region.category is not None else []
        for name, value in told:
            losses.add(name, "dropped", "its region has no caption", example=f"{where}: {value}")

    def _asked_of(self, region: Region, caption: str, *, number: int) -> list[Pair] | None:
        where, mention, losses = self._image.place_of(region), Mention(number, region.box), self._losses
        pairs: list[Pair] = []
        is_sentence_asked = is_sentence(caption) and self._questions.sentence
        if question := self._question("sentence" if is_sentence_asked else "caption", where, mention):
            pairs.append(Pair("caption", question, [caption]))
        else:
            losses.add("caption", "dropped", "it is not asked for", example=f"{where}: {caption}")
        if region.category is not None:
            question = self._question("category", where, mention)
            if question and region.category.strip() and self._is_plain(region.category):
                pairs.append(Pair("category", question, [region.category]))
            else:
                losses.add("category", "dropped", "no question has it", example=f"{where}: {region.category}")
        names = Counter(attribute.name for attribute in region.attributes)
        for attribute in region.attributes:
            told = f"{where}: {attribute.name} {BETWEEN.join(attribute.values)}"
            question = self._question("attribute", f"{where} {attribute.name}", mention, attribute=attribute.name)
            if question and names[attribute.name] == 1 and self._is_readable(attribute):
                pairs.append(Pair(f"attribute: {attribute.name}", question, [BETWEEN.join(attribute.values)]))
                if attribute != Attribute(attribute.name, attribute.values, UNSIGNED):
                    losses.add("attributes", "altered", "an answer does not say whose it is", example=told)
            else:
                losses.add("attributes", "dropped", "no question has it", example=told)
        if not pairs and not self._questions.grounding:
            losses.add("region", "dropped", "nothing is asked about it", example=where)
            return None
        _, box = self.as_read(region.box)
        if box != region.box:
            losses.add("box", "altered", "its coordinates are rounded", example=f"{where}: {region.box}")
        return pairs

    def _where(self, region: Region, caption: str, *, number: int) -> list[Pair]:
        """The question where it is; none if its answer would be read as something else."""
        question = self._questions.draw("grounding", self._image.place_of(region))
        answer = [Mention(number, region.box, caption)]
        if question is None or not self._dialect.answers_boxes or len(self._boxes_in(answer)) != 1:
            return []
        pieces = filled(question, phrase=caption.strip().rstrip(".!?。！？"))
        return [Pair("grounding", ["".join(pieces)], answer)]

    def _question(
        self, kind: QuestionKind, where: str, mention: Mention, *, attribute: str = ""
    ) -> list[str | Mention] | None:
        question = self._questions.draw(kind, where)
        if question is None:
            return None
        first, *rest = filled(question, attribute=attribute)
        parts: list[str | Mention] = [first]
        for piece in rest:
            parts += [mention, piece]
        return parts

    def _is_readable(self, attribute: Attribute) -> bool:
        """Whether the reader makes of the answer what it was."""
        text = BETWEEN.join(attribute.values)
        if not (attribute.name.strip() and text.strip() and tuple(split_values(text)) == attribute.values):
            return False
        return self._is_plain(attribute.name) and self._is_plain(text)

    # ----------------------------------------------------------------------------------------------------------- chat

    def _talk(self, talk: Conversation) -> list[Pair]:
        """The questions of a conversation, with their answers; none, and counted, if it cannot be told."""
        losses = self._losses
        boxes = {region.id: region.box for region in self._image.regions}
        turns = talk.turns[: len(talk.turns) // 2 * 2]
        told = f"{self._image.file_name}: {talk.turns[0].text if talk.turns else ''}"
        if not turns or any(turn.role != ("user", "assistant")[n % 2] for n, turn in enumerate(turns)):
            losses.add("conversation", "dropped", "a question has no answer", example=told)
            return []
        written_turns, ids = [], set()
        for turn in turns:
            parts: list[str | Mention] = []
            for n, piece in enumerate(_REFERENCE.split(named_references(turn.text))):
                if n % 2:
                    number = int(piece) if len(piece) < 7 else 0
                    id_ = talk.region_ids[number - 1] if 1 <= number <= len(talk.region_ids) else None
                    if id_ not in boxes or self.as_read(boxes[id_])[0]:
                        losses.add("conversation", "dropped", "it speaks of a region that is not written", example=told)
                        return []
                    ids.add(id_)
                    parts.append(Mention(number, boxes[id_]))
                elif not self._is_plain(piece):
                    losses.add(
                        "conversation", "dropped", "it holds a word that stands for a box or photo", example=told
                    )
                    return []
                else:
                    parts.append(piece)
            written_turns.append(parts)
        if len(turns) < len(talk.turns):
            losses.add("conversation", "altered", "its last question has no answer", example=told)
        self.region_ids |= ids
        return [Pair(CHAT, *written_turns[n : n + 2]) for n in range(0, len(turns), 2)]

    # ------------------------------------------------------------------------------------------------------ read again

    def as_read(self, box: Box) -> tuple[Sentence, Box]:
        """Why ``box`` cannot be written, `NOTHING` where it can, and what a reader makes of it."""
        if box not in self._as_read:
            self._as_read[box] = self._write_and_read(box)
        return self._as_read[box]

    def _write_and_read(self, box: Box) -> tuple[Sentence, Box]:
        try:
            if not isinstance(self._dialect.boxes, Listed):
                box = clip_box(box, width=self._size[0], height=self._size[1])
            boxes = self._boxes_in([Mention(1, box)])
        except BoxError:
            return Sentence("it lies outside its photo"), box
        except (ValueError, FormatError):
            return Sentence("the processor refuses photos of its shape"), box
        if len(boxes) != 1 or boxes[0] is None:
            return Sentence("it has no area in these coordinates"), box
        return NOTHING, boxes[0]

    def _boxes_in(self, turn: Turn) -> list[Box | None]:
        texts, beside = written([turn], self._dialect, size=self._size)
        return [one.box for one in found(texts, beside, self._dialect, size=self._size)[0]]

    def _is_plain(self, text: str) -> bool:
        """Whether no trainer and no reader takes a part of ``text`` for a box or photo."""
        return not MARKS.search(text) and not self._boxes_in([text])


def split_values(answer: str) -> Sequence[str]:
    """The values of an attribute in the answer about it."""
    return answer.split(BETWEEN)
