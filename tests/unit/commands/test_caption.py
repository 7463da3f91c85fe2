"""``roi-assistant caption``: what it prints, and that bad input leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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


# ----------------------------------------------------------------------------------------------------- what is printed


def test_boxes_become_lines_for_people(run: Run, photo: Path, calls: Calls) -> None:
    result = run("caption", photo, *BOXES, "--model", "fake", "--alternatives", "2")
    assert result.code == 0
    assert result.out.splitlines() == [
        "photo.png  640 x 480",
        "  1  (120, 80, 260, 300)",
        "     caption          0.75  thing at 120",
        "     alternatives     0.45  thing at 120 guess 1",
        "                      0.40  thing at 120 guess 2",
        "     category         0.90  thing",
        "     color            0.66  red, white (pixels)",
        "     state            0.60  w\\x1b[31met",
        "  2  (300, 90, 410, 280)",
        "     caption          0.75  thing at 300",
        "     alternatives     0.45  thing at 300 guess 1",
        "                      0.40  thing at 300 guess 2",
        "     category         0.90  thing",
        "     color            0.66  red, white (pixels)",
        "     state            0.60  w\\x1b[31met",
    ]
    assert result.err.splitlines() == ["Model fake on cpu, 1 threads"]
    assert calls() == ["load auto None", "image RGB 640 480", "describe 2 description beam 2 None", "close"]


def test_the_options_reach_the_model(run: Run, photo: Path, calls: Calls) -> None:
    options = ("--style", "sentence", "--decoding", "consensus", "--alternatives", "0", "--threads", "3")
    result = run("caption", photo, *BOXES, "--model", "fake", "--device", "cuda", *options)
    assert result.code == 0
    assert calls()[0] == "load cuda 3"
    assert calls()[2] == "describe 2 sentence consensus 0 None"
    assert result.err.splitlines() == [
        "Model fake on cpu, 3 threads",
        "CUDA was asked for but does not load, so the CPU is used.",
    ]
    assert "alternatives" not in result.out


def test_unsure_results_are_marked(run: Run, photo: Path) -> None:
    result = run("caption", photo, "--box", "1,2,30,40", "--model", "fake-unsure", "--alternatives", "1")
    assert result.out.splitlines()[1:5] == [
        "  1  (1, 2, 30, 40)  unsure",
        "     caption        ? 0.75  an object",
        "     alternatives     0.45  thing at 1 guess 1",
        "     category       ? 0.90  thing",
    ]
    assert "? marks what the model is unsure of" in result.err


def test_an_image_without_a_box_is_described_as_a_whole(run: Run, photo: Path) -> None:
    result = run("caption", photo, "--model", "fake")
    assert result.code == 0
    assert "  1  (0, 0, 640, 480)\n" in result.out
    assert result.err.startswith("No box given: the whole image is described as one region.\n")


def test_a_box_that_reaches_beyond_the_image_is_clipped_and_said_so(run: Run, photo: Path) -> None:
    result = run("caption", photo, "--box", "-20,10,50,60", "--box", "600,400,9999,470.5", "--model", "fake", "--json")
    assert result.code == 0
    regions = json.loads(result.out)["images"][0]["regions"]
    assert [(region["box"], region["clipped"]) for region in regions] == [
        ([0, 10, 50, 60], True),
        ([600, 400, 640, 470.5], True),
    ]
    assert result.err.splitlines()[:2] == [
        "--box 1 on photo.png reaches beyond the image of 640 x 480 pixels: (-20, 10, 50, 60) is clipped to "
        "(0, 10, 50, 60).",
        "--box 2 on photo.png reaches beyond the image of 640 x 480 pixels: (600, 400, 9999, 470.5) is clipped to "
        "(600, 400, 640, 470.5).",
    ]


def test_boxes_are_those_of_the_image_as_displayed(run: Run, work: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200)).save(work / "turned.jpg", exif=exif)
    result = run("caption", "turned.jpg", "--box", "10,300,190,390", "--model", "fake")
    assert result.code == 0
    assert "turned.jpg  200 x 400" in result.out
    assert run("caption", "turned.jpg", "turned.jpg", "--box", "300,10,390,190", "--model", "fake").code == 2


def test_the_table_is_drawn_on_a_wide_terminal_only(run: Run, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roi_assistant.commands.table.is_terminal", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "140")
    wide = run("caption", photo, *BOXES, "--model", "fake-unsure", "--alternatives", "1").out
    heads = ("box", "caption", "alternatives", "category", "attributes")
    assert [head for line in wide.splitlines() if "┃" in line for head in heads if head in line] == list(heads)
    assert "? an object 0.75" in wide
    assert "thing at 120 guess 1 0.45" in wide
    assert "color: red, white (pixels) 0.66" in wide
    assert "\x1b[31m" not in wide
    monkeypatch.setenv("COLUMNS", "80")
    assert "┃" not in run("caption", photo, *BOXES, "--model", "fake").out


# ---------------------------------------------------------------------------------------------------------------- JSON


def shape(value: Any) -> Any:
    """The keys and types of a JSON value; of lists the first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_json_is_as_documented(run: Run, photo: Path, folder: Path, repository: Path) -> None:
    result = run("caption", folder, "--model", "fake", "--json")
    assert result.code == 2
    document = json.loads(result.out)
    page = (repository / "docs" / "caption-json.md").read_text(encoding="utf-8")
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert shape(document) == shape(example)
    assert (document["format"], document["version"]) == (example["format"], example["version"])
    assert [image["name"] for image in document["images"]] == ["a.png", "b.jpg", "inner/a.png", "inner/c.png"]
    assert [failure["name"] for failure in document["failures"]] == ["bad.png"]


def test_the_json_of_one_image(run: Run, photo: Path) -> None:
    result = run(
        "caption", photo, *BOXES, "--model", "fake", "--alternatives", "1", "--attributes", "fake-preset", "--json"
    )
    document = json.loads(result.out)
    assert document["model"] == {
        "id": "fake",
        "name": "Fake",
        "device": "cpu",
        "precision": "1 threads",
        "weights_sha256": "ab" * 32,
    }
    assert document["request"] == {
        "style": "description",
        "decoding": "beam",
        "alternatives": 1,
        "attributes": "fake-preset",
        "attribute_score": 0.5,
    }
    [image] = document["images"]
    assert (image["file"], image["name"], image["width"], image["height"]) == ("photo.png", "photo.png", 640, 480)
    assert image["regions"][1] == {
        "number": 2,
        "id": "2",
        "box": [300, 90, 410, 280],
        "clipped": False,
        "caption": {"text": "thing at 300", "score": 0.75},
        "alternatives": [{"text": "thing at 300 guess 1", "score": 0.45}],
        "category": {"text": "thing", "score": 0.9},
        "category_alternatives": [{"text": "item", "score": 0.05}],
        "attributes": [
            {"name": "color", "values": ["red", "white"], "score": 0.66, "source": "pixels"},
            {"name": "state", "values": ["w\x1b[31met"], "score": 0.6, "source": "model"},
        ],
        "unsure": False,
        "prompt": "ask description",
        "raw_output": "thing at 300",
    }
    assert document["failures"] == []


# ----------------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--box", "1,2,3"), "--box 1 is '1,2,3': give four numbers"),
        (("--box", "1,2,3,4,5"), "--box 1 is '1,2,3,4,5'"),
        (("--box", "1,2,3,four"), "--box 1 is '1,2,3,four'"),
        (("--box", ""), "--box 1 is ''"),
        (
            (*BOXES, "--box", "nan,2,30,40"),
            "--box 3: Box (nan, 2, 30, 40) has a coordinate that is not a finite number.",
        ),
        (("--box", "1,2,inf,40"), "--box 1: Box (1, 2, inf, 40)"),
        ((*BOXES, "--box", "50,2,30,40"), "--box 3 (50, 2, 30, 40) has a negative width or height"),
        (("--box", "5,40,30,2"), "--box 1 (5, 40, 30, 2) has a negative width or height"),
        (("--box", "5,2,5,40"), "--box 1: Box (5, 2, 5, 40) has no area"),
        ((*BOXES, "--box", "640,0,700,40"), "--box 3 on photo.png: Box (640, 0, 700, 40) lies outside the image"),
        (("--box", "-9,-9,0,0"), "--box 1 on photo.png: Box (-9, -9, 0, 0) lies outside the image"),
        ((*BOXES, "--model", "nothing"), "There is no model 'nothing'; there are "),
        ((*BOXES, "--attributes", "nothing"), "--attributes 'nothing' is neither a preset nor a file; presets: "),
        ((*BOXES, "--attributes", "photo.png"), "photo.png is not"),
        ((*BOXES, "--boxes", "boxes.json"), "Give either --box or --boxes"),
        (("--boxes", "boxes.json"), "boxes.json does not exist"),
        (("--boxes", "photo.png"), "photo.png: This is a picture and no annotation file"),
        (("missing.jpg",), "missing.jpg does not exist: check the path."),
        (("--device", "tpu"), "'--device'"),
        (("--style", "poem"), "'--style'"),
        (("--decoding", "luck"), "'--decoding'"),
        (("--alternatives", "10"), "'--alternatives'"),
        (("--threads", "0"), "'--threads'"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_bad_input_is_named_and_writes_nothing(
    run: Run, photo: Path, work: Path, calls: Calls, arguments: tuple[str, ...], words: str
) -> None:
    model = () if "--model" in arguments else ("--model", "fake")
    result = run("caption", photo, *arguments, *model, "--coco", "out.json", "--draw", "out.png", "--json")
    assert result.code == 2
    assert words in " ".join(result.err.replace("│", " ").split())
    assert result.out == ""
    assert calls() == []
    assert files(work) == {"photo.png"}


def test_an_error_is_one_line(run: Run, photo: Path) -> None:
    assert run("caption", photo, "--box", "1,2,3").err == "--box 1 is '1,2,3': give four numbers, x1,y1,x2,y2.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--coco", "no/out.json"), "--coco: the folder no does not exist"),
        (("--coco", "photo.png/out.json"), "--coco: the folder photo.png is not a folder"),
        (("--coco", "."), "--coco . is a folder"),
        (("--coco", "photo.png"), "--coco photo.png would overwrite an input"),
        (("--draw", "no/out.png"), "--draw: the folder no does not exist"),
        (("--draw", "no/folder"), "--draw: the folder no does not exist"),
        (("--draw", "photo.png"), "--draw photo.png would overwrite an input"),
        (("--draw", "./photo.png"), "--draw photo.png would overwrite an input"),
        (("--draw", "."), "--draw photo.png would overwrite an input"),
        (("--draw", "out.xyz"), "--draw out.xyz: give a file name that ends in .png"),
    ],
)
def test_outputs_are_checked_before_the_model_runs(
    run: Run, photo: Path, work: Path, calls: Calls, arguments: tuple[str, ...], words: str
) -> None:
    before = (work / "photo.png").read_bytes()
    result = run("caption", photo, *BOXES, "--model", "fake", *arguments)
    assert result.code == 2
    assert words in result.err
    assert calls() == []
    assert files(work) == {"photo.png"}
    assert (work / "photo.png").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_said_before_the_model_runs(
    run: Run, photo: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("roi_assistant.commands.outputs.tempfile.TemporaryFile", refuse)
    for arguments in (("--coco", "out.json"), ("--draw", "out.png")):
        result = run("caption", photo, *BOXES, "--model", "fake", *arguments)
        assert result.code == 2
        assert result.err == f"{arguments[0]}: the folder . is not writable (Permission denied).\n"
    assert calls() == []


def test_the_boxes_of_all_images_are_checked_before_the_model_runs(
    run: Run, folder: Path, work: Path, calls: Calls
) -> None:
    before = files(work)
    result = run(
        "caption", folder, "--box", "350,10,390,90", "--model", "fake", "--coco", "out.json", "--draw", "drawn"
    )
    assert result.code == 2
    assert "--box 1 on photos/a.png: Box (350, 10, 390, 90) lies outside the image of 100 x 100 pixels." in result.err
    assert calls() == []
    assert files(work) == before


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("fake-broken", 3, "The model fake-broken failed on photo.png (ZeroDivisionError: no such luck)."),
        ("fake-short", 3, "The model fake-short gave 1 answers about 2 boxes of photo.png."),
        ("fake-score", 3, "The model fake-score gave a score of 7.0 on photo.png, not one from 0 to 1."),
    ],
)
def test_a_model_that_fails_leaves_nothing_behind(
    run: Run, photo: Path, work: Path, calls: Calls, model: str, code: int, words: str
) -> None:
    result = run("caption", photo, *BOXES, "--model", model, "--coco", "out.json", "--draw", "out.png")
    assert result.code == code
    assert result.err.splitlines()[-1] == words
    assert result.out == ""
    assert files(work) == {"photo.png"}
    assert calls()[-1] == "close"


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_an_unreadable_image_alone_is_an_error(run: Run, work: Path, calls: Calls, content: bytes) -> None:
    (work / "bad.png").write_bytes(content)
    result = run("caption", "bad.png", "--box", "1,2,3,4", "--model", "fake", "--coco", "out.json")
    assert result.code == 2
    assert result.err.startswith("bad.png is ")
    assert calls() == []
    assert files(work) == {"bad.png"}


def test_a_folder_without_images(run: Run, work: Path) -> None:
    (work / "empty").mkdir()
    result = run("caption", "empty", "--model", "fake")
    assert result.code == 2
    assert "empty has no pictures in it" in result.err


# -------------------------------------------------------------------------------------------------------- as a process


def start(work: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "roi_assistant", "caption", *arguments]
    return subprocess.Popen(
        command,
        cwd=work,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_a_terminal_without_unicode(home: Path, photo: Path, work: Path) -> None:
    (work / "photo.png").rename(work / "杯子.png")
    process = start(work, "杯子.png", "--box", "1,2,30,40", "--model", "fake", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert out.startswith("\\u676f\\u5b50.png  640 x 480\n")
    process = start(work, "杯子.png", "--box", "1,2,30,40", "--model", "fake", "--json", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=240)
    assert json.loads(out)["images"][0]["name"] == "杯子.png"


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts reach what the test starts, also where the tests run in the background of a shell: it has them ignored
    there, which every process inherits that does not ask for them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.usefixtures("interrupts")
def test_an_interrupted_command_leaves_nothing_behind(home: Path, folder: Path, work: Path, calls: Calls) -> None:
    before = files(work)
    process = start(work, "photos", "--model", "fake-slow", "--coco", "out.json", "--draw", "drawn")
    deadline = time.monotonic() + 240
    while sum(line.startswith("describe") for line in calls()) < 2:  # the first image is drawn by then
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)  # it sleeps now; an interrupt while it closes the file of its calls could be lost in a finalizer
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130, err
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert calls()[-1] == "close"
    assert files(work) == before


@pytest.fixture
def halves(home: Path) -> None:
    """A plugin that proposes the left half of a picture and a box that reaches beyond it; nothing on small pictures."""
    plugin = home / "data" / "plugins" / "halves"
    plugin.mkdir()
    manifest = {"name": "halves", "version": "1", "kinds": ["proposer"], "module": "halves", "proposers": ["halves"]}
    (plugin / "plugin.json").write_text(json.dumps(manifest))
    (plugin / "__init__.py").write_text(
        "from roi_assistant.api import Box, hookimpl\n"
        "class Halves:\n"
        "    def propose(self, image):\n"
        "        if image.width == 300: raise ZeroDivisionError('no such luck')\n"
        "        wide = image.width > 150\n"
        "        return [Box(0, 0, image.width / 2, image.height), Box(100, 10, 900, 20)] if wide else []\n"
        "@hookimpl\n"
        "def register_proposers(register): register('halves', lambda *, device='auto', threads=None: Halves())\n"
    )


@pytest.mark.usefixtures("halves")
def test_boxes_are_proposed_by_a_plugin(run: Run, folder: Path) -> None:
    (folder / "bad.png").unlink()
    result = run("caption", folder, "--propose", "halves", "--model", "fake", "--json")
    assert result.code == 3
    document = json.loads(result.out)
    assert {image["name"]: [region["box"] for region in image["regions"]] for image in document["images"]} == {
        "a.png": [],
        "b.jpg": [[0, 0, 100, 100], [100, 10, 200, 20]],
        "inner/c.png": [[0, 0, 200, 100], [100, 10, 400, 20]],
    }
    [failure] = document["failures"]
    assert "The model that finds boxes failed on" in failure["error"] and "ZeroDivisionError" in failure["error"]
    assert "No box given" not in result.err


@pytest.mark.usefixtures("halves")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--propose", "halves", "--box", "1,2,3,4"), "--propose finds the boxes itself"),
        (("--propose", "thirds"), "There is no box proposer 'thirds'; there are halves."),
    ],
)
def test_proposers_that_cannot_be_used(
    run: Run, photo: Path, calls: Calls, arguments: tuple[str, ...], words: str
) -> None:
    result = run("caption", photo, *arguments, "--model", "fake")
    assert result.code == 2
    assert words in result.err
    assert calls() == []


@pytest.fixture
def finder(home: Path) -> Path:
    """A captioner that proposes two boxes, one of them unlikely; the file tells what it did."""
    plugin = home / "data" / "plugins" / "finder"
    plugin.mkdir()
    manifest = {"name": "finder", "version": "1", "kinds": ["captioner"], "module": "finder", "captioners": ["finder"]}
    (plugin / "plugin.json").write_text(json.dumps(manifest))
    (plugin / "__init__.py").write_text(
        "from pathlib import Path\n"
        "from roi_assistant.api import Box, CaptionerInfo, RegionText, ScoredBox, ScoredText, hookimpl\n"
        "class Finder:\n"
        "    info = CaptionerInfo('finder', 'Finder', 'cd' * 32, capabilities=frozenset({'proposes'}))\n"
        "    def __init__(self, *, device='auto', threads=None): self.log('load')\n"
        "    def log(self, word):\n"
        "        with Path(__file__).with_name('did').open('a') as file: print(word, file=file)\n"
        "    def set_image(self, image): return image.size\n"
        "    def propose(self, state, *, most=50):\n"
        "        return [ScoredBox(Box(10, 20, 60, 70), 0.5), ScoredBox(Box(0, 0, 9, 9), 0.1)]\n"
        "    def describe(self, state, boxes, request):\n"
        "        for box in boxes: yield RegionText(box, ScoredText('found', 0.5))\n"
        "    def chat(self, state, boxes, turns): return iter(())\n"
        "    def close(self): self.log('close')\n"
        "@hookimpl\n"
        "def register_captioners(register): register('finder', Finder)\n"
    )
    return plugin / "did"


@pytest.mark.parametrize(("model", "words"), [("fake", "thing at 10"), ("finder", "found")])
def test_boxes_are_proposed_by_a_captioner(run: Run, photo: Path, finder: Path, model: str, words: str) -> None:
    result = run("caption", photo, "--propose", "finder", "--model", model, "--json")
    assert result.code == 0, result.err
    document = json.loads(result.out)
    assert document["boxes_by"] == {"id": "finder", "weights_sha256": "cd" * 32}
    (region,) = document["images"][0]["regions"]
    assert (region["box"], region["caption"]["text"]) == ([10, 20, 60, 70], words)
    assert finder.read_text().split() == ["load", "close"], "also where it writes, too"


def test_captioners_that_find_nothing(run: Run, photo: Path, finder: Path, calls: Calls) -> None:
    for model in ("fake", "finder"):
        result = run("caption", photo, "--propose", "fake", "--model", model)
        assert result.code == 2
        assert result.err.endswith("fake writes captions and finds no boxes: give it to --model.\n")
    assert calls() == ["load auto None", "close"] * 2 and not finder.exists()
    result = run("caption", photo, "--propose", "finder", "--look-for", "cat", "--model", "fake")
    assert result.code == 3 and "finder cannot look for cat: it suggests boxes of whatever is there" in result.err
