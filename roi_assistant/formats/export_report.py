"""What an export could not keep. Every writer returns one of these."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from roi_assistant.sentences import Sentence

LossKind = Literal["dropped", "altered", "ignored by readers"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One field that an export drops or changes, or that readers of the format ignore.

    ``count`` says how often, ``example`` names one place and what was there.
    """

    field: str
    kind: LossKind
    reason: Sentence
    count: int
    example: str

    def __str__(self) -> str:
        return f"{self.field}: {self.kind} {_counted(self.count, 'time')}, {self.reason} ({self.example})"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many records were written and what was lost on the way, in the order in which it was first met."""

    images: int = 0
    regions: int = 0
    losses: tuple[Loss, ...] = ()

    @property
    def lossless(self) -> bool:
        """Whether all fields of all records were written."""
        return not self.losses

    def __str__(self) -> str:
        head = f"{_counted(self.images, 'image')}, {_counted(self.regions, 'region')} written"
        if self.lossless:
            return head + "; nothing was lost."
        return "\n".join([head + ".", *(f"  {loss}" for loss in self.losses)])


class LossCounter:
    """Collects losses while a writer runs; ``report`` freezes them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, LossKind, Sentence]] = Counter()
        self._examples: dict[tuple[str, LossKind, Sentence], str] = {}

    def add(self, field: str, kind: LossKind, reason: str, *, example: str, **values: object) -> None:
        """One more case. ``reason`` and ``values`` are a template and what stands in it, see `Sentence.of`."""
        key = (field, kind, Sentence.of(reason, **values))
        self._counts[key] += 1
        self._examples.setdefault(key, example)

    def report(self, *, images: int, regions: int) -> ExportReport:
        """The losses so far, beside the numbers of images and regions that were written."""
        losses = (Loss(*key, count, self._examples[key]) for key, count in self._counts.items())
        return ExportReport(images, regions, tuple(losses))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
