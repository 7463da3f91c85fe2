"""One training conversation: boxes of a photo and turns that refer to them.

Boxes are in 0..1 of the photo, ``xyxy``; ``unit_box`` is the one place where pixels become that. The k-th ``<bbox>``
of all turns stands for the k-th box; what is learned are the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.core.references import BOX_TOKEN
from roi_assistant.errors import FormatError

IMAGE_TOKEN = "<image>"
SEPARATOR = "###"
UnitBox = tuple[float, float, float, float]

_RESERVED = re.compile(
    r"<(/?\s*(?:bbox|image|point|im_patch|im_start|im_end|s|unk|pad|region ?[0-9]*|[0-9]*))>|#{3,}", re.I
)


@dataclass(frozen=True, slots=True)
class RegionSample:
    """A conversation about ``boxes`` of one photo, questions and answers in turn.

    ``image`` is the photo's path below the data set's folder of photos, ``width`` and ``height`` are those of the
    annotations (a stored copy may have another size). ``<image>`` stands once, in the first question; each box has one
    ``<bbox>``, always in a question.

    Raises:
        FormatError: one of this does not hold.
    """

    dataset: str
    id: str
    image: str
    width: int
    height: int
    boxes: tuple[UnitBox, ...]
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        roles = ["user", "assistant"] * (len(self.turns) // 2)
        questions = [turn.text for turn in self.turns if turn.role == "user"]
        answers = [turn.text for turn in self.turns if turn.role == "assistant"]
        problem = ""
        if not self.turns or [turn.role for turn in self.turns] != roles:
            problem = "questions and answers do not take turns"
        elif not all(text.strip() for text in answers):
            problem = "an answer is empty"
        elif sum(text.count(BOX_TOKEN) for text in questions) != len(self.boxes):
            problem = f"it has {len(self.boxes)} boxes but not as many {BOX_TOKEN}"
        elif [text.count(IMAGE_TOKEN) for text in questions] != [1, *[0] * (len(questions) - 1)]:
            problem = f"{IMAGE_TOKEN} must stand once, in the first question"
        elif any(token in text for text in answers for token in (BOX_TOKEN, IMAGE_TOKEN, SEPARATOR)):
            problem = "an answer contains a token of the model"
        elif not all(0.0 <= x1 < x2 <= 1.0 and 0.0 <= y1 < y2 <= 1.0 for x1, y1, x2, y2 in self.boxes):
            problem = "a box does not lie in 0..1"
        if problem:
            raise FormatError(f"{self.dataset}, sample {self.id}: {problem}.")

    def pixel_boxes(self, *, width: int, height: int) -> list[Box]:
        """The boxes in pixels of a picture of ``width`` x ``height``."""
        return [Box(x1 * width, y1 * height, x2 * width, y2 * height) for x1, y1, x2, y2 in self.boxes]


def unit_box(box: Box, *, width: int, height: int) -> UnitBox:
    """``box`` in pixels of a photo of ``width`` x ``height`` -> ``xyxy`` in 0..1; what lies outside is cut off.

    (100, 50, 300, 200) of 400 x 200 -> (0.25, 0.25, 0.75, 1.0).
    """
    x1, x2 = (min(max(x / width, 0.0), 1.0) for x in (box.x1, box.x2))
    y1, y2 = (min(max(y / height, 0.0), 1.0) for y in (box.y1, box.y2))
    return (x1, y1, x2, y2)


def plain_text(text: str) -> str:
    """A data set's text on one line, without what the model would take for its own tokens or for the end of a turn."""
    while _RESERVED.search(text):  # again, since taking one away can put another together: "<<bbox>>"
        text = _RESERVED.sub(lambda match: match[1] or "", text)
    return " ".join(text.split())


def plain_lines(text: str) -> str:
    """As :func:`plain_text`, with its line breaks."""
    return "\n".join(map(plain_text, text.strip().splitlines())).strip()


def conversation(*pairs: tuple[str, str]) -> tuple[Turn, ...]:
    """Turns from (question, answer)."""
    return tuple(turn for ask, reply in pairs for turn in (Turn("user", ask), Turn("assistant", reply)))


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a conversation's text; ``learned`` pieces are in the loss."""

    text: str
    learned: bool


def segments(
    turns: Sequence[Turn], *, system: str, human: str = "Human: ", assistant: str = "Assistant: "
) -> Iterator[Segment]:
    """The conversation as it is trained on; the texts put together are ``system``, an empty line and turns
    ``### Human: ...`` and ``### Assistant: ...`` on lines of their own, up to the ``###`` that ends the last answer.

    Learned is what the model itself has to write after ``### ``: ``Assistant: ``, the answer, and the ``###`` by which
    it stops.
    """
    before = f"{system}\n\n{SEPARATOR}"
    for turn in turns:
        if turn.role == "user":
            before += f" {human}{turn.text}\n{SEPARATOR} "
        else:
            yield Segment(before, False)
            yield Segment(f"{assistant}{turn.text}\n{SEPARATOR}", True)
            before = ""
