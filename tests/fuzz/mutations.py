"""Damage done to sound files: at their structure, at their text and at their bytes."""

from __future__ import annotations

import copy
import json
import pickle
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_DEEP, _HUGE, _TWICE = "@deep@", "@huge@", "@twice@"
"""Texts that stand for what ``json.dumps`` cannot write: deep nesting, a long text, a key that is there twice."""
_JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, -0.0, 7.5, 1e9, -1e308, 1e308, 5e-324, 2**31, 2**53 + 1, 2**63, 2**64, 10**400,
    float("nan"), float("inf"), float("-inf"), "", " ", "x", "0", "-5", "1e999", "\0", "\ud800", "\udcff", "\u2028",
    "é", "e\u0301", "../x", "/etc/passwd", "C:\\x", "a/" * 300, "{name}", "%s", "null", [], {}, [None], [[]], [{}],
    {"": []}, [1, 2, 3, 4], ["a", 1], {"a": 1}, {"id": 1}, {"counts": "04", "size": [1, 1]}, _DEEP, _HUGE,
)  # fmt: skip


def mutate_json(text: str, chance: random.Random) -> bytes:
    """One JSON value, or one on each line, with other values, keys and ids; then damaged as any text."""
    lines = text.splitlines() if _is_lines(text) else [text]
    values = [json.loads(line) for line in lines]
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        place = chance.randrange(len(values))
        values[place] = _changed(values[place], chance)
    if chance.random() < 0.05:
        values.append(copy.deepcopy(chance.choice(values)))
    written = "\n".join(_dump(value, chance) for value in values)
    return mutate_text(written, chance, often=0.15)


def mutate_pickle(data: bytes, chance: random.Random) -> bytes:
    """The pickled value with other values in it, in any protocol; or other bytes."""
    if chance.random() < 0.4:
        return _bytes(data, chance)
    value = pickle.loads(data)  # our own, from the line before
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = _changed(value, chance)
    if chance.random() < 0.05:
        value = {(2**61 - 1) * number: None for number in range(1, 300)}
    return pickle.dumps(value, protocol=chance.randrange(6))


def mutate_text(text: str, chance: random.Random, *, often: float = 1.0) -> bytes:
    """Lines and numbers of ``text`` changed, another encoding, other bytes; with the chance ``often``."""
    if chance.random() >= often:
        return text.encode("utf-8", "surrogatepass")
    kind = chance.randrange(12)
    if kind == 0:
        return text.encode(chance.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7")), "surrogatepass")
    if kind == 1:
        return text.replace("\n", "\r\n").replace(", ", ",\r\n").encode("utf-8", "surrogatepass")
    if kind == 2:
        text = text.replace("\n", chance.choice(("\r", "\n\n", "", "\u2028", "\0")))
    if kind == 3:
        lines = text.splitlines()
        text = "\n".join(chance.choices(lines, k=len(lines) + 2))
    if kind == 4:
        text = chance.choice(("<!DOCTYPE a [<!ENTITY b 'bb'>]>", "\ufeff", "{", "[", "PK\x03\x04", "\n" * 50)) + text
    if kind in (5, 6, 7):
        numbers = list(re.finditer(r"-?\d+(?:\.\d+)?", text))
        if numbers:
            number = chance.choice(numbers)
            other = chance.choice(
                ("", "-1", "nan", "inf", "1e400", "9" * 30, "9" * 5000, "0x1", "1_0", "٣", "a", "[1]")
            )
            text = text[: number.start()] + other + text[number.end() :]
    if kind == 8 and "<" in text:
        tags = list(re.finditer(r"<(\w+)>[^<]*</\1>", text))
        if tags:
            tag = chance.choice(tags)
            text = text[: tag.start()] + chance.choice(("", tag[0] * 2, "<b>&b;</b>", "<a>")) + text[tag.end() :]
    data = text.encode("utf-8", "surrogatepass")
    return _bytes(data, chance) if kind >= 9 else data


def mutate_place(path: Path, chance: random.Random) -> None:
    """Something that is no file in the place of ``path``."""
    path.unlink()
    match chance.randrange(4):
        case 0:
            path.mkdir()
        case 1:
            path.symlink_to(path.name)
        case 2:
            path.symlink_to("not-there")


def mutated(path: Path, data: bytes, chance: random.Random) -> bytes:
    """Other contents for the file ``path``, which has ``data``."""
    if path.suffix == ".p":
        return mutate_pickle(data, chance)
    if path.suffix in (".tar", ".xz", ".gz"):
        return _bytes(data, chance)
    text = data.decode()
    if path.suffix in (".json", ".jsonl"):
        return mutate_json(text, chance)
    return mutate_text(text, chance)


def _is_lines(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _bytes(data: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(5)
    if kind == 0:
        return data[: chance.randrange(len(data) + 1)]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        place = chance.randrange(len(changed))
        if kind in (1, 2):
            changed[place] = chance.randrange(256)
        elif kind == 3:
            del changed[place : place + chance.randrange(9)]
            changed += b" "
        else:
            changed[place:place] = chance.choice((b"\0", b"\xff\xfe", b'"', b"{}", b"[" * 3000, data[:200]))
    return bytes(changed)


def _changed(value: Any, chance: random.Random) -> Any:
    """``value`` with one part of it replaced, dropped, doubled, renamed or put elsewhere."""
    holders: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        part = waiting.pop()
        for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            holders.append((part, key))
            waiting.append(part[key])
    if not holders or chance.random() < 0.01:
        return copy.deepcopy(chance.choice(_JUNK))
    holder, key = chance.choice(holders)
    change: Callable[[], None] = chance.choice((_replace, _replace, _replace, _drop, _double, _move))(
        holder, key, holders, chance
    )
    change()
    return value


def _replace(holder: Any, key: Any, holders: list[tuple[Any, Any]], chance: random.Random) -> Callable[[], None]:
    old = holder[key]
    near: list[Any] = [str(old), [old], {"a": old}]
    if isinstance(old, int | float) and abs(old) < 1e300:
        near += [-old, old + 1, old * 1000, float(old), old / 7]
    if isinstance(old, str):
        near += [old * 2, old.upper(), old + "\0", old[1:], list(old)]
    new = chance.choice(near) if chance.random() < 0.4 else copy.deepcopy(chance.choice(_JUNK))
    return lambda: holder.__setitem__(key, new)


def _drop(holder: Any, key: Any, holders: list[tuple[Any, Any]], chance: random.Random) -> Callable[[], None]:
    return lambda: holder.__delitem__(key)


def _double(holder: Any, key: Any, holders: list[tuple[Any, Any]], chance: random.Random) -> Callable[[], None]:
    value = copy.deepcopy(holder[key])
    if isinstance(holder, list):
        return lambda: holder.insert(key, value)
    return lambda: holder.__setitem__(f"{_TWICE}{key}", value)


def _move(holder: Any, key: Any, holders: list[tuple[Any, Any]], chance: random.Random) -> Callable[[], None]:
    other, place = chance.choice(holders)
    value = copy.deepcopy(other[place])
    return lambda: holder.__setitem__(key, value)


def _dump(value: Any, chance: random.Random) -> str:
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    text = text.replace(_TWICE, "")
    if _DEEP in text:
        depth = chance.choice((50, 900, 5000))
        opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
        text = text.replace(f'"{_DEEP}"', opening * depth + "1" + closing * depth)
    return text.replace(_HUGE, "x" * chance.choice((300, 70_000, 1_000_000)))
