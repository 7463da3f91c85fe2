"""Clauses that go on from a noun, in the form of a caption: "a man stands by a lake" -> "a man standing by a lake"."""

from __future__ import annotations

from roi_assistant.core.lexicon import is_animate, load_lexicon, singular

_BE = frozenset(("is", "are", "was", "were"))
_RELATIVE = frozenset(("who", "that", "which"))


def participial(clause: str) -> str:
    """``clause`` with its first finite verb as a participle, "is" and "who is" left out.

    ``clause`` is lower case. It stays as it is where no verb is recognised; the answer is empty where what follows the
    noun is no description of it ("a man is a doctor", "there are two dogs").
    """
    lexicon, words = load_lexicon(), clause.split()
    if words[:1] == ["there"]:
        return ""
    for k in range(1, len(words)):
        word, before = words[k], words[k - 1]
        if word in _BE:
            following = words[k + 1] if k + 1 < len(words) else ""
            if not (following.endswith(("ing", "ed")) or following in lexicon.prepositions):
                return ""
            return " ".join([*words[: k - (before in _RELATIVE)], *words[k + 1 :]])
        form = lexicon.finite.get(word)
        subject = words[k - 2] if before in _RELATIVE and k > 1 else before
        if form is None or not is_animate(singular(subject)) or f"{singular(subject)} {word}" in lexicon.compounds:
            continue
        participle, third_person = form
        if third_person != (singular(subject) != subject and subject not in lexicon.singular_s):
            return " ".join([*words[: k - (before in _RELATIVE)], participle, *words[k + 1 :]])
    return clause
