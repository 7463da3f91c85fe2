"""What a user does to the regions of the image in sight. Each act is one edit: one transaction, one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from PyQt6.QtCore import QCoreApplication, QObject

from roi_assistant.core.box import Box
from roi_assistant.core.edits import RegionChange, delete_changes, rename_attributes
from roi_assistant.core.offers import Offers, offers
from roi_assistant.core.records import Region
from roi_assistant.core.review import is_empty
from roi_assistant.errors import BadInputError, BoxError
from roi_assistant.ui.look.translation import said
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.earlier_captions import EarlierCaptions
from roi_assistant.ui.session.history import SUGGESTION, EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.store import Notify, Store
from roi_assistant.ui.session.suggestions import Suggestions


class RegionEdits(QObject):
    """Ids are those of regions, indices of alternatives are counted from 0."""

    def __init__(
        self,
        image: ImageInSight,
        history: EditHistory,
        schema: SchemaInUse,
        store: Store,
        notify: Notify,
        *,
        categories: Categories,
        options: Callable[[], SessionOptions],
        suggestions: Suggestions,
        parent: QObject | None = None,
    ) -> None:
        """``options`` are the settings of now."""
        super().__init__(parent)
        self._image, self._history, self._schema, self._store = image, history, schema, store
        self._notify, self._options, self._suggestions = notify, options, suggestions
        self._categories = categories
        self._accepted_early: set[tuple[str, str]] = set()
        """Key of the image and id of regions that were accepted before their caption came."""
        self._copied_from = ""
        self._copied: tuple[Region, ...] = ()
        self.earlier = EarlierCaptions(store, self)
        history.committed.connect(self.earlier.outdate)
        schema.renamed.connect(self._rename_copied)
        suggestions.kept.connect(self._accept_early)

    # Boxes.

    def add_box(self, box: Box) -> str:
        """A new region, with the category that is armed; answers its id, "" when it cannot be."""
        drawn = region_actions.new_regions((box,), size=self._image.size)
        category, waits = self._categories.armed, self._options().suggest_on_draw
        if category:
            drawn = [region_actions.of_category(region, category, waits=waits) for region in drawn]
        return self._add("Draw box", drawn)

    def _add(self, label: str, regions: Sequence[Region]) -> str:
        ids = tuple(region.id for region in regions)
        if not ids or not self._image.key or not self._store.may_edit():
            return ""

        def added() -> None:
            self._image.select(ids)
            if self._options().suggest_on_draw:
                self._suggestions.describe(ids)

        key = self._image.key
        self._history.apply(label, lambda: [RegionChange(key, None, region) for region in regions], then=added)
        return ids[0]

    def change_boxes(self, boxes: Mapping[str, Box]) -> None:
        """Move or resize regions; those that wait for review are described again."""

        def moved(region: Region) -> Region:
            try:
                return region_actions.moved(region, boxes[region.id], size=self._image.size)
            except BoxError:
                return region

        def then(changed: Sequence[str]) -> None:
            if self._options().suggest_on_draw:
                self._suggestions.describe(id_ for id_ in changed if self._image.is_suggested(id_))

        self.change("Move box", tuple(boxes), moved, then=then)

    def delete(self, ids: Iterable[str]) -> None:
        ids = tuple(ids)

        def make() -> tuple[RegionChange, ...]:
            chosen = self._image.chosen(ids)
            unlocked = [region.id for region in chosen if not region.locked]
            if chosen and not unlocked:
                self._notify(
                    "info", QCoreApplication.translate("Session", "Locked regions are not deleted: unlock them first.")
                )
            return delete_changes(self._image.stored, unlocked, image=self._image.key)

        self._history.apply("Delete", make)

    def copy(self, ids: Iterable[str]) -> None:
        chosen = tuple(self._image.chosen(ids))
        if chosen:
            self._copied_from, self._copied = self._image.key, chosen

    def paste(self) -> None:
        """The copied boxes, with what a person wrote about them; beside the originals when these are in sight."""
        shift = 12.0 if self._copied_from == self._image.key else 0.0
        self._add("Paste", region_actions.pasted(self._copied, size=self._image.size, shift=shift))

    def copy_from(self, source: str) -> None:
        """The boxes of the image with the key ``source``."""
        key = self._image.key

        def arrived(regions: tuple[Region, ...]) -> None:
            if key != self._image.key:
                return
            copies = region_actions.pasted(regions, size=self._image.size, shift=0.0)
            if copies:
                self._add("Copy from previous image", copies)
            else:
                self._notify(
                    "info",
                    QCoreApplication.translate("Session", "The image before this one has no boxes that fit here."),
                )

        self._store.ask(lambda project: project.regions(source), arrived)

    def _rename_copied(self, names: dict[str, str]) -> None:
        self._copied = tuple(rename_attributes(region, names) for region in self._copied)

    # Review.

    def accept(self, ids: Iterable[str]) -> None:
        """Accept what stands there. A region whose caption is still to come is accepted when it has come; an empty one
        cannot be."""
        ids = set(ids)
        pending = self._suggestions.pending
        empty = {
            region.id
            for region in self._image.regions
            if region.id in ids and (is_empty(region) or (not region.captions and region.id in pending))
        }
        coming = empty & pending
        self._accepted_early |= {(self._image.key, id_) for id_ in coming}
        self.change("Accept", ids - empty, region_actions.accept)
        self.change("Accept", empty - coming, region_actions.accept)  # which says why not

    def _accept_early(self, image: str, ids: tuple[str, ...]) -> None:
        """The captions of regions came."""
        early = [id_ for id_ in ids if (image, id_) in self._accepted_early]
        self._accepted_early -= {(image, id_) for id_ in early}
        if image == self._image.key:
            self.change("Accept", early, region_actions.accept)
        elif early:
            self._store.write(lambda project: region_actions.accept_stored(project, image, early))

    def reject(self, ids: Iterable[str]) -> None:
        self.change("Reject", ids, region_actions.reject)

    def reopen(self, ids: Iterable[str]) -> None:
        """Back to be reviewed."""
        self.change("Reopen", ids, region_actions.reopen)

    def decide(self, act: Callable[[Iterable[str]], None], ids: Iterable[str]) -> None:
        """``act`` upon regions, then select the next one that waits for review, when these did and the user wants it.
        The region that was decided last stays selected when none is left."""
        ids = tuple(ids)
        waited = any(self._image.is_suggested(id_) for id_ in ids)
        act(ids)
        if waited and self._options().advance:
            self._image.select_waiting(after=ids)

    def edit_caption(self, id_: str, text: str) -> None:
        self.change("Edit caption", (id_,), lambda region: region_actions.edit_caption(region, text))

    def add_caption(self, id_: str, text: str) -> None:
        """One more caption beside the preferred one."""
        self.change("Add caption", (id_,), lambda region: region_actions.add_caption(region, text))

    def offers(self, region: Region) -> Offers:
        """What ``region`` may be called instead, in the order of the digits; ``earlier.changed`` tells of more."""
        return offers(region, earlier=self.earlier.of(region))

    def choose_alternative(self, id_: str, index: int) -> None:
        """Take what ``offers`` has at ``index``."""
        self.change("Choose alternative", (id_,), lambda r: region_actions.take_offer(r, self.offers(r), index))

    def remove_alternative(self, id_: str, index: int) -> None:
        """Take an alternative off the list."""
        self.change("Remove alternative", (id_,), lambda region: region_actions.remove_alternative(region, index))

    def set_category(self, id_: str, text: str) -> None:
        """Give a region a category, none when ``text`` is empty; one that a closed list does not have is refused."""
        self.set_categories((id_,), text)

    def set_categories(self, ids: Iterable[str], text: str) -> None:
        """``set_category`` for several regions, as one step."""

        name = self._categories.spelled(text)
        self.change("Set category", ids, lambda region: region_actions.set_category(region, name))

    def set_attribute(self, id_: str, name: str, values: Sequence[str]) -> None:
        schema = self._schema.value
        self.change("Set attribute", (id_,), lambda r: region_actions.set_attribute(r, name, values, schema))

    def set_locked(self, ids: Iterable[str], locked: bool) -> None:
        self.change("Lock" if locked else "Unlock", ids, lambda region: region_actions.lock(region, locked))

    def change(
        self,
        label: str,
        ids: Iterable[str],
        act: Callable[[Region], Region],
        *,
        then: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        """Apply ``act`` to regions as one edit; ``then`` gets the ids of those that it changed. Regions whose category
        a closed list does not have are left out, and the user is told."""
        ids = tuple(ids)
        changed: list[str] = []

        def make() -> Iterator[RegionChange]:
            self._keep_drafts(ids)
            for before in self._image.chosen(ids):
                after = act(before)
                try:
                    self._categories.check(before, after)
                except BadInputError as error:
                    self._notify("warning", said(error))
                    continue
                if after != before:
                    changed.append(before.id)
                    yield RegionChange(self._image.key, before, after)

        self._history.apply(label, make, then=lambda: then(changed))

    def _keep_drafts(self, ids: Iterable[str]) -> None:
        """Store what the model has written so far about regions that the user acts upon now."""
        for region in self._image.chosen(ids):
            draft = self._image.take_draft(region.id)
            if draft is not None and draft != region:
                self._history.commit(SUGGESTION, (RegionChange(self._image.key, region, draft),))
