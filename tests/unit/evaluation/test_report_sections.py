from __future__ import annotations

from roi_assistant.evaluation.report_sections import Section

TABLE = Section(title="A <table>", heads=("", "one", "two"), rows=[("row & co", 0.5, None)], printed=(0, 2))


def test_the_terminal_shows_the_columns_that_it_has_room_for() -> None:
    assert TABLE.lines() == ["", "A <table>:", "          two", "row & co    -"]
    section = Section(text="Explains.", summary="Half.", tiles=[("share", 0.5), ("regions", 12)])
    assert section.lines() == ["share    0.500", "regions     12", "Half."]


def test_sections_without_printed_columns_are_for_the_page_only() -> None:
    section = Section(title="All", heads=("a",), rows=[(1,)], printed=(), folded=True)
    assert section.lines() == []
    assert section.html().startswith("<details><summary>All</summary>")


def test_the_page_shows_all_columns_and_escapes() -> None:
    page = TABLE.html()
    assert "<h2>A &lt;table&gt;</h2>" in page
    assert "row &amp; co" in page
    assert "0.500" in page
