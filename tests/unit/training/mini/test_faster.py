"""Training's faster ways compute what the ordinary ones do."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from roi_assistant.models.gpt4roi.backbone import PyramidBackbone
from roi_assistant.training.mini.faster import fold_normalisation, plain_attention
from roi_assistant.training.mini.region_stage import tuned_weights


def backbone_with_statistics() -> PyramidBackbone:
    torch.manual_seed(0)
    backbone = PyramidBackbone("tf_efficientnet_lite0", (4, 6)).eval()
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.2)
    return backbone.requires_grad_(False)


def outputs_and_gradients(backbone: PyramidBackbone, x: torch.Tensor) -> list[torch.Tensor]:
    weights = tuned_weights(backbone, 4)
    for weight in weights:
        weight.requires_grad_()
        weight.grad = None
    found = backbone.from_stage(x, 4)
    (sum(level.pow(2).mean() for level in found.levels) + found.pooled.pow(2).mean()).backward()
    return [*found.levels, found.pooled, *(weight.grad.clone() for weight in weights)]


@pytest.mark.parametrize("size", [14, 9])  # padded on one side, on both sides
def test_folded_normalisation_changes_neither_outputs_nor_gradients(size: int) -> None:
    backbone = backbone_with_statistics()
    x = torch.randn(2, 80, size, size)
    before = outputs_and_gradients(backbone, x)
    names = list(backbone.state_dict())
    fold_normalisation(backbone, 4)
    after = outputs_and_gradients(backbone, x)
    assert list(backbone.state_dict()) == names
    for one, other in zip(before, after, strict=True):
        assert one.norm() > 0
        assert (one - other).norm() < 2e-2 * one.norm()  # a value on the edge of a ReLU6 may fall to the other side


def test_folded_stages_in_bfloat16_are_as_exact_as_the_ordinary_ones() -> None:
    backbone = backbone_with_statistics()
    x = torch.randn(2, 80, 14, 14)
    exact = outputs_and_gradients(backbone, x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ordinary = outputs_and_gradients(backbone, x)
        fold_normalisation(backbone, 4)
        folded = outputs_and_gradients(backbone, x)
    for wanted, one, other in zip(exact, ordinary, folded, strict=True):
        assert (other - wanted).norm() < 1.5 * (one - wanted).norm()


def test_a_convolution_without_a_normalisation_of_its_own_stays_as_it_is() -> None:
    backbone = backbone_with_statistics()
    backbone.net.conv_head = torch.nn.Conv2d(320, 1280, 1, bias=True)
    x = torch.randn(2, 80, 14, 14)
    before = backbone.from_stage(x, 4).pooled
    fold_normalisation(backbone, 4)
    assert "forward" not in vars(backbone.net.conv_head)
    assert torch.allclose(backbone.from_stage(x, 4).pooled, before, rtol=1e-3, atol=1e-4)


def test_plain_attention_is_attention() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 7, 16)
    mask = torch.ones(7, 7, dtype=torch.bool).tril()
    usual = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    with plain_attention(torch.device("cpu")):
        assert torch.allclose(F.scaled_dot_product_attention(query, key, value, attn_mask=mask), usual, atol=1e-5)
