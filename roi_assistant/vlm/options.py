"""Attributes with a list of values, decided by how likely a model finds each of them rather than by what it writes."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace

from roi_assistant.core.records import DescribeRequest, Prompts, RegionText, SuggestedAttribute
from roi_assistant.vlm.answers import Token
from roi_assistant.vlm.prompts import NOT_VISIBLE, asked_attributes, attribute_question, choices

MOST_OPTIONS = 20
"""Servers tell no more than so many probabilities of a token."""
LEAST_MASS = 0.5
"""What a model must give to all letters together. Below, it was about to write something else."""
UNTOLD = 1e-9
"""Probability, at the least, of a letter that is not told of."""
_LETTER = re.compile(r"\W*([A-Z])\W*")
_BLANK = re.compile(r"\W*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedQuestion:
    """A question about the attribute ``name`` that one of ``options`` answers; the last one is that nothing can be
    seen. ``is_boolean``: the first two are yes and no."""

    name: str
    text: str
    options: tuple[str, ...]
    is_boolean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsRead:
    """What a model thinks of the options of a question. ``probabilities`` are in their order and sum to 1. ``mass`` is
    what it gave to all of them together, before that: 1.0 where nothing else could be answered. ``is_forced``: it could
    not answer that nothing is seen."""

    probabilities: tuple[float, ...]
    mass: float = 1.0
    is_forced: bool = False


def closed_questions(request: DescribeRequest) -> tuple[ClosedQuestion, ...]:
    """The attributes of ``request`` that have one value of a list. Those with several values or free words, and longer
    lists than `MOST_OPTIONS`, are none."""
    prompts = request.prompts or Prompts()
    found = []
    for attribute in asked_attributes(request):
        options = (*choices(attribute), NOT_VISIBLE)
        if attribute.kind in ("single", "boolean") and 3 <= len(options) <= MOST_OPTIONS:
            asked = attribute_question(attribute, prompts) or f"{attribute.name}?"
            is_boolean = attribute.kind == "boolean"
            found.append(ClosedQuestion(name=attribute.name, text=asked, options=options, is_boolean=is_boolean))
    return tuple(found)


def lettered(question: str, options: Sequence[str]) -> str:
    """``question`` with ``options`` under the letters A, B, C and so on, to be answered by one of them."""
    listed = "\n".join(f"{letter}: {text}" for letter, text in zip(string.ascii_uppercase, options, strict=False))
    return f"{question}\n{listed}\nAnswer with the letter of the best one and nothing else."


def read_weights(weights: Sequence[float]) -> OptionsRead | None:
    """The read of options to which a model gave the probabilities ``weights``; None where all are 0."""
    mass = sum(weights)
    if not mass > 0.0:
        return None
    floored = [max(weight, UNTOLD) for weight in weights]
    return OptionsRead(probabilities=tuple(one / sum(floored) for one in floored), mass=min(1.0, mass))


def read_letters(places: Sequence[Sequence[Token]], count: int) -> OptionsRead | None:
    """How likely each of ``count`` letters is as the answer. ``places`` are, for each token of the answer, the one that
    was written and then the likeliest in its place. A letter may stand behind a blank or in marks; a small one is none,
    because ``a`` is a word. None where no letter is told of."""
    # Some models begin with a blank or a mark, and the letter follows. A word is an answer in other words.
    place = next((place for place in places if place and not _BLANK.fullmatch(place[0].text)), ())
    letters = string.ascii_uppercase[:count]
    weights = dict.fromkeys(letters, 0.0)
    for text, log in dict(place).items():  # the one that was written is often told twice
        letter = _LETTER.fullmatch(text)
        if letter and letter[1] in weights and not math.isnan(log):
            weights[letter[1]] += math.exp(min(0.0, log))
    return read_weights([weights[letter] for letter in letters])


def with_reads(
    text: RegionText, questions: Sequence[ClosedQuestion], reads: Sequence[OptionsRead | None], *, order: Sequence[str]
) -> RegionText:
    """``text`` with the likeliest option of each of ``questions`` and its probability in the place of what was written.

    A read with less than `LEAST_MASS` decides nothing, but makes what was written unsure. ``order`` names all
    attributes.
    """
    found = {attribute.name: attribute for attribute in text.attributes}
    for question, read in zip(questions, reads, strict=True):
        if read is None:
            continue
        written = found.get(question.name)
        if read.mass < LEAST_MASS:
            if written is not None:
                found[question.name] = replace(written, score=min(written.score, read.mass))
        elif written is not None or not read.is_forced:
            best = max(range(len(read.probabilities)), key=read.probabilities.__getitem__)
            if question.options[best] == NOT_VISIBLE:
                found.pop(question.name, None)
            else:
                chosen = SuggestedAttribute(question.name, (question.options[best],), read.probabilities[best])
                found[question.name] = chosen
    return replace(text, attributes=tuple(found[name] for name in order if name in found))
