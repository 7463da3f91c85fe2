"""A whole project goes through the rules; what is fixed can be undone; what is ignored stays so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.lint.findings import Finding
from roi_assistant.core.records import Caption, Region
from roi_assistant.errors import ProjectError
from roi_assistant.storage.linting import (
    MOST_FINDINGS,
    LintReport,
    fix_findings,
    ignore_findings,
    ignored_findings,
    lint_project,
)
from roi_assistant.storage.project import Project
from tests.unit.region_records import HUMAN

PLACE = Box(10, 10, 70, 60)


def region(id_: str, category: str = "car", caption: str = "a car", *, box: Box = PLACE, **fields: object) -> Region:
    made = Region(id_, box, category, (Caption(caption, HUMAN, preferred=True),), state="accepted")
    return replace(made, **fields)  # type: ignore[arg-type]


def draw(project: Project, image: str, *regions: Region) -> None:
    changes = tuple(RegionChange(image, None, one) for one in regions)
    project.apply(Edit("Import regions", "", changes), undoable=False)
    project.set_image_size(image, 80, 70)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three green photos, with nothing to find."""
    for name in "abc":
        Image.new("RGB", (80, 70), (20, 160, 40)).save(tmp_path / f"{name}.png")
    with Project.open(tmp_path) as opened:
        opened.add_images([f"{name}.png" for name in "abc"])
        draw(opened, "a.png", region("r1", caption="a green car"))
        yield opened


def rules(report: LintReport) -> dict[str, int]:
    return {str(rule): count for rule, count in report.counts.items()}


def only(report: LintReport) -> Finding:
    (finding,) = report.findings
    return finding


def test_nothing_is_found_in_good_work(project: Project) -> None:
    steps: list[tuple[int, int]] = []
    report = lint_project(project, step=lambda done, total: steps.append((done, total)))
    assert (report.findings, report.is_clean, report.images, report.regions) == ((), True, 3, 1)
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_rejected_regions_do_not_count(project: Project) -> None:
    draw(project, "b.png", region("r1", "truck", "a dog", state="rejected"), region("r2", state="rejected"))
    assert lint_project(project).is_clean


def test_a_color_against_the_pixels(project: Project) -> None:
    draw(project, "b.png", region("r1", caption="a red car"))
    finding = only(lint_project(project))
    assert (finding.rule, finding.image) == ("caption-color", "b.png") and "green" in str(finding.text)
    assert lint_project(project, rules=["tiny-box"]).is_clean, "only the rules that are asked for"


def test_a_large_photo_is_measured_where_its_box_lies(project: Project) -> None:
    picture = Image.new("RGB", (4000, 3000), (20, 160, 40))
    picture.paste((200, 20, 20), (2000, 1500, 3000, 2500))
    picture.save(project.folder / "big.jpg")
    draw(project, "big.jpg", region("r1", caption="a red car", box=Box(2050, 1550, 2950, 2450)))
    draw(project, "big.jpg", region("r2", caption="a red car", box=Box(100, 100, 1000, 1000)))
    project.set_image_size("big.jpg", 4000, 3000)
    assert only(lint_project(project)).regions == ("r2",)


def test_photos_that_are_gone_or_others(project: Project) -> None:
    draw(project, "b.png", region("r1", caption="a red car"))
    (project.folder / "a.png").unlink()
    Image.new("RGB", (70, 80), (20, 160, 40)).save(project.folder / "b.png")
    report = lint_project(project)
    assert [(f.rule, f.image) for f in report.findings] == [("photo-missing", "a.png"), ("photo-changed", "b.png")]
    assert str(report.findings[1].text) == "The photo had 80 x 70 pixels when its boxes were drawn and has 70 x 80."


def test_a_box_outside_its_photo_is_none_of_ours(project: Project) -> None:
    draw(project, "b.png", region("r1", caption="a red car", box=Box(100, 100, 150, 150)))
    assert lint_project(project).is_clean


def test_spellings_are_merged_in_one_step_that_is_taken_back(project: Project) -> None:
    draw(project, "b.png", region("r1", "Cars"), region("r2", "car", box=Box(0, 0, 5, 5)), region("r3", "truck"))
    draw(project, "c.png", region("r1", "traffic-light", "?"), region("r2", "traffic light", box=Box(0, 0, 9, 9)))
    report = lint_project(project, rules=["category-spelling"])
    assert rules(report) == {"category-spelling": 2}
    (edit,) = fix_findings(project, report.findings)
    assert edit.label == "Fix findings"
    assert {"": 0} | project.category_counts() == {"": 0, "car": 3, "traffic light": 2, "truck": 1}
    assert project.undo("") is not None
    assert project.category_counts()["Cars"] == 1 and project.category_counts()["traffic-light"] == 1
    assert rules(lint_project(project, rules=["category-spelling"])) == {"category-spelling": 2}


def test_copies_of_boxes_go_in_one_step_that_is_taken_back(project: Project) -> None:
    draw(project, "b.png", region("r1"), region("r2"), region("r3", caption="an old car"))
    draw(project, "c.png", region("r1"), region("r2"))
    before = {name: project.regions(name) for name in ("b.png", "c.png")}
    report = lint_project(project, rules=["doubled-box"])
    assert len(report.findings) == 3
    (edit,) = fix_findings(project, report.findings)
    assert Counter(change.image for change in edit.regions) == {"b.png": 1, "c.png": 1}
    assert [one.id for one in project.regions("b.png")] == ["r1", "r3"], "other words are not thrown away"
    assert project.undo("") is not None
    assert {name: project.regions(name) for name in ("b.png", "c.png")} == before


def test_what_was_changed_meanwhile_is_passed_over(project: Project) -> None:
    draw(project, "b.png", region("r1"), region("r2"), region("r3", "Cars", box=Box(0, 0, 20, 20)))
    findings = lint_project(project, rules=["doubled-box", "category-spelling"]).findings
    old = project.regions("b.png")
    project.apply(Edit("Delete", "b.png", tuple(RegionChange("b.png", old[n], None) for n in (0, 2))))
    assert fix_findings(project, findings) == []
    assert [one.id for one in project.regions("b.png")] == ["r2"]


def test_an_ignored_finding_does_not_come_back(project: Project) -> None:
    draw(project, "b.png", region("r1", "dog", "a car"))
    finding = only(lint_project(project))
    ignore_findings(project, [finding])
    report = lint_project(project)
    assert report.is_clean and report.ignored == 1
    with Project.open(project.folder, read_only=True) as again:
        assert ignored_findings(again) == {finding.key}
    before = project.regions("b.png")[0]
    after = replace(before, captions=(Caption("a truck", HUMAN, preferred=True),))
    project.apply(Edit("Edit caption", "b.png", (RegionChange("b.png", before, after),)))
    assert rules(lint_project(project)) == {"caption-category": 1}, "its caption is another one"
    ignore_findings(project, [finding], ignored=False)
    assert ignored_findings(project) == frozenset()


@pytest.mark.parametrize("stored", ["", "{", "7", '{"a": 1}', '["a", 7]'])
def test_what_is_none_of_ours_is_no_list_of_ignored_findings(project: Project, stored: str) -> None:
    with project.writing():
        project.database.execute("INSERT INTO meta (key, value) VALUES ('lint_ignored', ?)", (stored,))
    assert ignored_findings(project) <= {"a"}
    assert lint_project(project).is_clean


def test_many_findings_are_counted_and_some_are_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_FINDINGS >= 1000
    monkeypatch.setattr("roi_assistant.storage.linting.MOST_FINDINGS", 2)
    draw(project, "b.png", *(region(f"r{n}", box=Box(n, 0, n + 1, 60)) for n in range(5)))
    report = lint_project(project, rules=["tiny-box"])
    assert len(report.findings) == 2 and rules(report) == {"tiny-box": 5}


def test_a_stop_is_let_through(project: Project) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lint_project(project, step=stop)


def test_nothing_is_written_to_a_project_that_is_only_read(project: Project) -> None:
    draw(project, "b.png", region("r1"), region("r2"))
    with Project.open(project.folder, read_only=True) as reader:
        found = lint_project(reader).findings
        with pytest.raises(ProjectError):
            fix_findings(reader, found)
        with pytest.raises(ProjectError):
            ignore_findings(reader, found)
