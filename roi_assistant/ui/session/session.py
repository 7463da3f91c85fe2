"""What a window works on: the open folder, the image in sight, its regions, the model, and all that can be done.

Views show what the session holds and call its methods; they touch neither the project file nor the engine. An edit is
applied here at once and handed to the storage thread, which writes it as one transaction. When that fails, memory goes
back to what is stored and one notice says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange, apply_to_regions, delete_changes, exchange, rename_attributes
from roi_assistant.core.offers import Offers, offers
from roi_assistant.core.records import (
    AttributeSchema,
    DescribeRequest,
    Region,
    RegionText,
)
from roi_assistant.errors import BadInputError, BoxError, RoiAssistantError
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.earlier_captions import EarlierCaptions
from roi_assistant.ui.session.engine_bridge import Asked, EngineBridge

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager
    from roi_assistant.storage.project import Project

from roi_assistant.ui.look.translation import said
from roi_assistant.ui.session.core import SessionCore
from roi_assistant.ui.session.options import SessionOptions

__all__ = ["ProjectSession", "SessionOptions"]


class ProjectSession(SessionCore):
    """See the module. Ids are those of regions, keys those of images; ``regions[n - 1]`` is ``<regionN>``."""

    def __init__(
        self,
        engine: EngineBridge,
        *,
        plugins: PluginManager,
        options: SessionOptions | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine, options=options, parent=parent)
        self.plugins = plugins
        self._clipboard: tuple[str, tuple[Region, ...]] = ("", ())
        self._renamings: list[tuple[AttributeSchema, dict[str, str]]] = []
        """Schemas that were replaced since the folder was opened, and which of their names became which."""
        self._travelling = 0
        """Undos and redos whose outcome is still to come: what is done now is done after them."""
        self.projectOpened.connect(lambda _: self._renamings.clear())
        self.earlier = EarlierCaptions(self)
        engine.described.connect(self._described)
        engine.failed.connect(self._request_failed)

    def _waits(self, act: Callable[[], object]) -> bool:
        """Whether ``act`` must wait, and then takes place by itself: the image is being read, or an undo is under way,
        and what is in memory is not what the act will find stored."""
        if not (self._loading or self._travelling):
            return False
        self._later.append(lambda: self._ignore(act()))
        return True

    def open_image(self, key: str) -> None:
        """Show the image ``key``; what waits for an undo on this one comes first."""
        if not (self._travelling and self._later and self._waits(lambda: self.open_image(key))):
            super().open_image(key)

    # Edits. Each is one transaction and one step of undo.

    def add_box(self, box: Box) -> str:
        """A new region; answers its id, "" when it cannot be."""
        return self._add("Draw box", region_actions.new_regions((box,), size=self.image_size))

    def _add(self, label: str, regions: Sequence[Region]) -> str:
        ids = tuple(region.id for region in regions)
        if regions and self.current and self._may_edit() and self._waits(lambda: self._add(label, regions)):
            return ids[0]
        if not regions or not self._commit(label, [(None, region) for region in regions]):
            return ""
        self.select(ids)
        if self.options.suggest_on_draw:
            self.describe(ids)
        return ids[0]

    def change_boxes(self, boxes: Mapping[str, Box]) -> None:
        """Move or resize regions; those that wait for review are described again."""
        if self._waits(lambda: self.change_boxes(boxes)):
            return

        def moved(region: Region) -> Region:
            try:
                return region_actions.moved(region, boxes[region.id], size=self.image_size)
            except BoxError:
                return region

        changed = self._change("Move box", tuple(boxes), moved)
        if self.options.suggest_on_draw:
            self.describe(id_ for id_ in changed if self._is_suggested(id_))

    def delete(self, ids: Iterable[str]) -> None:
        ids = tuple(ids)
        if self._waits(lambda: self.delete(ids)):
            return
        chosen = self._chosen(ids)
        gone = [region.id for region in chosen if not region.locked]
        if chosen and not gone:
            self.notice.emit("info", self.tr("Locked regions are not deleted: unlock them first."))
        if self._commit_changes("Delete", delete_changes(self._regions, gone, image=self.current)):
            for id_ in gone:
                self._drafts.pop(id_, None)
                self.engine.cancel_region(self.current, id_)

    def accept(self, ids: Iterable[str]) -> None:
        self._change("Accept", ids, region_actions.accept)

    def reject(self, ids: Iterable[str]) -> None:
        self._change("Reject", ids, region_actions.reject)

    def decide(self, act: Callable[[Iterable[str]], None], ids: Iterable[str]) -> None:
        """``act`` upon regions; when they waited for review and the user wants it, the next one that waits is selected
        then. The one that was decided last stays selected when none is left."""
        ids = tuple(ids)
        waited = any(self._is_suggested(id_) for id_ in ids)
        act(ids)
        if waited and self.options.advance:
            self._select_waiting(after=ids)

    def _select_waiting(self, *, after: tuple[str, ...]) -> None:
        """Select the region that waits for review and comes next, around the end; one without words does not wait."""
        numbered = [region.id for region in self.regions]
        last = max((numbered.index(id_) for id_ in after if id_ in numbered), default=-1)
        for region in (*self.regions[last + 1 :], *self.regions[: last + 1]):
            if region.state == "suggested" and region.captions and not region.locked and region.id not in after:
                self.select((region.id,))
                return

    def reopen(self, ids: Iterable[str]) -> None:
        """Back to be reviewed."""
        self._change("Reopen", ids, region_actions.reopen)

    def edit_caption(self, id_: str, text: str) -> None:
        self._change("Edit caption", (id_,), lambda region: region_actions.edit_caption(region, text))

    def add_caption(self, id_: str, text: str) -> None:
        """One more caption beside the preferred one."""
        self._change("Add caption", (id_,), lambda region: region_actions.add_caption(region, text))

    def remove_alternative(self, id_: str, index: int) -> None:
        """Take the alternative ``index``, counted from 0, off the list."""
        self._change("Remove alternative", (id_,), lambda region: region_actions.remove_alternative(region, index))

    def offers(self, region: Region) -> Offers:
        """What ``region`` may be called instead, in the order of the digits; ``earlier.changed`` tells of more."""
        return offers(region, earlier=self.earlier.of(region))

    def choose_alternative(self, id_: str, index: int) -> None:
        """Take what ``offers`` has at ``index``, counted from 0."""
        self._change("Choose alternative", (id_,), lambda r: region_actions.take_offer(r, self.offers(r), index))

    def set_category(self, id_: str, text: str) -> None:
        self._change("Set category", (id_,), lambda region: region_actions.set_category(region, text))

    def set_attribute(self, id_: str, name: str, values: Sequence[str]) -> None:
        self._change("Set attribute", (id_,), lambda r: region_actions.set_attribute(r, name, values, self.schema))

    def set_locked(self, ids: Iterable[str], locked: bool) -> None:
        label = "Lock" if locked else "Unlock"
        self._change(label, ids, lambda region: region_actions.lock(region, locked))

    def copy(self, ids: Iterable[str]) -> None:
        chosen = tuple(self._chosen(ids))
        if chosen:
            self._clipboard = (self.current, chosen)

    def paste(self) -> None:
        """The copied boxes, with what a person wrote about them; beside the originals when these are in sight."""
        source, regions = self._clipboard
        if regions:
            shift = 12.0 if source == self.current else 0.0
            self._add("Paste", region_actions.pasted(regions, size=self.image_size, shift=shift))

    def copy_from_previous(self) -> None:
        """The boxes of the image before this one in the list."""
        here = self._row_of.get(self.current, 0)
        if here == 0 or self._storage is None:
            self.notice.emit("info", self.tr("There is no image before this one to copy boxes from."))
            return
        key, source = self.current, self.image_keys[here - 1]

        def arrived(regions: tuple[Region, ...]) -> None:
            if key != self.current:
                return
            made = region_actions.pasted(regions, size=self.image_size, shift=0.0)
            if made:
                self._add("Copy from previous image", made)
            else:
                self.notice.emit("info", self.tr("The image before this one has no boxes that fit here."))

        self._storage.ask(lambda project: project.regions(source), arrived, self._read_failed)

    def set_schema(self, schema: AttributeSchema, *, renamed: tuple[tuple[str, str], ...] = ()) -> None:
        """Ask for the attributes of ``schema`` from now on. ``renamed``: names of attributes, (before, after), whose
        values all regions keep under the new name."""
        if schema != self.schema and self._may_edit():
            edit = Edit("Change attributes", "", schema=(self.schema, schema), renamed=renamed)
            self._store(edit)
            self._replace_schema(edit)

    def _replace_schema(self, edit: Edit) -> None:
        assert edit.schema is not None
        before, self.schema = edit.schema
        names, (source, copied) = exchange(edit.renamed), self._clipboard
        self._renamings.append((before, names))
        self._clipboard = source, tuple(rename_attributes(region, names) for region in copied)
        self.schemaChanged.emit(self.schema)
        if edit.renamed:
            self._reload()

    def undo(self, image: str | None = None) -> None:
        """Take the last step of the current image back (``image`` "": of the schema)."""
        key = self.current if image is None else image
        self._travel(key, lambda project: project.undo(key), self.tr("There is nothing to undo on this image."))

    def redo(self, image: str | None = None) -> None:
        key = self.current if image is None else image
        self._travel(key, lambda project: project.redo(key), self.tr("There is nothing to redo on this image."))

    def _travel(self, key: str, act: Callable[[Project], Any], nothing: str) -> None:
        if not self._may_edit():
            return
        if self._later and self._waits(lambda: self._travel(key, act, nothing)):
            return

        def arrived(answer: Any) -> None:
            if answer is None:
                self.notice.emit("info", nothing)
                return
            edit, history = answer
            self._show_edit(edit)
            if key == self.current:
                self._set_history(history)

        self._travelled(act, arrived, self._write_failed)

    def _travelled(
        self, act: Callable[[Project], Any], arrived: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Let ``act`` change the project where it is stored; what the user does meanwhile is done after that."""
        assert self._storage is not None

        def then(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            def settle(answer: Any) -> None:
                self._travelling -= 1
                self._update_save_state()
                tell(answer)
                self._go_on()

            return settle

        self._travelling += 1
        self._storage.write(act, then(arrived), then(failed))
        self._update_save_state()

    def store_edits(
        self,
        make: Callable[[Project], Sequence[Edit]],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Edits of any images that ``make`` finds and applies where the project is stored, in a short time: what the
        user does meanwhile is done after them."""
        key = self.current
        if self._storage is None or self.read_only:
            failed(BadInputError("The project is open for reading only."))
            return

        def stored(answer: tuple[Sequence[Edit], Any]) -> None:
            edits, history = answer
            for edit in edits:
                self._show_edit(edit)
                self.imageEdited.emit(edit.image)
            if key == self.current:
                self._set_history(history)
            done()

        self._travelled(lambda project: (make(project), project.history(key)), stored, failed)

    def _go_on(self) -> None:
        """Do what had to wait."""
        if not (self._loading or self._travelling):
            later, self._later = self._later, []
            for act in later:
                act()

    def _show_edit(self, edit: Edit) -> None:
        """Memory after ``edit``, which is stored already."""
        if edit.schema is not None:
            self._replace_schema(edit)
        mine = [change for change in edit.regions if change.image == self.current]
        if not mine or self._loading:
            return
        for change in mine:
            self._drafts.pop(change.before.id if change.before else "", None)
            if change.after is None and change.before is not None:
                self.engine.cancel_region(self.current, change.before.id)
        try:
            self._set_regions(apply_to_regions(self._regions, edit, image=self.current))
        except RoiAssistantError:
            self._reload()
            return
        if edit.label != "Suggestion":
            self.select([change.after.id for change in mine if change.after is not None] or self.selection)

    def change(self, label: str, ids: Iterable[str], act: Callable[[Region], Region]) -> None:
        """Apply ``act`` to regions of the current image as one edit with the name ``label``: for what the methods above
        do not do."""
        self._change(label, ids, act)

    def _change(self, label: str, ids: Iterable[str], act: Callable[[Region], Region]) -> tuple[str, ...]:
        """Apply ``act`` to regions as one edit; the answer are the ids of those that it changed."""
        ids = tuple(ids)
        if self._waits(lambda: self._change(label, ids, act)):
            return ()
        self._settle(ids)
        pairs = []
        for region in self._chosen(ids):
            try:
                changed = act(region)
            except RoiAssistantError as error:
                self.notice.emit("error", said(error))
                return ()
            if changed != region:
                pairs.append((region, changed))
        done = self._commit(label, pairs)
        return tuple(after.id for _, after in pairs) if done else ()

    def _settle(self, ids: Iterable[str]) -> None:
        """Store what the model has written so far about regions that the user acts upon now."""
        for id_ in ids:
            draft = self._drafts.pop(id_, None)
            region = next((r for r in self._regions if r.id == id_), None)
            if draft is not None and region is not None and draft != region:
                self._commit("Suggestion", [(region, draft)])

    def _chosen(self, ids: Iterable[str]) -> list[Region]:
        wanted = set(ids)
        return [region for region in self._regions if region.id in wanted]

    def _is_suggested(self, id_: str) -> bool:
        region = self.region(id_)
        return region is not None and region.state == "suggested"

    def _commit(self, label: str, pairs: Sequence[tuple[Region | None, Region | None]]) -> bool:
        return self._commit_changes(label, tuple(RegionChange(self.current, *pair) for pair in pairs))

    def _commit_changes(self, label: str, changes: tuple[RegionChange, ...]) -> bool:
        if not changes or not self.current or not self._may_edit():
            return False
        edit = Edit(label, self.current, changes)
        try:
            regions = apply_to_regions(self._regions, edit, image=self.current)
        except RoiAssistantError as error:
            self.notice.emit("error", said(error))
            return False
        self._store(edit)
        self.earlier.outdate()
        self._set_regions(regions)
        return True

    def _ignore(self, _: object) -> None:
        """An answer that nobody waits for."""

    # The model.

    def describe(self, ids: Iterable[str]) -> None:
        """Ask the model about regions; its answers are suggestions, stored as edits of their own."""
        regions = [(region.id, region.box) for region in self._chosen(ids)]
        if regions and self.current and self._may_edit():
            self.engine.describe(self.current, self.path(self.current), regions, self.request)

    def _described(self, asked: Asked, index: int, text: RegionText, is_draft: bool) -> None:
        if is_draft:
            self._draft(asked, index, text)
        else:
            self.suggest_all(asked.image, [(asked.region_ids[index], asked.boxes[index], text)], request=asked.request)

    def suggest_all(
        self, image: str, texts: Sequence[tuple[str, Box, RegionText]], *, request: DescribeRequest | None = None
    ) -> None:
        """Keep what a model wrote about regions (id, the box that it saw, its words): one edit. Regions that are gone
        or were moved since are left alone."""
        if self._storage is None or self.read_only or not texts:
            return
        # An undo that is under way may be one of names.
        is_concerned = image == self.current or self._travelling
        if is_concerned and self._waits(lambda: self.suggest_all(image, texts, request=request)):
            return
        info = self.engine.info
        written = [
            (id_, box, self._wanted(text, request), region_actions.written_by(info, text, request))
            for id_, box, text in texts
        ]
        if image != self.current:
            self.write(lambda project: region_actions.suggest_stored(project, image, written), self._stored_elsewhere)
            return
        for id_, *_ in texts:
            self._drafts.pop(id_, None)
        edit = region_actions.suggestion(self._regions, written, image=image)
        if edit is None or not self._commit_changes(edit.label, edit.regions):
            self._set_regions(self._regions)

    def _wanted(self, text: RegionText, request: DescribeRequest | None) -> RegionText:
        return region_actions.called_now(region_actions.fitting(text, request), request, self._renamings)

    def _stored_elsewhere(self, edit: Edit | None) -> None:
        """Suggestions came for an image that was not in sight, and may be now."""
        if edit is None:
            return
        if edit.image == self.current:
            self._show_edit(edit)
        self.imageEdited.emit(edit.image)

    def _draft(self, asked: Asked, index: int, text: RegionText) -> None:
        """Show what the model has written so far; the rest comes soon, and only the whole is stored."""
        id_ = asked.region_ids[index]
        region = next((region for region in self._regions if region.id == id_), None)
        if asked.image != self.current or region is None or region.box != asked.boxes[index] or self.read_only:
            return
        provenance = region_actions.written_by(self.engine.info, text, asked.request)
        text = self._wanted(text, asked.request)
        self._drafts[id_] = region_actions.suggested(region, text, provenance)
        self._set_regions(self._regions)

    def _request_failed(self, _ticket: int, asked: Asked, message: str) -> None:
        if asked.region_ids:
            self.notice.emit("error", message)

    def ask(self, text: str) -> None:
        """Ask about regions, ``<region1>`` being the region with the number 1 on the canvas."""
        self.chat.ask(text)

    def new_conversation(self) -> None:
        self.chat.begin()
