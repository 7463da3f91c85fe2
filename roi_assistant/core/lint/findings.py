"""What a rule answers, and the table of all rules."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.sentences import Sentence

Severity = Literal["error", "warning", "hint"]
"""``error``: wrong without doubt. ``warning``: most are worth a change. ``hint``: worth a look."""

RuleId = Literal[
    "photo-missing",
    "photo-changed",
    "attribute-value",
    "doubled-box",
    "two-categories",
    "nested-box",
    "tiny-box",
    "empty-caption",
    "copied-caption",
    "caption-category",
    "caption-color",
    "mixed-languages",
    "category-spelling",
    "category-synonym",
    "unreviewed-left",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called, and how much its findings weigh."""

    id: RuleId
    title: Sentence
    severity: Severity


RULES: tuple[Rule, ...] = (
    Rule("photo-missing", Sentence("The photo is missing or cannot be read"), "error"),
    Rule("photo-changed", Sentence("The photo has another size than before"), "error"),
    Rule("attribute-value", Sentence("An attribute value that the project does not have"), "error"),
    Rule("category-spelling", Sentence("One category spelled in several ways"), "warning"),
    Rule("doubled-box", Sentence("Nearly the same box twice"), "warning"),
    Rule("empty-caption", Sentence("No caption"), "warning"),
    Rule("caption-category", Sentence("Caption and category name different things"), "warning"),
    Rule("caption-color", Sentence("The caption names a color that is not there"), "warning"),
    Rule("copied-caption", Sentence("The same caption for different things"), "warning"),
    Rule("mixed-languages", Sentence("Captions in another script than the others"), "warning"),
    Rule("unreviewed-left", Sentence("Suggestions left on a reviewed image"), "warning"),
    Rule("two-categories", Sentence("One box with two categories"), "hint"),
    Rule("nested-box", Sentence("A box that contains another of the same category"), "hint"),
    Rule("tiny-box", Sentence("A tiny box"), "hint"),
    Rule("category-synonym", Sentence("Two words for the same category"), "hint"),
)
"""All rules, in the order in which their findings are shown."""

RULE_OF: dict[RuleId, Rule] = {rule.id: rule for rule in RULES}
MOST_EXAMPLES = 20
"""Regions that a finding about many of them names."""


@dataclass(frozen=True, slots=True)
class RemoveRegion:
    """A safe fix: the region ``region`` of ``image`` goes, because ``same_as`` says all that it says."""

    image: str
    region: str
    same_as: str


@dataclass(frozen=True, slots=True)
class MergeCategory:
    """A safe fix: the regions of the category ``name`` get the category ``into``."""

    name: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something doubtful.

    Attributes:
        rule: Id of the rule.
        text: One sentence about it.
        image: Key of the image to look at, "" where none is concerned.
        regions: Ids of the regions on ``image``, the one to look at first.
        subject: What it is about: the captions, boxes or names. While rule, image, regions and subject stay, an
            ignored finding stays ignored.
        fix: What can be done about it without a judgement; None where a person has to decide.
    """

    rule: RuleId
    text: Sentence
    image: str = ""
    regions: tuple[str, ...] = ()
    subject: str = ""
    fix: RemoveRegion | MergeCategory | None = None

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return RULE_OF[self.rule].severity

    @property
    def key(self) -> str:
        """16 hexadecimal digits that stand for this finding wherever the project lies."""
        parts = "\0".join((self.rule, self.image, *self.regions, "", self.subject))
        return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LintImage:
    """An image as rules see it: its key, its ``regions`` that are not rejected, and its size as displayed, in pixels,
    0 where it is not known."""

    key: str
    regions: Sequence[Region]
    width: int = 0
    height: int = 0


def caption_of(region: Region) -> str:
    """The caption that speaks for ``region``, without space around it; "" when it has none."""
    caption = preferred_caption(region)
    return caption.text.strip() if caption is not None else ""
