"""The questions about regions that a person may choose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.vlm.questions import Questions, filled, is_sentence, read_questions


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "q.json"
    file.write_text(json.dumps({"caption": ["{region}?"], "grounding": [], "seed": 7}))
    assert read_questions(file) == Questions(caption=("{region}?",), grounding=(), seed=7)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"caption": ["What is it?"]}, "a question of the kind caption does not hold {region}"),
        ({"attribute": ["What is {region}?"]}, "a question of the kind attribute does not hold {attribute}"),
        ({"grounding": ["Where?"]}, "a question of the kind grounding does not hold {phrase}"),
        ({"caption": ["{region}" + "x" * 5000]}, "more than 4000 letters"),
        ({"captions": []}, "captions"),
        ([], "q.json"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, data: object, problem: str) -> None:
    file = tmp_path / "q.json"
    file.write_text(json.dumps(data))
    with pytest.raises(FormatError) as caught:
        read_questions(file)
    assert problem in str(caught.value)


def test_drawing() -> None:
    questions = Questions(seed=3)
    drawn = {questions.draw("caption", f"a.jpg, region {n}") for n in range(50)}
    assert drawn == set(questions.caption), "each of them some time"
    assert questions.draw("caption", "x") == Questions(seed=3).draw("caption", "x")
    assert Questions(caption=()).draw("caption", "x") is None


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert filled("Where is {phrase}, the {attribute} one of {region}?", phrase="a {attribute}", attribute="red") == [
        "Where is a {attribute}, the red one of ",
        "?",
    ]


def test_sentences() -> None:
    assert [is_sentence(text) for text in ("a cup", "A man runs.", "一个杯子。", "")] == [False, True, True, False]
