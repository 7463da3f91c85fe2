"""Damaged files of every kind that is read give a result or an error with a sentence, soon and in little memory.

    ROI_ASSISTANT_FUZZ=20000 nice -n 19 .venv/bin/python -m pytest -q tests/fuzz
    ROI_ASSISTANT_FUZZ=731:732 .venv/bin/python -m pytest -q tests/fuzz -k odvg

The second runs one case again. Cases are the same on every machine.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from roi_assistant.datasets.registry import REGISTRY
from roi_assistant.errors import RoiAssistantError
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import region_formats
from tests.fuzz.mutations import mutate_place, mutated
from tests.fuzz.readers import READERS, Reader

SECONDS, MEGABYTES = 10, 1000
_FIRST, _, _LAST = os.environ.get("ROI_ASSISTANT_FUZZ", "2000").rpartition(":")
CASES = range(int(_FIRST or 0), int(_LAST))
_SHOWN = 5


def run(reader: Reader, root: Path, cases: range) -> dict[str, str]:
    """Where in the program something went wrong -> the first case and what happened."""
    reader.make(root)
    files = sorted(path for pattern in reader.files for path in root.glob(pattern))
    sound = {path: path.read_bytes() for path in files}
    faults: dict[str, str] = {}
    with reader.open(root) as read:
        read()  # the sound files
        for number in cases:
            chance = random.Random(f"{reader.name} {number}")
            path = chance.choice(files)
            if chance.random() < 0.01:
                mutate_place(path, chance)
            else:
                path.write_bytes(mutated(path, sound[path], chance))
            if fault := _fault(read):
                faults.setdefault(fault[0], f"{reader.name}, case {number}: {fault[1]}")
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            path.write_bytes(sound[path])
    return faults


def _fault(read: Callable[[], object]) -> tuple[str, str] | None:
    """The place, and what is wrong; None where all is well."""
    before = _megabytes()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        read()
    except RoiAssistantError as error:
        if "\n" in str(error).strip() or not str(error).strip():
            return "not a sentence", repr(error)
    except BaseException as error:
        places = traceback.extract_tb(error.__traceback__)
        return f"{places[-1].filename}:{places[-1].lineno}", "".join(traceback.format_exception(error, limit=-6))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if _megabytes() > before + MEGABYTES:
        return "memory", f"{_megabytes() - before} MB"
    return None


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _too_long(*_: object) -> None:
    raise TimeoutError(f"it took more than {SECONDS} s")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_damaged_file_gives_a_result_or_a_sentence(
    reader: Reader, in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(in_memory / "home"))
    before = signal.signal(signal.SIGALRM, _too_long)
    try:
        faults = run(reader, in_memory / "files", CASES)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not faults, f"{len(faults)} faults: " + "\n\n".join(list(faults.values())[:_SHOWN])


def test_all_that_is_read_is_damaged_here(tmp_path: Path) -> None:
    """A new data set or format belongs into ``READERS``. RefCOCO+ has the files of RefCOCO; variants of VCR, too."""
    source = Path(__file__).with_name("readers.py").read_text(encoding="utf-8")
    known = {name for name in REGISTRY if f'_samples("{name}")' in source}
    assert set(REGISTRY) - {"refcoco+", "single_vcr", "multi_vcr"} == known
    formats = region_formats(PluginManager(user=tmp_path, packages=False))
    talks = {reader.name for reader in READERS if reader.name.startswith("conversations-")}
    assert len(talks) > 3, "the dialects share one reader: those with the most different ways to write a box"
    others = [f.id for f in formats if f.can_read and not f.id.startswith("conversations-") and f.id != "ms-swift"]
    assert [id_ for id_ in others if f'_importer("{id_}"' not in source] == []
