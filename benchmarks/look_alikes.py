"""How many of the look-alikes that are chosen for a person are the same thing, on boxes with true names.

    python benchmarks/look_alikes.py REGION_TEXTS.jsonl ...

Each file is one that ``roi-assistant evaluate learning --predictions`` wrote. In projects of 12 categories, and in such
of all boxes, some boxes are named; each of them is then asked for its look-alikes among the others. Printed are the
shares of those from a similarity on that have its name: of all of them, and of those that no other name fits better.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from roi_assistant.core.box import Box
from roi_assistant.core.records import Provenance, Region, RegionKey
from roi_assistant.evaluation.learning import FEW_NAMES, Project, drawn_projects, mixed_project
from roi_assistant.evaluation.named_regions import REGION_TEXTS, NamedRegion
from roi_assistant.memory import known_regions
from roi_assistant.memory.known_regions import KnownRegions
from roi_assistant.memory.vectors import to_bytes

HUMAN = Provenance("human", "2026-01-02T03:04:05+00:00")


class Pair(NamedTuple):
    """A named box and one that looks like it."""

    similarity: float
    fits: bool
    same: bool


def pairs(project: Project, *, lessons: int, seed: int) -> Iterable[Pair]:
    """All look-alikes of ``lessons`` boxes of ``project``, which are drawn and named."""
    boxes = {RegionKey(one.photo, one.item): one for one in project.regions}
    keys = list(boxes)
    random.Random(f"{seed} {project.name}").shuffle(keys)
    known = KnownRegions()
    for key in keys:
        known.see(key, to_bytes(boxes[key].text.features))
    for key in keys[:lessons]:
        known.decide(key.image, accepted(boxes[key]))
    for key in keys[:lessons]:
        for found in known.look_alikes(key):
            yield Pair(found.similarity, found.is_chosen, boxes[found.key].name == boxes[key].name)


def accepted(box: NamedRegion) -> Region:
    return Region(box.item, Box(0, 0, 1, 1), box.name, state="accepted", category_provenance=HUMAN)


def measure(name: str, projects: Sequence[Project], *, lessons: int) -> None:
    """Print a line for each similarity."""
    found = [pair for seed, one in enumerate(projects) for pair in pairs(one, lessons=lessons, seed=seed)]
    for least in (0.5, 0.55, 0.6, 0.65, 0.7):
        near = [pair for pair in found if pair.similarity >= least]
        fitting = [pair for pair in near if pair.fits]
        shares = " ".join(f"{sum(p.same for p in some) / max(1, len(some)):.3f}" for some in (near, fitting))
        asked = len(projects) * lessons
        print(f"{name:16} from {least:.2f}: same name {shares}; of each box {len(fitting) / asked:.1f} are chosen")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--lessons", type=int, default=50)
    parser.add_argument("--projects", type=int, default=8)
    arguments = parser.parse_args()
    known_regions.CHOSEN_FROM = 0.0  # which of them fit is wanted of all
    for path in arguments.files:
        _, regions = REGION_TEXTS.read(path)
        named = list(regions.values())
        print(path.name, len(named), "boxes")
        few = drawn_projects(named, FEW_NAMES, count=arguments.projects, seed=0)
        mixed = [mixed_project(named, seed=seed, most=600) for seed in range(arguments.projects)]
        for name, projects in (("12 categories", few), ("mixed, 600 boxes", mixed)):
            measure(name, projects, lessons=arguments.lessons)


if __name__ == "__main__":
    main()
