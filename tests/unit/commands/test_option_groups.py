from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from roi_assistant.commands.option_groups import expand_options


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Options of two commands."""

    name: Annotated[str, typer.Option("--name", help="Required.")]
    count: Annotated[int, typer.Option("--count", min=1)] = 2


@expand_options
def show(word: Annotated[str, typer.Argument()], shared: Shared, *, loud: bool = False) -> None:
    """Say it."""
    typer.echo(f"{word} {shared.name} {shared.count} {loud}")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [(["a", "--name", "b"], "a b 2 False\n"), (["a", "--name", "b", "--count", "5", "--loud"], "a b 5 True\n")],
)
def test_a_group_is_made_of_its_options(arguments: list[str], printed: str) -> None:
    app = typer.Typer()
    app.command()(show)
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stdout) == (0, printed)


@pytest.mark.parametrize("arguments", [["a"], ["a", "--name", "b", "--count", "0"], ["a", "--shared", "x"]])
def test_options_are_checked_as_if_the_command_declared_them(arguments: list[str]) -> None:
    app = typer.Typer()
    app.command()(show)
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_a_command_keeps_its_name_and_help() -> None:
    assert (show.__name__, show.__doc__) == ("show", "Say it.")
    assert list(inspect.signature(show).parameters) == ["word", "name", "count", "loud"]
