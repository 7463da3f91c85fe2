"""Finding and loading plugins.

Built-in plugins, plugins in the user's folder and installed packages come through the same door: a manifest that is
read without running the plugin's code, and hooks (``roi_assistant.hookspecs``) that are called when one of the plugin's
things is first asked for. A plugin that cannot be used becomes a ``PluginProblem`` and the others go on.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

from roi_assistant.errors import BadInputError, CaptionerError, MissingDependencyError, PluginError, RoiAssistantError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.export_report import ExportReport
from roi_assistant.plugin_manifest import (
    ID_FIELDS,
    FoundPlugin,
    Kind,
    PluginProblem,
    installed_plugins,
    plugins_in_folder,
)
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    import pluggy
    import typer

    from roi_assistant.added_models import AddedModel, Made
    from roi_assistant.core.records import AttributeSchema
    from roi_assistant.interfaces import Captioner, CaptionerFactory, ModelOpener, Proposer, ProposerFactory, TextReader
    from roi_assistant.vlm.questions import Questions

_HOOKS: dict[Kind, str] = {
    "captioner": "register_captioners",
    "format": "register_formats",
    "attributes": "register_attribute_presets",
    "proposer": "register_proposers",
    "opener": "register_model_openers",
    "text_reader": "register_text_readers",
    "commands": "register_commands",
}
_WORDS: dict[Kind, Sentence] = {
    "captioner": Sentence("model"),
    "format": Sentence("format"),
    "attributes": Sentence("attribute preset"),
    "proposer": Sentence("box proposer"),
    "opener": Sentence("opener of models"),
    "text_reader": Sentence("reader of text"),
    "commands": Sentence("command"),
}


@dataclass(slots=True)
class _Loaded:
    things: dict[Kind, dict[str, object]] = field(default_factory=dict)


class PluginManager:
    """The plugins of one run of the program.

    ``built_in`` and ``user`` are folders (None: the program's own and the user's); ``packages`` includes installed
    ones. The first plugin that claims a name or an id keeps it: built-in, then user, then packages. Plugins are looked
    for when something is first asked. Several threads may ask.
    """

    def __init__(self, *, built_in: Path | None = None, user: Path | None = None, packages: bool = True) -> None:
        if built_in is None:
            from roi_assistant.resources_path import plugins_folder

            built_in = plugins_folder()
        if user is None:
            from roi_assistant.settings import user_plugins_folder

            user = user_plugins_folder()
        self._found: dict[str, FoundPlugin] = {}
        self._owner: dict[tuple[Kind, str], FoundPlugin] = {}
        self._problems: list[PluginProblem] = []
        self._loaded: dict[str, _Loaded] = {}
        self._failed: dict[str, PluginError] = {}
        self._places = (built_in, user, packages)
        self._is_searched = False
        self._lock = threading.RLock()

    @cached_property
    def _pluggy(self) -> pluggy.PluginManager:
        import pluggy  # late: a window is on the screen before a plugin is asked for

        from roi_assistant import hookspecs

        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        return manager

    def _search(self) -> None:
        """Read the manifests, once."""
        with self._lock:
            if self._is_searched:
                return
            self._is_searched = True
            built_in, user, packages = self._places
            self._add(plugins_in_folder(built_in, "built-in"))
            self._add(plugins_in_folder(user, "folder"))
            if packages:
                self._add(installed_plugins())

    @property
    def plugins(self) -> tuple[FoundPlugin, ...]:
        """All plugins with a usable manifest, loaded or not."""
        self._search()
        return tuple(self._found.values())

    @property
    def problems(self) -> tuple[PluginProblem, ...]:
        """What is known so far to be unusable; loading a plugin may add to it."""
        self._search()
        return tuple(self._problems)

    def problem_of(self, name: str) -> str | None:
        """Why the plugin ``name`` could not be loaded, or None."""
        error = self._failed.get(name)
        return str(error) if error else None

    def load_all(self) -> None:
        """Load every plugin, so that ``problems`` is complete."""
        for plugin in self.plugins:
            self._try_load(plugin)

    def ids(self, kind: Kind) -> dict[str, FoundPlugin]:
        """Id -> plugin of everything of ``kind``. Loads only the plugins whose manifest does not say what they have."""
        with self._lock:
            for plugin in self.plugins:
                if plugin.manifest.may_have(kind):
                    self._try_load(plugin)
            return {id_: plugin for (of_kind, id_), plugin in self._owner.items() if of_kind == kind}

    def create_captioner(self, id_: str, *, device: str = "auto", threads: int | None = None) -> Captioner:
        """Load the captioner ``id_``: of a plugin, or one that the user added, or a folder or an address.

        Raises:
            BadInputError: no plugin has it, and it is no such place.
            PluginError: its plugin cannot be used.
            MissingDependencyError: it needs a library that is not installed.
            CaptionerError: it could not be started; other ``RoiAssistantError`` of the captioner pass unchanged.
        """
        return cast("Captioner", self._create("captioner", id_, device=device, threads=threads))

    def open_model(self, model: AddedModel, *, makes: Made = "captioner") -> CaptionerFactory | ProposerFactory:
        """What loads ``model``, a captioner or a proposer as ``makes`` says, by the first opener that knows its place.
        A captioner may propose, too: whether it does is known when it is loaded.

        Raises:
            BadInputError: none does, or it only proposes and is to write.
            RoiAssistantError: one does, but the model cannot be used.
        """
        openers = self._openers(model)
        for opener in openers:
            if makes_of(opener) == makes:
                more: dict[str, Any] = {}
                if model.precision != "auto":  # not all openers know one
                    if "precision" not in inspect.signature(opener.open).parameters:
                        continue
                    more = {"precision": model.precision}
                factory = opener.open(
                    model.place, id=model.id, model=model.model, allow_remote=model.allow_remote, **more
                )
                if factory is not None:
                    return factory
        for opener in openers:
            if makes_of(opener) != makes and opener.names(model.place, allow_remote=model.allow_remote):
                if makes == "captioner":
                    raise BadInputError(
                        "{id} finds boxes and writes no captions: give it to --propose, or let it suggest boxes on "
                        "the page Models.",
                        id=model.id,
                    )
                return _proposing(cast("CaptionerFactory", self.open_model(model)))
        raise _not_opened(model)

    def models_at(self, model: AddedModel) -> tuple[tuple[str, ...], Made]:
        """The names of the models at the place of ``model``, and what they are for.

        Raises: as `open_model`."""
        for opener in self._openers(model):
            if names := opener.names(model.place, allow_remote=model.allow_remote):
                return tuple(names), makes_of(opener)
        raise _not_opened(model)

    def _openers(self, model: AddedModel) -> list[ModelOpener]:
        openers = (cast("ModelOpener", self._thing("opener", id_)) for id_ in self.ids("opener"))
        return [opener for opener in openers if opener.kind == model.kind]

    def create_proposer(self, id_: str, *, device: str = "auto", threads: int | None = None) -> Proposer:
        """Load the box proposer ``id_``: of a plugin, or one that the user added, or a folder; or a captioner that
        proposes.

        Raises:
            BadInputError: it is a captioner that does not; else as ``create_captioner``.
        """
        return cast("Proposer", self._create("proposer", id_, device=device, threads=threads))

    def create_text_reader(self, *, threads: int | None = None) -> TextReader:
        """Load the reader of text: one that the user installed, or else the one that ships.

        Raises:
            BadInputError: there is none.
            MissingDependencyError: it needs a library that is not installed; the message says what to do.
            PluginError, CaptionerError: as ``create_captioner``.
        """
        readers = self.ids("text_reader")
        for id_ in sorted(readers, key=lambda id_: readers[id_].origin == "built-in"):
            return cast("TextReader", self._create("text_reader", id_, threads=threads))
        raise BadInputError("No plugin reads what is written in boxes.")

    def attribute_preset(self, id_: str) -> AttributeSchema:
        """Raises: BadInputError, PluginError as ``create_captioner``."""
        return cast("AttributeSchema", self._thing("attributes", id_))

    def command(self, name: str) -> typer.Typer:
        """Raises: BadInputError, PluginError as ``create_captioner``."""
        return cast("typer.Typer", self._thing("commands", name))

    def format(self, id_: str) -> object:
        """An ``api.RegionReader``, ``api.RegionWriter`` or both. Raises: BadInputError, PluginError as
        ``create_captioner``."""
        return self._thing("format", id_)

    def write_regions(
        self, id_: str, path: Path, images: Iterable[AnnotatedImage], *, questions: Questions | None = None
    ) -> ExportReport | None:
        """Write ``images`` to ``path`` in the format ``id_``; the answer is None when it does not count losses.
        ``questions`` are for formats with ``takes_questions``.

        Raises:
            BadInputError, PluginError: as ``create_captioner``, or the format cannot be written, or its code failed.
            FormatError, FileWriteError: as ``api.RegionWriter.write``.
            Exception: what walking ``images`` raised, such as an export that is stopped; it is no failure of the
                plugin.
        """
        write = self._format_method(id_, "write")
        failures: list[Exception] = []

        def watched() -> Iterator[AnnotatedImage]:
            try:
                yield from images
            except Exception as error:
                failures.append(error)
                raise

        try:
            with self._format_failures(id_, Sentence.of("writing {path}", path=path)):
                report = write(path, watched(), **({"questions": questions} if questions is not None else {}))
        finally:
            if failures:
                raise failures[0] from None
        return report if isinstance(report, ExportReport) else None

    def read_regions(self, id_: str, path: Path) -> AnnotationSet:
        """What ``path``, a file in the format ``id_``, holds.

        Raises:
            BadInputError, PluginError: as ``create_captioner``, or the format cannot be read, or its code failed.
            FormatError: as ``api.RegionReader.read``.
        """
        read = self._format_method(id_, "read")
        with self._format_failures(id_, Sentence.of("reading {path}", path=path)):
            found = read(path)
            annotations = found if isinstance(found, AnnotationSet) else AnnotationSet(tuple(found))
            _check_images(annotations.images)
        return annotations

    def _format_method(self, id_: str, name: Literal["read", "write"]) -> Callable[..., Any]:
        method = getattr(self.format(id_), name, None)
        if not callable(method):
            if name == "read":
                raise BadInputError("The format {id_} cannot be read.", id_=id_)
            raise BadInputError("The format {id_} cannot be written.", id_=id_)
        return cast("Callable[..., Any]", method)

    @contextlib.contextmanager
    def _format_failures(self, id_: str, doing: Sentence) -> Iterator[None]:
        try:
            yield
        except RoiAssistantError:
            raise
        except Exception as error:
            plugin = self._owner["format", id_].manifest.name
            raise PluginError(
                "The format {id_} of the plugin {plugin} failed {doing}: {reason}.",
                id_=id_,
                plugin=plugin,
                doing=doing,
                reason=_brief(error),
            ) from error

    def _create(self, kind: Kind, id_: str, **options: str | int | None) -> object:
        factory: Any = self._factory(kind, id_)
        try:
            return factory(**options)
        except RoiAssistantError:
            raise
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                "The {kind} {id_} needs the Python package {name}, which is not installed.",
                kind=_WORDS[kind],
                id_=id_,
                name=repr(error.name),
            ) from error
        except Exception as error:
            owner = self._owner.get((kind, id_))
            raise CaptionerError(
                "The {kind} {id_} of the plugin {plugin} could not be started: {reason}. roi-assistant doctor says "
                "what is missing.",
                kind=_WORDS[kind],
                id_=id_,
                plugin=owner.manifest.name if owner is not None else "-",
                reason=_brief(error),
            ) from error

    def _factory(self, kind: Kind, id_: str) -> object:
        if kind in ("captioner", "proposer") and id_ not in self.ids(kind):
            from roi_assistant.added_models import find_model
            from roi_assistant.model_catalogue import catalogue_entry

            added = find_model(id_)
            if added is not None:
                return self.open_model(added, makes=kind)
            if catalogue_entry(id_) is not None:
                raise BadInputError(
                    "{id_} is not downloaded yet: run roi-assistant models pull {id_}, or press Download on the page "
                    "Models.",
                    id_=id_,
                )
            if kind == "proposer" and id_ in self.ids("captioner"):
                return _proposing(cast("CaptionerFactory", self._thing("captioner", id_)))
        return self._thing(kind, id_)

    def _thing(self, kind: Kind, id_: str) -> object:
        self._search()
        if (kind, id_) not in self._owner:
            known = self.ids(kind)  # loads those whose manifest does not tell
            if id_ not in known:
                choices = (
                    Sentence.of("there are {choices}", choices=", ".join(sorted(known)))
                    if known
                    else Sentence("there are none")
                )
                also = "".join(f" {problem.message}" for problem in self._problems)
                raise BadInputError(
                    "There is no {kind} {id_}; {there}.{also}",
                    kind=_WORDS[kind],
                    id_=repr(id_),
                    there=choices,
                    also=also,
                )
        plugin = self._owner[kind, id_]
        things = self._load(plugin).things.get(kind, {})
        if id_ not in things:
            raise PluginError(
                "The plugin {name} lists the {kind} {id_} in {place} but its code does not register it.",
                name=plugin.manifest.name,
                kind=_WORDS[kind],
                id_=repr(id_),
                place=plugin.place,
            )
        return things[id_]

    def _add(self, entries: Iterable[FoundPlugin | PluginProblem]) -> None:
        for entry in entries:
            if isinstance(entry, PluginProblem):
                self._problems.append(entry)
                continue
            manifest = entry.manifest
            claims = [(kind, id_) for kind, ids in manifest.ids for id_ in ids]
            taken = next((claim for claim in claims if claim in self._owner), None)
            if manifest.name in self._found:
                self._report(entry, Sentence.of("its name is taken by {place}", place=self._found[manifest.name].place))
            elif taken:
                owner = self._owner[taken]
                kind, id_ = taken
                self._report(entry, _taken(kind, id_, owner).sentence)
            else:
                self._found[manifest.name] = entry
                self._owner.update(dict.fromkeys(claims, entry))

    def _report(self, plugin: FoundPlugin, why: Sentence) -> PluginError:
        name = plugin.manifest.name
        error = PluginError("The plugin {name} in {place} is not used: {why}.", name=name, place=plugin.place, why=why)
        self._problems.append(PluginProblem(name, plugin.place, str(error)))
        return error

    def _try_load(self, plugin: FoundPlugin) -> None:
        try:
            self._load(plugin)
        except PluginError:
            return  # it stands in ``problems``

    def _load(self, plugin: FoundPlugin) -> _Loaded:
        with self._lock:
            return self._load_once(plugin)

    def _load_once(self, plugin: FoundPlugin) -> _Loaded:
        name = plugin.manifest.name
        if name in self._failed:
            raise self._failed[name]
        if name not in self._loaded:
            try:
                self._loaded[name] = self._import(plugin)
            except Exception as error:
                why = error.sentence if isinstance(error, PluginError) else Sentence(_brief(error))
                self._failed[name] = self._report(plugin, why)
                raise self._failed[name] from error
            except SystemExit as error:  # a plugin must not end the program
                self._failed[name] = self._report(
                    plugin, Sentence.of("its code ends the program (exit {code})", code=error.code)
                )
                raise self._failed[name] from error
        return self._loaded[name]

    def _import(self, plugin: FoundPlugin) -> _Loaded:
        missing = [module for module in plugin.manifest.requires if not _is_installed(module)]
        if missing:
            raise PluginError("it needs {choices}, which is not installed", choices=", ".join(missing))
        if plugin.entry_point is not None:
            code: object = plugin.entry_point.load()
        else:
            assert plugin.code is not None
            code = _import_file(plugin.code, plugin.manifest.module)
        loaded = _Loaded()
        others = self._pluggy.get_plugins()
        try:
            self._pluggy.register(code, name=plugin.manifest.name)
            for kind, hook in _HOOKS.items():
                things = loaded.things.setdefault(kind, {})
                call = self._pluggy.subset_hook_caller(hook, remove_plugins=others)
                call(register=self._register_function(plugin, kind, things))
        except BaseException:
            if self._pluggy.is_registered(code):
                self._pluggy.unregister(code)
            raise
        for kind, things in loaded.things.items():
            self._owner.update({(kind, id_): plugin for id_ in things})
        return loaded

    def _register_function(
        self, plugin: FoundPlugin, kind: Kind, things: dict[str, object]
    ) -> Callable[[str, object], None]:
        manifest = plugin.manifest

        def register(id_: str, thing: object) -> None:
            if not isinstance(id_, str) or not id_:
                raise PluginError(
                    "it registers a {kind} under {id_}, which is not an id", kind=_WORDS[kind], id_=repr(id_)
                )
            if manifest.kinds and not manifest.may_have(kind) and id_ not in manifest.ids_of(kind):
                raise PluginError(
                    "it registers the {kind} {id_}, which '{field}' does not list",
                    kind=_WORDS[kind],
                    id_=repr(id_),
                    field=ID_FIELDS[kind],
                )
            owner = self._owner.get((kind, id_), plugin)
            if owner is not plugin:
                raise _taken(kind, id_, owner)
            if id_ in things:
                raise PluginError("it registers the {kind} {id_} twice", kind=_WORDS[kind], id_=repr(id_))
            things[id_] = thing

        return register


def _import_file(code: Path, module: str) -> ModuleType:
    """Run the plugin's file under a module name of its own, so it shadows no package and none shadows it."""
    name = "_roi_assistant_plugin_" + re.sub(r"\W", "_", str(code.resolve().with_suffix("")))
    package = code.name == "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, code, submodule_search_locations=[str(code.parent)] if package else None
    )
    if spec is None or spec.loader is None:
        raise PluginError("{code} is not a Python file", code=code)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    try:
        spec.loader.exec_module(loaded)
    except BaseException:
        del sys.modules[name]
        raise
    inner = module.partition(".")[2]
    return importlib.import_module(f"{name}.{inner}") if inner else loaded


def _not_opened(model: AddedModel) -> BadInputError:
    if model.kind == "folder" and not Path(model.place).is_dir():
        return BadInputError(
            "The folder of {id} is gone: {place}. Bring it back, or choose another model on the page Models.",
            id=model.id,
            place=model.place,
        )
    return BadInputError(
        "{place} is no model that this program or a plugin can open: give a folder with config.json and "
        "safetensors files, or the address of a server.",
        place=model.place,
    )


def _proposing(factory: CaptionerFactory) -> ProposerFactory:
    """Loads a captioner to let it propose."""
    from roi_assistant.captioners.proposing import ProposingCaptioner

    return lambda *, device="auto", threads=None: ProposingCaptioner(factory(device=device, threads=threads))


def makes_of(opener: ModelOpener) -> Made:
    """What ``opener`` makes; one that was written before there was a choice makes captioners."""
    return "proposer" if getattr(opener, "makes", "captioner") == "proposer" else "captioner"


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module.split(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _taken(kind: Kind, id_: str, owner: FoundPlugin) -> PluginError:
    return PluginError("its {kind} {id_} is that of {name}", kind=_WORDS[kind], id_=repr(id_), name=owner.manifest.name)


def _check_images(images: Iterable[AnnotatedImage]) -> None:
    """Raises: ValueError: a reader does not keep to `interfaces.RegionReader`; what is named twice would be lost."""
    names: set[str] = set()
    for image in images:
        ids = {region.id for region in image.regions}
        if image.file_name in names or len(ids) < len(image.regions):
            raise ValueError(f"it names the image {image.file_name!r}, or one of its regions, twice")
        names.add(image.file_name)


def _brief(error: BaseException) -> str:
    """The error in one line without the full stop: ``ImportError: No module named 'x'``, or its words if it is ours."""
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, RoiAssistantError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
