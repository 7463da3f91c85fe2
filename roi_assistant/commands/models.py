"""``roi-assistant models``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.captioning import DEFAULT_MODEL
from roi_assistant.errors import ModelFileError

app = typer.Typer(no_args_is_help=True)


@app.callback()
def models() -> None:
    """Which models there are, and whether their files are sound."""


@app.command("list")
def list_models(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a table.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Ids for --model, what each needs and the licence of its weights. No model is loaded."""
    manager = console.plugins_of(context)
    plugins = manager.ids("captioner")
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
        print(dump_json(document, encoding=sys.stdout.encoding))
    elif plugins:
        rows = [
            (
                id_ + (" (default)" if id_ == DEFAULT_MODEL else ""),
                f"{plugin.manifest.name} ({plugin.origin})",
                f"{plugin.manifest.vram_mb} MB" if plugin.manifest.vram_mb else "-",
                plugin.manifest.weights_licence or "not stated",
            )
            for id_, plugin in plugins.items()
        ]
        console.print_rows(("model", "plugin", "GPU memory", "licence of the weights"), rows)
    for problem in manager.problems:
        console.say(problem.message)


@app.command()
def verify(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="Folders of models; default: the embedded and all imported ones."),
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Read every file of the models and compare it with its sha256. Exit code 3 when one differs or is missing."""
    from roi_assistant.captioners.gpt4roi.captioner import imported_models
    from roi_assistant.commands.doctor_checks import damaged_files, shipped_models

    damaged = 0
    for folder in folders or [*shipped_models(), *imported_models().values()]:
        problems = damaged_files(folder)
        damaged += bool(problems)
        print(f"{'damaged' if problems else 'ok':<8} {console.printable(str(folder))}", flush=True)
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
