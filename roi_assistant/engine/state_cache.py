"""What was used last, up to a number of bytes: states of images, and decoded pictures. Pure Python."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """A mapping that forgets what was used longest ago once its values are larger than ``limit`` bytes together.

    The value that was put last always stays, however large: the image at hand must be usable. Not for several threads.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.nbytes = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: K) -> bool:
        return key in self._items

    def get(self, key: K) -> V | None:
        """The value of ``key``, which now was used last; None when it is not there."""
        if key not in self._items:
            return None
        self._items.move_to_end(key)
        return self._items[key][0]

    def put(self, key: K, value: V, nbytes: int) -> None:
        """Keep ``value``, which takes ``nbytes``; a key that is there already gets the new value and size."""
        self.discard(key)
        self._items[key] = (value, nbytes)
        self.nbytes += nbytes
        while self.nbytes > self.limit and len(self._items) > 1:
            _, (_, gone) = self._items.popitem(last=False)
            self.nbytes -= gone

    def discard(self, key: K) -> None:
        """Forget ``key`` if it is there."""
        if key in self._items:
            self.nbytes -= self._items.pop(key)[1]

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self.nbytes = 0
