"""What the repository may hold: nothing of one machine, no lock files, no dead links, samples with their terms."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

LARGEST_FILE = 64 * 2**20
LARGEST_SAMPLE = 200_000

LOCK_FILES = frozenset(
    {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pylock.toml"}
)
"""They record where packages were downloaded from, which differs from place to place."""

WEIGHTS_AS_CODE = frozenset({".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib"})

MACHINE_PATH = re.compile(
    r"(?<![\w.~/>})-])/(?:home|Users|root|work|mnt|media)/[\w.-]+|\b[A-Za-z]:[\\/]+Users[\\/]+\w+", re.ASCII
)
# Written in pieces, so that this file does not name them either.
PACKAGE_HOST = re.compile(
    "|".join((r"pypi" r"\.org", r"python" r"hosted\.org", r"registry" r"\.npmjs", r"deb" r"\.debian\.org"))
)

FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def repository_files(root: Path) -> list[Path]:
    """The files that git keeps or would keep; without git, all but environments and caches."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=True)
        names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(root)) for path in root.rglob("*") if not _is_ignored(path.relative_to(root))]
    return [root / name for name in sorted(set(names)) if (root / name).is_file()]


def _is_ignored(path: Path) -> bool:
    return any(part in (".git", ".venv", "build", "dist", "runs") or "cache" in part for part in path.parts)


def text_files(files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files that are UTF-8 text of at most a mebibyte."""
    for path in files:
        if path.stat().st_size <= 2**20:
            try:
                yield path, path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue


def matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [f"line {text.count(chr(10), 0, match.start()) + 1}: {match.group()}" for match in pattern.finditer(text)]


def anchors(markdown: str) -> set[str]:
    """The fragments that headings of ``markdown`` answer to, as on code-hosting sites."""
    names: set[str] = set()
    for title in HEADING.findall(FENCE.sub("", markdown)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
        base = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        anchor, count = base, 0
        while anchor in names:
            count += 1
            anchor = f"{base}-{count}"
        names.add(anchor)
    return names


def dead_links(page: Path, root: Path) -> list[str]:
    """Relative links of the Markdown ``page`` that lead nowhere, or out of ``root``."""
    text = CODE_SPAN.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))
    dead = []
    for match in LINK.finditer(text):
        link = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or not target.is_relative_to(root.resolve()):
            dead.append(f"{page.name}: {link} does not exist")
        elif fragment and target.suffix == ".md" and fragment not in anchors(target.read_text(encoding="utf-8")):
            dead.append(f"{page.name}: {link} has no such heading")
    return dead


def broken_tables(markdown: str) -> list[str]:
    """First rows of tables that have no line of dashes below, as after an empty line inside a table, and rows with
    another number of cells than the first."""
    broken: list[str] = []
    lines = FENCE.sub("", markdown).split("\n")
    width = 0
    for line, before, after in zip(lines, ["", *lines], [*lines[1:], ""], strict=False):
        if not line.startswith("|"):
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        if not before.startswith("|"):
            width = cells
            if re.fullmatch(r"[|: -]+", after) is None:
                broken.append(line)
        elif cells != width:
            broken.append(line)
    return broken


@pytest.fixture(scope="module")
def files(repository: Path) -> list[Path]:
    kept = repository_files(repository)
    assert repository / "pyproject.toml" in kept
    return kept


def test_no_path_of_one_machine(repository: Path, files: list[Path]) -> None:
    paths_by_file = {str(path.relative_to(repository)): matches(MACHINE_PATH, text) for path, text in text_files(files)}
    paths_by_file.pop("tests/repository/test_files.py", None)
    assert {name: lines for name, lines in paths_by_file.items() if lines} == {}


def test_no_place_where_packages_come_from(repository: Path, files: list[Path]) -> None:
    hosts_by_file = {str(path.relative_to(repository)): matches(PACKAGE_HOST, text) for path, text in text_files(files)}
    assert {name: lines for name, lines in hosts_by_file.items() if lines} == {}


def test_no_lock_files_and_no_weights_that_are_code(repository: Path, files: list[Path]) -> None:
    unwanted = [path for path in files if path.name in LOCK_FILES or path.suffix in WEIGHTS_AS_CODE]
    assert unwanted == []
    assert "uv.lock" in (repository / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_no_file_is_too_large(repository: Path, files: list[Path]) -> None:
    sizes = {str(path.relative_to(repository)): path.stat().st_size for path in files}
    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE} == {}


def test_links_between_pages_lead_somewhere(repository: Path, files: list[Path]) -> None:
    pages = [path for path in files if path.suffix == ".md"]
    assert len(pages) >= 5
    assert [line for page in pages for line in dead_links(page, repository)] == []


def test_tables_are_whole(repository: Path, files: list[Path]) -> None:
    pages = [path for path in files if path.suffix == ".md"]
    broken = {str(page.relative_to(repository)): broken_tables(page.read_text(encoding="utf-8")) for page in pages}
    assert {name: rows for name, rows in broken.items() if rows} == {}


def test_commands_of_the_readme_exist_and_run_in_ci(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"\./scripts/[\w.-]+", readme))
    assert commands == {"./scripts/start.sh", "./scripts/test.sh"}
    for name in (*commands, ".ci/run"):
        assert os.access(repository / name, os.X_OK), f"{name} is not executable"
    called = re.findall(r"scripts/[\w.-]+", (repository / ".ci" / "run").read_text(encoding="utf-8"))
    assert called == ["scripts/test.sh"]


def test_decisions_are_numbered_without_gaps_and_have_their_parts(repository: Path) -> None:
    pages = sorted((repository / "docs" / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        parts = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert parts[:3] == ["Context", "Decision", "Rejected"], page.name


def test_sample_photos_are_small_plain_and_attributed(samples: Path) -> None:
    attribution = (samples / "ATTRIBUTION.md").read_text(encoding="utf-8")
    photos = sorted(samples.glob("*.jpg"))
    assert len(photos) == 4
    assert {path.name for path in samples.iterdir()} == {path.name for path in photos} | {
        "ATTRIBUTION.md",
        "regions.json",
    }
    for photo in photos:
        assert f"| `{photo.name}` |" in attribution
        assert photo.stat().st_size <= LARGEST_SAMPLE
        with Image.open(photo) as image:
            assert (image.format, image.mode, len(image.getexif())) == ("JPEG", "RGB", 0)


def test_sample_regions_are_coco_boxes_inside_their_photos(samples: Path) -> None:
    regions = json.loads((samples / "regions.json").read_text(encoding="utf-8"))
    images = {image["id"]: image for image in regions["images"]}
    categories = {category["id"] for category in regions["categories"]}
    assert {image["file_name"] for image in images.values()} == {path.name for path in samples.glob("*.jpg")}
    for image in images.values():
        with Image.open(samples / image["file_name"]) as opened:
            assert opened.size == (image["width"], image["height"])
    assert len({annotation["id"] for annotation in regions["annotations"]}) == len(regions["annotations"])
    for annotation in regions["annotations"]:
        x, y, width, height = annotation["bbox"]
        image = images[annotation["image_id"]]
        assert x >= 0 and y >= 0 and width > 0 and height > 0
        assert x + width <= image["width"] and y + height <= image["height"]
        assert annotation["area"] == width * height
        assert annotation["category_id"] in categories
    per_image = [sum(1 for a in regions["annotations"] if a["image_id"] == identity) for identity in images]
    assert min(per_image) >= 3


# The checks themselves.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /home/ann/photos", True),
        ('path = "/mnt/disk/x"', True),
        (r"C:\Users\ann\photos", True),
        ("cd /" + "root/project", True),  # in two parts: this file is searched as well
        ("photos/home/ann", False),
        ("see ~/photos and <root>/home/x", False),
        ("the work/ folder, /tmp/out and /usr/bin/env", False),
    ],
)
def test_what_counts_as_a_path_of_one_machine(text: str, found: bool) -> None:
    assert bool(matches(MACHINE_PATH, text)) is found


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# Other page\n\n## What `it` does, and why\n", encoding="utf-8")
    page = tmp_path / "docs" / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#what-it-does-and-why) [c](#here) [d](https://example.org/x)\n\n# Here\n\n"
        "`[in code](nowhere.md)`\n\n```\n[in a block](nowhere.md)\n```\n"
        "[1](gone.md) ![2](gone.png) [3](other.md#gone) [4](#gone) [5](../../outside.md)\n",
        encoding="utf-8",
    )
    (tmp_path.parent / "outside.md").write_text("", encoding="utf-8")
    dead = dead_links(page, tmp_path)
    assert [line.split(": ")[1].split()[0] for line in dead] == [
        "gone.md",
        "gone.png",
        "other.md#gone",
        "#gone",
        "../../outside.md",
    ]


def test_broken_tables_are_found() -> None:
    whole = "| a | b |\n|---|---|\n| 1 | `x \\| y` |\n\ntext\n\n```\n| no table |\n```\n"
    assert broken_tables(whole) == []
    assert broken_tables(whole + "| a |\n|---|\n| 1 |\n\n| 2 |\n| 3 | 4 |\n") == ["| 2 |", "| 3 | 4 |"]
