"""``roi-assistant caption`` with folders, boxes of COCO files, and the files that it writes."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Run = Callable[..., Any]
Calls = Callable[[], list[str]]

BOXES = ("--box", "120,80,260,300", "--box", "300,90,410,280")


def files(folder: Path) -> set[str]:
    """All files and folders below ``folder``, hidden ones too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def coco_boxes(path: Path, entries: dict[str, list[list[float]]], **sizes: tuple[int, int]) -> Path:
    """A COCO file with ``entries``: file name -> boxes as x, y, width, height."""
    images = [
        {
            "id": number,
            "file_name": name,
            **dict(zip(("width", "height"), sizes.get(Path(name).stem, ()), strict=False)),
        }
        for number, name in enumerate(entries, start=1)
    ]
    annotations = [
        {"id": 100 * image_id + number, "image_id": image_id, "category_id": 7, "bbox": box}
        for image_id, boxes in enumerate(entries.values(), start=1)
        for number, box in enumerate(boxes, start=1)
    ]
    categories = [{"id": 7, "name": "cup"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


# ------------------------------------------------------------------------------------------------------ several images


def test_a_damaged_file_in_a_folder_is_named_and_the_others_are_written(
    run: Run, folder: Path, work: Path, calls: Calls
) -> None:
    result = run("caption", folder, "--box", "10,20,90,80", "--model", "fake", "--coco", "out.json", "--draw", "drawn")
    assert result.code == 2
    assert [line for line in result.out.splitlines() if " x 100" in line] == [
        "photos/a.png  100 x 100",
        "photos/b.jpg  200 x 100",
        "photos/inner/a.png  300 x 100",
        "photos/inner/c.png  400 x 100",
    ]
    assert "Left out: photos/bad.png " in result.err
    assert result.err.splitlines()[-1] == "1 of 5 images left out."
    assert "5/5 images, done in 0:0" in result.err
    names = [image["file_name"] for image in json.loads((work / "out.json").read_text())["images"]]
    assert names == ["a.png", "b.jpg", "inner/a.png", "inner/c.png"]
    assert files(work / "drawn") == {"a.png", "b.png", "inner", "inner/a.png", "inner/c.png"}
    assert calls().count("load auto None") == 1
    assert files(work) - files(work / "drawn") >= {"out.json", "drawn", "photos"}
    assert not [name for name in files(work) if "/." in f"/{name}"]


def test_when_every_image_fails_nothing_is_written(run: Run, folder: Path, work: Path) -> None:
    before = files(work)
    result = run("caption", folder, "--model", "fake-broken", "--coco", "out.json", "--draw", "drawn")
    assert result.code == 3
    assert result.err.splitlines()[-1] == "5 of 5 images left out; nothing was written."
    assert files(work) == before


def test_pictures_with_one_name_stay_apart(run: Run, work: Path) -> None:
    (work / "in").mkdir()
    (work / "out").mkdir()
    for name in ("a.png", "a.jpg", "b.jpg"):
        Image.new("RGB", (50, 50)).save(work / "in" / name)
    result = run("caption", "in", "--model", "fake", "--draw", "out")
    assert result.code == 0
    assert files(work / "out") == {"a.jpg.png", "a.png.png", "b.png"}
    assert "out: 3 pictures with numbered boxes written." in result.err


def test_one_picture_file_cannot_hold_many(run: Run, folder: Path, calls: Calls) -> None:
    result = run("caption", folder, "--model", "fake", "--draw", "out.png")
    assert result.code == 2
    assert result.err == "--draw out.png holds one picture and there are 5 images: give a folder.\n"
    assert calls() == []


def test_a_path_given_twice_is_described_once(run: Run, folder: Path) -> None:
    result = run("caption", folder / "a.png", folder / "inner", folder / "a.png", "--model", "fake", "--json")
    assert [image["name"] for image in json.loads(result.out)["images"]] == ["a.png", "inner/a.png", "inner/c.png"]


def test_names_are_relative_to_what_holds_all_images(run: Run, folder: Path, photo: Path) -> None:
    result = run("caption", folder / "inner", photo, "--model", "fake", "--json")
    assert [image["name"] for image in json.loads(result.out)["images"]] == [
        "photos/inner/a.png",
        "photos/inner/c.png",
        "photo.png",
    ]


# ---------------------------------------------------------------------------------------------------------- COCO boxes


def test_boxes_of_a_coco_file(run: Run, folder: Path, work: Path) -> None:
    boxes = coco_boxes(
        work / "boxes.json",
        {"b.jpg": [[10, 20, 30, 40], [0, 0, 300, 50]], "inner/c.png": [[1, 2, 3, 4]], "x.png": [[1, 1, 1, 1]]},
    )
    result = run("caption", folder, "--boxes", boxes.name, "--model", "fake", "--json", "--coco", "out.json")
    assert result.code == 0
    found = {image["name"]: image["regions"] for image in json.loads(result.out)["images"]}
    assert {name: [region["box"] for region in regions] for name, regions in found.items()} == {
        "b.jpg": [[10, 20, 40, 60], [0, 0, 200, 50]],
        "inner/c.png": [[1, 2, 4, 6]],
    }
    assert [region["clipped"] for region in found["b.jpg"]] == [False, True]
    assert [region["id"] for region in found["b.jpg"]] == ["101", "102"]
    assert "boxes.json, region 102 on photos/b.jpg reaches beyond the image" in result.err
    assert "boxes.json: images without boxes in it, left out: 3." in result.err
    assert "boxes.json: images with boxes or notes that are not among the given, left out: 1, such as " in result.err
    written = json.loads((work / "out.json").read_text())
    assert {category["name"]: category["id"] for category in written["categories"]} == {"cup": 7, "thing": 8}


@pytest.mark.parametrize("name", ["a.png", "inner/a.png", "photos/inner/a.png", "x/photos/inner/a.png"])
def test_images_are_found_by_the_end_of_their_path(run: Run, folder: Path, work: Path, name: str) -> None:
    coco_boxes(work / "boxes.json", {name: [[1, 2, 3, 4]]})
    result = run("caption", folder / "inner" / "a.png", "--boxes", "boxes.json", "--model", "fake", "--json")
    assert result.code == 0
    assert json.loads(result.out)["images"][0]["regions"][0]["box"] == [1, 2, 4, 6]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"other/q.png": [[1, 2, 3, 4]]}, "boxes.json has no boxes for the given images: it lists other/q.png."),
        ({"inner/a.png": []}, "it lists no image with boxes"),
        (
            {"x/inner/a.png": [[1, 2, 3, 4]], "y/inner/a.png": [[1, 2, 3, 4]]},
            "may be 'x/inner/a.png' or 'y/inner/a.png'",
        ),
        ({"a.png": [[1, 2, -3, 4]]}, "annotation 101"),
        ({"a.png": [[1, 2, "3", 4]]}, "annotation 101"),
        ({"a.png": [[1, 2, 3]]}, "annotation 101"),
        (
            {"a.png": [[1, 2, 3, 4], [500, 2, 3, 4]]},
            "boxes.json, region 102 on photos/inner/a.png: Box (500, 2, 503, 6)",
        ),
    ],
)
def test_bad_boxes_in_a_coco_file(
    run: Run, folder: Path, work: Path, calls: Calls, entries: dict[str, list[list[float]]], words: str
) -> None:
    coco_boxes(work / "boxes.json", entries)
    result = run("caption", folder / "inner", "--boxes", "boxes.json", "--model", "fake", "--coco", "out.json")
    assert result.code == 2
    assert words in result.err
    assert calls() == []
    assert not (work / "out.json").exists()


def test_two_images_that_fit_one_name(run: Run, folder: Path, work: Path) -> None:
    coco_boxes(work / "boxes.json", {"a.png": [[1, 2, 3, 4]]})
    (folder / "other").mkdir()
    (folder / "a.png").rename(folder / "other" / "a.png")
    result = run("caption", folder / "inner", folder, "--boxes", "boxes.json", "--model", "fake", "--json")
    assert result.code == 2
    assert "several of the images fit 'a.png'" in result.err


def test_an_image_of_exactly_that_name_has_the_boxes(run: Run, folder: Path, work: Path) -> None:
    coco_boxes(work / "boxes.json", {"a.png": [[1, 2, 3, 4]]})
    result = run("caption", folder, "--boxes", "boxes.json", "--model", "fake", "--json")
    assert result.code == 0
    assert [image["name"] for image in json.loads(result.out)["images"]] == ["a.png"]


def test_another_size_in_the_coco_file_is_said(run: Run, photo: Path, work: Path) -> None:
    coco_boxes(work / "boxes.json", {"photo.png": [[1, 2, 3, 4]]}, photo=(480, 640))
    result = run("caption", photo, "--boxes", "boxes.json", "--model", "fake")
    assert result.code == 2
    assert "photo.png: 480 x 640 in the file, 640 x 480 in the photo: boxes of boxes.json do not fit" in result.err
    coco_boxes(work / "boxes.json", {"photo.png": [[1, 2, 3, 4]]}, photo=(320, 240))
    result = run("caption", photo, "--boxes", "boxes.json", "--model", "fake", "--json")
    assert result.code == 0
    assert "photo.png: 320 x 240 in the file, 640 x 480 in the photo: boxes of boxes.json were fitted" in result.err
    (image,) = json.loads(result.out)["images"]
    assert image["regions"][0]["box"] == [2, 4, 8, 12]


# ------------------------------------------------------------------------------------------------------------- outputs


def test_the_coco_file_is_read_by_pycocotools(run: Run, photo: Path, work: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="needs pycocotools")
    result = run("caption", photo, *BOXES, "--model", "fake", "--coco", "out.json")
    assert result.code == 0
    assert "out.json: 1 image, 2 regions written; nothing was lost." in result.err
    data = coco.COCO(str(work / "out.json"))
    annotations = data.loadAnns(data.getAnnIds(imgIds=data.getImgIds()))
    assert [annotation["bbox"] for annotation in annotations] == [[120, 80, 140, 220], [300, 90, 110, 190]]
    assert [annotation["caption"] for annotation in annotations] == ["thing at 120", "thing at 300"]
    assert annotations[0]["attributes"]["color"] == ["red", "white"]
    provenance = annotations[0]["provenance"]
    assert (provenance["model_id"], provenance["weights_sha256"], provenance["decoding"]) == ("fake", "ab" * 32, "beam")
    assert data.loadCats(data.getCatIds())[0]["name"] == "thing"


def test_the_picture_has_its_size_and_boxes(run: Run, photo: Path, work: Path) -> None:
    result = run("caption", photo, *BOXES, "--model", "fake", "--draw", "out.jpg")
    assert result.code == 0
    assert "out.jpg: 1 picture with numbered boxes written." in result.err
    with Image.open(work / "out.jpg") as drawn:
        assert drawn.format == "JPEG"
        assert drawn.size[0] >= 640
        assert len(set(drawn.convert("RGB").get_flattened_data())) > 2


def test_a_picture_that_is_too_large_for_its_format(run: Run, work: Path) -> None:
    Image.new("RGB", (17_000, 20)).save(work / "wide.png")
    result = run("caption", "wide.png", "--model", "fake", "--draw", "out.webp", "--coco", "out.json")
    assert result.code == 2
    assert "out.webp: WEBP does not hold a picture of 17000 x " in result.err
    assert [path.name for path in work.iterdir()] == ["wide.png"]


def test_a_font_for_the_pictures(run: Run, photo: Path, work: Path, calls: Calls) -> None:
    fonts = [Path(font) for font in ("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",) if Path(font).exists()]
    if not fonts:
        pytest.skip("needs the DejaVu fonts")
    for name, more in (("plain.png", ()), ("bold.png", ("--font", fonts[0]))):
        assert run("caption", photo, *BOXES, "--model", "fake", "--draw", name, *more).code == 0
    assert (work / "plain.png").read_bytes() != (work / "bold.png").read_bytes()


def test_a_font_that_is_none(run: Run, photo: Path, calls: Calls) -> None:
    result = run("caption", photo, *BOXES, "--model", "fake", "--draw", "out.png", "--font", photo)
    assert result.code == 2
    assert "--font photo.png cannot be read as a font" in result.err
    assert calls() == []


def test_outputs_replace_older_ones(run: Run, photo: Path, work: Path) -> None:
    (work / "out.json").write_text("old")
    (work / "out.png").write_text("old")
    assert run("caption", photo, *BOXES, "--model", "fake", "--coco", "out.json", "--draw", "out.png").code == 0
    assert json.loads((work / "out.json").read_text())["images"]
    Image.open(work / "out.png").verify()


def test_a_full_disk_is_told_by_the_name_that_was_given_and_leaves_nothing(
    run: Run, folder: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "bad.png").unlink()
    before = sorted(work.rglob("*"))
    monkeypatch.setattr(os, "fsync", full)
    result = run("caption", folder, "--model", "fake", "--draw", "out", "--coco", "out.json")
    assert result.code == 1
    assert f"{Path('out', 'a.png')} cannot be written (No space left on device): " in result.err.splitlines()[-1]
    assert sorted(work.rglob("*")) == before


@pytest.mark.parametrize(("choice", "name"), [("none", "none"), ("fake-preset", "fake-preset"), ("mine.json", "mine")])
def test_attributes(run: Run, photo: Path, work: Path, calls: Calls, choice: str, name: str) -> None:
    (work / "mine.json").write_text('{"name": "mine", "attributes": [{"name": "fresh", "kind": "boolean"}]}')
    result = run("caption", photo, "--attributes", choice, "--model", "fake", "--json")
    assert result.code == 0
    assert calls()[2].split()[-1] == name
    assert bool(json.loads(result.out)["images"][0]["regions"][0]["attributes"]) == (choice != "none")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "mine.json is not JSON"),
        (b'{"name": "x", "attributes": [{"name": "a", "kind": "sort"}]}', "attributes[0].kind: One of single"),
        (b"\xff\xfe\x00", "mine.json is not text in UTF-8"),
    ],
)
def test_a_damaged_attribute_schema(
    run: Run, photo: Path, work: Path, calls: Calls, content: bytes, words: str
) -> None:
    (work / "mine.json").write_bytes(content)
    result = run("caption", photo, "--attributes", "mine.json", "--model", "fake")
    assert result.code == 2
    assert words in result.err
    assert calls() == []


# -------------------------------------------------------------------------------------------------- names of all kinds


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids such names")
def test_odd_file_names_print_safely(run: Run, work: Path) -> None:
    odd = [
        b"caf\xc3\xa9.png",
        "红色的杯子.png".encode(),
        b"two\nlines.png",
        b"red\x1b[31m.png",
        b"back\xe2\x80\xaewards.png",
        b"raw\xff.png",
    ]
    for name in odd:
        Image.new("RGB", (20, 20)).save(work / "x.png")
        os.rename(work / "x.png", os.fsencode(work) + b"/" + name)
    result = run("caption", ".", "--model", "fake")
    assert result.code == 0
    heads = sorted(line for line in result.out.splitlines() if " x 20" in line)
    assert heads == sorted(
        [
            "café.png  20 x 20",
            "红色的杯子.png  20 x 20",
            "two\\nlines.png  20 x 20",
            "red\\x1b[31m.png  20 x 20",
            "back\\u202ewards.png  20 x 20",
            "raw\\udcff.png  20 x 20",
        ]
    )
    names = {image["name"] for image in json.loads(run("caption", ".", "--model", "fake", "--json").out)["images"]}
    assert {"two\nlines.png", "红色的杯子.png", "raw\udcff.png"} <= names
    result = run("caption", ".", "--model", "fake", "--coco", "out.json")
    assert result.code == 2
    assert result.err.endswith("COCO cannot hold the file name raw\\udcff.png: rename it, or leave --coco out.\n")
    os.remove(os.fsencode(work) + b"/raw\xff.png")
    assert run("caption", ".", "--model", "fake", "--coco", "out.json", "--draw", "drawn").code == 0
    assert "红色的杯子.png" in files(work / "drawn")
