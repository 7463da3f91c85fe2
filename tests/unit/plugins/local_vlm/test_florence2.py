"""Florence-2: its prompts, its own decoding, what is read, and boxes of its proposals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm.florence2 import CATEGORY, DESCRIPTION, PROPOSAL, WRITTEN
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, ScoredText, Turn
from roi_assistant.errors import CaptionerError

BOXES = [Box(40, 30, 200, 225), Box(240, 150, 400, 300), Box(100, 60, 102, 62), Box(60, 150, 360, 151)]
LOCATIONS = [(100, 100, 500, 750), (600, 500, 999, 999), (250, 200, 255, 206), (150, 500, 900, 503)]
"""Rounded down, by hand for 400 x 300 pixels."""
SCHEMA = AttributeSchema("s", (AttributeDefinition("text", "text"), AttributeDefinition("color", "text")))


@pytest.fixture(scope="module")
def florence(captioner: Callable[[str], Any]) -> Any:
    return captioner("florence2")


def test_a_region_is_told_by_four_tokens(florence: Any, photo: Image.Image) -> None:
    state = florence.set_image(photo)
    found = list(florence.describe(state, BOXES, DescribeRequest(alternatives=0, category=False)))
    prompts = ["".join(f"<loc_{number}>" for number in numbers) for numbers in LOCATIONS]
    assert [text.prompt for text in found] == [f"<REGION_TO_DESCRIPTION>{prompt}" for prompt in prompts]
    tokenizer = florence.processor.tokenizer
    ids = florence.processor(text=[found[1].prompt], images=[photo])["input_ids"][0]
    at = ids.index(tokenizer.convert_tokens_to_ids("<loc_600>"))
    expected = tokenizer.convert_tokens_to_ids([f"<loc_{number}>" for number in LOCATIONS[1]])
    assert ids[at : at + 4] == expected
    assert tokenizer.decode(ids[at + 4 :]) == " describe?</s>"


def test_answers_are_those_of_the_official_call(florence: Any, photo: Image.Image, torch: Any) -> None:
    """Which looks at the picture again for each region, and at one region at a time."""
    found = list(florence.describe(florence.set_image(photo), BOXES, DescribeRequest(alternatives=2)))
    for text in found:
        inputs = florence.processor(text=text.prompt, images=photo, return_tensors="pt")
        with torch.inference_mode():
            output = florence._model.generate(
                **inputs, max_new_tokens=64, num_beams=3, do_sample=False, num_return_sequences=3,
                return_dict_in_generate=True, output_scores=True,
            )  # fmt: skip
        words = florence.processor.batch_decode(output.sequences, skip_special_tokens=True)
        expected = [
            (word.strip(), score.exp().item()) for word, score in zip(words, output.sequences_scores, strict=True)
        ]
        kept = [ScoredText(*one) for one in dict(reversed(expected)).items()][::-1]
        assert [one.text for one in (text.caption, *text.alternatives)] == [one.text for one in kept if one.text]
        assert text.caption.score == pytest.approx(expected[0][1], abs=1e-4)


def test_many_regions_answer_as_one_alone(florence: Any, photo: Image.Image) -> None:
    state = florence.set_image(photo)
    request = DescribeRequest(alternatives=0)
    together = list(florence.describe(state, BOXES, request))
    for box, text in zip(BOXES, together, strict=True):
        (alone,) = florence.describe(state, [box], request)
        assert (alone.caption.text, alone.box) == (text.caption.text, box)
        assert alone.caption.score == pytest.approx(text.caption.score, abs=1e-5)


def test_the_picture_is_looked_at_once(florence: Any, photo: Image.Image) -> None:
    seen: list[object] = []
    handle = florence._model.model.vision_tower.register_forward_hook(lambda *_: seen.append(1))
    state = florence.set_image(photo.copy())
    list(florence.describe(state, BOXES, DescribeRequest(attributes=SCHEMA)))
    florence.propose(state)
    handle.remove()
    assert len(seen) == 1


def saying(florence: Any, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> None:
    def said(image: Image.Image, prompts: list[str], *, most: int, kept: int = 1) -> list[list[ScoredText]]:
        task = prompts[0][: prompts[0].index(">") + 1]
        return [[ScoredText(answers[task], 0.25)] for _ in prompts]

    monkeypatch.setattr(florence, "said", said)


def test_what_is_written_is_read_where_the_schema_asks(
    florence: Any, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {DESCRIPTION: "</s><s>a red sign</s>", CATEGORY: "</s><s>sign<loc_1><loc_2></s>", WRITTEN: "</s><s>STOP</s>"}
    saying(florence, monkeypatch, said)
    state = florence.set_image(photo)
    (text,) = florence.describe(state, BOXES[:1], DescribeRequest(attributes=SCHEMA))
    assert (text.caption.text, text.category.text) == ("a red sign", "sign")
    assert [(one.name, one.values, one.score) for one in text.attributes] == [("text", ("STOP",), 0.25)]
    (text,) = florence.describe(state, BOXES[:1], DescribeRequest(attributes=SCHEMA, attribute_score=0.5))
    assert text.attributes == ()
    for schema in (None, AttributeSchema("none")):
        (text,) = florence.describe(state, BOXES[:1], DescribeRequest(attributes=schema))
        assert text.attributes == ()
    saying(florence, monkeypatch, {**said, DESCRIPTION: "</s><s></s>"})
    (text,) = florence.describe(state, BOXES[:1], DescribeRequest())
    assert (text.caption.text, text.unsure) == ("an object", True)


def test_proposals_are_boxes_inside_the_image(
    florence: Any, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, same, backwards = (100, 100, 500, 750), (101, 100, 500, 750), (500, 100, 100, 200)
    numbers = [*first, *same, *backwards, *(600, 500, 999, 999), 3]
    saying(florence, monkeypatch, {PROPOSAL: "</s><s>" + "".join(f"<loc_{n}>" for n in numbers) + "</s>"})
    found = florence.propose(florence.set_image(photo))
    # The middle of a bin: 100.5 / 1000 * 400.
    assert [one.box.xyxy for one in found] == [
        pytest.approx((40.2, 30.15, 200.2, 225.15)),
        pytest.approx((240.2, 150.15, 399.8, 299.85)),
    ]
    assert len(florence.propose(florence.set_image(photo), most=1)) == 1
    assert "proposes" in florence.info.capabilities


def test_it_does_not_chat(florence: Any, photo: Image.Image) -> None:
    assert "chat" not in florence.info.capabilities
    with pytest.raises(CaptionerError, match=r"^tiny-florence2 cannot chat: choose"):
        florence.chat(florence.set_image(photo), BOXES, [Turn("user", "what?")])


def test_it_can_be_left(florence: Any, photo: Image.Image) -> None:
    def leave() -> None:
        raise KeyError("left")

    florence.interrupt = leave
    try:
        with pytest.raises(KeyError, match="left"):
            list(florence.describe(florence.set_image(photo), BOXES, DescribeRequest()))
    finally:
        florence.interrupt = lambda: None
    assert len(list(florence.describe(florence.set_image(photo), BOXES, DescribeRequest()))) == 4
