"""What every loader returns: entries that were checked and filtered once, written as conversations each time anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from roi_assistant.core.box import Box
from roi_assistant.datasets.records import RegionSample
from roi_assistant.errors import FormatError

if TYPE_CHECKING:
    from PIL.Image import Image

INPUT_SIDE = 224
"""Photos are squeezed to a square of this side before the model sees them; box sizes are judged there."""
LEAST_SIDE = 2.0
"""Boxes must be wider and higher than this, in pixels of the squeezed photo."""
LEAST_PIXELS = 1.0
"""And at least as wide and high as this in pixels of the photo itself, which may be smaller than the squeezed one."""

T = TypeVar("T")


class ImageFiles(Protocol):
    """Where a data set's photos are."""

    def read(self, name: str) -> bytes:
        """Contents of the photo ``name``. Raises: FormatError: it is missing or cannot be read."""

    def __contains__(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class FolderImages:
    """Photos below the first of ``folders`` that has them."""

    folders: tuple[Path, ...]

    def _path(self, name: str) -> Path | None:
        return next((folder / name for folder in self.folders if (folder / name).is_file()), None)

    def __contains__(self, name: str) -> bool:
        return self._path(name) is not None

    def read(self, name: str) -> bytes:
        """Contents of the photo ``name``.

        Raises:
            FormatError: it is in no folder or cannot be read.
        """
        path = self._path(name)
        if path is None:
            raise FormatError(f"The photo {name} is in none of {', '.join(map(str, self.folders))}: unpack the photos.")
        try:
            return path.read_bytes()
        except OSError as error:
            raise FormatError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error


@dataclass(frozen=True)
class RegionDataset:
    """A data set as conversations. ``write(entry, rng)`` makes the conversation of one of ``entries``.

    Wordings, and which boxes are taken where there are too many, are drawn anew in each epoch, from nothing but seed,
    epoch and index. ``dropped`` counts what the filters left out, by reason; ``boxes`` what they kept. ``mirrors`` says
    that no text speaks of left and right, so that photos may be flipped.
    """

    name: str
    split: str
    entries: Sequence[Any]
    write: Callable[[Any, random.Random], RegionSample]
    images: ImageFiles
    boxes: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    mirrors: bool = False

    def __len__(self) -> int:
        return len(self.entries)

    def sample(self, index: int, *, seed: int = 0, epoch: int = 0) -> RegionSample:
        """Raises: IndexError."""
        rng = random.Random(f"{seed}/{epoch}/{self.name}/{self.split}/{index}")
        return self.write(self.entries[index], rng)

    def samples(self, *, seed: int = 0, epoch: int = 0) -> Iterator[RegionSample]:
        """All conversations of an epoch, in the order of the entries."""
        for index in range(len(self.entries)):
            yield self.sample(index, seed=seed, epoch=epoch)

    def picture(self, image: str) -> Image:
        """The photo ``image`` as RGB. Raises: FormatError, ImageError."""
        from roi_assistant.imaging.decode import decode_bytes

        return decode_bytes(self.images.read(image), name=image).pixels


def is_large_enough(box: Box, *, width: int, height: int) -> bool:
    """Whether ``box`` is at least ``LEAST_PIXELS`` wide and high, and more than ``LEAST_SIDE`` once the photo is
    squeezed to ``INPUT_SIDE``."""
    across, down = box.width, box.height
    large = across * INPUT_SIDE / width > LEAST_SIDE and down * INPUT_SIDE / height > LEAST_SIDE
    return large and min(across, down) >= LEAST_PIXELS


def draw(items: Sequence[T], most: int, rng: random.Random) -> list[T]:
    """``items`` in random order, at most ``most`` of them."""
    return rng.sample(items, min(most, len(items)))


class Filter:
    """Counts what is left out, by reason."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()

    def keep(self, good: bool, reason: str) -> bool:
        """``good``; when it is not, ``reason`` counts one more."""
        if not good:
            self.dropped[reason] += 1
        return good
