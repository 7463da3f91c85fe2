"""Files of other tools are named, whichever format they were given for, with what to choose in that tool."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.formats.other_tools import format_of_path
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import read_annotations

SHAPE: dict[str, object] = {"label": "cup", "points": [[1, 2], [30, 40]], "shape_type": "rectangle", "flags": {}}
LABELME: dict[str, object] = {"version": "5.4.1", "flags": {}, "shapes": [SHAPE], "imagePath": "a.png"}
X_ANYLABELING = {**LABELME, "version": "2.4.0", "shapes": [{**SHAPE, "difficult": False, "kie_linking": []}]}
FILES: dict[str, tuple[str, str]] = {
    "label-studio.json": (
        json.dumps([{"id": 1, "annotations": [{"id": 2, "result": []}], "data": {"image": "/data/upload/1/a.png"}}]),
        "Label Studio: choose the format label-studio",
    ),
    "label-studio-predictions.json": (
        json.dumps([{"id": 1, "data": {"image": "a.png"}, "predictions": [{"result": []}]}], indent=1),
        "Label Studio: choose the format label-studio",
    ),
    "label-studio-min.json": (
        json.dumps([{"image": "/data/upload/1/a.png", "id": 1, "label": [], "annotator": 1, "annotation_id": 1}]),
        "Label Studio: choose JSON",
    ),
    "labelme.json": (json.dumps(LABELME, indent=2), "labelme: choose the format labelme"),
    "x-anylabeling.json": (
        json.dumps(X_ANYLABELING, indent=2),
        "X-AnyLabeling: choose the format x-anylabeling",
    ),
    "voc.xml": (
        '<annotation verified="yes">\n<folder>x</folder><filename>a.png</filename><size><width>9</width></size>'
        "<object><name>cup</name><bndbox><xmin>1</xmin></bndbox></object></annotation>",
        "Pascal VOC",
    ),
    "voc-with-head.xml": ('\ufeff<?xml version="1.0"?>\n<!-- x -->\n<annotation><size/></annotation>', "Pascal VOC"),
    "cvat.xml": (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version><image id="0"/></annotations>',
        "CVAT in its own XML: choose the format cvat",
    ),
    "cvat-backup.json": (json.dumps([{"version": 0, "tags": [], "shapes": [], "tracks": []}]), "backup of CVAT"),
    "yolo.txt": ("0 0.5 0.5 0.25 0.125\n17 0.1 0.2 0.05 0.06\n", "labels of YOLO"),
    "yolo-scores.txt": ("0 0.5 0.5 0.25 1e-2 0.93\r\n", "labels of YOLO"),
    "yolo-outlines.txt": ("3 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n", "labels of YOLO"),
    "ultralytics.yaml": ("# x\npath: ../coco8\ntrain: images/train\nnames:\n  0: person\n", "classes of a YOLO"),
    "ultralytics.ndjson": (
        '{"type": "dataset", "task": "detect", "name": "x", "class_names": {"0": "cup"}}\n'
        '{"type": "image", "file": "a.png", "annotations": {"boxes": [[0, 0.5, 0.5, 0.1, 0.1]]}}\n',
        "Ultralytics in JSON lines",
    ),
    "ultralytics-results.json": (
        json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]),
        "list of COCO results",
    ),
    "datumaro.json": (
        json.dumps({"info": {}, "categories": {"label": {"labels": []}}, "items": [{"id": "a", "annotations": []}]}),
        "Datumaro: export it as COCO",
    ),
    "datumaro-version.json": (
        json.dumps({"dm_format_version": "1.0", "media_type": 2, "infos": {}}, indent=2),
        "Datumaro: export it as COCO",
    ),
    "table.csv": ("filename,width,height,class,xmin,ymin,xmax,ymax\na.png,9,8,cup,1,2,3,4\n", r"a table \(CSV\)"),
}


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginManager:
    return PluginManager(user=tmp_path_factory.mktemp("none"), packages=False)


@pytest.mark.parametrize("format_id", ["coco", "odvg"])
@pytest.mark.parametrize("name", FILES)
def test_the_tool_is_named(plugins: PluginManager, tmp_path: Path, name: str, format_id: str) -> None:
    content, words = FILES[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=f"{name}: This is .*{words}|{name}: These are .*{words}"):
        read_annotations(tmp_path / name, format_id, plugins)


@pytest.mark.parametrize("indent", [None, 1])
def test_the_right_format_is_named(plugins: PluginManager, tmp_path: Path, indent: int | None) -> None:
    coco, odvg = tmp_path / "coco.json", tmp_path / "odvg.jsonl"
    coco.write_text(json.dumps({"images": [], "annotations": [], "categories": []}, indent=indent))
    line = {"filename": "a.png", "width": 9, "height": 8, "grounding": {"caption": "a", "regions": []}}
    odvg.write_text(f"{json.dumps(line)}\n" * 2)
    with pytest.raises(FormatError, match="This is a COCO file: choose the format coco"):
        read_annotations(coco, "odvg", plugins)
    with pytest.raises(FormatError, match="JSON lines: choose its format, such as odvg"):
        read_annotations(odvg, "coco", plugins)
    odvg.write_text("{" + odvg.read_text())
    assert len(read_annotations(odvg, "odvg", plugins).images) == 1, "one line that is damaged is no other format"


def test_what_comes_through_a_pipe_is_read_once_only(tmp_path: Path) -> None:
    pipe = tmp_path / "in.json"
    os.mkfifo(pipe)
    assert format_of_path(pipe) == ""
