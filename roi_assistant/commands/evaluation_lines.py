"""Figures of an evaluation as lines for the terminal; each function takes the metrics of one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roi_assistant.evaluation.difference import Against
    from roi_assistant.evaluation.flickr30k import Flickr30kMetrics
    from roi_assistant.evaluation.general import GeneralMetrics
    from roi_assistant.evaluation.region_captions import RegionCaptionMetrics
    from roi_assistant.evaluation.semantic import SemanticFigures
    from roi_assistant.evaluation.vcr import VcrFigures
    from roi_assistant.evaluation.visual_genome import GenomeAttributeMetrics


CAPTION_METRICS = (
    ("cider", "CIDEr"),
    ("meteor", "METEOR"),
    ("bleu4", "BLEU-4"),
    ("rouge_l", "ROUGE-L"),
    ("exact_match", "exact match"),
)


def _show(value: object) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(widths: Sequence[int], *rows: Sequence[object]) -> list[str]:
    """Rows of a name and right-aligned cells of ``widths``."""
    return [
        f"{row[0]:28}" + "".join(f"{_show(cell):>{width}}" for cell, width in zip(row[1:], widths, strict=False))
        for row in rows
    ]


def flickr30k_lines(metrics: Flickr30kMetrics) -> list[str]:
    """Flickr30k Entities: captions, category, human baseline, attributes, calibration."""
    specific, shown = dict(metrics["captions"]["specific"]), dict(metrics["captions"]["shown"])
    head, head_shown = dict(metrics["category"]["caption_head"]), dict(metrics["category"]["caption_head_shown"])
    errors = dict(metrics["standard_errors"])
    categories = (
        ("strict", "category, same word"),
        ("with_synonyms", "category, with synonyms"),
        ("broader", "category, more general word"),
    )
    lines = _table(
        (14, 12, 12),
        ("", "best caption", "std. error", "as shown"),
        *((name, specific[key], errors.get(key), shown[key]) for key, name in CAPTION_METRICS),
        *((name, head[key], errors.get(key), head_shown[key]) for key, name in categories),
    )
    agreement = metrics["human_agreement"]
    if agreement["model"] and agreement["human"]:
        lines.append(f"\nOn {agreement['items']} regions, each against the others' phrases:")
        model, person = agreement["model"]["cider"], agreement["human"]["cider"]
        error = agreement.get("difference_standard_error")
        lines += _table(
            (14, 12, 14, 12),
            ("", "model", "a person", "difference", "std. error"),
            ("CIDEr", model, person, model - person, error),
        )
    captions = metrics["attributes"]["caption"]
    lines += [
        "",
        *_table(
            (14, 12, 14),
            ("attribute", "right", "regions", "from caption"),
            *(
                (name, row["accuracy"], row["labelled"], captions[name]["accuracy"])
                for name, row in metrics["attributes"]["answer"].items()
            ),
        ),
        "",
    ]
    for name, figures in metrics["calibration"].items():
        lines.append(f"{'ECE, ' + name.replace('_', ' '):40}{_show(figures['ece']):>8}")
    return lines


def general_lines(metrics: GeneralMetrics) -> list[str]:
    """General photos: category, and captions where the data set has them."""
    category = metrics["category"]
    blocks = [("all boxes", category["all"])]
    if category["frequent"]:
        blocks.append((f">= {category['min_train_photos']} training photos", category["frequent"]))
    rows: list[Sequence[object]] = []
    for name, block in blocks:
        top1, top5, errors = block["top1"], block["top5"], block["standard_errors"]
        off = f"{_show(errors['top1'])} {_show(errors['top5'])}"
        both = f"{_show(top1['with_synonyms'])} {_show(top5['with_synonyms'])}"
        rows.append((name, block["items"], top1["strict"], top5["strict"], off, both, top1["broader"]))
    unsure = metrics["unsure"]
    lines = [
        *_table(
            (8, 8, 8, 14, 16, 14),
            ("category", "boxes", "top-1", "top-5", "std. errors", "with synonyms", "more general"),
            *rows,
        ),
        "",
        *_table(
            (8,),
            ("shown as unsure", unsure["share"]),
            ("right when sure", unsure["sure"]["category_right"]),
            ("ECE of category scores", metrics["calibration"]["category_right"]["ece"]),
        ),
    ]
    if metrics["captions"]:
        specific, errors_of = metrics["captions"]["specific"], metrics["standard_errors"]
        for name, value, error in (
            ("CIDEr", specific["cider"], errors_of["cider"]),
            ("exact match", specific["exact_match"], errors_of["exact_match"]),
        ):
            lines.append(f"{'captions: ' + name:28}{_show(value):>8}   std. error {_show(error)}")
    return lines


def region_caption_lines(metrics: RegionCaptionMetrics) -> list[str]:
    """RefCOCOg and Visual Genome: captions in both ways of counting."""
    expressions, objects = dict(metrics["by_expression"]), dict(metrics["by_object"])
    errors = dict(metrics["standard_errors"])
    return [
        *_table(
            (16, 12, 12),
            ("", "by expression", "by object", "std. error"),
            *((name, expressions[key], objects[key], errors.get(key)) for key, name in CAPTION_METRICS),
            ("items", expressions["items"], objects["items"]),
        ),
        "",
        f"by expression: {expressions['label']}",
        f"by object: {objects['label']}",
    ]


def genome_attribute_lines(metrics: GenomeAttributeMetrics) -> list[str]:
    """Attributes of objects in Visual Genome."""
    captions = metrics["attributes"]["caption"]
    return _table(
        (14, 12, 12, 14),
        ("attribute", "right", "commonest", "objects", "from caption"),
        *(
            (name, row["accuracy"], row["most_common_accuracy"], row["labelled"], captions[name]["accuracy"])
            for name, row in metrics["attributes"]["answer"].items()
        ),
    )


def against_lines(against: Against) -> list[str]:
    """How much better the answers are than others' to the same questions."""
    return [
        f"\nAgainst {against['model']}, {against['decoding']}:",
        *_table(
            (14, 12),
            ("", "difference", "std. error"),
            *(
                (row["label"], f"{row['difference']:+.3f}", row["standard_error"])
                for row in against["differences"].values()
            ),
        ),
    ]


def semantic_lines(metrics: SemanticFigures) -> list[str]:
    """Osprey's measures of category answers."""
    return _table(
        (8,),
        ("semantic similarity", metrics["semantic_similarity"]),
        ("semantic IoU", metrics["semantic_iou"]),
    )


def vcr_lines(figures: VcrFigures) -> list[str]:
    """VCR: shares of right choices beside chance."""
    rows: Iterable[tuple[str, float, float, float | None]] = (
        ("Q -> A", figures["q_a"], 0.25, figures["q_a_standard_error"]),
        ("QA -> R", figures["qa_r"], 0.25, figures["qa_r_standard_error"]),
        ("Q -> AR", figures["q_ar"], 0.0625, figures["q_ar_standard_error"]),
    )
    lines = _table(
        (8, 9, 12),
        ("", "right", "chance", "std. error"),
        *((name, *(None if cell is None else f"{cell:.4f}" for cell in cells)) for name, *cells in rows),
        ("questions", figures["items"]),
    )
    if figures["without_letter"]:
        lines += _table((8,), ("answers without a letter", figures["without_letter"]))
    return lines
