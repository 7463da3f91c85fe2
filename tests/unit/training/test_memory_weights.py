"""A toy project: kinds of things with looks of their own, and a model that is right half of the time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="fitting needs torch, the extra 'training'")

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.learning import Draw, Project, measure
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.memory.evidence import INPUTS
from roi_assistant.memory.vectors import packed
from roi_assistant.memory.weights import weights_of, weights_text
from roi_assistant.training.memory_weights import FitConfig, _Head, examples_of, fit_weights, projects_of

KINDS = ("fork", "whisk", "ladle", "grater", "jug", "lid")
CONFIG = FitConfig(few_names=4, mixed=2, draw=Draw(names=4, fewest=5))
BOX = Box(0, 0, 10, 10)


def _toy(boxes: int, *, seed: int) -> list[NamedRegion]:
    """Half of the time the model says another kind, as sure as when it is right; looks are of the kind, and noisy."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    regions = []
    for number in range(boxes):
        name = rng.choice(KINDS)
        said = name if rng.random() < 0.5 else rng.choice(KINDS)
        looks = np.eye(len(KINDS))[KINDS.index(name)] + 0.35 * noise.normal(size=len(KINDS))
        vector = (looks / np.linalg.norm(looks)).astype(np.float32)
        text = RegionText(BOX, ScoredText(f"a {said}", 0.55), category=ScoredText(said, 0.55), features=packed(vector))
        regions.append(NamedRegion(item=f"#{number}", photo=f"{number}", name=name, box=BOX.xyxy, text=text))
    return regions


def _right_and_error(regions: Sequence[NamedRegion], text: str) -> tuple[float, float, float]:
    """Share right without and with memory, and the calibration error with it."""
    project = Project(name="fresh", regions=tuple(regions))
    (group,) = measure({"toy": [project]}, weights=weights_of(text))["groups"]
    shares = [group[mode]["windows"][0]["right"]["mean"] for mode in ("without_memory", "with_memory")]
    error = group["with_memory"]["calibration"]["ece"]
    assert error is not None
    return shares[0], shares[1], error


def test_under_fitted_weights_memory_beats_the_model_and_says_how_sure_it_is() -> None:
    fitted = fit_weights([_toy(300, seed=1), _toy(300, seed=2)], CONFIG)
    text = weights_text(fitted.weights, digits=4)
    without, helped, error = _right_and_error(_toy(500, seed=3), text)
    assert without < 0.65
    assert helped > without + 0.2
    assert error < 0.06
    assert fitted.right > 0.8
    assert fitted.loss < 1.0
    assert weights_text(fit_weights([_toy(300, seed=1), _toy(300, seed=2)], CONFIG).weights, digits=4) == text


def test_weight_decay_keeps_weights_small() -> None:
    regions = [_toy(200, seed=1)]
    config = FitConfig(few_names=1, mixed=0, draw=CONFIG.draw)
    free, bound = (fit_weights(regions, replace(config, weight_decay=decay)).weights for decay in (0.0, 100.0))
    assert np.abs(bound.names.output).max() < 0.5 * np.abs(free.names.output).max()


def test_what_was_fitted_is_what_is_written() -> None:
    """Means and deviations of the inputs are put into the weights."""
    import torch

    rows = torch.randn(50, 3, generator=torch.Generator().manual_seed(1)) * torch.tensor([1.0, 5.0, 0.0]) + 2
    head = _Head(rows, units=4)
    with torch.no_grad():
        expected = head(rows)
    assert head.scorer()(rows.double().numpy()).tolist() == pytest.approx(expected.tolist(), abs=1e-4)


def test_examples_know_what_was_taught_before_them_and_not_their_own_name() -> None:
    regions = [region for region in _toy(60, seed=1) if region.name in ("fork", "jug")]
    examples = examples_of(Project(name="toy", regions=tuple(regions)))
    first = examples[0]
    said = regions[0].text.category
    assert said is not None
    assert first.evidence.names == (said.text,)
    assert first.right == (0 if said.text == regions[0].name else None)
    never = first.evidence.inputs[:, INPUTS.index("never taught")]
    assert never.tolist() == [1.0]
    for region, example in zip(regions, examples, strict=True):
        if example.right is not None:
            assert example.evidence.names[example.right] == region.name


def test_projects_are_drawn_of_each_data_set() -> None:
    people = [*_toy(100, seed=1)]
    people += [
        NamedRegion(item=f"p{n}", photo=f"p{n}", name="person", box=BOX.xyxy, text=region.text)
        for n, region in enumerate(people)
    ]
    few, mixed = projects_of(people, CONFIG)[:4], projects_of(people, CONFIG)[4:]
    assert [len({region.name for region in project.regions}) for project in few] == [4] * 4
    assert [len(project.regions) for project in mixed] == [100, 200], "without people, and with them"
    only_people = [region for region in people if region.name == "person"]
    assert [len(project.regions) for project in projects_of(only_people, CONFIG)] == [100]


def test_without_boxes_there_is_nothing_to_fit() -> None:
    with pytest.raises(BadInputError, match="no box"):
        fit_weights([[]], CONFIG)
