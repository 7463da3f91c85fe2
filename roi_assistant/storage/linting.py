"""``roi-assistant lint`` and the Lint page: the content of a project goes through the rules of ``core.lint``.

`storage.checking` asks whether the file is sound; here it is what people and models wrote into it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from roi_assistant.core.box import scale_box
from roi_assistant.core.category_edits import merge_edit
from roi_assistant.core.edits import CategoryMove, Edit, RegionChange
from roi_assistant.core.lint import boxes, review_state, spelling, words
from roi_assistant.core.lint.findings import RULES, Finding, LintImage, MergeCategory, RemoveRegion, RuleId
from roi_assistant.core.lint.whole_project import CaptionTally, MissingCaptions, ScriptTally
from roi_assistant.core.records import AttributeSchema
from roi_assistant.errors import BoxError, ImageError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.imaging.decode import PhotoHeader, decode_image, read_header
from roi_assistant.sentences import Sentence
from roi_assistant.storage import connection
from roi_assistant.storage.project import Project

ALL_RULES: tuple[RuleId, ...] = tuple(rule.id for rule in RULES)
MOST_FINDINGS = 2_000
"""Findings of one rule that are kept; later ones are counted."""
MOST_IGNORED = 100_000
"""Ignored findings that a project keeps."""
_IGNORED = "lint_ignored"
FIX_LABEL = "Fix findings"
"""The label of edits that put findings right."""
_ENOUGH_FOR_COLORS = 1000
"""Pixels of the longer side of a photo in which colors are measured."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """What was found. ``findings`` are those of each rule in the order of `RULES`, at most `MOST_FINDINGS` of one;
    ``counts`` counts all that nobody ignored, ``ignored`` those that somebody did."""

    findings: tuple[Finding, ...]
    counts: dict[RuleId, int]
    ignored: int
    images: int
    regions: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found that nobody ignored."""
        return not self.counts


@dataclass(slots=True)
class _Collector:
    """Findings as they come."""

    ignored_keys: Collection[str]
    kept: dict[RuleId, list[Finding]] = field(default_factory=dict)
    counts: Counter[RuleId] = field(default_factory=Counter)
    ignored: int = 0

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if self.ignored_keys and finding.key in self.ignored_keys:
                self.ignored += 1
                continue
            self.counts[finding.rule] += 1
            if self.counts[finding.rule] <= MOST_FINDINGS:
                self.kept.setdefault(finding.rule, []).append(finding)


def lint_project(
    project: Project,
    *,
    rules: Collection[RuleId] = ALL_RULES,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> LintReport:
    """Read all regions that are not rejected, image by image, and say what is doubtful. Changes nothing.

    Photos are opened where a rule about them is among ``rules``: their headers, and the pixels of those with a caption
    that names one color.

    Args:
        project: open for reading.
        rules: ids of `RULES`.
        step: called with (done, total) for each image; may raise an exception to stop.

    Raises:
        ProjectError: the project cannot be read.
    """
    wanted, schema = frozenset(rules), project.schema
    found = _Collector(ignored_findings(project))
    captions, missing, scripts = CaptionTally(), MissingCaptions(), ScriptTally()
    names: Counter[str] = Counter()
    total, regions, done = project.review_counts().images, 0, 0
    for done, stored in enumerate(project.export_images(), start=1):
        step(done, total)
        kept = tuple(region for region in stored.regions if region.state != "rejected")
        image = LintImage(key=stored.file_name, regions=kept, width=stored.width or 0, height=stored.height or 0)
        regions += len(kept)
        names.update(region.category for region in kept if region.category)
        found.add(finding for finding in _on_image(image, schema) if finding.rule in wanted)
        for tally in (captions, missing, scripts):
            tally.add(image)
        found.add(_about_photo(project, stored, image, wanted))
    project.take_unreadable()  # told by project check
    whole = (
        *(captions.findings(), missing.findings(), scripts.findings()),
        *(spelling.category_spellings(names), spelling.category_synonyms(names)),
    )
    for findings in whole:
        found.add(finding for finding in findings if finding.rule in wanted)
    return LintReport(
        tuple(finding for rule in ALL_RULES for finding in found.kept.get(rule, ())),
        {rule: found.counts[rule] for rule in ALL_RULES if found.counts[rule]},
        found.ignored,
        done,
        regions,
    )


def _on_image(image: LintImage, schema: AttributeSchema) -> Iterator[Finding]:
    yield from words.values_outside_schema(image, schema)
    yield from boxes.doubled_boxes(image)
    yield from boxes.two_categories(image)
    yield from boxes.nested_boxes(image)
    yield from boxes.tiny_boxes(image)
    yield from words.empty_captions(image)
    yield from words.captions_against_categories(image)
    yield from review_state.unreviewed_left(image)


def _about_photo(
    project: Project, stored: AnnotatedImage, image: LintImage, wanted: frozenset[RuleId]
) -> Iterator[Finding]:
    """What the photo says against the records of ``image``."""
    if wanted.isdisjoint(("photo-missing", "photo-changed", "caption-color")):
        return
    path = project.folder / image.key
    colored = [r for r in image.regions if words.wants_colors(r)] if "caption-color" in wanted else []
    try:
        photo = read_header(path)
        pixels = decode_image(path, draft=_draft(photo)).pixels if colored else None
    except ImageError as error:
        if "photo-missing" in wanted:
            yield Finding(rule="photo-missing", text=error.sentence, image=image.key)
        return
    if (stored.width, stored.height) != (photo.width, photo.height) and stored.width is not None:
        if "photo-changed" in wanted:
            yield Finding(
                rule="photo-changed",
                text=Sentence.of(
                    "The photo had {before} pixels when its boxes were drawn and has {now}.",
                    before=f"{stored.width} x {stored.height}",
                    now=f"{photo.width} x {photo.height}",
                ),
                image=image.key,
                regions=tuple(region.id for region in image.regions[:1]),
                subject=f"{photo.width} {photo.height}",
            )
        return  # its boxes lie elsewhere now
    if pixels is None:
        return
    import numpy as np  # what only some rules need

    from roi_assistant.imaging.colors import measure_colors

    scale, values = pixels.width / photo.width, np.asarray(pixels)
    for region in colored:
        try:
            box = scale_box(region.box, x=scale, y=scale)
            of_thing, anywhere = measure_colors(values, box), measure_colors(values, box, whole_box=True)
        except BoxError:  # it lies outside its photo, as project check tells
            continue
        if (finding := words.color_against_caption(image.key, region, of_thing, anywhere)) is not None:
            yield finding


def _draft(photo: PhotoHeader) -> int:
    """How much smaller a JPEG may be decoded for its colors."""
    return next((draft for draft in (8, 4, 2) if max(photo.width, photo.height) >= draft * _ENOUGH_FOR_COLORS), 1)


# ------------------------------------------------------------------------------------------------------------- fixing


def fix_findings(project: Project, findings: Sequence[Finding]) -> list[Edit]:
    """Do what can be done about ``findings`` without a judgement: merge spellings, and remove exact copies of boxes.

    What does not hold any more is passed over. Each kind of fix is one edit on the stack of the project, and so one
    step of undo; the answer has those that were made.

    Raises:
        ProjectError: the project cannot be written.
    """
    fixes = [finding.fix for finding in findings]
    made = [_merge(project, [fix for fix in fixes if isinstance(fix, MergeCategory)])]
    made.append(_remove(project, [fix for fix in fixes if isinstance(fix, RemoveRegion)]))
    return [edit for edit in made if edit is not None]


def _merge(project: Project, fixes: Sequence[MergeCategory]) -> Edit | None:
    used = project.category_counts()
    chosen = {fix.name: fix.into for fix in fixes if fix.name in used and fix.into in used and fix.name != fix.into}
    listed = project.category_list()
    moves: list[CategoryMove] = []
    after = listed
    for into in dict.fromkeys(chosen.values()):
        step = merge_edit(after, [name for name, target in chosen.items() if target == into], into).categories
        assert step is not None
        moves += step.moved
        after = step.listed[1] if step.listed else after
    if not moves:
        return None
    edit = merge_edit(listed, (), moves[0].after or "")
    assert edit.categories is not None
    changed = replace(edit.categories, moved=tuple(moves), listed=(listed, after) if after != listed else None)
    return project.change_categories(replace(edit, label=FIX_LABEL, categories=changed))


def _remove(project: Project, fixes: Sequence[RemoveRegion]) -> Edit | None:
    changes: list[RegionChange] = []
    by_image: dict[str, list[RemoveRegion]] = {}
    for fix in fixes:
        by_image.setdefault(fix.image, []).append(fix)
    for image, of_image in by_image.items():
        regions = project.regions(image)
        for fix in of_image:
            spare = boxes.without_region(regions, fix)
            if spare is not None:
                changes.append(RegionChange(image, spare, None))
                regions = tuple(region for region in regions if region is not spare)
    if not changes:
        return None
    edit = Edit(FIX_LABEL, "", tuple(changes))
    project.apply(edit)
    return edit


# ----------------------------------------------------------------------------------------------------------- ignoring


def ignored_findings(project: Project) -> frozenset[str]:
    """The keys of the findings that nobody wants to see again; none where what is stored is none of ours.

    Raises:
        ProjectError: the project cannot be read.
    """
    with connection.translated(project.path):
        row = project.database.execute("SELECT value FROM meta WHERE key = ?", (_IGNORED,)).fetchone()
    try:
        keys = json.loads(row[0]) if row is not None else []
    except (ValueError, TypeError, RecursionError):
        return frozenset()
    return frozenset(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else frozenset()


def ignore_findings(project: Project, findings: Iterable[Finding], *, ignored: bool = True) -> None:
    """Do not tell ``findings`` again, or (``ignored`` False) tell them again. No step of undo holds it.

    Raises:
        ProjectError: the project cannot be written.
    """
    keys = {finding.key for finding in findings}
    known = ignored_findings(project)
    store = known | keys if ignored else known - keys
    with project.writing():
        text = json.dumps(sorted(store)[:MOST_IGNORED], separators=(",", ":"))
        project.database.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_IGNORED, text))
