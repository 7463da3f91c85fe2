"""Names of categories."""

from __future__ import annotations

import pytest

from roi_assistant.core.lint.findings import MergeCategory
from roi_assistant.core.lint.spelling import category_spellings, category_synonyms, spelling_key


@pytest.mark.parametrize("name", ["traffic light", "Traffic Light", "traffic-lights", "traffic_light ", "TrafficLight"])
def test_spellings_of_one_name(name: str) -> None:
    assert spelling_key(name) == "trafficlight"


def test_the_most_frequent_spelling_wins() -> None:
    findings = list(category_spellings({"Cars": 2, "car": 40, "CAR": 40, "cat": 3}))
    assert [finding.fix for finding in findings] == [MergeCategory("car", "CAR"), MergeCategory("Cars", "CAR")]
    assert str(findings[1].text) == "“Cars” (2) is also spelled “CAR” (40)."


def test_names_that_only_look_alike() -> None:
    assert not list(category_spellings({"car": 1, "cart": 1, "glass": 1, "glasses": 1, "bus": 1, "": 3, "狗": 1}))


def test_two_words_for_one_thing_are_a_hint_without_a_fix() -> None:
    (finding,) = category_synonyms({"sofa": 2, "couch": 9, "dog": 1})
    assert (str(finding.text), finding.severity, finding.fix) == (
        "“sofa” (2) and “couch” (9) are words for the same.",
        "hint",
        None,
    )


def test_a_narrower_word_is_no_synonym() -> None:
    assert not list(category_synonyms({"wall clock": 1, "clock": 12}))
    assert not list(category_synonyms({"Sofa": 1, "sofa": 12})), "that is a spelling"
