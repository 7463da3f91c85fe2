"""A folder of images and what is known about them: ``FOLDER/project.roi``.

Every change is one transaction that is on the disk when the method returns. Images are never written to.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Literal, ParamSpec, TypeVar

from roi_assistant.core.box import Box
from roi_assistant.core.category_edits import merge_edit, rename_edit
from roi_assistant.core.edits import CategoryMove, Edit, inverse
from roi_assistant.core.records import AttributeSchema, CategoryList, Conversation, ImageNotes, Region
from roi_assistant.core.times import now
from roi_assistant.errors import EditConflictError, ProjectError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.storage import (
    acknowledged,
    category_edits,
    category_regions,
    connection,
    conversations_and_jobs,
    image_edits,
    model_outcomes,
    overview,
    queries,
    region_features,
    restoring,
)
from roi_assistant.storage.backup import is_backed_up, make_backup, sweep_backups
from roi_assistant.storage.keys import check_key, sort_key, to_db
from roi_assistant.storage.lock import WriterLock
from roi_assistant.storage.records import (
    BatchFilter,
    BatchTargets,
    CategoryCount,
    CategoryFilter,
    CategoryRegion,
    FeaturelessRegion,
    HistoryState,
    ImageFilter,
    ImageOrder,
    ImageRow,
    ImageRows,
    LearningCurve,
    Overview,
    ProjectOutcomes,
    QueueFilter,
    QueueItem,
    ReviewCounts,
    SearchHit,
    StoredFeatures,
    StoredJob,
)
from roi_assistant.storage.region_rows import COLUMNS, RegionRows
from roi_assistant.storage.upkeep import Upkeep
from roi_assistant.temporary_files import sweep_temporaries

PROJECT_NAME = connection.PROJECT_NAME
_log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def _reads(method: Callable[Concatenate[Project, P], R]) -> Callable[Concatenate[Project, P], R]:
    """Errors of SQLite become sentences, and attributes are called by their names of now."""

    @functools.wraps(method)
    def reading(self: Project, *args: P.args, **kwargs: P.kwargs) -> R:
        with connection.translated(self.path):
            self._rows.learn_names()
            return method(self, *args, **kwargs)

    return reading


class Project:
    """An open project file. Belongs to the thread that opened it; every other thread opens its own to read.

    All methods raise ``ProjectError``: damaged, locked, or not writable, with a sentence that says what to do. A method
    that raises has changed nothing.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, lock: WriterLock | None) -> None:
        self.path = path
        self.folder = path.parent
        self.read_only = lock is None
        self._db = db
        self._lock = lock
        self._identity = connection.identity_of(path)
        with connection.translated(path):
            self._rows = RegionRows(db)
            self._acknowledged = None if lock is None else acknowledged.Acknowledged(path.parent)
        self._upkeep = Upkeep(path)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, backup: bool = True, accept_loss: bool = False) -> Project:
        """Open the project of ``folder``, made when there is none.

        For writing, the file is checked, migrated, and copied to ``.roi-backups`` when it changed since the last copy.
        A large file is copied in the background, and, after a session that did not end as it should, checked there;
        when damage is found, nothing can be written any more. To read, nothing of this is done, and there may be a
        writer beside.

        A project whose last steps are missing is refused, unless ``accept_loss`` says to go on with what is there; its
        log is then kept under another name.

        Raises:
            ProjectLockedError: another window or command has it open for writing; ``read_only`` will work.
            ProjectDamagedError: the file is damaged, or gone while backups or a log of it are there; names the newest
                backup.
            ProjectVersionError: a newer version of the program wrote it.
            ProjectWriteError: there is no project and none can be made.
            ProjectError: ``folder`` is not a folder, or (``read_only``) has no project.
        """
        folder = Path(folder)
        path = folder / PROJECT_NAME
        if not folder.is_dir():
            raise ProjectError("{folder} is not a folder: choose a folder of images.", folder=folder)
        if read_only:
            path = restoring.file_to_read(folder)
            if not path.exists():
                restoring.refuse_remains(folder)
                raise ProjectError(
                    "{folder} has no {name} yet: open it for writing once.",
                    folder=folder,
                    name=PROJECT_NAME,
                )
            return cls(path, connection.connect(path, read_only=True), None)
        lock = WriterLock.acquire(folder / connection.LOCK_NAME, project=path)
        db = None
        try:
            with connection.translated(path):
                sweep_temporaries(folder)
                sweep_backups(path)
                restoring.finish_restore(folder)
            is_new = not path.is_symlink() and not path.exists()
            if is_new:
                restoring.refuse_remains(folder)
                connection.create(path)
            connection.finish_rollback(path)
            wal = path.with_name(path.name + "-wal")
            clean = not (wal.exists() and wal.stat().st_size)
            if accept_loss:
                restoring.keep_log(wal)
                (folder / acknowledged.NAME).unlink(missing_ok=True)
            connection.check_before_writing(path)
            db = connection.connect(path, read_only=False)
            connection.check_on_opening(db, path, clean=clean)
            unsaved = not is_new and not is_backed_up(db, path)
            connection.migrate(db, path)
            connection.check_tables(db, path)
            project = cls(path, db, lock)
            project._upkeep.start(check=not clean, backup=backup and unsaved)
            return project
        except BaseException:
            if db is not None:
                db.close()
            lock.release()
            raise

    def close(self) -> None:
        """Merge the log into the file and let others write. Nothing is lost when this is never called."""
        self._upkeep.stop()
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        if self._acknowledged is not None:
            self._acknowledged.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------- images

    def add_images(self, keys: Iterable[str]) -> int:
        """Add those of ``keys`` that are not there yet; the answer is how many. Nothing is removed.

        Raises:
            BadInputError: a key is not a POSIX path below the folder; nothing is added.
        """
        # In their order: who lists them later then reads the table from its beginning to its end.
        rows = sorted(((sort_key(key), to_db(check_key(key))) for key in keys), key=itemgetter(0))
        if not rows:
            return 0
        with self._writing():
            return self._db.executemany("INSERT OR IGNORE INTO images (sort, key) VALUES (?, ?)", rows).rowcount

    @_reads
    def images(
        self,
        flt: ImageFilter = ImageFilter(),  # noqa: B008 - frozen
        order: ImageOrder = ImageOrder(),  # noqa: B008
        *,
        file_time: Callable[[str], float | None] = lambda key: None,
    ) -> ImageRows:
        """The images that ``flt`` finds, in ``order``.

        Args:
            flt: Conditions.
            order: Of the answer.
            file_time: The date of the file of an image with this key, in any unit, for an order by date; None where it
                is not known. It is asked for each image and must not raise.
        """
        return queries.images(self._db, flt, self._rows.names, order, file_time)

    @_reads
    def image_count(self, flt: ImageFilter = ImageFilter()) -> int:  # noqa: B008 - frozen
        """How many images ``flt`` finds."""
        return queries.image_count(self._db, flt, self._rows.names)

    @_reads
    def image(self, key: str) -> ImageRow | None:
        """One image, None when the project does not have it."""
        return queries.image(self._db, key)

    def set_image_size(self, key: str, width: int, height: int) -> None:
        """Remember the size of an image as displayed, in pixels; it can be read, so a noted problem is gone."""
        row = self.image(key)
        if row is not None and (row.width, row.height, row.problem) == (width, height, ""):
            return
        with self._writing():
            owner = image_edits.ensure_image(self._db, key)
            self._db.execute(
                "UPDATE images SET width = ?, height = ?, problem = '' WHERE id = ?", (width, height, owner)
            )

    def set_image_problem(self, key: str, text: str) -> None:
        """Remember why an image cannot be read; an empty ``text``: it can."""
        with self._writing():
            owner = image_edits.ensure_image(self._db, key)
            self._db.execute("UPDATE images SET problem = ? WHERE id = ?", (to_db(text), owner))

    # ---------------------------------------------------------------------------------------------- regions and edits

    @_reads
    def regions(self, image: str) -> tuple[Region, ...]:
        """The regions of ``image`` in the order of their numbers; none for an unknown image."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM regions WHERE image_id = (SELECT id FROM images WHERE key = ?) "
            "ORDER BY position, id",
            (to_db(image),),
        )
        return tuple(self._rows.read_all(rows))

    def take_unreadable(self) -> tuple[str, ...]:
        """The ids of regions that were left out since this was asked last, because they are damaged."""
        return self._rows.take_unreadable()

    @_reads
    def image_notes(self, image: str) -> ImageNotes:
        """What a person noted of ``image``. It is changed by an ``Edit``."""
        return queries.image_notes(self._db, image)

    def apply(self, edit: Edit, *, undoable: bool = True) -> HistoryState:
        """Do ``edit`` in one transaction and put it on its undo stack. What could be redone there is gone.

        One that is not ``undoable`` leaves the stack alone: it is what a project begins with.

        Raises:
            EditConflictError: a region, or the schema, is not as the edit expects; nothing was changed.
        """
        if edit.regions or edit.schema or edit.notes:
            self._perform(edit, undoable=undoable)
        return self.history(edit.image)

    def _perform(self, edit: Edit, *, undoable: bool) -> Edit:
        with self._writing():
            done = image_edits.perform(self._db, self._rows, edit)
            if undoable:
                image_edits.record(self._db, self._rows, done, at=now())
        return done

    def undo(self, image: str) -> tuple[Edit, HistoryState] | None:
        """Take back the last edit of ``image`` ("" for those of the project); None when there is none.

        The answer has the edit that was applied to do so.

        Raises:
            EditConflictError: what it changed was changed since by an edit on another stack; nothing was changed.
        """
        return self._step(image, "undo")

    def redo(self, image: str) -> tuple[Edit, HistoryState] | None:
        """Do again what was undone last; as ``undo``."""
        return self._step(image, "redo")

    @_reads
    def history(self, image: str) -> HistoryState:
        """What ``undo`` and ``redo`` would do."""
        return image_edits.history_state(self._db, image_edits.stack_of(self._db, image))

    def _step(self, image: str, way: Literal["undo", "redo"]) -> tuple[Edit, HistoryState] | None:
        with self._writing():
            stack = image_edits.stack_of(self._db, image)
            step = None if stack is None else image_edits.next_step(self._db, self._rows, stack, way)
            if step is None:
                return None
            row_id, edit = step
            applied = inverse(edit) if way == "undo" else edit
            try:
                image_edits.perform(self._db, self._rows, applied)
            except EditConflictError as error:
                raise EditConflictError(
                    "The step cannot be undone or done again: the regions were changed since from another place (the "
                    "history of the project, or another image's). Nothing was changed."
                ) from error
            image_edits.mark(self._db, row_id, way)
        return applied, self.history(image)

    # -------------------------------------------------------------------------------------------- schema, categories

    @property
    def schema(self) -> AttributeSchema:
        """The attributes that the project asks about. It is changed by an ``Edit`` of the image ""."""
        with connection.translated(self.path):
            return image_edits.read_schema(self._db)

    @_reads
    def category_ids(self) -> dict[str, int]:
        """Names and ids of all categories that were ever used, by id; ids never change. Those that were merged into
        others or deleted are left out while no region has them."""
        return queries.category_ids(self._db)

    @_reads
    def category_list(self) -> CategoryList:
        """What the project says of its categories: the list, colors, digits."""
        return category_edits.read_list(self._db)

    @_reads
    def category_counts(self) -> dict[str, int]:
        """Categories of regions that are not rejected, the most frequent first, and how many; "" stands for none."""
        return overview.category_counts(self._db)

    @_reads
    def count_move(self, move: CategoryMove) -> int:
        """How many regions ``move`` would move now."""
        return category_edits.count_chosen(self._db, self._rows, move)

    def change_categories(self, edit: Edit) -> Edit:
        """Do an edit of ``core.category_edits``, as ``apply``; the answer says how many regions were moved.

        Raises:
            EditConflictError: a category, or the list, is not as the edit expects; nothing was changed.
        """
        return self._perform(edit, undoable=True)

    def rename_category(self, before: str, after: str) -> Edit:
        """Call the category ``before`` of all regions ``after``; where regions have that already, the two are merged.

        The answer is the edit, as of ``change_categories``.
        """
        with connection.translated(self.path):
            there, other = (category_edits.find_category(self._db, name) for name in (before, after))
            is_merge = other is not None and category_edits.has_regions(self._db, other)
        known = self.category_list()
        if is_merge:
            return self.change_categories(merge_edit(known, (before,), after))
        return self.change_categories(rename_edit(known, before, after, is_used=there is not None))

    def ensure_category(self, name: str, *, id: int | None = None) -> int:
        """The id of the category ``name``; a new one gets ``id``, if that is free, else the next number."""
        with self._writing():
            return self._rows.category_id(name, new_id=id)

    # ------------------------------------------------------------------------------------------------------- questions

    @_reads
    def search(self, text: str, *, limit: int = 200) -> list[SearchHit]:
        """Regions with all words of ``text`` in preferred or human captions, category and attributes, best first.

        Thousands of hits are not ranked. Words are beginnings of words; any text may be given.
        """
        return queries.search(self._db, self._rows, text, limit=limit)

    @_reads
    def review_queue(self, flt: QueueFilter = QueueFilter()) -> list[QueueItem]:  # noqa: B008 - frozen
        """A page of suggestions to decide about; ``QueueFilter.after`` gets the next one."""
        if flt.order == "teaches":
            from roi_assistant.storage.teaching_queue import teaching_queue  # numpy, which no other question needs

            return teaching_queue(self._db, self._rows, flt)
        return queries.review_queue(self._db, self._rows, flt)

    @_reads
    def review_counts(self) -> ReviewCounts:
        """How far the review is."""
        return queries.review_counts(self._db)

    @_reads
    def earlier_captions(self, categories: Sequence[str], *, most: int = 50) -> tuple[str, ...]:
        """Captions that people accepted or wrote for regions in ``categories``, the likeliest to come again first."""
        return queries.earlier_captions(self._db, self._rows, categories, most=most)

    @_reads
    def categorized_regions(self) -> tuple[Region, ...]:
        """The latest regions that people decided about and that have a category, the latest first."""
        return queries.categorized_regions(self._db, self._rows)

    @_reads
    def categories_with_regions(self) -> list[CategoryCount]:
        """The categories that regions have, "" for none, those with most to review first."""
        return category_regions.category_counts(self._db, self._rows)

    @_reads
    def category_region_ids(self, flt: CategoryFilter) -> array[int]:
        """Row ids of the regions that ``flt`` chooses, in its order, for ``regions_by_row_id``."""
        return category_regions.category_region_ids(self._db, flt)

    @_reads
    def regions_by_row_id(self, row_ids: Sequence[int]) -> list[CategoryRegion]:
        """Regions of any images, in the order of ``row_ids``; those that are gone are left out."""
        return category_regions.regions_by_row_id(self._db, self._rows, row_ids)

    @_reads
    def region_row_ids(self, regions: Iterable[tuple[str, str]]) -> list[int]:
        """The row ids of ``regions``, (key of the image, id of the region); those that are not there are left out."""
        return category_regions.region_row_ids(self._db, regions)

    def store_features(
        self, image: str, vectors: Mapping[str, bytes], *, model: str, boxes: Mapping[str, Box] | None = None
    ) -> None:
        """Keep how regions of ``image`` look; see `region_features.store`, also for what it raises."""
        if vectors:
            with self._writing():
                region_features.store(self._db, image, vectors, model=model, boxes=boxes)

    def features(self, *, model: str, image: str | None = None) -> Iterator[StoredFeatures]:
        """How regions of all images, or of one, look to ``model``. Iterating is safe while regions are written."""
        with connection.translated(self.path):
            yield from region_features.features(self._db, self._rows, model=model, image=image)

    @_reads
    def without_features(
        self, *, model: str, most: int, after: tuple[str, str] | None = None
    ) -> list[FeaturelessRegion]:
        """Accepted and edited regions of which ``features`` has nothing; see `region_features.without_features`."""
        return region_features.without_features(self._db, model=model, most=most, after=after)

    @_reads
    def batch_targets(self, flt: BatchFilter = BatchFilter()) -> BatchTargets:  # noqa: B008 - frozen
        """What a batch run would describe. Iterating is safe while regions are written, and goes by row ids."""
        return queries.batch_targets(self._db, flt, self._rows.names)

    @_reads
    def overview(self) -> Overview:
        """Figures of the whole project."""
        return overview.overview(self._db, self._rows.names)

    @_reads
    def outcomes(self) -> ProjectOutcomes:
        """What people made of what each model said; see `model_outcomes.project_outcomes`."""
        return model_outcomes.project_outcomes(self._db, self.rows)

    def learning_curve(self) -> LearningCurve | None:
        """How many suggestions were right as they came; see `overview.learning_curve`."""
        return overview.learning_curve(self._db)

    def models(self) -> tuple[str, ...]:
        """The ids of models that regions have suggestions of, in any state."""
        return overview.models(self._db)

    def export_images(self) -> Iterator[AnnotatedImage]:
        """All images in order, also those without regions, with all their regions.

        Sizes are None where the image was never opened. The project must not be written to meanwhile by this object.
        """
        with connection.translated(self.path):
            self._rows.learn_names()
            yield from queries.export_images(self._db, self._rows)

    # --------------------------------------------------------------------------------------------- conversations, jobs

    @_reads
    def conversations(self, image: str) -> tuple[Conversation, ...]:
        """The conversations about ``image``, oldest first."""
        return queries.conversations(self._db, image)

    def save_conversation(self, image: str, conversation: Conversation) -> Conversation:
        """Keep ``conversation``, new or with further turns; the answer has its ``id`` and ``created_at``."""
        with self._writing():
            return conversations_and_jobs.save_conversation(self._db, image, conversation, at=now())

    def delete_conversation(self, image: str, conversation: Conversation | str) -> None:
        """Forget a conversation, given itself or its id."""
        with self._writing():
            conversations_and_jobs.delete_conversation(
                self._db, conversation if isinstance(conversation, str) else conversation.id
            )

    def save_job(self, job: StoredJob) -> None:
        """Keep ``job``, or its progress."""
        with self._writing():
            conversations_and_jobs.save_job(self._db, job, at=now())

    @_reads
    def load_jobs(self) -> tuple[StoredJob, ...]:
        """Jobs that were not finished, oldest first."""
        return conversations_and_jobs.load_jobs(self._db)

    def delete_job(self, id: str) -> None:
        """Forget a job: it is finished, or not wanted any more."""
        with self._writing():
            conversations_and_jobs.delete_job(self._db, id)

    @_reads
    def info(self) -> Mapping[str, str]:
        """Facts about the file: ``id`` and ``created_at`` of the project, and ``merged`` files."""
        known = self._db.execute("SELECT key, value FROM meta WHERE key IN ('id', 'created_at', 'merged')")
        return dict(known.fetchall())

    # -------------------------------------------------------------------------------------------------------- backups

    def back_up(self) -> Path:
        """Copy the project as it is now to ``.roi-backups``.

        Raises:
            ProjectWriteError: no space, or the folder cannot be written.
        """
        self.wait_for_backup()
        return make_backup(self.path)

    def wait_for_backup(self) -> None:
        """Wait until the copy that ``open`` started is made."""
        self._upkeep.wait()

    # ------------------------------------------------------------------------------------------------------- internals

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it is on the disk afterwards, or, on any error, nothing."""
        if self.read_only:
            raise ProjectError(
                "{path} is open read-only: close the other window that has it, then open it again.", path=self.path
            )
        if self._upkeep.damage is not None:
            raise self._upkeep.damage
        connection.ensure_in_place(self.path, self._identity)
        with connection.translated(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._rows.learn_names()
                yield
                commit = acknowledged.number_commit(self._db)
                self._db.execute("COMMIT")
            except BaseException:
                self._rows.forget()
                connection.roll_back(self._db)
                raise
        self._acknowledge(commit)

    def _acknowledge(self, commit: acknowledged.Commit) -> None:
        """The step is stored, whatever happens here: without this note a later loss would not be noticed."""
        if self._acknowledged is None:
            return
        try:
            self._acknowledged.write(commit)
        except OSError as error:
            _log.warning("%s: the number of the last step cannot be noted (%s)", self.path, error)

    @property
    def database(self) -> sqlite3.Connection:
        """For the other modules of this package only."""
        return self._db

    @property
    def rows(self) -> RegionRows:
        """For the other modules of this package only."""
        return self._rows

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """For the other modules of this package only."""
        return self._writing()
