"""Visual Genome: region descriptions as captions, and the attributes that people named for objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.datasets.dataset import FolderImages
from roi_assistant.datasets.registry import Missing, dataset_spec
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.categories import TextRules, is_right, relation
from roi_assistant.evaluation.flickr30k import ItemOutcome, attribute_figures
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.metrics import TokenizerChoice
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.evaluation.region_captions import ReferringExpression, RegionCaptionSet, region_caption_set
from roi_assistant.formats.visual_genome import read_attributes, read_grit_split, read_region_descriptions

if TYPE_CHECKING:
    from PIL.Image import Image

PROTOCOL, ATTRIBUTES_PROTOCOL = "visual-genome", "visual-genome-attributes"


def load_visual_genome(root: Path, *, split: str = "test", limit: int | None = None) -> RegionCaptionSet:
    """The described regions of ``split``: GRiT's ``<split>.json``, else the official files with
    ``densecap_splits.json``. Regions with the same box are one object.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
    """
    paths = _paths("visual_genome", root, split)
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
        described, _loader(paths), protocol=PROTOCOL, name="Visual Genome", split=split, limit=limit
    )


def load_genome_attributes(
    root: Path, *, split: str = "test", limit: int | None = None
) -> tuple[EvaluationSet, dict[str, tuple[str, ...]]]:
    """The objects of ``split`` for which people named attributes, and those words by item.

    Raises:
        FormatError: a file is missing, with where to get it, or has another layout.
    """
    paths = _paths("visual_genome_attributes", root, split)
    items, words = [], {}
    for number, photo in enumerate(read_attributes(paths["attributes"].parent, split=split)):
        if limit is not None and number >= limit:
            break
        for found in photo.objects:
            item = EvaluationItem(
                f"{photo.image}#{found.id}",
                photo.image,
                found.box,
                photo.width,
                photo.height,
                category=found.name.lower(),
                kinds=("object",),
            )
            items.append(item)
            words[item.id] = found.attributes
    if not items:
        raise FormatError(f"The split {split} of {root} has no object with attributes: nothing to evaluate.")
    data = EvaluationSet(ATTRIBUTES_PROTOCOL, "Visual Genome attributes", split, tuple(items), _loader(paths))
    return data, words


def evaluate_genome_attributes(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    *,
    words: Mapping[str, tuple[str, ...]],
    rules: TextRules,
    seed: int = 0,
    meteor: bool = True,
    tokenizer: TokenizerChoice = "auto",
) -> tuple[dict[str, Any], list[ItemOutcome]]:
    """Accuracy of attributes on labelled pairs (object, attribute), beside what always saying the commonest would
    reach.

    Which attribute a word is about ("green": color) the lexicon says; words that it does not know are left out and
    counted in ``words_without_attribute``. A missing label does not mean that the attribute is absent, so wrong
    additions go unnoticed. ``seed``, ``meteor`` and ``tokenizer`` are not used: the protocols share their arguments.
    """
    labels: dict[str, dict[str, set[str]]] = {}
    unknown = total = 0
    for item in data.items:
        named: dict[str, set[str]] = defaultdict(set)
        for word in words[item.id]:
            total += 1
            facts = rules.attributes(f"a {word} {item.category}")
            # The head noun may bring attributes of its own ("redhead"); only what the word adds counts.
            own = rules.attributes(f"a {item.category}")
            new = {name: set(values) - set(own.get(name, ())) for name, values in facts.items()}
            values = {name: {rules.canonical(name, value) for value in said} - {""} for name, said in new.items()}
            unknown += not any(values.values())
            for name, said in values.items():
                named[name] |= said
        labels[item.id] = {name: said for name, said in named.items() if said}
    labelled = {item: named for item, named in labels.items() if named}
    answers = {item: answer.attributes for item, answer in predictions.items()}
    captions = {item: rules.attributes(answer.specific.text) for item, answer in predictions.items()}
    outcomes = []
    for item in data.items:
        answer = predictions[item.id]
        guess = answer.categories[0] if answer.categories else None
        kind = relation(guess.text if guess else "", [item.category or ""], rules)
        value = (1.0 if is_right(kind) else -1.0) * (guess.score if guess else 0.0)
        outcomes.append(ItemOutcome(item=item, prediction=answer, value=value, right=is_right(kind), relation=kind))
    metrics: dict[str, Any] = {
        "captions": None,
        "human_agreement": None,
        "attributes": {
            "answer": attribute_figures(labelled, answers, canonical=rules.canonical),
            "caption": attribute_figures(labelled, captions, canonical=rules.canonical),
        },
        "objects": len(data.items),
        "objects_with_labels": len(labelled),
        "words": total,
        "words_without_attribute": unknown,
    }
    return metrics, outcomes


def _paths(name: str, root: Path, split: str) -> dict[str, Path]:
    found = dataset_spec(name).find(root, split)
    if isinstance(found, Missing):
        raise FormatError(str(found))
    return found[1]


def _place(xyxy: tuple[float, float, float, float]) -> str:
    return ",".join(f"{value:g}" for value in xyxy)


def _loader(paths: Mapping[str, Path]) -> Callable[[str], Image]:
    from roi_assistant.imaging.decode import decode_bytes

    folder = paths["photos"]
    top = folder.parent if folder.name == "VG_100K" else folder
    images = FolderImages((top, top / "VG_100K", top / "VG_100K_2"))

    def load(photo: str) -> Image:
        return decode_bytes(images.read(photo), name=photo).pixels

    return load
