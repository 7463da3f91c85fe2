"""How well a server that works on several questions at once is kept at work: the time for many regions, by the ideal.

    python benchmarks/servers.py [--slots 8] [--seconds 0.2] [--regions 64] [--repeat 5] [--json out.json]

The server is the simulator of the tests, in its own process: each answer takes ``--seconds`` in one of ``--slots``,
like a GPU that does so many at once. The ideal is regions / slots x seconds, without any work on this side. ``new`` is
the first image after the server was added, where one question goes first alone; ``later`` is any other image. Pictures,
requests and answers are real, so it takes the processor, too: run it where nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugins.openai_server import open_server  # noqa: E402
from roi_assistant.core.box import Box  # noqa: E402
from roi_assistant.core.records import DescribeRequest  # noqa: E402
from roi_assistant.interfaces import Captioner  # noqa: E402


def serve(connection: Connection, slots: int, seconds: float) -> None:
    """Run a server in this process until ``connection`` is closed; its address is sent there first."""
    from tests.unit.plugins.openai_server.simulator import serving

    with serving("vllm", looks=False, slots=slots, seconds=seconds) as desk:
        connection.send(desk.url)
        try:
            connection.recv()
        except EOFError:
            return


def photo(regions: int) -> tuple[Image.Image, list[Box]]:
    """A picture of so many tiles in different colors, and a box in each."""
    across = math.ceil(math.sqrt(regions))
    side = 120
    image = Image.new("RGB", (across * side, across * side))
    draw = ImageDraw.Draw(image)
    boxes = []
    for number in range(regions):
        x, y = number % across * side, number // across * side
        draw.rectangle((x, y, x + side, y + side), fill=(number * 37 % 256, number * 91 % 256, number * 53 % 256))
        boxes.append(Box(x + 20, y + 20, x + 100, y + 100))
    return image, boxes


def seconds_for(captioner: Captioner, image: Image.Image, boxes: Sequence[Box]) -> float:
    """From asking about ``boxes`` to the last answer."""
    begin = time.perf_counter()
    texts = list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest()))
    assert len(texts) == len(boxes)
    return time.perf_counter() - begin


def measured(*, slots: int, seconds: float, regions: int, repeat: int) -> dict[str, float]:
    """Medians over ``repeat`` servers, as times of the ideal."""
    image, boxes = photo(regions)
    new, later = [], []
    for _ in range(repeat):
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, slots, seconds), daemon=True)
        process.start()
        theirs.close()
        try:
            captioner = open_server(ours.recv())(device="auto")
            new.append(seconds_for(captioner, image, boxes))
            later.append(seconds_for(captioner, image, boxes))
            captioner.close()
        finally:
            ours.close()
            process.join(timeout=20)
    ideal = regions / slots * seconds
    return {"ideal_s": ideal, "new": statistics.median(new) / ideal, "later": statistics.median(later) / ideal}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--regions", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measured(slots=options.slots, seconds=options.seconds, regions=options.regions, repeat=options.repeat)
    print(f"ideal {found['ideal_s']:.2f} s; new {found['new']:.2f} times, later {found['later']:.2f} times")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
