"""The list of images of the open project: filtered, counted, and kept up with the folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.records import ImageNotes, Region
from roi_assistant.sentences import Sentence
from roi_assistant.storage.records import ImageOrder, ImageRow, ImageRows
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.project_opening import FolderScan, listing
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import ImageFilter
    from roi_assistant.ui.session.project_opening import Listing

LIST_EVERY = 2.0
"""Seconds between two readings of the list while a folder is searched."""


class FileTimes:
    """When the files of images were changed last, in seconds. Each is looked up once: a network disk takes its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, float | None] = {}

    def __call__(self, key: str) -> float | None:
        if key not in self._known:
            try:
                self._known[key] = (self.folder / key).stat().st_mtime
            except OSError:
                self._known[key] = None
        return self._known[key]


class ImageList(QObject):
    """Keys are those of images; an index is a place in ``rows`` and ``keys``."""

    changed = pyqtSignal()
    listed = pyqtSignal()
    """The list was read, and everybody has heard of it."""
    rowChanged = pyqtSignal(str)
    """One row has new figures."""
    scanFinished = pyqtSignal(int)

    def __init__(self, store: Store, notify: Notify, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._notify = store, notify
        self.rows = ImageRows()
        self.keys: Sequence[str] = ()
        self.filter: ImageFilter | None = None
        self.order = ImageOrder()
        self.scanning = False
        self._index: dict[str, int] = {}
        self._file_times = FileTimes(Path())
        self._scan: FolderScan | None = None
        self._listed_at = 0.0

    def index(self, key: str) -> int | None:
        """The place of an image in the list; None when the filter hides it."""
        return self._index.get(key)

    def row(self, key: str) -> ImageRow | None:
        """The figures of an image; None when the filter hides it."""
        return self.rows[self._index[key]] if key in self._index else None

    def size(self, key: str) -> tuple[int, int] | None:
        """Width and height of an image in pixels as displayed; None when it was never opened or the filter hides it."""
        row = self.row(key)
        return (row.width, row.height) if row is not None and row.width and row.height else None

    def near(self, key: str) -> list[str]:
        """The images after and before ``key``."""
        index = self._index.get(key)
        if index is None:
            return []
        return [self.keys[n] for n in (index + 1, index - 1) if 0 <= n < len(self.keys)]

    def next_waiting(self, key: str) -> str:
        """The next image in the list after ``key``, around its end, with regions to review; "" when there is none."""
        place = self.rows.next_suggested(self._index.get(key, -1))
        return "" if place is None else self.keys[place]

    def set_filter(self, flt: ImageFilter | None) -> None:
        """Show the images that ``flt`` lets through; None shows all."""
        self.filter = flt
        self.refresh()

    def set_order(self, order: ImageOrder) -> None:
        """Sort and group the images in ``order``, now and in projects that are opened later."""
        if order != self.order:
            self.order = order
            self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._listed_at = time.monotonic()
        flt, order = self.filter, self.order
        folder = self._store.folder or Path()
        if folder != self._file_times.folder:
            self._file_times = FileTimes(folder)
        file_times = self._file_times

        def arrived(answer: Listing) -> None:
            if flt is self.filter and order is self.order:
                self.show(answer)

        self._store.read(lambda project: listing(project, flt, order, file_times), arrived)

    def show(self, answer: Listing) -> None:
        """Take over a list that was read; emits ``changed``, then ``listed``."""
        self.rows, self.keys, self._index = answer
        self._listed_at = time.monotonic()
        self.changed.emit()
        self.listed.emit()

    def clear(self) -> None:
        """No project is open."""
        if self._scan is not None:
            self._scan.stop()
            self._scan = None
        self.scanning = False
        self.rows, self.keys, self._index, self.filter = ImageRows(), (), {}, None
        self._file_times = FileTimes(Path())

    # Figures.

    def count(self, key: str, regions: Sequence[Region]) -> None:
        """The figures of an image whose regions are in memory."""
        states = [region.state for region in regions]
        self._replace(
            key,
            regions=len(states),
            suggested=states.count("suggested"),
            accepted=states.count("accepted"),
            edited=states.count("edited"),
            rejected=states.count("rejected"),
        )

    def set_notes(self, key: str, notes: ImageNotes) -> None:
        """What a person noted of an image, which is stored already or about to be."""
        self._replace(key, note=notes.note, reviewed_empty=int(notes.reviewed_empty))

    def set_size(self, key: str, width: int, height: int) -> None:
        """The picture was decoded: its size in pixels, orientation applied."""
        row = self.row(key)
        if row is None or self._store.read_only or (row.width, row.height, row.problem) == (width, height, ""):
            return
        if row.width is not None and row.regions and (row.width, row.height) != (width, height):
            remark = Sentence.of(
                "{image} had {before} pixels when its regions were made, and now has {now}: look whether they fit.",
                image=key,
                before=f"{row.width} x {row.height}",
                now=f"{width} x {height}",
            )
            self._notify("warning", translated(remark))
        self._store.write(lambda project: project.set_image_size(key, width, height))
        self._replace(key, width=width, height=height, problem="")

    def set_problem(self, key: str, message: str) -> None:
        """The picture cannot be shown."""
        row = self.row(key)
        if row is None or self._store.read_only or row.problem == message:
            return
        self._store.write(lambda project: project.set_image_problem(key, message))
        self._replace(key, problem=message)

    def _replace(self, key: str, **fields: int | str) -> None:
        index = self._index.get(key)
        if index is None:
            return
        row = self.rows[index]._replace(**fields)  # type: ignore[arg-type]
        if row != self.rows[index]:
            self.rows[index] = row
            self.rowChanged.emit(key)

    # The folder.

    def rescan(self) -> None:
        """Look for pictures that came into the folder since."""
        folder = self._store.folder
        if folder is None or self.scanning or not self._store.keeps_list:
            return
        self.scanning = True
        self._file_times = FileTimes(folder)

        def add_keys(keys: list[str]) -> None:
            self._store.add_images(keys, self._added)

        def finished(count: int, problem: Sentence) -> None:
            self._store.ask(other_projects, lambda remark: self._scan_finished(count, problem, remark))

        def other_projects(project: Project) -> Sentence:
            from roi_assistant.storage.sub_projects import tell_sub_projects

            return tell_sub_projects(project, scan.sub_projects)

        self._scan = scan = FolderScan(folder, add_keys=add_keys, finished=finished, known=self._index.keys())
        scan.start()

    def _added(self, added: int) -> None:
        if added and (not self.keys or time.monotonic() - self._listed_at > LIST_EVERY):
            self.refresh()

    def _scan_finished(self, count: int, *remarks: Sentence) -> None:
        self.scanning = False
        for remark in filter(None, remarks):
            self._notify("warning", translated(remark))
        self.refresh()
        self.scanFinished.emit(count)
