"""Conversations of each dialect: what a trainer reads, worked out by hand, and what comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.dataset_formats.dialects import DIALECTS
from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Conversation, Provenance, Region, Turn
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.export_report import ExportReport
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import region_format, rounding_of
from roi_assistant.vlm.questions import Questions

HUMAN, UNSIGNED = Provenance("human", "2026-01-01T00:00:00+00:00"), Provenance("human", "")
IDS = ("ms-swift", *(f"conversations-{name}" for name in DIALECTS))
CUP, DOT = Box(64, 120, 320, 480), Box(101, 101, 103, 103)
"""On 640 x 480: a tenth to a half across and a quarter to the border down; two pixels."""


def region(id: str, box: Box, text: str = "", **more: Any) -> Region:
    captions = (Caption(text, HUMAN, preferred=True),) if text else ()
    return Region(id, box, captions=captions, state="accepted", **more)


CUP_REGION = region("r1", CUP, "a red cup", category="cup", attributes=(Attribute("color", ("red", "blue"), UNSIGNED),))
PHOTO = AnnotatedImage("a/1.jpg", 640, 480, (CUP_REGION, region("r2", DOT, "A dot. It is tiny.")))
TALK = Conversation(
    PHOTO.file_name,
    ("r2", "r1"),
    (Turn("user", "Is <region1> on <region2>?"), Turn("assistant", "Yes, on <region2>."), Turn("user", "Why?")),
)


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginManager:
    return PluginManager(user=tmp_path_factory.mktemp("none"), packages=False)


def written(
    plugins: PluginManager, file: Path, id_: str, *images: AnnotatedImage, questions: Questions | None = None
) -> tuple[list[dict[str, Any]], ExportReport]:
    report = plugins.write_regions(id_, file, images, questions=questions)
    assert report is not None
    text = file.read_text(encoding="utf-8")
    suffix = region_format(id_, plugins).suffixes[0]
    return (json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]), report


def texts(record: dict[str, Any]) -> list[str]:
    if "messages" in record:
        assert [turn["role"] for turn in record["messages"][:2]] == ["user", "assistant"]
        return [turn["content"] for turn in record["messages"]]
    assert [turn["from"] for turn in record["conversations"][:2]] == ["human", "gpt"]
    return [turn["value"] for turn in record["conversations"]]


def lost(report: ExportReport) -> dict[tuple[str, str], int]:
    return {(loss.field, str(loss.reason)): loss.count for loss in report.losses}


BY_HAND = {
    "llava-pixels": ("[64, 120, 320, 480]", "a red cup [64, 120, 320, 480]", "[101, 101, 103, 103]"),
    "llava-0-1000": ("[100, 250, 500, 1000]", "a red cup [100, 250, 500, 1000]", "[158, 210, 161, 215]"),
    "llava-0-1": (
        "[0.100, 0.250, 0.500, 1.000]",
        "a red cup [0.100, 0.250, 0.500, 1.000]",
        "[0.158, 0.210, 0.161, 0.215]",
    ),
    "qwen3-vl": (
        '{"bbox_2d": [100, 250, 500, 1000]}',
        '{"bbox_2d": [100, 250, 500, 1000], "label": "a red cup"}',
        '{"bbox_2d": [158, 210, 161, 215]}',
    ),
    # The processor makes 644 x 476 of it.
    "qwen2.5-vl": (
        '{"bbox_2d": [64, 119, 322, 476]}',
        '{"bbox_2d": [64, 119, 322, 476], "label": "a red cup"}',
        '{"bbox_2d": [102, 100, 104, 102]}',
    ),
    "internvl": (
        "<box>[[100, 250, 500, 1000]]</box>",
        "<ref>a red cup</ref><box>[[100, 250, 500, 1000]]</box>",
        "<box>[[158, 210, 161, 215]]</box>",
    ),
    "gemma": (
        '{"box_2d": [250, 100, 1000, 500]}',
        '{"box_2d": [250, 100, 1000, 500], "label": "a red cup"}',
        '{"box_2d": [210, 158, 215, 161]}',
    ),
    "shikra": ("[0.100,0.250,0.500,1.000]", "a red cup[0.100,0.250,0.500,1.000]", "[0.158,0.210,0.161,0.215]"),
    "kosmos-2": (
        "<object><patch_index_0259><patch_index_1007></object>",
        "<phrase>a red cup</phrase><object><patch_index_0259><patch_index_1007></object>",
        "<object><patch_index_0197><patch_index_0197></object>",
    ),
    "florence-2": (
        "<loc_100><loc_250><loc_500><loc_999>",
        "a red cup<loc_100><loc_250><loc_500><loc_999>",
        "<loc_157><loc_210><loc_160><loc_214>",
    ),
    "paligemma": (
        "<loc0256><loc0102><loc1023><loc0512>",
        "<loc0256><loc0102><loc1023><loc0512> a red cup",
        "<loc0215><loc0161><loc0220><loc0165>",
    ),
    "gpt4roi": ("<region1>", "", "<region2>"),
    "ferret": ("<bbox_location0>", "a red cup <bbox_location0>", "<bbox_location0>"),
}
SIMPLE = Questions(caption=("What is in {region}?",), sentence=("Tell of {region}.",))


@pytest.mark.parametrize("name", DIALECTS)
def test_what_stands_in_the_file(plugins: PluginManager, tmp_path: Path, name: str) -> None:
    cup, answer, dot = BY_HAND[name]
    records, report = written(plugins, tmp_path / "x", f"conversations-{name}", PHOTO, questions=SIMPLE)
    about, *where = records
    assert texts(about) == [
        f"<image>\nWhat is in {cup}?",
        "a red cup",
        f"What kind of object is in {cup}? Answer with its name.",
        "cup",
        f"What is the color of the object in {cup}?",
        "red, blue",
        f"Tell of {dot}.",
        "A dot. It is tiny.",
    ]
    assert about["asked"] == ["caption", "category", "attribute: color", "caption"]
    assert about.get("image") == "a/1.jpg" or about["images"] == ["a/1.jpg"]
    if answer:
        assert texts(where[0])[:2] == ["<image>\nWhere is a red cup? Answer with its box.", answer]
    else:
        assert not where, "GPT4RoI cannot answer with a box"
    assert (report.images, report.regions) == (1, 2)


def test_boxes_beside_the_text(plugins: PluginManager, tmp_path: Path) -> None:
    (record,), _ = written(plugins, tmp_path / "x", "conversations-gpt4roi", PHOTO)
    assert record["boxes"] == [[64, 120, 320, 480], [101, 101, 103, 103]]
    (record, _), _ = written(plugins, tmp_path / "x", "conversations-ferret", PHOTO)
    cup, dot = [[64, 120, 320, 480]], [[101, 101, 103, 103]]
    assert record["box_x1y1x2y2"] == [cup, [], cup, [], cup, [], dot, []], "a list for each turn"
    assert (record["image_w"], record["image_h"]) == (640, 480)
    (record, where), _ = written(plugins, tmp_path / "x", "ms-swift", PHOTO)
    assert record["objects"] == {"ref": [], "bbox": [*cup * 3, *dot]}, "one for each <bbox>"
    assert where["objects"] == {"ref": ["a red cup", "A dot. It is tiny."], "bbox": [*cup, *dot]}
    assert texts(where)[:2] == ["<image>Where is a red cup? Answer with its box.", "<ref-object><bbox>"]


@pytest.mark.parametrize("id_", IDS)
def test_a_turned_photo_and_the_border(plugins: PluginManager, tmp_path: Path, id_: str) -> None:
    # As displayed it is 480 x 640; the box is all of it.
    turned = AnnotatedImage("t.jpg", 480, 640, (region("r1", Box(0, 0, 480, 640), "all"),))
    written(plugins, tmp_path / "x", id_, turned)
    (image,) = plugins.read_regions(id_, tmp_path / "x").images
    (found,) = image.regions
    across, down = rounding_of(id_, plugins)((480, 640))
    off = [abs(a - b) for a, b in zip(found.box.xyxy, (0, 0, 480, 640), strict=True)]
    assert max(off[::2]) <= across * 1.001 and max(off[1::2]) <= down * 1.001
    if id_ not in ("conversations-kosmos-2", "conversations-florence-2"):
        assert found.box.xyxy == (0, 0, 480, 640), "the border comes back as it is"


def read(plugins: PluginManager, file: Path, id_: str) -> AnnotationSet:
    return plugins.read_regions(id_, file)


@pytest.mark.parametrize("id_", IDS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    size=st.tuples(st.integers(40, 5000), st.integers(40, 5000)),
    parts=st.lists(
        st.tuples(st.tuples(*[st.floats(0, 1)] * 4), st.sampled_from(["a cup", "A man. He runs.", "狗", "[1, 2]"])),
        max_size=5,
    ),
    category=st.sampled_from([None, "cup", " a, b "]),
)
def test_the_report_is_what_differs(
    plugins: PluginManager,
    tmp_path: Path,
    id_: str,
    size: tuple[int, int],
    parts: list[tuple[tuple[float, ...], str]],
    category: str | None,
) -> None:
    regions = []
    for n, ((ax, ay, bx, by), text) in enumerate(parts):
        (x1, x2), (y1, y2) = sorted((ax * size[0], bx * size[0])), sorted((ay * size[1], by * size[1]))
        if x1 < x2 and y1 < y2:
            regions.append(region(str(n), Box(x1, y1, x2, y2), text, category=category))
    photo = AnnotatedImage("a.jpg", *size, tuple(regions))
    _, report = written(plugins, tmp_path / "x", id_, photo)
    losses = lost(report)
    dropped = sum(count for (field, _), count in losses.items() if field == "region")
    assert report.regions == len(regions) - dropped
    if not report.regions:
        return
    found = read(plugins, tmp_path / "x", id_)
    (image,) = found.images
    assert found.unit == "pixels" and not found.left_out and not found.losses
    assert len(image.regions) == report.regions
    across, down = rounding_of(id_, plugins)(size)
    # Those whose box has no area in these coordinates are not in the file; all others are, in their order.
    left, altered = list(regions), 0
    for after in image.regions:
        while left:
            before = left.pop(0)
            off = [abs(a - b) for a, b in zip(before.box.xyxy, after.box.xyxy, strict=True)]
            if max(off[::2]) <= across * 1.001 + 1e-6 and max(off[1::2]) <= down * 1.001 + 1e-6:
                break
        else:
            raise AssertionError(f"{after.box} is none of {regions}")
        altered += before.box != after.box
        assert after.captions[0].text == before.captions[0].text and after.category == category
    if not dropped:
        assert losses.get(("box", "its coordinates are rounded"), 0) == altered


@pytest.mark.parametrize("id_", IDS)
def test_words_come_back(plugins: PluginManager, tmp_path: Path, id_: str) -> None:
    written(plugins, tmp_path / "x", id_, PHOTO)
    cup, dot = read(plugins, tmp_path / "x", id_).images[0].regions
    assert (cup.captions[0].text, cup.category, cup.attributes) == ("a red cup", "cup", CUP_REGION.attributes)
    assert (dot.captions[0].text, dot.category, dot.attributes) == ("A dot. It is tiny.", None, ())


def test_two_regions_of_one_box_stay_two(plugins: PluginManager, tmp_path: Path) -> None:
    photo = replace(PHOTO, regions=(CUP_REGION, region("r2", CUP, "a mug", category="mug")))
    written(plugins, tmp_path / "x", "conversations-qwen3-vl", photo)
    found = read(plugins, tmp_path / "x", "conversations-qwen3-vl").images[0].regions
    assert [(r.captions[0].text, r.category) for r in found] == [("a red cup", "cup"), ("a mug", "mug")]


# ------------------------------------------------------------------------------------------------------------- chat


@pytest.mark.parametrize("id_", IDS)
def test_conversations_of_the_chat_go_along(plugins: PluginManager, tmp_path: Path, id_: str) -> None:
    photo = replace(PHOTO, regions=(CUP_REGION, region("r2", DOT)), conversations=(TALK,))
    records, report = written(plugins, tmp_path / "x", id_, photo)
    record = records[-1]
    assert record["asked"] == ["chat"]
    question, answer = texts(record)
    assert (question.startswith("<image>") and "<region1> on <region2>" not in question) or id_.endswith("gpt4roi")
    assert answer.startswith("Yes, on ")
    assert lost(report)["conversation", "its last question has no answer"] == 1
    assert report.regions == 2, "the second has no caption, but is spoken of"
    found = read(plugins, tmp_path / "x", id_)
    assert len(found.images[0].regions) == 2
    assert [loss.field for loss in found.losses] == ["conversation"]


def test_a_conversation_as_qwen_reads_it(plugins: PluginManager, tmp_path: Path) -> None:
    photo = replace(PHOTO, conversations=(TALK,))
    *_, record = written(plugins, tmp_path / "x", "conversations-qwen3-vl", photo)[0]
    assert texts(record) == [
        '<image>\nIs {"bbox_2d": [158, 210, 161, 215]} on {"bbox_2d": [100, 250, 500, 1000]}?',
        'Yes, on {"bbox_2d": [100, 250, 500, 1000]}.',
    ]


NOT_WRITTEN = "it speaks of a region that is not written"
NO = Turn("assistant", "no")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (replace(TALK, region_ids=("r2", "gone")), NOT_WRITTEN),
        (replace(TALK, turns=(Turn("user", "<region7>?"), NO)), NOT_WRITTEN),
        (replace(TALK, turns=(Turn("user", "an <image>?"), NO)), "it holds a word that stands for a box or photo"),
        (replace(TALK, turns=(Turn("user", "why?"),)), "a question has no answer"),
    ],
)
def test_a_conversation_that_cannot_be_told_is_counted(
    plugins: PluginManager, tmp_path: Path, talk: Conversation, reason: str
) -> None:
    photo = replace(PHOTO, conversations=(talk,))
    records, report = written(plugins, tmp_path / "x", "conversations-qwen3-vl", photo)
    assert lost(report)["conversation", reason] == 1
    assert all("chat" not in record["asked"] for record in records)


# -------------------------------------------------------------------------------------------------------- questions


def test_the_seed_draws_the_questions(plugins: PluginManager, tmp_path: Path) -> None:
    many = AnnotatedImage("a.jpg", 640, 480, tuple(region(str(n), Box(n, 0, n + 9, 9), f"cup {n}") for n in range(40)))
    id_ = "conversations-qwen3-vl"

    def drawn(seed: int, photo: AnnotatedImage = many) -> list[str]:
        return texts(written(plugins, tmp_path / "x", id_, photo, questions=Questions(seed=seed))[0][0])[::2]

    assert drawn(1) == drawn(1) and drawn(1) != drawn(2)
    fewer = replace(many, regions=many.regions[20:])
    assert [q.removeprefix("<image>\n") for q in drawn(1, fewer)] == drawn(1)[20:], "whatever else there is"


def test_a_kind_without_questions_is_not_asked_and_counted(plugins: PluginManager, tmp_path: Path) -> None:
    questions = Questions(category=(), attribute=(), grounding=())
    records, report = written(plugins, tmp_path / "x", "conversations-internvl", PHOTO, questions=questions)
    assert [record["asked"] for record in records] == [["caption", "caption"]]
    assert lost(report)["category", "no question has it"] == lost(report)["attributes", "no question has it"] == 1
    nothing = replace(questions, caption=(), sentence=())
    records, report = written(plugins, tmp_path / "x", "conversations-internvl", PHOTO, questions=nothing)
    # Only the category could still be asked for.
    assert not records and lost(report)["region", "nothing is asked about it"] == 2


def test_where_is_only_asked_of_what_has_a_name_of_its_own(plugins: PluginManager, tmp_path: Path) -> None:
    twice = replace(PHOTO, regions=(region("1", CUP, "a cup"), region("2", DOT, "a cup"), region("3", CUP, "a dog")))
    _, where = written(plugins, tmp_path / "x", "conversations-qwen3-vl", twice)[0]
    assert where["asked"] == ["grounding"] and "a dog" in texts(where)[0]


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("text", ["an <image> tag", "reads <bbox>", "is <region1>"])
def test_words_that_trainers_replace_are_refused(plugins: PluginManager, tmp_path: Path, id_: str, text: str) -> None:
    _, report = written(plugins, tmp_path / "x", id_, replace(PHOTO, regions=(region("1", CUP, text),)))
    assert report.regions == 0
    assert lost(report)["region", "its caption holds a word that stands for a box or photo"] == 1


def test_a_caption_that_reads_as_a_box_is_refused_where_it_does(plugins: PluginManager, tmp_path: Path) -> None:
    photo = replace(PHOTO, regions=(region("1", CUP, "the list [1, 2, 3, 4]"),))
    assert written(plugins, tmp_path / "x", "conversations-llava-pixels", photo)[1].regions == 0
    assert written(plugins, tmp_path / "x", "conversations-internvl", photo)[1].regions == 1


def test_a_processor_that_refuses_the_photo(plugins: PluginManager, tmp_path: Path) -> None:
    strip = AnnotatedImage("s.jpg", 5000, 20, (region("1", Box(0, 0, 900, 20), "a strip"),))
    _, report = written(plugins, tmp_path / "x", "conversations-qwen2.5-vl", strip)
    assert lost(report)["region", "the processor refuses photos of its shape"] == 1


# ----------------------------------------------------------------------------------------------------- others' files


def put(tmp_path: Path, value: object) -> Path:
    file = tmp_path / "in.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def test_a_file_of_others_without_sizes(plugins: PluginManager, tmp_path: Path) -> None:
    answer = '```json\n[{"bbox_2d": [0, 0, 500, 500], "label": "a dog"}]\n```'
    record = {
        "image": ["b.jpg"],
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": '<image>\nWhat is {"bbox_2d": [100, 250, 500, 1000]}?'},
            {"from": "gpt", "value": "a cup"},
            {"from": "human", "value": "Find the dog."},
            {"from": "gpt", "value": answer},
        ],
    }
    found = read(plugins, put(tmp_path, [record]), "conversations-qwen3-vl")
    assert found.unit == "fractions", "of a photo whose size is not said"
    cup, dog = found.images[0].regions
    assert (cup.box.xyxy, cup.captions[0].text) == ((0.1, 0.25, 0.5, 1.0), "a cup")
    assert (dog.box.xyxy, dog.captions[0].text) == ((0, 0, 0.5, 0.5), "a dog")
    assert [loss.field for loss in found.losses] == ["system"]
    other = read(plugins, put(tmp_path, record), "conversations-qwen3-vl")  # JSON lines of the same
    assert other.images == found.images
    with pytest.raises(FormatError, match="It has no width and height"):
        read(plugins, put(tmp_path, [record]), "conversations-qwen2.5-vl")


def test_ms_swift_of_others(plugins: PluginManager, tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "user", "content": "<image>Find <ref-object>."},
            {"role": "assistant", "content": "<ref-object><bbox>"},
            {"role": "user", "content": "What is <bbox>?"},
            {"role": "assistant", "content": "a dog"},
        ],
        "images": ["b.jpg"],
        "objects": {"ref": ["the cup", "the cup"], "bbox": [[1, 2, 30, 40], [5, 6, 70, 80]], "bbox_type": "real"},
    }
    cup, dog = read(plugins, put(tmp_path, record), "ms-swift").images[0].regions
    assert (cup.box, cup.captions[0].text) == (Box(1, 2, 30, 40), "the cup")
    assert (dog.box, dog.captions[0].text) == (Box(5, 6, 70, 80), "a dog")
    scaled = {"ref": ["the cup", "the cup"], "bbox": [[0.1, 0.25, 0.5, 1], [0, 0, 1, 1]], "bbox_type": "norm1"}
    cup, _ = (
        read(plugins, put(tmp_path, record | {"objects": scaled, "width": 640, "height": 480}), "ms-swift")
        .images[0]
        .regions
    )
    assert cup.box == CUP


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"image": None}, "It is about 0 photos"),
        ({"image": ["a.jpg", "b.jpg"]}, "It is about 2 photos"),
        ({"conversations": []}, "It has no conversations"),
        ({"conversations": [7]}, "A turn is not an object"),
        ({"conversations": [{"from": "robot", "value": "x"}]}, "A turn is not a text"),
        ({"conversations": [{"from": "gpt", "value": "x"}]}, "do not take turns"),
        ({"width": -3}, "A positive number of pixels"),
    ],
)
def test_a_record_that_cannot_be_used_is_left_out(
    plugins: PluginManager, tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    (good, _), _ = written(plugins, tmp_path / "x", "conversations-qwen3-vl", PHOTO)
    found = read(plugins, put(tmp_path, [good, good | change]), "conversations-qwen3-vl")
    assert len(found.images) == 1
    (left_out,) = found.left_out
    assert problem in str(left_out) and "entry 2" in str(left_out)
    with pytest.raises(FormatError, match="entry 1"):
        read(plugins, put(tmp_path, [good | change]), "conversations-qwen3-vl")


def test_marks_without_boxes_are_told(plugins: PluginManager, tmp_path: Path) -> None:
    record = {
        "image": "a.jpg",
        "conversations": [{"from": "human", "value": "<region3>?"}, {"from": "gpt", "value": "x"}],
    }
    with pytest.raises(FormatError, match="<region3> has no box in the list"):
        read(plugins, put(tmp_path, [record | {"boxes": [[1, 2, 3, 4]]}]), "conversations-gpt4roi")
