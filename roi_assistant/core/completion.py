"""What a person who types a caption probably means to write. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

LEAST = 2
"""Letters of a word before a name is proposed; a phrase is proposed from the first letter on."""
_LONGEST = 3
"""Words of a name ("baseball cap") that is proposed as a whole."""


def completion(text: str, *, phrases: Iterable[str], words: Collection[str], likely: Collection[str] = ()) -> str:
    """What would have to be typed after ``text``; "" when there is nothing to propose.

    ``phrases`` are whole captions and ``words`` names of things, both the likeliest first; ``likely`` are names that
    this thing may well have, proposed before others and from their first letter on. A phrase that begins with
    the whole text comes first; then a name that begins with the last words of it, word by word. A word that is finished
    (it is a name itself) is not made into another one: "cat" does not become "cattle".
    """
    typed = text.lstrip()
    length = len(typed)
    if length:
        for phrase in phrases:
            if len(phrase) > length and phrase[:length].casefold() == typed.casefold():
                return phrase[length:]
    parts = typed.casefold().split(" ")
    for count in range(min(_LONGEST, len(parts)), 0, -1):
        end = " ".join(parts[-count:])
        for names, least in ((likely, 1), (words, LEAST)):
            if (count > 1 or len(end) >= least) and end and end not in words:
                completed = next((word for word in names if len(word) > len(end) and word.startswith(end)), "")
                if completed:
                    return completed[len(end) :].partition(" ")[0]
    return ""
