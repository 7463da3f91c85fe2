"""The weights of what a project remembers, fitted on streams of a scripted annotator.

Each box has its candidates and "none of them", the true one of which is to get the likelihood. The candidates' inputs
are those of `memory.evidence`, worked out from the lessons of the boxes before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from roi_assistant.core.records import RegionKey
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.learning import FEW_NAMES, Draw, Project, drawn_projects, mixed_project
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS, Evidence, evidence
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory, guesses_of
from roi_assistant.memory.weights import Scorer, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """Which projects are drawn of each data set, and hyper-parameters. ``units`` of the hidden layers; ``batch`` in
    boxes."""

    few_names: int = 24
    mixed: int = 4
    most_mixed: int = 1700
    draw: Draw = FEW_NAMES
    seed: int = 0
    units: int = 16
    epochs: int = 60
    batch: int = 512
    learning_rate: float = 5e-3
    weight_decay: float = 1e-3


@dataclass(frozen=True, slots=True)
class Example:
    """What was known of a box before it was decided. ``right`` is the place of its name in ``evidence``; None: it is
    none of these."""

    evidence: Evidence
    right: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The weights, and over the ``boxes`` that they were fitted on: the mean loss in nats, and the
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
    unweighted = Weights(Scorer.of_linear([0.0] * len(INPUTS)), Scorer.of_linear([0.0] * len(NONE_INPUTS)))
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
    inputs = np.zeros((len(examples), widest, len(INPUTS)), np.float32)
    missing = np.ones((len(examples), widest + 1), bool)
    missing[:, widest] = False
    right = np.full(len(examples), widest)
    for row, example in enumerate(examples):
        count = len(example.evidence.names)
        inputs[row, :count] = example.evidence.inputs
        missing[row, :count] = False
        if example.right is not None:
            right[row] = example.right
    none = np.stack([example.evidence.none for example in examples]).astype(np.float32)
    of_names, of_none, no_name, truth = map(torch.from_numpy, (inputs, none, missing, right))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = _Network(of_names[~no_name[:, :widest]], of_none, units=config.units)
        optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        for epoch in range(config.epochs):
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * (1 - epoch / config.epochs)
            for rows in torch.randperm(len(examples)).split(config.batch):
                optimizer.zero_grad()
                cross_entropy(network(of_names[rows], of_none[rows], no_name[rows]), truth[rows]).backward()
                optimizer.step()
    with torch.no_grad():
        logits = network(of_names, of_none, no_name)
        return Fitted(
            weights=Weights(network.names.scorer(), network.none.scorer()),
            boxes=len(examples),
            loss=float(cross_entropy(logits, truth)),
            right=float((logits[:, :widest].argmax(1) == truth).double().mean()),
        )


class _Head(nn.Module):
    """A linear function and a hidden layer of inputs that are brought to mean 0 and deviation 1."""

    def __init__(self, rows: Tensor, *, units: int) -> None:
        super().__init__()
        self.mean, self.deviation = rows.mean(0), rows.std(0, correction=0) + 1e-3
        self.linear = nn.Linear(rows.shape[1], 1)
        self.hidden = nn.Linear(rows.shape[1], units)
        self.output = nn.Linear(units, 1, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """[..., inputs] -> [...]"""
        rows = (inputs - self.mean) / self.deviation
        logits: Tensor = self.linear(rows) + self.output(torch.tanh(self.hidden(rows)))
        return logits[..., 0]

    def scorer(self) -> Scorer:
        """The same function of inputs as they are."""
        linear, hidden = (
            (layer.weight.detach() / self.deviation).double().numpy() for layer in (self.linear, self.hidden)
        )
        mean = self.mean.double().numpy()
        return Scorer(
            linear=linear[0],
            hidden=hidden,
            bias=self.hidden.bias.detach().double().numpy() - hidden @ mean,
            output=self.output.weight.detach().double().numpy()[0],
            constant=float(self.linear.bias.detach()) - float(linear[0] @ mean),
        )


class _Network(nn.Module):
    def __init__(self, names: Tensor, none: Tensor, *, units: int) -> None:
        super().__init__()
        self.names, self.none = _Head(names, units=units), _Head(none, units=units)

    def forward(self, names: Tensor, none: Tensor, missing: Tensor) -> Tensor:
        """[boxes, names, inputs], [boxes, inputs], [boxes, names + 1] -> logits [boxes, names + 1]; the last is that of
        no name."""
        logits = torch.cat([self.names(names), self.none(none)[:, None]], 1)
        return logits.masked_fill(missing, -1e9)
