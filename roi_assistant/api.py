"""All that plugins may import of this program, and what it promises them.

Records, boxes and errors are the program's own; ``hookimpl`` marks a plugin's hooks (see ``roi_assistant.hookspecs``).
Importing this module imports neither torch nor onnxruntime nor Qt.
"""

from __future__ import annotations

from roi_assistant.added_models import Precision
from roi_assistant.captioners.checkpoints import (
    architecture_of,
    check_architecture,
    loading_failures,
    parameters,
    read_config,
    read_object,
    tensor_shapes,
    weight_files,
)
from roi_assistant.captioners.devices import choose_device, wants_gpu
from roi_assistant.captioners.weight_hashes import weights_sha256
from roi_assistant.core.box import Box, box_from_xywh, box_to_xywh, clip_box, intersection_over_union, scale_box
from roi_assistant.core.json_values import Finite, Flag, Id, Label, Pixels, Text, Xywh, Xyxy
from roi_assistant.core.proposals import best_boxes
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    BoxSearch,
    Capability,
    Caption,
    CaptionerInfo,
    CaptionStyle,
    Conversation,
    Decoding,
    DescribeRequest,
    Provenance,
    ReadLine,
    ReadText,
    Region,
    RegionText,
    ReviewState,
    ScoredBox,
    ScoredText,
    SuggestedAttribute,
    TextReaderInfo,
    Turn,
)
from roi_assistant.core.references import find_references, named_references
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.schema import NO, YES
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
from roi_assistant.formats.annotations import NO_CATEGORY, AnnotatedImage, AnnotationSet
from roi_assistant.formats.atomic import atomic_file, scratch_file, write_atomically
from roi_assistant.formats.coco_records import attribute_values
from roi_assistant.formats.export_report import ExportReport, LossCounter
from roi_assistant.formats.field_losses import count_differences, preferred_first
from roi_assistant.formats.file_per_image import annotation_files, read_each_file, read_file, write_each_image
from roi_assistant.formats.folder_writing import FolderWriter, atomic_folder
from roi_assistant.formats.json_files import read_json, read_json_lines, read_json_objects, read_json_records
from roi_assistant.formats.json_text import json_text
from roi_assistant.formats.one_caption import only_caption
from roi_assistant.formats.plain_xml import holds as xml_holds
from roi_assistant.formats.plain_xml import read_xml, xml_text, xml_value
from roi_assistant.formats.reading_counter import ReadingCounter
from roi_assistant.formats.region_writing import write_each_region
from roi_assistant.hookspecs import hookimpl
from roi_assistant.interfaces import (
    Captioner,
    CaptionerFactory,
    Detector,
    Drafts,
    ImageState,
    Interruptible,
    ModelOpener,
    Proposer,
    ProposerFactory,
    Proposes,
    RegionReader,
    RegionWriter,
    ScoresOptions,
    TextReader,
    TextReaderFactory,
)
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.vlm.answers import Answer, Token
from roi_assistant.vlm.box_texts import (
    BBOX_2D,
    BOX_2D,
    BRACKETS,
    FLORENCE,
    KOSMOS,
    PALIGEMMA,
    REF_BOX,
    BoxSyntax,
    FoundBox,
    NumbersInText,
    Resizing,
)
from roi_assistant.vlm.chat_captioner import (
    LETTER_TOKENS,
    Ask,
    AsksTogether,
    ChatCaptioner,
    ChatModel,
    ChatState,
    Message,
    OptionsAsk,
    ReadsOptions,
)
from roi_assistant.vlm.lenient_json import without_thoughts
from roi_assistant.vlm.options import MOST_OPTIONS, ClosedQuestion, OptionsRead, lettered, read_letters, read_weights
from roi_assistant.vlm.places import (
    GEMMA_BOX,
    INTERNVL_BOX,
    QWEN3_BOX,
    QWEN25_BOX,
    BoxForm,
    florence_locations,
    kosmos_patches,
    paligemma_locations,
    qwen_resized,
)
from roi_assistant.vlm.questions import QuestionKind, Questions, filled, is_sentence
from roi_assistant.vlm.telling import RegionForm, Telling

__all__ = [
    "Answer",
    "Ask",
    "AsksTogether",
    "atomic_file",
    "BBOX_2D",
    "BOX_2D",
    "BoxForm",
    "BoxSyntax",
    "BRACKETS",
    "Conversation",
    "filled",
    "find_references",
    "FLORENCE",
    "FoundBox",
    "is_sentence",
    "KOSMOS",
    "named_references",
    "NOTHING",
    "NumbersInText",
    "PALIGEMMA",
    "QuestionKind",
    "Questions",
    "read_json_records",
    "REF_BOX",
    "Resizing",
    "scale_box",
    "ChatCaptioner",
    "ChatModel",
    "ChatState",
    "florence_locations",
    "GEMMA_BOX",
    "INTERNVL_BOX",
    "kosmos_patches",
    "LETTER_TOKENS",
    "lettered",
    "Message",
    "MOST_OPTIONS",
    "ClosedQuestion",
    "OptionsAsk",
    "OptionsRead",
    "ReadsOptions",
    "read_letters",
    "read_weights",
    "paligemma_locations",
    "QWEN25_BOX",
    "QWEN3_BOX",
    "qwen_resized",
    "RegionForm",
    "Telling",
    "choose_device",
    "wants_gpu",
    "Precision",
    "architecture_of",
    "check_architecture",
    "loading_failures",
    "parameters",
    "tensor_shapes",
    "read_config",
    "read_object",
    "weight_files",
    "best_boxes",
    "BoxSearch",
    "Detector",
    "weights_sha256",
    "Token",
    "without_thoughts",
    "Captioner",
    "CaptionerFactory",
    "Drafts",
    "ImageState",
    "Interruptible",
    "ModelOpener",
    "Proposer",
    "ProposerFactory",
    "Proposes",
    "RegionReader",
    "RegionWriter",
    "ScoresOptions",
    "TextReader",
    "TextReaderFactory",
    "gpt4roi_captioners",
    "hookimpl",
    "load_embedded",
    "Box",
    "box_from_xywh",
    "box_to_xywh",
    "clip_box",
    "intersection_over_union",
    "AnnotatedImage",
    "AnnotationSet",
    "ReadingCounter",
    "Sentence",
    "LossCounter",
    "ExportReport",
    "json_text",
    "only_caption",
    "preferred_caption",
    "read_json",
    "read_json_lines",
    "decode",
    "Foreign",
    "Flag",
    "Id",
    "Label",
    "Pixels",
    "Text",
    "Xywh",
    "Xyxy",
    "Finite",
    "FolderWriter",
    "NO",
    "NO_CATEGORY",
    "ReviewState",
    "YES",
    "annotation_files",
    "atomic_folder",
    "read_json_objects",
    "attribute_values",
    "count_differences",
    "preferred_first",
    "read_each_file",
    "read_file",
    "read_xml",
    "scratch_file",
    "xml_holds",
    "xml_text",
    "xml_value",
    "write_each_image",
    "write_atomically",
    "write_each_region",
    "Attribute",
    "AttributeDefinition",
    "AttributeSchema",
    "Capability",
    "Caption",
    "CaptionStyle",
    "CaptionerInfo",
    "Decoding",
    "DescribeRequest",
    "Provenance",
    "ReadLine",
    "ReadText",
    "Region",
    "RegionText",
    "ScoredBox",
    "ScoredText",
    "SuggestedAttribute",
    "TextReaderInfo",
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
