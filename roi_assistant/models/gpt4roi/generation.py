"""Writing text with the published GPT4RoI: what regions and turns share is computed once.

The system text and the picture come first in every conversation, so their keys and values are computed once per picture
(`ImageState`) together with the fused pyramid. All questions about all regions of a picture continue from there in one
batch, padded on the left, each row at its own positions (`generate`). A conversation keeps its cache from turn to turn
(`ConversationCache`). `generate_naive` shares nothing and is what the tests compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from roi_assistant.errors import CaptionerError
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.prompting import has_ended
from roi_assistant.models.gpt4roi.reference_config import ADDED_TOKENS
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration, ImageFeatures
from roi_assistant.models.gpt4roi.tokenization import BOX, Gpt4RoiTokenizer

_TAIL = 4
"""``###`` ends within this many tokens of where it begins, however it is cut into tokens."""


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
        return sum(t.nbytes for t in (*self.keys, *self.values))

    @property
    def capacity(self) -> int:
        return int(self.keys[0].shape[2])

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self.length

    def update(self, key: Tensor, value: Tensor, layer_idx: int, *_: object) -> tuple[Tensor, Tensor]:
        """Append to one layer; the layers of a step are all written behind the same length."""
        end = self.length + key.shape[2]
        self.keys[layer_idx][:, :, self.length : end] = key
        self.values[layer_idx][:, :, self.length : end] = value
        if layer_idx == len(self.keys) - 1:
            self.length = end
        return self.keys[layer_idx][:, :, :end], self.values[layer_idx][:, :, :end]

    def begin_with(self, other: KeyValueCache) -> None:
        """Begin all rows with the one row of ``other``."""
        self.length = other.length
        for own, given in zip((*self.keys, *self.values), (*other.keys, *other.values), strict=True):
            own[:, :, : self.length] = given[:, :, : self.length]

    def keep_rows(self, rows: Tensor) -> None:
        self.keys = [key[rows] for key in self.keys]
        self.values = [value[rows] for value in self.values]


@dataclass(frozen=True)
class ImageState:
    """What all regions and conversations of a picture share."""

    maps: tuple[Tensor, ...]
    cache: KeyValueCache
    """Of system text and image, one row."""
    ids: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        return sum(m.nbytes for m in self.maps) + self.cache.nbytes


@dataclass(frozen=True)
class Question:
    """A prompt, the vectors [n, width] of its regions in the order of its ``<bbox>``, and the most tokens to write."""

    ids: tuple[int, ...]
    regions: Tensor
    longest: int
    temperature: float = 0.0
    """0: always the likeliest token."""
    top_p: float = 1.0


@dataclass(frozen=True)
class Continuation:
    """What was written: tokens with their log-probabilities, ``###`` or ``</s>`` included where it was reached."""

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]


@torch.inference_mode()
def prepare_image(model: Gpt4RoiForConditionalGeneration, processor: Gpt4RoiProcessor, pixels: Tensor) -> ImageState:
    """Encode a picture [3, S, S]: vision transformer, pyramid, and the decoder over system text and image."""
    features: ImageFeatures = model.encode_image(pixels[None].to(model.device))
    ids = processor.shared_ids()
    cache = KeyValueCache(model, rows=1, capacity=len(ids))
    embeddings = model.embed(_row(ids, model), image=features.tokens[0], regions=None)
    _run(model, embeddings, cache, _causal(len(ids), 0, model.device)[None], torch.arange(len(ids))[None])
    return ImageState(features.maps, cache, ids)


@torch.inference_mode()
def region_vectors(model: Gpt4RoiForConditionalGeneration, state: ImageState, boxes: Tensor) -> Tensor:
    """Boxes [n, 4] (xyxy, 0..1) of the picture -> [n, width]."""
    if not len(boxes):
        return model.model.embed_tokens.weight.new_zeros((0, model.config.text_config.hidden_size))
    return model.encode_regions(state.maps, [boxes])


@torch.inference_mode()
def generate(
    model: Gpt4RoiForConditionalGeneration,
    tokenizer: Gpt4RoiTokenizer,
    state: ImageState,
    questions: Sequence[Question],
    *,
    check_every: int = 1,
    generator: torch.Generator | None = None,
    interrupt: Callable[[], None] = lambda: None,
) -> list[Continuation]:
    """Answer all ``questions`` about a picture in one batch, each until it ends or is as long as it may be.

    Which rows have ended is looked at every ``check_every`` tokens: on a GPU, looking means waiting for it. Once half
    of the rows have ended, these leave the batch.

    Raises:
        CaptionerError: a prompt is longer than the model's context.
    """
    if not questions:
        return []
    room = _room(model, max(len(q.ids) for q in questions))
    longest = min(room, max(q.longest for q in questions))
    batch = _Batch(model, state, questions, longest=longest, generator=generator)
    written: list[list[int]] = [[] for _ in questions]
    scores: list[list[float]] = [[] for _ in questions]
    rows = list(range(len(questions)))  # the question of each row of the batch
    going = set(rows)
    while going:
        steps = min(check_every, longest - batch.written)
        tokens, log_probabilities = batch.write(steps, interrupt=interrupt)
        for row, question in enumerate(rows):
            if question not in going:
                continue
            for token, score in zip(tokens[row], log_probabilities[row], strict=True):
                written[question].append(token)
                scores[question].append(score)
                full = len(written[question]) >= min(room, questions[question].longest)
                if full or has_token_ended(tokenizer, written[question]):
                    going.discard(question)
                    break
        if going and len(going) <= len(rows) // 2:
            kept = [row for row, question in enumerate(rows) if question in going]
            batch.keep_rows(kept)
            rows = [rows[row] for row in kept]
    return [Continuation(tuple(t), tuple(s)) for t, s in zip(written, scores, strict=True)]


class _Batch:
    """Rows that continue from the same picture."""

    def __init__(
        self,
        model: Gpt4RoiForConditionalGeneration,
        state: ImageState,
        questions: Sequence[Question],
        *,
        longest: int,
        generator: torch.Generator | None,
    ) -> None:
        shared = len(state.ids)
        if any(q.ids[:shared] != state.ids for q in questions):
            raise ValueError("a question does not begin with the system text and the image")
        own = [q.ids[shared:] for q in questions]
        width = max(map(len, own))
        device = model.device
        gaps = torch.tensor([width - len(ids) for ids in own], device=device)
        self._model, self._generator = model, generator
        self._ids = torch.tensor([[0] * (width - len(ids)) + list(ids) for ids in own], device=device)
        self._regions = torch.cat([q.regions for q in questions])
        self._cache = KeyValueCache(model, rows=len(own), capacity=shared + width + longest)
        self._cache.begin_with(state.cache)
        column = torch.arange(self._cache.capacity, device=device)
        self._visible = (column < shared) | (column >= shared + gaps[:, None])
        self._positions = (shared + torch.arange(width, device=device) - gaps[:, None]).clamp_min(shared)
        self._temperature = torch.tensor([q.temperature for q in questions], device=device)
        self._top_p = torch.tensor([q.top_p for q in questions], device=device)
        self._samples = any(q.temperature > 0 for q in questions)
        self._last: Tensor | None = None
        self.written = 0
        """Tokens that each row has."""

    def write(self, steps: int, *, interrupt: Callable[[], None]) -> tuple[list[list[int]], list[list[float]]]:
        """The next tokens of all rows, those that have ended too, and their log-probabilities."""
        tokens, scores = [], []
        for _ in range(steps):
            interrupt()
            token, score = self._choose(self._first() if self._last is None else self._next(self._last))
            self._last = token
            tokens.append(token)
            scores.append(score)
        self.written += steps
        return torch.stack(tokens, 1).tolist(), torch.stack(scores, 1).tolist()

    def keep_rows(self, rows: Sequence[int]) -> None:
        index = torch.tensor(rows, device=self._visible.device)
        self._cache.keep_rows(index)
        self._visible, self._positions = self._visible[index], self._positions[index]
        self._temperature, self._top_p = self._temperature[index], self._top_p[index]
        if self._last is not None:
            self._last = self._last[index]

    def _first(self) -> Tensor:
        before, length = self._cache.length, self._ids.shape[1]
        embeddings = self._model.embed(self._ids, image=None, regions=self._regions)
        mask = self._visible[:, None, : before + length] & _causal(length, before, self._ids.device)
        logits = _run(self._model, embeddings, self._cache, mask, self._positions)
        self._positions = self._positions[:, -1:]
        return logits

    def _next(self, token: Tensor) -> Tensor:
        self._positions = self._positions + 1
        embeddings = self._model.model.embed_tokens(token[:, None])
        mask = self._visible[:, None, : self._cache.length + 1]
        return _run(self._model, embeddings, self._cache, mask, self._positions)

    def _choose(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        log_probabilities = torch.log_softmax(logits.float(), dim=-1)
        token = log_probabilities.argmax(-1)
        if self._samples:
            drawn = _sample(log_probabilities, self._temperature, self._top_p, self._generator)
            token = torch.where(self._temperature > 0, drawn, token)
        return token, log_probabilities.gather(1, token[:, None])[:, 0]


def _sample(log_probabilities: Tensor, temperature: Tensor, top_p: Tensor, generator: torch.Generator | None) -> Tensor:
    """One token per row [B] among the likeliest that have ``top_p`` of the probability together."""
    scaled = torch.softmax(log_probabilities / temperature.clamp_min(1e-4)[:, None], dim=-1)
    ordered, index = scaled.sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    ordered = ordered.masked_fill(before >= top_p[:, None], 0.0)
    return index.gather(1, torch.multinomial(ordered, 1, generator=generator))[:, 0]


class ConversationCache:
    """The decoder's state of one conversation about a picture: a turn runs over what is new in it only."""

    def __init__(self, model: Gpt4RoiForConditionalGeneration, state: ImageState) -> None:
        self._model, self._state = model, state
        self._cache = state.cache
        self._keys: list[int | tuple[float, ...]] = list(state.ids)

    @property
    def length(self) -> int:
        """Places whose keys and values are known."""
        return len(self._keys)

    def reply(
        self,
        tokenizer: Gpt4RoiTokenizer,
        ids: Sequence[int],
        boxes: Tensor,
        *,
        longest: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Iterator[int]:
        """The tokens of the answer to the conversation ``ids`` with ``boxes`` [n, 4] (xyxy, 0..1) in the order of its
        ``<bbox>``, one by one.

        Raises:
            CaptionerError: the conversation is longer than the model's context.
        """
        model = self._model
        keys = _place_keys(ids, boxes, tokenizer.added[BOX])
        longest = min(longest, _room(model, len(ids)))
        with torch.inference_mode():
            logits = self._continue(keys, ids, boxes, longest=longest)
            written: list[int] = []
            warm = torch.tensor([temperature], device=logits.device)
            share = torch.tensor([top_p], device=logits.device)
        while True:
            with torch.inference_mode():
                if temperature > 0:
                    likely = torch.log_softmax(logits.float(), dim=-1)
                    token = int(_sample(likely, warm, share, generator))
                else:
                    token = int(logits.argmax(-1))
            written.append(token)
            yield token
            if has_token_ended(tokenizer, written) or len(written) >= longest:
                return
            with torch.inference_mode():
                embeddings = model.model.embed_tokens(_row([token], model))
                logits = self._feed(embeddings, [token])

    def _continue(
        self, keys: list[int | tuple[float, ...]], ids: Sequence[int], boxes: Tensor, *, longest: int
    ) -> Tensor:
        common = 0
        for known, wanted in zip(self._keys, keys[:-1], strict=False):
            if known != wanted:
                break
            common += 1
        if self._cache is self._state.cache or self._cache.capacity < len(keys) + longest:
            larger = KeyValueCache(self._model, rows=1, capacity=len(keys) + longest)
            larger.begin_with(self._cache)
            self._cache = larger
        self._cache.length = common
        del self._keys[common:]
        known_boxes = sum(isinstance(key, tuple) for key in keys[:common])
        regions = region_vectors(self._model, self._state, boxes[known_boxes:])
        embeddings = self._model.embed(_row(ids[common:], self._model), image=None, regions=regions)
        return self._feed(embeddings, keys[common:])

    def _feed(self, embeddings: Tensor, keys: Sequence[int | tuple[float, ...]]) -> Tensor:
        before, length = self._cache.length, len(keys)
        mask = _causal(length, before, embeddings.device)[None]
        logits = _run(self._model, embeddings, self._cache, mask, torch.arange(before, before + length)[None])
        self._keys += keys
        return logits


def has_token_ended(tokenizer: Gpt4RoiTokenizer, tokens: Sequence[int]) -> bool:
    """Whether the last of ``tokens`` ends an answer."""
    return tokens[-1] == tokenizer.end or has_ended(tokenizer.decode(tokens[-_TAIL:]))


@torch.inference_mode()
def generate_naive(
    model: Gpt4RoiForConditionalGeneration,
    tokenizer: Gpt4RoiTokenizer,
    pixels: Tensor,
    ids: Sequence[int],
    boxes: Tensor,
    *,
    longest: int,
) -> tuple[tuple[int, ...], Tensor]:
    """The likeliest answer with everything, the picture too, computed anew for every token; and the logits [tokens,
    words] that each token was chosen by."""
    written: list[int] = []
    found = []
    while len(written) < longest:
        row = _row([*ids, *written], model)
        output = model(input_ids=row, pixel_values=pixels[None].to(model.device), boxes=[boxes], logits_to_keep=1)
        found.append(output.logits[0, -1, :-ADDED_TOKENS])
        written.append(int(found[-1].argmax()))
        if has_token_ended(tokenizer, written):
            break
    return tuple(written), torch.stack(found)


def _place_keys(ids: Sequence[int], boxes: Tensor, box_id: int) -> list[int | tuple[float, ...]]:
    """What makes two places of two conversations alike: the token, and at ``<bbox>`` the box."""
    remaining = iter(boxes.tolist())
    return [tuple(next(remaining)) if number == box_id else number for number in ids]


def _row(ids: Sequence[int], model: Gpt4RoiForConditionalGeneration) -> Tensor:
    return torch.tensor([list(ids)], device=model.device)


def _causal(length: int, before: int, device: torch.device) -> Tensor:
    """[length, before + length], true where a new place may look."""
    return torch.ones(length, before + length, dtype=torch.bool, device=device).tril(before)


def _run(
    model: Gpt4RoiForConditionalGeneration, embeddings: Tensor, cache: KeyValueCache, mask: Tensor, positions: Tensor
) -> Tensor:
    """Logits [B, words] after the last place; ``mask`` is [B, T, all places].

    The added tokens, which come last, are left out: they hold the places of features and are no words.
    """
    output = model(
        inputs_embeds=embeddings,
        attention_mask=mask[:, None],
        position_ids=positions.to(embeddings.device),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return output.logits[:, -1, :-ADDED_TOKENS]  # type: ignore[no-any-return]


def _room(model: Gpt4RoiForConditionalGeneration, length: int) -> int:
    """Tokens that can follow ``length`` others.

    Raises:
        CaptionerError: none.
    """
    room = int(model.config.text_config.max_position_embeddings) - length
    if room < 1:
        raise CaptionerError(
            f"The conversation has {length} tokens, which is more than the model reads: begin a new one."
        )
    return room
