"""Visual Genome: region descriptions as captions, and the attributes that people named for objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TypedDict

from roi_assistant.core.phrase_comparison import canonical_value
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.datasets.registry import dataset_spec, genome_images
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.categories import relation
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, photo_loader
from roi_assistant.evaluation.outcomes import AttributeSources, ItemOutcome, ScoringOptions, attribute_sources
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.evaluation.region_captions import ReferringExpression, RegionCaptionSet, region_caption_set
from roi_assistant.formats.visual_genome import read_attributes, read_grit_split, read_region_descriptions

PROTOCOL, ATTRIBUTES_PROTOCOL = "visual-genome", "visual-genome-attributes"


def load_visual_genome(root: Path, *, split: str = "test", limit: int | None = None) -> RegionCaptionSet:
    """The described regions of ``split``: GRiT's ``<split>.json``, else the official files with
    ``densecap_splits.json``. Regions with the same box are one object.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
    """
    paths = dataset_spec("visual_genome").paths(root, split)
    if "index of the photos" in paths:
        photos = read_region_descriptions(paths["descriptions"].parent, split=split)
    else:
        photos = read_grit_split(paths["descriptions"])
    described = [
        ReferringExpression(
            photo.image, photo.width, photo.height, _place(region.box.xyxy), region.box, region.phrases[0]
        )
        for photo in photos
        for region in photo.regions
    ]
    return region_caption_set(
        described, photo_loader(genome_images(paths)), protocol=PROTOCOL, name="Visual Genome", split=split, limit=limit
    )


def load_genome_attributes(
    root: Path, *, split: str = "test", limit: int | None = None
) -> tuple[EvaluationSet, dict[str, tuple[str, ...]]]:
    """The objects of ``split`` for which people named attributes, and those words by item.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
    """
    paths = dataset_spec("visual_genome_attributes").paths(root, split)
    items, words = [], {}
    for photo in islice(read_attributes(paths["attributes"].parent, split=split), limit):
        for named in photo.objects:
            item = EvaluationItem(
                f"{photo.image}#{named.id}",
                photo.image,
                named.box,
                photo.width,
                photo.height,
                category=named.name.lower(),
                kinds=("object",),
            )
            items.append(item)
            words[item.id] = named.attributes
    if not items:
        raise FormatError(f"The split {split} of {root} has no object with attributes: nothing to evaluate.")
    data = EvaluationSet(
        ATTRIBUTES_PROTOCOL, "Visual Genome attributes", split, tuple(items), photo_loader(genome_images(paths))
    )
    return data, words


class GenomeAttributeMetrics(TypedDict):
    """Attributes of ``objects_with_labels`` of all ``objects``; ``words_without_attribute`` of the ``words`` of people
    are about no attribute that the lexicon knows."""

    captions: None
    human_agreement: None
    attributes: AttributeSources
    objects: int
    objects_with_labels: int
    words: int
    words_without_attribute: int


def evaluate_genome_attributes(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    options: ScoringOptions,
    *,
    words: Mapping[str, tuple[str, ...]],
) -> tuple[GenomeAttributeMetrics, list[ItemOutcome]]:
    """Accuracy of attributes on labelled pairs (object, attribute), beside what always saying the commonest would
    reach.

    Which attribute a word is about ("green": color) the lexicon says; words that it does not know are left out. A
    missing label does not mean that the attribute is absent, so wrong additions go unnoticed. ``options`` are not used:
    the protocols share their arguments.
    """
    labels: dict[str, dict[str, set[str]]] = {}
    unknown = 0
    for item in data.items:
        named: dict[str, set[str]] = defaultdict(set)
        # The head noun may bring attributes of its own ("redhead"); only what the word adds counts.
        own = parse_phrase(f"a {item.category}").attributes
        for word in words[item.id]:
            added = {
                name: {canonical_value(name, value) for value in set(values) - set(own.get(name, ()))} - {""}
                for name, values in parse_phrase(f"a {word} {item.category}").attributes.items()
            }
            unknown += not any(added.values())
            for name, values in added.items():
                named[name] |= values
        labels[item.id] = {name: values for name, values in named.items() if values}
    labelled = {item: values for item, values in labels.items() if values}
    outcomes = []
    for item in data.items:
        answer = predictions[item.id]
        first = answer.categories[0].text if answer.categories else ""
        outcomes.append(ItemOutcome.of_category(item, answer, relation(first, [item.category or ""])))
    metrics: GenomeAttributeMetrics = {
        "captions": None,
        "human_agreement": None,
        "attributes": attribute_sources(labelled, predictions),
        "objects": len(data.items),
        "objects_with_labels": len(labelled),
        "words": sum(len(words[item.id]) for item in data.items),
        "words_without_attribute": unknown,
    }
    return metrics, outcomes


def _place(xyxy: tuple[float, float, float, float]) -> str:
    return ",".join(f"{value:g}" for value in xyxy)
