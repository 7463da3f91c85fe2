"""XML is read in pieces, and what can do harm in it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.formats import plain_xml
from roi_assistant.formats.plain_xml import holds, read_xml, xml_text, xml_value


def found(tmp_path: Path, data: str | bytes) -> list[tuple[str, str, str | None]]:
    (tmp_path / "x.xml").write_bytes(data if isinstance(data, bytes) else data.encode())
    return [(root, element.tag, element.text) for root, element in read_xml(tmp_path / "x.xml")]


def test_elements_one_after_the_other(tmp_path: Path) -> None:
    assert found(tmp_path, "<a> <b>1</b>\n<c><d/>2</c></a>") == [("a", "b", "1"), ("a", "c", None)]
    assert found(tmp_path, "<a/>") == [("a", "a", None)]
    assert found(tmp_path, '<?xml version="1.0" encoding="utf-16"?><a><b>é</b></a>'.encode("utf-16")) == [
        ("a", "b", "é")
    ]


BOMB = '<!DOCTYPE a [<!ENTITY b "xxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;">]><a><b>&c;</b></a>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<a>" + "<b>" * 200, "nested too deeply"),
        ("<a><b></a>", "mismatched tag"),
        ("", "no element found"),
        ("<a>&b;</a>", "undefined entity"),
        ('<?xml version="1.0" encoding="no-such"?><a/>', "unknown encoding"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(FormatError, match=f"x.xml is not an XML file that can be read: .*{problem}"):
        found(tmp_path, text)


def test_an_element_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_xml, "_LONGEST", 1 << 17)
    with pytest.raises(FormatError, match="an element has more than"):
        found(tmp_path, "<a><b>" + "<c/>" * 100_000 + "</b></a>")


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="does not exist"):
        list(read_xml(tmp_path / "none.xml"))


def test_texts_come_back(tmp_path: Path) -> None:
    text = "a <b> & \"c\" 'd'\r\n\t é 🐈"
    assert found(tmp_path, f"<a><b>{xml_text(text)}</b></a>") == [("a", "b", text)]
    (tmp_path / "x.xml").write_text(f"<a><b c={xml_value(text)}/></a>", newline="")
    assert next(read_xml(tmp_path / "x.xml"))[1].get("c") == text
    assert holds(text) and not holds("a\0") and not holds("\udcff")
    assert xml_text("a\0b\ud800") == "ab"
