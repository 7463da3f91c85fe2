"""Files that grow beyond what can be read at a sitting are noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

LOOKED_AT_FROM = 600
SPLIT_FROM = 800

LOOKED_AT: dict[str, str] = {}
"""Files of more than ``LOOKED_AT_FROM`` lines -> why they are better in one piece."""

FOLDERS = ("roi_assistant", "plugins", "tests", "benchmarks", "scripts")


def source_files(root: Path) -> Iterator[tuple[str, int]]:
    """Path relative to ``root`` and number of lines of each Python and shell file."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".sh") and path.is_file():
                yield path.relative_to(root).as_posix(), len(path.read_text(encoding="utf-8").splitlines())


def complaints(root: Path, looked_at: Mapping[str, str]) -> list[str]:
    """What is wrong with the sizes below ``root``, a sentence each."""
    sizes = dict(source_files(root))
    problems = []
    for name, lines in sizes.items():
        if lines > SPLIT_FROM:
            problems.append(f"{name} has {lines} lines: split it ({SPLIT_FROM} at most).")
        elif lines > LOOKED_AT_FROM and not looked_at.get(name):
            problems.append(f"{name} has {lines} lines: split it, or say in LOOKED_AT why it is better in one piece.")
    problems += [
        f"{name} is listed in LOOKED_AT but has no more than {LOOKED_AT_FROM} lines: remove it from the list."
        for name in looked_at
        if sizes.get(name, 0) <= LOOKED_AT_FROM
    ]
    return problems


def test_no_source_file_is_too_long(repository: Path) -> None:
    assert sum(1 for _ in source_files(repository)) > 20
    assert complaints(repository, LOOKED_AT) == []


@pytest.mark.parametrize(
    ("lines", "looked_at", "expected"),
    [
        (600, {}, []),
        (601, {}, ["split it, or say"]),
        (601, {"roi_assistant/long.py": "a table"}, []),
        (800, {"roi_assistant/long.py": "a table"}, []),
        (801, {"roi_assistant/long.py": "a table"}, ["800 at most"]),
        (600, {"roi_assistant/long.py": "a table"}, ["remove it"]),
        (10, {"roi_assistant/gone.py": "a table"}, ["remove it"]),
    ],
)
def test_complaints_at_the_limits(tmp_path: Path, lines: int, looked_at: dict[str, str], expected: list[str]) -> None:
    (tmp_path / "roi_assistant").mkdir()
    (tmp_path / "roi_assistant" / "long.py").write_text("x = 1\n" * lines)
    problems = complaints(tmp_path, looked_at)
    assert len(problems) == len(expected)
    assert all(part in sentence for part, sentence in zip(expected, problems, strict=True))
