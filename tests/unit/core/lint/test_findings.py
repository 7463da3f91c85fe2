"""What a finding is known by."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from roi_assistant.core.lint.findings import RULE_OF, RULES, Finding, RuleId
from roi_assistant.sentences import Sentence

FINDING = Finding(
    rule="doubled-box", text=Sentence("Twice."), image="a.jpg", regions=("r1", "r2"), subject="1,2,3,4 1,2,3,5"
)


def test_every_rule_is_in_the_table_once() -> None:
    assert sorted(rule.id for rule in RULES) == sorted(get_args(RuleId)) == sorted(RULE_OF)


def test_an_ignored_finding_is_known_by_what_it_is_about() -> None:
    assert replace(FINDING, text=Sentence("Told in other words.")).key == FINDING.key
    others = [
        replace(FINDING, rule="nested-box"),
        replace(FINDING, image="b.jpg"),
        replace(FINDING, regions=("r1",)),
        replace(FINDING, subject="9,9,9,9 1,2,3,5"),
        replace(FINDING, image="a.jpg\0r1", regions=("r2",)),
    ]
    assert len({FINDING.key, *(other.key for other in others[:4])}) == 5
    assert replace(FINDING, image="\udcff.jpg").key, "names that are not Unicode"
