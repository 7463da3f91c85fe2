"""What was left behind in the review."""

from __future__ import annotations

from dataclasses import replace

from roi_assistant.core.lint.findings import LintImage
from roi_assistant.core.lint.review_state import unreviewed_left
from roi_assistant.core.records import Region
from tests.unit.region_records import suggested


def image(*regions: Region) -> LintImage:
    return LintImage(key="a.jpg", regions=regions)


def test_a_suggestion_on_a_reviewed_image() -> None:
    done = replace(suggested("done"), state="accepted")
    (finding,) = unreviewed_left(image(done, suggested("left")))
    assert finding.regions == ("left",)
    assert str(finding.text) == "Of 2 regions 1 are reviewed, 1 still wait."


def test_an_image_that_was_only_begun_or_is_done() -> None:
    done = replace(suggested("done"), state="edited")
    assert not list(unreviewed_left(image(done, suggested("b"), suggested("c"))))
    assert not list(unreviewed_left(image(done))) and not list(unreviewed_left(image(suggested("b"))))
    bare = Region("drawn", done.box)
    assert not list(unreviewed_left(image(done, bare))), "there is nothing to review about it"
