"""How long texts and names may be, and how much of one is shown."""

from __future__ import annotations

LONGEST_TEXT = 10_000
"""Letters of a caption, a note, the value of an attribute or a question, at most: four pages. Longer ones are not taken
over by an import and cannot be typed; those that a project has stay, and are shown cut."""
LONGEST_NAME = 400
"""Letters of the name of a category or an attribute, at most."""
MOST_SHOWN = 1_000
"""Letters that are shown of a text that is read, not edited. Laying out a text of a megabyte takes a window minutes."""


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    """``text`` with at most ``most`` letters, the last one an ellipsis where it was cut: between words if there is a
    space near the end."""
    if len(text) <= most:
        return text
    begun = text[: most - 1]
    return f"{begun.rpartition(' ')[0] or begun}…"


def with_both_ends(text: str, most: int = MOST_SHOWN) -> str:
    """``text`` with at most ``most`` letters, the middle left out where it was cut: names mostly differ at their
    ends."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
