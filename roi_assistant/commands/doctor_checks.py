"""What ``doctor`` looks at. Libraries that can take the whole process down are tried in a process of their own."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roi_assistant import __version__
from roi_assistant.captioners.devices import has_nvidia_driver
from roi_assistant.errors import MissingDependencyError, ModelFileError, RoiAssistantError

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager

State = Literal["ok", "warning", "failed"]

PYTHON = (3, 11)
_WAL_RESET_TAKEN_BACK = ((3, 44, 6), (3, 50, 7))
PROVIDERS = {"CUDAExecutionProvider": "CUDA", "CPUExecutionProvider": "CPU"}

# A graph of one Identity node on one float (opset 13, IR 8): the smallest thing that makes a provider really load.
_PROBE_MODEL = "CAg6OwoQCgF4EgF5IghJZGVudGl0eRIFcHJvYmVaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAN"
_PROBE_ONNX = f"""
import base64, json
import onnxruntime
model = base64.b64decode("{_PROBE_MODEL}")
loaded = []
for name in {tuple(PROVIDERS)!r}:
    if name in onnxruntime.get_available_providers():
        try:
            if name in onnxruntime.InferenceSession(model, providers=[name]).get_providers():
                loaded.append(name)
        except Exception as error:
            print(error)
print(json.dumps({{"version": onnxruntime.__version__, "loaded": loaded}}))
"""
_PROBE_QT = "from PyQt6.QtWidgets import QApplication; QApplication([]); print('started')"
_DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
_WINDOW_PACKAGES = "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. ``advice`` is empty when there is nothing to do; a warning does not keep captions from working."""

    name: str
    state: State
    found: str
    advice: str = ""


def run_checks(plugins: PluginManager) -> Iterator[Check]:
    """All checks, one after the other; a check that itself fails is reported as failed."""
    checks: dict[str, Callable[[], Iterator[Check]]] = {
        "python": check_python,
        "onnxruntime": check_onnxruntime,
        "models": check_models,
        "plugins": lambda: check_plugins(plugins),
        "window": check_window,
        "folders": check_folders,
        "sqlite": check_sqlite,
        "torch": check_torch,
        "reading text": lambda: check_reading(plugins),
    }
    for name, check in checks.items():
        try:
            yield from check()
        except Exception as error:
            yield Check(name, "failed", f"{type(error).__name__}: {error}")


def check_python() -> Iterator[Check]:
    """Interpreter and program version."""
    version = f"{platform.python_version()} on {platform.system()} {platform.machine()}, RoI Assistant {__version__}"
    if sys.version_info < PYTHON:
        yield Check("python", "failed", version, f"install Python {PYTHON[0]}.{PYTHON[1]} or newer")
    else:
        yield Check("python", "ok", version)


def check_onnxruntime() -> Iterator[Check]:
    """The library that runs the embedded model, and which of its providers really load."""
    both = [name for name in ("onnxruntime", "onnxruntime-gpu") if _version(name)]
    if len(both) == 2:
        advice = "they overwrite each other: uninstall both, then install onnxruntime-gpu again"
        yield Check("onnxruntime", "failed", "onnxruntime and onnxruntime-gpu are both installed", advice)
        return
    answer, errors = _probe(_PROBE_ONNX)
    if answer is None:
        yield Check("onnxruntime", "failed", errors or "it does not start", "install it: pip install onnxruntime-gpu")
        return
    data = json.loads(answer)
    loaded = [PROVIDERS[name] for name in data["loaded"]]
    if "CPU" in loaded:
        yield Check("onnxruntime", "ok", f"{data['version']}, runs on {' and '.join(loaded)}")
    else:
        yield Check("onnxruntime", "failed", f"{data['version']} does not run on the CPU: {errors}", "install it again")
    yield _gpu(loaded, errors)


def _gpu(loaded: list[str], errors: str) -> Check:
    if "CUDA" in loaded:
        return Check("gpu", "ok", "CUDA loads; --device auto uses it")
    if not has_nvidia_driver():
        return Check("gpu", "ok", "no NVIDIA driver; captions run on the CPU")
    missing = re.search(r"lib[\w.+-]+\.so[\w.]*(?=: cannot open)", errors)
    why = f"{missing[0]} is missing" if missing else "the CUDA provider does not load"
    advice = 'pip install "onnxruntime-gpu[cuda,cudnn]" brings CUDA and cuDNN; until then captions run on the CPU'
    return Check("gpu", "warning", f"there is an NVIDIA driver but {why}", advice)


def check_models() -> Iterator[Check]:
    """Every file of every model that ships with the program against the sha256 in its manifest."""
    folders = shipped_models()
    if not folders:
        yield Check("model", "failed", "no model ships with the program", "install RoI Assistant again")
    for folder in folders:
        wrong = damaged_files(folder)
        if wrong:
            yield Check(f"model {folder.name}", "failed", "; ".join(wrong), "install RoI Assistant again")
        else:
            yield Check(f"model {folder.name}", "ok", "all files are as in its manifest")


def shipped_models() -> list[Path]:
    """The folders of the models that ship with the program."""
    from roi_assistant.resources_path import resource

    return sorted(path for path in resource("models").glob("*") if path.is_dir())


def damaged_files(folder: Path) -> list[str]:
    """What keeps the model in ``folder`` from loading, by the loader's own rules; every file is looked at."""
    from roi_assistant.captioners.model_folder import MANIFEST, file_sha256, read_manifest

    try:
        expected = read_manifest(folder)["files"]
    except ModelFileError as error:
        return [f"{MANIFEST} cannot be read: {error}"]
    wrong = []
    for name, sha256 in expected.items():
        try:
            digest = file_sha256(folder / name)
        except ModelFileError as error:
            wrong.append(str(error))
            continue
        if digest != sha256:
            wrong.append(f"{folder / name} has the sha256 {digest[:12]}..., not {sha256[:12]}...")
    return wrong


def check_plugins(plugins: PluginManager) -> Iterator[Check]:
    """Whether each plugin loads."""
    plugins.load_all()
    for problem in plugins.problems:
        yield Check(f"plugin {problem.name}", "warning", problem.message, "repair or remove it; the others work")
    works = len(plugins.plugins) - sum(1 for plugin in plugins.plugins if plugins.problem_of(plugin.manifest.name))
    yield Check("plugins", "ok", f"{works} work")


def check_window() -> Iterator[Check]:
    """Whether Qt starts, first without a display and then on the one that there is."""
    answer, errors = _probe(_PROBE_QT, QT_QPA_PLATFORM="offscreen")
    if answer is None:
        missing = re.search(r"lib[\w.+-]+\.so[\w.]*(?=: cannot open)", errors)
        if missing:
            package = _DEBIAN_PACKAGES.get(missing[0], "the system package that has it")
            yield Check(
                "qt", "warning", f"{missing[0]} is missing", f"apt-get install {package}; only the window needs it"
            )
        else:
            yield Check("qt", "warning", errors or "Qt does not start", "pip install PyQt6; only the window needs it")
        return
    yield Check("qt", "ok", f"PyQt6 {_version('PyQt6')} starts")
    if platform.system() == "Linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        advice = "captions and the demo work without; for the window log in to a desktop, or use ssh -X"
        yield Check("display", "warning", "neither DISPLAY nor WAYLAND_DISPLAY is set", advice)
        return
    answer, errors = _probe(_PROBE_QT)
    if answer is None:
        advice = f"on Debian and Ubuntu: apt-get install {_WINDOW_PACKAGES}"
        yield Check("display", "warning", errors or "Qt cannot open a window", advice)
    else:
        yield Check("display", "ok", "Qt can open a window")


def check_folders() -> Iterator[Check]:
    """Whether settings, plugins and logs can be written, without making anything that stays."""
    from roi_assistant import settings

    for name, folder in (
        ("settings", settings.config_folder()),
        ("data", settings.data_folder()),
        ("log", settings.log_folder()),
    ):
        place = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            advice = f"make {place} writable, or set {settings.HOME_VARIABLE} to a folder that is"
            yield Check(f"{name} folder", "warning", f"{folder} cannot be written ({error.strerror or error})", advice)
        else:
            yield Check(f"{name} folder", "ok", str(folder))


def check_sqlite() -> Iterator[Check]:
    """The library that writes projects, and whether it has the error in resetting its log that SQLite told of in 2026
    (https://sqlite.org/wal.html#walresetbug)."""
    found = sqlite3.sqlite_version
    if has_wal_reset_error(sqlite3.sqlite_version_info):
        found += (
            " has the WAL-reset error, which needs two connections that write to one file at a time: a project has "
            "one, so it is not reached"
        )
    else:
        found += " is without the WAL-reset error"
    yield Check("sqlite", "ok", found)


def has_wal_reset_error(version: tuple[int, ...]) -> bool:
    """Whether a SQLite of this ``version`` can damage a file to which two connections write: 3.7.0 to 3.51.2, but for
    the branches to which the correction was taken back."""
    return (3, 7) <= version < (3, 51, 3) and not any(
        version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_RESET_TAKEN_BACK
    )


def check_torch() -> Iterator[Check]:
    """The extra that training and larger models need."""
    version = _version("torch")
    yield Check("torch", "ok", version or "not installed; only training and larger models need it")


def check_reading(plugins: PluginManager) -> Iterator[Check]:
    """Whether what is written in boxes can be read."""
    try:
        yield Check("reading text", "ok", plugins.create_text_reader().info.name)
    except MissingDependencyError as error:
        yield Check("reading text", "ok", f"off; {error}")
    except RoiAssistantError as error:
        yield Check("reading text", "warning", str(error), "captions work without")


def _probe(code: str, **environment: str) -> tuple[str | None, str]:
    """Last line that ``code`` prints in a process of its own (None when it fails), and what went wrong in one line."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=60,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    lines = done.stdout.strip().splitlines()
    problem = " ".join(done.stderr.split()) or (f"it ended with code {done.returncode}" if done.returncode else "")
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()
        return None, last[-1].strip() if last and "cannot open" not in problem else problem
    return lines[-1], " ".join([*lines[:-1], problem]).strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
