"""Attribute schemas as JSON text, and which values they allow.

A schema is ``{"name": ..., "attributes": [{"name", "kind", "values", "question"}, ...]}``. Kinds: ``single`` (one of
``values``), ``multi`` (any of them), ``boolean`` (``yes`` or ``no``), ``text`` (anything). ``question`` may be left
out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from roi_assistant.core.records import AttributeDefinition, AttributeKind, AttributeSchema
from roi_assistant.errors import AttributeValueError, FormatError

YES, NO = "yes", "no"
_BOOLEAN_WORDS = {"yes": YES, "true": YES, "1": YES, "no": NO, "false": NO, "0": NO}
_SCHEMA_KEYS = frozenset({"name", "attributes"})
_ATTRIBUTE_KEYS = frozenset({"name", "kind", "values", "question"})
_KINDS: tuple[AttributeKind, ...] = get_args(AttributeKind)


def parse_schema(text: str, *, name: str) -> AttributeSchema:
    """The schema in ``text``; ``name`` is what messages call its source, usually the path.

    Raises:
        FormatError: not JSON, an unknown key or kind, an empty or repeated name, or a list of values where there must
            be none (``boolean``, ``text``) or none where there must be one (``single``, ``multi``).
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FormatError(f"{name} is not JSON: {error}.") from error
    record = _object(data, _SCHEMA_KEYS, where=name)
    attributes = record.get("attributes", [])
    if not isinstance(attributes, list):
        raise FormatError(f'{name}: "attributes" must be a list.')
    definitions = tuple(_definition(item, where=f"{name}, attribute {n}") for n, item in enumerate(attributes, start=1))
    _no_repeats((d.name for d in definitions), what="attribute", where=name)
    return AttributeSchema(_text(record, "name", where=name), definitions)


def dump_schema(schema: AttributeSchema) -> str:
    """``schema`` as JSON text that ``parse_schema`` reads back to an equal schema."""
    attributes = []
    for definition in schema.attributes:
        item: dict[str, Any] = {"name": definition.name, "kind": definition.kind}
        if definition.values:
            item["values"] = list(definition.values)
        if definition.question:
            item["question"] = definition.question
        attributes.append(item)
    return json.dumps({"name": schema.name, "attributes": attributes}, ensure_ascii=False, indent=2) + "\n"


def find_attribute(schema: AttributeSchema, name: str) -> AttributeDefinition:
    """The definition of the attribute ``name``.

    Raises:
        AttributeValueError: the schema has no such attribute.
    """
    for definition in schema.attributes:
        if definition.name == name:
            return definition
    known = ", ".join(definition.name for definition in schema.attributes) or "none"
    raise AttributeValueError(f"Attribute {name!r} is not in the schema {schema.name!r}; it has: {known}.")


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
        raise AttributeValueError(f"Attribute {definition.name!r} takes one value, not {len(kept)}: {', '.join(kept)}.")
    return tuple(kept)


def validate_attributes(schema: AttributeSchema, values: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """All of ``values`` (attribute name -> values) checked, in the order of the schema; empty ones are left out.

    Raises:
        AttributeValueError: an unknown attribute or a value that is not allowed.
    """
    checked = {name: validate_values(find_attribute(schema, name), given) for name, given in values.items()}
    return {d.name: checked[d.name] for d in schema.attributes if checked.get(d.name)}


def _allowed(value: str, spelling: Mapping[str, str], definition: AttributeDefinition, *, shown: Iterable[str]) -> str:
    try:
        return spelling[value.casefold()]
    except KeyError:
        raise AttributeValueError(
            f"{value!r} is not a value of the attribute {definition.name!r}; choose from: {', '.join(shown)}."
        ) from None


def _definition(item: Any, *, where: str) -> AttributeDefinition:
    record = _object(item, _ATTRIBUTE_KEYS, where=where)
    name = _text(record, "name", where=where)
    where = f"{where} ({name})"
    kind = record.get("kind")
    if kind not in _KINDS:
        raise FormatError(f'{where}: "kind" must be one of {", ".join(_KINDS)}, not {kind!r}.')
    values = record.get("values", [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise FormatError(f'{where}: "values" must be a list of words.')
    values = [value.strip() for value in values]
    if (kind in ("single", "multi")) != bool(values):
        raise FormatError(f'{where}: the kind {kind} {"must not have" if values else "needs"} "values".')
    _no_repeats((value.casefold() for value in values), what="value", where=where)
    question = record.get("question", "")
    if not isinstance(question, str):
        raise FormatError(f'{where}: "question" must be text.')
    return AttributeDefinition(name, kind, tuple(values), question)


def _object(data: Any, keys: frozenset[str], *, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise FormatError(f"{where} must be an object with the keys {', '.join(sorted(keys))}.")
    unknown = sorted(set(data) - keys)
    if unknown:
        raise FormatError(f"{where} has the unknown key {unknown[0]!r}; known are: {', '.join(sorted(keys))}.")
    return data


def _text(record: Mapping[str, Any], key: str, *, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip():
        raise FormatError(f'{where}: "{key}" must be a name.')
    return value


def _no_repeats(names: Iterable[str], *, what: str, where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise FormatError(f"{where}: the {what} {name!r} occurs twice.")
        seen.add(name)
