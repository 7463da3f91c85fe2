"""What is written in boxes, beside a captioner: who is asked for what, and what a failing reader costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from roi_assistant.captioners.reading import QUOTED_FROM, TextReading
from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeSchema,
    CaptionerInfo,
    DescribeRequest,
    ReadLine,
    ReadText,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    TextReaderInfo,
    Turn,
)
from roi_assistant.core.suggestions import provenance_of, suggested_region
from roi_assistant.errors import MissingDependencyError
from roi_assistant.sentences import Sentence

PHOTO = Image.new("RGB", (64, 48))
BOXES = (Box(0, 0, 9, 9), Box(9, 0, 19, 9))
SIGNS = AttributeSchema("signs", (AttributeDefinition("color", "text"), AttributeDefinition("text", "text")))
REQUEST = DescribeRequest(attributes=SIGNS, read_text="if_possible")
STOP = ReadText((ReadLine("STOP", 0.97),), "STOP", 0.97)


class Says:
    """Answers every attribute that it is asked for, and invents a text."""

    def __init__(self) -> None:
        self.info = CaptionerInfo("says", "Says", "aa" * 32)
        self.asked: list[tuple[str, ...] | None] = []

    def set_image(self, image: Any) -> None: ...

    def describe(self, state: Any, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        names = None if request.attributes is None else tuple(item.name for item in request.attributes.attributes)
        self.asked.append(names)
        for box in boxes:
            attributes = tuple(SuggestedAttribute(name, ("invented",), 0.9) for name in names or ("color",))
            yield RegionText(box, ScoredText("a red sign", 0.8), attributes=attributes)

    def chat(self, state: Any, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        yield ""

    def close(self) -> None: ...


class Reads:
    """Gives ``answers`` one after the other; an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.info = TextReaderInfo("reads", "Reads 1", "bb" * 32)
        self.answers = list(answers)
        self.boxes: list[Box] = []

    def read(self, image: Image.Image, boxes: Sequence[Box]) -> Iterator[ReadText | None]:
        assert image is PHOTO
        for box in boxes:
            self.boxes.append(box)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            yield answer


class Setup:
    def __init__(self, *answers: Any, load: Callable[[], Any] | None = None) -> None:
        self.captioner, self.reader = Says(), Reads(*answers)
        self.notes: list[Sentence] = []
        self.loads = 0

        def default() -> Reads:
            self.loads += 1
            return self.reader

        self.reading = TextReading(load or default, note=self.notes.append)

    def ask(self, request: DescribeRequest = REQUEST, *, draft: bool = False) -> list[RegionText]:
        texts = self.reading.describe(
            *(self.captioner, None, BOXES, request), image="a.png", pixels=lambda: PHOTO, draft=draft
        )
        return list(texts)


def values(text: RegionText) -> dict[str, str]:
    return {item.name: item.values[0] for item in text.attributes}


def test_the_reader_alone_fills_the_attribute() -> None:
    setup = Setup(STOP, None)
    first, second = setup.ask()
    assert values(first) == {"color": "invented", "text": "STOP"}
    assert values(second) == {"color": "invented"}, "nothing is written there: no text is invented"
    assert setup.captioner.asked == [("color",)]
    assert setup.reader.boxes == list(BOXES)
    assert first.caption.text == "a red sign", "a phrase quotes nothing"


def test_provenance_names_the_reader() -> None:
    text = Setup(STOP, None).ask(replace(REQUEST, style="description"))[0]
    info = Says().info
    written = provenance_of(info, REQUEST, at="2026-12-01T00:00:00+00:00", text=text)
    region = suggested_region(text, id="r", provenance=written)
    by = {item.name: item.provenance for item in region.attributes}
    assert (by["text"].model_id, by["text"].weights_sha256, by["text"].prompt) == ("reads", "bb" * 32, "")
    assert (by["color"].model_id, by["color"].weights_sha256) == ("says", "aa" * 32)
    assert region.captions[0].provenance.decoding == "beam, quoting reads"


@pytest.mark.parametrize(("score", "quoted"), [(QUOTED_FROM, True), (QUOTED_FROM - 0.01, False)])
def test_a_description_quotes_only_what_is_sure(score: float, quoted: bool) -> None:
    first, second = Setup(replace(STOP, score=score), None).ask(replace(REQUEST, style="description"))
    assert first.caption.text == ('a red sign. It reads "STOP".' if quoted else "a red sign")
    assert (first.quotes == "reads") is quoted
    assert values(first)["text"] == "STOP"
    assert (second.caption.text, second.quotes) == ("a red sign", "")


def test_less_likely_than_asked_for_is_left_out() -> None:
    first, second = Setup(replace(STOP, score=0.7), STOP).ask(replace(REQUEST, attribute_score=0.8))
    assert ("text" in values(first), values(second)["text"]) == (False, "STOP")


def test_a_person_may_ask_without_a_schema() -> None:
    setup = Setup(STOP, None)
    assert values(setup.ask(DescribeRequest(read_text="yes"))[0]) == {"color": "invented", "text": "STOP"}
    assert setup.captioner.asked == [None]


def test_nothing_is_loaded_while_nothing_is_read() -> None:
    setup = Setup()
    for request in (replace(REQUEST, read_text="no"), DescribeRequest(read_text="if_possible")):
        setup.ask(request)
    assert setup.loads == 0
    assert setup.captioner.asked[0] == ("color", "text"), "it is the captioner's then"


def test_drafts_are_not_read() -> None:
    setup = Setup()
    setup.ask(draft=True)
    assert setup.reader.boxes == []


def test_a_missing_library_is_told_once_and_only_to_who_asked_for_it() -> None:
    def load() -> Reads:
        raise MissingDependencyError("install it")

    setup = Setup(load=load)
    assert values(setup.ask()[0])["text"] == "invented", "the captioner is asked as ever"
    assert setup.notes == []
    assert len(setup.ask(replace(REQUEST, read_text="yes"))) == len(setup.ask(replace(REQUEST, read_text="yes"))) == 2
    assert [str(note) for note in setup.notes] == ["install it"]


@pytest.mark.parametrize(
    "wrong", [ValueError("broken"), "STOP", replace(STOP, score=float("nan")), replace(STOP, score=2.0)]
)
def test_a_failing_reader_costs_no_caption(wrong: Any) -> None:
    setup = Setup(wrong, STOP)
    first, second = setup.ask()
    assert (first.caption.text, values(first)) == ("a red sign", {"color": "invented"})
    assert values(second)["text"] == "STOP"
    (note,) = setup.notes
    assert "a.png" in str(note) and "captions go on" in str(note)


def test_it_is_left_between_boxes() -> None:
    class Left(Exception):
        pass

    setup = Setup(STOP, STOP)
    reading = TextReading(lambda: setup.reader, note=setup.notes.append, interrupt=lambda: stop())

    def stop() -> None:
        if setup.reader.boxes:
            raise Left

    texts = reading.describe(setup.captioner, None, BOXES, REQUEST, image="a.png", pixels=lambda: PHOTO)
    assert values(next(texts))["text"] == "STOP"
    with pytest.raises(Left):
        next(texts)
    assert setup.reader.boxes == [BOXES[0]]
    assert setup.notes == []


def test_a_text_is_one_line() -> None:
    lines = ReadText((), " two \n lines ", 0.9)
    assert values(Setup(lines, replace(STOP, text=" \n ")).ask()[0])["text"] == "two lines"
    assert "text" not in values(Setup(replace(STOP, text=" \n "), None).ask()[0])
