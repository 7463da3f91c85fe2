from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS
from roi_assistant.memory.weights import Scorer, Weights, shipped_weights, weights_of, weights_text


def _weights(units: int = 2) -> Weights:
    random = np.random.default_rng(1)

    def scorer(inputs: int) -> Scorer:
        return Scorer(
            random.normal(size=inputs),
            random.normal(size=(units, inputs)),
            random.normal(size=units),
            random.normal(size=units),
            constant=float(random.normal()),
        )

    return Weights(scorer(len(INPUTS)), scorer(len(NONE_INPUTS)))


def test_a_scorer_by_hand() -> None:
    scorer = Scorer(np.array([1.0, 2.0]), np.array([[0.5, 0.0]]), np.array([0.25]), np.array([3.0]), constant=-1.0)
    # 1 x 2 + 2 x 1 - 1 + 3 tanh(0.5 x 2 + 0.25)
    assert scorer(np.array([[2.0, 1.0]])).tolist() == pytest.approx([3 + 3 * math.tanh(1.25)])
    assert scorer(np.zeros((0, 2))).tolist() == []
    assert Scorer.of_linear([1.0, 2.0])(np.array([[2.0, 1.0]])).tolist() == [4.0]


@pytest.mark.parametrize("units", [0, 2])
def test_weights_are_written_and_read_by_the_names_of_their_inputs(units: int) -> None:
    weights = _weights(units)
    text = weights_text(weights, digits=17)
    assert list(json.loads(text)["names"]["inputs"]) == list(INPUTS)
    read = weights_of(text)
    assert read is not None
    rows, none = np.random.default_rng(2).normal(size=(5, len(INPUTS))), np.ones((1, len(NONE_INPUTS)))
    assert read.names(rows).tolist() == pytest.approx(weights.names(rows).tolist())
    assert read.none(none).tolist() == pytest.approx(weights.none(none).tolist())


def _changed(**changes: Any) -> str:
    stored = json.loads(weights_text(_weights(), digits=4))
    stored["none"] = {**stored["none"], **changes}
    return json.dumps(stored)


def test_what_is_something_else_is_refused() -> None:
    stored = json.loads(weights_text(_weights(), digits=4))["none"]["inputs"]
    assert weights_of(_changed()) is not None
    for wrong in (
        _changed(inputs=dict(reversed(stored.items()))),
        _changed(inputs={**stored, NONE_INPUTS[0]: "much 1 2"}),
        _changed(inputs={**stored, NONE_INPUTS[0]: "nan 1 2"}),
        _changed(inputs={**stored, NONE_INPUTS[0]: "1 2"}),
        _changed(inputs=list(stored)),
        _changed(bias="1"),
        _changed(output="1 2 3"),
        _changed(constant="inf"),
        _changed(constant=None),
        "{}",
        "[]",
        "{",
        '{"names": {"model": 0.5}, "none": {"one": 1}}',
    ):
        assert weights_of(wrong) is None, wrong


def test_the_shipped_weights_can_be_read() -> None:
    weights = shipped_weights()
    assert len(weights.names.linear) == len(INPUTS) and len(weights.none.linear) == len(NONE_INPUTS)
