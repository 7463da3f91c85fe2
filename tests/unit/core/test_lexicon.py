"""Lists of words: how wide a noun is."""

from __future__ import annotations

from roi_assistant.core.lexicon import is_broad


def test_broad_words() -> None:
    assert all(is_broad(noun) for noun in ("object", "person", "animal", "furniture"))
    assert not any(is_broad(noun) for noun in ("dog", "dalmatian", "cup", "flurbl", ""))
