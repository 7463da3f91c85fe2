"""What every test relies on: no display, no network, few threads, nothing of the user's own folders."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# Before anything imports Qt, numpy or torch. Without this and without a display Qt aborts the interpreter.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "2")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Commands that tests run must find the package of this checkout, whatever is installed.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))

# In CI the same examples are tried each time, so that a change fails for what it changes; elsewhere new ones are drawn.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Give settings, plugins and caches an empty folder of this run instead of the user's."""
    home = Path(tempfile.mkdtemp(prefix="roi-assistant-tests-"))
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """An empty folder in memory, where there is one: thousands of projects in it do not wait for a disk."""
    shared_memory = Path("/dev/shm")
    if not os.access(shared_memory, os.W_OK):
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="roi-assistant-tests-", dir=shared_memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def samples(repository: Path) -> Path:
    """The folder of sample photos."""
    return repository / "resources" / "samples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of corpora that are too large, or not free enough, for the repository."""
    folder = Path(os.environ.get("ROI_ASSISTANT_SHARED") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the corpora in {folder} (or in the folder that ROI_ASSISTANT_SHARED names)")
    return folder
