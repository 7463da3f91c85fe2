"""Files that other region-level models are trained on."""

from collections.abc import Callable

from roi_assistant.api import RegionReader, RegionWriter, hookimpl

from .conversations import Conversations
from .dialects import DIALECTS, MS_SWIFT
from .odvg import Odvg


@hookimpl
def register_formats(register: Callable[[str, RegionReader | RegionWriter], None]) -> None:
    register("odvg", Odvg())
    register("ms-swift", Conversations(MS_SWIFT))
    for name, dialect in DIALECTS.items():
        register(f"conversations-{name}", Conversations(dialect))
