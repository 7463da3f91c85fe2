"""What the open project has taught, and how it changes what the model suggests.

Lessons follow from the project itself: a region that a person accepted or edited, whose looks are known, is one, and
undoing the decision takes it away. The looks of regions are kept in the project file by the model that told them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit
from roi_assistant.core.records import Region, RegionKey, RegionText, ScoredBox
from roi_assistant.core.review import alternatives, preferred_caption
from roi_assistant.errors import FormatError
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.memory_catch_up import CatchUp
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.memory.known_regions import KnownRegions, LookAlike
    from roi_assistant.memory.lessons import Lesson
    from roi_assistant.storage.learning_from import LearningReport
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import StoredFeatures

MOST_BELIEVED = 0.6
"""Probability that is given at most to a name that another model than the embedded one says: such a model is sure of
its words, and not of what a person here calls a thing."""
MOST_AT_ONCE = 100
"""Regions of an edit that are learned from on the thread of the window; after a larger one all is read again beside
it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlikes:
    """Regions that wait and look like one that was decided about, of which ``lesson`` says what it taught."""

    lesson: Lesson
    found: tuple[LookAlike, ...]

    def named(self, region: Region) -> Region:
        """``region`` accepted as what the lesson says, with a caption that speaks of it: one that it has, or else one
        in the words of memory. A person's caption stays."""
        from roi_assistant.memory.recall import words_for

        name, preferred = self.lesson.category, preferred_caption(region)
        if preferred is not None and preferred.provenance.author == "human":
            return region_actions.accept_as(region, name, preferred.text)
        said = [caption.text for caption in (preferred, *alternatives(region)) if caption is not None]
        return region_actions.accept_as(region, name, words_for(said, name, (self.lesson,)))


class MemoryInUse(QObject):
    changed = pyqtSignal()
    """A lesson came or went."""

    def __init__(
        self,
        history: EditHistory,
        store: Store,
        engine: EngineBridge,
        notify: Notify,
        *,
        size: Callable[[str], tuple[int, int] | None],
        options: Callable[[], SessionOptions],
        parent: QObject | None = None,
    ) -> None:
        """``size`` answers the width and height in pixels of an image, by its key; None where it is not known."""
        super().__init__(parent)
        self._store, self._engine, self._notify = store, engine, notify
        self._options, self._size = options, size
        self._known: KnownRegions | None = None
        self._model = ""
        """The weights whose vectors are known; "" while there are none."""
        self._latest: RegionKey | None = None
        """The region that taught something last."""
        self._missed: list[Edit] = []
        """Edits that were made while the project is being read."""
        self._is_reading = False
        self._catch_up = CatchUp(store, engine, self._caught_up, self)
        history.applied.connect(self._learn)
        history.categoriesStored.connect(lambda _edit: self._read_again())
        engine.stateChanged.connect(lambda _state: self._model_changed())

    @property
    def lessons(self) -> int:
        """How many regions have taught something."""
        return len(self._known.memory) if self._known is not None else 0

    def reset(self) -> None:
        """Forget all: the project is closed."""
        self._catch_up.stop()
        self._known, self._model, self._missed, self._is_reading = None, "", [], False
        self._latest = None
        self.changed.emit()

    def load(self) -> None:
        """Read what the project knows of the model that is loaded; what is known meanwhile is kept."""
        info = self._engine.info
        if info is None or "features" not in info.capabilities or self._store.folder is None:
            return
        model = self._model = info.features_by or info.weights_sha256
        self._missed, self._is_reading = [], True

        def read(project: Project) -> KnownRegions:
            from roi_assistant.memory.known_regions import KnownRegions
            from roi_assistant.storage.learning_from import lessons_of_others

            known = KnownRegions()
            # First: in doubt what was said last, in this project, counts.
            for number, (source, row) in enumerate(lessons_of_others(project, model=model)):
                known.borrow(row.lesson, row.vector, source=source, number=number)
            for stored in project.features(model=model):
                known.see_stored(stored.image, stored.region, stored.vector, size=stored.size)
            _ = known.memory.style  # the first time it takes longer than the window can wait
            return known

        def loaded(known: KnownRegions) -> None:
            if model == self._model:
                missed, self._missed, self._is_reading = self._missed, [], False
                before, self._known = self._known, known
                if before is not None:
                    known.take_over(before)
                for edit in missed:
                    self._learn(edit)
                self.changed.emit()
                if self._options().memory:
                    self._catch_up.start(model)

        self._store.read(read, loaded)

    def learn_from(self, folder: Path) -> None:
        """Start with the words of the project in ``folder``; a notice says what came of it."""

        def learned(report: LearningReport) -> None:
            self._notify("info", " ".join(translated(sentence) for sentence in report.sentences()))
            self._read_again()

        def failed(error: Exception) -> None:
            self._notify("error", translated(error))

        def learn(project: Project) -> LearningReport:
            from roi_assistant.storage.learning_from import learn_from

            return learn_from(project, folder)

        self._store.change(learn, learned, failed)

    def _model_changed(self) -> None:
        info = self._engine.info
        if info is not None and (info.features_by or info.weights_sha256) != self._model:
            self._read_again()

    def _read_again(self) -> None:
        """Forget what is known: the file knows better."""
        self._known = None
        self.load()

    def recalled(self, image: str, region: str, text: RegionText) -> RegionText:
        """``text`` about a region, with the names that this project has for regions that look alike; as it is where
        nothing was taught, or the user wants no memory."""
        if not (text.features and self._options().memory):
            return text
        known = self._known_regions()
        key = RegionKey(image, region)
        try:
            info = self._engine.info
            believed = MOST_BELIEVED if info is not None and info.features_by else 1.0
            recalled = known.recalled(text, key=key, size=self._size(image), most_believed=believed)
        except FormatError:  # a plugin's features may be anything
            return text
        return replace(recalled.text, like=recalled.like, like_elsewhere=recalled.like_elsewhere)

    @property
    def has_examples(self) -> bool:
        """Whether captions of this project can be given to a model as examples."""
        return self._options().memory and self.lessons > 0

    def examples(self, features: str) -> tuple[str, ...]:
        """Captions that people accepted for regions that look like ``features``, the most alike first."""
        from roi_assistant.memory.vectors import unpacked

        known = self._known_regions().memory
        try:
            vector = unpacked(features)
        except FormatError:
            return ()
        return known.captions_of_alike(vector) if len(vector) == known.dimensions else ()

    @property
    def decides_about_boxes(self) -> bool:
        """Whether enough was accepted to tell which boxes this project is about."""
        from roi_assistant.memory.familiarity import FEWEST_LESSONS

        return self._options().memory and self.lessons >= FEWEST_LESSONS

    def reweighed(self, looked: Sequence[tuple[ScoredBox, RegionText]]) -> tuple[ScoredBox, ...] | None:
        """Proposals with what they are worth in this project as their scores, by what was said of them; None where
        nobody knows how one of them looks."""
        from roi_assistant.memory.familiarity import reweighed
        from roi_assistant.memory.vectors import unpacked

        known = self._known_regions().memory
        try:
            vectors = [unpacked(text.features) for _, text in looked]
        except FormatError:
            return None
        if any(len(vector) != known.dimensions for vector in vectors):
            return None
        return reweighed((item for item, _ in looked), map(known.familiarity, vectors))

    def look_alikes(self, image: str, regions: Iterable[str]) -> LookAlikes | None:
        """What looks like the last of ``regions`` of ``image`` that has taught something, or else like the region of
        the project that did so last; None without one."""
        if self._known is None:
            return None
        keys = [*(RegionKey(image, id_) for id_ in regions)][::-1] + ([self._latest] if self._latest else [])
        for key in keys:
            lesson = self._known.memory.lesson(key)
            if lesson is not None:
                return LookAlikes(lesson=lesson, found=self._known.look_alikes(key))
        return None

    def see(self, image: str, texts: Sequence[tuple[str, Box, RegionText]]) -> None:
        """Keep how regions look, by their ids and the boxes that were looked at, here and in the project file."""
        vectors = dict(self._seen(image, texts))
        if vectors and self._model:
            model, boxes = self._model, {id_: box for id_, box, _ in texts}
            self._store.write(lambda project: project.store_features(image, vectors, model=model, boxes=boxes))

    def _seen(self, image: str, texts: Sequence[tuple[str, Box, RegionText]]) -> Iterator[tuple[str, bytes]]:
        from roi_assistant.memory.vectors import to_bytes

        known = self._known_regions()
        for id_, _, text in texts:
            if not text.features:
                continue
            try:
                data = to_bytes(text.features)
                known.see(RegionKey(image, id_), data)
            except FormatError:
                continue
            yield id_, data

    def _caught_up(self, image: str, texts: Sequence[tuple[str, Box, RegionText]]) -> None:
        """Regions of ``image`` that were decided about before were looked at: now they teach."""
        self.see(image, texts)
        model = self._model

        def read(stored: Sequence[StoredFeatures]) -> None:
            if model == self._model and self._known is not None:
                for one in stored:
                    self._known.see_stored(one.image, one.region, one.vector, size=one.size)
                self.changed.emit()

        self._store.ask(lambda project: list(project.features(model=model, image=image)), read)

    def _known_regions(self) -> KnownRegions:
        from roi_assistant.memory.known_regions import KnownRegions

        if self._known is None:
            self._known = KnownRegions()
        return self._known

    def _learn(self, edit: Edit) -> None:
        if self._is_reading:
            self._missed.append(edit)
        if self._known is None or not edit.regions:
            return
        if len(edit.regions) > MOST_AT_ONCE:
            if not self._is_reading:
                self._read_again()
            return
        for change in edit.regions:
            region = change.after
            if region is not None:
                moved = change.before is not None and change.before.box != region.box
                self._known.decide(change.image, region, size=self._size(change.image), moved=moved)
                key = RegionKey(change.image, region.id)
                self._latest = key if self._known.memory.lesson(key) is not None else self._latest
            elif change.before is not None:
                self._known.remove(RegionKey(change.image, change.before.id))
        self.changed.emit()
