"""How long the window waits for the engine: from a request to the caption, and to the attributes behind it.

    python benchmarks/engine.py [--model gpt4roi-mini] [--threads N] [--repeat 15] [--json out.json]

Three cases: the first box of an image that was never seen, a later box of it, and the first box of an image that was
prefetched. Images are copies of a sample photo under new names, so that nothing is in the cache; boxes are all
different. Figures are medians in ms over ``--repeat`` after one round that warms up, through the real process and its
pipes; painting is not in them. The least of the captions' times tells more where other programs run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SAMPLE = ROOT / "resources" / "samples" / "astronaut.jpg"

from roi_assistant.core.box import Box  # noqa: E402
from roi_assistant.core.records import DescribeRequest  # noqa: E402
from roi_assistant.engine.engine import (  # noqa: E402
    Described,
    Engine,
    EngineEvent,
    EngineStateChanged,
    Failed,
    Finished,
)
from roi_assistant.engine.scheduler import Priority  # noqa: E402

PATIENCE = 120.0


class Watch:
    """Asks the engine and takes the time of what it says."""

    def __init__(self, *, model: str, threads: int | None) -> None:
        self.events: queue.SimpleQueue[tuple[float, EngineEvent]] = queue.SimpleQueue()
        self.engine = Engine(model=model, threads=threads, on_event=self._note)
        self._random = random.Random(7)

    def _note(self, event: EngineEvent) -> None:
        self.events.put((time.perf_counter(), event))

    def state(self, state_name: str) -> float:
        """Wait for a state; the time at which it came."""
        while True:
            at, event = self.events.get(timeout=PATIENCE)
            if isinstance(event, EngineStateChanged) and event.state == "failed":
                sys.exit(event.message)
            if isinstance(event, EngineStateChanged) and event.state == state_name:
                return at

    def ask(self, image: Path, *, priority: Priority = "pointer") -> tuple[float, float]:
        """Ms from asking about a new box until its caption, and until all about it."""
        x, y = self._random.uniform(0, 250), self._random.uniform(0, 250)
        box = Box(x, y, x + self._random.uniform(60, 250), y + self._random.uniform(60, 250))
        begin = time.perf_counter()
        ticket = self.engine.describe(image, [box], DescribeRequest(), priority=priority)
        caption = 0.0
        while True:
            at, event = self.events.get(timeout=PATIENCE)
            if isinstance(event, Failed):
                sys.exit(event.message)
            if isinstance(event, Described) and event.ticket == ticket and not caption:
                caption = (at - begin) * 1000
            if isinstance(event, Finished) and event.ticket == ticket:
                return caption, (at - begin) * 1000


def measure(folder: Path, *, model: str, threads: int | None, repeat: int) -> dict[str, float]:
    """Medians in ms by case."""
    watch = Watch(model=model, threads=threads)
    times: dict[str, list[tuple[float, float]]] = {"first": [], "later": [], "prefetched": []}
    begin = time.perf_counter()
    watch.engine.start()
    figures = {"start_to_ready": (watch.state("ready") - begin) * 1000}
    for number in range(repeat + 1):
        first, second = folder / f"{number}a.jpg", folder / f"{number}b.jpg"
        for path in (first, second):
            shutil.copy(SAMPLE, path)
        round_ = {"first": watch.ask(first)}
        round_["later"] = watch.ask(first)
        watch.engine.prefetch([second])
        watch.ask(first, priority="batch")  # comes behind what is encoded ahead, so that is done
        round_["prefetched"] = watch.ask(second)
        if number:
            for name, value in round_.items():
                times[name].append(value)
    for name, values in times.items():
        figures[f"{name}_caption"] = statistics.median(caption for caption, _ in values)
        figures[f"{name}_attributes"] = statistics.median(whole for _, whole in values)
        figures[f"{name}_caption_least"] = min(caption for caption, _ in values)
    watch.engine.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="gpt4roi-mini")
    parser.add_argument("--threads", type=int, help="default: all cores but one")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(
            Path(folder), model=arguments.model, threads=arguments.threads, repeat=max(1, arguments.repeat)
        )
    if arguments.json:
        machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        arguments.json.write_text(json.dumps({"machine": machine, **figures}, indent=2) + "\n", encoding="utf-8")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{arguments.model}, {os.cpu_count()} cores{load}; medians in ms of {arguments.repeat}")
    for name, value in figures.items():
        print(f"{name:24} {value:8.1f}")
    first, later, ahead = (figures[f"{name}_caption"] for name in ("first", "later", "prefetched"))
    print(f"{'later / first':24} {later / first:8.2f}\n{'prefetched / first':24} {ahead / first:8.2f}")


if __name__ == "__main__":
    main()
