"""Which waiting regions teach a project most: those that many doubtful ones look like, and no lesson does.

Each waiting region is worth the doubt about it, as far as something that was taught looks like it. The next region to
decide about is the one that adds most to the sum over all of them (greedy facility location). So the ten first are not
ten copies of one cup, and one that looks like nothing else comes late.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roi_assistant.memory.evidence import UNLIKE


def teaches_most(
    waiting: NDArray[np.float32], doubts: NDArray[np.float32], lessons: NDArray[np.float32], *, count: int
) -> list[int]:
    """The rows of ``waiting`` that teach most, the best first.

    Takes time and memory with the square of the waiting regions: 2,000 of them and 30 rows take a part of a second.

    Args:
        waiting: How the waiting regions look, of length 1 [regions, dimensions].
        doubts: How likely it is that what is suggested is wrong, 0..1 [regions].
        lessons: How the regions look that were decided about [lessons, dimensions]; there may be none.
        count: Rows that are wanted; fewer come back where fewer wait.
    """
    alike = _told(waiting @ waiting.T)
    known = _told(waiting @ lessons.T).max(axis=1) if len(lessons) else np.zeros(len(waiting), np.float32)
    gains = np.maximum(alike - known, 0) @ doubts
    chosen: list[int] = []
    while len(chosen) < min(count, len(waiting)):
        best = int(gains.argmax())
        # What was chosen meanwhile can only have made it less: who is first with the gain of now is first of all.
        gains[best] = np.maximum(alike[best] - known, 0) @ doubts
        if int(gains.argmax()) == best:
            chosen.append(best)
            gains[best] = -np.inf
            known = np.maximum(known, alike[best])
    return chosen


def _told(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much a region tells about another, 0..1; nothing where they do not look alike."""
    return np.clip((cosines - UNLIKE) / (1 - UNLIKE), 0, 1)
