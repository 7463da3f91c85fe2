"""Running a captioner over a plan, one image at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from roi_assistant.captioners.reading import TextReading
from roi_assistant.commands import console
from roi_assistant.commands.planning import WantedImage, WantedRegion, fit_box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredBox, ScoredText
from roi_assistant.errors import CaptionerError, RoiAssistantError

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.core.box import Box
    from roi_assistant.imaging.decode import DecodedImage
    from roi_assistant.interfaces import Captioner
    from roi_assistant.plugins import PluginManager


@dataclass(frozen=True, slots=True)
class DescribedImage:
    """What was written about an image of ``width`` x ``height`` pixels; ``texts[i]`` is about ``wanted.regions[i]``."""

    requested: WantedImage
    width: int
    height: int
    texts: tuple[RegionText, ...]


@dataclass(frozen=True, slots=True)
class FailedImage:
    """An image that could not be described, and why."""

    requested: WantedImage
    error: RoiAssistantError


def announce(info: CaptionerInfo) -> None:
    """Say on stderr which model runs where."""
    where = ", ".join(filter(None, (info.device, info.precision)))
    console.say(f"Model {info.id}" + (f" on {where}" if where else ""))
    for note in info.notes:
        console.say(note)


def open_captioner(plugins: PluginManager, id_: str, *, device: str, threads: int | None) -> Captioner:
    """Load the captioner ``id_`` and announce it.

    Raises:
        RoiAssistantError: as ``PluginManager.create_captioner``.
    """
    captioner = plugins.create_captioner(id_, device=device, threads=threads)
    announce(captioner.info)
    return captioner


def open_reading(plugins: PluginManager, *, threads: int | None) -> TextReading:
    """What reads boxes, loaded when the first one is to be read; what keeps it from that is said once on stderr."""
    return TextReading(
        lambda: plugins.create_text_reader(threads=threads), note=lambda sentence: console.say(str(sentence))
    )


@contextmanager
def model_failures(model: str, *, name: str) -> Iterator[None]:
    """Whatever goes wrong in the captioner ``model`` inside the ``with`` block, which is about the image ``name``.

    Raises:
        CaptionerError: anything that is no ``RoiAssistantError``; those pass unchanged.
    """
    try:
        yield
    except RoiAssistantError:
        raise
    except Exception as error:
        raise CaptionerError(f"The model {model} failed on {name} ({type(error).__name__}: {error}).") from error


def describe_images(
    captioner: Captioner,
    images: Sequence[WantedImage],
    request: DescribeRequest,
    *,
    reading: TextReading,
    decoded: DecodedImage | None = None,
    propose: Callable[[Image], Sequence[ScoredBox]] | None = None,
    draw: Callable[[DescribedImage, DecodedImage], None] | None = None,
) -> Iterator[DescribedImage | FailedImage]:
    """Describe ``images`` in their order; one that cannot be described does not stop the others.

    ``decoded`` is the first image when the caller has read it already. ``propose`` finds the boxes of the images from
    their pixels (mode RGB), in the place of those that they have. ``draw`` is called for each described image
    while its pixels are at hand; what it raises stops everything.
    """
    from roi_assistant.imaging.decode import decode_image

    for image in images:
        try:
            picture = decoded or decode_image(image.path)
            decoded = None
            if propose is not None:
                image = replace(image, regions=proposed_regions(propose, picture, name=str(image.path)))
            boxes = [
                fit_box(region, image=str(image.path), width=picture.width, height=picture.height)[0]
                for region in image.regions
            ]
            answers = ask(captioner, picture, boxes, request, name=str(image.path), reading=reading)
            texts = tuple(_called(text, region) for text, region in zip(answers, image.regions, strict=True))
        except RoiAssistantError as error:
            yield FailedImage(image, error)
            continue
        described = DescribedImage(image, picture.width, picture.height, texts)
        if draw is not None:
            draw(described, picture)
        yield described


def proposed_regions(
    propose: Callable[[Image], Sequence[ScoredBox]], picture: DecodedImage, *, name: str
) -> tuple[WantedRegion, ...]:
    """The boxes that ``propose`` finds on ``picture``, numbered in its order; ``name`` is the image's in messages.

    Raises:
        CaptionerError: the proposer failed.
    """
    with model_failures("that finds boxes", name=name):
        found = tuple(propose(picture.pixels))
    return tuple(
        WantedRegion(str(number), f"proposed box {number}", one.box, one) for number, one in enumerate(found, start=1)
    )


def _called(text: RegionText, region: WantedRegion) -> RegionText:
    """``text`` with the category that a detector found the box by; the captioner's own becomes an alternative."""
    found = region.found
    if found is None or not found.label:
        return text
    own = (text.category,) if text.category is not None else ()
    others = (other for other in (*own, *text.category_alternatives) if other.text.casefold() != found.label.casefold())
    return replace(text, category=ScoredText(found.label, found.score), category_alternatives=tuple(others))


def ask(
    captioner: Captioner,
    picture: DecodedImage,
    boxes: Sequence[Box],
    request: DescribeRequest,
    *,
    name: str,
    reading: TextReading,
) -> tuple[RegionText, ...]:
    """One answer per box, checked and with no more alternatives than asked for.

    Raises:
        CaptionerError: the captioner failed, or did not answer every box with scores from 0 to 1.
    """
    if not boxes:
        return ()
    with model_failures(captioner.info.id, name=name):
        state = captioner.set_image(picture.pixels)
        texts = reading.describe(captioner, state, boxes, request, image=name, pixels=lambda: picture.pixels)
        return tuple(texts)
