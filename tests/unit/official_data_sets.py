"""Invented content in the official formats of the region-text data sets.

Photos are 400 x 200 pixels in the annotations. Everything a loader has to leave out occurs once.
"""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

from PIL import Image

WIDTH, HEIGHT = 400, 200


def photo(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(stream, "JPEG")
    path.write_bytes(stream.getvalue())


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def _image(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT, **more}


def make_coco(root: Path, *, crowded: int = 0) -> None:
    """``crowded`` more boxes on the second photo."""
    boxes = [
        (1, 1, 17, [100, 50, 200, 100], 0),
        (2, 1, 1, [0, 0, 400, 200], 0),
        (3, 1, 1, [10, 10, 3, 50], 0),  # 1.68 pixels wide when squeezed
        (4, 1, 1, [10, 10, 50, 0], 0),  # no area
        (5, 1, 1, [10, 10, 90, 90], 1),  # a crowd
        (6, 2, 17, [350, 150, 100, 100], 0),  # reaches out of the photo
    ]
    boxes += [(100 + k, 2, 1, [k % 50, k % 20, 60, 60], 0) for k in range(crowded)]
    names = ["000000000009.jpg", "000000000025.jpg"]
    data = {
        "images": [_image(1, names[0]), _image(2, names[1]), _image(3, "000000000030.jpg")],
        "annotations": [
            {"id": i, "image_id": image, "category_id": category, "bbox": box, "iscrowd": crowd, "area": 1.0}
            for i, image, category, box, crowd in boxes
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 17, "name": "cat"}],
    }
    write_json(root / "coco/annotations/instances_train2017.json", data)
    for name in names:
        photo(root / "coco/train2017" / name)


TRAIN2014 = ("COCO_train2014_000000000061.jpg", "COCO_train2014_000000000072.jpg")
EXPRESSIONS = (
    (0, [100, 50, 200, 100], "the Cat on the left"),
    (0, [100, 50, 200, 100], "cat under <bbox> the table ###"),
    (0, [20, 20, 60, 60], "left cat"),
    (1, [0, 0, 40, 40], "a tall lamp in the corner"),
    (1, [0, 0, 2, 2], "a very small thing"),
)


def make_photos_2014(root: Path) -> None:
    for name in TRAIN2014:
        photo(root / "coco/train2014" / name)


def make_mdetr(root: Path, *, variant: str = "refcoco", split: str = "train") -> None:
    make_photos_2014(root)
    images, annotations = [], []
    for number, (place, box, text) in enumerate(EXPRESSIONS):
        more = {"caption": text, "dataset_name": variant, "original_id": place, "tokens_negative": [[0, len(text)]]}
        images.append(_image(number, TRAIN2014[place], **more))
        span = [[0, len(text)]]
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": box, "tokens_positive": span})
    data = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "object"}]}
    write_json(root / f"mdetr_annotations/finetune_{variant}_{split}.json", data)


def make_refer(root: Path, *, variant: str = "refcocog", name: str = "refs(umd).p", protocol: int = 2) -> None:
    make_photos_2014(root)
    objects: dict[tuple[int, str], list[str]] = {}
    for place, box, text in EXPRESSIONS:
        objects.setdefault((place, json.dumps(box)), []).append(text)
    refs, annotations = [], []
    for number, ((place, box_text), texts) in enumerate(objects.items()):
        annotations.append(
            {"id": 900 + number, "image_id": 61 + place, "category_id": 17, "bbox": json.loads(box_text)}
        )
        sentences = [
            {"tokens": text.split(), "raw": text.upper(), "sent_id": 10 * number + k, "sent": text.lower()}
            for k, text in enumerate(texts)
        ]
        refs.append(
            {
                "sent_ids": [sentence["sent_id"] for sentence in sentences],
                "file_name": f"{TRAIN2014[place][:-4]}_{number}.jpg",
                "ann_id": 900 + number,
                "ref_id": number,
                "image_id": 61 + place,
                "split": "val" if number == 1 else "train",
                "sentences": sentences,
                "category_id": 17,
            }
        )
    images = [_image(61 + place, file_name) for place, file_name in enumerate(TRAIN2014)]
    folder = root / variant
    write_json(folder / "instances.json", {"images": images, "annotations": annotations, "categories": []})
    (folder / name).write_bytes(pickle.dumps(refs, protocol=protocol))


FLICKR_CAPTION = "A clown juggles three pears near a fountain ."


def make_flickr(root: Path) -> None:
    folder = root / "flickr30k_entities"
    corners = {"1": (101, 51, 300, 150), "2": (1, 1, 40, 40), "3": (10, 10, 12, 60), "8": (5, 5, 90, 90)}
    objects = "".join(
        f"<object><name>{chain}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox>"
        "</object>"
        for chain, (a, b, c, d) in corners.items()
    )
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>"
    sentences = (
        "[/EN#1/people A clown] juggles [/EN#2/other three pears] near [/EN#3/scene a fountain] .\n"
        "[/EN#1/people Someone] sees [/EN#1/people himself] with [/EN#2/other fruit] .\n"
        "[/EN#5/scene Nothing] here has a box .\n"
    )
    for name, text in {
        "Annotations/77.xml": f"<annotation>{size}{objects}</annotation>",
        "Sentences/77.txt": sentences,
        "train.txt": "77\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    photo(folder / "images/77.jpg")


def make_mdetr_flickr(root: Path) -> None:
    text = FLICKR_CAPTION
    spans = {"A clown": [100, 50, 200, 100], "three pears": [0, 0, 40, 40]}
    annotations = [
        {
            "id": k,
            "image_id": 0,
            "category_id": 1,
            "bbox": box,
            "tokens_positive": [[text.index(w), text.index(w) + len(w)]],
        }
        for k, (w, box) in enumerate(reversed(spans.items()))
    ]
    image = _image(0, "77.jpg", caption=text, dataset_name="flickr")
    data = {"images": [image], "annotations": annotations, "categories": [{"id": 1, "name": "object"}]}
    write_json(root / "flickr30k/final_flickr_mergedGT_train.json", data)
    photo(root / "flickr30k/flickr30k-images/77.jpg")


GENOME_REGIONS = (
    (11, 1, 100, 50, 200, 100, "the clock is  green"),
    (12, 1, 100, 50, 200, 100, "A green clock"),
    (13, 1, 10, 10, 1, 1, "a speck"),
    (14, 1, 10, 10, 50, 50, "  "),
    (21, 2, 350, 150, 100, 100, "a dog with a red collar"),
)


def make_genome(root: Path, *, regions: int = 0) -> None:
    """``regions`` more descriptions on the first photo."""
    folder = root / "visual_genome"
    rows = [*GENOME_REGIONS, *((100 + k, 1, k, k, 60, 60, f"thing number {k}") for k in range(regions))]
    described = [
        {
            "id": image,
            "regions": [
                {"region_id": i, "image_id": image, "x": x, "y": y, "width": w, "height": h, "phrase": phrase}
                for i, owner, x, y, w, h, phrase in rows
                if owner == image
            ],
        }
        for image in (1, 2)
    ]
    attributes = [
        {
            "image_id": 1,
            "attributes": [
                {
                    "object_id": 5,
                    "names": ["clock"],
                    "x": 100,
                    "y": 50,
                    "w": 200,
                    "h": 100,
                    "attributes": ["Green", "tall"],
                },
                {"object_id": 6, "names": ["wall"], "x": 0, "y": 0, "w": 400, "h": 200},
            ],
        },
        {
            "image_id": 2,
            "attributes": [
                {
                    "object_id": 7,
                    "names": ["dog"],
                    "x": 300,
                    "y": 100,
                    "w": 90,
                    "h": 90,
                    "attributes": ["brown", "happy-ish"],
                }
            ],
        },
    ]
    index = [
        {"image_id": n, "width": WIDTH, "height": HEIGHT, "url": f"https://example.org/rak248/{place}/{n}.jpg"}
        for n, place in ((1, "VG_100K_2"), (2, "VG_100K"))
    ]
    write_json(folder / "region_descriptions.json", described)
    write_json(folder / "attributes.json", attributes)
    write_json(folder / "image_data.json", index)
    write_json(folder / "densecap_splits.json", {"train": [1, 2], "val": [], "test": [1, 2]})
    photo(folder / "VG_100K_2/1.jpg")
    photo(folder / "VG_100K/2.jpg")


def make_grit(root: Path, *, split: str = "train") -> None:
    folder = root / "vg"
    annotations = [
        {"id": i, "image_id": image, "category_id": 1, "bbox": [x, y, w, h], "caption": phrase}
        for i, image, x, y, w, h, phrase in GENOME_REGIONS
    ]
    images = [_image(n, f"{n}.jpg") for n in (1, 2)]
    data = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "object"}]}
    write_json(folder / f"annotations/{split}.json", data)
    for n in (1, 2):
        photo(folder / f"images/{n}.jpg")


VCR_NAMES = ["person", "person", "bottle"]
VCR_LINES: list[dict[str, Any]] = [
    {
        "question": ["Why", "is", [0], "holding", "2", "bottles", "?"],
        "question_orig": "Why is 1 holding 2 bottles?",
        "answer_choices": [
            [[1], "asked", "for", "it", "."],
            [[0], "is", "thirsty", "."],
            ["He", "wants", "to", "throw", "it", "."],
            [[0], "'s", "selling", [2], "."],
        ],
        "answer_orig": "1 is thirsty.",
        "answer_label": 1,
        "rationale_choices": [
            ["It", "is", "hot", "."],
            ["The", "shop", "is", "closed", "."],
            [[0], "is", "sweating", ",", "and", "it", "is", "hot", "."],
            [[1], "smiles", "."],
        ],
        "rationale_orig": "1 is sweating, and it is hot.",
        "rationale_label": 2,
    },
    {
        "question": ["What", "are", [0, 1], "doing", "?"],
        "question_orig": "What are 1 and 2 doing?",
        "answer_choices": [
            ["They", "share", [2], "."],
            [[0, 1], "are", "talking", "."],
            ["They", "sing", "."],
            ["They", "sleep", "."],
        ],
        "answer_orig": "1 and 2 are talking.",
        "answer_label": 1,
        "rationale_choices": [
            ["Their", "mouths", "are", "open", "."],
            ["It", "is", "late", "."],
            ["It", "rains", "."],
            ["Nobody", "listens", "."],
        ],
        "rationale_orig": "Their mouths are open.",
        "rationale_label": 0,
    },
    {
        "question": ["Where", "is", [0], "going", "?"],
        "question_orig": "Where is 1 going?",
        "answer_choices": [["To", [1], "."], ["Home", "."], ["Away", "."], ["Out", "."]],
        "answer_orig": "To 2.",
        "answer_label": 0,
        "rationale_choices": [["One", "sees", "."], ["It", "is", "so", "."], ["Why", "not", "."], ["Yes", "."]],
        "rationale_orig": "One sees.",
        "rationale_label": 0,
    },
]


def make_vcr(root: Path, *, copies: int = 1) -> None:
    """``copies`` of the three questions, under other ids."""
    folder = root / "vcr"
    boxes = [[100.0, 50.0, 300.0, 150.0, 0.99], [0.0, 0.0, 100.0, 200.0, 0.98], [350.0, 150.0, 420.0, 210.0, 0.9]]
    metadata = {"boxes": boxes, "segms": [[], [], []], "names": VCR_NAMES, "width": WIDTH, "height": HEIGHT}
    write_json(folder / "vcr1images/film_1/scene@0.json", metadata)
    photo(folder / "vcr1images/film_1/scene@0.jpg")
    for split in ("train", "val"):
        lines = []
        for copy in range(copies):
            for number, line in enumerate(VCR_LINES):
                name = f"{split}-{copy * len(VCR_LINES) + number}"
                place = {"img_fn": "film_1/scene@0.jpg", "metadata_fn": "film_1/scene@0.json"}
                lines.append(json.dumps({**line, **place, "annot_id": name, "objects": VCR_NAMES}))
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def make_llava(root: Path, *, hints: bool = True) -> None:
    talks = [
        {
            "id": "000000000009",
            "image": "000000000009.jpg",
            "conversations": [
                {"from": "human", "value": "<image>\nWhat is\nthere?"},
                {"from": "gpt", "value": "A cat.\n\nIt <s>sleeps."},
                {"from": "human", "value": "Is it black?"},
                {"from": "gpt", "value": "No."},
            ],
        },
        {
            "id": "000000000025",
            "image": "000000000025.jpg",
            "conversations": [
                {"from": "human", "value": "Describe it.\n<image>"},
                {"from": "gpt", "value": "A ### lamp."},
            ],
        },
        {"id": "3", "image": "000000000025.jpg", "conversations": [{"from": "human", "value": "And?"}]},
    ]
    write_json(root / "llava/llava_instruct_150k.json", talks)
    for talk in talks[:2]:
        photo(root / "coco/train2017" / str(talk["image"]))
    if hints:
        line = {
            "image": "000000000009.jpg",
            "boxes": [[0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 0.9, 0.9], [0.1, 0.1, 0.11, 0.9], [0, 0, 1, 1]],
            "scores": [0.4, 0.9, 0.9, 0.3],
            "labels": ["shaving_cream", "cat", "sliver", "doubtful"],
        }
        (root / "llava/detections.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")


def make_all(root: Path) -> None:
    """Every data set of the registry, in the distribution that is looked for first where there are two."""
    make_coco(root)
    for variant in ("refcoco", "refcoco+", "refcocog"):
        make_mdetr(root, variant=variant)
    make_flickr(root)
    make_genome(root)
    make_vcr(root)
    make_llava(root)
