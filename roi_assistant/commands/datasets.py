"""``roi-assistant datasets``: which of the region-text data sets are there, and what they look like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.errors import BadInputError, FormatError

app = typer.Typer(help="The data sets that GPT4RoI is trained on.", no_args_is_help=True)


@app.callback()
def _datasets() -> None:
    """The data sets that GPT4RoI is trained on."""


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with the data sets, or the folder of one of them.")
    ],
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Only this data set; may be given several times.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="train, val or another split of the official files.")] = "train",
    samples: Annotated[int, typer.Option("--samples", min=1, help="How many samples to draw with --out.")] = 10,
    out: Annotated[Path | None, typer.Option("--out", help="Draw samples with their boxes into this folder.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Chooses wordings of the samples.")] = 0,
    verbose: console.Verbose = False,
) -> None:
    """Say for each data set what is there, how much of it can be used, and where to get what is missing.

    Files keep their official names and layout: DIR/coco, DIR/refcoco, DIR/visual_genome and so on. Fails when a data
    set that was named, or every data set, cannot be used.
    """
    from roi_assistant.datasets.preview import write_samples
    from roi_assistant.datasets.registry import REGISTRY, Missing, dataset_spec

    if not folder.is_dir():
        raise BadInputError(f"{folder} is not a folder: give the folder with the data sets.")
    if out is not None and out.exists() and not out.is_dir():
        raise BadInputError(f"{out} is a file: give a folder for the pictures.")
    specs = [dataset_spec(each) for each in name] if name else list(REGISTRY.values())
    usable = 0
    for spec in specs:
        location = spec.find(folder, split)
        print(f"{spec.name} ({spec.title})")
        if isinstance(location, Missing):
            for need in location.needs:
                print(f"  missing  {need.what}: {need.names(split)}\n           get it from {need.site}")
            continue
        source, paths_found = location
        for what, path in paths_found.items():
            print(f"  found    {what}: {console.printable(str(path))}")
        try:
            dataset = source.load(paths_found, split)
        except FormatError as error:
            print(f"  unusable {console.printable(str(error))}")
            continue
        usable += 1
        photos = {dataset.sample(index).image for index in range(min(len(dataset), 2000))}
        absent = sum(image not in dataset.images for image in photos)
        print(f"  {split:<8} {len(dataset)} conversations, {dataset.boxes} boxes")
        for reason, count in sorted(dataset.dropped.items()):
            print(f"  left out {count}: {reason}")
        if absent:
            print(f"  missing  {absent} of the first {len(photos)} photos")
        if out is not None:
            pictures, problems = write_samples(dataset, out, count=samples, seed=seed)
            print(f"  drawn    {len(pictures)} samples in {console.printable(str(out))}, {dataset.name}.html")
            for problem in problems[:3]:
                console.say(problem)
    if usable == 0 or (name and usable < len(specs)):
        raise FormatError(f"{len(specs) - usable} of {len(specs)} data sets in {folder} cannot be used: see above.")
