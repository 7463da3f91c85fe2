"""The published model as a captioner, through the plugin manager, on a checkpoint of a few thousand weights."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.captioners.gpt4roi.captioner import captioner_factories, name_regions
from roi_assistant.captioners.model_folder import file_sha256
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, Turn
from roi_assistant.errors import (
    BadInputError,
    CaptionerError,
    MissingDependencyError,
    ModelFileError,
    RegionReferenceError,
)
from roi_assistant.plugins import PluginManager
from tests.unit import official_data_sets
from tests.unit import tiny_gpt4roi as tiny

BOXES = [Box(1, 2, 20, 30), Box(10, 5, 50, 35), Box(0, 0, 60, 40)]
SCHEMA = AttributeSchema(
    "s", (AttributeDefinition("note", "text", (), "what of <region1>"), AttributeDefinition("wet", "boolean"))
)
REQUEST = DescribeRequest(alternatives=0, attributes=SCHEMA)


@pytest.fixture(scope="module")
def checkpoint(torch: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the import writes it."""
    from roi_assistant.models.gpt4roi.checkpoint_import import plan_import, run_import

    folder = tmp_path_factory.mktemp("published")
    tiny.write_published(folder)
    plan = plan_import(
        llama=folder / "llama", delta=folder / "delta", clip=folder / "clip-vit-large-patch14", shard_bytes=200_000
    )
    run_import(plan, folder / "tiny")
    return folder / "tiny"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    (tmp_path / "data" / "models").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def installed(home: Path, checkpoint: Path) -> Path:
    """A link to it where the program looks for models."""
    link = home / "data" / "models" / "tiny"
    link.symlink_to(checkpoint)
    return link


@pytest.fixture
def create(installed: Path) -> Iterator[Callable[..., Any]]:
    manager = PluginManager(packages=False)
    made = []

    def captioner(id_: str = "tiny", **options: Any) -> Any:
        made.append(manager.create_captioner(id_, device="cpu", **options))
        return made[-1]

    yield captioner
    for one in made:
        one.close()


# Through the door.


def test_imported_models_are_listed_in_four_forms(installed: Path) -> None:
    ids = PluginManager(packages=False).ids("captioner")
    assert {"tiny", "tiny-int8", "tiny-int4", "tiny-compiled", "gpt4roi-7b", "gpt4roi-mini"} <= set(ids)
    assert "not commercial" in ids["tiny"].manifest.weights_licence


def test_without_weights_it_says_how_to_get_them(home: Path) -> None:
    with pytest.raises(ModelFileError, match="models import-gpt4roi"):
        PluginManager(packages=False).create_captioner("gpt4roi-7b")


def test_without_torch_it_names_the_extra(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingDependencyError, match=r"roi-assistant\[torch\]"):
        captioner_factories(checkpoint.parent)["tiny"](device="cpu")


def test_other_folders_are_no_models(tmp_path: Path) -> None:
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"architecture": "other"}'), (".d", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(content)
    (tmp_path / "file").write_text("x")
    assert set(captioner_factories(tmp_path)) == {"gpt4roi-7b"}
    assert set(captioner_factories(tmp_path / "nowhere")) == {"gpt4roi-7b"}


def test_what_it_is(create: Callable[..., Any]) -> None:
    info = create().info
    assert (info.id, info.name, info.device, info.precision) == ("tiny", "GPT4RoI", "CPU", "fp32")
    assert len(info.weights_sha256) == 64
    assert info.capabilities == {
        *("multi_region", "chat", "attributes", "alternatives", "streams", "interruptible", "scores_options")
    }
    assert create("tiny-int8").info.precision == "int8 weights, float32 arithmetic"
    assert create("tiny-int4").info.id == "tiny-int4"


def test_devices_that_there_are_not(installed: Path, torch: Any) -> None:
    factory = captioner_factories()["tiny"]
    with pytest.raises(CaptionerError, match="no device 'tpu'"):
        factory(device="tpu")
    if not torch.cuda.is_available():
        with pytest.raises(CaptionerError, match="--device cpu"):
            factory(device="cuda")


def test_too_little_memory_is_said_before_loading(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roi_assistant.captioners.devices.physical_memory", lambda: 1000)
    with pytest.raises(CaptionerError, match="use tiny-int4"):
        captioner_factories()["tiny"](device="cpu")


@pytest.fixture
def copied(home: Path, checkpoint: Path) -> Path:
    """A copy of it where the program looks for models, to be changed."""
    folder = home / "data" / "models" / "copy"
    shutil.copytree(checkpoint, folder)
    return folder


def weights_of(folder: Path) -> Path:
    return sorted(folder.glob("model-*.safetensors"))[0]


def test_altered_files_are_refused(copied: Path) -> None:
    listed = json.loads((copied / "manifest.json").read_text())["files"]
    assert {"config.json", "tokenizer.json", weights_of(copied).name} < set(listed)
    for path in (copied / "config.json", copied / "tokenizer.json", weights_of(copied)):
        before, status = path.read_bytes(), path.stat()
        data = bytearray(before)
        data[-2] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # neither size nor time tells
        with pytest.raises(ModelFileError, match=f"{path.name} is not the file that its manifest describes"):
            captioner_factories()["copy"](device="cpu")
        path.unlink()
        with pytest.raises(ModelFileError, match=f"{path.name} cannot be read"):
            captioner_factories()["copy"](device="cpu")
        path.write_bytes(before)
    captioner_factories()["copy"](device="cpu").close()


def test_weights_that_are_exchanged_while_they_are_read_are_not_used(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name, and in the file itself, which a map of the file would show."""
    from roi_assistant.core.plain_files import HashedFile

    path = weights_of(copied)
    good, taken = path.read_bytes(), HashedFile.take
    first: Any = PluginManager(packages=False).create_captioner("copy", device="cpu")
    expected = first._model.state_dict()

    def exchange(stream: HashedFile, count: int) -> bytearray:
        data = taken(stream, count)
        path.unlink(missing_ok=True)
        path.write_bytes(bytes(len(good)))
        return data

    monkeypatch.setattr(HashedFile, "take", exchange)
    exchanged: Any = PluginManager(packages=False).create_captioner("copy", device="cpu")
    assert path.read_bytes() != good
    assert all((tensor == expected[name]).all() for name, tensor in exchanged._model.state_dict().items())
    path.write_bytes(good)

    def overwrite(stream: HashedFile, count: int) -> bytearray:
        data = taken(stream, count)
        with path.open("r+b") as weights:
            weights.seek(-64, os.SEEK_END)
            weights.write(bytes(64))
        return data

    monkeypatch.setattr(HashedFile, "take", overwrite)
    with pytest.raises(ModelFileError, match="sha256 differs"):
        PluginManager(packages=False).create_captioner("copy", device="cpu")


def test_files_that_the_manifest_does_not_list_are_not_loaded(copied: Path) -> None:
    """Not even where a library would look for them by itself."""
    for name in ("model.safetensors", "pytorch_model.bin", "tokenizer.model", "generation_config.json", "modeling.py"):
        assert not (copied / name).exists()
        os.mkfifo(copied / name)  # who opens it, waits
    captioner_factories()["copy"](device="cpu").close()
    index = copied / "model.safetensors.index.json"
    names = json.loads(index.read_text())
    names["weight_map"] = dict.fromkeys(names["weight_map"], "other.safetensors")
    index.write_text(json.dumps(names))
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["files"][index.name] = file_sha256(index)
    (copied / "manifest.json").write_text(json.dumps(manifest))
    shutil.copy(weights_of(copied), copied / "other.safetensors")
    with pytest.raises(ModelFileError, match=r"does not list other\.safetensors"):
        captioner_factories()["copy"](device="cpu")


def test_a_folder_that_makes_a_reader_wait_is_passed_over(home: Path) -> None:
    for name, make in (("pipe", os.mkfifo), ("deep", lambda path: path.write_text("[" * 100_000))):
        folder = home / "data" / "models" / name
        folder.mkdir()
        make(folder / "manifest.json")
    assert set(captioner_factories()) == {"gpt4roi-7b"}


# What it writes.


def naive(checkpoint: Path, text: str, boxes: list[Box], *, longest: int) -> str:
    """The answer by the path that shares nothing."""
    from roi_assistant.models.gpt4roi.generation import generate_naive
    from roi_assistant.models.gpt4roi.loading import load_model
    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
    from roi_assistant.models.gpt4roi.prompting import answer_text

    processor = Gpt4RoiProcessor.from_pretrained(checkpoint)
    given = processor.conversation([Turn("user", text)], boxes=boxes, width=60, height=40)
    tokens, _ = generate_naive(
        load_model(tiny.files(checkpoint)),
        processor.tokenizer,
        processor.pixels(tiny.photo()),
        given.input_ids,
        given.boxes,
        longest=longest,
    )
    return answer_text(processor.tokenizer.decode(tokens), finished=True)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random model hardly ever stops."""
    limits = {"phrase": 6, "sentence": 7, "category": 3, "attribute": 4, "chat": 6}
    monkeypatch.setattr("roi_assistant.captioners.gpt4roi.captioner.LONGEST", limits)


def test_describes_each_box_as_asked_alone(create: Callable[..., Any], checkpoint: Path, short: None) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    found = list(captioner.describe(state, BOXES, REQUEST))
    assert [text.box for text in found] == BOXES
    assert len({text.raw_output for text in found}) > 1
    for text, box in zip(found, BOXES, strict=True):
        assert text.raw_output == naive(checkpoint, "Give a short description of <region1>.", [box], longest=6)
        assert text.caption.text == (text.raw_output or "an object")
        assert 0 <= text.caption.score <= 1 and text.alternatives == () and not text.unsure
        assert text.category is not None and text.prompt == "Give a short description of <region1>."
    sentence = dataclasses.replace(REQUEST, style="sentence", category=False, attributes=AttributeSchema("none"))
    [one] = captioner.describe(state, BOXES[:1], sentence)
    assert one.category is None and one.attributes == ()
    asked = "Can you give a description of the region mentioned by <region1>"
    assert one.raw_output == naive(checkpoint, asked, BOXES[:1], longest=7)


def test_many_boxes_and_questions_over_several_batches(
    create: Callable[..., Any], short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    expected = list(captioner.describe(state, BOXES, REQUEST))
    monkeypatch.setattr("roi_assistant.captioners.gpt4roi.captioner.ROWS", 3)
    found = list(captioner.describe(state, [*BOXES, *BOXES], REQUEST))
    assert [text.raw_output for text in found] == [text.raw_output for text in (*expected, *expected)]
    assert list(captioner.describe(state, [], REQUEST)) == []


@pytest.mark.parametrize("decoding", ["beam", "consensus"])
def test_alternatives(create: Callable[..., Any], short: None, decoding: Any) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    request = DescribeRequest(alternatives=4, attributes=AttributeSchema("none"), category=False, decoding=decoding)
    [first] = captioner.describe(state, BOXES[:1], request)
    [again] = captioner.describe(state, BOXES[:1], request)
    assert first == again
    assert 1 <= len(first.alternatives) <= 4
    texts = [first.caption.text, *(other.text for other in first.alternatives)]
    assert len(set(texts)) == len(texts)
    [greedy] = captioner.describe(state, BOXES[:1], dataclasses.replace(request, alternatives=0))
    assert first.raw_output == greedy.raw_output
    if decoding == "beam":
        assert first.caption.text == greedy.caption.text
        scores = [other.score for other in first.alternatives]
        assert scores == sorted(scores, reverse=True)


def test_boxes_beyond_the_photo_are_cut(create: Callable[..., Any], short: None) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    [inside] = captioner.describe(state, [BOXES[2]], REQUEST)
    [beyond] = captioner.describe(state, [Box(-5, -5, 90, 70)], REQUEST)
    assert beyond.raw_output == inside.raw_output and beyond.box == Box(-5, -5, 90, 70)


def test_a_schema_may_ask_about_no_region(create: Callable[..., Any], short: None) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    schema = AttributeSchema("s", (AttributeDefinition("scene", "text", (), "what place is this?"),))
    [text] = captioner.describe(state, BOXES[:1], dataclasses.replace(REQUEST, attributes=schema))
    assert [attribute.name for attribute in text.attributes] in ([], ["scene"])


def test_chat_streams_and_remembers(create: Callable[..., Any], checkpoint: Path, short: None) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    question = "what is region 2 beside <region1>?"
    pieces = list(captioner.chat(state, BOXES, [Turn("user", question)]))
    assert all(pieces)
    answer = naive(checkpoint, "what is <region2> beside <region1>?", BOXES, longest=6)
    assert "".join(pieces) == answer
    turns = [Turn("user", question), Turn("assistant", answer), Turn("user", "and <region3>?")]
    second = "".join(captioner.chat(state, BOXES, turns))
    fresh = create()
    assert second == "".join(fresh.chat(fresh.set_image(tiny.photo()), BOXES, turns))
    other = captioner.set_image(tiny.photo(seed=5))
    assert "".join(captioner.chat(other, BOXES, turns)) != second


def test_chat_refuses_what_it_cannot_answer(create: Callable[..., Any]) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    with pytest.raises(RegionReferenceError, match="does not exist"):
        list(captioner.chat(state, BOXES[:1], [Turn("user", "<region2>")]))
    with pytest.raises(BadInputError, match="no question"):
        list(captioner.chat(state, BOXES, []))
    with pytest.raises(CaptionerError, match="begin a new one"):
        list(captioner.chat(state, BOXES, [Turn("user", "a" * 800)]))


def test_interrupt_leaves_it_usable(create: Callable[..., Any], short: None) -> None:
    captioner = create()
    state = captioner.set_image(tiny.photo())
    expected = list(captioner.describe(state, BOXES, REQUEST))

    class Stop(Exception):
        pass

    calls = []

    def stop() -> None:
        calls.append(1)
        if len(calls) % 4 == 0:
            raise Stop

    captioner.interrupt = stop
    with pytest.raises(Stop):
        list(captioner.describe(state, BOXES, REQUEST))
    with pytest.raises(Stop):
        list(captioner.chat(state, BOXES, [Turn("user", "<region1>")]))
    captioner.interrupt = lambda: None
    assert list(captioner.describe(state, BOXES, REQUEST)) == expected


def test_the_compiled_form_writes_the_same(
    create: Callable[..., Any], short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.models.gpt4roi import steps

    made = partial(steps.CompiledSteps, backend="aot_eager")  # generating code needs a compiler
    monkeypatch.setattr(steps, "CompiledSteps", made)
    plain, compiled = create(), create("tiny-compiled")
    states = [one.set_image(tiny.photo()) for one in (plain, compiled)]
    turns = [Turn("user", "what is <region2>?")]
    answers = [list(one.describe(s, BOXES[:2], REQUEST)) for one, s in zip((plain, compiled), states, strict=True)]
    assert [text.raw_output for text in answers[0]] == [text.raw_output for text in answers[1]]
    assert "".join(plain.chat(states[0], BOXES, turns)) == "".join(compiled.chat(states[1], BOXES, turns))
    assert compiled._compiled._caches and any("compiled" in note for note in compiled.info.notes)


def test_options_are_scored_and_asked_as_vcr_asks(create: Callable[..., Any], checkpoint: Path, tmp_path: Path) -> None:
    """Through the scorer of ``evaluate vcr``; against the path that shares nothing."""
    import torch

    from roi_assistant.evaluation.vcr_run import CaptionerScorer, load_vcr_questions
    from roi_assistant.models.gpt4roi.loading import load_model
    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor

    official_data_sets.make_vcr(tmp_path)
    questions, _ = load_vcr_questions(tmp_path, limit=1)
    captioner, picture = create(), tiny.photo(400, 200)
    choices = [CaptionerScorer(captioner, lambda name: picture, scoring="options").choose(q) for q in questions]
    assert len(choices) == 2
    model, processor = load_model(tiny.files(checkpoint)), Gpt4RoiProcessor.from_pretrained(checkpoint)
    for question, choice in zip(questions, choices, strict=True):
        turns = [Turn("user", question.prompt)]
        given = processor.conversation(turns, boxes=question.boxes, width=question.width, height=question.height)
        prefix = tuple(given.input_ids)
        expected = []
        for option in ("(A)", "(B)", "(C)", "(D)"):
            inputs, [tokens] = processor.answers(
                turns, [option], boxes=question.boxes, width=question.width, height=question.height
            )
            assert inputs.input_ids[: len(prefix) - 1] == prefix[:-1], "the question, and '### ' with an answer behind"
            output = model(
                input_ids=torch.tensor([[*inputs.input_ids, *tokens]]),
                pixel_values=processor.pixels(picture)[None],
                boxes=[given.boxes],
            )
            likely = torch.log_softmax(output.logits[0, -len(tokens) - 1 : -1, :-6], -1)
            expected.append(float(likely[torch.arange(len(tokens)), list(tokens)].sum()))
        assert choice.scores == pytest.approx(expected, abs=1e-3) and len(set(choice.scores)) == 4
        assert choice.place == expected.index(max(expected))


def test_state_tells_its_size(create: Callable[..., Any]) -> None:
    state = create().set_image(tiny.photo())
    assert state.nbytes > 1000
    assert json.dumps(state.nbytes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what is region 1?", "what is <region1>?"),
        ("Region2 and <region1>", "<region2> and <region1>"),
        ("region 4", "region 4"),
        ("the region", "the region"),
        ("subregion1", "subregion1"),
    ],
)
def test_regions_in_words(text: str, expected: str) -> None:
    assert name_regions(text, 3) == expected
