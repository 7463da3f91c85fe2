"""The categories of the open project: counts, list, colors, digits; which one the next box gets, which are hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.categories import color_of, in_list, nearest_in_list, spelled_in_list
from roi_assistant.core.category_edits import (
    delete_edit,
    filled_keys,
    list_edit,
    merge_edit,
    split_edit,
    with_color,
    with_key,
    with_names,
)
from roi_assistant.core.records import CategoryList, Region
from roi_assistant.core.review import replace_category
from roi_assistant.errors import BadInputError
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.core.edits import CategoryMove, Edit
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import HistoryState

REFRESH_AFTER_MS = 250
"""Pause in editing after which regions are counted again."""


class Categories(QObject):
    """Names are those of categories; "" stands for no category. Changes of the whole project are made where it is
    stored, each as one step of undo of the project."""

    changed = pyqtSignal()
    """Counts, list, colors or digits are others."""
    armedChanged = pyqtSignal(str)
    """The category that the next boxes get; "" for none."""
    hiddenChanged = pyqtSignal()
    told = pyqtSignal(str)
    """A sentence about what was done to the whole project, "" once it does not count any more."""

    def __init__(self, history: EditHistory, store: Store, notify: Notify, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history, self._store, self._notify = history, store, notify
        self.list = CategoryList()
        self.counts: dict[str, int] = {}
        """Regions that are not rejected, the most frequent category first; as of the last reading."""
        self.armed = ""
        self.hidden: frozenset[str] = frozenset()
        self.is_busy = False
        """Whether a change of the whole project is still being made."""
        self.project_history: HistoryState | None = None
        """What undo and redo of the project would do; None when it is not known."""
        self.digits: tuple[str, ...] = ()
        """The category of each digit from 1 on, "" for none. One with a digit keeps it while the project is open."""
        self._counting = single_shot(self, REFRESH_AFTER_MS, self.refresh)
        history.changed.connect(lambda _state: self.count_soon())
        history.categoriesStored.connect(self._stored)

    # What there is.

    @property
    def names(self) -> tuple[str, ...]:
        """The categories that regions have, the most frequent first, then the others of the list."""
        used = (name for name, count in self.counts.items() if name and count)
        return tuple(dict.fromkeys((*used, *self.list.names)))

    def color(self, name: str) -> str:
        """The color of a category, ``#rrggbb``."""
        return color_of(name, self.list)

    def is_allowed(self, name: str) -> bool:
        """Whether regions may get the category ``name``: the list is open, or has it."""
        return not (self.list.closed and name) or in_list(name, self.list.names)

    def nearest(self, name: str) -> str | None:
        """The name of the list that stands for ``name``; None: there is none."""
        return nearest_in_list(name, self.list.names)

    def fitted(self, before: Region, after: Region) -> Region:
        """``after``, which somebody made of ``before``, with a category that the closed list has.

        One that followed from a caption is replaced by the nearest of the list, or by none. What a model suggests may
        have any, as long as nobody decides about it.

        Raises:
            BadInputError: a person chose, or accepted, one that the list does not have.
        """
        category = after.category or ""
        if self.is_allowed(category):
            return after
        is_new, by = before.category != category, after.category_provenance
        if is_new and by is not None and by.derived_from:
            return replace_category(after, self.nearest(category))
        if is_new or (after.state in ("accepted", "edited") and before.state != after.state):
            raise BadInputError(
                "{name} is not in the list of categories of this project: add it to the list first, or take another.",
                name=repr(category),
            )
        return after

    def spelled(self, name: str) -> str:
        """``name`` as the closed list spells it."""
        return spelled_in_list(name, self.list.names) or name

    # Reading.

    def reset(self) -> None:
        """Another project, or none, is open."""
        self.list, self.counts, self.digits, self.hidden = CategoryList(), {}, (), frozenset()
        self.project_history, self.is_busy = None, False
        self._counting.stop()
        self.disarm()
        self.told.emit("")
        self.hiddenChanged.emit()
        self.changed.emit()

    def notice(self, regions: Iterable[Region]) -> None:
        """Know the categories of ``regions`` at once; they are counted with the others a little later."""
        new = {region.category for region in regions if region.category} - self.counts.keys()
        if new:
            self.counts = {**self.counts, **dict.fromkeys(sorted(new), 1)}
            self._give_digits()
            self.changed.emit()

    def count_soon(self) -> None:
        """Regions were changed."""
        if not self._counting.isActive():
            self._counting.start()

    def refresh(self) -> None:
        """Read counts and list again."""
        self._store.read(
            lambda project: (project.category_counts(), project.category_list(), project.history("")), self._show
        )

    def _show(self, answer: tuple[dict[str, int], CategoryList, HistoryState]) -> None:
        self.counts, self.list, self.project_history = answer
        self._give_digits()
        self.changed.emit()

    def _give_digits(self) -> None:
        known = set(self.names)
        chosen = (*self.list.keys, *("",) * len(self.digits))
        kept = [
            own or (before if before in known and before not in self.list.keys else "")
            for own, before in zip(chosen, (*self.digits, *("",) * len(chosen)), strict=False)
        ]
        self.digits = filled_keys(kept, self.names)

    # The next boxes.

    def arm(self, name: str) -> None:
        """The next boxes get ``name`` as their category, until it is taken back."""
        if not self.is_allowed(name):
            self._notify(
                "warning",
                self.tr("“{}” is not in the list of categories of this project: add it to the list first.").format(
                    name
                ),
            )
        elif name != self.armed:
            if name in self.hidden:
                self.toggle_hidden((name,))
            self.armed = name
            self.armedChanged.emit(name)

    def toggle_armed(self, name: str) -> None:
        """``arm``, or take it back."""
        if name == self.armed:
            self.disarm()
        else:
            self.arm(name)

    def toggle_digit(self, digit: int) -> None:
        """``toggle_armed`` of the category of a digit, 1 to 9."""
        name = self.digits[digit - 1] if digit <= len(self.digits) else ""
        if name:
            self.toggle_armed(name)

    def disarm(self) -> None:
        """The next boxes get no category."""
        if self.armed:
            self.armed = ""
            self.armedChanged.emit("")

    # What is hidden.

    def toggle_hidden(self, names: Iterable[str]) -> None:
        """Hide the regions of these categories on the canvas, or show them again when all of them are hidden."""
        names = frozenset(names)
        self.hidden = self.hidden - names if names <= self.hidden else self.hidden | names
        self.hiddenChanged.emit()

    def show_all(self) -> None:
        """Hide nothing."""
        self.hidden = frozenset()
        self.hiddenChanged.emit()

    def show_only(self, names: Iterable[str]) -> None:
        """Hide all categories but these."""
        self.hidden = frozenset((*self.names, "")) - frozenset(names)
        self.hiddenChanged.emit()

    # Changes of the whole project.

    def rename(self, before: str, after: str) -> None:
        """Call a category ``after``; regions that have that already and the renamed ones are then of one category."""
        after = " ".join(after.split())
        if not after or after == before:
            return

        def sentence(edit: Edit) -> str:
            count = _moved(edit)
            if edit.label == "Merge categories":
                return self.tr("%n region(s) of “{}” moved to “{}”.", "", count).format(before, after)
            return self.tr("“{}” is called “{}” now.").format(before, after)

        self._follow_names((before,), after)
        self._change(lambda project: project.rename_category(before, after), sentence)

    def merge(self, names: Sequence[str], into: str) -> None:
        """All regions of ``names`` get the category ``into``."""
        into = " ".join(into.split())
        others = [name for name in names if name != into]
        if not into or not others:
            return
        self._follow_names(others, into)
        self._change(
            lambda project: project.change_categories(merge_edit(project.category_list(), others, into)),
            lambda edit: self.tr("%n region(s) moved to “{}”.", "", _moved(edit)).format(into),
        )

    def split(self, move: CategoryMove) -> None:
        """Some regions of a category get another one."""
        after = move.after or ""
        self._change(
            lambda project: project.change_categories(split_edit(project.category_list(), move)),
            lambda edit: self.tr("%n region(s) of “{}” moved to “{}”.", "", _moved(edit)).format(move.before, after),
        )

    def delete(self, names: Sequence[str]) -> None:
        """Take these categories away; their regions stay, without a category."""
        self._follow_names(names, "")
        shown = ", ".join(f"“{name}”" for name in names)
        self._change(
            lambda project: project.change_categories(delete_edit(project.category_list(), names)),
            lambda edit: self.tr("{} deleted: %n region(s) have no category now.", "", _moved(edit)).format(shown),
        )

    def count_move(self, move: CategoryMove, done: Callable[[int], None]) -> None:
        """How many regions ``split`` would move now."""
        self._store.read(lambda project: project.count_move(move), done)

    def add(self, names: Iterable[str], then: Callable[[], None] = lambda: None) -> None:
        """Put ``names`` into the list; ``then`` is called once they are."""
        new = tuple(name for name in (" ".join(name.split()) for name in names) if name)
        if new:
            self._change_list(lambda known: with_names(known, new), then)

    def take_off(self, names: Iterable[str]) -> None:
        """Take ``names`` off the list; regions keep them."""
        gone = set(names)
        self._change_list(lambda known: replace(known, names=tuple(n for n in known.names if n not in gone)))

    def set_closed(self, closed: bool) -> None:
        """Whether categories must be in the list. A list that is closed for the first time has all that are in use."""
        used = () if self.list.names else self.names
        self._change_list(lambda known: replace(with_names(known, used if closed else ()), closed=closed))

    def set_color(self, name: str, color: str) -> None:
        """``#rrggbb``; empty: the color that follows from the name."""
        self._change_list(lambda known: with_color(known, name, color))

    def set_digit(self, name: str, digit: int) -> None:
        """The digit 1 to 9 of a category, 0 for none."""
        digits = self.digits

        def change(known: CategoryList) -> CategoryList:
            return with_key(replace(known, keys=filled_keys(digits, ())), name, digit)

        self._change_list(change)

    def undo(self) -> None:
        """Take the last step of the project back."""
        self.told.emit("")
        self._history.undo("")

    def _change_list(
        self, change: Callable[[CategoryList], CategoryList], then: Callable[[], None] = lambda: None
    ) -> None:
        def make(project: Project) -> Edit | None:
            before = project.category_list()
            after = change(before)
            return None if after == before else project.change_categories(list_edit(before, after))

        self._change(make, None, then)

    def _change(
        self,
        make: Callable[[Project], Edit | None],
        sentence: Callable[[Edit], str] | None,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Let ``make`` change the project; what it did is told by ``sentence``."""
        if not self._store.may_edit():
            return
        made: list[Edit] = []

        def change(project: Project) -> Sequence[Edit]:
            edit = make(project)
            made.extend([] if edit is None else [edit])
            return made

        def done() -> None:
            self.is_busy = False
            if made and sentence is not None:
                self.told.emit(sentence(made[0]))
            then()

        def failed(error: Exception) -> None:
            self.is_busy = False
            self._notify("error", translated(error))
            self.refresh()

        self.is_busy = sentence is not None
        self.told.emit("")
        self._history.store_edits(change, done, failed)

    def _stored(self, edit: Edit) -> None:
        """An edit of the categories was made, taken back or made again."""
        assert edit.categories is not None
        if edit.categories.listed is not None:
            self.list = edit.categories.listed[1]
        self.refresh()

    def _follow_names(self, before: Iterable[str], after: str) -> None:
        """What is armed or hidden goes with the name."""
        before = frozenset(before)
        if self.armed in before:
            self.armed = after
            self.armedChanged.emit(after)
        if self.hidden & before:
            self.hidden = self.hidden - before
            self.hiddenChanged.emit()


def _moved(edit: Edit) -> int:
    return sum(move.count for move in edit.categories.moved) if edit.categories is not None else 0
