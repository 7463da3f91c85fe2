"""The parts of a session that need no more than a store and an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject

from roi_assistant.ui.session.box_choice import BoxChoice
from roi_assistant.ui.session.box_suggestions import BoxSuggestions
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.chat import ChatSession
from roi_assistant.ui.session.edits import RegionEdits
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.keep_previous import KeepPrevious
from roi_assistant.ui.session.look_for import LookFor
from roi_assistant.ui.session.memory import MemoryInUse
from roi_assistant.ui.session.note_edits import NoteEdits
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.prompts import PromptsInUse
from roi_assistant.ui.session.reading import ReadingInUse
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.second_model import SecondModel
from roi_assistant.ui.session.store import Notify, Store
from roi_assistant.ui.session.suggestions import Suggestions


@dataclass(frozen=True, slots=True)
class Parts:
    """See `ProjectSession`."""

    image: ImageInSight
    images: ImageList
    attributes: SchemaInUse
    chat: ChatSession
    history: EditHistory
    categories: Categories
    memory: MemoryInUse
    prompts: PromptsInUse
    look_for: LookFor
    reading: ReadingInUse
    suggestions: Suggestions
    second: SecondModel
    edits: RegionEdits
    box_suggestions: BoxSuggestions
    notes: NoteEdits
    keep_previous: KeepPrevious


def make_parts(
    store: Store,
    engine: EngineBridge,
    notify: Notify,
    *,
    options: Callable[[], SessionOptions],
    parent: QObject | None = None,
) -> Parts:
    """Each part built on those before it; ``options`` answers the settings of now."""
    image, images, attributes = ImageInSight(parent), ImageList(store, notify, parent), SchemaInUse(parent)
    # Before the history: what was said about an image is there when the image is.
    chat = ChatSession(image, store, engine, notify, parent)
    history = EditHistory(image, attributes, store, notify, parent)
    categories = Categories(history, store, notify, parent)
    image.regionsChanged.connect(lambda: categories.notice(image.stored))
    memory = MemoryInUse(history, store, engine, notify, size=images.size, options=options, parent=parent)
    look_for = LookFor(store, categories, parent)
    prompts, reading = PromptsInUse(store, parent), ReadingInUse(store, parent)
    engine.noted.connect(lambda text: notify("warning", text))
    suggestions = Suggestions(
        *(image, history, attributes, store, engine, notify),
        categories=categories,
        memory=memory,
        prompts=prompts,
        reading=reading,
        options=options,
        parent=parent,
    )
    suggestions.kept.connect(lambda *_: categories.count_soon())
    second = SecondModel(
        *(image, history, attributes, store, engine, notify), request=lambda: suggestions.request, parent=parent
    )
    edits = RegionEdits(
        image,
        history,
        attributes,
        store,
        notify,
        categories=categories,
        options=options,
        suggestions=suggestions,
        parent=parent,
    )
    notes = NoteEdits(image, images, history, store, notify, parent)
    keep_previous = KeepPrevious(image, images, history, store, options=options, parent=parent)
    return Parts(
        image=image,
        images=images,
        attributes=attributes,
        chat=chat,
        history=history,
        categories=categories,
        memory=memory,
        prompts=prompts,
        look_for=look_for,
        reading=reading,
        suggestions=suggestions,
        second=second,
        edits=edits,
        box_suggestions=BoxSuggestions(
            *(image, history, store, engine, notify),
            edits=edits,
            choice=BoxChoice(engine, memory, parent),
            look_for=look_for,
            options=options,
            parent=parent,
        ),
        notes=notes,
        keep_previous=keep_previous,
    )
