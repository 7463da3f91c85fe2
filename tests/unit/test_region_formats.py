"""The table of formats that the command line and the window share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roi_assistant.errors import BadInputError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import RegionFormat, region_format, region_formats
from roi_assistant.sentences import Sentence


@pytest.fixture
def plugins(tmp_path: Path) -> PluginManager:
    """Those that ship with the program, one that does not load, and one whose format has a label."""
    for name, code in {
        "broken": "raise ValueError",
        "labelled": "from roi_assistant.api import hookimpl\n"
        "class Text:\n"
        "    label, suffixes = 'Plain text', ('.txt', '.text')\n"
        "    def write(self, path, images):\n"
        "        try: path.write_text(str(len(list(images))))\n"
        "        except Exception: path.write_text('cut')\n"
        "@hookimpl\n"
        "def register_formats(register): register('labelled', Text())\n",
    }.items():
        (tmp_path / f"{name}.py").write_text(code)
        (tmp_path / f"{name}.plugin.json").write_text(
            f'{{"name": "{name}", "version": "1", "kinds": ["format"], "module": "{name}", "formats": ["{name}"]}}'
        )
    return PluginManager(user=tmp_path, packages=False)


def test_coco_comes_first_and_a_plugin_that_does_not_load_is_left_out(plugins: PluginManager) -> None:
    ids = [format_.id for format_ in region_formats(plugins)]
    assert ids[:2] == ["coco", "coco-gpt4roi"]
    assert {"odvg", "labelled"} <= set(ids) and "broken" not in ids


def test_what_a_plugin_says_of_its_format(plugins: PluginManager) -> None:
    found = region_format("labelled", plugins)
    assert found == RegionFormat("labelled", Sentence("Plain text"), (".txt", ".text"), can_read=False)
    assert found.pattern == "*.txt *.text"
    assert region_format("odvg", plugins).label == Sentence("odvg"), "without a label its id"


def test_a_format_that_there_is_not(plugins: PluginManager) -> None:
    with pytest.raises(BadInputError, match="There is no format 'yolo'"):
        region_format("yolo", plugins)


def test_an_export_that_is_stopped_is_no_failure_of_the_plugin(plugins: PluginManager, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def images() -> Iterator[AnnotatedImage]:
        yield AnnotatedImage("a.png", 4, 3)
        raise Stopped

    for id_ in ("labelled", "odvg"):  # one that hides the exception, and one that passes it on
        with pytest.raises(Stopped):
            plugins.write_regions(id_, tmp_path / "out.txt", images())
    assert plugins.write_regions("labelled", tmp_path / "out.txt", iter([AnnotatedImage("a.png", 4, 3)])) is None
    assert (tmp_path / "out.txt").read_text() == "1"
