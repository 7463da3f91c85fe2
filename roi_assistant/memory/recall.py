"""What a project remembers of a region: the names of those that look alike, weighed with what the model says.

The score of a name is the probability that a person agrees with it (docs/adr/0033-memory-of-accepted-regions.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from roi_assistant.core.box import Place
from roi_assistant.core.caption_category import noun_of
from roi_assistant.core.naming import names, naming
from roi_assistant.core.phrases import is_person, parse_phrase, same_category
from roi_assistant.core.records import RegionKey, RegionText, ScoredText, SuggestedAttribute
from roi_assistant.memory import familiarity
from roi_assistant.memory.evidence import NEIGHBOURS, UNLIKE, Looks, evidence
from roi_assistant.memory.index import VectorIndex
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.style import Style, style_of
from roi_assistant.memory.weights import Weights, shipped_weights

SHOWN = 8
"""Regions at most that a suggestion is said to be like."""
UNSURE_BELOW = 0.45
"""Below this probability a suggestion is marked as unsure, as the embedded model's are."""
VALUE_FROM = 0.75
"""Share of the alike regions that must have the same value of an attribute for it to be suggested."""
FEWEST_VALUES = 2
"""Regions of which that share is taken."""
_EXAMPLES = 64
_MEASURED = "color"
"""The attribute that pixels tell better than other regions do."""
EXAMPLES = 3
"""Captions at most that a model is shown as examples."""
CATEGORIES = 10
"""A name and as many others as there are digits to take them: memory adds names to those of the model, which must not
push the true one off the list."""


@dataclass(frozen=True)
class Recalled:
    """``text`` as memory has changed it, and the regions ``like`` that it was told after, the most alike first. Those
    of other projects cannot be opened here: ``like_elsewhere`` has the projects' names, one for each region."""

    text: RegionText
    like: tuple[RegionKey, ...] = ()
    like_elsewhere: tuple[str, ...] = ()


class ProjectMemory:
    """Lessons with their vectors [dimensions] of length 1, all of one model. Not for several threads at a time."""

    def __init__(self, dimensions: int, *, weights: Weights | None = None) -> None:
        self.weights = weights or shipped_weights()
        self._index: VectorIndex[RegionKey] = VectorIndex(dimensions)
        self._lessons: dict[RegionKey, Lesson] = {}
        self._sums: dict[str, NDArray[np.float64]] = {}  # wide enough to be exact, so that what is forgotten is gone
        self._taught: Counter[str] = Counter()
        self._means: tuple[list[str], NDArray[np.float32]] | None = None
        self._style: Style | None = None
        self._style_is_known = False

    def __len__(self) -> int:
        return len(self._lessons)

    @property
    def dimensions(self) -> int:
        """Of the vectors."""
        return self._index.dimensions

    @property
    def nbytes(self) -> int:
        """Memory of the vectors, in bytes."""
        return self._index.nbytes + sum(vector.nbytes for vector in self._sums.values())

    def lesson(self, key: RegionKey) -> Lesson | None:
        """What the region ``key`` taught; None for nothing."""
        return self._lessons.get(key)

    def vector(self, key: RegionKey) -> NDArray[np.float32] | None:
        """How the region ``key`` looks; None where it taught nothing."""
        return self._index.vector(key) if key in self._lessons else None

    def lessons(self) -> Iterator[tuple[Lesson, NDArray[np.float32]]]:
        """All lessons with their vectors."""
        for key, lesson in self._lessons.items():
            yield lesson, self._index.vector(key)

    def learn(self, lesson: Lesson, vector: NDArray[np.float32]) -> None:
        """Keep ``lesson`` in place of what its region taught before."""
        self.forget(lesson.key)
        self._lessons[lesson.key] = lesson
        self._index.put(lesson.key, vector)
        kept = self._index.vector(lesson.key).astype(np.float64)
        self._sums[lesson.category] = self._sums.get(lesson.category, 0) + kept
        self._taught[lesson.category] += 1
        self._changed(lesson)

    def forget(self, key: RegionKey) -> None:
        """Drop what the region ``key`` taught, if anything."""
        lesson = self._lessons.pop(key, None)
        if lesson is None:
            return
        self._sums[lesson.category] = self._sums[lesson.category] - self._index.vector(key)
        self._taught[lesson.category] -= 1
        if not self._taught[lesson.category]:
            del self._taught[lesson.category], self._sums[lesson.category]
        self._index.remove(key)
        self._changed(lesson)

    def _changed(self, lesson: Lesson) -> None:
        self._means = None
        if lesson.is_written:  # what was taken over only confirms it
            self._style, self._style_is_known = None, False

    @property
    def style(self) -> Style | None:
        """The form in which captions are written here; None while they have none."""
        if not self._style_is_known:
            self._style, self._style_is_known = style_of(reversed(self._lessons.values())), True
        return self._style

    def recalled(
        self,
        text: RegionText,
        vector: NDArray[np.float32],
        *,
        key: RegionKey,
        place: Place | None = None,
        most_believed: float = 1.0,
    ) -> Recalled:
        """``text`` about the region ``key``, which looks like ``vector`` and lies at ``place`` (None: not known), with
        the names that this project has for such regions, in the form of its captions. What the region itself taught is
        left out. Without lessons ``text`` stays as it is. The model is believed ``most_believed`` at most, whatever it
        says: less than 1 where its scores are no probabilities that a person agrees."""
        own = self._lessons.get(key)
        if own is not None:
            own_vector = self._index.vector(key)
            self.forget(key)
        try:
            return self._recalled(text, vector, place, most_believed)
        finally:
            if own is not None:
                self.learn(own, own_vector)

    def _recalled(
        self, text: RegionText, vector: NDArray[np.float32], place: Place | None, most_believed: float
    ) -> Recalled:
        if not self._lessons or text.category is None:
            return Recalled(text)
        near = self._nearest(vector)
        scored = self.scored(_tempered(guesses_of(text), most_believed), self._looks(vector, near))
        alike = [lesson for lesson, _ in near if lesson.category == scored[0].text][:SHOWN]
        if not alike:  # nothing like it was taught: what changes is only how sure that is
            return Recalled(_in_style(text, self.style, place))
        changed = _with_values(_with_names(text, scored, alike), alike)
        return Recalled(
            _in_style(changed, self.style, place),
            like=tuple(lesson.key for lesson in alike if not lesson.source),
            like_elsewhere=tuple(lesson.source for lesson in alike if lesson.source),
        )

    def captions_of_alike(self, vector: NDArray[np.float32]) -> tuple[str, ...]:
        """Captions of the accepted regions that look like ``vector``, the most alike first, each once."""
        alike = (lesson.caption for lesson, similarity in self._nearest(vector) if similarity > UNLIKE)
        return tuple(dict.fromkeys(filter(None, alike)))[:EXAMPLES]

    def familiarity(self, vector: NDArray[np.float32]) -> float:
        """How much a region that looks like ``vector`` looks like what was accepted, see `memory.familiarity`."""
        nearest = [found.similarity for found in self._index.nearest(vector, familiarity.NEAREST)]
        return sum(nearest) / len(nearest) if nearest else 0.0

    def looks(self, vector: NDArray[np.float32]) -> Looks:
        """How a region that looks like ``vector`` looks beside those that were taught."""
        return self._looks(vector, self._nearest(vector))

    def _nearest(self, vector: NDArray[np.float32]) -> list[tuple[Lesson, float]]:
        return [(self._lessons[f.key], f.similarity) for f in self._index.nearest(vector, NEIGHBOURS)]

    def _looks(self, vector: NDArray[np.float32], near: Sequence[tuple[Lesson, float]]) -> Looks:
        names_, means = self._mean_vectors()
        cosines = dict(zip(names_, (means @ vector).tolist(), strict=True))
        return Looks([(lesson.category, similarity) for lesson, similarity in near], cosines, self._taught)

    def scored(self, guesses: Mapping[str, float], looks: Looks) -> list[ScoredText]:
        """Names with the probability that a person agrees, best first."""
        given = evidence(guesses, looks)
        logits = np.append(self.weights.names(given.inputs), self.weights.none(given.none[None]))
        likely = np.exp(logits - logits.max())
        likely /= likely.sum()
        pairs = zip(given.names, likely[:-1].tolist(), strict=True)
        return sorted((ScoredText(*pair) for pair in pairs), key=lambda scored: -scored.score)

    def examples(self, name: str) -> NDArray[np.float32]:
        """How regions called ``name`` look, which is taught [regions, dimensions], some dozens at most: those that look
        most as all of them do on average."""
        near = self._index.nearest(self._sums[name].astype(np.float32), _EXAMPLES)
        return self._index.vectors(found.key for found in near if self._lessons[found.key].category == name)

    def nearest_names(self, vectors: NDArray[np.float32]) -> list[str]:
        """Of each of ``vectors`` [regions, dimensions] the name whose regions it looks like on average; there are
        lessons."""
        known, means = self._mean_vectors()
        return [known[place] for place in (vectors @ means.T).argmax(axis=1)]

    def _mean_vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        """Names, and the directions of the means of their regions [names, dimensions]."""
        if self._means is None:
            sums = np.array(list(self._sums.values())).reshape(-1, self.dimensions)
            lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
            self._means = list(self._sums), (sums / lengths).astype(np.float32)
        return self._means


def _tempered(guesses: Mapping[str, float], most: float) -> dict[str, float]:
    return {name: min(score, most) for name, score in guesses.items()}


def guesses_of(text: RegionText) -> dict[str, float]:
    """The categories that a captioner names, with their scores; a general word that stands for them is left out."""
    shown = (text.category,) if text.category is not None and text.specific is None else ()
    guesses: dict[str, float] = {}
    for guess in (*shown, *text.category_alternatives):
        guesses.setdefault(guess.text, guess.score)
    return guesses


def _with_names(text: RegionText, scored: Sequence[ScoredText], alike: Sequence[Lesson]) -> RegionText:
    """``text`` that says the first of ``scored`` in category and caption."""
    best = scored[0]
    specific = text.specific or text.caption
    caption, others = specific, [other for other in text.alternatives if other != specific]
    if not speaks_of(specific.text, best.text):
        words = words_for([specific.text, *(other.text for other in others)], best.text, alike)
        caption = ScoredText(words, best.score)
        others = [specific, *(other for other in others if other.text != words)]
    elif not is_person(noun_of(specific.text)):
        caption = replace(specific, score=best.score)
    return replace(
        text,
        caption=caption,
        alternatives=tuple(sorted(others, key=lambda other: -other.score)),
        category=best,
        category_alternatives=tuple(scored[1:CATEGORIES]),
        unsure=best.score < UNSURE_BELOW,
        specific=None,
    )


def _in_style(text: RegionText, style: Style | None, place: Place | None) -> RegionText:
    """``text``, about a region at ``place``, with a caption in ``style``, where that has one for it; what was said
    before becomes an alternative."""
    words = style.filled(text, place=place) if style is not None and not text.unsure else None
    if words is None or words == text.caption.text:
        return text
    others = (other for other in text.alternatives if other.text != words)
    return replace(text, caption=replace(text.caption, text=words), alternatives=(text.caption, *others))


def speaks_of(caption: str, name: str) -> bool:
    """Whether ``caption`` speaks of a ``name``; a word for a human being speaks of a "person", too."""
    noun = noun_of(caption)
    return names(caption, name) or same_category(noun, name) or (name == "person" and is_person(noun))


def words_for(said: Sequence[str], name: str, alike: Sequence[Lesson]) -> str:
    """A caption for a ``name``: the first of ``said``, likeliest first, that speaks of it; else one that says it, in
    the words of a person or as the model would have put it, as ``alike`` are called."""
    fitting = next((words for words in said if speaks_of(words, name)), None)
    return _words(said[0] if said else "", name, alike) if fitting is None else fitting


def _words(caption: str, name: str, alike: Sequence[Lesson]) -> str:
    """A caption that says ``name``: in the words that a person chose where the name itself is no English noun that
    could be put into a phrase, else as the model would have put it, with a color where she tells colors."""
    own = [lesson.caption for lesson in alike if lesson.caption]
    if own and not any(names(words, name) for words in own):
        words, count = Counter(own).most_common(1)[0]
        if 2 * count >= len(own):  # else it says more than what the thing is: a color, a place
            return words
    colored = sum("color" in parse_phrase(words).attributes for words in own)
    return naming(caption if 2 * colored >= len(own) else "", name)


def _with_values(text: RegionText, alike: Sequence[Lesson]) -> RegionText:
    """``text`` with the attribute values that most of ``alike`` have; what pixels tell stays."""
    told: dict[str, SuggestedAttribute] = {}
    for name in dict.fromkeys(name for lesson in alike for name, _ in lesson.attributes):
        values = [dict(lesson.attributes)[name] for lesson in alike if name in dict(lesson.attributes)]
        common, count = Counter(values).most_common(1)[0]
        if name != _MEASURED and count >= FEWEST_VALUES and count / len(values) >= VALUE_FROM:
            score = (count + 1) / (len(values) + 2)  # rule of succession
            told[name] = SuggestedAttribute(name, common, score)
    kept = [told.pop(item.name, item) for item in text.attributes]
    return replace(text, attributes=(*kept, *told.values()))
