"""The HTML report: one file with its pictures and diagrams inside, for light and dark screens."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from roi_assistant.core.box import Box, context_box
from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.outcomes import ItemOutcome
from roi_assistant.evaluation.report_svg import coverage_svg, reliability_svg

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SIDE = 300
_CONTEXT = 2.0
_LEAST_WINDOW = 40.0
_DARK, _YELLOW = (20, 20, 20), (255, 214, 10)
_CONFUSIONS_SHOWN = 25
_CSS = """
:root { color-scheme: light dark; --back: #fbfbfa; --card: #ffffff; --ink: #1d1f23; --soft: #5c626c; --line: #dcdfe4;
  --accent: #2563a8; --fill: #8fb6de; --good: #1d7a46; --bad: #b3372b; }
@media (prefers-color-scheme: dark) { :root { --back: #16181c; --card: #1f2227; --ink: #e8eaed; --soft: #a3aab5;
  --line: #363b43; --accent: #7db4ec; --fill: #3d6a98; --good: #66c78f; --bad: #ee8c7f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
p, li { max-width: 60rem; } .soft { color: var(--soft); } code { overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem;
  min-width: 9rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.3; } .tile span { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
thead th { color: var(--soft); font-weight: 600; white-space: normal;
  max-width: 8.5rem; vertical-align: bottom; line-height: 1.25; }
.plots figure { width: 19rem; }
.plots, .pictures { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; padding: .7rem; } .pictures figure { width: 17.5rem; }
.pictures img { display: block; width: 100%; height: 11rem; object-fit: contain; border-radius: 4px;
  background: var(--back); margin-bottom: .4rem; } figcaption { font-size: .9rem; overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg text { fill: var(--soft); font: 10px system-ui, sans-serif; }
.grid { stroke: var(--line); } .bar { fill: var(--fill); }
.count { fill: var(--soft); opacity: .55; } .dot { fill: var(--accent); } .line { fill: none; stroke: var(--accent);
  stroke-width: 2; } .diagonal { stroke: var(--soft); stroke-dasharray: 4 3; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--accent); }
"""

_CAPTION_ROWS = (
    ("cider", "CIDEr", 3),
    ("meteor", "METEOR", 3),
    ("bleu4", "BLEU-4", 3),
    ("rouge_l", "ROUGE-L", 3),
    ("exact_match", "exact match", 3),
    ("items", "regions", 0),
)
_RELATIONS = ("strict", "with_synonyms", "narrower", "broader", "catch_all", "wrong", "no_answer")
_RELATION_HEADS = (
    "regions",
    "same word",
    "with synonyms",
    "more specific word",
    "more general word",
    "“object”",
    "wrong",
    "no answer",
)


def number(value: Any, digits: int = 3) -> str:
    """A figure for a table cell; a dash when there is none."""
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, text_columns: Sequence[int] = (0,)) -> str:
    """An HTML table; cells are escaped, floats written with three digits."""

    def cell(tag: str, index: int, value: Any) -> str:
        css = ' class="text"' if index in text_columns else ""
        return f"<{tag}{css}>{escape(value if isinstance(value, str) else number(value))}</{tag}>"

    head = "".join(cell("th", index, value) for index, value in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', i, value) for i, value in enumerate(row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


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


def _figure(outcome: ItemOutcome, image: Image) -> str:
    item, answer = outcome.item, outcome.prediction
    image = unstretched(image, width=item.width, height=item.height)
    data = base64.b64encode(crop_picture(image, item.box_in(image))).decode("ascii")
    mark = "good" if outcome.right else "bad"
    said = answer.specific.text or "(nothing)"
    lines = [f'<b class="{mark}">{escape(said)}</b> <span class="soft">{answer.specific.score:.2f}</span>']
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
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt="{escape(said)}" loading="lazy">'
        f"<figcaption>{'<br>'.join(lines)}</figcaption></figure>"
    )


def _tiles(tiles: Iterable[tuple[str, Any]]) -> str:
    inner = "".join(f'<div class="tile"><b>{escape(number(v))}</b><span>{escape(n)}</span></div>' for n, v in tiles)
    return f'<div class="tiles">{inner}</div>'


def _captions(metrics: Mapping[str, Any]) -> list[str]:
    captions, agreement = metrics["captions"], metrics["human_agreement"]
    if not captions:
        return []
    specific, shown, errors = captions["specific"], captions["shown"], metrics["standard_errors"]
    both = [
        (name, _rounded(specific[key], d), number(errors.get(key)), _rounded(shown[key], d))
        for key, name, d in _CAPTION_ROWS
    ]
    parts = [
        "<h2>Captions</h2>",
        "<p>The first column scores the model's best specific caption of each region; the second what users see, which "
        "is a more general word where the model is unsure. References are all distinct phrases of a region. The "
        "standard error says how far the first column is off because these photos were drawn and not others.</p>",
        table(("", "best specific caption", "standard error", "caption as shown"), both),
    ]
    if agreement and agreement["items"]:
        person, model = agreement["human"], agreement["model"]
        rows = [(name, _rounded(person[key], d), _rounded(model[key], d)) for key, name, d in _CAPTION_ROWS]
        if "category" in agreement:
            for key, name in (("strict", "category, same word"), ("with_synonyms", "category, with synonyms")):
                rows.append(
                    (name, number(agreement["category"]["human"][key]), number(agreement["category"]["model"][key]))
                )
        parts += [
            "<h2>A person under the same rule</h2>",
            f"<p>On the {agreement['items']} regions with two or more distinct phrases, one phrase was drawn (seed "
            f"{agreement['seed']}) and scored against the region's others; the model is scored against those "
            "same others. The drawn phrase differs from the others by construction, so a person's exact match is "
            "near zero. The standard error of the difference in CIDEr is "
            f"{number(agreement['difference_standard_error'])}.</p>",
            table(("", "a person", "the model"), rows),
        ]
    return parts


def _rounded(value: Any, digits: int) -> str:
    return number(value, digits) if isinstance(value, float) else number(value)


def _within(value: float | None, error: float | None) -> str:
    """A figure and its standard error."""
    return number(value) if error is None else f"{number(value)} ± {number(error)}"


def _relations(name: str, figures: Mapping[str, Any]) -> list[Any]:
    return [name, figures["items"], *(figures[key] for key in _RELATIONS)]


def _attributes(metrics: Mapping[str, Any]) -> list[str]:
    attributes = metrics.get("attributes")
    if not attributes:
        return []
    rows = []
    for name, answer in attributes["answer"].items():
        caption = attributes["caption"].get(name, {})
        rows.append(
            [
                name,
                answer["labelled"],
                answer["accuracy"],
                answer["answered"],
                answer["accuracy_when_answered"],
                caption.get("accuracy"),
                caption.get("answered"),
                answer["most_common_accuracy"],
                answer["most_common"],
            ]
        )
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


def _unsure(metrics: Mapping[str, Any]) -> list[str]:
    unsure = metrics["unsure"]
    rows = []
    for name in ("sure", "unsure"):
        group = unsure[name]
        shown = group["shown_category"]
        rows.append(
            [
                f"shown as {name}",
                group["items"],
                group.get("exact_match"),
                group["category_right"],
                shown["with_synonyms"],
                shown["broader"],
                shown["catch_all"],
                shown["wrong"],
            ]
        )
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
        f"<p>{'No regions' if not unsure['items'] else f'{share:.1%} of the regions'} are shown as unsure.</p>",
        table(heads, rows),
    ]


_PLOT_NAMES = {
    "caption_exact_match": "best specific caption: exact match",
    "shown_caption_exact_match": "caption as shown: exact match",
    "caption_head_right": "best specific caption: head noun right",
    "category_right": "category: right",
}


def _plots(metrics: Mapping[str, Any]) -> list[str]:
    parts = [
        "<h2>Calibration</h2>",
        "<p>Bars: share of right answers among answers of a score; dots: their mean score; the strip above: how many. "
        "On the diagonal, scores are honest. ECE is the mean distance from it, weighted by the number of regions.</p>",
        '<div class="plots">',
    ]
    for key, figures in metrics["calibration"].items():
        if figures["items"]:
            name = _PLOT_NAMES.get(key, key)
            told = f"{name}; ECE {figures['ece']:.3f}, {figures['items']} regions"
            parts.append(
                f"<figure>{reliability_svg(figures, label=told)}<figcaption>{escape(told)}</figcaption></figure>"
            )
    for key, rows in metrics["coverage"].items():
        if rows:
            told = f"{_PLOT_NAMES.get(key, key)}, the surest answers only"
            parts.append(f"<figure>{coverage_svg(rows, label=told)}<figcaption>{escape(told)}</figcaption></figure>")
    return [*parts, "</div>"]


def _flickr30k(metrics: Mapping[str, Any]) -> list[str]:
    captions, category, agreement = metrics["captions"], metrics["category"], metrics["human_agreement"]
    errors = metrics["standard_errors"]
    tiles = [
        ("CIDEr, best specific caption", _within(captions["specific"]["cider"], errors["cider"])),
        ("CIDEr, caption as shown", captions["shown"]["cider"]),
        ("exact match", _within(captions["specific"]["exact_match"], errors["exact_match"])),
        ("category, with synonyms", _within(category["caption_head"]["with_synonyms"], errors["with_synonyms"])),
    ]
    if agreement["items"]:
        tiles.append(("leave-one-out CIDEr, model", agreement["model"]["cider"]))
        tiles.append(("leave-one-out CIDEr, a person", agreement["human"]["cider"]))
    groups = [[name, g["items"], g["cider"], g["exact_match"], g["category_right"]] for name, g in _sorted(metrics)]
    return [
        _tiles(tiles),
        *_captions(metrics),
        "<h2>Category</h2>",
        "<p>Against the head nouns of all human phrases of a region.</p>",
        table(
            ("", *_RELATION_HEADS),
            [
                _relations("head of the best specific caption", category["caption_head"]),
                _relations("head of the caption as shown", category["caption_head_shown"]),
                _relations("category answer, first guess", category["answer"]),
                _relations("category answer, best of five", category["answer_top5"]),
            ],
        ),
        *_attributes(metrics),
        *_unsure(metrics),
        *_plots(metrics),
        "<h2>By kind and size</h2>",
        "<p>CIDEr is the mean over the regions of a row, with the word weights of the whole set. Sizes are COCO's on a "
        "photo of 640 pixels.</p>",
        table(("", "regions", "CIDEr", "exact match", "category right"), groups),
    ]


def _sorted(metrics: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(metrics["groups"].items())


def _general(metrics: Mapping[str, Any]) -> list[str]:
    category = metrics["category"]
    frequent, least = category["frequent"], category["min_train_photos"]
    blocks = [("all named boxes", category["all"])]
    if frequent:
        blocks.insert(0, (f"categories with {least} or more training photos", frequent))
    tiles = []
    for name, block in blocks:
        for key, what in (("top1", "top-1"), ("top5", "top-5")):
            tiles.append((f"{what}, {name}", _within(block[key]["strict"], block["standard_errors"][key])))
    rows = []
    for name, block in [*blocks, *((f"{size} boxes", b) for size, b in category["by_size"].items())]:
        for key, what in (
            ("top1", "first guess"),
            ("top5", "best of five"),
            ("shown", "category as shown"),
            ("caption_head", "head of the caption"),
        ):
            rows.append(_relations(f"{name}: {what}", block[key]))
    pairs = [
        [c["category"], c["answer"], c["relation"], c["count"]] for c in category["confusions"][:_CONFUSIONS_SHOWN]
    ]
    per_category = [list(row.values()) for row in category["per_category"]]
    return [
        _tiles(tiles) if category["all"]["items"] else "",
        *_captions(metrics),
        "<h2>Category</h2>",
        table(("", *_RELATION_HEADS), rows),
        *_unsure(metrics),
        *_plots(metrics),
        "<h2>What is taken for what</h2>",
        table(("is", "model said", "relation", "boxes"), pairs, text_columns=(0, 1, 2)),
        f"<details><summary>All {len(per_category)} categories</summary>",
        table(
            (
                "category",
                "boxes",
                "training photos",
                "top-1",
                "top-1 with synonyms",
                "more general word",
                "top-5",
                "top-5 with synonyms",
            ),
            per_category,
        ),
        "</details>",
    ]


def _region_captions(metrics: Mapping[str, Any]) -> list[str]:
    ways = [metrics["by_expression"], metrics["by_object"]]
    rows = [(name, *(_rounded(way[key], digits) for way in ways)) for key, name, digits in _CAPTION_ROWS]
    return [
        _tiles([(f"CIDEr, {way['label'].partition(',')[0]}", way["cider"]) for way in ways]),
        "<h2>Two ways to count</h2>",
        "<p>The model is asked once a box. Figures of the two columns are not comparable with each other, nor with a "
        "published figure that was counted the other way.</p>",
        table(("", *(way["label"] for way in ways)), rows),
        *_captions(metrics),
        *_plots(metrics),
    ]


def _genome_attributes(metrics: Mapping[str, Any]) -> list[str]:
    return [
        _tiles([("objects with a label", metrics["objects_with_labels"]), ("objects", metrics["objects"])]),
        *_attributes(metrics),
        f"<p>{metrics['words_without_attribute']} of {metrics['words']} words of people are about no attribute that "
        "the lexicon knows and were left out.</p>",
    ]


def _against(metrics: Mapping[str, Any]) -> list[str]:
    against = metrics.get("against")
    if not against:
        return []
    rows = [
        (row["label"], f"{row['difference']:+.3f}", row["standard_error"]) for row in against["differences"].values()
    ]
    return [
        f"<h2>Against {escape(against['model'])}, {escape(against['decoding'])}</h2>",
        "<p>How much better the answers are than those to the same questions. A difference of less than twice its "
        "standard error may be luck with these photos.</p>",
        table(("", "difference", "standard error"), rows),
    ]


_SECTIONS: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "flickr30k-entities": _flickr30k,
    "general-photos": _general,
    "refcocog": _region_captions,
    "visual-genome": _region_captions,
    "visual-genome-attributes": _genome_attributes,
}
_PICTURES = (
    ("best", "Best", "Regions that scored highest, one of a photo."),
    ("worst", "Worst", "Wrong answers, those that the model was surest of first, one of a photo."),
    ("random", "Drawn at random", "What to expect."),
)


def render_html(report: Mapping[str, Any], data: EvaluationSet, chosen: Mapping[str, Sequence[ItemOutcome]]) -> str:
    """The page. ``chosen`` holds the items to show with a picture, under ``best``, ``worst`` and ``random``.

    Raises:
        ImageError: a photo that is shown cannot be read.
    """
    model, facts, timing = report["model"], report["data"], report["timing"]
    title = f"{model['id']} on {facts['name']}, {facts['split']}"
    weights = f", weights {model['weights_sha256'][:12]}" if model["weights_sha256"] else ""
    where = " ".join(filter(None, [model["device"], model["precision"]]))
    line = (
        f"{model['name']}{weights}{', ' + where if where else ''} · {report['decoding']} decoding · "
        f"{facts['photos']} photos, {facts['items']} regions · {report['created_at']}"
    )
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="soft">{escape(line)}</p>']
    parts += _SECTIONS[report["protocol"]](report["metrics"])
    parts += _against(report["metrics"])
    for key, name, told in _PICTURES:
        if chosen.get(key):
            parts += [f"<h2>{name}</h2>", f"<p>{told}</p>", '<div class="pictures">']
            parts += [_figure(outcome, data.load(outcome.item.photo)) for outcome in chosen[key]]
            parts.append("</div>")
    parts.append("<h2>About this run</h2><ul>")
    parts += [f"<li>{escape(note)}</li>" for note in report["notes"]]
    if timing and timing["seconds_per_item"] is not None:
        parts.append(
            f"<li>{timing['items_described']} regions of {timing['photos']} photos described: "
            f"{timing['seconds_per_photo']:.3f} s per photo and {timing['seconds_per_item']:.3f} s per region, the "
            "photo's share included.</li>"
        )
    parts.append(f"<li>Data: sha256 <code>{escape(facts['sha256'])}</code></li>")
    if model["weights_sha256"]:
        parts.append(f"<li>Weights: sha256 <code>{escape(model['weights_sha256'])}</code></li>")
    parts.append(f"<li>Command: <code>{escape(' '.join(report['command']))}</code></li></ul>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head>\n<body>\n{body}\n</body></html>\n"
    )
