"""Region references in an instruction: ``what is <region1> doing to <region2>?``

GPT4RoI (arXiv 2307.03601) writes the first mention of a region as ``region1 <bbox>`` and puts the features of that
region in the place of ``<bbox>``; a region that was introduced before is plain ``region1``. Numbers are 1-based:
``<region1>`` is ``boxes[0]``. Short forms: ``<1>``, and ``<>`` where there is only one box.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from roi_assistant.errors import RegionReferenceError
from roi_assistant.sentences import Sentence

BOX_TOKEN = "<bbox>"
"""Stands in a prompt where the features of a region go."""

_REFERENCE = re.compile(r"<(?:(?:region[ _]?)?(?P<number>[0-9]+))?>", re.IGNORECASE)
_SPOKEN = re.compile(r"(?<![<\w])region[ _]?(?P<number>[0-9]{1,4})\b(?!>)", re.IGNORECASE)
"""Models also write ``region1`` without the brackets."""
_TURN_END = "###"
_MARKERS = re.compile(r"</?s>|<(?:unk|pad|bbox|image|point|im_patch|im_start|im_end|q|a)?>|^\s*Assistant:|\ufffd")
_BEGUN_MARKER = re.compile(r"(?:<[^<>\s]{0,12}|#{1,2}|\bregion[ _]?[0-9]*)$", re.IGNORECASE)
_RESERVED = re.compile(r"<(?:bbox|image|point|im_patch|im_start|im_end)>")


def find_references(text: str) -> list[int]:
    """The regions that ``text`` refers to: 1-based numbers, each once, in order of first mention.

    The k-th number is therefore the box whose features belong at the k-th ``<bbox>`` of
    ``rewrite_references(text, ...)``.
    """
    return list(dict.fromkeys(_number(match) for match in _REFERENCE.finditer(text)))


def named_references(text: str) -> str:
    """Every form of a reference in ``text`` as ``<regionN>``: ``<1>`` and ``<>`` become ``<region1>``."""
    return _REFERENCE.sub(lambda match: f"<region{_number(match)}>", text)


def clean_answer(text: str, *, finished: bool = True) -> str:
    """What a model answered, without what only its prompt is made of: special tokens, and ``###`` with all behind it.

    Regions are named ``<region1>``, also where the model left the brackets out. Unless ``finished``, what may become a
    marker is held back at the end.
    """
    text = text.partition(_TURN_END)[0]
    text = _REFERENCE.sub(lambda match: f"<region{_number(match)}>" if match["number"] else "", text)
    text = _MARKERS.sub("", text)
    if not finished:
        text = _BEGUN_MARKER.sub("", text)
    text = _SPOKEN.sub(lambda match: f"<region{_number(match)}>", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def rewrite_references(text: str, n_boxes: int, *, introduced: Collection[int] = ()) -> str:
    """``what is <region1> doing?`` -> ``what is region1 <bbox> doing?``

    Args:
        text: one instruction.
        n_boxes: how many boxes the conversation has.
        introduced: numbers that earlier turns of the conversation introduced; they are written without ``<bbox>``, as
            is a repeated mention within ``text``.

    Raises:
        RegionReferenceError: ``text`` refers to a box that does not exist, uses ``<>`` although there are several, or
            contains a token such as ``<bbox>`` itself.
    """
    reserved = _RESERVED.search(text)
    if reserved:
        raise RegionReferenceError("{token} is reserved for the model: refer to a box by <region1>.", token=reserved[0])
    known = set(introduced)

    def written(match: re.Match[str]) -> str:
        number = _number(match)
        if match["number"] is None and n_boxes > 1:
            raise RegionReferenceError(
                "<> is ambiguous with {n_boxes} boxes: write <region1> to <region{n_boxes}>.", n_boxes=n_boxes
            )
        if not 1 <= number <= n_boxes:
            raise RegionReferenceError(
                "{reference} refers to a box that does not exist: {choices}.",
                reference=match[0],
                choices=_choices(n_boxes),
            )
        if number in known:
            return f"region{number}"
        known.add(number)
        return f"region{number} {BOX_TOKEN}"

    return _REFERENCE.sub(written, text)


def _number(match: re.Match[str]) -> int:
    digits = match["number"]
    if digits is None:
        return 1
    return int(digits) if len(digits) < 10 else 10**9  # int() refuses thousands of digits, and no box has that number


def _choices(n_boxes: int) -> Sentence:
    if n_boxes == 0:
        return Sentence("there are no boxes")
    if n_boxes == 1:
        return Sentence("there is one box, <region1>")
    return Sentence.of("there are {n_boxes} boxes, <region1> to <region{n_boxes}>", n_boxes=n_boxes)
