"""``roi-assistant plugins``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roi_assistant.commands import console
from roi_assistant.plugin_manifest import Manifest, PluginProblem
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager

app = typer.Typer(no_args_is_help=True)


@app.callback()
def plugins() -> None:
    """Which plugins there are and which of them work."""


@app.command("list")
def list_plugins(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a table.")] = False,
    load: Annotated[
        bool, typer.Option(help="Load each plugin to see whether it works, or only read manifests.")
    ] = True,
    verbose: console.Verbose = False,
) -> None:
    """All plugins: built-in ones, those in the user's folder, and those of installed packages."""
    from roi_assistant.settings import user_plugins_folder

    manager = console.plugins_of(context)
    if load:
        manager.load_all()
    entries = plugin_entries(manager, loaded=load)
    if as_json:
        from roi_assistant.commands.json_output import dump_json

        document = {"user_folder": str(user_plugins_folder()), "plugins": entries}
        print(dump_json(document, encoding=sys.stdout.encoding))
        return
    headings = ("plugin", "version", "from", "kinds", "state", "licence of the weights")
    rows = [
        (e["name"], e["version"], e["origin"], ", ".join(e["kinds"]), e["state"], e["weights_licence"]) for e in entries
    ]
    if rows:
        console.print_rows(headings, rows)
    else:
        print("There are no plugins.")
    for entry in entries:
        if entry["problem"]:
            console.say(entry["problem"])
    console.say(f"Your own plugins go to {user_plugins_folder()}")


@app.command()
def allow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin's folder, or its file without .py.")],
    undo: Annotated[bool, typer.Option("--undo", help="Refuse it again.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Run a plugin of your own folder although somebody else may change it. You then run what they write."""
    from roi_assistant.errors import BadInputError, PluginError
    from roi_assistant.plugin_manifest import plugins_in_folder
    from roi_assistant.plugin_trust import allow as note
    from roi_assistant.plugin_trust import allowed_file, why_others_may_change
    from roi_assistant.settings import user_plugins_folder

    folder = user_plugins_folder()
    refused = {p.name for p in plugins_in_folder(folder, "folder") if isinstance(p, PluginProblem) and p.refused}
    if not undo and name not in refused:
        choices = ", ".join(sorted(refused)) or Sentence("none")
        raise BadInputError(
            "No plugin {name} is refused in {folder}; refused are: {choices}.",
            name=repr(name),
            folder=folder,
            choices=choices,
        )
    note(folder / name, allow=not undo)
    if cause := why_others_may_change(allowed_file()):
        raise PluginError(
            "{path} does not count: {cause}. Mend that first; others could allow plugins there, too.",
            path=allowed_file(),
            cause=cause,
        )
    console.say(f"{name} is refused from now on." if undo else f"{name} runs from now on, whoever changes it.")


def plugin_entries(manager: PluginManager, *, loaded: bool) -> list[dict[str, Any]]:
    """One JSON object per plugin, usable ones first.

    ``state`` is ``ok``, ``broken``, ``refused`` (others may change it) or ``not loaded``.
    """
    entries: list[dict[str, Any]] = []
    reported = set()
    for plugin in manager.plugins:
        problem = manager.problem_of(plugin.manifest.name)
        reported.add(problem)
        state = "broken" if problem else "ok" if loaded else "not loaded"
        entries.append(_entry(plugin.manifest, plugin.origin, plugin.place, state=state, problem=problem or ""))
    for unusable in manager.problems:
        if unusable.message not in reported:
            unknown = Manifest(unusable.name, version="", kinds=(), module="")
            state = "refused" if unusable.refused else "broken"
            entries.append(_entry(unknown, "", unusable.place, state=state, problem=unusable.message))
    return entries


def _entry(manifest: Manifest, origin: str, place: str, *, state: str, problem: str) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "origin": origin,
        "place": place,
        "kinds": list(manifest.kinds),
        "ids": {kind: list(ids) for kind, ids in manifest.ids},
        "requires": list(manifest.requires),
        "vram_mb": manifest.vram_mb,
        "weights_licence": manifest.weights_licence,
        "description": manifest.description,
        "state": state,
        "problem": problem,
    }
