"""Writes random edits to a project until it is killed; says on stdout what has been saved. Run by test_kill.py.

usage: python -m tests.unit.storage.kill_writer FOLDER SEED

Each line is ``IMAGE DIGEST``: the regions of the image after an action that has returned.
"""

from __future__ import annotations

import hashlib
import random
import sys
from dataclasses import replace
from pathlib import Path

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange, delete_changes
from roi_assistant.core.records import Region
from roi_assistant.storage.project import Project
from tests.unit.region_records import NOW, OTHER_MODEL, answer, suggested

IMAGES = ("a.jpg", "b/ü.jpg", "c.jpg")


def digest(regions: tuple[Region, ...]) -> str:
    """The same for equal regions."""
    return hashlib.sha256(repr(regions).encode("utf-8", "surrogatepass")).hexdigest()


def random_edit(regions: tuple[Region, ...], image: str, chance: random.Random) -> Edit:
    """Something that an annotator may do."""
    if not regions or chance.random() < 0.4:
        new = [suggested(f"{chance.random()}", "word " * chance.randrange(200)) for _ in range(chance.randrange(1, 4))]
        return Edit("Draw box", image, tuple(RegionChange(image, None, region) for region in new))
    region = chance.choice(regions)
    if chance.random() < 0.2:
        return Edit("Delete", image, delete_changes(regions, [region.id], image=image))
    x = chance.random() * 100
    after = chance.choice(
        [
            review.accept(region, at=NOW),
            review.edit_caption(region, f"words {x}", at=NOW),
            review.suggest(region, answer(), provenance=OTHER_MODEL),
            review.set_category(region, f"category {x}", at=NOW),
            replace(region, box=Box(x, x, x + 5, x + 5)),
        ]
    )
    return Edit("Change", image, (RegionChange(image, region, after),))


def main(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Project.open(folder, backup=chance.random() < 0.3) as project:
        print("ready", flush=True)
        while True:
            image = chance.choice(IMAGES)
            action = chance.random()
            if action < 0.15:
                project.undo(image)
            elif action < 0.25:
                project.redo(image)
            else:
                project.apply(random_edit(project.regions(image), image, chance))
            print(image, digest(project.regions(image)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
