"""What a reader of annotation files leaves out, and what of its entries no record holds: all readers count it here."""

from __future__ import annotations

from collections import Counter

from roi_assistant.core.record_json import Foreign, shown
from roi_assistant.core.unread_fields import unread_fields
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.export_report import Loss, LossKind
from roi_assistant.sentences import Sentence

NOT_KEPT = Sentence("projects have no place for it")
_What = tuple[str, LossKind, Sentence]


class ReadingCounter:
    """Counts for one file. With ``strict``, the first entry that would be left out is an error instead."""

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self._lost: Counter[_What] = Counter()
        self._lost_examples: dict[_What, str] = {}
        self._left_out: Counter[tuple[Sentence, str]] = Counter()
        self._examples: dict[tuple[Sentence, str], FormatError] = {}
        self._file = ""

    def leave_out(self, what: Sentence, placed: FormatError, *, file: object, error: BoxError | FormatError) -> None:
        """One entry is left out. ``what`` is a sentence with the places ``file``, ``count`` and
        ``problem``; ``placed`` is ``error`` with the place of the entry.

        Raises:
            FormatError: ``placed``, if strict.
        """
        if self.strict:
            raise placed from error
        self._file = str(file)
        key = what, _innermost(error.sentence).template
        self._left_out[key] += 1
        self._examples.setdefault(key, placed)

    def lose(
        self, field: str, where: str, value: object, reason: Sentence = NOT_KEPT, *, kind: LossKind = "dropped"
    ) -> None:
        """One ``value`` of ``field``, at the place ``where``, is dropped or altered."""
        what = field, kind, reason
        self._lost[what] += 1
        if self._lost[what] == 1:
            self._lost_examples[what] = f"{where}: {shown(value)}"

    def lose_unread(self, kind: type[Foreign], entry: object, where: str, *, prefix: str = "") -> None:
        """All that the object ``entry`` says and that its record, a ``kind``, does not read."""
        for field, value in unread_fields(kind, entry):
            self.lose(prefix + field, where, value)

    def left_out(self) -> tuple[Sentence, ...]:
        """A sentence for each kind of problem, with its first example."""
        return tuple(
            Sentence.of(what.template, file=self._file, count=count, problem=self._examples[what, problem])
            for (what, problem), count in self._left_out.items()
        )

    def losses(self) -> tuple[Loss, ...]:
        """What was lost, in the order in which it was first met."""
        return tuple(Loss(*what, count, self._lost_examples[what]) for what, count in self._lost.items())


def _innermost(sentence: Sentence) -> Sentence:
    """The problem without its place."""
    inner = dict(sentence.values).get("problem")
    return _innermost(inner) if isinstance(inner, Sentence) else sentence
