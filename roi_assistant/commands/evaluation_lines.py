"""Figures of an evaluation as lines for the terminal; each function takes the ``metrics`` of one protocol."""

from __future__ import annotations

from typing import Any

_CAPTION_METRICS = (
    ("cider", "CIDEr"),
    ("meteor", "METEOR"),
    ("bleu4", "BLEU-4"),
    ("rouge_l", "ROUGE-L"),
    ("exact_match", "exact match"),
)


def _show(value: float | None, *, decimals: int = 3) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"


def flickr30k_lines(metrics: dict[str, Any]) -> list[str]:
    """Flickr30k Entities: captions, category, a person under the same rule, attributes, calibration."""
    specific, shown, errors = metrics["captions"]["specific"], metrics["captions"]["shown"], metrics["standard_errors"]
    lines = [f"{'':28}{'best caption':>14}{'std. error':>12}{'as shown':>12}"]
    for key, name in _CAPTION_METRICS:
        lines.append(f"{name:28}{_show(specific[key]):>14}{_show(errors.get(key)):>12}{_show(shown[key]):>12}")
    head, head_shown = metrics["category"]["caption_head"], metrics["category"]["caption_head_shown"]
    for key, name in (
        ("strict", "category, same word"),
        ("with_synonyms", "category, with synonyms"),
        ("broader", "category, more general word"),
    ):
        lines.append(f"{name:28}{_show(head[key]):>14}{_show(errors.get(key)):>12}{_show(head_shown[key]):>12}")
    agreement = metrics["human_agreement"]
    if agreement["items"]:
        lines.append(f"\nOn {agreement['items']} regions, each against the others' phrases:")
        model, person = agreement["model"]["cider"], agreement["human"]["cider"]
        lines.append(f"{'':28}{'model':>14}{'a person':>12}{'difference':>14}{'std. error':>12}")
        lines.append(
            f"{'CIDEr':28}{_show(model):>14}{_show(person):>12}{_show(model - person):>14}"
            f"{_show(agreement['difference_standard_error']):>12}"
        )
    lines.append(f"\n{'attribute':28}{'right':>14}{'regions':>12}{'from caption':>14}")
    captions = metrics["attributes"]["caption"]
    for name, row in metrics["attributes"]["answer"].items():
        lines.append(
            f"{name:28}{_show(row['accuracy']):>14}{row['labelled']:>12}{_show(captions[name]['accuracy']):>14}"
        )
    lines.append("")
    for name, figures in metrics["calibration"].items():
        lines.append(f"{'ECE, ' + name.replace('_', ' '):40}{_show(figures['ece']):>8}")
    return lines


def general_lines(metrics: dict[str, Any]) -> list[str]:
    """General photos: category, and captions where the data set has them."""
    category = metrics["category"]
    blocks = [("all boxes", category["all"])]
    if category["frequent"]:
        blocks.append((f">= {category['min_train_photos']} training photos", category["frequent"]))
    heads = f"{'category':28}{'boxes':>8}{'top-1':>8}{'top-5':>8}{'std. errors':>14}"
    lines = [f"{heads}{'with synonyms':>16}{'more general':>14}"]
    for name, block in blocks:
        top1, top5, errors = block["top1"], block["top5"], block["standard_errors"]
        off = f"{_show(errors['top1'])} {_show(errors['top5'])}"
        both = f"{_show(top1['with_synonyms'])} {_show(top5['with_synonyms'])}"
        lines.append(
            f"{name:28}{block['items']:>8}{_show(top1['strict']):>8}{_show(top5['strict']):>8}{off:>14}{both:>16}"
            f"{_show(top1['broader']):>14}"
        )
    unsure = metrics["unsure"]
    lines.append(f"\n{'shown as unsure':28}{_show(unsure['share']):>8}")
    lines.append(f"{'right when sure':28}{_show(unsure['sure']['category_right']):>8}")
    lines.append(f"{'ECE of category scores':28}{_show(metrics['calibration']['category_right']['ece']):>8}")
    if metrics["captions"]:
        specific = metrics["captions"]["specific"]
        for key, name in (("cider", "CIDEr"), ("exact_match", "exact match")):
            off = _show(metrics["standard_errors"][key])
            lines.append(f"{'captions: ' + name:28}{_show(specific[key]):>8}   std. error {off}")
    return lines


def region_caption_lines(metrics: dict[str, Any]) -> list[str]:
    """RefCOCOg and Visual Genome: captions in both ways of counting."""
    ways = (metrics["by_expression"], metrics["by_object"])
    errors = metrics["standard_errors"]
    lines = [f"{'':28}{'by expression':>16}{'by object':>12}{'std. error':>12}"]
    for key, name in _CAPTION_METRICS:
        lines.append(f"{name:28}{_show(ways[0][key]):>16}{_show(ways[1][key]):>12}{_show(errors.get(key)):>12}")
    lines.append(f"{'items':28}{ways[0]['items']:>16}{ways[1]['items']:>12}")
    return [
        *lines,
        "",
        *(f"{name}: {way['label']}" for name, way in zip(("by expression", "by object"), ways, strict=True)),
    ]


def genome_attribute_lines(metrics: dict[str, Any]) -> list[str]:
    """Attributes of objects in Visual Genome."""
    captions = metrics["attributes"]["caption"]
    lines = [f"{'attribute':28}{'right':>14}{'commonest':>12}{'objects':>12}{'from caption':>14}"]
    for name, row in metrics["attributes"]["answer"].items():
        lines.append(
            f"{name:28}{_show(row['accuracy']):>14}{_show(row['most_common_accuracy']):>12}{row['labelled']:>12}"
            f"{_show(captions[name]['accuracy']):>14}"
        )
    return lines


def against_lines(metrics: dict[str, Any]) -> list[str]:
    """How much better the answers are than others' to the same questions; nothing where none were given."""
    against = metrics.get("against")
    if not against:
        return []
    lines = [f"\nAgainst {against['model']}, {against['decoding']}:", f"{'':28}{'difference':>14}{'std. error':>12}"]
    for row in against["differences"].values():
        lines.append(f"{row['label']:28}{row['difference']:>+14.3f}{_show(row['standard_error']):>12}")
    return lines


def semantic_lines(metrics: dict[str, Any]) -> list[str]:
    """Osprey's measures of category answers."""
    rows = (("semantic similarity", "semantic_similarity"), ("semantic IoU", "semantic_iou"))
    return [f"{name:28}{_show(metrics[key]):>8}" for name, key in rows]


def vcr_lines(figures: dict[str, Any]) -> list[str]:
    """VCR: shares of right choices beside chance."""
    lines = [f"{'':28}{'right':>8}{'chance':>9}{'std. error':>12}"]
    for key, name, chance in (("q_a", "Q -> A", 0.25), ("qa_r", "QA -> R", 0.25), ("q_ar", "Q -> AR", 0.0625)):
        error = _show(figures[f"{key}_standard_error"], decimals=4)
        lines.append(f"{name:28}{figures[key]:>8.4f}{chance:>9.4f}{error:>12}")
    lines.append(f"{'questions':28}{figures['items']:>8}")
    if figures["without_letter"]:
        lines.append(f"{'answers without a letter':28}{figures['without_letter']:>8}")
    return lines
