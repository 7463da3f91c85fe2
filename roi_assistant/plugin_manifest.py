"""Plugin manifests: what a plugin is and needs, read from ``plugin.json`` without importing any of its code."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from roi_assistant.core import record_json
from roi_assistant.core.plain_files import read_small
from roi_assistant.errors import FormatError, PluginError
from roi_assistant.plugin_trust import why_refused
from roi_assistant.sentences import NOTHING, Sentence

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Kind = Literal["captioner", "format", "attributes", "proposer", "opener", "text_reader", "commands"]
Origin = Literal["built-in", "folder", "package"]

ENTRY_POINT_GROUP = "roi_assistant.plugins"
MANIFEST_NAME = "plugin.json"
ID_FIELDS: dict[Kind, str] = {
    "captioner": "captioners",
    "format": "formats",
    "attributes": "attributes",
    "proposer": "proposers",
    "opener": "openers",
    "text_reader": "text_readers",
    "commands": "commands",
}
"""Manifest field that lists, per kind, the ids that the plugin registers."""

_KINDS = ", ".join(get_args(Kind))
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``plugin.json`` says. ``ids`` holds, per kind, what the plugin promises to register.

    A kind that is in ``kinds`` but has no ids, and every kind of a plugin without a manifest (``kinds`` empty), is only
    known once the plugin is loaded.
    """

    name: str
    version: str
    kinds: tuple[Kind, ...]
    module: str
    description: str = ""
    requires: tuple[str, ...] = ()
    vram_mb: int = 0
    weights_licence: str = ""
    ids: tuple[tuple[Kind, tuple[str, ...]], ...] = ()

    def ids_of(self, kind: Kind) -> tuple[str, ...]:
        """The ids of ``kind`` that the manifest promises; none without a manifest."""
        return dict(self.ids).get(kind, ())

    def may_have(self, kind: Kind) -> bool:
        """Whether only loading the plugin can tell which things of ``kind`` it has."""
        return not self.kinds or (kind in self.kinds and not self.ids_of(kind))


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """A plugin and where its code is: the file ``code`` to run, or an entry point. ``place`` is for messages."""

    manifest: Manifest
    origin: Origin
    place: str
    code: Path | None = None
    entry_point: EntryPoint | None = None


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """Why a plugin is not usable; ``message`` is one sentence. ``refused`` is that sentence when the plugin is not run
    because others may change it, however well it works."""

    name: str
    place: str
    message: str
    refused: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class _ManifestFile:
    """The fields of ``plugin.json``."""

    name: str
    version: str
    module: str
    kind: Kind | None = None
    kinds: tuple[Kind, ...] = ()
    description: str = ""
    requires: tuple[str, ...] = ()
    vram_mb: int = 0
    weights_licence: str = ""
    captioners: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    proposers: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()
    text_readers: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def parse_manifest(data: object, *, place: str) -> Manifest:
    """The manifest in the decoded JSON ``data``; ``place`` is the file that messages name.

    Fields that this version does not know are ignored.

    Raises:
        PluginError: a field is missing or has the wrong type, or a kind is unknown.
    """
    known = {field.name for field in fields(_ManifestFile)}
    if isinstance(data, dict):
        data = {name: value for name, value in data.items() if name in known}
    try:
        file = record_json.decode(_ManifestFile, data)
    except FormatError as error:
        raise PluginError("{place}: {problem}", place=place, problem=error) from error
    kinds = tuple(dict.fromkeys(file.kinds or ([file.kind] if file.kind else ())))
    if not kinds:
        raise PluginError("{place}: 'kinds' is empty; give one or more of {choices}.", place=place, choices=_KINDS)
    if not _NAME.fullmatch(file.name):
        raise PluginError(
            "{place}: 'name' is {name}; use letters, digits, '-', '_' and '.'.", place=place, name=repr(file.name)
        )
    if not _MODULE.fullmatch(file.module):
        raise PluginError(
            "{place}: 'module' is {module}, which is not a module name.", place=place, module=repr(file.module)
        )
    if file.vram_mb < 0:
        raise PluginError(
            "{place}: 'vram_mb' must be a whole number of megabytes, not {vram}.", place=place, vram=file.vram_mb
        )
    ids: dict[Kind, tuple[str, ...]] = {kind: getattr(file, field) for kind, field in ID_FIELDS.items()}
    for kind, of_kind in ids.items():
        if of_kind and kind not in kinds:
            raise PluginError(
                "{place}: '{field}' is given but 'kinds' has no {kind}.",
                place=place,
                field=ID_FIELDS[kind],
                kind=repr(kind),
            )
    for texts in (file.requires, *ids.values()):
        if not all(texts):
            raise PluginError("{place}: a name in a list is empty.", place=place)
    return Manifest(
        name=file.name,
        version=file.version,
        kinds=kinds,
        module=file.module,
        description=file.description,
        requires=file.requires,
        vram_mb=file.vram_mb,
        weights_licence=file.weights_licence,
        ids=tuple((kind, of_kind) for kind, of_kind in ids.items() if of_kind),
    )


def read_manifest(path: Path) -> Manifest:
    """The manifest in the file ``path``.

    Raises:
        PluginError: the file cannot be read, is not JSON or is not a manifest.
    """
    try:
        # Links are followed: installers make them, and who may make them in the user's folder is looked at before.
        data = json.loads(read_small(path).decode("utf-8-sig"))
    except OSError as error:
        raise PluginError("{path} cannot be read: {reason}.", path=path, reason=error) from error
    except (ValueError, RecursionError) as error:
        raise PluginError("{path} is not valid JSON: {reason}.", path=path, reason=error) from error
    return parse_manifest(data, place=str(path))


def plugins_in_folder(folder: Path, origin: Origin) -> Iterator[FoundPlugin | PluginProblem]:
    """Plugins in ``folder``, sorted by name: sub-folders with ``plugin.json``, and ``x.py`` with ``x.plugin.json``.

    Code without a manifest is a problem, and so is a plugin in a ``folder`` of the user that others may change; names
    that begin with ``.`` or ``_`` are ignored. A missing folder is empty.
    """
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.name[0] not in "._")
    except FileNotFoundError:
        return
    except OSError as error:
        yield PluginProblem(folder.name, str(folder), f"Folder {folder} cannot be read: {error.strerror or error}.")
        return
    for entry in entries:
        if entry.is_dir():
            manifest, package = entry / MANIFEST_NAME, entry / "__init__.py"
            if manifest.exists() or package.exists():
                yield _in_folder(entry.name, manifest, package, origin, parts=(entry,))
        elif entry.suffix == ".py":
            manifest = entry.with_name(f"{entry.stem}.{MANIFEST_NAME}")
            yield _in_folder(entry.stem, manifest, entry, origin, parts=(entry, manifest))
        elif entry.name.endswith("." + MANIFEST_NAME):
            code = entry.with_name(entry.name.removesuffix("." + MANIFEST_NAME) + ".py")
            if not code.exists():
                yield PluginProblem(code.stem, str(entry), f"{entry} has no code: {code.name} is missing beside it.")


def refused_plugins() -> tuple[Sentence, ...]:
    """About each plugin in the user's folder that is not run because others may change it: why, and what to do."""
    from roi_assistant.settings import user_plugins_folder

    found = plugins_in_folder(user_plugins_folder(), "folder")
    return tuple(plugin.refused for plugin in found if isinstance(plugin, PluginProblem) and plugin.refused)


def _in_folder(
    name: str, manifest_path: Path, code: Path, origin: Origin, *, parts: Sequence[Path]
) -> FoundPlugin | PluginProblem:
    if origin == "folder" and (refused := why_refused(parts[0].parent, name, parts)):
        return PluginProblem(name, str(manifest_path), str(refused), refused)
    try:
        if not manifest_path.exists():
            raise PluginError(
                "{code} has no manifest: {name} is missing beside it.", code=code, name=manifest_path.name
            )
        manifest = read_manifest(manifest_path)
        if not code.is_file():
            raise PluginError(
                "{manifest_path} has no code: {name} is missing beside it.", manifest_path=manifest_path, name=code.name
            )
        if manifest.module.split(".")[0] != name:
            raise PluginError(
                "{manifest_path}: 'module' must be {name} or a module in it, not {module}.",
                manifest_path=manifest_path,
                name=repr(name),
                module=repr(manifest.module),
            )
    except PluginError as error:
        return PluginProblem(name, str(manifest_path), str(error))
    return FoundPlugin(manifest, origin, str(manifest_path), code=code)


def installed_plugins() -> Iterator[FoundPlugin | PluginProblem]:
    """Plugins of installed packages (entry-point group ``roi_assistant.plugins``), sorted by entry-point name."""
    from importlib.metadata import entry_points  # late: it takes longer than all else here

    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: (point.name, point.value)):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist else "an installed package"
        place = f"{owner} ({point.value})"
        try:
            path = _manifest_of(point)
            if path is not None:
                manifest = read_manifest(path)
            else:
                manifest = Manifest(point.name, point.dist.version if point.dist else "", (), point.module)
        except PluginError as error:
            yield PluginProblem(point.name, place, str(error))
        else:
            yield FoundPlugin(manifest, "package", place, entry_point=point)


def _manifest_of(point: EntryPoint) -> Path | None:
    """``plugin.json`` of an entry point ``top.a.b``: in ``top/a/b/``, else ``top/a/``, else ``top/``.

    A module that is one file has it beside it as ``top.plugin.json``. The distribution's list of files is asked first,
    then the place of the top-level package, which Python finds without running any of its code.
    """
    top, *inner = point.module.split(".")
    folders = ["/".join([top, *inner[:depth]]) for depth in range(len(inner), -1, -1)]
    names = [f"{folder}/{MANIFEST_NAME}" for folder in folders] + [f"{top}.{MANIFEST_NAME}"]
    listed = {str(file.as_posix()): file for file in (point.dist.files or ())} if point.dist else {}
    for name in names:
        if name in listed:
            path = Path(str(listed[name].locate()))
            if path.is_file():
                return path
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    roots = [Path(location).parent for location in spec.submodule_search_locations or ()]
    if not roots and spec.origin:
        roots = [Path(spec.origin).parent]
    return next((path for root in roots for name in names if (path := root / name).is_file()), None)
