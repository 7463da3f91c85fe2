"""Answers and figures on held-out photos while training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from roi_assistant.core.prompts import END, QUESTIONS, ask, prefix


@pytest.fixture(scope="module")
def model(torch: Any, new_model: Callable[[], Any]) -> Any:
    """Untrained, but with something to say."""
    model = new_model().eval().requires_grad_(False)
    for parameter in model.language.parameters():
        if parameter.dim() == 2:
            parameter.mul_(12)
    return model


@pytest.fixture(scope="module")
def source(torch: Any, features: dict[str, np.ndarray]) -> Any:
    from roi_assistant.training.mini.region_stage import FeatureSource

    return FeatureSource([features])


@pytest.fixture(scope="module")
def encode(model: Any, source: Any) -> Any:
    from roi_assistant.training.mini.region_stage import encode_vision

    return lambda samples: encode_vision(model, source.batch(samples))


ROWS = [(0, 0), (0, 2), (3, 9), (4, 12)]


def greedy(torch: Any, model: Any, tokenizer: Tokenizer, source: Any, pair: tuple[int, int], question: str) -> str:
    """The answer about one region, a token at a time and without a cache."""
    from roi_assistant.training.mini.corpus import Sample
    from roi_assistant.training.mini.region_stage import encode_vision

    image, regions, _ = encode_vision(model, source.batch([Sample(pair[0], (pair[1],), 0, ())]))
    text = prefix(regions=1, image_tokens=5, region_tokens=4) + ask(question)
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    answer: list[int] = []
    while len(answer) < 12:
        embeddings = model.embed(torch.tensor([ids + answer]), image=image, regions=regions)
        token = int(model.language(inputs_embeds=embeddings, use_cache=False).logits[0, -1].argmax())
        if token == tokenizer.token_to_id(END):
            break
        answer.append(token)
    return tokenizer.decode(answer, skip_special_tokens=True).strip()


def test_answers_are_greedy_ones_to_the_first_wording(
    torch: Any, model: Any, tokenizer: Tokenizer, source: Any, encode: Any
) -> None:
    from roi_assistant.training.mini.validate import answer

    for task in ("phrase", "color"):
        found = answer(model, tokenizer, encode, ROWS, task)  # type: ignore[arg-type]
        expected = [greedy(torch, model, tokenizer, source, pair, QUESTIONS[task][0]) for pair in ROWS]
        assert found == [[text] for text in expected]
        assert len(set(expected)) > 1, "different regions, different answers"
    assert answer(model, tokenizer, encode, ROWS, "phrase", batch=3) == answer(model, tokenizer, encode, ROWS, "phrase")


def test_several_answers_begin_with_the_best(model: Any, tokenizer: Tokenizer, encode: Any) -> None:
    from roi_assistant.training.mini.validate import answer

    found = answer(model, tokenizer, encode, ROWS, "category", beams=4, sequences=3)
    assert [len(texts) for texts in found] == [3] * len(ROWS)
    one = answer(model, tokenizer, encode, ROWS, "category", beams=4)
    assert [texts[0] for texts in found] == [texts[0] for texts in one]


def test_held_out_regions(torch: Any, mix: Any) -> None:
    from roi_assistant.training.mini.validate import val_rows

    rows = val_rows(mix)
    assert rows.flickr == [(photo, 3 * photo + k) for photo in (0, 1) for k in range(3)]
    assert rows.general == [(2, 6), (2, 7)]
    assert rows.frequent == [False, False], "no category has five training photos"


def test_figures(torch: Any, model: Any, tokenizer: Tokenizer, mix: Any, features: Any) -> None:
    pytest.importorskip("pycocoevalcap", reason="caption metrics need pycocoevalcap, the extra 'evaluation'")
    from roi_assistant.training.mini.region_stage import FeatureSource, encode_vision
    from roi_assistant.training.mini.validate import validate

    source = FeatureSource([features])
    figures = validate(model, tokenizer, mix, lambda samples: encode_vision(model, source.batch(samples)))
    assert set(figures) == {
        *("cider", "exact", "head", "color_in_caption", "color", "action"),
        *("top1", "top5", "top1_synonym", "top1_general", "general_head"),
    }
    assert all(0 <= figures[name] <= 1 for name in ("exact", "head", "color_in_caption", "color", "action"))
    assert np.isnan(figures["top1"]), "no held-out category is frequent here"
