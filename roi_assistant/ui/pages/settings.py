"""The settings as a form that is made from their schema in ``roi_assistant.settings``. A change counts at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QPushButton, QSpinBox, QWidget

from roi_assistant.added_models import Made, added_models
from roi_assistant.errors import FormatError
from roi_assistant.plugin_manifest import refused_plugins
from roi_assistant.settings import CAPTIONER, NO_MODEL, Settings, SettingSpec, default_of, setting_specs, settings_file
from roi_assistant.ui.look.translation import LANGUAGES, translated
from roi_assistant.ui.pages.page import Card, Hint, Page, add_form_row, form_layout

GROUPS: dict[str, str] = {
    "look": QT_TRANSLATE_NOOP("Settings", "Look and language"),
    "canvas": QT_TRANSLATE_NOOP("Settings", "Canvas"),
    "images": QT_TRANSLATE_NOOP("Settings", "List of images"),
    "suggestions": QT_TRANSLATE_NOOP("Settings", "Suggestions"),
    "model": QT_TRANSLATE_NOOP("Settings", "Model"),
}
TEXTS: dict[str, tuple[str, str]] = {
    "theme": (QT_TRANSLATE_NOOP("Settings", "Theme"), ""),
    "language": (QT_TRANSLATE_NOOP("Settings", "Language"), ""),
    "show_labels": (QT_TRANSLATE_NOOP("Settings", "Show captions on the image"), ""),
    "show_attributes": (QT_TRANSLATE_NOOP("Settings", "Show attribute values on the image"), ""),
    "line_width": (QT_TRANSLATE_NOOP("Settings", "Width of the lines of boxes"), ""),
    "box_fill": (QT_TRANSLATE_NOOP("Settings", "Opacity inside boxes"), ""),
    "category_colors": (
        QT_TRANSLATE_NOOP("Settings", "Color boxes by category"),
        QT_TRANSLATE_NOOP("Settings", "Otherwise by review state"),
    ),
    "crosshair": (QT_TRANSLATE_NOOP("Settings", "Crosshair at the pointer"), ""),
    "snap": (QT_TRANSLATE_NOOP("Settings", "Snap to the edges of other boxes and of the image"), ""),
    "image_sort": (QT_TRANSLATE_NOOP("Settings", "Sort by"), ""),
    "image_sort_reversed": (QT_TRANSLATE_NOOP("Settings", "The other way round"), ""),
    "image_groups": (QT_TRANSLATE_NOOP("Settings", "Group by"), ""),
    "suggest_on_draw": (
        QT_TRANSLATE_NOOP("Settings", "Describe a box as soon as it is drawn or moved"),
        QT_TRANSLATE_NOOP("Settings", "Otherwise press R"),
    ),
    "advance": (
        QT_TRANSLATE_NOOP("Settings", "Go on to the next region that waits after a decision"),
        QT_TRANSLATE_NOOP("Settings", "After accept, reject, an alternative, or Enter in the caption"),
    ),
    "keep_previous": (
        QT_TRANSLATE_NOOP("Settings", "Keep the boxes of the previous image"),
        QT_TRANSLATE_NOOP("Settings", "On going to the next image, they appear there with their words, to be reviewed"),
    ),
    "advance_image": (
        QT_TRANSLATE_NOOP("Settings", "Go on to the next image after the last decision"),
        QT_TRANSLATE_NOOP("Settings", "To one with regions that wait, unless you drew boxes on this one"),
    ),
    "caption_style": (QT_TRANSLATE_NOOP("Settings", "Captions are"), ""),
    "alternatives": (
        QT_TRANSLATE_NOOP("Settings", "Alternatives"),
        QT_TRANSLATE_NOOP("Settings", "How many other captions are offered under the keys 1 to 9"),
    ),
    "attribute_score": (
        QT_TRANSLATE_NOOP("Settings", "Attributes from a score of"),
        QT_TRANSLATE_NOOP("Settings", "The probability that a person would agree; less likely ones are left out"),
    ),
    "memory": (
        QT_TRANSLATE_NOOP("Settings", "Learn from what I accept"),
        QT_TRANSLATE_NOOP(
            "Settings", "Regions that look like those that you named in this project are named like them"
        ),
    ),
    "box_on_click": (
        QT_TRANSLATE_NOOP("Settings", "A click boxes the object"),
        QT_TRANSLATE_NOOP(
            "Settings", "With the tool that draws, where there is no box yet; else a click only deselects"
        ),
    ),
    "model": (QT_TRANSLATE_NOOP("Settings", "Model"), ""),
    "proposer": (
        QT_TRANSLATE_NOOP("Settings", "Suggests boxes"),
        QT_TRANSLATE_NOOP("Settings", "The model itself, or a detector that was added on the page Models"),
    ),
    "second_model": (
        QT_TRANSLATE_NOOP("Settings", "Second model"),
        QT_TRANSLATE_NOOP("Settings", "Asked about boxes with words to compare: Shift+R; “none” for no second one"),
    ),
    "device": (
        QT_TRANSLATE_NOOP("Settings", "Device"),
        QT_TRANSLATE_NOOP("Settings", "Automatic takes the GPU when there is one that works"),
    ),
    "threads": (
        QT_TRANSLATE_NOOP("Settings", "CPU threads"),
        QT_TRANSLATE_NOOP("Settings", "0 leaves it to the model"),
    ),
    "prefetch": (QT_TRANSLATE_NOOP("Settings", "Prepare the next and the previous image"), ""),
    "cache_mb": (
        QT_TRANSLATE_NOOP("Settings", "Memory for prepared images"),
        QT_TRANSLATE_NOOP("Settings", "In the process of the model"),
    ),
    "idle_minutes": (
        QT_TRANSLATE_NOOP("Settings", "Unload the model after"),
        QT_TRANSLATE_NOOP("Settings", "Without work for so long it gives its memory back; the next box loads it again"),
    ),
}
CHOICES: dict[str, str] = {
    "system": QT_TRANSLATE_NOOP("Settings", "As the system"),
    "light": QT_TRANSLATE_NOOP("Settings", "Light"),
    "dark": QT_TRANSLATE_NOOP("Settings", "Dark"),
    "name": QT_TRANSLATE_NOOP("Settings", "name"),
    "date": QT_TRANSLATE_NOOP("Settings", "date of the file"),
    "to_review": QT_TRANSLATE_NOOP("Settings", "how many wait for review"),
    "certainty": QT_TRANSLATE_NOOP("Settings", "least certain suggestion"),
    "none": QT_TRANSLATE_NOOP("Settings", "nothing"),
    "folder": QT_TRANSLATE_NOOP("Settings", "folder"),
    "state": QT_TRANSLATE_NOOP("Settings", "state"),
    "description": QT_TRANSLATE_NOOP("Settings", "descriptions"),
    "phrase": QT_TRANSLATE_NOOP("Settings", "phrases"),
    "sentence": QT_TRANSLATE_NOOP("Settings", "sentences"),
    CAPTIONER: QT_TRANSLATE_NOOP("Settings", "The model itself"),
    "auto": QT_TRANSLATE_NOOP("Settings", "Automatic"),
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
}
UNITS: dict[str, str] = {
    "line_width": " px",
    "box_fill": " %",
    "cache_mb": " MB",
    "idle_minutes": QT_TRANSLATE_NOOP("Settings", " minutes"),
}


_LABEL_WIDTH = 200
"""Pixels, so that the controls of all cards line up."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Settings", text) if text else ""


class SettingsPage(Page):
    """A card for each group, a control for each setting.

    ``settings`` gives the settings of now, ``change`` is called with the name of a setting and its new value.
    """

    def __init__(self, settings: Callable[[], Settings], change: Callable[[str, object], None]) -> None:
        super().__init__()
        self._settings, self._change = settings, change
        self.controls: dict[str, QWidget] = {}
        lead = self.tr("A change counts at once. The file is {}.").format(settings_file())
        self.set_title(self.tr("Settings"), lead)
        self._models = self._installed("captioner")
        self._proposers = (CAPTIONER, *self._installed("proposer"))
        for group, title in GROUPS.items():
            card = Card(_tr(title))
            form = form_layout()
            for name, spec in setting_specs().items():
                if spec.group == group:
                    self._add(form, name, spec)
            card.body.addLayout(form)
            for refused in refused_plugins() if group == "model" else ():
                hint = Hint(translated(refused))
                hint.set_level("warning")
                card.body.addWidget(hint)
            self.body.addWidget(card)
        self.body.addStretch(1)
        reset = QPushButton(self.tr("Reset to the defaults"))
        reset.setToolTip(self.tr("All settings as they were after the installation"))
        reset.clicked.connect(self.reset)
        self.add_to_footer(None, reset)

    def reset(self) -> None:
        """Everything back to its default."""
        for name in setting_specs():
            self._change(name, default_of(name))
        self.refresh()

    def refresh(self) -> None:
        """Show the settings as they are."""
        for name, control in self.controls.items():
            value = getattr(self._settings(), name)
            control.blockSignals(True)
            if isinstance(control, QComboBox):
                control.setCurrentIndex(control.findData(value))
            elif isinstance(control, QCheckBox):
                control.setChecked(value)
            elif isinstance(control, QSpinBox | QDoubleSpinBox):
                control.setValue(value)
            control.blockSignals(False)

    def showEvent(self, event: Any) -> None:
        self.refresh()
        super().showEvent(event)

    def _add(self, form: Any, name: str, spec: SettingSpec) -> None:
        title, hint = (_tr(text) for text in TEXTS[name])
        control = self._control(name, spec, title)
        control.setAccessibleName(title)
        control.setAccessibleDescription(hint)
        control.setToolTip(hint)
        self.controls[name] = control
        add_form_row(form, "" if spec.kind == "bool" else title, control).setFixedWidth(_LABEL_WIDTH)

    def _control(self, name: str, spec: SettingSpec, title: str) -> QWidget:
        value = getattr(self._settings(), name)

        changed = partial(self._change, name)
        if spec.kind == "bool":
            box = QCheckBox(title)
            box.setChecked(value)
            box.toggled.connect(changed)
            return box
        if spec.kind == "int":
            whole = QSpinBox()
            whole.setRange(int(spec.minimum), int(spec.maximum))
            whole.setSingleStep(int(spec.step))
            whole.setSuffix(_tr(UNITS.get(name, "")))
            if name == "threads":  # what 0 means
                whole.setSpecialValueText(_tr(CHOICES["auto"]))
            whole.setKeyboardTracking(False)  # 512 must not pass by 5 and 51
            whole.setValue(value)
            whole.valueChanged.connect(changed)
            return whole
        if spec.kind == "float":
            number = QDoubleSpinBox()
            number.setRange(spec.minimum, spec.maximum)
            number.setSingleStep(spec.step)
            number.setDecimals(2)
            number.setKeyboardTracking(False)
            number.setValue(value)
            number.valueChanged.connect(changed)
            return number
        chooser = QComboBox()
        models = {"proposer": self._proposers, "second_model": (NO_MODEL, *self._models)}.get(name, self._models)
        for choice in spec.choices or models:
            chooser.addItem(LANGUAGES.get(choice) or _tr(CHOICES.get(choice, "")) or choice, choice)
        if chooser.findData(value) < 0:
            chooser.addItem(str(value), value)
        chooser.setCurrentIndex(chooser.findData(value))
        chooser.currentIndexChanged.connect(lambda _: changed(chooser.currentData()))
        return chooser

    def _installed(self, kind: Made) -> tuple[str, ...]:
        """Ids of the captioners, or proposers, that manifests announce, and of those that the user added. No plugin is
        loaded: that is for the engine's process."""
        from roi_assistant.plugin_manifest import FoundPlugin, installed_plugins, plugins_in_folder
        from roi_assistant.resources_path import plugins_folder
        from roi_assistant.settings import user_plugins_folder

        plugins = [
            *plugins_in_folder(plugins_folder(), "built-in"),
            *plugins_in_folder(user_plugins_folder(), "folder"),
            *installed_plugins(),
        ]
        ids = [id_ for p in plugins if isinstance(p, FoundPlugin) for id_ in p.manifest.ids_of(kind)]
        with contextlib.suppress(FormatError):  # told when a model is loaded
            ids += [model.id for model in added_models() if model.makes == kind]
        return tuple(dict.fromkeys(ids))
