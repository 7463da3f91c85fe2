"""A project in an empty folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roi_assistant.storage.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Open for writing, without images."""
    with Project.open(tmp_path) as opened:
        yield opened
