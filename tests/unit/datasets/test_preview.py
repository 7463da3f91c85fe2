"""What stands at the boxes of a drawn sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.datasets.preview import box_labels
from roi_assistant.datasets.registry import dataset_spec


@pytest.mark.parametrize(
    ("name", "index", "labels"),
    [
        ("coco_detection", 0, {"cat", "person"}),
        ("refcoco", 0, {"the Cat on the left"}),
        ("flickr30k_entities", 0, {"A clown", "three pears"}),
        ("vcr", 0, {"region1", "region2", "region3"}),
        ("single_vcr", 0, {"person at region1 is thirsty."}),
    ],
)
def test_labels(root: Path, name: str, index: int, labels: set[str]) -> None:
    assert set(box_labels(dataset_spec(name).load(root).sample(index))) == labels


def test_hints_are_labels(root: Path) -> None:
    dataset = dataset_spec("llava").load(root)
    drawn = [dataset.sample(0, seed=seed) for seed in range(20)]
    assert {tuple(box_labels(sample)) for sample in drawn} == {(), ("cat", "shaving cream")}
