"""Two models on the same boxes: how often they agree, and the boxes on which they differ most."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, get_args

from roi_assistant.core.box import Box
from roi_assistant.core.disagreement import CategoryRelation, Words, compare
from roi_assistant.evaluation.report_sections import Section
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import page

NOTE = (
    "Neither side is taken for right. Captions: F1 of the words, without articles and the like; attributes: boxes of "
    "which both sides told a value; the amount of disagreement only orders boxes."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedBox:
    """What both sides said about one box, in pixels of the image as displayed."""

    image: str
    box: Box
    left: Words
    right: Words


class AttributeFigures(TypedDict):
    """``agree`` and ``differ`` count boxes of which both sides told a value, ``missing`` those of one side only."""

    agree: int
    differ: int
    missing: int


class DifferentBox(TypedDict):
    """One of the boxes on which both sides differ most; ``disagreement`` is 0..1."""

    image: str
    box: list[float]
    disagreement: float
    reason: str
    left: str
    right: str


class ModelComparison(TypedDict):
    """``categories``: boxes by relation, see ``core.disagreement.CategoryRelation``. ``same_category``: of those of
    which both named one, 0..1, synonyms included. ``caption_similarity``: mean, 0..1. Shares and means are None without
    a box to count."""

    left: str
    right: str
    boxes: int
    categories: dict[str, int]
    same_category: float | None
    caption_similarity: float | None
    attributes: dict[str, AttributeFigures]
    most_different: list[DifferentBox]


def compare_boxes(boxes: Iterable[ComparedBox], *, left: str, right: str, shown: int) -> ModelComparison:
    """The figures of ``boxes``; ``left`` and ``right`` are what the sides are called, ``shown`` how many of the boxes
    that differ most are listed, those that agree never."""
    compared = [(one, compare(one.left, one.right)) for one in boxes]
    relations = Counter(found.category for _, found in compared)
    named = len(compared) - relations["missing"]
    similarities = [found.caption_similarity for _, found in compared if found.caption_similarity is not None]
    attributes: defaultdict[str, AttributeFigures] = defaultdict(lambda: {"agree": 0, "differ": 0, "missing": 0})
    for _, found in compared:
        for name, relation in found.attributes.items():
            attributes[name][relation] += 1
    differing = sorted((pair for pair in compared if pair[1].disagreement > 0), key=lambda p: -p[1].disagreement)
    return {
        "left": left,
        "right": right,
        "boxes": len(compared),
        "categories": {name: relations[name] for name in get_args(CategoryRelation) if relations[name]},
        "same_category": (relations["same"] + relations["synonym"]) / named if named else None,
        "caption_similarity": sum(similarities) / len(similarities) if similarities else None,
        "attributes": {name: attributes[name] for name in sorted(attributes)},
        "most_different": [
            {
                "image": one.image,
                "box": list(one.box.xyxy),
                "disagreement": found.disagreement,
                "reason": str(found.reason),
                "left": one.left.caption,
                "right": one.right.caption,
            }
            for one, found in differing[:shown]
        ],
    }


def comparison_sections(figures: ModelComparison) -> list[Section]:
    """The figures for the terminal and for HTML."""
    relations = figures["categories"]
    return [
        Section(
            text=NOTE,
            tiles=(
                ("boxes", figures["boxes"]),
                ("same category, synonyms included", figures["same_category"]),
                ("captions alike", figures["caption_similarity"]),
            ),
        ),
        Section(
            title="Categories",
            heads=("relation", "boxes"),
            rows=list(relations.items()),
        ),
        Section(
            title="Attributes",
            heads=("attribute", "both told it", "agree", "only one told it"),
            rows=[
                (name, told["agree"] + told["differ"], _share(told), told["missing"])
                for name, told in figures["attributes"].items()
            ],
        ),
        Section(
            title="Where they differ most",
            heads=("image", "box", "disagreement", "why", figures["left"], figures["right"]),
            rows=[
                (one["image"], _box(one["box"]), one["disagreement"], one["reason"], one["left"], one["right"])
                for one in figures["most_different"]
            ],
            text_columns=(0, 1, 3, 4, 5),
            printed=(0, 1, 2, 3),
        ),
    ]


def write_comparison(path: Path, figures: ModelComparison) -> None:
    """Write ``figures``: as a page if ``path`` ends with ``.html``, else as JSON.

    Raises:
        FileWriteError: ``path`` cannot be written; it is as it was.
    """
    if path.suffix.lower() in (".html", ".htm"):
        title = f"{figures['left']} against {figures['right']}"
        write_atomically(path, page(title, [section.html() for section in comparison_sections(figures)]))
    else:
        write_atomically(path, json.dumps({"format": "roi-assistant-comparison", "version": 1, **figures}, indent=1))


def _share(told: AttributeFigures) -> float | None:
    both = told["agree"] + told["differ"]
    return told["agree"] / both if both else None


def _box(xyxy: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in xyxy)
