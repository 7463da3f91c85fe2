"""A captioner of a model that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from PIL import Image

from roi_assistant.captioners.asking import describe_checked
from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, Prompts, Turn
from roi_assistant.errors import RegionReferenceError
from roi_assistant.vlm.answers import Answer
from roi_assistant.vlm.chat_captioner import UNREADABLE, Ask, ChatCaptioner
from roi_assistant.vlm.places import QWEN3_BOX
from roi_assistant.vlm.telling import RegionForm

PHOTO = Image.new("RGB", (640, 480), "gray")
BOXES = [Box(64, 120, 320, 480), Box(0, 0, 64, 48)]
GOOD, BETTER = '{"caption": "a cup", "category": "cup"}', '{"caption": "a mug", "category": "mug"}'


class Model:
    """Answers with ``texts``, one after the other."""

    info = CaptionerInfo("m", "M")

    def __init__(self, *texts: str, form: RegionForm | None = None) -> None:
        self.texts, self.region_form = list(texts), form or RegionForm()
        self.asked: list[Ask] = []
        self.interrupt: Callable[[], None] = lambda: None
        self.is_closed = False

    def answers(self, asks: Sequence[Ask]) -> Iterator[Answer]:
        for ask in asks:
            self.asked.append(ask)
            yield Answer(text=self.texts.pop(0))

    def stream(self, ask: Ask) -> Iterator[str]:
        self.asked.append(ask)
        yield from ("a ", "cup")

    def close(self) -> None:
        self.is_closed = True


def _said(model: Model, request: DescribeRequest = DescribeRequest()) -> list[str]:  # noqa: B008 - frozen
    captioner = ChatCaptioner(model)
    state = captioner.set_image(PHOTO)
    return [text.caption.text for text in describe_checked(captioner, state, BOXES, request, image="photo")]


def test_each_box_is_asked_about_with_its_own_crop() -> None:
    model = Model(GOOD, BETTER)
    assert _said(model) == ["a cup", "a mug"]
    first, second = model.asked
    assert first.messages[0].pictures[0].size == (640, 480)
    assert second.messages[0].pictures[0].size == (299, 224), "192 x 144 pixels, enlarged"
    assert "the thing in the red box" in first.messages[0].text
    assert first.schema is not None and first.most_tokens == 400


def test_a_family_that_takes_numbers_gets_the_whole_picture_once() -> None:
    model = Model(GOOD, BETTER, form=RegionForm(telling="text", form=QWEN3_BOX))
    _said(model)
    first, second = model.asked
    assert first.messages[0].pictures[0] is second.messages[0].pictures[0], "what is the same may be encoded once"
    assert 'the thing at {"bbox_2d": [100, 250, 500, 1000]}' in first.messages[0].text
    assert 'the thing at {"bbox_2d": [0, 0, 100, 100]}' in second.messages[0].text


def test_the_model_is_told_once_what_was_wrong() -> None:
    model = Model("a red cup", BETTER, GOOD)
    assert _said(model) == ["a mug", "a cup"]
    again = model.asked[1]
    assert [message.role for message in again.messages] == ["user", "assistant", "user"]
    assert again.messages[1].text == "a red cup" and "no JSON object" in again.messages[2].text


def test_a_second_answer_that_is_worse_changes_nothing() -> None:
    assert _said(Model("a red cup", "", GOOD)) == ["a red cup", "a cup"]
    assert _said(Model("a red cup", "I cannot", GOOD)) == ["a red cup", "a cup"]


def test_what_cannot_be_read_is_kept_and_is_no_error() -> None:
    model = Model("<think>hm", "{", GOOD)
    captioner = ChatCaptioner(model)
    first, second = captioner.describe(captioner.set_image(PHOTO), BOXES, DescribeRequest())
    assert (first.caption.text, first.caption.score, first.unsure) == (UNREADABLE, 0.0, True)
    assert first.raw_output == "<think>hm" and first.prompt == model.asked[0].messages[0].text
    assert second.caption.text == "a cup" and second.prompt


def test_prompts_of_a_person() -> None:
    model = Model(GOOD, GOOD)
    _said(model, DescribeRequest(prompts=Prompts(phrase="in one word")))
    assert '"caption": in one word' in model.asked[0].messages[0].text


@pytest.mark.parametrize("form", [RegionForm(), RegionForm(telling="text", form=QWEN3_BOX)])
def test_chat_about_several_regions(form: RegionForm) -> None:
    model = Model(form=form)
    captioner = ChatCaptioner(model)
    state = captioner.set_image(PHOTO)
    turns = [Turn("user", "What is <1>?"), Turn("assistant", "a cup"), Turn("user", "And <region2>?")]
    assert "".join(captioner.chat(state, BOXES, turns)) == "a cup"
    (ask,) = model.asked
    assert ask.schema is None and len(ask.messages) == 3
    assert ask.messages[0].text.endswith("What is <region1>?") and "region 2" in ask.messages[0].text
    assert len(ask.messages[0].pictures) == 1 and not ask.messages[2].pictures
    with pytest.raises(RegionReferenceError):
        list(captioner.chat(state, BOXES, [Turn("user", "What is <region3>?")]))


def test_it_can_be_interrupted_and_closed() -> None:
    model = Model()
    captioner = ChatCaptioner(model)
    captioner.interrupt = print
    assert model.interrupt is print and captioner.interrupt is print
    assert {"chat", "interruptible"} <= captioner.info.capabilities
    captioner.close()
    assert model.is_closed
