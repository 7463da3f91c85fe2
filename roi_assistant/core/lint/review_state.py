"""The rule about what was left behind in the review."""

from __future__ import annotations

from collections.abc import Iterator

from roi_assistant.core.lint.findings import MOST_EXAMPLES, Finding, LintImage
from roi_assistant.core.review import is_waiting
from roi_assistant.sentences import Sentence


def unreviewed_left(image: LintImage) -> Iterator[Finding]:
    """Suggestions on an image most of whose regions were decided: she thought that she was done with it."""
    waiting = [region.id for region in image.regions if is_waiting(region)]
    decided = sum(region.state in ("accepted", "edited") for region in image.regions)
    if waiting and decided >= len(waiting):
        yield Finding(
            rule="unreviewed-left",
            text=Sentence.of(
                "Of {all} regions {decided} are reviewed, {left} still wait.",
                all=len(image.regions),
                decided=decided,
                left=len(waiting),
            ),
            image=image.key,
            regions=tuple(waiting[:MOST_EXAMPLES]),
            subject=",".join(waiting[:MOST_EXAMPLES]),
        )
