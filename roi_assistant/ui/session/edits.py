"""What a user does to the regions of the image in sight. Each act is one edit: one transaction, one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

from roi_assistant.core import answers
from roi_assistant.core.box import Box
from roi_assistant.core.edits import RegionChange, delete_changes, rename_attributes
from roi_assistant.core.offers import Offers, offers
from roi_assistant.core.records import Region
from roi_assistant.core.review import is_empty
from roi_assistant.core.schema import with_values
from roi_assistant.core.times import now
from roi_assistant.errors import AttributeValueError, BadInputError, BoxError
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.earlier_captions import EarlierCaptions
from roi_assistant.ui.session.earlier_categories import EarlierCategories
from roi_assistant.ui.session.history import SUGGESTION, EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.region_actions import AnswerPart
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.store import Notify, Store
from roi_assistant.ui.session.suggestions import Suggestions

TAKE = "Take another model's words"
_PASTE_STEP = 12.0
"""Pixels, right and down, between the original and what is pasted beside it."""


class RegionEdits(QObject):
    """Ids are those of regions, indices of alternatives are counted from 0."""

    reviewed = pyqtSignal()
    """The last region of the image that waited was decided; nothing was added to it since it was opened."""

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
        self.earlier_categories = EarlierCategories(store)
        history.committed.connect(self.earlier.outdate)
        schema.renamed.connect(self._rename_copied)
        suggestions.kept.connect(self._accept_early)

    # Boxes.

    def add_box(self, box: Box) -> str:
        """A new region, with the category that is armed; answers its id, "" when it cannot be."""
        return self._draw(region_actions.new_regions((box,), size=self._image.size))

    def add_found_box(self, region: Region) -> str:
        """As ``add_box``, for a ``region`` that was found around a click."""
        return self._draw([region])

    def _draw(self, drawn: list[Region]) -> str:
        category, waits = self._categories.armed, self._options().suggest_on_draw
        if category:
            drawn = [region_actions.of_category(region, category, waits=waits) for region in drawn]
        return self._add("Draw box", drawn)

    def add_found(self, label: str, regions: Sequence[Region], *, select: bool) -> None:
        """``regions`` that were found as one edit, described as drawn ones are; ``select`` selects the first."""
        self._add(label, regions, chosen=1 if select else 0)

    def _add(self, label: str, regions: Sequence[Region], *, describe: bool = True, chosen: int | None = None) -> str:
        """Add ``regions`` and select the first ``chosen`` of them (None: all; 0: the selection stays)."""
        ids = tuple(region.id for region in regions)
        if not ids or not self._image.key or not self._store.may_edit():
            return ""

        def added() -> None:
            if chosen != 0:
                self._image.select(ids[:chosen])
            if describe and self._options().suggest_on_draw:
                self._suggestions.describe(ids)

        key = self._image.key
        self._history.apply(label, lambda: [RegionChange(key, None, region) for region in regions], then=added)
        return ids[0]

    def change_boxes(self, boxes: Mapping[str, Box], *, label: str = "Move box") -> None:
        """Move or resize regions; those that wait for review are described again, unless their words were copied."""

        def moved(region: Region) -> Region:
            try:
                return region_actions.moved(region, boxes[region.id], size=self._image.size)
            except BoxError:
                return region

        def then(changed: Sequence[str]) -> None:
            if self._options().suggest_on_draw:
                regions = self._image.chosen(changed)
                self._suggestions.describe(r.id for r in regions if r.state == "suggested" and not r.copied_from)

        self.change(label, tuple(boxes), moved, then=then)

    def delete(self, ids: Iterable[str]) -> None:
        """Delete regions; locked ones stay, and the user is told when all of them are."""
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
        """Remember regions for ``paste``, as they are stored now. With none chosen, what was copied before stays."""
        chosen = tuple(self._image.chosen(ids))
        if chosen:
            self._copied_from, self._copied = self._image.key, chosen

    def paste(self) -> None:
        """The copied boxes, with what a person wrote about them. On the image that they were copied from they are put
        beside the originals, and beside those that were pasted before."""
        regions = tuple(map(region_actions.with_own_words, self._copied))
        step = _PASTE_STEP if self._copied_from == self._image.key else 0.0

        def add() -> None:
            taken, shift = {region.box for region in self._image.stored}, step
            while step and any(r.box in taken for r in region_actions.copies(regions, size=None, shift=shift)):
                shift += step
            self._add_copies("Paste", regions, shift=shift)

        self._history.when_settled(add)

    def copy_from(self, source: str, *, words: bool) -> None:
        """The boxes of the image with the key ``source`` that are not rejected. With ``words`` all that is said about
        them comes too, and what was to be reviewed still is."""
        key = self._image.key

        def arrived(regions: tuple[Region, ...]) -> None:
            if key == self._image.key:
                kept = [region for region in regions if region.state != "rejected"]
                kept = kept if words else list(map(region_actions.without_words, kept))
                self._history.when_settled(lambda: self._add_copies("Copy from previous image", kept, words=words))

        self._store.ask(lambda project: project.regions(source), arrived)

    def _add_copies(self, label: str, regions: Sequence[Region], *, shift: float = 0.0, words: bool = False) -> None:
        """Add copies of ``regions`` except where the same box is already, and say what is not as it was."""
        inside = region_actions.copies(regions, size=self._image.size, shift=shift)
        taken = {region.box for region in self._image.stored}
        new = [region for region in inside if region.box not in taken]
        whole = {region.box for region in region_actions.copies(regions, size=None, shift=shift)}
        cut = sum(region.box not in whole for region in new)
        counts = (
            (len(inside) - len(new), QCoreApplication.translate("Session", "Boxes that were here already: {}.")),
            (len(regions) - len(inside), QCoreApplication.translate("Session", "Boxes outside this image: {}.")),
            (cut, QCoreApplication.translate("Session", "Boxes cut off at the edge: {}.")),
        )
        self._add(label, new, describe=not words)
        told = [text.format(count) for count, text in counts if count]
        if not regions:
            told = [QCoreApplication.translate("Session", "There are no boxes to copy.")]
        elif not new:
            told.insert(0, QCoreApplication.translate("Session", "No box was added."))
        if told:
            self._notify("info", " ".join(told))

    def _rename_copied(self, names: dict[str, str]) -> None:
        self._copied = tuple(rename_attributes(region, names) for region in self._copied)

    # Review.

    def accept(self, ids: Iterable[str]) -> None:
        """Accept regions with their texts. One whose caption is still to come is accepted once it arrives; an empty one
        becomes a notice."""
        ids = set(ids)
        pending = self._suggestions.pending
        empty = {
            region.id
            for region in self._image.regions
            if region.id in ids and (is_empty(region) or (not region.captions and region.id in pending))
        }
        coming = empty & pending
        self._accepted_early |= {(self._image.key, id_) for id_ in coming}
        self.change("Accept", ids - empty, self.with_acceptance)
        self.change("Accept", empty - coming, self.with_acceptance)  # which says why not

    def _accept_early(self, image: str, ids: tuple[str, ...]) -> None:
        """The captions of regions came."""
        early = [id_ for id_ in ids if (image, id_) in self._accepted_early]
        self._accepted_early -= {(image, id_) for id_ in early}
        if image == self._image.key:
            self.change("Accept", early, self.with_acceptance)
        elif early:
            fitted, accepted = self._categories.fitted, self.with_acceptance
            self._store.write(
                lambda project: region_actions.accept_stored(project, image, early, lambda r: fitted(r, accepted(r))),
                lambda edit: self._history.show_stored(edit) if edit is not None else None,
            )

    def reject(self, ids: Iterable[str]) -> None:
        """Mark regions as rejected; they stay in the file, and ``reopen`` takes this back."""
        self.change("Reject", ids, region_actions.reject)

    def reopen(self, ids: Iterable[str]) -> None:
        """Back to be reviewed."""
        self.change("Reopen", ids, region_actions.reopen)

    def decide(self, act: Callable[[Iterable[str]], None], ids: Iterable[str]) -> None:
        """``act`` upon regions, then select the next one that waits for review, when these did and the user wants it.
        The region that was decided last stays selected when none is left, and ``reviewed`` may tell."""
        ids = tuple(ids)
        waited = any(self._image.is_suggested(id_) for id_ in ids)
        act(ids)
        if waited and self._options().advance and not self._image.select_waiting(after=ids):
            self._history.when_settled(self._tell_reviewed)

    def _tell_reviewed(self) -> None:
        """Not while something waits here, and not to somebody who draws: she may want to draw the next box."""
        waits = any(region.state == "suggested" and not region.locked for region in self._image.regions)
        added = any(region.id not in self._image.brought for region in self._image.regions)
        if not (waits or added or self._suggestions.pending):
            self.reviewed.emit()

    def edit_caption(self, id_: str, text: str) -> None:
        """Make ``text`` the preferred caption, by a person, with the category that it brings. An empty text becomes a
        notice and changes nothing."""
        self.change("Edit caption", (id_,), lambda region: self.with_caption(region, text))

    def add_caption(self, id_: str, text: str) -> None:
        """One more caption beside the preferred one."""
        earlier = self.earlier_categories
        self.change("Add caption", (id_,), lambda region: region_actions.add_caption(region, text, earlier))

    def offers(self, region: Region) -> Offers:
        """What ``region`` may be called instead, in the order of the digits; ``earlier.changed`` tells of more."""
        return offers(region, earlier=self.earlier.of(region))

    def choose_alternative(self, id_: str, index: int) -> None:
        """Take what ``offers`` has at ``index``."""
        self.change("Choose alternative", (id_,), lambda r: self.with_offer(r, self.offers(r), index))

    def remove_alternative(self, id_: str, index: int) -> None:
        """Take an alternative off the list."""
        self.change("Remove alternative", (id_,), lambda region: region_actions.remove_alternative(region, index))

    def take_answer(self, id_: str, index: int) -> None:
        """Accept the region with all that another model said, ``region.answers[index]``."""
        self.change(TAKE, (id_,), lambda region: answers.take_answer(region, index, at=now()))

    def take_part(self, id_: str, index: int, part: AnswerPart, name: str = "") -> None:
        """Take one part of what another model said; ``name`` is that of an attribute."""
        self.change(TAKE, (id_,), lambda region: region_actions.take_part(region, index, part, name))

    def set_category(self, id_: str, text: str) -> None:
        """Make ``text`` the category, by a person; "" takes the category away. One that a closed list does not have is
        refused."""
        self.set_categories((id_,), text)

    def set_categories(self, ids: Iterable[str], text: str) -> None:
        """``set_category`` for several regions, as one step."""
        self.change("Set category", ids, lambda region: self.with_category(region, text))

    def with_acceptance(self, region: Region) -> Region:
        """``region`` accepted, with the category of its caption where the model's contradicts that."""
        return region_actions.accept(region, self.earlier_categories)

    def with_caption(self, region: Region, text: str) -> Region:
        """``region`` with the caption ``text`` and the category that it brings."""
        return region_actions.edit_caption(region, text, self.earlier_categories)

    def with_offer(self, region: Region, offered: Offers, index: int) -> Region:
        """``region`` with the caption at ``index`` of ``offered`` and the category that it brings."""
        return region_actions.take_offer(region, offered, index, self.earlier_categories)

    def with_category(self, region: Region, name: str) -> Region:
        """``region`` in the category ``name``, which captions with the same noun bring from now on."""
        after = region_actions.set_category(region, self._categories.spelled(name))
        self.earlier_categories.learn(after)
        return after

    def set_attribute(self, id_: str, name: str, values: Sequence[str]) -> None:
        """Make ``values`` those of the attribute ``name``, by a person; no values take it away. A notice tells what the
        schema does not allow."""
        schema = self._schema.value
        self.change("Set attribute", (id_,), lambda r: region_actions.set_attribute(r, name, values, schema))

    def extend_list(self, name: str, values: Sequence[str]) -> None:
        """Put those of ``values`` into the list of the attribute ``name`` that it does not have: a step of undo of the
        attributes."""
        try:
            self._history.set_schema(with_values(self._schema.value, name, values))
        except AttributeValueError as error:  # the attribute is another one by now
            self._notify("error", translated(error))

    def set_locked(self, ids: Iterable[str], locked: bool) -> None:
        """Lock or free the boxes of regions: a locked box is neither moved nor deleted."""
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
                    after = self._categories.fitted(before, after)
                except BadInputError as error:
                    self._notify("warning", translated(error))
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
