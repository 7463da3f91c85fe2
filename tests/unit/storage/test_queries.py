"""Search, filters, the review queue, batch targets, figures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Attribute, Region
from roi_assistant.errors import BadInputError
from roi_assistant.storage import queries
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import BatchFilter, ImageFilter, ImageOrder, QueueFilter, QueueOrder
from roi_assistant.storage.search_text import word_agreement, word_count
from tests.unit.region_records import FEW, HUMAN, LATER, NOW, OTHER_MODEL, answer, change, create, suggested

A, B, C = "a.jpg", "b.jpg", "c.jpg"


def hits(project: Project, text: str) -> list[str]:
    return [hit.region_id for hit in project.search(text)]


def keys(project: Project, **conditions: object) -> list[str]:
    flt = ImageFilter(**conditions)  # type: ignore[arg-type]
    rows = project.images(flt)
    assert project.image_count(flt) == len(rows)
    return [row.key for row in rows]


# -------------------------------------------------------------------------------------------------------------- search


def test_search_finds_beginnings_of_words_in_all_fields(project: Project) -> None:
    project.apply(create(A, suggested("cup", "a chipped Düsseldorf cup", category="drinking vessel")))
    project.apply(create(B, suggested("dog", "a dog", category="animal")))
    for text in ("chip", "dusseldorf", "CUP chipped", "vessel", "drink dus", "color red dus"):
        assert hits(project, text) == ["cup"], text
    assert set(hits(project, "a")) == set(hits(project, "color red")) == {"cup", "dog"}
    for text in ("mug", "ipped", "cup dog", "", "   ", "!?"):
        assert hits(project, text) == [], text  # "mug" is a suggestion that nobody chose
    hit = project.search("dog")[0]
    assert (hit.image, hit.caption, hit.category, hit.state) == (B, "a dog", "animal", "suggested")


def test_search_follows_every_change(project: Project) -> None:
    region = suggested("r", "a red cup")
    project.apply(create(A, region))
    edited = review.set_category(review.edit_caption(region, "a blue bowl", at=NOW), "crockery", at=NOW)
    project.apply(change(A, region, edited))
    assert hits(project, "bowl crockery") == ["r"] and hits(project, "red cup") == []
    project.undo(A)
    assert hits(project, "red cup") == ["r"] and hits(project, "bowl") == []
    project.apply(change(A, region, review.set_attribute(region, "material", ("tin",), at=NOW)))
    assert hits(project, "material tin") == ["r"]
    project.apply(change(A, project.regions(A)[0], None))
    assert hits(project, "cup") == []
    assert check_project(project).ok


def test_chinese_is_found_by_its_characters(project: Project) -> None:
    project.apply(create(A, suggested("r", "桌子上的红色杯子"), suggested("s", "杯中的子弹")))
    assert hits(project, "杯子") == ["r"] and hits(project, "红色 桌子") == ["r"]
    assert set(hits(project, "杯")) == {"r", "s"}


def test_at_most_so_many_hits(project: Project) -> None:
    project.apply(create(A, *(suggested(str(number)) for number in range(5))))
    assert len(project.search("cup", limit=3)) == 3


def test_very_many_hits_are_not_ranked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.apply(
        create(A, suggested("long", "a cup and many other words, one of which is cup"), suggested("b", "cup"))
    )
    assert hits(project, "cup") == ["b", "long"]
    monkeypatch.setattr(queries, "_RANKED", 2)
    assert hits(project, "cup") == ["long", "b"] and len(project.search("cup", limit=1)) == 1


@given(st.text(max_size=20) | st.sampled_from(['"', "a*", "AND", "NEAR(a b)", "caption:a", "^a", "a OR", "-", "'; --"]))
@FEW
def test_any_text_may_be_searched(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "searched"
    folder.mkdir(exist_ok=True)
    with Project.open(folder, backup=False) as project:
        if not project.regions(A):
            project.apply(create(A, suggested("r", 'and near "caption" or a')))
        project.search(text)
        project.images(ImageFilter(text=text))
        project.review_queue(QueueFilter(text=text))


# -------------------------------------------------------------------------------------------------------------- filters


def test_filters_of_images(project: Project) -> None:
    red = suggested("r", category="cup")
    blue = replace(
        review.accept(suggested("b", "a blue dog", category="dog"), at=NOW),
        attributes=(Attribute("color", ("blue", "white"), HUMAN),),
    )
    project.add_images([A, B, C])
    project.apply(create(A, red))
    project.apply(create(B, red, blue))
    assert keys(project, only_with_regions=True) == [A, B]
    assert keys(project, states=frozenset({"accepted"})) == [B]
    assert keys(project, states=frozenset({"accepted", "suggested"})) == [A, B]
    assert keys(project, category="cup") == [A, B] and keys(project, category="dog") == [B]
    assert keys(project, category="unheard of") == []
    assert keys(project, attribute=("color", "white")) == [B]
    assert keys(project, attribute=("color", "")) == [A, B]
    assert keys(project, model="mini") == [A, B] and keys(project, model="other") == []
    assert keys(project, text="blue dog") == [B] and keys(project, text="c.j") == [C]
    assert keys(project, text="%") == [] and keys(project, text="???") == []
    # One region has to fulfil all of it.
    assert keys(project, states=frozenset({"suggested"}), category="dog") == []
    assert keys(project, text="b.jpg", category="dog") == [B] and keys(project, text="a.jpg", category="dog") == []
    with pytest.raises(BadInputError):
        keys(project, states=frozenset({"perhaps"}))


# --------------------------------------------------------------------------------------------------------------- review


@pytest.fixture
def queued(project: Project) -> Project:
    """Twelve suggestions on three images by two models, one decided region, one without words."""
    for place, image in enumerate((C, A, B)):
        project.apply(
            create(
                image,
                *(
                    suggested(f"{image[0]}{n}", score=((n * 5 + place) % 7) / 10, category=("cup", "dog")[n % 2])
                    for n in range(4)
                ),
            )
        )
    region = project.regions(B)[2]
    by_other = review.suggest(region, answer(), provenance=OTHER_MODEL)
    project.apply(change(B, region, by_other))
    project.apply(create(B, review.accept(suggested("done"), at=NOW), Region("empty", Box(0, 0, 1, 1))))
    return project


def all_pages(project: Project, order: QueueOrder, *, limit: int) -> list[tuple[str, str]]:
    items: list[tuple[str, str]] = []
    after = None
    while page := project.review_queue(QueueFilter(order=order, limit=limit, after=after)):
        assert len(page) <= limit
        items += [(item.image, item.region.id) for item in page]
        after = page[-1].cursor
    return items


@pytest.mark.parametrize("order", ["certainty", "model", "category", "image"])
def test_pages_of_the_queue_make_up_the_whole(queued: Project, order: QueueOrder) -> None:
    whole = queued.review_queue(QueueFilter(order=order))
    assert len(whole) == 12
    assert all_pages(queued, order, limit=5) == [(item.image, item.region.id) for item in whole]


def test_orders_of_the_queue(queued: Project) -> None:
    by_certainty = queued.review_queue()
    assert [i.certainty for i in by_certainty] == sorted(review.certainty(i.region) for i in by_certainty)
    by_model = [(i.model, i.certainty) for i in queued.review_queue(QueueFilter(order="model"))]
    assert by_model == sorted(by_model) and by_model[0][0] == "florence"
    by_image = [i.region.id for i in queued.review_queue(QueueFilter(order="image"))]
    assert by_image == [f"{image}{n}" for image in "abc" for n in range(4)]


def test_the_queue_goes_on_while_it_changes(queued: Project) -> None:
    first = queued.review_queue(QueueFilter(limit=4))
    rest = [item.region.id for item in queued.review_queue()[4:]]
    for item in first:
        queued.apply(change(item.image, item.region, review.accept(item.region, at=NOW)))
    page = queued.review_queue(QueueFilter(limit=100, after=first[-1].cursor))
    assert [item.region.id for item in page] == rest
    assert [item.region.id for item in queued.review_queue()] == rest


def test_filters_of_the_queue(queued: Project) -> None:
    def ids(**conditions: object) -> set[str]:
        return {item.region.id for item in queued.review_queue(QueueFilter(**conditions))}  # type: ignore[arg-type]

    assert ids(image=A) == {"a0", "a1", "a2", "a3"} and ids(model="florence") == {"b2"}
    assert ids(category="dog", image=A) == {"a1", "a3"} and ids(text="blue") == {"b2"}
    assert ids(category="unheard of") == ids(image="no.jpg") == ids(text="?") == set()
    with pytest.raises(BadInputError):
        queued.review_queue(QueueFilter(after=(1,)))
    with pytest.raises(BadInputError):
        queued.review_queue(QueueFilter(order="x"))  # type: ignore[arg-type]


def test_review_counts(queued: Project) -> None:
    counts = queued.review_counts()
    assert (counts.images, counts.images_with_regions, counts.regions, counts.reviewed) == (3, 3, 14, 1)
    assert (counts.suggested, counts.to_review, counts.empty, counts.accepted) == (13, 12, 1, 1)
    assert counts.to_review_by_model == {"florence": 1, "mini": 11}


# ---------------------------------------------------------------------------------------------------------------- batch


def targets(project: Project, **conditions: object) -> list[tuple[str, tuple[str, ...]]]:
    asked = project.batch_targets(BatchFilter(**conditions))  # type: ignore[arg-type]
    given = [(target.image, target.region_ids) for target in asked]
    assert (asked.images, asked.regions) == (len(given), sum(len(ids) for _, ids in given))
    return given


def test_a_batch_leaves_alone_what_a_person_decided(project: Project) -> None:
    region = suggested()
    project.apply(
        create(
            A,
            replace(region, id="suggested"),
            Region("empty", Box(0, 0, 1, 1)),
            replace(review.accept(region, at=NOW), id="accepted"),
            replace(review.edit_caption(region, "mine", at=NOW), id="edited"),
            replace(review.reject(region, at=NOW), id="rejected"),
            review.set_category(Region("only a category", Box(0, 0, 1, 1)), "cup", at=NOW),
        )
    )
    project.apply(create(B, review.accept(region, at=NOW)))
    assert targets(project) == [(A, ("suggested", "empty", "only a category"))]
    assert targets(project, only_empty=True) == [(A, ("empty", "only a category"))]
    assert targets(project, skip_model="mini") == [(A, ("empty", "only a category"))]
    assert targets(project, images=ImageFilter(category="dog")) == []


def test_a_batch_goes_on_where_it_stopped_and_sees_each_box_once(project: Project) -> None:
    for number in range(130):
        project.apply(create(f"{number}.jpg", suggested()))
    seen = []
    for target in project.batch_targets():
        seen.append(target)
        region = project.regions(target.image)[0]
        project.apply(change(target.image, region, review.suggest(region, answer(), provenance=OTHER_MODEL)))
    assert len(seen) == len({target.image for target in seen}) == 130
    rest = list(project.batch_targets(BatchFilter(after_image=seen[99].image_id)))
    assert [target.image for target in rest] == [target.image for target in seen[100:]]


# ------------------------------------------------------------------------------------------------------------- overview


def test_figures(project: Project) -> None:
    region = suggested("a", "a red cup")
    project.apply(
        create(
            A,
            region,
            replace(review.accept(region, at=NOW), id="b"),
            replace(review.edit_caption(region, "a red bowl", at=LATER), id="c"),
            replace(review.reject(suggested("d", "zebra", category="zebra"), at=LATER), id="d"),
        )
    )
    project.set_image_size(A, 100, 100)
    figures = project.overview()
    assert figures.categories == (("cup", 2), ("bowl", 1)) and figures.attributes == {"color": (("red", 3),)}
    assert figures.caption_words[3] == 3 and sum(figures.caption_words) == 3
    assert dict(figures.vocabulary) == {"red": 3, "cup": 2, "bowl": 1, "zebra": 1}, "articles say nothing"
    assert figures.distinct_words == 5
    assert figures.positions[12][8] == 3 and sum(map(sum, figures.positions)) == 3  # center (25.25, 40) of 100
    assert figures.sizes[12][9] == 3
    (model,) = figures.models
    assert (model.suggested, model.accepted, model.unchanged, model.edited, model.rejected) == (1, 1, 1, 1, 1)
    assert model.histogram[9] == 1 and model.histogram[6] == 1 and model.mean == pytest.approx(5 / 6)
    assert figures.reviewed_per_day == (("2026-01-02", 1), ("2026-01-03", 2))


def test_a_chosen_alternative_was_not_accepted_unchanged(project: Project) -> None:
    chosen = review.choose_alternative(suggested("b"), 0, at=NOW)
    project.apply(create(A, review.accept(suggested("a"), at=NOW), chosen))
    (model,) = project.overview().models
    assert (model.accepted, model.unchanged) == (2, 1)
    project.apply(change(A, chosen, review.choose_alternative(chosen, 0, at=NOW)))  # the first one after all
    (model,) = project.overview().models
    assert (model.accepted, model.unchanged) == (2, 2)


def test_decisions_are_counted_by_the_days_of_the_place_where_one_works(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.apply(create(A, review.accept(suggested("a"), at="2026-01-02T22:20:00.000+00:00")))
    try:
        monkeypatch.setenv("TZ", "EAST-2")
        time.tzset()
        assert project.overview().reviewed_per_day == (("2026-01-03", 1),)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_figures_of_an_empty_project(project: Project) -> None:
    figures = project.overview()
    assert figures.counts.regions == 0 and figures.models == () and sum(map(sum, figures.sizes)) == 0


def test_words() -> None:
    assert word_count("a red cup") == 3 and word_count("红色 cup") == 3 and word_count("") == 0
    assert word_agreement("a red cup", "A cup red") == 1 and word_agreement("a", "b") == 0
    assert word_agreement("a a b", "a c") == pytest.approx(0.4) and word_agreement("", "!") == 1


# ----------------------------------------------------------------------------------------------------- earlier captions


def test_captions_that_people_decided_on_are_offered_again(project: Project) -> None:
    def accepted(id_: str, text: str, category: str = "cup") -> Region:
        return review.accept(suggested(id_, text, category=category), at=NOW)

    written = review.edit_caption(suggested("e", category="cup"), "a chipped cup", at=NOW)
    project.apply(
        create(
            A,
            accepted("1", "a red cup"),
            accepted("2", "a mug"),
            accepted("3", "a red cup"),
            written,
            suggested("s", "only suggested", category="cup"),
            review.reject(suggested("x", "rejected", category="cup"), at=NOW),
        )
    )
    project.apply(create(B, accepted("4", "a brown dog", "dog"), accepted("5", "a black dog", "dog")))
    assert project.earlier_captions(["cup"]) == ("a red cup", "a chipped cup", "a mug")
    assert project.earlier_captions(["cup"], most=1) == ("a red cup",)
    dogs = project.earlier_captions(["dog", "cup"])[:2]
    assert dogs == ("a black dog", "a brown dog"), "the latest of equals comes first"
    assert set(project.earlier_captions(["dog", "cup"])[2:]) == {"a red cup", "a chipped cup", "a mug"}
    assert project.earlier_captions([]) == project.earlier_captions(["unheard of"]) == ()


def test_only_the_latest_regions_of_a_category_are_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_LATEST", 2)
    regions = [review.accept(suggested(str(n), f"cup {n}", category="cup"), at=NOW) for n in range(4)]
    project.apply(create(A, *regions))
    assert project.earlier_captions(["cup"]) == ("cup 3", "cup 2")


def test_images_are_listed_in_every_order_and_grouped(tmp_path: Path) -> None:
    dates = {"b/2.jpg": 30.0, "b/10.jpg": 20.0, "a.jpg": 10.0}
    with Project.open(tmp_path) as project:
        project.add_images(["b/10.jpg", "b/2.jpg", "a.jpg", "c.jpg", "b/none.jpg"])
        project.set_image_problem("b/none.jpg", "b/none.jpg is truncated")
        unsure, sure = suggested("r1", score=0.2), suggested("r1", score=0.9)
        project.apply(create("b/2.jpg", unsure))
        project.apply(create("b/10.jpg", sure, suggested("r2", score=0.8)))
        project.apply(create("a.jpg", replace(sure, state="accepted")))

        def listed(**order: object) -> list[str]:
            return project.images(order=ImageOrder(**order), file_time=dates.get).keys()  # type: ignore[arg-type]

        assert listed() == ["a.jpg", "c.jpg", "b/2.jpg", "b/10.jpg", "b/none.jpg"]
        assert listed(reverse=True) == listed()[::-1]
        assert listed(sort="date") == ["a.jpg", "b/10.jpg", "b/2.jpg", "c.jpg", "b/none.jpg"]
        assert listed(sort="date", reverse=True) == ["b/2.jpg", "b/10.jpg", "a.jpg", "c.jpg", "b/none.jpg"]
        assert listed(sort="to_review") == ["b/10.jpg", "b/2.jpg", "a.jpg", "c.jpg", "b/none.jpg"]
        assert listed(sort="to_review", reverse=True) == ["a.jpg", "c.jpg", "b/none.jpg", "b/2.jpg", "b/10.jpg"]
        assert listed(sort="certainty") == ["b/2.jpg", "b/10.jpg", "a.jpg", "c.jpg", "b/none.jpg"]
        assert listed(sort="certainty", reverse=True) == ["b/10.jpg", "b/2.jpg", "a.jpg", "c.jpg", "b/none.jpg"]

        rows = project.images(order=ImageOrder("certainty", group="folder"))
        assert rows.keys() == ["a.jpg", "c.jpg", "b/2.jpg", "b/10.jpg", "b/none.jpg"]
        assert rows.groups == {0: ("", 2), 2: ("b", 3)}
        rows = project.images(order=ImageOrder(group="state"))
        assert rows.keys() == ["b/2.jpg", "b/10.jpg", "c.jpg", "a.jpg", "b/none.jpg"]
        assert rows.groups == {0: ("to_review", 2), 2: ("no_boxes", 1), 3: ("finished", 1), 4: ("problem", 1)}
        assert [row.state for row in rows] == ["to_review", "to_review", "no_boxes", "finished", "problem"]
        with pytest.raises(BadInputError, match="order of images"):
            project.images(order=ImageOrder("size"))  # type: ignore[arg-type]

        project.apply(Edit("Accept", "b/2.jpg", (RegionChange("b/2.jpg", unsure, replace(unsure, state="accepted")),)))
        assert listed(sort="certainty")[0] == "b/10.jpg"
