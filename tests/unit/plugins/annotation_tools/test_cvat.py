"""CVAT for images 1.1: what its files say by CVAT's rules, on a photo of 640 x 480 pixels."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import AUTO, read_annotations

UNSIGNED = Provenance("human", "")
GOLDEN = """\
<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <size>1</size>
      <mode>annotation</mode>
      <labels>
        <label>
          <name>cup</name>
          <attributes>
            <attribute>
              <name>caption</name>
              <mutable>False</mutable>
              <input_type>text</input_type>
              <default_value></default_value>
              <values></values>
            </attribute>
            <attribute>
              <name>color</name>
              <mutable>False</mutable>
              <input_type>text</input_type>
              <default_value></default_value>
              <values></values>
            </attribute>
          </attributes>
        </label>
      </labels>
    </task>
  </meta>
  <image id="0" name="a/1.jpg" width="640" height="480">
    <box label="cup" source="manual" occluded="1" xtl="10" ytl="20" xbr="110" ybr="170.5" z_order="0">
      <attribute name="caption">a red cup &amp; a saucer</attribute>
      <attribute name="color">red</attribute>
    </box>
  </image>
</annotations>
"""


def of_tool(tmp_path: Path, shapes: str, image: str = 'id="0" name="a/1.jpg" width="640" height="480"') -> Path:
    path = tmp_path / "in.xml"
    path.write_text(f"<annotations><version>1.1</version><image {image}>{shapes}</image></annotations>")
    return path


def test_a_file_of_cvat(plugins: PluginManager, tmp_path: Path, cup: Region) -> None:
    told = replace(
        cup,
        id="",
        box=Box(10, 20, 110, 170.5),
        captions=(Caption("a red cup & a saucer", UNSIGNED, preferred=True),),
        attributes=(cup.attributes[0], Attribute("occluded", ("yes",), UNSIGNED)),
        state="accepted",
    )
    plugins.write_regions("cvat", tmp_path / "out.xml", [AnnotatedImage("a/1.jpg", 640, 480, (told,))])
    assert (tmp_path / "out.xml").read_text() == GOLDEN


def test_it_comes_back_without_loss(plugins: PluginManager, tmp_path: Path, photo: AnnotatedImage) -> None:
    empty = AnnotatedImage('b "2" <é>.jpg', 30, 40)
    report = plugins.write_regions("cvat", tmp_path / "out.xml", [photo, empty])
    assert report is not None and report.lossless and (report.images, report.regions) == (2, 2)
    found = read_annotations(tmp_path / "out.xml", AUTO, plugins)
    assert found.images == (photo, empty) and not found.losses and not found.left_out
    labels = ElementTree.parse(tmp_path / "out.xml").findall("meta/task/labels/label")
    used = [[a.findtext("name") for a in label.iter("attribute")] for label in labels]
    assert [label.findtext("name") for label in labels] == ["cup", "object"]
    assert used == [["caption", "region_id", "review_state", "color", "clean"], ["region_id", "no_category"]]


def test_what_it_cannot_hold_is_counted(plugins: PluginManager, tmp_path: Path, cup: Region) -> None:
    several = Attribute("parts", ("handle", "rim"), UNSIGNED)
    told = replace(cup, category="a\0b", attributes=(several, Attribute("caption", ("x",), UNSIGNED)))
    images = [AnnotatedImage("1.jpg", 640, 480, (told,)), AnnotatedImage("\x01.jpg", 640, 480, (cup,))]
    report = plugins.write_regions("cvat", tmp_path / "out.xml", images)
    assert report is not None and (report.images, report.regions) == (1, 1)
    assert [(loss.field, loss.kind, loss.count) for loss in report.losses] == [
        ("attributes", "altered", 1),
        ("attributes", "dropped", 1),
        ("category", "altered", 1),
        ("image", "dropped", 1),
        ("region", "dropped", 1),
    ]
    region = read_annotations(tmp_path / "out.xml", "cvat", plugins).images[0].regions[0]
    assert region.category == "ab" and region.attributes == (Attribute("parts", ("handle, rim",), UNSIGNED),)


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ('<box label="x" xtl="10" ytl="20" xbr="110" ybr="170"/>', (10, 20, 110, 170)),
        # 100 x 20 about (60, 30), a quarter turn: 20 x 100.
        ('<box label="x" xtl="10" ytl="20" xbr="110" ybr="40" rotation="90.00"/>', (50, -20, 70, 80)),
        ('<polygon label="x" points="50,20;110.5,60;10,170"/>', (10, 20, 110.5, 170)),
        ('<ellipse label="x" cx="100" cy="50" rx="30" ry="20"/>', (70, 30, 130, 70)),
        ('<mask label="x" rle="0, 4" left="5" top="6" width="7" height="8"/>', (5, 6, 12, 14)),
    ],
)
def test_shapes_become_boxes(plugins: PluginManager, tmp_path: Path, shape: str, box: tuple[float, ...]) -> None:
    found = read_annotations(of_tool(tmp_path, shape), AUTO, plugins)
    assert found.images[0].regions[0].box.xyxy == pytest.approx(box)
    assert [loss.field for loss in found.losses] == ([] if "rotation" not in shape and "<box" in shape else ["points"])


def test_a_file_of_somebody_else(plugins: PluginManager, tmp_path: Path) -> None:
    shapes = """
        <box label="car" source="auto" occluded="1" xtl="1" ytl="2" xbr="30" ybr="40" z_order="4" group_id="7">
        <attribute name="parked">true</attribute><attribute name="text"></attribute></box>
        <points label="x" points="1,2"/><box label="x" xtl="a" ytl="2" xbr="3" ybr="4"/><tag label="night"/>"""
    found = read_annotations(of_tool(tmp_path, shapes), AUTO, plugins)
    assert found.images[0].regions == (
        Region(
            "1",
            Box(1, 2, 30, 40),
            "car",
            attributes=(Attribute("parked", ("yes",), UNSIGNED), Attribute("occluded", ("yes",), UNSIGNED)),
            state="accepted",
        ),
    )
    assert {loss.field: loss.count for loss in found.losses} == {"z_order": 1, "group_id": 1, "tag": 1}
    assert len(found.left_out) == 2


def test_files_that_are_none(plugins: PluginManager, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<other><image/></other>")
    with pytest.raises(FormatError, match="not an annotation file of CVAT"):
        read_annotations(tmp_path / "x.xml", "cvat", plugins)
    found = read_annotations(of_tool(tmp_path, "", image='id="3"'), "cvat", plugins)
    assert not found.images and "has no name" in str(found.left_out[0])
