"""The sections of the HTML report by protocol, and pictures of regions with what the model said."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.core.box import Box, context_box
from roi_assistant.evaluation.calibration import CalibrationFigures, CoverageRow
from roi_assistant.evaluation.categories import RelationFigures
from roi_assistant.evaluation.difference import Against
from roi_assistant.evaluation.flickr30k import CategoryAgreement, Flickr30kMetrics
from roi_assistant.evaluation.general import GeneralMetrics
from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.metrics import HumanBaseline
from roi_assistant.evaluation.outcomes import AttributeSources, BothCaptions, ItemOutcome, UnsureFigures
from roi_assistant.evaluation.region_captions import RegionCaptionMetrics
from roi_assistant.evaluation.report import Report, choose_outcomes
from roi_assistant.evaluation.visual_genome import GenomeAttributeMetrics
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import figure, items, number, page, table, tiles
from roi_assistant.formats.svg_charts import Bin, coverage_chart, reliability_chart

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SIDE = 300
_CONTEXT = 2.0
_LEAST_WINDOW = 40.0
_DARK, _YELLOW = (20, 20, 20), (255, 214, 10)
_CONFUSIONS_SHOWN = 25

_CAPTION_ROWS = (
    ("cider", "CIDEr"),
    ("meteor", "METEOR"),
    ("bleu4", "BLEU-4"),
    ("rouge_l", "ROUGE-L"),
    ("exact_match", "exact match"),
    ("items", "regions"),
)
_RELATIONS: tuple[tuple[str, str], ...] = (
    ("items", "regions"),
    ("strict", "same word"),
    ("with_synonyms", "with synonyms"),
    ("narrower", "more specific word"),
    ("broader", "more general word"),
    ("catch_all", "“object”"),
    ("wrong", "wrong"),
    ("no_answer", "no answer"),
)
_RELATION_HEADS = ("", *(head for _, head in _RELATIONS))
_PLOT_NAMES = {
    "caption_exact_match": "best specific caption: exact match",
    "shown_caption_exact_match": "caption as shown: exact match",
    "caption_head_right": "best specific caption: head noun right",
    "category_right": "category: right",
}


def unstretched(image: Image, *, width: int, height: int) -> Image:
    """``image`` in the proportions ``width`` : ``height``; data sets also store photos squashed to a square."""
    wanted = max(1, round(image.height * width / height))
    if abs(wanted - image.width) <= 0.02 * image.width:
        return image
    return image.resize((wanted, image.height))


def crop_picture(image: Image, box: Box) -> bytes:
    """JPEG of the surroundings of ``box`` (pixels of ``image``) with the box drawn, ``PICTURE_SIDE`` pixels at most."""
    from PIL import Image as images
    from PIL import ImageDraw

    margin = max(_CONTEXT, _LEAST_WINDOW / max(box.width, box.height))
    window = context_box(box, margin=margin, max_aspect=1.6, width=image.width, height=image.height)
    left, upper = int(window.x1), int(window.y1)
    right, lower = max(left + 1, round(window.x2)), max(upper + 1, round(window.y2))
    view = image.crop((left, upper, right, lower))
    scale = PICTURE_SIDE / max(view.size)
    size = (max(1, round(view.width * scale)), max(1, round(view.height * scale)))
    view = view.resize(size, images.Resampling.LANCZOS)
    # At least this far apart: a sliver of a box would otherwise turn inside out within its own outline.
    half_width, half_height = max(4.0, box.width * scale / 2), max(4.0, box.height * scale / 2)
    x, y = (box.center[0] - left) * scale, (box.center[1] - upper) * scale
    drawing = ImageDraw.Draw(view)
    drawing.rectangle(
        [x - half_width, y - half_height, x + half_width - 1, y + half_height - 1], outline=_DARK, width=4
    )
    inner = [x - half_width + 1, y - half_height + 1, x + half_width - 2, y + half_height - 2]
    drawing.rectangle(inner, outline=_YELLOW, width=2)
    stream = io.BytesIO()
    view.convert("RGB").save(stream, "JPEG", quality=82)
    return stream.getvalue()


def _picture(outcome: ItemOutcome, image: Image) -> str:
    item, answer = outcome.item, outcome.prediction
    image = unstretched(image, width=item.width, height=item.height)
    data = base64.b64encode(crop_picture(image, item.box_in(image))).decode("ascii")
    mark = "good" if outcome.right else "bad"
    caption = answer.specific.text or "(nothing)"
    lines = [f'<b class="{mark}">{escape(caption)}</b> <span class="soft">{answer.specific.score:.2f}</span>']
    if answer.unsure:
        lines.append(f"shown as unsure: {escape(answer.shown.text)}")
    if item.category:
        guesses = ", ".join(guess.text for guess in answer.categories[:5]) or "no category"
        lines.append(f"is: <b>{escape(item.category)}</b>; guesses: {escape(guesses)}")
    if item.references:
        lines.append(f"people: {escape(' · '.join(item.references))}")
    tail = [f"CIDEr {outcome.cider:.2f}"] if outcome.cider is not None else []
    tail.append(escape(item.id))
    lines.append(f'<span class="soft">{" · ".join(tail)}</span>')
    picture = f'<img src="data:image/jpeg;base64,{data}" alt="{escape(caption)}" loading="lazy">'
    return figure(picture, "<br>".join(lines))


def _within(value: float | None, error: float | None) -> str:
    """A figure and its standard error."""
    return number(value) if error is None else f"{number(value)} ± {number(error)}"


def _relations(name: str, figures: RelationFigures) -> list[object]:
    values = dict(figures)
    return [name, *(values[key] for key, _ in _RELATIONS)]


def _captions(captions: BothCaptions, errors: Mapping[str, object]) -> list[str]:
    specific, shown = dict(captions["specific"]), dict(captions["shown"])
    return [
        "<h2>Captions</h2>",
        "<p>The first column scores the model's best specific caption of each region; the second what users see, which "
        "is a more general word where the model is unsure. References are all distinct phrases of a region. The "
        "standard error says how far the first column is off because these photos were drawn and not others.</p>",
        table(
            ("", "best specific caption", "standard error", "caption as shown"),
            [(name, specific[key], errors.get(key), shown[key]) for key, name in _CAPTION_ROWS],
        ),
    ]


def _human_baseline(agreement: HumanBaseline, category: CategoryAgreement | None = None) -> list[str]:
    if not (agreement["human"] and agreement["model"]):
        return []
    person, model = dict(agreement["human"]), dict(agreement["model"])
    rows = [(name, person[key], model[key]) for key, name in _CAPTION_ROWS]
    if category:
        person, model = dict(category["human"]), dict(category["model"])
        shares = (("strict", "category, same word"), ("with_synonyms", "category, with synonyms"))
        rows += [(name, person[key], model[key]) for key, name in shares]
    return [
        "<h2>Human baseline (leave-one-out)</h2>",
        f"<p>On the {agreement['items']} regions with two or more distinct phrases, one phrase was drawn (seed "
        f"{agreement['seed']}) and scored against the region's others; the model is scored against those "
        "same others. The drawn phrase differs from the others by construction, so a person's exact match is "
        "near zero. The standard error of the difference in CIDEr is "
        f"{number(agreement.get('difference_standard_error'))}.</p>",
        table(("", "a person", "the model"), rows),
    ]


def _attributes(attributes: AttributeSources) -> list[str]:
    rows = [
        (
            name,
            answer["labelled"],
            answer["accuracy"],
            answer["answered"],
            answer["accuracy_when_answered"],
            attributes["caption"][name]["accuracy"],
            attributes["caption"][name]["answered"],
            answer["most_common_accuracy"],
            answer["most_common"],
        )
        for name, answer in attributes["answer"].items()
    ]
    heads = (
        "attribute",
        "labelled regions",
        "right",
        "answered",
        "right when answered",
        "right, from the caption",
        "named in the caption",
        "always the commonest",
        "which is",
    )
    return [
        "<h2>Attributes</h2>",
        "<p>Only regions for which people named the attribute, in the phrase or, for what someone does and wears, in "
        "the sentence around it. An answer is right when it shares a value with them; no answer is wrong. A "
        "missing label does not mean that the attribute is absent.</p>",
        table(heads, rows, text_columns=(0, 8)),
    ]


def _unsure(unsure: UnsureFigures) -> list[str]:
    rows = [
        (
            f"shown as {name}",
            group["items"],
            group.get("exact_match"),
            group["category_right"],
            group["shown_category"]["with_synonyms"],
            group["shown_category"]["broader"],
            group["shown_category"]["catch_all"],
            group["shown_category"]["wrong"],
        )
        for name, group in (("sure", unsure["sure"]), ("unsure", unsure["unsure"]))
    ]
    heads = (
        "",
        "regions",
        "specific caption exact",
        "specific category right",
        "shown category right",
        "shown: more general word",
        "shown: “object”",
        "shown: wrong",
    )
    share = unsure["share"]
    return [
        "<h2>Sure and unsure</h2>",
        f"<p>{'No regions' if share is None else f'{share:.1%} of the regions'} are shown as unsure.</p>",
        table(heads, rows),
    ]


def _plots(calibrations: Mapping[str, CalibrationFigures], coverages: Mapping[str, list[CoverageRow]]) -> list[str]:
    parts = [
        "<h2>Calibration</h2>",
        "<p>Bars: share of right answers among answers of a score; dots: their mean score; the strip above: how many. "
        "On the diagonal, scores are honest. ECE is the mean distance from it, weighted by the number of regions.</p>",
        '<div class="plots">',
    ]
    for key, figures in calibrations.items():
        if figures["items"]:
            told = f"{_PLOT_NAMES.get(key, key)}; ECE {number(figures['ece'])}, {figures['items']} regions"
            bins = [
                Bin(row["low"], row["high"], row["count"], row["mean_score"] or 0.0, row["accuracy"] or 0.0)
                for row in figures["bins"]
            ]
            parts.append(figure(reliability_chart(bins, label=told), escape(told)))
    for key, rows in coverages.items():
        if rows:
            told = f"{_PLOT_NAMES.get(key, key)}, the surest answers only"
            points = [(row["coverage"], row["accuracy"], row["threshold"]) for row in rows]
            parts.append(figure(coverage_chart(points, label=told), escape(told)))
    return [*parts, "</div>"]


def _flickr30k(metrics: Flickr30kMetrics) -> list[str]:
    captions, category, agreement = metrics["captions"], metrics["category"], metrics["human_agreement"]
    errors = metrics["standard_errors"]
    headline: list[tuple[str, object]] = [
        ("CIDEr, best specific caption", _within(captions["specific"]["cider"], errors["cider"])),
        ("CIDEr, caption as shown", captions["shown"]["cider"]),
        ("exact match", _within(captions["specific"]["exact_match"], errors["exact_match"])),
        ("category, with synonyms", _within(category["caption_head"]["with_synonyms"], errors["with_synonyms"])),
    ]
    if agreement["model"] and agreement["human"]:
        headline.append(("leave-one-out CIDEr, model", agreement["model"]["cider"]))
        headline.append(("leave-one-out CIDEr, a person", agreement["human"]["cider"]))
    return [
        tiles(headline),
        *_captions(captions, dict(errors)),
        *_human_baseline(agreement, agreement["category"]),
        "<h2>Category</h2>",
        "<p>Against the head nouns of all human phrases of a region.</p>",
        table(
            _RELATION_HEADS,
            [
                _relations("head of the best specific caption", category["caption_head"]),
                _relations("head of the caption as shown", category["caption_head_shown"]),
                _relations("category answer, first guess", category["answer"]),
                _relations("category answer, best of five", category["answer_top5"]),
            ],
        ),
        *_attributes(metrics["attributes"]),
        *_unsure(metrics["unsure"]),
        *_plots(metrics["calibration"], metrics["coverage"]),
        "<h2>By kind and size</h2>",
        "<p>CIDEr is the mean over the regions of a row, with the word weights of the whole set. Sizes are COCO's on a "
        "photo of 640 pixels.</p>",
        table(
            ("", "regions", "CIDEr", "exact match", "category right"),
            [(name, *dict(group).values()) for name, group in sorted(metrics["groups"].items())],
        ),
    ]


def _general(metrics: GeneralMetrics) -> list[str]:
    category = metrics["category"]
    blocks = [("all named boxes", category["all"])]
    if category["frequent"]:
        name = f"categories with {category['min_train_photos']} or more training photos"
        blocks.insert(0, (name, category["frequent"]))
    headline = [
        (f"{what}, {name}", _within(figures["strict"], error))
        for name, block in blocks
        for what, figures, error in (
            ("top-1", block["top1"], block["standard_errors"]["top1"]),
            ("top-5", block["top5"], block["standard_errors"]["top5"]),
        )
    ]
    rows = [
        _relations(f"{name}: {what}", figures)
        for name, block in [*blocks, *((f"{size} boxes", block) for size, block in category["by_size"].items())]
        for what, figures in (
            ("first guess", block["top1"]),
            ("best of five", block["top5"]),
            ("category as shown", block["shown"]),
            ("head of the caption", block["caption_head"]),
        )
    ]
    heads = (
        "category",
        "boxes",
        "training photos",
        "top-1",
        "top-1 with synonyms",
        "more general word",
        "top-5",
        "top-5 with synonyms",
    )
    captions = _captions(metrics["captions"], dict(metrics["standard_errors"])) if metrics["captions"] else []
    return [
        tiles(headline) if category["all"]["items"] else "",
        *captions,
        *(_human_baseline(metrics["human_agreement"]) if metrics["human_agreement"] else []),
        "<h2>Category</h2>",
        table(_RELATION_HEADS, rows),
        *_unsure(metrics["unsure"]),
        *_plots(metrics["calibration"], metrics["coverage"]),
        "<h2>What is taken for what</h2>",
        table(
            ("is", "model said", "relation", "boxes"),
            [list(dict(pair).values()) for pair in category["confusions"][:_CONFUSIONS_SHOWN]],
            text_columns=(0, 1, 2),
        ),
        f"<details><summary>All {len(category['per_category'])} categories</summary>",
        table(heads, [list(dict(row).values()) for row in category["per_category"]]),
        "</details>",
    ]


def _region_captions(metrics: RegionCaptionMetrics) -> list[str]:
    ways = [dict(metrics["by_expression"]), dict(metrics["by_object"])]
    return [
        tiles((f"CIDEr, {str(way['label']).partition(',')[0]}", way["cider"]) for way in ways),
        "<h2>Two ways to count</h2>",
        "<p>The model is asked once a box. Figures of the two columns are not comparable with each other, nor with a "
        "published figure that was counted the other way.</p>",
        table(
            ("", *(str(way["label"]) for way in ways)),
            [(name, *(way[key] for way in ways)) for key, name in _CAPTION_ROWS],
        ),
        *_captions(metrics["captions"], dict(metrics["standard_errors"])),
        *_human_baseline(metrics["human_agreement"]),
        *_plots(metrics["calibration"], metrics["coverage"]),
    ]


def _genome_attributes(metrics: GenomeAttributeMetrics) -> list[str]:
    return [
        tiles([("objects with a label", metrics["objects_with_labels"]), ("objects", metrics["objects"])]),
        *_attributes(metrics["attributes"]),
        f"<p>{metrics['words_without_attribute']} of {metrics['words']} words of people are about no attribute that "
        "the lexicon knows and were left out.</p>",
    ]


def _against(against: Against) -> list[str]:
    rows = [
        (row["label"], f"{row['difference']:+.3f}", row["standard_error"]) for row in against["differences"].values()
    ]
    return [
        f"<h2>Against {escape(against['model'])}, {escape(against['decoding'])}</h2>",
        "<p>How much better the answers are than those to the same questions. A difference of less than twice its "
        "standard error may be luck with these photos.</p>",
        table(("", "difference", "standard error"), rows),
    ]


_SECTIONS: dict[str, Callable[[Any], list[str]]] = {
    "flickr30k-entities": _flickr30k,
    "general-photos": _general,
    "refcocog": _region_captions,
    "visual-genome": _region_captions,
    "visual-genome-attributes": _genome_attributes,
}
"""By protocol; each takes the figures of its own."""
_PICTURES = (
    ("best", "Best", "Regions that scored highest, one of a photo."),
    ("worst", "Worst", "Wrong answers, those that the model was surest of first, one of a photo."),
    ("random", "Drawn at random", "What to expect."),
)


def write_html(path: Path, report: Report, data: EvaluationSet, outcomes: Sequence[ItemOutcome]) -> None:
    """Write the page with a choice of ``outcomes``.

    Raises:
        FileWriteError: ``path`` cannot be written; it is as it was.
        ImageError: a photo that is shown cannot be read.
    """
    write_atomically(path, render_html(report, data, choose_outcomes(outcomes, seed=report["seed"])))


def render_html(report: Report, data: EvaluationSet, chosen: Mapping[str, Sequence[ItemOutcome]]) -> str:
    """The page. ``chosen`` holds the items to show with a picture, under ``best``, ``worst`` and ``random``.

    Raises:
        ImageError: a photo that is shown cannot be read.
    """
    model, facts = report["model"], report["data"]
    weights = f", weights {model['weights_sha256'][:12]}" if model["weights_sha256"] else ""
    where = " ".join(filter(None, [model["device"], model["precision"]]))
    line = (
        f"{model['name']}{weights}{', ' + where if where else ''} · {report['decoding']} decoding · "
        f"{facts['photos']} photos, {facts['items']} regions · {report['created_at']}"
    )
    parts = [f'<p class="soft">{escape(line)}</p>', *_SECTIONS[report["protocol"]](report["metrics"])]
    if "against" in report["metrics"]:
        parts += _against(report["metrics"]["against"])
    for key, name, told in _PICTURES:
        if chosen.get(key):
            parts += [f"<h2>{name}</h2>", f"<p>{told}</p>", '<div class="pictures">']
            parts += [_picture(outcome, data.load(outcome.item.photo)) for outcome in chosen[key]]
            parts.append("</div>")
    return page(
        f"{model['id']} on {facts['name']}, {facts['split']}", [*parts, "<h2>About this run</h2>", _about(report)]
    )


def _about(report: Report) -> str:
    timing, weights = report["timing"], report["model"]["weights_sha256"]
    entries = [escape(note) for note in report["notes"]]
    if timing and timing["seconds_per_item"] is not None:
        entries.append(
            f"{timing['items_described']} regions of {timing['photos']} photos described: "
            f"{timing['seconds_per_photo']:.3f} s per photo and {timing['seconds_per_item']:.3f} s per region, the "
            "photo's share included."
        )
    entries.append(f"Data: sha256 <code>{escape(report['data']['sha256'])}</code>")
    if weights:
        entries.append(f"Weights: sha256 <code>{escape(weights)}</code>")
    return items([*entries, f"Command: <code>{escape(' '.join(report['command']))}</code>"])
