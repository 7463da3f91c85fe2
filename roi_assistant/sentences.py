"""What the program tells a person, in a form that can still be told in another language.

Code that knows no window (readers of files, the project, the model's process) makes a `Sentence`: an English text with
named places, and what stands in them. ``str`` tells it in English, for the command line and the log; the window tells
it through its translator (``roi_assistant.ui.look.translation.translated``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from roi_assistant.core.text_bounds import LONGEST_TEXT, with_both_ends

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``template`` is an English text with places, ``{path} is empty: copy it again.``; ``values`` is what stands in
    them, each a text or another sentence. A place without a value stays as it is, and an empty sentence is false."""

    template: str = ""
    values: tuple[tuple[str, str | Sentence], ...] = ()

    @classmethod
    def of(cls, template: str, /, **values: object) -> Sentence:
        """A sentence about values of any kind. An error stands there with its own sentence, an `OSError` with nothing
        but its reason (``No space left on device``), as the sentence names the file."""
        return cls(template, tuple((name, _told(value)) for name, value in values.items()))

    def __str__(self) -> str:
        return self.translated(str)

    def __bool__(self) -> bool:
        return bool(self.template)

    def translated(self, translate: Callable[[str], str]) -> str:
        """The sentence with what ``translate`` makes of its template and of those of the sentences in it."""
        words = {
            name: value.translated(translate) if isinstance(value, Sentence) else value for name, value in self.values
        }
        return _PLACE.sub(lambda place: words.get(place[1], place[0]), translate(self.template))

    def to_text(self) -> str:
        """One text that can be stored or sent and that `from_text` reads."""
        return json.dumps(_to_json(self), ensure_ascii=False) if self.values else self.template

    @classmethod
    def from_text(cls, text: str) -> Sentence:
        """What `to_text` wrote; any other text becomes a sentence without values."""
        if text.startswith("["):
            try:
                return _from_json(json.loads(text))
            except (ValueError, RecursionError):
                pass
        return cls(text)


NOTHING = Sentence()


def _told(value: object) -> str | Sentence:
    if isinstance(value, OSError):
        return Sentence(value.strerror or str(value))
    told = getattr(value, "sentence", value)  # of a RoiAssistantError
    return told if isinstance(told, Sentence) else with_both_ends(str(told), LONGEST_TEXT)


def _to_json(sentence: Sentence) -> list[object]:
    values = {name: _to_json(value) if isinstance(value, Sentence) else value for name, value in sentence.values}
    return [sentence.template, values]


def _from_json(data: object) -> Sentence:
    match data:
        case [str(template), dict(values)]:
            told = tuple((name, v if isinstance(v, str) else _from_json(v)) for name, v in values.items())
            return Sentence(template, told)
    raise ValueError("not a sentence")
