"""A photo that is wider than high, with a region of each kind, and the plugins that ship with the program."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Provenance, Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager

UNSIGNED = Provenance("human", "")


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginManager:
    return PluginManager(user=tmp_path_factory.mktemp("none"), packages=False)


@pytest.fixture
def cup() -> Region:
    """All that the tools can hold. Its box is 100 x 150 pixels."""
    return Region(
        "0123456789abcdef",
        Box(10, 20, 110, 170),
        "cup",
        (Caption("a red cup", UNSIGNED, preferred=True),),
        (Attribute("color", ("red",), UNSIGNED), Attribute("clean", ("yes",), UNSIGNED)),
        "edited",
    )


@pytest.fixture
def nameless() -> Region:
    """A box of 64 x 48 pixels in the lower right corner, about which nothing is known."""
    return Region("r2", Box(576, 432, 640, 480), state="accepted")


@pytest.fixture
def photo(cup: Region, nameless: Region) -> AnnotatedImage:
    return AnnotatedImage("a/1.jpg", 640, 480, (cup, nameless))
