"""Label Studio: what its tasks say by its rules, on a photo of 640 x 480 pixels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import AUTO, read_annotations

UNSIGNED = Provenance("human", "")
CONFIG = """\
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="category" toName="image">
    <Label value="cup"/>
    <Label value="object"/>
  </RectangleLabels>
  <TextArea name="caption" toName="image" perRegion="true" editable="true"/>
  <Choices name="review_state" toName="image" perRegion="true" choice="multiple">
    <Choice value="edited"/>
  </Choices>
  <Choices name="color" toName="image" perRegion="true" choice="multiple">
    <Choice value="red"/>
  </Choices>
  <Choices name="clean" toName="image" perRegion="true" choice="multiple">
    <Choice value="yes"/>
  </Choices>
  <Choices name="no_category" toName="image" perRegion="true" choice="multiple">
    <Choice value="yes"/>
  </Choices>
</View>
"""


def rectangle(id: str, *, rotation: float = 0, **value: Any) -> dict[str, Any]:
    return {
        "id": id,
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "original_width": 640,
        "original_height": 480,
        "image_rotation": 0,
        "value": {
            "x": 25,
            "y": 50,
            "width": 12.5,
            "height": 10,
            "rotation": rotation,
            "rectanglelabels": ["cup"],
            **value,
        },
    }


def of_tool(tmp_path: Path, **task: Any) -> Path:
    path = tmp_path / "in.json"
    path.write_text(json.dumps([{"id": 7, "data": {"image": "/data/upload/1/0a1b2c3d-a.jpg"}, **task}], indent=1))
    return path


def test_tasks_and_config(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    plugins.write_regions("label-studio", tmp_path / "out", [replace(photo, file_name="a/1 é+&.jpg")])
    (task,) = json.loads((tmp_path / "out/tasks.json").read_text())
    assert task["data"] == {"image": "/data/local-files/?d=a/1%20%C3%A9%2B%26.jpg"}
    first, caption, *_ = task["annotations"][0]["result"]
    place = {"x": 1.5625, "y": 100 * 20 / 480, "width": 15.625, "height": 31.25, "rotation": 0}
    head = {"id": "0123456789abcdef", "to_name": "image", "original_width": 640, "original_height": 480}
    assert first == {
        **head,
        "from_name": "category",
        "type": "rectanglelabels",
        "image_rotation": 0,
        "value": {**place, "rectanglelabels": ["cup"]},
    }
    assert caption == {
        **head,
        "from_name": "caption",
        "type": "textarea",
        "image_rotation": 0,
        "value": {**place, "text": ["a red cup"]},
    }
    corner = task["annotations"][0]["result"][-2]["value"]
    assert corner == {"x": 90, "y": 90, "width": 10, "height": 10, "rotation": 0, "rectanglelabels": ["object"]}
    assert (tmp_path / "out/label_config.xml").read_text() == CONFIG


def test_it_comes_back_without_loss(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    cup = replace(
        photo.regions[0],
        captions=(Caption("a red cup", UNSIGNED, preferred=True), Caption("a mug", UNSIGNED)),
        attributes=(Attribute("parts", ("handle", "rim"), UNSIGNED),),
        category_score=0.5,
    )
    images = (replace(photo, regions=(cup, photo.regions[1])), AnnotatedImage("100%25 é.jpg", None, None))
    report = plugins.write_regions("label-studio", tmp_path / "out", images)
    assert report is not None and report.lossless and (report.images, report.regions) == (2, 2)
    for path in (tmp_path / "out", tmp_path / "out/tasks.json"):
        found = read_annotations(path, AUTO, plugins)
        assert found.images == images and not found.losses and not found.left_out


def test_what_is_suggested_goes_out_as_predictions(plugins: PluginManager, tmp_path: Path, cup: Region) -> None:
    model = Provenance("model", "", "mini")
    told = replace(
        cup,
        captions=(Caption("a red cup", model, preferred=True),),
        attributes=(Attribute("color", ("red",), model, source="model"),),
        state="suggested",
    )
    image = AnnotatedImage("1.jpg", 640, 480, (told,))
    report = plugins.write_regions("label-studio", tmp_path / "out", [image])
    (task,) = json.loads((tmp_path / "out/tasks.json").read_text())
    assert "annotations" not in task and task["predictions"][0]["model_version"] == "mini"
    assert report is not None and report.lossless
    assert read_annotations(tmp_path / "out", AUTO, plugins).images == (image,)


def test_names_of_our_own_controls_are_counted(plugins: PluginManager, tmp_path: Path, cup: Region) -> None:
    told = replace(cup, id="", attributes=(Attribute("image", ("x",), UNSIGNED),))
    report = plugins.write_regions("label-studio", tmp_path / "out", [AnnotatedImage("1.jpg", 640, 480, (told,))])
    assert report is not None
    assert [(loss.field, loss.count) for loss in report.losses] == [("region_id", 1), ("attributes", 1)]


@pytest.mark.parametrize(
    ("item", "box"),
    [
        (rectangle("a"), (160, 240, 240, 288)),
        # A quarter turn to the right about the upper left corner: 80 x 48 pixels become 48 x 80 left of it.
        (rectangle("a", rotation=90), (112, 240, 160, 320)),
        (
            {**rectangle("a"), "type": "polygonlabels", "value": {"points": [[10, 10], [20, 50], [5, 30]]}},
            (32, 48, 128, 240),
        ),
        (
            {**rectangle("a"), "type": "ellipselabels", "value": {"x": 50, "y": 50, "radiusX": 10, "radiusY": 5}},
            (256, 216, 384, 264),
        ),
    ],
)
def test_shapes_become_boxes(
    plugins: PluginManager, tmp_path: Path, item: dict[str, Any], box: tuple[float, ...]
) -> None:
    found = read_annotations(of_tool(tmp_path, annotations=[{"result": [item]}]), AUTO, plugins)
    assert found.images[0].regions[0].box == Box(*box)
    assert [loss.field for loss in found.losses] == ([] if item == rectangle("a") else ["points"])


def test_a_file_of_somebody_else(plugins: PluginManager, tmp_path: Path) -> None:
    about = {"to_name": "image", "original_width": 640, "original_height": 480}
    result = [
        rectangle("a", rectanglelabels=["cup", "mug"]),
        {"id": "a", "from_name": "words", "type": "textarea", "value": {"text": "one text"}, **about},
        {"id": "a", "from_name": "color", "type": "choices", "value": {"choices": ["red", "blue"]}, **about},
        {"id": "a", "from_name": "stars", "type": "rating", "value": {"rating": 3}, **about},
        {"id": "b", "from_name": "scene", "type": "choices", "value": {"choices": ["night"]}, **about},
        rectangle("c", width=0),
        {**rectangle("d"), "original_width": None},
        {"from_id": "a", "to_id": "b", "type": "relation"},
    ]
    path = of_tool(
        tmp_path,
        annotations=[
            {"was_cancelled": True, "result": [rectangle("z")]},
            {"result": result},
            {"id": 5, "result": result},
        ],
        predictions=[{"id": 6, "model_version": "m", "result": [rectangle("p")]}],
        agreement=50,
    )
    found = read_annotations(path, AUTO, plugins)
    assert found.images == (
        AnnotatedImage(
            "/data/upload/1/0a1b2c3d-a.jpg",
            640,
            480,
            (
                Region(
                    "a",
                    Box(160, 240, 240, 288),
                    "cup",
                    (Caption("one text", UNSIGNED, preferred=True),),
                    (Attribute("color", ("red", "blue"), UNSIGNED),),
                    "accepted",
                ),
            ),
        ),
    )
    assert {loss.field: loss.count for loss in found.losses} == {
        "agreement": 1,
        "annotations": 1,
        "predictions": 1,
        "rating": 1,
        "labels": 1,
        "choices": 1,
    }
    assert sum("left out: 1" in str(told) for told in found.left_out) == 3, found.left_out


def test_a_prediction_is_a_suggestion_of_its_model(plugins: PluginManager, tmp_path: Path) -> None:
    prediction = {"model_version": "yolo", "result": [{**rectangle("a"), "score": 0.25}]}
    (image,) = read_annotations(of_tool(tmp_path, predictions=[prediction]), AUTO, plugins).images
    assert image.regions[0].state == "suggested" and image.regions[0].category_score == 0.25


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([{"data": {}}], "it has no image"),
        ([{"data": {"image": "a.jpg"}, "annotations": 7}], "not a list of objects"),
        ([{"data": {"image": "a.jpg"}, "annotations": [{}]}], "no list of results"),
        ([{"data": {"image": "a.jpg"}}, {"data": {"image": "a.jpg"}}], "another task is about the same image"),
    ],
)
def test_tasks_that_are_left_out(plugins: PluginManager, tmp_path: Path, tasks: list[object], problem: str) -> None:
    (tmp_path / "in.json").write_text(json.dumps(tasks))
    assert problem in str(read_annotations(tmp_path / "in.json", "label-studio", plugins).left_out[0])


def test_a_file_that_is_no_list(plugins: PluginManager, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text("7")
    with pytest.raises(FormatError, match="must be a list of tasks"):
        read_annotations(tmp_path / "in.json", "label-studio", plugins)


def test_label_studio_itself_takes_the_tasks(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    module = pytest.importorskip("label_studio_sdk.label_interface", reason="needs label-studio-sdk")
    plugins.write_regions("label-studio", tmp_path / "out", [photo])
    interface = module.LabelInterface((tmp_path / "out/label_config.xml").read_text())
    interface.validate()
    (task,) = json.loads((tmp_path / "out/tasks.json").read_text())
    assert interface.validate_annotation(task["annotations"][0])
