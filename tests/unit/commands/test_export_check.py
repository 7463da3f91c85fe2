"""``roi-assistant project export --check``, on a photo that is not square and one that its EXIF turns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant import region_formats
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Caption, Conversation, Provenance, Region, Turn
from roi_assistant.storage.project import Project

HUMAN = Provenance("human", "2026-01-01T00:00:00+00:00")


def accepted(id: str, box: Box, text: str) -> Region:
    return Region(id, box, captions=(Caption(text, HUMAN, preferred=True),), state="accepted")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (640, 480)).save(folder / "a.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (640, 480)).save(folder / "turned.jpg", exif=exif)
    boxes = {
        "a.jpg": (Box(64, 120, 320, 480), Box(101, 101, 103, 103)),
        "turned.jpg": (Box(10, 300, 470, 640),),  # displayed as 480 x 640
    }
    with Project.open(folder, backup=False) as project:
        project.add_images(boxes)
        for name, of_image in boxes.items():
            regions = [accepted(f"{name}{n}", box, f"thing {n}") for n, box in enumerate(of_image)]
            changes = tuple(RegionChange(name, None, region) for region in regions)
            project.apply(Edit("Draw", name, changes))
        turns = (Turn("user", "Is <region1> full?"), Turn("assistant", "No."))
        project.save_conversation("a.jpg", Conversation("a.jpg", ("a.jpg0",), turns))
    return folder


def export(folder: Path, out: Path, *more: str) -> int:
    return main(["project", "export", str(folder), str(out), *more])


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--profile", "gpt4roi"),
        ("--format", "odvg"),
        ("--format", "ms-swift"),
        *(("--format", "conversations", "--dialect", d) for d in ("qwen2.5-vl", "internvl", "kosmos-2", "ferret")),
    ],
)
def test_a_right_file_is_right(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert export(folder, tmp_path / "out", *options, "--check", "5") == 0
    assert "The boxes in the file are right up to rounding: 3 compared" in capsys.readouterr().out
    page = (tmp_path / "out-check.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2 and "thing 0" in page


def test_a_wrong_scale_is_seen(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written in pixels, for a family that reads 0 to 1000."""
    read = region_formats.read_annotations
    monkeypatch.setattr(
        region_formats,
        "read_annotations",
        lambda file, format_id, plugins: read(file, "conversations-llava-0-1000", plugins),
    )
    options = ("--format", "conversations", "--dialect", "llava-pixels", "--check", "1")
    assert export(folder, tmp_path / "out.json", *options) == 1
    told = capsys.readouterr().out
    # 64 of 1000 of 640 are 41; the other photo is wrong, too, but only one is drawn.
    assert "wrong: a.jpg: the file has the box 41.0, 57.6, 204.8, 230.4, the project 64.0, 120.0, 320.0, 480.0" in told
    assert "wrong: turned.jpg" in told and "The boxes in the file are NOT right" in told
    assert (tmp_path / "out-check.html").read_text().count("base64,") == 1


def test_fewer_boxes_than_were_written_are_seen(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = region_formats.read_annotations

    def without_the_last(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]
        return replace(found, images=found.images[:1])

    monkeypatch.setattr(region_formats, "read_annotations", without_the_last)
    assert export(folder, tmp_path / "out.json", "--check", "1") == 1
    assert "wrong: 3 regions were written, but the file gives 2." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--format", "conversations"), "Give --dialect one of llava-pixels"),
        (("--format", "conversations", "--dialect", "gpt-9"), "Give --dialect one of llava-pixels"),
        (("--format", "odvg", "--dialect", "qwen3-vl"), "--dialect qwen3-vl is one of conversations"),
        (("--format", "odvg", "--seed", "1"), "The format odvg asks no questions"),
    ],
)
def test_options_that_do_not_fit(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], problem: str
) -> None:
    assert export(folder, tmp_path / "out.json", *options) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        # Displayed as 480 x 640, which the processor makes 476 x 644: 10 and 470 times 0.9917, 300 times 1.00625.
        ("qwen2.5-vl", '{"bbox_2d": [10, 302, 466, 644]}'),
        # 10 / 480 = 0.0208, 300 / 640 = 0.46875, 470 / 480 = 0.979
        ("qwen3-vl", '{"bbox_2d": [21, 469, 979, 1000]}'),
        ("gemma", '{"box_2d": [469, 21, 1000, 979]}'),
        ("llava-pixels", "[10, 300, 470, 640]"),
    ],
)
def test_a_photo_that_is_turned_has_the_coordinates_that_people_see(
    folder: Path, tmp_path: Path, dialect: str, expected: str
) -> None:
    out = tmp_path / "out.json"
    assert export(folder, out, "--format", "conversations", "--dialect", dialect, "--check", "1") == 0
    written = out.read_text().replace('\\"', '"')
    assert expected in written
    assert '"width": 480, "height": 640' in written


def test_questions_and_seed(folder: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.json"
    questions.write_text(json.dumps({"caption": ["{region}?", "In {region}?"], "grounding": []}))
    options = ("--format", "conversations", "--dialect", "qwen3-vl", "--questions", str(questions))
    asked = []
    for seed in ("1", "1", "5"):
        assert export(folder, tmp_path / "out.json", *options, "--seed", seed) == 0
        asked.append((tmp_path / "out.json").read_text())
    assert asked[0] == asked[1] != asked[2]
    records = json.loads(asked[0])
    assert [record["asked"] for record in records] == [["caption", "caption"], ["chat"], ["caption"]]


def test_out_and_in_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--format", "conversations", "--dialect", "gpt4roi")
    assert export(folder, tmp_path / "out.json", *options) == 0
    with Project.open(folder, read_only=True) as project:
        before = {name: [r.box for r in project.regions(name)] for name in ("a.jpg", "turned.jpg")}
    other = tmp_path / "copy"
    other.mkdir()
    for name in before:
        (other / name).write_bytes((folder / name).read_bytes())
    assert main(["project", "import", str(other), str(tmp_path / "out.json"), *options]) == 0
    with Project.open(other, read_only=True) as project:
        assert {name: [r.box for r in project.regions(name)] for name in before} == before
