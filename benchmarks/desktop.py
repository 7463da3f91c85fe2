"""The window by the clock: start, a folder of 100,000 images, captions, frames, and keys for each region.

    python benchmarks/desktop.py [start] [folder] [captions] [annotator] [frames] [--images 100000] [--repeat 5]
                                 [--rival labelme=PYTHON] [--rival xanylabeling=PYTHON] [--why] [--json out.json]

Without names all parts are run, one after the other. A real window is opened where there is a display (``xvfb-run``
makes one; ``--offscreen`` does without). labelme and X-AnyLabeling are run beside ours where they are installed: found
on the path, or PYTHON is the interpreter that has them. Each program has a home of its own in a temporary folder. Every
program is started once before it is measured, so its files are in the cache of the system.

``start``: from the start of the process to the end of the paint event that showed the first of 20 images, and the
resident memory then (window process; the model loads later and elsewhere). ``folder``: the same for the large folder,
first without a project file, then with one; ``freeze`` is the longest time in which our event loop did not turn
(``heartbeat.py``), before the first image was on the screen and later.
``annotator`` counts keys over the boxes of a COCO file (the samples, or ``--boxes FILE --photos FOLDER --most 150``),
whose categories are what a person says of them; wrong categories are corrected, and those keys count. Its seconds are
the measured wait plus the keystroke-level model (Card, Moran and Newell,
1980: 0.2 s for a key, 1.35 s to make up one's mind), not a person's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
SAMPLES = sorted((ROOT / "resources" / "samples").glob("*.jpg"))
PARTS = ("start", "folder", "captions", "annotator", "frames")
KEY, MIND = 0.2, 1.35
LINKS = 500
"""Names for one file; file systems allow some tens of thousands."""


def make_folder(folder: Path, count: int) -> Path:
    """``count`` photos: copies of the samples, most of them hard links."""
    folder.mkdir(parents=True)
    copy = Path()
    for number in range(count):
        name = folder / f"photo_{number:06d}.jpg"
        if number % LINKS < len(SAMPLES):
            shutil.copyfile(SAMPLES[number % LINKS], name)
            copy = name
        else:
            os.link(folder / f"photo_{number - number % LINKS + number % len(SAMPLES):06d}.jpg", name)
    assert copy.exists()
    return folder


def rivals(given: list[str]) -> dict[str, str]:
    """Program -> the interpreter that has it."""
    facts = {}
    for name in ("labelme", "xanylabeling"):
        script = shutil.which(name)
        if script is not None:
            first = Path(script).read_text(encoding="utf-8", errors="replace").partition("\n")[0]
            if first.startswith("#!") and "python" in first:
                facts[name] = first[2:].strip()
    facts.update(dict(entry.split("=", 1) for entry in given))
    return facts


class Runner:
    """Starts programs with a home of their own."""

    def __init__(self, home: Path, *, offscreen: bool) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "ROI_ASSISTANT_HOME": str(home / "ours"),
            "PYTHONPATH": "",
        }
        self.environment.pop("QT_QPA_PLATFORM", None)
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # installed programs do not compile at each start
        if offscreen:
            self.environment["QT_QPA_PLATFORM"] = "offscreen"

    def first_image(self, program: str, python: str, folder: Path, *, stay: float = 0.0) -> dict[str, dict[str, Any]]:
        """Events of a run by name, ``at`` in seconds since the process was started."""
        command = [python, str(HERE / "desktop_child.py"), program, str(folder), str(stay)]
        environment = {**self.environment, "PYTHONPATH": str(ROOT)} if program == "ours" else self.environment
        begin = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"what"')]
        if not any(event["what"] == "painted" for event in events):
            raise SystemExit(f"{program} showed no image:\n{done.stderr[-2000:]}")
        return {event["what"]: {**event, "at": event["at"] - begin} for event in events}

    def work(self, *arguments: str) -> dict[str, Any]:
        """The answer of desktop_work.py."""
        done = subprocess.run(
            [sys.executable, str(HERE / "desktop_work.py"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def ratios(ours: dict[str, float], other: dict[str, float]) -> str:
    return ", ".join(f"{name} {other[name] / ours[name]:.1f} x ours" for name in ours)


def measure_start(runner: Runner, base: Path, programs: dict[str, str], repeat: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for program, python in programs.items():
        folder = make_folder(base / f"start-{program}", 20)
        runs = [runner.first_image(program, python, folder, stay=0.3)["painted"] for _ in range(repeat + 1)][1:]
        figures[program] = {
            "seconds": statistics.median(run["at"] for run in runs),
            "processor": statistics.median(run["cpu"] for run in runs),
            "mb": statistics.median(run["rss"] for run in runs),
        }
        every = " ".join(f"{run['at']:.2f}" for run in runs)
        print(
            f"start    {program:13} {figures[program]['seconds']:6.2f} s ({figures[program]['processor']:.2f} s of the "
            f"processor)  {figures[program]['mb']:5.0f} MB   ({every})"
        )
        if program != "ours":
            print(f"         {'':13} {ratios(figures['ours'], figures[program])}")
    return figures


def measure_folder(runner: Runner, base: Path, programs: dict[str, str], images: int, *, why: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for program, python in programs.items():
        folder = make_folder(base / f"many-{program}", images)
        for case in ("new", "again") if program == "ours" else ("",):
            events = runner.first_image(program, python, folder, stay=20.0 if program == "ours" else 2.0)
            painted, end = events["painted"], events["end"]
            now = {"seconds": painted["at"], "mb": painted["rss"]}
            figures[f"{program} {case}".strip()] = {**now, "mb_at_most": end["hwm"]}
            print(
                f"folder   {program:13} {case:6} {now['seconds']:6.2f} s  {now['mb']:5.0f} MB   later {end['rss']} MB, "
                f"at most {end['hwm']} MB",
                end="",
            )
            if program == "ours":
                listed = events.get("listed", end)
                figures[f"{program} {case}"] |= {
                    "freeze_ms": end["freeze"],
                    "own_ms": end["own"],
                    "listed": listed["at"],
                }
                print(
                    f"; freeze {painted['freeze']} ms before ({painted['own']} ms of the window itself at most), "
                    f"{end['freeze']} ms later ({end['own']} ms); all {end['images']} listed after {listed['at']:.1f} s"
                )
                if why:
                    print(end["pauses"])
            else:
                first = figures["ours new"]
                print(f"\n         {'':13} {ratios({name: first[name] for name in now}, now)}")
        shutil.rmtree(folder)
    return figures


def measure_captions(runner: Runner, base: Path, repeat: int) -> dict[str, Any]:
    folder = make_folder(base / "captions", 6 * (repeat + 1))
    times = runner.work("captions", str(folder), str(repeat))
    figures = {}
    for case, values in times.items():
        figures[case] = {"median": statistics.median(values), "worst": max(values)}
        print(f"caption  {case:13} {figures[case]['median']:6.0f} ms  (worst of {len(values)}: {max(values):.0f} ms)")
    return figures


def measure_annotator(runner: Runner, base: Path, boxes: Path, photos: Path, most: int) -> dict[str, Any]:
    folder = base / "photos"
    shutil.copytree(photos, folder, ignore=shutil.ignore_patterns("*.json", "project.roi*"))
    regions = runner.work("annotator", str(folder), str(boxes), str(most))["regions"]
    count = len(regions)
    for region in regions:
        mended = "" if region["followed"] == region["category"] else f" (was {region['followed'] or 'none'})"
        mended += "" if region["right"] else " WRONG"
        print(
            f"         {region['name']:16} {region['how']:9} {region['keys']:3} keys  {region['caption']}: "
            f"{region['category']}{mended}"
        )
    ways = {how: sum(region["how"] == how for region in regions) for how in ("accepted", "chosen", "typed")}
    keys = sum(region["keys"] for region in regions) / count
    typing = sum(region["typing"] for region in regions) / count
    mended = sum(region["followed"] != region["category"] for region in regions)
    right = sum(region["right"] for region in regions)
    # To read the suggestion takes a decision; to type after all, another one.
    seconds = (
        sum(region["wait"] + region["keys"] * KEY + MIND * (2 if region["how"] == "typed" else 1) for region in regions)
        / count
    )
    by_typing = typing * KEY + MIND
    print(
        f"annotator  {count} boxes: {ways}; {keys:.1f} keys and {seconds:.1f} s a region, typing {typing:.1f} keys and "
        f"{by_typing:.1f} s (seconds: see the head of the file); {right} categories right, {mended} of them corrected"
    )
    return {
        "boxes": count,
        "ways": ways,
        "keys": keys,
        "seconds": seconds,
        "typing_keys": typing,
        "typing_seconds": by_typing,
        "categories_right": right,
        "categories_corrected": mended,
    }


def measure_frames() -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(HERE / "canvas.py")], stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout, end="")
    return {"lines": done.stdout.splitlines()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--boxes", type=Path, default=ROOT / "resources" / "samples" / "regions.json")
    parser.add_argument("--photos", type=Path, default=ROOT / "resources" / "samples")
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--rival", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--offscreen", action="store_true")
    parser.add_argument("--why", action="store_true", help="folder: what ran while the window did not answer")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    parts = options.parts or PARTS
    programs = {"ours": sys.executable, **({} if options.only_ours else rivals(options.rival))}
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores{load}; {', '.join(programs)}", flush=True
    )
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="roi-assistant-benchmark-") as temporary:
        base = Path(temporary)
        runner = Runner(base / "home", offscreen=options.offscreen)
        if "start" in parts:
            figures["start"] = measure_start(runner, base, programs, options.repeat)
        if "folder" in parts:
            figures["folder"] = measure_folder(runner, base, programs, options.images, why=options.why)
        if "captions" in parts:
            figures["captions"] = measure_captions(runner, base, max(3, 2 * options.repeat))
        if "annotator" in parts:
            figures["annotator"] = measure_annotator(runner, base, options.boxes, options.photos, options.most)
        if "frames" in parts:
            figures["frames"] = measure_frames()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
