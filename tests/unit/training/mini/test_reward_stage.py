"""The stage in which the decoder learns from its own phrases."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from roi_assistant.core.box import Box


def test_the_reward_is_cider_as_pycocoevalcap_counts_it() -> None:
    cider = pytest.importorskip("pycocoevalcap.cider.cider", reason="needs the extra 'evaluation'")
    from roi_assistant.training.mini.caption_reward import CiderReward

    people = {
        0: ["a brown dog", "the big brown dog on the grass"],
        1: ["a man in a blue shirt"],
        2: ["a man", "the older man in a shirt", "someone"],
        3: ["two brown dogs"],
    }
    captions = {0: "a brown dog on the grass", 1: "a man in a blue shirt", 2: "a blue man man", 3: "grass"}
    _, theirs = cider.Cider().compute_score(people, {k: [text] for k, text in captions.items()})
    reward = CiderReward(people)
    assert [reward(k, captions[k]) for k in people] == pytest.approx(list(theirs), abs=1e-9)
    assert max(theirs) > 5 and reward(3, "") == 0


def test_phrases_that_agree_with_the_others_count_more() -> None:
    from roi_assistant.training.mini.caption_reward import CiderReward

    phrases_of = {0: ["a dog", "a dog", "dog on grass", "red kite"], 1: ["a cup"], 2: ["flag", "pole"]}
    reward = CiderReward({region: list(dict.fromkeys(phrases)) for region, phrases in phrases_of.items()})
    weights = reward.agreement(phrases_of, power=1)
    assert sum(weights[0][phrase] for phrase in phrases_of[0]) == pytest.approx(4)
    assert weights[0]["dog on grass"] > weights[0]["red kite"] > 0
    ratio = reward(0, "dog on grass") / reward(0, "red kite")
    squared = reward.agreement(phrases_of, power=2)
    assert squared[0]["dog on grass"] / squared[0]["red kite"] == pytest.approx(ratio**2)
    assert weights[1] == {"a cup": 1}
    assert weights[2] == {"flag": 1, "pole": 1}, "neither says what the other does"
    assert set(reward.agreement(phrases_of, power=0)[0].values()) == {1}


def test_the_advantage_is_over_the_mean_of_the_other_samples(torch: Any) -> None:
    from roi_assistant.training.mini.reward_stage import leave_one_out_advantage

    rewards = torch.tensor([[3.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
    assert leave_one_out_advantage(rewards).tolist() == [[3.0, -1.5, -1.5], [0.0, 0.0, 0.0]]


def test_shaken_boxes_stay_in_the_picture() -> None:
    pytest.importorskip("onnxruntime")
    from roi_assistant.training.mini.augment import shaken

    box, rng = Box(0, 10, 50, 30), random.Random(0)
    moved = [shaken(box, 0.1, rng, width=52, height=100) for _ in range(200)]
    assert all(b.x1 >= 0 and b.x2 <= 52 for b in moved)
    assert max(abs(b.y1 - 10) for b in moved) == pytest.approx(2, abs=0.1), "a tenth of the box's height"
    assert max(b.x2 for b in moved) == 52 and min(b.x1 for b in moved) == 0
    assert shaken(box, 0.0, rng, width=52, height=100) == box


@pytest.fixture
def sampler(new_model: Callable[[], Any], text_encoder: Any) -> Any:
    from roi_assistant.training.mini.reward_stage import PhraseSampler

    model = new_model().eval().requires_grad_(False)
    for parameter in model.language.parameters():
        if parameter.dim() == 2:
            parameter.mul_(12)
    return PhraseSampler(model, text_encoder, temperature=0.8)


def test_log_probabilities_are_those_of_each_phrase_alone(torch: Any, sampler: Any, tokens: Any) -> None:
    image, region = tokens.images([0, 1]), tokens.regions([0, 4])
    generator = torch.Generator().manual_seed(5)  # one that draws no padding, which a model without training may
    phrases = sampler.draw(image, region, count=3, longest=5, generator=generator)
    assert phrases.shape[:2] == (2, 3) and phrases.shape[2] <= 5
    scores, used = sampler.log_probabilities(image, region, phrases)
    for r in range(2):
        for k in range(3):
            alone = phrases[r, k][used[r, k]]
            ids = torch.tensor([[*sampler.context, sampler.answer, *alone.tolist()]])
            embedded = sampler.model.embed(ids, image=image[r : r + 1], regions=region[r : r + 1])
            logits = sampler.model.language(inputs_embeds=embedded, use_cache=False).logits[0] / 0.8
            expected = logits.log_softmax(-1)[len(sampler.context) : -1].gather(1, alone[:, None])[:, 0]
            assert torch.allclose(scores[r, k][used[r, k]], expected, atol=1e-4)
            assert (scores[r, k][~used[r, k]] == 0).all()


def test_phrases_are_drawn_as_likely_as_they_are(torch: Any, sampler: Any, tokens: Any, text_encoder: Any) -> None:
    count = 4000
    drawn = sampler.draw(
        tokens.images([0]), tokens.regions([0]), count=count, longest=2, generator=torch.Generator().manual_seed(3)
    )
    first = torch.bincount(drawn[0, :, 0], minlength=len(text_encoder.tokenizer.get_vocab())) / count
    likeliest = int(first.argmax())
    phrase = torch.tensor([[[likeliest]]])
    scores, _ = sampler.log_probabilities(tokens.images([0]), tokens.regions([0]), phrase)
    assert float(first[likeliest]) == pytest.approx(float(scores.exp()), abs=0.03)
    after_end = drawn[0, drawn[0, :, 0] == text_encoder.end]
    assert (after_end[:, 1:] == text_encoder.pad).all()


def _run(
    make: Callable[[], Any],
    tokenizer: Tokenizer,
    mix: Any,
    tokens: Any,
    out: Path,
    *,
    evaluated: list[float],
    **changes: Any,
) -> Any:
    from roi_assistant.training.mini.reward_stage import RewardStageConfig, train_reward

    settings: dict[str, Any] = {
        "steps": 6, "regions_per_step": 8, "samples": 4, "longest": 6, "lr": 3e-3, "answers_per_step": 4, "ema": 0.5,
        "temperature": 1.0, "evaluate_every": 3, **changes,
    }  # fmt: skip
    train = [i for i, photo in enumerate(mix.corpus.photos) if photo.split == "train"]
    model = make().eval()
    frozen = {k: v.clone() for k, v in model.state_dict().items() if not k.startswith("language.")}
    path = train_reward(
        model, tokenizer, mix, tokens, out, RewardStageConfig(**settings), photos=train,
        evaluate=lambda now: {"seen": evaluated.append(1.0) or 0.0},
    )  # fmt: skip
    assert all((model.state_dict()[k] == v).all() for k, v in frozen.items()), "only the decoder learns"
    return path


def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    torch: Any, new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path, quiet: SimpleNamespace
) -> None:
    from roi_assistant.training.loop import load_checkpoint

    seen: list[float] = []
    whole = load_checkpoint(_run(new_model, tokenizer, mix, tokens, tmp_path / "whole", evaluated=seen))
    assert len(seen) == 2
    calls: list[float] = []

    class Stop(Exception):
        pass

    def stop() -> Any:
        raise Stop

    with pytest.raises(Stop):
        _run(new_model, tokenizer, mix, tokens, tmp_path / "part", evaluated=SimpleNamespace(append=lambda _: stop()))  # type: ignore[arg-type]
    part = load_checkpoint(_run(new_model, tokenizer, mix, tokens, tmp_path / "part", evaluated=calls))
    assert len(calls) == 1
    assert all(torch.equal(whole[name], part[name]) for name in whole)


def test_weights_half_way_are_kept(
    torch: Any, new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path, quiet: SimpleNamespace
) -> None:
    from roi_assistant.training.loop import load_checkpoint

    none, half, all_of_it = (
        load_checkpoint(
            _run(new_model, tokenizer, mix, tokens, tmp_path / str(share), evaluated=[], steps=2, share_kept=share)
        )
        for share in (0.0, 0.5, 1.0)
    )
    before = new_model().language.state_dict()
    assert all(torch.equal(none[name], before[name]) for name in before)
    assert not torch.equal(all_of_it["lm_head.weight"], before["lm_head.weight"])
    for name in before:
        torch.testing.assert_close(half[name], (none[name] + all_of_it[name]) / 2)


def test_phrases_agree_better_with_people_afterwards(
    torch: Any, new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path, quiet: SimpleNamespace
) -> None:
    import json

    _run(
        new_model, tokenizer, mix, tokens, tmp_path, evaluated=[], steps=120, answers_weight=1.0, evaluate_every=120,
        regions_per_step=16, share_kept=1.0,
    )  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    rewards = [line["reward"] for line in lines if "reward" in line]
    assert np.mean(rewards[-3:]) > 2 * np.mean(rewards[:3])


def test_a_loss_that_is_not_finite_stops_the_run(
    torch: Any, new_model: Any, tokenizer: Tokenizer, mix: Any, tokens: Any, tmp_path: Path
) -> None:
    from dataclasses import replace

    broken = replace(tokens, region=np.full_like(tokens.region, np.nan))
    with pytest.raises((FloatingPointError, RuntimeError)):
        _run(new_model, tokenizer, mix, broken, tmp_path, evaluated=[])
    assert not (tmp_path / "reward.pt").exists()
