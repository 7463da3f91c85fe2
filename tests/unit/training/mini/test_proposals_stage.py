"""Which anchors learn which boxes, what that costs, and that a head learns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture(scope="module")
def stage(torch: Any) -> Any:
    from roi_assistant.training.mini import proposals_stage

    return proposals_stage


@pytest.fixture
def source(torch: Any, stage: Any, corpus: Any) -> Any:
    rng, photos = np.random.default_rng(0), corpus.photos
    shapes = ((6, 4, 4), (8, 2, 2), (10,))
    maps = tuple(rng.normal(size=(len(photos), *shape)).astype(np.float16) for shape in shapes)
    mirrored = np.arange(len(photos)) % 2 == 1
    return stage.MapSource(maps=maps, mirrored=mirrored, photos=photos)


def test_boxes_of_photos_and_of_their_mirror_images(torch: Any, source: Any, corpus: Any) -> None:
    (even, odd) = (
        next(k for k, p in enumerate(corpus.photos) if p.split == "train" and p.source == "general" and k % 2 == odd)
        for odd in (0, 1)
    )
    # The first box of every general photo is [5, 5, 30, 25] of 80 x 40.
    x1, y1, x2, y2 = 5 / 80, 5 / 40, 35 / 80, 30 / 40
    torch.testing.assert_close(source.boxes(even)[0], torch.tensor([x1, y1, x2, y2]))
    torch.testing.assert_close(source.boxes(odd)[0], torch.tensor([1 - x2, y1, 1 - x1, y2]))
    fine, coarse, pooled = source.inputs([odd, even])
    assert fine.shape == (2, 6, 4, 4) and coarse.shape == (2, 8, 2, 2) and pooled.shape == (2, 10)
    assert fine.dtype == torch.float32 and fine[1, 0, 0, 0] == float(source.maps[0][even, 0, 0, 0])


def test_anchors_learn_the_box_that_they_overlap_most(torch: Any, stage: Any) -> None:
    fixed = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.5, 1.0], [0.0, 0.0, 1.0, 0.6], [0.9, 0.9, 1.0, 1.0]])
    truth = torch.tensor([[0.0, 0.0, 1.0, 0.9], [0.8, 0.8, 1.0, 1.0]])
    # With the first box: 0.9, 0.45 / 0.95, 0.6 / 0.9 and 0; with the second: 0.04, 0, 0 and 0.25.
    chosen, wanted = stage.assigned(fixed, truth, positive_from=0.6, nearest=1)
    assert (chosen.tolist(), wanted.tolist()) == ([0, 2, 3], [0, 0, 1])
    chosen, wanted = stage.assigned(fixed, truth, positive_from=0.95, nearest=2)
    assert (chosen.tolist(), wanted.tolist()) == ([0, 2, 3], [1, 0, 1]), "the later box takes an anchor that both want"


def test_losses_by_hand(torch: Any, stage: Any) -> None:
    anchors = torch.tensor([[0.25, 0.5, 0.5, 1.0], [0.75, 0.5, 0.5, 1.0], [0.5, 0.5, 1.0, 1.0]])
    truth = torch.tensor([[0.0, 0.0, 0.5, 1.0]])
    boxes = torch.tensor([[[0.0, 0.0, 0.5, 0.8], [0.5, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]])
    logits = torch.zeros(1, 3)
    config = stage.ProposalStageConfig(nearest=1, positive_from=0.6, negative_weight=0.2, well_boxed=2)
    box_loss, score_loss = stage.proposal_losses(anchors, boxes, logits, [truth], config)
    assert box_loss.item() == pytest.approx(1 - 0.8), "the first anchor alone learns the box"
    # Overlaps are 0.8, 0 and 0.5; the second is a negative that counts 0.2, halved on a photo of one box of two.
    expected = np.log(2) * (0.3**2 + 0.1 * 0.5**2)
    assert score_loss.item() == pytest.approx(expected, rel=1e-5)
    two = stage.proposal_losses(anchors, boxes.repeat(2, 1, 1), logits.repeat(2, 1), [truth, truth[:0]], config)
    assert [loss.item() for loss in two] == pytest.approx([box_loss.item(), score_loss.item()]), "no boxes, no loss"


def test_a_head_learns(torch: Any, stage: Any, source: Any, tmp_path: Path) -> None:
    from roi_assistant.models.gpt4roi.proposals import ProposalConfig, ProposalHead, overlaps

    config = ProposalConfig(channels=(6, 8, 10), size=4, width=16, fine_width=8, blocks=(1, 1, 1))
    photos = [k for k, photo in enumerate(source.photos) if photo.split == "train"]

    def trained(folder: str, **settings: Any) -> Any:
        torch.manual_seed(1)
        head = ProposalHead(config)
        settings = {"photos_per_step": 4, "lr": 5e-3, **settings}
        path = stage.train_proposals(
            head,
            source,
            tmp_path / folder,
            stage.ProposalStageConfig(**settings),
            photos=photos,
            evaluate=lambda now: {"training": now.training},
        )
        torch.testing.assert_close(torch.load(path, weights_only=True), dict(head.state_dict()))
        return head

    def found(head: Any) -> float:
        with torch.inference_mode():
            boxes, logits = head(*source.inputs(photos))
        best = boxes[torch.arange(len(photos)), logits.argmax(1)]
        truths = [source.boxes(index) for index in photos]
        return sum(overlaps(box, truth)[0].max().item() for box, truth in zip(best, truths, strict=True)) / len(photos)

    new, learned = trained("new", epochs=0.1), trained("learned", epochs=40)
    assert found(learned) > 0.75 > found(new)
    entries = [(tmp_path / name / "log.jsonl").read_text().splitlines() for name in ("new", "learned")]
    log = [json.loads(line) for line in (entries[0][0], *entries[1])]
    assert log[-1]["training"] is False and log[-2]["step"] == log[-2]["total"]
    assert log[-2]["box_loss"] < 0.6 * log[0]["box_loss"], "means over what was learned since the last line"
    again = trained("again", epochs=0.1)
    assert all(torch.equal(one, other) for one, other in zip(new.parameters(), again.parameters(), strict=True))


def test_a_loss_that_is_no_number_stops_it(torch: Any, stage: Any, source: Any, tmp_path: Path) -> None:
    from roi_assistant.models.gpt4roi.proposals import ProposalConfig, ProposalHead

    source.maps[0][:] = np.nan
    head = ProposalHead(ProposalConfig(channels=(6, 8, 10), size=4, width=16, fine_width=8, blocks=(1, 1, 1)))
    with pytest.raises(FloatingPointError, match="not finite at step 0"):
        stage.train_proposals(head, source, tmp_path, stage.ProposalStageConfig(), photos=[5, 6])
