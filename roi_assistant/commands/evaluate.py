"""``roi-assistant evaluate``: score a model against what people wrote, as JSON and as an HTML report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from roi_assistant.commands import console
from roi_assistant.commands.progress import Progress
from roi_assistant.core.records import Decoding
from roi_assistant.errors import BadInputError, MissingDependencyError

if TYPE_CHECKING:
    from roi_assistant.evaluation.categories import TextRules
    from roi_assistant.evaluation.flickr30k import ItemOutcome
    from roi_assistant.evaluation.items import EvaluationSet
    from roi_assistant.evaluation.predictions import Prediction, RunHeader

DEFAULT_MODEL = "gpt4roi-mini"
MEASURE_ALTERNATIVES = 5

app = typer.Typer(help="Score a model against what people wrote.", no_args_is_help=True)

Model = Annotated[str, typer.Option("--model", "-m", help="Id of the model; `roi-assistant models` lists them.")]
JsonOut = Annotated[Path | None, typer.Option("--json", help="Write all figures to this JSON file.")]
HtmlOut = Annotated[Path | None, typer.Option("--html", help="Write a report with pictures to this HTML file.")]
DecodingOption = Annotated[str, typer.Option("--decoding", help="greedy, beam or consensus.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many photos.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="CPU threads of the model.")]
Seed = Annotated[int, typer.Option("--seed", help="Draws the human phrase that stands for a person.")]
Save = Annotated[
    Path | None,
    typer.Option("--predictions", help="Save the answers in this JSONL file; a run that was stopped goes on from it."),
]
Rescore = Annotated[
    Path | None, typer.Option("--from-predictions", help="Score the answers in this JSONL file; no model is loaded.")
]
NoJava = Annotated[bool, typer.Option("--no-java", help="Split texts by the program's own rules and leave METEOR out.")]


@app.command()
def flickr30k(
    root: Annotated[Path, typer.Argument(help="Top folder of Flickr30k Entities.")],
    split: Annotated[str, typer.Option("--split", help="Name of the split file without .txt.")] = "val",
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    decoding: DecodingOption = "greedy",
    limit: Limit = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Seed = 0,
    predictions: Save = None,
    from_predictions: Rescore = None,
    no_java: NoJava = False,
    verbose: console.Verbose = False,
) -> None:
    """Captions, category, attributes and calibration on Flickr30k Entities, beside a person under the same rule.

    ROOT is the official layout: images/ or flickr30k-images/, Annotations/, Sentences/ (folders or tar archives that
    begin with these names) and the split files.
    """
    from roi_assistant.evaluation.flickr30k import evaluate_flickr30k, load_flickr30k

    run = _Run(
        model, decoding, device, threads, predictions, from_predictions, json_out, html_out, limit, seed, no_java
    )
    run.check()
    run.run(load_flickr30k(root, split=split, limit=limit), evaluate_flickr30k, _flickr30k_lines)


@app.command()
def coco(
    root_argument: Annotated[Path | None, typer.Argument(metavar="[ROOT]", help="The same as --root.")] = None,
    root: Annotated[Path | None, typer.Option("--root", help="Folder of the photos.")] = None,
    annotations: Annotated[
        Path | None,
        typer.Option("--annotations", help="COCO annotation file; without it ROOT must hold regions.jsonl."),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="Split in regions.jsonl.")] = "val",
    min_train_photos: Annotated[
        int, typer.Option("--min-train-photos", min=1, help="Also report categories with so many training photos.")
    ] = 5,
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    decoding: DecodingOption = "greedy",
    limit: Limit = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Seed = 0,
    predictions: Save = None,
    from_predictions: Rescore = None,
    no_java: NoJava = False,
    verbose: console.Verbose = False,
) -> None:
    """Categories, and captions where the annotations have them, on general photos.

    Photos in COCO format (--root PHOTOS --annotations FILE), or a folder with regions.jsonl and its photos.
    """
    from roi_assistant.evaluation.general import evaluate_general, load_coco, load_region_lines

    folder = root or root_argument
    if folder is None or (root is not None and root_argument is not None):
        raise BadInputError("Give the folder of the photos once: --root PHOTOS.")
    run = _Run(
        model, decoding, device, threads, predictions, from_predictions, json_out, html_out, limit, seed, no_java
    )
    run.check()
    if annotations is not None:
        data = load_coco(folder, annotations, limit=limit)
    else:
        data = load_region_lines(folder, split=split, limit=limit)

    def evaluate(*arguments: Any, **options: Any) -> tuple[dict[str, Any], list[ItemOutcome]]:
        return evaluate_general(*arguments, min_train_photos=min_train_photos, **options)

    run.run(data, evaluate, _general_lines)


@app.command()
def refcocog(
    root: Annotated[Path, typer.Argument(help="Folder of the data sets, or of RefCOCOg.")],
    split: Annotated[str, typer.Option("--split", help="val or test.")] = "val",
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    decoding: DecodingOption = "greedy",
    limit: Limit = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Seed = 0,
    predictions: Save = None,
    from_predictions: Rescore = None,
    no_java: NoJava = False,
    verbose: console.Verbose = False,
) -> None:
    """Captions of the objects of RefCOCOg, counted by expression and by object.

    ROOT holds finetune_refcocog_SPLIT.json, or refs(umd).p with instances.json, and train2014/.
    """
    from roi_assistant.evaluation.refcocog import load_refcocog
    from roi_assistant.evaluation.region_captions import evaluate_region_captions

    run = _Run(
        model, decoding, device, threads, predictions, from_predictions, json_out, html_out, limit, seed, no_java
    )
    run.check()
    found = load_refcocog(root, split=split, limit=limit)
    run.run(found.data, partial(evaluate_region_captions, expressions=found.expressions), _region_caption_lines)


@app.command("visual-genome")
def visual_genome(
    root: Annotated[Path, typer.Argument(help="Folder of the data sets, or of Visual Genome.")],
    split: Annotated[str, typer.Option("--split", help="test, val or train.")] = "test",
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Score the attributes of objects instead of region descriptions.")
    ] = False,
    model: Model = DEFAULT_MODEL,
    json_out: JsonOut = None,
    html_out: HtmlOut = None,
    decoding: DecodingOption = "greedy",
    limit: Limit = None,
    device: Device = "auto",
    threads: Threads = None,
    seed: Seed = 0,
    predictions: Save = None,
    from_predictions: Rescore = None,
    no_java: NoJava = False,
    verbose: console.Verbose = False,
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

    run = _Run(
        model, decoding, device, threads, predictions, from_predictions, json_out, html_out, limit, seed, no_java
    )
    run.check()
    if attributes:
        data, words = load_genome_attributes(root, split=split, limit=limit)
        run.run(data, partial(evaluate_genome_attributes, words=words), _genome_attribute_lines)
    else:
        found = load_visual_genome(root, split=split, limit=limit)
        run.run(found.data, partial(evaluate_region_captions, expressions=found.expressions), _region_caption_lines)


@app.command()
def vcr(
    root: Annotated[Path, typer.Argument(help="Folder of the data sets, or of VCR.")],
    split: Annotated[str, typer.Option("--split", help="Split with public labels: val or train.")] = "val",
    scoring: Annotated[
        str, typer.Option("--scoring", help="options: the most probable letter; letter: the one that the model writes.")
    ] = "letter",
    tags: Annotated[
        str, typer.Option("--tags", help="How texts name objects: region (<region2>) or number (2, as in the paper).")
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
    from roi_assistant.evaluation.report import build_choice_report, write_json
    from roi_assistant.evaluation.vcr import PROTOCOL, TagStyle, vcr_figures
    from roi_assistant.evaluation.vcr_run import CaptionerScorer, ChoiceFile, Scoring, ask_all, load_vcr_questions
    from roi_assistant.imaging.decode import decode_image
    from roi_assistant.plugins import PluginManager

    for name, value, known in (("scoring", scoring, get_args(Scoring)), ("tags", tags, get_args(TagStyle))):
        if value not in known:
            raise BadInputError(f"There is no --{name} {value!r}; there are {', '.join(known)}.")
    for path in (json_out, predictions):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise BadInputError(f"{path} cannot be written: its folder does not exist, or it is a folder itself.")
    questions, photos = load_vcr_questions(root, split=split, limit=limit, seed=seed, tags=cast(TagStyle, tags))
    captioner = PluginManager().create_captioner(model, device=device, threads=threads)
    try:
        info = captioner.info
        scorer = CaptionerScorer(
            captioner, lambda image: decode_image(photos / image).pixels, scoring=cast(Scoring, scoring)
        )
        settings = {"split": split, "scoring": scoring, "tags": tags, "seed": seed}
        header = {"model": info.id, "weights_sha256": info.weights_sha256, **settings}
        with ChoiceFile(predictions, header) as choices:
            left = sum((question.item, question.task) not in choices.done for question in questions)
            with Progress(left, what="questions") as bar:
                figures = vcr_figures(questions, ask_all(questions, scorer.choose, choices, progress=bar.step))
    finally:
        captioner.close()
    if json_out is not None:
        command = ["roi-assistant", *sys.argv[1:]]
        write_json(
            json_out, build_choice_report(PROTOCOL, info, figures, command=command, limit=limit, settings=settings)
        )
    for line in _vcr_lines(figures):
        print(line)


class _Run:
    """One evaluation with the options that the caption commands share."""

    def __init__(
        self,
        model: str,
        decoding: str,
        device: str,
        threads: int | None,
        predictions: Path | None,
        from_predictions: Path | None,
        json_out: Path | None,
        html_out: Path | None,
        limit: int | None,
        seed: int,
        no_java: bool,
    ) -> None:
        self.model, self.decoding, self.device, self.threads = model, decoding, device, threads
        self.predictions, self.from_predictions = predictions, from_predictions
        self.json_out, self.html_out = json_out, html_out
        self.limit, self.seed, self.no_java = limit, seed, no_java

    def check(self) -> None:
        """Find what would fail at the end before the long work begins.

        Raises:
            BadInputError: options that contradict each other or name impossible places.
        """
        if self.decoding not in get_args(Decoding):
            raise BadInputError(f"There is no decoding {self.decoding!r}; there are {', '.join(get_args(Decoding))}.")
        if self.predictions and self.from_predictions:
            raise BadInputError("Give --predictions to run the model or --from-predictions to score again, not both.")
        for path in (self.json_out, self.html_out, self.predictions):
            if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
                raise BadInputError(f"{path} cannot be written: its folder does not exist, or it is a folder itself.")

    def run(
        self,
        data: EvaluationSet,
        evaluate: Callable[..., tuple[dict[str, Any], list[ItemOutcome]]],
        lines: Callable[[dict[str, Any]], list[str]],
    ) -> None:
        from roi_assistant.evaluation.categories import lexicon_rules
        from roi_assistant.evaluation.metrics import one_meteor_process
        from roi_assistant.evaluation.report import build_report, write_html, write_json

        if find_spec("pycocoevalcap") is None and any(item.references for item in data.items):
            raise MissingDependencyError(
                "Caption metrics need the package pycocoevalcap: pip install 'roi-assistant[evaluation]'."
            )
        rules: TextRules = lexicon_rules()
        header, answers, timing = self._saved(data) if self.from_predictions else self._ask(data)
        console.say(f"Scoring {len(data.items)} regions ...")
        with one_meteor_process():
            metrics, outcomes = evaluate(
                data,
                answers,
                rules=rules,
                seed=self.seed,
                meteor=not self.no_java,
                tokenizer="plain" if self.no_java else "auto",
            )
        report = build_report(
            data,
            header,
            metrics,
            command=["roi-assistant", *sys.argv[1:]],
            seed=self.seed,
            timing=timing,
            limit=self.limit,
        )
        if self.json_out is not None:
            write_json(self.json_out, report)
        if self.html_out is not None:
            write_html(self.html_out, report, data, outcomes)
        for line in lines(metrics):
            print(line)
        for note in report["notes"]:
            console.say(note)

    def _saved(self, data: EvaluationSet) -> tuple[RunHeader, dict[str, Prediction], None]:
        from roi_assistant.evaluation.predictions import check_boxes, read_predictions

        assert self.from_predictions is not None
        header, answers, _ = read_predictions(self.from_predictions)
        missing = sum(item.id not in answers for item in data.items)
        if missing:
            raise BadInputError(
                f"{self.from_predictions} has no answer for {missing} of {len(data.items)} regions: finish the run "
                "with --predictions, or give the --limit that it was made with."
            )
        check_boxes(answers, data.items, self.from_predictions)
        return header, {item.id: answers[item.id] for item in data.items}, None

    def _ask(self, data: EvaluationSet) -> tuple[RunHeader, dict[str, Prediction], dict[str, Any]]:
        from roi_assistant.core.records import DescribeRequest
        from roi_assistant.evaluation.predictions import PredictionWriter, RunHeader, check_boxes
        from roi_assistant.evaluation.runner import describe_items
        from roi_assistant.plugins import PluginManager

        captioner = PluginManager().create_captioner(self.model, device=self.device, threads=self.threads)
        try:
            header = RunHeader.of(captioner.info, protocol=data.protocol, split=data.split, decoding=self.decoding)
            request = DescribeRequest(
                style="phrase",
                alternatives=MEASURE_ALTERNATIVES,
                decoding=self.decoding,  # type: ignore[arg-type]  # checked against the literal before
            )
            with PredictionWriter(self.predictions, header) as writer:
                if self.predictions is not None:
                    check_boxes(writer.done, data.items, self.predictions)
                done = sum(item.id in writer.done for item in data.items)
                if done:
                    console.say(f"{done} of {len(data.items)} regions were described before; going on.")
                with Progress(len(data.items) - done, what="regions") as bar:

                    def advance(regions: int) -> None:
                        for _ in range(regions):
                            bar.step()

                    answers, timing = describe_items(captioner, data, request=request, writer=writer, progress=advance)
        finally:
            captioner.close()
        return header, answers, timing.figures()


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _flickr30k_lines(metrics: dict[str, Any]) -> list[str]:
    """The figures for the terminal."""
    specific, shown = metrics["captions"]["specific"], metrics["captions"]["shown"]
    lines = [f"{'':28}{'best caption':>14}{'as shown':>12}"]
    for key, name in (
        ("cider", "CIDEr"),
        ("meteor", "METEOR"),
        ("bleu4", "BLEU-4"),
        ("rouge_l", "ROUGE-L"),
        ("exact_match", "exact match"),
    ):
        lines.append(f"{name:28}{_show(specific[key]):>14}{_show(shown[key]):>12}")
    head, head_shown = metrics["category"]["caption_head"], metrics["category"]["caption_head_shown"]
    for key, name in (
        ("strict", "category, same word"),
        ("with_synonyms", "category, with synonyms"),
        ("broader", "category, more general word"),
    ):
        lines.append(f"{name:28}{_show(head[key]):>14}{_show(head_shown[key]):>12}")
    agreement = metrics["human_agreement"]
    if agreement["items"]:
        lines.append(f"\nOn {agreement['items']} regions, each against the others' phrases:")
        lines.append(f"{'':28}{'model':>14}{'a person':>12}")
        lines.append(f"{'CIDEr':28}{_show(agreement['model']['cider']):>14}{_show(agreement['human']['cider']):>12}")
    lines.append(f"\n{'attribute':28}{'right':>14}{'regions':>12}{'from caption':>14}")
    captions = metrics["attributes"]["caption"]
    for name, row in metrics["attributes"]["answer"].items():
        lines.append(
            f"{name:28}{_show(row['accuracy']):>14}{row['labelled']:>12}{_show(captions[name]['accuracy']):>14}"
        )
    lines.append("")
    for name, figures in metrics["calibration"].items():
        lines.append(f"{'ECE, ' + name.replace('_', ' '):40}{_show(figures['ece']):>8}")
    return lines


def _general_lines(metrics: dict[str, Any]) -> list[str]:
    """The figures for the terminal."""
    category = metrics["category"]
    blocks = [("all boxes", category["all"])]
    if category["frequent"]:
        blocks.append((f">= {category['min_train_photos']} training photos", category["frequent"]))
    lines = [f"{'category':28}{'boxes':>8}{'top-1':>8}{'top-5':>8}{'with synonyms':>16}{'more general':>14}"]
    for name, block in blocks:
        top1, top5 = block["top1"], block["top5"]
        both = f"{_show(top1['with_synonyms'])} {_show(top5['with_synonyms'])}"
        lines.append(
            f"{name:28}{block['items']:>8}{_show(top1['strict']):>8}{_show(top5['strict']):>8}{both:>16}"
            f"{_show(top1['broader']):>14}"
        )
    unsure = metrics["unsure"]
    lines.append(f"\n{'shown as unsure':28}{_show(unsure['share']):>8}")
    lines.append(f"{'right when sure':28}{_show(unsure['sure']['category_right']):>8}")
    lines.append(f"{'ECE of category scores':28}{_show(metrics['calibration']['category_right']['ece']):>8}")
    if metrics["captions"]:
        specific = metrics["captions"]["specific"]
        for key, name in (("cider", "CIDEr"), ("exact_match", "exact match")):
            lines.append(f"{'captions: ' + name:28}{_show(specific[key]):>8}")
    return lines


def _region_caption_lines(metrics: dict[str, Any]) -> list[str]:
    """The figures for the terminal."""
    ways = (metrics["by_expression"], metrics["by_object"])
    lines = [f"{'':28}{'by expression':>16}{'by object':>12}"]
    for key, name in (
        ("cider", "CIDEr"),
        ("meteor", "METEOR"),
        ("bleu4", "BLEU-4"),
        ("rouge_l", "ROUGE-L"),
        ("exact_match", "exact match"),
    ):
        lines.append(f"{name:28}{_show(ways[0][key]):>16}{_show(ways[1][key]):>12}")
    lines.append(f"{'items':28}{ways[0]['items']:>16}{ways[1]['items']:>12}")
    return [
        *lines,
        "",
        *(f"{name}: {way['label']}" for name, way in zip(("by expression", "by object"), ways, strict=True)),
    ]


def _genome_attribute_lines(metrics: dict[str, Any]) -> list[str]:
    """The figures for the terminal."""
    captions = metrics["attributes"]["caption"]
    lines = [f"{'attribute':28}{'right':>14}{'commonest':>12}{'objects':>12}{'from caption':>14}"]
    for name, row in metrics["attributes"]["answer"].items():
        lines.append(
            f"{name:28}{_show(row['accuracy']):>14}{_show(row['most_common_accuracy']):>12}{row['labelled']:>12}"
            f"{_show(captions[name]['accuracy']):>14}"
        )
    return lines


def _vcr_lines(figures: dict[str, Any]) -> list[str]:
    """The figures for the terminal."""
    lines = [f"{'':28}{'right':>8}{'chance':>9}{'std. error':>12}"]
    for key, name, chance in (("q_a", "Q -> A", 0.25), ("qa_r", "QA -> R", 0.25), ("q_ar", "Q -> AR", 0.0625)):
        lines.append(f"{name:28}{figures[key]:>8.4f}{chance:>9.4f}{figures[f'{key}_standard_error']:>12.4f}")
    lines.append(f"{'questions':28}{figures['items']:>8}")
    if figures["without_letter"]:
        lines.append(f"{'answers without a letter':28}{figures['without_letter']:>8}")
    return lines
