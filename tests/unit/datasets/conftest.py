"""All data sets in their official layouts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import official_data_sets as official


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every data set; not to be changed."""
    folder = tmp_path_factory.mktemp("sets")
    official.make_all(folder)
    return folder
