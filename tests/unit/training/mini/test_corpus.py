"""Two tiny data sets as one corpus, and the samples drawn from it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.errors import FormatError
from roi_assistant.training.mini.corpus import Corpus, InstructionMix, Sample, load_features
from roi_assistant.training.mini.instructions import RegionFacts

FLICKR_VAL, FLICKR_TRAIN, GENERAL_VAL, GENERAL_TRAIN = 2, 8, 1, 4


def test_val_comes_first_and_rows_count_on(corpus: Any) -> None:
    order = [(photo.split, photo.source) for photo in corpus.photos]
    assert order == (
        [("val", "flickr30k")] * FLICKR_VAL
        + [("val", "general")] * GENERAL_VAL
        + [("train", "flickr30k")] * FLICKR_TRAIN
        + [("train", "general")] * GENERAL_TRAIN
    )
    row = 0
    for photo in corpus.photos:
        assert photo.first_region == row
        row += len(photo.human.regions)
    assert corpus.region_count == row == 3 * (FLICKR_VAL + FLICKR_TRAIN) + 2 * (GENERAL_VAL + GENERAL_TRAIN)


def test_pictures_come_from_their_own_data_set(corpus: Any) -> None:
    sizes = {"flickr30k": (200, 100), "general": (80, 40)}
    pictures = [corpus.picture(photo) for photo in corpus.photos]
    assert len({picture.tobytes() for picture in pictures}) == len(corpus.photos)
    for photo, picture in zip(corpus.photos, pictures, strict=True):
        assert (picture.size, picture.mode) == (sizes[photo.source], "RGB")


def test_text_of_val_photos_is_not_read(corpus: Any) -> None:
    lines = list(corpus.text_lines())
    assert len(lines) == 3 * (FLICKR_TRAIN + 1), "a photo outside both splits has text to learn from"
    assert lines[0].startswith("A clown in a striped hat is chasing a brown dog on a street")
    val = {s.text for photo in corpus.photos[:FLICKR_VAL] for s in photo.human.sentences}
    assert len(val) == 6


def test_missing_data_set(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not a folder"):
        Corpus(tmp_path / "flickr", [tmp_path / "general"])


def rows_of(mix: InstructionMix, category: str) -> list[int]:
    return [row for row, facts in mix.facts.items() if facts.category == category]


def test_every_region_has_facts(mix: InstructionMix) -> None:
    assert sorted(mix.facts) == list(range(mix.corpus.region_count))
    first = mix.facts[0]
    assert first.phrases == ("a clown", "a running clown")
    assert first.category == "person", "the corpus calls all people so"
    assert dict(first.nouns) == {"clown": pytest.approx(2 / 3), "person": pytest.approx(1 / 3)}, "one said someone"
    assert first.attributes["wearing"] == ("hat",) or first.attributes["wearing"] == ("striped hat",)
    assert mix.facts[1].category == "kite" and mix.facts[1].attributes["color"] == ("red",)


def test_vocabulary_is_of_the_general_data_set_by_frequency(mix: InstructionMix) -> None:
    assert mix.vocabulary[:2] == ["chair", "dog"], "two train photos each; dogs of val photos do not count"
    assert set(mix.vocabulary) == {"dog", "person", "kite", "chair", "ball", "couch"}


def test_named_objects_get_a_phrase_and_their_measured_color(mix: InstructionMix) -> None:
    general = mix.corpus.photos[-GENERAL_TRAIN]
    kite, chair = (mix.facts[general.first_region + k] for k in range(2))
    assert kite.phrases == ("a green kite",)
    assert kite.attributes == {"color": ("green",)}
    assert (chair.phrases, chair.attributes) == (("a chair",), {})


def test_nothing_is_said_of_a_person_whom_nobody_described(corpus: Any) -> None:
    rows = [
        photo.first_region + k
        for photo in corpus.photos
        for k, region in enumerate(photo.human.regions)
        if region.category == "person"
    ]
    mix = InstructionMix(corpus, colors={row: ("brown",) for row in rows}, extra=1)
    assert rows
    for row in rows:
        assert mix.facts[row].phrases == () and mix.facts[row].category == "person"
        assert mix.facts[row].attributes == {}


def drawn(mix: InstructionMix, photo: int, *, several: float, seeds: int = 20) -> list[list[Sample]]:
    return [mix.samples(photo, random.Random(seed), several=several) for seed in range(seeds)]


def test_one_sample_per_region(mix: InstructionMix) -> None:
    for index, photo in enumerate(mix.corpus.photos):
        rows = set(range(photo.first_region, photo.first_region + len(photo.human.regions)))
        for samples in drawn(mix, index, several=0.0, seeds=3):
            assert {sample.rows for sample in samples} == {(row,) for row in rows}
            assert all(sample.photo == index and sample.exchanges for sample in samples)
    assert {sample.variant for samples in drawn(mix, 0, several=0.0) for sample in samples} == {0, 1}


def test_sample_about_several_regions(mix: InstructionMix) -> None:
    for samples in drawn(mix, 3, several=1.0):
        group = samples[-1]
        assert len(samples) == 4 and len(group.rows) == 3
        first = mix.corpus.photos[3].first_region
        assert set(group.rows) == {first, first + 1, first + 2}
        assert group.variant == 0, "a mirrored photo would have left and right the wrong way round"
        assert {exchange.task for exchange in group.exchanges} <= {"image", "relation"}
    clown = mix.corpus.photos[3].human.regions[0].id
    captions = {
        (sample.rows, exchange.answer)
        for samples in drawn(mix, 3, several=1.0)
        for sample in samples[3:]
        for exchange in sample.exchanges
        if exchange.task == "image"
    }
    assert clown == "1"
    for rows, caption in captions:
        number = rows.index(mix.corpus.photos[3].first_region) + 1
        assert f"clown <region{number}>" in caption or f"someone <region{number}>" in caption


def test_general_photos_have_no_sample_about_several_regions(mix: InstructionMix) -> None:
    last = len(mix.corpus.photos) - 1
    assert all(len(samples) == 2 for samples in drawn(mix, last, several=1.0))


def test_nouns_are_those_of_train_regions_by_frequency(mix: InstructionMix) -> None:
    nouns = mix.nouns(at_least=1)
    assert nouns[:2] == ["person", "clown"], "one on each of the Flickr photos; and a general person"
    assert set(mix.nouns(at_least=3)) < set(nouns)


def test_attribute_values_are_those_of_train_regions_by_frequency(mix: InstructionMix) -> None:
    """Eight Flickr photos have the clown with its hat, two of them each of the four things; one kite's green was
    measured."""
    assert mix.attribute_values(100) == {
        "color": ["brown", "red", "blue", "green"],
        "material": ["wood"],
        "pattern": ["striped"],
        "action": ["chasing", "running"],
        "wearing": ["hat"],
    }
    assert "green" not in mix.attribute_values(8)["color"], "one region only"
    assert mix.attribute_values(0) == {}


def test_values_are_compared_in_one_form(mix: InstructionMix, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"color": ("gold", "yellow"), "wearing": ("blue shirts", "red shirt")}
    monkeypatch.setitem(mix.facts, 0, RegionFacts((), (), "man", said))
    assert mix.named_values(0, "color") == ["yellow"]
    assert mix.named_values(0, "wearing") == ["shirt"]
    assert mix.named_values(0, "action") == []


def test_rare_things_are_shown_more_often(mix: InstructionMix) -> None:
    """Of 4 general train photos 2 have a dog, 2 a chair, and 1 each a kite, a ball and a couch."""
    first = len(mix.corpus.photos) - GENERAL_TRAIN
    assert mix.repeats(first - 1, general=2, rare_below=0.5) == 1.0, "a Flickr photo"
    assert mix.repeats(first, general=2, rare_below=0.5) == pytest.approx(2 * 2**0.5), "a kite: a quarter of the photos"
    assert mix.repeats(first, general=2, rare_below=0.25) == 2.0
    assert mix.repeats(first, general=1, rare_below=9.0) == 3.0, "never more than thrice"


def test_mirrored_samples_swap_left_and_right(corpus: Any) -> None:
    mix = InstructionMix(corpus, colors={}, extra=0)
    row = corpus.photos[3].first_region
    said_of_it = ("the leftmost clown on the right",)
    mix.facts[row] = replace(mix.facts[row], phrases=said_of_it, category="", descriptions=())
    said = {
        (sample.variant, exchange.answer)
        for samples in drawn(mix, 3, several=0.0)
        for sample in samples
        if sample.rows == (row,)
        for exchange in sample.exchanges
    }
    assert said == {(0, "the leftmost clown on the right"), (1, "the rightmost clown on the left")}


def test_no_more_regions_than_the_cap(corpus: Any) -> None:
    mix = InstructionMix(corpus, colors={}, extra=0, region_cap=2)
    chosen = [tuple(sample.rows[0] for sample in samples) for samples in drawn(mix, 3, several=0.0)]
    assert {len(rows) for rows in chosen} == {2}
    assert len(set(chosen)) > 2, "other regions each time"


def test_only_what_people_wrote_of_train_photos_is_weighed(corpus: Any) -> None:
    mix = InstructionMix(corpus, colors={}, extra=0, consensus=2)
    for photo in corpus.photos:
        people = photo.split == "train" and photo.source == "flickr30k"
        for k in range(len(photo.human.regions)):
            facts = mix.facts[photo.first_region + k]
            assert set(facts.weights) == (set(facts.phrases) if people else set())
    clown = mix.facts[corpus.photos[-1 - GENERAL_TRAIN].first_region].weights
    assert len(set(clown.values())) > 1 and min(clown.values()) > 0
    assert not InstructionMix(corpus, colors={}, extra=0).facts[corpus.photos[-1 - GENERAL_TRAIN].first_region].weights


def test_draw_depends_on_the_seed_alone(mix: InstructionMix) -> None:
    assert drawn(mix, 3, several=0.5) == drawn(mix, 3, several=0.5)


def test_passes_are_drawn_a_photo_at_a_time(mix: InstructionMix) -> None:
    rng = random.Random(0)
    drawn_from = [{sample.cached for sample in mix.samples(3, rng, several=0.5, passes=3)} for _ in range(40)]
    assert all(len(cached) == 1 for cached in drawn_from)
    assert set().union(*drawn_from) == {0, 1, 2}


def test_features_of_every_pass_by_name(tmp_path: Path) -> None:
    (tmp_path / "vision.onnx").touch()
    arrays = {"boxes": np.arange(8.0).reshape(2, 4), "imgh": np.ones((3, 5), np.float16)}
    for number in (10, 0, 2):
        (tmp_path / str(number)).mkdir()
        for name, array in arrays.items():
            np.save(tmp_path / str(number) / f"{name}.npy", array + number)
    loaded = load_features(tmp_path)
    assert [sorted(one) for one in loaded] == [["boxes", "imgh"]] * 3
    for number, one in zip((0, 2, 10), loaded, strict=True):
        for name, array in arrays.items():
            np.testing.assert_array_equal(one[name], array + number)
