from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.vlm.lenient_json import json_object, without_thoughts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"caption": "a cup"}', {"caption": "a cup"}),
        ('Here it is:\n```json\n{"caption": "a cup"}\n```\nAnything else?', {"caption": "a cup"}),
        ('```\n{"caption": "a cup"', None),
        ('<think>{"caption": "no"}</think>{"caption": "a cup"}', {"caption": "a cup"}),
        ('no tag begins here {"caption": "no"}</think> {"caption": "a cup"}', {"caption": "a cup"}),
        ('<think>it goes on {"caption": "no"}', None),
        ("{'caption': 'a cup', 'clean': True, 'of': None}", {"caption": "a cup", "clean": True, "of": None}),
        ("{'caption': \"the dog's bowl\", 'full': false}", {"caption": "the dog's bowl", "full": False}),
        ('{"caption": "a cup", "attributes": {"color": ["red",],},}',
         {"caption": "a cup", "attributes": {"color": ["red"]}}),
        ('{"caption": "a {cup}", "n": 1} and {"caption": "two"}', {"caption": "a {cup}", "n": 1}),
        ('{"caption": "a \\"red\\" cup"}', {"caption": 'a "red" cup'}),
        ('{"caption": "two\nlines"}', {"caption": "two\nlines"}),
        # Cut in the middle: what was finished is kept.
        ('{"caption": "a cup", "alternatives": ["a mug", "a be', {"caption": "a cup", "alternatives": ["a mug"]}),
        ('{"caption": "a cup", "attributes": {"color": "red", "mat',
         {"caption": "a cup", "attributes": {"color": "red"}}),
        ('{"caption": "a c', None),
        ("a cup", None),
        ("", None),
        ("[1, 2]", None),
        ('{"a": ' * 3000, None),
    ],
)  # fmt: skip
def test_what_is_found(text: str, found: dict[str, Any] | None) -> None:
    assert json_object(text) == found


def test_thoughts_go() -> None:
    assert without_thoughts("<THINK>a</think> b <reasoning>c</reasoning>") == "b"


@given(st.text(alphabet="{}[]\",: '\\abctrue<>/think`\n", max_size=300))
def test_anything_is_read_or_not(text: str) -> None:
    assert json_object(text) is None or isinstance(json_object(text), dict)


def test_a_long_answer_takes_no_time() -> None:
    begun = time.perf_counter()
    for text in ("{" * 50_000, '{"a": "' + "x" * 90_000, '{"a": [' + "1, " * 30_000, "{'a': " * 20_000, '"' * 90_000):
        json_object(text)
    assert time.perf_counter() - begun < 20, "patience of a busy machine"


@pytest.mark.parametrize("text", ['{"a", [{"b": 1}]}', "{'a': {'b', 'c'}}", "{'a': b'c'}", "{'a': 1j}", "{{}: 1}"])
def test_what_python_reads_and_json_does_not_have_is_no_object(text: str) -> None:
    assert json_object(text) is None
