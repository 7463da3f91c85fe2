from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm.speaking import Pieces


@pytest.mark.parametrize("text", ["a red cup, 12 cm", " zwei große Äpfel\n", "一个红色的杯子", "🚲 a bicycle 🚲", ""])
def test_pieces_give_the_whole_text(captioner: Callable[[str], Any], text: str) -> None:
    tokenizer = captioner("qwen3_vl")._model._processor.tokenizer
    pieces = Pieces(tokenizer)
    ids = tokenizer(text)["input_ids"]
    found = [pieces.add(token) for token in ids]
    assert "".join(found) + pieces.rest() == text
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in found)


def test_half_a_letter_is_told_in_the_end_only(captioner: Callable[[str], Any]) -> None:
    tokenizer = captioner("qwen3_vl")._model._processor.tokenizer
    pieces = Pieces(tokenizer)
    ids = tokenizer("a 🚲")["input_ids"][:-1]
    assert "".join(pieces.add(token) for token in ids) == "a "
    assert pieces.rest() == "\N{REPLACEMENT CHARACTER}"


def test_a_checkpoints_own_wishes_are_not_followed(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    """Published ones ask for sampling and for penalties."""
    one = captioner("internvl")
    speaker, model = one._model._speaker, one._model._model
    inputs, _ = one._model.inputs(
        [one._ask(photo, box, request) for box, request in [(_box(), _request())]]
    )  # fmt: skip
    before = speaker.write({**inputs}, most=8, cache=one._model.inputs([one._ask(photo, _box(), _request())])[1])
    wishes = {"do_sample": True, "temperature": 5.0, "repetition_penalty": 3.0, "num_beams": 2}
    kept = {name: getattr(model.generation_config, name) for name in wishes}
    model.generation_config.update(**wishes)
    try:
        again = speaker.write({**inputs}, most=8, cache=one._model.inputs([one._ask(photo, _box(), _request())])[1])
    finally:
        model.generation_config.update(**kept)
    assert again == before


def _box() -> Any:
    from roi_assistant.core.box import Box

    return Box(40, 30, 200, 225)


def _request() -> Any:
    from roi_assistant.core.records import DescribeRequest

    return DescribeRequest()
