"""The decoder of the published GPT4RoI over buffers of keys and values, eagerly or compiled.

`KeyValueCache` grows within its capacity: attention sees what is written, and nothing but the length of the text counts
in time. `CompiledSteps` runs single tokens through ``torch.compile`` on buffers of a few fixed sizes, which stay where
they are, so that a GPU replays one recorded graph per size instead of being told each kernel anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import LlamaModel

from roi_assistant.errors import CaptionerError
from roi_assistant.models.gpt4roi.reference_config import ADDED_TOKENS
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration

Backend = Literal["inductor", "cudagraphs", "aot_eager", "eager"]
BLOCK = 256
"""Places by which the capacity of a compiled cache grows: each capacity is compiled for itself."""

_SIZES = 64
CACHE_ARGUMENT = "cache" if "cache" in inspect.signature(LlamaModel.forward).parameters else "past_key_values"
"""transformers 5.24 renamed it."""


class KeyValueCache:
    """Keys and values of all layers in buffers of a fixed length, written in place; the transformers models use it as
    theirs. Each is [rows, heads, capacity, head width]."""

    def __init__(self, model: Gpt4RoiForConditionalGeneration, *, rows: int, capacity: int) -> None:
        config = model.config.text_config
        heads = config.num_key_value_heads
        shape = (rows, heads, capacity, config.hidden_size // config.num_attention_heads)
        like = model.model.embed_tokens.weight
        self.keys = [like.new_zeros(shape) for _ in range(config.num_hidden_layers)]
        self.values = [like.new_zeros(shape) for _ in range(config.num_hidden_layers)]
        self.length = 0

    @property
    def nbytes(self) -> int:
        """Memory of the buffers in bytes, however much of them is filled."""
        return sum(t.nbytes for t in (*self.keys, *self.values))

    @property
    def rows(self) -> int:
        """Sequences that are continued side by side."""
        return int(self.keys[0].shape[0])

    @property
    def capacity(self) -> int:
        """The most tokens that a row can hold."""
        return int(self.keys[0].shape[2])

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens so far, the same for every layer; transformers calls it."""
        return self.length

    def update(self, key: Tensor, value: Tensor, layer_idx: int, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Append to one layer; the layers of a step are all written behind the same length."""
        end = self.length + key.shape[2]
        self.keys[layer_idx][:, :, self.length : end] = key
        self.values[layer_idx][:, :, self.length : end] = value
        if layer_idx == len(self.keys) - 1:
            self.length = end
        return self.keys[layer_idx][:, :, :end], self.values[layer_idx][:, :, :end]

    def begin_with(self, other: KeyValueCache, rows: Tensor | None = None) -> None:
        """Begin with ``rows`` of ``other``, or all rows with the only one that it has."""
        self.length = other.length
        for own, given in zip((*self.keys, *self.values), (*other.keys, *other.values), strict=True):
            known = given[:, :, : self.length]
            own[:, :, : self.length] = known if rows is None else known[rows]


class CompiledSteps:
    """Steps of one token through ``torch.compile``; one is used by one caller at a time.

    Buffers are kept per size and use, rows in powers of two and places in multiples of `BLOCK`, because a recorded
    graph belongs to the memory that it was recorded on. What a buffer holds is valid until `cache` gives it out again.
    """

    def __init__(self, model: Gpt4RoiForConditionalGeneration, *, backend: Backend = "inductor") -> None:
        # Sizes are few, but more than the 8 after which compiling is given up.
        torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, _SIZES)
        options = {"mode": "reduce-overhead"} if backend == "inductor" else {}
        self._model = model
        self._compiled = torch.compile(self._logits, backend=backend, fullgraph=True, dynamic=False, **options)
        self._caches: dict[tuple[str, int, int], KeyValueCache] = {}

    @property
    def nbytes(self) -> int:
        """Of all buffers."""
        return sum(cache.nbytes for cache in self._caches.values())

    def rows(self, needed: int) -> int:
        """The smallest number of rows that there are buffers for."""
        return int(1 << (needed - 1).bit_length())

    def cache(self, use: str, *, rows: int, capacity: int) -> KeyValueCache:
        """A buffer with at least ``capacity`` places, for the first of ``rows`` as `rows` gives it; the same for the
        same ``use`` and size."""
        size = (use, rows, -(-capacity // BLOCK) * BLOCK)
        if size not in self._caches:
            with torch.inference_mode(False):  # inference tensors cannot be compiled inputs that are written
                cache = KeyValueCache(self._model, rows=rows, capacity=size[2])
            for buffer in (*cache.keys, *cache.values):
                torch._dynamo.mark_static_address(buffer)
            self._caches[size] = cache
        return self._caches[size]

    def __call__(
        self, token: Tensor, cache: KeyValueCache, place: Tensor, visible: Tensor, positions: Tensor
    ) -> Tensor:
        """Write ``token`` [B] at ``place`` [1] of ``cache`` and give the logits [B, words] after it.

        ``visible`` [B, capacity] says which places count, up to ``place``; ``positions`` is [B, 1]. The logits are
        valid until the next step.

        Raises:
            CaptionerError: the machine cannot compile.
        """
        if cache.length >= cache.capacity:
            raise ValueError("the cache is full")
        try:
            torch.compiler.cudagraph_mark_step_begin()
            logits: Tensor = self._compiled(token, cache.keys, cache.values, place, visible, positions)
        except torch._dynamo.exc.BackendCompilerFailed as error:
            raise CaptionerError(
                "The model cannot be compiled on this computer ({reason}): use it uncompiled, or install "
                "what torch.compile needs (a C++ compiler, and Triton for a GPU).",
                reason=str(error).splitlines()[0],
            ) from error
        cache.length += 1
        return logits

    def _logits(
        self,
        token: Tensor,
        keys: Sequence[Tensor],
        values: Sequence[Tensor],
        place: Tensor,
        visible: Tensor,
        positions: Tensor,
    ) -> Tensor:
        embeddings = self._model.model.embed_tokens(token[:, None])
        mask = visible & (torch.arange(visible.shape[1], device=visible.device) <= place)
        return run_decoder(self._model, embeddings, _AtPlace(keys, values, place), mask[:, None], positions)[:, -1]


class _AtPlace:
    """A cache within one compiled step: where to write is a number on the device, and attention sees all places."""

    def __init__(self, keys: Sequence[Tensor], values: Sequence[Tensor], place: Tensor) -> None:
        self._keys, self._values, self._place = keys, values, place

    def update(self, key: Tensor, value: Tensor, layer_idx: int, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        keys, values = self._keys[layer_idx], self._values[layer_idx]
        keys.index_copy_(2, self._place, key)
        values.index_copy_(2, self._place, value)
        return keys, values


def run_decoder(
    model: Gpt4RoiForConditionalGeneration,
    embeddings: Tensor,
    cache: Any,
    mask: Tensor,
    positions: Tensor,
    *,
    last: int = 1,
) -> Tensor:
    """Logits [B, last, words] of the last places; ``mask`` is [B, T, all places], true where a place may look.

    The added tokens, which come last, are left out: they hold the places of features and are no words.
    """
    hidden = model.model(
        inputs_embeds=embeddings,
        attention_mask=mask[:, None],
        position_ids=positions,
        use_cache=True,
        **{CACHE_ARGUMENT: cache},
    ).last_hidden_state
    return model.lm_head(hidden[:, -last:])[..., :-ADDED_TOKENS]


def causal(length: int, before: int, device: torch.device) -> Tensor:
    """[length, before + length], true where a new place may look."""
    return torch.ones(length, before + length, dtype=torch.bool, device=device).tril(before)


def room_left(model: Gpt4RoiForConditionalGeneration, length: int) -> int:
    """Tokens that can follow ``length`` others.

    Raises:
        CaptionerError: none.
    """
    room = int(model.config.text_config.max_position_embeddings) - length
    if room < 1:
        raise CaptionerError(
            "The conversation has {length} tokens, which is more than the model reads: begin a new one.", length=length
        )
    return room
