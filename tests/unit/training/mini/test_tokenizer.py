"""The tokenizer brings back what it was given, and keeps special tokens whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tokenizers import Tokenizer

from roi_assistant.core.prompts import BOX, PAD, SPECIAL_TOKENS, ask, prefix, special_token_ids
from roi_assistant.errors import ModelFileError
from roi_assistant.training.mini.tokenizer import train_tokenizer


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize(
    "text",
    ["a clown", "a clown in a striped hat", "someone chases the ball", "a-b, c.", "dogs' hats", "sandals on a beach"],
)
def test_text_comes_back(text: str, tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(ids(tokenizer, text)) == text


def test_text_comes_back_token_by_token(tokenizer: Tokenizer) -> None:
    """What chat shows while it writes only ever grows."""
    tokens = ids(tokenizer, "a clown chasing <region1> on a beach")
    shown = [tokenizer.decode(tokens[: k + 1], skip_special_tokens=False) for k in range(len(tokens))]
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
    assert "<region1>" in shown[-1]


def test_case_and_compatibility_forms_do_not_matter(tokenizer: Tokenizer) -> None:
    assert ids(tokenizer, "A Clown") == ids(tokenizer, "a clown")
    assert ids(tokenizer, "ﬁeld") == ids(tokenizer, "field")


def test_frequent_words_are_one_token_and_long_ones_several(tokenizer: Tokenizer) -> None:
    assert len(ids(tokenizer, "clown")) == 1
    assert len(ids(tokenizer, "clownish")) > 1


def test_special_tokens_come_first_and_stay_whole(tokenizer: Tokenizer) -> None:
    assert special_token_ids(tokenizer.token_to_id) == {token: number for number, token in enumerate(SPECIAL_TOKENS)}
    text = prefix(regions=2, image_tokens=3, region_tokens=2)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    assert "".join(encoding.tokens) == text
    assert encoding.tokens.count(BOX) == 4


def test_reference_in_a_question_is_the_name_of_the_region(tokenizer: Tokenizer) -> None:
    tokens = ids(tokenizer, ask("what is <region1> doing to <region2>"))
    expected = ["<q>", "▁what", "▁is", "<region1>", "▁doing", "▁to", "<region2>", "<a>"]
    assert tokens == [tokenizer.token_to_id(token) for token in expected], "spaces around a reference cost no token"


def test_special_tokens_are_not_shown(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(ids(tokenizer, "<s>a clown</s>"), skip_special_tokens=True).strip() == "a clown"


def test_unknown_characters_are_dropped(tokenizer: Tokenizer) -> None:
    tokens = ids(tokenizer, "a 象 clown")
    assert tokenizer.token_to_id(PAD) in tokens
    assert "象" not in tokenizer.decode(tokens)
    assert tokenizer.decode(tokens).split() == ["a", "clown"]


def test_same_text_gives_the_same_tokenizer() -> None:
    lines = ["a clown chases a kite", "the kite is red", "a red clown"] * 3
    assert train_tokenizer(lines, vocab_size=60).to_str() == train_tokenizer(lines, vocab_size=60).to_str()
    assert train_tokenizer(lines, vocab_size=50).get_vocab_size() <= 50


def test_tokenizer_of_another_model() -> None:
    with pytest.raises(ModelFileError, match="has no token <s>: it belongs to another model"):
        special_token_ids(lambda token: 0 if token == PAD else None)
