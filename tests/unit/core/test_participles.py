"""Sentences that begin with a thing become captions of it."""

import pytest

from roi_assistant.core.participles import participial


@pytest.mark.parametrize(
    ("clause", "caption"),
    [
        ("a man stands by a lake", "a man standing by a lake"),
        ("two dogs run on the beach", "two dogs running on the beach"),
        ("a woman is holding a cup", "a woman holding a cup"),
        ("a boy who is dressed in blue", "a boy dressed in blue"),
        ("a man who rides a horse", "a man riding a horse"),
        ("a cat is on the bed", "a cat on the bed"),
        ("a woman in a red dress", "a woman in a red dress"),
        ("a tennis racket", "a tennis racket"),
    ],
)
def test_verbs_become_participles(clause: str, caption: str) -> None:
    assert participial(clause) == caption


@pytest.mark.parametrize("clause", ["a man is a doctor", "there are two dogs", "the man is"])
def test_what_describes_nothing_is_left_out(clause: str) -> None:
    assert participial(clause) == ""


def test_verbs_that_do_not_agree_stay() -> None:
    assert participial("a man walk") == "a man walk"
