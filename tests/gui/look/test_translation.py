"""The languages: files are read, texts change, and what has no translation stays readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QCoreApplication, QLocale, QObject
from PyQt6.QtWidgets import QApplication

from roi_assistant.errors import FileWriteError
from roi_assistant.sentences import Sentence
from roi_assistant.ui.look.translation import (
    LANGUAGES,
    EnglishTranslator,
    FileTranslator,
    Translation,
    language_for,
    told_in,
    translated,
    translation_file,
)

TS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context><name>Base</name>
  <message><source>Open</source><translation>打开</translation></message>
  <message><source>Later</source><translation type="unfinished">以后</translation></message>
  <message numerus="yes"><source>%n image(s)</source>
    <translation><numerusform>%n 张图片</numerusform></translation></message>
</context>
<context><name>Other</name><message><source>Open</source><translation>开放</translation></message></context>
</TS>
"""


class Base(QObject):
    def texts(self) -> tuple[str, str, str, str]:
        return self.tr("Open"), self.tr("Later"), self.tr("%n image(s)", "", 3), self.tr("%n image(s)", "", 1)


class Derived(Base):
    pass


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "texts.ts"
    path.write_text(TS, encoding="utf-8")
    return path


@pytest.fixture
def file_translator(qapp: QApplication, file: Path) -> Iterator[None]:
    english, chinese = EnglishTranslator(), FileTranslator(file)
    qapp.installTranslator(english)
    qapp.installTranslator(chinese)
    yield
    qapp.removeTranslator(chinese)
    qapp.removeTranslator(english)


@pytest.mark.usefixtures("file_translator")
def test_texts_of_a_class_and_of_those_derived_from_it() -> None:
    assert Base().texts() == ("打开", "Later", "3 张图片", "1 张图片")
    assert Derived().texts() == Base().texts()
    assert QCoreApplication.translate("Other", "Open") == "开放"
    assert QCoreApplication.translate("Other", "Close") == "Close"
    assert QCoreApplication.translate("Other", "%n box(s)", "", 2) == "2 boxs"


def test_english_has_its_plurals(qapp: QApplication) -> None:
    translator = EnglishTranslator()
    qapp.installTranslator(translator)
    try:
        assert Base().texts() == ("Open", "Later", "3 images", "1 image")
    finally:
        qapp.removeTranslator(translator)


def test_the_language_of_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    def speaks(*names: str) -> None:
        class System:
            def uiLanguages(self) -> list[str]:
                return list(names)

        monkeypatch.setattr(QLocale, "system", staticmethod(System))

    assert [language_for(code) for code in LANGUAGES] == list(LANGUAGES)
    speaks("zh-Hans-CN", "zh-CN", "en-US")
    assert language_for("system") == "zh_CN"
    speaks("zh-Hant-TW")
    assert language_for("system") == "en"
    speaks("de-DE", "zh-CN")
    assert language_for("system") == "zh_CN"
    speaks("sw-KE")
    assert language_for("system") == "en"


def test_every_language_has_its_file_and_can_be_used(qapp: QApplication) -> None:
    before = QLocale()
    translation = Translation(qapp)
    try:
        for language in LANGUAGES:
            if language != "en":
                assert translation_file(language).is_file()
            translation.use(language)
            assert translation.language == language
    finally:
        translation.use("en")
        for translator in translation._installed:
            qapp.removeTranslator(translator)
        QLocale.setDefault(before)


def test_texts_by_language_are_told_in_that_of_the_window(qapp: QApplication) -> None:
    translation = Translation(qapp)
    texts = {"en": "good", "zh_CN": "好"}
    translation.use("zh_CN")
    assert told_in(texts) == "好" and told_in({"en": "good"}) == "good"
    translation.use("en")
    assert told_in(texts) == "good" and told_in({}) == ""


def test_errors_and_sentences_are_said_in_the_language_of_the_window(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "sentences.ts"
    path.write_text(
        """<TS version="2.1" language="zh_CN"><context><name>Sentences</name>
        <message><source>{path} cannot be written ({reason}).</source>
          <translation>{path} 无法写入（{reason}）。</translation></message>
        <message><source>Permission denied</source><translation>权限不够</translation></message>
        </context></TS>""",
        encoding="utf-8",
    )
    error = FileWriteError(
        "{path} cannot be written ({reason}).", path="a", reason=PermissionError(13, "Permission denied")
    )
    chinese = FileTranslator(path)
    assert translated(error) == str(error) == "a cannot be written (Permission denied)."
    qapp.installTranslator(chinese)
    try:
        told = "a 无法写入（权限不够）。"
        assert translated(error) == translated(error.sentence) == translated(error.sentence.to_text()) == told
        assert translated(ValueError("odd")) == "ValueError: odd"
        assert translated("") == translated(Sentence()) == ""
        assert translated("a plain text") == "a plain text"
    finally:
        qapp.removeTranslator(chinese)
