"""The program is killed while it is used, and nothing that it had shown as stored is lost.

``python scripts/kill_test.py --times 200`` does it 200 times.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import kill_test

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def test_what_was_shown_as_stored_survives_sigkill(tmp_path: Path) -> None:
    outcome = kill_test.run(tmp_path, times=3, seed=7)
    assert outcome.kills + outcome.closed == 3
    assert outcome.acknowledged > 0


def test_the_verdict_notices_what_is_lost(tmp_path: Path) -> None:
    from roi_assistant.core.box import Box
    from roi_assistant.core.edits import Edit, RegionChange
    from roi_assistant.core.records import Region
    from roi_assistant.storage.project import Project

    image = kill_test.IMAGES[0]
    with Project.open(tmp_path) as project:
        contents = []
        for number in range(3):
            new = Region(f"r{number}", Box(0, 0, 10, 10))
            project.apply(Edit("Draw box", image, (RegionChange(image, None, new),)))
            contents.append(kill_test.digest(project.regions(image)))

    def verdict(*lines: str) -> str:
        known = kill_test.Known()
        for line in lines:
            known.take(line)
        try:
            kill_test.verify(tmp_path, known, kill_test.Outcome())
        except kill_test.LostError as error:
            return str(error)
        return ""

    first, second, third = (f"state {image} {content}" for content in contents)
    assert verdict(second, third, "saved") == ""
    assert verdict(second, "saved", third) == ""
    assert verdict(first, "saved") == ""  # two edits were stored and not announced
    assert "not there" in verdict(third, f"state {image} {'0' * 24}", "saved")
    with Project.open(tmp_path) as project:
        project.undo(image)
    assert "not there" in verdict(third, "saved")  # nobody had asked for an undo
    assert verdict(third, "saved", "doing travel") == ""
    (tmp_path / "project.roi").write_bytes(b"x" * 5000)
    assert "damaged" in verdict(second, "saved")
