"""The files that ``caption`` and ``demo`` write: checked before the model is loaded, written as a whole at the end."""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING

from roi_assistant.commands import console
from roi_assistant.commands.describing import DescribedImage
from roi_assistant.commands.planning import CaptionPlan, WantedRegion
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, Provenance, Region, RegionText
from roi_assistant.errors import BadInputError, FileWriteError
from roi_assistant.formats.atomic import write_atomically

if TYPE_CHECKING:
    from roi_assistant.imaging.decode import DecodedImage

_ENCODERS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def check_file(path: Path, *, option: str) -> None:
    """Check that the file ``path`` could be written.

    Raises:
        BadInputError: its folder is missing or not writable, or it is a folder itself; the message names ``option``.
    """
    if path.is_dir():
        raise BadInputError(f"{option} {path} is a folder: give the path of a file.")
    check_folder(path.parent, option=option)


def check_folder(folder: Path, *, option: str) -> None:
    """Check that files can be made in ``folder``; raises as ``check_file``."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist: create it first"
        raise BadInputError(f"{option}: the folder {folder} {what}.")
    try:
        # Asking for permissions tells too little: of network folders, read-only disks, the superuser.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise BadInputError(f"{option}: the folder {folder} is not writable ({error.strerror or error}).") from error


def check_coco(path: Path, plan: CaptionPlan, *, boxes_file: Path | None) -> None:
    """Check that the COCO file ``path`` can be written and can hold the names of all images.

    Raises:
        BadInputError: it cannot, or it would overwrite an input.
    """
    check_file(path, option="--coco")
    inputs = {os.path.realpath(image.path) for image in plan.images}
    if boxes_file is not None:
        inputs.add(os.path.realpath(boxes_file))
    if os.path.realpath(path) in inputs:
        raise BadInputError(f"--coco {path} would overwrite an input: give another name.")
    for image in plan.images:
        if "\\" in image.name or not _is_text(image.name):
            raise BadInputError(f"COCO cannot hold the file name {image.path}: rename it, or leave --coco out.")


def check_font(path: Path) -> None:
    """Check that captions can be drawn with the font in ``path``.

    Raises:
        BadInputError: it is missing, or no font.
    """
    from PIL import ImageFont

    try:
        ImageFont.truetype(str(path), 12)
    except (OSError, ValueError) as error:
        raise BadInputError(
            f"--font {path} cannot be read as a font ({error}): give a .ttf, .otf or .ttc file."
        ) from error


def drawing_targets(path: Path, plan: CaptionPlan) -> dict[Path, Path]:
    """Image -> file that its picture with numbered boxes goes to; ``path`` is a file, or a folder for several images.

    In a folder the pictures are PNG files, named and sorted into sub-folders as the images are.

    Raises:
        BadInputError: ``path`` cannot be written, is one file for several images, or would overwrite an input.
    """
    inputs = {os.path.realpath(image.path) for image in plan.images}
    if not path.is_dir() and path.suffix.lower() in _ENCODERS:
        if len(plan.images) > 1:
            raise BadInputError(
                f"--draw {path} holds one picture and there are {len(plan.images)} images: give a folder."
            )
        check_file(path, option="--draw")
        targets = {plan.images[0].path: path}
    else:
        if path.suffix and not path.exists() and len(plan.images) == 1:
            raise BadInputError(f"--draw {path}: give a file name that ends in {', '.join(_ENCODERS)}, or a folder.")
        check_folder(path if path.exists() else path.parent, option="--draw")
        names = [PurePosixPath(image.name) for image in plan.images]
        plain = [name.with_suffix(".png") for name in names]
        uses = Counter(plain)
        targets = {
            image.path: path / (name.with_name(name.name + ".png") if uses[short] > 1 else short)
            for image, name, short in zip(plan.images, names, plain, strict=True)
        }
    for target in targets.values():
        if os.path.realpath(target) in inputs:
            raise BadInputError(f"--draw {target} would overwrite an input: give another place.")
    return targets


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """What cannot be written inside the ``with`` block is told by the name that the user gave, not a temporary one.

    Raises:
        FileWriteError: names ``target``.
    """
    try:
        yield
    except (OSError, FileWriteError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(error)
        raise FileWriteError(f"{target} cannot be written ({reason}): check its folder and the space there.") from error


class Drawings:
    """Pictures with numbered boxes, kept aside until ``commit`` gives them their names. Use as a context manager."""

    def __init__(self, targets: Mapping[Path, Path], *, font: Path | None = None) -> None:
        self._targets = targets
        self._font = font
        self._staged: list[tuple[Path, Path]] = []
        self._cleanup = ExitStack()
        self._stage: Path | None = None

    def __enter__(self) -> Drawings:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def add(self, result: DescribedImage, picture: DecodedImage) -> None:
        """Draw one image.

        Raises:
            BadInputError: its format holds no pictures of this size.
            FileWriteError: the disk is full or the folder has gone.
        """
        from roi_assistant.imaging.draw import draw_regions

        target = self._targets[result.requested.path]
        drawn = draw_regions(picture.pixels, result.texts, font_file=self._font)
        buffer = io.BytesIO()
        encoder = _ENCODERS[target.suffix.lower()]
        try:
            drawn.save(buffer, format=encoder)
        except (OSError, ValueError) as error:  # JPEG holds 65,535 pixels a side, WebP 16,383
            raise BadInputError(
                f"{target}: {encoder} does not hold a picture of {drawn.width} x {drawn.height} pixels ({error}): give "
                "a name that ends in .png."
            ) from error
        with _naming(target):
            staged = self._stage_folder(target) / f"{len(self._staged)}{target.suffix}"
            write_atomically(staged, buffer.getvalue())
        self._staged.append((staged, target))

    def commit(self) -> list[Path]:
        """Give all pictures their names; the answer lists them.

        Raises:
            FileWriteError: a folder cannot be made.
        """
        for staged, target in self._staged:
            with _naming(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(staged, target)
        return [target for _, target in self._staged]

    def _stage_folder(self, target: Path) -> Path:
        """A hidden folder on the disk of the targets, so that pictures can be moved there in one step."""
        if self._stage is None:
            place = next(parent for parent in target.parents if parent.is_dir())
            made = tempfile.TemporaryDirectory(prefix=".roi-assistant-", dir=place, ignore_cleanup_errors=True)
            self._stage = Path(self._cleanup.enter_context(made))
        return self._stage


def write_coco_file(
    path: Path,
    results: Sequence[DescribedImage],
    info: CaptionerInfo,
    request: DescribeRequest,
    plan: CaptionPlan,
    *,
    boxes_by: CaptionerInfo | None = None,
) -> None:
    """Write ``results`` as COCO region text and say on stderr what was lost. ``boxes_by``: what proposed the boxes.

    Raises:
        FileWriteError: the file cannot be written.
    """
    from roi_assistant.core.suggestions import provenance_of
    from roi_assistant.core.times import now
    from roi_assistant.formats.coco_region_text import AnnotatedImage, write_coco

    created_at = now()
    provenance = provenance_of(info, request, at=created_at)
    images = [
        AnnotatedImage(
            result.requested.name,
            result.width,
            result.height,
            tuple(
                _region(region, text, provenance=provenance, boxes_by=boxes_by)
                for region, text in zip(result.requested.regions, result.texts, strict=True)
            ),
        )
        for result in results
    ]
    report = write_coco(path, images, category_ids=plan.category_ids, schema=request.attributes, created_at=created_at)
    first, *losses = str(report).splitlines()
    console.say(f"{path}: {first}")
    for line in losses:
        console.say(line)


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # bytes of a file name that are not UTF-8
        return False
    return True


def _region(
    wanted: WantedRegion, text: RegionText, *, provenance: Provenance, boxes_by: CaptionerInfo | None
) -> Region:
    from roi_assistant.core.review import detected
    from roi_assistant.core.suggestions import suggested_region

    region = suggested_region(text, id=wanted.id, provenance=provenance)
    if boxes_by is None or wanted.found is None:
        return region
    return detected(region, wanted.found, by=boxes_by, at=provenance.created_at)
