"""``roi-assistant evaluate``: score a model against what people wrote, as JSON and as an HTML report."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from roi_assistant.commands import console
from roi_assistant.commands.captioning import DEFAULT_MODEL
from roi_assistant.commands.evaluating import (
    CaptionRun,
    Device,
    JsonOut,
    Model,
    ModelRun,
    Threads,
    check_outputs,
)
from roi_assistant.commands.learning import LearningRun
from roi_assistant.commands.option_groups import expand_options
from roi_assistant.commands.progress import Progress
from roi_assistant.errors import BadInputError, CaptionerError

RootArgument = Annotated[Path | None, typer.Argument(metavar="[ROOT]", help="The same as --root.")]
Root = Annotated[Path | None, typer.Option("--root", help="Folder of the photos.")]
Annotations = Annotated[
    Path | None,
    typer.Option("--annotations", help="COCO annotation file; without it ROOT must hold regions.jsonl."),
]
Split = Annotated[str, typer.Option("--split", help="Split in regions.jsonl.")]

app = typer.Typer(help="Score a model against what people wrote.", no_args_is_help=True)


@app.command()
@expand_options
def flickr30k(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Top folder of Flickr30k Entities.")],
    split: Annotated[str, typer.Option("--split", help="Name of the split file without .txt.")] = "val",
    *,
    job: CaptionRun,
) -> None:
    """Captions, category, attributes and calibration on Flickr30k Entities, beside a human baseline (leave-one-out).

    ROOT is the official layout: images/ or flickr30k-images/, Annotations/, Sentences/ (folders or tar archives that
    begin with these names) and the split files.
    """
    from roi_assistant.evaluation.flickr30k import evaluate_flickr30k, load_flickr30k

    job.run(load_flickr30k(root, split=split, limit=job.limit, style=job.style), evaluate_flickr30k)


@app.command()
@expand_options
def coco(
    root_argument: RootArgument = None,
    root: Root = None,
    annotations: Annotations = None,
    split: Split = "val",
    words: Annotated[
        Path | None,
        typer.Option("--words", help="People's words on the boxes of regions.jsonl, in a file of their own."),
    ] = None,
    min_train_photos: Annotated[
        int, typer.Option("--min-train-photos", min=1, help="Also report categories with so many training photos.")
    ] = 5,
    *,
    job: CaptionRun,
) -> None:
    """Categories, and captions where the annotations have them, on general photos.

    Photos in COCO format (--root PHOTOS --annotations FILE), or a folder with regions.jsonl and its photos.
    """
    from roi_assistant.evaluation.general import evaluate_general, load_coco, load_region_lines

    folder = _folder(root_argument, root)
    if annotations is not None:
        data = load_coco(folder, annotations, limit=job.limit)
    else:
        data = load_region_lines(folder, split=split, limit=job.limit, style=job.style, words=words)
    job.run(data, partial(evaluate_general, min_train_photos=min_train_photos))


@app.command()
@expand_options
def learning(
    root_argument: RootArgument = None,
    root: Root = None,
    annotations: Annotations = None,
    split: Split = "val",
    *,
    job: LearningRun,
) -> None:
    """How fast a project learns: a scripted annotator goes through boxes with names, with memory and without.

    Photos as for 'coco', or Flickr30k Entities, whose regions are called by their nouns. The model, which must tell how
    regions look, describes every named box once; then projects are drawn and annotated: one with all boxes, and some
    with 12 categories each.
    """
    from roi_assistant.evaluation.flickr30k import load_flickr30k, named_by_nouns
    from roi_assistant.evaluation.general import load_coco, load_region_lines
    from roi_assistant.formats.flickr30k_entities import is_flickr30k

    folder = _folder(root_argument, root)
    if annotations is not None:
        job.run(load_coco(folder, annotations, limit=job.limit))
    elif is_flickr30k(folder):
        job.run(named_by_nouns(load_flickr30k(folder, split=split, limit=job.limit)))
    else:
        job.run(load_region_lines(folder, split=split, limit=job.limit))


def _folder(root_argument: Path | None, root: Path | None) -> Path:
    """Raises: BadInputError: the folder was given twice, or not at all."""
    folder = root or root_argument
    if folder is None or (root is not None and root_argument is not None):
        raise BadInputError("Give the folder of the photos once: --root PHOTOS.")
    return folder


@app.command()
@expand_options
def refcocog(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Folder of the data sets, or of RefCOCOg.")],
    split: Annotated[str, typer.Option("--split", help="val or test.")] = "val",
    *,
    job: CaptionRun,
) -> None:
    """Captions of the objects of RefCOCOg, counted by expression and by object.

    ROOT holds finetune_refcocog_SPLIT.json, or refs(umd).p with instances.json, and train2014/.
    """
    from roi_assistant.evaluation.refcocog import load_refcocog
    from roi_assistant.evaluation.region_captions import evaluate_region_captions

    loaded = load_refcocog(root, split=split, limit=job.limit)
    job.run(loaded.data, partial(evaluate_region_captions, expressions=loaded.expressions))


@app.command("visual-genome")
@expand_options
def visual_genome(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Folder of the data sets, or of Visual Genome.")],
    split: Annotated[str, typer.Option("--split", help="test, val or train.")] = "test",
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Score the attributes of objects instead of region descriptions.")
    ] = False,
    *,
    job: CaptionRun,
) -> None:
    """Captions of the regions of Visual Genome, counted by description and by box, or attributes of its objects.

    ROOT holds GRiT's SPLIT.json, or region_descriptions.json (with --attributes: attributes.json), image_data.json and
    densecap_splits.json; photos in VG_100K/ and VG_100K_2/ or images/.
    """
    from roi_assistant.evaluation.region_captions import evaluate_region_captions
    from roi_assistant.evaluation.visual_genome import (
        evaluate_genome_attributes,
        load_genome_attributes,
        load_visual_genome,
    )

    if attributes:
        data, words = load_genome_attributes(root, split=split, limit=job.limit)
        job.run(data, partial(evaluate_genome_attributes, words=words))
    else:
        loaded = load_visual_genome(root, split=split, limit=job.limit)
        job.run(loaded.data, partial(evaluate_region_captions, expressions=loaded.expressions))


@app.command()
@expand_options
def semantic(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Folder of the photos.")],
    annotations: Annotated[Path, typer.Option("--annotations", help="COCO annotation file, of LVIS or PACO say.")],
    similarity: Annotated[
        bool, typer.Option("--similarity/--no-similarity", help="Compare sentence embeddings too.")
    ] = True,
    *,
    job: ModelRun,
) -> None:
    """Semantic similarity and semantic IoU of category answers, as Osprey measures them on LVIS and PACO.

    The model is asked for the category of each box in a word or phrase, and its answer is compared as it stands.
    """
    from roi_assistant.evaluation.general import load_coco
    from roi_assistant.evaluation.semantic import PROTOCOL, QUESTION, evaluate_semantic, minilm_embedder

    embed = minilm_embedder() if similarity else None
    data = replace(load_coco(root, annotations, limit=job.limit), protocol=PROTOCOL)
    job.run_question(data, QUESTION, partial(evaluate_semantic, data, embed=embed))


@app.command()
def proposals(
    context: typer.Context,
    roots: Annotated[list[Path], typer.Argument(metavar="ROOT...", help="Folders of data sets.")],
    split: Annotated[str, typer.Option("--split", help="Split of all of them.")] = "val",
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many photos of each.")] = None,
    device: Device = "auto",
    threads: Threads = None,
    verbose: console.Verbose = False,
) -> None:
    """How many of people's boxes a model proposes, beside boxes that are frequent in the training split.

    Each ROOT holds regions.jsonl and its photos, or Flickr30k Entities.
    """
    from roi_assistant.evaluation.predictions import RunHeader
    from roi_assistant.evaluation.proposals import MOST, PROTOCOL, evaluate_proposals, frequent_boxes, load_boxes
    from roi_assistant.evaluation.report import build_proposal_report, write_json
    from roi_assistant.evaluation.report_sections import report_lines
    from roi_assistant.interfaces import can_propose

    check_outputs({"--json": json_out})
    loaded = [(load_boxes(root, split=split, limit=limit), frequent_boxes(root, most=max(MOST))) for root in roots]
    captioner = console.plugins_of(context).create_captioner(model, device=device, threads=threads)
    try:
        if not can_propose(captioner):
            raise CaptionerError(f"{captioner.info.id} has no capability 'proposes': choose a model that proposes.")
        header = RunHeader.of(captioner.info, protocol=PROTOCOL, split=split, decoding="")
        with Progress(sum(data.photos for data, _ in loaded), what="photos") as bar:
            figures = [
                evaluate_proposals(captioner, data, frequent=frequent, progress=bar.step) for data, frequent in loaded
            ]
    finally:
        captioner.close()
    report = build_proposal_report(header, figures, command=["roi-assistant", *sys.argv[1:]], limit=limit)
    if json_out is not None:
        write_json(json_out, report)
    print("\n".join(report_lines(PROTOCOL, report["metrics"])))


@app.command()
def vcr(
    context: typer.Context,
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Folder of the data sets, or of VCR.")],
    split: Annotated[str, typer.Option("--split", help="Split with public labels: val or train.")] = "val",
    scoring: Annotated[
        Literal["letter", "options"],
        typer.Option("--scoring", help="options: the most probable letter; letter: the one that the model writes."),
    ] = "letter",
    tags: Annotated[
        Literal["region", "number"],
        typer.Option("--tags", help="How texts name objects: region (<region2>) or number (2, as in the paper)."),
    ] = "region",
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many questions.")] = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws the order of the options.")] = 0,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", help="Save the choices in this JSONL file; a stopped run goes on from it."),
    ] = None,
    verbose: console.Verbose = False,
) -> None:
    """Multiple choice about people and things in film stills: answer, reason given the right answer, and both.

    ROOT holds SPLIT.jsonl and vcr1images/.
    """
    from roi_assistant.evaluation.predictions import RunHeader
    from roi_assistant.evaluation.report import build_choice_report, write_json
    from roi_assistant.evaluation.report_sections import report_lines
    from roi_assistant.evaluation.vcr import PROTOCOL, vcr_figures
    from roi_assistant.evaluation.vcr_run import CaptionerScorer, ask_all, choice_file, load_vcr_questions
    from roi_assistant.imaging.decode import decode_image

    check_outputs({"--json": json_out, "--predictions": predictions})
    questions, photos = load_vcr_questions(root, split=split, limit=limit, seed=seed, tags=tags)
    captioner = console.plugins_of(context).create_captioner(model, device=device, threads=threads)
    try:
        run = RunHeader.of(captioner.info, protocol=PROTOCOL, split=split, decoding=scoring)
        scorer = CaptionerScorer(captioner, lambda image: decode_image(photos / image).pixels, scoring=scoring)
        settings: dict[str, str | int] = {"split": split, "scoring": scoring, "tags": tags, "seed": seed}
        header = {"model": run.model_id, "weights_sha256": run.weights_sha256, **settings}
        with choice_file(predictions, header) as choices:
            left = sum((question.item, question.task) not in choices.done for question in questions)
            with Progress(left, what="questions") as bar:
                figures = vcr_figures(questions, ask_all(questions, scorer.choose, choices, progress=bar.step))
    finally:
        captioner.close()
    if json_out is not None:
        command = ["roi-assistant", *sys.argv[1:]]
        write_json(json_out, build_choice_report(run, figures, command=command, limit=limit, settings=settings))
    print("\n".join(report_lines(PROTOCOL, figures)))
