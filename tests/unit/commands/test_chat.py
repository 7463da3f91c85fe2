"""``roi-assistant chat``."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from roi_assistant.commands.chat import chat

Run = Callable[..., Any]
Calls = Callable[[], list[str]]


def test_the_answer_is_printed(run: Run, photo: Path, calls: Calls) -> None:
    boxes = ("--box", "1,2,30,40", "--box", "600,2,700,40")
    result = run("chat", photo, *boxes, "what is <region1> doing to <region2>?", "--model", "fake-talker")
    assert result.code == 0
    assert result.out == "You said 'what is <region1> doing to <region2>?' about 2 boxes.\n"
    assert result.err.splitlines() == [
        "--box 2 on photo.png reaches beyond the image of 640 x 480 pixels: (600, 2, 700, 40) is clipped to "
        "(600, 2, 640, 40).",
        "Model fake-talker on cpu, 1 threads",
    ]
    assert calls() == ["load auto None", "image RGB 640 480", "chat 2 ['user']", "close"]


def test_more_questions_continue_the_conversation(run: Run, photo: Path, calls: Calls) -> None:
    result = run("chat", photo, "what is it?", "and\x1b[31m why?", "--model", "fake-talker")
    assert result.code == 0
    assert result.out == (
        "> what is it?\nYou said 'what is it?' about 0 boxes.\n"
        "> and\\x1b[31m why?\nYou said 'and\\x1b[31m why?' about 0 boxes.\n"
    )
    assert calls()[2:4] == ["chat 0 ['user']", "chat 0 ['user', 'assistant', 'user']"]


def test_a_model_that_cannot_chat(run: Run, photo: Path, calls: Calls) -> None:
    result = run("chat", photo, "--box", "1,2,3,4", "what is <region1>?", "--model", "fake")
    assert result.code == 3
    assert result.err.splitlines()[-1] == "The model fake cannot chat: choose another with --model, or use 'caption'."
    assert calls() == ["load auto None", "close"]


@pytest.mark.usefixtures("home")
def test_a_full_disk_behind_stdout_is_no_failure_of_the_model(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("roi_assistant.commands.chat.print", full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        chat(typer.Context(click.Command("chat")), photo, ["what?"], model="fake-talker")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--box", "1,2,3,4", "what is <region2>?"), "<region2> refers to a box that does not exist"),
        (("what is <region1>?",), "there are no boxes"),
        (("--box", "1,2,3", "what?"), "--box 1 is '1,2,3'"),
        (("--box", "700,2,800,4", "what?"), "--box 1 on photo.png: "),
        (("what is <bbox>?",), "reserved"),
        ((), "Missing argument"),
    ],
)
def test_bad_input(run: Run, photo: Path, calls: Calls, arguments: tuple[str, ...], words: str) -> None:
    result = run("chat", photo, *arguments, "--model", "fake-talker")
    assert result.code == 2
    assert words in result.err
    assert result.out == ""
    assert calls() == []


def test_a_missing_image(run: Run, work: Path) -> None:
    result = run("chat", "no.png", "what?", "--model", "fake-talker")
    assert result.code == 2
    assert "no.png does not exist" in result.err
