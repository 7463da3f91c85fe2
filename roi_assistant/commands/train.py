"""``roi-assistant train``: the full GPT4RoI, and the stages of the embedded model, one command each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from roi_assistant.commands.captioning import Device as DeviceName
from roi_assistant.commands.option_groups import expand_options
from roi_assistant.commands.outputs import check_file
from roi_assistant.errors import BadInputError, MissingDependencyError

if TYPE_CHECKING:
    from roi_assistant.training.mini.recipe import Recipe

app = typer.Typer(
    help="Train the full GPT4RoI of any size (gpt4roi), or the embedded model (the other stages). Every one can be "
    "interrupted and run again: it goes on where it stopped."
)

Flickr = Annotated[Path, typer.Option("--flickr30k", help="Flickr30k Entities in its official layout.")]
General = Annotated[list[Path], typer.Option("--general", help="General photos: regions.jsonl and images; repeat it.")]
Model = Annotated[Path, typer.Option("--model", help="Folder of an exported model.")]
ModelOut = Annotated[Path, typer.Option("--model", help="Folder of the exported model.")]
Workers = Annotated[int | None, typer.Option("--workers", help="Processes; all cores by default.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOptions:
    """The options of all stages of the embedded model."""

    flickr: Flickr
    general: General
    out: Annotated[Path, typer.Option("--out", help="Folder for features, checkpoints and logs.")]
    config: Annotated[
        Path | None, typer.Option("--config", help="Training configuration; the embedded model's own by default.")
    ] = None

    def load(self) -> tuple[ModuleType, Recipe]:
        """The module with the stages, and what they work on.

        Raises:
            MissingDependencyError: a package that training needs is not installed.
            BadInputError: the configuration cannot be used.
        """
        try:
            from roi_assistant.training.mini import recipe
        except ImportError as error:
            raise _missing(error) from error
        path = self.config or Path(recipe.__file__).parent / "configs" / "mini.toml"
        return recipe, recipe.Recipe.load(path, flickr=self.flickr, general=self.general, out=self.out)


Folder = Path | None


@app.command()
def gpt4roi(
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            help="Configuration file, or one that ships: gpt4roi-stage1, gpt4roi-stage2, gpt4roi-stage2-lora, "
            "gpt4roi-small-stage1, gpt4roi-small-stage2.",
        ),
    ],
    data: Annotated[Path, typer.Option("--data", help="Folder of the data sets, as for 'datasets check'.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for states, log, report and, at the end, model/.")],
    start: Annotated[
        Folder,
        typer.Option("--start", help="Checkpoint to start from: the model/ of stage 1, or an imported GPT4RoI."),
    ] = None,
    llama: Annotated[Folder, typer.Option("--llama", help="Or start from LLaMA or Vicuna in this folder ...")] = None,
    clip: Annotated[
        Folder, typer.Option("--clip", help="... and CLIP in this one, with a new region module ...")
    ] = None,
    projector: Annotated[
        Folder, typer.Option("--projector", help="... and LLaVA's projector, as pytorch_model.bin in a folder.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Stop after so many more steps.")] = None,
) -> None:
    """Train the full GPT4RoI, of any size, in one of its two stages.

    Stage 1 teaches the region module, stage 2 all but CLIP. The first Ctrl-C ends after the current step with the
    state saved; the same command goes on from there, with bit-equal results. OUT/model is then a model like an imported
    one, OUT/report.html shows the curves. Several GPUs: put 'torchrun --nproc-per-node N -m roi_assistant' in place of
    'roi-assistant'. See docs/training.md.
    """
    try:
        from roi_assistant.training.gpt4roi import run, settings
        from roi_assistant.training.gpt4roi.report import write_report
    except ImportError as error:
        raise _missing(error) from error
    chosen = settings.TrainingSettings.load(config)
    source = run.DataSource(checkpoint=start, llama=llama, clip=clip, projector=projector)
    parts, evaluated = run.load_datasets(chosen, data)
    trained = run.run_training(chosen, parts=parts, evaluated=evaluated, source=source, out=out, stop_after=steps)
    if trained.is_first:
        typer.echo(f"{trained.step} of {trained.steps} steps; curves in {write_report(out)}")
        if trained.finished:
            typer.echo(f"The trained model is in {out / run.MODEL}")
        else:
            typer.echo("The same command goes on from here.")


@app.command()
def memorize(
    flickr: Flickr,
    out: Annotated[Path, typer.Option("--out", help="Folder for both stages.")],
    photos: Annotated[int, typer.Option("--photos", min=1, help="Photos to learn by heart.")] = 64,
    config: Annotated[Path, typer.Option("--config", help="Configuration of stage 2 with [model].")] = Path(
        "gpt4roi-memorize"
    ),
) -> None:
    """Check that the training of the full GPT4RoI works here: a small model learns some photos by heart.

    It learns to speak, goes through both stages and is then asked for the phrase of every region alone, in wordings
    drawn anew.
    """
    try:
        from roi_assistant.formats.atomic import write_atomically
        from roi_assistant.training.gpt4roi import memorize as module
        from roi_assistant.training.gpt4roi.settings import TrainingSettings
    except ImportError as error:
        raise _missing(error) from error
    result = module.memorize(flickr, out, photos=photos, settings=TrainingSettings.load(config))
    lines = [f"{w.id}\t{w.expected}\t{w.written}" for w in result.written]
    write_atomically(out / "answers.tsv", "\n".join(lines) + "\n")
    before, after = result.first_stage
    typer.echo(f"stage 1: loss {before:.4f} per token in its first epoch, {after:.4f} in its last")
    typer.echo(f"stage 2: loss {result.loss:.4f} per token after {result.steps} steps on {result.photos} photos")
    typer.echo(f"{result.right} of {len(result.written)} phrases are written word for word: {out / 'answers.tsv'}")


def _missing(error: ImportError) -> Exception:
    return MissingDependencyError(f"Training needs more packages ({error}): pip install 'roi-assistant[training]'.")


@app.command()
@expand_options
def tokenizer(data: RecipeOptions) -> None:
    """Train the tokenizer on the corpora's text."""
    stages, recipe = data.load()
    typer.echo(stages.run_tokenizer(recipe))


@app.command()
@expand_options
def features(data: RecipeOptions, workers: Workers = None) -> None:
    """Cache the backbone's features of all photos and regions (about 2.6 GB for each pass over them)."""
    stages, recipe = data.load()
    typer.echo(stages.run_features(recipe, workers=workers))


@app.command()
@expand_options
def language(data: RecipeOptions) -> None:
    """Stage 0: the language model reads all sentences."""
    stages, recipe = data.load()
    typer.echo(stages.run_language(recipe))


@app.command()
@expand_options
def regions(
    data: RecipeOptions,
    start: Annotated[
        Path | None,
        typer.Option("--start", help="Begin with the weights of an exported model."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Another seed: this is one of several runs for 'train average'.")
    ] = None,
    device: Annotated[DeviceName, typer.Option("--device", help="Where the model is trained.")] = "auto",
) -> None:
    """Stage 1: spatial instruction tuning."""
    stages, recipe = data.load()
    typer.echo(stages.run_regions(recipe, start=start, seed=seed, device=device))


@app.command()
@expand_options
def average(
    data: RecipeOptions,
    start: Annotated[
        Path | None, typer.Option("--start", help="The exported model that they began with, to be in the mean too.")
    ] = None,
    start_share: Annotated[float, typer.Option("--start-share", min=0.0, max=1.0, help="Its share.")] = 0.5,
) -> None:
    """Average the models of all runs of 'regions --seed N': they began alike, and their mean is better than each."""
    stages, recipe = data.load()
    typer.echo(stages.run_average(recipe, start=start, start_share=start_share))


@app.command()
@expand_options
def tokens(data: RecipeOptions, model: Model, workers: Workers = None) -> None:
    """Cache what the decoder of an exported model sees of all photos and regions (about 0.2 GB)."""
    stages, recipe = data.load()
    typer.echo(stages.run_tokens(recipe, model, workers=workers))


@app.command()
@expand_options
def heads(data: RecipeOptions, model: Model) -> None:
    """Stage 2: the heads of an exported model learn further; its region.onnx is written anew."""
    stages, recipe = data.load()
    typer.echo(stages.run_heads(recipe, model))


@app.command()
@expand_options
def projection(data: RecipeOptions, model: Model) -> None:
    """After stage 2: fit how an exported model compares regions by their looks; projection.npz is written anew."""
    stages, recipe = data.load()
    typer.echo(stages.run_projection(recipe, model))


@app.command()
@expand_options
def proposals(data: RecipeOptions, model: Model, workers: Workers = None) -> None:
    """Stage 2, too: an exported model learns to propose boxes; its propose.onnx and their scores are written anew.

    What it sees of all photos is cached first (about 3 GB).
    """
    stages, recipe = data.load()
    typer.echo(stages.run_proposals(recipe, model, workers=workers))


@app.command()
@expand_options
def decoder(data: RecipeOptions, model: Model) -> None:
    """Stage 2, too: the decoder of an exported model learns further; its language.onnx is written anew."""
    stages, recipe = data.load()
    typer.echo(stages.run_decoder(recipe, model))


@app.command()
@expand_options
def reward(data: RecipeOptions, model: Model) -> None:
    """Stage 3: the decoder of an exported model learns from its own phrases; its language.onnx is written anew."""
    stages, recipe = data.load()
    typer.echo(stages.run_reward(recipe, model))


@app.command()
@expand_options
def export(data: RecipeOptions, model: ModelOut) -> None:
    """Write the trained model as ONNX files with a manifest."""
    stages, recipe = data.load()
    typer.echo(stages.run_export(recipe, model))


@app.command()
@expand_options
def compare(
    data: RecipeOptions,
    model: ModelOut,
    photos: Annotated[int | None, typer.Option("--photos", help="Only the first N val photos.")] = None,
) -> None:
    """Compare the greedy phrases of the trained model (torch) and of its export (ONNX) on val."""
    stages, recipe = data.load()
    agreement = stages.run_compare(recipe, model, photos=photos)
    typer.echo(f"{agreement.share:.2%} of {agreement.regions} regions have the same caption")
    for region, torch_text, onnx_text in agreement.different:
        typer.echo(f"  {region}: {torch_text!r} (torch), {onnx_text!r} (ONNX)")


@app.command()
def quantize(
    flickr: Flickr,
    general: General,
    model: Model,
    out: Annotated[Path, typer.Option("--out", help="Folder for the model in 8 bits.")],
) -> None:
    """Write an exported model with its close-ups in 8 bits: faster on CPUs, and smaller. Train on from the other."""
    try:
        from roi_assistant.training.mini.quantize import quantize_model
    except ImportError as error:
        raise _missing(error) from error
    typer.echo(quantize_model(model, out, flickr=flickr, general=general))


@app.command()
def calibrate(
    flickr: Flickr,
    general: General,
    model: ModelOut,
    clauses: Annotated[
        Literal["sentence", "description"] | None,
        typer.Option("--clauses", help="The question whose answers complete descriptions; none is asked without it."),
    ] = None,
) -> None:
    """Fit the scores of an exported model on val, so that they are probabilities that a person agrees."""
    from roi_assistant.training.mini.calibrate import calibrate_model

    typer.echo(calibrate_model(model, flickr=flickr, general=general, clause_task=clauses))


@app.command()
def memory(
    predictions: Annotated[
        list[Path], typer.Option("--predictions", help="What 'evaluate learning --predictions' wrote; repeat it.")
    ],
    out: Annotated[Path, typer.Option("--out", help="File of the weights, as resources/memory.json is one.")],
    projects: Annotated[int, typer.Option("--projects", min=0, help="Projects of 12 categories of each file.")] = 24,
    mixed: Annotated[int, typer.Option("--mixed", min=0, help="Projects with all boxes of each file.")] = 4,
    stream: Annotated[int, typer.Option("--stream", help="Draws the projects and the order of their photos.")] = 0,
) -> None:
    """Fit how a project weighs what it has learned with what the model says, on streams of a scripted annotator.

    The files may be of several models: each project has the answers of one.
    """
    try:
        from roi_assistant.evaluation.named_regions import REGION_TEXTS
        from roi_assistant.formats.atomic import write_atomically
        from roi_assistant.memory.weights import weights_text
        from roi_assistant.training.memory_weights import FitConfig, fit_weights
    except ImportError as error:
        raise _missing(error) from error
    _check_replaceable(out)
    files = [REGION_TEXTS.read(path) for path in predictions]
    config = FitConfig(few_names=projects, mixed=mixed, seed=stream)
    fitted = fit_weights([list(regions.values()) for _, regions in files], config)
    write_atomically(out, weights_text(fitted.weights, digits=4))
    typer.echo(f"{fitted.boxes} boxes: loss {fitted.loss:.4f} nats, likeliest name right {fitted.right:.3f}; {out}")


def _check_replaceable(path: Path) -> None:
    """Check that ``path`` can be written, and holds nothing but weights of a memory.

    Raises:
        BadInputError: it cannot, or does.
    """
    from roi_assistant.memory.weights import weights_of

    check_file(path, option="--out")
    if path.is_file() and path.stat().st_size:
        try:
            weights = weights_of(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            weights = None
        if weights is None:
            raise BadInputError(f"--out {path} is there and holds no weights of a memory: give another name.")
