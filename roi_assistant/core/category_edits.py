"""Changes of a project's categories as edits: each is one transaction and one step of undo.

The edits name categories; which regions they concern is found where they are applied (`storage.category_edits`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from roi_assistant.core.categories import in_list
from roi_assistant.core.edits import CategoryChange, CategoryMove, Edit
from roi_assistant.core.records import CategoryList

KEYS = 9
"""Categories that have a digit."""


def rename_edit(categories: CategoryList, before: str, after: str, *, is_used: bool) -> Edit:
    """``before`` is called ``after`` from now on, a name that no category has. ``is_used``: regions have, or had,
    ``before``; else only the list knows it."""
    renamed = (before, after) if is_used else None
    return _edit("Rename category", categories, with_name_changed(categories, before, after), renamed=renamed)


def merge_edit(categories: CategoryList, names: Iterable[str], into: str) -> Edit:
    """All regions of the categories ``names`` get the category ``into``."""
    others = [name for name in dict.fromkeys(names) if name != into]
    listed = with_names(without_names(categories, others), [into] if categories.closed else ())
    moves = tuple(CategoryMove(name, into) for name in others)
    return _edit("Merge categories", categories, _without_removed(listed, into), moved=moves)


def split_edit(categories: CategoryList, move: CategoryMove) -> Edit:
    """Some regions of a category get another one, as ``move`` says."""
    listed = with_names(categories, [move.after] if categories.closed and move.after else ())
    return _edit("Split category", categories, _without_removed(listed, move.after), moved=(move,))


def delete_edit(categories: CategoryList, names: Iterable[str]) -> Edit:
    """All regions of the categories ``names`` have no category from now on."""
    names = tuple(dict.fromkeys(names))
    moves = tuple(CategoryMove(name, None) for name in names)
    return _edit("Delete category", categories, without_names(categories, names), moved=moves)


def list_edit(categories: CategoryList, after: CategoryList) -> Edit:
    """The list, its colors or its digits are others."""
    return _edit("Change categories", categories, after)


def _edit(
    label: str,
    before: CategoryList,
    after: CategoryList,
    *,
    renamed: tuple[str, str] | None = None,
    moved: tuple[CategoryMove, ...] = (),
) -> Edit:
    listed = (before, after) if after != before else None
    return Edit(label, "", categories=CategoryChange(renamed=renamed, moved=moved, listed=listed))


def _without_removed(categories: CategoryList, name: str | None) -> CategoryList:
    return replace(categories, removed=tuple(other for other in categories.removed if other != name))


def with_names(categories: CategoryList, names: Iterable[str]) -> CategoryList:
    """``categories`` with ``names`` at the end of its list, as far as they are not in it."""
    new = [name for name in dict.fromkeys(names) if not in_list(name, categories.names)]
    return replace(categories, names=(*categories.names, *new))


def without_names(categories: CategoryList, names: Iterable[str]) -> CategoryList:
    """``categories`` after ``names`` were merged into others or deleted: nothing is said of them any more."""
    gone = dict.fromkeys(names)
    return replace(
        categories,
        names=tuple(name for name in categories.names if name not in gone),
        colors=tuple(pair for pair in categories.colors if pair[0] not in gone),
        keys=tuple("" if name in gone else name for name in categories.keys),
        removed=(*(name for name in categories.removed if name not in gone), *gone),
    )


def with_name_changed(categories: CategoryList, before: str, after: str) -> CategoryList:
    """``categories`` after ``before`` was renamed; its color, digit and place stay with it."""
    return replace(
        categories,
        names=tuple(after if name == before else name for name in categories.names),
        colors=tuple((after if name == before else name, color) for name, color in categories.colors),
        keys=tuple(after if name == before else name for name in categories.keys),
        removed=(*(name for name in categories.removed if name not in (before, after)), before),
    )


def with_color(categories: CategoryList, name: str, color: str) -> CategoryList:
    """``categories`` with ``color`` (``#rrggbb``) for ``name``; empty: the one that follows from the name."""
    kept = tuple(pair for pair in categories.colors if pair[0] != name)
    return replace(categories, colors=(*kept, (name, color)) if color else kept)


def with_key(categories: CategoryList, name: str, digit: int) -> CategoryList:
    """``categories`` with the digit ``digit`` (1..9) for ``name``, or without a digit for it (0)."""
    keys = ["" if other == name else other for other in (*categories.keys, *("",) * KEYS)[:KEYS]]
    if digit:
        keys[digit - 1] = name
    return replace(categories, keys=tuple(keys))


def filled_keys(keys: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """``keys`` (name of the category of each digit, "" for none) with the first of ``names`` on free digits."""
    filled = list((*keys, *("",) * KEYS)[:KEYS])
    waiting = iter([name for name in names if name not in filled])
    for place, name in enumerate(filled):
        if not name:
            filled[place] = next(waiting, "")
    return tuple(filled)
