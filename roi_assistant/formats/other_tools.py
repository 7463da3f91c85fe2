"""Files that are not what they were given for: which tool wrote them, and what to choose in that tool instead."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from roi_assistant.core.plain_files import check_plain
from roi_assistant.sentences import NOTHING, Sentence

_HEAD = 4096
_MOST_JSON = 1 << 25
"""Bytes of a JSON file in which it is looked who wrote it: one for each image is small."""
_SHOWN = 3
_ANNOTATIONS = (".json", ".xml", ".txt", ".yaml")
_LOOKED_AT = 20
"""Files of a folder after which it is known what they are."""
_IN_LABEL_STUDIO = Sentence("This is a JSON export of Label Studio: choose the format label-studio instead.")
_LABEL_STUDIO_MIN = Sentence("This is a JSON-MIN export of Label Studio: choose JSON in its export dialog instead.")
_IN_CVAT = Sentence("This is an export of CVAT in its own XML: choose the format cvat instead.")
_CVAT_BACKUP = Sentence("This is a part of a backup of CVAT: choose COCO 1.0 in its export dialog instead.")
_LABELME = Sentence("This is a file of labelme: choose the format labelme instead.")
_X_ANYLABELING = Sentence("This is a file of X-AnyLabeling: choose the format x-anylabeling instead.")
_VIA = Sentence("This is a project or export of VIA (VGG Image Annotator): choose its export as COCO instead.")
_VOC = Sentence("This is a file in Pascal VOC's XML, one for each image: convert them to one COCO file first.")
_YOLO = Sentence("These are labels of YOLO, one file for each image: convert them to one COCO file first.")
_YOLO_NAMES = Sentence("This is the list of classes of a YOLO data set: convert its labels to one COCO file first.")
_ULTRALYTICS = Sentence("This is a data set of Ultralytics in JSON lines: export it as COCO instead.")
_COCO = Sentence("This is a COCO file: choose the format coco instead.")
_TABLE = Sentence("This is a table (CSV): convert it to COCO first.")
_COCO_RESULTS = Sentence(
    "This is a list of COCO results, which do not name their images: give the data set itself, with the results as "
    "its annotations."
)
JSON_LINES = Sentence("This is a file of JSON lines: choose its format, such as odvg, instead of coco.")
_CREATE_ML = Sentence("This is a file of CreateML: export it as COCO instead.")
_LABELBOX = Sentence("This is an export of Labelbox: convert it to COCO first.")
_SUPERVISELY = Sentence("This is a file of Supervisely, one for each image: export it as COCO instead.")
_DATUMARO = Sentence("This is a file of Datumaro: export it as COCO instead.")
_PICTURE = Sentence("This is a picture and no annotation file.")
_ARCHIVE = Sentence("This is an archive: unpack it and give the annotation file in it.")
_DATABASE = Sentence("This is a database and no annotation file: to join two projects, use project merge.")

_FORMATS = {
    _IN_CVAT: "cvat",
    _IN_LABEL_STUDIO: "label-studio",
    _LABELME: "labelme",
    _X_ANYLABELING: "x-anylabeling",
    _COCO: "coco",
}
"""Those that are read: by which id."""

_MAGIC = (
    (b"\x1f\x8b", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"\x89PNG\r\n", _PICTURE),
    (b"SQLite format 3\x00", _DATABASE),
)
_TABLE_HEAD = re.compile(r"#?\"?(?:file_?name|image(?:_?id|_path|_name|name)?|img_path|path)\"?[,;\t]", re.IGNORECASE)
_YOLO_LINE = re.compile(r"\d+(?:\s+-?\d*\.?\d+(?:[eE][+-]?\d+)?){4,}\s*")


def format_of(tool: Sentence) -> str:
    """The id of the format that reads files of ``tool``, which is an answer of the functions below; else empty."""
    return _FORMATS.get(tool, "")


def format_of_path(path: Path) -> str:
    """The id of the format that the file ``path``, or most of the first files below the folder ``path``, have by their
    content; empty where that is not known."""
    if not path.is_dir():
        # What comes through a pipe can be read once only.
        return format_of(tool_of_file(path)) if path.is_file() else ""
    found: Counter[str] = Counter()
    looked = 0
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(_ANNOTATIONS) and not name.startswith("."):
                found[format_of(tool_of_file(Path(root, name)))] += 1
                looked += 1
        if looked >= _LOOKED_AT:
            break
    found.pop("coco", None)  # is one file, which is to be named
    known = [(count, id_) for id_, count in found.most_common() if id_]
    return known[0][1] if known else ""


def tool_of_json(data: object) -> Sentence:
    """What the JSON value ``data`` is, if it is a file of a known tool or layout that is not plain COCO; else empty."""
    kinds: tuple[tuple[Callable[[object], bool], Sentence], ...] = _OF_LISTS if isinstance(data, list) else _OF_OBJECTS
    sample = data[0] if isinstance(data, list) and data else data
    return next((sentence for fits, sentence in kinds if isinstance(sample, dict) and fits(sample)), NOTHING)


def tool_of_file(path: Path) -> Sentence:
    """What ``path``, which is not what it was given for, is by its beginning; empty where that is not known."""
    try:
        check_plain(path)
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return NOTHING
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    for magic, sentence in _MAGIC:
        if head.startswith(magic):
            return sentence
    text = head.decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        if "<annotations" in text:
            return _IN_CVAT
        return _VOC if "<annotation" in text else NOTHING
    first, *others = text.split("\n")
    if _YOLO_LINE.fullmatch(first.strip()):
        return _YOLO
    if re.search(r"^(?:nc|names|train)\s*:", text, re.MULTILINE) and not text.startswith("{"):
        return _YOLO_NAMES
    if _TABLE_HEAD.match(first):
        return _TABLE
    if tool := _tool_of_values(path, first):
        return tool
    if first.startswith("{") and first.rstrip().endswith("}") and others and others[0].startswith("{"):
        return JSON_LINES
    return NOTHING


def _tool_of_values(path: Path, first: str) -> Sentence:
    """Which tool wrote the JSON in the ``first`` line of ``path``, or in all of it."""
    if not first.startswith(("{", "[")):
        return NOTHING
    for text in (first, None):
        try:
            if text is None and path.stat().st_size > _MOST_JSON:
                return NOTHING
            data = json.loads(path.read_bytes() if text is None else text)
        except (OSError, ValueError, RecursionError, MemoryError):
            continue
        if isinstance(data, dict) and isinstance(data.get("images"), list) and "annotations" in data:
            return _COCO
        return tool_of_json(data)
    return NOTHING


def _zip(path: Path) -> Sentence:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith((".json", ".jsonl"))]
    except (OSError, ValueError, zipfile.BadZipFile):
        names = []
    if not names:
        return Sentence("This is a zip archive: unpack it and give the annotation file in it.")
    listed = ", ".join(names[:_SHOWN])
    return Sentence.of("This is a zip archive: unpack it and give the annotation file in it ({names}).", names=listed)


def _has(*keys: str) -> Callable[[object], bool]:
    return lambda record: isinstance(record, dict) and all(key in record for key in keys)


def _is_label_studio_task(record: object) -> bool:
    if not isinstance(record, dict):
        return False
    annotations = record.get("annotations", record.get("completions", record.get("predictions")))
    first = annotations[0] if isinstance(annotations, list) and annotations else annotations
    if isinstance(record.get("data"), dict) and ("id" in record or annotations is not None):
        return True
    if record.keys() == {"data"} and isinstance(record["data"], dict):
        return "image" in record["data"]
    return isinstance(first, dict) and "result" in first


def _is_min_task(record: object) -> bool:
    return isinstance(record, dict) and bool({"annotation_id", "annotator", "lead_time"} & record.keys())


def _is_x_anylabeling(record: object) -> bool:
    """Its files are those of labelme, with more in each shape."""
    shapes = record.get("shapes") if isinstance(record, dict) and "imagePath" in record else None
    first = shapes[0] if isinstance(shapes, list) and shapes else None
    return isinstance(first, dict) and ("kie_linking" in first or "difficult" in first)


def _is_ultralytics(record: object) -> bool:
    return isinstance(record, dict) and record.get("type") == "dataset" and "task" in record


def _is_via(record: object) -> bool:
    if not isinstance(record, dict):
        return False
    if "_via_settings" in record or "_via_img_metadata" in record:
        return True
    first = next(iter(record.values()), None)
    return isinstance(first, dict) and "regions" in first and "filename" in first


_OF_LISTS = (
    (_is_label_studio_task, _IN_LABEL_STUDIO),
    (_is_min_task, _LABEL_STUDIO_MIN),
    (_has("data_row"), _LABELBOX),
    (_has("Labeled Data"), _LABELBOX),
    (_has("image", "annotations"), _CREATE_ML),
    (_has("image_id"), _COCO_RESULTS),
    (_has("shapes", "tracks"), _CVAT_BACKUP),
)
_OF_OBJECTS = (
    (_is_label_studio_task, _IN_LABEL_STUDIO),
    (_is_x_anylabeling, _X_ANYLABELING),
    (_has("shapes", "imagePath"), _LABELME),
    (_is_ultralytics, _ULTRALYTICS),
    (_is_via, _VIA),
    (_has("data_row"), _LABELBOX),
    (_has("size", "objects"), _SUPERVISELY),
    (_has("dm_format_version"), _DATUMARO),
    (_has("items", "categories"), _DATUMARO),
    (_has("grounding"), JSON_LINES),
    (_has("detection", "filename"), JSON_LINES),
    (_has("messages", "images"), JSON_LINES),
)
