"""Rules about boxes."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.box import Box
from roi_assistant.core.lint.boxes import (
    doubled_boxes,
    nested_boxes,
    says_all,
    tiny_boxes,
    two_categories,
    without_region,
)
from roi_assistant.core.lint.findings import LintImage, RemoveRegion
from roi_assistant.core.records import Caption, Region
from tests.unit.region_records import HUMAN

PLACE = Box(10, 10, 110, 90)


def region(id_: str, box: Box = PLACE, category: str | None = "dog", caption: str = "") -> Region:
    captions = (Caption(caption, HUMAN, preferred=True),) if caption else ()
    return Region(id_, box, category, captions, state="accepted")


def image(*regions: Region) -> LintImage:
    return LintImage(key="a.jpg", regions=regions)


def test_a_box_that_nobody_can_see_into() -> None:
    (finding,) = tiny_boxes(image(region("thin", Box(0, 0, 3.5, 80)), region("small", Box(0, 0, 4, 4))))
    assert (finding.regions, str(finding.text)) == (
        ("thin",),
        "The box is 3.5 x 80 pixels: nobody sees what is in it.",
    )


def test_the_same_box_twice_is_told_once_for_each_copy() -> None:
    findings = list(doubled_boxes(image(region("a"), region("b"), region("c"))))
    assert [finding.regions for finding in findings] == [("b", "a"), ("c", "a")]
    assert [finding.fix for finding in findings] == [RemoveRegion("a.jpg", id_, "a") for id_ in "bc"]


def test_boxes_of_their_own_are_not_doubled() -> None:
    beside = region("b", Box(30, 10, 130, 90))
    assert not list(doubled_boxes(image(region("a"), beside, region("shirt", category="shirt"))))


def test_a_box_without_a_category_on_one_that_has_it() -> None:
    (finding,) = doubled_boxes(image(region("a"), region("b", category=None)))
    assert "“dog”" in str(finding.text) and finding.fix == RemoveRegion("a.jpg", "b", "a")


def test_of_two_the_decided_one_stays() -> None:
    suggestion = replace(region("suggested"), state="suggested")
    (finding,) = doubled_boxes(image(suggestion, region("decided")))
    assert finding.fix == RemoveRegion("a.jpg", "suggested", "decided")


def test_what_says_more_is_not_removed() -> None:
    kept, spare = region("a", caption="a dog"), region("b", caption="a dog")
    assert says_all(kept, spare)
    assert not says_all(kept, region("b", caption="a brown dog")), "its words would be lost"
    assert not says_all(kept, region("b", Box(10, 10, 111, 90), caption="a dog")), "the better box is not known"
    assert not says_all(replace(kept, locked=True), replace(spare, locked=True)), "locked boxes stay"
    assert not says_all(kept, region("b", category="puppy", caption="a dog"))
    assert not says_all(replace(kept, state="suggested"), spare), "a decision would be lost"


def test_a_fix_that_does_not_hold_any_more_is_none() -> None:
    kept, spare = region("a", caption="a dog"), region("b", caption="a dog")
    fix = RemoveRegion("a.jpg", "b", "a")
    assert without_region((kept, spare), fix) is spare
    assert without_region((spare,), fix) is None
    assert without_region((replace(kept, state="rejected"), spare), fix) is None
    assert without_region((kept, region("b", caption="a cat")), fix) is None


def test_one_box_with_words_of_two_kinds() -> None:
    (finding,) = two_categories(image(region("a"), region("b", category="truck")))
    assert str(finding.text) == "The same box is a “dog” and a “truck”."
    fine = [region("a"), region("b", category="animal"), region("c", category="dalmatian"), region("d", category="boy")]
    assert not list(two_categories(image(*fine)))


def test_a_box_in_a_box() -> None:
    inner = region("inner", Box(15, 15, 100, 85))
    (finding,) = nested_boxes(image(region("outer"), inner))
    assert finding.regions == ("inner", "outer"), "the smaller one is looked at first"
    assert not list(nested_boxes(image(region("outer"), replace(inner, category="cat"))))
    assert not list(nested_boxes(image(region("outer"), region("behind", Box(20, 20, 50, 50))))), "a thing of its own"


def test_a_group_may_contain_its_members() -> None:
    inner = region("inner", Box(15, 15, 100, 85))
    for caption in ("two dogs", "a group of dogs", "dogs on a lawn"):
        assert not list(nested_boxes(image(region("outer", caption=caption), inner))), caption
    another = replace(inner, id="another")
    assert not list(nested_boxes(image(region("outer"), inner, another)))
    assert list(nested_boxes(image(region("outer", caption="a dog"), inner)))
