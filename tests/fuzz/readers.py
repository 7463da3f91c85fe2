"""Every reader of annotation files, with a small sound file of each kind that it reads."""

from __future__ import annotations

import itertools
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import Attribute, Caption, Conversation, Provenance, Region, ScoredText, Turn
from roi_assistant.datasets.registry import dataset_spec
from roi_assistant.evaluation.general import load_coco
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.coco_region_text import write_coco
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.region_lines import RegionLines
from roi_assistant.plugins import PluginManager
from roi_assistant.region_formats import read_annotations
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_import import RegionImport
from tests.unit import official_data_sets as official

NAMES = ("a.png", "b/c.png")
SIZE = (400, 300)
_STORED = 10
"""Of so many cases one is stored in the project, which takes longer than all else."""
NOW = "2026-01-02T03:04:05+00:00"


@dataclass(frozen=True)
class Photo:
    name: str
    path: Path


@dataclass(frozen=True)
class Reader:
    """``make`` writes sound files below a folder, ``files`` are those to damage, ``open`` is entered once and gives
    what reads them all."""

    name: str
    make: Callable[[Path], object]
    files: tuple[str, ...]
    open: Callable[[Path], Any]


# ---------------------------------------------------------------------------------------------- files for projects


def _photos(root: Path) -> None:
    for name in NAMES:
        (root / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", SIZE).save(root / "photos" / name)


def _full_coco(root: Path) -> None:
    """As this program writes it, with every field."""
    _photos(root)
    model = Provenance("model", NOW, "mini", "ab" * 32, "p", "beam", "raw", "caption")
    region = Region(
        "0123456789abcdef",
        Box(10, 20, 110.5, 220),
        "cup",
        (Caption("a red cup", model, 0.7, preferred=True), Caption("a mug", Provenance("human", NOW))),
        (
            Attribute("color", ("red", "blue"), model, 0.5, "pixels"),
            Attribute("size", ("big",), model, unconfirmed=True),
        ),
        "edited",
        0.25,
        True,
        model,
        (ScoredText("mug", 0.1),),
        True,
        NOW,
        NOW,
        False,
        "b/c.png",
    )
    images = [
        AnnotatedImage("a.png", *SIZE, (region,), note="dark"),
        AnnotatedImage("b/c.png", *SIZE, reviewed_empty=True),
    ]
    write_coco(root / "in.json", images, created_at=NOW)


def _plain_coco(root: Path) -> None:
    """As other tools write it."""
    _photos(root)
    shapes: list[dict[str, Any]] = [
        {"bbox": [10, 20, 100, 90], "area": 9000, "segmentation": [[10, 20, 110, 20, 110, 110, 10, 110]]},
        {"segmentation": {"size": [300, 400], "counts": [6000, 40, 260, 40, 113660]}},
        {"segmentation": {"size": [300, 400], "counts": "PX5X1X8"}, "iscrowd": 1},
        {"bbox": [0.5, 0.25, 40, 41], "caption": "a dog", "score": 0.5, "attributes": {"occluded": True, "n": 3}},
    ]
    data = {
        "info": {"description": "x", "date_created": "2017/09/01", "year": 2017},
        "licenses": [{"id": 1, "name": "CC BY", "url": "http://x"}, {"id": 2}],
        "images": [
            {
                "id": number,
                "file_name": name,
                "width": SIZE[0],
                "height": SIZE[1],
                "license": 1,
                "coco_url": "http://x/a",
            }
            for number, name in enumerate(NAMES, start=1)
        ],
        "categories": [{"id": 1, "name": "cup", "supercategory": "ware"}, {"id": 7, "name": "dog"}],
        "annotations": [
            {"id": n, "image_id": 1 + n % 2, "category_id": 1 + 6 * (n % 2), **shape} for n, shape in enumerate(shapes)
        ],
    }
    (root / "in.json").write_text(json.dumps(data))


def _odvg(root: Path) -> None:
    _photos(root)
    head = {"height": SIZE[1], "width": SIZE[0]}
    records = [
        {
            "filename": "a.png",
            **head,
            "grounding": {
                "caption": "a red cup . dogs .",
                "regions": [
                    {"bbox": [1, 2, 30.5, 40], "phrase": "a red cup", "tokens_positive": [[0, 9]]},
                    {"bbox": [[1, 2, 3, 4], [5, 6, 70, 80]], "phrase": "dogs", "tokens_positive": [[12, 16]]},
                ],
            },
        },
        {
            "filename": "b/c.png",
            **head,
            "detection": {"instances": [{"bbox": [1, 2, 3, 4], "label": 7, "category": "dog"}]},
        },
        {"filename": "b/c.png", **head, "detection": {"instances": []}},
    ]
    (root / "in.json").write_text("\n".join(map(json.dumps, records)))


def _labelme(root: Path) -> None:
    """Of labelme one file, of X-AnyLabeling the other."""
    _photos(root)
    rectangle = {"label": "cup", "points": [[10, 20], [110, 120.5]], "shape_type": "rectangle", "group_id": None}
    corners = [[10, 20], [50, 20], [50, 90], [10, 90]]
    files = {
        "in/a.json": [
            {**rectangle, "description": "a red cup", "flags": {"clean": True, "color: red": True}, "region_id": "r"},
            {"label": "dog", "points": [[1, 2], [30, 4], [50, 60]], "shape_type": "polygon", "mask": None},
            {"label": "ball", "points": [[100, 100], [110, 120]], "shape_type": "circle", "flags": {}},
        ],
        "in/b/c.json": [
            {**rectangle, "points": corners, "attributes": {"color": "red", "n": 3}, "difficult": True, "score": 0.5},
        ],
    }
    for name, shapes in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": f"{path.stem}.png"}
        sizes = {"imageData": None, "imageWidth": SIZE[0], "imageHeight": SIZE[1], "description": "dark"}
        path.write_text(json.dumps({**record, **sizes}))


def _cvat(root: Path) -> None:
    _photos(root)
    label = "<label><name>cup</name><attributes><attribute><name>color</name></attribute></attributes></label>"
    (root / "in.xml").write_text(
        f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><labels>{label}</labels></task></meta>
<image id="0" name="a.png" width="400" height="300">
<box label="cup" source="manual" occluded="1" xtl="10" ytl="20" xbr="110.5" ybr="120" z_order="0" rotation="30">
<attribute name="caption">a red cup</attribute><attribute name="color">red</attribute></box>
<polygon label="dog" occluded="0" points="1,2;30,4;50.5,60" z_order="3"></polygon><tag label="dark"/></image>
<image id="1" name="b/c.png" width="400" height="300"><ellipse label="x" cx="50" cy="60" rx="20" ry="10"/>
<mask label="y" rle="1, 2" left="3" top="4" width="30" height="40"/><points label="z" points="1,2"/></image>
<track id="0" label="car"><box frame="0" outside="0" xtl="1" ytl="2" xbr="3" ybr="4"/></track></annotations>"""
    )


def _label_studio(root: Path) -> None:
    _photos(root)
    about = {"to_name": "image", "original_width": SIZE[0], "original_height": SIZE[1], "image_rotation": 0}
    place = {"x": 25, "y": 50, "width": 12.5, "height": 10, "rotation": 30}
    result = [
        {
            "id": "r",
            "from_name": "l",
            "type": "rectanglelabels",
            "value": {**place, "rectanglelabels": ["cup"]},
            **about,
        },
        {"id": "r", "from_name": "caption", "type": "textarea", "value": {**place, "text": ["a cup"]}, **about},
        {"id": "r", "from_name": "color", "type": "choices", "value": {**place, "choices": ["red"]}, **about},
        {"id": "s", "from_name": "p", "type": "polygonlabels", "value": {"points": [[1, 2], [30, 4], [5, 6]]}, **about},
    ]
    prediction = {"model_version": "m", "score": 0.5, "result": [{**result[0], "score": 0.5}]}
    tasks = [
        {"id": 1, "data": {"image": "/data/local-files/?d=a.png"}, "annotations": [{"id": 2, "result": result}]},
        {"id": 2, "data": {"image": "/data/upload/1/0a1b2c3d-c.png"}, "predictions": [prediction]},
    ]
    (root / "in.json").write_text(json.dumps(tasks))


def _conversations(format_id: str) -> Callable[[Path], None]:
    """As this program writes them, with a conversation of the chat, and as others do, without sizes."""

    def made(root: Path) -> None:
        _photos(root)
        human = Provenance("human", NOW)
        cup = Region(
            "r1",
            Box(40, 60, 200, 300),
            "cup",
            (Caption("a red cup", human, preferred=True),),
            (Attribute("color", ("red", "blue"), human),),
        )
        turns = (Turn("user", "Is <region1> full?"), Turn("assistant", "<region1> is not."))
        images = [
            AnnotatedImage("a.png", *SIZE, (cup,), conversations=(Conversation("a.png", ("r1",), turns),)),
            AnnotatedImage("b/c.png", *SIZE, (replace(cup, id="r2", box=Box(0, 0, 30, 20)),)),
        ]
        plugins = PluginManager(user=root / "none", packages=False)
        plugins.write_regions(format_id, root / "in.json", images)

    return made


def _importer(format_id: str, name: str = "in.json") -> Callable[[Path], Any]:
    @contextmanager
    def opened(root: Path) -> Iterator[Callable[[], None]]:
        images = [Photo(name, root / "photos" / name) for name in NAMES]
        plugins = PluginManager(user=root / "none", packages=False)
        with Project.open(root / "photos", backup=False) as project:
            project.add_images(NAMES)
            cases = itertools.count()
            file = root / name
            yield lambda: _import(project, file, images, format_id, plugins, store=next(cases) % _STORED == 0)

    return opened


def _import(
    project: Project, file: Path, images: list[Photo], format_id: str, plugins: PluginManager, *, store: bool
) -> None:
    """What the command does; without ``store`` up to the project. After an error that is as it was; it is afterwards in
    any case."""
    before = _contents(project) if store else ()
    try:
        work = RegionImport(file, read_annotations(file, format_id, plugins), images=images)
        if not store:
            for image, record in work.matched:
                work.fit(image, record)
            return
        work.begin(project)
        for image, record in work.matched:
            work.take_over(project, image, work.fit(image, record))
        report = work.report()
    except BaseException:
        assert not store or _contents(project) == before, "an error left a part of the file in the project"
        raise
    there = _contents(project)[0]
    assert sum(map(len, there.values())) == report.regions, "not all that is told came"
    assert str(report)
    for name in NAMES:
        while project.history(name).can_undo:
            project.undo(name)
    assert _contents(project)[:2] == before[:2]


def _contents(project: Project) -> tuple[Any, ...]:
    regions = {name: tuple(project.regions(name)) for name in NAMES}
    return regions, [project.image_notes(name) for name in NAMES], project.category_ids()


# ------------------------------------------------------------------------------------------- data sets and evaluation


def _reading(read: Callable[[Path], object]) -> Callable[[Path], Any]:
    @contextmanager
    def opened(root: Path) -> Iterator[Callable[[], object]]:
        yield lambda: read(root)

    return opened


def _samples(name: str) -> Callable[[Path], Any]:
    def read(root: Path) -> None:
        dataset = dataset_spec(name).load(root)
        assert len(list(dataset.samples(seed=1))) == len(dataset)

    return _reading(read)


def _region_lines(root: Path) -> None:
    official.photo(root / "images/a.jpg")
    regions = [{"bbox": [10, 20, 30, 40], "category": "cup", "fine": "mug"}, {"bbox": [1, 1, 0, 5], "category": "x"}]
    line = {"image": "a.jpg", "width": 400, "height": 200, "split": "val", "regions": regions}
    (root / "regions.jsonl").write_text((json.dumps(line) + "\n") * 2)


def _packed_flickr(root: Path) -> None:
    official.make_flickr(root)
    folder = root / "flickr30k_entities"
    for name, mode in (("Annotations.tar.xz", "w:xz"), ("Sentences.tar", "w")):
        with tarfile.open(folder / name, mode) as tar:
            inner = name.partition(".")[0]
            tar.add(folder / inner, inner)
            for file in (folder / inner).iterdir():
                file.unlink()
            (folder / inner).rmdir()


def _flickr(root: Path) -> None:
    list(Flickr30kEntities(root / "flickr30k_entities").photos("train"))


READERS = (
    Reader("coco", _full_coco, ("in.json",), _importer("coco")),
    Reader("plain-coco", _plain_coco, ("in.json",), _importer("coco")),
    Reader("odvg", _odvg, ("in.json",), _importer("odvg")),
    Reader("labelme", _labelme, ("in/a.json", "in/b/c.json"), _importer("labelme", "in")),
    Reader("cvat", _cvat, ("in.xml",), _importer("cvat", "in.xml")),
    Reader("label-studio", _label_studio, ("in.json",), _importer("label-studio")),
    Reader("x-anylabeling", _labelme, ("in/a.json", "in/b/c.json"), _importer("x-anylabeling", "in/b/c.json")),
    *(
        Reader(id_, _conversations(id_), ("in.json",), _importer(id_))
        for id_ in (
            "ms-swift",
            *(f"conversations-{name}" for name in ("llava-0-1", "qwen3-vl", "qwen2.5-vl", "internvl", "gpt4roi")),
            *(f"conversations-{name}" for name in ("ferret", "kosmos-2", "paligemma")),
        )
    ),
    Reader(
        "coco-evaluation",
        _plain_coco,
        ("in.json",),
        _reading(lambda root: load_coco(root / "photos", root / "in.json")),
    ),
    Reader(
        "regions.jsonl", _region_lines, ("regions.jsonl",), _reading(lambda root: list(RegionLines(root).photos("val")))
    ),
    Reader("coco-detection", official.make_coco, ("coco/annotations/*.json",), _samples("coco_detection")),
    Reader("refcoco-mdetr", official.make_mdetr, ("mdetr_annotations/*.json",), _samples("refcoco")),
    Reader("refcoco-refer", official.make_refer, ("refcocog/*.json", "refcocog/*.p"), _samples("refcocog")),
    Reader(
        "flickr30k-entities",
        official.make_flickr,
        ("flickr30k_entities/*.txt", "flickr30k_entities/*/77.xml", "flickr30k_entities/*/77.txt"),
        _samples("flickr30k_entities"),
    ),
    Reader("flickr30k-tar", _packed_flickr, ("flickr30k_entities/*.tar*",), _reading(_flickr)),
    Reader("flickr30k-mdetr", official.make_mdetr_flickr, ("flickr30k/*.json",), _samples("flickr30k_entities")),
    Reader("visual-genome", official.make_genome, ("visual_genome/*.json",), _samples("visual_genome")),
    Reader(
        "visual-genome-attributes",
        official.make_genome,
        ("visual_genome/*.json",),
        _samples("visual_genome_attributes"),
    ),
    Reader("grit", official.make_grit, ("vg/annotations/*.json",), _samples("visual_genome")),
    Reader("vcr", official.make_vcr, ("vcr/*.jsonl", "vcr/vcr1images/film_1/*.json"), _samples("vcr")),
    Reader("llava", official.make_llava, ("llava/*.json", "llava/*.jsonl"), _samples("llava")),
)
