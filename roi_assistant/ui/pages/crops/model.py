"""The regions of one category as the items of a list: all of them by row id, those in sight with what they say."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from roi_assistant.core.records import Region
from roi_assistant.storage.records import CategoryRegion
from roi_assistant.ui.docks.provenance import percent
from roi_assistant.ui.docks.region_model import caption_text, state_name
from roi_assistant.ui.session.store import Store

ITEM_ROLE: Final = Qt.ItemDataRole.UserRole
"""The `CategoryRegion` of an item; None while it is not read."""
PAGE: Final = 120
"""Regions that are read at once: about two screens."""
_KEPT: Final = 4000
"""Regions that are kept; those that were out of sight longest are read again when they come back."""
_NO_PARENT: Final = QModelIndex()


class CropModel(QAbstractListModel):
    """``row_ids`` are the rows of the project file, in the order of the items."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.row_ids: array[int] = array("q")
        self._regions: OrderedDict[int, CategoryRegion] = OrderedDict()
        self._stale: set[int] = set()
        self._wanted: tuple[int, ...] = ()
        self._is_reading = False
        self._epoch = 0

    # Rows.

    def set_row_ids(self, row_ids: array[int]) -> None:
        """Show these regions. What was read of them is kept."""
        self.beginResetModel()
        self.row_ids = row_ids
        self.endResetModel()

    def forget(self) -> None:
        """Read regions again when they are wanted: they may have changed. Until then they are shown as they were."""
        self._epoch += 1
        self._is_reading = False
        self._stale = set(self._regions)

    def clear(self) -> None:
        """Show nothing: row ids of another project are others."""
        self.forget()
        self._regions.clear()
        self.set_row_ids(array("q"))

    def replace_regions(self, regions: Mapping[int, Region]) -> None:
        """These rows of the project file hold other regions now."""
        for row_id, region in regions.items():
            if row_id in self._regions:
                self._regions[row_id] = replace(self._regions[row_id], region=region)

    def remove(self, row_ids: Collection[int]) -> None:
        """Show these regions no more."""
        gone = frozenset(row_ids)
        self.set_row_ids(array("q", (row_id for row_id in self.row_ids if row_id not in gone)))

    def items_of(self, row_ids: Collection[int]) -> list[int]:
        """The numbers of the items that show ``row_ids``, ascending."""
        chosen = frozenset(row_ids)
        return [item for item, row_id in enumerate(self.row_ids) if row_id in chosen] if chosen else []

    def region(self, item: int) -> CategoryRegion | None:
        """The region of an item, None while it is not read."""
        return self._regions.get(self.row_ids[item]) if 0 <= item < len(self.row_ids) else None

    # Reading.

    def want(self, items: Iterable[int]) -> None:
        """Read the regions of ``items``, and not those that were wanted before and are not read yet."""
        self._wanted = tuple(self.row_ids[item] for item in items)
        for row_id in self._wanted:
            if row_id in self._regions:
                self._regions.move_to_end(row_id)
        self._read()

    def _read(self) -> None:
        missing = [row_id for row_id in self._wanted if row_id not in self._regions or row_id in self._stale][:PAGE]
        if self._is_reading or not missing:
            return
        self._is_reading = True
        epoch = self._epoch

        def arrived(regions: Sequence[CategoryRegion]) -> None:
            if epoch != self._epoch:
                return
            self._is_reading = False
            gone = set(missing) - {region.row_id for region in regions}
            self._wanted = tuple(row_id for row_id in self._wanted if row_id not in gone)
            self._regions.update((region.row_id, region) for region in regions)
            self._stale.difference_update(missing)
            while len(self._regions) > _KEPT:
                self._regions.popitem(last=False)
            if self.row_ids:
                self.dataChanged.emit(self.index(0), self.index(len(self.row_ids) - 1))
            self._read()

        def failed(_error: Exception) -> None:
            if epoch == self._epoch:
                self._is_reading = False

        self._store.read(lambda project: project.regions_by_row_id(missing), arrived, failed)

    # Qt's side.

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.row_ids)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.region(index.row())
        if found is None:
            return None
        if role == ITEM_ROLE:
            return found
        if role == Qt.ItemDataRole.DisplayRole:
            return caption_text(found.region)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(found)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(found)
        return None

    def _tooltip(self, found: CategoryRegion) -> str:
        parts = [caption_text(found.region) or self.tr("No caption yet"), found.image, self._state(found)]
        if found.region.locked:
            parts.append(self.tr("Locked: decisions pass it over"))
        return "\n".join(parts)

    def _spoken(self, found: CategoryRegion) -> str:
        return f"{caption_text(found.region) or self.tr('no caption')}, {self._state(found)}, {found.image}"

    def _state(self, found: CategoryRegion) -> str:
        state = state_name(found.region.state)
        if found.certainty is None:
            return state
        return self.tr("{state}, {certainty} certain").format(state=state, certainty=percent(found.certainty))
