"""All that plugins may import of this program, and what it promises them.

Records, boxes and errors are the program's own; ``hookimpl`` marks a plugin's hooks (see ``roi_assistant.hookspecs``).
Importing this module imports neither torch nor onnxruntime nor Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from roi_assistant.core.box import Box, box_from_xywh, box_to_xywh, clip_box, intersection_over_union
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    CaptionerInfo,
    CaptionStyle,
    Decoding,
    DescribeRequest,
    Provenance,
    Region,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    Turn,
)
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import (
    BadInputError,
    BoxError,
    CaptionerError,
    FileWriteError,
    FormatError,
    ImageError,
    MissingDependencyError,
    ModelFileError,
    PluginError,
    RoiAssistantError,
)
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.export_report import ExportReport, LossCounter
from roi_assistant.formats.json_files import read_json, read_json_lines
from roi_assistant.formats.one_caption import only_caption
from roi_assistant.hookspecs import hookimpl

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

__all__ = [
    "Captioner",
    "CaptionerFactory",
    "ImageState",
    "Proposer",
    "ProposerFactory",
    "RegionReader",
    "RegionWriter",
    "gpt4roi_captioners",
    "hookimpl",
    "load_embedded",
    "Box",
    "box_from_xywh",
    "box_to_xywh",
    "clip_box",
    "intersection_over_union",
    "AnnotatedImage",
    "LossCounter",
    "ExportReport",
    "only_caption",
    "preferred_caption",
    "read_json",
    "read_json_lines",
    "write_atomically",
    "Attribute",
    "AttributeDefinition",
    "AttributeSchema",
    "Caption",
    "CaptionStyle",
    "CaptionerInfo",
    "Decoding",
    "DescribeRequest",
    "Provenance",
    "Region",
    "RegionText",
    "ScoredText",
    "SuggestedAttribute",
    "Turn",
    "BadInputError",
    "BoxError",
    "CaptionerError",
    "FileWriteError",
    "FormatError",
    "ImageError",
    "MissingDependencyError",
    "ModelFileError",
    "PluginError",
    "RoiAssistantError",
]

ImageState: TypeAlias = Any
"""What ``set_image`` returns and only the same captioner understands: features, a cache, the picture itself."""


class Captioner(Protocol):
    """A model that writes about boxes. One instance serves one caller at a time.

    ``info.capabilities`` says what it can do: ``multi_region`` (questions about several boxes), ``chat``,
    ``attributes``, ``alternatives``, ``streams`` (``chat`` yields pieces while it writes). Callers look there and not
    at the type. Three capabilities bring more members, which a captioner without them lacks:

    ``drafts``: ``draft(state, boxes, request)`` yields what ``describe`` will, but attributes may be missing; what it
    found out is not worked out again when ``describe`` is called for the same boxes and request soon afterwards.

    ``interruptible``: the attribute ``interrupt`` holds a function without arguments, which is called every few
    milliseconds of work; a caller puts one there that raises an exception to leave a call. The captioner must pass the
    exception on and be usable afterwards.

    ``scores_options``: ``score_options(state, boxes, turns, options)`` gives for each text of ``options`` the log
    probability that the answer to the last of ``turns`` begins with it.
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


class CaptionerFactory(Protocol):
    """Loads a captioner."""

    def __call__(self, *, device: str = "auto", threads: int | None = None) -> Captioner:
        """``device`` is ``auto``, ``cpu`` or ``cuda``; ``threads`` bounds the CPU threads (None: the model's choice).

        Raises:
            ModelFileError: a weight file is missing or damaged.
            MissingDependencyError: a library is missing.
            CaptionerError: the device cannot be used.
        """


class Proposer(Protocol):
    """Finds boxes that are worth describing."""

    def propose(self, image: Image) -> Sequence[Box]:
        """Boxes in pixels of ``image`` (mode RGB, EXIF orientation applied), the most useful first."""


class ProposerFactory(Protocol):
    """Loads a proposer; arguments as for a captioner."""

    def __call__(self, *, device: str = "auto", threads: int | None = None) -> Proposer: ...


class RegionWriter(Protocol):
    """Writes one kind of annotation file. A format is a ``RegionWriter``, a ``RegionReader`` or both."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, lower case with the dot."""

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport | None:
        """Write ``images``, whose sizes are known, with those of their regions that are wanted, as a whole or not at
        all (``write_atomically``).

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

    def read(self, path: Path) -> Sequence[AnnotatedImage]:
        """The images in ``path`` with their regions; boxes are not clipped, ids are unique on their image.

        Raises:
            FormatError: the file is missing or does not have this format.
        """


def load_embedded(*, device: str = "auto", threads: int | None = None) -> Captioner:
    """The captioner whose weights ship with the program (``gpt4roi-mini``, onnxruntime).

    Raises:
        ModelFileError: its files are missing or damaged.
    """
    from roi_assistant.captioners.mini.captioner import MiniCaptioner
    from roi_assistant.resources_path import resource

    return MiniCaptioner.load(resource("models", "gpt4roi-mini"), device=device, threads=threads)


def gpt4roi_captioners() -> dict[str, CaptionerFactory]:
    """Id -> factory of the imported GPT4RoI models (``roi-assistant models import-gpt4roi``), which need torch."""
    from roi_assistant.captioners.gpt4roi.captioner import captioner_factories

    return captioner_factories()
