"""What of the settings the session follows."""

from __future__ import annotations

from dataclasses import dataclass

from roi_assistant.core.records import AttributeSchema, CaptionStyle, DescribeRequest, Prompts, ReadingText


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The settings that the session follows."""

    suggest_on_draw: bool = True
    attribute_score: float = 0.5
    alternatives: int = 5
    advance: bool = True
    advance_image: bool = True
    style: CaptionStyle = "phrase"
    prefetch: bool = True
    keep_previous: bool = False
    memory: bool = True
    box_on_click: bool = True
    proposer: str = ""
    """The detector that suggests boxes; "": the captioner does."""


def request_for(
    options: SessionOptions,
    schema: AttributeSchema,
    *,
    prompts: Prompts | None = None,
    read_text: ReadingText = "no",
) -> DescribeRequest:
    """How regions are described. Without a schema the model says what it can about any region. ``prompts`` are those
    of the project, if it has its own; ``read_text`` is its choice, too."""
    return DescribeRequest(
        style=options.style,
        alternatives=options.alternatives,
        attributes=schema if schema.name or schema.attributes else None,
        attribute_score=options.attribute_score,
        prompts=prompts,
        read_text=read_text,
    )
