"""``roi-assistant train``: the stages of the embedded model, one command each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Train the embedded model. Every stage can be interrupted and run again: it goes on where it stopped."
)

Config = Annotated[
    Path | None, typer.Option("--config", help="Training configuration; the embedded model's own by default.")
]
Flickr = Annotated[Path, typer.Option("--flickr30k", help="Flickr30k Entities in its official layout.")]
General = Annotated[Path, typer.Option("--general", help="General photos: regions.jsonl and images.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for features, checkpoints and logs.")]
ModelOut = Annotated[Path, typer.Option("--model", help="Folder of the exported model.")]
Workers = Annotated[int | None, typer.Option("--workers", help="Processes; all cores by default.")]


def _recipe(config: Path | None, flickr: Path, general: Path, out: Path):  # type: ignore[no-untyped-def]
    try:
        from roi_assistant.training import recipe
    except ImportError as error:
        from roi_assistant.errors import MissingDependencyError

        raise MissingDependencyError(
            f"Training needs more packages ({error}): pip install 'roi-assistant[training]'."
        ) from error
    path = config or Path(recipe.__file__).parent / "configs" / "mini.toml"
    return recipe, recipe.Recipe.load(path, flickr=flickr, general=general, out=out)


@app.command()
def tokenizer(flickr: Flickr, general: General, out: Out, config: Config = None) -> None:
    """Train the tokenizer on the corpora's text."""
    module, recipe = _recipe(config, flickr, general, out)
    typer.echo(module.run_tokenizer(recipe))


@app.command()
def features(flickr: Flickr, general: General, out: Out, config: Config = None, workers: Workers = None) -> None:
    """Cache the backbone's features of all photos and regions (about 6.2 GB)."""
    module, recipe = _recipe(config, flickr, general, out)
    typer.echo(module.run_features(recipe, workers=workers))


@app.command()
def language(flickr: Flickr, general: General, out: Out, config: Config = None) -> None:
    """Stage 0: the language model reads all sentences."""
    module, recipe = _recipe(config, flickr, general, out)
    typer.echo(module.run_language(recipe))


@app.command()
def regions(
    flickr: Flickr,
    general: General,
    out: Out,
    config: Config = None,
    start: Annotated[
        Path | None,
        typer.Option("--start", help="Begin with the weights of an exported model, the backbone's excepted."),
    ] = None,
) -> None:
    """Stage 1: spatial instruction tuning."""
    module, recipe = _recipe(config, flickr, general, out)
    typer.echo(module.run_regions(recipe, start=start))


@app.command()
def export(flickr: Flickr, general: General, out: Out, model: ModelOut, config: Config = None) -> None:
    """Write the trained model as ONNX files with a manifest."""
    module, recipe = _recipe(config, flickr, general, out)
    typer.echo(module.run_export(recipe, model))


@app.command()
def compare(
    flickr: Flickr,
    general: General,
    out: Out,
    model: ModelOut,
    config: Config = None,
    photos: Annotated[int | None, typer.Option("--photos", help="Only the first N val photos.")] = None,
) -> None:
    """Compare the greedy phrases of the trained model (torch) and of its export (ONNX) on val."""
    module, recipe = _recipe(config, flickr, general, out)
    agreement = module.run_compare(recipe, model, photos=photos)
    typer.echo(f"{agreement.share:.2%} of {agreement.regions} regions have the same caption")
    for region, torch_text, onnx_text in agreement.different:
        typer.echo(f"  {region}: {torch_text!r} (torch), {onnx_text!r} (ONNX)")


@app.command()
def calibrate(flickr: Flickr, general: General, model: ModelOut) -> None:
    """Fit the scores of an exported model on val, so that they are probabilities that a person agrees."""
    from roi_assistant.training.calibrate import calibrate_model

    typer.echo(calibrate_model(model, flickr=flickr, general=general))
