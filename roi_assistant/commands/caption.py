"""``roi-assistant caption``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roi_assistant.commands.captioning import DEFAULT_MODEL, CaptionJob, Device, run_captions
from roi_assistant.commands.console import Verbose, plugins_of
from roi_assistant.core.records import CaptionStyle, Decoding

Model = Annotated[str, typer.Option("--model", metavar="ID", help="Model; `roi-assistant models list` shows them.")]
DeviceOption = Annotated[Device, typer.Option("--device", help="Where the model runs; auto takes a GPU when it works.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, metavar="N", help="CPU threads; default: the model's.")
]

HELP = (
    "Write a caption, ranked alternatives, a category and attributes for boxes on photos.\n\n"
    "Without a box each image is described as one region. All boxes are checked before the model runs: a box that "
    "reaches beyond its image is clipped, one outside it is an error. Files are written at the end, as a whole or not "
    "at all. Images that cannot be read are named and left out, and the exit code is then 2."
)

app = typer.Typer()


@app.command(help=HELP)
def caption(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Images, or folders of images.")],
    box: Annotated[
        list[str] | None,
        typer.Option(metavar="x1,y1,x2,y2", help="Box in pixels of the image as displayed. Repeat it for more boxes."),
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Boxes of a COCO file, found by the images' names.")
    ] = None,
    propose: Annotated[
        str | None,
        typer.Option(
            metavar="ID|FOLDER", help="Let a detector, or a model that suggests boxes, find them: docs/models.md."
        ),
    ] = None,
    look_for: Annotated[
        str, typer.Option(metavar="WORDS", help="What to find, with commas: 'red car, traffic sign'.")
    ] = "",
    propose_score: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, metavar="P", help="Least score of a box; default: the detector's.")
    ] = None,
    model: Model = DEFAULT_MODEL,
    device: DeviceOption = "auto",
    threads: Threads = None,
    style: Annotated[
        CaptionStyle, typer.Option(help="What it is; or also what it looks like and does; or one sentence.")
    ] = "description",
    prompt: Annotated[
        Path | None,
        typer.Option(
            "--prompt", metavar="FILE.json", help="What to ask a model that understands words, docs/models.md."
        ),
    ] = None,
    alternatives: Annotated[int, typer.Option(min=0, max=9, metavar="N", help="Most alternatives per box.")] = 5,
    decoding: Annotated[
        Decoding, typer.Option(help="greedy is fastest; beam searches; consensus takes what most candidates agree on.")
    ] = "beam",
    attributes: Annotated[
        str | None,
        typer.Option(metavar="PRESET|FILE.json|none", help="Attributes to ask about; default: the model's own."),
    ] = None,
    attribute_score: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="P", help="Leave out attributes less likely than this.")
    ] = 0.5,
    read_text: Annotated[
        bool | None,
        typer.Option(
            "--read-text/--no-read-text",
            help="Read what is written in the boxes into the attribute 'text'; "
            "default: where --attributes has one of that name, and roi-assistant[ocr] is installed.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of a table.")] = False,
    coco: Annotated[Path | None, typer.Option(metavar="OUT.json", help="Also write COCO region text.")] = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="OUT.png|FOLDER", help="Also write pictures with numbered boxes and captions."),
    ] = None,
    font: Annotated[
        Path | None,
        typer.Option(metavar="FONT.ttf", help="Font of the pictures, for captions in other scripts than Latin."),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """``roi-assistant caption``; see ``HELP``."""
    job = CaptionJob(
        paths=tuple(paths),
        boxes=tuple(box or ()),
        boxes_file=boxes,
        propose=propose,
        look_for=look_for,
        propose_score=propose_score,
        model=model,
        device=device,
        threads=threads,
        style=style,
        prompt=prompt,
        alternatives=alternatives,
        decoding=decoding,
        attributes=attributes,
        attribute_score=attribute_score,
        read_text=read_text,
        as_json=as_json,
        coco=coco,
        draw=draw,
        font=font,
    )
    code = run_captions(job, plugins_of(context))
    if code:
        raise typer.Exit(code)
