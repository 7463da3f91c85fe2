"""``roi-assistant chat``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.caption import DeviceOption, Model, Threads
from roi_assistant.commands.captioning import DEFAULT_MODEL
from roi_assistant.commands.describing import model_failures, open_captioner
from roi_assistant.commands.planning import fit_box, parse_boxes
from roi_assistant.core.records import Turn
from roi_assistant.errors import CaptionerError

if TYPE_CHECKING:
    from roi_assistant.core.box import Box
    from roi_assistant.interfaces import Captioner, ImageState

app = typer.Typer()


@app.command()
def chat(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The image.")],
    questions: Annotated[
        list[str],
        typer.Argument(metavar="QUESTION", help="What to ask; more questions continue the same conversation."),
    ],
    box: Annotated[
        list[str] | None,
        typer.Option(metavar="x1,y1,x2,y2", help="Box in pixels; the first is <region1>. Repeat it for more boxes."),
    ] = None,
    model: Model = DEFAULT_MODEL,
    device: DeviceOption = "auto",
    threads: Threads = None,
    verbose: console.Verbose = False,
) -> None:
    """Ask about boxes on a photo: "what is <region1> doing to <region2>?". The answer appears as it is written."""
    from roi_assistant.core.references import rewrite_references
    from roi_assistant.imaging.decode import decode_image

    regions = parse_boxes(box or ())
    for question in questions:
        rewrite_references(question, len(regions))  # raises when a question is about a box that is not there
    picture = decode_image(path)
    fitted = [fit_box(region, image=str(path), width=picture.width, height=picture.height) for region in regions]
    for _, note in fitted:
        if note:
            console.say(note)
    captioner = open_captioner(console.plugins_of(context), model, device=device, threads=threads)
    with contextlib.closing(captioner):
        check_abilities(captioner, regions=len(regions))
        with model_failures(captioner.info.id, name=str(path)):
            state = captioner.set_image(picture.pixels)
        converse(captioner, state, [fit for fit, _ in fitted], questions, name=str(path))


def check_abilities(captioner: Captioner, *, regions: int) -> None:
    """Raises: CaptionerError: the model cannot chat, or not about so many regions."""
    info = captioner.info
    if "chat" not in info.capabilities:
        raise CaptionerError(f"The model {info.id} cannot chat: choose another with --model, or use 'caption'.")
    if regions > 1 and "multi_region" not in info.capabilities:
        raise CaptionerError(f"The model {info.id} answers about one box at a time: give one --box.")


def converse(
    captioner: Captioner, state: ImageState, boxes: Sequence[Box], questions: Sequence[str], *, name: str
) -> None:
    """Ask ``questions`` one after the other and print the answers as they come; ``name`` is the image's in messages.

    Raises:
        CaptionerError: the captioner failed.
    """
    turns: list[Turn] = []
    for question in questions:
        turns.append(Turn("user", question))
        if len(questions) > 1:
            print(f"> {console.printable(question)}", flush=True)
        answer = ""
        for piece in _pieces(captioner, state, boxes, turns, name=name):
            answer += piece
            print("\n".join(console.printable(line) for line in piece.split("\n")), end="", flush=True)
        print(flush=True)
        turns.append(Turn("assistant", answer))


def _pieces(
    captioner: Captioner, state: ImageState, boxes: Sequence[Box], turns: Sequence[Turn], *, name: str
) -> Iterator[str]:
    """The answer as it comes. What goes wrong where it is printed, as on a full disk, is no failure of the model."""
    with model_failures(captioner.info.id, name=name):
        yield from captioner.chat(state, boxes, tuple(turns))
