"""Attribute schemas as JSON text, and which values they allow.

A schema is ``{"name": ..., "attributes": [{"name", "kind", "values", "question"}, ...]}``. Kinds: ``single`` (one of
``values``), ``multi`` (any of them), ``boolean`` (``yes`` or ``no``), ``text`` (anything). ``question`` may be left
out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from roi_assistant.core import record_json
from roi_assistant.core.plain_files import read_small
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.core.text_bounds import LONGEST_NAME, LONGEST_TEXT, shortened
from roi_assistant.errors import AttributeValueError, FormatError
from roi_assistant.resources_path import resource
from roi_assistant.sentences import Sentence

YES, NO = "yes", "no"
_MOST_BYTES = 64 << 20
_BOOLEAN_WORDS = {"yes": YES, "true": YES, "1": YES, "no": NO, "false": NO, "0": NO}


def shipped_presets() -> dict[str, Path]:
    """Name -> file of the schemas that ship with the program."""
    return {path.stem: path for path in sorted(resource("attribute-presets").glob("*.json"))}


def load_schema(path: Path) -> AttributeSchema:
    """The schema in the file ``path``: JSON in UTF-8, with or without a byte order mark.

    Raises:
        FormatError: the file cannot be read, a name or question is too long, or as `parse_schema`.
    """
    try:
        schema = parse_schema(read_small(path, most=_MOST_BYTES).decode("utf-8-sig"), name=str(path))
    except OSError as error:
        raise FormatError(
            "{path} cannot be read ({reason}): give a JSON file with a schema.", path=path, reason=error
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError("{path} is not text in UTF-8: {reason}.", path=path, reason=error.reason) from error
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError("{path} is no schema: {reason}.", path=path, reason=error) from error
    for definition in schema.attributes:
        if len(definition.question) > LONGEST_TEXT or any(
            len(name) > LONGEST_NAME for name in (definition.name, *definition.values)
        ):
            raise FormatError(
                "{path}, attribute {name}: names and values have at most {names} letters and questions {texts}: "
                "make them shorter.",
                path=path,
                name=shortened(definition.name, LONGEST_NAME),
                names=LONGEST_NAME,
                texts=LONGEST_TEXT,
            )
    return schema


def parse_schema(text: str, *, name: str) -> AttributeSchema:
    """The schema in ``text``; ``name`` is what messages call its source, usually the path.

    Raises:
        FormatError: not JSON, an unknown key or kind, an empty or repeated name, or a list of values where there must
            be none (``boolean``, ``text``) or none where there must be one (``single``, ``multi``).
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("{name} is not JSON: {reason}.", name=name, reason=error) from error
    schema = record_json.decode(AttributeSchema, data, name=name)
    _not_blank(schema.name, where=Sentence(name))
    definitions = tuple(
        _checked(definition, where=Sentence.of("{name}, attribute {number}", name=name, number=number))
        for number, definition in enumerate(schema.attributes, start=1)
    )
    _no_repeats((d.name for d in definitions), what=Sentence("attribute"), where=Sentence(name))
    return AttributeSchema(schema.name, definitions)


def dump_schema(schema: AttributeSchema) -> str:
    """``schema`` as JSON text that ``parse_schema`` reads back to an equal schema."""
    return (
        json.dumps({"name": schema.name, "attributes": [], **record_json.encode(schema)}, ensure_ascii=False, indent=2)
        + "\n"
    )


def find_attribute(schema: AttributeSchema, name: str) -> AttributeDefinition:
    """The definition of the attribute ``name``.

    Raises:
        AttributeValueError: the schema has no such attribute.
    """
    for definition in schema.attributes:
        if definition.name == name:
            return definition
    known = ", ".join(definition.name for definition in schema.attributes) or "none"
    raise AttributeValueError(
        "Attribute {name} is not in the schema {schema}; it has: {known}.",
        name=repr(name),
        schema=repr(schema.name),
        known=known,
    )


def validate_values(definition: AttributeDefinition, values: Iterable[str]) -> tuple[str, ...]:
    """``values`` in the spelling and order of the definition, without repeats and surrounding space.

    Case does not matter for ``single``, ``multi`` and ``boolean`` (where ``true`` and ``1`` also mean yes). No values
    at all means that nothing is known, and is always allowed.

    Raises:
        AttributeValueError: a value that is not allowed, or several where one is.
    """
    given = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    if definition.kind == "text":
        kept = given
    elif definition.kind == "boolean":
        kept = list(dict.fromkeys(_allowed(value, _BOOLEAN_WORDS, definition, shown=(YES, NO)) for value in given))
    else:
        spelling = {value.casefold(): value for value in definition.values}
        chosen = {_allowed(value, spelling, definition, shown=definition.values) for value in given}
        kept = [value for value in definition.values if value in chosen]
    if len(kept) > 1 and definition.kind != "multi":
        raise AttributeValueError(
            "Attribute {name} takes one value, not {count}: {choices}.",
            name=repr(definition.name),
            count=len(kept),
            choices=", ".join(kept),
        )
    return tuple(kept)


def outside_values(definition: AttributeDefinition, values: Iterable[str]) -> tuple[str, ...]:
    """Those of ``values`` that the list of ``definition`` does not have, whatever their case; none where it has no
    list of a person's."""
    if definition.kind not in ("single", "multi"):
        return ()
    known = {value.casefold() for value in definition.values}
    return tuple(value for value in values if value.strip().casefold() not in known)


def with_values(schema: AttributeSchema, name: str, values: Iterable[str]) -> AttributeSchema:
    """``schema`` with those of ``values`` at the end of the list of the attribute ``name`` that it does not have.

    Raises:
        AttributeValueError: the schema has no such attribute, or that has no list.
    """
    definition = find_attribute(schema, name)
    if definition.kind not in ("single", "multi"):
        raise AttributeValueError("The attribute {name} has no list of values.", name=repr(name))
    new = outside_values(definition, dict.fromkeys(value.strip() for value in values))
    longer = replace(definition, values=(*definition.values, *new))
    return replace(schema, attributes=tuple(longer if one == definition else one for one in schema.attributes))


def _allowed(value: str, spelling: Mapping[str, str], definition: AttributeDefinition, *, shown: Iterable[str]) -> str:
    try:
        return spelling[value.casefold()]
    except KeyError:
        raise AttributeValueError(
            "{value} is not a value of the attribute {name}; choose from: {choices}.",
            value=repr(value),
            name=repr(definition.name),
            choices=", ".join(shown),
        ) from None


def _checked(definition: AttributeDefinition, *, where: Sentence) -> AttributeDefinition:
    """``definition`` without space around its values. Raises: FormatError: its parts do not go together."""
    _not_blank(definition.name, where=where)
    where = Sentence.of("{where} ({name})", where=where, name=definition.name)
    kind, values = definition.kind, tuple(value.strip() for value in definition.values)
    if not all(values):
        raise FormatError('{where}: "values" must be a list of words.', where=where)
    if (kind in ("single", "multi")) != bool(values):
        if values:
            raise FormatError('{where}: the kind {kind} must not have "values".', where=where, kind=kind)
        raise FormatError('{where}: the kind {kind} needs "values".', where=where, kind=kind)
    _no_repeats((value.casefold() for value in values), what=Sentence("value"), where=where)
    return replace(definition, values=values)


def _not_blank(name: str, *, where: Sentence) -> None:
    if not name.strip():
        raise FormatError('{where}: "name" must be a name.', where=where)


def _no_repeats(names: Iterable[str], *, what: Sentence, where: Sentence) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise FormatError("{where}: the {what} {name} occurs twice.", where=where, what=what, name=repr(name))
        seen.add(name)
