"""How the inputs of `roi_assistant.memory.evidence` are weighed: by a small network, fitted by ``roi-assistant train
memory`` on streams of a scripted annotator, on photos that the model never saw and on such that it knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roi_assistant.errors import ModelFileError
from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS
from roi_assistant.resources_path import resource

_MOST_UNITS = 256


@dataclass(frozen=True)
class Scorer:
    """A linear function and one hidden layer: ``linear`` [inputs], ``hidden`` [units, inputs], ``bias`` [units],
    ``output`` [units]."""

    linear: NDArray[np.float64]
    hidden: NDArray[np.float64]
    bias: NDArray[np.float64]
    output: NDArray[np.float64]
    constant: float = 0.0

    @classmethod
    def of_linear(cls, weights: Sequence[float]) -> Scorer:
        """Without a hidden layer."""
        empty = np.zeros(0)
        return cls(np.array(weights, np.float64), np.zeros((0, len(weights))), empty, empty)

    def __call__(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """[rows, inputs] -> logits [rows]."""
        layer = np.tanh(inputs @ self.hidden.T + self.bias)
        return np.asarray(inputs @ self.linear + layer @ self.output + self.constant)


@dataclass(frozen=True)
class Weights:
    """``names`` scores the inputs of each candidate, `INPUTS`; ``none`` those of a name that is none of them,
    `NONE_INPUTS`."""

    names: Scorer
    none: Scorer


@cache
def shipped_weights() -> Weights:
    """The weights in ``resources/memory.json``."""
    weights = weights_of(resource("memory.json").read_text(encoding="utf-8"))
    if weights is None:
        raise ModelFileError("resources/memory.json has other inputs than this version: reinstall the program.")
    return weights


def weights_of(text: str) -> Weights | None:
    """The weights in the JSON ``text``, as `weights_text` writes them; None where it holds something else."""
    try:
        stored = json.loads(text)
        names, none = _scorer(stored["names"], INPUTS), _scorer(stored["none"], NONE_INPUTS)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None
    return Weights(names, none) if names is not None and none is not None else None


def weights_text(weights: Weights, *, digits: int) -> str:
    """``weights`` as JSON: for each input, by its name, its linear weight and those of the hidden units."""
    groups = {"names": _stored(weights.names, INPUTS, digits), "none": _stored(weights.none, NONE_INPUTS, digits)}
    rows = json.dumps(groups, indent=1)
    return rows + "\n"


def _stored(scorer: Scorer, inputs: Sequence[str], digits: int) -> dict[str, Any]:
    def rounded(values: NDArray[np.float64]) -> str:
        return " ".join(f"{value:.{digits}g}" for value in values)

    return {
        "inputs": {
            name: rounded(np.append(scorer.linear[place], scorer.hidden[:, place])) for place, name in enumerate(inputs)
        },
        "bias": rounded(scorer.bias),
        "output": rounded(scorer.output),
        "constant": round(scorer.constant, digits),
    }


def _scorer(stored: dict[str, Any], inputs: Sequence[str]) -> Scorer | None:
    columns = stored["inputs"]
    if tuple(columns) != tuple(inputs):
        return None
    table = np.array([[float(value) for value in columns[name].split()] for name in inputs])
    bias, output = (np.array([float(value) for value in stored[key].split()]) for key in ("bias", "output"))
    units = len(bias)
    sizes_fit = table.shape == (len(inputs), 1 + units) and len(output) == units <= _MOST_UNITS
    constant = float(stored["constant"])
    numbers = (table, bias, output, np.array(constant))
    if not (sizes_fit and all(np.isfinite(array).all() for array in numbers)):
        return None
    return Scorer(table[:, 0].copy(), table[:, 1:].T.copy(), bias, output, constant)
