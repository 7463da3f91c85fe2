from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, RegionText, ScoredText
from roi_assistant.errors import BadInputError, CaptionerError, FileWriteError, FormatError
from roi_assistant.evaluation.flickr30k import load_flickr30k
from roi_assistant.evaluation.items import EvaluationItem
from roi_assistant.evaluation.predictions import (
    PREDICTIONS,
    Prediction,
    RunHeader,
    check_boxes,
    encode_prediction,
    prediction_of,
)
from roi_assistant.evaluation.runner import describe_items

HEADER = RunHeader(
    "flickr30k-entities", "val", "fake", "Fake captioner", "ab" * 32, "greedy", "cpu", "fp32", ("Note.",)
)
BOX = Box(1, 2, 30, 40)
ITEM = EvaluationItem("p.jpg#1", "p.jpg", BOX, 100, 100, ("a dog",))


def _prediction(item: str = "p.jpg#1", text: str = "a dog", score: float = 0.5) -> Prediction:
    return Prediction(item, BOX.xyxy, ScoredText(text, score), ScoredText(text, score))


def test_a_sure_answer_is_what_users_see(make_text: Callable[..., RegionText]) -> None:
    text = make_text(BOX, "a red dog", category="dog", categories=("cat", "fox"), attributes={"color": ("red",)})
    answer = prediction_of(ITEM, text)
    assert answer.shown == answer.specific == ScoredText("a red dog", 0.9)
    assert [guess.text for guess in answer.categories] == ["dog", "cat", "fox"]
    assert answer.attributes == {"color": ("red",)}


def test_an_unsure_answer_keeps_the_specific_guess_apart(make_text: Callable[..., RegionText]) -> None:
    text = make_text(
        BOX,
        "an animal",
        score=0.8,
        category="animal",
        categories=("dog", "cat"),
        unsure=True,
        specific=ScoredText("a red dog", 0.3),
        alternatives=(ScoredText("a red dog", 0.3), ScoredText("a cat", 0.1)),
    )
    answer = prediction_of(ITEM, text)
    assert answer.shown == ScoredText("an animal", 0.8)
    assert answer.specific == ScoredText("a red dog", 0.3)
    assert [guess.text for guess in answer.categories] == ["dog", "cat"], "the general word is no guess"
    assert answer.shown_category == ScoredText("animal", 0.8)


def test_an_unsure_answer_that_shows_its_noun_is_the_first_guess(make_text: Callable[..., RegionText]) -> None:
    text = make_text(BOX, "a dog", score=0.3, category="dog", categories=("cat",), unsure=True)
    answer = prediction_of(ITEM, text)
    assert answer.unsure and answer.shown == answer.specific == ScoredText("a dog", 0.3)
    assert [guess.text for guess in answer.categories] == ["dog", "cat"]


def test_an_unsure_answer_without_guesses_keeps_its_category(make_text: Callable[..., RegionText]) -> None:
    answer = prediction_of(ITEM, make_text(BOX, "an animal", category="animal", unsure=True))
    assert [guess.text for guess in answer.categories] == ["animal"]
    assert answer.specific.text == "an animal"


@pytest.mark.parametrize("score", [1.5, -0.2, float("nan"), float("inf")])
def test_scores_that_are_no_probabilities_are_the_plugins_fault(
    score: float, make_text: Callable[..., RegionText]
) -> None:
    with pytest.raises(CaptionerError, match=r"p\.jpg#1.*plugin is at fault"):
        prediction_of(ITEM, make_text(BOX, "a dog", score=score))


SCORED = st.builds(ScoredText, st.text(), st.floats(0, 1))
ANY_PREDICTION = st.builds(
    Prediction,
    item=st.text(min_size=1),
    box=st.just(BOX.xyxy),
    shown=SCORED,
    specific=SCORED,
    unsure=st.booleans(),
    shown_category=st.none() | SCORED,
    categories=st.lists(SCORED, max_size=3).map(tuple),
    attributes=st.dictionaries(st.text(), st.lists(st.text(), max_size=2).map(tuple), max_size=2),
    alternatives=st.lists(SCORED, max_size=3).map(tuple),
)


@given(st.lists(ANY_PREDICTION, max_size=4, unique_by=lambda p: p.item))
def test_predictions_survive_the_file(tmp_path_factory: pytest.TempPathFactory, predictions: list[Prediction]) -> None:
    path = tmp_path_factory.mktemp("run") / "p.jsonl"
    with PREDICTIONS.open(path, HEADER) as saved:
        saved.add({prediction.item: prediction for prediction in predictions})
    header, found = PREDICTIONS.read(path)
    assert header == HEADER
    assert found == {p.item: p for p in predictions}


def test_a_torn_line_is_cut_off_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with PREDICTIONS.open(path, HEADER) as saved:
        saved.add({"1": _prediction("1"), "2": _prediction("2")})
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with PREDICTIONS.open(path, HEADER) as saved:
        assert list(saved.done) == ["1"]
        saved.add({"2": _prediction("2")})
    assert path.read_bytes() == whole


def test_a_run_goes_on_only_under_the_same_model_and_options(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with PREDICTIONS.open(path, HEADER) as saved:
        saved.add({ITEM.id: _prediction()})
    before = path.read_bytes()
    for change in ({"weights_sha256": "cd"}, {"decoding": "beam"}, {"split": "test"}, {"model_id": "x"}):
        with pytest.raises(BadInputError, match="another run than this one"):
            PREDICTIONS.open(path, replace(HEADER, **change))
    with PREDICTIONS.open(path, replace(HEADER, device="cuda", precision="fp16")) as saved:
        assert list(saved.done) == ["p.jpg#1"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{}\n", b'{"format": "roi-assistant-predictions", "version": 99}\n', b"\xff\xfe\n", b"no json\n", b"half"],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"p\.jsonl"):
        PREDICTIONS.read(path)


@pytest.mark.parametrize("line", ["[]", "{}", '{"item": 1}', "nonsense", '"text"'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(
        json.dumps(HEADER.record()) + "\n" + json.dumps(encode_prediction(_prediction())) + "\n" + line + "\n"
    )
    with pytest.raises(FormatError, match="line 3"):
        PREDICTIONS.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.jsonl cannot be read"):
        PREDICTIONS.read(tmp_path / "none.jsonl")


def test_an_impossible_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="cannot be written"):
        PREDICTIONS.open(tmp_path / "no" / "p.jsonl", HEADER)


def test_answers_about_other_boxes_are_refused() -> None:
    moved = replace(ITEM, box=Box(1, 2, 30, 41))
    check_boxes({ITEM.id: _prediction()}, [ITEM], Path("p.jsonl"))
    with pytest.raises(BadInputError, match=r"box of p\.jpg#1 differs"):
        check_boxes({ITEM.id: _prediction()}, [moved], Path("p.jsonl"))


def _run(data: Any, captioner: Any, path: Path | None) -> Any:
    header = RunHeader.of(captioner.info, protocol=data.protocol, split=data.split, decoding="greedy")
    with PREDICTIONS.open(path, header) as saved:
        return describe_items(captioner, data, request=DescribeRequest(decoding="greedy"), saved=saved)


def test_all_boxes_of_a_photo_go_in_one_call_in_stored_pixels(
    flickr_root: Path, make_captioner: Any, make_text: Callable[..., RegionText]
) -> None:
    data = load_flickr30k(flickr_root, split="val")
    captioner = make_captioner(lambda box: make_text(box, f"{box.x1:g}"))
    answers, timing = _run(data, captioner, None)
    assert captioner.sizes == [(100, 100)] * 2
    assert len(captioner.requests) == 2
    assert captioner.asked[0] == Box(10, 10, 30, 50)
    assert list(answers) == [item.id for item in data.items]
    assert answers["11.jpg#1"].shown.text == "10", "each answer belongs to its own box"
    assert answers["11.jpg#2"].shown.text == "50"
    assert (timing["items_described"], timing["items_reused"], timing["photos"]) == (4, 0, 2)


def test_a_stopped_run_asks_only_for_the_rest(
    flickr_root: Path, tmp_path: Path, make_captioner: Any, make_text: Callable[..., RegionText]
) -> None:
    path = tmp_path / "p.jsonl"
    whole = load_flickr30k(flickr_root, split="val")
    _run(load_flickr30k(flickr_root, split="val", limit=1), make_captioner(lambda b: make_text(b, "first")), path)
    second = make_captioner(lambda box: make_text(box, "second"))
    answers, timing = _run(whole, second, path)
    assert [answer.shown.text for answer in answers.values()] == ["first", "first", "second", "second"]
    assert len(second.asked) == 2
    assert (timing["items_described"], timing["items_reused"]) == (2, 2)


def test_answers_that_are_missing_are_the_plugins_fault(
    flickr_root: Path, make_captioner: Any, make_text: Callable[..., RegionText]
) -> None:
    captioner = make_captioner(lambda box: make_text(box, "x"))
    captioner.describe = lambda state, boxes, request: iter([])
    with pytest.raises(CaptionerError, match=r"0 answers about 2 boxes of 11\.jpg"):
        _run(load_flickr30k(flickr_root, split="val"), captioner, None)
