"""The embedded model's tokenizer: byte-pair encoding over lower-case words, trained on the corpora's text."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from roi_assistant.core.prompts import PAD, SPECIAL_TOKENS


def train_tokenizer(lines: Iterable[str], *, vocab_size: int) -> Tokenizer:
    """BPE of ``vocab_size`` entries, special tokens first; unknown characters are dropped."""
    tokenizer = Tokenizer(models.BPE(unk_token=PAD, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    special = [AddedToken(token, special=True, normalized=False, lstrip=True, rstrip=True) for token in SPECIAL_TOKENS]
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, min_frequency=3, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer
