"""The built-in plugin ``dataset-formats``: what readers of ODVG and ms-swift rely on."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import Answer, Attribute, Caption, Provenance, Region, RegionKey, ScoredText
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import read_annotations

HUMAN = Provenance("human", "2026-01-01T00:00:00+00:00")


def region(id: str, box: Box, text: str, **more: Any) -> Region:
    captions = (Caption(text, HUMAN, preferred=True),) if text else ()
    return Region(id, box, captions=captions, state="accepted", **more)


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginManager:
    return PluginManager(user=tmp_path_factory.mktemp("none"), packages=False)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PHOTO = AnnotatedImage(
    "a/1.jpg",
    640,
    480,
    (
        region("1", Box(10, 20, 110.5, 220), "a red cup", category="cup"),
        region(
            "2", Box(0, 0, 640, 480), "A man. He runs 2.5 miles.", attributes=(Attribute("color", ("red",), HUMAN),)
        ),
        region("3", Box(1, 1, 9, 9), ""),
        region("4", Box(300, 20, 400, 200), "a red cup"),
    ),
)
EMPTY = AnnotatedImage("b.jpg", 10, 10, (region("1", Box(1, 1, 9, 9), ""),))


def test_odvg(plugins: PluginManager, tmp_path: Path) -> None:
    report = plugins.write_regions("odvg", tmp_path / "out.jsonl", [PHOTO, EMPTY])
    (record,) = lines(tmp_path / "out.jsonl")
    assert (record["filename"], record["width"], record["height"]) == ("a/1.jpg", 640, 480)
    grounding = record["grounding"]
    assert grounding["caption"] == "a red cup . A man, He runs 2,5 miles ."
    assert [(entry["bbox"], entry["phrase"]) for entry in grounding["regions"]] == [
        ([10, 20, 110.5, 220], "a red cup"),
        ([0, 0, 640, 480], "A man, He runs 2,5 miles"),
        ([300, 20, 400, 200], "a red cup"),
    ]
    for entry in grounding["regions"]:
        ((start, end),) = entry["tokens_positive"]
        assert grounding["caption"][start:end] == entry["phrase"]
    assert report is not None and (report.images, report.regions) == (1, 3)
    lost = {(loss.field, loss.kind): loss for loss in report.losses}
    assert lost["region", "dropped"].count == 2 and lost["image", "dropped"].example == "b.jpg"
    assert lost["caption", "altered"].example == "a/1.jpg, region 2: A man. He runs 2.5 miles."
    assert lost["category", "dropped"].count == 1 and lost["attributes", "dropped"].count == 1


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(
        st.tuples(*[st.floats(0, 5000, allow_nan=False)] * 2, *[st.floats(0.01, 5000)] * 2), min_size=1, max_size=6
    ),
    phrases=st.lists(st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=".,?[]"), min_size=1)),
)
def test_odvg_round_trip_keeps_boxes_and_phrases(
    plugins: PluginManager,
    tmp_path_factory: pytest.TempPathFactory,
    corners: list[tuple[float, ...]],
    phrases: list[str],
) -> None:
    words = phrases or ["a dog"]
    regions = tuple(
        region(str(n), Box(x, y, x + w, y + h), words[n % len(words)])
        for n, (x, y, w, h) in enumerate(corners, start=1)
        if x + w > x and y + h > y
    )
    path = tmp_path_factory.mktemp("odvg") / "out.jsonl"
    plugins.write_regions("odvg", path, [AnnotatedImage("ü/é.jpg", 20000, 20000, regions)])
    found = plugins.read_regions("odvg", path).images
    assert [(i.file_name, i.width, i.height) for i in found] == ([("ü/é.jpg", 20000, 20000)] if regions else [])
    read = [(r.box.xyxy, r.captions[0].text) for image in found for r in image.regions]
    # A long caption takes several lines, which keep boxes of one phrase together.
    assert sorted(read) == sorted((r.box.xyxy, r.captions[0].text) for r in regions)


@pytest.mark.parametrize(
    ("caption", "phrase"),
    [
        ("a jug of 2.5 litres", "a jug of 2,5 litres"),
        ("what is it? a cup", "what is it, a cup"),
        ("who?me", "who, me"),
        ("really?! yes...", "really, ! yes"),
        ("the file cup.jpg", "the file cup jpg"),
        ("a U.S. flag", "a U S, flag"),
        (".5 miles", "5 miles"),
        ("a [SEP] sign", "a SEP sign"),
    ],
)
def test_odvg_has_no_token_at_which_grounding_dino_cuts(
    plugins: PluginManager, tmp_path: Path, caption: str, phrase: str
) -> None:
    photo = AnnotatedImage("a.jpg", 64, 48, (region("1", Box(1, 1, 9, 9), caption),))
    report = plugins.write_regions("odvg", tmp_path / "out.jsonl", [photo])
    (record,) = lines(tmp_path / "out.jsonl")
    assert [entry["phrase"] for entry in record["grounding"]["regions"]] == [phrase]
    assert report is not None
    assert [loss.count for loss in report.losses if loss.field == "caption" and loss.kind == "altered"] == [1]


def test_odvg_drops_a_caption_of_nothing_but_separators_and_counts_it(plugins: PluginManager, tmp_path: Path) -> None:
    photo = AnnotatedImage("a.jpg", 64, 48, (region("1", Box(1, 1, 9, 9), "?.. ."),))
    report = plugins.write_regions("odvg", tmp_path / "out.jsonl", [photo])
    assert report is not None and report.regions == 0
    assert [loss.count for loss in report.losses if (loss.field, loss.kind) == ("region", "dropped")] == [1]


def test_odvg_takes_several_lines_for_more_than_256_tokens(plugins: PluginManager, tmp_path: Path) -> None:
    regions = tuple(
        region(str(n), Box(n, 1, n + 9, 9), f"cup number {n % 150} on the shelf by the wall") for n in range(1, 201)
    )
    path = tmp_path / "out.jsonl"
    report = plugins.write_regions("odvg", path, [AnnotatedImage("a.jpg", 640, 480, regions)])
    assert report is not None and (report.images, report.regions) == (1, 200)
    written = lines(path)
    assert len(written) > 1 and all(len(line["grounding"]["caption"].split()) <= 254 for line in written)
    (photo,) = plugins.read_regions("odvg", path).images
    assert {r.box for r in photo.regions} == {r.box for r in regions}
    assert len({r.id for r in photo.regions}) == 200
    long = AnnotatedImage("b.jpg", 64, 48, (region("1", Box(1, 1, 9, 9), "cup " * 300),))
    report = plugins.write_regions("odvg", path, [long])
    assert report is not None
    assert [loss.count for loss in report.losses if loss.kind == "ignored by readers"] == [1]


@pytest.mark.parametrize("format_id", ["odvg", "ms-swift"])
def test_names_that_are_no_unicode_are_escaped(plugins: PluginManager, tmp_path: Path, format_id: str) -> None:
    photo = AnnotatedImage("a\udcff.jpg", 64, 48, (region("1", Box(1, 1, 9, 9), "a cup"),))
    plugins.write_regions(format_id, tmp_path / "out.jsonl", [photo])
    record, *_ = lines(tmp_path / "out.jsonl")
    assert "a\udcff.jpg" in (record.get("filename"), *record.get("images", ()))


def test_each_field_of_a_region_that_a_format_cannot_hold_is_counted(plugins: PluginManager, tmp_path: Path) -> None:
    values = {
        "category": "cup", "category_score": 0.5, "unsure": True, "category_provenance": HUMAN, "locked": True,
        "category_alternatives": (ScoredText("mug", 0.1),), "created_at": "2026", "reviewed_at": "2026",
        "copied_from": "b.jpg", "attributes": (Attribute("color", ("red",), HUMAN),), "category_unconfirmed": True,
        "like": (RegionKey("b.jpg", "2"),), "answers": (Answer(provenance=HUMAN, caption="a mug"),),
    }  # fmt: skip
    one = region("1", Box(1, 1, 9, 9), "a cup", **values)
    assert {field.name for field in fields(one)} == {"id", "box", "captions", "state", *values}
    report = plugins.write_regions("ms-swift", tmp_path / "x.jsonl", [AnnotatedImage("a.jpg", 64, 48, (one,))])
    assert report is not None
    assert {loss.field for loss in report.losses} == {"region_id", "review_state", "provenance", *values} - {"category"}


def test_odvg_of_detection_and_of_several_boxes_for_a_phrase(plugins: PluginManager, tmp_path: Path) -> None:
    instance = {"bbox": [1, 2, 3, 4], "label": 7, "category": "dog"}
    head = {"filename": "a.jpg", "height": 9, "width": 8}
    entry = {"bbox": [[1, 2, 3, 4], [5, 6, 7, 8]], "phrase": "dogs", "tokens_positive": [[0, 4]]}
    records = [
        {**head, "detection": {"instances": [instance]}},
        {**head, "filename": "b.jpg", "grounding": {"caption": "dogs", "regions": [entry]}},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, records)))
    first, second = plugins.read_regions("odvg", tmp_path / "in.jsonl").images
    assert [(r.box, r.category, r.captions) for r in first.regions] == [(Box(1, 2, 3, 4), "dog", ())]
    assert [(r.id, r.box) for r in second.regions] == [("1", Box(1, 2, 3, 4)), ("2", Box(5, 6, 7, 8))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1: not JSON"),
        ('{"filename": "a", "height": 9, "width": 8}', "line 1: this is not a line of an ODVG file"),
        ('{"filename": "a", "height": 9, "width": 8, "grounding": {"regions": 7}}', "grounding.regions: A list is"),
        ('{"filename": "", "height": 9, "width": 8, "detection": {"instances": []}}', "line 1: filename: A text that"),
        ('{"a": "' + "x" * (1 << 25) + '"}', "line 1: it has more than 32 MB"),
    ],
)
def test_files_that_are_not_odvg(plugins: PluginManager, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "in.jsonl").write_text(text)
    with pytest.raises(FormatError, match=words):
        plugins.read_regions("odvg", tmp_path / "in.jsonl")


def test_lines_and_boxes_of_odvg_that_cannot_be_used_are_left_out_and_counted(
    plugins: PluginManager, tmp_path: Path
) -> None:
    head = '{"filename": "a", "height": 9, "width": 8, '
    good = '{"bbox": [1, 2, 3, 4], "category": "dog"}'
    texts = [
        head + f'"detection": {{"instances": [{good}, {{"bbox": [3, 2, 1, 4], "category": "x"}}, 7]}}}}',
        '{"filename": "b"',
        '{"filename": "b", "height": 9, "width": 8}',
        '{"filename": "a", "height": 90, "width": 80, "detection": {"instances": []}}',
        head + '"grounding": {"regions": [{"bbox": [1, 2], "phrase": "x"}, {"bbox": [1, 2, 3, true], "phrase": "x"}]}}',
        head + f'"detection": {{"instances": [{good}, {{"bbox": [1, 1, 2, 2]}}]}}}}',
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(texts))
    found = read_annotations(path, "odvg", plugins)
    assert [(image.file_name, len(image.regions)) for image in found.images] == [("a", 2)]
    assert [str(told).replace(str(path), "in") for told in found.left_out] == [
        "in: boxes left out: 1, such as: in, line 1, instance 2: Box (3, 2, 1, 4) has no area: give x1,y1,x2,y2 with "
        "x1 < x2 and y1 < y2.",
        "in: boxes left out: 1, such as: in, line 1, instance 3: An object is needed, not 7.",
        "in: lines left out: 1, such as: in, line 2: not JSON (Expecting ',' delimiter: line 2 column 1 (char 17)).",
        "in: lines left out: 1, such as: in, line 3: this is not a line of an ODVG file: it has no boxes.",
        "in: lines left out: 1, such as: in, line 4: The size of the photo is another than in an earlier line about "
        "it.",
        "in: boxes left out: 2, such as: in, line 5, region 1: bbox: A box must be four numbers, x1, y1, x2 and y2, "
        "not [1, 2].",
        "in: boxes left out: 1, such as: in, line 6, instance 2: The field 'category' is missing.",
    ]
    with pytest.raises(FormatError, match="line 1, instance 2"):
        read_annotations(path, "odvg", plugins, strict=True)


def test_what_odvg_says_and_no_project_keeps_is_counted(plugins: PluginManager, tmp_path: Path) -> None:
    entry = {"bbox": [1, 2, 3, 4], "phrase": "a dog", "tokens_positive": [[0, 5]], "score": 0.5}
    record = {
        "filename": "a.jpg",
        "height": 9,
        "width": 8,
        "source": "web",
        "grounding": {"caption": "a dog sleeps", "regions": [entry, entry], "lang": "en"},
        "detection": {"instances": [{"bbox": [4, 4, 8, 8], "category": "cat", "label": 3}]},
    }
    (tmp_path / "in.jsonl").write_text(json.dumps(record))
    found = plugins.read_regions("odvg", tmp_path / "in.jsonl")
    assert {loss.field: (loss.count, loss.example) for loss in found.losses} == {
        "source": (1, "a.jpg: 'web'"),
        "grounding.lang": (1, "a.jpg: 'en'"),
        "score": (2, "a.jpg: 0.5"),
        "grounding.caption": (1, "a.jpg: 'a dog sleeps'"),
        "label": (1, "a.jpg: 3"),
    }
    assert len(found.images[0].regions) == 3


def test_our_own_odvg_loses_nothing_on_its_way_back(plugins: PluginManager, tmp_path: Path) -> None:
    plugins.write_regions("odvg", tmp_path / "out.jsonl", [PHOTO])
    found = plugins.read_regions("odvg", tmp_path / "out.jsonl")
    assert not found.losses and not found.left_out and len(found.images[0].regions) == 3


def test_a_number_as_category_or_phrase_of_odvg_is_its_text(plugins: PluginManager, tmp_path: Path) -> None:
    head = {"filename": "a.jpg", "height": 9, "width": 8}
    records = [
        {**head, "detection": {"instances": [{"bbox": [1, 2, 3, 4], "category": 7}]}},
        {**head, "grounding": {"regions": [{"bbox": [1, 2, 3, 4], "phrase": 12345678}]}},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, records)))
    (photo,) = plugins.read_regions("odvg", tmp_path / "in.jsonl").images
    first, second = photo.regions
    assert first.category == "7" and second.captions[0].text == "12345678"


def test_ms_swift(plugins: PluginManager, tmp_path: Path) -> None:
    trap = region("5", Box(1, 1, 50, 50), "a sign that reads <bbox>")
    photo = AnnotatedImage(PHOTO.file_name, 640, 480, (*PHOTO.regions, trap))
    report = plugins.write_regions("ms-swift", tmp_path / "out.jsonl", [photo, EMPTY])
    record, where = lines(tmp_path / "out.jsonl")
    assert record["images"] == where["images"] == ["a/1.jpg"]
    cup, man, other = [10, 20, 110.5, 220], [0, 0, 640, 480], [300, 20, 400, 200]
    assert record["objects"] == {"ref": [], "bbox": [cup, cup, man, man, other]}
    assert where["objects"] == {"ref": ["A man. He runs 2.5 miles."], "bbox": [man]}, "two are a red cup"
    roles = [message["role"] for message in record["messages"]]
    assert roles == ["user", "assistant"] * 5
    assert record["asked"] == ["caption", "category", "caption", "attribute: color", "caption"]
    text = "".join(message["content"] for message in record["messages"])
    assert text.startswith("<image>") and text.count("<image>") == 1
    assert text.count("<bbox>") == len(record["objects"]["bbox"])
    assert record["messages"][5]["content"] == "A man. He runs 2.5 miles."
    assert report is not None and (report.images, report.regions) == (1, 3)
    assert {str(loss.reason) for loss in report.losses if loss.field == "region"} == {
        "it has no caption",
        "its caption holds a word that stands for a box or photo",
    }
    (found,) = plugins.read_regions("ms-swift", tmp_path / "out.jsonl").images
    assert [r.box for r in found.regions] == [photo.regions[n].box for n in (0, 1, 3)]
