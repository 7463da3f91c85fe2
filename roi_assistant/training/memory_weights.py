"""The weights of what a project remembers, fitted on streams of a scripted annotator.

Softmax regression: each box has its candidates and "none of them", the true one of which is to get the likelihood. The
candidates' inputs are those of `memory.evidence`, worked out from the lessons of the boxes before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from roi_assistant.core.records import RegionKey
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.learning import FEW_NAMES, Draw, Project, drawn_projects, mixed_project
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS, Evidence, evidence
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory, Weights, guesses_of

_DIGITS = 4
"""Behind the point, in files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """Which projects are drawn of each data set, and hyper-parameters. ``penalty`` is on the mean square of the
    weights; ``iterations`` of LBFGS at most."""

    few_names: int = 24
    mixed: int = 4
    most_mixed: int = 1700
    draw: Draw = FEW_NAMES
    seed: int = 0
    penalty: float = 1e-2
    iterations: int = 400


@dataclass(frozen=True, slots=True)
class Example:
    """What was known of a box before it was decided. ``right`` is the place of its name in ``evidence``; None: it is
    none of these."""

    evidence: Evidence
    right: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The weights, and over the ``boxes`` that they were fitted on: the mean loss in nats with the penalty, and the
    share whose likeliest name is right."""

    weights: Weights
    boxes: int
    loss: float
    right: float


def projects_of(data_set: Sequence[NamedRegion], config: FitConfig) -> list[Project]:
    """The projects that are drawn of one data set; of half of the mixed ones people are left out."""
    things = [region for region in data_set if region.name != "person"]
    projects = drawn_projects(data_set, config.draw, count=config.few_names, seed=config.seed)
    for number in range(config.mixed):
        regions = data_set if number % 2 else things
        name = f"mixed {number + 1}"
        projects.append(mixed_project(regions, seed=config.seed, most=config.most_mixed, name=name))
    return [project for project in projects if project.regions]


def examples_of(project: Project) -> list[Example]:
    """What is known of each box of ``project`` when all boxes before it have taught their true names."""
    unweighted = Weights(np.zeros(len(INPUTS)), np.zeros(len(NONE_INPUTS)))
    memory = ProjectMemory(len(project.regions[0].vector), weights=unweighted)
    examples = []
    for region in project.regions:
        given = evidence(guesses_of(region.text), memory.looks(region.vector))
        examples.append(Example(given, given.names.index(region.name) if region.name in given.names else None))
        memory.learn(Lesson(RegionKey(region.photo, region.item), region.name), region.vector)
    return examples


def fit_weights(data_sets: Sequence[Sequence[NamedRegion]], config: FitConfig) -> Fitted:
    """Weights fitted on projects of all ``data_sets``.

    Raises:
        BadInputError: there is no box.
    """
    examples: list[Example] = []
    for data_set in data_sets:
        for project in projects_of(data_set, config):
            examples += examples_of(project)
    if not examples:
        raise BadInputError("There is no box with a name to fit weights on: give other predictions.")
    return _fitted(examples, config)


def _fitted(examples: Sequence[Example], config: FitConfig) -> Fitted:
    widest = max(len(example.evidence.names) for example in examples)
    inputs = np.zeros((len(examples), widest, len(INPUTS)))
    missing = np.ones((len(examples), widest + 1), bool)
    missing[:, widest] = False
    right = np.full(len(examples), widest)
    for row, example in enumerate(examples):
        count = len(example.evidence.names)
        inputs[row, :count] = example.evidence.inputs
        missing[row, :count] = False
        if example.right is not None:
            right[row] = example.right
    of_names, of_none = torch.from_numpy(inputs), torch.from_numpy(np.stack([e.evidence.none for e in examples]))
    no_name, truth = torch.from_numpy(missing), torch.from_numpy(right)
    names = torch.zeros(len(INPUTS), dtype=torch.float64, requires_grad=True)
    none = torch.zeros(len(NONE_INPUTS), dtype=torch.float64, requires_grad=True)

    def logits() -> Tensor:
        return torch.cat([of_names @ names, (of_none @ none)[:, None]], 1).masked_fill(no_name, -torch.inf)

    def loss() -> Tensor:
        return cross_entropy(logits(), truth) + config.penalty * (names.square().mean() + none.square().mean())

    optimizer = torch.optim.LBFGS([names, none], max_iter=config.iterations, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return float(value.detach())

    optimizer.step(closure)
    with torch.no_grad():
        likeliest = logits()[:, :widest].argmax(1)
        return Fitted(
            weights=Weights(names.numpy().copy(), none.numpy().copy()),
            boxes=len(examples),
            loss=float(loss()),
            right=float((likeliest == truth).double().mean()),
        )


def weights_text(weights: Weights) -> str:
    """``weights`` as JSON, which `memory.recall.weights_of` reads: each by the name of its input."""
    groups = {"names": (INPUTS, weights.names), "none": (NONE_INPUTS, weights.none)}
    stored = {
        key: {name: round(float(value), _DIGITS) for name, value in zip(inputs, values, strict=True)}
        for key, (inputs, values) in groups.items()
    }
    return json.dumps(stored, indent=2) + "\n"
