"""A writer that is killed at any moment loses no action that had returned.

``ROI_ASSISTANT_KILLS=200 pytest tests/unit/storage/test_kill.py`` does it 200 times.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from tests.unit.storage.kill_writer import IMAGES, digest

KILLS = int(os.environ.get("ROI_ASSISTANT_KILLS", "5"))
MODULE = "tests.unit.storage.kill_writer"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def test_every_action_that_returned_survives_sigkill(tmp_path: Path, repository: Path) -> None:
    chance = random.Random(20260102)
    saved = {image: digest(()) for image in IMAGES}
    actions = 0
    for kill in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(tmp_path), str(kill)], stdout=subprocess.PIPE, text=True, cwd=repository
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.random() * 0.5)
        os.kill(process.pid, signal.SIGKILL)
        said = process.stdout.read().split("\n")[:-1]  # what comes after the last line break was cut
        process.wait()
        process.stdout.close()
        for line in said:
            image, _, now = line.rpartition(" ")
            saved[image] = now
        actions += len(said)
        with Project.open(tmp_path, backup=False) as project:
            report = check_project(project)
            assert report.ok, report
            found = {image: digest(project.regions(image)) for image in IMAGES}
        # One action more than was said may have been saved; it changes one image.
        assert len([image for image in IMAGES if found[image] != saved[image]]) <= 1, kill
        if found != saved:
            (image,) = (image for image in IMAGES if found[image] != saved[image])
            with Project.open(tmp_path, backup=False) as project:
                assert _one_step_before(project, image, saved[image]), f"kill {kill}: an action is lost on {image}"
                saved[image] = digest(project.regions(image))
    assert actions > 0


def _one_step_before(project: Project, image: str, wanted: str) -> bool:
    """Whether the state with the digest ``wanted`` is one undo or redo away: the last action was saved, not said."""
    for there, back in ((project.undo, project.redo), (project.redo, project.undo)):
        if there(image) is not None:
            found = digest(project.regions(image)) == wanted
            back(image)
            if found:
                return True
    return False
