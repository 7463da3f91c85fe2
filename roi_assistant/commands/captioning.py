"""The work of ``caption`` and ``demo``: check everything, describe, print, write."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roi_assistant.captioners.asking import proposer_info
from roi_assistant.captioners.proposing import ProposingCaptioner
from roi_assistant.commands import console
from roi_assistant.commands.describing import (
    DescribedImage,
    FailedImage,
    announce,
    describe_images,
    open_captioner,
    open_reading,
)
from roi_assistant.commands.outputs import Drawings, check_coco, check_font, drawing_targets, write_coco_file
from roi_assistant.commands.planning import CaptionPlan, make_plan
from roi_assistant.commands.progress import Progress
from roi_assistant.core.proposals import typed_phrases
from roi_assistant.core.records import (
    AttributeSchema,
    BoxSearch,
    CaptionerInfo,
    CaptionStyle,
    Decoding,
    DescribeRequest,
    ReadingText,
    ScoredBox,
)
from roi_assistant.error_log import log_trace
from roi_assistant.errors import BadInputError
from roi_assistant.interfaces import Detector
from roi_assistant.vlm.prompts import read_prompts

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.interfaces import Captioner, Proposer
    from roi_assistant.plugins import PluginManager

Device = Literal["auto", "cpu", "cuda"]
DEFAULT_MODEL = "gpt4roi-mini"
NO_ATTRIBUTES = "none"


@dataclass(frozen=True, slots=True)
class CaptionJob:
    """What the user asked for; the fields are the options of ``roi-assistant caption``."""

    paths: tuple[Path, ...]
    boxes: tuple[str, ...] = ()
    boxes_file: Path | None = None
    propose: str | None = None
    look_for: str = ""
    propose_score: float | None = None
    model: str = DEFAULT_MODEL
    device: Device = "auto"
    threads: int | None = None
    style: CaptionStyle = "phrase"
    prompt: Path | None = None
    alternatives: int = 5
    decoding: Decoding = "beam"
    attributes: str | None = None
    attribute_score: float = 0.5
    as_json: bool = False
    coco: Path | None = None
    draw: Path | None = None
    font: Path | None = None
    read_text: bool | None = None
    """Read what is written in the boxes; None: where the attributes have one for it and a reader is installed."""
    keep_category_ids: bool = True
    """Give categories of ``boxes_file`` the same ids in the COCO output."""


def run_captions(job: CaptionJob, plugins: PluginManager) -> int:
    """Do ``job``; the answer is the exit code. Nothing is loaded before the input is checked, and no file is written
    before the last image is described.

    Raises:
        RoiAssistantError: bad input, or a single image that cannot be described; nothing was written.
    """
    plan = make_plan(job.paths, boxes=job.boxes, boxes_file=job.boxes_file, propose=job.propose is not None)
    if not job.keep_category_ids:
        plan = replace(plan, category_ids={})
    if job.coco is not None:
        check_coco(job.coco, plan, boxes_file=job.boxes_file)
    targets = drawing_targets(job.draw, plan) if job.draw is not None else {}
    if job.font is not None:
        check_font(job.font)
    request = DescribeRequest(
        style=job.style,
        alternatives=job.alternatives,
        attributes=find_schema(job.attributes, plugins),
        decoding=job.decoding,
        attribute_score=job.attribute_score,
        prompts=None if job.prompt is None else read_prompts(job.prompt),
        read_text=_reading(job.read_text),
    )
    for note in plan.notes:
        console.say(note)
    decoded = None
    if len(plan.images) == 1:
        from roi_assistant.imaging.decode import decode_image

        decoded = decode_image(plan.images[0].path)
    propose = boxes_by = captioner = None
    finder: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    if job.propose is not None:
        if job.propose == job.model:  # it is loaded once
            captioner = open_captioner(plugins, job.model, device=job.device, threads=job.threads)
            proposer: Proposer = ProposingCaptioner(captioner)
        else:
            proposer = plugins.create_proposer(job.propose, device=job.device, threads=job.threads)
        propose = partial(_propose, proposer, BoxSearch(words=typed_phrases(job.look_for), least=job.propose_score))
        boxes_by = proposer_info(proposer, job.propose)
        if isinstance(proposer, Detector) and captioner is None:
            announce(boxes_by)
            finder = contextlib.closing(proposer)
    if captioner is None:
        captioner = open_captioner(plugins, job.model, device=job.device, threads=job.threads)
    results: list[DescribedImage | FailedImage] = []
    with contextlib.closing(captioner), finder, Drawings(targets, font=job.font) as drawings:
        draw = drawings.add if job.draw is not None else None
        with Progress(len(plan.images), what="images") as bar:
            described = describe_images(
                captioner,
                plan.images,
                request,
                reading=open_reading(plugins, threads=job.threads),
                decoded=decoded,
                propose=propose,
                draw=draw,
            )
            for result in described:
                if isinstance(result, FailedImage) and len(plan.images) == 1:
                    raise result.error
                results.append(result)
                bar.clear()
                _show(result, job, first=len(results) == 1)
                bar.step()
        return _finish(job, plan, request, captioner, results, drawings, boxes_by=boxes_by)


def _propose(proposer: Proposer, search: BoxSearch, picture: Image) -> Sequence[ScoredBox]:
    from roi_assistant.captioners.asking import detect_checked

    if isinstance(proposer, Detector):
        return detect_checked(proposer, picture, search, image="the image")
    return [ScoredBox(box, 1.0) for box in proposer.propose(picture)]  # each is looked at when it is described


def _reading(choice: bool | None) -> ReadingText:
    if choice is None:
        return "if_possible"
    return "yes" if choice else "no"


def find_schema(choice: str | None, plugins: PluginManager) -> AttributeSchema | None:
    """The schema that ``--attributes`` names: a preset, a JSON file, or ``none``; None leaves it to the model.

    Raises:
        BadInputError: there is no such preset or file.
        FormatError: the file is not a schema.
    """
    if choice is None:
        return None
    if choice == NO_ATTRIBUTES:
        return AttributeSchema(NO_ATTRIBUTES)
    from roi_assistant.core.schema import load_schema, shipped_presets

    presets = shipped_presets()
    path = presets.get(choice, Path(choice))
    if path.is_file():
        return load_schema(path)
    of_plugins = plugins.ids("attributes")
    if choice in of_plugins:
        return plugins.attribute_preset(choice)
    known = ", ".join(sorted({*presets, *of_plugins, NO_ATTRIBUTES}))
    raise BadInputError(f"--attributes {choice!r} is neither a preset nor a file; presets: {known}.")


def _show(result: DescribedImage | FailedImage, job: CaptionJob, *, first: bool) -> None:
    if isinstance(result, FailedImage):
        log_trace(result.error)
        console.say(f"Left out: {result.error}")
    elif not job.as_json:
        from roi_assistant.commands.table import print_captions

        if not first:
            print()
        print_captions(result)
        sys.stdout.flush()


def _finish(
    job: CaptionJob,
    plan: CaptionPlan,
    request: DescribeRequest,
    captioner: Captioner,
    results: list[DescribedImage | FailedImage],
    drawings: Drawings,
    *,
    boxes_by: CaptionerInfo | None,
) -> int:
    described = [result for result in results if isinstance(result, DescribedImage)]
    failed = [result for result in results if isinstance(result, FailedImage)]
    if described:
        if job.coco is not None:
            write_coco_file(job.coco, described, captioner.info, request, plan, boxes_by=boxes_by)
        if job.draw is not None:
            written = drawings.commit()
            console.say(
                f"{job.draw}: {len(written)} picture{'' if len(written) == 1 else 's'} with numbered boxes written."
            )
    if job.as_json:
        from roi_assistant.commands.json_output import caption_document, dump_json

        document = caption_document(captioner.info, request, results, boxes_by=boxes_by)
        print(dump_json(document, encoding=sys.stdout.encoding))
    elif any(text.unsure for result in described for text in result.texts):
        console.say("? marks what the model is unsure of: its likeliest word, or a general one beside its guesses.")
    if not failed:
        return 0
    console.say(f"{len(failed)} of {len(results)} images left out" + ("." if described else "; nothing was written."))
    return max(result.error.exit_code for result in failed)
