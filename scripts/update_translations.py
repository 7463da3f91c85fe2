"""Bring ``resources/translations/*.ts`` up to date with the texts in the code; what is new is left unfinished.

    .venv/bin/python scripts/update_translations.py

Translations are kept and texts that are gone are removed. Texts stay where they stand in the file, new ones come behind
those of their context, and there are no line numbers: a change of code that changes no text changes no byte. (PyQt's
own ``pylupdate6`` writes every line anew, and does not know the sentences and errors of the code below the window.)
"""

from __future__ import annotations

import ast
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.import_graph import import_graph, module_name, reachable

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, PLUGINS = ROOT / "roi_assistant", ROOT / "plugins"
TRANSLATIONS = ROOT / "resources" / "translations"

PLUGIN_TEXTS = "plugins/"
"""Where texts of plugins stand; they need no translation, and are told in English without one."""

SENTENCES = "Sentences"
"""The context of errors and of other sentences that code without a window makes."""
STARTS = ("ui", "engine.child", "api")
"""What a window runs: itself, the model's process, and plugins, which see the program through the api."""
ACTION_TABLE = "ui/window/actions.py"
"""Its rows, ``Action(id, text, ...)``, are texts too."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the code, in the context in which the translator is asked for it. ``place`` is for messages."""

    context: str
    source: str
    place: str = ""
    counted: bool = False
    """It is said of a number, ``%n image(s)``."""


class NotATextError(Exception):
    """A text that nobody can translate, because it is put together while the program runs."""


def trees(*folders: Path) -> Iterator[tuple[ast.Module, str]]:
    """The syntax trees of the modules below ``folders``, each with its path: in the package, or ``plugins/...``."""
    for folder in folders or (PACKAGE, PLUGINS):
        for path in sorted(folder.rglob("*.py")):
            base = PACKAGE if path.is_relative_to(PACKAGE) else ROOT
            yield ast.parse(path.read_text(encoding="utf-8")), path.relative_to(base).as_posix()


def window_modules() -> frozenset[str]:
    """Paths in the package of the modules whose sentences a window may show: all that it imports by whatever detour."""
    graph = import_graph(ROOT, PACKAGE.name)
    starts = [m for m in graph for start in STARTS if f"{m}.".startswith(f"{PACKAGE.name}.{start}.")]
    modules = reachable(graph, starts)
    return frozenset(
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if module_name(path, ROOT) in modules
    )


def texts_of_package() -> Iterator[Text]:
    """All texts that a window shows.

    Raises:
        NotATextError: one of them cannot be translated.
    """
    shown = window_modules()
    for tree, name in trees():
        if name.startswith("ui/"):
            yield from texts(tree, name)
        if name in shown or name.startswith(PLUGIN_TEXTS):
            yield from sentences(tree, name)


def calls(tree: ast.AST, context: str = "") -> Iterator[tuple[str, ast.Call]]:
    """All calls with the class in which they stand."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call):
            yield context, child
        yield from calls(child, child.name if isinstance(child, ast.ClassDef) else context)


def called(node: ast.Call) -> str:
    """``f`` of ``f()`` and of ``a.b.f()``."""
    function = node.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts(tree: ast.AST, name: str) -> Iterator[Text]:
    """What Qt's translator is asked for in the module ``name``.

    Raises:
        NotATextError: ``tr``, or a row of the table of actions, of something that is no literal text.
    """
    for context, call in calls(tree):
        place = f"{name}:{call.lineno}"
        if called(call) == "tr":
            yield Text(context, _needed(literal(call.args[0]), place), place, len(call.args) > 2)
        elif called(call) == "Action" and name == ACTION_TABLE:
            yield Text("Actions", _needed(literal(call.args[1]), place), place)
            for edit in next((word.value.elts for word in call.keywords if word.arg == "edits"), ()):  # type: ignore[attr-defined]
                yield Text("Edits", _needed(literal(edit), place), place)
        elif called(call) in ("translate", "QT_TRANSLATE_NOOP") and len(call.args) >= 2:
            of, source = literal(call.args[0]), literal(call.args[1])
            if of is not None and source is not None:
                yield Text(of, source, place, len(call.args) > 3)
            elif called(call) == "QT_TRANSLATE_NOOP":
                _needed(None, place)


def _needed(source: str | None, place: str) -> str:
    if source is None:
        raise NotATextError(f"{place}: a text that stands there as it is belongs here.")
    return source


def sentences(tree: ast.AST, name: str) -> Iterator[Text]:
    """The templates of errors, of ``Sentence`` and of the losses of an export in the module ``name``.

    Raises:
        NotATextError: an f-string where a template and its values belong.
    """
    for _, call in calls(tree):
        source = _template(call)
        if source is None:
            continue
        place = f"{name}:{call.lineno}"
        if isinstance(source, ast.JoinedStr | ast.BinOp):
            raise NotATextError(f"{place}: give the template and its values, not a text that is put together.")
        text = literal(source)
        if text:
            yield Text(SENTENCES, text, place)


def _template(call: ast.Call) -> ast.expr | None:
    function, arguments = call.func, call.args
    if isinstance(function, ast.Name) and (function.id in _errors() or function.id in ("Sentence", "Misfit")):
        return arguments[0] if arguments else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        owner = function.value.id
        if (owner, function.attr) == ("Sentence", "of"):
            return arguments[0]
        if (owner, function.attr) == ("losses", "add") and len(arguments) == 3:
            return arguments[2]
    return None


def _errors() -> frozenset[str]:
    from roi_assistant import errors

    return frozenset(name for name in vars(errors) if name.endswith("Error"))


def update(file: Path, texts: Iterable[Text]) -> None:
    """Write the messages ``texts`` to ``file``, with the translations that it has."""
    root = ElementTree.parse(file).getroot()
    by_context: dict[str, dict[str, ElementTree.Element]] = {
        context.findtext("name") or "": {m.findtext("source") or "": m for m in context.iter("message")}
        for context in root.iter("context")
    }
    asked: dict[str, dict[str, bool]] = {}
    for text in texts:
        counted = asked.setdefault(text.context, {})
        counted[text.source] = counted.get(text.source, False) or text.counted
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append("<TS {}>".format(" ".join(f'{name}="{value}"' for name, value in root.attrib.items())))
    for context in sorted(asked):
        known, sources = by_context.get(context, {}), asked[context]
        lines += ["  <context>", f"    <name>{escape(context)}</name>"]
        for source in [*(s for s in known if s in sources), *(s for s in sources if s not in known)]:
            lines += _message(source, known.get(source), counted=sources[source])
        lines.append("  </context>")
    file.write_text("\n".join([*lines, "</TS>", ""]), encoding="utf-8")


def _message(source: str, known: ElementTree.Element | None, *, counted: bool) -> list[str]:
    translation = known.find("translation") if known is not None else None
    kind = translation.get("type") if translation is not None else "unfinished"
    head = f'<translation type="{kind}">' if kind else "<translation>"
    forms = translation.findall("numerusform") if translation is not None else []
    words = [escape(form.text or "") for form in forms] or [
        escape((translation.text if translation is not None else "") or "").strip()
    ]
    body = [f"      {head}{words[0]}</translation>"]
    if counted:
        inner = [f"        <numerusform>{word}</numerusform>" for word in words]
        body = [f"      {head}", *inner, "      </translation>"]
    opening = '    <message numerus="yes">' if counted else "    <message>"
    return [opening, f"      <source>{escape(source)}</source>", *body, "    </message>"]


if __name__ == "__main__":
    found = list(texts_of_package())
    for path in sorted(TRANSLATIONS.glob("*.ts")):
        update(path, found)
        print(path.relative_to(ROOT))
