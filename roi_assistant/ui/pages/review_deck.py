"""The state of the review queue, without Qt: its items, the place in it, decisions and their pace.

Items stay in the deck after they were decided, so that one can go back to them; further ones are added page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Region

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import QueueItem

AHEAD: Final = 20
"""So many undecided items ahead at least; with fewer the next page is asked for."""
PACE_SECONDS: Final = 300.0
"""The pace is that of the last five minutes,"""
PAUSE_SECONDS: Final = 60.0
"""in which a longer pause between two decisions counts as this much."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was done to an item: enough to take it back."""

    place: int
    image: str
    region_id: str
    before: Region
    label: str
    at: float
    counts: bool


class ReviewDeck:
    """Items in order, a place among them, and the decisions of this session, newest last."""

    def __init__(self) -> None:
        self.items: list[QueueItem] = []
        self.place = 0
        self.is_complete = False
        self.decisions: list[Decision] = []
        self._times: list[float] = []
        self.done = 0

    def clear(self) -> None:
        """Begin a queue anew. How many were done stays; they cannot be taken back from here any more."""
        self.items, self.place, self.is_complete = [], 0, False
        self.decisions = []

    def add(self, items: Sequence[QueueItem], *, limit: int) -> None:
        """A further page, which was asked for with ``limit`` items."""
        queued = {(item.image, item.region.id) for item in self.items}
        self.items += [item for item in items if (item.image, item.region.id) not in queued]
        self.is_complete = len(items) < limit

    @property
    def current(self) -> QueueItem | None:
        """The item that is shown; None behind the last one."""
        return self.items[self.place] if self.place < len(self.items) else None

    @property
    def wants_more(self) -> bool:
        """Whether the next page should be fetched."""
        return not self.is_complete and len(self.items) - self.place < AHEAD

    def upcoming(self, count: int) -> list[QueueItem]:
        """The items that will probably be shown next."""
        return self.items[self.place + 1 : self.place + 1 + count]

    def step(self, step: int) -> bool:
        """Go on or back; False at the ends. One place behind the last item is the end of the queue."""
        place = min(max(self.place + step, 0), len(self.items))
        moved = place != self.place
        self.place = place
        return moved

    def decide(self, after: Region, *, label: str, at: float) -> Decision | None:
        """The current item is now ``after``. What leaves ``suggested`` counts as done."""
        item = self.current
        if item is None:
            return None
        counts = item.region.state == "suggested" and after.state != "suggested"
        decision = Decision(self.place, item.image, item.region.id, item.region, label, at, counts)
        self.items[self.place] = replace(item, region=after)
        self.decisions.append(decision)
        if counts:
            self.done += 1
            self._times.append(at)
        return decision

    def take_back(self) -> Decision | None:
        """The newest decision taken back, and its item shown."""
        return self.withdraw(self.decisions[-1]) if self.decisions else None

    def withdraw(self, decision: Decision) -> Decision | None:
        """``decision`` taken back, also when it is not the newest: it could not be stored."""
        if decision not in self.decisions:
            return None
        self.decisions.remove(decision)
        item = self.items[decision.place]
        self.items[decision.place] = replace(item, region=decision.before)
        self.place = decision.place
        if decision.counts:
            self.done -= 1
            if decision.at in self._times:
                self._times.remove(decision.at)
        return decision

    def pace(self, now: float) -> float | None:
        """Decisions per minute lately; None before the third."""
        recent = [at for at in self._times if at >= now - PACE_SECONDS]
        if len(recent) < 3:
            return None
        gaps = [min(b - a, PAUSE_SECONDS) for a, b in pairwise(recent)]
        seconds = sum(gaps)
        return 60.0 * len(gaps) / seconds if seconds > 0 else None


def change_stored(
    project: Project, image: str, expected: Region, label: str, act: Callable[[Region], Region]
) -> Region | None:
    """Apply ``act`` to a region of an image that is not in sight, as one edit; the region after it.

    None, and nothing is changed, when the region is gone or is not as ``expected`` any more.
    """
    region = next((region for region in project.regions(image) if region.id == expected.id), None)
    if region != expected:
        return None
    after = act(region)
    if after != region:
        project.apply(Edit(label, image, (RegionChange(image, region, after),)))
    return after
