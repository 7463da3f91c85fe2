"""A session with a real project file and an engine that answers when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredBox,
    ScoredText,
    SuggestedAttribute,
)
from roi_assistant.core.review import preferred_caption
from roi_assistant.engine.engine import BoxesProposed, Described, EngineStateChanged, Failed, Finished
from roi_assistant.plugins import PluginManager
from roi_assistant.sentences import Sentence
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.session import ProjectSession
from tests.gui.application_fixtures import wait_for

INFO = CaptionerInfo("m", "M", "ab" * 32, "cpu", "fp32", capabilities=frozenset({"features", "proposes"}))


class Engine:
    """Keeps what it is asked; the test answers."""

    def __init__(self, on_event: Callable[[Any], None]) -> None:
        self.on_event = on_event
        self.asked: dict[int, tuple[Path, tuple[Box, ...]]] = {}
        self.requests: list[DescribeRequest] = []
        self.cancelled: list[int] = []
        self.prefetched: list[str] = []
        self.searched: dict[int, tuple[Path, int]] = {}
        """Ticket -> the file in which boxes are searched, and how many at most."""
        self.looked_for: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        """Words and categories of each search."""

    def start(self) -> None:
        self.on_event(EngineStateChanged("ready", INFO))

    def describe(self, image: Path, boxes: Sequence[Box], request: DescribeRequest, *, priority: str = "") -> int:
        ticket = len(self.asked) + len(self.searched) + 1
        self.asked[ticket] = (image, tuple(boxes))
        self.requests.append(request)
        return ticket

    def chat(self, image: Path, boxes: Sequence[Box], turns: Any) -> int:
        return self.describe(image, boxes, DescribeRequest())

    def propose(self, image: Path, *, most: int, words: Any = (), categories: Any = (), priority: str = "") -> int:
        ticket = len(self.asked) + len(self.searched) + 1
        self.searched[ticket] = (image, most)
        self.looked_for.append((tuple(words), tuple(categories)))
        return ticket

    def find(self, ticket: int, *boxes: ScoredBox, by: CaptionerInfo | None = None) -> None:
        """These boxes were found, by a detector where ``by`` is given."""
        self.on_event(BoxesProposed(ticket, boxes, by))
        self.on_event(Finished(ticket))

    def fail(self, ticket: int, message: str) -> None:
        self.on_event(Failed(ticket, Sentence(message)))

    def prefetch(self, images: Sequence[Path]) -> None:
        self.prefetched = [path.name for path in images]

    def cancel(self, ticket: int) -> None:
        self.cancelled.append(ticket)

    def close(self) -> None: ...

    def answer(
        self,
        ticket: int,
        words: str,
        *,
        partial: bool = False,
        score: float = 0.9,
        attribute: str = "color",
        category: str = "",
        features: str | Sequence[str] = "",
    ) -> None:
        """``features``: how the boxes look, all alike or each, as a captioner with that capability tells it."""
        for index, box in enumerate(self.asked[ticket][1]):
            attributes = () if partial else (SuggestedAttribute(attribute, ("red",), score),)
            named = ScoredText(category, 0.5) if category else None
            looks = features if isinstance(features, str) else features[index]
            text = RegionText(box, ScoredText(words, 0.8), category=named, attributes=attributes, features=looks)
            self.on_event(Described(ticket, index, text, partial))
        if not partial:
            self.on_event(Finished(ticket))


class Setup:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: list[Engine] = []
        self.notices: list[str] = []
        self.session = ProjectSession(EngineBridge(self._make), plugins=PluginManager(packages=False))
        self.session.notice.connect(lambda _level, text: self.notices.append(text))
        self.session.engine.start()
        self.session.open_folder(folder)
        wait_for(lambda: self.session.history.state is not None, "the first image")
        wait_for(lambda: not self.session.images.scanning and len(self.session.images.keys) == 3)
        self.session.set_image_size("a.png", 400, 300)
        self.settle()

    def _make(self, on_event: Callable[[Any], None]) -> Engine:
        self.engines.append(Engine(on_event))
        return self.engines[-1]

    @property
    def engine(self) -> Engine:
        return self.engines[-1]

    @property
    def texts(self) -> list[str]:
        found = [preferred_caption(region) for region in self.session.image.regions]
        return [caption.text if caption else "" for caption in found]

    def settle(self) -> None:
        QApplication.processEvents()
        told: list[object] = []
        self.session.store.ask(lambda _: None, told.append)
        wait_for(lambda: told)

    def close(self) -> None:
        self.session.close_project()
        assert self.session.store.wait_closed(30)
        self.session.engine.close()
