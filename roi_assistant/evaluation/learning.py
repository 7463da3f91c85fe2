"""How fast a project learns: a scripted annotator goes through boxes with names, with memory and without. Pure.

She sees a suggestion. Where the category is the true name she accepts it, else she chooses the true name among the
alternatives, else she types it; in any case the name is a lesson for the boxes that follow. She keeps a caption that
speaks of the name; one who is `Restyled` keeps what she would have written, to the letter.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from roi_assistant.core.box import Place
from roi_assistant.core.naming import naming
from roi_assistant.core.records import RegionKey, RegionText, ScoredText
from roi_assistant.evaluation.calibration import CalibrationFigures, calibration
from roi_assistant.evaluation.metrics import standard_error
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.evaluation.restyled import Restyled
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory, speaks_of
from roi_assistant.memory.weights import Weights

PROTOCOL = "learning"
ALTERNATIVES = 9
"""Alternatives that have a number key."""
MOVING = 50
"""Boxes over which a learning curve is the mean."""
PERSON = "person"
"""A name so common that projects of few names do without it."""


# ---------------------------------------------------------------------------------------------------------- streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Boxes in the order in which they are decided; those of a photo follow each other."""

    name: str
    regions: tuple[NamedRegion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """How projects of few names are drawn: so many ``names`` of which there are ``fewest`` boxes or more, and of these
    names the boxes of photos in random order, ``most`` at most."""

    names: int
    fewest: int
    most: int = 230


FEW_NAMES = Draw(names=12, fewest=10)
UNKNOWN_NAMES = Draw(names=18, fewest=5)


def mixed_project(regions: Sequence[NamedRegion], *, seed: int, most: int, name: str = "mixed") -> Project:
    """All ``regions``, photos in random order, the first ``most`` of them."""
    photos = list(dict.fromkeys(region.photo for region in regions))
    random.Random(f"{seed} {name}").shuffle(photos)
    place = {photo: number for number, photo in enumerate(photos)}
    in_order = sorted(regions, key=lambda region: place[region.photo])
    return Project(name=name, regions=tuple(in_order[:most]))


def drawn_projects(
    regions: Sequence[NamedRegion], draw: Draw, *, count: int, seed: int, among: Collection[str] | None = None
) -> list[Project]:
    """``count`` projects as ``draw`` says, without people; only names in ``among`` where it is given. Where there are
    fewer names, each project has them all; none without a name."""
    counts = Counter(region.name for region in regions)
    often = sorted(name for name, boxes in counts.items() if boxes >= draw.fewest and name != PERSON)
    names = [name for name in often if among is None or name in among]
    projects = []
    for number in range(count if names else 0):
        key = f"{draw.names} names {number + 1}"
        chosen = set(random.Random(f"{seed} {key}").sample(names, min(draw.names, len(names))))
        kept = [region for region in regions if region.name in chosen]
        projects.append(mixed_project(kept, seed=seed, most=draw.most, name=key))
    return projects


def unknown_names(regions: Sequence[NamedRegion]) -> set[str]:
    """The names that the model's first guess never was, whatever the box."""
    guesses = (first_guess(region.text) for region in regions)
    known = {guess.text.casefold() for guess in guesses if guess is not None}
    return {region.name for region in regions if region.name.casefold() not in known}


# -------------------------------------------------------------------------------------------------------- annotator


class Decision(NamedTuple):
    """What the annotator met at one box.

    ``right``: the category shown is the true name; ``guessed``: the best specific guess is, which differs where a
    general word is shown; ``unchanged``: right, and she keeps the caption; ``keys``: that she pressed; ``score`` of
    the best specific guess, 0 without one.
    """

    item: str
    photo: str
    right: bool
    guessed: bool
    unchanged: bool
    keys: int
    score: float


def first_guess(text: RegionText) -> ScoredText | None:
    """The best specific category, also where a more general word is shown."""
    if text.specific is not None and text.category_alternatives:
        return text.category_alternatives[0]
    return text.category


def decision(region: NamedRegion, text: RegionText, *, caption: str | None = None) -> Decision:
    """What the annotator does when ``text`` is suggested for ``region``, of which she writes ``caption``; None: she
    keeps what speaks of its name."""
    name = region.name
    right = text.category is not None and _same(text.category.text, name)
    listed = any(_same(other.text, name) for other in text.category_alternatives[:ALTERNATIVES])
    guess = first_guess(text)
    return Decision(
        region.item,
        region.photo,
        right=right,
        guessed=guess is not None and _same(guess.text, name),
        unchanged=right and (speaks_of(text.caption.text, name) if caption is None else text.caption.text == caption),
        keys=1 if right or listed else len(name) + 1,
        score=guess.score if guess else 0.0,
    )


def annotate(
    project: Project,
    memory: ProjectMemory | None,
    *,
    wrong: float = 0.0,
    restyled: Restyled | None = None,
    seed: int = 0,
) -> list[Decision]:
    """Go through ``project`` with an empty ``memory``, or without one.

    ``wrong`` is the share of boxes for which the annotator teaches another name of the project than the true one; the
    captions of one who is ``restyled`` are about the true name all the same.
    """
    chance = random.Random(f"{seed} {project.name} wrong")
    names = sorted({region.name for region in project.regions})
    decisions = []
    for region in project.regions:
        text, key = region.text, RegionKey(region.photo, region.item)
        place = restyled.places.get(region.item) if restyled is not None else None
        if memory is not None:
            text = memory.recalled(text, region.vector, key=key, place=place).text
        own = restyled.caption(region) if restyled is not None else None
        decisions.append(decision(region, text, caption=own))
        taught = region.name
        if wrong and chance.random() < wrong:
            taught = chance.choice([name for name in names if name != taught] or [taught])
        if memory is not None:
            memory.learn(lesson(key, taught, text, region=region, own=own, place=place), region.vector)
    return decisions


def lesson(
    key: RegionKey,
    taught: str,
    text: RegionText,
    *,
    region: NamedRegion | None = None,
    own: str | None = None,
    place: Place | None = None,
) -> Lesson:
    """What the annotator teaches who decides that the region ``key``, of which ``text`` was said, is a ``taught``.
    ``own`` is her caption, and ``place`` where ``region`` lies, if she has a form of her own."""
    said = text.caption.text
    if own is None or region is None:
        return Lesson(key, taught, said if speaks_of(said, taught) else naming(said, taught))
    attributes = tuple((attribute.name, attribute.values) for attribute in region.text.attributes)
    return Lesson(key, taught, own, attributes, is_written=own != said, place=place)


def _same(category: str, name: str) -> bool:
    return category.casefold() == name.casefold()


# ---------------------------------------------------------------------------------------------------------- figures


class Window(NamedTuple):
    """The boxes of a project before which ``start`` to ``stop`` - 1 were decided; negative: counted from its end."""

    name: str
    start: int
    stop: int | None = None


ALL = Window("all", 0)
WINDOWS = (Window("0-50", 0, 50), Window("50-100", 50, 100), Window("100-200", 100, 200), Window("after 200", 200))
LAST = Window("last 500", -500)
"""Told of projects that are longer."""


class Share(TypedDict):
    """A mean over boxes, and how far it is off because these projects were drawn and not others (of a single project:
    these photos); None where that cannot be told."""

    mean: float
    standard_error: float | None


class WindowFigures(TypedDict):
    """Means over the ``regions`` boxes in a window of ``projects`` projects; ``keys`` is per box."""

    window: str
    projects: int
    regions: int
    right: Share
    guessed: Share
    unchanged: Share
    keys: Share


class ModeFigures(TypedDict):
    """Figures with memory, or without.

    ``calibration`` is that of the best specific guess, over all boxes. ``curve`` are (boxes decided before, mean of
    ``right`` over the `MOVING` boxes up to there), as far as half of the projects reach.
    """

    windows: list[WindowFigures]
    calibration: CalibrationFigures
    curve: list[tuple[int, float]]


class GroupFigures(TypedDict):
    """Figures of projects of one kind."""

    name: str
    projects: int
    regions: int
    categories: int
    without_memory: ModeFigures
    with_memory: ModeFigures


class LearningMetrics(TypedDict):
    """All figures of the protocol; ``wrong`` is the share of wrong lessons, ``forms`` those of captions that the
    annotator writes herself, none where she keeps what speaks of the name."""

    wrong: float
    forms: list[str]
    groups: list[GroupFigures]


def measure(
    groups: Mapping[str, Sequence[Project]],
    *,
    weights: Weights | None = None,
    wrong: float = 0.0,
    restyled: Restyled | None = None,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> LearningMetrics:
    """Annotate the projects of all ``groups``, by their names, with memory (of these ``weights``; None: those that
    ship) and without; see `annotate` for ``wrong`` and ``restyled``. ``progress`` is called after each project."""
    figures: list[GroupFigures] = []
    for name, projects in groups.items():
        plain, helped = [], []
        for project in projects:
            memory = ProjectMemory(len(project.regions[0].vector), weights=weights)
            plain.append(annotate(project, None, restyled=restyled))
            helped.append(annotate(project, memory, wrong=wrong, restyled=restyled, seed=seed))
            progress()
        regions = [region for project in projects for region in project.regions]
        figures.append(
            {
                "name": name,
                "projects": len(projects),
                "regions": len(regions),
                "categories": len({region.name for region in regions}),
                "without_memory": mode_figures(plain),
                "with_memory": mode_figures(helped),
            }
        )
    return {"wrong": wrong, "forms": list(restyled.forms) if restyled is not None else [], "groups": figures}


def mode_figures(projects: Sequence[Sequence[Decision]]) -> ModeFigures:
    """The figures of the decisions in ``projects``, in their order."""
    told = [window_figures(window, projects) for window in (ALL, *WINDOWS)]
    if any(len(project) > -LAST.start for project in projects):
        told.append(window_figures(LAST, projects))
    every = [one for project in projects for one in project]
    return {
        "windows": [figures for figures in told if figures is not None],
        "calibration": calibration([one.score for one in every], [one.guessed for one in every]),
        "curve": learning_curve([[one.right for one in project] for project in projects]),
    }


def window_figures(window: Window, projects: Sequence[Sequence[Decision]]) -> WindowFigures | None:
    """Means over the decisions in ``window``; None where no project has one."""
    inside = [project[window.start : window.stop] for project in projects]
    one_project = len(projects) == 1
    values = {
        f"{number} {one.item}": (one, one.photo if one_project else str(number))
        for number, decisions in enumerate(inside)
        for one in decisions
    }
    if not values:
        return None
    drawn = {key: cluster for key, (_, cluster) in values.items()}

    def share(value: Callable[[Decision], float]) -> Share:
        each = {key: value(one) for key, (one, _) in values.items()}
        return {"mean": sum(each.values()) / len(each), "standard_error": standard_error(each, drawn)}

    return {
        "window": window.name,
        "projects": sum(map(bool, inside)),
        "regions": len(values),
        "right": share(lambda one: one.right),
        "guessed": share(lambda one: one.guessed),
        "unchanged": share(lambda one: one.unchanged),
        "keys": share(lambda one: one.keys),
    }


def learning_curve(projects: Sequence[Sequence[bool]]) -> list[tuple[int, float]]:
    """(boxes decided, share of the last `MOVING` that were right, as the mean over projects that have so many)."""
    lengths = sorted(map(len, projects), reverse=True)
    reach = lengths[(len(lengths) - 1) // 2] if lengths else 0
    points = []
    for end in range(MOVING, reach + 1):
        shares = [sum(each[end - MOVING : end]) / MOVING for each in projects if len(each) >= end]
        points.append((end, sum(shares) / len(shares)))
    return points
