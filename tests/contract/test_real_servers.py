"""Servers of other people, as they are, with a small model of random weights: what a simulator cannot show."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from plugins.local_vlm import open_folder
from plugins.openai_server import open_server
from plugins.openai_server.captioner import ServerCaptioner
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeSchema, DescribeRequest, Turn
from roi_assistant.errors import CaptionerError
from roi_assistant.vlm.chat_captioner import Ask, ChatCaptioner, Message

from .real_servers import llama_server, transformers_serve

LLAMA_CPP = os.environ.get("ROI_ASSISTANT_LLAMA_CPP", "")
"""Source code of llama.cpp with build/bin/llama-server; it takes minutes to compile."""
MISSING = [name for name in ("transformers", "fastapi", "uvicorn", "openai") if importlib.util.find_spec(name) is None]
PHOTO = Image.new("RGB", (320, 240), (90, 140, 200))
"""One color: as JPEG it is the same picture, so that two ways to the model must give the same words."""
ASKS = [
    Ask(messages=(Message("user", text, (PHOTO,)),), most_tokens=12)
    for text in ("What is this?", "Which color has the thing?", "Is it a cup?")
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.unit.tiny_vlms import qwen3_vl

    return qwen3_vl(tmp_path_factory.mktemp("served") / "tiny-qwen3-vl")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            "transformers", marks=pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING) or 'nothing'}")
        ),
        pytest.param(
            "llama.cpp", marks=pytest.mark.skipif(not LLAMA_CPP, reason="ROI_ASSISTANT_LLAMA_CPP names no llama.cpp")
        ),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def address(kind: str, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    runs = transformers_serve(checkpoint, folder) if kind == "transformers" else None
    with runs or llama_server(Path(LLAMA_CPP), checkpoint, folder) as address:
        yield address


@pytest.fixture
def served(address: str) -> Iterator[ServerCaptioner]:
    captioner = open_server(address)(device="cpu")
    assert isinstance(captioner, ServerCaptioner)
    yield captioner
    captioner.close()


def test_it_says_what_the_same_model_says_in_this_process(kind: str, served: ServerCaptioner, checkpoint: Path) -> None:
    if kind != "transformers":
        pytest.skip("it makes other pixels of a photo")
    opener = open_folder(checkpoint)
    assert opener is not None
    here = opener(device="cpu")
    assert isinstance(here, ChatCaptioner)
    expected = [answer.text for answer in here._model.answers(ASKS)]
    here.close()
    assert [answer.text.strip() for answer in served._model.answers(ASKS)] == [text.strip() for text in expected]
    assert len(set(expected)) > 1, "and it depends on what is asked"


def test_what_it_does_not_take_costs_a_note_and_no_caption(kind: str, served: ServerCaptioner) -> None:
    state = served.set_image(PHOTO)
    (text,) = served.describe(state, [Box(20, 20, 200, 200)], DescribeRequest(attributes=AttributeSchema("none")))
    assert text.caption.text, "random weights write no JSON: the caption says so, and what they wrote is kept"
    assert text.raw_output
    if kind == "transformers":
        assert any("no probabilities" in note for note in served.info.notes)


def test_words_have_probabilities_where_it_tells_them(kind: str, served: ServerCaptioner) -> None:
    if kind == "transformers":
        pytest.skip("it tells none")
    reply = served._server.replies(ASKS[0], options=5)
    assert reply.answer.tokens and all(token.log_probability <= 0 for token in reply.answer.tokens)
    assert all(1 < len(dict(alternatives)) <= 1 + 5 for alternatives in reply.alternatives)


def test_a_chat_about_two_boxes_comes_in_pieces(served: ServerCaptioner) -> None:
    state = served.set_image(PHOTO)
    boxes = [Box(20, 20, 100, 100), Box(120, 40, 300, 220)]
    pieces = list(served.chat(state, boxes, [Turn("user", "Is <region1> left of <region2>?")]))
    assert len(pieces) > 1 and "".join(pieces)


def test_leaving_an_answer_leaves_the_server_free_for_the_next(served: ServerCaptioner) -> None:
    class Left(Exception):
        pass

    def leave() -> None:
        raise Left

    state = served.set_image(PHOTO)
    pieces = served.chat(state, [Box(20, 20, 100, 100)], [Turn("user", "Tell all of <region1>.")])
    next(iter(pieces))
    served.interrupt = leave
    with pytest.raises(Left):
        list(pieces)
    served.interrupt = lambda: None
    assert next(served._model.answers(ASKS[:1])).text


def test_a_model_that_it_does_not_have_is_named(address: str) -> None:
    with pytest.raises(CaptionerError, match="has no model other/model"):
        open_server(address, model="other/model")(device="cpu")


def test_the_command_line_adds_it_and_lets_it_caption(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    photo = tmp_path / "photo.png"
    PHOTO.save(photo)
    assert main(["models", "add", address, "--id", "desk"]) == 0
    capsys.readouterr()
    command = ["caption", str(photo), "--box", "20,20,200,200", "--box", "100,60,102,62", "--model", "desk", "--json"]
    assert main(command) == 0
    document = json.loads(capsys.readouterr().out)
    assert "127.0.0.1" in json.dumps(document)
    assert json.dumps(document).count('"caption"') >= 2
