"""PaliGemma and Kosmos-2: their prompts and tokens, and that answers are those of the official calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.errors import CaptionerError

BOXES = [Box(40, 30, 200, 225), Box(240, 150, 400, 300), Box(100, 60, 102, 62), Box(60, 150, 360, 151)]
ONE = DescribeRequest(alternatives=0)
# y first, of 1,023: 30/300 = 102.3, 40/400 = 102.3, 225/300 = 767.25, 200/400 = 511.5 and so on, for 400 x 300 pixels.
PALIGEMMA = [(102, 102, 767, 512), (512, 614, 1023, 1023), (205, 256, 211, 261), (512, 153, 515, 921)]
# Row by row in 32 x 32: (3.2, 3.2) to (16, 24) is column 3, row 3 to column 15, row 23.
KOSMOS = [(3 * 32 + 3, 23 * 32 + 15), (16 * 32 + 19, 1023), (6 * 32 + 8, 6 * 32 + 8), (16 * 32 + 4, 16 * 32 + 28)]


def test_the_prompt_of_paligemma(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    one = captioner("paligemma")
    found = list(one.describe(one.set_image(photo), BOXES, ONE))
    prompts = ["".join(f"<loc{number:04d}>" for number in numbers) for numbers in PALIGEMMA]
    assert [text.prompt for text in found] == [f"<image>caption {prompt}" for prompt in prompts]
    tokenizer = one.processor.tokenizer
    ids = one.inputs(photo, [found[0].prompt])["input_ids"][0].tolist()
    assert ids[:17] == [tokenizer.convert_tokens_to_ids("<image>")] * 16 + [tokenizer.bos_token_id]
    assert tokenizer.decode(ids[17:]) == f"caption {prompts[0]}\n"
    assert len(ids) - 17 == len(tokenizer("caption \n")["input_ids"]) + 4


def test_the_prompt_of_kosmos_2(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    one = captioner("kosmos2")
    found = list(one.describe(one.set_image(photo), BOXES, ONE))
    assert [text.prompt for text in found] == [
        f"<grounding><phrase> It</phrase><object><patch_index_{a:04d}><patch_index_{b:04d}></object> is"
        for a, b in KOSMOS
    ]
    tokenizer = one.processor.tokenizer
    inputs = one.inputs(photo, [found[0].prompt])
    ids = inputs["input_ids"][0].tolist()
    at = ids.index(tokenizer.convert_tokens_to_ids("<object>"))
    assert ids[at + 1 : at + 3] == tokenizer.convert_tokens_to_ids(["<patch_index_0099>", "<patch_index_0751>"])
    assert int(inputs["image_embeds_position_mask"].sum()) == 64


@pytest.mark.parametrize("family", ["paligemma", "kosmos2"])
def test_answers_are_those_of_the_official_call(
    captioner: Callable[[str], Any], photo: Image.Image, torch: Any, family: str
) -> None:
    one = captioner(family)
    found = list(one.describe(one.set_image(photo), BOXES, DescribeRequest(alternatives=1)))
    assert any(text.alternatives for text in found)
    for text in found:
        inputs = one.processor(text=text.prompt, images=photo, return_tensors="pt")
        length = inputs["input_ids"].shape[1]
        for name in ("labels", "token_type_ids"):
            inputs.pop(name, None)
        with torch.inference_mode():
            output = one._model.generate(**inputs, max_new_tokens=48, num_beams=3, do_sample=False)
        words = one.processor.decode(output[0, length:], skip_special_tokens=True)
        expected = one.processor.post_process_generation(words)[0] if family == "kosmos2" else words
        assert text.caption.text == expected.strip() or (not expected.strip() and text.unsure)


@pytest.mark.parametrize("family", ["paligemma", "kosmos2"])
def test_many_regions_answer_as_one_alone(captioner: Callable[[str], Any], photo: Image.Image, family: str) -> None:
    one = captioner(family)
    state = one.set_image(photo)
    for text in one.describe(state, BOXES, ONE):
        (alone,) = one.describe(state, [text.box], ONE)
        assert alone.caption.text == text.caption.text
        assert alone.caption.score == pytest.approx(text.caption.score, abs=1e-5)


def test_the_phrase_marks_of_kosmos_are_no_part_of_a_caption(captioner: Callable[[str], Any]) -> None:
    said = " a<phrase> red cup</phrase><object><patch_index_0099><patch_index_0751></object> on it."
    assert captioner("kosmos2").words(said) == "a red cup on it."


def test_memory_that_does_not_suffice_halves_the_regions(
    captioner: Callable[[str], Any], photo: Image.Image, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = captioner("paligemma")
    expected = [text.caption.text for text in one.describe(one.set_image(photo), BOXES, ONE)]
    inputs = one.inputs

    def limited(image: Image.Image, prompts: list[str]) -> Any:
        if len(prompts) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return inputs(image, prompts)

    monkeypatch.setattr(one._speaker, "_rows", 8)
    monkeypatch.setattr(one, "inputs", limited)
    assert [text.caption.text for text in one.describe(one.set_image(photo), BOXES, ONE)] == expected
    assert one._speaker._rows == 1


def test_they_do_not_chat(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    for family in ("paligemma", "kosmos2"):
        with pytest.raises(CaptionerError, match="cannot chat"):
            captioner(family).chat(None, [], [])
