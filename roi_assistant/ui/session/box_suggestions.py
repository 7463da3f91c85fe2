"""Boxes that the model proposes on the image in sight: the best ones, the one under a click, and a larger one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from PyQt6.QtCore import QCoreApplication, QObject

from roi_assistant.core.box import Box
from roi_assistant.core.proposals import LARGER, BoxesThere, proposal_at
from roi_assistant.core.records import CaptionerInfo, Region, ScoredBox
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.box_choice import BoxChoice
from roi_assistant.ui.session.edits import RegionEdits
from roi_assistant.ui.session.engine_bridge import Asked, EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.look_for import LookFor
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.store import Notify, Store

MOST_PROPOSALS = 200
"""Boxes that the model is asked for: a click may be about a small thing that is not among the best."""

Proposals: TypeAlias = tuple[ScoredBox, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is done with proposals once they come. ``tells``: the user asked for boxes in words, and is told if there
    are none."""

    act: Callable[[Proposals], None]
    tells: bool


class BoxSuggestions(QObject):
    """Proposals are asked for when they are first needed, and kept while the image is in sight."""

    def __init__(
        self,
        image: ImageInSight,
        history: EditHistory,
        store: Store,
        engine: EngineBridge,
        notify: Notify,
        *,
        edits: RegionEdits,
        choice: BoxChoice,
        look_for: LookFor,
        options: Callable[[], SessionOptions],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._options = options
        self._image, self._history, self._store = image, history, store
        self._engine, self._notify, self._edits, self._choice = engine, notify, edits, choice
        self._look_for = look_for
        self._proposals: Proposals | None = None
        self._by: CaptionerInfo | None = None
        """The detector that found them; None where the captioner did."""
        self._asked_as: object = None
        """What they depend on: the detector, or the captioner's weights, and what was looked for."""
        self._ticket: int | None = None
        self._waiting: list[_Waiting] = []
        self._clicked = ("", (0.0, 0.0))
        """The region that the last click brought, and where that was, in pixels of the image."""
        engine.proposed.connect(self._arrived)
        engine.failed.connect(self._failed)
        engine.cancelled.connect(self._cancelled)
        image.opened.connect(lambda _key: self._forget())

    @property
    def proposer(self) -> str:
        """The id of the detector that suggests boxes; "" where the captioner does."""
        return self._options().proposer

    def suggest(self) -> None:
        """Add the best boxes that are not there yet as one edit, and ask the model about them. A notice says when there
        are none, or when the model proposes no boxes."""
        is_asked = any(waiting.tells for waiting in self._waiting) or self._choice.is_busy
        if is_asked or not self._image.key or not self._store.may_edit():
            return
        chosen = self._image.selection
        self._when_proposed(lambda found: self._add(found, chosen), tells=True)

    def add_at(self, x: float, y: float) -> None:
        """Add the likeliest box around a point in pixels of the image, as if it had been drawn. Nothing happens where
        none is, with a model that proposes no boxes, or where the user wants no boxes by clicks."""
        if not self._image.key or self._store.read_only or not self._options().box_on_click:
            return
        known = frozenset(region.id for region in self._image.stored)
        self._when_proposed(lambda found: self._add_at(found, x, y, known), tells=False)

    def enlarge(self) -> None:
        """Make the box of the region that was selected last the next larger one that the model proposes around the
        click that brought it, or around its middle. A notice says when there is none."""
        id_ = self._image.selection[-1] if self._image.selection else ""
        if id_ and self._store.may_edit():
            self._when_proposed(lambda found: self._enlarge(found, id_), tells=True)

    # Proposals.

    def _when_proposed(self, act: Callable[[Proposals], None], *, tells: bool) -> None:
        """Call ``act`` with the proposals for the image in sight, now or once they come; never for another image."""
        info, folder = self._engine.info, self._store.folder
        if info is not None and "proposes" not in info.capabilities:
            if tells:
                text = QCoreApplication.translate("Session", "The model {} cannot suggest boxes: draw them.")
                self._notify("info", text.format(info.name))
            return
        asked_as = self._asking
        if self._proposals is not None and asked_as == self._asked_as:
            found = self._proposals
            self._history.when_settled(lambda: act(found))
        elif folder is not None:
            self._waiting.append(_Waiting(act, tells))
            if self._ticket is not None and asked_as != self._asked_as:
                ticket, self._ticket = self._ticket, None
                self._engine.cancel(ticket)
            if self._ticket is None:
                key, self._asked_as = self._image.key, asked_as
                self._ticket = self._engine.propose(
                    key, folder / key, most=MOST_PROPOSALS, wanted=self._look_for.wanted
                )

    @property
    def _asking(self) -> object:
        if self.proposer:
            return self.proposer, self._look_for.wanted
        return self._engine.info.weights_sha256 if self._engine.info is not None else ""

    def _arrived(self, ticket: int, found: Proposals, by: CaptionerInfo | None) -> None:
        if ticket != self._ticket:
            return
        self._proposals, self._by, self._ticket = found, by, None
        self._asked_as = self._asking  # the captioner may have been loaded for it
        for waiting in self._take_waiting():
            self._history.when_settled(lambda act=waiting.act: act(found))  # type: ignore[misc]

    def _take_waiting(self) -> list[_Waiting]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def _failed(self, ticket: int, _asked: Asked, message: str) -> None:
        if ticket == self._ticket:
            self._ticket = None
            if any(waiting.tells for waiting in self._take_waiting()):
                self._notify("error", message)

    def _cancelled(self, ticket: int, _asked: Asked) -> None:
        if ticket == self._ticket:
            self._ticket, self._waiting = None, []

    def _forget(self) -> None:
        """Another image is in sight."""
        ticket, self._ticket = self._ticket, None
        self._proposals, self._waiting, self._clicked = None, [], ("", (0.0, 0.0))
        self._choice.stop()
        if ticket is not None:
            self._engine.cancel(ticket)

    # What is done with them, when the image is settled.

    def _boxes(self, *, without: str = "") -> list[Box]:
        """Those of all regions but one, also the rejected ones: what was rejected is not suggested again."""
        return [region.box for region in self._image.stored if region.id != without]

    def _add(self, found: Proposals, chosen: tuple[str, ...]) -> None:
        def add(boxes: tuple[Box, ...]) -> None:
            if self._image.key != key:
                return
            if boxes:
                # Who selected something else meanwhile goes on with that.
                regions = list(filter(None, (self._region(by_box[box]) for box in boxes)))
                self._edits.add_found("Suggest boxes", regions, select=self._image.selection == chosen)
            else:
                self._notify("info", QCoreApplication.translate("Session", "No more boxes were found here: draw them."))

        def chosen_boxes(boxes: tuple[Box, ...]) -> None:
            self._history.when_settled(lambda: add(boxes))

        key, folder = self._image.key, self._store.folder
        by_box = {item.box: item for item in reversed(found)}  # the surest of each
        if folder is not None:
            self._choice.choose(folder / key, found, by=self._by, taken=self._boxes, then=chosen_boxes)

    def _region(self, found: ScoredBox) -> Region | None:
        wanted = self._look_for.wanted
        return region_actions.found_region(
            found,
            by=self._by,
            size=self._image.size,
            fitting=self._look_for.fitting,
            words=wanted.words or wanted.categories,
        )

    def _add_at(self, found: Proposals, x: float, y: float, known: frozenset[str]) -> None:
        for region in self._image.stored:
            box = region.box
            if region.id not in known and box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2:
                return  # the second of two quick clicks
        likeliest = self._first_new(found, x, y)
        drawn = self._region(likeliest) if likeliest is not None else None
        if drawn is not None and (id_ := self._edits.add_found_box(drawn)):
            self._clicked = (id_, (x, y))

    def _enlarge(self, found: Proposals, id_: str) -> None:
        region = self._image.region(id_)
        if region is None:
            return
        if region.state != "suggested" or region.locked:
            text = QCoreApplication.translate("Session", "Only a box that is not decided and not locked gets larger.")
            self._notify("info", text)
            return
        clicked, place = self._clicked
        x, y = place if clicked == id_ else region.box.center
        larger = self._first_new(found, x, y, without=id_, least_area=region.box.area * LARGER**0.5)
        if larger is None:
            text = QCoreApplication.translate("Session", "No larger box was found here: drag the edges of this one.")
            self._notify("info", text)
        else:
            self._edits.change_boxes({id_: larger.box}, label="Larger box")

    def _first_new(
        self, found: Proposals, x: float, y: float, *, without: str = "", least_area: float = 0.0
    ) -> ScoredBox | None:
        """The first box around a point, in the order of `proposal_at`, that has ``least_area`` square pixels and is the
        box of no region but ``without``."""
        there = BoxesThere(self._boxes(without=without))
        around = (item for item in proposal_at(found, x, y) if item.box.area >= least_area)
        return next((item for item in around if not there.has(item.box)), None)
