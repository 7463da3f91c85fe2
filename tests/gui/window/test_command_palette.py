"""How the command palette searches."""

from __future__ import annotations

import pytest

from roi_assistant.ui.window.command_palette import Entry, best, keys_with, score


def entries(*texts: str) -> list[Entry]:
    return [Entry(text, "", lambda: None) for text in texts]


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("", "anything", True),
        ("exp", "Export", True),
        ("xpt", "Export", True),
        ("copy prev", "Copy boxes from the previous image", True),
        ("CAP", "Caption all boxes", True),
        ("tpx", "Export", False),
        ("exportt", "Export", False),
        ("中文", "打开中文文件夹", True),
    ],
)
def test_letters_in_their_order_fit(query: str, text: str, fits: bool) -> None:
    assert (score(query, text) is not None) is fits


def test_the_beginning_of_words_counts_most() -> None:
    texts = ("Open the log folder", "Undo", "Go", "Log", "Catalogue", "Gold")
    assert [entry.text for entry in best("log", entries(*texts))] == ["Log", "Open the log folder", "Catalogue"]


def test_without_a_query_the_order_stays_and_there_is_a_limit() -> None:
    assert [entry.text for entry in best("", entries("b", "a", "c"), most=2)] == ["b", "a"]


def test_images_are_found_by_any_part_of_their_path() -> None:
    keys = [f"day{n % 7}/IMG_{n:05d}.jpg" for n in range(1000)]
    assert keys_with("img_0004", keys, most=5) == [f"day{n % 7}/IMG_{n:05d}.jpg" for n in range(40, 45)]
    assert keys_with("nothing", keys, most=5) == []
