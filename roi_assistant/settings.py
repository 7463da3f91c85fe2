"""Where the program keeps its own files, and what the user has set.

The folders are the usual ones of the platform. ``ROI_ASSISTANT_HOME`` moves all of them below one folder (a portable
installation, a shared machine, a test). Nothing here creates a folder; who writes does.

Settings are one JSON file. Only what differs from the default is written, so that a better default reaches everybody;
keys that this version does not know are kept, so that two versions can share the file. A file that cannot be read is
set aside, never overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from roi_assistant.core.plain_files import NotPlainError, check_plain, read_small
from roi_assistant.core.record_json import shown
from roi_assistant.sentences import Sentence

APP_NAME = "roi-assistant"
HOME_VARIABLE = "ROI_ASSISTANT_HOME"
LOG_NAME = "roi-assistant.log"


def config_folder() -> Path:
    """Settings of the user."""
    return _folder("config")


def data_folder() -> Path:
    """What the user added to the program: plugins, models."""
    return _folder("data")


def log_folder() -> Path:
    """Log files."""
    return _folder("log")


def log_file() -> Path:
    """The log that traces of errors go to."""
    return log_folder() / LOG_NAME


def user_plugins_folder() -> Path:
    """Plugins of the user, one folder (or one ``.py`` with its ``.plugin.json``) each."""
    return data_folder() / "plugins"


def _folder(kind: Literal["config", "data", "log"]) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home) / kind
    import platformdirs  # late: not needed where the variable is set, nor for --help

    folders = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return {"config": folders.user_config_path, "data": folders.user_data_path, "log": folders.user_log_path}[kind]


CAPTIONER = "captioner"
"""The setting ``proposer`` where no detector suggests boxes, but the captioner itself, or its companion."""
SETTINGS_NAME = "settings.json"
SETTINGS_VERSION = 1
MIGRATIONS: dict[int, Callable[[dict[str, object]], dict[str, object]]] = {}
"""Version -> what makes the content of a file of that version one of the next version."""

NO_MODEL = "none"
"""As ``second_model``: there is none."""
SettingKind = Literal["choice", "text", "bool", "int", "float"]


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """What a setting may be. ``choices`` are for ``choice``; ``minimum``, ``maximum`` and ``step`` for numbers."""

    kind: SettingKind
    group: str
    choices: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = 0
    step: float = 1

    def accepts(self, value: object) -> bool:
        """Whether ``value``, as read from JSON, is allowed."""
        if self.kind == "bool":
            return isinstance(value, bool)
        if self.kind == "text":
            return isinstance(value, str) and bool(value)
        if self.kind == "choice":
            return value in self.choices
        allowed = (int,) if self.kind == "int" else (int, float)
        return isinstance(value, allowed) and not isinstance(value, bool) and self.minimum <= value <= self.maximum


def _setting(default: Any, kind: SettingKind, group: str, **limits: Any) -> Any:
    return field(default=default, metadata={"spec": SettingSpec(kind, group, **limits)})


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults. The settings page, the checks and the file follow from these fields.

    ``extra`` is what the file holds beyond them.
    """

    theme: str = _setting("system", "choice", "look", choices=("system", "light", "dark"))
    language: str = _setting("system", "choice", "look", choices=("system", "en", "zh_CN"))
    show_labels: bool = _setting(True, "bool", "canvas")
    show_attributes: bool = _setting(False, "bool", "canvas")
    line_width: int = _setting(2, "int", "canvas", minimum=1, maximum=8)
    box_fill: int = _setting(0, "int", "canvas", minimum=0, maximum=80, step=5)
    category_colors: bool = _setting(False, "bool", "canvas")
    crosshair: bool = _setting(False, "bool", "canvas")
    snap: bool = _setting(True, "bool", "canvas")
    image_sort: str = _setting("name", "choice", "images", choices=("name", "date", "to_review", "certainty"))
    image_sort_reversed: bool = _setting(False, "bool", "images")
    image_groups: str = _setting("none", "choice", "images", choices=("none", "folder", "state"))
    suggest_on_draw: bool = _setting(True, "bool", "suggestions")
    caption_style: str = _setting("description", "choice", "suggestions", choices=("description", "phrase", "sentence"))
    alternatives: int = _setting(5, "int", "suggestions", minimum=0, maximum=9)
    advance: bool = _setting(True, "bool", "suggestions")
    keep_previous: bool = _setting(False, "bool", "suggestions")
    advance_image: bool = _setting(True, "bool", "suggestions")
    memory: bool = _setting(True, "bool", "suggestions")
    box_on_click: bool = _setting(True, "bool", "suggestions")
    attribute_score: float = _setting(0.5, "float", "suggestions", minimum=0.0, maximum=1.0, step=0.05)
    model: str = _setting("gpt4roi-mini", "text", "model")
    proposer: str = _setting(CAPTIONER, "text", "model")
    second_model: str = _setting(NO_MODEL, "text", "model")
    device: str = _setting("auto", "choice", "model", choices=("auto", "cpu", "cuda"))
    threads: int = _setting(0, "int", "model", minimum=0, maximum=256)
    prefetch: bool = _setting(True, "bool", "model")
    cache_mb: int = _setting(512, "int", "model", minimum=64, maximum=65536, step=64)
    idle_minutes: int = _setting(15, "int", "model", minimum=1, maximum=1440)
    extra: Mapping[str, object] = field(default_factory=dict)


def setting_specs() -> dict[str, SettingSpec]:
    """Name -> spec of every setting, in the order in which a person reads them."""
    return {f.name: f.metadata["spec"] for f in fields(Settings) if "spec" in f.metadata}


def default_of(name: str) -> object:
    """The default of the setting ``name``, which must exist."""
    return next(f.default for f in fields(Settings) if f.name == name)


def settings_file() -> Path:
    """Where the user's settings lie; the file need not exist."""
    return config_folder() / SETTINGS_NAME


def load_settings(path: Path | None = None) -> tuple[Settings, tuple[Sentence, ...]]:
    """The settings in ``path`` (None: the user's file) and what was wrong with it, a sentence each.

    Never fails: what cannot be used is left at its default, and a file that is no settings file is set aside under
    another name.
    """
    path = path or settings_file()
    try:
        data = json.loads(read_small(path))
        if not isinstance(data, dict):
            raise ValueError("it is not a JSON object")
        data = _migrated(data)
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        unread = Sentence.of(
            "The settings in {path} cannot be read ({reason}): defaults are used.", path=path, reason=error
        )
        return Settings(), (unread,)
    except (ValueError, RecursionError) as error:
        return Settings(), (_set_aside(path, error),)
    values: dict[str, Any] = {}
    problems: list[Sentence] = []
    for name, spec in setting_specs().items():
        if name not in data:
            continue
        value: Any = data.pop(name)
        if spec.accepts(value):
            values[name] = float(value) if spec.kind == "float" else value
        else:
            problems.append(
                Sentence.of(
                    "The setting {name} in {path} cannot be {value}: its default is used.",
                    name=repr(name),
                    path=path,
                    value=shown(value),
                )
            )
    return Settings(**values, extra=data), tuple(problems)


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write what differs from the defaults, and what was in the file besides.

    Raises:
        FileWriteError: it cannot be written; the old file is as it was.
    """
    path = path or settings_file()
    changed = {name: getattr(settings, name) for name in setting_specs() if getattr(settings, name) != default_of(name)}
    # A newer version's number stays: its own keys are in ``extra``, and it must not migrate them again.
    version = max(SETTINGS_VERSION, _known_version(settings.extra))
    write_json(path, {**settings.extra, **changed, "version": version})


def with_setting(settings: Settings, name: str, value: object) -> Settings:
    """``settings`` with another value.

    Raises:
        ValueError: it is not allowed.
    """
    if not setting_specs()[name].accepts(value):
        raise ValueError(f"{name} cannot be {value!r}")
    return replace(settings, **{name: value})  # type: ignore[arg-type]


def object_in(path: Path) -> dict[str, object]:
    """The JSON object in ``path``, empty when there is none: for what the program can do without."""
    try:
        data = json.loads(read_small(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: Path, data: Mapping[str, object]) -> None:
    """Raises: FileWriteError."""
    from roi_assistant.errors import FileWriteError
    from roi_assistant.formats.atomic import write_atomically

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            check_plain(path)  # a pipe would be written to, and wait for a reader
    except NotPlainError as error:
        raise FileWriteError("{path} cannot be written ({reason}): move it away.", path=path, reason=error) from error
    except OSError as error:
        raise FileWriteError(
            "The folder {folder} cannot be made ({reason}).", folder=path.parent, reason=error
        ) from error
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # the name of a file that is no Unicode
        text = json.dumps(data, indent=2) + "\n"
    write_atomically(path, text)


def _known_version(data: Mapping[str, object]) -> int:
    """The version of ``data``: one of ours or a newer one, which shares the file.

    Raises:
        ValueError: it is neither.
    """
    version = data.get("version", SETTINGS_VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < min((*MIGRATIONS, SETTINGS_VERSION)):
        raise ValueError(f"no program has written version {shown(version)} of it")
    return version


def _migrated(data: dict[str, object]) -> dict[str, object]:
    """Raises: ValueError: as `_known_version`."""
    version = _known_version(data)
    for known in sorted(MIGRATIONS):
        if version <= known < SETTINGS_VERSION:
            data = {**MIGRATIONS[known](data), "version": known + 1}
    return data


def _set_aside(path: Path, error: Exception) -> Sentence:
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if not aside.exists():
            break
    try:
        path.rename(aside)
    except OSError:
        return Sentence.of("The settings in {path} are damaged ({reason}): defaults are used.", path=path, reason=error)
    return Sentence.of(
        "The settings in {path} were damaged ({reason}): they are now in {name}, and defaults are used.",
        path=path,
        reason=error,
        name=aside.name,
    )
