"""What the model writes about regions: asked for, shown while it is unfinished, and kept as edits of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.categories import fit_to_list
from roi_assistant.core.edits import Edit
from roi_assistant.core.reading import quoted_again, unquoted
from roi_assistant.core.records import DescribeRequest, Provenance, RegionText
from roi_assistant.core.review import suggest
from roi_assistant.core.suggestions import provenance_of, trimmed
from roi_assistant.core.times import now
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.engine_bridge import Asked, EngineBridge
from roi_assistant.ui.session.examples_first import ExamplesFirst, LookFirst
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.memory import MemoryInUse
from roi_assistant.ui.session.options import SessionOptions, request_for
from roi_assistant.ui.session.prompts import PromptsInUse
from roi_assistant.ui.session.reading import ReadingInUse
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.store import Notify, Store


class Suggestions(QObject):
    pendingChanged = pyqtSignal(frozenset)
    """Ids of the regions of the image in sight that the model is still to write about."""
    kept = pyqtSignal(str, tuple)
    """What the model wrote was stored: key of the image, ids of its regions."""

    def __init__(
        self,
        image: ImageInSight,
        history: EditHistory,
        schema: SchemaInUse,
        store: Store,
        engine: EngineBridge,
        notify: Notify,
        *,
        categories: Categories,
        memory: MemoryInUse,
        prompts: PromptsInUse,
        reading: ReadingInUse,
        options: Callable[[], SessionOptions],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._categories, self._memory, self._prompts, self._reading = categories, memory, prompts, reading
        self._image, self._history, self._schema, self._store = image, history, schema, store
        self._engine, self._notify, self._options = engine, notify, options
        self._examples_first = ExamplesFirst(engine, memory, self)
        engine.described.connect(self._described)
        engine.failed.connect(self._request_failed)
        engine.pendingChanged.connect(self._tell_pending)
        image.opened.connect(lambda _key: self._tell_pending())
        image.regionsRemoved.connect(self._cancel)

    @property
    def pending(self) -> frozenset[str]:
        """The regions of the image in sight that the model is still to write about."""
        return self._engine.pending(self._image.key) if self._image.key else frozenset()

    @property
    def request(self) -> DescribeRequest:
        """How regions are described in this project."""
        return request_for(
            self._options(), self._schema.value, prompts=self._prompts.value, read_text=self._reading.value
        )

    def reset(self) -> None:
        """The project is closed."""
        self._examples_first.stop()

    def describe(self, ids: Iterable[str]) -> None:
        """Ask the model about regions."""
        key, folder = self._image.key, self._store.folder
        regions = [(region.id, region.box) for region in self._image.chosen(ids)]
        if regions and key and folder is not None and self._store.may_edit():
            self._examples_first.describe(key, folder / key, regions, self.request)

    def in_batch(self, request: DescribeRequest) -> LookFirst:
        """What asks about the boxes of many images by ``request``."""
        return self._examples_first.in_batch(request)

    def keep(
        self, image: str, texts: Sequence[tuple[str, Box, RegionText]], *, request: DescribeRequest | None = None
    ) -> None:
        """Keep what the model wrote about regions of any image as one edit.

        Args:
            image: the key of the image.
            texts: id of the region, the box that the model saw, and its words. Regions that are gone or were moved
                since are left alone.
            request: what was asked.
        """
        if self._store.read_only or not texts:
            return
        keep = partial(self._keep_now, image, tuple(texts), request)
        if image == self._image.key or self._history.is_undoing:  # an undo may be one of names
            self._history.when_settled(keep)
        else:
            keep()

    def _keep_now(
        self, image: str, texts: Sequence[tuple[str, Box, RegionText]], request: DescribeRequest | None
    ) -> None:
        written = [(id_, box, *self._attributed(image, id_, text, request)) for id_, box, text in texts]
        if image != self._image.key:
            self._store.write(lambda project: region_actions.suggest_stored(project, image, written), self._kept)
            self._memory.see(image, texts)
            return
        self._image.drop_drafts(id_ for id_, *_ in texts)
        edit = region_actions.suggestion(self._image.stored, written, image=image)
        if edit is None or not self._history.commit(edit.label, edit.regions):
            self._image.regionsChanged.emit()  # drafts are gone
            return
        self._memory.see(image, texts)
        self.kept.emit(image, tuple(change.region_id for change in edit.regions))

    def _kept(self, edit: Edit | None) -> None:
        """Suggestions were stored for an image that was not in sight, and may be now."""
        if edit is not None:
            if edit.image == self._image.key:
                self._history.show_stored(edit)
            self.kept.emit(edit.image, tuple(change.region_id for change in edit.regions))

    def _attributed(
        self, image: str, region: str, text: RegionText, request: DescribeRequest | None
    ) -> tuple[RegionText, Provenance]:
        """``text`` as it is kept, and who wrote it."""
        text = quoted_again(self._memory.recalled(image, region, unquoted(text)))
        fitting = fit_to_list(text if request is None else trimmed(text, request), self._categories.list)
        provenance = provenance_of(self._engine.info, request, at=now(), text=text)
        return self._schema.called_now(fitting, request), provenance

    def _described(self, asked: Asked, index: int, text: RegionText, is_draft: bool) -> None:
        if is_draft:
            self._show_draft(asked, index, text)
        else:
            self.keep(asked.image, [(asked.region_ids[index], asked.boxes[index], text)], request=asked.request)

    def _show_draft(self, asked: Asked, index: int, text: RegionText) -> None:
        """Show what the model has written so far; the rest comes soon, and only the whole is stored."""
        region = next(iter(self._image.chosen((asked.region_ids[index],))), None)
        if asked.image != self._image.key or region is None or region.box != asked.boxes[index]:
            return
        if not self._store.read_only:
            fitting, provenance = self._attributed(asked.image, region.id, text, asked.request)
            self._image.set_draft(suggest(region, fitting, provenance=provenance))

    def _request_failed(self, _ticket: int, asked: Asked, message: str) -> None:
        if asked.region_ids:
            self._notify("error", message)

    def _cancel(self, ids: Iterable[str]) -> None:
        self._engine.cancel_regions(self._image.key, ids)

    def _tell_pending(self) -> None:
        self.pendingChanged.emit(self.pending)
