"""How fast the embedded model is on this machine: medians and ratios of one run, printed as a table or as JSON.

    python benchmarks/embedded_model.py [--threads 2] [--repeat 15] [--json out.json]

Every figure is the median of ``--repeat`` runs after two that warm up; ``processor`` figures are the time of all
threads together, which other work on the machine disturbs least. Memory is the peak of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SAMPLE = ROOT / "resources" / "samples" / "astronaut.jpg"
TOGETHER = 32


def median_ms(action: Callable[[], object], repeat: int) -> float:
    """Median milliseconds of ``repeat`` runs after two unmeasured ones."""
    times = []
    for number in range(repeat + 2):
        start = time.perf_counter()
        action()
        if number >= 2:
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def median_processor_ms(action: Callable[[], object], repeat: int) -> float:
    """Median processor time of ``repeat`` runs, all threads together: what other programs' work disturbs least."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        action()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def boxes_on(width: int, height: int, count: int):  # type: ignore[no-untyped-def]
    """``count`` seeded boxes of mixed sizes."""
    from roi_assistant.core.box import Box

    rng = random.Random(7)
    boxes = []
    for _ in range(count):
        w, h = rng.uniform(0.08, 0.5) * width, rng.uniform(0.08, 0.5) * height
        x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
        boxes.append(Box(x, y, x + w, y + h))
    return boxes


def measure(threads: int, repeat: int) -> dict[str, float]:
    """Times of the captioner inside this process."""
    from roi_assistant.api import DescribeRequest, load_embedded
    from roi_assistant.imaging.decode import decode_image

    image = decode_image(SAMPLE).pixels
    start = time.perf_counter()
    model = load_embedded(device="cpu", threads=threads)
    figures = {"load_ms": (time.perf_counter() - start) * 1000}
    boxes = boxes_on(image.width, image.height, TOGETHER)
    request = DescribeRequest()
    plain = DescribeRequest(alternatives=0, decoding="greedy")

    def first_box() -> None:
        list(model.describe(model.set_image(image), boxes[:1], request))

    figures["image_ms"] = median_ms(lambda: model.set_image(image), repeat)
    figures["first_box_ms"] = median_ms(first_box, repeat)
    state = model.set_image(image)
    further = boxes[1:9]  # several, because one answer may be twice as long as another

    def further_boxes(asked: DescribeRequest) -> Callable[[], object]:
        return lambda: [list(model.describe(state, [box], asked)) for box in further]

    figures["further_box_ms"] = median_ms(further_boxes(request), repeat) / len(further)
    figures["further_box_greedy_ms"] = median_ms(further_boxes(plain), repeat) / len(further)
    figures["further_box_processor_ms"] = median_processor_ms(further_boxes(request), repeat) / len(further)
    some = max(3, repeat // 3)
    figures["together_ms"] = median_ms(lambda: list(model.describe(state, boxes, request)), some)
    figures["one_by_one_ms"] = median_ms(lambda: [list(model.describe(state, [b], request)) for b in boxes], some)
    figures["separate_calls_ms"] = median_ms(
        lambda: [list(model.describe(model.set_image(image), [b], request)) for b in boxes], some
    )
    together_processor_ms = median_processor_ms(lambda: list(model.describe(state, boxes, request)), some)
    figures["each_of_32_processor_ms"] = together_processor_ms / TOGETHER
    figures["each_of_32_ms"] = figures["together_ms"] / TOGETHER
    figures["one_by_one_over_together"] = figures["one_by_one_ms"] / figures["together_ms"]
    figures["separate_calls_over_together"] = figures["separate_calls_ms"] / figures["together_ms"]
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def process_seconds(repeat: int) -> dict[str, float]:
    """Wall time of the whole command for one box, and its peak memory."""
    command = [sys.executable, "-m", "roi_assistant", "caption", str(SAMPLE), "--box", "120,10,330,500", "--json"]
    times = []
    for number in range(repeat + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        if number:
            times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"process_s": statistics.median(times), "process_peak_memory_mb": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = process_seconds(max(3, arguments.repeat // 3))
    figures |= measure(arguments.threads, arguments.repeat)
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": arguments.threads,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, **figures}, indent=2) + "\n", encoding="utf-8")
    print(f"{machine['cores']} cores, {machine['threads']} threads, Python {platform.python_version()}")
    for name, value in figures.items():
        print(f"{name:32} {value:10.2f}")


if __name__ == "__main__":
    main()
