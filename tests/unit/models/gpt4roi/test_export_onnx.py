"""The exported graphs answer as the model does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CPU = ["CPUExecutionProvider"]


@pytest.fixture(scope="module")
def export(torch: Any) -> Any:
    pytest.importorskip("onnx", reason="export needs onnx, the extra 'torch'")
    from roi_assistant.models.gpt4roi import export_onnx

    return export_onnx


@pytest.fixture(scope="module")
def model(build: Callable[..., Any]) -> Any:
    return build(seed=5).requires_grad_(False)


# The decoder that is exported.


@pytest.fixture(scope="module")
def decoder(torch: Any, export: Any, model: Any) -> Any:
    """The graph's module, asked for what follows the last token."""
    module = export.LanguageGraph(model.language)

    def run(ids: Any, features: Any, index: Any, positions: Any, mask: Any, past: Any) -> tuple[Any, Any]:
        last = torch.full((len(ids), 1), ids.shape[1] - 1)
        scores, present = module(ids, features, index, positions, mask, last, past)
        return scores[:, 0], present

    return run


def expected_log_probabilities(torch: Any, model: Any, embeddings: Any) -> Any:
    """Embeddings [T, width] -> log-probabilities after the last one, by the library's own model."""
    with torch.inference_mode():
        logits = model.language(inputs_embeds=embeddings[None], use_cache=False).logits
    return torch.log_softmax(logits[0, -1], -1)


def empty_cache(torch: Any, rows: int) -> Any:
    return torch.zeros(2 * 2, rows, 4, 0, 8)


def causal(torch: Any, rows: int, length: int, before: int = 0) -> Any:
    own = torch.ones(length, length, dtype=torch.bool).tril()
    return torch.cat([torch.ones(length, before, dtype=torch.bool), own], 1).expand(rows, -1, -1)


def test_decoder_equals_the_library(torch: Any, model: Any, decoder: Any) -> None:
    ids = torch.randint(0, 40, (3, 7), generator=torch.Generator().manual_seed(0))
    features = torch.zeros(1, 32)
    scores, present = decoder(
        ids, features, torch.full((3, 7), -1), torch.arange(7).expand(3, -1), causal(torch, 3, 7), empty_cache(torch, 3)
    )
    words = model.language.get_input_embeddings()
    expected = torch.stack([expected_log_probabilities(torch, model, words(row)) for row in ids])
    torch.testing.assert_close(scores, expected, rtol=0, atol=1e-5)
    assert expected.exp().max() > 0.2, "a model that answers nothing in particular proves little"
    assert present.shape == (4, 3, 4, 7, 8)


def test_decoder_puts_features_at_their_places(torch: Any, model: Any, decoder: Any) -> None:
    ids = torch.tensor([[1, 5, 5, 9], [1, 9, 5, 5]])
    features = torch.randn(4, 32, generator=torch.Generator().manual_seed(1))
    index = torch.tensor([[-1, 0, 1, -1], [-1, -1, 2, 3]])
    scores, _ = decoder(ids, features, index, torch.arange(4).expand(2, -1), causal(torch, 2, 4), empty_cache(torch, 2))
    embeddings = model.language.get_input_embeddings()(ids).clone()
    embeddings[0, 1:3], embeddings[1, 2:4] = features[:2], features[2:]
    expected = torch.stack([expected_log_probabilities(torch, model, row) for row in embeddings])
    torch.testing.assert_close(scores, expected, rtol=0, atol=1e-5)


def test_branches_are_as_if_alone(torch: Any, export: Any, model: Any) -> None:
    """Two questions that begin alike in one row, then two beams of each in the next step."""
    module, none = export.LanguageGraph(model.language), torch.zeros(1, 32)
    words = model.language.get_input_embeddings()

    def check(scores: Any, path: list[int]) -> None:
        expected = expected_log_probabilities(torch, model, words(torch.tensor(path)))
        torch.testing.assert_close(scores, expected, rtol=0, atol=1e-5)

    # 7 3 <- 5 8 and 7 3 <- 9: nodes 0 1, 2 3 and 4.
    ids, positions = torch.tensor([[7, 3, 5, 8, 9]]), torch.tensor([[0, 1, 2, 3, 2]])
    mask = causal(torch, 1, 5).clone()
    mask[0, 4, 2:4] = False
    places = torch.tensor([[3, 4, 1]])
    scores, cache = module(ids, none, torch.full((1, 5), -1), positions, mask, places, empty_cache(torch, 1))
    assert scores.shape[:2] == (1, 3)
    for row, path in zip(scores[0], ([7, 3, 5, 8], [7, 3, 9], [7, 3]), strict=True):
        check(row, path)
    seen = torch.cat([mask[0, [3, 3, 4, 4]], torch.eye(4, dtype=torch.bool)], dim=1)[None]
    ids, positions = torch.tensor([[11, 12, 13, 14]]), torch.tensor([[4, 4, 3, 3]])
    places = torch.arange(4)[None]
    scores, cache = module(ids, none, torch.full((1, 4), -1), positions, seen, places, cache)
    assert cache.shape == (4, 1, 4, 9, 8)
    for row, path in zip(scores[0], ([7, 3, 5, 8, 11], [7, 3, 5, 8, 12], [7, 3, 9, 13], [7, 3, 9, 14]), strict=True):
        check(row, path)


@pytest.mark.parametrize("cuts", [(4,), (1, 2), (3, 4, 5, 6)])
def test_decoder_goes_on_from_its_cache(cuts: tuple[int, ...], torch: Any, model: Any, decoder: Any) -> None:
    ids = torch.randint(0, 40, (2, 7), generator=torch.Generator().manual_seed(2))
    cache, scores = empty_cache(torch, 2), None
    for start, stop in zip((0, *cuts), (*cuts, 7), strict=True):
        positions = torch.arange(start, stop).expand(2, -1)
        mask = causal(torch, 2, stop - start, start)
        scores, cache = decoder(
            ids[:, start:stop], torch.zeros(1, 32), torch.full((2, stop - start), -1), positions, mask, cache
        )
    words = model.language.get_input_embeddings()
    expected = torch.stack([expected_log_probabilities(torch, model, words(row)) for row in ids])
    torch.testing.assert_close(scores, expected, rtol=0, atol=1e-5)


def test_decoder_does_not_see_padding_on_the_left(torch: Any, model: Any, decoder: Any) -> None:
    rows = [[1, 9, 30, 12], [1, 17], [22]]
    after = [[31], [8], [8]]
    padding = [4 - len(row) for row in rows]
    ids = torch.tensor([[0] * gap + row for gap, row in zip(padding, rows, strict=True)])
    gaps = torch.tensor(padding)
    column = torch.arange(4)
    real = column >= gaps[:, None]
    mask = causal(torch, 3, 4) & real[:, None]
    positions = (column - gaps[:, None]).clamp_min(0)
    words = model.language.get_input_embeddings()
    none = torch.zeros(1, 32)
    scores, cache = decoder(ids, none, torch.full((3, 4), -1), positions, mask, empty_cache(torch, 3))
    for number, row in enumerate(rows):
        expected = expected_log_probabilities(torch, model, words(torch.tensor(row)))
        torch.testing.assert_close(scores[number], expected, rtol=0, atol=1e-5)
    visible = torch.cat([real, torch.ones(3, 1, dtype=torch.bool)], 1)
    scores, _ = decoder(torch.tensor(after), none, torch.full((3, 1), -1), (4 - gaps)[:, None], visible[:, None], cache)
    for number, row in enumerate(rows):
        expected = expected_log_probabilities(torch, model, words(torch.tensor(row + after[number])))
        torch.testing.assert_close(scores[number], expected, rtol=0, atol=1e-5)


# The graphs.


def random_inputs(torch: Any, model: Any) -> dict[str, dict[str, Any]]:
    """Inputs of every graph, with other numbers of rows than the export's examples have."""
    config = model.config
    generator = torch.Generator().manual_seed(4)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    photo = {"fine": draw(1, 112, 6, 6), "coarse": draw(1, 320, 3, 3), "pooled": draw(1, 1280)}
    boxes = torch.rand(3, 4, generator=generator).sort(1).values
    view = {"fine": draw(3, 112, 4, 4), "coarse": draw(3, 320, 2, 2), "pooled": draw(3, 1280)}
    width = config.region.width
    return {
        "vision": {"pixels": torch.rand(3, 3, 64, 64, generator=generator) * 2 - 1},
        "image": photo,
        "region": {
            "map0": draw(1, width, 6, 6),
            "map1": draw(1, width, 3, 3),
            "boxes": boxes,
            **view,
            "view_boxes": boxes.flip(0),
        },
        "language": {
            "ids": torch.randint(0, 40, (3, 5), generator=generator),
            "features": draw(2, 32),
            "feature_index": torch.tensor([[-1, 0, 1, -1, -1], [-1, -1, -1, -1, -1], [1, -1, -1, 0, -1]]),
            "positions": torch.arange(6, 11).expand(3, -1),
            "mask": causal(torch, 3, 5, 6),
            "wanted": torch.tensor([[4, 0], [2, 2], [1, 4]]),
            "past": draw(4, 3, 4, 6, 8) * 0.3,
        },
    }


@pytest.fixture(scope="module")
def graphs(export: Any, model: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The four files with weights in full precision."""
    folder = tmp_path_factory.mktemp("graphs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "store_half", lambda graph: graph)
        paths = export.export_graphs(model, folder)
    return {path.stem: path for path in paths}


def modules(export: Any, model: Any) -> dict[str, Any]:
    return {
        "vision": export.VisionGraph(model.backbone),
        "image": export.ImageGraph(model.vision),
        "region": export.RegionGraph(model.vision, []),
        "language": export.LanguageGraph(model.language),
    }


def compare(torch: Any, module: Any, path: Path, inputs: dict[str, Any], *, within: float) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=CPU)
    assert {entry.name for entry in session.get_inputs()} == set(inputs), "an input that the graph does not use"
    results = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    with torch.inference_mode():
        outputs = module(*inputs.values())
    expected = outputs if isinstance(outputs, tuple) else (outputs,)
    assert len(results) == len(expected)
    for left, right in zip(results, expected, strict=True):
        spread = float(right.std())
        assert spread > 1e-3
        np.testing.assert_allclose(left, right.numpy(), rtol=0, atol=within * max(1.0, spread))


def test_four_graphs_are_written(export: Any, graphs: dict[str, Path]) -> None:
    assert set(graphs) == set(export.GRAPHS) - {"view"}, "close-ups share the photo's backbone"
    assert all(path.is_file() and path.suffix == ".onnx" for path in graphs.values())


@pytest.mark.parametrize("name", ["vision", "image", "region", "language"])
def test_graph_equals_the_model(name: str, torch: Any, export: Any, model: Any, graphs: dict[str, Path]) -> None:
    compare(torch, modules(export, model)[name], graphs[name], random_inputs(torch, model)[name], within=1e-4)


def test_close_ups_with_their_own_backbone_and_all_heads(
    torch: Any, export: Any, build: Callable[..., Any], tiny_config: Any, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, own_view_backbone=True, categories=7, attribute_values=5, phrase_ngrams=9)
    model = build(seed=6, config=config)
    model.requires_grad_(False)
    paths = {path.stem: path for path in export.export_graphs(model, tmp_path)}
    assert set(paths) == set(export.GRAPHS)
    inputs = random_inputs(torch, model)
    inputs["region"]["image"] = torch.randn(1, config.image_tokens, 32, generator=torch.Generator().manual_seed(5))
    close_up = export.VisionGraph(model.own_view_backbone)
    compare(torch, close_up, paths["view"], inputs["vision"], within=1e-2)
    region = export.RegionGraph(model.vision, model.heads)
    compare(torch, region, paths["region"], inputs["region"], within=1e-2)
    with torch.inference_mode():
        tokens, nouns, values, ngrams = region(*inputs["region"].values())
        images = inputs["region"]["image"].expand(3, -1, -1)
        expected = [head(tokens, images) for head in (model.category_head, model.attribute_head, model.phrase_head)]
    assert (nouns.shape, values.shape, ngrams.shape) == ((3, 7), (3, 5), (3, 9))
    torch.testing.assert_close(nouns, expected[0].log_softmax(-1))
    torch.testing.assert_close(values, expected[1])
    torch.testing.assert_close(ngrams, expected[2].sigmoid())
    other = export.VisionGraph(model.backbone)(*inputs["vision"].values())[2]
    assert not torch.allclose(close_up(*inputs["vision"].values())[2], other), "two backbones"


def test_a_category_head_that_reads_the_close_up(
    torch: Any, export: Any, build: Callable[..., Any], tiny_config: Any, tmp_path: Path
) -> None:
    config = dataclasses.replace(tiny_config, own_view_backbone=True, categories=7, category_pooled=True)
    model = build(seed=6, config=config)
    model.requires_grad_(False)
    model.category_pooled.weight.normal_(generator=torch.Generator().manual_seed(8))
    path = export.export_graph("region", model, tmp_path / "region.onnx")
    inputs = random_inputs(torch, model)
    inputs["region"]["image"] = torch.randn(1, config.image_tokens, 32, generator=torch.Generator().manual_seed(5))
    region = export.RegionGraph(model.vision, model.heads, model.category_pooled)
    compare(torch, region, path, inputs["region"], within=1e-2)
    with torch.inference_mode():
        tokens, nouns = region(*inputs["region"].values())
        images, pooled = inputs["region"]["image"].expand(3, -1, -1), inputs["region"]["pooled"]
        normed = (pooled - pooled.mean(1, keepdim=True)) / pooled.std(1, correction=0, keepdim=True)
        expected = model.category_head(tokens, images) + normed @ model.category_pooled.weight.T
    torch.testing.assert_close(nouns, expected.log_softmax(-1), rtol=1e-3, atol=1e-3)


def test_vision_takes_photos_and_close_ups(torch: Any, export: Any, model: Any, graphs: dict[str, Path]) -> None:
    """The same graph serves both sizes."""
    pixels = {"pixels": torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(6)) * 2 - 1}
    compare(torch, modules(export, model)["vision"], graphs["vision"], pixels, within=1e-4)


def test_language_takes_an_empty_cache(torch: Any, export: Any, model: Any, graphs: dict[str, Path]) -> None:
    inputs = random_inputs(torch, model)["language"]
    inputs = {
        **inputs,
        "mask": causal(torch, 3, 5),
        "past": empty_cache(torch, 3),
        "positions": torch.arange(5).expand(3, -1),
    }
    compare(torch, modules(export, model)["language"], graphs["language"], inputs, within=1e-4)


@pytest.mark.parametrize("name", ["vision", "image", "region", "language"])
def test_half_precision_storage(
    name: str, torch: Any, export: Any, model: Any, graphs: dict[str, Path], tmp_path: Path
) -> None:
    import onnx

    stored = export.store_half(onnx.load(graphs[name]))
    path = tmp_path / f"{name}.onnx"
    onnx.save(stored, path)

    def weight_bytes(graph: Any) -> int:
        return sum(onnx.numpy_helper.to_array(t).nbytes for t in graph.graph.initializer)

    full, half = weight_bytes(onnx.load(graphs[name])), weight_bytes(onnx.load(path))
    assert 0.49 < half / full < 0.56
    assert graphs[name].stat().st_size - path.stat().st_size > 0.9 * (full - half), "the file is smaller by as much"
    compare(torch, modules(export, model)[name], path, random_inputs(torch, model)[name], within=1e-2)


def test_small_and_huge_tensors_stay_as_they_are(export: Any) -> None:
    from onnx import TensorProto, helper, numpy_helper

    values = {
        "large": np.linspace(-2, 2, 300, dtype=np.float32),
        "small": np.full(300, 0.1, np.float32)[:255],
        "huge": np.full(300, 1e5, np.float32),
        "whole": np.arange(300),
    }
    names = {"large": 300, "small": 255, "huge": 300}
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name in (*names, "whole")],
        "weights",
        [],
        [helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, [size]) for name, size in names.items()]
        + [helper.make_tensor_value_info("whole_out", TensorProto.INT64, [300])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    stored = {t.name: numpy_helper.to_array(t).dtype for t in export.store_half(model).graph.initializer}
    assert stored == {"large.half": np.float16, "small": np.float32, "huge": np.float32, "whole": np.int64}
    import onnxruntime

    outputs = onnxruntime.InferenceSession(model.SerializeToString(), providers=CPU).run(None, {})
    for left, right in zip(outputs, values.values(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3)
        assert left.dtype == right.dtype
