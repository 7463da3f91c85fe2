"""The slow tokenizer's ids, worked out from its rules."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.errors import ModelFileError
from roi_assistant.models.gpt4roi.sentencepiece_file import SentencePiece, read_pieces
from roi_assistant.models.gpt4roi.tokenization import ADDED_TOKENS, Gpt4RoiTokenizer
from tests.unit.tiny_gpt4roi import pieces, sentencepiece_file

BYTE = 3
"""Id of the byte 0."""


@pytest.fixture(scope="module")
def tokenizer() -> Gpt4RoiTokenizer:
    return Gpt4RoiTokenizer.from_pieces(pieces())


def names(tokenizer: Gpt4RoiTokenizer, text: str) -> list[str]:
    """The pieces that ``text`` becomes."""
    by_id = {number: piece.text for number, piece in enumerate(pieces())}
    by_id |= {number: token for token, number in tokenizer.added.items()}
    return [by_id[number] for number in tokenizer.encode(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Ordinary text: a space is put in front, the one at the end stays.
        ("###", ["▁###"]),
        ("a red", ["▁a", "▁red"]),
        ("a ", ["▁a", "▁"]),
        ("  a", ["▁", "▁", "▁a"]),
        # After a line break no space is put, so "###" is not the piece with a space.
        ("a\n### ", ["▁a", "<0x0A>", "##", "#", "▁"]),
        # Beside an added token white space goes, and every piece of text gets a space of its own.
        ("<im_end> provides", ["<im_end>", "▁provides"]),
        ("<im_end>provides", ["<im_end>", "▁provides"]),
        ("<im_end>   provides ", ["<im_end>", "▁provides", "▁"]),
        ("<bbox>?", ["<bbox>", "▁?"]),
        ("<bbox>, and", ["<bbox>", "▁,", "▁and"]),
        ("a <bbox>\n### ", ["▁a", "<bbox>", "▁###", "▁"]),
        ("a\n<bbox>", ["▁a", "<bbox>"]),
        ("<im_start><im_patch><im_patch><im_end>", ["<im_start>", "<im_patch>", "<im_patch>", "<im_end>"]),
        ("<bbox> <bbox>", ["<bbox>", "<bbox>"]),
        ("[PAD]a<point>", ["[PAD]", "▁a", "<point>"]),
        # What is no piece is written in bytes; tokens of LLaMA itself in a text are text.
        ("é", ["▁", "<0xC3>", "<0xA9>"]),
        ("</s>", ["▁", "<", "/", "s", ">"]),
        ("", []),
    ],
)
def test_ids_of_the_slow_tokenizer(tokenizer: Gpt4RoiTokenizer, text: str, expected: list[str]) -> None:
    assert names(tokenizer, text) == expected


def test_begin_token_comes_first(tokenizer: Gpt4RoiTokenizer) -> None:
    assert tokenizer.encode("<bbox>", begin=True) == [1, tokenizer.added["<bbox>"]]


def test_added_tokens_have_the_published_ids() -> None:
    known = pieces()
    known += [SentencePiece(f"filler {number}", -1e6) for number in range(32000 - len(known))]
    tokenizer = Gpt4RoiTokenizer.from_pieces(known)
    assert tokenizer.added == {
        "[PAD]": 32000,
        "<im_patch>": 32001,
        "<bbox>": 32002,
        "<point>": 32003,
        "<im_start>": 32004,
        "<im_end>": 32005,
    }
    assert len(tokenizer) == 32006
    assert (tokenizer.begin, tokenizer.end) == (1, 2)


@given(st.text(alphabet=sorted({c for p in pieces()[259:] for c in p.text.replace("▁", " ")} | {"\n", "é", "€"})))
@settings(max_examples=60, deadline=None)
def test_merges_as_sentencepiece_does(tokenizer: Gpt4RoiTokenizer, text: str) -> None:
    """Of all neighbours that make a piece, those that make the one with the highest score, the leftmost first."""
    known = {piece.text: (piece.score, number) for number, piece in enumerate(pieces()) if number >= 259}
    parts = list("▁" + text.replace(" ", "▁")) if text else []
    while True:
        pairs = [(known[a + b][0], -k) for k, (a, b) in enumerate(itertools.pairwise(parts)) if a + b in known]
        if not pairs:
            break
        place = -max(pairs)[1]
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    expected = [
        number
        for part in parts
        for number in ([known[part][1]] if part in known else [BYTE + b for b in part.encode()])
    ]
    assert tokenizer.encode(text) == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=60, deadline=None)
def test_text_comes_back(tokenizer: Gpt4RoiTokenizer, text: str) -> None:
    text = text.replace("▁", "")
    if not any(token in text for token in ADDED_TOKENS):
        assert tokenizer.decode(tokenizer.encode(text, begin=True)) == text


def test_decoding_leaves_out_added_tokens(tokenizer: Gpt4RoiTokenizer) -> None:
    ids = [*tokenizer.encode("a <bbox> red<im_end>"), tokenizer.end]
    assert tokenizer.decode(ids) == "a red"
    assert tokenizer.decode([]) == ""


def test_an_incomplete_character_spoils_nothing_before_it(tokenizer: Gpt4RoiTokenizer) -> None:
    ids = tokenizer.encode("éé")
    assert [tokenizer.decode(ids[:stop]) for stop in range(1, 6)] == ["", "\ufffd", "é", "é\ufffd", "éé"]


def test_one_file_holds_it(tokenizer: Gpt4RoiTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    path = tmp_path / "tokenizer.json"
    again = Gpt4RoiTokenizer.load(path.read_bytes(), path=path)
    text = "a <bbox>? é\n### "
    assert again.encode(text) == tokenizer.encode(text)
    assert again.added == tokenizer.added


def test_sentencepiece_model_is_read(tokenizer: Gpt4RoiTokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(sentencepiece_file(pieces()))
    assert read_pieces(path) == pieces()
    assert Gpt4RoiTokenizer.from_llama(tmp_path).encode("a <bbox>? é") == tokenizer.encode("a <bbox>? é")


@pytest.mark.parametrize("separate", [True, False])
def test_fast_tokenizer_file_of_a_hub_gives_the_slow_ids(
    tokenizer: Gpt4RoiTokenizer, tmp_path: Path, separate: bool
) -> None:
    """Its vocabulary and merges are taken, its normalizer is not."""
    tokenizer.save(tmp_path / "tokenizer.json")
    data = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    data["normalizer"] = {"type": "Prepend", "prepend": "▁"}
    if not separate:
        data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
    (tmp_path / "tokenizer.json").write_text(json.dumps(data), encoding="utf-8")
    again = Gpt4RoiTokenizer.from_llama(tmp_path)
    assert again.encode("<im_end> provides a") == tokenizer.encode("<im_end> provides a")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a model",
        sentencepiece_file(pieces(), kind=1),
        sentencepiece_file(pieces())[:-200],
        b"\xff" * 40,
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"tokenizer\.model"):
        Gpt4RoiTokenizer.from_llama(tmp_path)


def test_missing_and_damaged_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"has no tokenizer\.model"):
        Gpt4RoiTokenizer.from_llama(tmp_path)
    path = tmp_path / "tokenizer.json"
    content: Any
    for content in ({"model": {}}, [], {"model": {"vocab": {"a": 0, "b": 5}, "merges": []}}):
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(ModelFileError):
            Gpt4RoiTokenizer.from_llama(tmp_path)
    with pytest.raises(ModelFileError, match="import the model again"):
        Gpt4RoiTokenizer.load(b"{", path=path)


def test_a_tokenizer_with_other_ids_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    text = Tokenizer(BPE({"<unk>": 0, "<s>": 1, "</s>": 2}, [], unk_token="<unk>")).to_str()
    with pytest.raises(ModelFileError, match="not that of GPT4RoI"):
        Gpt4RoiTokenizer.load(text.encode(), path=tmp_path / "tokenizer.json")
