"""Query and result types of the project file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args, overload

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region, ReviewState
from roi_assistant.storage.keys import from_db

ImageSort = Literal["name", "date", "to_review", "certainty"]
ImageGrouping = Literal["none", "folder", "state"]
ImageState = Literal["to_review", "no_boxes", "finished", "problem"]
"""What is to be done about an image: decide, draw, nothing, or find out why it cannot be read."""
QueueOrder = Literal["certainty", "model", "category", "image", "teaches", "disagreement"]
"""``teaches``: those first whose decision teaches the project most."""
RegionOrder = Literal["certainty", "image", "random"]


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images; all conditions hold, and those on regions hold for one and the same region.

    ``text`` is searched in captions, categories, attributes, file names and notes on images. ``attribute`` is
    (name, value); an empty value stands for any. ``states``: at least one region in one of them; empty for any.
    ``note``: only with one; ``reviewed_empty``: only those where a person found nothing to box.
    """

    text: str = ""
    states: frozenset[ReviewState] = frozenset()
    category: str | None = None
    attribute: tuple[str, str] | None = None
    model: str | None = None
    only_with_regions: bool = False
    problem: bool = False
    note: bool = False
    reviewed_empty: bool = False


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """The order of a list of images.

    ``sort``: by ``name``, as a person would; by ``date``, that of the file, the oldest first; ``to_review``, those with
    the most suggestions first; ``certainty``, those with the least certain suggestion first. Images that are alike in
    this are sorted by name. ``reverse`` turns it round; images of which nothing is known stay at the end. ``group``
    puts images of one folder, or in one `ImageState`, together.
    """

    sort: ImageSort = "name"
    reverse: bool = False
    group: ImageGrouping = "none"


class ImageGroup(NamedTuple):
    """So many ``images`` that stand together. ``name`` is a folder (POSIX, "" for that of the project) or an
    `ImageState`."""

    name: str
    images: int


class ImageRow(NamedTuple):
    """One image and how many of its regions are in which state.

    ``width`` and ``height`` are pixels as displayed, None until the image was opened once. ``problem`` says why it
    cannot be read, empty when it can. ``note`` and ``reviewed_empty`` are those of ``core.records.ImageNotes``.
    """

    id: int
    key: str
    width: int | None
    height: int | None
    regions: int
    suggested: int
    accepted: int
    edited: int
    rejected: int
    problem: str
    note: str = ""
    reviewed_empty: int = 0

    @property
    def finished(self) -> bool:
        """Whether a person decided about every region, or that there is nothing to box."""
        return _is_finished(self)

    @property
    def state(self) -> ImageState:
        """The group it belongs to when images are grouped by state."""
        if self.problem:
            return "problem"
        if self.suggested:
            return "to_review"
        return "finished" if self.finished else "no_boxes"


_REGIONS, _SUGGESTED, _REVIEWED_EMPTY = map(ImageRow._fields.index, ("regions", "suggested", "reviewed_empty"))


def _is_finished(row: Sequence[Any]) -> bool:
    return not row[_SUGGESTED] if row[_REGIONS] else bool(row[_REVIEWED_EMPTY])


class ImageRows(Sequence[ImageRow]):
    """Images as the file has them; each becomes an ``ImageRow`` when it is asked for.

    For 100,000 of them that saves the time to make the objects, and the garbage collector passes over tuples of numbers
    and texts while it would look at each ``ImageRow`` again and again.
    """

    def __init__(self, rows: Iterable[tuple[Any, ...]] = (), *, group: ImageGrouping = "none") -> None:
        """``group``: by what the images in ``rows`` are grouped."""
        self._found = list(rows)
        self.grouping = group
        self.groups = self._groups()
        """The index of the first image of each group -> the group; empty where the images are not grouped."""
        self.finished = sum(map(_is_finished, self._found))
        """How many of the images are."""

    def _groups(self) -> dict[int, ImageGroup]:
        groups: dict[int, ImageGroup] = {}
        if self.grouping != "none":
            start = 0
            for name, members in itertools.groupby(map(self._group_name, range(len(self._found)))):
                groups[start] = ImageGroup(name, sum(1 for _ in members))
                start += groups[start].images
        return groups

    def _group_name(self, place: int) -> str:
        row = ImageRow._make(self._found[place])
        return row.state if self.grouping == "state" else from_db(row.key).rpartition("/")[0]

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> ImageRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ImageRow]: ...
    def __getitem__(self, place: int | slice) -> ImageRow | Sequence[ImageRow]:
        if isinstance(place, slice):
            return ImageRows(self._found[place])
        row = ImageRow._make(self._found[place])
        return row._replace(key=from_db(row.key), problem=from_db(row.problem), note=from_db(row.note))

    def __setitem__(self, place: int, row: ImageRow) -> None:
        before = self._found[place]
        self._found[place] = tuple(row)
        self.finished += row.finished - _is_finished(before)

    def next_suggested(self, place: int) -> int | None:
        """The place of the next other row after ``place``, around the end, with suggestions; None without one."""
        others = itertools.chain(range(place + 1, len(self._found)), range(max(place, 0)))
        return next((other for other in others if self._found[other][_SUGGESTED]), None)

    def keys(self) -> list[str]:
        """The keys of all images, in the order of the rows."""
        return [from_db(row[1]) for row in self._found]


@dataclass(frozen=True, slots=True)
class HistoryState:
    """What undo and redo would do now; labels are those of the edits, in English, empty where there is none."""

    can_undo: bool = False
    can_redo: bool = False
    undo_label: str = ""
    redo_label: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One region that a text was found in. ``caption`` is the preferred one."""

    image: str
    region_id: str
    caption: str
    category: str
    state: ReviewState


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Filter, order and page of a query for suggestions.

    ``after`` is the ``cursor`` of the last item of the page before; it stays valid while the queue changes.
    """

    order: QueueOrder = "certainty"
    model: str | None = None
    category: str | None = None
    image: str | None = None
    text: str = ""
    limit: int = 100
    after: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One suggestion to decide about. ``certainty`` is 0..1, see ``core.review.certainty``."""

    image: str
    region: Region
    certainty: float
    model: str
    cursor: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryFilter:
    """Which regions of all images, and in which order.

    ``category`` "" chooses regions without a category. ``states``: any when empty; ``suggested`` alone leaves out boxes
    without any words, as the review queue does. ``seed`` makes another random order.
    """

    category: str
    states: frozenset[ReviewState] = frozenset()
    order: RegionOrder = "certainty"
    seed: int = 0


class CategoryCount(NamedTuple):
    """A category ("" for none), how many of its regions are suggested, and how many there are in any state."""

    name: str
    suggested: int
    regions: int


@dataclass(frozen=True, slots=True)
class CategoryRegion:
    """A region found by ``CategoryFilter``. ``row_id`` is its row in the project file, which stays while the region
    is there; ``image`` the key of its image; ``certainty`` None where there are no words."""

    row_id: int
    image: str
    region: Region
    certainty: float | None


@dataclass(frozen=True, slots=True)
class StoredFeatures:
    """How a region looks to a model. ``row_id`` is its row in the project file, as in `CategoryRegion`; ``image`` the
    key of its image; ``vector`` 1 to 4096 numbers, little-endian float16. Of a file from somebody else the numbers may
    be any, also no finite ones, and their count may differ from region to region. ``size`` is that of the image, width
    and height in pixels as displayed, None until it was opened once."""

    row_id: int
    image: str
    region: Region
    vector: bytes
    size: tuple[int, int] | None = None


class FeaturelessRegion(NamedTuple):
    """A region that has no features yet: the key of its image, its id and its box."""

    image: str
    region_id: str
    box: Box


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far the review is. ``to_review`` counts suggestions with words, ``empty`` boxes without any."""

    images: int = 0
    images_with_regions: int = 0
    suggested: int = 0
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    to_review: int = 0
    to_review_by_model: Mapping[str, int] = field(default_factory=dict)

    @property
    def by_state(self) -> dict[ReviewState, int]:
        """Regions in each review state."""
        return {state: getattr(self, state) for state in get_args(ReviewState)}

    @property
    def regions(self) -> int:
        """All regions, whatever their state."""
        return self.suggested + self.accepted + self.edited + self.rejected

    @property
    def reviewed(self) -> int:
        """Regions about which a person has decided."""
        return self.accepted + self.edited + self.rejected

    @property
    def empty(self) -> int:
        """Suggested regions without any words."""
        return self.suggested - self.to_review


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which boxes a batch run describes: those without an accepted or edited caption, never rejected ones.

    ``images`` limits it to images that the filter finds. ``skip_model``: leave out boxes that this model described
    already. ``only_empty``: only boxes without any words. ``after_image``: go on behind this image (a row id), where
    an earlier run stopped. ``compare_with``: instead, the boxes with a caption, decided or not but never rejected,
    about which this model has said nothing; it gives an answer beside the words that are there.
    """

    images: ImageFilter = ImageFilter()
    skip_model: str = ""
    only_empty: bool = False
    after_image: int = 0
    compare_with: str = ""


@dataclass(frozen=True, slots=True)
class BatchTarget:
    """Boxes of one image. ``image_id`` is what ``BatchFilter.after_image`` takes once they are done."""

    image_id: int
    image: str
    region_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchTargets:
    """How much a batch run would describe, and, on iteration, what; each iteration asks the project anew."""

    images: int
    regions: int
    start: Callable[[], Iterator[BatchTarget]] = field(repr=False)

    def __iter__(self) -> Iterator[BatchTarget]:
        return self.start()


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A long job that goes on after a restart. ``parameters`` are JSON types and belong to who runs the job."""

    id: str
    kind: str
    label: str
    done: int = 0
    total: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class ModelAgreement:
    """How people judged what one model wrote.

    ``accepted`` counts chosen alternatives, ``unchanged`` does not: the words are those that the model said first.
    ``histogram``: reviewed captions by how much of the model's words stand in the final caption (F1 of words), in ten
    steps from none to all; ``mean`` of the same, None before the first.
    """

    model: str
    suggested: int
    accepted: int
    unchanged: int
    edited: int
    rejected: int
    histogram: tuple[int, ...]
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutcomes:
    """What people made of the suggestions of one model with one set of weights; see ``core.answers.Outcome``.

    ``given`` is the sum of the rest. ``edit_distance``: mean of those ``edited``, 0..1; None without any.
    """

    model_id: str
    weights_sha256: str
    given: int
    waiting: int
    unchanged: int
    alternative: int
    edited: int
    rejected: int
    passed_over: int
    edit_distance: float | None


def model_name(model: ModelOutcomes) -> str:
    """The id of a model with the first eight digits of its hash: ``gpt4roi-mini 8f3a01cc``."""
    return " ".join(filter(None, (model.model_id, model.weights_sha256[:8])))


def outcome_line(model: ModelOutcomes) -> str:
    """All figures of a model in one line, for the command line."""
    distance = "" if model.edit_distance is None else f" ({model.edit_distance:.2f} of the words on average)"
    return (
        f"{model_name(model)}: {model.given} given; {model.unchanged} accepted unchanged; {model.alternative} "
        f"alternatives chosen; {model.edited} edited{distance}; {model.rejected} rejected; {model.passed_over} passed "
        f"over; {model.waiting} waiting"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectOutcomes:
    """``models``: by id and hash. Of ``regions`` with a model's words the latest were read, ``counted`` of them."""

    models: tuple[ModelOutcomes, ...]
    counted: int
    regions: int


LEARNING_STEP = 50
"""Decisions of which a learning curve tells how many were right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurve:
    """How many suggestions were right as they came, in the order in which people decided about them.

    ``decided``: all of them. ``steps``: of each `LEARNING_STEP` in turn; those that make no whole step are left out.
    ``last``: of the last `LEARNING_STEP`.
    """

    decided: int
    steps: tuple[int, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of the whole project.

    ``categories`` and the values of ``attributes`` come with counts, most frequent first; rejected regions are not
    counted there. ``caption_words[n]``: captions of n words, the last entry those of that many or more.
    ``positions[row][column]``: box centers on a grid over the image. ``sizes[row][column]``: boxes by height (row) and
    width (column) as a part of the image's. Both grids count boxes of images whose size is known.
    ``reviewed_per_day``: (ISO date in this computer's time zone, decisions). ``areas[n]``: boxes of at most 1/4^n and
    more than 1/4^(n+1) of the image's area, the last entry all smaller ones. ``learning``: None before the first
    `LEARNING_STEP` decisions.
    """

    counts: ReviewCounts
    categories: tuple[tuple[str, int], ...]
    attributes: Mapping[str, tuple[tuple[str, int], ...]]
    caption_words: tuple[int, ...]
    vocabulary: tuple[tuple[str, int], ...]
    distinct_words: int
    positions: tuple[tuple[int, ...], ...]
    sizes: tuple[tuple[int, ...], ...]
    models: tuple[ModelAgreement, ...]
    reviewed_per_day: tuple[tuple[str, int], ...]
    areas: tuple[int, ...] = ()
    learning: LearningCurve | None = None
