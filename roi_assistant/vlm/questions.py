"""Questions and answers about regions that become training data, as text that a person may choose and change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, get_args

from roi_assistant.core.record_json import decode
from roi_assistant.errors import FormatError

REGION, PHRASE, ATTRIBUTE = "{region}", "{phrase}", "{attribute}"
"""What stands for the box, the caption and the name of an attribute in a question."""
QuestionKind = Literal["caption", "sentence", "category", "attribute", "grounding"]
_NEEDED: dict[QuestionKind, tuple[str, ...]] = {
    "caption": (REGION,),
    "sentence": (REGION,),
    "category": (REGION,),
    "attribute": (REGION, ATTRIBUTE),
    "grounding": (PHRASE,),
}
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of each kind; one of them is drawn for each region. A kind without questions is not asked.

    ``caption`` and ``sentence`` ask for the caption, the second where it is a sentence; ``grounding`` gives the caption
    and asks for the box. The same ``seed`` draws the same questions, whatever else is in the project.
    """

    caption: tuple[str, ...] = (
        "Describe the region {region} in a short phrase.",
        "What is in {region}? Answer in a few words.",
        "Give a short caption of the region {region}.",
    )
    sentence: tuple[str, ...] = (
        "Describe the region {region} in one sentence.",
        "Tell in a sentence what can be seen in {region}.",
    )
    category: tuple[str, ...] = ("What kind of object is in {region}? Answer with its name.",)
    attribute: tuple[str, ...] = ("What is the {attribute} of the object in {region}?",)
    grounding: tuple[str, ...] = ("Where is {phrase}? Answer with its box.",)
    seed: int = 0

    def draw(self, kind: QuestionKind, about: str) -> str | None:
        """The question of this kind about the region that ``about`` names; None where none is to be asked."""
        texts: tuple[str, ...] = getattr(self, kind)
        if len(texts) < 2:
            return texts[0] if texts else None
        # A generator of random numbers takes longer to seed than the whole record to write.
        drawn = blake2b(ascii((self.seed, kind, about)).encode(), digest_size=8).digest()
        return texts[int.from_bytes(drawn) % len(texts)]


def is_sentence(caption: str) -> bool:
    """Whether ``caption`` ends as a sentence does."""
    return caption.rstrip().endswith((".", "!", "?", "。", "！", "？"))


def read_questions(path: Path) -> Questions:
    """The questions in a JSON file: an object with some of the fields of `Questions`; ``[]`` leaves out a kind.

    Raises:
        FormatError: it cannot be read, holds something else, or a question lacks the place of what it is about.
    """
    from roi_assistant.formats.json_files import read_json

    questions = decode(Questions, read_json(path), name=str(path))
    for kind in get_args(QuestionKind):
        for text in getattr(questions, kind):
            for mark in _NEEDED[kind]:
                if mark not in text or len(text) > _LONGEST:
                    raise FormatError(
                        "{path}: a question of the kind {kind} does not hold {mark}, or has more than {most} letters.",
                        path=path,
                        kind=kind,
                        mark=mark,
                        most=_LONGEST,
                    )
    return questions


def filled(question: str, *, phrase: str = "", attribute: str = "") -> list[str]:
    """The pieces of ``question`` around its boxes, with what it is about."""
    # What was filled in is not filled again: a caption may hold the marks.
    fills = {ATTRIBUTE: attribute, PHRASE: phrase}
    return [re.sub(r"\{attribute\}|\{phrase\}", lambda mark: fills[mark[0]], piece) for piece in question.split(REGION)]
