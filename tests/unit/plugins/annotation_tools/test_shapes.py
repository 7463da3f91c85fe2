"""labelme and X-AnyLabeling: what their files say by the rules of these tools, on a photo of 640 x 480 pixels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import AUTO, read_annotations

IDS = ("labelme", "x-anylabeling")
UNSIGNED = Provenance("human", "")


def written(plugins: PluginManager, tmp_path: Path, id_: str, *images: AnnotatedImage) -> dict[str, Any]:
    plugins.write_regions(id_, tmp_path / "out", images)
    data: dict[str, Any] = json.loads((tmp_path / "out/a/1.json").read_text(encoding="utf-8"))
    return data


def of_tool(tmp_path: Path, *shapes: dict[str, Any], **more: Any) -> Path:
    """A file as labelme writes it, beside its photo."""
    record = {
        "version": "5.8.1",
        "flags": {},
        "shapes": list(shapes),
        "imagePath": "1.jpg",
        "imageData": "AAAA",
        "imageHeight": 480,
        "imageWidth": 640,
        **more,
    }
    (tmp_path / "in").mkdir(exist_ok=True)
    (tmp_path / "in/1.json").write_text(json.dumps(record, indent=2))
    return tmp_path / "in"


def shape(**more: Any) -> dict[str, Any]:
    return {"label": "cup", "points": [[10, 20], [110, 170]], "group_id": None, "shape_type": "rectangle", **more}


def test_a_file_of_labelme(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    assert written(plugins, tmp_path, "labelme", photo) == {
        "version": "5.5.0",
        "flags": {},
        "shapes": [
            {
                "label": "cup",
                "points": [[10, 20], [110, 170]],
                "group_id": None,
                "description": "a red cup",
                "shape_type": "rectangle",
                "flags": {"review_state: edited": True, "color: red": True, "clean": True},
                "mask": None,
                "region_id": "0123456789abcdef",
            },
            {
                "label": "object",
                "points": [[576, 432], [640, 480]],
                "group_id": None,
                "description": "",
                "shape_type": "rectangle",
                "flags": {"no_category": True},
                "mask": None,
                "region_id": "r2",
            },
        ],
        "imagePath": "1.jpg",
        "imageData": None,
        "imageHeight": 480,
        "imageWidth": 640,
    }


def test_a_file_of_x_anylabeling(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    cup = replace(photo.regions[0], category_score=0.75)
    difficult = Attribute("difficult", ("yes",), UNSIGNED)
    cup = replace(cup, attributes=(Attribute("parts", ("handle", "rim"), UNSIGNED), difficult))
    assert written(plugins, tmp_path, "x-anylabeling", replace(photo, regions=(cup,)))["shapes"] == [
        {
            "label": "cup",
            "score": 0.75,
            "points": [[10, 20], [110, 20], [110, 170], [10, 170]],
            "group_id": None,
            "description": "a red cup",
            "difficult": True,
            "shape_type": "rectangle",
            "flags": {},
            "attributes": {"review_state": "edited", "parts": "handle, rim"},
            "kie_linking": [],
            "region_id": "0123456789abcdef",
        }
    ]


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("chosen", [None, AUTO])
def test_it_comes_back_without_loss(
    plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage, id_: str, chosen: str | None
) -> None:
    report = plugins.write_regions(id_, tmp_path / "out", [photo])
    assert report is not None and report.lossless and (report.images, report.regions) == (1, 2)
    found = read_annotations(tmp_path / "out", chosen or id_, plugins)
    assert found.images == (photo,)
    assert not found.losses and not found.left_out
    one = read_annotations(tmp_path / "out/a/1.json", chosen or id_, plugins)
    assert one.images == (replace(photo, file_name="1.jpg"),), "of a single file the folder is not known"


def test_what_labelme_cannot_hold_is_counted(plugins: PluginManager, tmp_path: Path, cup: Region) -> None:
    model = Provenance("model", "2026-01-02T03:04:05+00:00", "mini")
    told = replace(
        cup,
        captions=(Caption("a mug", UNSIGNED), Caption("a red cup", model, 0.5, preferred=True)),
        attributes=(Attribute("color", ("red",), model, 0.5, "model"), Attribute("x", ("",), UNSIGNED)),
        locked=True,
    )
    images = [AnnotatedImage("a/1.jpg", 640, 480, (told,)), AnnotatedImage("a/1.png", 640, 480, (cup,))]
    report = plugins.write_regions("labelme", tmp_path / "out", [*images, AnnotatedImage("b.jpg", 4, 3)])
    assert report is not None and (report.images, report.regions) == (1, 1)
    assert {loss.field: loss.count for loss in report.losses if loss.field != "attributes"} == {
        "captions": 1, "score": 1, "provenance": 1, "locked": 1, "image": 1, "region": 1,
    } | {"image": 1}  # fmt: skip
    assert [(loss.field, loss.kind) for loss in report.losses if loss.field == "attributes"] == [
        ("attributes", "altered"),
        ("attributes", "dropped"),
    ]
    assert [loss.example for loss in report.losses if loss.field == "region"] == [f"a/1.png, region {cup.id}"]


@pytest.mark.parametrize(
    ("kind", "points", "box"),
    [
        ("rectangle", [[110, 170], [10, 20]], (10, 20, 110, 170)),
        ("rectangle", [[10, 20], [110, 20], [110, 170], [10, 170]], (10, 20, 110, 170)),
        ("polygon", [[50, 20], [110, 60], [10, 170]], (10, 20, 110, 170)),
        ("circle", [[100, 200], [130, 240]], (50, 150, 150, 250)),  # 30 and 40 aside: a radius of 50
        ("rotation", [[60, 20], [110, 70], [60, 120], [10, 70]], (10, 20, 110, 120)),
    ],
)
def test_shapes_become_boxes(
    plugins: PluginManager, tmp_path: Path, kind: str, points: list[list[float]], box: tuple[float, ...]
) -> None:
    found = read_annotations(of_tool(tmp_path, shape(shape_type=kind, points=points)), AUTO, plugins)
    assert found.images[0].regions[0].box == Box(*box)
    is_box = kind == "rectangle"
    assert [loss.field for loss in found.losses] == ([] if is_box else ["points"])


def test_a_file_of_somebody_else(plugins: PluginManager, tmp_path: Path) -> None:
    shapes = [
        shape(flags={"occluded": True, "truncated": False}, group_id=3),
        shape(label="dog", attributes={"age": 3}, difficult=True, score=0.5, description="a dog", kie_linking=[]),
        shape(shape_type="point", points=[[1, 2]]),
        shape(points=[[5, 5], [5, 9]]),
        shape(score=7),
    ]
    found = read_annotations(of_tool(tmp_path, *shapes, imagePath="..\\photos\\1.jpg", checked=True), AUTO, plugins)
    image = found.images[0]
    assert (image.file_name, image.width, image.height) == ("photos/1.jpg", 640, 480)
    first, second, last = image.regions
    assert first == Region(
        "1",
        Box(10, 20, 110, 170),
        "cup",
        attributes=(Attribute("occluded", ("yes",), UNSIGNED), Attribute("truncated", ("no",), UNSIGNED)),
        state="accepted",
    )
    assert [a.name for a in second.attributes] == ["age", "difficult"] and second.category_score == 0.5
    assert second.captions == (Caption("a dog", UNSIGNED, preferred=True),)
    assert last.category_score is None
    assert {loss.field: loss.count for loss in found.losses} == {"checked": 1, "group_id": 1, "score": 1}
    assert [str(told).count("shapes left out: 1") for told in found.left_out] == [1, 1]


def test_copied_shapes_and_two_files_about_one_photo(plugins: PluginManager, tmp_path: Path) -> None:
    folder = of_tool(tmp_path, shape(region_id="r"), shape(region_id="r"), shape(), shape(region_id="4"))
    (folder / "2.json").write_text((folder / "1.json").read_text())
    (folder / "notes.json").write_text("[]")
    (folder / "link.json").symlink_to("/etc/passwd")
    found = read_annotations(folder, AUTO, plugins)
    assert [region.id for region in found.images[0].regions] == ["r", "r#2", "3", "4"]
    told = " ".join(map(str, found.left_out))
    assert "another file is about the same image" in told and "notes.json" in told and "link.json" not in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not a JSON file"),
        ('{"imagePath": "a.jpg"}', "no shapes and imagePath"),
        ('{"imagePath": "a.jpg", "shapes": 7}', "A list is needed"),
    ],
)
def test_a_file_that_is_none(plugins: PluginManager, tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "1.json").write_text(text)
    with pytest.raises(FormatError, match=problem):
        read_annotations(tmp_path / "1.json", "labelme", plugins)
    with pytest.raises(FormatError, match=problem):
        read_annotations(tmp_path, "labelme", plugins)


def test_labelme_itself_reads_the_files(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    """On a photo that is stored upright and displayed turned."""
    module = pytest.importorskip("labelme._label_file", reason="needs labelme")
    plugins.write_regions("labelme", tmp_path / "out", [photo])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (480, 640)).save(tmp_path / "out/a/1.jpg", exif=exif)
    data = module.read_label_file(str(tmp_path / "out/a/1.json"))
    assert [one["points"] for one in data.shapes] == [[[10, 20], [110, 170]], [[576, 432], [640, 480]]]
    assert data.shapes[0]["description"] == "a red cup" and data.shapes[0]["other_data"] == {
        "region_id": "0123456789abcdef"
    }
