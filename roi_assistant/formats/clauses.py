"""What people wrote on from a region's name: "a woman in a beige jacket holding a parrot"."""

from __future__ import annotations

from collections.abc import Sequence

from roi_assistant.formats.annotated_photos import AnnotatedRegion, AnnotatedSentence

LONGEST_CLAUSE = 16
"""Words; what is longer speaks of more than the region."""
CLAUSE_STOPS = frozenset((".", ",", ";", ":", "while", "as", "-", "--", "!", "?", "(", ")"))
_LIVING = {"people", "animals"}


def clauses_of(region: AnnotatedRegion, sentences: Sequence[AnnotatedSentence]) -> list[str]:
    """The clauses that people wrote of ``region``: spans of ``sentences``, and those that come with the data set."""
    given = (text for text in region.clauses if len(text.split()) <= LONGEST_CLAUSE)
    return [*clauses_from_mentions(region.id, sentences), *given]


def clauses_from_mentions(region_id: str, sentences: Sequence[AnnotatedSentence]) -> list[str]:
    """Spans from a mention of the region to the end of its clause: "two puppies playing in the green grass"."""
    spans = []
    for sentence in sentences:
        for mention in sentence.mentions:
            living = _LIVING & set(mention.kinds)
            if mention.region_id != region_id or not (living or mention is sentence.mentions[0]):
                continue  # what follows any other mention mostly speaks of an earlier one
            end = mention.end
            while end < len(sentence.words) and sentence.words[end].lower() not in CLAUSE_STOPS:
                end += 1
            span = sentence.words[mention.start : end]
            if mention.end - mention.start + 2 <= len(span) <= LONGEST_CLAUSE:
                spans.append(" ".join(span))
            break
    return spans
