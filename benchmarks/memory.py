"""What the memory of a project costs: a query of 100,000 accepted regions, and their room.

    python benchmarks/memory.py [--regions 100000] [--categories 200] [--repeat 200]

Vectors are drawn around the centers of categories, in dimensions that tell less and less, as those of the embedded
model's projection do. Medians of ``--repeat`` queries by the clock; the share is of the eight regions that a comparison
with all dimensions of all regions finds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
DIMENSIONS = 224
NEAREST = 8


def drawn(categories: int, count: int, *, seed: int = 0):  # type: ignore[no-untyped-def]
    """``count`` vectors of length 1 [count, `DIMENSIONS`], and the category of each."""
    random = np.random.default_rng(seed)
    strength = 1 / np.sqrt(1 + np.arange(DIMENSIONS) / 8)
    centers = random.normal(size=(categories, DIMENSIONS)) * strength
    of = random.integers(categories, size=count)
    vectors = centers[of] + 0.7 * random.normal(size=(count, DIMENSIONS)) * strength
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), of


def main() -> None:
    """Print the figures."""
    from roi_assistant.core.box import Box
    from roi_assistant.core.records import RegionKey, RegionText, ScoredText
    from roi_assistant.memory.index import VectorIndex
    from roi_assistant.memory.lessons import Lesson
    from roi_assistant.memory.recall import ProjectMemory

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("regions", 100_000), ("categories", 200), ("repeat", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    vectors, of = drawn(given.categories, given.regions + given.repeat)
    memory = ProjectMemory(DIMENSIONS)
    start = time.perf_counter()
    for row in range(given.regions):
        memory.learn(Lesson(RegionKey("a.jpg", str(row)), f"thing {of[row]}", f"thing {of[row]}"), vectors[row])
    print(f"learning a region     {(time.perf_counter() - start) / given.regions * 1000:8.3f} ms")
    index: VectorIndex[int] = VectorIndex(DIMENSIONS)
    for row in range(given.regions):
        index.put(row, vectors[row])
    text = RegionText(box=Box(0, 0, 9, 9), caption=ScoredText("a cup", 0.5), category=ScoredText("cup", 0.5))
    known, queries, whole, found = vectors[: given.regions], [], [], 0
    for vector in vectors[given.regions :]:
        start = time.perf_counter()
        memory.recalled(text, vector, key=RegionKey("b.jpg", "0"))
        whole.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        nearest = index.nearest(vector, NEAREST)
        queries.append((time.perf_counter() - start) * 1000)
        exact = np.argpartition(known @ vector, -NEAREST)[-NEAREST:]
        found += len({one.key for one in nearest} & set(exact.tolist()))
    print(f"nearest {NEAREST} of {given.regions:<11,}{statistics.median(queries):8.2f} ms")
    print(f"a suggestion recalled {statistics.median(whole):8.2f} ms")
    print(f"found of the nearest  {found / (NEAREST * given.repeat):8.3f}")
    print(f"room of the vectors   {memory.nbytes / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
