"""Reads the vocabulary of a SentencePiece ``tokenizer.model`` without the sentencepiece library.

The file is a protocol buffer (``sentencepiece_model.proto``): field 1 repeats the pieces (1 text, 2 score, 3 type),
field 2 is the trainer's specification, of which field 3 is the kind of model. Nothing else is looked at.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.protobuf import message_fields
from roi_assistant.errors import ModelFileError

NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""Types of pieces that a Llama vocabulary has."""
_BPE = 2


@dataclass(frozen=True, slots=True)
class SentencePiece:
    """An entry of the vocabulary; its id is its place in the file. Pieces with higher scores are merged first."""

    text: str
    score: float
    kind: int = NORMAL


def read_pieces(path: Path) -> list[SentencePiece]:
    """The vocabulary in ``path``, in the order of ids.

    Raises:
        ModelFileError: the file cannot be read, is no SentencePiece model, or is not of the BPE kind.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError("{path} cannot be read ({reason}): copy it again.", path=path, reason=error) from error
    pieces: list[SentencePiece] = []
    kind = 1  # the format's default, unigram
    try:
        for field, value in message_fields(data):
            if field == 1 and isinstance(value, bytes):
                pieces.append(_piece(value))
            elif field == 2 and isinstance(value, bytes):
                kind = next((v for f, v in message_fields(value) if f == 3 and isinstance(v, int)), kind)
    except (ValueError, IndexError, struct.error) as error:
        raise ModelFileError(
            "{path} is not a SentencePiece model: copy the tokenizer.model of LLaMA again.", path=path
        ) from error
    if kind != _BPE or not pieces:
        raise ModelFileError(
            "{path} is not a SentencePiece model of the BPE kind, which LLaMA's tokenizer is.", path=path
        )
    return pieces


def _piece(data: bytes) -> SentencePiece:
    text, score, kind = "", 0.0, NORMAL
    for field, value in message_fields(data):
        if field == 1 and isinstance(value, bytes):
            text = value.decode("utf-8")
        elif field == 2 and isinstance(value, float):
            score = value
        elif field == 3 and isinstance(value, int):
            kind = value
    return SentencePiece(text, score, kind)
