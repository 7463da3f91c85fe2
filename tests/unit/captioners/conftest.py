"""A tokenizer of a few words and a plain calibration."""

from __future__ import annotations

from typing import Any

import pytest
from tokenizers import Tokenizer

WORDS = (
    "a an the two three man woman dog cat chair hat coat puppy person animal object thing red blue green gold brown "
    "round wood wet striped small is are of in on and with sitting running wearing furniture yes no"
)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Every word of ``WORDS`` and of the questions is one token."""
    from roi_assistant.core.prompts import QUESTIONS
    from roi_assistant.training.mini.tokenizer import train_tokenizer

    questions = [wording.format(article="a") for several in QUESTIONS.values() for wording in several]
    return train_tokenizer([WORDS, *questions] * 3, vocab_size=2000)


@pytest.fixture(scope="session")
def plain_calibration() -> dict[str, Any]:
    """Scores and order are by the model's own probabilities; nothing is unsure, no color is replaced."""
    return {
        "curves": {},
        "unsure_below": 0.0,
        "general_from": 0.0,
        "ranking": {"length_power": 0.0, "category": 0.0, "color": 0.0, "recolor_below": 0.0, "recolor_from": 1.0},
        "color": {"names": ["red", "blue", "green", "gold"], "pixel_weight": 0.5, "second_from": 0.3},
    }
