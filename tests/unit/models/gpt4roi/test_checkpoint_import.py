"""The import of the published files, on small ones in all their layouts."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.errors import FileWriteError, ModelFileError
from tests.unit import tiny_gpt4roi as tiny


@pytest.fixture(scope="module")
def checkpoint(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi import checkpoint_import

    return checkpoint_import


def plan(checkpoint: Any, folder: Path, **options: Any) -> Any:
    paths = {"llama": folder / "llama", "delta": folder / "delta", "clip": folder / "clip-vit-large-patch14"}
    return checkpoint.plan_import(**{**paths, **options})


def load(torch: Any, folder: Path) -> dict[str, Any]:
    from roi_assistant.models.gpt4roi.loading import load_model

    state: dict[str, Any] = load_model(tiny.files(folder), precision="fp16").state_dict()
    return state


def shard(torch: Any, path: Path) -> Any:
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize(
    "layouts",
    [
        {"llama": "bins", "delta": "bins", "clip": "bin"},
        {"llama": "safetensors", "delta": "sharded safetensors", "clip": "safetensors"},
        {"llama": "sharded safetensors", "delta": "bin", "clip": "bins"},
    ],
)
def test_import_gives_the_model_that_was_published(
    torch: Any, checkpoint: Any, tmp_path: Path, layouts: dict[str, Any]
) -> None:
    whole = tiny.write_published(tmp_path, **layouts)
    made = plan(checkpoint, tmp_path, shard_bytes=100_000)
    assert len(made.shards) > 2
    sizes: list[int] = []
    out = tmp_path / "out" / "tiny-model"
    expected_bytes = checkpoint.bytes_left(made, out)
    manifest = json.loads(checkpoint.run_import(made, out, written=sizes.append).read_text())
    assert sum(sizes) == expected_bytes == 2 * made.parameters
    assert checkpoint.is_imported(out)
    found = load(torch, out)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(found[name], tensor), name
    assert manifest["id"] == "tiny-model" and manifest["architecture"] == "gpt4roi"
    assert set(manifest["files"]) == {path.name for path in out.iterdir()} - {"manifest.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    index = json.loads((out / "model.safetensors.index.json").read_text())
    assert set(index["weight_map"]) == set(whole.state_dict())


def test_transformers_loads_what_was_imported(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
    from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

    whole = tiny.write_published(tmp_path)
    made = plan(checkpoint, tmp_path, shard_bytes=200_000)
    checkpoint.run_import(made, tmp_path / "out")
    again = Gpt4RoiForConditionalGeneration.from_pretrained(tmp_path / "out")
    assert again.dtype == torch.float16
    assert all(torch.equal(tensor, whole.state_dict()[name]) for name, tensor in again.state_dict().items())
    for key in ("vocab_size", "hidden_size", "rms_norm_eps", "max_position_embeddings", "pad_token_id"):
        assert getattr(again.config.text_config, key) == getattr(made.config.text_config, key)
    processor = Gpt4RoiProcessor.from_pretrained(tmp_path / "out")
    assert processor.tokenizer.encode("a <bbox>?") == tiny.tokenizer().encode("a <bbox>?")
    assert (processor.image_size, processor.image_tokens) == (28, 4)
    for name, shapes in made.shards.items():  # the library's own reader agrees with our writer
        assert {key: tuple(t.shape) for key, t in load_file(tmp_path / "out" / name).items()} == shapes


def test_an_interrupted_import_goes_on(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    whole = tiny.write_published(tmp_path)
    out = tmp_path / "out"
    made = plan(checkpoint, tmp_path, shard_bytes=100_000)
    names = list(made.shards)
    tensors_before = sum(len(made.shards[name]) for name in names[:2])
    calls = []

    def stop(_count: int) -> None:
        calls.append(1)
        if len(calls) == tensors_before + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checkpoint.run_import(made, out, written=stop)
    assert not checkpoint.is_imported(out)
    finished = {name: (out / name).stat().st_mtime_ns for name in names[:2]}
    assert not (out / names[2]).exists()
    made = plan(checkpoint, tmp_path, shard_bytes=100_000)
    left = checkpoint.bytes_left(made, out)
    sizes: list[int] = []
    checkpoint.run_import(made, out, written=sizes.append)
    assert sum(sizes) == left < 2 * made.parameters
    assert {name: (out / name).stat().st_mtime_ns for name in names[:2]} == finished, "they are not written again"
    assert not list(out.glob("*.part"))
    assert all(torch.equal(tensor, whole.state_dict()[name]) for name, tensor in load(torch, out).items())


KILLED = """
import os, signal, sys
from pathlib import Path
from roi_assistant.models.gpt4roi import checkpoint_import

folder, last = Path(sys.argv[1]), int(sys.argv[2])
replace, calls = os.replace, 0

def killed(*names):
    global calls
    calls += 1
    if calls == last:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(*names)

os.replace = killed
paths = {"llama": folder / "llama", "delta": folder / "delta", "clip": folder / "clip-vit-large-patch14"}
checkpoint_import.run_import(checkpoint_import.plan_import(**paths, shard_bytes=100_000), folder / "out")
"""
"""Ends when the ``last``-th file is to get its name: the state, the first weights, the state, the second weights."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_import_goes_on(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    whole, out = tmp_path / "whole", tmp_path / "out"
    checkpoint.run_import(plan(checkpoint, tmp_path, shard_bytes=100_000), whole)
    for last, left in ((4, "model-00002-*.part"), (2, ".*-*.tmp")):
        done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(last)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert not checkpoint.is_imported(out)
        assert len(list(out.glob(left))) == 1
    checkpoint.run_import(plan(checkpoint, tmp_path, shard_bytes=100_000), out)
    names = json.loads((whole / "manifest.json").read_text())["files"]
    assert json.loads((out / "manifest.json").read_text())["files"] == names
    assert all((out / name).read_bytes() == (whole / name).read_bytes() for name in names)
    assert {path.name for path in out.iterdir()} == {path.name for path in whole.iterdir()}


def test_a_finished_file_that_was_cut_is_written_again(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    out = tmp_path / "out"
    made = plan(checkpoint, tmp_path, shard_bytes=100_000)
    count = len(next(iter(made.shards.values())))

    class Stop(Exception):
        pass

    calls = []

    def stop(_count: int) -> None:
        calls.append(1)
        if len(calls) > count:
            raise Stop

    with pytest.raises(Stop):
        checkpoint.run_import(made, out, written=stop)
    first = out / next(iter(made.shards))
    first.write_bytes(first.read_bytes()[:-10])
    assert checkpoint.bytes_left(made, out) == 2 * made.parameters
    checkpoint.run_import(made, out)
    load(torch, out)


def test_other_sources_do_not_continue_an_import(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path / "one")
    tiny.write_published(tmp_path / "two")
    out = tmp_path / "out"
    checkpoint.bytes_left(plan(checkpoint, tmp_path / "one"), out)
    with pytest.raises(ModelFileError, match="import of other files: remove the folder"):
        checkpoint.run_import(plan(checkpoint, tmp_path / "two"), out)
    (out / "import.json").write_text("{")
    with pytest.raises(ModelFileError, match="is damaged"):
        checkpoint.run_import(plan(checkpoint, tmp_path / "one"), out)


def test_a_folder_with_something_else_is_left_alone(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("x")
    with pytest.raises(ModelFileError, match="is not empty"):
        checkpoint.run_import(plan(checkpoint, tmp_path), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_full_disk_is_noticed_before(
    torch: Any, checkpoint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.write_published(tmp_path)
    made = plan(checkpoint, tmp_path)
    usage = checkpoint.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(checkpoint.shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(FileWriteError, match="make room there"):
        checkpoint.run_import(made, tmp_path / "out")


def test_memory_is_that_of_a_tensor(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    """At no time are more than a few tensors held, whatever the number of files."""
    import gc

    tiny.write_published(tmp_path)
    made = plan(checkpoint, tmp_path, shard_bytes=50_000)
    gc.collect()

    def held() -> int:
        return sum(1 for thing in gc.get_objects() if type(thing) is torch.Tensor)

    before, most, calls = held(), 0, 0

    def count(_bytes: int) -> None:
        nonlocal most, calls
        calls += 1
        if calls % 40 == 0:  # looking at everything takes long
            most = max(most, held() - before)

    checkpoint.run_import(made, tmp_path / "out", written=count)
    mapped = sum(len(s.tensors) for s in (made.llama, made.delta, made.clip))  # open files show all their tensors
    assert 0 < most <= mapped + 5
    assert held() - before <= 0, "files are let go"


# What people give by mistake.


def test_swapped_options(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    with pytest.raises(ModelFileError, match="--llama and --delta are swapped"):
        plan(checkpoint, tmp_path, llama=tmp_path / "delta", delta=tmp_path / "llama")
    with pytest.raises(ModelFileError, match="GPT4RoI-7B-delta-V0"):
        plan(checkpoint, tmp_path, delta=tmp_path / "llama")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        ("missing folder", "is not a folder"),
        ("empty folder", "holds no weights"),
        ("original weights", "convert_llama_weights_to_hf"),
        ("missing shard", "lacks 1 of 3 files"),
        ("lfs pointer", "git lfs pull"),
        ("damaged shard", "copy it again"),
        ("damaged index", "is not an index"),
        ("index outside", "is not an index"),
        ("other dict", "named tensors only"),
        ("missing tensor", r"lacks the tensor model\.norm\.weight"),
        ("wrong shape", r"model\.norm\.weight has shape \[33\], not \[32\]"),
        ("llama 2", "rms_norm_eps"),
        ("no config", r"config\.json cannot be read"),
        ("odd config", "not a JSON object"),
    ],
)
def test_wrong_llama(torch: Any, checkpoint: Any, tmp_path: Path, break_it: str, message: str) -> None:
    tiny.write_published(tmp_path)
    llama = tmp_path / "llama"
    first = llama / "pytorch_model-00001-of-00003.bin"
    index = llama / "pytorch_model.bin.index.json"
    holder = llama / json.loads(index.read_text())["weight_map"]["model.norm.weight"]
    config = json.loads((llama / "config.json").read_text())
    if break_it == "missing folder":
        llama = tmp_path / "nowhere"
    elif break_it in ("empty folder", "original weights"):
        for path in llama.iterdir():
            path.unlink()
        if break_it == "original weights":
            (llama / "consolidated.00.pth").write_bytes(b"")
    elif break_it == "missing shard":
        first.unlink()
    elif break_it == "lfs pointer":
        first.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    elif break_it == "damaged shard":
        first.write_bytes(first.read_bytes()[:-2000])
    elif break_it == "damaged index":
        index.write_text("{}")
    elif break_it == "index outside":
        index.write_text('{"weight_map": {"a": "../delta/x.bin"}}')
    elif break_it == "other dict":
        torch.save({"step": 3}, first)
    elif break_it == "missing tensor":
        tensors = shard(torch, holder)
        del tensors["model.norm.weight"]
        torch.save(tensors, holder)
    elif break_it == "wrong shape":
        torch.save({**shard(torch, holder), "model.norm.weight": torch.ones(33)}, holder)
    elif break_it == "llama 2":
        tiny.write_json(llama / "config.json", {**config, "rms_norm_eps": 1e-5})
    elif break_it == "no config":
        (llama / "config.json").unlink()
    elif break_it == "odd config":
        (llama / "config.json").write_text("[]")
    with pytest.raises(ModelFileError, match=message):
        plan(checkpoint, tmp_path, llama=llama)


def test_a_file_that_holds_code_is_not_run(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    """A pickle that would make a file when it is opened."""
    tiny.write_published(tmp_path, llama="bin")
    mark = tmp_path / "it ran"
    code = f"cos\nsystem\n(S'touch \"{mark}\"'\ntR.".encode()
    (tmp_path / "llama" / "pytorch_model.bin").write_bytes(b"\x80\x02" + code)
    with pytest.raises(ModelFileError, match="can be read safely"):
        plan(checkpoint, tmp_path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model.spi_module.roi_align.updims.bias", None, "lacks the tensor"),
        ("model.spi_module.mystery", (3,), "which GPT4RoI does not have"),
        ("model.spi_module.roi_align.updims.bias", (31,), "has shape"),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (5,), "has shape"),
    ],
)
def test_wrong_delta(
    torch: Any, checkpoint: Any, tmp_path: Path, name: str, value: tuple[int, ...] | None, message: str
) -> None:
    tiny.write_published(tmp_path, delta="bin")
    path = tmp_path / "delta" / "pytorch_model.bin"
    tensors = shard(torch, path)
    tensors.pop(name, None)
    if value is not None:
        tensors[name] = torch.ones(value)
    torch.save(tensors, path)
    with pytest.raises(ModelFileError, match=message):
        plan(checkpoint, tmp_path)


def test_rotary_buffers_may_be_missing(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path, delta="bin")
    path = tmp_path / "delta" / "pytorch_model.bin"
    torch.save({name: tensor for name, tensor in shard(torch, path).items() if "rotary" not in name}, path)
    assert plan(checkpoint, tmp_path).parameters > 0


def test_a_merged_model_is_no_delta(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    whole = tiny.write_published(tmp_path, delta="bin")
    merged = {name: t for name, t in whole.state_dict().items() if not name.startswith("vision_tower.")}
    torch.save(merged, tmp_path / "delta" / "pytorch_model.bin")
    with pytest.raises(ModelFileError, match="no small change"):
        checkpoint.run_import(plan(checkpoint, tmp_path), tmp_path / "out")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_no_numbers(torch: Any, checkpoint: Any, tmp_path: Path, value: float) -> None:
    tiny.write_published(tmp_path, llama="bin")
    path = tmp_path / "llama" / "pytorch_model.bin"
    tensors = shard(torch, path)
    tensors["model.norm.weight"][3] = value
    torch.save(tensors, path)
    with pytest.raises(ModelFileError, match=r"model\.norm\.weight has values that are no numbers"):
        checkpoint.run_import(plan(checkpoint, tmp_path), tmp_path / "out")
    assert not checkpoint.is_imported(tmp_path / "out")


def test_tokenizer_must_fit(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    (tmp_path / "delta" / "tokenizer.model").write_bytes(tiny.sentencepiece_file(tiny.pieces()[:-1]))
    with pytest.raises(ModelFileError, match="tokenizer has"):
        plan(checkpoint, tmp_path)
    (tmp_path / "delta" / "tokenizer.model").rename(tmp_path / "llama" / "tokenizer.model")
    (tmp_path / "llama" / "tokenizer.model").write_bytes(tiny.sentencepiece_file(tiny.pieces()))
    assert plan(checkpoint, tmp_path).parameters > 0
    (tmp_path / "llama" / "tokenizer.model").unlink()
    with pytest.raises(ModelFileError, match=r"has a tokenizer\.model"):
        plan(checkpoint, tmp_path)


def test_wrong_clip(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    tiny.write_published(tmp_path)
    clip = tmp_path / "clip-vit-large-patch14"
    tiny.write_json(clip / "config.json", {"vision_config": {**tiny.PUBLISHED_VISION, "intermediate_size": 25}})
    with pytest.raises(ModelFileError, match="openai/clip-vit-large-patch14"):
        plan(checkpoint, tmp_path)
    tiny.write_json(clip / "config.json", {"vision_config": {**tiny.PUBLISHED_VISION, "num_hidden_layers": 5}})
    with pytest.raises(ModelFileError, match="too few"):
        plan(checkpoint, tmp_path)


def test_clip_is_found_beside_the_others(torch: Any, checkpoint: Any, tmp_path: Path) -> None:
    assert checkpoint.find_clip(tmp_path / "llama", tmp_path / "delta") is None
    (tmp_path / "clip-vit-large-patch14").mkdir()
    found = checkpoint.find_clip(tmp_path / "elsewhere" / "llama", tmp_path / "delta")
    assert found == tmp_path / "clip-vit-large-patch14"
