"""Files that other region-level models are trained on."""

from collections.abc import Callable

from roi_assistant.api import RegionReader, RegionWriter, hookimpl

from .ms_swift import MsSwift
from .odvg import Odvg


@hookimpl
def register_formats(register: Callable[[str, RegionReader | RegionWriter], None]) -> None:
    register("odvg", Odvg())
    register("ms-swift", MsSwift())
