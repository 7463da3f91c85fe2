"""What a view may rely on of a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import pyqtBoundSignal

from roi_assistant.core.records import AttributeSchema
from roi_assistant.ui.session.batch_job import Batches
from roi_assistant.ui.session.box_suggestions import BoxSuggestions
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.chat import ChatSession
from roi_assistant.ui.session.edits import RegionEdits
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.jobs import JobBoard
from roi_assistant.ui.session.look_for import LookFor
from roi_assistant.ui.session.memory import MemoryInUse
from roi_assistant.ui.session.note_edits import NoteEdits
from roi_assistant.ui.session.reading import ReadingInUse
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.second_model import SecondModel
from roi_assistant.ui.session.store import Store
from roi_assistant.ui.session.suggestions import Suggestions

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager


class SessionView(Protocol):
    """The parts of `ProjectSession`, which see; tests put one together on a store of their own."""

    @property
    def notes(self) -> NoteEdits:
        """Notes on the image in sight, and "nothing here"."""

    @property
    def store(self) -> Store:
        """The file of the open project."""

    @property
    def plugins(self) -> PluginManager:
        """The plugins of the program."""

    @property
    def engine(self) -> EngineBridge:
        """The process of the model, which starts with the first request."""

    @property
    def image(self) -> ImageInSight:
        """The image in sight: its regions and what is selected."""

    @property
    def images(self) -> ImageList:
        """The images of the project that the filter lets through."""

    @property
    def attributes(self) -> SchemaInUse:
        """The attribute schema of the project; it emits ``changed``."""

    @property
    def reading(self) -> ReadingInUse:
        """Whether what is written in boxes is read; it emits ``changed``."""

    @property
    def history(self) -> EditHistory:
        """Edits of the image in sight: making them, undo and redo."""

    @property
    def categories(self) -> Categories:
        """The categories of the project: their list, counts, colors, and the one for the next boxes."""

    @property
    def memory(self) -> MemoryInUse:
        """What the project has taught, and what looks alike."""

    @property
    def suggestions(self) -> Suggestions:
        """What the model is asked about regions of the image in sight."""

    @property
    def second(self) -> SecondModel:
        """Another model that is asked about the same boxes."""

    @property
    def edits(self) -> RegionEdits:
        """What the user does to regions of the image in sight."""

    @property
    def look_for(self) -> LookFor:
        """What a detector looks for in the project."""

    @property
    def box_suggestions(self) -> BoxSuggestions:
        """Boxes that the model proposes on the image in sight."""

    @property
    def jobs(self) -> JobBoard:
        """Long work in the background, such as an export."""

    @property
    def batches(self) -> Batches:
        """Captioning of many images in the background."""

    @property
    def chat(self) -> ChatSession:
        """The conversation about the image in sight."""

    @property
    def projectOpened(self) -> pyqtBoundSignal:
        """Emitted with a `ProjectSummary` once a project is open; its list of images comes later."""

    @property
    def projectClosed(self) -> pyqtBoundSignal:
        """Emitted when the project was closed; its last edits may still be on their way to the disk."""

    @property
    def notice(self) -> pyqtBoundSignal:
        """Emitted with a level ("info", "warning", "error") and one sentence for the user."""

    @property
    def model_name(self) -> str:
        """What the model is called before it is loaded; afterwards ``engine.info`` knows better."""

    @property
    def folder(self) -> Path | None:
        """The folder of the open project; None while none is open."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed; True while no project is open."""

    @property
    def schema(self) -> AttributeSchema:
        """The attributes that are asked for now; those of the last project while none is open."""

    def open_image(self, key: str, *, region: str = "") -> None:
        """Show the image ``key`` with ``region`` selected, or else the first region that waits."""

    def step_image(self, step: int) -> None:
        """The image ``step`` places on in the list; stops at its ends."""
