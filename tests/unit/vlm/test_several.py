"""Answers about several regions: whatever a model does with the list, no region gets the words of another."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, CaptionerInfo, DescribeRequest
from roi_assistant.errors import CaptionerError
from roi_assistant.vlm.answers import Answer, Token
from roi_assistant.vlm.chat_captioner import Ask, ChatCaptioner
from roi_assistant.vlm.places import QWEN3_BOX
from roi_assistant.vlm.prompts import Prompts, instruction_for_several, several_schema
from roi_assistant.vlm.several import MOST_TOGETHER, read_several
from roi_assistant.vlm.telling import RegionForm

SCHEMA = AttributeSchema("s", (AttributeDefinition("color", "single", ("red", "blue")),))
ASKED = DescribeRequest(alternatives=0, attributes=SCHEMA)
BOXES = [Box(100.0 * n, 10, 100.0 * n + 80, 90) for n in range(4)]
PHOTO = Image.new("RGB", (2000, 100), "gray")


def item(number: Any, **more: Any) -> dict[str, Any]:
    return {"region": number, "caption": f"thing {number}", "category": "thing", "attributes": {"color": "red"}, **more}


def listed(*items: Any) -> str:
    return json.dumps({"regions": items})


def captions(text: str, *, cut: bool = False) -> list[str | None]:
    readings = read_several(Answer(text=text, cut=cut), BOXES, ASKED)
    assert [reading.text.box for reading in readings if reading] == [
        box for box, reading in zip(BOXES, readings, strict=True) if reading
    ]
    return [reading.text.caption.text if reading else None for reading in readings]


ALL = ["thing 1", "thing 2", "thing 3", "thing 4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (listed(*map(item, (1, 2, 3, 4))), ALL),
        (listed(*map(item, (3, 1, 4, 2))), ALL),
        (listed(item(1), item(3)), ["thing 1", None, "thing 3", None]),
        # Two with one number: nobody knows which is which.
        (listed(item(1), item(2), item(2, caption="another"), item(4)), ["thing 1", None, None, "thing 4"]),
        (listed(*map(item, (0, 1, 2, 3, 4, 5, -6))), ALL),
        (listed(item("2", caption="b"), item("region 1", caption="a")), ["a", "b", None, None]),
        (listed(item(True), item(None), item(1.5), item([1])), [None] * 4),
        (listed(item(1, caption="", category=""), item(2, caption=None, category="cup"), 7, "x"), [None] * 4),
        (json.dumps([item(2), item(1)]), ["thing 1", "thing 2", None, None]),
        ("```json\n" + listed(item(4)) + "\n```", [None, None, None, "thing 4"]),
        ("<think>" + listed(item(1)) + "</think>" + listed(item(2)), [None, "thing 2", None, None]),
        (json.dumps(item(1)), [None] * 4),
        (json.dumps({"regions": {"1": item(1)}}), [None] * 4),
        ("I see four things.", [None] * 4),
        ("", [None] * 4),
    ],
)
def test_each_region_gets_what_bears_its_number(text: str, expected: list[str | None]) -> None:
    assert captions(text) == expected


def test_of_an_answer_that_is_cut_off_the_last_one_is_not_believed() -> None:
    whole = listed(*map(item, (1, 2, 3, 4)))
    for length in range(0, len(whole), 7):
        found = captions(whole[:length], cut=True)
        assert all(one in (None, words) for one, words in zip(found, ALL, strict=True))
        assert found[3] is None


def test_no_order_and_no_damage_mixes_regions_up() -> None:
    chance = random.Random(3)
    for _ in range(500):
        numbers = [chance.choice((1, 2, 3, 4, 5, 9)) for _ in range(chance.randrange(7))]
        text, mark = listed(*map(item, numbers)), chance.choice(',"]}{[: ')
        if chance.random() < 0.5:
            place = chance.randrange(len(text))
            text = text[:place] + mark + text[place:]
        for one, words in zip(captions(text), ALL, strict=True):
            assert one is None or one == words or one.replace(mark, "") == words.replace(mark, "")


def scored(text: str, doubt: str) -> Answer:
    """``text`` letter by letter; the value ``doubt`` is less likely than the rest."""
    begin = text.index(doubt)
    inside = range(begin, begin + len(doubt))
    tokens = tuple(Token(letter, math.log(0.2 if at in inside else 0.9)) for at, letter in enumerate(text))
    return Answer(text=text, tokens=tokens)


def test_scores_are_those_of_the_region_itself() -> None:
    text = listed(item(2), item(1, attributes={"color": "blue"}), item(3))
    first, second, third, _ = read_several(scored(text, "blue"), BOXES, ASKED)
    assert first and second and third
    scores = [reading.text.attributes[0].score for reading in (first, second, third)]
    assert scores == pytest.approx([0.2, 0.9, 0.9])
    assert [json.loads(reading.text.raw_output)["region"] for reading in (first, second, third)] == [1, 2, 3]


def test_where_it_is_not_certain_whose_the_tokens_are_there_is_no_score() -> None:
    last = listed(*({**item(n), "region": n} for n in (1, 2)))
    moved = json.dumps(
        {"regions": [{key: one[key] for key in (*list(one)[1:], "region")} for one in (item(1), item(2))]}
    )
    for text, expected in ((last, 0.9), (moved, 0.5)):
        answer = Answer(text=text, tokens=tuple(Token(letter, math.log(0.9)) for letter in text))
        first, second, *_ = read_several(answer, BOXES, ASKED)
        assert first and second
        assert first.text.caption.score == second.text.caption.score == pytest.approx(expected)


def test_what_is_asked() -> None:
    text = instruction_for_several(ASKED, ["region 1: here", "region 2: there"], Prompts(), examples=[("a cup",), ()])
    assert "for each of the 2 regions" in text and '\n- "region": its number\n- "caption": ' in text
    assert "\nregion 1: here\nregion 2: there\n" in text
    assert 'look like region 1: "a cup".' in text and "look like region 2" not in text
    assert "Look at each region by itself." in text
    schema = several_schema(ASKED, 2)["properties"]["regions"]
    assert (schema["minItems"], schema["maxItems"]) == (2, 2)
    assert list(schema["items"]["properties"]) == ["region", "caption", "category", "attributes"]


class Model:
    """Answers by ``answer``; asks together."""

    info = CaptionerInfo("m", "M")
    region_form = RegionForm(telling="text", form=QWEN3_BOX)
    asks_together = True

    def __init__(self, answer: Callable[[Ask], str]) -> None:
        self.answer = answer
        self.asked: list[Ask] = []
        self.interrupt: Callable[[], None] = lambda: None

    def answers(self, asks: Sequence[Ask]) -> Iterator[Answer]:
        for ask in asks:
            self.asked.append(ask)
            yield Answer(text=self.answer(ask))

    def stream(self, ask: Ask) -> Iterator[str]:
        yield ""

    def close(self) -> None: ...


def of(ask: Ask) -> int:
    """How many regions ``ask`` is about."""
    assert ask.schema is not None
    return ask.schema["properties"].get("regions", {}).get("maxItems", 1)


def name(ask: Ask, number: int = 1) -> str:
    """The left edge in the numbers of the question, by which a box is known."""
    places = [line for line in ask.messages[0].text.splitlines() if "bbox_2d" in line]
    return "thing at " + places[number - 1].partition("[")[2].partition(",")[0]


def many(count: int) -> list[Box]:
    return [Box(100.0 * n, 10, 100.0 * n + 80, 90) for n in range(count)]


def test_up_to_eight_at_once_and_what_is_missing_alone() -> None:
    def answer(ask: Ask) -> str:
        if of(ask) == 1:
            return json.dumps({"caption": name(ask)})
        items = [item(n, caption=name(ask, n)) for n in range(1, of(ask) + 1) if n != 3]
        random.Random(1).shuffle(items)
        return listed(*items)

    model = Model(answer)
    captioner = ChatCaptioner(model)
    boxes = many(19)
    texts = list(captioner.describe(captioner.set_image(PHOTO), boxes, ASKED))
    assert [text.caption.text for text in texts] == [f"thing at {50 * n}" for n in range(19)]
    assert [text.box for text in texts] == boxes
    assert [of(ask) for ask in model.asked] == [MOST_TOGETHER, 1, MOST_TOGETHER, 1, 3, 1]
    assert all(text.prompt for text in texts)
    assert "region 8: " in texts[0].prompt and "region" not in texts[2].prompt.partition("Look")[2]


def test_one_box_is_asked_about_as_ever() -> None:
    model = Model(lambda ask: json.dumps({"caption": "a cup"}))
    captioner = ChatCaptioner(model)
    list(captioner.describe(captioner.set_image(PHOTO), many(1), ASKED))
    assert [of(ask) for ask in model.asked] == [1]


def test_a_model_without_room_for_many_is_asked_one_by_one() -> None:
    def answer(ask: Ask) -> str:
        if of(ask) > 3:
            raise CaptionerError("There is no room.")
        return json.dumps({"caption": name(ask)})

    model = Model(answer)
    captioner = ChatCaptioner(model)
    for _ in range(2):
        texts = list(captioner.describe(captioner.set_image(PHOTO), many(9), ASKED))
        assert [text.caption.text for text in texts] == [f"thing at {50 * n}" for n in range(9)]
    assert [of(ask) for ask in model.asked] == [8, *[1] * 18], "it is not tried again"
