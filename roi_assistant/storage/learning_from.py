"""Take over what another project has learned: a new project starts with its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.text_bounds import shortened
from roi_assistant.errors import BadInputError
from roi_assistant.memory.borrowing import borrowed_lesson
from roi_assistant.sentences import Sentence
from roi_assistant.storage import connection, learned, region_features
from roi_assistant.storage.connection import PROJECT_NAME
from roi_assistant.storage.learned import LearnedRow
from roi_assistant.storage.project import Project

MOST_LESSONS = 100_000
"""That are taken over of one project."""
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class LearningReport:
    """``lessons`` of the project called ``source`` were taken over. ``unseen`` regions of it are decided, but no model
    has looked at them in it, so that nobody knows what looks like them."""

    source: str
    lessons: int
    unseen: int

    def sentences(self) -> tuple[Sentence, ...]:
        """For the user."""
        taken = Sentence.of(
            "{lessons} regions of {source} teach this project.", lessons=self.lessons, source=self.source
        )
        if not self.unseen:
            return (taken,)
        unseen = Sentence.of(
            "{count} more were never looked at by a model: open {source} in the window, wait, and do this again.",
            count=self.unseen,
            source=self.source,
        )
        return taken, unseen


def learn_from(project: Project, other: Path) -> LearningReport:
    """Take over the lessons of the project in the folder ``other``, in place of those it taught before, and what it
    was taught itself. The other project is only read, and may then move or go: nothing of it is looked up later.

    Raises:
        BadInputError: ``other`` is the project itself, or has no project file.
        ProjectError: that cannot be read, or ``project`` not written; nothing has changed.
    """
    theirs = other / PROJECT_NAME
    if not theirs.is_file():
        raise BadInputError(
            "{folder} has no {name}: give the folder of another project.", folder=other, name=PROJECT_NAME
        )
    if project.path.exists() and theirs.samefile(project.path):
        raise BadInputError("{folder} is this project itself: give the folder of another one.", folder=other)
    source = _name(other)
    with Project.open(other, read_only=True) as teacher:
        rows = list(_rows(teacher))[-MOST_LESSONS:]
        unseen = sum(
            len(teacher.without_features(model=model, most=MOST_LESSONS)) for model in _models(teacher)[:1] or ("",)
        )
    return LearningReport(source, _replace(project, source, rows), unseen)


def forget_lessons(project: Project, other: Path) -> int:
    """Forget what the project in the folder ``other``, which need not be there any more, taught; how much it was.

    Raises:
        BadInputError: it taught nothing.
        ProjectError: the project cannot be written.
    """
    known = learned_from(project)
    count = known.get(_name(other), 0)
    if not count:
        names = ", ".join(known) or "-"
        raise BadInputError("{folder} taught this project nothing; these did: {names}.", folder=other, names=names)
    _replace(project, _name(other), ())
    return count


def lessons_of_others(project: Project, *, model: str) -> Iterator[tuple[str, LearnedRow]]:
    """What other projects taught, by their names, with vectors of ``model``. Iterating is safe while others write.

    Raises:
        ProjectError: the project cannot be read.
    """
    with connection.translated(project.path):
        yield from learned.learned(project.database, model=model)


def learned_from(project: Project) -> dict[str, int]:
    """How many lessons there are of each other project, by its name. Raises: as `lessons_of_others`."""
    with connection.translated(project.path):
        return learned.counts(project.database)


def _replace(project: Project, source: str, rows: Iterable[LearnedRow]) -> int:
    with project.writing():
        return learned.replace(project.database, source, rows)


def _name(folder: Path) -> str:
    return shortened(folder.resolve().name, _LONGEST_NAME)


def _rows(teacher: Project) -> Iterator[LearnedRow]:
    for model in _models(teacher):
        for _, row in lessons_of_others(teacher, model=model):
            yield row
        for stored in teacher.features(model=model):
            lesson = borrowed_lesson(stored.image, stored.region)
            if lesson is not None:
                yield LearnedRow(model, lesson, stored.vector)


def _models(teacher: Project) -> tuple[str, ...]:
    """The sha256 of the weights that looked at its regions, the one that saw most first."""
    with connection.translated(teacher.path):
        return region_features.models(teacher.database)
