"""What is asked about a region, as text that a person may change, and the JSON schema of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from roi_assistant.core.record_json import decode
from roi_assistant.core.records import (
    REGION,
    AttributeDefinition,
    AttributeSchema,
    CaptionStyle,
    DescribeRequest,
    Prompts,
)
from roi_assistant.core.schema import NO, YES
from roi_assistant.errors import BadInputError, FormatError

NOT_VISIBLE = "not visible"
"""What a model is to answer about an attribute that cannot be seen."""
_LONGEST = 4000
_ATTRIBUTES = ("color", "material", "shape", "state", "action")
"""What is asked about without a schema."""


def read_prompts(path: Path) -> Prompts:
    """The prompts in a JSON file: an object with some of the fields of `Prompts`.

    Raises:
        FormatError: it cannot be read, or holds something else.
    """
    from roi_assistant.formats.json_files import read_json

    try:
        return checked_prompts(decode(Prompts, read_json(path)))
    except BadInputError as error:
        raise FormatError("{path}: {reason}", path=path, reason=error) from error


def checked_prompts(prompts: Prompts) -> Prompts:
    """``prompts``, if a model can be asked with them.

    Raises:
        BadInputError: ``task`` does not say where the region is, or a text is empty or too long.
    """
    if REGION not in prompts.task:
        raise BadInputError(
            "The prompt 'task' does not hold {mark}: the model would not know which region.", mark=REGION
        )
    texts = {name: getattr(prompts, name) for name in ("task", "phrase", "sentence", "description", "category")}
    for name, text in (*texts.items(), *prompts.attributes):
        if not text.strip() or len(text) > _LONGEST:
            raise BadInputError(
                "The prompt {name} is empty or has more than {most} letters.", name=repr(name), most=_LONGEST
            )
    return prompts


def caption_prompt(prompts: Prompts, style: CaptionStyle) -> str:
    """What is asked for as the caption."""
    return {"phrase": prompts.phrase, "sentence": prompts.sentence, "description": prompts.description}[style]


def asked_attributes(request: DescribeRequest) -> tuple[AttributeDefinition, ...]:
    """The attributes that ``request`` asks about."""
    schema = request.attributes
    if schema is None:
        schema = AttributeSchema("", tuple(AttributeDefinition(name, "text") for name in _ATTRIBUTES))
    return schema.attributes


def instruction(request: DescribeRequest, place: str, prompts: Prompts, *, examples: Sequence[str] = ()) -> str:
    """What is asked about one region; ``place`` says in the family's way where it is, and comes last. ``examples`` are
    captions that people accepted for regions that look alike."""
    # What is the same for all regions comes first: models and servers compute it once.
    lines = ["Answer with one JSON object and nothing else:\n- " + "\n- ".join(_wanted(request, prompts))]
    if examples:
        told = "; ".join(f'"{text}"' for text in examples)
        lines.append(f"Captions that people wrote about things that look like it: {told}. Write in this way.")
    lines.append(prompts.task.replace(REGION, place))
    return "\n".join(lines)


def instruction_for_several(
    request: DescribeRequest, places: Sequence[str], prompts: Prompts, *, examples: Sequence[Sequence[str]] = ()
) -> str:
    """As `instruction`, about several regions at once: ``places`` says of each where it is, in lines such as
    ``region 1: ...``, and ``examples`` are those of each."""
    wanted = ['"region": its number', *_wanted(request, prompts)]
    lines = [
        'Answer with one JSON object and nothing else: {"regions": [...]}, a list of one object for each of the '
        f"{len(places)} regions:\n- " + "\n- ".join(wanted),
        *places,
    ]
    for number, captions in enumerate(examples, start=1):
        if captions:
            told = "; ".join(f'"{text}"' for text in captions)
            lines.append(f"Captions that people wrote about things that look like region {number}: {told}.")
    lines.append(prompts.task.replace(REGION, "each region by itself"))
    return "\n".join(lines)


def _wanted(request: DescribeRequest, prompts: Prompts) -> list[str]:
    """What the object about a region is to hold."""
    wanted = [f'"caption": {caption_prompt(prompts, request.style)}']
    if request.category:
        wanted.append(f'"category": {prompts.category}')
    if request.alternatives:
        wanted.append(f'"alternatives": up to {request.alternatives} other captions, the likeliest first')
    attributes = asked_attributes(request)
    if attributes:
        named = "; ".join(_attribute(attribute, prompts) for attribute in attributes)
        wanted.append(f'"attributes": an object with {named}. Say "{NOT_VISIBLE}" where it cannot be seen')
    return wanted


def attribute_question(attribute: AttributeDefinition, prompts: Prompts) -> str:
    """What is asked about ``attribute``, in a person's words or the schema's; empty where neither has some."""
    return dict(prompts.attributes).get(attribute.name) or attribute.question.replace("<region1>", "it")


def _attribute(attribute: AttributeDefinition, prompts: Prompts) -> str:
    asked = attribute_question(attribute, prompts)
    values = choices(attribute)
    if not values:
        kind = "a few words"
    elif attribute.kind == "multi":
        kind = f"a list of values from {', '.join(values)}"
    else:
        kind = f"one of {', '.join(values)}"
    return f'"{attribute.name}" ({asked + ": " if asked else ""}{kind})'


def choices(attribute: AttributeDefinition) -> tuple[str, ...]:
    """The values that may be answered; empty where any words may."""
    return (YES, NO) if attribute.kind == "boolean" else attribute.values


def answer_schema(request: DescribeRequest) -> dict[str, Any]:
    """JSON schema of the answer to `instruction`, in the subset that all servers take: no references, no formats."""
    return _object(_properties(request))


def several_schema(request: DescribeRequest, count: int) -> dict[str, Any]:
    """As `answer_schema`, of the answer to `instruction_for_several` about ``count`` regions."""
    one = _object({"region": {"type": "integer"}, **_properties(request)})
    return _object({"regions": {"type": "array", "items": one, "minItems": count, "maxItems": count}})


def _properties(request: DescribeRequest) -> dict[str, Any]:
    properties: dict[str, Any] = {"caption": {"type": "string"}}
    if request.category:
        properties["category"] = {"type": "string"}
    if request.alternatives:
        properties["alternatives"] = {"type": "array", "items": {"type": "string"}, "maxItems": request.alternatives}
    attributes = asked_attributes(request)
    if attributes:
        properties["attributes"] = _object({attribute.name: _value_schema(attribute) for attribute in attributes})
    return properties


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _value_schema(attribute: AttributeDefinition) -> dict[str, Any]:
    values = choices(attribute)
    if not values:
        return {"type": "string"}
    one = {"type": "string", "enum": [*values, NOT_VISIBLE]}
    return {"type": "array", "items": one, "maxItems": 4} if attribute.kind == "multi" else one
