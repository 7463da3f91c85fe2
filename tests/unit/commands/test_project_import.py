"""``roi-assistant project import`` and export to the formats of plugins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of 80 x 70 pixels and no project."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/a.png", "sub/c.png"):
        Image.new("RGB", (80, 70)).save(folder / name)
    return folder


def coco(path: Path, *annotations: dict[str, Any]) -> Path:
    """A COCO file about ``a.png`` (image 1), ``sub/a.png`` (2) and a picture that is not there (3)."""
    names = ("a.png", "sub/a.png", "gone.png")
    data = {
        "images": [{"id": n, "file_name": name, "width": 80, "height": 70} for n, name in enumerate(names, start=1)],
        "categories": [{"id": 17, "name": "cat"}],
        "annotations": [{"id": n, "category_id": 17, **a} for n, a in enumerate(annotations, start=1)],
    }
    path.write_text(json.dumps(data))
    return path


def test_boxes_of_other_tools_become_a_project(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = coco(
        tmp_path / "in.json",
        {"image_id": 1, "bbox": [10, 10, 20, 20], "caption": "a cat"},
        {"image_id": 2, "bbox": [60, 60, 50, 50]},
        {"image_id": 2, "bbox": [500, 60, 50, 50]},
        {"image_id": 3, "bbox": [1, 1, 5, 5]},
        {"image_id": 2, "bbox": [1, 1, 5, 5], "iscrowd": 1},
        {"image_id": 1, "bbox": [1, 1, 5, 5], "attributes": {"fur": "long"}},
        {"image_id": 1, "bbox": [1, 1, 0, 5]},
    )
    assert main(["project", "import", str(folder), str(file)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "3 regions on 2 images taken over."
    for words in (
        "masks of crowds (iscrowd 1) left out, because they are no single things: 1",
        "annotations left out: 1, such as: ",
        "annotation 7: Box (1, 1, 1, 6) has no area",
        "images without boxes in it, left out: 1",
        "images with boxes or notes that are not among the given, left out: 1, such as ",
        "Boxes clipped to their image: 1, such as sub/a.png, region 2.",
        "Boxes outside their image, left out: 1, such as sub/a.png, region 3.",
        "Attributes that the project does not ask about: fur.",
    ):
        assert words in out
    with Project.open(folder, read_only=True) as project:
        assert [row.key for row in project.images()] == ["a.png", "sub/a.png", "sub/c.png"]
        first, third = project.regions("a.png")
        (second,) = project.regions("sub/a.png")
        assert (first.box, first.category, first.state) == (Box(10, 10, 30, 30), "cat", "accepted")
        assert first.captions[0].text == "a cat" and first.captions[0].provenance.author == "human"
        assert second.box == Box(60, 60, 80, 70) and third.attributes[0].values == ("long",)
        assert project.category_ids() == {"cat": 17}
        # What has no words yet is what a batch run describes; what a person wrote is not.
        assert project.batch_targets().regions == 2


def test_importing_twice_changes_nothing_and_undo_takes_it_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = coco(tmp_path / "in.json", {"image_id": 1, "bbox": [10, 10, 20, 20], "caption": "a cat"})
    assert main(["project", "import", str(folder), str(file)]) == 0
    coco(
        file,
        {"image_id": 1, "bbox": [10, 10, 20, 20], "caption": "a cat"},
        {"image_id": 1, "bbox": [1, 1, 2, 2]},
    )
    capsys.readouterr()
    assert main(["project", "import", str(folder), str(file)]) == 0
    assert "1 region on 1 image taken over" in (out := capsys.readouterr().out)
    assert "Regions that were there already: 1" in out
    coco(file, {"image_id": 1, "bbox": [10, 10, 20, 20], "caption": "another"})
    assert main(["project", "import", str(folder), str(file)]) == 0
    assert "Regions that the project has otherwise, left as they are: 1" in capsys.readouterr().out
    with Project.open(folder) as project:
        assert project.regions("a.png")[0].captions[0].text == "a cat"
        undone = project.undo("a.png")
        assert undone is not None and undone[0].label == "Import regions"
        assert [region.box for region in project.regions("a.png")] == [Box(10, 10, 30, 30)]


def test_a_category_id_that_is_taken(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(folder) as project:
        project.ensure_category("dog", id=17)
    file = coco(tmp_path / "in.json", {"image_id": 1, "bbox": [10, 10, 20, 20]})
    assert main(["project", "import", str(folder), str(file)]) == 0
    told = "Categories that have another id in the project, which stays: 1, such as cat: 18 instead of 17."
    assert told in capsys.readouterr().out


def test_bad_input_makes_no_project(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = coco(tmp_path / "in.json", {"image_id": 3, "bbox": [10, 10, 20, 20]})
    for arguments, words in (
        ([str(folder), str(tmp_path / "no.json")], "does not exist"),
        ([str(folder), str(file)], "has no boxes for the given images"),
        ([str(tmp_path / "no"), str(file)], "does not exist"),
        ([str(folder), str(file), "--format", "yolo"], "There is no format 'yolo'"),
        ([str(folder), str(file), "--format", "ms-swift"], "choose the format coco instead"),
        ([str(folder), str(file), "--dialect", "qwen3-vl"], "give --format conversations"),
    ):
        assert main(["project", "import", *arguments]) == 2
        assert words in capsys.readouterr().err
    assert not (folder / "project.roi").exists()


def test_export_to_the_format_of_a_plugin_and_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = coco(
        tmp_path / "in.json",
        {"image_id": 1, "bbox": [10, 10, 20, 20], "caption": "a cat"},
        {"image_id": 1, "bbox": [1, 1, 20, 20], "caption": "no cat", "review_state": "rejected"},
    )
    assert main(["project", "import", str(folder), str(file)]) == 0
    out = tmp_path / "out.jsonl"
    assert main(["project", "export", str(folder), str(out), "--format", "odvg"]) == 0
    err = capsys.readouterr().err
    assert f"{out}: 1 image, 1 region written." in err and "category: dropped 1 time" in err
    assert "region: dropped 1 time, its review state is rejected (a.png, region " in err
    assert "no cat" not in out.read_text()
    (folder / "project.roi").unlink()
    assert main(["project", "import", str(folder), str(out), "--format", "odvg"]) == 0
    with Project.open(folder, read_only=True) as project:
        (region,) = project.regions("a.png")
        assert region.box == Box(10, 10, 30, 30) and region.captions[0].text == "a cat"
    assert main(["project", "export", str(folder), str(out), "--format", "odvg", "--profile", "gpt4roi"]) == 2
    assert main(["project", "export", str(folder), str(out), "--format", "nothing"]) == 2


def test_a_format_that_fails(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = tmp_path / "home" / "data" / "plugins" / "odd"
    plugin.mkdir(parents=True)
    manifest = {"name": "odd", "version": "1", "kinds": ["format"], "module": "odd", "formats": ["odd"]}
    (plugin / "plugin.json").write_text(json.dumps(manifest))
    (plugin / "__init__.py").write_text(
        "from roi_assistant.api import hookimpl\n"
        "class Odd:\n"
        "    suffixes = ('.odd',)\n"
        "    def read(self, path): return [1 / 0]\n"
        "@hookimpl\n"
        "def register_formats(register): register('odd', Odd())\n"
    )
    assert main(["project", "import", str(folder), "x", "--format", "odd"]) == 4
    assert "The format odd of the plugin odd failed reading x: ZeroDivisionError" in capsys.readouterr().err
