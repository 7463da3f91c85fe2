"""Rules that need all regions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.lint.findings import Finding, LintImage
from roi_assistant.core.lint.whole_project import CaptionTally, MissingCaptions, ScriptTally, script_of
from roi_assistant.core.records import Caption, Region
from tests.unit.region_records import HUMAN


def region(caption: str = "", category: str | None = None, id_: str = "r") -> Region:
    captions = (Caption(caption, HUMAN, preferred=True),) if caption else ()
    return Region(id_, Box(0, 0, 50, 50), category, captions, state="accepted")


def told(tally: CaptionTally | MissingCaptions | ScriptTally, *images: tuple[Region, ...]) -> list[Finding]:
    for number, regions in enumerate(images):
        tally.add(LintImage(key=f"{number}.jpg", regions=regions))
    return list(tally.findings())


LONG = "a man in a red jacket rides a bicycle along the river"


def test_a_long_caption_on_many_images_was_copied() -> None:
    images = [(region(LONG if n % 2 else LONG.upper() + ".", "person"),) for n in range(5)]
    (finding,) = told(CaptionTally(), *images)
    assert str(finding.text).startswith("5 regions on 5 images have the same long caption “")
    assert (finding.image, finding.regions) == ("0.jpg", ("r",))
    assert not told(CaptionTally(), *images[:4])


def test_many_regions_of_one_image_may_be_alike() -> None:
    assert not told(CaptionTally(), tuple(region(LONG, "person", f"r{n}") for n in range(9)))


def test_short_captions_come_again() -> None:
    assert not told(CaptionTally(), *[(region("a black and white dog", "dog"),) for _ in range(50)])


def test_one_caption_on_things_of_different_kinds() -> None:
    images = [(region("一 只 棕 色 的 狗", "dog"),), (region("一 只 棕 色 的 狗", "truck"),)]
    (finding,) = told(CaptionTally(), *images)
    assert "2 regions have the caption" in str(finding.text) and finding.image == "1.jpg"
    assert not told(CaptionTally(), images[0], (region("一 只 棕 色 的 狗", "dalmatian"),))
    # Where the caption can be read, the rule about caption and category tells which of them is wrong.
    assert not told(CaptionTally(), (region("a big brown dog", "dog"),), (region("a big brown dog", "truck"),))


def test_captions_are_missing_where_they_are_usual() -> None:
    usual = tuple(region("a dog", id_=f"r{n}") for n in range(4))
    (finding,) = told(MissingCaptions(), usual, (region(id_="bare"),))
    assert (finding.rule, finding.image, finding.regions) == ("empty-caption", "1.jpg", ("bare",))
    waiting = replace(region(id_="bare"), state="suggested")
    assert not told(MissingCaptions(), usual, (waiting,))


def test_a_project_of_boxes_misses_no_captions() -> None:
    assert not told(MissingCaptions(), tuple(region(id_=f"r{n}") for n in range(9)), (region("a dog"),))
    assert not told(MissingCaptions())


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("a dog", "Latin"),
        ("Düse größer", "Latin"),
        ("一只狗", "Chinese or Japanese"),
        ("ねこ", "Chinese or Japanese"),
        ("개", "Korean"),
        ("собака", "Cyrillic"),
        ("a sign that reads СТОП", "Latin"),
        ("一个写着STOP的牌子", "Chinese or Japanese"),
        ("12 ?", ""),
        ("", ""),
    ],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_caption_in_another_script() -> None:
    images = [(region("a dog"),)] * 9 + [(region("一只狗"),)]
    (finding,) = told(ScriptTally(), *images)
    assert str(finding.text) == "The caption “一只狗” is Chinese or Japanese, most others are Latin."
    assert finding.image == "9.jpg"
    assert not told(ScriptTally(), *images[:9])


def test_two_languages_side_by_side_are_told_once() -> None:
    images = [(region("a dog"), region("一只狗"))] * 9
    (finding,) = told(ScriptTally(), *images)
    assert str(finding.text) == "The captions are in several scripts: Latin (9), Chinese or Japanese (9)."
