"""CVAT for images 1.1: one XML file with all images of a task.

    <annotations><version>1.1</version><meta>...<labels>...</labels></meta>
    <image id="0" name="a/1.jpg" width="640" height="480">
    <box label="cup" source="manual" occluded="0" xtl="10" ytl="20" xbr="110" ybr="170" z_order="0">
    <attribute name="caption">a red cup</attribute></box></image></annotations>

CVAT shows images with their EXIF orientation: corners are pixels of the image as displayed. A task takes only labels
and attributes that it has: ``meta`` lists those of the file as CVAT does, all attributes as texts. Each has one text,
so that several values are joined by commas. ``caption``, ``region_id``, ``review_state`` and ``no_category`` are
attributes, too.
Layout: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from roi_assistant.api import (
    NO,
    YES,
    AnnotatedImage,
    AnnotationSet,
    Box,
    BoxError,
    ExportReport,
    FormatError,
    LossCounter,
    ReadingCounter,
    Region,
    Sentence,
    atomic_file,
    count_differences,
    preferred_first,
    read_xml,
    scratch_file,
    xml_holds,
    xml_text,
    xml_value,
)

from .telling import label_of, region_of, told_of, with_ids

_CAPTION, _REGION_ID, _OCCLUDED = "caption", "region_id", "occluded"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
_IMAGES = Sentence("{file}: images left out: {count}, such as: {problem}")
_SHAPES = Sentence("{file}: shapes left out: {count}, such as: {problem}")
_ONLY_THE_BOX = Sentence("only the box around it is kept")
_READ = {
    "box": {"label", "xtl", "ytl", "xbr", "ybr"},
    "polygon": {"label", "points"},
    "polyline": {"label", "points"},
    "ellipse": {"label", "cx", "cy", "rx", "ry"},
    "mask": {"label", "left", "top", "width", "height"},
}
"""Shapes that have a box, with the values that are read."""
_DEFAULTS = {"z_order": "0", "group_id": "0", "outside": "0"}
"""Values that say nothing where they are these."""


class Cvat:
    """One file for a task of images; tracks of videos are left out."""

    label = "CVAT for images 1.1"
    suffixes = (".xml",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        losses = LossCounter()
        labels: dict[str, dict[str, None]] = {}
        written = regions = 0
        # The labels stand before the images, and are known after them.
        with atomic_file(path) as stream, scratch_file(path) as body:
            for image in images:
                if not xml_holds(image.file_name):
                    why = "XML cannot hold its name"
                    losses.add("image", "dropped", why, example=ascii(image.file_name))
                    for region in image.regions:
                        losses.add("region", "dropped", why, example=ascii(image.place_of(region)))
                    continue
                body.write(_image(image, written, labels, losses).encode())
                written += 1
                regions += len(image.regions)
            stream.write((_HEAD + _meta(labels, written)).encode())
            body.seek(0)
            shutil.copyfileobj(body, stream)
            stream.write(b"</annotations>\n")
        return losses.report(images=written, regions=regions)

    def read(self, path: Path) -> AnnotationSet:
        counter = ReadingCounter()
        images: dict[str, AnnotatedImage] = {}
        for number, (root, element) in enumerate(read_xml(path)):
            if root != "annotations":
                raise FormatError("{path} is not an annotation file of CVAT: it has no annotations.", path=path)
            if element.tag == "track":
                counter.lose("track", f"track {element.get('id', number)}", element.get("label", ""))
            if element.tag != "image":
                continue
            try:
                image = _read_image(element, path, counter)
                if image.file_name in images:
                    raise FormatError("{path}: the image {name} is there twice.", path=path, name=image.file_name)
            except FormatError as error:
                counter.leave_out(_IMAGES, error, file=path, error=error)
                continue
            images[image.file_name] = image
        return AnnotationSet(
            tuple(images.values()), left_out=counter.left_out(), losses=counter.losses(), unit="pixels"
        )


# ----------------------------------------------------------------------------------------------------------- writing


def _image(image: AnnotatedImage, number: int, labels: dict[str, dict[str, None]], losses: LossCounter) -> str:
    name = xml_value(image.file_name)
    lines = [f'  <image id="{number}" name={name} width="{image.width}" height="{image.height}">\n']
    for region in image.regions:
        label, told = _label(region), _told(region)
        back = _region(region.box, label, told)
        count_differences(region, back, losses, where=image.place_of(region))
        occluded = int(told.get(_OCCLUDED) == YES)
        if occluded:
            del told[_OCCLUDED]
        labels.setdefault(label, {}).update(dict.fromkeys(told))
        corners = zip(("xtl", "ytl", "xbr", "ybr"), region.box.xyxy, strict=True)
        values = " ".join(f'{side}="{value!r}"' for side, value in corners)
        lines.append(f'    <box label={xml_value(label)} source="manual" occluded="{occluded}" {values} z_order="0">\n')
        for attribute, text in told.items():
            lines.append(f"      <attribute name={xml_value(attribute)}>{xml_text(text)}</attribute>\n")
        lines.append("    </box>\n")
    return "".join([*lines, "  </image>\n"])


def _label(region: Region) -> str:
    return _held(label_of(region)) or "object"


def _told(region: Region) -> dict[str, str]:
    """Attribute -> its text as XML holds it."""
    told = {_CAPTION: next((caption.text for caption in preferred_first(region)), ""), _REGION_ID: region.id}
    for name, values in told_of(region).items():
        told.setdefault(_held(name), ", ".join(filter(None, values)))
    return {name: _held(text) for name, text in told.items() if name and _held(text)}


def _held(text: str) -> str:
    return "".join(filter(xml_holds, text))


def _meta(labels: dict[str, dict[str, None]], images: int) -> str:
    """As CVAT describes a task, from which one with the same labels can be made."""
    lines = ["  <meta>\n    <task>\n", f"      <size>{images}</size>\n      <mode>annotation</mode>\n      <labels>\n"]
    for label, attributes in labels.items():
        lines.append(f"        <label>\n          <name>{xml_text(label)}</name>\n          <attributes>\n")
        lines += (
            f"            <attribute>\n              <name>{xml_text(name)}</name>\n"
            "              <mutable>False</mutable>\n              <input_type>text</input_type>\n"
            "              <default_value></default_value>\n              <values></values>\n"
            "            </attribute>\n"
            for name in attributes
        )
        lines.append("          </attributes>\n        </label>\n")
    return "".join([*lines, "      </labels>\n    </task>\n  </meta>\n"])


# ----------------------------------------------------------------------------------------------------------- reading


def _read_image(element: Element, path: Path, counter: ReadingCounter) -> AnnotatedImage:
    """Raises: FormatError: it has no name."""
    name = element.get("name", "")
    if not name:
        raise FormatError("{path}: the image {id} has no name.", path=path, id=repr(element.get("id", "")))
    regions = []
    for number, shape in enumerate(element, start=1):
        where = f"{name}, shape {number}"
        if shape.tag == "tag":  # of the image as a whole
            counter.lose("tag", name, shape.get("label", ""))
            continue
        try:
            box = _box(shape)
        except (BoxError, FormatError) as error:
            placed = FormatError("{where}: {problem}", where=where, problem=error)
            counter.leave_out(_SHAPES, placed, file=path, error=error)
            continue
        told: dict[str, str] = {}
        for attribute in shape.iterfind("attribute"):
            told.setdefault(attribute.get("name", ""), attribute.text or "")
        if shape.get(_OCCLUDED) == "1":
            told[_OCCLUDED] = YES
        regions.append(_region(box, shape.get("label", ""), told))
        _count_lost(shape, counter, where=where)
    return AnnotatedImage(name, _pixels(element.get("width")), _pixels(element.get("height")), with_ids(regions))


def _region(box: Box, label: str, told: dict[str, str]) -> Region:
    others = {name: (_yes_or_no(text),) for name, text in told.items() if name not in (_CAPTION, _REGION_ID)}
    return region_of(box, id=told.get(_REGION_ID, ""), label=label, texts=(told.get(_CAPTION, ""),), told=others)


def _yes_or_no(text: str) -> str:
    """Checkboxes of CVAT are ``true`` and ``false``."""
    return {"true": YES, "false": NO}.get(text, text)


def _box(shape: Element) -> Box:
    """The box of ``shape``, or that around it.

    Raises:
        BoxError: it has no area.
        FormatError: it is none that has a box, or its numbers are none.
    """
    if shape.tag == "box":
        return _around(_turned([_number(shape, side) for side in ("xtl", "ytl", "xbr", "ybr")], _rotation(shape)))
    if shape.tag in ("polygon", "polyline"):
        pairs = [point.partition(",") for point in shape.get("points", "").split(";")]
        return _around([(_float(x), _float(y)) for x, _, y in pairs])
    if shape.tag == "ellipse":
        x, y, across, down = (_number(shape, name) for name in ("cx", "cy", "rx", "ry"))
        return Box(x - across, y - down, x + across, y + down)
    if shape.tag == "mask":
        x, y, width, height = (_number(shape, name) for name in ("left", "top", "width", "height"))
        return Box(x, y, x + width, y + height)
    raise FormatError("The shape {kind} has no area.", kind=repr(shape.tag))


def _turned(corners: list[float], degrees: float) -> Iterator[tuple[float, float]]:
    """The corners of a rectangle that is turned about its middle, clockwise on the screen."""
    x1, y1, x2, y2 = corners
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if not degrees:
        yield from ((x1, y1), (x2, y2))
        return
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    for right, down in ((x1 - x, y1 - y), (x2 - x, y1 - y), (x2 - x, y2 - y), (x1 - x, y2 - y)):
        yield x + right * cosine - down * sine, y + right * sine + down * cosine


def _around(points: Iterable[tuple[float, float]]) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _rotation(shape: Element) -> float:
    return _float(shape.get("rotation", "0")) % 360


def _number(shape: Element, name: str) -> float:
    return _float(shape.get(name, ""))


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if abs(number) < 1e9:  # also not where it is nan
        return number
    raise FormatError("A number is needed, not {text}.", text=f"{text!r:.40}")


def _pixels(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if 1 <= number < 1e9 else None


def _count_lost(shape: Element, counter: ReadingCounter, *, where: str) -> None:
    if shape.tag != "box" or _rotation(shape):
        counter.lose("points", where, shape.tag, _ONLY_THE_BOX, kind="altered")
    known = _READ[shape.tag] | {"points", "rotation", "rle", "source", _OCCLUDED}
    for name, value in shape.items():
        if name not in known and value != _DEFAULTS.get(name):
            counter.lose(name, where, value)
