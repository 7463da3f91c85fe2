from __future__ import annotations

from roi_assistant.formats.html_page import figure, items, page, table, tiles


def test_tables_escape_and_mark_what_is_missing() -> None:
    page = table(("a<b", "c"), [("x&y", None), ("z", 0.12345), ("n", 7)])
    assert "a&lt;b" in page
    assert "<td>–</td>" in page
    assert "<td>0.123</td>" in page
    assert "<td>7</td>" in page
    assert '<td class="text">x&amp;y</td>' in page


def test_a_table_without_heads_has_only_rows() -> None:
    assert "<thead>" not in table(("", ""), [("a", "b")])


def test_tiles_figures_and_lists() -> None:
    assert tiles([("a<b", 0.5)]).count("<b>0.500</b><span>a&lt;b</span>") == 1
    assert figure("<img>", "<b>x</b>") == "<figure><img><figcaption><b>x</b></figcaption></figure>"
    assert items(["<i>a</i>", "b"]) == "<ul><li><i>a</i></li><li>b</li></ul>"


def test_a_page_is_whole_and_needs_nothing_else() -> None:
    made = page("a & b", ["<p>text</p>"])
    assert made.startswith("<!doctype html>") and made.endswith("</html>\n")
    assert "<title>a &amp; b</title>" in made and "<h1>a &amp; b</h1>\n<p>text</p>" in made
    assert "prefers-color-scheme: dark" in made and "http" not in made
