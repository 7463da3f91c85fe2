"""The HTML report: its sections, and pictures of regions with what the model said."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box, context_box
from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.outcomes import ItemOutcome
from roi_assistant.evaluation.report import Report, choose_outcomes
from roi_assistant.evaluation.report_sections import report_sections
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import figure, items, page

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SIDE = 300
_CONTEXT = 2.0
_LEAST_WINDOW = 40.0
_DARK, _YELLOW = (20, 20, 20), (255, 214, 10)


def unstretched(image: Image, *, width: int, height: int) -> Image:
    """``image`` in the proportions ``width`` : ``height``; data sets also store photos squashed to a square."""
    target_width = max(1, round(image.height * width / height))
    if abs(target_width - image.width) <= 0.02 * image.width:
        return image
    return image.resize((target_width, image.height))


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
    parts = [f'<p class="soft">{escape(line)}</p>']
    parts += [section.html() for section in report_sections(report["protocol"], report["metrics"])]
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
