"""The cache bounded in bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.engine.state_cache import ByteCache


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: ByteCache[str, int] = ByteCache(10)
    for key in "abc":
        cache.put(key, ord(key), 3)
    assert cache.get("a") == ord("a")
    cache.put("d", ord("d"), 3)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.get("b") is None
    assert cache.nbytes == 9


def test_a_value_that_grows_pushes_others_out() -> None:
    cache: ByteCache[str, int] = ByteCache(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 4)
    cache.put("a", 3, 8)
    assert (cache.get("a"), cache.get("b"), cache.nbytes) == (3, None, 8)


def test_the_last_value_stays_however_large() -> None:
    cache: ByteCache[str, int] = ByteCache(10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 400)
    assert (cache.get("a"), cache.get("b"), len(cache)) == (None, 2, 1)
    cache.put("c", 3, 1)
    assert (cache.get("b"), cache.get("c"), cache.nbytes) == (None, 3, 1)


@given(st.lists(st.tuples(st.sampled_from(["put", "get", "discard"]), st.integers(0, 5), st.integers(0, 9))))
def test_bytes_are_those_of_what_is_there(steps: list[tuple[str, int, int]]) -> None:
    cache: ByteCache[int, int] = ByteCache(12)
    sizes: dict[int, int] = {}
    for what, key, size in steps:
        if what == "put":
            cache.put(key, key, size)
            sizes[key] = size
        elif what == "discard":
            cache.discard(key)
        else:
            assert cache.get(key) in (None, key)
        assert cache.nbytes == sum(sizes[k] for k in range(6) if k in cache)
        assert cache.nbytes <= 12 or len(cache) == 1
    cache.clear()
    assert (len(cache), cache.nbytes) == (0, 0)
