"""How long a project of many images and regions takes to open, list, read, edit, search and review.

    python benchmarks/storage.py                                          # a tenth: 10,000 images, 200,000 regions
    python benchmarks/storage.py --images 100000 --regions 2000000        # the size that the design asks for

The project is made in a folder of its own, which is removed at the end. Regions are made by the rules of the program,
with a caption, two alternatives, a category and two attributes each. ``--made`` of them are written by
edits, ``--group`` images in a transaction, which is measured too; SQL copies these to further images until there are
enough. Processor time stands beside the time that passed: on a machine that does other work the two are far apart.
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
from roi_assistant.core.records import Attribute, AttributeDefinition, AttributeSchema, Caption, Provenance, Region
from roi_assistant.storage import connection, image_edits
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import BatchFilter, ImageFilter, QueueFilter

NOW = "2026-01-02T03:04:05+00:00"
MODEL = Provenance("model", NOW, "gpt4roi-mini", "ab" * 32, "describe <region1>", "beam")
THINGS = [f"thing{number}" for number in range(300)]
COLORS = ["red", "blue", "green", "white", "black", "brown", "gray", "yellow"]
SCHEMA = AttributeSchema("benchmark", (AttributeDefinition("color", "text"), AttributeDefinition("place", "text")))
RENAMED = AttributeSchema("benchmark", (AttributeDefinition("hue", "text"), AttributeDefinition("place", "text")))
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
    """Collects named times in milliseconds: (passed, of the processor)."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[float, float]] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = now()
        yield
        self.put(name, since(start))

    def put(self, name: str, spent: tuple[float, float]) -> None:
        self.rows[name] = spent
        print(f"{name:<56} {spent[0]:>12.2f} {spent[1]:>12.2f}", flush=True)

    def repeated(self, name: str, work: Callable[[int], object], times: int) -> None:
        spent = []
        for number in range(times):
            start = now()
            work(number)
            spent.append(since(start))
        passed, processor = zip(*spent, strict=True)
        self.put(f"{name}, median", (statistics.median(passed), statistics.median(processor)))
        self.put(f"{name}, slowest of {times}", (max(passed), max(processor)))


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(start: tuple[float, float]) -> tuple[float, float]:
    return (time.perf_counter() - start[0]) * 1000, (time.process_time() - start[1]) * 1000


PER_IMAGE = 20


def fill(project: Project, report: Report, *, images: int, regions: int, made: int, group: int) -> list[str]:
    """Images in 100 folders, the same number of regions on each of those that have any; the answer is their keys."""
    chance = random.Random(0)
    keys = [f"folder {number % 100}/photo {number}.jpg" for number in range(images)]
    with report.timed("add_images"):
        project.add_images(keys)
    with project.writing():
        project.database.execute("UPDATE images SET width = 800, height = 600")
    project.apply(Edit("Change attributes", "", schema=(project.schema, SCHEMA)))
    owners = keys[: max(1, min(made, regions) // PER_IMAGE)]
    done = len(owners) * PER_IMAGE
    start = now()
    for first in range(0, len(owners), group):
        changes = [
            RegionChange(key, None, made_region(f"r{number}", chance))
            for key in owners[first : first + group]
            for number in range(PER_IMAGE)
        ]
        project.apply(Edit("Caption boxes", owners[first], tuple(changes)))
    passed, processor = since(start)
    report.put(f"apply, per region ({done} regions, {group} images a time)", (passed / done, processor / done))
    copies = regions // done - 1
    with report.timed(f"{copies} copies by SQL"):
        for copy in range(copies):
            targets = keys[(copy + 1) * len(owners) : (copy + 2) * len(owners)]
            copy_regions(project, dict(zip(owners, targets, strict=True)))
    return keys[: len(owners) * (copies + 1)]


def copy_regions(project: Project, targets: dict[str, str]) -> None:
    """The regions and the history of images to other images, with what belongs to them."""
    db = project.database
    columns = [row[1] for row in db.execute("PRAGMA table_info (regions)") if row[1] not in ("id", "image_id")]
    names = ", ".join(columns)
    with project.writing():
        db.execute("CREATE TEMP TABLE pairs (source INTEGER PRIMARY KEY, target INTEGER)")
        ids = dict(db.execute("SELECT key, id FROM images"))
        db.executemany("INSERT INTO pairs VALUES (?, ?)", [(ids[a], ids[b]) for a, b in targets.items()])
        db.execute(
            f"INSERT INTO regions (image_id, {names}) SELECT target, {names} FROM pairs CROSS JOIN regions "
            "WHERE image_id = source"
        )
        db.execute(
            "INSERT INTO region_terms SELECT n.id, t.term FROM pairs CROSS JOIN regions AS o ON o.image_id = source "
            "CROSS JOIN regions AS n ON n.image_id = target AND n.region_id = o.region_id "
            "CROSS JOIN region_terms AS t ON t.region = o.id"
        )
        db.execute(
            "INSERT INTO history (image_id, undone, label, created_at, edit) "
            "SELECT target, undone, label, created_at, edit FROM pairs CROSS JOIN history WHERE image_id = source"
        )
        image_edits.recount(db, [ids[key] for key in targets.values()])
        db.execute("DROP TABLE pairs")


def measure(folder: Path, *, images: int, regions: int, made: int, group: int, check: bool) -> Report:
    report = Report()
    with Project.open(folder) as project:
        owners = fill(project, report, images=images, regions=regions, made=made, group=group)
    path = folder / connection.PROJECT_NAME
    print(f"{'file':<56} {path.stat().st_size / 1e6:>12.1f} MB")
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
    report.repeated("overview()", lambda n: project.overview(), 3)
    with report.timed("an attribute of all regions gets another name"):
        project.apply(Edit("Change attributes", "", schema=(SCHEMA, RENAMED), renamed=(("color", "hue"),)))
    with report.timed("images(attribute)"):
        project.images(ImageFilter(attribute=("hue", "red")))
    if check:
        with report.timed("check_project()"):
            checked = check_project(project)
        if not checked.ok:
            sys.exit(f"the project is not sound: {checked.problems}")
    project.close()
    print(f"{'peak memory':<56} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>12.1f} MB")
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--regions", type=int, default=200_000)
    parser.add_argument("--made", type=int, default=20_000, help="regions that are written by edits")
    parser.add_argument("--group", type=int, default=50, help="images in one transaction while the project is made")
    parser.add_argument("--check", action="store_true", help="also read all of it, as project check does")
    parser.add_argument("--folder", type=Path, help="where to make it; default: the folder of temporary files")
    parser.add_argument("--json", type=Path, help="also write the times to this file")
    options = parser.parse_args()
    print(f"{'':<56} {'passed, ms':>12} {'CPU, ms':>12}")
    print(f"sqlite {connection.sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = measure(
            Path(folder),
            images=options.images,
            regions=options.regions,
            made=options.made,
            group=options.group,
            check=options.check,
        )
    if options.json:
        options.json.write_text(json.dumps(report.rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
