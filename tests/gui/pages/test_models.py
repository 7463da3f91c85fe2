"""The page of models: what there is, what is in use, and adding one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton

from roi_assistant.ui.pages.models import ModelsPage
from roi_assistant.ui.session.model_commands import CommandResult, listed_models, run_models_command

LISTED = [
    {"id": "gpt4roi-mini", "description": "The embedded model."},
    {"id": "desk", "kind": "server", "place": "http://127.0.0.1:8000/v1", "model": "org/vlm"},
]


class Commands:
    """Answers at once; ``add`` and ``remove`` as ``answer`` says."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.answer = CommandResult(True, "")
        self.listed = CommandResult(True, json.dumps(LISTED))

    def __call__(self, arguments: Sequence[str], done: Callable[[CommandResult], None]) -> None:
        self.ran.append(tuple(arguments))
        done(self.listed if arguments[0] == "list" else self.answer)


class Page(ModelsPage):
    def button(self, name: str) -> QPushButton:
        return next(b for b in self.findChildren(QPushButton) if b.accessibleName() == name and not b.isHidden())


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def page(qapp: QApplication, commands: Commands) -> Page:
    used, second = ["gpt4roi-mini"], ["none"]
    page = Page(
        run=commands,
        current=lambda: used[-1],
        use=used.append,
        second=lambda: second[-1],
        use_second=second.append,
    )
    page.show()
    return page


def test_what_there_is_and_what_is_in_use(page: Page, commands: Commands) -> None:
    texts = [label.text() for label in page.findChildren(QLabel)]
    assert {"gpt4roi-mini", "The embedded model.", "desk", "http://127.0.0.1:8000/v1 org/vlm"} <= set(texts)
    assert not page.button("Use gpt4roi-mini").isEnabled()
    page.button("Use desk").click()
    assert not page.button("Use desk").isEnabled() and page.button("Use gpt4roi-mini").isEnabled()
    assert not page.button("Forget desk").isEnabled(), "what is in use stays"
    page.button("Use gpt4roi-mini").click()
    page.button("Forget desk").click()
    assert ("remove", "desk") in commands.ran


def test_a_second_model_is_chosen_and_given_up(page: Page) -> None:
    assert not page.button("Use gpt4roi-mini as second model").isEnabled(), "it is the first one"
    second = page.button("Use desk as second model")
    assert not second.isChecked()
    second.click()
    assert page.button("Use desk as second model").isChecked()
    page.button("Use desk as second model").click()
    assert not page.button("Use desk as second model").isChecked()


def test_a_server_on_the_desk_is_added(page: Page, commands: Commands) -> None:
    assert not page.add_button.isEnabled() and page.model.isHidden()
    page.place.setText("http://localhost:11434/v1")
    assert page.add_button.isEnabled() and page.remote.isHidden() and not page.model.isHidden()
    page.model.setText("qwen3-vl")
    page.add()
    assert ("add", "http://localhost:11434/v1", "--model", "qwen3-vl") in commands.ran
    assert page.place.text() == "" and commands.ran[-1] == ("list", "--json")


def test_photos_go_to_another_computer_only_when_that_is_wanted(page: Page, commands: Commands) -> None:
    page.place.setText("http://192.168.0.7:8000/v1")
    assert not page.remote.isHidden() and not page.add_button.isEnabled()
    page.add()
    assert not any(ran[0] == "add" for ran in commands.ran)
    page.remote.setChecked(True)
    page.add()
    assert ("add", "http://192.168.0.7:8000/v1", "--allow-remote") in commands.ran


def test_what_is_wrong_is_told_and_what_was_typed_stays(page: Page, commands: Commands, tmp_path: Path) -> None:
    commands.answer = CommandResult(False, "It is no model.")
    page.place.setText(str(tmp_path))
    page.add()
    assert page.message.level == "error" and page.message.text == "It is no model."
    assert page.place.text() == str(tmp_path) and page.add_button.isEnabled()
    commands.listed = CommandResult(False, "The list is damaged.")
    page.refresh()
    assert page.message.text == "The list is damaged."


def test_the_command_runs_in_a_process_of_its_own() -> None:
    result = run_models_command(["list", "--json"])
    assert result.is_well and "gpt4roi-mini" in [model.id for model in listed_models(result.answer)]
    wrong = run_models_command(["remove", "nothing"])
    assert not wrong.is_well and "'nothing' was not added" in wrong.answer


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"name": 1}]', "[" * 9999])
def test_a_list_that_is_none(text: str) -> None:
    assert listed_models(text) == []
