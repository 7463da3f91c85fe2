"""VCR: what is asked, that nothing but the right option scores, and that options are shown in any order."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo
from roi_assistant.core.references import rewrite_references
from roi_assistant.errors import BadInputError, CaptionerError, FormatError
from roi_assistant.evaluation.vcr import (
    LETTERS,
    VcrChoice,
    VcrQuestion,
    best_place,
    letter_place,
    vcr_figures,
    vcr_questions,
)
from roi_assistant.evaluation.vcr_run import CaptionerScorer, ask_all, choice_file, load_vcr_questions
from roi_assistant.formats.vcr_annotations import VcrAnnotations, VcrItem
from tests.unit import official_data_sets as official

ITEMS = 1500


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vcr")
    official.make_vcr(folder, copies=ITEMS // 3)
    return folder


@pytest.fixture(scope="session")
def questions(root: Path) -> list[VcrQuestion]:
    return load_vcr_questions(root, seed=5)[0]


@pytest.fixture(scope="session")
def item(root: Path) -> VcrItem:
    return next(VcrAnnotations(root / "vcr").items("val"))


def figures(questions: list[VcrQuestion], pick: Callable[[VcrQuestion], int | None]) -> dict[str, Any]:
    return vcr_figures(questions, {(q.item, q.task): VcrChoice(pick(q)) for q in questions})


def on_photos(questions: list[VcrQuestion], *, items_each: int) -> list[VcrQuestion]:
    """The same questions as if every ``items_each`` items were on a photo of their own."""
    number = {item: k for k, item in enumerate(dict.fromkeys(question.item for question in questions))}
    return [replace(question, image=str(number[question.item] // items_each)) for question in questions]


def test_an_oracle_is_always_right(questions: list[VcrQuestion]) -> None:
    metrics = figures(questions, lambda question: question.gold)
    assert (metrics["q_a"], metrics["qa_r"], metrics["q_ar"], metrics["items"]) == (1.0, 1.0, 1.0, ITEMS)


def test_chance(questions: list[VcrQuestion]) -> None:
    rng = random.Random(0)
    metrics = figures(on_photos(questions, items_each=1), lambda question: rng.randrange(4))
    for name, chance in (("q_a", 0.25), ("qa_r", 0.25), ("q_ar", 0.0625)):
        error = sqrt(chance * (1 - chance) / ITEMS)
        assert abs(metrics[name] - chance) < 4 * error
        assert metrics[f"{name}_standard_error"] == pytest.approx(error, rel=0.2)


def test_standard_errors_count_photos(questions: list[VcrQuestion]) -> None:
    """Ten items on each of 150 photos, all ten right on every other photo: 150 tosses of a coin, not 1,500."""
    ten_each = on_photos(questions, items_each=10)
    metrics = figures(ten_each, lambda q: q.gold if int(q.image) % 2 else (q.gold + 1) % 4)
    assert metrics["q_a"] == 0.5
    assert metrics["q_a_standard_error"] == pytest.approx(sqrt(0.25 / 149))
    one_photo = figures(questions, lambda question: question.gold)
    assert one_photo["q_a_standard_error"] is None, "one photo says nothing about others"


@pytest.mark.parametrize("place", range(4))
def test_a_letter_that_is_always_picked_gains_nothing(questions: list[VcrQuestion], place: int) -> None:
    """In the files two of three right answers have the number 1, so official places would tell."""
    official_numbers = Counter(question.order[question.gold] for question in questions if question.task == "answer")
    assert official_numbers == {1: ITEMS * 2 // 3, 0: ITEMS // 3}
    metrics = figures(questions, lambda question: place)
    for name, chance in (("q_a", 0.25), ("qa_r", 0.25), ("q_ar", 0.0625)):
        assert abs(metrics[name] - chance) < 4 * sqrt(chance * (1 - chance) / ITEMS)
    assert metrics["picked_letters"] == {letter: 2 * ITEMS * (k == place) for k, letter in enumerate(LETTERS)}
    assert min(metrics["right_letters"].values()) > 2 * ITEMS / 4 * 0.85


def test_both_right_is_not_the_product(questions: list[VcrQuestion]) -> None:
    """Right on both of every other item."""
    first = {question.item for question in questions[::4]}
    metrics = figures(questions, lambda question: question.gold if question.item in first else (question.gold + 1) % 4)
    assert metrics["q_a"] == metrics["qa_r"] == metrics["q_ar"] == len(first) / ITEMS


def test_what_is_asked(item: VcrItem) -> None:
    answer, rationale = vcr_questions(item, seed=1)
    assert answer.prompt.startswith(
        "<region1>,<region2>,<region3> refers to specific areas within the photo along with their respective "
        "identifiers. I need you to answer the question. Questions are multiple-choice; you only need to pick the "
        "correct answer from the given options (A), (B), (C), or (D).\nWhy is <region1> holding 2 bottles ?\n(A),"
    )
    assert answer.options[answer.gold] == "<region1> is thirsty ."
    assert f"\n({LETTERS[answer.gold]}),<region1> is thirsty ." in answer.prompt
    assert answer.boxes == (Box(100, 50, 300, 150), Box(0, 0, 100, 200), Box(350, 150, 400, 200))
    assert (
        "rationale explaining why the answer is right. Both questions are multiple-choice; you only need to pick the "
        "correct answer from the given options (A), (B), (C), or (D).\n"
        '"Why is <region1> holding 2 bottles ?" The answer is "<region1> is thirsty ." What\'s the rationale for this '
        "decision?\n(A),"
    ) in rationale.prompt
    assert sorted(answer.order) == [0, 1, 2, 3]
    written = rewrite_references(answer.prompt, len(answer.boxes))
    assert written.startswith("region1 <bbox>,region2 <bbox>,region3 <bbox> refers") and written.count("<bbox>") == 3


def test_the_right_answer_is_given_whatever_was_chosen(item: VcrItem) -> None:
    """The rationale question does not depend on anything but the item."""
    assert vcr_questions(item, seed=1)[1] == vcr_questions(item, seed=1)[1]
    assert vcr_questions(item, seed=1)[1].prompt.count("is thirsty") == 1


def test_numbers_as_in_the_paper(item: VcrItem) -> None:
    answer, _ = vcr_questions(item, seed=1, tags="number")
    assert "\nWhy is 1 holding 2 bottles ?\n" in answer.prompt
    assert answer.options[answer.gold] == "1 is thirsty ."


def test_objects_without_a_box_are_named(item: VcrItem) -> None:
    first, *others = item.objects
    unseen = replace(item, objects=(replace(first, box=None), *others))
    answer, _ = vcr_questions(unseen, seed=1)
    assert "Why is person holding" in answer.prompt and len(answer.boxes) == 2
    assert "<region1> asked for it ." in answer.options, "the second object is the first that is listed"


def test_no_labels(item: VcrItem) -> None:
    with pytest.raises(BadInputError, match="not public"):
        vcr_questions(replace(item, answer_label=None), seed=0)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(C)", "C"),
        ("(C).", "C"),
        (" (c) 1 is feeling amused", "C"),
        ("C", "C"),
        ("C.", "C"),
        ("C)", "C"),
        ("The answer is B.", "B"),
        ("The correct option is (D), because", "D"),
        ("A man is walking", None),
        ("a dog", None),
        ("", None),
        ("(A) or (B)", None),
        ("(E)", None),
        ("I do not know", None),
        ("(A) since (A) fits", "A"),
    ],
)
def test_letters(text: str, letter: str | None) -> None:
    place = letter_place(text)
    assert (None if place is None else LETTERS[place]) == letter


def test_scores() -> None:
    assert best_place([-3.0, -1.0, -2.0, -9.0]) == 1
    for wrong in ([0.1, 0.2], [0.0, float("nan"), 0.0, 0.0]):
        with pytest.raises(BadInputError):
            best_place(wrong)


def test_incomplete_choices(questions: list[VcrQuestion]) -> None:
    with pytest.raises(BadInputError, match="no choice"):
        vcr_figures(questions[:2], {})
    with pytest.raises(BadInputError, match="both"):
        vcr_figures(questions[:1], {(questions[0].item, questions[0].task): VcrChoice(0)})
    silent = figures(questions[:2], lambda question: None)
    assert (silent["q_a"], silent["without_letter"]) == (0.0, 2)


class Answers:
    """Knows the right option by its text. ``capabilities`` decide how it can be asked."""

    def __init__(self, *capabilities: str, right: set[str] | None = None) -> None:
        self.info = CaptionerInfo("wise", "Wise", "ab" * 32, "cpu", "fp32", capabilities=frozenset(capabilities))
        self.right = right if right is not None else {"is thirsty", "is sweating"}
        self.images: list[Any] = []
        self.boxes: list[Any] = []
        self.asked = 0

    def set_image(self, image: Any) -> Any:
        self.images.append(image.size)
        return image

    def _place(self, prompt: str) -> int:
        lines = prompt.splitlines()[-4:]
        return next((k for k, line in enumerate(lines) if any(word in line for word in self.right)), 0)

    def chat(self, state: Any, boxes: Any, turns: Any) -> Any:
        self.asked += 1
        self.boxes.append(boxes)
        yield from ("(", f"{LETTERS[self._place(turns[-1].text)]})")

    def score_options(self, state: Any, boxes: Any, turns: Any, options: Any) -> list[float]:
        assert list(options) == ["(A)", "(B)", "(C)", "(D)"]
        self.asked += 1
        return [-1.0 * (k != self._place(turns[-1].text)) for k in range(4)]

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("scoring", "capability"), [("letter", "chat"), ("options", "scores_options")])
def test_captioners_are_asked(tmp_path: Path, scoring: Any, capability: str) -> None:
    from PIL import Image

    official.make_vcr(tmp_path)
    asked, photos = load_vcr_questions(tmp_path, limit=1)
    official.photo(photos / "film_1/scene@0.jpg", (200, 100))
    model = Answers(capability)
    scorer = CaptionerScorer(model, lambda name: Image.open(photos / name), scoring=scoring)  # type: ignore[arg-type]
    metrics = vcr_figures(asked, ask_all(asked, scorer.choose, choice_file(None, {})))
    assert metrics["q_ar"] == 1.0
    assert model.images == [(200, 100)], "one photo is prepared once"
    if scoring == "letter":
        assert model.boxes[0][0] == Box(50, 25, 150, 75), "boxes are scaled to the stored photo"


def test_captioners_that_cannot() -> None:
    for scoring, words in (("options", "--scoring letter"), ("letter", "answers questions")):
        with pytest.raises(CaptionerError, match=words):
            CaptionerScorer(Answers(), lambda name: None, scoring=scoring)  # type: ignore[arg-type]


def test_a_stopped_run_goes_on(tmp_path: Path, questions: list[VcrQuestion]) -> None:
    path, header = tmp_path / "choices.jsonl", {"model": "wise", "seed": 5}
    few = questions[:6]
    asked: list[str] = []

    def choose(question: VcrQuestion) -> VcrChoice:
        if len(asked) == 4:
            raise KeyboardInterrupt
        asked.append(question.item)
        return VcrChoice(question.gold, (0.5,), "é")

    with pytest.raises(KeyboardInterrupt), choice_file(path, header) as choices:
        ask_all(few, choose, choices)
    path.write_bytes(path.read_bytes()[:-5])  # torn
    with choice_file(path, header) as choices:
        assert len(choices.done) == 3
        asked.clear()
        assert vcr_figures(few, ask_all(few, choose, choices))["q_ar"] == 1.0
    assert len(asked) == 3
    with choice_file(path, header) as choices:
        assert len(choices.done) == 6
    with pytest.raises(BadInputError, match="another run"):
        choice_file(path, {**header, "seed": 6})
    path.write_text(json.dumps({"format": "roi-assistant-vcr-choices", **header}) + '\n{"item": 1}\n')
    with pytest.raises(FormatError, match="line 2"):
        choice_file(path, header)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers("chat")

    class Models:
        def create_captioner(self, *args: Any, **options: Any) -> Answers:
            return answers

    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", Models)
    return answers


def test_from_the_command_line(tmp_path: Path, model: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    official.make_vcr(tmp_path)
    out, saved = tmp_path / "out.json", tmp_path / "c.jsonl"
    start = ["evaluate", "vcr", str(tmp_path), "--limit", "1", "--seed", "3", "--predictions", str(saved)]
    assert main([*start, "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["metrics"]["q_ar"] == 1.0
    assert report["settings"] == {"split": "val", "scoring": "letter", "tags": "region", "seed": 3}
    assert "Q -> AR  1.0000  0.0625" in capsys.readouterr().out
    assert main(start) == 0 and model.asked == 2, "saved choices are not asked again"
    assert main([*start, "--tags", "number"]) == 2
    assert main([*start, "--scoring", "options"]) == 3
    assert main([*start, "--scoring", "guess"]) == 2
    assert main(["evaluate", "vcr", str(tmp_path / "none")]) == 2
