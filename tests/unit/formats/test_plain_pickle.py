"""Pickles are read as data: what the standard library writes comes back, and nothing that a file says is ever run."""

from __future__ import annotations

import contextlib
import os
import pickle
import pickletools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.errors import FormatError
from roi_assistant.formats import plain_pickle as module
from roi_assistant.formats.plain_pickle import plain_pickle, read_plain_pickle

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
KEYS = st.text() | st.integers(-module.MAX_KEY, module.MAX_KEY) | st.booleans() | st.none()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.dictionaries(KEYS, inner) | st.lists(inner, max_size=4).map(tuple) | st.sets(KEYS)
    ),
    max_leaves=20,
)


ANY_TIME = settings(deadline=None)


def is_same(a: Any, b: Any) -> bool:
    """Equal, with the same types: 1, 1.0 and True are equal to Python."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(is_same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(is_same(a[key], b[key]) for key in a)
    return bool(a == b)


@ANY_TIME
@given(VALUES, st.integers(2, 5))
def test_plain_values_come_back(value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol=protocol)
    names = {opcode.name for opcode, _, _ in pickletools.genops(data)}
    if names & {"GLOBAL", "STACK_GLOBAL", "REDUCE"}:  # bytes and sets before protocols 3 and 4
        with pytest.raises(FormatError):
            plain_pickle(data, name="x")
        return
    assert is_same(plain_pickle(data, name="x"), value)


@ANY_TIME
@given(
    st.recursive(
        st.integers() | st.text() | st.booleans() | st.none(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
    )
)
def test_old_protocols_too(value: Any) -> None:
    for protocol in (0, 1):
        assert is_same(plain_pickle(pickle.dumps(value, protocol=protocol), name="x"), value)


def test_texts_of_python_2() -> None:
    data = b"(lp0\n(dp1\nS'sent'\np2\nS'the cat'\np3\nsS'ids'\np4\n(lp5\nI1\naL22L\naF0.5\nasa."
    assert plain_pickle(data, name="x") == [{"sent": "the cat", "ids": [1, 22, 0.5]}]


def test_shared_parts_stay_shared() -> None:
    part = ["a"]
    read = plain_pickle(pickle.dumps([part, part]), name="x")
    assert isinstance(read, list) and read[0] is read[1]


class Evil:
    """Unpickling it would make a file."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return (os.system, (self.command,))


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_run(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "trace"
    data = pickle.dumps([1, Evil(f"touch {trace}")], protocol=protocol)
    with pytest.raises(FormatError, match="not a pickle of plain data"):
        plain_pickle(data, name="evil.p")
    assert not trace.exists()
    pickle.loads(data)  # the file is as hostile as it should be
    assert trace.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"(S'true'\nios\nsystem\n.",
        b"(cos\nsystem\nS'true'\no.",
        b"\x80\x02\x82\x01.",  # EXT1
        b"\x80\x02P1\n.",
        b"Pabc\n.",  # PERSID
        b"K\x01Q.",  # BINPERSID
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"\x80\x02cbuiltins\nobject\n)\x81.",
        b"}}b.",  # BUILD
        b"\x80\x05\x97.",  # NEXT_BUFFER
        b"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00a.",  # a bytearray
    ],
)
def test_every_way_to_code_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        plain_pickle(data, name="x")


def test_only_harmless_opcodes_are_known() -> None:
    known = {opcode.name for opcode in pickletools.opcodes}
    refused = set()
    for name in known - {"STOP"}:
        machine = module._Machine()
        machine.stack = [[], {}, "a", "b"]
        try:
            machine.step(name, 0)
        except module._Refused as error:
            if "makes something else" in str(error):
                refused.add(name)
    assert refused == {
        "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4",
        "PERSID", "BINPERSID", "BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER",
    }  # fmt: skip


@pytest.mark.parametrize("value", [date(2020, 1, 1), complex(1, 2), Path("x"), len, {(1, 2): 3}, bytearray(b"x")])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(FormatError, match=r"data\.p"):
        plain_pickle(pickle.dumps(value), name="data.p")


def test_cycles_and_depth() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(FormatError, match="contains itself"):
        plain_pickle(pickle.dumps(loop), name="x")
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    assert plain_pickle(pickle.dumps(deep), name="x") == deep
    with pytest.raises(FormatError, match="nested deeper"):
        plain_pickle(b"]" * 300 + b"a" * 299 + b".", name="x")


def test_parts_shared_many_times_take_no_time() -> None:
    """Two to the power of 150 leaves, were they not shared."""
    data = (
        b"\x80\x02)"
        + b"q\x00".join([b""])
        + b"".join(b"q" + bytes([k]) + b"h" + bytes([k]) + b"\x86" for k in range(150))
        + b"."
    )
    assert isinstance(plain_pickle(data, name="x"), tuple)
    with pytest.raises(FormatError, match="as a key"):
        plain_pickle(data[:2] + b"}" + data[2:-1] + b"K\x01s.", name="x")


@pytest.mark.parametrize(
    "data", [b"", b".", b"N", b"N..", b"NN.", b"(.", b"0.", b"h\x05.", b"K\x01a.", b"I1x\n.", b"\xff."]
)
def test_damaged_files(data: bytes) -> None:
    with pytest.raises(FormatError):
        plain_pickle(data, name="x")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_format_error(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        plain_pickle(data, name="x")


@settings(max_examples=200, deadline=None)
@given(st.data(), VALUES)
def test_a_changed_byte_never_leads_further(data: st.DataObject, value: Any) -> None:
    pickled = bytearray(pickle.dumps([value, {"k": value}], protocol=data.draw(st.integers(0, 5))))
    for _ in range(data.draw(st.integers(1, 4))):
        pickled[data.draw(st.integers(0, len(pickled) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        plain_pickle(bytes(pickled), name="x")


@pytest.mark.parametrize("data", [b"(I{0}\nNI{1}\nNd.", b"Np{0}\np{1}\n."])
def test_keys_and_numbers_of_parts_that_could_collide_are_refused(data: bytes) -> None:
    keys = [(2**61 - 1) * number for number in (1, 2)]
    text = data.decode().format(*keys).encode()
    with pytest.raises(FormatError, match="a whole number of more than 53 bits as a key"):
        plain_pickle(text, name="x")


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.p"
    path.write_bytes(pickle.dumps([1]))
    assert read_plain_pickle(path) == [1]
    monkeypatch.setattr(module, "MAX_BYTES", 3)
    with pytest.raises(FormatError, match="bytes"):
        read_plain_pickle(path)
    with pytest.raises(FormatError, match="cannot be read"):
        read_plain_pickle(tmp_path / "b.p")


def test_the_module_can_neither_import_nor_call_by_name() -> None:
    """What it imports cannot run code that a file names."""
    import ast

    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"eval", "exec", "getattr", "__import__", "compile", "globals", "importlib"}
    assert {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names} == {
        "io",
        "pickletools",
        "struct",
    }
