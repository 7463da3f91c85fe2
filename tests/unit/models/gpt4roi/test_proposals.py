"""The proposal head: where its anchors are, what its numbers mean, and that its export says the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="module")
def proposals(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi import proposals

    return proposals


@pytest.fixture(scope="module")
def head(torch: Any, proposals: Any) -> Any:
    torch.manual_seed(3)
    config = proposals.ProposalConfig(channels=(6, 8, 10), size=4, width=16, fine_width=8, blocks=(1, 1, 1))
    made = proposals.ProposalHead(config).eval()
    for parameter in made.parameters():
        if parameter.dim() >= 2:  # a new head says the same of everything
            torch.nn.init.normal_(parameter, std=0.3)
        parameter.data = parameter.data.half().float()  # as the weights are stored
    return made.requires_grad_(False)


def inputs(torch: Any) -> list[Any]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(1, *shape, generator=generator) for shape in ((6, 4, 4), (8, 2, 2), (10,))]


def test_anchors(torch: Any, proposals: Any) -> None:
    grid = proposals.anchor_grid(proposals.ProposalConfig(size=2, scales=((0.1,), (0.2, 0.4), (0.8,))))
    # Three aspects at 4 x 4 places, twice three at 2 x 2, three at the only one of the coarse map.
    assert grid.shape == (3 * 16 + 6 * 4 + 3, 4)
    wide = math.sqrt(0.5)
    torch.testing.assert_close(grid[1], torch.tensor([0.375, 0.125, 0.1 * wide, 0.1 / wide]))
    torch.testing.assert_close(grid[-2], torch.tensor([0.5, 0.5, 0.8, 0.8]))
    torch.testing.assert_close(grid[:, 2:].prod(1)[[0, 50, 60, -1]].sqrt(), torch.tensor([0.1, 0.2, 0.4, 0.8]))


def test_boxes_are_distances_in_halves_of_the_anchor(torch: Any, proposals: Any) -> None:
    anchors = torch.tensor([[0.5, 0.5, 0.2, 0.4]])
    values = torch.tensor([[[0.0, 0.0, 0.0, 0.0]], [[math.log(2), 0.0, math.log(0.5), 99.0]]])
    boxes = proposals.boxes_of(anchors, values)
    torch.testing.assert_close(boxes[0, 0], torch.tensor([0.4, 0.3, 0.6, 0.7]))
    farthest = 0.5 + 0.2 * math.exp(proposals.LONGEST)
    torch.testing.assert_close(boxes[1, 0], torch.tensor([0.3, 0.3, 0.55, farthest]))


def test_overlaps(torch: Any, proposals: Any) -> None:
    box = torch.tensor([0.0, 0.0, 2.0, 2.0])
    others = torch.tensor([[1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 4.0, 2.0]])
    iou, giou = proposals.overlaps(box, others)
    torch.testing.assert_close(iou, torch.tensor([1 / 3, 0.0]))
    torch.testing.assert_close(giou, torch.tensor([1 / 3, 0.0 - 2 / 8]))  # 2 of the 8 around both are of neither


def test_what_is_said_of_a_place_belongs_to_the_anchors_there(
    torch: Any, head: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each output says of a slot and cell its number, which is that of the anchor."""
    sides, levels = head.config.sides, []
    for output, side, scales in zip(head.outputs, sides, head.config.scales, strict=True):
        slots = 3 * len(scales)
        numbers = torch.arange(slots * side * side).reshape(slots, 1, side, side).float()
        said = torch.cat([torch.zeros(slots, 4, side, side), numbers], dim=1).flatten(0, 1)
        monkeypatch.setattr(output, "forward", lambda values, said=said: said.expand(len(values), -1, -1, -1))
        sizes = [(scale * aspect**0.5, scale / aspect**0.5) for scale in scales for aspect in (0.5, 1.0, 2.0)]
        levels.append([(side, *sizes[n], y, x) for n in range(slots) for y in range(side) for x in range(side)])
    boxes, logits = head(*inputs(torch))
    start = 0
    for level in levels:
        assert logits[0, start : start + len(level)].tolist() == list(range(len(level)))
        for (side, width, height, y, x), box in zip(level, boxes[0, start:].tolist(), strict=False):
            middle = ((x + 0.5) / side, (y + 0.5) / side)
            assert box == pytest.approx(
                (middle[0] - width / 2, middle[1] - height / 2, middle[0] + width / 2, middle[1] + height / 2), abs=1e-5
            )
        start += len(level)
    assert start == logits.shape[1]


def test_the_export_says_the_same(torch: Any, head: Any, proposals: Any, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="export needs onnx, the extra 'torch'")
    import onnxruntime

    from roi_assistant.models.gpt4roi.export_onnx import export_proposals

    path = export_proposals(head, tmp_path / "propose.onnx")
    given = inputs(torch)
    boxes, scores = proposals.ProposalGraph(head)(*given)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = ("fine", "coarse", "pooled")
    found = session.run(["boxes", "scores"], {n: v.numpy() for n, v in zip(names, given, strict=True)})
    assert scores.std() > 0.05, "a head that says nothing in particular proves little"
    np.testing.assert_allclose(found[1], scores.numpy(), atol=1e-3)
    np.testing.assert_allclose(found[0], boxes.numpy(), atol=1e-3, rtol=1e-3)
