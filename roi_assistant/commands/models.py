"""``roi-assistant models``."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.added_models import AddedModel, Made, Precision
from roi_assistant.commands import console
from roi_assistant.commands.captioning import DEFAULT_MODEL, Device
from roi_assistant.errors import BadInputError, ModelFileError, RoiAssistantError

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.plugins import PluginManager

app = typer.Typer(no_args_is_help=True)
_ON_THE_SAMPLE = ("person", "flag", "space suit")
"""What a detector by words is told to look for on the sample photo."""
_NOTES = {"captioner": "", "proposer": " (proposes boxes: --propose)"}


@app.callback()
def models() -> None:
    """Which models there are, and whether their files are sound."""


@app.command("list")
def list_models(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a table.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Ids for --model, what each needs and the licence of its weights, what you added, and what can be downloaded.

    No model is loaded and nothing is fetched.
    """
    from roi_assistant.added_models import added_models
    from roi_assistant.commands.model_list import added_document, offered, offered_document, pin_of, print_offered
    from roi_assistant.machine import this_machine
    from roi_assistant.model_hub import models_folder

    manager = console.plugins_of(context)
    plugins, added = manager.ids("captioner"), added_models()
    catalogue, machine = offered(added), this_machine(models_folder())
    if as_json:
        from roi_assistant.commands.json_output import dump_json

        document = [
            {
                "id": id_,
                "default": id_ == DEFAULT_MODEL,
                "plugin": plugin.manifest.name,
                "origin": plugin.origin,
                "vram_mb": plugin.manifest.vram_mb,
                "weights_licence": plugin.manifest.weights_licence,
                "description": plugin.manifest.description,
            }
            for id_, plugin in plugins.items()
        ]
        document += [added_document(model) for model in added]
        document += [
            {"id": id_, "plugin": plugin.manifest.name, "makes": "proposer", "description": plugin.manifest.description}
            for id_, plugin in manager.ids("proposer").items()
        ]
        document += [offered_document(entry, machine) for entry in catalogue]
        print(dump_json(document, encoding=sys.stdout.encoding))
    else:
        rows = [
            (
                id_ + (" (default)" if id_ == DEFAULT_MODEL else ""),
                f"{plugin.manifest.name} ({plugin.origin})",
                f"{plugin.manifest.vram_mb} MB" if plugin.manifest.vram_mb else "-",
                plugin.manifest.weights_licence or "not stated",
            )
            for id_, plugin in plugins.items()
        ]
        rows += [
            (
                model.id,
                f"added: {model.kind} {model.place} {model.model}".rstrip() + _NOTES[model.makes],
                "-",
                f"see its page: {pin.repository}" if (pin := pin_of(model)) else "-",
            )
            for model in added
        ]
        console.print_rows(("model", "plugin", "GPU memory", "licence of the weights"), rows)
        print()
        print_offered(catalogue, machine)
    for problem in manager.problems:
        console.say(problem.message)


@app.command()
def add(
    context: typer.Context,
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A folder of a checkpoint, or the address of a server.")
    ],
    model: Annotated[str, typer.Option("--model", help="Its name on the server, if there are several.")] = "",
    id_: Annotated[str, typer.Option("--id", help="What to call it; made from the place without it.")] = "",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Send photos to a server that is not this machine.")
    ] = False,
    precision: Annotated[
        Precision, typer.Option(help="Bits of a folder's weights; auto: as many as the memory has room for.")
    ] = "auto",
    verbose: console.Verbose = False,
) -> None:
    """Add a model that you have: the folder of a checkpoint, or a server that runs on your desk.

    Nothing is copied or downloaded. The id works for --model, in the settings and in every project.
    """
    from roi_assistant.added_models import add_model, is_remote, model_at, with_free_id

    found = model_at(place, model=model)
    if found is None:
        raise BadInputError(f"{place} is no folder and no address that begins with http:// or https://.")
    found = replace(found, allow_remote=allow_remote, precision=precision)
    if found.kind == "server" and precision != "auto":
        raise BadInputError("--precision is of a folder: how a server holds its model is told where it is started.")
    if is_remote(found) and not allow_remote:
        raise BadInputError(f"Photos would be sent to {place}: give --allow-remote if that is what you want.")
    manager = console.plugins_of(context)
    names, makes = manager.models_at(found)
    if found.kind == "server" and not model and len(names) > 1:
        raise BadInputError(f"{place} has several models: give --model with one of {', '.join(names)}.")
    if model and model not in names:
        raise BadInputError(f"{place} has no model {model}; there are: {', '.join(names)}.")
    name = model or names[0]
    named = model_at(place, model=name if found.kind == "server" else "")
    assert named is not None
    chosen = replace(named, id=id_ or named.id, allow_remote=allow_remote, makes=makes, precision=precision)
    taken = (*manager.ids("captioner"), *manager.ids("proposer"))
    if not id_:
        chosen = with_free_id(chosen, taken)
    elif id_ in taken:
        raise BadInputError(f"--id {id_} is that of a model that is there already: give another.")
    add_model(chosen)
    what = "proposes boxes" if makes == "proposer" else "is added"
    print(console.printable(f"{chosen.id} {what}: roi-assistant models try {chosen.id}"))


@app.command()
def pull(
    context: typer.Context,
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="As `models list` shows it, or OWNER/NAME of a repository of the hub.")
    ],
    to: Annotated[Path | None, typer.Option("--to", help="Folder to make; by default one of the program's.")] = None,
    revision: Annotated[str | None, typer.Option(help="A commit, a tag or a branch; by default the newest.")] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="For a licence that forbids commercial use.")
    ] = False,
    json_progress: Annotated[bool, typer.Option("--json-progress", hidden=True)] = False,
    verbose: console.Verbose = False,
) -> None:
    """Download a model and add it. Run it again to go on after an interruption.

    Licence and size are said first. Each file is compared with its sha256.
    HF_ENDPOINT names a mirror, HF_TOKEN a token.
    """
    from roi_assistant.commands.pulling import PullJob, run_pull

    manager = console.plugins_of(context)

    def made(model: AddedModel) -> Made:
        try:
            return manager.models_at(model)[1]
        except RoiAssistantError as error:  # it is here all the same: a newer library may open it
            console.say(str(error))
            return "captioner"

    taken = (*manager.ids("captioner"), *manager.ids("proposer"))
    job = PullJob(
        id=id_,
        to=to,
        revision=revision,
        accept_licence=accept_licence,
        as_json=json_progress,
        taken=taken,
        made=made,
    )
    run_pull(job)


@app.command()
def remove(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `models list` shows it.")],
    files: Annotated[bool, typer.Option("--files", help="Delete its files, too, if `models pull` made them.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Forget a model that you added. Its files, or its server, stay as they are without --files."""
    from roi_assistant.added_models import added_models, remove_model

    if files:
        from roi_assistant.commands.pulling import delete_files

        delete_files(id_)
        if all(model.id != id_ for model in added_models()):
            return  # of an interrupted download
    removed = remove_model(id_)
    what = "its files are deleted" if files else f"{removed.place} was not touched"
    print(console.printable(f"{removed.id} is forgotten; {what}."))


@app.command()
def path(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `models list` shows it.")],
    verbose: console.Verbose = False,
) -> None:
    """Where a model is: a folder, or the address of a server."""
    from roi_assistant.added_models import find_model
    from roi_assistant.captioners.gpt4roi.captioner import imported_models
    from roi_assistant.resources_path import resource

    known = {DEFAULT_MODEL: resource("models", DEFAULT_MODEL), **imported_models()}
    added = find_model(id_)
    if id_ not in known and added is None:
        raise BadInputError(f"There is no model {id_!r}: see roi-assistant models list.")
    print(console.printable(str(known.get(id_, added.place if added else ""))))


@app.command("try")
def try_model(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="An id, a folder, or the address of a server.")],
    device: Annotated[Device, typer.Option(help="Where to run it.")] = "auto",
    verbose: console.Verbose = False,
) -> None:
    """Load a model and let it describe a box of a sample photo, or find boxes there: what comes, and how long it
    takes."""
    from roi_assistant.captioners.asking import describe_checked
    from roi_assistant.commands.describing import open_captioner
    from roi_assistant.core.box import Box
    from roi_assistant.core.records import DescribeRequest
    from roi_assistant.imaging.decode import decode_image
    from roi_assistant.resources_path import resource

    image = decode_image(resource("samples", "astronaut.jpg")).pixels
    manager = console.plugins_of(context)
    if _proposes(manager, id_):
        _try_proposer(manager, id_, image, device=device)
        return
    box = Box(0.2 * image.width, 0.05 * image.height, 0.75 * image.width, 0.98 * image.height)
    begun = time.perf_counter()
    captioner = open_captioner(manager, id_, device=device, threads=None)
    with contextlib.closing(captioner):
        loaded = time.perf_counter()
        state = captioner.set_image(image)
        (text,) = describe_checked(captioner, state, [box], DescribeRequest(), image="the sample photo")
        done = time.perf_counter()
    rows = [("caption", text.caption.text, f"{text.caption.score:.2f}")]
    if text.category is not None:
        rows.append(("category", text.category.text, f"{text.category.score:.2f}"))
    rows += [(item.name, ", ".join(item.values), f"{item.score:.2f}") for item in text.attributes]
    console.print_rows(("what", "says", "score"), rows)
    console.say(f"Loaded in {loaded - begun:.1f} s, answered in {done - loaded:.1f} s.")


def _proposes(manager: PluginManager, id_: str) -> bool:
    """Whether ``id_`` is a proposer, or a folder of one."""
    from roi_assistant.added_models import find_model

    if id_ in manager.ids("captioner"):
        return False
    added = find_model(id_)
    if added is None or added.kind == "server":
        return id_ in manager.ids("proposer")
    return manager.models_at(added)[1] == "proposer"


def _try_proposer(manager: PluginManager, id_: str, image: Image, *, device: Device) -> None:
    from roi_assistant.captioners.asking import detect_checked, proposer_info
    from roi_assistant.commands.describing import announce
    from roi_assistant.core.box import format_box
    from roi_assistant.core.records import BoxSearch

    begun = time.perf_counter()
    proposer = manager.create_proposer(id_, device=device)
    announce(proposer_info(proposer, id_))
    loaded = time.perf_counter()
    found = detect_checked(proposer, image, BoxSearch(categories=_ON_THE_SAMPLE), image="the sample photo")
    done = time.perf_counter()
    rows = [(one.label or "-", format_box(one.box.xyxy), f"{one.score:.2f}") for one in found[:20]]
    console.print_rows(("what", "box", "score"), rows)
    console.say(f"Loaded in {loaded - begun:.1f} s, found {len(found)} boxes in {done - loaded:.1f} s.")


@app.command()
def verify(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="Folders of models; default: all that there are."),
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Read every file of the models and compare it with its sha256. Exit code 3 when one differs or is missing.

    A folder that you added and `models pull` did not make has no sha256 to compare with: it is said to be not pinned.
    """
    from roi_assistant.added_models import added_models
    from roi_assistant.captioners.gpt4roi.captioner import imported_models
    from roi_assistant.commands.doctor_checks import shipped_models
    from roi_assistant.commands.pulling import problems_of

    damaged = 0
    own = [Path(model.place) for model in added_models() if model.kind == "folder"]
    for folder in folders or [*shipped_models(), *imported_models().values(), *own]:
        problems = problems_of(folder)
        damaged += bool(problems)
        state = "not pinned" if problems is None else "damaged" if problems else "ok"
        print(f"{state:<8} {console.printable(str(folder))}", flush=True)
        if problems is None:
            continue
        for problem in problems:
            console.say(problem)
    if damaged:
        raise typer.Exit(ModelFileError.exit_code)


@app.command("import-gpt4roi")
def import_gpt4roi(
    llama: Annotated[Path, typer.Option("--llama", help="Folder of LLaMA-7B (the first LLaMA) for transformers.")],
    delta: Annotated[Path, typer.Option("--delta", help="Folder of the published GPT4RoI-7B-delta-V0.")],
    clip: Annotated[
        Path | None,
        typer.Option("--clip", help="Folder of openai/clip-vit-large-patch14; by default the one beside the others."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to write (15 GB); by default where the program looks for models."),
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Make the published GPT4RoI from its delta, LLaMA and CLIP. Run it again to go on after an interruption."""
    from roi_assistant.commands.importing import run_import_command

    run_import_command(llama=llama, delta=delta, clip=clip, out=out)
