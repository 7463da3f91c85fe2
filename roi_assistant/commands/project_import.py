"""The work of ``roi-assistant project import``."""

from __future__ import annotations

from pathlib import Path

from roi_assistant.commands.planning import find_inputs
from roi_assistant.commands.progress import Progress
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_import import ImportReport, RegionImport


def import_regions(folder: Path, file: Path, *, format: str) -> ImportReport:
    """Add the regions in ``file`` to the project of ``folder``, see `RegionImport`.

    Raises:
        FormatError: ``file`` is missing, does not have this format, or has no boxes for the images in ``folder``.
        ImageError: ``folder`` is missing or has no images.
        BadInputError, PluginError: there is no such format, or it cannot be read.
        ProjectError: the project is open elsewhere or cannot be written; images done before stay.
    """
    from roi_assistant.imaging.decode import size_if_readable

    images = find_inputs([folder])
    work = RegionImport(file, format=format, images=images)
    with Project.open(folder) as project:
        project.add_images(image.name for image in images)
        work.begin(project)
        with Progress(len(work.matched), what="images") as bar:
            for image, record in work.matched:
                work.take_over(project, image, record, size=size_if_readable(image.path))
                bar.step()
    return work.report()
