"""The files of annotation tools themselves, so that work goes to them and comes back."""

from collections.abc import Callable

from roi_assistant.api import RegionReader, RegionWriter, hookimpl

from .cvat import Cvat
from .label_studio import LabelStudio
from .shapes import Labelme, XAnyLabeling


@hookimpl
def register_formats(register: Callable[[str, RegionReader | RegionWriter], None]) -> None:
    register("cvat", Cvat())
    register("label-studio", LabelStudio())
    register("labelme", Labelme())
    register("x-anylabeling", XAnyLabeling())
