"""How long the region-text data sets take to read at their official sizes, and how much memory.

    python benchmarks/data_sets.py                # a tenth of the sizes
    python benchmarks/data_sets.py --share 1      # 5.4 million regions, 860,000 boxes, 213,000 questions

Files in the official layouts with invented content are written to a folder of their own, which is removed at the end.
Each data set is read by a process of its own, whose largest memory is that of the operating system's account.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from roi_assistant.datasets.registry import dataset_spec

WORDS = ("the", "man", "in", "a", "red", "shirt", "holds", "dog", "on", "left", "of", "big", "window", "near", "tree")
DRAWN = 2000
"""Samples that are written as conversations, spread over the data set."""


def write_list(path: Path, entries: Iterable[Any], *, begin: str = "[", end: str = "]") -> None:
    """``entries`` one at a time, as the whole would not fit in memory."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write(begin)
        for number, entry in enumerate(entries):
            stream.write((", " if number else "") + json.dumps(entry))
        stream.write(end)


def words(rng: random.Random, count: int) -> list[str]:
    return rng.choices(WORDS, k=count)


def make_visual_genome(root: Path, share: float, rng: random.Random) -> None:
    folder, photos = root / "vg", range(1, round(108_077 * share) + 1)
    (folder / "VG_100K").mkdir(parents=True)

    def regions(image: int) -> list[dict[str, Any]]:
        return [
            {
                "region_id": 50 * image + number,
                "image_id": image,
                "x": rng.randrange(500),
                "y": rng.randrange(400),
                "width": rng.randrange(10, 300),
                "height": rng.randrange(10, 200),
                "phrase": " ".join(words(rng, 6)),
            }
            for number in range(50)
        ]

    write_list(folder / "region_descriptions.json", ({"id": image, "regions": regions(image)} for image in photos))
    url = "https://cs.stanford.edu/people/rak248/VG_100K/{}.jpg"
    sizes = ({"image_id": image, "width": 800, "height": 600, "url": url.format(image)} for image in photos)
    write_list(folder / "image_data.json", sizes)
    (folder / "densecap_splits.json").write_text(json.dumps({"train": list(photos)}))


def make_coco_detection(root: Path, share: float, rng: random.Random) -> None:
    folder, photos = root / "coco" / "annotations", round(118_287 * share)
    folder.mkdir(parents=True)
    (root / "coco" / "train2017").mkdir()
    categories = json.dumps([{"id": number, "name": f"thing {number}"} for number in range(80)])
    images = json.dumps([{"id": k, "file_name": f"{k:012}.jpg", "width": 640, "height": 480} for k in range(photos)])
    outline = [round(rng.random() * 480, 2) for _ in range(100)]

    def annotation(number: int) -> dict[str, Any]:
        box = [rng.random() * 500, rng.random() * 400, 5 + rng.random() * 100, 5 + rng.random() * 70]
        return {
            "id": number,
            "image_id": rng.randrange(photos),
            "category_id": rng.randrange(80),
            "iscrowd": 0,
            "bbox": [round(value, 2) for value in box],
            "segmentation": [outline[: rng.choice((16, 30, 50, 70))]],
        }

    head = f'{{"categories": {categories}, "images": {images}, "annotations": ['
    annotations = map(annotation, range(round(860_001 * share)))
    write_list(folder / "instances_train2017.json", annotations, begin=head, end="]}")


def make_vcr(root: Path, share: float, rng: random.Random) -> None:
    folder, photos = root / "vcr" / "vcr1images" / "film", round(80_418 * share)
    folder.mkdir(parents=True)
    outline = [[[round(rng.random() * 800, 2)] * 2 for _ in range(60)]]
    for photo in range(photos):
        count = rng.randrange(3, 16)
        boxes = [[100 * rng.random(), 100 * rng.random(), 900, 700, 0.9] for _ in range(count)]
        names = ["person"] * count
        data = {"boxes": boxes, "names": names, "segms": [outline] * count, "width": 1920, "height": 800}
        (folder / f"{photo}.json").write_text(json.dumps(data))

    def text(count: int) -> list[Any]:
        return [[rng.randrange(2)], *words(rng, count)]

    def typed(tokens: list[Any]) -> str:
        return " ".join(str(token[0] + 1) if isinstance(token, list) else token for token in tokens)

    with (root / "vcr" / "train.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(round(212_923 * share)):
            photo, question = rng.randrange(photos), text(6)
            answers, reasons = [text(7) for _ in range(4)], [text(15) for _ in range(4)]
            record = {
                "annot_id": f"train-{number}",
                "img_fn": f"film/{photo}.jpg",
                "metadata_fn": f"film/{photo}.json",
                "question": question,
                "question_orig": typed(question),
                "answer_choices": answers,
                "answer_label": 1,
                "answer_orig": typed(answers[1]),
                "rationale_choices": reasons,
                "rationale_label": 2,
                "rationale_orig": typed(reasons[2]),
            }
            stream.write(json.dumps(record) + "\n")


DATA_SETS: dict[str, Callable[[Path, float, random.Random], None]] = {
    "visual_genome": make_visual_genome,
    "coco_detection": make_coco_detection,
    "vcr": make_vcr,
}


def read(name: str, root: Path) -> None:
    start = time.process_time()
    dataset = dataset_spec(name).load(root)
    loaded = time.process_time() - start
    start = time.process_time()
    drawn = range(0, len(dataset), max(1, len(dataset) // DRAWN))
    for index in drawn:
        dataset.sample(index)
    each = (time.process_time() - start) / len(drawn)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:16}{len(dataset):>14,}{dataset.boxes:>12,}{loaded:>10.1f}{peak:>10.0f}{each * 1e6:>12.0f}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.1, help="of the official sizes")
    parser.add_argument("--only", choices=DATA_SETS, help="only this data set")
    options = parser.parse_args()
    print(f"{'':16}{'conversations':>14}{'boxes':>12}{'CPU s':>10}{'peak MB':>10}{'us a sample':>12}")
    for name, make in DATA_SETS.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), options.share, random.Random(0))
                process = multiprocessing.get_context("spawn").Process(target=read, args=(name, Path(folder)))
                process.start()
                process.join()


if __name__ == "__main__":
    main()
