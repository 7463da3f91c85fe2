"""Every text that a user can see is translated into Simplified Chinese, and none goes past the translator.

The texts are read from the syntax trees of ``roi_assistant/ui``, and the sentences and errors of the code below it from
those of all modules that a window imports. When this fails, run

    .venv/bin/python scripts/update_translations.py

and translate what is marked as unfinished.
"""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from roi_assistant.ui.look.translation import LANGUAGES, SENTENCES, translation_file, translation_of
from roi_assistant.ui.window.actions import edit_labels
from scripts import update_translations
from scripts.update_translations import (
    PLUGIN_TEXTS,
    NotATextError,
    Text,
    called,
    calls,
    literal,
    sentences,
    texts,
    texts_of_package,
    window_modules,
)

UI = update_translations.PACKAGE / "ui"

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
    return update_translations.trees(UI)


def translations(language: str) -> dict[tuple[str, str], str]:
    """(context, source) -> finished translation."""
    texts_of = {}
    for context in ElementTree.parse(translation_file(language)).getroot().iter("context"):
        for message in context.iter("message"):
            if text := translation_of(message):
                texts_of[context.findtext("name") or "", message.findtext("source") or ""] = text
    return texts_of


@pytest.fixture(scope="module")
def asked() -> list[Text]:
    """All texts but those of plugins that nobody has translated: a plugin may stay in English."""
    known = {key for language in LANGUAGES if language != "en" for key in translations(language)}
    return [
        text
        for text in texts_of_package()
        if not text.place.startswith(PLUGIN_TEXTS) or (text.context, text.source) in known
    ]


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
    used = {(text.context, text.source) for text in asked}
    stale = [f"{context}: {source!r}" for context, source in translations(language) if (context, source) not in used]
    assert not stale, "\n".join(stale)


def test_no_text_goes_past_the_translator() -> None:
    problems = [problem for tree, name in trees() for problem in untranslated(tree, name)]
    assert not problems, "\n".join(problems)


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
    makers = ("Edit", "_add", "apply", "change", "commit")
    used = {
        label
        for tree, _ in trees()
        for _, call in calls(tree)
        if called(call) in makers and call.args and (label := literal(call.args[0])) is not None
    }
    assert {"Draw box", "Accept", "Delete"} <= used, "the search for labels finds nothing any more"
    assert used <= edit_labels(), f"add to rows in ui/window/actions.py: {sorted(used - edit_labels())}"


def test_a_text_that_is_put_together_is_refused() -> None:
    with pytest.raises(NotATextError, match="code:1"):
        list(texts(ast.parse('self.tr(f"Hello {name}")'), "code"))


def test_texts_are_found_in_their_contexts() -> None:
    code = """
class A:
    def f(self):
        self.tr("one")
        QCoreApplication.translate("B", "two")
QT_TRANSLATE_NOOP("C", "three")
"""
    keys = [(text.context, text.source) for text in texts(ast.parse(code), "code")]
    assert keys == [("A", "one"), ("B", "two"), ("C", "three")]


def test_sentences_and_errors_are_found() -> None:
    code = """
raise ImageError("{path} is empty.", path=path)
what = Sentence.of("{n} boxes", n=3) if n else Sentence("no boxes")
losses.add("region", "dropped", "it has no caption", example=where)
raise ValueError("for programmers")
damaged(Sentence(str(error)))
"""
    keys = [(text.context, text.source) for text in sentences(ast.parse(code), "code")]
    assert keys == [(SENTENCES, t) for t in ("{path} is empty.", "{n} boxes", "no boxes", "it has no caption")]


@pytest.mark.parametrize(
    "code",
    [
        'raise ImageError(f"{path} is empty.")',
        'Sentence.of(f"{n} boxes")',
        'Sentence("no " + what)',
        'losses.add("region", "dropped", f"it is {state}", example=where)',
    ],
)
def test_a_sentence_that_is_put_together_is_refused(code: str) -> None:
    with pytest.raises(NotATextError, match="code:1"):
        list(sentences(ast.parse(code), "code"))


def test_sentences_are_looked_for_in_all_that_a_window_imports() -> None:
    modules = window_modules()
    assert {"formats/coco_reading.py", "formats/json_files.py", "storage/region_import.py"} <= modules, "by a detour"
    assert {"engine/child.py", "captioners/mini/captioner.py", "captioners/asking.py"} <= modules, "in other processes"
    assert not {"cli.py", "commands/caption.py", "evaluation/vcr.py", "formats/vcr_annotations.py"} & modules


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_updating_the_file_changes_nothing_when_no_text_has_changed(
    asked: list[Text], language: str, tmp_path: Path
) -> None:
    file = tmp_path / "copy.ts"
    before = translation_file(language).read_bytes()
    file.write_bytes(before)
    update_translations.update(file, asked)
    assert file.read_bytes() == before


def test_updating_adds_removes_and_keeps(tmp_path: Path) -> None:
    file = tmp_path / "small.ts"
    file.write_text('<?xml version="1.0" encoding="utf-8"?><TS version="2.1" language="zh_CN"></TS>', encoding="utf-8")
    first = [Text("B", "a & b"), Text("B", "<c>"), Text("A", "%n image(s)", counted=True)]
    update_translations.update(file, first)
    words = file.read_text(encoding="utf-8")
    assert words.count('type="unfinished"') == 3
    assert words.index("<name>A</name>") < words.index("<name>B</name>")
    translated = words.replace(
        """<source>&lt;c&gt;</source>
      <translation type="unfinished">""",
        """<source>&lt;c&gt;</source>
      <translation>译 &amp; 文""",
    ).replace(' type="unfinished">\n        <numerusform>', ">\n        <numerusform>%n 张")
    file.write_text(translated, encoding="utf-8")
    update_translations.update(file, [Text("B", "new"), *first])
    after = file.read_text(encoding="utf-8")
    assert "<translation>译 &amp; 文</translation>" in after and "<numerusform>%n 张</numerusform>" in after
    assert after.index("&lt;c&gt;") < after.index("new"), "a new text comes behind those that are there"
    update_translations.update(file, first)
    assert file.read_text(encoding="utf-8") == translated
