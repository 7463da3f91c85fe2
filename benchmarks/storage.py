"""How long a project of many images and regions takes to open, list, read, edit, search and review.

    python benchmarks/storage.py                                          # a tenth: 10,000 images, 200,000 regions
    python benchmarks/storage.py --images 100000 --regions 2000000        # the size that the design asks for

The project is made in a folder of its own, which is removed at the end. Regions are made by the rules of the program,
with a caption, two alternatives, a category and two attributes each; making them is measured too, as a batch run would
write them (one transaction for each image, ``--group`` images in one to save time).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.storage import connection
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import BatchFilter, ImageFilter, QueueFilter

NOW = "2026-01-02T03:04:05+00:00"
MODEL = Provenance("model", NOW, "gpt4roi-mini", "ab" * 32, "describe <region1>", "beam")
THINGS = [f"thing{number}" for number in range(300)]
COLORS = ["red", "blue", "green", "white", "black", "brown", "gray", "yellow"]
PLACES = ["on a table", "in the street", "near a tree", "beside a window", "under the sky"]


def made_region(id: str, chance: random.Random) -> Region:
    """A suggestion; one in three was decided about."""
    x, y = chance.random() * 600, chance.random() * 400
    thing, color, place = chance.choice(THINGS), chance.choice(COLORS), chance.choice(PLACES)
    text = f"a {color} {thing} {place}"
    region = Region(
        id,
        Box(x, y, x + 5 + chance.random() * 200, y + 5 + chance.random() * 100),
        thing,
        (
            Caption(text, replace(MODEL, raw_output=text), chance.random(), preferred=True),
            Caption(f"a {thing}", MODEL, 0.2),
            Caption(f"something {color}", MODEL, 0.1),
        ),
        (Attribute("color", (color,), MODEL, 0.8, "pixels"), Attribute("place", (place,), MODEL, 0.5, "model")),
        category_score=chance.random(),
        category_provenance=MODEL,
        created_at=NOW,
    )
    decision = chance.random()
    if decision < 0.2:
        return review.accept(region, at=NOW)
    return review.edit_caption(region, f"the {thing} {place}", at=NOW) if decision < 0.33 else region


class Report:
    """Collects named times in milliseconds."""

    def __init__(self) -> None:
        self.rows: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.put(name, (time.perf_counter() - start) * 1000)

    def put(self, name: str, milliseconds: float) -> None:
        self.rows[name] = round(milliseconds, 2)
        print(f"{name:<52} {milliseconds:>12.2f} ms", flush=True)

    def repeated(self, name: str, work: Callable[[int], object], times: int) -> None:
        spent = []
        for number in range(times):
            start = time.perf_counter()
            work(number)
            spent.append((time.perf_counter() - start) * 1000)
        self.put(f"{name}, median", statistics.median(spent))
        self.put(f"{name}, slowest of {times}", max(spent))


def fill(project: Project, report: Report, *, images: int, regions: int, group: int) -> list[str]:
    """Images in 100 folders, the same number of regions on each of those that have any."""
    chance = random.Random(0)
    keys = [f"folder {number % 100}/photo {number}.jpg" for number in range(images)]
    with report.timed("add_images"):
        project.add_images(keys)
    per_image = 20
    owners = keys[: max(1, regions // per_image)]
    start = time.perf_counter()
    for first in range(0, len(owners), group):
        changes = [
            RegionChange(key, None, made_region(f"r{number}", chance))
            for key in owners[first : first + group]
            for number in range(per_image)
        ]
        project.apply(Edit("Caption boxes", owners[first], tuple(changes)))
    made = len(owners) * per_image
    report.put(
        f"apply, per region ({made} regions, {group} images a time)", (time.perf_counter() - start) * 1000 / made
    )
    return owners


def measure(folder: Path, *, images: int, regions: int, group: int) -> Report:
    report = Report()
    with Project.open(folder) as project:
        owners = fill(project, report, images=images, regions=regions, group=group)
    path = folder / connection.PROJECT_NAME
    print(f"{'file':<52} {path.stat().st_size / 1e6:>12.1f} MB")
    with report.timed("backup"):
        Project.open(folder, read_only=True).back_up()
    with report.timed("open for writing (checks as configured, no backup)"):
        project = Project.open(folder, backup=False)
    with report.timed("quick_check of all pages"):
        connection.check_integrity(project.database, path, full=False)
    with report.timed("integrity_check of all pages"):
        connection.check_integrity(project.database, path, full=True)
    with report.timed("open read-only"):
        Project.open(folder, read_only=True).close()
    report.repeated("images()", lambda n: project.images(), 3)
    with report.timed("images(category)"):
        project.images(ImageFilter(category="thing7"))
    with report.timed("images(text)"):
        project.images(ImageFilter(text="red thing7"))
    chance = random.Random(1)
    report.repeated("regions()", lambda n: project.regions(chance.choice(owners)), 200)

    def accept(number: int) -> None:
        key = owners[number * 7919 % len(owners)]
        region = project.regions(key)[number % 20]
        project.apply(Edit("Accept", key, (RegionChange(key, region, review.accept(region, at=NOW)),)))

    report.repeated("regions() and apply() of one accept", accept, 200)
    report.repeated("undo()", lambda n: project.undo(owners[n * 7919 % len(owners)]), 50)
    for text in ("thing77", "thi", "red window thing1"):
        report.repeated(f"search({text!r})", lambda n, text=text: project.search(text), 3)
    after: list[tuple[object, ...] | None] = [None]
    for order in ("certainty", "model", "category", "image"):
        after[0] = None

        def page(number: int, order: str = order) -> None:
            items = project.review_queue(QueueFilter(order=order, after=after[0]))  # type: ignore[arg-type]
            after[0] = items[-1].cursor if items else None

        report.repeated(f"review_queue({order!r}), 100 a page", page, 20)
    with report.timed("review_counts()"):
        project.review_counts()
    with report.timed("batch_targets(), counting"):
        targets = project.batch_targets(BatchFilter())
    with report.timed("batch_targets(), first target"):
        next(iter(targets))
    with report.timed("overview()"):
        project.overview()
    with report.timed("check_project()"):
        assert check_project(project).ok
    project.close()
    report.put("peak memory of the process, MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--regions", type=int, default=200_000)
    parser.add_argument("--group", type=int, default=50, help="images in one transaction while the project is made")
    parser.add_argument("--folder", type=Path, help="where to make it; default: the folder of temporary files")
    parser.add_argument("--json", type=Path, help="also write the times to this file")
    options = parser.parse_args()
    print(f"sqlite {connection.sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = measure(Path(folder), images=options.images, regions=options.regions, group=options.group)
    if options.json:
        options.json.write_text(json.dumps(report.rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
