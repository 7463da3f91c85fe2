"""What a view may rely on of a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import pyqtBoundSignal

from roi_assistant.core.records import AttributeSchema
from roi_assistant.ui.session.batch_job import Batches
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.chat import ChatSession
from roi_assistant.ui.session.edits import RegionEdits
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.jobs import JobBoard
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.store import Store
from roi_assistant.ui.session.suggestions import Suggestions

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager


class SessionView(Protocol):
    """The parts of `ProjectSession`, which see; tests put one together on a store of their own."""

    @property
    def store(self) -> Store: ...
    @property
    def plugins(self) -> PluginManager: ...
    @property
    def engine(self) -> EngineBridge: ...
    @property
    def image(self) -> ImageInSight: ...
    @property
    def images(self) -> ImageList: ...
    @property
    def attributes(self) -> SchemaInUse: ...
    @property
    def history(self) -> EditHistory: ...
    @property
    def categories(self) -> Categories: ...
    @property
    def suggestions(self) -> Suggestions: ...
    @property
    def edits(self) -> RegionEdits: ...
    @property
    def jobs(self) -> JobBoard: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def chat(self) -> ChatSession: ...

    @property
    def projectOpened(self) -> pyqtBoundSignal: ...
    @property
    def projectClosed(self) -> pyqtBoundSignal: ...
    @property
    def notice(self) -> pyqtBoundSignal: ...

    @property
    def model_name(self) -> str: ...
    @property
    def folder(self) -> Path | None: ...
    @property
    def read_only(self) -> bool: ...
    @property
    def schema(self) -> AttributeSchema: ...

    def open_image(self, key: str) -> None:
        """Show the image ``key``."""

    def step_image(self, step: int) -> None:
        """The image ``step`` places on in the list; stops at its ends."""
