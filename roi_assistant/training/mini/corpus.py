"""The corpora as one list of photos, their cached backbone features, and the facts that questions are made from."""

from __future__ import annotations

import io
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from roi_assistant.captioners.mini.answers import ATTRIBUTE_TASKS
from roi_assistant.core.box import Box, scale_box
from roi_assistant.core.lexicon import canonical_noun
from roi_assistant.core.ngrams import ngrams, unit_vectors
from roi_assistant.core.phrase_comparison import canonical_value
from roi_assistant.core.phrases import with_article
from roi_assistant.formats.annotated_photos import AnnotatedPhoto
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.region_lines import RegionLines
from roi_assistant.training.mini.caption_reward import CiderReward
from roi_assistant.training.mini.instructions import (
    Exchange,
    RegionFacts,
    descriptions_of,
    hard_negatives,
    mirrored,
    photo_exchanges,
    region_exchanges,
    region_facts,
)
from roi_assistant.training.mini.relations import relations

CorpusName = Literal["flickr30k", "general"]
Split = Literal["train", "val"]


@dataclass(frozen=True)
class Photo:
    """A photo of the corpus; its regions are rows ``first_region`` ... of the region feature files."""

    source: CorpusName
    split: Split
    human: AnnotatedPhoto
    first_region: int
    data_set: int = 0
    """Which of the `Corpus.data_sets` it is of."""

    @property
    def rows(self) -> range:
        """The rows of its regions."""
        return range(self.first_region, self.first_region + len(self.human.regions))


def open_picture(dataset: Flickr30kEntities | RegionLines, photo: AnnotatedPhoto) -> Image.Image:
    """``photo`` of ``dataset`` as RGB, in the size in which it is stored."""
    return Image.open(io.BytesIO(dataset.images.read(photo.image))).convert("RGB")


def stored_boxes(photo: AnnotatedPhoto, image: Image.Image) -> list[Box]:
    """The boxes of ``photo`` in pixels of ``image``, which may have another size than the annotations say."""
    return [scale_box(r.box, x=image.width / photo.width, y=image.height / photo.height) for r in photo.regions]


def general_data_sets(roots: Sequence[Path]) -> tuple[RegionLines, ...]:
    """The data sets at ``roots``. What people wrote of the regions of one may lie beside another, as
    ``NAME-phrases.jsonl`` with the name of its folder."""
    found = (
        next((r / f"{root.name}-phrases.jsonl" for r in roots if (r / f"{root.name}-phrases.jsonl").is_file()), None)
        for root in roots
    )
    return tuple(RegionLines(root, words=words) for root, words in zip(roots, found, strict=True))


class Corpus:
    """All data sets in a fixed order (val first), which the feature files share."""

    def __init__(self, flickr_root: Path, general_roots: Sequence[Path]) -> None:
        self.flickr, self.general = Flickr30kEntities(flickr_root), general_data_sets(general_roots)
        self.data_sets: tuple[Flickr30kEntities | RegionLines, ...] = (self.flickr, *self.general)
        self.photos: list[Photo] = []
        regions = 0
        splits: tuple[Split, ...] = ("val", "train")
        for split in splits:
            for number, dataset in enumerate(self.data_sets):
                source: CorpusName = "general" if number else "flickr30k"
                for human in dataset.photos(split):
                    self.photos.append(Photo(source, split, human, regions, number))
                    regions += len(human.regions)
        self.region_count = regions

    def picture(self, photo: Photo) -> Image.Image:
        """The photo as RGB, in the size in which it is stored."""
        return open_picture(self.data_sets[photo.data_set], photo.human)

    def text_lines(self) -> Iterator[str]:
        """All sentences of Flickr30k Entities except those of val photos: more photos have text than are here."""
        held_out = set(self.flickr.split("val"))
        for name in sorted(self.flickr.sentences.names()):
            photo_id = Path(name).stem
            if photo_id not in held_out:
                yield from (sentence.text for sentence in self.flickr.sentences_of(photo_id))


@dataclass(frozen=True)
class Sample:
    """One prefix: the photo, the rows of its regions in the feature files, mirrored (1) or not (0), questions, which
    pass of the feature cache."""

    photo: int
    rows: tuple[int, ...]
    variant: int
    exchanges: tuple[Exchange, ...]
    cached: int = 0


class InstructionMix:
    """Draws samples. ``colors`` maps general-object region rows to colors measured from their pixels; ``extra`` and
    ``phrases``: see `region_exchanges`; ``consensus`` is the power of `CiderReward.agreement` for people's phrases."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        colors: dict[int, tuple[str, ...]],
        extra: int,
        phrases: int = 2,
        consensus: float = 0.0,
        region_cap: int = 8,
    ) -> None:
        self.corpus, self.colors, self.extra, self.region_cap = corpus, colors, extra, region_cap
        self.phrases = phrases
        self._train = train = [photo for photo in corpus.photos if photo.split == "train"]
        general = Counter(r.category for p in train if p.source == "general" for r in p.human.regions if r.category)
        self.vocabulary = [category for category, _ in general.most_common()]
        self._photos_with = Counter(c for p in train for c in {r.category for r in p.human.regions if r.category})
        self._general_photos = sum(p.source == "general" for p in train)
        canonical = cache(partial(canonical_noun, nouns=self.vocabulary))
        self.facts: dict[int, RegionFacts] = {}
        for photo in corpus.photos:
            related = relations([(region.category or "", region.box) for region in photo.human.regions])
            for number, (row, region) in enumerate(zip(photo.rows, photo.human.regions, strict=True)):
                facts = region_facts(region, photo.human.sentences, canonical=canonical)
                if photo.source == "general":
                    facts = self._named_object(facts, colors.get(row, ()))
                described = descriptions_of(facts, relation=related.get(number, ""))
                self.facts[row] = replace(facts, descriptions=described)
        if consensus:
            self._weigh_phrases(consensus)

    def _weigh_phrases(self, power: float) -> None:
        rows = (row for photo in self._train if photo.source == "flickr30k" for row in photo.rows)
        phrases_of = {row: phrases for row in rows if (phrases := self.facts[row].phrases)}
        reward = CiderReward({row: list(dict.fromkeys(phrases)) for row, phrases in phrases_of.items()})
        for row, weights in reward.agreement(phrases_of, power=power).items():
            self.facts[row] = replace(self.facts[row], weights=weights)

    def _named_object(self, facts: RegionFacts, colors: tuple[str, ...]) -> RegionFacts:
        """Where only the category is known: the phrase that a person would write, with the color that somebody told or
        that was measured. People without words have none: "a person" is not what anybody writes of them."""
        if facts.phrases or facts.category == "person":
            return facts
        told = tuple(facts.attributes.get("color", ())) or colors
        if not told:
            return replace(facts, phrases=(with_article(facts.category),))
        colored = with_article(f"{told[0]} {facts.category}")
        return replace(facts, phrases=(colored,), attributes={**facts.attributes, "color": told[:1]})

    def nouns(self, *, at_least: int) -> list[str]:
        """Nouns that name at least so many train regions, the most frequent first: the classes of a category head."""
        return [noun for noun, count in self.noun_counts().most_common() if count >= at_least]

    def noun_counts(self) -> Counter[str]:
        """How many train regions each noun names."""
        return Counter(noun for photo in self._train for row in photo.rows for noun, _ in self.facts[row].nouns)

    def named_values(self, row: int, attribute: str) -> list[str]:
        """Values of an attribute that people named for a region, in the form in which values are compared."""
        return list(dict.fromkeys(canonical_value(attribute, v) for v in self.facts[row].attributes.get(attribute, ())))

    def attribute_values(self, count: int) -> dict[str, list[str]]:
        """The ``count`` values, of all attributes together, that most train regions have: the classes of an attribute
        head. By attribute, the most frequent first."""
        counts = Counter(
            (name, value)
            for photo in self._train
            for row in photo.rows
            for name in ATTRIBUTE_TASKS
            for value in self.named_values(row, name)
            if value
        )
        frequent = [pair for pair, _ in counts.most_common(count)]
        return {name: values for name in ATTRIBUTE_TASKS if (values := [v for n, v in frequent if n == name])}

    def phrase_ngrams(self, count: int) -> dict[str, float]:
        """The ``count`` n-grams that tell most about the phrases of train regions, the first most, with their weights.

        A weight is CIDEr's: the logarithm of how many regions that people wrote of come on one whose phrases have the
        n-gram. What an n-gram tells is its share of `unit_vectors`, added up.
        """
        phrases_of = {
            row: (photo.source, phrases)
            for photo in self._train
            for row in photo.rows
            if (phrases := tuple(dict.fromkeys(self.facts[row].phrases)))
        }
        frequency: Counter[str] = Counter()
        written = [phrases for source, phrases in phrases_of.values() if source == "flickr30k"]
        for phrases in written:
            frequency.update({gram for phrase in phrases for gram in ngrams(phrase)})

        def weight(gram: str) -> float:
            return math.log(max(1, len(written)) / max(1, frequency[gram]))

        told: dict[str, float] = {}
        for _, phrases in phrases_of.values():
            for phrase in phrases:
                for gram, value in unit_vectors(phrase, weight).items():
                    told[gram] = told.get(gram, 0.0) + value / len(phrases)
        return {gram: weight(gram) for gram in sorted(told, key=lambda gram: -told[gram])[:count]}

    def repeats(self, photo_index: int, *, general: float, rare_below: float) -> float:
        """How often an epoch shows a photo: once, general ones ``general`` times, rarer things more often.

        The factor is that of repeat factor sampling (LVIS, arXiv 1908.03195, appendix B.1) with the threshold
        ``rare_below``, a share of the general photos, and at most 3.
        """
        photo = self.corpus.photos[photo_index]
        if photo.source == "flickr30k":
            return 1.0
        shares = [self._photos_with[r.category] / self._general_photos for r in photo.human.regions if r.category]
        return general * max((min(3.0, max(1.0, (rare_below / share) ** 0.5)) for share in shares), default=1.0)

    def repeated(self, photos: Sequence[int], rng: random.Random, *, general: float, rare_below: float) -> list[int]:
        """``photos`` as often as `repeats` says, rounded up or down at random, so that it is right on average."""
        often = [self.repeats(index, general=general, rare_below=rare_below) for index in photos]
        times = [int(value) + (rng.random() < value % 1) for value in often]
        return [index for index, count in zip(photos, times, strict=True) for _ in range(count)]

    def samples(
        self,
        photo_index: int,
        rng: random.Random,
        *,
        several: float,
        mirrored_as: bool | None = None,
        passes: int = 1,
    ) -> list[Sample]:
        """One sample per region (at most ``region_cap``), and with probability ``several`` one about several
        regions.

        They are mirrored at random, or as ``mirrored_as`` says, where only one of the two is cached. Their features
        come from one of ``passes`` passes over the corpus.
        """
        cached = rng.randrange(passes)
        variant = rng.randrange(2) if mirrored_as is None else int(mirrored_as)
        photo = self.corpus.photos[photo_index]
        count = len(photo.rows)
        chosen = rng.sample(range(count), min(count, self.region_cap))
        categories = [self.facts[row].category for row in photo.rows]
        drawn = []
        for k in chosen:
            facts = self.facts[photo.rows[k]]
            nearby = [c for other, c in enumerate(categories) if other != k]
            others = hard_negatives(facts.category, self.vocabulary, nearby, rng) if facts.category else []
            exchanges = region_exchanges(facts, rng, others=others, extra=self.extra, phrases=self.phrases)
            if variant:
                exchanges = [mirrored(exchange) for exchange in exchanges]
            if exchanges:
                drawn.append(Sample(photo_index, (photo.rows[k],), variant, tuple(exchanges), cached))
        if photo.source == "flickr30k" and count >= 2 and rng.random() < several:
            group = rng.sample(range(count), min(count, 4))
            order = [photo.human.regions[k].id for k in group]
            exchanges = photo_exchanges(photo.human, order, rng)
            variant = int(bool(mirrored_as))
            if variant:
                exchanges = [mirrored(exchange) for exchange in exchanges]
            if exchanges:
                rows = tuple(photo.rows[k] for k in group)
                drawn.append(Sample(photo_index, rows, variant, tuple(exchanges), cached))
        return drawn


def load_features(folder: Path) -> list[dict[str, np.ndarray]]:
    """Arrays written by `features.cache_features`, by name, of every pass in a subfolder of ``folder``, the first
    first.

    They are memory maps (about 2.6 GB a pass for both corpora), from which every step reads rows all over the place:
    a machine without that much memory to spare waits for its disk.
    """
    passes = sorted((path for path in folder.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name))
    return [{path.stem: np.load(path, mmap_mode="r") for path in sorted(one.glob("*.npy"))} for one in passes]
