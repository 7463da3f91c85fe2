"""Suggestions to replace a region's caption: the model's alternatives, and captions of similar regions before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roi_assistant.core import review
from roi_assistant.core.caption_category import CategoryOfNoun, no_earlier
from roi_assistant.core.records import Caption, Region
from roi_assistant.errors import BadInputError

_EARLIER = 2
"""Earlier captions that are offered at a time."""


@dataclass(frozen=True, slots=True)
class Offers:
    """In the order of the digits that take them: ``alternatives``, then ``earlier`` captions from other regions."""

    alternatives: tuple[Caption, ...] = ()
    earlier: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.alternatives) + len(self.earlier)


def offers(region: Region, *, earlier: Sequence[str] = ()) -> Offers:
    """Alternatives of ``region`` and below them the first of ``earlier`` that it does not have itself.

    Earlier captions, which come later, change no digit of an alternative.
    """
    own = review.alternatives(region)
    known = {caption.text.casefold() for caption in region.captions}
    unknown = tuple(text for text in dict.fromkeys(earlier) if text.casefold() not in known)[:_EARLIER]
    return Offers(own, unknown)


def take_offer(region: Region, offered: Offers, index: int, *, at: str, earlier: CategoryOfNoun = no_earlier) -> Region:
    """``region`` with the caption ``index``, counted from 0, of ``offered``: an alternative is chosen, an earlier
    caption is written as if a person had typed it.

    Raises:
        BadInputError: there are fewer.
    """
    if not 0 <= index < len(offered):
        raise BadInputError(
            "There is no alternative {number}: the region has {count}.", number=index + 1, count=len(offered)
        )
    place = index - len(offered.alternatives)
    if place >= 0:
        return review.edit_caption(region, offered.earlier[place], at=at, earlier=earlier)
    place = review.alternatives(region).index(offered.alternatives[index])
    return review.choose_alternative(region, place, at=at, earlier=earlier)
