"""``roi-assistant lint``: what is doubtful in the content of a project, and what is put right without a judgement."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roi_assistant.commands import console
from roi_assistant.commands.progress import Progress
from roi_assistant.errors import BadInputError

if TYPE_CHECKING:
    from roi_assistant.core.lint.findings import Finding, RuleId
    from roi_assistant.storage.linting import LintReport
    from roi_assistant.storage.project import Project

FORMAT, VERSION = "roi-assistant-lint", 1
_SHOWN = 20

app = typer.Typer()


@app.command()
def lint(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of images that was opened.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout, with all findings.")] = False,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule; repeat it. Default: all of them.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Merge spellings of a category and remove exact copies of boxes; undoable.")
    ] = False,
    verbose: console.Verbose = False,
) -> None:
    """Find empty and copied captions, captions against color and category, doubled boxes, spellings and more.

    Exit code 0 when nothing is found, 1 when something is. Whether the file itself is sound says project check.
    """
    from roi_assistant.commands.project import must_exist
    from roi_assistant.storage.linting import fix_findings
    from roi_assistant.storage.project import Project

    rules = _rules(rule)
    must_exist(folder)
    with Project.open(folder, read_only=not fix) as project:
        report = _lint(project, rules)
        if fix:
            for edit in fix_findings(project, report.findings):
                moved = sum(move.count for move in edit.categories.moved) if edit.categories else 0
                console.say(
                    f"{moved} region(s) have the more frequent spelling of their category now."
                    if edit.categories
                    else f"{len(edit.regions)} copied box(es) were removed."
                )
            report = _lint(project, rules)
    if as_json:
        from roi_assistant.commands.json_output import dump_json

        print(dump_json(_document(report), encoding=sys.stdout.encoding))
    else:
        _print(report, all_of=bool(rule))
    if not report.is_clean:
        raise typer.Exit(1)


def _rules(names: list[str] | None) -> tuple[RuleId, ...]:
    from roi_assistant.storage.linting import ALL_RULES

    for name in names or ():
        if name not in ALL_RULES:
            raise BadInputError("There is no rule {name}; there are: {rules}.", name=name, rules=", ".join(ALL_RULES))
    return tuple(known for known in ALL_RULES if not names or known in names)


def _lint(project: Project, rules: tuple[RuleId, ...]) -> LintReport:
    from roi_assistant.storage.linting import lint_project

    with Progress(project.image_count(), what="images") as bar:
        return lint_project(project, rules=rules, step=lambda _done, _total: bar.step())


def _document(report: LintReport) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "images": report.images,
        "regions": report.regions,
        "ignored": report.ignored,
        "counts": dict(report.counts),
        "findings": [_entry(finding) for finding in report.findings],
    }


def _entry(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "image": finding.image,
        "regions": list(finding.regions),
        "text": str(finding.text),
        "fixable": finding.fix is not None,
        "key": finding.key,
    }


def _print(report: LintReport, *, all_of: bool) -> None:
    """The findings of each rule; only the first of each while all rules are asked for."""
    from roi_assistant.core.lint.findings import RULE_OF

    for rule, count in report.counts.items():
        print(f"{rule}: {RULE_OF[rule].title} ({RULE_OF[rule].severity}, {count})")
        found = [finding for finding in report.findings if finding.rule == rule]
        shown = found if all_of else found[:_SHOWN]
        for finding in shown:
            place = f"{finding.image}, region {', '.join(finding.regions)}: " if finding.regions else ""
            place = place or (f"{finding.image}: " if finding.image else "")
            print(console.printable(f"  {place}{finding.text}"))
        if count > len(shown):
            print(f"  ... and {count - len(shown)} more: --rule {rule}, or --json")
    fixable = sum(finding.fix is not None for finding in report.findings)
    print(
        f"{sum(report.counts.values())} findings on {report.regions} regions of {report.images} images"
        + (f", {report.ignored} ignored" if report.ignored else "")
        + (f"; --fix puts {fixable} right." if fixable else ".")
    )
