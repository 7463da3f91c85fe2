"""The heads: what they learn from, and that they learn it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("quiet")


def drawn(torch: Any, shape: tuple[int, ...], seed: int) -> Any:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_shares_of_nouns(torch: Any, mix: Any) -> None:
    """Of three mentions of a clown two say clown, one someone; dogs are no class here."""
    from roi_assistant.training.mini.heads import noun_targets

    targets = noun_targets(mix, ["person", "clown"])
    clown, dog = mix.corpus.photos[0].first_region, 6
    assert mix.facts[dog].nouns == (("dog", 1.0),)
    torch.testing.assert_close(targets.of([dog, clown]), torch.tensor([[0, 0], [1 / 3, 2 / 3]]))


def test_frequent_nouns_take_the_places_of_rare_ones(torch: Any, mix: Any) -> None:
    """What no train region is called gives way first; the order of the others stays."""
    from roi_assistant.training.mini.heads import exchange_nouns

    assert mix.noun_counts()["unicorn"] == 0
    assert exchange_nouns(["dog", "unicorn", "person"], mix, at_least=2)[1] == next(
        noun for noun in mix.nouns(at_least=2) if noun not in ("dog", "person")
    )
    kept = exchange_nouns(["dog", "unicorn", "person"], mix, at_least=1000)
    assert kept == ["dog", "unicorn", "person"]


def test_a_class_that_begins_anew_is_never_the_likeliest(torch: Any) -> None:
    """The others' logits are far below 0 for what they do not mean, as those of a trained head are."""
    from roi_assistant.training.mini.heads import forget_classes

    head = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Linear(3, 4))
    head[-1].weight.data[:] = torch.tensor([[7.0, 7, 7], [4, -8, -8], [-8, 4, -8], [-8, -8, 4]])
    head[-1].bias.data[:] = torch.tensor([1.0, 2.0, -3.0, 1.0])
    before = head[-1].weight.detach().clone()
    forget_classes(head, [0], seed=0)
    assert head[-1].bias.tolist() == [-3.0, 2.0, -3.0, 1.0]
    assert torch.equal(head[-1].weight[1:], before[1:])
    assert head(torch.eye(3)).argmax(1).tolist() == [1, 2, 3]


def test_shares_of_attribute_values(torch: Any, mix: Any) -> None:
    """Each value that people named is an equal share of its attribute; green is no class here."""
    from roi_assistant.training.mini.heads import attribute_targets

    values = {"color": ["brown", "red"], "action": ["chasing", "running"], "wearing": ["hat"]}
    kite, green_kite, clown = 1, 32, 0
    assert mix.facts[green_kite].attributes["color"] == ("green",)
    targets = attribute_targets(mix, values).of([kite, green_kite, clown])
    torch.testing.assert_close(targets, torch.tensor([[0, 1.0, 0, 0, 0], [0] * 5, [0, 0, 0.5, 0.5, 1.0]]))


def test_ngrams_of_phrases(torch: Any, mix: Any) -> None:
    """ "a dog" alone is said of the dog: its words weigh 1 and 2, of norm 5 ** .5. "the" is no class."""
    from roi_assistant.training.mini.heads import ngram_targets

    dog = 6
    assert set(mix.facts[dog].phrases) == {"a dog"}
    weights = {"a": 1.0, "a dog": 0.5, "clown": 2.0, "dog": 2.0}
    targets = ngram_targets(mix, weights).of([dog])
    torch.testing.assert_close(targets, torch.tensor([[5**-0.5, 1.0, 0.0, 2 * 5**-0.5]]))


def test_weights_of_ngrams(mix: Any) -> None:
    """Those are chosen that tell most; their weights are logarithms of how rare they are."""
    frequent, all_of_them = mix.phrase_ngrams(5), mix.phrase_ngrams(10_000)
    assert list(frequent) == list(all_of_them)[:5]
    regions = [
        mix.facts[photo.first_region + k].phrases
        for photo in mix.corpus.photos
        if photo.split == "train" and photo.source == "flickr30k"
        for k in range(len(photo.human.regions))
    ]
    regions = [phrases for phrases in regions if phrases]
    for gram, weight in all_of_them.items():
        having = sum(any(f" {gram} " in f" {phrase} " for phrase in phrases) for phrases in regions)
        assert weight == pytest.approx(math.log(len(regions) / max(1, having))), gram


def test_ngram_loss_by_hand(torch: Any, tunable: Any) -> None:
    """The second region has no phrases and does not count."""
    from roi_assistant.training.mini.heads import ngram_loss

    model = tunable().eval()
    regions = drawn(torch, (2, model.config.region_tokens, 32), 6)
    images = drawn(torch, (2, model.config.image_tokens, 32), 7)
    targets = torch.zeros(2, model.config.phrase_ngrams)
    targets[0, 3], targets[0, 5] = 1.0, 0.25
    with torch.inference_mode():
        loss = ngram_loss(model.phrase_head, regions, images, targets)
        none = ngram_loss(model.phrase_head, regions, images, targets * 0)
        probabilities = model.phrase_head(regions, images)[0].sigmoid()
    unsaid = (1 - probabilities).log()
    expected = -(
        unsaid.sum() - unsaid[3] - unsaid[5] + probabilities[3].log() + 0.25 * probabilities[5].log() + 0.75 * unsaid[5]
    )
    torch.testing.assert_close(loss, expected)
    assert none == 0, "a step of regions without phrases"


def test_heads_learn_what_people_say(
    torch: Any,
    tunable: Any,
    mix: Any,
    features: Any,
    text_encoder: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Trained on one photo they know its regions; of others they can but guess."""
    from roi_assistant.training.mini import region_stage, validate
    from roi_assistant.training.mini.corpus import Sample
    from roi_assistant.training.mini.heads import HeadClasses, ngram_loss, ngram_targets

    model, nouns, values = tunable(), mix.nouns(at_least=1), mix.attribute_values(8)
    weights = mix.phrase_ngrams(model.config.phrase_ngrams)
    config = region_stage.RegionStageConfig(
        epochs=120, regions_per_step=4, lr=3e-3, category_weight=1.0, attribute_weight=1.0, phrase_weight=1.0,
        label_smoothing=0.0, ema=0.5, several=0.0,
    )  # fmt: skip
    shown = len(mix.corpus.photos) - 5
    monkeypatch.setattr(mix, "repeated", lambda photos, rng, **often: [shown] * 4)
    region_stage.train_regions(
        model, mix, [features], text_encoder, tmp_path, config, classes=HeadClasses(nouns, values, weights)
    )
    rows = [(shown, mix.corpus.photos[shown].first_region + k) for k in range(3)]
    model, source = model.eval(), region_stage.FeatureSource([features])

    def encode(samples: Any) -> Any:
        return region_stage.encode_vision(model, source.batch(samples))

    answers = validate.head_answers(model, encode, rows, nouns, count=1)
    assert all(answer in dict(mix.facts[row].nouns) for (_, row), (answer,) in zip(rows, answers, strict=True)), answers
    right = validate.attributes_right(model, mix, encode, rows, values)
    asked = {name for _, row in rows for name in values if mix.named_values(row, name)}
    assert {name: right[name] for name in asked} == dict.fromkeys(("color", "action", "wearing", "pattern"), 1.0)
    targets = ngram_targets(mix, weights).of([row for _, row in rows])
    with torch.inference_mode():
        images, regions, _ = encode([Sample(photo, (row,), 0, ()) for photo, row in rows])
        seen = list(zip(regions[:, None], images[:, None], strict=True))
        losses = [[ngram_loss(model.phrase_head, *one, target) for target in targets[:, None]] for one in seen]
    assert torch.tensor(losses).argmin(1).tolist() == [0, 1, 2], "each fits what is said of it best"
    loss = validate.phrase_loss(model, mix, encode, rows, weights, batch=2)
    assert loss == pytest.approx(sum(float(losses[k][k]) for k in range(3)) / 3, rel=1e-3)


def test_category_loss_by_hand(torch: Any, tunable: Any) -> None:
    """Two regions are named, of which people agree on one; the third, unnamed, does not count."""
    from roi_assistant.training.mini.heads import choice_loss

    model = tunable().eval()
    regions = drawn(torch, (3, model.config.region_tokens, 32), 0)
    images = drawn(torch, (3, model.config.image_tokens, 32), 1)
    targets = torch.zeros(3, model.config.categories)
    targets[0, 2], targets[2, 0], targets[2, 1] = 1.0, 0.75, 0.25
    with torch.inference_mode():
        loss = choice_loss(model.category_head(regions, images), targets, smoothing=0.0)
        log = model.category_head(regions, images).log_softmax(-1)
    expected = -(log[0, 2] + 0.75 * log[2, 0] + 0.25 * log[2, 1]) / 2
    torch.testing.assert_close(loss, expected)


def test_attribute_loss_by_hand(torch: Any, tunable: Any) -> None:
    """The first region has an action and a color, the second a color only, the third neither: three choices."""
    from roi_assistant.training.mini.heads import choice_loss

    model, sizes = tunable().eval(), [3, 5]
    regions = drawn(torch, (3, model.config.region_tokens, 32), 2)
    images = drawn(torch, (3, model.config.image_tokens, 32), 3)
    targets = torch.zeros(3, 8)
    targets[0, 1], targets[0, 3], targets[0, 7], targets[1, 0] = 1.0, 0.5, 0.5, 1.0
    with torch.inference_mode():
        logits = model.attribute_head(regions, images)
        loss = choice_loss(logits, targets, sizes=sizes, smoothing=0.0)
        none = choice_loss(logits, targets * 0, sizes=sizes, smoothing=0.0)
    color, action = logits[:, :3].log_softmax(-1), logits[:, 3:].log_softmax(-1)
    expected = -(color[0, 1] + 0.5 * action[0, 0] + 0.5 * action[0, 4] + color[1, 0]) / 3
    torch.testing.assert_close(loss, expected)
    assert none == 0, "a step in which people named nothing"


def test_heads_see_the_photo(torch: Any, tunable: Any) -> None:
    model = tunable().eval()
    regions = drawn(torch, (1, model.config.region_tokens, 32), 4)
    images = drawn(torch, (2, model.config.image_tokens, 32), 5)
    with torch.inference_mode():
        for head in model.heads:
            assert not torch.allclose(head(regions, images[:1]), head(regions, images[1:]))
