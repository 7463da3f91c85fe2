"""What the decoder writes on from a noun is looked over before it completes a phrase."""

import pytest

from roi_assistant.captioners.mini.clause import Clause, continued, split_clause


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a tall man in a hat", ("man", "a tall man", "in a hat")),
        ("two dogs running", ("dog", "two dogs", "running")),
        ("a tennis racket on a bench", ("tennis racket", "a tennis racket", "on a bench")),
        ("a red cup", ("cup", "a red cup", "")),
        ("", ("", "", "")),
    ],
)
def test_a_clause_is_a_noun_and_what_follows(text: str, parts: tuple[str, str, str]) -> None:
    head, first, rest = split_clause(text)
    assert (head, " ".join(first), " ".join(rest)) == parts


def clause(text: str) -> Clause:
    head, _, rest = split_clause(text)
    return Clause(head, rest, 0.9)


@pytest.mark.parametrize(
    ("phrase", "written", "text"),
    [
        ("a woman", "a woman in a coat holding a parrot", "a woman in a coat holding a parrot"),
        ("a young man", "a man riding a horse", "a young man riding a horse"),
        ("a woman", "a person on a bench", "a woman on a bench"),
        ("a white cup", "a cup on a table", "a white cup on a table"),
        ("a dog", "a brown dog running on grass", "a dog running on grass"),
        ("a man in a hat", "a man in a hat reading a book", "a man in a hat reading a book"),
    ],
)
def test_what_is_said_of_the_same_thing_completes_the_phrase(phrase: str, written: str, text: str) -> None:
    assert continued(phrase, clause(written), None) == text


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("a cat", "a dog on a bed"),
        ("a horse", "a horse on a horse"),
        ("a man", "a man with a hat and a hat"),
        ("an apple", "an apple wearing a hat"),
        ("an apple", "an apple runs home"),
        ("a man in a hat", "a man in a coat"),
        ("a man", "a man and a woman sitting"),
        ("a keyboard", "a keyboard in the background"),
        ("a ball", "a ball in its mouth"),
        ("a shirt", "a shirt sitting on a bed"),
        ("a man", "a man"),
        ("a man", "a man in a"),
        ("a man", "a man in a coat beside some other people who wait for the very late bus"),
    ],
)
def test_what_is_of_another_thing_or_makes_no_sense_does_not(phrase: str, written: str) -> None:
    assert continued(phrase, clause(written), None) == ""


def test_colors_that_are_not_seen_are_left_out() -> None:
    written = clause("a woman in a red coat with a blue bag")
    assert continued("a woman", written, {"red": 0.5, "blue": 0.02}) == "a woman in a red coat with a bag"
    assert continued("two men", clause("two men in red and white uniforms"), {"red": 0.5}) == ""
