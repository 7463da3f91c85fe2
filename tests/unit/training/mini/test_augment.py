"""What is changed at random in training, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def augment(torch: Any) -> Any:
    from roi_assistant.training.mini import augment

    torch.manual_seed(0)
    return augment


def test_shifted_map_and_box_move_together(torch: Any, augment: Any) -> None:
    """The one bright cell (row 2, column 1 of 4 x 5) stays under its box, wherever both go."""
    maps = torch.zeros(200, 1, 4, 5)
    maps[:, 0, 2, 1] = 1.0
    boxes = torch.tensor([[1 / 5, 2 / 4, 2 / 5, 3 / 4]] * 200)
    moved, placed = augment.shifted(maps, boxes, cells=1)
    assert moved.shape == maps.shape
    seen = set()
    for one, box in zip(moved[:, 0], placed, strict=True):
        row, column = divmod(int(one.argmax()), 5)
        torch.testing.assert_close(box, torch.tensor([column / 5, row / 4, (column + 1) / 5, (row + 1) / 4]))
        assert one.sum() == 1
        seen.add((row, column))
    assert seen == {(row, column) for row in (1, 2, 3) for column in (0, 1, 2)}


def test_shifted_map_repeats_its_edge_and_clips_the_box(torch: Any, augment: Any) -> None:
    """Columns 1 2 3 moved one to the right are 1 1 2, and a box over all of them loses what is past the edge."""
    maps = torch.tensor([1.0, 2.0, 3.0]).expand(100, 1, 3, 3).clone()
    moved, boxes = augment.shifted(maps, torch.tensor([[0.0, 0.0, 1.0, 1.0]] * 100), cells=1)
    found = {tuple(one[0, 0].tolist()): round(box[0].item(), 3) for one, box in zip(moved, boxes, strict=True)}
    assert found == {(1.0, 1.0, 2.0): 0.333, (1.0, 2.0, 3.0): 0.0, (2.0, 3.0, 3.0): 0.0}
    assert boxes.min() >= 0 and boxes.max() <= 1


def test_not_shifted(torch: Any, augment: Any) -> None:
    maps, boxes = torch.randn(3, 2, 4, 4), torch.rand(3, 4)
    moved, placed = augment.shifted(maps, boxes, cells=0)
    assert torch.equal(moved, maps) and torch.equal(placed, boxes)


def test_erased_rectangles(torch: Any, augment: Any) -> None:
    maps = torch.ones(400, 2, 10, 10)
    changed = augment.erased(maps, share=0.5)
    assert bool((maps == 1).all()), "what was given stays as it is"
    holes = changed == 0
    assert torch.equal(holes[:, 0], holes[:, 1]), "all channels of a place"
    touched = holes[:, 0].flatten(1).any(1)
    assert 0.3 < touched.float().mean() < 0.55, "about half, less those whose rectangle falls between cells"
    for hole in holes[:, 0][touched]:
        rows, columns = hole.any(1), hole.any(0)
        assert torch.equal(hole, rows[:, None] & columns[None, :])
        assert rows.sum() <= 5 and columns.sum() <= 5
    assert bool(holes[:, 0].any(0).any(0).all()), "every column is erased sometimes"
