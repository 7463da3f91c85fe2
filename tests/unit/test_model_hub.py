"""Downloads from a hub on this machine: what is asked for, what faults do, and that only what is complete looks so."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from roi_assistant import model_hub
from roi_assistant.errors import BadInputError, HubError, ModelFileError
from tests.unit.hub_server import COMMIT, Hub, running_hub

pytest.importorskip("huggingface_hub")

NAME = "lab/eye"
WEIGHTS = os.urandom(3 * model_hub.CHUNK + 5)
FILES = {
    "config.json": b'{"model_type": "eye"}',
    "tokenizer.json": b"{}" * 500,
    "model.safetensors": WEIGHTS,
    "model.fp16.safetensors": b"the same in another form",
    "pytorch_model.bin": b"could hold code",
    "modeling_eye.py": b"import os",
    "README.md": b"# Eye",
    ".gitattributes": b"",
}
NEEDED = ["config.json", "model.safetensors", "tokenizer.json"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import constants, file_download

    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # read when it was imported
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.3)
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(model_hub, "WAIT", 0.0)
    with running_hub() as running:
        running.files[NAME] = dict(FILES)
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def pull(folder: Path, **pinned: str) -> tuple[model_hub.Pin, int]:
    """Download; the pin, and the bytes that were told."""
    told: list[int] = []
    pin = model_hub.download(model_hub.look_up(NAME), folder, pinned=pinned, told=told.append)
    return pin, sum(told)


def test_what_a_checkpoint_needs_comes_and_is_pinned(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "eye"
    remote = model_hub.look_up(NAME)
    assert (remote.revision, remote.licence, remote.size) == (COMMIT, "apache-2.0", sum(len(FILES[n]) for n in NEEDED))
    pin, told = pull(folder)
    assert told == remote.size
    assert sorted(path.name for path in folder.iterdir()) == [*NEEDED[:2], model_hub.PIN, NEEDED[2]]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert pin.files == {name: hashlib.sha256(FILES[name]).hexdigest() for name in NEEDED}
    assert model_hub.read_pin(folder) == pin == model_hub.Pin(NAME, COMMIT, pin.files)
    assert model_hub.damaged_files(folder, pin) == []
    assert list(folder.parent.iterdir()) == [folder], "no lock and no part is left"
    assert not [r for r in hub.requests if r.path.endswith((".bin", ".py", "fp16.safetensors"))]


def test_a_file_that_changed_later_is_found(hub: Hub, tmp_path: Path) -> None:
    pin, _ = pull(tmp_path / "eye")
    (tmp_path / "eye" / "tokenizer.json").write_bytes(b"[]" * 500)
    (tmp_path / "eye" / "config.json").unlink()
    problems = model_hub.damaged_files(tmp_path / "eye", pin)
    assert len(problems) == 2 and "config.json cannot be read" in problems[0] and "tokenizer.json has" in problems[1]


def test_the_token_goes_to_the_hub_and_not_to_its_store(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pull(tmp_path / "eye")
    tokens = {("store" if "/store/" in r.path else "hub"): r.token for r in hub.requests}
    assert tokens == {"hub": "Bearer hf_secret", "store": ""}


def test_a_connection_that_ends_in_the_middle_goes_on_there(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["cut", "cut"]
    _, told = pull(tmp_path / "eye")
    first, second, third = [r.range for r in hub.asked("model.safetensors")]
    assert first == "" and second == f"bytes={model_hub.CHUNK}-" and third > second
    assert told == sum(len(FILES[name]) for name in NEEDED)


def test_a_server_without_ranges_begins_anew(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["cut", "no-range"]
    _, told = pull(tmp_path / "eye")
    assert (tmp_path / "eye" / "model.safetensors").read_bytes() == WEIGHTS
    assert told == sum(len(FILES[name]) for name in NEEDED), "what was thrown away is not counted twice"


def test_a_stall_is_not_waited_for(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["stall"]
    begun = time.monotonic()
    pull(tmp_path / "eye")
    assert time.monotonic() - begun < 5
    assert [r.range for r in hub.asked("model.safetensors")] == ["", f"bytes={model_hub.CHUNK}-"]


def test_a_line_that_stays_dead_ends_in_a_sentence_and_keeps_what_came(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["cut", *["stall"] * 50]
    with pytest.raises(HubError, match=r"cannot be reached \(.+\): start the download again, it goes on where it was"):
        pull(tmp_path / "eye")
    assert not (tmp_path / "eye").exists()
    kept = model_hub.bytes_there(model_hub.look_up(NAME), tmp_path / "eye")
    assert kept >= 2 * model_hub.CHUNK
    hub.faults.clear()
    hub.requests.clear()
    _, told = pull(tmp_path / "eye")
    assert told == sum(len(FILES[name]) for name in NEEDED) - kept
    assert hub.asked("model.safetensors")[0].range.startswith("bytes=") and not hub.asked("config.json")


def test_content_that_differs_is_removed(hub: Hub, tmp_path: Path) -> None:
    for name in ("tokenizer.json", "model.safetensors"):  # in the order in which they come
        hub.faults[name] = ["wrong"]
        with pytest.raises(ModelFileError, match=f"^{name} came with another content .* was removed"):
            pull(tmp_path / "eye")
        partial = model_hub.partial_folder(tmp_path / "eye")
        assert not (tmp_path / "eye").exists()
        assert not (partial / name).exists() and not (partial / (name + model_hub.PART)).exists()
    pull(tmp_path / "eye")


def test_a_pin_counts_more_than_what_the_hub_tells(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"^config\.json came with another content"):
        pull(tmp_path / "eye", **{"config.json": "0" * 64})
    pull(tmp_path / "eye", **{"config.json": hashlib.sha256(FILES["config.json"]).hexdigest()})


def test_a_hub_that_is_busy_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.faults[NAME] = ["503", "500"]
    hub.faults["model.safetensors"] = ["502", "503"]
    pull(tmp_path / "eye")
    hub.faults[NAME] = ["503"] * model_hub.TRIES
    with pytest.raises(HubError, match=r"does not answer as it should \(HTTP 503\)"):
        model_hub.look_up(NAME)
    assert hub.faults[NAME] == []


def test_a_disk_without_room_is_known_before(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = sum(len(FILES[name]) for name in NEEDED) + model_hub.DISK_SPARE
    monkeypatch.setattr(model_hub, "free_disk", lambda folder: needed - 1)
    with pytest.raises(BadInputError, match=r"needs 0\.2 GB and the disk of .* has 0\.2 GB free"):
        pull(tmp_path / "eye")
    assert list(tmp_path.iterdir()) == [] and not hub.asked("config.json")
    monkeypatch.setattr(model_hub, "free_disk", lambda folder: needed)
    pull(tmp_path / "eye")


def test_a_disk_that_fills_up_meanwhile(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = model_hub._Counted.write

    def write(self: model_hub._Counted, data: bytes) -> int:
        if self.tell() >= model_hub.CHUNK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(self, data)

    monkeypatch.setattr(model_hub._Counted, "write", write)
    with pytest.raises(HubError, match=r"cannot be written \(No space left on device\): make room"):
        pull(tmp_path / "eye")
    assert not (tmp_path / "eye").exists() and len(hub.asked("model.safetensors")) == 1
    monkeypatch.undo()
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    pull(tmp_path / "eye")
    assert hub.asked("model.safetensors")[-1].range == f"bytes={model_hub.CHUNK}-"


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "GatedRepo", "lab/eye is gated: open {hub}/lab/eye, accept its terms there"),
        (401, "GatedRepo", "lab/eye is gated"),
        (401, "", "check the name, and set HF_TOKEN if it is private"),
        (403, "", "refuses lab/eye (HTTP 403): accept its terms at {hub}/lab/eye"),
        (404, "RepoNotFound", "has no model lab/eye that everybody may read"),
    ],
)
def test_what_the_hub_refuses(hub: Hub, status: int, code: str, words: str) -> None:
    hub.refusal = (status, code)
    with pytest.raises(HubError) as raised:
        model_hub.look_up(NAME)
    assert words.format(hub=hub.address) in str(raised.value)
    assert len(hub.requests) == 1, "a refusal is not asked again"


def test_what_is_no_checkpoint_and_what_is_no_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HubError, match="lab/eye has no such revision"):
        model_hub.look_up(NAME, revision="a-branch")
    del hub.files[NAME]["model.safetensors"], hub.files[NAME]["model.fp16.safetensors"]
    with pytest.raises(BadInputError, match=r"holds no config\.json or no safetensors"):
        model_hub.look_up(NAME)
    hub.commit = "../../etc"
    with pytest.raises(HubError, match="not as a model hub does"):
        model_hub.look_up(NAME)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        model_hub.look_up(NAME)


def test_names_that_lead_elsewhere_are_no_files_of_a_model(hub: Hub, tmp_path: Path) -> None:
    for name in ("../config.json", "a/../../b.json", "sub/model.safetensors", "C:evil.json", model_hub.PIN, ".x.json"):
        hub.files[NAME][name] = b"{}"
    assert sorted(file.name for file in model_hub.look_up(NAME).files) == NEEDED


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_nothing_is_asked_when_the_environment_says_so(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    remote = model_hub.look_up(NAME)
    hub.requests.clear()
    monkeypatch.setenv(variable, "1")
    with pytest.raises(HubError, match=f"{variable} is set, so nothing is downloaded"):
        model_hub.look_up(NAME)
    with pytest.raises(HubError, match=variable):
        model_hub.download(remote, tmp_path / "eye", told=lambda count: None)
    assert hub.requests == []


def test_a_folder_with_something_in_it_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "eye").mkdir()
    (tmp_path / "eye" / "notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match="is there already"):
        pull(tmp_path / "eye")
    assert [path.name for path in tmp_path.rglob("*")] == ["eye", "notes.txt"]
    (tmp_path / "eye" / "notes.txt").unlink()
    pull(tmp_path / "eye")


def test_parts_of_another_commit_are_not_used(hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["cut", *["stall"] * 50]
    with pytest.raises(HubError):
        pull(tmp_path / "eye")
    assert model_hub.begun_revision(tmp_path / "eye", NAME) == COMMIT
    assert model_hub.begun_revision(tmp_path / "eye", "lab/other") is None
    hub.faults.clear()
    hub.commit = "f" * 40
    hub.files[NAME]["model.safetensors"] = WEIGHTS[::-1]
    pull(tmp_path / "eye")
    assert (tmp_path / "eye" / "model.safetensors").read_bytes() == WEIGHTS[::-1]


def test_a_damaged_pin_is_told(tmp_path: Path) -> None:
    assert model_hub.read_pin(tmp_path) is None
    for text in ("{", "[]", '{"repository": "a/b", "revision": "c"}'):
        (tmp_path / model_hub.PIN).write_text(text)
        with pytest.raises(ModelFileError, match="download the model again"):
            model_hub.read_pin(tmp_path)
    (tmp_path / model_hub.PIN).write_text(
        json.dumps({"repository": "a/b", "revision": "c", "files": {"../secret.json": "0" * 64}})
    )
    with pytest.raises(ModelFileError):
        model_hub.read_pin(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_download_that_was_killed_goes_on(hub: Hub, tmp_path: Path, repository: Path) -> None:
    hub.faults["model.safetensors"] = ["stall"] * 20
    folder = tmp_path / "eye"
    environment = {**os.environ, "ROI_ASSISTANT_HOME": str(tmp_path / "home"), "HF_HOME": str(tmp_path / "hf")}
    command = [sys.executable, "-m", "roi_assistant", "models", "pull", NAME, "--to", str(folder)]
    process = subprocess.Popen(
        command, cwd=repository, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    part = model_hub.partial_folder(folder) / ("model.safetensors" + model_hub.PART)
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size >= model_hub.CHUNK):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not folder.exists()
    listed = subprocess.run(
        [*command[:4], "list", "--json"], cwd=repository, env=environment, capture_output=True, text=True, timeout=60
    )
    assert not [entry for entry in json.loads(listed.stdout) if entry.get("kind") == "folder"]
    kept = part.stat().st_size
    hub.faults.clear()
    hub.requests.clear()
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "MB of them there already" in done.stderr
    assert hub.asked("model.safetensors")[0].range == f"bytes={kept}-"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert "eye is there" in done.stdout
