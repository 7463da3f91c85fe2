"""Models that chat: what they are told, that many questions at a time and a shared picture change nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm import open_folder
from plugins.local_vlm.chat import PREFIXES_KEPT, LocalChatModel
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeSchema, DescribeRequest, Turn
from roi_assistant.errors import CaptionerError
from roi_assistant.vlm import chat_captioner
from roi_assistant.vlm.chat_captioner import Ask, ChatCaptioner, Message
from roi_assistant.vlm.prompts import instruction
from roi_assistant.vlm.telling import tell

INNER, BORDER, SMALL, LONG = (
    Box(40, 30, 200, 225),
    Box(240, 150, 400, 300),
    Box(100, 60, 102, 62),
    Box(60, 150, 360, 151),
)
BOXES = [INNER, BORDER, SMALL, LONG]
REQUEST = DescribeRequest(alternatives=0, attributes=AttributeSchema("none"))
SHARING = ("qwen3_vl", "qwen2_5_vl", "internvl", "glm4v")
APART = ("qwen3_5", "gemma3", "gemma4", "vipllava", "lfm2_vl")
TOKENS = 10


def model_of(captioner: ChatCaptioner) -> LocalChatModel:
    model = captioner._model
    assert isinstance(model, LocalChatModel)
    return model


def asks_of(captioner: ChatCaptioner, photo: Image.Image, boxes: Sequence[Box] = BOXES) -> list[Ask]:
    return [replace(captioner._ask(photo, box, REQUEST), most_tokens=TOKENS) for box in boxes]


@contextmanager
def logits_of(model: LocalChatModel) -> Iterator[list[Any]]:
    """The logits of the last token of each step."""
    seen: list[Any] = []
    handle = model._model.get_output_embeddings().register_forward_hook(
        lambda module, inputs, output: seen.append(output[:, -1].float().clone())
    )
    yield seen
    handle.remove()


@contextmanager
def naive(model: LocalChatModel) -> Iterator[None]:
    """Everything is computed anew for each question."""
    shared, model._is_shared = model._is_shared, False
    yield
    model._is_shared = shared


# What they are told. The numbers are worked out by hand for 400 x 300 pixels.


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (
            "qwen3_vl",
            ["[100, 100, 500, 750]", "[600, 500, 1000, 1000]", "[250, 200, 255, 207]", "[150, 500, 900, 503]"],
        ),
        # 400 x 300 becomes 392 x 308, multiples of 28: factors 0.98 and 1.0267.
        ("qwen2_5_vl", ["[39, 31, 196, 231]", "[235, 154, 392, 308]", "[98, 62, 100, 64]", "[59, 154, 353, 155]"]),
        (
            "internvl",
            ["[[100, 100, 500, 750]]", "[[600, 500, 1000, 1000]]", "[[250, 200, 255, 207]]", "[[150, 500, 900, 503]]"],
        ),
        (
            "glm4v",
            ["[100, 100, 500, 750]", "[600, 500, 1000, 1000]", "[250, 200, 255, 207]", "[150, 500, 900, 503]"],
        ),
        # y first
        (
            "gemma4",
            ["[100, 100, 750, 500]", "[500, 600, 1000, 1000]", "[200, 250, 207, 255]", "[500, 150, 503, 900]"],
        ),
    ],
)
def test_boxes_in_the_numbers_of_the_family(
    captioner: Callable[[str], Any], photo: Image.Image, family: str, expected: list[str]
) -> None:
    frames = {
        "qwen3_vl": '{{"bbox_2d": {}}}',
        "qwen2_5_vl": '{{"bbox_2d": {}}}',
        "glm4v": '{{"bbox_2d": {}}}',
        "internvl": "<box>{}</box>",
        "gemma4": '{{"box_2d": {}}}',
    }
    asks = asks_of(captioner(family), photo)
    for ask, numbers in zip(asks, expected, strict=True):
        assert f"\nLook at the thing at {frames[family].format(numbers)}. Answer" in ask.messages[0].text
        assert ask.messages[0].pictures == (photo,)


def test_qwen_2_5_counts_in_the_pixels_that_its_processor_makes(
    captioner: Callable[[str], Any], photo: Image.Image
) -> None:
    model = model_of(captioner("qwen2_5_vl"))
    with naive(model):
        inputs, _ = model.inputs(asks_of(captioner("qwen2_5_vl"), photo, [INNER]))
    assert inputs["image_grid_thw"].tolist() == [[1, 308 // 14, 392 // 14]]


@pytest.mark.parametrize("family", ["gemma3", "lfm2_vl", "vipllava"])
def test_others_are_shown_a_red_box(captioner: Callable[[str], Any], photo: Image.Image, family: str) -> None:
    asks = asks_of(captioner(family), photo)
    for ask in asks:
        assert "\nLook at the thing in the red box. Answer" in ask.messages[0].text
        (picture,) = ask.messages[0].pictures
        assert max(picture.size) / min(picture.size) <= 20.1
        assert b"\xff\0\0" * 6 in picture.tobytes()
    size = asks[0].messages[0].pictures[0].size
    assert size == photo.size if family == "vipllava" else asks[2].messages[0].pictures[0].size == (224, 224)


# Ids of tokens


def ids_of(captioner: ChatCaptioner, photo: Image.Image) -> tuple[str, list[int], str]:
    """The prompt as text, its ids, and the instruction, in one pass without anything shared."""
    model = model_of(captioner)
    (ask,) = asks_of(captioner, photo, [INNER])
    with naive(model):
        inputs, _ = model.inputs([ask])
    ids = inputs["input_ids"][0].tolist()
    return model._processor.tokenizer.decode(ids), ids, ask.messages[0].text


def test_the_prompt_of_qwen3_vl(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    text, ids, asked = ids_of(captioner("qwen3_vl"), photo)
    # 400 x 300 becomes 384 x 288: 12 x 9 tokens of 32 x 32 pixels. The template would begin to think.
    pads = "<|image_pad|>" * 108
    assert text == f"<|im_start|>user\n<|vision_start|>{pads}<|vision_end|>{asked}<|im_end|>\n<|im_start|>assistant\n"
    tokenizer = captioner("qwen3_vl")._model._processor.tokenizer
    assert ids[:1] == [tokenizer.convert_tokens_to_ids("<|im_start|>")]
    assert ids.count(tokenizer.convert_tokens_to_ids("<|image_pad|>")) == 108


def test_the_prompt_of_internvl(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    text, _, asked = ids_of(captioner("internvl"), photo)
    begin, _, end = text.partition("</img>")
    assert begin.startswith("<|im_start|>user\n<img><IMG_CONTEXT>")
    assert begin.count("<IMG_CONTEXT>") % 4 == 0
    assert end == f"\n{asked}<|im_end|>\n<|im_start|>assistant\n"


def test_gemma_has_one_begin_of_text(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    for family in ("gemma3", "gemma4"):
        text, ids, asked = ids_of(captioner(family), photo)
        assert ids.count(model_of(captioner(family))._processor.tokenizer.bos_token_id) == 1
        assert text.startswith("<bos><start_of_turn>user\n")
        assert text.endswith(f"{asked}<end_of_turn>\n<start_of_turn>model\n")


def test_gemma_4_is_told_to_look_at_more_of_the_picture(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    _, ids, _ = ids_of(captioner("gemma4"), photo)
    tokens = ids.count(model_of(captioner("gemma4"))._processor.image_token_id)
    assert 280 < tokens <= 560


# Many at a time, and the shared picture


@pytest.mark.parametrize("family", [*SHARING, *APART])
def test_many_at_a_time_answer_as_one_alone(captioner: Callable[[str], Any], photo: Image.Image, family: str) -> None:
    model = model_of(captioner(family))
    assert model._is_shared == (family in SHARING)
    asks = asks_of(captioner(family), photo)
    together = list(model.answers(asks))
    for ask, answer in zip(asks, together, strict=True):
        (alone,) = model.answers([ask])
        assert answer.text == alone.text == "".join(token.text for token in answer.tokens)
        assert [token.log_probability for token in answer.tokens] == pytest.approx(
            [token.log_probability for token in alone.tokens], abs=1e-4
        )
        assert all(math.isfinite(token.log_probability) and token.log_probability <= 0 for token in answer.tokens)


@pytest.mark.parametrize("family", SHARING)
def test_a_shared_picture_gives_the_logits_of_the_whole_pass(
    captioner: Callable[[str], Any], photo: Image.Image, torch: Any, family: str
) -> None:
    model = model_of(captioner(family))
    steps = 0
    for ask in asks_of(captioner(family), photo):
        with logits_of(model) as shared:
            (answer,) = model.answers([ask])
        with naive(model), logits_of(model) as whole:
            (expected,) = model.answers([ask])
        assert answer.text == expected.text
        # The first of the shared ones may be the pass over the picture.
        shared = shared[-len(whole) :]
        steps += len(whole)
        assert max(float((a - b).abs().max()) for a, b in zip(shared, whole, strict=True)) < 1e-4
    assert steps >= 8


@pytest.mark.parametrize("family", SHARING)
def test_a_picture_is_looked_at_once(captioner: Callable[[str], Any], photo: Image.Image, family: str) -> None:
    large = photo.resize((1600, 1200))  # a smaller copy of it is shown, the same for all questions
    model = model_of(captioner(family))
    for picture in (photo.copy(), large):
        seen: list[object] = []
        tower = next(
            module for name, module in model._model.named_modules() if name.endswith(("visual", "vision_tower"))
        )
        handle = tower.register_forward_hook(lambda *_: seen.append(1))  # noqa: B023
        list(model.answers(asks_of(captioner(family), picture)))
        list(model.answers(asks_of(captioner(family), picture, [SMALL])))
        handle.remove()
        assert len(seen) == 1
    assert len(model._prefixes) <= PREFIXES_KEPT


@pytest.mark.parametrize("family", SHARING)
def test_what_questions_begin_with_is_read_once(
    captioner: Callable[[str], Any], photo: Image.Image, family: str
) -> None:
    """The instruction comes before the region."""
    model = model_of(captioner(family))
    lengths: list[int] = []
    handle = model._model.get_input_embeddings().register_forward_hook(
        lambda module, inputs, output: lengths.append(output.shape[1])
    )
    picture = photo.copy()
    first, second, third, fourth = asks_of(captioner(family), picture)
    list(model.answers([replace(first, most_tokens=1)]))
    picture_and_whole = lengths.copy()
    lengths.clear()
    list(model.answers([replace(second, most_tokens=1)]))
    instruction_and_place = lengths.copy()
    lengths.clear()
    list(model.answers([replace(third, most_tokens=1), replace(fourth, most_tokens=1)]))
    handle.remove()
    assert len(picture_and_whole) == len(instruction_and_place) == 2
    assert instruction_and_place[0] > 2 * instruction_and_place[1]
    assert len(lengths) == 1
    assert lengths[0] < instruction_and_place[1] + 20


@pytest.mark.parametrize("family", ["qwen3_vl", "qwen3_5", "lfm2_vl"])
def test_a_stream_says_what_an_answer_says(captioner: Callable[[str], Any], photo: Image.Image, family: str) -> None:
    model = model_of(captioner(family))
    (ask,) = asks_of(captioner(family), photo, [INNER])
    (answer,) = model.answers([ask])
    pieces = list(model.stream(ask))
    assert "".join(pieces) == answer.text
    assert len(pieces) > 1


def test_a_conversation_goes_on(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_captioner, "MOST_CHAT_TOKENS", 6)
    one = captioner("qwen3_vl")
    state = one.set_image(photo)
    turns = [Turn("user", "what is <region1>?")]
    first = "".join(one.chat(state, [INNER, SMALL], turns))
    more = [*turns, Turn("assistant", first), Turn("user", "and <region2>?")]
    second = "".join(one.chat(state, [INNER, SMALL], more))
    with naive(model_of(one)):
        assert second == "".join(one.chat(state, [INNER, SMALL], more))
    assert first != second


def test_regions_are_described_and_the_model_named(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_captioner, "MOST_TOKENS", dict.fromkeys(chat_captioner.MOST_TOKENS, 5))
    one = captioner("qwen3_vl")
    found = list(one.describe(one.set_image(photo.copy()), BOXES, REQUEST))
    assert [text.box for text in found] == BOXES
    assert "qwen3" in one.info.id
    assert one.info.precision == "fp32"
    assert len(one.info.weights_sha256) == 64


# Leaving, and what does not fit


class Left(Exception):
    pass


def leave_after(calls: int) -> Callable[[], None]:
    left = iter(range(calls))

    def interrupt() -> None:
        if next(left, None) is None:
            raise Left

    return interrupt


@pytest.mark.parametrize("calls", [0, 3, 20])
def test_it_can_be_left_anywhere(captioner: Callable[[str], Any], photo: Image.Image, calls: int) -> None:
    one = captioner("qwen3_vl")
    model = model_of(one)
    asks = asks_of(one, photo.copy())
    expected = list(model.answers(asks))
    fresh = asks_of(one, photo.copy())
    one.interrupt = leave_after(calls)
    try:
        with pytest.raises(Left):
            list(model.answers(fresh))
        one.interrupt = leave_after(min(calls, 5))
        with pytest.raises(Left):
            list(model.stream(fresh[0]))
    finally:
        one.interrupt = lambda: None
    assert list(model.answers(fresh)) == expected


def test_memory_that_does_not_suffice_halves_the_questions(
    captioner: Callable[[str], Any], photo: Image.Image, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(captioner("qwen3_vl"))
    asks = asks_of(captioner("qwen3_vl"), photo)
    expected = list(model.answers(asks))
    speaker, write = model._speaker, model._speaker.write
    sizes: list[int] = []

    def small(most: int) -> Callable[..., Any]:
        def limited(inputs: dict[str, Any], **more: Any) -> Any:
            sizes.append(len(inputs["input_ids"]))
            if sizes[-1] > most:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return write(inputs, **more)

        return limited

    monkeypatch.setattr(speaker, "_rows", 8)
    monkeypatch.setattr(speaker, "write", small(1))
    assert [answer.text for answer in model.answers(asks)] == [answer.text for answer in expected]
    assert sizes == [4, 2, 1, 1, 1, 1]
    monkeypatch.setattr(speaker, "write", small(0))
    with pytest.raises(CaptionerError, match=r"^There is too little memory for tiny-qwen3_vl and one photo: close"):
        list(model.answers(asks))


def test_what_the_libraries_refuse_is_one_sentence(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(captioner("qwen3_vl"))

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("no such\nthing")

    monkeypatch.setattr(model._speaker, "write", refuse)
    with pytest.raises(CaptionerError, match=r"^tiny-qwen3_vl cannot answer: no such thing\.$"):
        list(model.answers(asks_of(captioner("qwen3_vl"), photo)))


@pytest.mark.parametrize("family", ["qwen3_vl", "qwen2_5_vl", "lfm2_vl"])
def test_a_photo_that_is_300_times_as_wide_as_high(captioner: Callable[[str], Any], family: str) -> None:
    strip = Image.new("RGB", (1800, 6), (10, 200, 30))
    one = captioner(family)
    (answer,) = model_of(one).answers(asks_of(one, strip, [Box(90, 0, 900, 6)]))
    assert answer.tokens
    told = tell(strip, Box(90, 0, 900, 6), one._model.region_form)
    if family == "qwen3_vl":
        # Padded to 1800 x 90, of which 6 of 90 rows are the photo's.
        assert told.words == 'the thing at {"bbox_2d": [50, 0, 500, 67]}'


def test_markers_around_answers_are_no_part_of_them(captioner: Callable[[str], Any]) -> None:
    model = model_of(captioner("glm4v"))
    tokenizer = model._processor.tokenizer
    marks = tokenizer.convert_tokens_to_ids(["<|begin_of_box|>", "<|end_of_box|>"])
    words = tokenizer("a red cup")["input_ids"]
    row = [(token, -0.5) for token in (marks[0], *words, marks[1], min(model._speaker.ends))]
    answer = model._answer(row, Ask(messages=(), most_tokens=50))
    assert (answer.text, answer.cut) == ("a red cup", False)
    assert model._answer(row[:-1], Ask(messages=(), most_tokens=50)).cut


def test_a_question_without_a_picture(captioner: Callable[[str], Any]) -> None:
    model = model_of(captioner("qwen3_vl"))
    (answer,) = model.answers([Ask(messages=(Message("user", "What is red?"),), most_tokens=3)])
    assert len(answer.tokens) <= 3


def test_instructions_are_the_programs(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    from roi_assistant.core.records import Prompts

    (ask,) = asks_of(captioner("qwen3_vl"), photo, [INNER])
    words = 'the thing at {"bbox_2d": [100, 100, 500, 750]}'
    assert ask.messages[0].text == instruction(REQUEST, words, Prompts())


def test_closing_gives_the_weights_back(checkpoints: Callable[[str], Path], photo: Image.Image) -> None:
    import gc
    import weakref

    factory = open_folder(checkpoints("qwen3_vl"))
    assert factory is not None
    one: Any = factory(device="cpu")
    list(one._model.answers(asks_of(one, photo, [INNER])))
    weights = weakref.ref(next(one._model._model.parameters()))
    one.close()
    gc.collect()
    assert weights() is None


def test_smolvlm_names_the_library_that_it_needs(torch: Any, checkpoints: Callable[[str], Path]) -> None:
    try:
        folder = checkpoints("smolvlm")
    except ImportError:
        pytest.skip("the processor of SmolVLM needs num2words")
    factory = open_folder(folder)
    assert factory is not None
    assert "chat" in factory(device="cpu").info.capabilities
