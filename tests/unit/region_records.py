"""Regions and other records that tests of several parts of the package make up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import (
    Answer,
    Attribute,
    Caption,
    Provenance,
    Region,
    RegionKey,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
"""Examples are large and machines are busy: no test fails because it was slow."""

NOW = "2026-01-02T03:04:05+00:00"
LATER = "2026-01-03T03:04:05+00:00"
HUMAN = Provenance("human", NOW)
MINI = Provenance("model", NOW, "mini", "ab" * 32, decoding="beam")
OTHER_MODEL = Provenance("model", LATER, "florence", "cd" * 32)


def suggested(id: str = "r1", text: str = "a red cup", *, score: float = 0.8, category: str = "cup") -> Region:
    """What the model ``mini`` said about a box."""
    return Region(
        id,
        Box(10, 20, 40.5, 60),
        category,
        (Caption(text, MINI, score, preferred=True), Caption("a mug", MINI, 0.1)),
        (Attribute("color", ("red",), MINI, 0.7, "pixels"),),
        category_score=0.9,
        category_provenance=MINI,
        created_at=NOW,
    )


def answer(text: str = "a blue cup", *, category: str | None = "mug") -> RegionText:
    """What a model says when it is asked again."""
    return RegionText(
        Box(0, 0, 5, 5),
        ScoredText(text, 0.6),
        (ScoredText("a bowl", 0.2), ScoredText("a red cup", 0.1)),
        ScoredText(category, 0.5) if category else None,
        (ScoredText("bowl", 0.3),),
        (SuggestedAttribute("color", ("blue",), 0.4), SuggestedAttribute("material", ("glass",), 0.3)),
        unsure=True,
    )


def create(image: str, *regions: Region, label: str = "Draw box") -> Edit:
    """The edit that draws ``regions`` on ``image``."""
    return Edit(label, image, tuple(RegionChange(image, None, region) for region in regions))


def change(image: str, before: Region, after: Region | None, *, label: str = "Change") -> Edit:
    """The edit that makes ``after`` of ``before``."""
    return Edit(label, image, (RegionChange(image, before, after),))


# --------------------------------------------------------------------------------------------------- any region at all

# Also lone surrogates, which some file names and clipboards have.
words = st.sampled_from(["", "cup", "a red cup", "红色的杯子", 'Düse "x"*', "a\0b\n", "\udcff"]) | st.text(max_size=5)
times = st.sampled_from(["", NOW, "2026-01-02T03:04:05.678+00:00"])
names = st.sampled_from(["", "mini", "florence"])
scores = st.none() | st.floats(0, 1)
sides = st.floats(0.001, 1e5)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), st.floats(0, 1e5), st.floats(0, 1e5), sides, sides)
provenances = st.builds(
    Provenance,
    st.sampled_from(["human", "model"]),
    st.sampled_from(["", NOW]),
    names,
    names,
    names,
    names,
    words,
    st.sampled_from(["", "caption"]),
)
captions = st.builds(Caption, words, provenances, scores, st.booleans())
attributes = st.builds(
    Attribute,
    words,
    st.lists(words, max_size=3).map(tuple),
    provenances,
    scores,
    st.sampled_from(["model", "pixels", "human"]),
    st.booleans(),
)
scored_texts = st.builds(ScoredText, words, st.floats(0, 1))
regions = st.builds(
    Region,
    id=words,
    box=boxes,
    category=st.none() | words,
    captions=st.lists(captions, max_size=3).map(tuple),
    attributes=st.lists(attributes, max_size=2).map(tuple),
    state=st.sampled_from(["suggested", "accepted", "edited", "rejected"]),
    category_score=scores,
    unsure=st.booleans(),
    category_provenance=st.none() | provenances,
    category_alternatives=st.lists(scored_texts, max_size=2).map(tuple),
    locked=st.booleans(),
    created_at=times,
    reviewed_at=times,
    category_unconfirmed=st.booleans(),
    copied_from=st.sampled_from(["", "in/a.jpg"]),
    like=st.sampled_from([(), (RegionKey("in/a.jpg", "r1"), RegionKey("b.jpg", "2"))]),
    answers=st.lists(
        st.builds(
            Answer,
            provenance=provenances,
            caption=words,
            score=scores,
            category=st.none() | words,
            category_score=scores,
            attributes=st.lists(attributes, max_size=1).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
# What an edit says about regions matters little to edits: few different ones make tests of them fast.
plain_regions = st.builds(
    lambda id, score, other: suggested(id, "红色的杯子 \udcff" if other else "a red cup", score=score),
    st.sampled_from(["a", "b", "c", "d", "e", "\udcff"]),
    st.sampled_from([0.25, 0.5]),
    st.booleans(),
)
region_lists = st.lists(plain_regions, max_size=5, unique_by=lambda region: region.id).map(tuple)
region_texts = st.builds(
    RegionText,
    boxes,
    scored_texts,
    st.lists(scored_texts, max_size=3).map(tuple),
    st.none() | scored_texts,
    st.lists(scored_texts, max_size=2).map(tuple),
    st.lists(
        st.builds(SuggestedAttribute, words, st.lists(words, max_size=2).map(tuple), st.floats(0, 1)), max_size=3
    ).map(tuple),
    st.booleans(),
    words,
    words,
    st.none() | scored_texts,
)


@st.composite
def edits(draw: st.DrawFn, there: tuple[Region, ...], *, image: str) -> Edit:
    """An edit that fits the regions ``there``: some changed, some deleted, some created."""
    changes = []
    for index, region in enumerate(there):
        kind = draw(st.sampled_from(["keep", "keep", "change", "delete"]))
        if kind == "delete":
            changes.append(RegionChange(image, region, None, index))
        elif kind == "change":
            box, category = draw(st.sampled_from([Box(0, 0, 1, 1), region.box])), draw(st.none() | words)
            changes.append(RegionChange(image, region, replace(region, box=box, category=category)))
    ids = {region.id for region in there}
    new = [region for region in draw(region_lists) if region.id not in ids]
    deleted = sum(change.after is None for change in changes)
    size = len(there) - deleted
    for offset, region in enumerate(new):
        # In ascending places, as an inverse has them: the place at which it stands when all are there.
        place = draw(st.none() | st.integers(0, size + offset))
        changes.append(RegionChange(image, None, region, place))
    return Edit(draw(words), image, tuple(draw(st.permutations(changes))))
