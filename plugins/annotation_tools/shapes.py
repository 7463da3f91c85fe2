"""labelme and X-AnyLabeling: one JSON file beside each photo, with its name but for the ending.

    {"version": "5.5.0", "flags": {}, "shapes": [{"label": "cup", "points": [[10, 20], [110, 220]], "group_id": null,
     "description": "a red cup", "shape_type": "rectangle", "flags": {"clean": true, "color: red": true}}],
     "imagePath": "1.jpg", "imageData": null, "imageHeight": 480, "imageWidth": 640}

Both apply the EXIF orientation: points are pixels of the image as displayed. A rectangle has two opposite corners in
labelme and all four in X-AnyLabeling, clockwise from the upper left; either is read. labelme's flags are true or
false, so that a value that is neither is a flag of its own, ``color: red``. X-AnyLabeling has ``attributes``, one text
each, ``difficult`` and ``score``. ``region_id`` is ours: labelme keeps it, X-AnyLabeling may drop it.
Layouts: labelme's ``_label_file.py``, X-AnyLabeling's ``label_file.py`` and ``shape.py``.
"""

from __future__ import annotations

import json
import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Annotated

from roi_assistant.api import (
    YES,
    AnnotatedImage,
    AnnotationSet,
    Box,
    BoxError,
    ExportReport,
    Finite,
    Flag,
    Foreign,
    FormatError,
    Label,
    LossCounter,
    Pixels,
    ReadingCounter,
    Region,
    Sentence,
    Text,
    attribute_values,
    count_differences,
    decode,
    preferred_first,
    read_each_file,
    read_file,
    write_each_image,
)

from .telling import is_checked, label_of, region_of, told_of, with_ids

_VERSION = "5.5.0"
"""Of labelme, in whose layout the files are; it warns of files without one."""
_DIFFICULT = "difficult"
_OF_VALUE = ": "
"""Between the name and the value in a flag that stands for one value."""
_SHAPES = Sentence("{file}: shapes left out: {count}, such as: {problem}")
_ONLY_THE_BOX = Sentence("only the box around it is kept")
_NO_SCORE = Sentence("it is not a number from 0 to 1")
_SUFFIXES = (".json",)


@dataclass(frozen=True, slots=True)
class _Shape(Foreign):
    """``mask`` is inside the box of its points, ``direction`` that of a turned rectangle."""

    points: tuple[tuple[Finite, Finite], ...]
    label: Label = ""
    shape_type: str = "polygon"
    description: Label = ""
    flags: dict[str, Flag] = field(default_factory=dict)
    attributes: dict[str, Annotated[tuple[str, ...], attribute_values]] = field(default_factory=dict)
    difficult: Flag = False
    score: Finite | None = None
    region_id: Label = ""
    mask: object = None
    direction: object = None


@dataclass(frozen=True, slots=True)
class _File(Foreign):
    """``imageData`` is the photo itself; the colors are those of old versions."""

    imagePath: Text
    shapes: tuple[object, ...]
    imageWidth: Pixels | None = None
    imageHeight: Pixels | None = None
    description: Label = ""
    version: object = None
    imageData: object = None
    lineColor: object = None
    fillColor: object = None


class _Shapes(ABC):
    """What is common to both tools."""

    suffixes = _SUFFIXES
    is_folder = True

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        return write_each_image(path, images, self._file)

    def read(self, path: Path) -> AnnotationSet:
        return read_each_file(path, _SUFFIXES, _read)

    def _file(self, image: AnnotatedImage, losses: LossCounter) -> tuple[str, str, int] | None:
        if not image.regions:
            return None
        shapes = []
        for region in image.regions:
            shape = self._shape(region)
            count_differences(region, _region(decode(_Shape, shape)), losses, where=image.place_of(region))
            shapes.append(shape)
        name = PurePosixPath(image.file_name)
        record: dict[str, object] = {
            "version": _VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": name.name,
            "imageData": None,
            "imageHeight": image.height,
            "imageWidth": image.width,
        }
        return name.with_suffix(".json").as_posix(), _indented(record), len(shapes)

    @abstractmethod
    def _shape(self, region: Region) -> dict[str, object]:
        """How the tool writes ``region``."""


class Labelme(_Shapes):
    """Of a region labelme holds the label, a description, and flags."""

    label = "labelme (a folder of JSON files)"

    def _shape(self, region: Region) -> dict[str, object]:
        flags: dict[str, bool] = {}
        for name, values in told_of(region).items():
            checked = is_checked(values)
            if checked is not None:
                flags[name] = checked
            else:
                flags |= {f"{name}{_OF_VALUE}{value}": True for value in values}
        x1, y1, x2, y2 = region.box.xyxy
        return {
            "label": label_of(region),
            "points": [[x1, y1], [x2, y2]],
            "group_id": None,
            "description": _description(region),
            "shape_type": "rectangle",
            "flags": flags,
            "mask": None,
            "region_id": region.id,
        }


class XAnyLabeling(_Shapes):
    """Of a region X-AnyLabeling holds the label and its score, a description, and attributes of one text each."""

    label = "X-AnyLabeling (a folder of JSON files)"

    def _shape(self, region: Region) -> dict[str, object]:
        told = told_of(region)
        difficult = told.get(_DIFFICULT) == (YES,)
        if difficult:
            del told[_DIFFICULT]
        x1, y1, x2, y2 = region.box.xyxy
        return {
            "label": label_of(region),
            "score": region.category_score,
            "points": [[x1, y1], [x2, y1], [x2, y2], [x1, y2]],
            "group_id": None,
            "description": _description(region),
            "difficult": difficult,
            "shape_type": "rectangle",
            "flags": {},
            "attributes": {name: ", ".join(filter(None, values)) for name, values in told.items()},
            "kie_linking": [],
            "region_id": region.id,
        }


def _description(region: Region) -> str:
    return next((caption.text for caption in preferred_first(region)), "")


def _indented(record: dict[str, object]) -> str:
    """As both tools write it; names that are no Unicode are escaped, as UTF-8 has no place for them."""
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(record, indent=2, allow_nan=False)
    return text


# ----------------------------------------------------------------------------------------------------------- reading


def _read(name: str, path: Path, counter: ReadingCounter) -> AnnotatedImage:
    """Raises: FormatError: ``path`` is no file of either tool."""
    try:
        data = json.loads(read_file(path))
    except (ValueError, RecursionError, MemoryError) as error:
        raise FormatError("{path} is not a JSON file: {reason}.", path=path, reason=str(error)) from error
    if not isinstance(data, dict) or not {"shapes", "imagePath"} <= data.keys():
        raise FormatError("{path} is not a file of labelme: it has no shapes and imagePath.", path=path)
    file = decode(_File, data, name=str(path))
    counter.lose_unread(_File, data, name)
    regions = []
    for number, item in enumerate(file.shapes, start=1):
        place = f"{path}, shape {number}"
        try:
            shape = decode(_Shape, item, name=place)
            region = _region(shape)
        except (BoxError, FormatError) as error:
            placed = error if isinstance(error, FormatError) else _placed(place, error)
            counter.leave_out(_SHAPES, placed, file=path, error=error)
            continue
        regions.append(region)
        _count_lost(shape, item, counter, where=f"{name}, shape {number}")
    return AnnotatedImage(
        _image_name(name, file.imagePath), file.imageWidth, file.imageHeight, with_ids(regions), note=file.description
    )


def _placed(place: str, error: BoxError) -> FormatError:
    return FormatError("{where}: {problem}", where=place, problem=error)


def _image_name(name: str, image_path: str) -> str:
    """The image of the file ``name``, both relative to the folder; steps out of it are left out, as photos are found by
    the last parts of their names."""
    image = image_path.replace("\\", "/")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(name), image))
    while joined.startswith("../"):
        joined = joined[3:]
    return joined


def _region(shape: _Shape) -> Region:
    """Raises: BoxError, FormatError: the shape has no area, or is none that has one."""
    told: dict[str, Sequence[str]] = {}
    flags: dict[str, list[str]] = {}
    for flag, is_set in shape.flags.items():
        name, between, value = flag.partition(_OF_VALUE)
        if not between:
            flags[flag] = list(attribute_values(is_set))
        elif is_set:
            flags.setdefault(name, []).append(value)
    told.update(flags)
    told.update(shape.attributes)
    if shape.difficult:
        told[_DIFFICULT] = (YES,)
    score = shape.score if shape.score is not None and 0 <= shape.score <= 1 else None
    return region_of(
        _box(shape), id=shape.region_id, label=shape.label, texts=(shape.description,), told=told, score=score
    )


def _box(shape: _Shape) -> Box:
    points = shape.points
    if shape.shape_type == "circle" and len(points) == 2:
        (x, y), (edge_x, edge_y) = points
        radius = ((edge_x - x) ** 2 + (edge_y - y) ** 2) ** 0.5
        return Box(x - radius, y - radius, x + radius, y + radius)
    if len(points) < 2:
        raise FormatError("The shape {kind} has no area.", kind=repr(shape.shape_type))
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _count_lost(shape: _Shape, item: object, counter: ReadingCounter, *, where: str) -> None:
    counter.lose_unread(_Shape, item, where)
    box = _box(shape)
    corners = {(x, y) for x in (box.x1, box.x2) for y in (box.y1, box.y2)}
    if shape.shape_type != "rectangle" or not corners >= set(shape.points) or shape.mask is not None:
        counter.lose("points", where, shape.shape_type, _ONLY_THE_BOX, kind="altered")
    if shape.score is not None and not 0 <= shape.score <= 1:
        counter.lose("score", where, shape.score, _NO_SCORE)
