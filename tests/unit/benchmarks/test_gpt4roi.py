"""The costs of GPT4RoI are those worked out by hand, and its benchmark runs through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def costs(torch: Any) -> Any:
    from benchmarks import gpt4roi_costs

    return gpt4roi_costs


@pytest.fixture(scope="module")
def small(torch: Any) -> Any:
    """Two decoder layers with heads that share keys; 2 x 2 patches, three of four vision blocks used."""
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig, llama_sizes

    text = llama_sizes(vocabulary=10, width=8, layers=2, heads=2, inner_width=12)
    return Gpt4RoiReferenceConfig(
        text_config={**text, "num_key_value_heads": 1},
        vision_config={
            "hidden_size": 4,
            "intermediate_size": 6,
            "num_hidden_layers": 4,
            "num_attention_heads": 2,
            "patch_size": 2,
            "image_size": 4,
        },
        region={"fusion_rounds": 2, "roi_size": 3, "position_width": 5},
        level_step=1,
    )


@pytest.fixture(scope="module")
def published(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    return Gpt4RoiReferenceConfig()


def test_vision_by_hand(costs: Any, small: Any) -> None:
    # Patch embedding 3*2*2*4 = 48; a block 4*4*4 + 2*4*6 = 112, attention of 5 tokens 2*5*5*4 = 200; projection 4*8.
    cost = costs.vision(small, itemsize=2)
    assert cost.flops == 2 * (4 * 48 + 3 * (5 * 112 + 200) + 4 * 32) == 5200
    assert cost.nbytes == 2 * (48 + 3 * 112 + 32) == 832


def test_pyramid_by_hand(costs: Any, small: Any) -> None:
    # Input convolutions 4 * 6 * 4 = 96 on 4 patches; 16² + 8² + 4² + 2² = 340 cells; a 3x3 convolution 9*4*4 = 144.
    cost = costs.pyramid(small, itemsize=2)
    assert cost.flops == 2 * (4 * 96 + 2 * 340 * 144) == 196608
    assert cost.nbytes == 2 * (96 + 2 * 144 + 2 * 2 * 340 * 4) == 11648


def test_boxes_by_hand(costs: Any, small: Any) -> None:
    # Four convolutions of 144 on 9 cells; 4*9*4 = 144, 4*5, 5*4 and 4*8 linear.
    cost = costs.boxes(small, count=3, itemsize=2)
    assert cost.flops == 2 * 3 * (9 * 576 + 216) == 32400
    assert cost.nbytes == 2 * (576 + 216)


def test_decoder_by_hand(costs: Any, small: Any) -> None:
    # A layer 2*8*8 + 2*8*4 + 3*8*12 = 480; words 16*8; the two new places see 6 and 7.
    cost = costs.decoder(small, rows=3, new=2, known=5, itemsize=2)
    assert cost.flops == 2 * 3 * (2 * 2 * 480 + 2 * 2 * 8 * (6 + 7) + 128) == 14784
    assert cost.nbytes == 2 * (2 * 480 + 128 + 3 * 2 * 2 * 4 * (5 + 2 * 2)) == 3040
    every = costs.decoder(small, rows=3, new=2, known=5, itemsize=2, logits=2)
    assert every.flops - cost.flops == 2 * 3 * 128


def test_what_regions_share_is_counted_once(costs: Any, small: Any) -> None:
    arguments = {"prefix": 9, "question": 4, "answer": 3, "itemsize": 2}
    shared = costs.captions(small, images=2, regions=3, **arguments)
    alone = costs.captions(small, images=6, regions=1, **arguments)
    for part in ("vision", "pyramid", "prefix"):
        assert alone[part].flops == 3 * shared[part].flops
    for part in ("boxes", "questions", "answers"):
        assert alone[part].flops == shared[part].flops and alone[part].nbytes > shared[part].nbytes
    # Two steps, behind 13 and 14 places.
    steps = [costs.decoder(small, rows=3, new=1, known=known, itemsize=2) for known in (13, 14)]
    assert shared["answers"] == (steps[0] + steps[1]) * 2


def test_the_slower_of_computing_and_moving_bounds(costs: Any) -> None:
    assert costs.Cost(100, 20).seconds(flops_per_second=10, bytes_per_second=10) == 10
    assert costs.Cost(100, 200).seconds(flops_per_second=10, bytes_per_second=10) == 20


def test_a_training_step_by_hand(costs: Any, small: Any) -> None:
    cost = costs.training_step(small, samples=2, tokens=3, regions=1, parameters=11, itemsize=2)
    forward = 2 * 2 * (3 * 960 + 2 * 2 * 8 * (1 + 2 + 3) + 3 * 128)
    assert cost.flops == 4 * forward + 3 * 2 * (196608 + 10800) + 2 * 5200
    assert cost.nbytes == 7 * 2 * 11


def test_the_published_size(costs: Any, published: Any) -> None:
    """Figures of the shapes, worked out apart: 13.2 GB of weights are read for a token, 0.524 MB of cache is written,
    a round of the pyramid takes 411 GFLOP, a box 15.2."""
    token = costs.decoder(published, rows=1, new=1, known=0, itemsize=2)
    assert token.nbytes == pytest.approx(13.2e9, rel=0.005) and token.flops == pytest.approx(13.2e9, rel=0.005)
    behind = costs.decoder(published, rows=1, new=1, known=1000, itemsize=2)
    assert (behind.nbytes - token.nbytes) / 1000 == 524288
    assert costs.pyramid(published, itemsize=2).flops == pytest.approx(5 * 411e9, rel=0.002)
    assert costs.boxes(published, count=1, itemsize=2).flops == pytest.approx(15.2e9, rel=0.005)
    assert costs.vision(published, itemsize=2).flops == pytest.approx(0.16e12, rel=0.05)


def test_full_sizes_can_be_built(torch: Any) -> None:
    """Without memory: shapes that do not fit would raise, and the 7B model has what the published one has."""
    from benchmarks.gpt4roi import CONFIGS
    from roi_assistant.models.gpt4roi.loading import empty_model
    from roi_assistant.models.gpt4roi.reference_config import Gpt4RoiReferenceConfig

    counts = {}
    for size in ("7b", "13b"):
        model = empty_model(Gpt4RoiReferenceConfig(**CONFIGS[size]))
        assert all(p.is_meta for p in model.parameters())
        counts[size] = sum(p.numel() for name, p in model.named_parameters() if not name.startswith("vision_tower."))
    assert counts["7b"] == 7_041_806_080
    # 40 layers of 4*5120² + 3*5120*13824 + 2*5120; words 2*32006*5120; a norm; projector; the region module's output.
    layers = 40 * (4 * 5120**2 + 3 * 5120 * 13824 + 2 * 5120)
    region = 299_142_912 + 1025 * (5120 - 4096)
    assert counts["13b"] == layers + 2 * 32006 * 5120 + 5120 + 1025 * 5120 + region


def test_it_runs(
    torch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that a GPU would do, at the least size; times are not looked at."""
    from benchmarks import gpt4roi

    monkeypatch.setattr(gpt4roi, "ANSWER", 3)
    monkeypatch.setattr(gpt4roi, "BATCHES", (1, 3))
    monkeypatch.setattr(gpt4roi, "REGIONS", 3)
    out = tmp_path / "out.json"
    command = ["--size", "tiny", "--dtype", "bf16", "--repeat", "1", "--threads", "1"]
    threads = torch.get_num_threads()
    try:
        gpt4roi.main([*command, "--compile", "--backend", "eager", "--json", str(out)])
        printed = capsys.readouterr().out
        gpt4roi.main([*command, "--no-training"])
    finally:
        torch.set_num_threads(threads)
    figures = json.loads(out.read_text())
    names = [row["part"] for row in figures["parts"]]
    assert names[:5] == ["vision", "pyramid", "boxes, 1", "boxes, 3", "prefix, 44 tokens"]
    assert {"questions, batch 3", "decode, batch 3", "decode, compiled, batch 3"} < set(names)
    assert all(row["ms"] > 0 and row["bound_ms"] > 0 for row in figures["parts"])
    assert [sharing["compiled"] for sharing in figures["sharing"]] == [False, True]
    assert figures["training"]["tokens"] == 89 and figures["training"]["first_loss"] > 0
    assert "training step, stage 2, 2 x 89 tokens" in printed and "2 pictures x 3 regions" in printed
    plain = capsys.readouterr().out
    assert "decode, batch 3" in plain and "compiled" not in plain and "training" not in plain
