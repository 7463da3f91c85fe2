"""The state of a run on the disk: what is trained, the optimizer, and the step. Tensors in safetensors, the rest JSON.

A state is independent of the number of processes and of how they share the weights.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)

from roi_assistant.errors import BadInputError, FileWriteError, ModelFileError

STATES = "states"
_WEIGHTS, _OPTIMIZER, _REST = "weights.safetensors", "optimizer.safetensors", "state.json"
_ROOT = "model."
"""What a name in the model has in front of it in `stages.Trainee`."""
_BETWEEN = "/"
_KEPT = 2


def trained_weights(module: nn.Module) -> dict[str, Tensor]:
    """What is trained, by its name in the model, whole and on the CPU; on other processes than the first, nothing.
    All processes must call it."""
    options = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True)
    values = get_model_state_dict(module, options=options)
    trained = {name for name, p in _unwrapped(module).named_parameters() if p.requires_grad}
    return {n.removeprefix(_ROOT): v.contiguous() for n, v in values.items() if n in trained}


def save_state(out: Path, module: nn.Module, optimizer: torch.optim.Optimizer, *, step: int, fingerprint: str) -> Path:
    """Write the state after ``step`` steps into a folder of its own, whole or not at all; all processes must call it.

    The last two stay.

    Raises:
        FileWriteError: the disk is full or the folder not writable.
    """
    weights = trained_weights(module)
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    states = get_optimizer_state_dict(module, optimizer, options=options)
    folder = out / STATES / f"{step:08d}"
    if _is_first() and not folder.is_dir():
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
            save_file(weights, partial / _WEIGHTS)
            tensors = {
                f"{name}{_BETWEEN}{key}": value.contiguous()
                for name, values in states["state"].items()
                for key, value in values.items()
            }
            save_file(tensors, partial / _OPTIMIZER)
            rest = {"step": step, "fingerprint": fingerprint, "groups": states["param_groups"]}
            (partial / _REST).write_text(json.dumps(rest, indent=1) + "\n", encoding="utf-8")
            partial.replace(folder)
        except (OSError, SafetensorError) as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise FileWriteError(f"{folder} cannot be written ({error}): make room there.") from error
        for old in saved_states(out)[:-_KEPT]:
            shutil.rmtree(old)
    _wait()
    return folder


def saved_states(out: Path) -> list[Path]:
    """Folders of states, the newest last."""
    return sorted(path for path in (out / STATES).glob("[0-9]*") if (path / _REST).is_file())


def load_state(out: Path, module: nn.Module, optimizer: torch.optim.Optimizer, *, fingerprint: str) -> int:
    """Go on from the newest state; the number of steps that it has behind it, 0 without one.

    Raises:
        BadInputError: it belongs to a run with other settings.
        ModelFileError: it is damaged.
    """
    states = saved_states(out)
    if not states:
        return 0
    folder = states[-1]
    try:
        rest: dict[str, Any] = json.loads((folder / _REST).read_text(encoding="utf-8"))
        if rest["fingerprint"] != fingerprint:
            raise BadInputError(
                f"{out} holds a run with another configuration, other data or another start: give --out a new folder, "
                "or the same ones to go on."
            )
        step = int(rest["step"])
        weights = {_ROOT + name: value for name, value in load_file(folder / _WEIGHTS).items()}
        optimizer_state: dict[str, Any] = {"state": {}, "param_groups": rest["groups"]}
        for key, value in load_file(folder / _OPTIMIZER).items():
            name, _, kind = key.partition(_BETWEEN)
            optimizer_state["state"].setdefault(name, {})[kind] = value
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelFileError(f"{folder} is damaged ({error}): remove it to go on from the state before.") from error
    options = StateDictOptions(full_state_dict=True, strict=False, broadcast_from_rank0=dist.is_initialized())
    set_model_state_dict(module, weights, options=options)
    set_optimizer_state_dict(module, optimizer, optimizer_state, options=options)
    return step


def _unwrapped(module: nn.Module) -> nn.Module:
    return module.module if isinstance(module, nn.parallel.DistributedDataParallel) else module


def _is_first() -> bool:
    return not dist.is_initialized() or dist.get_rank() == 0


def _wait() -> None:
    if dist.is_initialized():
        dist.barrier()
