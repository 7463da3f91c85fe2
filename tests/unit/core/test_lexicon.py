"""Lists of words: how wide a noun is, and which word stands for it."""

from __future__ import annotations

from roi_assistant.core.lexicon import canonical_noun, is_broad


def test_broad_words() -> None:
    assert all(is_broad(noun) for noun in ("object", "person", "animal", "furniture"))
    assert not any(is_broad(noun) for noun in ("dog", "dalmatian", "cup", "flurbl", ""))


def test_a_word_that_stands_for_synonyms_and_people() -> None:
    assert canonical_noun("couch", ["cup", "sofa"]) == "sofa"
    assert canonical_noun("couch", ["sofa", "couch"]) == "couch"
    assert canonical_noun("zebra", ["sofa"]) == "zebra"
    assert canonical_noun("woman", ["woman", "sofa"]) == "person"
