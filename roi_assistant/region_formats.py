"""The annotation formats that a project can be written to and read from: COCO, and those of plugins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.errors import BadInputError, FormatError, RoiAssistantError
from roi_assistant.formats.annotations import AnnotationSet
from roi_assistant.formats.coco_reading import read_coco_boxes
from roi_assistant.formats.coco_region_text import CocoProfile, DatasetInfo, write_coco
from roi_assistant.formats.other_tools import JSON_LINES, format_of, format_of_path, tool_of_file
from roi_assistant.sentences import NOTHING, Sentence

if TYPE_CHECKING:
    from roi_assistant.formats.written_boxes import Rounding
    from roi_assistant.plugins import PluginManager
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.region_export import Write
    from roi_assistant.vlm.questions import Questions


@dataclass(frozen=True, slots=True)
class RegionFormat:
    """An annotation format. ``id`` is what ``--format`` calls it, ``label`` what the window does.

    ``suffixes`` are file name endings, lower case with the dot, the usual one first; none where any name will do.
    ``profile`` is the one of COCO that is written, None for the format of a plugin. ``is_folder``: a folder of files is
    written, and one or a single file of it is read. ``conversations``: it has a place for those of the chat.
    ``questions``: what is asked about regions can be chosen.
    """

    id: str
    label: Sentence
    suffixes: tuple[str, ...]
    profile: CocoProfile | None = None
    can_read: bool = True
    can_write: bool = True
    is_folder: bool = False
    conversations: bool = False
    questions: bool = False

    @property
    def is_lossless(self) -> bool:
        """Whether the file holds all that a project knows of images and regions, and marks fields that nobody has
        confirmed."""
        return self.profile == "full"

    @property
    def pattern(self) -> str:
        """What file dialogs look for: ``*.json *.jsonl``."""
        return " ".join(f"*{suffix}" for suffix in self.suffixes) or "*"


COCO = RegionFormat("coco", Sentence("COCO with captions and attributes"), (".json",), "full")
COCO_GPT4ROI = RegionFormat(
    "coco-gpt4roi", Sentence("COCO for GPT4RoI (one caption per box)"), (".json",), "gpt4roi", can_read=False
)
AUTO = "auto"
"""In the place of an id, for reading: the format that the file has by its content."""
BUILT_IN = (COCO, COCO_GPT4ROI)
CONVERSATIONS = "conversations-"
"""Before the dialect in the ids of the formats of conversations."""


def region_formats(plugins: PluginManager) -> tuple[RegionFormat, ...]:
    """All formats that can be used, COCO first. Plugins that do not load are left out."""
    formats = list(BUILT_IN)
    for id_ in sorted(plugins.ids("format")):
        try:
            formats.append(region_format(id_, plugins))
        except RoiAssistantError:
            continue  # the plugins command tells what is wrong with it
    return tuple(formats)


def region_format(id_: str, plugins: PluginManager) -> RegionFormat:
    """The format called ``id_``.

    Raises:
        BadInputError, PluginError: no plugin has it, or its plugin cannot be used.
    """
    for built_in in BUILT_IN:
        if built_in.id == id_:
            return built_in
    format_ = plugins.format(id_)
    return RegionFormat(
        id_,
        Sentence(str(getattr(format_, "label", id_))),
        tuple(getattr(format_, "suffixes", ())),
        can_read=callable(getattr(format_, "read", None)),
        can_write=callable(getattr(format_, "write", None)),
        is_folder=bool(getattr(format_, "is_folder", False)),
        conversations=bool(getattr(format_, "takes_conversations", False)),
        questions=bool(getattr(format_, "takes_questions", False)),
    )


def dialect_format(dialect: str, plugins: PluginManager) -> str:
    """The id of the format of conversations in ``dialect``.

    Raises:
        BadInputError: there is no such dialect; the message names all.
    """
    known = [id_.removeprefix(CONVERSATIONS) for id_ in plugins.ids("format") if id_.startswith(CONVERSATIONS)]
    if dialect not in known:
        raise BadInputError(
            "Give --dialect one of {known}: each family of models wants boxes in another way.", known=", ".join(known)
        )
    return CONVERSATIONS + dialect


def rounding_of(format_id: str, plugins: PluginManager) -> Rounding:
    """How far a file in this format may move corners of boxes; not at all, unless the format says so.

    Raises:
        BadInputError, PluginError: there is no such format.
    """
    own = None if region_format(format_id, plugins).profile else getattr(plugins.format(format_id), "rounding", None)
    return own if callable(own) else lambda size: (0.0, 0.0)


def read_annotations(file: Path, format_id: str, plugins: PluginManager, *, strict: bool = False) -> AnnotationSet:
    """The regions in ``file``, which may be a folder. What cannot be used is left out and counted, or, if ``strict``,
    refused. ``format_id`` may be `AUTO`.

    Raises:
        FormatError: ``file`` is missing or does not have this format, or something was left out, if ``strict``.
        BadInputError, PluginError: there is no such format, or it cannot be read.
    """
    if format_id == AUTO:
        format_id = format_of_path(file)
        if not format_id and file.is_dir():
            raise FormatError(
                "{path} is a folder without annotation files that are known: give the file in it.", path=file
            )
        format_id = format_id or COCO.id
    format_ = region_format(format_id, plugins)
    if file.is_dir() and not format_.is_folder:
        raise FormatError("{path} is a folder: give the file in it.", path=file)
    if format_.profile is not None:
        return read_coco_boxes(file, strict=strict)
    try:
        annotations = plugins.read_regions(format_id, file)
    except FormatError as error:
        tool = NOTHING if file.is_dir() else tool_of_file(file)
        if tool in (NOTHING, JSON_LINES) or format_of(tool) == format_id:
            raise
        raise FormatError("{path}: {problem}", path=file, problem=tool) from error
    if strict and annotations.left_out:
        problem = annotations.left_out[0]
        raise FormatError(problem.template, **dict(problem.values))
    return annotations


def writer_of(
    format_id: str,
    project: Project,
    plugins: PluginManager,
    *,
    info: DatasetInfo | None = None,
    questions: Questions | None = None,
) -> Write:
    """What writes regions of ``project`` in a format; ``info`` is for COCO, ``questions`` for conversations.

    Raises:
        BadInputError, PluginError: there is no such format; one that cannot be written says so when it is called.
    """
    format_ = region_format(format_id, plugins)
    if questions is not None and not format_.questions:
        raise BadInputError("The format {format_id} asks no questions: choose conversations.", format_id=format_id)
    profile = format_.profile
    if profile is None:
        return partial(plugins.write_regions, format_id, questions=questions)
    return partial(
        write_coco,
        profile=profile,
        category_ids={name: id_ for name, id_ in project.category_ids().items() if name},
        schema=project.schema,
        info=info or DatasetInfo(),
    )
