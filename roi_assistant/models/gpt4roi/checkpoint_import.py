"""The published delta, LLaMA and CLIP -> one checkpoint folder of safetensors with a manifest.

Everything is checked before anything is written: all tensors with their shapes, the configurations, the tokenizer, the
space on the disk. Then one output file after another is made, tensor by tensor, in the precision that the reference
adds in (fp16). What is finished is written down, so that an import that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import CLIPVisionConfig

from roi_assistant.errors import FileWriteError, ModelFileError
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.models.gpt4roi.checkpoint_shapes import (
    EXTENDED,
    WHOLE,
    Shape,
    delta_shapes,
    is_rotary,
    model_shapes,
    region_sizes,
)
from roi_assistant.models.gpt4roi.checkpoint_source import CheckpointFolder
from roi_assistant.models.gpt4roi.processing import PROCESSOR_FILE, Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.reference_config import ADDED_TOKENS, Gpt4RoiReferenceConfig, stored_llama_sizes
from roi_assistant.models.gpt4roi.reference_model import VISION_PREFIX
from roi_assistant.models.gpt4roi.safetensors_writer import file_bytes, write_safetensors
from roi_assistant.models.gpt4roi.tokenization import TOKENIZER_FILE, Gpt4RoiTokenizer
from roi_assistant.temporary_files import sweep_temporaries

MANIFEST, STATE = "manifest.json", "import.json"
ARCHITECTURE = "gpt4roi"
CLIP_NAME = "clip-vit-large-patch14"
DTYPE = torch.float16
SHARD_BYTES = 3 << 28
"""About twice as much of the sources is mapped at a time, which keeps an import of full widths below 4 GB in all."""
_VISION_KEYS = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "patch_size",
                "image_size", "projection_dim", "hidden_act", "layer_norm_eps")  # fmt: skip
_CLIP_PREFIX = "vision_model."
_SPARE_DISK = 64 << 20
_LARGEST_DELTA = 0.5
"""Fine-tuning moves weights by far less than this part of their size; what moves them more is no delta of this base."""


@dataclass(frozen=True)
class ImportPlan:
    """A checked import. ``shards``: file name -> tensors in it with their shapes, in the order of writing."""

    config: Gpt4RoiReferenceConfig
    tokenizer: Gpt4RoiTokenizer
    shards: Mapping[str, Mapping[str, Shape]]
    llama: CheckpointFolder
    delta: CheckpointFolder
    clip: CheckpointFolder
    clip_prefix: str

    @property
    def parameters(self) -> int:
        """How many numbers the model has."""
        return sum(_count(shape) for tensors in self.shards.values() for shape in tensors.values())

    @property
    def nbytes(self) -> int:
        """Bytes of the files that the import writes."""
        return sum(file_bytes(tensors, DTYPE) for tensors in self.shards.values())


def find_clip(*beside: Path) -> Path | None:
    """A folder ``clip-vit-large-patch14`` next to one of ``beside``."""
    places = (folder.absolute().parent / name for folder in beside for name in (CLIP_NAME, f"openai-{CLIP_NAME}"))
    return next((place for place in places if place.is_dir()), None)


def plan_import(*, llama: Path, delta: Path, clip: Path, shard_bytes: int = SHARD_BYTES) -> ImportPlan:
    """Look at all files without reading their weights.

    Raises:
        ModelFileError: a file is missing, damaged or of another model; the message says which and what to do.
    """
    bases, deltas, visions = (
        CheckpointFolder(llama, what="--llama"),
        CheckpointFolder(delta, what="--delta"),
        CheckpointFolder(clip, what="--clip"),
    )
    if not any(name.startswith(WHOLE) for name in deltas.tensors):
        swapped = any(name.startswith(WHOLE) for name in bases.tensors)
        advice = "--llama and --delta are swapped" if swapped else "give the folder of GPT4RoI-7B-delta-V0"
        raise ModelFileError(f"--delta {delta} has no region module, so it is not the delta of GPT4RoI: {advice}.")
    tokenizer = _tokenizer(llama, delta)
    config = _config(bases, deltas, visions, tokenizer)
    _check_delta(deltas, config)
    _check_llama(bases, config)
    prefix = _check_clip(visions, config)
    return ImportPlan(config, tokenizer, _shards(model_shapes(config), shard_bytes), bases, deltas, visions, prefix)


def run_import(plan: ImportPlan, out: Path, *, written: Callable[[int], None] = lambda count: None) -> Path:
    """Write what is not written yet; the answer is the manifest. ``written`` is told the bytes of each tensor.

    Raises:
        FileWriteError: the disk is full or the folder not writable; what was finished stays and is used by the next
            run.
        ModelFileError: a tensor is damaged, or ``out`` holds something else.
    """
    state = _begin(plan, out)
    _check_space(plan, out, state)
    finished: dict[str, str] = state["files"]
    for name, shapes in plan.shards.items():
        if name not in finished:
            finished[name] = write_safetensors(
                out / name, shapes, lambda key: _tensor(plan, key), dtype=DTYPE, written=written
            )
            _write_json(out / STATE, state)
        for source in (plan.llama, plan.delta, plan.clip):
            source.release()
    return _finish(plan, out, finished)


def bytes_left(plan: ImportPlan, out: Path) -> int:
    """Bytes of weights that `run_import` will write.

    Raises:
        ModelFileError: ``out`` holds something else.
    """
    finished = _begin(plan, out)["files"]
    return sum(
        DTYPE.itemsize * _count(shape)
        for name, shapes in plan.shards.items()
        if name not in finished
        for shape in shapes.values()
    )


def is_imported(out: Path) -> bool:
    """Whether ``out`` holds a finished import."""
    return (out / MANIFEST).is_file() and not (out / STATE).exists()


# Checks.


def _tokenizer(llama: Path, delta: Path) -> Gpt4RoiTokenizer:
    for folder in (delta, llama):
        if (folder / "tokenizer.model").is_file():
            return Gpt4RoiTokenizer.from_llama(folder)
    for folder in (delta, llama):
        if (folder / TOKENIZER_FILE).is_file():
            return Gpt4RoiTokenizer.from_llama(folder)
    raise ModelFileError(
        f"Neither {delta} nor {llama} has a tokenizer.model: copy it from where the weights come from."
    )


def _config(
    llama: CheckpointFolder, delta: CheckpointFolder, clip: CheckpointFolder, tokenizer: Gpt4RoiTokenizer
) -> Gpt4RoiReferenceConfig:
    data, base = delta.config(), llama.config()
    vision_data = clip.config()
    vision_data = vision_data.get("vision_config", vision_data)
    try:
        text = stored_llama_sizes(data, vocabulary=data["vocab_size"] - ADDED_TOKENS)
        vision = CLIPVisionConfig(**{key: vision_data[key] for key in _VISION_KEYS if key in vision_data})
        region = region_sizes({name: info.shape for name, info in delta.tensors.items()})
        config = Gpt4RoiReferenceConfig(text_config=text, vision_config=vision, region=region, dtype="float16")
        config.region_config  # noqa: B018 (raises where sizes contradict each other)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"The configurations in {delta.folder} and {clip.folder} are not those of GPT4RoI and CLIP ({error})."
        ) from error
    if len(tokenizer) != data["vocab_size"]:
        raise ModelFileError(
            f"The tokenizer has {len(tokenizer)} tokens, but {delta.folder / 'config.json'} speaks of "
            f"{data['vocab_size']}: copy the tokenizer.model of LLaMA into {delta.folder}."
        )
    for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "rms_norm_eps"):
        if base.get(key, data[key]) != data[key]:
            raise ModelFileError(
                f"--llama {llama.folder} is not the LLaMA that the delta was made from ({key} is {base[key]}, not "
                f"{data[key]}): it must be the first LLaMA of the same size, not LLaMA 2 nor Vicuna."
            )
    return config


def _check_delta(delta: CheckpointFolder, config: Gpt4RoiReferenceConfig) -> None:
    expected = delta_shapes(config)
    _check(delta, expected, {name for name in expected if not is_rotary(name)}, advice="copy the delta again")
    unknown = sorted(delta.tensors.keys() - expected.keys())
    if unknown:
        raise ModelFileError(f"--delta {delta.folder} holds {unknown[0]}, which GPT4RoI does not have.")


def _check_llama(llama: CheckpointFolder, config: Gpt4RoiReferenceConfig) -> None:
    rows = config.text_config.vocab_size - ADDED_TOKENS
    expected = {
        name: (rows, shape[1]) if name in EXTENDED else shape
        for name, shape in delta_shapes(config).items()
        if not name.startswith(WHOLE) and not is_rotary(name)
    }
    _check(llama, expected, expected.keys(), advice="give the first LLaMA of the same size as it was published")


def _check_clip(clip: CheckpointFolder, config: Gpt4RoiReferenceConfig) -> str:
    """The prefix of the vision transformer's tensors in ``clip``."""
    expected = {
        name.removeprefix(VISION_PREFIX): shape
        for name, shape in model_shapes(config).items()
        if name.startswith(VISION_PREFIX)
    }
    prefix = _CLIP_PREFIX if any(name.startswith(_CLIP_PREFIX) for name in clip.tensors) else ""
    shapes = {prefix + name: shape for name, shape in expected.items()}
    _check(clip, shapes, shapes.keys(), advice=f"give the folder of openai/{CLIP_NAME}")
    return prefix


def _check(source: CheckpointFolder, expected: Mapping[str, Shape], required: Any, *, advice: str) -> None:
    for name, shape in expected.items():
        tensor = source.tensors.get(name)
        if tensor is None and name in required:
            raise ModelFileError(f"{source.what} {source.folder} lacks the tensor {name}: {advice}.")
        if tensor is not None and tensor.shape != shape:
            raise ModelFileError(
                f"{source.folder / tensor.file}: {name} has shape {list(tensor.shape)}, not {list(shape)}: {advice}."
            )


def _check_space(plan: ImportPlan, out: Path, state: dict[str, Any]) -> None:
    needed = sum(file_bytes(t, DTYPE) for name, t in plan.shards.items() if name not in state["files"]) + _SPARE_DISK
    free = shutil.disk_usage(out).free
    if free < needed:
        raise FileWriteError(
            f"{out} has {free / 1e9:.1f} GB left and the import needs {needed / 1e9:.1f} GB: make room there, or give "
            "another folder with --out."
        )


# Writing.


def _shards(shapes: Mapping[str, Shape], shard_bytes: int) -> dict[str, dict[str, Shape]]:
    groups: list[dict[str, Shape]] = [{}]
    size = 0
    for name, shape in shapes.items():
        own = DTYPE.itemsize * _count(shape)
        if groups[-1] and size + own > shard_bytes:
            groups.append({})
            size = 0
        groups[-1][name] = shape
        size += own
    return {f"model-{n:05d}-of-{len(groups):05d}.safetensors": group for n, group in enumerate(groups, start=1)}


def _tensor(plan: ImportPlan, name: str) -> Tensor:
    if name.startswith(VISION_PREFIX):
        source, key = plan.clip, plan.clip_prefix + name.removeprefix(VISION_PREFIX)
    else:
        source, key = plan.delta, name
    value = source.read(key).to(DTYPE)
    if source is plan.delta and not name.startswith(WHOLE):
        value = _added(plan, name, value)
    # No number is least and greatest of whatever holds it; a sum would make a copy in another type.
    if not bool(torch.isfinite(torch.stack(torch.aminmax(value))).all()):
        file = source.folder / source.tensors[key].file
        raise ModelFileError(f"{file}: {key} has values that are no numbers, so a file is damaged: copy it again.")
    return value


def _added(plan: ImportPlan, name: str, delta: Tensor) -> Tensor:
    base = plan.llama.read(name).to(DTYPE)
    rows = len(base)
    if name.endswith("self_attn.q_proj.weight"):
        _check_is_delta(plan, name, delta, base)
    if rows == len(delta):
        return delta + base
    return torch.cat([delta[:rows] + base, delta[rows:]])


def _check_is_delta(plan: ImportPlan, name: str, delta: Tensor, base: Tensor) -> None:
    """A merged model given as the delta, or the delta of other weights, has the right shapes and makes nonsense."""
    moved, size = (float(t.float().square().mean().sqrt()) for t in (delta[:64], base[:64]))
    if moved > _LARGEST_DELTA * size:
        raise ModelFileError(
            f"{name} in --delta {plan.delta.folder} is no small change of that in --llama {plan.llama.folder}: "
            "give the published delta and the first LLaMA as it was published."
        )


def _begin(plan: ImportPlan, out: Path) -> dict[str, Any]:
    """What an earlier run has finished, checked to be of the same import; the folder is made."""
    sources = {s.what: s.fingerprint() for s in (plan.llama, plan.delta, plan.clip)}
    layout = hashlib.sha256(json.dumps(plan.shards).encode()).hexdigest()
    fresh = {"sources": sources, "layout": layout, "files": {}}
    try:
        out.mkdir(parents=True, exist_ok=True)
        sweep_temporaries(out)  # of a run that was killed while it wrote the state
        path = out / STATE
        if not path.exists():
            if any(out.iterdir()):
                raise ModelFileError(f"{out} is not empty: give --out a new folder, or empty this one.")
            _write_json(path, fresh)
            return fresh
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if state["sources"] != sources or state["layout"] != layout:
            raise ModelFileError(f"{out} holds a part of an import of other files: remove the folder and run again.")
        files = {name: sha for name, sha in state["files"].items() if _is_whole(plan, out, name)}
        return {**fresh, "files": files}
    except OSError as error:
        raise FileWriteError(f"{out} cannot be used ({error.strerror or error}): give --out another folder.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{out / STATE} is damaged: remove the folder {out} and run again.") from error


def _is_whole(plan: ImportPlan, out: Path, name: str) -> bool:
    path = out / name
    return name in plan.shards and path.is_file() and path.stat().st_size == file_bytes(plan.shards[name], DTYPE)


def _finish(plan: ImportPlan, out: Path, weights: Mapping[str, str]) -> Path:
    plan.config.architectures = ["Gpt4RoiForConditionalGeneration"]
    plan.config.save_pretrained(out)
    processor = Gpt4RoiProcessor(
        plan.tokenizer, image_size=plan.config.vision_config.image_size, image_tokens=plan.config.image_tokens
    )
    processor.save_pretrained(out)
    size = sum(DTYPE.itemsize * _count(shape) for shapes in plan.shards.values() for shape in shapes.values())
    weight_map = {key: name for name, shapes in plan.shards.items() for key in shapes}
    _write_json(out / "model.safetensors.index.json", {"metadata": {"total_size": size}, "weight_map": weight_map})
    small = ("config.json", TOKENIZER_FILE, PROCESSOR_FILE, "model.safetensors.index.json")
    files = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in small} | dict(weights)
    billions = round(plan.parameters / 1e9)
    manifest = {
        "id": out.name,
        "name": f"GPT4RoI-{billions}B" if billions else "GPT4RoI",
        "architecture": ARCHITECTURE,
        "weights_licence": "LLaMA licence and CC BY-NC 4.0: research, not commercial",
        "files": files,
    }
    _write_json(out / MANIFEST, manifest)
    (out / STATE).unlink()
    return out / MANIFEST


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(data, indent=2) + "\n")


def _count(shape: Shape) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def sources_of(plan: ImportPlan) -> Iterator[tuple[str, int, int]]:
    """(option, files, tensors) of each source, to be shown."""
    for source in (plan.llama, plan.delta, plan.clip):
        yield source.what, len(source.files), len(source.tensors)
