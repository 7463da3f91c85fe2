"""A small graph as the exported ones are: float16 weights, padding computed from the size of the picture, `Clip`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.errors import ModelFileError

CHANNELS = 16


@pytest.fixture(scope="module")
def onnx() -> Any:
    pytest.importorskip("timm", reason="training needs timm, the extra 'training'")
    return pytest.importorskip("onnx", reason="quantizing needs onnx, the extra 'torch'")


@pytest.fixture(scope="module")
def model(onnx: Any) -> Any:
    """Stem, depthwise and dense; then a block of the three kinds with a sum around it, and the mean of its maps."""
    helper, to_tensor = onnx.helper, onnx.numpy_helper.from_array
    rng = np.random.default_rng(0)
    nodes, stored = [], [to_tensor(np.float32(0), "low"), to_tensor(np.float32(6), "high")]

    def conv(name: str, source: str, *, inputs: int, group: int = 1, kernel: int = 1, **attributes: Any) -> str:
        weight = rng.normal(size=(CHANNELS, inputs // group, kernel, kernel)) / np.sqrt(inputs // group * kernel**2)
        weight[:, :, 0, 0] += 0.2  # one sign is more frequent, as in what was trained
        stored.append(to_tensor(weight.astype(np.float16), f"{name}.weight.half"))
        stored.append(to_tensor(rng.normal(size=CHANNELS).astype(np.float32), f"{name}.bias"))
        nodes.append(helper.make_node("Cast", [f"{name}.weight.half"], [f"{name}.weight"], to=1))
        inputs_ = [source, f"{name}.weight", f"{name}.bias"]
        shape = [kernel, kernel]
        nodes.append(
            helper.make_node("Conv", inputs_, [name], name=name, group=group, kernel_shape=shape, **attributes)
        )
        return name

    def clip(source: str) -> str:
        name = f"{source}.clip"
        nodes.append(helper.make_node("Clip", [source, "low", "high"], [name], name=name))
        return name

    # At the bottom and right alone: 2 * ceil(n / 2) + 1 - n, as "same" padding is for even n, computed by the graph.
    stored += [to_tensor(np.array(v, np.int64), n) for n, v in (("two", 2), ("three", 3), ("zeros", [0] * 6))]
    nodes.append(helper.make_node("Shape", ["pixels"], ["size"], start=2))
    nodes.append(helper.make_node("Mod", ["size", "two"], ["odd"]))
    nodes.append(helper.make_node("Sub", ["three", "two"], ["one"]))
    nodes.append(helper.make_node("Add", ["odd", "one"], ["after"]))
    nodes.append(helper.make_node("Concat", ["zeros", "after"], ["pads"], axis=0))
    nodes.append(helper.make_node("Pad", ["pixels", "pads", "low"], ["padded"]))
    stem = clip(conv("stem", "padded", inputs=3, kernel=3, strides=[2, 2], pads=[0, 0, 0, 0]))
    first = clip(conv("dw0", stem, inputs=CHANNELS, group=CHANNELS, kernel=3, strides=[1, 1], pads=[1] * 4))
    base = conv("pw0", first, inputs=CHANNELS)
    wide = clip(conv("pw1", base, inputs=CHANNELS))
    deep = clip(conv("dw1", wide, inputs=CHANNELS, group=CHANNELS, kernel=3, strides=[1, 1], pads=[1] * 4))
    nodes.append(helper.make_node("Add", [conv("pw2", deep, inputs=CHANNELS), base], ["fine"], name="sum"))
    nodes.append(helper.make_node("ReduceMean", [clip(conv("head", "fine", inputs=CHANNELS))], ["pooled"], axes=[2, 3]))
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny",
        [value("pixels", 1, ["batch", 3, "height", "width"])],
        [value("fine", 1, ["batch", CHANNELS, "h", "w"]), value("pooled", 1, ["batch", CHANNELS, 1, 1])],
        stored,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    coarse = np.random.default_rng(1).uniform(-1, 1, (24, 3, 4, 4)).astype(np.float32)
    return np.repeat(np.repeat(coarse, 8, axis=2), 8, axis=3)


def outputs(model: Any, pictures: np.ndarray) -> list[np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["fine", "pooled"], {"pixels": pictures})


def weights_of(onnx: Any, model: Any, name: str) -> np.ndarray:
    makers = {node.output[0]: node for node in model.graph.node}
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    (node,) = (node for node in model.graph.node if node.name == name)
    weight = node.input[1]
    return stored[weight] if weight in stored else stored[makers[weight].input[0]]


def test_constant_padding_changes_nothing(model: Any, pictures: np.ndarray) -> None:
    from roi_assistant.training.mini.quantize import unpacked, with_constant_padding

    plain = with_constant_padding(unpacked(model))
    assert {node.op_type for node in plain.graph.node} == {"Conv", "Clip", "Add", "ReduceMean"}
    for expected, found in zip(outputs(model, pictures), outputs(plain, pictures), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_quantized_graph_answers_almost_alike(onnx: Any, model: Any, pictures: np.ndarray) -> None:
    from roi_assistant.training.mini.quantize import quantized

    small = quantized(model, pictures)
    onnx.checker.check_model(small, full_check=True)
    assert [value.name for value in small.graph.output] == ["fine", "pooled"]
    for expected, found in zip(outputs(model, pictures), outputs(small, pictures), strict=True):
        assert found.shape == expected.shape
        assert np.abs(found - expected).mean() < 0.02 * np.abs(expected).mean()


def test_first_layers_stay_and_dense_weights_have_seven_bits(onnx: Any, model: Any, pictures: np.ndarray) -> None:
    from roi_assistant.training.mini.quantize import quantized

    small = quantized(model, pictures)
    assert {weights_of(onnx, small, name).dtype for name in ("stem", "dw0", "pw0")} == {np.dtype(np.float32)}
    for name, most in (("pw1", 64), ("dw1", 127), ("pw2", 64), ("head", 64)):
        codes = weights_of(onnx, small, name)
        assert codes.dtype == np.int8
        assert np.abs(codes.astype(int)).max(axis=(1, 2, 3)).tolist() == pytest.approx([most] * CHANNELS, abs=1)


def test_corrected_biases_keep_the_mean(model: Any, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    from roi_assistant.training.mini import quantize

    def shift(small: Any) -> float:
        expected, found = (outputs(m, pictures)[0].mean(axis=(0, 2, 3)) for m in (model, small))
        return float(np.abs(found - expected).mean())

    corrected = shift(quantize.quantized(model, pictures))
    monkeypatch.setattr(quantize, "correct_biases", lambda *_: None)
    assert corrected < 0.7 * shift(quantize.quantized(model, pictures))


def test_close_ups_are_of_train(onnx: Any, corpus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from roi_assistant.training.mini.quantize import sample_views

    seen = []
    read = type(corpus).picture
    monkeypatch.setattr(type(corpus), "picture", lambda self, photo: seen.append(photo.split) or read(self, photo))
    views = sample_views(corpus, 1000, size=32)
    assert set(seen) == {"train"}
    assert views.shape == (len(seen), 3, 32, 32)
    assert -1 <= views.min() < -0.1 < 0.1 < views.max() <= 1


def test_whole_folder(onnx: Any, model: Any, corpus: Any, tmp_path: Path) -> None:
    from roi_assistant.captioners.model_folder import open_model_folder
    from roi_assistant.training.mini.exported import write_manifest
    from roi_assistant.training.mini.quantize import is_quantized, quantize_model

    exported, out, roots = tmp_path / "exported", tmp_path / "int8", corpus.general[0].root
    exported.mkdir()
    (exported / "config.json").write_text('{"image_size": 64, "view_size": 32}')
    (exported / "nouns.json").write_text("[]")
    for name in ("vision.onnx", "view.onnx"):
        onnx.save(model, exported / name)
    write_manifest(exported)
    before = (exported / "view.onnx").read_bytes()
    quantize_model(exported, out, flickr=corpus.flickr.root, general=[roots], pictures=4)
    files = open_model_folder(out)
    assert set(files.files) == {"config.json", "nouns.json", "vision.onnx", "view.onnx"}
    assert (exported / "view.onnx").read_bytes() == before
    assert is_quantized(onnx.load(out / "view.onnx"))
    photos = onnx.load(out / "vision.onnx")
    assert not is_quantized(photos) and "Pad" not in {node.op_type for node in photos.graph.node}
    with pytest.raises(ModelFileError, match="already"):
        quantize_model(out, tmp_path / "again", flickr=corpus.flickr.root, general=[roots], pictures=4)
