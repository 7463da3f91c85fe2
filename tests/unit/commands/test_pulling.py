"""``roi-assistant models pull``, and what becomes of the model that it brought."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from roi_assistant import model_hub
from roi_assistant.added_models import AddedModel, add_model, added_models
from roi_assistant.captioners.model_folder import combined_sha256
from tests.unit.hub_server import COMMIT, Hub, running_hub

pytest.importorskip("huggingface_hub")

Run = Callable[..., Any]
FILES = {"config.json": b"{}", "model.safetensors": b"w" * 3_000_000}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import constants

    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(model_hub, "WAIT", 0.0)
    with running_hub() as running:
        for repository in ("Qwen/Qwen3-VL-2B-Instruct", "Qwen/Qwen2.5-VL-3B-Instruct", "lab/My.Eye", "lab/nc-eye"):
            running.files[repository] = dict(FILES)
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def listed(run: Run) -> dict[str, dict[str, Any]]:
    return {model["id"]: model for model in json.loads(run("models", "list", "--json").out)}


def test_a_model_of_the_catalogue_comes_and_is_added(run: Run, hub: Hub, home: Path) -> None:
    before = listed(run)["qwen3-vl-2b"]
    assert (before["kind"], before["revision"], before["begun"]) == ("catalogue", "not pinned", False)
    result = run("models", "pull", "qwen3-vl-2b")
    folder = home / "data" / "models" / "qwen3-vl-2b"
    assert (result.code, result.out) == (0, "qwen3-vl-2b is there: roi-assistant models try qwen3-vl-2b\n")
    assert "Licence: Apache-2.0, commercial use: yes (the hub says apache-2.0). 3.0 MB in 2 files" in result.err
    assert listed(run)["qwen3-vl-2b"] == {
        "id": "qwen3-vl-2b",
        "kind": "folder",
        "place": str(folder),
        "model": "",
        "makes": "captioner",
        "precision": "auto",
        "repository": "Qwen/Qwen3-VL-2B-Instruct",
        "revision": COMMIT,
    }
    table = run("models", "list").out
    assert [line.split()[0] for line in table.splitlines() if line].count("qwen3-vl-2b") == 1
    assert max(map(len, table.split("\n\n")[1].splitlines())) <= 120
    hub.requests.clear()
    assert "is in" in run("models", "pull", "qwen3-vl-2b").err
    assert hub.requests == [], "what is there is not asked for again"


def test_a_licence_that_forbids_commercial_use_is_said_before_anything_is_asked(run: Run, hub: Hub) -> None:
    result = run("models", "pull", "qwen2.5-vl-3b")
    assert result.code == 2 and "forbids commercial use: give --accept-licence" in result.err
    assert hub.requests == []
    assert run("models", "pull", "qwen2.5-vl-3b", "--accept-licence").code == 0
    hub.tags = ["license:cc-by-nc-4.0"]
    result = run("models", "pull", "lab/nc-eye")
    assert result.code == 2 and "(cc-by-nc-4.0) forbids commercial use" in result.err
    assert not hub.asked("config.json")[2:]
    assert run("models", "pull", "lab/nc-eye", "--accept-licence").code == 0


def test_a_repository_that_is_not_in_the_catalogue(run: Run, hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "eye"
    result = run("models", "pull", "lab/My.Eye", "--to", folder, "--revision", COMMIT)
    assert result.code == 0 and result.out.startswith("my.eye is there")
    assert "Licence: not in the catalogue, the hub says apache-2.0." in result.err
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert run("models", "path", "my.eye").out == f"{folder}\n"
    assert run("models", "pull", "no-such-model").err.startswith("'no-such-model' is not in the catalogue")


def test_an_id_that_another_model_has_is_not_taken_from_it(run: Run, hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    add_model(AddedModel(id="qwen3-vl-2b", kind="folder", place=str((tmp_path / "mine").resolve())))
    assert run("models", "pull", "qwen3-vl-2b").out.startswith("qwen3-vl-2b-2 is there")
    assert [model.id for model in added_models()] == ["qwen3-vl-2b", "qwen3-vl-2b-2"]


def test_a_pull_that_failed_is_not_there_and_goes_on(run: Run, hub: Hub, home: Path) -> None:
    hub.faults["model.safetensors"] = ["404"]
    result = run("models", "pull", "qwen3-vl-2b")
    assert result.code == 3 and "HTTP 404" in result.err
    assert added_models() == () and listed(run)["qwen3-vl-2b"]["begun"]
    assert run("models", "pull", "qwen3-vl-2b").code == 0
    assert len(hub.asked("config.json")) == 1


def test_progress_for_another_program(run: Run, hub: Hub) -> None:
    result = run("models", "pull", "qwen3-vl-2b", "--json-progress")
    *lines, last = result.out.splitlines()
    progress = [json.loads(line) for line in lines]
    assert progress[-1] == {"bytes": 3_000_002, "of": 3_000_002, "seconds_left": progress[-1]["seconds_left"]}
    assert last.startswith("qwen3-vl-2b is there")


def test_what_was_pulled_is_verified(run: Run, hub: Hub, home: Path, tmp_path: Path) -> None:
    run("models", "pull", "qwen3-vl-2b")
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_text("{}")
    add_model(AddedModel(id="own", kind="folder", place=str(own)))
    result = run("models", "verify")
    folder = home / "data" / "models" / "qwen3-vl-2b"
    assert result.code == 0
    assert result.out.splitlines()[1:] == [f"ok       {folder}", f"not pinned {own}"]
    (folder / "model.safetensors").write_bytes(b"v" + FILES["model.safetensors"][1:])
    result = run("models", "verify")
    assert result.code == 3 and f"damaged  {folder}" in result.out and "model.safetensors has the sha256" in result.err


def test_files_are_deleted_only_where_pull_made_them(run: Run, hub: Hub, home: Path, tmp_path: Path) -> None:
    run("models", "pull", "qwen3-vl-2b")
    folder = home / "data" / "models" / "qwen3-vl-2b"
    (folder / "notes.md").write_text("mine")
    result = run("models", "remove", "qwen3-vl-2b", "--files")
    assert result.out == "qwen3-vl-2b is forgotten; its files are deleted.\n"
    assert [path.name for path in folder.iterdir()] == ["notes.md"], "what somebody put there stays"
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_text("{}")
    add_model(AddedModel(id="own", kind="folder", place=str(own)))
    result = run("models", "remove", "own", "--files")
    assert result.code == 2 and "was not made by models pull" in result.err
    assert (own / "config.json").exists() and [model.id for model in added_models()] == ["own"]
    assert run("models", "remove", "nothing", "--files").code == 2


def test_what_an_interrupted_download_left_is_deleted(run: Run, hub: Hub, home: Path) -> None:
    hub.faults["model.safetensors"] = ["404"]
    run("models", "pull", "qwen3-vl-2b")
    assert run("models", "remove", "qwen3-vl-2b", "--files").code == 0
    assert list((home / "data" / "models").iterdir()) == []


def test_an_interruption_says_what_is_kept(run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_hub, "download", interrupted)
    result = run("models", "pull", "qwen3-vl-2b")
    assert result.code == 130 and "0.0 MB of 3.0 MB are kept: run it again to go on." in result.err
    assert added_models() == ()


def test_a_model_that_was_not_downloaded_says_how(run: Run, hub: Hub, photo: Path) -> None:
    result = run("caption", photo, "--box", "1,1,90,90", "--model", "qwen3-vl-8b")
    assert result.code == 2 and "qwen3-vl-8b is not downloaded yet: run roi-assistant models pull" in result.err
    assert hub.requests == [], "nothing is fetched unless she asks"


def test_offline_is_a_sentence(run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = run("models", "pull", "qwen3-vl-2b")
    assert result.code == 3 and "HF_HUB_OFFLINE is set, so nothing is downloaded" in result.err
    assert hub.requests == [] and run("models", "list").code == 0


def test_a_model_that_was_pulled_captions_without_a_network(
    run: Run, hub: Hub, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.unit import tiny_vlms

    made = tiny_vlms.qwen3_vl(tmp_path / "published")
    hub.files["lab/tiny"] = {path.name: path.read_bytes() for path in made.iterdir() if path.is_file()}
    assert run("models", "pull", "lab/tiny").code == 0
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.requests.clear()
    result = run("caption", photo, "--box", "100,100,300,300", "--model", "tiny", "--device", "cpu", "--json")
    assert result.code == 0, result.err
    document = json.loads(result.out)
    sha256 = hashlib.sha256((made / "model.safetensors").read_bytes()).hexdigest()
    assert document["model"]["weights_sha256"] == combined_sha256({"model.safetensors": sha256})
    [region] = document["images"][0]["regions"]
    assert region["box"] == [100.0, 100.0, 300.0, 300.0] and region["caption"]["text"]
    assert hub.requests == []
    assert run("models", "verify").code == 0
