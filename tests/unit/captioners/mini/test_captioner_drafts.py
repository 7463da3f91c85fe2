"""The embedded model gives captions before attributes, and can be interrupted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from roi_assistant.captioners.mini import captioner as mini_captioner
from roi_assistant.captioners.mini.captioner import MiniCaptioner
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, RegionText

NO_ATTRIBUTES = AttributeSchema("none")
QUICK = DescribeRequest(alternatives=2, attributes=NO_ATTRIBUTES)
OWN = AttributeSchema(
    "own",
    (
        AttributeDefinition("size", "single"),
        AttributeDefinition("category", "text", question="what is <region1> on?"),
        AttributeDefinition("color", "multi"),
    ),
)


@pytest.fixture(scope="module")
def photo(repository: Path, samples: Path) -> Any:
    """The embedded model, a state and some boxes."""
    folder = repository / "resources" / "models" / "gpt4roi-mini"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"needs the embedded model in {folder}")
    captioner = MiniCaptioner.load(folder, device="cpu", threads=1)
    with Image.open(samples / "astronaut.jpg") as opened:
        image = opened.convert("RGB")
    boxes = [Box(120, 10, 330, 500), Box(10, 10, 130, 300), Box(200, 40, 300, 140), Box(300, 200, 500, 500)]
    return SimpleNamespace(captioner=captioner, image=image, state=captioner.set_image(image), boxes=boxes)


@pytest.fixture
def looked(photo: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many boxes the region encoder was given at a time."""
    counts: list[int] = []
    region = photo.captioner._region

    def count(**inputs: Any) -> Any:
        counts.append(len(inputs["boxes"]))
        return region(**inputs)

    monkeypatch.setattr(photo.captioner, "_region", count)
    monkeypatch.setattr(photo.captioner, "_drafts", {})
    yield counts


def same(one: RegionText, other: RegionText) -> None:
    """Same words, and scores that differ by rounding at most."""

    def flat(text: RegionText) -> tuple[list[Any], list[float]]:
        scored = [text.caption, *text.alternatives, *([text.category] if text.category else [])]
        scored += text.category_alternatives
        words = [item.text for item in scored], [(a.name, a.values, a.source) for a in text.attributes]
        scores = [item.score for item in scored] + [item.score for item in text.attributes]
        return [*words, text.unsure, text.raw_output, text.box], scores

    assert flat(one)[0] == flat(other)[0]
    assert flat(one)[1] == pytest.approx(flat(other)[1], abs=1e-3)


@pytest.mark.parametrize(
    "request_",
    [
        DescribeRequest(alternatives=3),
        DescribeRequest(alternatives=2, decoding="greedy"),
        DescribeRequest(alternatives=2, decoding="consensus", attributes=NO_ATTRIBUTES),
        DescribeRequest(alternatives=1, style="sentence", category=False, attributes=OWN),
    ],
)
def test_a_draft_is_what_describe_says(request_: DescribeRequest, photo: Any) -> None:
    boxes = photo.boxes[:3]
    whole = list(photo.captioner.describe(photo.state, boxes, request_))
    drafts = list(photo.captioner.draft(photo.state, boxes, request_))
    finished = list(photo.captioner.describe(photo.state, boxes, request_))
    for draft, one, other in zip(drafts, whole, finished, strict=True):
        same(one, other)
        assert [a.name for a in one.attributes] == [a.name for a in other.attributes], "in the order of the schema"
        at_once = tuple(a for a in other.attributes if a.name not in ("pattern", "shape", "wearing", "category"))
        worn = tuple(a for a in draft.attributes if a.name == "wearing")
        same(dataclasses.replace(draft, attributes=tuple(a for a in draft.attributes if a not in worn)),
             dataclasses.replace(other, attributes=at_once))  # fmt: skip
        assert all(len(a.values) >= 1 for a in worn), "garments come first, their colors later"


def test_describe_takes_up_where_a_draft_ended(photo: Any, looked: list[int]) -> None:
    captioner, state, boxes = photo.captioner, photo.state, photo.boxes
    list(captioner.draft(state, boxes[:2], QUICK))
    texts = list(captioner.describe(state, boxes[:3], QUICK))
    assert looked == [2, 1], "only the box without a draft is looked at"
    assert [text.box for text in texts] == boxes[:3]
    list(captioner.describe(state, boxes[:1], QUICK))
    assert looked == [2, 1, 1], "a draft serves once"


def test_a_draft_is_for_its_own_request_and_photo(photo: Any, looked: list[int]) -> None:
    captioner, box = photo.captioner, photo.boxes[:1]
    list(captioner.draft(photo.state, box, QUICK))
    list(captioner.describe(photo.state, box, dataclasses.replace(QUICK, alternatives=1)))
    list(captioner.describe(captioner.set_image(photo.image), box, QUICK))
    assert looked == [1, 1, 1]
    list(captioner.describe(photo.state, box, QUICK))
    assert looked == [1, 1, 1]


def test_old_drafts_are_forgotten(photo: Any, looked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mini_captioner, "DRAFTS", 2)
    list(photo.captioner.draft(photo.state, photo.boxes, QUICK))
    list(photo.captioner.describe(photo.state, photo.boxes, QUICK))
    assert looked == [4, 2]


def test_box_that_is_asked_for_twice(photo: Any) -> None:
    boxes = [photo.boxes[0], photo.boxes[1], photo.boxes[0]]
    drafts = list(photo.captioner.draft(photo.state, boxes, QUICK))
    texts = list(photo.captioner.describe(photo.state, boxes, QUICK))
    assert [text.box for text in drafts] == [text.box for text in texts] == boxes
    same(texts[0], texts[2])


class Left(Exception):
    """What a caller raises to leave."""


def leave_at(number: int) -> Callable[[], None]:
    counts = [0]

    def check() -> None:
        counts[0] += 1
        if counts[0] == number:
            raise Left

    return check


def test_interrupted_work_can_be_begun_again(photo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    captioner = photo.captioner
    (expected,) = captioner.describe(photo.state, photo.boxes[:1], QUICK)
    with monkeypatch.context() as patch:
        for number in (1, 2, 3, 5):
            patch.setattr(captioner, "interrupt", leave_at(number))
            with pytest.raises(Left):
                list(captioner.describe(photo.state, photo.boxes[:1], QUICK))
        patch.setattr(captioner, "interrupt", leave_at(2))
        with pytest.raises(Left):
            captioner.set_image(photo.image)
    (text,) = captioner.describe(photo.state, photo.boxes[:1], QUICK)
    same(text, expected)


@pytest.mark.parametrize("name", ["category", "phrase", "alternatives", "image", "relation"])
def test_attribute_of_any_name_is_asked_about(name: str, photo: Any) -> None:
    schema = AttributeSchema("own", (AttributeDefinition(name, "text", question="what color is <region1>?"),))
    request = dataclasses.replace(QUICK, attributes=schema)
    (plain,) = photo.captioner.describe(photo.state, photo.boxes[:1], QUICK)
    (text,) = photo.captioner.describe(photo.state, photo.boxes[:1], request)
    assert [a.name for a in text.attributes] == [name]
    same(dataclasses.replace(text, attributes=()), plain)
