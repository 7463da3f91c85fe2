"""Which module of the package imports which, by their syntax trees: imports inside functions count, too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def module_name(path: Path, root: Path) -> str:
    """``roi_assistant/core/__init__.py`` below ``root`` -> ``roi_assistant.core``."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.Module, module: str = "", *, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Line and full name of all that ``tree`` imports, wherever; relative names are resolved against ``module``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".") if module else []
                parents = parts[: len(parts) - node.level + is_package]
                base = ".".join((*parents, base) if base else parents)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def import_graph(root: Path, package: str) -> dict[str, frozenset[str]]:
    """Module -> modules that it imports, both within ``package``, a folder below ``root``."""
    paths = {module_name(path, root): path for path in sorted((root / package).rglob("*.py"))}
    graph = {}
    for module, path in paths.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [name for _, name in imports_of(tree, module, is_package=path.name == "__init__.py")]
        # ``from a import b`` is of the module ``a.b``, or of something in ``a``.
        imported = (name if name in paths else name.rpartition(".")[0] for name in names)
        graph[module] = frozenset(name for name in imported if name in paths and name != module)
    return graph


def reachable(graph: dict[str, frozenset[str]], starts: Iterable[str]) -> frozenset[str]:
    """``starts`` and all that they import, by whatever detour."""
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += graph[module]
    return frozenset(reached)
