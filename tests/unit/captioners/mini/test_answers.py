"""What an annotator is shown of decoded answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.mini.answers import (
    ATTRIBUTE_TASKS,
    AnswerReader,
    RegionAnswers,
    measured_shares,
    schema_questions,
)
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, RegionText, ScoredText

RED, BLUE, GRAY = (220, 20, 20), (20, 40, 220), (128, 128, 128)
BOX = Box(10, 10, 30, 30)
TASKS = ("phrase", "sentence", "alternatives", "category")


def picture(inside: tuple[int, int, int] = GRAY, outside: tuple[int, int, int] = GRAY) -> Image.Image:
    image = Image.new("RGB", (60, 40), outside)
    image.paste(inside, (10, 10, 30, 30))
    return image


Answers = dict[str, Sequence[tuple[str, float]]]
Read = Callable[..., RegionText]


@pytest.fixture
def hypothesis(tokenizer: Tokenizer) -> Callable[[str, float], Hypothesis]:
    """An answer of a probability, spread evenly over its words and the end."""

    def make(text: str, probability: float) -> Hypothesis:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        steps = len(ids) + 1
        return Hypothesis(tuple(ids), (math.log(probability) / steps,) * steps)

    return make


@pytest.fixture
def read(tokenizer: Tokenizer, plain_calibration: dict[str, Any], hypothesis: Callable[..., Hypothesis]) -> Read:
    def do(
        answers: Answers,
        *,
        colors: dict[str, float] | None = None,
        image: Image.Image | None = None,
        calibration: dict[str, Any] | None = None,
        box: Box = BOX,
        nouns: dict[str, float] | None = None,
        **request: Any,
    ) -> RegionText:
        first = np.full(tokenizer.get_vocab_size(), -30.0, np.float32)
        for name, probability in (colors or {"red": 1.0}).items():
            (number,) = tokenizer.encode(name, add_special_tokens=False).ids
            first[number] = math.log(probability)
        read = {task: [hypothesis(text, p) for text, p in several] for task, several in answers.items()}
        found = {task: several for task, several in read.items() if task in TASKS}
        asked = {name: several for name, several in read.items() if name not in TASKS}
        taught = [name for name in ATTRIBUTE_TASKS if name in answers]
        every = AttributeSchema("all", tuple(AttributeDefinition(n, "text", question="?") for n in taught))
        request.setdefault("attributes", every)
        reader = AnswerReader({**plain_calibration, **(calibration or {})}, tokenizer=tokenizer)
        return reader.read(
            RegionAnswers(
                found,
                {"color": first} if "color" in answers else {},
                asked,
                tuple(ScoredText(*pair) for pair in (nouns or {}).items()),
            ),
            box=box,
            request=DescribeRequest(**request),
            prompt="describe <region1>",
            shares=measured_shares(image or picture(), BOX),
        )

    return do


def texts(scored: Sequence[Any]) -> list[str]:
    return [item.text for item in scored]


def attributes(text: RegionText) -> dict[str, tuple[str, ...]]:
    return {attribute.name: attribute.values for attribute in text.attributes}


# Questions.


def test_without_a_schema_all_is_asked_but_size_and_clothing() -> None:
    questions = schema_questions(None)
    assert {name for name, _ in questions} == set(ATTRIBUTE_TASKS) - {"size", "wearing"}
    assert dict(questions)["color"] == "what color is <region1>"


def test_schema_decides_what_is_asked() -> None:
    schema = AttributeSchema(
        "traffic",
        (
            AttributeDefinition("material", "single", ("wood",), question="is <region1> soft?"),
            AttributeDefinition("occluded", "boolean", question="Is <region1> Hidden? "),
            AttributeDefinition("serial", "text"),
        ),
    )
    assert schema_questions(schema) == [
        ("material", "what material is <region1>"),
        ("occluded", "is <region1> hidden"),
    ]
    assert schema_questions(AttributeSchema("none")) == []


# Captions.


def test_caption_alternatives_and_category(read: Read) -> None:
    text = read(
        {
            "phrase": [("a red dog", 0.5), ("a dog", 0.2), ("a brown dog", 0.1), ("a puppy", 0.05)],
            "category": [("dog", 0.6), ("cat", 0.3), ("person", 0.01)],
        },
        alternatives=2,
    )
    assert text.caption.text == text.raw_output == "a red dog"
    assert texts(text.alternatives) == ["a dog", "a brown dog"]
    assert text.category is not None and text.category.text == "dog"
    assert text.category.score == pytest.approx(0.6)
    assert texts(text.category_alternatives) == ["cat", "person"]
    assert (text.box, text.prompt, text.unsure) == (BOX, "describe <region1>", False)


def test_caption_score_joins_words_and_category(read: Read) -> None:
    phrase: Answers = {"phrase": [("a dog", 0.5)]}
    words = 0.5 ** (1 / 3)  # two words and the end
    assert read(phrase).caption.score == pytest.approx(words)
    both = read({**phrase, "category": [("dog", 0.2)]})
    assert both.caption.score == pytest.approx(math.sqrt(words * 0.2))


@pytest.mark.parametrize(("style", "curve"), [("phrase", "phrase"), ("sentence", "sentence")])
def test_scores_follow_the_curves(style: str, curve: str, read: Read) -> None:
    curves = {
        curve: {"inputs": [0.0, 1.0], "outputs": [0.1, 0.3]},
        "category": {"inputs": [0.0, 1.0], "outputs": [0.0, 0.5]},
        "size": {"inputs": [0.0, 1.0], "outputs": [0.2, 0.9]},
    }
    text = read(
        {style: [("a dog", 0.5)], "category": [("dog", 0.4)], "size": [("small", 0.5)]},
        style=style,
        calibration={"curves": curves},
    )
    assert text.category is not None and text.category.score == pytest.approx(0.2)
    assert text.caption.score == pytest.approx(0.1 + 0.2 * math.sqrt(0.5 ** (1 / 3) * 0.2))
    assert text.attributes[0].score == pytest.approx(0.2 + 0.7 * 0.5)


def test_answers_that_read_the_same_are_shown_once(read: Read) -> None:
    text = read({"phrase": [("a dog", 0.5), ("a dog", 0.2), ("a cat", 0.1), ("a cat", 0.1)]})
    assert texts(text.alternatives) == ["a cat"]
    text = read({"phrase": [("a dog", 0.5)], "alternatives": [("a cat", 0.3), ("a dog", 0.5), ("a cat", 0.2)]})
    assert text.caption.text == "a dog"
    assert texts(text.alternatives) == ["a cat"]


def test_empty_answer_is_an_object(read: Read) -> None:
    text = read({"phrase": [("", 0.5), ("a dog", 0.2)], "category": [("", 0.5)]})
    assert text.caption.text == "object"
    assert text.category is not None and text.category.text == "object"


def test_alternatives_differ_in_more_than_their_article(read: Read) -> None:
    text = read({"phrase": [("a dog", 0.5), ("the dog", 0.4), ("an old dog", 0.3), ("dog", 0.2), ("the old dog", 0.1)]})
    assert texts(text.alternatives) == ["an old dog"]


def test_alternatives_stand_in_the_order_of_what_is_shown_beside_them(read: Read) -> None:
    text = read({"phrase": [("a dog", 0.5), ("a cat", 0.2)], "alternatives": [("a puppy", 0.3), ("a brown dog", 0.1)]})
    assert texts(text.alternatives) == ["a puppy", "a cat", "a brown dog"]


def test_no_alternatives_asked_for(read: Read) -> None:
    text = read({"phrase": [("a dog", 0.5), ("a cat", 0.2)]}, alternatives=0)
    assert text.alternatives == ()
    assert text.category is None and text.category_alternatives == ()


# Unsure.

UNSURE: Answers = {
    "phrase": [("a brown dog", 0.001), ("a cat", 0.0005)],
    "category": [("dog", 0.2), ("cat", 0.15), ("chair", 0.1)],
}


def test_general_word_when_unsure(read: Read) -> None:
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.3})
    assert text.unsure
    assert text.caption.text == "an animal"
    assert text.caption.score == pytest.approx(0.2 + 0.15)
    assert text.category is not None and text.category.text == "animal"
    assert texts(text.alternatives) == ["a brown dog", "a cat"]
    assert texts(text.category_alternatives) == ["dog", "cat", "chair"]
    assert text.raw_output == "a brown dog"
    assert text.specific == text.alternatives[0]


def test_object_when_not_even_the_general_word_is_likely(read: Read) -> None:
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.36, "one_kind_from": 0.99})
    assert text.unsure
    assert text.caption.text == "an object"
    assert text.category is not None and text.category.text == "object"
    assert texts(text.alternatives)[0] == "a brown dog"


def test_the_noun_is_shown_when_most_guesses_are_of_one_kind(read: Read) -> None:
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.36, "one_kind_from": 0.4})
    assert text.unsure, "the mark stays"
    assert text.caption.text == "a brown dog" and text.specific is None
    assert text.category is not None and text.category.text == "dog"
    assert "a brown dog" not in texts(text.alternatives) and texts(text.category_alternatives) == ["cat", "chair"]


def test_general_word_follows_its_curve(read: Read) -> None:
    curve = {"general": {"inputs": [0.0, 1.0], "outputs": [0.5, 0.9]}}
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.5, "curves": curve})
    assert text.caption.text == "an animal"
    assert text.caption.score == pytest.approx(0.5 + 0.4 * 0.35)
    flat = {"phrase": {"inputs": [0.5], "outputs": [0.5]}, "category": {"inputs": [0.5], "outputs": [0.1]}}
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.3, "curves": flat})
    assert text.caption == ScoredText("an animal", 0.5), "no less likely than a dog, which it covers"


def test_general_word_without_a_category(read: Read) -> None:
    answers: Answers = {"phrase": [("a brown dog", 0.3), ("the cat", 0.2), ("a chair", 0.1)]}
    text = read(answers, calibration={"unsure_below": 0.99, "general_from": 0.4})
    assert text.unsure
    assert text.caption.text == "an animal"
    assert text.category is None and text.category_alternatives == ()


@pytest.mark.parametrize("sure", ["caption", "category"])
def test_sure_of_one_is_sure(sure: str, read: Read) -> None:
    """Only when neither the caption nor the category is likely enough, the general word is shown."""
    curves = {
        "phrase": {"inputs": [0.5], "outputs": [0.9 if sure == "caption" else 0.1]},
        "category": {"inputs": [0.5], "outputs": [0.9 if sure == "category" else 0.1]},
    }
    text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.3, "curves": curves})
    assert not text.unsure and text.specific is None
    assert text.caption.text == "a brown dog"
    assert text.category is not None and text.category.text == "dog"


def test_alternatives_when_unsure_are_no_more_than_asked_for(read: Read) -> None:
    for count in (0, 1):
        text = read(UNSURE, calibration={"unsure_below": 0.6, "general_from": 0.3}, alternatives=count)
        assert texts(text.alternatives) == ["a brown dog"][:count]
        assert text.specific is not None and text.specific.text == "a brown dog"


def test_alternatives_when_unsure_exclude_the_caption(read: Read) -> None:
    answers: Answers = {"phrase": [("an animal", 0.001), ("a dog", 0.0005)], "category": UNSURE["category"]}
    text = read(answers, calibration={"unsure_below": 0.6, "general_from": 0.3})
    assert text.caption.text == "an animal"
    assert texts(text.alternatives) == ["a dog"]


# Attributes.


def test_attributes_keep_their_order_and_values(read: Read) -> None:
    text = read(
        {
            "phrase": [("a man", 0.5)],
            "category": [("man", 0.5)],
            "size": [("small", 0.5)],
            "wearing": [("red hat and coat", 0.25)],
            "occluded": [("no", 0.125), ("yes", 0.1)],
        },
        attributes=AttributeSchema(
            "own", tuple(AttributeDefinition(n, "text", question="?") for n in ("size", "wearing", "occluded"))
        ),
    )
    assert [(a.name, a.values, a.source) for a in text.attributes] == [
        ("size", ("small",), "model"),
        ("wearing", ("red hat", "coat"), "model"),
        ("occluded", ("no",), "model"),
    ]
    assert [a.score for a in text.attributes] == pytest.approx([0.5, 0.25, 0.125])


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        ("man", {"wearing", "action"}),
        ("dog", {"action"}),
        ("chair", {"material"}),
    ],
)
def test_only_what_makes_sense_is_said(thing: str, expected: set[str], read: Read) -> None:
    answers: Answers = {
        "phrase": [(f"a {thing}", 0.5)],
        "wearing": [("hat", 0.5)],
        "action": [("sitting", 0.5)],
        "material": [("wood", 0.5)],
    }
    assert set(attributes(read(answers))) == expected
    by_category = read({**answers, "phrase": [("a thing", 0.5)], "category": [(thing, 0.5)]})
    assert set(attributes(by_category)) == expected


def test_category_or_caption_that_lives_is_enough(read: Read) -> None:
    answers: Answers = {"phrase": [("a man", 0.5)], "category": [("kite", 0.5)], "action": [("sitting", 0.5)]}
    assert attributes(read({**answers, "wearing": [("hat", 0.5)]})) == {"action": ("sitting",), "wearing": ("hat",)}


def test_one_thing_is_not_counted(read: Read) -> None:
    assert "count" not in attributes(read({"phrase": [("a dog", 0.5)], "count": [("two", 0.5)]}))
    assert attributes(read({"phrase": [("two dog", 0.5)], "count": [("two", 0.5)]}))["count"] == ("two",)


def test_answer_to_another_question_is_left_out(read: Read) -> None:
    phrase: Answers = {"phrase": [("a chair", 0.5)]}
    assert attributes(read({**phrase, "shape": [("round", 0.5)], "state": [("wet", 0.5)]})) == {
        "shape": ("round",),
        "state": ("wet",),
    }
    assert attributes(read({**phrase, "shape": [("wet", 0.5)], "state": [("round", 0.5)]})) == {}


# Colors.


def color_of(read: Read, weight: float, second_from: float = 0.9, **arguments: Any) -> Any:
    settings = {"names": ["red", "blue", "green", "gold"], "pixel_weight": weight, "second_from": second_from}
    text = read({"phrase": [("a thing", 0.5)], "color": [("green", 0.9)]}, calibration={"color": settings}, **arguments)
    (color,) = text.attributes
    assert color.name == "color"
    return color


def test_color_of_the_model_alone(read: Read) -> None:
    color = color_of(read, 0.0, colors={"red": 0.2, "blue": 0.6}, image=picture(RED))
    assert (color.values, color.source) == (("blue",), "model")
    assert color.score == pytest.approx(0.75, abs=1e-3)


def test_color_of_the_pixels_alone(read: Read) -> None:
    color = color_of(read, 1.0, colors={"red": 0.2, "blue": 0.6}, image=picture(RED))
    assert (color.values, color.source) == (("red",), "pixels")
    assert color.score > 0.8


def test_color_of_both_is_their_weighted_geometric_mean(read: Read) -> None:
    image, given = picture(RED), {"red": 0.2, "blue": 0.6}
    shares = measured_shares(image, BOX)
    names = ("red", "blue", "green", "gold")
    model = np.array([given.get(name, 0.0) + 1e-6 for name in names])
    pixels = np.array([shares.get({"gold": "yellow"}.get(name, name), 0.0) + 1e-9 for name in names])
    both = (model / model.sum()) ** 0.7 * (pixels / pixels.sum()) ** 0.3
    color = color_of(read, 0.3, colors=given, image=image)
    assert color.values == (names[int(both.argmax())],)
    assert color.score == pytest.approx(float(both.max() / both.sum()), abs=1e-3)


def test_color_that_the_pixels_do_not_show_is_not_said(read: Read) -> None:
    image = picture(RED)
    assert "blue" not in measured_shares(image, BOX)
    assert color_of(read, 0.3, colors={"red": 0.001, "blue": 0.998}, image=image).values == ("red",)
    unknown = color_of(read, 0.3, colors={"blue": 0.998, "green": 0.001}, image=picture((160, 90, 200)))
    assert unknown.values == ("blue",), "of the colors that the model knows none can be seen"


def test_second_color_when_both_are_likely(read: Read) -> None:
    given = {"red": 0.55, "blue": 0.45}
    assert color_of(read, 0.0, 0.4, colors=given).values == ("red", "blue")
    assert color_of(read, 0.0, 0.5, colors=given).values == ("red",)


def test_color_follows_its_curve(read: Read) -> None:
    text = read(
        {"phrase": [("a thing", 0.5)], "color": [("red", 0.9)]},
        calibration={"curves": {"color": {"inputs": [0.0], "outputs": [0.25]}}},
    )
    assert text.attributes[0].score == 0.25


@pytest.mark.parametrize(
    "box",
    [
        BOX,
        Box(10.2, 10.2, 10.6, 10.6),
        Box(-50, -50, 15, 15),
        Box(15, 15, 300, 200),
        Box(59.5, 39.5, 70, 45),
        Box(-1e5, -1e5, 1e5, 1e5),
    ],
)
def test_shares_of_colors_of_any_box(box: Box) -> None:
    shares = measured_shares(picture(RED, BLUE), box)
    assert shares
    assert all(0 < share <= 1 for share in shares.values())
    assert sum(shares.values()) <= 1 + 1e-6


def test_shares_are_of_the_inside() -> None:
    large = picture(RED, BLUE).resize((1200, 800), Image.Resampling.NEAREST)
    for shares in (measured_shares(picture(RED, BLUE), BOX), measured_shares(large, Box(200, 200, 600, 600))):
        assert shares["red"] > 0.7 and shares.get("blue", 0.0) < 0.1
    assert measured_shares(picture(RED, BLUE), Box(40, 5, 55, 20))["blue"] > 0.7


# The order of captions, and their colors.


def ranking(**weights: float) -> dict[str, Any]:
    silent = {"length_power": 0.0, "category": 0.0, "color": 0.0, "recolor_below": 0.0, "recolor_from": 1.0}
    return {"ranking": {**silent, **weights}}


def test_captions_that_agree_with_the_category_come_first(read: Read) -> None:
    answers: Answers = {
        "phrase": [("a red hat", 0.4), ("a brown dog", 0.3), ("a chair", 0.2)],
        "category": [("dog", 0.6), ("cat", 0.2)],
    }
    assert read(answers).caption.text == "a red hat"
    text = read(answers, calibration=ranking(category=1.0))
    assert text.caption.text == text.raw_output == "a brown dog"
    assert texts(text.alternatives) == ["a red hat", "a chair"]
    # 0.4 * 0.02 against 0.3 * (0.6 + 0.02), to the power of the weight
    assert read(answers, calibration=ranking(category=0.08)).caption.text == "a red hat"


def test_person_is_the_category_of_everybody(read: Read) -> None:
    answers: Answers = {"phrase": [("a dog", 0.4), ("a woman", 0.3)], "category": [("person", 0.6)]}
    assert read(answers, calibration=ranking(category=1.0)).caption.text == "a woman"


def test_captions_that_agree_with_the_color_come_first(read: Read) -> None:
    answers: Answers = {"phrase": [("a blue hat", 0.4), ("a red hat", 0.3)], "color": [("red", 0.9)]}
    given = {"red": 0.9, "blue": 0.05}
    assert read(answers, colors=given).caption.text == "a blue hat"
    assert read(answers, colors=given, calibration=ranking(color=1.0)).caption.text == "a red hat"


def test_length_power_of_the_order(read: Read) -> None:
    answers: Answers = {"phrase": [("a dog", 0.4), ("a small brown dog running", 0.3)]}
    assert read(answers).caption.text == "a dog"
    assert read(answers, calibration=ranking(length_power=1.0)).caption.text == "a small brown dog running"


@pytest.mark.parametrize("request_", [{"decoding": "greedy"}, {"decoding": "consensus"}, {"style": "sentence"}])
def test_other_decodings_keep_their_order(request_: dict[str, Any], read: Read) -> None:
    task = request_.get("style", "phrase")
    answers: Answers = {task: [("a red hat", 0.4), ("a brown dog", 0.3)], "category": [("dog", 0.6)]}
    assert read(answers, calibration=ranking(category=1.0), **request_).caption.text == "a red hat"


def test_captions_that_read_the_same_after_that_are_shown_once(read: Read) -> None:
    text = read(
        {"phrase": [("a blue hat", 0.4), ("a red hat", 0.3), ("a hat", 0.2)], "color": [("red", 0.9)]},
        colors={"red": 0.98, "blue": 0.01},
        calibration=ranking(recolor_below=0.1, recolor_from=0.5),
    )
    assert text.caption.text == "a red hat"
    assert texts(text.alternatives) == ["a hat"]


def test_raw_output_is_what_the_model_wrote(read: Read) -> None:
    text = read(
        {"phrase": [("a blue hat", 0.4)], "color": [("red", 0.9)]},
        colors={"red": 0.98, "blue": 0.01},
        calibration=ranking(recolor_below=0.1, recolor_from=0.5),
    )
    assert (text.caption.text, text.raw_output) == ("a red hat", "a blue hat")


# Consensus.


def test_consensus_is_used_when_asked_for(read: Read) -> None:
    phrase = [("a red hat", 0.3), ("a brown dog", 0.25), ("a brown dog running", 0.25), ("a small brown dog", 0.2)]
    assert read({"phrase": phrase}).caption.text == "a red hat"
    text = read({"phrase": phrase}, decoding="consensus")
    assert text.caption.text == text.raw_output == "a brown dog running"
    assert set(texts(text.alternatives)) == {t for t, _ in phrase} - {"a brown dog running"}


# A model with a category head.


def test_category_is_what_decoder_and_head_agree_on(read: Read) -> None:
    answers = {"phrase": [("a cup", 0.5)], "category": [("cow", 0.4), ("dog", 0.35)]}
    text = read(answers, nouns={"dog": 0.5, "horse": 0.3, "cow": 0.05})
    assert text.category is not None and text.category.text == "dog"
    assert set(texts(text.category_alternatives)) == {"cow", "horse"}


def test_nouns_of_the_head_are_the_categories(read: Read) -> None:
    phrase = {"phrase": [("a brown dog", 0.4), ("a brown cow", 0.3)]}
    nouns = {"cow": 0.6, "dog": 0.2, "horse": 0.1}
    text = read(phrase, nouns=nouns, calibration=ranking(category=1.0))
    assert (text.category, *text.category_alternatives) == (
        ScoredText("cow", 0.6),
        ScoredText("dog", 0.2),
        ScoredText("horse", 0.1),
    )
    assert text.caption.text == "a brown cow", "the caption that fits the likelier noun"
    alone = read(phrase, calibration=ranking(category=1.0))
    assert alone.caption.text == "a brown dog" and alone.category is None


def test_nouns_for_people_are_one_category(read: Read) -> None:
    text = read({"phrase": [("a man", 0.5)]}, nouns={"horse": 0.4, "man": 0.3, "woman": 0.2, "cow": 0.1})
    assert text.category == ScoredText("person", 0.5)
    assert texts(text.category_alternatives) == ["horse", "cow"]


def test_nouns_give_the_general_word_of_an_unsure_region(read: Read) -> None:
    guesses = {"dog": 0.3, "cow": 0.25, "cup": 0.2}
    text = read({"phrase": [("a dog", 0.2)]}, nouns=guesses, calibration={"unsure_below": 0.9, "general_from": 0.5})
    assert text.unsure and text.category == ScoredText("animal", 0.55)
    assert texts(text.category_alternatives) == ["dog", "cow", "cup"]


def test_at_most_five_categories_and_none_where_none_was_asked_for(read: Read) -> None:
    nouns = {name: 0.1 for name in ("dog", "cow", "cup", "car", "kite", "chair")}
    text = read({"phrase": [("a dog", 0.5)]}, nouns=nouns)
    assert text.category is not None and len(text.category_alternatives) == 4
    assert read({"phrase": [("a dog", 0.5)]}, nouns=nouns, category=False).category is None


def test_groups_are_counted_though_they_begin_with_a(read: Read) -> None:
    answers = {"phrase": [("a group of people", 0.5)], "count": [("three", 0.5)]}
    assert attributes(read(answers))["count"] == ("three",)


def test_a_word_said_twice_is_said_once(read: Read) -> None:
    text = read({"phrase": [("a white and white cup", 0.5), ("a white and red cup", 0.2)]})
    assert text.caption.text == "a white cup" and texts(text.alternatives) == ["a white and red cup"]
    text = read({"phrase": [("a cup", 0.5), ("a white white cup", 0.2), ("a white cup", 0.1)]})
    assert texts(text.alternatives) == ["a white cup"]
