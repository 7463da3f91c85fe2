"""What is written in boxes: who asks for it, and how a description quotes it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from roi_assistant.core.records import AttributeSchema, DescribeRequest, RegionText

TEXT = "text"
"""The attribute that says what is written in a box."""
MOST_QUOTED = 80
"""Letters of a quotation; of a longer text the beginning is quoted."""
_QUOTATION = re.compile(r' ?It reads "[^"]*"\.$')


def fills_text(schema: AttributeSchema | None) -> bool:
    """Whether ``schema`` has an attribute for what is written in a box: called `TEXT`, of any text."""
    return schema is not None and any(item.name == TEXT and item.kind == "text" for item in schema.attributes)


def is_read(request: DescribeRequest) -> bool:
    """Whether ``request`` asks for what is written in the boxes.

    A schema that has the attribute for it is enough, or else a person's word, unless she calls something else so.
    """
    if request.read_text == "no":
        return False
    if fills_text(request.attributes):
        return True
    named = request.attributes is not None and any(item.name == TEXT for item in request.attributes.attributes)
    return request.read_text == "yes" and not named


def with_quotation(caption: str, text: str) -> str:
    """``caption`` with the sentence that the thing reads ``text``; unchanged where it says so already, or where there
    is no letter to quote."""
    words = " ".join(text.replace('"', "'").split())
    if not _letters(words) or _says(caption, words):
        return caption
    if len(words) > MOST_QUOTED:
        words = words[: MOST_QUOTED + 1].rpartition(" ")[0] or words[:MOST_QUOTED]
        words += " …"
    told = caption.rstrip()
    if told and told[-1] not in ".!?":
        told += "."
    return f'{told} It reads "{words}".'.lstrip()


def without_quotation(caption: str) -> str:
    """``caption`` without the sentence that `with_quotation` added: what is written on one thing says nothing about
    others that look alike."""
    rest = _QUOTATION.sub("", caption)
    if rest == caption:
        return caption
    is_phrase = rest[:1].islower() and not re.search(r"[.!?] ", rest)
    return rest.removesuffix(".") if is_phrase else rest


def quoted_again(text: RegionText) -> RegionText:
    """``text``, whose caption was put in other words, with the quotation that it had."""
    read = next((item.values[0] for item in text.attributes if item.name == TEXT and item.values), "")
    if not text.quotes:
        return text
    return replace(text, caption=replace(text.caption, text=with_quotation(text.caption.text, read)))


def unquoted(text: RegionText) -> RegionText:
    """``text`` with the quotation of its caption left out, until `quoted_again`."""
    if not text.quotes:
        return text
    return replace(text, caption=replace(text.caption, text=without_quotation(text.caption.text)))


def _says(caption: str, words: str) -> bool:
    return f" {_letters(words)} " in f" {_letters(caption)} "


def _letters(text: str) -> str:
    """``text`` as it is compared: words of letters and digits, whatever stands between them."""
    return " ".join(re.findall(r"\w+", text.casefold()))
