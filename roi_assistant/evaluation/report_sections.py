"""What a report tells, by protocol: the same sections are shown by the HTML file and printed in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

from roi_assistant.evaluation.calibration import CalibrationFigures, CoverageRow
from roi_assistant.evaluation.categories import RelationFigures
from roi_assistant.evaluation.difference import Against
from roi_assistant.evaluation.flickr30k import CategoryAgreement, Flickr30kMetrics
from roi_assistant.evaluation.general import GeneralMetrics
from roi_assistant.evaluation.learning import GroupFigures, LearningMetrics
from roi_assistant.evaluation.metrics import HumanBaseline
from roi_assistant.evaluation.outcomes import AttributeSources, BothCaptions, UnsureFigures
from roi_assistant.evaluation.proposals import ProposalFigures
from roi_assistant.evaluation.region_captions import RegionCaptionMetrics
from roi_assistant.evaluation.semantic import SemanticFigures
from roi_assistant.evaluation.vcr import VcrFigures
from roi_assistant.evaluation.visual_genome import GenomeAttributeMetrics
from roi_assistant.formats.html_page import figure, number, table, tiles
from roi_assistant.formats.svg_charts import Bin, coverage_chart, reliability_chart, step_chart

_CONFUSIONS_SHOWN = 25
_CAPTION_ROWS = (
    ("cider", "CIDEr"),
    ("meteor", "METEOR"),
    ("bleu4", "BLEU-4"),
    ("rouge_l", "ROUGE-L"),
    ("exact_match", "exact match"),
    ("items", "regions"),
)
_RELATION_HEADS = {
    "items": "regions",
    "strict": "same word",
    "with_synonyms": "with synonyms",
    "narrower": "more specific word",
    "broader": "more general word",
    "catch_all": "“object”",
    "wrong": "wrong",
    "no_answer": "no answer",
}
_PLOT_NAMES = {
    "caption_exact_match": "best specific caption: exact match",
    "shown_caption_exact_match": "caption as shown: exact match",
    "caption_head_right": "best specific caption: head noun right",
    "category_right": "category: right",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title, paragraphs, the most important figures, a table and charts, of which any may be missing.

    ``text`` explains and is left out in the terminal, ``summary`` holds figures. ``printed`` are the columns of the
    table that the terminal has room for (None: all); with none of them the section is not printed. A ``folded`` section
    opens with a click.
    """

    title: str = ""
    text: str = ""
    summary: str = ""
    tiles: Sequence[tuple[str, object]] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    text_columns: Sequence[int] = (0,)
    printed: Sequence[int] | None = None
    plots: Sequence[tuple[str, str]] = ()
    """Caption and SVG."""
    curves: Sequence[tuple[str, Sequence[str], str]] = ()
    """Caption, names of the curves, and SVG; in HTML only."""
    folded: bool = False

    def html(self) -> str:
        """The section for `html_page.page`."""
        parts = [f"<p>{escape(' '.join(filter(None, (self.text, self.summary))), quote=False)}</p>"]
        parts = parts if self.text or self.summary else []
        if self.tiles:
            parts.append(tiles(self.tiles))
        if self.heads:
            parts.append(table(self.heads, self.rows, text_columns=self.text_columns))
        if self.plots:
            charts = (figure(chart, escape(caption)) for caption, chart in self.plots)
            parts += ['<div class="plots">', *charts, "</div>"]
        if self.curves:
            charts = (figure(chart, _legend(caption, names)) for caption, names, chart in self.curves)
            parts += ['<div class="charts">', *charts, "</div>"]
        if self.folded:
            parts = [f"<details><summary>{escape(self.title)}</summary>", *parts, "</details>"]
        elif self.title:
            parts.insert(0, f"<h2>{escape(self.title)}</h2>")
        return "\n".join(parts)

    def lines(self) -> list[str]:
        """The section for the terminal: names on the left, figures on the right."""
        columns = range(len(self.heads)) if self.printed is None else self.printed
        if self.printed is not None and not columns:
            return []
        rows = [[row[k] for k in columns] for row in (self.heads, *self.rows)] if self.heads else []
        lines = [*_aligned(self.tiles), *filter(None, [self.summary]), *_aligned(rows), *(c for c, _ in self.plots)]
        return ["", f"{self.title}:", *lines] if self.title and lines else lines


def _legend(caption: str, names: Sequence[str]) -> str:
    """HTML: the names of a chart's curves in their colors."""
    colored = (f'<span class="{css}">{escape(n)}</span>' for css, n in zip(("first", "second"), names, strict=False))
    return " ".join([f"<b>{escape(caption)}</b>", *colored])


def _aligned(rows: Sequence[Sequence[object]]) -> list[str]:
    cells = [["-" if cell is None else number(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:{'>' if k else '<'}{widths[k]}}" for k, cell in enumerate(row)).rstrip() for row in cells]


def _within(value: float | None, error: float | None) -> str:
    """A figure and its standard error."""
    return number(value) if error is None else f"{number(value)} ± {number(error)}"


def _relations(rows: Mapping[str, RelationFigures]) -> Section:
    return Section(
        title="Category",
        heads=("", *_RELATION_HEADS.values()),
        rows=[[name, *map(dict(figures).get, _RELATION_HEADS)] for name, figures in rows.items()],
        printed=(0, 1, 2, 3, 5),
    )


def _captions(captions: BothCaptions, errors: Mapping[str, object]) -> Section:
    specific, shown = dict(captions["specific"]), dict(captions["shown"])
    return Section(
        title="Captions",
        text="The first column scores the model's best specific caption of each region; the second what users see, "
        "which is a more general word where the model is unsure. References are all distinct phrases of a region. The "
        "standard error says how far the first column is off because these photos were drawn and not others.",
        heads=("", "best specific caption", "standard error", "caption as shown"),
        rows=[(name, specific[key], errors.get(key), shown[key]) for key, name in _CAPTION_ROWS],
    )


def _human_baseline(agreement: HumanBaseline, category: CategoryAgreement | None = None) -> list[Section]:
    if not (agreement["human"] and agreement["model"]):
        return []
    person, model = dict(agreement["human"]), dict(agreement["model"])
    lead = agreement["model"]["cider"] - agreement["human"]["cider"]
    rows = [(name, person[key], model[key]) for key, name in _CAPTION_ROWS]
    if category:
        person, model = dict(category["human"]), dict(category["model"])
        shares = (("strict", "category, same word"), ("with_synonyms", "category, with synonyms"))
        rows += [(name, person[key], model[key]) for key, name in shares]
    return [
        Section(
            title="Human baseline (leave-one-out)",
            text=f"On the {agreement['items']} regions with two or more distinct phrases, one phrase was drawn (seed "
            f"{agreement['seed']}) and scored against the region's others; the model is scored against those same "
            "others. The drawn phrase differs from the others by construction, so a person's exact match is near zero.",
            summary="The model's CIDEr less a person's is "
            f"{_within(lead, agreement.get('difference_standard_error'))}.",
            heads=("", "a person", "the model"),
            rows=rows,
        )
    ]


def _attributes(attributes: AttributeSources) -> Section:
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
    return Section(
        title="Attributes",
        text="Only regions for which people named the attribute, in the phrase or, for what someone does and wears, in "
        "the sentence around it. An answer is right when it shares a value with them; no answer is wrong. A missing "
        "label does not mean that the attribute is absent.",
        heads=heads,
        rows=rows,
        text_columns=(0, 8),
        printed=(0, 1, 2, 5, 7),
    )


def _unsure(unsure: UnsureFigures, bare: float | None) -> Section:
    groups = (("sure", unsure["sure"]), ("unsure", unsure["unsure"]))
    shown = {
        "with_synonyms": "shown category right",
        "broader": "shown: more general word",
        "catch_all": "shown: “object”",
        "wrong": "shown: wrong",
    }
    share = unsure["share"]
    return Section(
        title="Sure and unsure",
        summary=f"{'No regions' if share is None else f'{share:.1%} of the regions'} are shown as unsure."
        + ("" if bare is None else f" {bare:.1%} of the specific captions say nothing but what it is."),
        heads=("", "regions", "specific caption exact", "specific category right", *shown.values()),
        rows=[
            (
                f"shown as {name}",
                group["items"],
                group.get("exact_match"),
                group["category_right"],
                *map(dict(group["shown_category"]).get, shown),
            )
            for name, group in groups
        ],
        printed=(0, 1, 2, 3, 4),
    )


def _calibration(
    calibrations: Mapping[str, CalibrationFigures], coverages: Mapping[str, Sequence[CoverageRow]]
) -> list[Section]:
    reliability, coverage = [], []
    for key, figures in calibrations.items():
        if figures["items"]:
            caption = f"{_PLOT_NAMES.get(key, key)}; ECE {number(figures['ece'])}, {figures['items']} regions"
            bins = [
                Bin(row["low"], row["high"], row["count"], row["mean_score"] or 0.0, row["accuracy"] or 0.0)
                for row in figures["bins"]
            ]
            reliability.append((caption, reliability_chart(bins, label=caption)))
    for key, rows in coverages.items():
        if rows:
            caption = f"{_PLOT_NAMES.get(key, key)}, the surest answers only"
            points = [(row["coverage"], row["accuracy"], row["threshold"]) for row in rows]
            coverage.append((caption, coverage_chart(points, label=caption)))
    return [
        Section(
            title="Calibration",
            text="Bars: share of right answers among answers of a score; dots: their mean score; the strip above: how "
            "many. On the diagonal, scores are honest. ECE is the mean distance from it, weighted by the number of "
            "regions.",
            plots=reliability,
        ),
        Section(plots=coverage, printed=()),
    ]


def _flickr30k(metrics: Flickr30kMetrics) -> list[Section]:
    captions, category, agreement = metrics["captions"], metrics["category"], metrics["human_agreement"]
    errors = metrics["standard_errors"]
    headline: list[tuple[str, object]] = [
        ("CIDEr, best specific caption", _within(captions["specific"]["cider"], errors["cider"])),
        ("CIDEr, caption as shown", captions["shown"]["cider"]),
        ("exact match", _within(captions["specific"]["exact_match"], errors["exact_match"])),
        ("category, same word", _within(category["caption_head"]["strict"], errors["strict"])),
        ("category, with synonyms", _within(category["caption_head"]["with_synonyms"], errors["with_synonyms"])),
    ]
    if agreement["model"] and agreement["human"]:
        headline.append(("leave-one-out CIDEr, model", agreement["model"]["cider"]))
        headline.append(("leave-one-out CIDEr, a person", agreement["human"]["cider"]))
    heads = {
        "head of the best specific caption": category["caption_head"],
        "head of the caption as shown": category["caption_head_shown"],
        "category answer, first guess": category["answer"],
        "category answer, best of five": category["answer_top5"],
    }
    return [
        Section(tiles=headline),
        _captions(captions, dict(errors)),
        *_human_baseline(agreement, agreement["category"]),
        replace(_relations(heads), text="Against the head nouns of all human phrases of a region."),
        _attributes(metrics["attributes"]),
        _unsure(metrics["unsure"], metrics["bare_captions"]),
        *_calibration(metrics["calibration"], metrics["coverage"]),
        Section(
            title="By kind and size",
            text="CIDEr is the mean over the regions of a row, with the word weights of the whole set. Sizes are "
            "COCO's on a photo of 640 pixels.",
            heads=("", "regions", "CIDEr", "exact match", "category right"),
            rows=[(name, *dict(group).values()) for name, group in sorted(metrics["groups"].items())],
        ),
    ]


def _general(metrics: GeneralMetrics) -> list[Section]:
    category = metrics["category"]
    blocks = {"all named boxes": category["all"]}
    if category["frequent"]:
        name = f"categories with {category['min_train_photos']} or more training photos"
        blocks = {name: category["frequent"], **blocks}
    headline: list[tuple[str, object]] = []
    for name, block in blocks.items():
        errors = block["standard_errors"]
        headline.append((f"top-1, {name}", _within(block["top1"]["strict"], errors["top1"])))
        headline.append((f"top-5, {name}", _within(block["top5"]["strict"], errors["top5"])))
    relations = {}
    blocks |= {f"{size} boxes": block for size, block in category["by_size"].items()}
    for name, block in blocks.items():
        relations[f"{name}: first guess"] = block["top1"]
        relations[f"{name}: best of five"] = block["top5"]
        relations[f"{name}: category as shown"] = block["shown"]
        relations[f"{name}: head of the caption"] = block["caption_head"]
    return [
        *([Section(tiles=headline)] if category["all"]["items"] else []),
        *([_captions(metrics["captions"], dict(metrics["standard_errors"]))] if metrics["captions"] else []),
        *(_human_baseline(metrics["human_agreement"]) if metrics["human_agreement"] else []),
        _relations(relations),
        _unsure(metrics["unsure"], metrics["bare_captions"]),
        *_calibration(metrics["calibration"], metrics["coverage"]),
        Section(
            title="What is taken for what",
            heads=("is", "model said", "relation", "boxes"),
            rows=[list(dict(pair).values()) for pair in category["confusions"][:_CONFUSIONS_SHOWN]],
            text_columns=(0, 1, 2),
            printed=(),
        ),
        Section(
            title=f"All {len(category['per_category'])} categories",
            heads=(
                "category",
                "boxes",
                "training photos",
                "top-1",
                "top-1 with synonyms",
                "more general word",
                "top-5",
                "top-5 with synonyms",
            ),
            rows=[list(dict(row).values()) for row in category["per_category"]],
            printed=(),
            folded=True,
        ),
    ]


def _region_captions(metrics: RegionCaptionMetrics) -> list[Section]:
    ways = [dict(metrics["by_expression"]), dict(metrics["by_object"])]
    return [
        Section(tiles=[(f"CIDEr, {str(way['label']).partition(',')[0]}", way["cider"]) for way in ways]),
        Section(
            title="Two ways to count",
            text="The model is asked once a box. Figures of the two columns are not comparable with each other, nor "
            "with a published figure that was counted the other way.",
            heads=("", *(str(way["label"]) for way in ways)),
            rows=[(name, *(way[key] for way in ways)) for key, name in _CAPTION_ROWS],
        ),
        _captions(metrics["captions"], dict(metrics["standard_errors"])),
        *_human_baseline(metrics["human_agreement"]),
        *_calibration(metrics["calibration"], metrics["coverage"]),
    ]


def _genome_attributes(metrics: GenomeAttributeMetrics) -> list[Section]:
    return [
        Section(tiles=[("objects with a label", metrics["objects_with_labels"]), ("objects", metrics["objects"])]),
        _attributes(metrics["attributes"]),
        Section(
            summary=f"{metrics['words_without_attribute']} of {metrics['words']} words of people are about no "
            "attribute that the lexicon knows and were left out."
        ),
    ]


def _semantic(metrics: SemanticFigures) -> list[Section]:
    names = (("semantic similarity", metrics["semantic_similarity"]), ("semantic IoU", metrics["semantic_iou"]))
    return [Section(tiles=names)]


def _vcr(metrics: VcrFigures) -> list[Section]:
    rows = (
        ("Q -> A", metrics["q_a"], 0.25, metrics["q_a_standard_error"]),
        ("QA -> R", metrics["qa_r"], 0.25, metrics["qa_r_standard_error"]),
        ("Q -> AR", metrics["q_ar"], 0.0625, metrics["q_ar_standard_error"]),
    )
    return [
        Section(
            heads=("", "right", "chance", "standard error"),
            rows=[(name, *(None if cell is None else f"{cell:.4f}" for cell in cells)) for name, *cells in rows],
        ),
        Section(tiles=[("questions", metrics["items"]), ("answers without a letter", metrics["without_letter"])]),
    ]


def _proposals(metrics: Mapping[str, Sequence[ProposalFigures]]) -> list[Section]:
    return [
        Section(
            title=f"{one['name']}, {one['boxes']} boxes on {one['photos']} photos",
            heads=("proposals", "IoU", "recall", "frequent boxes"),
            rows=[(r["proposals"], r["iou"], r["recall"], r["frequent"]) for r in one["recall"]],
        )
        for one in metrics["data_sets"]
    ]


_LEARNING_ROWS: tuple[tuple[Literal["right", "guessed", "unchanged", "keys"], str], ...] = (
    ("right", "right noun"),
    ("guessed", "best guess right"),
    ("unchanged", "accepted unchanged"),
    ("keys", "keys per region"),
)
_LEARNING_MODES = ("without memory", "with memory")


def _learning(metrics: LearningMetrics) -> list[Section]:
    wrong = f" Of the lessons, {metrics['wrong']:.0%} were wrong on purpose." if metrics["wrong"] else ""
    forms = f" She writes all captions as {' or '.join(metrics['forms'])}, to the letter." if metrics["forms"] else ""
    lead = Section(
        text="A scripted annotator goes through boxes with names. She accepts a suggestion whose category is the true "
        "name (1 key), else she chooses it among the alternatives (1 key), else she types it (its letters and Enter). "
        "Her names are lessons for the boxes that follow. Where the model is unsure, a more general word is shown, "
        "which is no right noun; the best guess is the specific one. The standard error says how far a figure is off "
        "because these projects were drawn and not others; for a single project, because of its photos." + wrong + forms
    )
    return [lead, *(section for group in metrics["groups"] for section in _learning_group(group))]


def _learning_group(group: GroupFigures) -> list[Section]:
    modes = (group["without_memory"], group["with_memory"])
    rows: list[list[object]] = []
    for windows in zip(*(mode["windows"] for mode in modes), strict=True):
        for key, name in _LEARNING_ROWS:
            shares = (_within(window[key]["mean"], window[key]["standard_error"]) for window in windows)
            rows.append([windows[0]["window"], windows[0]["regions"], name, *shares])
    curves = {
        name: [(float(x), y) for x, y in mode["curve"]]
        for name, mode in reversed(list(zip(_LEARNING_MODES, modes, strict=True)))
    }
    last = max((x for points in curves.values() for x, _ in points), default=0.0)
    chart = step_chart(f"right noun, {group['name']}", curves, last=last, top=1.0, unit="box")
    calibrations = {
        f"best guess right, {name}": mode["calibration"] for name, mode in zip(_LEARNING_MODES, modes, strict=True)
    }
    return [
        Section(
            title=f"{group['name']} (projects: {group['projects']}, boxes: {group['regions']}, "
            f"categories: {group['categories']})",
            heads=("boxes decided before", "boxes", "", *_LEARNING_MODES),
            rows=rows,
            text_columns=(0, 2),
            curves=[("right noun, mean over the last 50 boxes", tuple(curves), chart)] if chart else (),
        ),
        *_calibration(calibrations, {}),
    ]


def _against(against: Against) -> Section:
    differences = against["differences"].values()
    return Section(
        title=f"Against {against['model']}, {against['decoding']}",
        text="How much better the answers are than those to the same questions. A difference of less than twice its "
        "standard error may be luck with these photos.",
        heads=("", "difference", "standard error"),
        rows=[(row["label"], f"{row['difference']:+.3f}", row["standard_error"]) for row in differences],
    )


_SECTIONS: dict[str, Callable[[Any], list[Section]]] = {
    "flickr30k-entities": _flickr30k,
    "general-photos": _general,
    "refcocog": _region_captions,
    "visual-genome": _region_captions,
    "visual-genome-attributes": _genome_attributes,
    "semantic": _semantic,
    "learning": _learning,
    "vcr": _vcr,
    "proposals": _proposals,
}
"""By protocol; each takes the figures of its own."""


def report_sections(protocol: str, metrics: Mapping[str, Any]) -> list[Section]:
    """The sections of a report with ``metrics``, which are those of ``protocol``."""
    sections = _SECTIONS[protocol](metrics)
    return [*sections, _against(metrics["against"])] if "against" in metrics else sections


def report_lines(protocol: str, metrics: Mapping[str, Any]) -> list[str]:
    """As `report_sections`, for the terminal."""
    return [line for section in report_sections(protocol, metrics) for line in section.lines()]
