"""An attribute schema while it is edited: possibly wrong, compared with the stored one. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from roi_assistant.core.records import AttributeDefinition, AttributeKind, AttributeSchema
from roi_assistant.core.schema import dump_schema, parse_schema

StoredValues = Mapping[str, Mapping[str, int]]
"""Attribute -> value -> number of regions that hold it."""

Field = Literal["name", "values", "question"]
IssueCode = Literal["no_name", "name_twice", "no_values", "value_twice"]
ChangeCode = Literal["removed", "renamed", "kind", "value"]

LISTED: tuple[AttributeKind, ...] = ("single", "multi")
"""Kinds that have a list of allowed values."""


@dataclass(frozen=True, slots=True)
class DraftAttribute:
    """One attribute as typed. ``origin`` is its name in the stored schema, empty for a new one.

    ``values`` keeps what was typed even while the kind does not use it, so that trying another kind loses nothing.
    """

    name: str
    kind: AttributeKind = "single"
    values: tuple[str, ...] = ()
    question: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """Why a draft cannot be saved: the attribute's place in the draft, its field, and the name or value meant."""

    index: int
    field: Field
    code: IssueCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What saving does to values that regions hold; ``regions`` counts them. ``detail`` is the new name or kind, or
    the value that is no longer allowed."""

    code: ChangeCode
    attribute: str
    regions: int
    detail: str = ""


def draft_of(schema: AttributeSchema, *, stored: bool = True) -> tuple[DraftAttribute, ...]:
    """``schema`` to edit; ``stored`` False makes every attribute a new one unless ``match_origins`` says otherwise."""
    return tuple(
        DraftAttribute(d.name, d.kind, d.values, d.question, d.name if stored else "") for d in schema.attributes
    )


def match_origins(draft: Sequence[DraftAttribute], schema: AttributeSchema) -> tuple[DraftAttribute, ...]:
    """``draft`` from elsewhere (a preset, a file) with the attributes of ``schema`` recognised by name."""
    known = {definition.name for definition in schema.attributes}
    return tuple(replace(item, origin=item.name if item.name in known else "") for item in draft)


def typed_values(text: str) -> tuple[str, ...]:
    """One value a line; a line with commas holds several."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def issues(draft: Sequence[DraftAttribute]) -> tuple[Issue, ...]:
    """Everything that keeps ``draft`` from being a schema."""
    problems: list[Issue] = []
    seen: set[str] = set()
    for index, item in enumerate(draft):
        name = item.name.strip()
        if not name:
            problems.append(Issue(index, "name", "no_name"))
        elif name in seen:
            problems.append(Issue(index, "name", "name_twice", name))
        seen.add(name)
        if item.kind in LISTED:
            if not item.values:
                problems.append(Issue(index, "values", "no_values"))
            values: set[str] = set()
            for value in item.values:
                if value.casefold() in values:
                    problems.append(Issue(index, "values", "value_twice", value))
                values.add(value.casefold())
    return tuple(problems)


def to_schema(draft: Sequence[DraftAttribute], *, name: str) -> AttributeSchema:
    """The schema that ``draft`` means, by the rules of ``core.schema``.

    Raises:
        FormatError: ``issues`` is not empty, or ``name`` is.
    """
    loose = AttributeSchema(
        name.strip(),
        tuple(
            AttributeDefinition(
                item.name.strip(), item.kind, item.values if item.kind in LISTED else (), item.question.strip()
            )
            for item in draft
        ),
    )
    return parse_schema(dump_schema(loose), name=name.strip() or "The schema")


def renames(draft: Sequence[DraftAttribute]) -> tuple[tuple[str, str], ...]:
    """(before, after) of the attributes that get another name; their values follow."""
    pairs = ((item.origin, item.name.strip()) for item in draft if item.origin)
    return tuple((before, after) for before, after in pairs if before != after)


def changes(before: AttributeSchema, draft: Sequence[DraftAttribute], stored: StoredValues) -> tuple[Change, ...]:
    """What saving ``draft`` over ``before`` means for the values that regions hold. Only what concerns at least one
    region is told."""
    consequences: list[Change] = []
    by_origin = {item.origin: item for item in draft if item.origin}
    for old in before.attributes:
        held = stored.get(old.name, {})
        total = sum(held.values())
        item = by_origin.get(old.name)
        if item is None:
            consequences.append(Change("removed", old.name, total))
            continue
        if item.name.strip() != old.name:
            consequences.append(Change("renamed", old.name, total, item.name.strip()))
        if item.kind != old.kind:
            consequences.append(Change("kind", old.name, total, item.kind))
        allowed = set(item.values)
        if item.kind in LISTED and old.kind in LISTED:
            gone = [value for value in old.values if value not in allowed]
            consequences += [Change("value", old.name, held.get(value, 0), value) for value in gone]
    return tuple(change for change in consequences if change.regions)
