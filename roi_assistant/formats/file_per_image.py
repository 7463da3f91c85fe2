"""Formats that are a folder with one file for each image: reading and writing all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from roi_assistant.core.plain_files import NotPlainError, TooLargeError, read_plain
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet, BoxUnit
from roi_assistant.formats.export_report import ExportReport, LossCounter
from roi_assistant.formats.folder_writing import FolderWriter, atomic_folder
from roi_assistant.formats.reading_counter import ReadingCounter
from roi_assistant.sentences import Sentence

LONGEST = 1 << 28
"""Bytes of one file: labelme puts the photo itself into it."""
_MOST = 2_000_000
"""Files that are looked at below one folder."""
_FILES = Sentence("{file}: files left out: {count}, such as: {problem}")


def annotation_files(path: Path, suffixes: Sequence[str]) -> list[tuple[str, Path]]:
    """The files below the folder ``path`` whose names end in one of ``suffixes`` (lower case, with the dot), each with
    its POSIX path relative to ``path``, in the order of these. Links and hidden files and folders are passed over:
    nothing outside the folder is read. Of a file: itself alone.

    Raises:
        FormatError: ``path`` does not exist, cannot be read, or has no such file.
    """
    if not path.is_dir():
        return [(path.name, path)]

    def fail(error: OSError) -> None:
        raise FormatError(
            "{path} cannot be read ({reason}).", path=path, reason=error.strerror or str(error)
        ) from error

    found: list[tuple[str, Path]] = []
    for root, folders, names in os.walk(path, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(root, name)
            if name.lower().endswith(tuple(suffixes)) and not name.startswith(".") and not file.is_symlink():
                found.append((file.relative_to(path).as_posix(), file))
        if len(found) > _MOST:
            raise FormatError("{path} has more than {count} files: give a smaller folder.", path=path, count=_MOST)
    if not found:
        listed = ", ".join(suffixes)
        raise FormatError("{path} has no files that end in {suffixes}: check the folder.", path=path, suffixes=listed)
    return sorted(found)


def read_file(path: Path) -> bytes:
    """The contents of the plain file ``path``, to which a link may lead.

    Raises:
        FormatError: it is missing, no plain file, or too large for the annotations of an image.
    """
    try:
        return read_plain(path, longest=LONGEST, follow=True)
    except TooLargeError as error:
        raise FormatError(
            "{path} has more than {size} MB, as no annotation file of an image has: check the file.",
            path=path,
            size=LONGEST >> 20,
        ) from error
    except (NotPlainError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise FormatError("{path} does not exist: check the path.", path=path) from error
        raise FormatError(
            "{path} cannot be read ({reason}): check the path and its permissions.",
            path=path,
            reason=error.strerror or str(error),
        ) from error


def read_each_file(
    path: Path,
    suffixes: Sequence[str],
    read: Callable[[str, Path, ReadingCounter], AnnotatedImage],
    *,
    unit: BoxUnit = "pixels",
) -> AnnotationSet:
    """What the files below the folder ``path``, or the one file ``path``, say of their images.

    Args:
        read: makes the record of one file, of which it gets the POSIX path relative to the folder and where it lies;
            what it cannot keep it counts. A `FormatError` leaves the file out, and so does an image that an earlier
            file was about.
        suffixes: of the files that are read in a folder.
        unit: of the boxes.

    Raises:
        FormatError: as `annotation_files`, or none of the files can be read; then that of the first one.
    """
    counter = ReadingCounter()
    images: dict[str, AnnotatedImage] = {}
    first: FormatError | None = None
    for name, file in annotation_files(path, suffixes):
        try:
            image = read(name, file, counter)
            if image.file_name in images:
                raise FormatError(
                    "{path}: another file is about the same image, {name}.", path=file, name=repr(image.file_name)
                )
        except FormatError as error:
            first = first or error
            counter.leave_out(_FILES, error, file=path, error=error)
            continue
        images[image.file_name] = image
    if first is not None and not images:
        raise first
    return AnnotationSet(tuple(images.values()), left_out=counter.left_out(), losses=counter.losses(), unit=unit)


def write_each_image(
    path: Path,
    images: Iterable[AnnotatedImage],
    file_of: Callable[[AnnotatedImage, LossCounter], tuple[str, str, int] | None],
    *,
    finish: Callable[[FolderWriter, LossCounter], None] = lambda folder, losses: None,
) -> ExportReport:
    """Write the folder ``path`` image after image, as a whole or not at all, and count what is lost.

    Args:
        file_of: the POSIX path below the folder and the text of the file about an image, and how many regions are in
            it; it counts what the file cannot hold. None: there is nothing to write about the image.
        finish: called at the end, for files about the whole.

    Raises:
        BadInputError, FileWriteError: as `atomic_folder`.
    """
    losses = LossCounter()
    written = regions = 0
    with atomic_folder(path) as folder:
        for image in images:
            file = file_of(image, losses)
            if file is None:
                losses.add("image", "dropped", "it has no region that can be written", example=image.file_name)
                continue
            name, text, count = file
            if name in folder:
                why = "another image has the same name but for its ending"
                losses.add("image", "dropped", why, example=image.file_name)
                for region in image.regions:
                    losses.add("region", "dropped", why, example=image.place_of(region))
                continue
            folder.write(name, text)
            written += 1
            regions += count
        finish(folder, losses)
    return losses.report(images=written, regions=regions)
