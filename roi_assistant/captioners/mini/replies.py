"""Answers to plain questions from what is known of a region, in few words; "I cannot tell" where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roi_assistant.captioners.mini.questions import PlainQuestion, Side, thing_of
from roi_assistant.core.box import Box
from roi_assistant.core.phrase_comparison import canonical_value
from roi_assistant.core.phrases import (
    basic_color,
    hypernym,
    is_animate,
    is_more_general,
    is_person,
    kind_of,
    parse_phrase,
    same_category,
    singular,
)
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, RegionText, ScoredText
from roi_assistant.imaging.colors import COLOR_NAMES

CANNOT_TELL = "I cannot tell"
ASKED = AttributeSchema(
    "questions",
    tuple(
        AttributeDefinition(name, "text")
        for name in ("color", "material", "pattern", "state", "action", "wearing", "count")
    ),
)
"""What is looked up of a region to answer questions about it."""

_LEAST = {"color": 0.3, "material": 0.4, "action": 0.35, "wearing": 0.25, "pattern": 0.5, "state": 0.5, "count": 0.3}
"""Scores from which an attribute is told when somebody asks for it."""
_YES_FROM, _NO_BELOW = 0.25, 0.012
"""Probability of a noun from which a thing is called so, and below which it is said not to be one."""
_SURELY_FROM, _MUCH_LESS = 0.6, 0.15
"""Score of the category from which it is no other thing that is so much less likely."""
_WHOLE_BODY = frozenset(
    ("robe", "dress", "gown", "coat", "suit", "uniform", "costume", "outfit", "clothes", "clothing")
)
_SURE_FROM = 0.25
"""Score of the category from which the model knows what it is, and so what it is not."""
_MALE = frozenset(("man", "boy", "guy", "gentleman", "father", "businessman", "male", "groom", "cowboy", "fisherman"))
_FEMALE = frozenset(("woman", "girl", "lady", "mother", "female", "bride", "ballerina", "cheerleader"))
_GENDERED = {"man": _MALE, "male": _MALE, "boy": _MALE, "woman": _FEMALE, "female": _FEMALE, "girl": _FEMALE}
_EDGE = 1 / 3
_NEAR = 0.6
"""Of the larger side of a region: what is beside it is no farther from it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A region: its box in pixels, what would be suggested about it with `ASKED`, and what the category head calls it
    (raw probabilities); ``vocabulary`` are all nouns that the head knows."""

    box: Box
    text: RegionText
    nouns: Sequence[ScoredText] = ()
    vocabulary: frozenset[str] = frozenset()

    @property
    def caption(self) -> str:
        """What it is, specifically."""
        return (self.text.specific or self.text.caption).text

    @property
    def category(self) -> str:
        """Its category, "" where the model has none."""
        alternatives = self.text.category_alternatives
        if self.text.specific is not None and alternatives:
            return alternatives[0].text
        return self.text.category.text if self.text.category else parse_phrase(self.caption).head

    def values(self, name: str) -> tuple[str, ...]:
        """The values of an attribute that are sure enough to be told."""
        found = next((a for a in self.text.attributes if a.name == name), None)
        return found.values if found is not None and found.score >= _LEAST[name] else ()


def reply_from_boxes(question: PlainQuestion, boxes: Sequence[Box], *, width: int, height: int) -> str | None:
    """The answer that the ``boxes`` of the conversation alone give, in a photo of ``width`` x ``height`` pixels."""
    box = boxes[question.region - 1]
    if question.kind == "where":
        return position(box, width=width, height=height)
    if question.side is not None:
        return "yes" if is_on_side(question.side, box, boxes[question.other - 1]) else "no"
    return None


def reply(question: PlainQuestion, known: Known, others: Sequence[Known] = ()) -> str:
    """The answer to ``question``, for which boxes are not enough, about ``known``; ``others`` are the other regions of
    the conversation."""
    kind = question.kind
    if kind == "what":
        return known.caption
    if kind == "category":
        return known.category or CANNOT_TELL
    if kind == "beside":
        return _beside(known, others)
    if kind == "part color":
        return _part_color(question.words[0], known)
    if kind == "count":
        return _count(known)
    if kind == "is":
        return _is(question.words[0], known)
    if kind == "choice":
        return _choice(question.words[0], question.words[1], known)
    if kind == "action" and not _lives(known):
        return CANNOT_TELL
    return " and ".join(known.values(kind)) or CANNOT_TELL


def is_on_side(side: Side, box: Box, other: Box) -> bool:
    """Whether ``box`` is on that side of ``other``, by their middles; in front is what reaches lower in the photo."""
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    other_x, other_y = (other.x1 + other.x2) / 2, (other.y1 + other.y2) / 2
    return {
        "left": x < other_x,
        "right": x > other_x,
        "above": y < other_y,
        "below": y > other_y,
        "in front": box.y2 > other.y2,
        "behind": box.y2 < other.y2,
    }[side]


def position(box: Box, *, width: int, height: int) -> str:
    """Where ``box`` is in a photo of ``width`` x ``height`` pixels: "in the upper left", "in the middle"."""
    x, y = (box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height
    across = "left" if x < _EDGE else "right" if x > 1 - _EDGE else ""
    down = "top" if y < _EDGE else "bottom" if y > 1 - _EDGE else ""
    if across and down:
        return f"in the {'upper' if down == 'top' else 'lower'} {across}"
    if across:
        return f"on the {across}"
    return f"at the {down}" if down else "in the middle"


def _lives(known: Known) -> bool:
    return is_animate(known.category) or is_animate(parse_phrase(known.caption).head)


def _beside(known: Known, others: Sequence[Known]) -> str:
    near = sorted((gap, other.caption) for other in others if (gap := _gap(known.box, other.box)) is not None)
    return " and ".join(dict.fromkeys(caption for _, caption in near[:2])) or CANNOT_TELL


def _gap(box: Box, other: Box) -> float | None:
    """Pixels between two boxes; None when they are not near each other."""
    across = max(other.x1 - box.x2, box.x1 - other.x2, 0.0)
    down = max(other.y1 - box.y2, box.y1 - other.y2, 0.0)
    gap = (across**2 + down**2) ** 0.5
    return gap if gap <= _NEAR * max(box.width, box.height) else None


def _part_color(part: str, known: Known) -> str:
    thing = thing_of(part)
    if any(_is_named(thing, name) for name in (known.category, parse_phrase(known.caption).head)):
        return " and ".join(known.values("color")) or CANNOT_TELL
    worn = [parse_phrase(garment) for garment in known.values("wearing")]
    for facts in worn:
        if same_category(facts.head, thing) or singular(facts.head) == thing:
            return " and ".join(facts.attributes.get("color", ())) or CANNOT_TELL
    if thing in _WHOLE_BODY:  # most of what is seen of a person, whatever its name
        return " and ".join(known.values("color")) or CANNOT_TELL
    return CANNOT_TELL


def _is_named(thing: str, name: str) -> bool:
    """Whether "the sign" means a stop sign."""
    return same_category(thing, name) or is_more_general(thing, name) or name.split()[-1:] == [thing]


def _count(known: Known) -> str:
    counted = known.values("count")
    if counted:
        return " and ".join(counted)
    return "one" if known.caption.startswith(("a ", "an ", "one ")) else CANNOT_TELL


def _is(words: str, known: Known) -> str:
    """Yes, no, or that it cannot be told, for "is it WORDS"."""
    thing = thing_of(words)
    if basic_color(thing) in COLOR_NAMES:
        colors = [basic_color(color) for color in known.values("color")]
        return ("yes" if basic_color(thing) in colors else "no") if colors else CANNOT_TELL
    for name in ("material", "action", "pattern", "state"):
        value = canonical_value(name, thing.removeprefix("made of ").removeprefix("made from "))
        said = parse_phrase(f"a {value} thing").attributes.get(name, ())
        if (
            (thing.startswith("made ") and name == "material")
            or value in said
            or (name == "action" and value.endswith("ing"))
        ):
            own = {canonical_value(name, one) for one in known.values(name)}
            return ("yes" if value in own or bool(own & set(said)) else "no") if own else CANNOT_TELL
    likely = _probability(thing, known)
    if likely >= _YES_FROM:
        return "yes"
    is_known = not known.vocabulary or thing in known.vocabulary
    is_sure = known.text.category is None or known.text.category.score >= _SURE_FROM
    is_other_kind = kind_of(thing) not in {kind_of(noun.text) for noun in known.nouns}
    if likely < _NO_BELOW and is_known and (is_sure or is_other_kind):
        return "no"
    surely = known.text.category is not None and known.text.category.score >= _SURELY_FROM
    return "no" if surely and likely < _MUCH_LESS * _probability(known.category, known) else CANNOT_TELL


def _choice(first: str, second: str, known: Known) -> str:
    one, two = thing_of(first), thing_of(second)
    if basic_color(one) in COLOR_NAMES and basic_color(two) in COLOR_NAMES:
        colors = [basic_color(color) for color in known.values("color")]
        return next((word for word in (one, two) if basic_color(word) in colors), CANNOT_TELL)
    likely = {one: _probability(one, known), two: _probability(two, known)}
    best = max(likely, key=lambda word: likely[word])
    if likely[best] > 0.02 and likely[best] >= 1.5 * min(likely.values()):
        return best
    of_kind = {word: _of_kind(kind_of(word), known) for word in (one, two)}
    best = max(of_kind, key=lambda word: of_kind[word])
    return best if of_kind[best] > 0.3 and of_kind[best] >= 3 * min(of_kind.values()) else CANNOT_TELL


def _of_kind(kind: str, known: Known) -> float:
    """How likely it is something of that kind, such as furniture."""
    return sum(noun.score for noun in known.nouns if kind_of(noun.text) == kind)


def _probability(thing: str, known: Known) -> float:
    """How likely it is that the region may be called ``thing``."""
    people = _GENDERED.get(thing)
    nouns = [(noun.text, noun.score) for noun in known.nouns]
    guesses = [(guess.text, guess.score) for guess in (known.text.category, *known.text.category_alternatives) if guess]
    caption = parse_phrase(known.caption).head
    if people is not None:
        total = sum(score for noun, score in nouns if noun in people or singular(noun) in people)
        return max(total, 0.5 if caption in people else 0.0)

    def named(noun: str) -> bool:
        return same_category(thing, noun) or is_more_general(thing, noun) or (thing == "person" and is_person(noun))

    heard = [sum(score for noun, score in pairs if named(noun)) for pairs in (nouns, guesses)]
    return max(*heard, 0.5 if caption and (named(caption) or hypernym(caption) == thing) else 0.0)
