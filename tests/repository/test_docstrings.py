"""Every public function of the package, and every public method of its public classes, says what it does.

Left out are what is documented elsewhere: methods that Qt calls, overrides and implementations of a documented member
of a base class or Protocol of the package, and setters, whose property is documented.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PACKAGE = "roi_assistant"
QT = ("PyQt6.", "pyqtgraph.")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class ClassCode:
    """A class as its file has it; ``bases`` are dotted names such as ``PyQt6.QtWidgets.QWidget``."""

    name: str
    bases: tuple[str, ...]
    methods: dict[str, ast.stmt]
    attributes: frozenset[str]


@dataclass(frozen=True)
class Module:
    """A module's syntax tree and what its names stand for."""

    name: str
    place: str
    tree: ast.Module

    @cached_property
    def imported(self) -> dict[str, str]:
        """Local name -> dotted name, imports under ``TYPE_CHECKING`` and inside functions included."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        return names

    def classes(self) -> Iterator[ClassCode]:
        """The classes at the top of the module."""
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                bases = tuple(self.dotted(base) for base in node.bases)
                methods: dict[str, ast.stmt] = {}
                for statement in node.body:
                    if isinstance(statement, Function):
                        methods.setdefault(statement.name, statement)
                yield ClassCode(f"{self.name}.{node.name}", bases, methods, attributes_of(node))

    def dotted(self, base: ast.expr) -> str:
        """The full name of a base class, without its type parameters."""
        if isinstance(base, ast.Subscript):
            base = base.value
        first, _, rest = ast.unparse(base).partition(".")
        start = self.imported.get(first, f"{self.name}.{first}")
        return f"{start}.{rest}" if rest else start


def attributes_of(node: ast.ClassDef) -> frozenset[str]:
    """Names that the body of a class, or a method by way of ``self``, gives a value."""
    assigned: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and ast.unparse(part.value) == "self":
            assigned.add(part.attr)
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            assigned |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            assigned.add(statement.target.id)
    return frozenset(assigned)


def modules_of(root: Path) -> list[Module]:
    """All modules of the package below ``root``."""
    modules = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        place = path.relative_to(root)
        name = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        modules.append(Module(name, place.as_posix(), ast.parse(path.read_text(encoding="utf-8"))))
    return modules


def is_documented(statement: ast.stmt | None) -> bool:
    """Whether ``statement`` is a function with a docstring."""
    return isinstance(statement, Function) and ast.get_docstring(statement) is not None


def is_setter(statement: ast.stmt) -> bool:
    """Whether ``statement`` sets or deletes a property."""
    decorators = statement.decorator_list if isinstance(statement, Function) else []
    return any(isinstance(node, ast.Attribute) and node.attr in ("setter", "deleter") for node in decorators)


class Inheritance:
    """Which methods a class has from elsewhere."""

    def __init__(self, modules: list[Module]) -> None:
        self.classes = {code.name: code for module in modules for code in module.classes()}
        self.protocols = [code for code in self.classes.values() if "typing.Protocol" in code.bases]

    def ancestors(self, code: ClassCode) -> tuple[list[ClassCode], set[str]]:
        """The base classes of ``code`` that are in the package, and the names of the others."""
        ours: list[ClassCode] = []
        others: set[str] = set()
        waiting = list(code.bases)
        while waiting:
            name = waiting.pop()
            if name in self.classes:
                ours.append(self.classes[name])
                waiting += self.classes[name].bases
            else:
                others.add(name)
        return ours, others

    def has(self, code: ClassCode, name: str) -> bool:
        """Whether a class has the member ``name``, itself or from a base."""
        ours, _ = self.ancestors(code)
        return any(name in one.methods or name in one.attributes for one in (code, *ours)) or self.is_of_qt(code, name)

    def is_of_qt(self, code: ClassCode, name: str) -> bool:
        """Whether a base of the class that is Qt's has the member ``name``."""
        _, others = self.ancestors(code)
        return any(hasattr(qt_class(other), name) for other in others if other.startswith(QT))

    def implements(self, code: ClassCode, protocol: ClassCode) -> bool:
        """Whether a class has every method of ``protocol``, those of the Protocols that it extends included."""
        ours, _ = self.ancestors(protocol)
        return all(self.has(code, method) for one in (protocol, *ours) for method in one.methods)

    def is_documented_elsewhere(self, code: ClassCode, method: str) -> bool:
        """Whether Qt, a base class or a Protocol that ``code`` implements documents ``method``."""
        ours, _ = self.ancestors(code)
        protocols = (one for one in self.protocols if one.name != code.name and method in one.methods)
        sources = (*ours, *(protocol for protocol in protocols if self.implements(code, protocol)))
        return any(is_documented(one.methods.get(method)) for one in sources) or self.is_of_qt(code, method)


def qt_class(name: str) -> object:
    """The Qt class with this dotted name."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def undocumented(root: Path) -> list[str]:
    """Public functions and methods of the package below ``root`` without a docstring, as ``path: name``."""
    modules = modules_of(root)
    inheritance = Inheritance(modules)
    missing = []
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, Function) and not node.name.startswith("_") and not is_documented(node):
                missing.append(f"{module.place}:{node.lineno}: {node.name}")
        for code in module.classes():
            own = code.name.rpartition(".")[2]
            if own.startswith("_"):
                continue
            for name, method in code.methods.items():
                if name.startswith("_") or is_documented(method) or is_setter(method):
                    continue
                if not inheritance.is_documented_elsewhere(code, name):
                    missing.append(f"{module.place}:{method.lineno}: {own}.{name}")
    return missing


def test_every_public_function_has_a_docstring(repository: Path) -> None:
    assert undocumented(repository) == []


EXAMPLE = '''
from typing import Protocol
from PyQt6.QtWidgets import QWidget

class Speaker(Protocol):
    def speak(self) -> str:
        """One sentence."""
    def stop(self) -> None:
        """At the end of it."""

class Both:
    {both}
    def speak(self) -> str: return ""

class Base(QWidget):
    def sizeHint(self): return super().sizeHint()
    def told(self) -> None:
        """Emitted."""

class Derived(Base):
    @property
    def width_hint(self) -> int:
        """Pixels."""
    @width_hint.setter
    def width_hint(self, value: int) -> None: ...
    def told(self) -> None: ...
    def paintEvent(self, event) -> None: ...

class _Private:
    def anything(self) -> None: ...

{more}
'''


@pytest.mark.parametrize(
    ("both", "more", "expected"),
    [
        ("def stop(self) -> None: ...", "", []),
        ("stop = None", "", []),
        ("def halt(self) -> None: ...", "", ["Both.halt", "Both.speak"]),
        ("def stop(self) -> None: ...", "def free() -> None: ...", ["free"]),
        ("def stop(self) -> None: ...", "class New(Base):\n    def paint_event(self): ...", ["New.paint_event"]),
    ],
)
def test_what_needs_a_docstring(tmp_path: Path, both: str, more: str, expected: list[str]) -> None:
    (tmp_path / PACKAGE).mkdir()
    (tmp_path / PACKAGE / "example.py").write_text(EXAMPLE.format(both=both, more=more), encoding="utf-8")
    assert [line.rpartition(" ")[2] for line in undocumented(tmp_path)] == expected
