"""Any project goes out through every format and comes in again: what differs is reported, and nothing else is."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.edits import Edit, NotesChange, RegionChange
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    ImageNotes,
    Provenance,
    Region,
    ScoredText,
)
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotationSet
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import COCO_GPT4ROI, read_annotations, region_format, region_formats, writer_of
from roi_assistant.storage.connection import PROJECT_NAME
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_export import KEPT_STATES, ExportResult, export_regions
from roi_assistant.storage.region_import import ImportReport, RegionImport
from tests.unit.region_records import LATER, NOW

ANY_TIME = settings(
    max_examples=int(os.environ.get("ROI_ASSISTANT_EXAMPLES", "15")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""Without making a failure small, which takes minutes: the messages say what differs."""
SIZES = {"a.png": (64, 48), "sub/ü é.png": (640, 480), "红 100%25.png": (300, 200), "A (1).png": (40, 90)}
SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("color", "single", ("red", "blue")),
        AttributeDefinition("parts", "multi", ("a", "b")),
        AttributeDefinition("clean", "boolean"),
        AttributeDefinition("label", "text"),
    ),
)
DROPPED = {"odvg": ("?.. .",), "ms-swift": ("reads <bbox>",)}
"""Captions that a format cannot hold at all; what ms-swift cannot hold, no conversation can."""
ALTERED = {"odvg": {"A man. He runs 2.5 miles.": "A man, He runs 2,5 miles", " a \n cup\u2028": "a cup"}}

WITHOUT_WORDS = ("labelme", "x-anylabeling", "cvat", "label-studio")
"""Formats that hold regions without a caption, too."""
SEVERAL_VALUES = ("labelme", "label-studio")
IN_PERCENT = ("label-studio",)
IN_XML = ("cvat",)
IN_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Letters that no XML holds."""

# ------------------------------------------------------------------------------------------------------- any project

captions_ = st.sampled_from(
    ["a red cup", "红色的杯子", "naïve Zoë 🐈", "", "  ", *DROPPED["odvg"], *DROPPED["ms-swift"], *ALTERED["odvg"]]
) | st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=".,?[]<>"), min_size=1, max_size=8)
odd_words = st.sampled_from(["cup", "object", "杯", "a\0b\n", "\udcff", "e\u0301", "é", "7"]) | st.text(max_size=4)
times = st.sampled_from(["", NOW, LATER, "2026-01-02T03:04:05.678+00:00"])
provenances = st.builds(
    Provenance,
    st.sampled_from(["human", "model"]),
    times,
    st.sampled_from(["", "mini"]),
    st.sampled_from(["", "ab" * 32]),
    odd_words,
    st.sampled_from(["", "beam"]),
    odd_words,
    st.sampled_from(["", "caption"]),
)
scores = st.none() | st.floats(0, 1)
ids = st.sampled_from(
    ["r1", "7", "-3", "007", "0123456789abcdef", "a#2", "", "é", "x" * 40, "a/b, region 1"]
) | st.text(max_size=3)
attributes = st.one_of(
    *(
        st.builds(
            Attribute,
            st.just(name),
            st.lists(values, max_size=2).map(tuple),
            provenances,
            scores,
            st.sampled_from(["model", "pixels", "human"]),
            st.booleans(),
        )
        for name, values in {
            "color": st.sampled_from(["red", "blue", ""]),
            "parts": st.sampled_from(["a", "b"]),
            "clean": st.sampled_from(["yes", "no", "perhaps"]),
            "label": odd_words,
            "": odd_words,
        }.items()
    )
)


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Box:
    """Most of them inside, some tiny, at the border or beyond it, some just where others are."""
    kind = draw(st.sampled_from(["same", "inside", "inside", "border", "tiny", "beyond", "outside"]))
    width, height = size
    x, y = draw(st.floats(0, width - 4)), draw(st.floats(0, height - 4))
    match kind:
        case "same":
            return Box(3, 4, 13.5, 14.25)
        case "border":
            return Box(x, 0, width, height)
        case "tiny":
            return Box(x, y, x + draw(st.floats(0.001, 0.4)), y + 0.01)
        case "beyond":
            return Box(x - 70, y, x + 3, height + draw(st.floats(0.1, 50)))
        case "outside":
            return Box(width + 1, y, width + 9, y + 3)
    return Box(x, y, x + draw(st.floats(0.5, width - x)), y + draw(st.floats(0.5, height - y)))


@st.composite
def regions(draw: st.DrawFn, size: tuple[int, int], id_: str) -> Region:
    category = draw(st.none() | odd_words) or None
    return Region(
        id_,
        draw(boxes(size)),
        category,
        tuple(draw(st.lists(st.builds(Caption, captions_, provenances, scores, st.booleans()), max_size=3))),
        tuple(draw(st.lists(attributes, max_size=3))),
        draw(st.sampled_from(["suggested", "accepted", "edited", "rejected"])),
        draw(scores),
        draw(st.booleans()),
        draw(st.none() | provenances),
        tuple(draw(st.lists(st.builds(ScoredText, odd_words, st.floats(0, 1)), max_size=2))),
        draw(st.booleans()),
        draw(times),
        draw(times),
        bool(category) and draw(st.booleans()),
        draw(st.sampled_from(["", "sub/ü é.png"])),
    )


@dataclass(frozen=True)
class Content:
    regions: Mapping[str, tuple[Region, ...]]
    notes: Mapping[str, ImageNotes]


@st.composite
def contents(draw: st.DrawFn) -> Content:
    of_image, notes = {}, {}
    for name, size in SIZES.items():
        unique = draw(st.lists(ids, max_size=4, unique=True))
        of_image[name] = tuple(draw(regions(size, id_)) for id_ in unique)
        notes[name] = ImageNotes(draw(st.just("") | odd_words), not unique and draw(st.booleans()))
    return Content(of_image, notes)


# -------------------------------------------------------------------------------------------------- out and in again


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginManager:
    return PluginManager(user=tmp_path_factory.mktemp("none"), packages=False)


@pytest.fixture
def photos(in_memory: Path) -> Path:
    folder = in_memory / "photos"
    (folder / "sub").mkdir(parents=True)
    for name, size in SIZES.items():
        Image.new("RGB", size).save(folder / name)
    with Project.open(folder, backup=False) as project:
        project.add_images(SIZES)
        project.apply(Edit("Ask", "", schema=(project.schema, SCHEMA)))
    return folder


@dataclass(frozen=True)
class Photo:
    name: str
    path: Path


def new_project(folder: Path, photos: Path) -> Project:
    """An empty project about links to the photos."""
    (folder / "sub").mkdir(parents=True)
    for name in SIZES:
        os.link(photos / name, folder / name)
    shutil.copy(photos / PROJECT_NAME, folder)
    return Project.open(folder, backup=False)


def filled(folder: Path, photos: Path, content: Content) -> Project:
    project = new_project(folder, photos)
    for name in SIZES:
        changes = tuple(RegionChange(name, None, region) for region in content.regions[name])
        notes = (NotesChange(name, ImageNotes(), content.notes[name]),) if content.notes[name] != ImageNotes() else ()
        project.apply(Edit("Draw", name, changes, notes=notes))
    return project


def export(project: Project, file: Path, format_id: str, plugins: PluginManager) -> ExportResult:
    lossless = region_format(format_id, plugins).is_lossless
    return export_regions(project, file, writer_of(format_id, project, plugins), lossless=lossless)


def take_over(project: Project, file: Path, annotations: AnnotationSet) -> ImportReport:
    """What the command does."""
    images = [Photo(name, project.folder / name) for name in SIZES]
    work = RegionImport(file, annotations, images=images, unit="pixels")
    work.begin(project)
    for image, record in work.matched:
        work.take_over(project, image, work.fit(image, record))
    return work.report()


def read(file: Path, format_id: str, plugins: PluginManager) -> AnnotationSet:
    return read_annotations(file, "coco" if format_id == COCO_GPT4ROI.id else format_id, plugins)


# ------------------------------------------------------------------------------------------------ what must be told


def is_conversation(format_id: str) -> bool:
    return format_id == "ms-swift" or format_id.startswith("conversations-")


def in_text(box: Box, size: tuple[int, int], format_id: str, plugins: PluginManager) -> Box | None:
    """What a reader makes of ``box`` in the text of a conversation; None where it cannot be said."""
    syntax = plugins.format(format_id).dialect.boxes  # type: ignore[attr-defined]  # of the bundled plugin
    if not hasattr(syntax, "find"):  # beside the text, as it is
        return box
    try:
        inside = clip_box(box, width=size[0], height=size[1])
    except BoxError:
        return None
    (found,) = syntax.find(syntax.write(inside, size=size), size=size)
    box_found: Box | None = found.box
    return box_found


def kept(content: Content, format_id: str, plugins: PluginManager) -> dict[str, list[Region]]:
    """The regions that a file of this format has."""
    of_image = {name: [r for r in found if r.state in KEPT_STATES] for name, found in content.regions.items()}
    if format_id == "coco":
        return of_image
    if format_id in WITHOUT_WORDS:
        return of_image
    refused = DROPPED["ms-swift"] if is_conversation(format_id) else DROPPED.get(format_id, ())
    if is_conversation(format_id):
        of_image = {
            name: [r for r in found if in_text(r.box, SIZES[name], format_id, plugins) is not None]
            for name, found in of_image.items()
        }
    return {
        name: [r for r in found if (c := preferred_caption(r)) and c.text.strip() and c.text not in refused]
        for name, found in of_image.items()
    }


def clipped(region: Region, size: tuple[int, int]) -> Box | None:
    try:
        return clip_box(region.box, width=size[0], height=size[1])
    except BoxError:
        return None


def words(region: Region, format_id: str) -> object:
    """What makes two regions of a file, whose ids are numbers, one."""
    box = tuple(round(value, 2) for value in region.box.xyxy)
    if format_id in WITHOUT_WORDS:
        return words(as_read(region, format_id), "coco")
    if is_conversation(format_id):
        caption = preferred_caption(region)
        assert caption is not None
        names = Counter(a.name for a in region.attributes)
        answered = tuple(
            (a.name, a.values)
            for a in region.attributes
            if names[a.name] == 1 and a.name.strip() and "".join(a.values).strip() and not a.unconfirmed
        )
        category = "" if region.category_unconfirmed else (region.category or "").strip() and region.category
        return box, category, caption.text, answered
    if format_id != "coco":
        caption = preferred_caption(region)
        assert caption is not None
        return box, ALTERED.get(format_id, {}).get(caption.text, caption.text)
    own = "" if region.id.lstrip("-").isascii() and region.id.lstrip("-").isdigit() else region.id
    told = tuple((a.name, a.values) for a in region.attributes if any(a.values))
    return own, box, region.category or "", tuple(c.text for c in region.captions), told


def captions_in_order(region: Region) -> tuple[Caption, ...]:
    """Those with a letter, the preferred one first; none where that has none."""
    first = preferred_caption(region)
    if first is None or not first.text.strip():
        return ()
    return (first, *(caption for caption in region.captions if caption is not first and caption.text.strip()))


def as_read(region: Region, format_id: str) -> Region:
    """What a file of a tool with one caption and attributes by name says of ``region``."""
    captions = captions_in_order(region)
    told: dict[str, Attribute] = {}
    for attribute in region.attributes:
        if attribute.unconfirmed or not attribute.name:
            continue
        if format_id == "label-studio" and attribute.name in ("image", "category", "caption"):
            continue
        values = tuple(filter(None, attribute.values))
        if format_id == "labelme":  # which has a flag for each
            values = tuple(dict.fromkeys(values))
        elif values and format_id not in SEVERAL_VALUES:
            values = (", ".join(values),)
        if values:
            told.setdefault(attribute.name, replace(attribute, values=values))
    if format_id in IN_XML:
        told = {IN_XML_ILLEGAL.sub("", name): one for name, one in told.items()}
    return replace(
        region,
        id=IN_XML_ILLEGAL.sub("", region.id) if format_id in IN_XML else region.id,
        category=None if region.category_unconfirmed else region.category,
        captions=captions if format_id == "label-studio" else captions[:1],
        attributes=tuple(told.values()),
    )


def differences(before: Region, after: Region) -> Counter[str]:
    """By the names that reports give them."""
    found: Counter[str] = Counter()
    for field in fields(Region):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if one == other or field.name == "category_unconfirmed":  # told as the category that is dropped for it
            continue
        match field.name:
            case "id":
                found["region_id"] += 1
            case "state":
                found["review_state"] += 1
            case "attributes":
                found["attributes"] += sum((Counter(one) - Counter(other)).values())
            case "captions":
                rest = len(one) - len(other)
                assert rest >= 0
                found["captions"] += rest
                came = zip(captions_in_order(before), captions_in_order(after), strict=False)
                for was, is_ in came:
                    found["caption"] += is_.text != was.text
                    found["score"] += is_.score != was.score
                    found["provenance"] += is_.provenance != was.provenance
            case name:
                found[name] += 1
    return +found


def told_by_import(report: ImportReport) -> Counter[str]:
    """How often each kind of note was made."""
    kinds = {
        "Boxes clipped": "clipped",
        "Boxes outside": "outside",
        "Regions with the box and words": "double",
        "{file}: images without": "",
        "{file}: images with boxes or notes that are not": "",
        "Attributes that the project does not ask about": "",
    }
    told: Counter[str] = Counter()
    for note in report.notes:
        values = dict(note.values)
        if note.template.startswith(("Left out, because", "Changed, because")):
            told[str(values["field"])] += int(str(values["count"]))
            continue
        known = [name for start, name in kinds.items() if note.template.startswith(start)]
        assert known, note
        if kind := known[0]:
            told[kind] += int(str(values["count"]))
    return told


SAME_BY_CHANCE = ("review_state", "provenance")
"""What an import makes of regions that do not say it may be what the project has."""


@ANY_TIME
@given(contents())
def test_what_differs_is_reported_and_nothing_else(plugins: PluginManager, photos: Path, content: Content) -> None:
    with (
        tempfile.TemporaryDirectory(dir=photos.parent) as scratch,
        filled(Path(scratch, "before"), photos, content) as project,
    ):
        for format_ in region_formats(plugins):
            file = Path(scratch, f"out-{format_.id}")
            written = export(project, file, format_.id, plugins)
            with new_project(Path(scratch, format_.id), photos) as other:
                check(content, written, file, other, format_.id, plugins)


def check(
    content: Content, written: ExportResult, file: Path, other: Project, format_id: str, plugins: PluginManager
) -> None:
    assert written.report is not None and not written.skipped
    exported = Counter[str]()
    for loss in written.losses:
        # Our own reader knows better than others that there is no category.
        is_object = format_id == "coco" and loss.reason.template.startswith("COCO needs one")
        if loss.kind != "ignored by readers" and not is_object:
            exported[loss.field] += loss.count
    in_file = kept(content, format_id, plugins)
    assert written.report.regions == sum(map(len, in_file.values()))
    try:
        imported = told_by_import(take_over(other, file, read(file, format_id, plugins)))
    except FormatError as error:
        assert ("has no boxes" in str(error) or "has no files" in str(error)) and not any(in_file.values())
        return

    differ: Counter[str] = Counter()
    clips = outside = doubles = rounded = 0
    for name, size in SIZES.items():
        expected, seen = [], set[object]()
        for region in in_file[name]:
            said = region.box
            if is_conversation(format_id):
                said = in_text(region.box, size, format_id, plugins) or region.box
                rounded += said != region.box
            box = clipped(replace(region, box=said), size)
            outside += box is None
            clips += box not in (None, said)
            if box is None:
                continue
            if (key := words(replace(region, box=box), format_id)) in seen:
                doubles += 1
                continue
            seen.add(key)
            expected.append((region, box))
        found = other.regions(name)
        for after, (before, box) in zip(found, expected, strict=True):
            # x and width of a box that reaches beyond the corner hold its other side less exactly.
            exact = 1e-6 if format_id in IN_PERCENT else 0 if before.box == box else 1e-9
            assert after.box.xyxy == pytest.approx(box.xyxy, rel=0, abs=exact), before
        for (before, _), after in zip(expected, found, strict=True):
            differ += differences(replace(before, box=after.box), after)
            if format_id == COCO_GPT4ROI.id:
                # Dropped, and then "object" for want of one; which it may have been before it was dropped.
                differ["category"] += before.category_unconfirmed * (1 + (before.category == after.category))
        differ["region"] += len(content.regions[name]) - len(found)
        for field in ("note", "reviewed_empty"):
            differ[field] += getattr(content.notes[name], field) != getattr(other.image_notes(name), field)
    differ["box"] = rounded
    assert (imported["clipped"], imported["outside"], imported["double"]) == (clips, outside, doubles)
    assert differ["region"] == exported["region"] + outside + doubles
    told = exported + imported
    silent = {field: count for field, count in differ.items() if field != "region" and count > told[field]}
    assert not silent, f"{format_id}: not told: {silent}, told {told}"
    # What regions said that did not come at all may be told, too.
    missing = sum(len(found) for found in content.regions.values()) - sum(len(other.regions(name)) for name in SIZES)
    if not missing:
        untrue = {
            field: count
            for field, count in told.items()
            if field not in ("region", "image", "clipped", *SAME_BY_CHANCE) and count != differ[field]
        }
        assert not untrue, f"{format_id}: told, but it came back: {untrue}, of {differ}"


@ANY_TIME
@given(contents())
def test_our_own_file_of_the_same_project_changes_nothing(
    plugins: PluginManager, photos: Path, content: Content
) -> None:
    with (
        tempfile.TemporaryDirectory(dir=photos.parent) as scratch,
        filled(Path(scratch, "before"), photos, content) as project,
    ):
        file = Path(scratch, "out.json")
        export(project, file, "coco", plugins)
        try:
            report = take_over(project, file, read(file, "coco", plugins))
        except FormatError as error:
            assert "has no boxes" in str(error)
            return
        assert (report.regions, report.images) == (0, 0)
        assert {name: tuple(project.regions(name)) for name in SIZES} == content.regions
