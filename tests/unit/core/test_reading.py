"""Who asks for what is written, and how it is quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.caption_category import noun_of
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.reading import (
    MOST_QUOTED,
    fills_text,
    is_read,
    quoted_again,
    unquoted,
    with_quotation,
    without_quotation,
)
from roi_assistant.core.records import (
    LOOK_ONLY,
    AttributeDefinition,
    AttributeKind,
    AttributeSchema,
    DescribeRequest,
    ReadingText,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)


def schema(*attributes: tuple[str, AttributeKind]) -> AttributeSchema:
    values = ("a", "b")
    return AttributeSchema(
        "s", tuple(AttributeDefinition(name, kind, values if kind == "single" else ()) for name, kind in attributes)
    )


@pytest.mark.parametrize(
    ("attributes", "choice", "read"),
    [
        (schema(("color", "text"), ("text", "text")), "if_possible", True),
        (schema(("text", "text")), "yes", True),
        (schema(("text", "text")), "no", False),
        (schema(("color", "text")), "if_possible", False),
        (schema(("color", "text")), "yes", True),
        (schema(("text", "single")), "yes", False),
        (None, "if_possible", False),
        (None, "yes", True),
    ],
)
def test_when_boxes_are_read(attributes: AttributeSchema | None, choice: ReadingText, read: bool) -> None:
    assert is_read(DescribeRequest(attributes=attributes, read_text=choice)) is read


def test_requests_do_not_read_unless_they_say_so() -> None:
    assert not is_read(DescribeRequest(attributes=schema(("text", "text"))))
    assert not is_read(LOOK_ONLY)
    assert not fills_text(schema(("Text", "text"))), "names of attributes are what they are"


@pytest.mark.parametrize(
    ("caption", "text", "quoted"),
    [
        ("a red sign", "STOP", 'a red sign. It reads "STOP".'),
        ("A red sign.", "STOP", 'A red sign. It reads "STOP".'),
        ("a sign that says stop", "STOP", "a sign that says stop"),
        ('a red sign. It reads "STOP".', "STOP", 'a red sign. It reads "STOP".'),
        ("a nonstop flight", "STOP", 'a nonstop flight. It reads "STOP".'),
        ("a book", 'The "end"', "a book. It reads \"The 'end'\"."),
        ("a book", "one\n two", 'a book. It reads "one two".'),
        ("a wall", "…", "a wall"),
        ("a wall", "", "a wall"),
        ("路牌", "停车", '路牌. It reads "停车".'),
    ],
)
def test_a_description_quotes_once(caption: str, text: str, quoted: str) -> None:
    assert with_quotation(caption, text) == quoted
    assert with_quotation(quoted, text) == quoted


def test_of_a_long_text_the_beginning_is_quoted() -> None:
    told = with_quotation("a page", "word " * 100)
    assert told.startswith('a page. It reads "word word') and told.endswith('word …".')
    assert len(told) < MOST_QUOTED + 40
    assert len(with_quotation("a page", "w" * 500)) < MOST_QUOTED + 40


@pytest.mark.parametrize("caption", ["a red sign", "A red sign.", "It is red. It stands.", "a sign. It leans.", ""])
def test_a_quotation_is_taken_out_again(caption: str) -> None:
    assert without_quotation(with_quotation(caption, 'the "end"')) == caption
    assert without_quotation(caption) == caption


def test_other_words_get_the_quotation_back() -> None:
    read = SuggestedAttribute("text", ("STOP",), 0.9, model_id="r")
    told = RegionText(Box(0, 0, 1, 1), ScoredText('a red sign. It reads "STOP".', 0.5), attributes=(read,), quotes="r")
    plain = unquoted(told)
    assert plain.caption.text == "a red sign"
    renamed = replace(plain, caption=ScoredText("a stop sign", 0.5))
    assert quoted_again(renamed).caption.text == "a stop sign", "it says so already"
    assert quoted_again(replace(plain, caption=ScoredText("a post", 0.5))).caption.text == 'a post. It reads "STOP".'
    silent = replace(plain, quotes="")
    assert unquoted(silent) == quoted_again(silent) == silent


@pytest.mark.parametrize("caption", ["a blue sign", "A bus.", "a white cup on a table"])
def test_what_is_quoted_does_not_say_what_the_thing_is(caption: str) -> None:
    quoted = with_quotation(caption, "RED HOT DOG 7")
    assert noun_of(quoted) == noun_of(caption) != ""
    assert parse_phrase(quoted).attributes == parse_phrase(caption).attributes
