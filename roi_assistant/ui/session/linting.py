"""What was found doubtful in the open project, which finding is in sight, and what is done about findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.jobs import JobBoard, JobControl, JobStatus
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.core.edits import Edit
    from roi_assistant.core.lint.findings import Finding, RuleId
    from roi_assistant.storage.linting import LintReport
    from roi_assistant.storage.project import Project


class OpenImage(Protocol):
    """Shows an image with a region selected, see `ProjectSession.open_image`."""

    def __call__(self, key: str, *, region: str = "") -> None: ...


class Linting(QObject):
    changed = pyqtSignal()
    """Another report, or another state of a check that runs."""
    marked = pyqtSignal()
    """Another finding is in sight, or regions of findings were changed."""

    def __init__(
        self,
        image: ImageInSight,
        history: EditHistory,
        jobs: JobBoard,
        store: Store,
        notify: Notify,
        *,
        open_image: OpenImage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image, self._history, self._jobs, self._store, self._notify = image, history, jobs, store, notify
        self._open_image = open_image
        self.report: LintReport | None = None
        """Of the last check, without what was ignored or fixed since; None while nothing was checked."""
        self.current = -1
        """Place in ``report.findings`` of the finding in sight; -1 for none."""
        self._job = ""
        self._is_fixing = False
        self._seen: set[tuple[str, str]] = set()
        """(image, region) of those that were changed since the check."""
        history.applied.connect(self._edited)
        jobs.changed.connect(self._follow_job)

    # Checking.

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the report has."""
        return () if self.report is None else self.report.findings

    @property
    def job(self) -> JobStatus | None:
        """The check that runs; None when none does."""
        found = next((job for job in self._jobs.statuses if job.id == self._job), None)
        return None if found is None or found.is_over else found

    def reset(self) -> None:
        """Another project, or none, is open."""
        self._job = ""
        self._show(None)

    def check(self) -> None:
        """Check the whole project, in the background; one check at a time."""
        from roi_assistant.storage.linting import lint_project

        if self.job is not None:
            return

        def work(project: Project, control: JobControl) -> LintReport:
            return lint_project(project, step=control.progress)

        self._job = self._jobs.run(self.tr("Look for doubtful regions"), work, self._show)
        self.changed.emit()

    def stop(self) -> None:
        """End the check that runs; the last report stays."""
        self._jobs.cancel(self._job)

    def _show(self, report: LintReport | None) -> None:
        self.report, self.current = report, -1
        self._seen.clear()
        self.changed.emit()

    def _follow_job(self) -> None:
        if self._job:
            if self.job is None:
                self._job = ""
            self.changed.emit()

    # Going about.

    def show(self, place: int) -> None:
        """Bring the finding at ``place`` into sight: its image, with its regions selected."""
        if not 0 <= place < len(self.findings):
            return
        finding, self.current = self.findings[place], place
        if finding.image:
            first, *others = finding.regions or ("",)
            self._open_image(finding.image, region=first)
            if others:
                self._history.when_settled(lambda: self._select(finding.image, (*others, first)))
        self.marked.emit()

    def step(self, step: int) -> None:
        """The next finding that is on an image and was not seen to, or the one before; tells when there is none."""
        place = self.current + step if self.current >= 0 else 0 if step > 0 else len(self.findings) - 1
        while 0 <= place < len(self.findings):
            if self.findings[place].image and not self.is_seen_to(self.findings[place]):
                self.show(place)
                return
            place += step
        self._notify(
            "info",
            self.tr("There is no other finding: look for some on the page “Doubtful regions”.")
            if self.report is None
            else self.tr("There is no other finding in this direction."),
        )

    def is_seen_to(self, finding: Finding) -> bool:
        """Whether one of its regions was changed since the check: what was found may not hold any more."""
        return any((finding.image, region) in self._seen for region in finding.regions)

    def _select(self, image: str, regions: Sequence[str]) -> None:
        if self._image.key == image:
            self._image.select(id_ for id_ in regions if self._image.region(id_) is not None)

    def _edited(self, edit: Edit) -> None:
        if self.report is None:
            return
        if edit.label == _label() and not self._is_fixing:  # taken back, or done again
            self.check()
            return
        self._seen.update((change.image, change.region_id) for change in edit.regions)
        self.marked.emit()

    # Doing something about it.

    def ignore(self, findings: Iterable[Finding]) -> None:
        """Do not tell ``findings`` again in this project."""
        from roi_assistant.storage.linting import ignore_findings

        chosen = tuple(findings)
        if chosen and self._store.may_edit():
            self._store.write(lambda project: ignore_findings(project, chosen))
            self._drop(chosen, ignored=len(chosen))

    def fix(self, rule: RuleId) -> None:
        """Put right what can be put right of one rule without a judgement: one step of undo of the project."""
        from roi_assistant.storage.linting import fix_findings

        chosen = tuple(finding for finding in self.findings if finding.rule == rule and finding.fix is not None)
        if not chosen or not self._store.may_edit():
            return

        def done() -> None:
            self._is_fixing = False
            self.check()  # a box that is gone, or a category that has another name, may be in other findings, too

        def failed(error: Exception) -> None:
            self._is_fixing = False
            self._notify("error", translated(error))

        self._is_fixing = True
        self._history.store_edits(lambda project: fix_findings(project, chosen), done, failed)

    def _drop(self, gone: Sequence[Finding], *, ignored: int) -> None:
        assert self.report is not None
        dropped = {id(finding) for finding in gone}  # their keys are hashes, which would take a while for all
        counts = dict(self.report.counts)
        for finding in gone:
            counts[finding.rule] -= 1
        kept = tuple(finding for finding in self.report.findings if id(finding) not in dropped)
        self.report = replace(
            self.report,
            findings=kept,
            counts={rule: count for rule, count in counts.items() if count > 0},
            ignored=self.report.ignored + ignored,
        )
        self.current = min(self.current, len(kept) - 1)
        self.changed.emit()


def _label() -> str:
    from roi_assistant.storage.linting import FIX_LABEL

    return FIX_LABEL
