"""``roi-assistant doctor``: each finding, and the advice for each failure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.commands import doctor_checks
from roi_assistant.commands.doctor_checks import (
    Check,
    check_folders,
    check_models,
    check_onnxruntime,
    check_plugins,
    check_python,
    check_reading,
    check_sqlite,
    check_window,
    damaged_files,
    has_wal_reset_error,
    run_checks,
)
from roi_assistant.errors import MissingDependencyError, ModelFileError
from roi_assistant.plugins import PluginManager

Run = Callable[..., Any]


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say what the processes that try libraries answer, instead of starting them."""

    def answer(*answers: tuple[str | None, str]) -> None:
        left = list(answers)
        monkeypatch.setattr(doctor_checks, "_probe", lambda code, **environment: left.pop(0))

    return answer


def onnx(*loaded: str) -> str:
    return json.dumps({"version": "1.31", "loaded": [f"{name}ExecutionProvider" for name in loaded]})


def test_python() -> None:
    [check] = check_python()
    assert check.state == "ok"


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks, "PYTHON", (99, 0))
    [check] = check_python()
    assert (check.state, check.advice) == ("failed", "install Python 99.0 or newer")


def test_onnxruntime_really_loads() -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    runtime, _ = check_onnxruntime()
    assert runtime.state == "ok"
    assert "runs on" in runtime.found and "CPU" in runtime.found


@pytest.mark.parametrize(
    ("answer", "errors", "driver", "states", "words"),
    [
        (onnx("CUDA", "CPU"), "", True, ["ok", "ok"], "CUDA loads"),
        (onnx("CPU"), "", False, ["ok", "ok"], "no NVIDIA driver"),
        (
            onnx("CPU"),
            "Failed to load library: libcudnn.so.9: cannot open shared object file",
            True,
            ["ok", "warning"],
            "there is an NVIDIA driver but libcudnn.so.9 is missing",
        ),
        (onnx("CPU"), "", True, ["ok", "warning"], "the CUDA provider does not load"),
        (onnx(), "no memory", False, ["failed", "ok"], ""),
        (None, "No module named 'onnxruntime'", False, ["failed"], ""),
    ],
)
def test_what_onnxruntime_can_do(
    probes: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    answer: str | None,
    errors: str,
    driver: bool,
    states: list[str],
    words: str,
) -> None:
    probes((answer, errors))
    monkeypatch.setattr(doctor_checks, "_version", lambda name: "")
    monkeypatch.setattr(doctor_checks, "has_nvidia_driver", lambda: driver)
    checks = list(check_onnxruntime())
    assert [check.state for check in checks] == states
    assert words in checks[-1].found
    assert all(bool(check.advice) == (check.state != "ok") for check in checks)


def test_two_runtimes_that_overwrite_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks, "_version", lambda name: "1.31")
    [check] = check_onnxruntime()
    assert check.state == "failed"
    assert "uninstall both" in check.advice


# -------------------------------------------------------------------------------------------------------------- models


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model folder with two files in order."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    files = {"a.onnx": b"abc", "b.json": b"{}"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    entries = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (folder / "manifest.json").write_text(json.dumps({"id": "tiny", "name": "Tiny", "files": entries}))
    return folder


def test_a_model_in_order(model: Path) -> None:
    assert damaged_files(model) == []


def test_damaged_model_files(model: Path) -> None:
    (model / "a.onnx").write_bytes(b"abd")
    (model / "b.json").unlink()
    changed, missing = damaged_files(model)
    assert "a.onnx has the sha256 " in changed and ", not ba7816bf8f01..." in changed
    assert "b.json cannot be read" in missing


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {"a.onnx": {}}}', '{"files": {"a.onnx": 5}}'])
def test_a_damaged_manifest(model: Path, text: str) -> None:
    (model / "manifest.json").write_text(text)
    [problem] = damaged_files(model)
    assert "manifest.json cannot be read" in problem


def test_a_manifest_without_files(model: Path) -> None:
    (model / "manifest.json").write_text('{"id": "tiny", "name": "Tiny", "files": {}}')
    [problem] = damaged_files(model)
    assert "lists no files" in problem


def test_models_of_the_program(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roi_assistant.resources_path.resource", lambda *parts: model.parent)
    assert [check.state for check in check_models()] == ["ok"]
    (model / "a.onnx").unlink()
    [check] = check_models()
    assert (check.name, check.state) == ("model tiny", "failed")
    monkeypatch.setattr("roi_assistant.resources_path.resource", lambda *parts: model)
    [check] = check_models()
    assert check.state == "failed"
    assert "no model" in check.found


# -------------------------------------------------------------------------------------------- plugins, window, folders


def test_plugins(home: Path) -> None:
    assert [check.state for check in check_plugins(PluginManager())] == ["ok"]
    (home / "data" / "plugins" / "fake" / "__init__.py").write_text("raise ValueError")
    broken, summary = check_plugins(PluginManager())
    assert (broken.name, broken.state) == ("plugin fake", "warning")
    assert summary.state == "ok"


@pytest.mark.parametrize(
    ("answers", "display", "states", "advice"),
    [
        ([("started", "")], "", ["ok", "warning"], "the demo work without"),
        ([("started", ""), ("started", "")], ":0", ["ok", "ok"], ""),
        ([("started", ""), (None, "could not load the plugin xcb")], ":0", ["ok", "warning"], "libxcb-cursor0"),
        ([(None, "ImportError: libEGL.so.1: cannot open shared object file")], ":0", ["warning"], "install libegl1"),
        ([(None, "ImportError: libodd.so.7: cannot open shared object file")], ":0", ["warning"], "that has it"),
        ([(None, "No module named 'PyQt6'")], ":0", ["warning"], "pip install PyQt6"),
    ],
)
def test_the_window(
    probes: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    answers: list[tuple[str | None, str]],
    display: str,
    states: list[str],
    advice: str,
) -> None:
    probes(*answers)
    monkeypatch.setattr(doctor_checks.platform, "system", lambda: "Linux")
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    checks = list(check_window())
    assert [check.state for check in checks] == states
    assert advice in checks[-1].advice


def test_folders_that_can_be_written_are_not_made(home: Path) -> None:
    checks = list(check_folders())
    assert [check.state for check in checks] == ["ok", "ok", "ok"]
    assert not (home / "log").exists()


def test_folders_that_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor_checks.tempfile, "TemporaryFile", refuse)
    for check in check_folders():
        assert check.state == "warning"
        assert "Permission denied" in check.found
        assert "ROI_ASSISTANT_HOME" in check.advice


def test_reading_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plugins:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def create_text_reader(self) -> Any:
            raise self.error

    def found(error: Exception) -> Check:
        (check,) = check_reading(Plugins(error))  # type: ignore[arg-type]
        return check

    assert found(MissingDependencyError("install it")) == Check("reading text", "ok", "off; install it")
    assert found(ModelFileError("damaged")).state == "warning"
    pytest.importorskip("rapidocr", reason="reading text needs the extra 'ocr'")
    (check,) = check_reading(PluginManager(user=Path("/no plugins"), packages=False))
    assert check.state == "ok" and check.found.startswith("RapidOCR 3.")


# ---------------------------------------------------------------------------------------------------------- as a whole


def test_a_check_that_fails_itself_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_python() -> Any:
        raise ZeroDivisionError("odd")
        yield

    for name in (
        "check_onnxruntime",
        "check_models",
        "check_plugins",
        "check_window",
        "check_folders",
        "check_reading",
    ):
        monkeypatch.setattr(doctor_checks, name, lambda *_: iter([Check("x", "ok", "fine")]))
    monkeypatch.setattr(doctor_checks, "check_python", check_python)
    checks = list(run_checks(PluginManager()))
    assert checks[0] == Check("python", "failed", "ZeroDivisionError: odd")
    assert len(checks) == 9


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("warning", 0), ("failed", 1)])
def test_what_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch, state: Any, code: int) -> None:
    checks = [Check("python", "ok", "3.11"), Check("window", state, "odd\nlines", "do this")]
    monkeypatch.setattr(doctor_checks, "run_checks", lambda plugins: iter(checks))
    result = run("doctor")
    assert result.code == code
    assert result.out.splitlines() == [
        "ok       python               3.11",
        f"{state:<8} window               odd\\nlines",
        " " * 30 + "-> do this",
    ]
    document = json.loads(run("doctor", "--json").out)
    assert document[1] == {"name": "window", "state": state, "found": "odd\nlines", "advice": "do this"}


def test_a_library_that_takes_the_process_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks, "_PROBE_ONNX", "import os; os.abort()")
    monkeypatch.setattr(doctor_checks, "_version", lambda name: "")
    [check] = check_onnxruntime()
    assert check.state == "failed"
    assert "ended with code" in check.found


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_versions_of_sqlite_with_the_wal_reset_error(version: tuple[int, ...], has_it: bool) -> None:
    assert has_wal_reset_error(version) is has_it
    (check,) = check_sqlite()
    assert (check.state, "WAL-reset error" in check.found) == ("ok", True)
