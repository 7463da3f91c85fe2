"""Every text that a user can see is translated into Simplified Chinese, and none goes past the translator.

The texts are read from the syntax trees of ``roi_assistant/ui``. When this fails, run

    .venv/bin/pylupdate6 --no-obsolete --ts resources/translations/roi_assistant_zh_CN.ts roi_assistant/ui

and translate what is marked as unfinished.
"""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from roi_assistant.ui.edit_labels import EDIT_LABELS
from roi_assistant.ui.translation import LANGUAGES, translation_file, translation_of

UI = Path(__file__).resolve().parents[3] / "roi_assistant" / "ui"

SHOWING = frozenset(
    {
        "setText",
        "setToolTip",
        "setPlaceholderText",
        "setAccessibleName",
        "setAccessibleDescription",
        "setWindowTitle",
        "setTitle",
        "setLabel",
        "setStatusTip",
        "setWhatsThis",
        "setInformativeText",
        "setDetailedText",
        "setHorizontalHeaderLabels",
        "setHeaderLabels",
        "setSuffix",
        "setPrefix",
        "setSpecialValueText",
        "addAction",
        "addMenu",
        "addItem",
        "addItems",
        "addRow",
        "addTab",
        "addToolBar",
        "insertItem",
        "show_message",
        "set_message",
        "set_hint",
        "add_form_row",
        "showText",
        "QLabel",
        "QPushButton",
        "QToolButton",
        "QCheckBox",
        "QRadioButton",
        "QGroupBox",
        "QAction",
        "QMenu",
        "QDockWidget",
        "QListWidgetItem",
        "QTableWidgetItem",
        "QTreeWidgetItem",
        "Heading",
        "Hint",
        "Card",
        "BarChart",
        "Histogram",
        "HeatMap",
        "emit",
    }
)
"""Methods and widgets that show the texts that they are given; signals, which may carry a message."""
NAMES = re.compile(r"[a-z_-]+")
"""What a program calls things by: a level, an item's data, a state."""
NOT_SHOWN = frozenset({"RoI Assistant"})
"""The name of the program is the same everywhere."""
WORD = re.compile(r"[A-Za-z]{2,}")
PLACE = re.compile(r"\{[^{}]*\}|%n")
CONTEXTS = ("translate", "QT_TRANSLATE_NOOP")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the code, in the context in which the translator is asked for it."""

    context: str
    source: str
    place: str


def modules() -> list[Path]:
    return sorted(UI.rglob("*.py"))


def called(node: ast.Call) -> str:
    function = node.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def calls(tree: ast.AST, context: str = "") -> Iterator[tuple[str, ast.Call]]:
    """All calls with the class in which they stand."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call):
            yield context, child
        yield from calls(child, child.name if isinstance(child, ast.ClassDef) else context)


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts(tree: ast.AST, name: str) -> Iterator[Text]:
    """What the translator is asked for.

    Raises:
        AssertionError: a text that no tool can find, because it is put together while the program runs.
    """
    for context, call in calls(tree):
        place = f"{name}:{call.lineno}"
        if called(call) == "tr":
            source = literal(call.args[0])
            assert source is not None, f"{place}: tr() needs a text that stands there as it is"
            yield Text(context, source, place)
        elif called(call) in CONTEXTS and len(call.args) >= 2:
            of, source = literal(call.args[0]), literal(call.args[1])
            if called(call) == "QT_TRANSLATE_NOOP":
                assert of is not None and source is not None, f"{place}: QT_TRANSLATE_NOOP needs texts"
            if of is not None and source is not None:
                yield Text(of, source, place)


def untranslated(tree: ast.AST, name: str) -> Iterator[str]:
    """Texts with words that are shown without the translator."""
    for _, call in calls(tree):
        if called(call) not in SHOWING:
            continue
        named = [keyword.value for keyword in call.keywords if keyword.arg in ("text", "title", "tooltip")]
        for index, argument in enumerate((*call.args, *named)):
            quiet = called(call) in ("emit", "show_message") or index > 0
            for words in shown_words(argument):
                if WORD.search(words) and words not in NOT_SHOWN and not (quiet and NAMES.fullmatch(words)):
                    yield f"{name}:{call.lineno}: {called(call)}({words!r})"


def shown_words(node: ast.expr) -> Iterator[str]:
    """The literal texts of an argument, also within f-strings, sums, lists and choices."""
    if (text := literal(node)) is not None:
        yield text
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield str(part.value)
    elif isinstance(node, ast.BinOp):
        yield from shown_words(node.left)
        yield from shown_words(node.right)
    elif isinstance(node, ast.IfExp):
        yield from shown_words(node.body)
        yield from shown_words(node.orelse)
    elif isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield from shown_words(item)
    elif isinstance(node, ast.Call) and called(node) == "format" and isinstance(node.func, ast.Attribute):
        yield from shown_words(node.func.value)


def trees() -> Iterator[tuple[ast.Module, str]]:
    for path in modules():
        yield ast.parse(path.read_text(encoding="utf-8")), path.relative_to(UI).as_posix()


def translations(language: str) -> dict[tuple[str, str], str]:
    """(context, source) -> finished translation."""
    found = {}
    for context in ElementTree.parse(translation_file(language)).getroot().iter("context"):
        for message in context.iter("message"):
            if text := translation_of(message):
                found[context.findtext("name") or "", message.findtext("source") or ""] = text
    return found


@pytest.fixture(scope="module")
def asked() -> list[Text]:
    return [text for tree, name in trees() for text in texts(tree, name)]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_text_has_a_finished_translation(asked: list[Text], language: str) -> None:
    known = translations(language)
    missing = [
        f"{text.place}: {text.context}: {text.source!r}" for text in asked if (text.context, text.source) not in known
    ]
    assert not missing, f"{len(missing)} texts without translation:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_translations_have_the_same_places_for_values(language: str) -> None:
    wrong = [
        f"{context}: {source!r} -> {text!r}"
        for (context, source), text in translations(language).items()
        if Counter(PLACE.findall(source)) != Counter(PLACE.findall(text))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_menus_keep_their_access_keys_and_dots(language: str) -> None:
    wrong = []
    for (context, source), text in translations(language).items():
        key, other = (re.search(r"&(\w)", words) for words in (source, text))
        if (key is None) != (other is None) or (key and other and key[1].casefold() != other[1].casefold()):
            wrong.append(f"{context}: {source!r} -> {text!r}")
        if source.endswith("…") != text.endswith("…"):
            wrong.append(f"{context}: {source!r} -> {text!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_the_file_holds_nothing_that_is_not_asked_for(asked: list[Text], language: str) -> None:
    wanted = {(text.context, text.source) for text in asked}
    stale = [f"{context}: {source!r}" for context, source in translations(language) if (context, source) not in wanted]
    assert not stale, "\n".join(stale)


def test_no_text_goes_past_the_translator() -> None:
    found = [problem for tree, name in trees() for problem in untranslated(tree, name)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        'self.label.setText("Hello there")',
        'QLabel(f"Hello {name}")',
        'self.setToolTip("Open " + name)',
        'box.addItem("Full" if full else "None at all")',
        'self.message.show_message("error", "It broke.")',
        'label.setText("{} images".format(3))',
        'self.notice.emit("error", "It broke.")',
    ],
)
def test_the_search_for_such_texts_finds_them(code: str) -> None:
    assert list(untranslated(ast.parse(code), "code"))


@pytest.mark.parametrize(
    "code",
    [
        'combo.addItem(self.tr("Full"), "coco-full")',
        'self.label.setText(self.tr("Hello"))',
        'label.setText("–")',
        'strip.show_message("error", str(error))',
    ],
)
def test_the_search_leaves_translated_texts_alone(code: str) -> None:
    assert not list(untranslated(ast.parse(code), "code"))


def test_the_names_of_all_edits_are_translated() -> None:
    makers = ("Edit", "_change", "_add", "_commit", "_commit_changes")
    used = {
        label
        for tree, _ in trees()
        for _, call in calls(tree)
        if called(call) in makers and call.args and (label := literal(call.args[0])) is not None
    }
    assert {"Draw box", "Accept", "Delete"} <= used, "the search for labels finds nothing any more"
    assert used <= set(EDIT_LABELS), f"add to ui/edit_labels.py: {sorted(used - set(EDIT_LABELS))}"


def test_a_text_that_is_put_together_is_refused() -> None:
    with pytest.raises(AssertionError, match="code:1"):
        list(texts(ast.parse('self.tr(f"Hello {name}")'), "code"))


def test_texts_are_found_in_their_contexts() -> None:
    code = """
class A:
    def f(self):
        self.tr("one")
        QCoreApplication.translate("B", "two")
QT_TRANSLATE_NOOP("C", "three")
"""
    found = [(text.context, text.source) for text in texts(ast.parse(code), "code")]
    assert found == [("A", "one"), ("B", "two"), ("C", "three")]
