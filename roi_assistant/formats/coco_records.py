"""What a COCO file consists of, with the fields that this program adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from roi_assistant.core.json_values import Finite, Flag, Id, Label, Name, Pixels, Text, Xywh, read_label
from roi_assistant.core.record_json import Foreign, Misfit, shown
from roi_assistant.core.records import AttributeSource, Author, ReviewState
from roi_assistant.core.schema import NO, YES
from roi_assistant.core.times import to_utc


def _time(data: object) -> str:
    try:
        if isinstance(data, str):
            return to_utc(data)
    except ValueError:
        pass
    raise Misfit("A time such as 2026-01-02T03:04:05+00:00 is needed, not {data}.", data=shown(data))


def _date_created(info: object) -> str:
    """Of the whole file, in UTC; official files write 2017/09/01, and others words, which are not taken over."""
    try:
        return to_utc(str(info["date_created"]).replace("/", "-")) if isinstance(info, dict) else ""
    except (KeyError, ValueError):
        return ""


def attribute_values(data: object) -> tuple[str, ...]:
    """Of an attribute; other programs write a single value, a number, or true or false."""
    values = data if isinstance(data, list) else [] if data is None or data == "" else [data]
    return tuple((YES if value else NO) if isinstance(value, bool) else read_label(value) for value in values)


_Time = Annotated[str, _time]
"""In UTC, "" where the file does not say."""


@dataclass(frozen=True, slots=True)
class CocoFile(Foreign):
    images: tuple[object, ...]
    categories: tuple[object, ...] = ()
    annotations: tuple[object, ...] = ()
    info: Annotated[str, _date_created] = ""


@dataclass(frozen=True, slots=True)
class CocoEntry(Foreign):
    id: Id


@dataclass(frozen=True, slots=True)
class CocoImage(CocoEntry):
    file_name: Text
    width: Pixels | None = None
    height: Pixels | None = None
    note: Label = ""
    reviewed_empty: Flag = False


@dataclass(frozen=True, slots=True)
class CocoCategory(CocoEntry):
    name: Name


@dataclass(frozen=True, slots=True)
class CocoProvenance(Foreign):
    author: Author
    created_at: _Time = ""
    model_id: Label = ""
    weights_sha256: Label = ""
    prompt: Label = ""
    decoding: Label = ""
    raw_output: Label = ""
    source: AttributeSource = "human"
    derived_from: Literal["", "caption", "detection"] = ""


@dataclass(frozen=True, slots=True)
class CocoCaption(Foreign):
    text: str
    score: Finite | None = None
    preferred: Flag = False
    provenance: CocoProvenance | None = None


@dataclass(frozen=True, slots=True)
class CocoAlternative(Foreign):
    text: str
    score: Finite


@dataclass(frozen=True, slots=True)
class CocoLike(Foreign):
    image: Label
    region: Label


@dataclass(frozen=True, slots=True)
class CocoAnswerAttribute(Foreign):
    name: Label
    values: tuple[str, ...] = ()
    score: Finite | None = None
    unconfirmed: Flag = False
    provenance: CocoProvenance | None = None


@dataclass(frozen=True, slots=True)
class CocoAnswer(Foreign):
    """What another model said about the region."""

    caption: str
    score: Finite | None = None
    category: str | None = None
    category_score: Finite | None = None
    attributes: tuple[CocoAnswerAttribute, ...] = ()
    provenance: CocoProvenance | None = None


@dataclass(frozen=True, slots=True)
class CocoAnnotation(CocoEntry):
    """``bbox`` may be missing in crowds and beside polygons; ``caption`` stands alone or is the preferred one of
    ``captions``. The last four are written for readers of COCO and follow from the others in our own files."""

    image_id: Id
    category_id: Id | None = None
    iscrowd: Flag = False
    bbox: Xywh | None = None
    caption: str | None = None
    captions: tuple[str | CocoCaption, ...] | None = None
    attributes: dict[str, Annotated[tuple[str, ...], attribute_values]] = field(default_factory=dict)
    unconfirmed_attributes: dict[str, Annotated[tuple[str, ...], attribute_values]] = field(default_factory=dict)
    unconfirmed_category: str | None = None
    no_category: Flag = False
    attribute_scores: dict[str, Finite | None] = field(default_factory=dict)
    attribute_provenance: dict[str, CocoProvenance | None] = field(default_factory=dict)
    region_id: Label | None = None
    review_state: ReviewState = "accepted"
    category_score: Finite | None = None
    category_provenance: CocoProvenance | None = None
    category_alternatives: tuple[CocoAlternative, ...] = ()
    unsure: Flag = False
    locked: Flag = False
    created_at: _Time = ""
    reviewed_at: _Time = ""
    copied_from: Label = ""
    like_regions: tuple[CocoLike, ...] = ()
    other_answers: tuple[CocoAnswer, ...] = ()
    segmentation: object = None
    area: object = None
    score: object = None
    provenance: object = None
