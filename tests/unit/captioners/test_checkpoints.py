"""What a folder with a checkpoint says of itself, and what goes wrong in loading one."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.captioners.checkpoints import (
    architecture_of,
    check_architecture,
    loading_failures,
    parameters,
    read_config,
    read_object,
    tensor_shapes,
    weight_files,
)
from roi_assistant.errors import CaptionerError, FormatError, MissingDependencyError, ModelFileError

CONFIG = {"model_type": "rt_detr", "architectures": ["RTDetrForObjectDetection"]}


def write_header(path: Path, header: object) -> Path:
    """A safetensors file with ``header`` and no numbers behind it: only headers are read."""
    body = json.dumps(header).encode()
    path.write_bytes(len(body).to_bytes(8, "little") + body)
    return path


def tensors(shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    return {name: {"dtype": "F32", "shape": list(shape), "data_offsets": [0, 0]} for name, shape in shapes.items()}


def test_the_config_of_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    assert read_config(tmp_path) == CONFIG
    assert architecture_of(CONFIG) == "RTDetrForObjectDetection"
    assert architecture_of({"model_type": "rt_detr", "architectures": None}) == "rt_detr"


def test_a_folder_of_links_as_a_hub_keeps_it(tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (tmp_path / "blob").write_text(json.dumps(CONFIG))
    (snapshot / "config.json").symlink_to(tmp_path / "blob")
    assert read_config(snapshot) == CONFIG


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"holds no config\.json, so it is no checkpoint"),
        ("{", r"config\.json.* Download the model again\."),
        ("[1]", "does not say a model_type"),
        ('{"model_type": 7}', "does not say a model_type"),
    ],
)
def test_a_folder_without_a_config(content: str | None, told: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelFileError, match=told):
        read_config(tmp_path)
    with pytest.raises(ModelFileError, match="is no folder"):
        read_config(tmp_path / "nowhere")


def test_an_object_of_json(tmp_path: Path) -> None:
    file = tmp_path / "preprocessor_config.json"
    file.write_text('{"size": 1}')
    assert read_object(file) == {"size": 1}
    file.write_text('"size"')
    assert read_object(file) == {}
    with pytest.raises(ModelFileError, match="Download the model again"):
        read_object(tmp_path / "nowhere.json")


def test_an_architecture_that_transformers_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transformers = pytest.importorskip("transformers", reason="architectures are those of transformers")
    check_architecture(tmp_path, CONFIG, first_versions={})
    unknown = {"model_type": "moondream9", "architectures": ["Moon"]}
    with pytest.raises(ModelFileError, match=r"is a Moon, which transformers .* does not know: a newer version may"):
        check_architecture(tmp_path, unknown, first_versions={"rt_detr": "4.43"})
    with pytest.raises(ModelFileError) as raised:
        check_architecture(tmp_path, unknown, first_versions={"moondream9": "99.0"})
    assert "from version 99.0 on" in str(raised.value) and transformers.__version__ in str(raised.value)

    known = builtins.__import__

    def without(name: str, *more: Any, **others: Any) -> Any:
        if name.startswith("transformers"):
            raise ImportError("No module named 'transformers'")
        return known(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match=r"pip install 'roi-assistant\[torch\]'"):
        check_architecture(tmp_path, CONFIG, first_versions={})


def test_files_of_weights(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelFileError, match="holds no weights as safetensors: other kinds can hold code"):
        weight_files(tmp_path)
    single = write_header(tmp_path / "model.safetensors", {})
    assert weight_files(tmp_path) == [single]

    names = {"a": "model-2.safetensors", "b": "model-1.safetensors", "c": "../../model-1.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    with pytest.raises(ModelFileError, match=r"lacks 2 of 2 files of weights, first model-1\.safetensors"):
        weight_files(tmp_path)
    parts = [write_header(tmp_path / f"model-{number}.safetensors", {}) for number in (1, 2)]
    assert weight_files(tmp_path) == parts, "the index counts, and names no file of another folder"
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": []}')
    with pytest.raises(ModelFileError, match="holds no weights as safetensors"):
        weight_files(tmp_path)


def test_shapes_by_the_headers(tmp_path: Path) -> None:
    header = {"__metadata__": {"format": "pt"}, **tensors({"bias": [7], "scale": []})}
    files = [
        write_header(tmp_path / "a.safetensors", header),
        write_header(tmp_path / "b.safetensors", tensors({"weight": [3, 5]})),
    ]
    assert tensor_shapes(files) == {"bias": (7,), "scale": (), "weight": (3, 5)}
    assert parameters(files) == 7 + 1 + 15


def test_shapes_as_the_library_writes_them(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    save_file = pytest.importorskip("safetensors.numpy", reason="a file of the library to compare with").save_file
    save_file({"weight": numpy.zeros((3, 5), "float16"), "scale": numpy.array(1, "float32")}, tmp_path / "a")
    assert tensor_shapes([tmp_path / "a"]) == {"weight": (3, 5), "scale": ()}


def framed(body: bytes, length: int | None = None) -> bytes:
    return (len(body) if length is None else length).to_bytes(8, "little") + body


DAMAGED = {
    "empty": b"",
    "no length": b"1234567",
    "absurd length": framed(b"{}", 1 << 40),
    "ends in the header": framed(b"{}", 99),
    "a list": framed(b"[]"),
    "no entry": framed(b'{"weight": 1}'),
    "no shape": framed(b'{"weight": {"a": 1}}'),
    "half an object": framed(b'{"weight": {"a": 1}'),
    "not UTF-8": framed(b"\xff\xff{}"),
    "too deep": framed(b"[" * 200_000),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_header(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.safetensors is no file of weights \(.*\): download it again\."):
        parameters([path])
    with pytest.raises(ModelFileError, match="is no file of weights"):
        tensor_shapes([tmp_path / "gone.safetensors"])


class OutOfMemoryError(RuntimeError):
    """As torch calls its own."""


@pytest.mark.parametrize(
    ("raised", "becomes", "told"),
    [
        (ImportError("No module\n named 'timm'"), MissingDependencyError, "not installed (No module named 'timm')"),
        (OutOfMemoryError("CUDA"), CaptionerError, "too little memory left for tiny: close other programs"),
        (KeyError("layer"), ModelFileError, "tiny cannot be loaded ('layer'): download it again."),
        (ValueError("x" * 1000), ModelFileError, f"({'x' * 300}): download it again."),
    ],
)
def test_what_loading_raises(raised: Exception, becomes: type[Exception], told: str) -> None:
    with pytest.raises(becomes) as failed, loading_failures(Path("models/tiny")):
        raise raised
    assert told in str(failed.value) and failed.value.__cause__ is raised


def test_errors_of_ours_pass_unchanged() -> None:
    ours = FormatError("The file is damaged.")
    with pytest.raises(FormatError) as failed, loading_failures(Path("tiny")):
        raise ours
    assert failed.value is ours
