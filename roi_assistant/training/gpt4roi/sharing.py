"""How processes share the work: `accelerate` with whole copies of the model (DDP), or with shares of it (FSDP)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, DistributedType, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState, PartialState
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from roi_assistant.training.gpt4roi.settings import TrainingSettings


@contextmanager
def processes() -> Iterator[PartialState]:
    """The processes of this run, as torchrun's variables tell; one without them."""
    try:
        yield PartialState(cpu=not torch.cuda.is_available())
    finally:
        # Or a second run in this process could not have another precision or sharding.
        AcceleratorState._reset_state(reset_partial_state=True)


def accelerator_for(settings: TrainingSettings) -> Accelerator:
    """The accelerator with the precision and the sharding that ``settings`` ask for."""
    o = settings.optimization
    plugin = None
    if o.sharding != "none":
        plugin = FullyShardedDataParallelPlugin(
            fsdp_version=2,
            reshard_after_forward=o.sharding == "full",
            auto_wrap_policy="transformer_based_wrap",
            transformer_cls_names_to_wrap=[LlamaDecoderLayer.__name__],
            state_dict_type="FULL_STATE_DICT",
        )
    accelerator = Accelerator(
        cpu=not torch.cuda.is_available(),
        mixed_precision="bf16" if o.precision == "bf16" else "no",
        fsdp_plugin=plugin,
        kwargs_handlers=[DistributedDataParallelKwargs(gradient_as_bucket_view=True)],
    )
    if plugin is not None and accelerator.distributed_type == DistributedType.MULTI_CPU:
        # Accelerate shares out on GPUs only and would train whole copies here without a word. FSDP itself works over
        # gloo, slowly, which is how the tests see it at work.
        if o.precision == "bf16":
            plugin.set_mixed_precision("bf16")
        accelerator.state.distributed_type = DistributedType.FSDP
        accelerator.state.fsdp_plugin = plugin
    return accelerator
