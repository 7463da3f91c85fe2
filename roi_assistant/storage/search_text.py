"""Words as the full-text search sees them, and what a person types as a query for it."""

from __future__ import annotations

import re

from roi_assistant.core.phrase_comparison import CJK, words_f1, words_of
from roi_assistant.storage.attribute_names import AttributeNames

_WORD = re.compile(r"\w+")
_QUERY_WORDS = 32
"""More words than anybody types; keeps a pasted page from becoming an expensive query."""


def searchable(text: str) -> str:
    """``text`` as it goes into the index.

    Chinese and Japanese are written without spaces, and the tokenizer would take a whole sentence for one word: each
    character becomes one of its own. Bytes that are no text are left out.
    """
    return CJK.sub(r" \1 ", _storable(text)).strip()


def match_query(text: str, names: AttributeNames) -> str:
    """What FTS5 is asked for what a person typed: all words, each as the beginning of one.

    Empty when there is no word. Operators, quotes and stars in ``text`` have no meaning. Characters of Chinese and
    Japanese that stand together are found together. In the index attributes stand under their keys; a word of what one
    is called now finds it too.
    """
    words = _WORD.findall(_storable(text))[:_QUERY_WORDS]
    return " AND ".join(_match_word(word, names) for word in words)


def caption_query(text: str) -> str:
    """What FTS5 is asked for regions whose caption has all words of ``text``, whole; one that finds nothing when
    there is no word."""
    words = _WORD.findall(_storable(text))[:_QUERY_WORDS]
    return " AND ".join(f'caption : "{searchable(word)}"' for word in words) or '""'


def _match_word(word: str, names: AttributeNames) -> str:
    """One word; ``names`` lists only attributes that were renamed."""
    alternatives = [f'"{searchable(word)}"*']
    for key, name in names.names.items():
        if any(part.startswith(word.casefold()) for part in _WORD.findall(_storable(name).casefold())):
            alternatives.append(f'attributes : "{" ".join(_WORD.findall(searchable(key)))}"')
    return f"({' OR '.join(alternatives)})"


def like_pattern(text: str) -> str:
    """``text`` anywhere in a name, for ``LIKE ... ESCAPE '\\'``."""
    escaped = re.sub(r"([\\%_])", r"\\\1", _storable(text.strip()))
    return f"%{escaped}%"


def word_count(text: str) -> int:
    """Words of a caption; each Chinese or Japanese character counts as one."""
    return len(_WORD.findall(searchable(text)))


def word_agreement(first: str, second: str) -> float:
    """`words_f1` of two captions, 0..1, regardless of case and order."""
    return words_f1(words_of(first), words_of(second))


def _storable(text: str) -> str:
    return text.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")
