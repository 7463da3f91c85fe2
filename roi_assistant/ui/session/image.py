"""The image in sight: its regions, which of them are selected, and drafts of what the model is writing."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.records import ImageNotes, Region
from roi_assistant.core.review import is_waiting


class ImageInSight(QObject):
    """Only memory: it is filled, and stored, by `EditHistory`. Ids are those of regions."""

    opened = pyqtSignal(str)
    """The key, "" when there is none; ``regions`` are empty until ``regionsChanged``."""
    regionsChanged = pyqtSignal()
    regionsRemoved = pyqtSignal(tuple)
    """Ids of regions that are gone."""
    selectionChanged = pyqtSignal(tuple)
    notesChanged = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self.size: tuple[int, int] | None = None
        """Width and height in pixels of the image as displayed, once they are known."""
        self.selection: tuple[str, ...] = ()
        self.is_loading = False
        """Whether the regions are still being read."""
        self.stored: tuple[Region, ...] = ()
        """The regions without drafts: what is stored, or about to be."""
        self.notes = ImageNotes()
        """What a person noted of the image; nothing while it is being read."""
        self.brought: frozenset[str] = frozenset()
        """The regions that were there when the image was opened: all others were added since."""
        self._region_to_select: str | None = None
        """Of an image that is being opened; "" for the first that waits."""
        self._drafts: dict[str, Region] = {}
        self._shown: tuple[Region, ...] | None = None

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions as they are shown, with drafts. ``regions[n - 1]`` is ``<regionN>``."""
        if self._shown is None:
            self._shown = tuple(self._drafts.get(region.id, region) for region in self.stored)
        return self._shown

    def region(self, id_: str) -> Region | None:
        """The region as it is shown, its draft included; None: it is not on this image."""
        return next((region for region in self.regions if region.id == id_), None)

    def number(self, id_: str) -> int:
        """The number on the canvas; 0 for a region that is not on this image."""
        return next((number for number, region in enumerate(self.stored, start=1) if region.id == id_), 0)

    def chosen(self, ids: Iterable[str]) -> list[Region]:
        """The stored regions with these ids, in the order of the image."""
        id_set = set(ids)
        return [region for region in self.stored if region.id in id_set]

    def is_suggested(self, id_: str) -> bool:
        """Whether the region waits for review; False for one that is not on this image."""
        region = self.region(id_)
        return region is not None and region.state == "suggested"

    def show(self, key: str, size: tuple[int, int] | None, *, region: str = "") -> None:
        """Show another image, whose regions are still to be read; "" shows none. ``region`` is selected then, or the
        first one that waits."""
        self.key, self.size, self.is_loading = key, size, bool(key)
        self.brought, self._region_to_select = frozenset(), region
        self.stored, self._drafts, self._shown, self.selection = (), {}, None, ()
        self.notes = ImageNotes()
        self.opened.emit(key)
        self.regionsChanged.emit()
        self.selectionChanged.emit(())

    def read(self, regions: tuple[Region, ...]) -> None:
        """The regions as they are stored: of an image that is being opened, or read again."""
        self.is_loading = False
        self.set_regions(regions)
        if self._region_to_select is None:
            return
        id_, self._region_to_select = self._region_to_select, None
        self.brought = frozenset(region.id for region in regions)
        self.select((id_,))
        if not self.selection and not self.select_waiting():
            self.select([region.id for region in regions if region.state == "suggested"][:1])

    def set_regions(self, regions: tuple[Region, ...]) -> None:
        """The regions after an edit, or as they were read."""
        kept = {region.id for region in regions}
        removed = tuple(region.id for region in self.stored if region.id not in kept)
        self.stored, self._shown = regions, None
        if removed:
            self.drop_drafts(removed)
            self.regionsRemoved.emit(removed)
        self.regionsChanged.emit()
        if not kept.issuperset(self.selection):
            self.select(self.selection)

    def set_notes(self, notes: ImageNotes) -> None:
        """The notes after an edit, or as they were read."""
        self.notes = notes
        self.notesChanged.emit()

    def set_draft(self, region: Region) -> None:
        """Show what the model has written so far about a region."""
        self._drafts[region.id] = region
        self._shown = None
        self.regionsChanged.emit()

    def take_draft(self, id_: str) -> Region | None:
        """The draft of a region, which is a draft no longer."""
        self._shown = None
        return self._drafts.pop(id_, None)

    def drop_drafts(self, ids: Iterable[str]) -> None:
        """Forget what the model has written so far about these regions; no signal is sent."""
        for id_ in ids:
            self.take_draft(id_)

    def drop_all_drafts(self) -> None:
        """Forget what the model has written so far about all regions; no signal is sent."""
        self.drop_drafts(tuple(self._drafts))

    def select(self, ids: Iterable[str]) -> None:
        """Select these regions, in this order; ids of other images are left out."""
        known = {region.id for region in self.stored}
        chosen = tuple(dict.fromkeys(id_ for id_ in ids if id_ in known))
        if chosen != self.selection:
            self.selection = chosen
            self.selectionChanged.emit(chosen)

    def step_region(self, step: int) -> None:
        """Select the next region (or the one before), around the end."""
        ids = [region.id for region in self.stored]
        if not ids:
            return
        if self.selection and self.selection[-1] in ids:
            self.select((ids[(ids.index(self.selection[-1]) + step) % len(ids)],))
        else:
            self.select((ids[0 if step > 0 else -1],))

    def select_waiting(self, *, after: tuple[str, ...] = ()) -> bool:
        """Select the next region that waits for review, around the end, and answer whether there is one; one without
        words does not wait."""
        ids = [region.id for region in self.regions]
        last = max((ids.index(id_) for id_ in after if id_ in ids), default=-1)
        for region in (*self.regions[last + 1 :], *self.regions[: last + 1]):
            if is_waiting(region) and not region.locked and region.id not in after:
                self.select((region.id,))
                return True
        return False
