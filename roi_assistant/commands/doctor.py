"""``roi-assistant doctor``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from roi_assistant.commands import console

app = typer.Typer()


@app.command()
def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout instead of lines.")] = False,
    verbose: console.Verbose = False,
) -> None:
    """Check the installation; say what works, what does not, and what to do about it.

    The exit code is 1 when something fails that captions need, and 0 otherwise.
    """
    from roi_assistant.commands.doctor_checks import run_checks

    results = []
    for check in run_checks(console.plugins_of(context)):
        results.append(check)
        if not as_json:
            print(f"{check.state:<8} {check.name:<20} {console.printable(check.found)}", flush=True)
            if check.advice:
                print(f"{'':<30}-> {console.printable(check.advice)}", flush=True)
    if as_json:
        from roi_assistant.commands.json_output import dump_json

        print(dump_json([asdict(check) for check in results], encoding=sys.stdout.encoding))
    if any(check.state == "failed" for check in results):
        raise typer.Exit(1)
