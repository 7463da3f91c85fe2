"""The user's language: ``resources/translations/*.ts`` read as they are, without a step that compiles them, and the one
place where sentences and errors of the code below the window are told in it.

A text that has no translation is shown in English. Texts with a number are written with ``(s)`` in the source, which
English resolves here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLibraryInfo, QLocale, QTranslator

from roi_assistant.errors import RoiAssistantError
from roi_assistant.resources_path import resource
from roi_assistant.sentences import Sentence

LANGUAGES: dict[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""Code -> the language's own name for itself, which is never translated."""


SENTENCES = "Sentences"
"""The context of all templates of `Sentence` and of the errors."""

SYSTEM_REASONS = (
    QT_TRANSLATE_NOOP("Sentences", "File name too long"),
    QT_TRANSLATE_NOOP("Sentences", "Input/output error"),
    QT_TRANSLATE_NOOP("Sentences", "Is a directory"),
    QT_TRANSLATE_NOOP("Sentences", "No space left on device"),
    QT_TRANSLATE_NOOP("Sentences", "No such file or directory"),
    QT_TRANSLATE_NOOP("Sentences", "Not a directory"),
    QT_TRANSLATE_NOOP("Sentences", "Operation not permitted"),
    QT_TRANSLATE_NOOP("Sentences", "Permission denied"),
    QT_TRANSLATE_NOOP("Sentences", "Read-only file system"),
    QT_TRANSLATE_NOOP("Sentences", "Too many open files"),
)
"""Why the system refused, in the words in which an `OSError` has it."""


def translated(what: Sentence | BaseException | str) -> str:
    """A sentence or an error in the language of the window; callable from any thread.

    A text is read by ``Sentence.from_text``: project files and signals hold what ``to_text`` wrote. Other texts stay as
    they are. An error of another library is shown in English, behind its type.
    """
    if isinstance(what, BaseException) and not isinstance(what, RoiAssistantError):
        return f"{type(what).__name__}: {what}"
    sentence = what.sentence if isinstance(what, RoiAssistantError) else what
    if isinstance(sentence, str):
        sentence = Sentence.from_text(sentence)
    return sentence.translated(lambda template: QCoreApplication.translate(SENTENCES, template) if template else "")


def told_in(texts: Mapping[str, str]) -> str:
    """What ``texts``, one by language, say in the language of the window, else in English; "" when there is neither."""
    code = QCoreApplication.translate("Language", "en")  # a translation gives the code of its own language
    return texts.get(code) or texts.get("en", "")


def language_for(setting: str) -> str:
    """The language that the setting ``setting`` asks for: itself, or for ``system`` the one of the desktop."""
    if setting in LANGUAGES:
        return setting
    for locale in QLocale.system().uiLanguages():
        language = locale.replace("-", "_").split("_")[0]
        for known in LANGUAGES:
            if known.split("_")[0] == language and "Hant" not in locale:
                return known
    return "en"


def translation_file(language: str) -> Path:
    """Where the texts of ``language`` ("zh_CN") lie; the file may not exist."""
    return resource("translations", f"roi_assistant_{language}.ts")


class EnglishTranslator(QTranslator):
    """``%n image(s)`` -> ``1 image``, ``2 images``."""

    def isEmpty(self) -> bool:
        return False

    def translate(  # type: ignore[override]
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """None leaves a text as it is in the source."""
        if n < 0 or source is None or "(s)" not in source:
            return None
        return source.replace("(s)", "" if n == 1 else "s")


class FileTranslator(QTranslator):
    """The translations of one ``.ts`` file. Languages with one plural form only.

    Raises:
        OSError, ElementTree.ParseError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._texts: dict[tuple[str, str], str] = {}
        self._anywhere: dict[str, str] = {}
        for context in ElementTree.parse(path).getroot().iter("context"):
            name = context.findtext("name") or ""
            for message in context.iter("message"):
                text = translation_of(message)
                if text:
                    source = message.findtext("source") or ""
                    self._texts[name, source] = text
                    self._anywhere.setdefault(source, text)

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(  # type: ignore[override]
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """The translation, None when there is none."""
        # Qt asks with the class of the object, the file has the class in whose code the text stands: a base class.
        return self._texts.get((context or "", source or "")) or self._anywhere.get(source or "")


def translation_of(message: ElementTree.Element) -> str:
    """The finished translation in a ``message`` element, "" when there is none."""
    element = message.find("translation")
    if element is None or element.get("type") in ("unfinished", "vanished", "obsolete"):
        return ""
    form = element.find("numerusform")
    return (form.text if form is not None else element.text) or ""


class Translation:
    """The translators of an application."""

    def __init__(self, application: QCoreApplication) -> None:
        self._application = application
        self._installed: list[QTranslator] = []
        self.language = ""

    def use(self, setting: str) -> None:
        """Speak the language that ``setting`` asks for; widgets get a LanguageChange event."""
        language = language_for(setting)
        if language == self.language:
            return
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self.language = language
        self._installed = [EnglishTranslator()]
        if language != "en":
            qt = QTranslator()  # buttons and file dialogs of Qt itself
            if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
                self._installed.append(qt)
            self._installed.append(FileTranslator(translation_file(language)))
        QLocale.setDefault(QLocale(language))
        for translator in self._installed:  # the last one that is installed is asked first
            self._application.installTranslator(translator)
