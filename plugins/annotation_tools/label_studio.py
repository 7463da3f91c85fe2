"""Label Studio: the list of tasks that it imports and exports as JSON, beside the labeling config it needs.

    [{"data": {"image": "/data/local-files/?d=a/1.jpg"}, "annotations": [{"result": [
     {"id": "r1", "from_name": "category", "to_name": "image", "type": "rectanglelabels", "original_width": 640,
      "original_height": 480, "image_rotation": 0, "value": {"x": 1.5625, "y": 12.5, "width": 15.625, "height": 31.25,
      "rotation": 0, "rectanglelabels": ["cup"]}},
     {"id": "r1", "from_name": "caption", "to_name": "image", "type": "textarea", "value": {"text": ["a red cup"]}},
     {"id": "r1", "from_name": "color", "to_name": "image", "type": "choices", "value": {"choices": ["red"]}}]}]}]

Places are percent of the image as displayed, which browsers turn by its EXIF orientation; ``rotation`` is clockwise
about the upper left corner. Items with one id are about one region. Images in which all is suggested are written as
``predictions``, which Label Studio offers to review, all others as one annotation. Of a task the first annotation that
was not cancelled is read; where there is none, the last prediction.
Layouts: https://labelstud.io/guide/export and https://labelstud.io/guide/predictions
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote

from roi_assistant.api import (
    AnnotatedImage,
    AnnotationSet,
    Box,
    BoxError,
    ExportReport,
    Finite,
    Foreign,
    FormatError,
    Label,
    LossCounter,
    Pixels,
    Provenance,
    ReadingCounter,
    Region,
    Sentence,
    annotation_files,
    atomic_folder,
    count_differences,
    decode,
    json_text,
    preferred_first,
    read_json_objects,
    xml_value,
)

from .telling import UNSIGNED, label_of, region_of, told_of, with_ids

TASKS, CONFIG = "tasks.json", "label_config.xml"
_IMAGE, _CATEGORY, _CAPTION = "image", "category", "caption"
_CONTROLS = (_IMAGE, _CATEGORY, _CAPTION)
_SERVED = "/data/local-files/?d="
_TASKS = Sentence("{file}: tasks left out: {count}, such as: {problem}")
_REGIONS = Sentence("{file}: regions left out: {count}, such as: {problem}")
_ONLY_THE_BOX = Sentence("only the box around it is kept")
_ONE_ANNOTATION = Sentence("one annotation of each task is read")
_NO_SCORE = Sentence("it is not a number from 0 to 1")
_DECIMALS = 6
"""Of pixels: percents of a border are the border again."""
_COUNTERS = re.compile(
    "(total|cancelled)_(annotations|predictions)|(un)?resolved_comment_count|comment_(count|authors)|last_comment_.*|"
    "(created|updated)_(at|by)|id|inner_id|project|meta|drafts|file_upload|data|annotations|predictions"
)
"""Of a task what is read, and what Label Studio only counts with."""


@dataclass(frozen=True, slots=True)
class _Value(Foreign):
    x: Finite = 0.0
    y: Finite = 0.0
    width: Finite = 0.0
    height: Finite = 0.0
    radiusX: Finite | None = None
    radiusY: Finite | None = None
    rotation: Finite = 0.0
    points: tuple[tuple[Finite, Finite], ...] = ()
    rectanglelabels: tuple[Label, ...] = ()
    polygonlabels: tuple[Label, ...] = ()
    ellipselabels: tuple[Label, ...] = ()
    labels: tuple[Label, ...] = ()
    text: tuple[Label, ...] | Label = ()
    choices: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class _Item(Foreign):
    type: str
    value: _Value
    id: Label = ""
    from_name: Label = ""
    original_width: Pixels | None = None
    original_height: Pixels | None = None
    score: Finite | None = None


class LabelStudio:
    """A folder with ``tasks.json`` and ``label_config.xml``; any JSON export is read."""

    label = "Label Studio (a folder with tasks and labeling config)"
    suffixes = (".json",)
    is_folder = True

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        losses = LossCounter()
        labels: dict[str, None] = {}
        choices: dict[str, dict[str, None]] = {}
        written = regions = 0
        with atomic_folder(path) as folder:
            with folder.open(TASKS) as stream:
                for image in images:
                    task = _task(image, losses)
                    _note_choices(task, labels, choices)
                    stream.write(f"{',' if written else '['}\n{json_text(task)}".encode())
                    written += 1
                    regions += len(image.regions)
                stream.write(b"\n]\n" if written else b"[]\n")
            folder.write(CONFIG, _config(labels, choices))
        return losses.report(images=written, regions=regions)

    def read(self, path: Path) -> AnnotationSet:
        counter = ReadingCounter()
        images: dict[str, AnnotatedImage] = {}
        for _, file in annotation_files(path, self.suffixes):
            for number, task in read_json_objects(file, what="tasks"):
                where = f"{file}, task {number}"
                try:
                    image = _read_task(task, file, counter, where=where)
                    if image.file_name in images:
                        raise FormatError(
                            "{where}: another task is about the same image, {name}.",
                            where=where,
                            name=repr(image.file_name),
                        )
                except FormatError as error:
                    counter.leave_out(_TASKS, error, file=file, error=error)
                    continue
                images[image.file_name] = image
        return AnnotationSet(
            tuple(images.values()), left_out=counter.left_out(), losses=counter.losses(), unit="pixels"
        )


# ----------------------------------------------------------------------------------------------------------- writing


def _task(image: AnnotatedImage, losses: LossCounter) -> dict[str, object]:
    width, height = image.width or 1, image.height or 1
    suggested = bool(image.regions) and all(region.state == "suggested" for region in image.regions)
    by = _model_of(image.regions) if suggested else UNSIGNED
    result: list[dict[str, object]] = []
    for region, named in zip(image.regions, with_ids(image.regions), strict=True):
        items = _items(named, width, height)
        result += items
        decoded = [decode(_Item, item) for item in items]
        count_differences(region, _region(decoded, (width, height), by), losses, where=image.place_of(region))
    task: dict[str, object] = {"data": {_IMAGE: _SERVED + _quoted(image.file_name)}}
    if suggested:
        task["predictions"] = [{"model_version": by.model_id, "result": result}]
    elif result:
        task["annotations"] = [{"result": result}]
    return task


def _model_of(regions: Iterable[Region]) -> Provenance:
    """Whom a prediction names: the model that wrote the first caption."""
    models = (caption.provenance.model_id for region in regions for caption in region.captions)
    return Provenance("model", "", next(filter(None, models), "roi-assistant"))


def _items(region: Region, width: int, height: int) -> list[dict[str, object]]:
    box = region.box
    place = {
        "x": 100 * box.x1 / width,
        "y": 100 * box.y1 / height,
        "width": 100 * box.width / width,
        "height": 100 * box.height / height,
        "rotation": 0,
    }

    def item(name: str, kind: str, key: str, values: list[str]) -> dict[str, object]:
        return {
            "id": region.id,
            "from_name": name,
            "to_name": _IMAGE,
            "type": kind,
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {**place, key: values},
        }

    items = [item(_CATEGORY, "rectanglelabels", "rectanglelabels", [label_of(region)])]
    if region.category_score is not None:
        items[0]["score"] = region.category_score
    if texts := [caption.text for caption in preferred_first(region)]:
        items.append(item(_CAPTION, "textarea", "text", texts))
    for name, values in told_of(region).items():
        if name not in _CONTROLS:
            items.append(item(name, "choices", "choices", list(filter(None, values))))
    return items


def _quoted(name: str) -> str:
    try:
        return quote(name, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(name, errors="surrogatepass")


def _note_choices(task: Mapping[str, object], labels: dict[str, None], choices: dict[str, dict[str, None]]) -> None:
    for kind in ("annotations", "predictions"):
        for annotation in task.get(kind, ()):  # type: ignore[attr-defined]  # lists of our own
            for item in annotation["result"]:
                if item["type"] == "rectanglelabels":
                    labels.update(dict.fromkeys(item["value"]["rectanglelabels"]))
                elif item["type"] == "choices":
                    choices.setdefault(item["from_name"], {}).update(dict.fromkeys(item["value"]["choices"]))


def _config(labels: Iterable[str], choices: Mapping[str, Iterable[str]]) -> str:
    """What to paste into the labeling interface of the project: without it the tasks cannot be imported."""
    lines = ["<View>", f'  <Image name="{_IMAGE}" value="$image"/>']
    lines.append(f'  <RectangleLabels name="{_CATEGORY}" toName="{_IMAGE}">')
    lines += (f"    <Label value={xml_value(label)}/>" for label in labels)
    lines.append("  </RectangleLabels>")
    lines.append(f'  <TextArea name="{_CAPTION}" toName="{_IMAGE}" perRegion="true" editable="true"/>')
    for name, values in choices.items():
        lines.append(f'  <Choices name={xml_value(name)} toName="{_IMAGE}" perRegion="true" choice="multiple">')
        lines += (f"    <Choice value={xml_value(value)}/>" for value in values)
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>", ""])


# ----------------------------------------------------------------------------------------------------------- reading


def _read_task(task: Mapping[str, object], file: Path, counter: ReadingCounter, *, where: str) -> AnnotatedImage:
    """Raises: FormatError: it is no task with an image, or what it says is no list of annotations."""
    name = _image_name(task, where=where)
    for key, value in task.items():
        if not _COUNTERS.fullmatch(key) and value not in (None, "", [], {}):
            counter.lose(key, name, value)
    result, by = _chosen(task, counter, name=name, where=where)
    by_id: dict[str, list[_Item]] = {}
    for number, data in enumerate(result, start=1):
        place = f"{where}, result {number}"
        try:
            item = decode(_Item, data, name=place)
        except FormatError as error:
            counter.leave_out(_REGIONS, error, file=file, error=error)
            continue
        by_id.setdefault(item.id or f"#{number}", []).append(item)
    size: tuple[int, int] | None = None
    regions = []
    for id_, items in by_id.items():
        shapes = [item for item in items if item.type in _BOXES]
        if not shapes:
            for item in items:  # of the image as a whole, or of a kind that has no box
                counter.lose(item.type, f"{name}, {item.from_name}", id_)
            continue
        first = shapes[0]
        try:
            if first.original_width is None or first.original_height is None:
                raise FormatError("The size of the image is missing.")
            size = (first.original_width, first.original_height)
            regions.append(_region(items, size, by))
        except (BoxError, FormatError) as error:
            placed = FormatError("{where}: {problem}", where=f"{where}, region {id_}", problem=error)
            counter.leave_out(_REGIONS, placed, file=file, error=error)
            continue
        _count_lost(items, counter, where=f"{name}, region {id_}")
    width, height = size or (None, None)
    return AnnotatedImage(name, width, height, with_ids(regions))


def _image_name(task: Mapping[str, object], *, where: str) -> str:
    data = task.get("data")
    values = data if isinstance(data, dict) else {}
    texts = [value for value in (values.get(_IMAGE), *values.values()) if isinstance(value, str) and value]
    if not texts:
        raise FormatError("{where}: it has no image; tasks are needed as the JSON export has them.", where=where)
    address = texts[0]
    if _SERVED in address:
        asked = parse_qs(address.partition("?")[2], errors="surrogateescape").get("d")
        if asked:
            return asked[0].replace("\\", "/")
    return address


def _chosen(
    task: Mapping[str, object], counter: ReadingCounter, *, name: str, where: str
) -> tuple[list[object], Provenance]:
    """The results of the annotation or prediction that is read, and who made them."""
    annotations = [one for one in _objects(task, "annotations", where=where) if not one.get("was_cancelled")]
    predictions = _objects(task, "predictions", where=where)
    used = annotations[:1] or predictions[-1:]
    for kind, others in (("annotations", annotations[1:]), ("predictions", predictions)):
        for other in others:
            if other not in used and other.get("result"):
                counter.lose(kind, name, other.get("id", ""), _ONE_ANNOTATION)
    if not used:
        return [], UNSIGNED
    result = used[0].get("result")
    if not isinstance(result, list):
        raise FormatError("{where}: its annotation has no list of results.", where=where)
    version = used[0].get("model_version")
    by = UNSIGNED if annotations else Provenance("model", "", version if isinstance(version, str) else "")
    return result, by


def _objects(task: Mapping[str, object], key: str, *, where: str) -> list[dict[str, object]]:
    found = task.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise FormatError("{where}: {key} is not a list of objects.", where=where, key=repr(key))
    return found


_BOXES = ("rectanglelabels", "rectangle", "polygonlabels", "polygon", "ellipselabels", "ellipse")


def _region(items: Iterable[_Item], size: tuple[int, int], by: Provenance) -> Region:
    """The region that ``items`` of one id are about, one of them with a place.

    Raises:
        BoxError: it has no area.
    """
    found = list(items)
    shape = next(item for item in found if item.type in _BOXES)
    labels = [label for item in found for label in _labels(item.value)]
    texts: list[str] = []
    told: dict[str, list[str]] = {}
    for item in found:
        if item.type == "textarea":
            texts += [item.value.text] if isinstance(item.value.text, str) else item.value.text
        elif item.type == "choices":
            told.setdefault(item.from_name, []).extend(item.value.choices)
    score = shape.score if shape.score is not None and 0 <= shape.score <= 1 else None
    return region_of(
        _box(shape.value, size), id=shape.id, label="".join(labels[:1]), texts=texts, told=told, score=score, by=by
    )


def _labels(value: _Value) -> tuple[str, ...]:
    return value.rectanglelabels + value.polygonlabels + value.ellipselabels + value.labels


def _box(value: _Value, size: tuple[int, int]) -> Box:
    xs, ys = zip(*_corners(value, size), strict=True)
    corners = min(xs), min(ys), max(xs), max(ys)
    return Box(*(round(number, _DECIMALS) for number in corners))


def _corners(value: _Value, size: tuple[int, int]) -> Iterator[tuple[float, float]]:
    """Points in pixels that the box is around."""
    across, down = size[0] / 100, size[1] / 100
    if value.points:
        yield from ((x * across, y * down) for x, y in value.points)
        return
    x, y = value.x * across, value.y * down
    if value.radiusX is not None and value.radiusY is not None:
        right, low = value.radiusX * across, value.radiusY * down
        yield from ((x - right, y - low), (x + right, y + low))
        return
    width, height = value.width * across, value.height * down
    turn = math.radians(value.rotation % 360)
    for right, low in ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)):
        if turn:
            right, low = right * math.cos(turn) - low * math.sin(turn), right * math.sin(turn) + low * math.cos(turn)
        yield x + right, y + low


def _count_lost(items: Iterable[_Item], counter: ReadingCounter, *, where: str) -> None:
    labels: list[str] = []
    for item in items:
        if item.type in _BOXES:
            if not item.type.startswith("rectangle") or item.value.rotation % 360:
                counter.lose("points", where, item.type, _ONLY_THE_BOX, kind="altered")
            if item.score is not None and not 0 <= item.score <= 1:
                counter.lose("score", where, item.score, _NO_SCORE)
        elif item.type not in ("textarea", "choices", "labels"):
            counter.lose(item.type, where, item.from_name)
        labels += _labels(item.value)
    for label in labels[1:]:
        if label != labels[0]:
            counter.lose("labels", where, label)
