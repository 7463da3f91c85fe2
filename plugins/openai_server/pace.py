"""How many questions a server gets at once: one at first, more while answers come as fast, then fewer."""

from __future__ import annotations

import random
from dataclasses import dataclass

MOST_AT_ONCE = 32
LONGEST_PAUSE = 60.0
"""Seconds: a server that asks for more is given so much, and is then asked again."""
_QUICK = 1.0
"""Seconds. An answer that comes so soon shows a server that has room, and asking it too much costs little."""
_LEAP = 8
_HOLDS, _SLOWS = 1.4, 2.0
"""Answers take so many times as long as at the best: more may be asked at once; fewer should be."""


@dataclass(slots=True)
class Pace:
    """``allowed`` questions at once. ``slots``: as many as the server says that it works on, None where it does not.
    ``patience`` is how many seconds a question may wait: no more are sent than a server that answers one after the
    other would answer in a quarter of it."""

    patience: float
    slots: int | None = None
    allowed: int = 1
    paused_until: float = 0.0
    _best: float = 0.0
    _sum: float = 0.0
    _count: int = 0
    _was_refused: bool = False
    _changed_at: float = 0.0

    def answered(self, seconds: float, *, started_at: float, now: float) -> None:
        """An answer came ``seconds`` after its question was sent, at ``started_at``; times are of one clock."""
        if started_at < self._changed_at:
            return  # it waited in the crowd of before
        self._sum += seconds
        self._count += 1
        # A small crowd need not be at its end before more are asked; of a large one, the first tell too little.
        if self._count < (self.allowed / 2 if self.allowed <= _LEAP else self.allowed):
            return
        mean = self._sum / self._count
        # One alone is the measure itself: the one before may have been a short answer.
        self._best = mean if self.allowed == 1 else min(self._best or mean, mean)
        if mean <= self._best * _HOLDS:
            if self._was_refused:
                wanted = self.allowed + 1  # it has said once what is too much
            else:
                wanted = self.allowed * (_LEAP if self.allowed == 1 and mean <= _QUICK else 2)
        elif mean > self._best * _SLOWS:
            # So many were really worked on at once; a few more keep it from waiting for us.
            wanted = round(self.allowed * self._best / mean * 1.25)
        else:
            wanted = self.allowed
        self._set(wanted, now)

    def refused(self, *, retry_after: float | None, tries: int, started_at: float, now: float) -> float:
        """The server had no room for a question, for the ``tries``-th time. Returns how many seconds to wait."""
        if started_at >= self._changed_at:  # of several at once, one refusal counts
            self._was_refused = True
            self._set(self.allowed // 2, now)
        pause = retry_after if retry_after is not None else min(8.0, 0.25 * 2**tries) * random.uniform(0.5, 1.0)
        pause = min(LONGEST_PAUSE, pause)
        if retry_after is not None:
            self.paused_until = max(self.paused_until, now + pause)
        return pause

    def _set(self, wanted: int, now: float) -> None:
        most = min(MOST_AT_ONCE, self.slots or MOST_AT_ONCE)
        if self._best:
            most = min(most, int(self.patience / 4 / self._best))
        allowed = max(1, min(most, wanted))
        # A round that is counted begins with a change only: else what is under way would be counted for the next.
        if allowed != self.allowed:
            self._changed_at = now
        self.allowed = allowed
        self._sum, self._count = 0.0, 0
