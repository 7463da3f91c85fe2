"""The tokenizer of the published GPT4RoI: LLaMA's vocabulary and six tokens behind it.

The model was trained with the "slow" tokenizer of transformers 4.29. It cuts a text at the added tokens, strips white
space (line breaks too) from the sides that touch one, and gives each piece a space in front of its own, whatever stood
there. The "fast" tokenizers of then and of now do otherwise in one place or another (an extra token for the space after
an added token, no space before text that is glued to one), which the model has never seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE

from roi_assistant.errors import ModelFileError
from roi_assistant.models.gpt4roi.sentencepiece_file import NORMAL, SentencePiece, read_pieces

PAD, IMAGE_PATCH, BOX, POINT = "[PAD]", "<im_patch>", "<bbox>", "<point>"
IMAGE_START, IMAGE_END = "<im_start>", "<im_end>"
ADDED_TOKENS = (PAD, IMAGE_PATCH, BOX, POINT, IMAGE_START, IMAGE_END)
"""In the order of their ids, which follow those of LLaMA: 32000 to 32005."""
UNKNOWN, BEGIN, END = "<unk>", "<s>", "</s>"
TOKENIZER_FILE = "tokenizer.json"
SPACE = "▁"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_ADDED = re.compile("(" + "|".join(map(re.escape, ADDED_TOKENS)) + ")")


class Gpt4RoiTokenizer:
    """Text <-> ids. ``added`` maps the six tokens to their ids."""

    def __init__(self, backend: Tokenizer) -> None:
        """Raises: ModelFileError, the vocabulary is not LLaMA's with the six tokens behind it."""
        self._backend = backend
        vocabulary = backend.get_vocab(with_added_tokens=False)
        self.base_size = len(vocabulary)
        """Ids of LLaMA itself."""
        self.added = {token: self.base_size + number for number, token in enumerate(ADDED_TOKENS)}
        wrong = [token for token, number in self.added.items() if backend.token_to_id(token) != number]
        missing = [token for token in (UNKNOWN, BEGIN, END) if token not in vocabulary]
        if wrong or missing:
            raise ModelFileError(
                "The tokenizer is not that of GPT4RoI: {choices} is missing or has another id.",
                choices=", ".join(missing + wrong),
            )
        self.begin, self.end = vocabulary[BEGIN], vocabulary[END]
        self._silent = {self.begin, self.end, vocabulary[UNKNOWN]}

    def __len__(self) -> int:
        return self.base_size + len(ADDED_TOKENS)

    @classmethod
    def from_pieces(cls, pieces: Sequence[SentencePiece]) -> Gpt4RoiTokenizer:
        """From LLaMA's vocabulary, in the order of ids."""
        vocabulary = {piece.text: number for number, piece in enumerate(pieces)}
        if len(vocabulary) != len(pieces):
            raise ModelFileError("The vocabulary has a piece twice: copy the tokenizer.model of LLaMA again.")
        return cls._build(vocabulary, _merges(pieces, vocabulary))

    @classmethod
    def from_llama(cls, folder: Path) -> Gpt4RoiTokenizer:
        """From ``tokenizer.model`` or ``tokenizer.json`` of a LLaMA or GPT4RoI checkpoint.

        Raises:
            ModelFileError: neither is there, or it cannot be read.
        """
        if (folder / "tokenizer.model").is_file():
            return cls.from_pieces(read_pieces(folder / "tokenizer.model"))
        path = folder / TOKENIZER_FILE
        if not path.is_file():
            raise ModelFileError(
                "{folder} has no tokenizer.model: copy it from where the weights come from.", folder=folder
            )
        try:
            return cls._from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(
                "{path} is not the tokenizer of a LLaMA model ({reason}): copy it again.", path=path, reason=error
            ) from error

    @classmethod
    def from_backend(cls, backend: Tokenizer) -> Gpt4RoiTokenizer:
        """From another BPE tokenizer's vocabulary and merges."""
        return cls._from_json(backend.to_str())

    @classmethod
    def _from_json(cls, text: str) -> Gpt4RoiTokenizer:
        model = json.loads(text)["model"]
        merges = [tuple(m.split(" ", 1)) if isinstance(m, str) else tuple(m) for m in model["merges"]]
        return cls._build(model["vocab"], merges)

    @classmethod
    def _build(cls, vocabulary: Mapping[str, int], merges: Iterable[tuple[str, ...]]) -> Gpt4RoiTokenizer:
        if sorted(vocabulary.values()) != list(range(len(vocabulary))):
            raise ModelFileError("The ids of the vocabulary have gaps: copy LLaMA's tokenizer again.")
        # No normalizer: `encode` puts the spaces itself, as the slow tokenizer did.
        backend = Tokenizer(
            BPE(dict(vocabulary), list(merges), unk_token=UNKNOWN, fuse_unk=True, byte_fallback=True)  # type: ignore[arg-type]
        )
        backend.add_tokens([AddedToken(token, special=True, normalized=False) for token in ADDED_TOKENS])
        return cls(backend)

    @classmethod
    def load(cls, data: bytes, *, path: Path) -> Gpt4RoiTokenizer:
        """The contents of a file that `save` wrote; ``path`` is for messages.

        Raises:
            ModelFileError: it cannot be read or is another tokenizer.
        """
        try:
            backend = Tokenizer.from_buffer(data)
        except Exception as error:  # the library raises plain Exception
            raise ModelFileError(
                "{path} cannot be read ({reason}): import the model again.", path=path, reason=error
            ) from error
        return cls(backend)

    def save(self, path: Path) -> None:
        """Write everything into one file."""
        self._backend.save(str(path))

    def encode(self, text: str, *, begin: bool = False) -> list[int]:
        """The ids that the slow tokenizer gave; ``begin`` puts ``<s>`` in front."""
        ids = [self.begin] if begin else []
        parts = _ADDED.split(text)
        for number, part in enumerate(parts):
            if number % 2:
                ids.append(self.added[part])
                continue
            if number > 0:
                part = part.lstrip()
            if number < len(parts) - 1:
                part = part.rstrip()
            if part:
                ids += self._backend.encode(SPACE + part.replace(" ", SPACE), add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ``ids`` without added tokens, ``<s>`` and ``</s>``, and without the space in front.

        Bytes that are no complete character yet come out as U+FFFD.
        """
        kept = (number for number in ids if number < self.base_size and number not in self._silent)
        # Not the library's decoder: one incomplete character makes it give up all bytes around it.
        return b"".join(map(self._bytes, kept)).decode("utf-8", errors="replace").removeprefix(" ")

    def _bytes(self, number: int) -> bytes:
        piece = str(self._backend.id_to_token(number))
        byte = _BYTE.fullmatch(piece)
        return bytes([int(byte[1], 16)]) if byte else piece.replace(SPACE, " ").encode()


def _merges(pieces: Sequence[SentencePiece], vocabulary: Mapping[str, int]) -> list[tuple[str, str]]:
    """The pairs that make each piece, the piece with the highest score first: SentencePiece's order of merging."""
    merges: list[tuple[float, str, str]] = []
    normal = {piece.text for piece in pieces if piece.kind == NORMAL}
    for piece in pieces:
        if piece.kind == NORMAL:
            for cut in range(1, len(piece.text)):
                left, right = piece.text[:cut], piece.text[cut:]
                if left in normal and right in normal:
                    merges.append((-piece.score, left, right))
    merges.sort(key=lambda item: item[0])
    return [(left, right) for _, left, right in merges]
