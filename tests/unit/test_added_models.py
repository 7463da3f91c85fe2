"""Models that the user added, and how the program finds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.added_models import (
    AddedModel,
    add_model,
    added_models,
    find_model,
    is_remote,
    model_at,
    remove_model,
    with_free_id,
)
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.errors import BadInputError, FormatError
from roi_assistant.plugins import PluginManager

CUP = AddedModel(id="cup", kind="folder", place="/models/cup")
DESK = AddedModel(id="desk", kind="server", place="http://127.0.0.1:8000/v1", model="a")

PLUGIN = """
from dataclasses import replace
from roi_assistant.api import Box, CaptionerInfo, RegionText, ScoredBox, ScoredText, hookimpl
class Says:
    def __init__(self, id, words):
        self.info, self.words = CaptionerInfo(id, id), words
    def set_image(self, image): return None
    def describe(self, state, boxes, request):
        for box in boxes: yield RegionText(box, ScoredText(self.words, 0.5), category=ScoredText("thing", 0.25))
    def chat(self, state, boxes, turns): return iter(())
    def close(self): pass
class Sees(Says):
    def __init__(self, id, words):
        super().__init__(id, words)
        self.info = replace(self.info, capabilities=frozenset({"proposes"}))
    def propose(self, state, *, most=50): return [ScoredBox(Box(1, 2, 30, 40), 0.5)]
class Servers:
    kind = "server"
    def names(self, place, *, allow_remote=False): return ("a", "b") if "8000" in place else ("only",)
    def open(self, place, *, id, model="", allow_remote=False):
        return lambda *, device="auto", threads=None: Says(id, f"{model} at {place}")
class Folders:
    kind = "folder"
    def names(self, place, *, allow_remote=False): return ("",) if place.endswith("known") else ()
    def open(self, place, *, id, model="", allow_remote=False):
        made = Sees if "seeing" in place else Says
        return (lambda *, device="auto", threads=None: made(id, "from a folder")) if place.endswith("known") else None
@hookimpl
def register_model_openers(register):
    register("servers", Servers())
    register("folders", Folders())
"""


def test_a_list_that_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "models.json"
    assert added_models(file) == ()
    add_model(CUP, file)
    add_model(DESK, file)
    add_model(AddedModel(id="cup", kind="folder", place="/elsewhere"), file)
    assert added_models(file) == (DESK, AddedModel(id="cup", kind="folder", place="/elsewhere"))
    assert find_model("desk", file) == DESK and find_model("nothing", file) is None
    assert remove_model("desk", file) == DESK
    with pytest.raises(BadInputError, match="'desk' was not added; there are: cup"):
        remove_model("desk", file)
    with pytest.raises(BadInputError, match="no id"):
        add_model(AddedModel(id="../up", kind="folder", place="/x"), file)


@pytest.mark.parametrize("text", ["", "[", '{"models": 1}', '{"models": [{"id": "a"}]}', "[" * 5000])
def test_a_damaged_list_is_told_and_left(tmp_path: Path, text: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    with pytest.raises(FormatError, match=r"models\.json cannot be read"):
        added_models(file)
    with pytest.raises(FormatError):
        add_model(CUP, file)
    assert file.read_text() == text


def test_a_place_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "Qwen3 VL").mkdir()
    folder = model_at(str(tmp_path / "Qwen3 VL"))
    assert folder == AddedModel(id="Qwen3-VL", kind="folder", place=str(tmp_path / "Qwen3 VL"))
    server = model_at("http://user:secret@127.0.0.1:8000/v1/", model="org/x")
    assert server is not None and (server.id, server.place) == (
        "127.0.0.1-8000-org-x",
        "http://user:secret@127.0.0.1:8000/v1",
    )
    assert model_at(str(tmp_path / "none")) is None and model_at("") is None and model_at("ftp://x") is None
    assert with_free_id(CUP, ("cup", "cup-2")).id == "cup-3"


@pytest.mark.parametrize(
    ("host", "remote"),
    [("localhost", False), ("127.0.0.1", False), ("127.1.2.3", False), ("[::1]", False), ("desk", True),
     ("127.0.0.1.evil.com", True), ("192.168.0.2", True)],
)  # fmt: skip
def test_what_leaves_this_machine(host: str, remote: bool) -> None:
    assert is_remote(AddedModel(id="x", kind="server", place=f"http://{host}:8000/v1")) == remote


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with a plugin that opens servers and folders."""
    data = tmp_path / "data"
    plugin = data / "plugins" / "opening"
    plugin.mkdir(parents=True)
    (plugin / "__init__.py").write_text(PLUGIN)
    manifest = {"name": "opening", "version": "1", "kinds": ["opener"], "module": "opening"}
    (plugin / "plugin.json").write_text(json.dumps(manifest))
    for path in (data, data / "plugins", plugin, plugin / "__init__.py", plugin / "plugin.json"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    monkeypatch.setattr("roi_assistant.settings.data_folder", lambda: data)
    monkeypatch.setattr("roi_assistant.settings.user_plugins_folder", lambda: data / "plugins")
    (tmp_path / "known").mkdir()
    (tmp_path / "other").mkdir()
    return tmp_path


@pytest.fixture(autouse=True)
def only_that_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundled openers are tested for themselves."""
    shipped = PluginManager.ids

    def ids(self: PluginManager, kind: Any) -> Any:
        found = shipped(self, kind)
        return {id_: plugin for id_, plugin in found.items() if kind != "opener" or plugin.origin == "folder"}

    monkeypatch.setattr(PluginManager, "ids", ids)


def test_a_folder_and_a_server_are_models_at_once(door: Path) -> None:
    manager = PluginManager(packages=False)
    captioner = manager.create_captioner(str(door / "known"))
    assert captioner.info.id == "known"
    server = manager.create_captioner("http://127.0.0.1:1/v1")
    (text,) = server.describe(None, [1], None)  # type: ignore[list-item, arg-type]
    assert text.caption.text == " at http://127.0.0.1:1/v1"
    with pytest.raises(BadInputError, match="no model that this program or a plugin can open"):
        manager.create_captioner(str(door / "other"))
    with pytest.raises(BadInputError, match="There is no model 'nothing'"):
        manager.create_captioner("nothing")


def test_models_are_added_tried_and_forgotten(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "add", str(door / "known")]) == 0
    assert "known is added" in capsys.readouterr().out
    assert main(["models", "add", "http://localhost:9000/v1", "--id", "desk"]) == 0
    capsys.readouterr()
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "desk" in out and "server" in out and "known" in out
    assert main(["models", "list", "--json"]) == 0
    assert {
        "id": "desk",
        "kind": "server",
        "place": "http://localhost:9000/v1",
        "model": "only",
        "makes": "captioner",
    } in json.loads(capsys.readouterr().out)
    assert main(["models", "path", "desk"]) == 0
    assert capsys.readouterr().out.strip() == "http://localhost:9000/v1"
    assert main(["models", "path", "gpt4roi-mini"]) == 0
    assert capsys.readouterr().out.strip().endswith("gpt4roi-mini")
    assert main(["models", "try", "desk"]) == 0
    out = capsys.readouterr().out
    assert "only at http://localhost:9000/v1" in out and "thing" in out
    assert main(["models", "remove", "desk"]) == 0
    assert [model.id for model in added_models()] == ["known"]


def test_what_cannot_be_added(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["http://127.0.0.1:8000/v1"], "has several models: give --model with one of a, b"),
        (["http://127.0.0.1:8000/v1", "--model", "c"], "has no model c; there are: a, b"),
        (["http://192.168.0.9:9000/v1"], "Photos would be sent to"),
        ([str(door / "other")], "no model that this program or a plugin can open"),
        (["nothing"], "is no folder and no address"),
        ([str(door / "known"), "--id", "gpt4roi-mini"], "that is there already"),
        ([str(door / "known"), "--id", "a b"], "is no id"),
        (["http://127.0.0.1:9000/v1", "--precision", "int8"], "--precision is of a folder"),
    ):
        assert main(["models", "add", *arguments]) == 2
        assert message in capsys.readouterr().err
    assert added_models() == ()
    assert main(["models", "add", "http://192.168.0.9:9000/v1", "--allow-remote"]) == 0
    assert added_models()[0].allow_remote


def test_a_captioner_that_proposes_finds_boxes(door: Path) -> None:
    manager = PluginManager(packages=False)
    (door / "seeing-known").mkdir()
    proposer = manager.create_proposer(str(door / "seeing-known"))
    assert list(proposer.propose(Image.new("RGB", (60, 60)))) == [Box(1, 2, 30, 40)]
    for place in (str(door / "known"), "http://127.0.0.1:1/v1"):
        with pytest.raises(BadInputError, match="writes captions and finds no boxes: give it to --model"):
            manager.create_proposer(place)
    with pytest.raises(BadInputError, match="no model that this program or a plugin can open"):
        manager.create_proposer(str(door / "other"))


def test_a_folder_that_is_gone(door: Path) -> None:
    place = door / "was-here"
    add_model(AddedModel(id="cats", kind="folder", place=str(place), makes="proposer"))
    manager = PluginManager(packages=False)
    for create in (manager.create_proposer, manager.create_captioner):
        with pytest.raises(BadInputError) as raised:
            create("cats")
        assert str(raised.value).startswith(f"The folder of cats is gone: {place}. Bring it back")


def test_an_opener_that_knows_no_precision_is_not_asked_for_one(door: Path) -> None:
    assert main(["models", "add", str(door / "known"), "--precision", "int8"]) == 0
    assert added_models()[0].precision == "int8"
    assert main(["models", "try", "known"]) == 2
