"""What models, box finders and annotation formats look like to the rest of the program.

Plugins see these through `roi_assistant.api`. Importing this module imports neither torch nor onnxruntime nor Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeGuard, runtime_checkable

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    BoxSearch,
    CaptionerInfo,
    DescribeRequest,
    ReadText,
    RegionText,
    ScoredBox,
    TextReaderInfo,
    Turn,
)

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
    from roi_assistant.formats.export_report import ExportReport

ImageState: TypeAlias = Any
"""What ``set_image`` returns and only the same captioner understands: features, a cache, the picture itself."""


class Captioner(Protocol):
    """A model that writes about boxes. One instance serves one caller at a time.

    ``info.capabilities`` says what it can do, see `Capability`. Callers look there and not at the type: four of the
    capabilities bring more members (`Drafts`, `Interruptible`, `ScoresOptions`, `Proposes`).
    """

    @property
    def info(self) -> CaptionerInfo:
        """What is loaded and where: id, device and precision that are really used."""

    def set_image(self, image: Image) -> ImageState:
        """Do once what all boxes of ``image`` share. ``image`` has mode RGB, 8 bit, EXIF orientation applied."""

    def describe(self, state: ImageState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Write about ``boxes`` (pixels of the image, inside it): one answer per box, in their order.

        ``request.attributes`` None asks for the captioner's own attributes, a schema without attributes for none.

        Raises:
            CaptionerError: the model cannot do it.
        """

    def chat(self, state: ImageState, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """Answer the last of ``turns``, in pieces. ``<region1>`` in a text is ``boxes[0]``.

        Raises:
            CaptionerError: the model has no ``chat`` capability.
        """

    def close(self) -> None:
        """Give memory back; the captioner is not used afterwards."""


class Drafts(Captioner, Protocol):
    """A captioner with the capability ``drafts``."""

    def draft(self, state: ImageState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """As ``describe``, but attributes may be missing. What was computed is kept for a ``describe`` of the same
        boxes and request that follows soon."""


class Interruptible(Captioner, Protocol):
    """A captioner with the capability ``interruptible``.

    ``interrupt`` is called every few milliseconds of work. A caller sets it to a function that raises an exception to
    leave a call; the captioner must pass the exception on and be usable afterwards.
    """

    interrupt: Callable[[], None]


class ScoresOptions(Captioner, Protocol):
    """A captioner with the capability ``scores_options``."""

    def score_options(
        self, state: ImageState, boxes: Sequence[Box], turns: Sequence[Turn], options: Sequence[str]
    ) -> Sequence[float]:
        """For each text of ``options`` the log probability that the answer to the last of ``turns`` begins with it."""


class Proposes(Captioner, Protocol):
    """A captioner with the capability ``proposes``."""

    def propose(self, state: ImageState, *, most: int = 50) -> Sequence[ScoredBox]:
        """At most ``most`` boxes of what is worth describing, in pixels of the image and inside it, the surest first;
        no two of them are nearly the same."""


def can_draft(captioner: Captioner) -> TypeGuard[Drafts]:
    """Whether ``captioner`` says that it has the capability ``drafts``."""
    return "drafts" in captioner.info.capabilities


def can_be_interrupted(captioner: Captioner) -> TypeGuard[Interruptible]:
    """Whether ``captioner`` says that it has the capability ``interruptible``."""
    return "interruptible" in captioner.info.capabilities


def can_score_options(captioner: Captioner) -> TypeGuard[ScoresOptions]:
    """Whether ``captioner`` says that it has the capability ``scores_options``."""
    return "scores_options" in captioner.info.capabilities


def can_propose(captioner: Captioner) -> TypeGuard[Proposes]:
    """Whether ``captioner`` says that it has the capability ``proposes``."""
    return "proposes" in captioner.info.capabilities


class CaptionerFactory(Protocol):
    """Loads a captioner."""

    def __call__(self, *, device: str = "auto", threads: int | None = None) -> Captioner:
        """``device`` is ``auto``, ``cpu`` or ``cuda``; ``threads`` bounds the CPU threads (None: the model's choice).

        Raises:
            ModelFileError: a weight file is missing or damaged.
            MissingDependencyError: a library is missing.
            CaptionerError: the device cannot be used.
        """


class ModelOpener(Protocol):
    """Makes captioners, or proposers, of models that the user has: folders of checkpoints, or servers."""

    @property
    def kind(self) -> Literal["folder", "server"]:
        """What it opens."""

    @property
    def makes(self) -> Literal["captioner", "proposer"]:
        """What it loads. An opener without this member makes captioners."""

    def names(self, place: str, *, allow_remote: bool = False) -> Sequence[str]:
        """The names of the models at ``place``, a path or an address: of a folder one, "". Empty where it is none that
        this opener knows.

        Raises:
            RoiAssistantError: it is such a place, but cannot be used; the message says why.
        """

    def open(
        self, place: str, *, id: str, model: str = "", allow_remote: bool = False
    ) -> CaptionerFactory | ProposerFactory | None:
        """Loads the model called ``model`` at ``place`` under the ``id``; None where ``names`` is empty. An
        opener of folders may also take ``precision``, a `roi_assistant.added_models.Precision` that is told where it
        is not "auto"; one that does not is not asked then.

        Raises:
            RoiAssistantError: as ``names``.
        """


class Proposer(Protocol):
    """Finds boxes that are worth describing."""

    def propose(self, image: Image) -> Sequence[Box]:
        """Boxes in pixels of ``image`` (mode RGB, EXIF orientation applied), the most useful first."""


@runtime_checkable
class Detector(Protocol):
    """A proposer that also says what is in its boxes, and how sure it is. One instance serves one caller at a time."""

    @property
    def info(self) -> CaptionerInfo:
        """What is loaded and where."""

    def detect(self, image: Image, search: BoxSearch) -> Sequence[ScoredBox]:
        """What ``search`` wants, in pixels of ``image`` (mode RGB, EXIF orientation applied) and inside it, the surest
        first; of each label no two that are the same.

        Raises:
            CaptionerError: it cannot look for that.
        """

    def propose(self, image: Image) -> Sequence[Box]:
        """See `Proposer`."""

    def close(self) -> None:
        """Give memory back; it is not used afterwards."""


class ProposerFactory(Protocol):
    """Loads a proposer; arguments as for a captioner."""

    def __call__(self, *, device: str = "auto", threads: int | None = None) -> Proposer: ...


class TextReader(Protocol):
    """Reads what is written in boxes. One instance serves one caller at a time."""

    @property
    def info(self) -> TextReaderInfo:
        """What is loaded, for the provenance of what it reads."""

    def read(self, image: Image, boxes: Sequence[Box]) -> Iterator[ReadText | None]:
        """One answer per box, in their order, each when it is asked for; None where nothing can be read.

        ``image`` has mode RGB, EXIF orientation applied; ``boxes`` are pixels of it, inside it.
        """


class TextReaderFactory(Protocol):
    """Loads a reader of text."""

    def __call__(self, *, threads: int | None = None) -> TextReader:
        """``threads`` bounds the CPU threads.

        Raises:
            MissingDependencyError: a library is missing; the message says what to install.
            ModelFileError: its weights are missing or damaged.
        """


class RegionWriter(Protocol):
    """Writes one kind of annotation file. A format is a ``RegionWriter``, a ``RegionReader`` or both.

    The window shows the attribute ``label``, a text, in the place of the id where there is one. One with
    ``takes_conversations`` is handed those of the chat; of others they are counted as lost. ``write`` of one with
    ``takes_questions`` has the keyword argument ``questions``, a `Questions`, for what is asked about regions.
    One that rounds boxes says with ``rounding(size)`` by how many pixels x and y of a corner may come back elsewhere.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, lower case with the dot."""

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport | None:
        """Write ``images``, whose sizes are known, with those of their regions that are wanted, as a whole or not at
        all (``atomic_file``). They can be walked once, and need not fit into memory together.

        The answer tells what was written and what the format could not hold; None when it does not count that.

        Raises:
            FormatError: the format cannot hold something, such as a file name, at all.
            FileWriteError: the file cannot be written.
        """


class RegionReader(Protocol):
    """Reads one kind of annotation file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, lower case with the dot."""

    def read(self, path: Path) -> Sequence[AnnotatedImage] | AnnotationSet:
        """The images in ``path`` with their regions; boxes are not clipped, names of images are unique, and so are ids
        on their image.

        A set also tells what was left out and lost, see ``ReadingCounter``; a sequence says that nothing was.

        Raises:
            FormatError: the file is missing or does not have this format.
        """
