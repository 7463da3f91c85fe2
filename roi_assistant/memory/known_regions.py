"""All regions whose looks are known: those that taught something, and those that wait."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roi_assistant.core.box import place_of
from roi_assistant.core.records import Region, RegionKey, RegionText
from roi_assistant.errors import FormatError
from roi_assistant.memory.borrowing import read_borrowed
from roi_assistant.memory.evidence import UNLIKE
from roi_assistant.memory.index import VectorIndex
from roi_assistant.memory.lessons import Lesson, lesson_of
from roi_assistant.memory.recall import ProjectMemory, Recalled
from roi_assistant.memory.vectors import from_bytes, unpacked

MOST_ALIKE = 200
"""Look-alikes of a region that are found."""
CHOSEN_FROM = 0.6
"""Cosine from which a look-alike is taken for the same thing, where no other name fits better: after 50 lessons, 0.87
and 0.93 of these have its name in projects of 12 categories, 0.82 and 0.76 in such of everything
(`benchmarks/look_alikes.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """A region that looks like another, or like one of the same name. ``similarity`` is the cosine to the nearest of
    these; ``is_chosen``: it is likely to be the same thing."""

    key: RegionKey
    similarity: float
    is_chosen: bool


class KnownRegions:
    """``memory`` has the lessons, ``waiting`` the vectors of regions that nobody has decided about. Vectors of another
    number of dimensions than the first one are refused: they are of another model."""

    def __init__(self) -> None:
        self.memory = ProjectMemory(0)
        self.waiting: VectorIndex[RegionKey] = VectorIndex(0)
        self._unseen: dict[RegionKey, Lesson] = {}
        """Lessons of regions whose looks are not known yet: an answer may come after the decision."""

    def see(self, key: RegionKey, data: bytes) -> None:
        """Keep how the region ``key`` looks.

        Raises:
            FormatError: ``data`` is no vector, or one of another model.
        """
        self._see(key, from_bytes(data))

    def _see(self, key: RegionKey, vector: NDArray[np.float32]) -> None:
        self._fit(vector)
        lesson = self._unseen.pop(key, None) or self.memory.lesson(key)
        if lesson is not None:
            self.memory.learn(lesson, vector)
        else:
            self.waiting.put(key, vector)

    def see_stored(self, image: str, region: Region, data: bytes, *, size: tuple[int, int] | None = None) -> None:
        """As `see` and `decide`, of what a project file holds; what is no vector is passed over."""
        try:
            self.see(RegionKey(image, region.id), data)
        except FormatError:
            return
        self.decide(image, region, size=size)

    def borrow(self, text: str, data: bytes, *, source: str, number: int) -> None:
        """Learn what the project called ``source`` taught; what is no lesson, or no vector, is passed over."""
        with contextlib.suppress(FormatError):
            lesson, vector = read_borrowed(text, source=source, number=number), from_bytes(data)
            self._fit(vector)
            self.memory.learn(lesson, vector)

    def decide(self, image: str, region: Region, *, size: tuple[int, int] | None = None, moved: bool = False) -> None:
        """Learn from ``region``, or forget it, as it is now. ``size`` is that of the image, width and height in pixels,
        None where it is not known. A region that was ``moved`` shows other pixels."""
        key, lesson = RegionKey(image, region.id), lesson_of(image, region, size=size)
        if moved:
            self.remove(key)
        vector = self._vector(key)
        if vector is None:
            self._unseen.pop(key, None)
            if lesson is not None:
                self._unseen[key] = lesson
        elif lesson is None:
            self.memory.forget(key)
            self.waiting.put(key, vector)
        elif lesson != self.memory.lesson(key):
            self.waiting.remove(key)
            self.memory.learn(lesson, vector)

    def remove(self, key: RegionKey) -> None:
        """The region ``key`` is gone."""
        self.memory.forget(key)
        self.waiting.remove(key)
        self._unseen.pop(key, None)

    def take_over(self, other: KnownRegions) -> None:
        """Know what ``other`` knows and this does not."""
        if other.memory.dimensions != self.memory.dimensions and len(self.memory) + len(self.waiting):
            return
        for key in other.waiting.keys:
            if self._vector(key) is None:
                self._see(key, other.waiting.vector(key))
        for lesson, vector in other.memory.lessons():
            if self._vector(lesson.key) is None:
                self._fit(vector)
                self.memory.learn(lesson, vector)
        self._unseen = {**other._unseen, **self._unseen}

    def recalled(
        self, text: RegionText, *, key: RegionKey, size: tuple[int, int] | None = None, most_believed: float = 1.0
    ) -> Recalled:
        """`ProjectMemory.recalled` with the features of ``text`` and the place of its box on an image of ``size``,
        width and height in pixels; None where that is not known.

        Raises:
            FormatError: these are no vector, or one of another model.
        """
        vector = unpacked(text.features)
        if not len(self.memory):
            return Recalled(text)
        self._fit(vector)
        place = None if size is None else place_of(text.box, width=size[0], height=size[1])
        return self.memory.recalled(text, vector, key=key, place=place, most_believed=most_believed)

    def look_alikes(self, key: RegionKey) -> tuple[LookAlike, ...]:
        """Regions without a lesson that look like ``key``, or like others that are called as its lesson says: those
        that are chosen first, each group by similarity. Rejected regions are among them. Empty where ``key`` has taught
        nothing."""
        lesson, vector = self.memory.lesson(key), self.memory.vector(key)
        if lesson is None or vector is None or not len(self.waiting):
            return ()
        named = np.vstack([vector, self.memory.examples(lesson.category)])
        keys = [found.key for found in self.waiting.nearest(vector + named.mean(axis=0), MOST_ALIKE)]
        vectors = self.waiting.vectors(keys)
        similarities = (vectors @ named.T).max(axis=1).tolist()
        names = self.memory.nearest_names(vectors)
        alike = [
            LookAlike(key=key, similarity=one, is_chosen=one >= CHOSEN_FROM and name == lesson.category)
            for key, one, name in zip(keys, similarities, names, strict=True)
            if one > UNLIKE
        ]
        return tuple(sorted(alike, key=lambda one: (not one.is_chosen, -one.similarity)))

    def _fit(self, vector: NDArray[np.float32]) -> None:
        if not len(self.memory) and not len(self.waiting) and len(vector) != self.memory.dimensions:
            self.memory, self.waiting = ProjectMemory(len(vector)), VectorIndex(len(vector))
        if len(vector) != self.memory.dimensions:
            raise FormatError(
                "Features of a region have {count} numbers and others {most}: they are of two models.",
                count=len(vector),
                most=self.memory.dimensions,
            )

    def _vector(self, key: RegionKey) -> NDArray[np.float32] | None:
        if key in self.waiting:
            return self.waiting.vector(key)
        return self.memory.vector(key)
