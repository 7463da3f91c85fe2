"""``project export --check``: what was written is read again, drawn, and compared with the project."""

from __future__ import annotations

import base64
import contextlib
import io
import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.core.records import RegionText, ReviewState, ScoredText
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import ImageError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import page, table, tiles
from roi_assistant.formats.written_boxes import Rounding, WrittenBox, compare_files

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

_LONGEST_SIDE = 1200
"""Pixels of a picture on the page."""


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What the boxes of a file are beside those of the project. ``problems`` are sentences, empty if all is right.
    ``least`` is the smallest overlap, 1 where there is no box."""

    boxes: int
    least: float
    mean: float
    problems: tuple[str, ...]
    page: Path


def check_export(
    project: Project,
    file: Path,
    annotations: AnnotationSet,
    *,
    written: int | None,
    states: Sequence[ReviewState],
    rounding: Rounding,
    samples: int,
) -> ExportCheck:
    """Compare all boxes that were read from ``file`` with the project's, and draw those of ``samples`` photos, wrong
    ones first, onto a page beside it.

    Args:
        project: open for reading, as it was exported.
        file: what was written.
        annotations: what its format reads in it, boxes in pixels.
        written: how many regions the export says that it wrote, None if it does not say.
        states: review states of the regions that were exported.
        rounding: of the format.
        samples: how many photos are drawn.

    Raises:
        FileWriteError: the page cannot be written.
    """
    found = {image.file_name: image for image in annotations.images if image.regions}
    problems = [str(sentence) for sentence in annotations.left_out]
    kept: list[tuple[bool, float, AnnotatedImage, list[WrittenBox]]] = []
    draw = random.Random(0)
    boxes, total, least, seen = 0, 0.0, 1.0, 0
    wrong: list[WrittenBox] = []
    for image, compared in compare_files(_exported(project, states, found), found, rounding=rounding):
        seen += 1
        of_image = [one for one in compared if not one.is_right]
        wrong += of_image[:1]
        boxes += len(compared)
        total += sum(one.overlap for one in compared)
        least = min([least, *(one.overlap for one in compared)])
        kept.append((not of_image, draw.random(), image, compared))
        kept = sorted(kept, key=lambda entry: entry[:2])[:samples]
    problems += [_told(one) for one in wrong[:20]]
    if len(wrong) > 20:
        problems.append(f"... and in {len(wrong) - 20} more photos.")
    if seen < len(found):
        problems.append(f"{len(found) - seen} photos of the file are not in the project.")
    read = sum(len(image.regions) for image in annotations.images)
    if written is not None and read != written:
        problems.append(f"{written} regions were written, but the file gives {read}.")
    sections = []
    for _, _, image, compared in kept:
        section, problem = _section(project.folder, image, compared)
        sections.append(section)
        problems += [problem] if problem else []
    mean = total / boxes if boxes else 1.0
    target = file.with_name(f"{file.stem}-check.html")
    figures = tiles([("boxes", boxes), ("least overlap", least), ("mean overlap", mean), ("problems", len(problems))])
    told = "".join(f'<p class="bad">{escape(problem)}</p>' for problem in problems)
    lead = '<p class="soft">Drawn is what the file says, read as its format is.</p>'
    write_atomically(target, page(f"Boxes of {file.name}", [lead, figures, told, *sections]).encode())
    return ExportCheck(boxes, least, mean, tuple(problems), target)


def _exported(project: Project, states: Sequence[ReviewState], names: Container[str]) -> Iterator[AnnotatedImage]:
    from roi_assistant.imaging.decode import read_size

    for image in project.export_images():
        if image.file_name not in names:
            continue
        with contextlib.suppress(ImageError):  # as the export: of the photo, else what is known
            width, height = read_size(project.folder / image.file_name)
            image = replace(image, width=width, height=height)
        yield replace(image, regions=tuple(region for region in image.regions if region.state in states))


def _told(one: WrittenBox) -> str:
    numbers = ", ".join(f"{value:.1f}" for value in one.box.xyxy)
    if one.expected is None:
        return f"{one.file_name}: the file has the box {numbers}, the project has none there."
    expected = ", ".join(f"{value:.1f}" for value in one.expected.xyxy)
    return (
        f"{one.file_name}: the file has the box {numbers}, the project {expected} (overlap {one.overlap:.3f}): "
        "the coordinates are wrong."
    )


def _section(folder: Path, image: AnnotatedImage, compared: Sequence[WrittenBox]) -> tuple[str, str]:
    """A photo with the boxes of the file, as HTML, and what is wrong with it."""
    from roi_assistant.core.box import scale_box
    from roi_assistant.imaging.decode import decode_image
    from roi_assistant.imaging.draw import draw_regions

    rows = [
        (
            number,
            _words(one),
            ", ".join(f"{value:.1f}" for value in one.box.xyxy),
            ", ".join(f"{value:.1f}" for value in one.expected.xyxy) if one.expected else "-",
            one.overlap,
        )
        for number, one in enumerate(compared, start=1)
    ]
    told = table(("#", "text", "box in the file", "box of the project", "overlap"), rows, text_columns=(0, 1))
    try:
        photo = decode_image(folder / image.file_name).pixels
    except ImageError as error:
        return f"<section><h2>{escape(image.file_name)}</h2>{told}</section>", str(error)
    factor = min(1.0, _LONGEST_SIDE / max(photo.size))
    small = photo.resize((max(1, round(photo.width * factor)), max(1, round(photo.height * factor))))
    texts = [
        RegionText(scale_box(one.box, x=factor, y=factor), ScoredText(_words(one), 1.0), unsure=not one.is_right)
        for one in compared
        if one.box.x1 < photo.width and one.box.y1 < photo.height and one.box.x2 > 0 and one.box.y2 > 0
    ]
    stream = io.BytesIO()
    draw_regions(small, texts, labels="numbers").save(stream, "JPEG", quality=85)
    picture = base64.b64encode(stream.getvalue()).decode()
    return (
        f'<section><h2>{escape(image.file_name)}</h2><div class="sample"><img src="data:image/jpeg;base64,{picture}" '
        f'alt="{escape(image.file_name)}"><div class="scroll">{told}</div></div></section>',
        "",
    )


def _words(one: WrittenBox) -> str:
    caption = preferred_caption(one.read)
    return caption.text if caption else one.read.category or ""
