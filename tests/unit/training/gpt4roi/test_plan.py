"""What is learned of a conversation, and how steps share out over passes and processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.datasets.records import RegionSample, conversation
from tests.unit import tiny_gpt4roi

pytestmark = pytest.mark.usefixtures("one_thread")


def sample(*pairs: tuple[str, str], boxes: int = 1) -> RegionSample:
    unit = tuple((0.1, 0.1, 0.5 + 0.1 * k, 0.5) for k in range(boxes))
    return RegionSample("invented", "1", "1.jpg", 60, 40, unit, conversation(*pairs))


BEGIN = "The <image> provides an overview of the picture.\n"


def test_only_answers_are_learned_and_ids_are_those_of_the_whole_text(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.prompting import SYSTEM, expand_image
    from roi_assistant.training.gpt4roi.conversations import encode

    processor = tiny_gpt4roi.processor()
    made = encode(
        sample((f"{BEGIN}What is region1 <bbox>?", "a red box"), ("Why?", "so it is")), processor, max_tokens=900
    )
    tokenizer = processor.tokenizer
    text = (
        f"{SYSTEM}\n\n### Human: {BEGIN}What is region1 <bbox>?\n### Assistant: a red box\n### Human: Why?\n"
        "### Assistant: so it is\n###"
    )
    assert list(made.ids) == tokenizer.encode(expand_image(text, image_tokens=4), begin=True)
    assert [tokenizer.decode(made.ids[a:b]) for a, b in made.spans] == [
        "Assistant: a red box\n###",
        "Assistant: so it is\n###",
    ]


def test_an_answer_is_learned_behind_the_ids_that_it_is_asked_with(torch: Any) -> None:
    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
    from roi_assistant.training.gpt4roi.conversations import encode

    processor = Gpt4RoiProcessor(tiny_gpt4roi.tokenizer(), image_size=28, image_tokens=4, space_after_separator=False)
    made = encode(sample((f"{BEGIN}What is region1 <bbox>?", "a red box")), processor, max_tokens=900)
    asked = processor.conversation([Turn("user", "What is <region1>?")], boxes=[Box(6, 4, 30, 20)], width=60, height=40)
    assert made.ids[: made.spans[0][0]] == asked.input_ids


def test_long_conversations_lose_their_end_with_its_boxes(torch: Any) -> None:
    from roi_assistant.training.gpt4roi.conversations import encode

    processor = tiny_gpt4roi.processor()
    pairs = [(f"{BEGIN}What is region1 <bbox>?", "a"), ("And region2 <bbox>?", "b")]
    whole = encode(sample(*pairs, boxes=2), processor, max_tokens=900)
    cut = encode(sample(*pairs, boxes=2), processor, max_tokens=whole.spans[0][1] + 3)
    assert len(whole.boxes) == 2 and len(cut.boxes) == 1 and cut.spans == whole.spans[:1]
    assert cut.ids == whole.ids[: len(cut.ids)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=24), st.sampled_from([1, 2, 4]), st.integers(300, 3000))
def test_passes_hold_every_conversation_once_and_no_more_than_fits(
    lengths: list[int], world: int, tokens_at_once: int
) -> None:
    pytest.importorskip("torch")
    from roi_assistant.training.gpt4roi.plan import padding, passes

    lengths = lengths * world
    groups = passes(lengths, tokens_at_once=tokens_at_once, world=world)
    assert sorted(k for group in groups for k in group) == list(range(len(lengths)))
    assert len(groups) % world == 0
    for group in groups:
        assert len(group) == 1 or max(lengths[k] for k in group) * len(group) <= tokens_at_once
    assert 0 <= padding(lengths, groups) < 1


def test_grouping_by_length_saves_padding(torch: Any, photos: Path) -> None:
    from roi_assistant.datasets.registry import dataset_spec
    from roi_assistant.datasets.sampling import DatasetMix, Part
    from roi_assistant.training.gpt4roi.plan import TrainingPlan, padding

    mix = DatasetMix([Part(dataset_spec("flickr30k_entities").load(photos))], seed=1)
    plan = TrainingPlan(mix, tiny_gpt4roi.processor(), batch=3, epochs=2.0, max_tokens=900)
    assert (plan.steps_per_epoch, plan.steps) == (3, 6)
    steps = [plan.step(k) for k in range(6)]
    lengths = [[len(item.encoded.ids) for item in step] for step in steps]
    together = [n for step in lengths[:3] for n in step]
    shuffled = padding(together, [list(range(9))])
    assert max(padding(step, [[0, 1, 2]]) for step in lengths[:3]) < shuffled
    for epoch in (steps[:3], steps[3:]):
        assert sorted(item.sample.id for step in epoch for item in step) == sorted(
            item.sample.id for step in steps[:3] for item in step
        )
    again = TrainingPlan(mix, tiny_gpt4roi.processor(), batch=3, epochs=2.0, max_tokens=900)
    assert [item.encoded for item in again.step(4)] == [item.encoded for item in steps[4]]
