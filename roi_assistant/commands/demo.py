"""``roi-assistant demo``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.caption import DeviceOption, Model, Threads
from roi_assistant.commands.captioning import DEFAULT_MODEL, CaptionJob, run_captions
from roi_assistant.errors import BadInputError

COCO_NAME = "captions.json"

app = typer.Typer()


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where pictures and JSON go.")] = Path(
        "roi-assistant-demo"
    ),
    model: Model = DEFAULT_MODEL,
    device: DeviceOption = "auto",
    threads: Threads = None,
    verbose: console.Verbose = False,
) -> None:
    """Caption boxes on the sample photos: writes pictures with numbered boxes and COCO JSON. Needs no display."""
    from roi_assistant.resources_path import resource

    samples = resource("samples")
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--out {out} cannot be made ({error.strerror or error}): give another folder.") from error
    try:
        code = run_captions(
            CaptionJob(
                paths=(samples,),
                boxes_file=samples / "regions.json",
                model=model,
                device=device,
                threads=threads,
                coco=out / COCO_NAME,
                draw=out,
                keep_category_ids=False,
            ),
            console.plugins_of(context),
        )
    except BaseException:
        if not existed:
            with contextlib.suppress(OSError):
                out.rmdir()  # only when nothing was written
        raise
    if code:
        raise typer.Exit(code)
    console.say(f"The pictures and {COCO_NAME} are in {out.resolve()}")
