"""Writing text with the published GPT4RoI: what regions and turns share is computed once.

The system text and the picture come first in every conversation, so their keys and values are computed once per picture
(`ImageState`) together with the fused pyramid. All questions about all regions of a picture continue from there in one
batch, padded on the left, each row at its own positions (`generate`). A conversation keeps its cache from turn to turn
(`ConversationCache`). `generate_naive` shares nothing and is what the tests compare with.

Tokens are chosen and fed back on the device. What was written is copied to the host and looked at ``ahead`` steps
later, so that a GPU has its next steps before it has done this one and never waits for the host to look.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.prompting import has_ended
from roi_assistant.models.gpt4roi.reference_config import ADDED_TOKENS
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration, ImageFeatures
from roi_assistant.models.gpt4roi.steps import CompiledSteps, KeyValueCache, causal, room_left, run_decoder
from roi_assistant.models.gpt4roi.tokenization import BOX, Gpt4RoiTokenizer

_TAIL = 4
"""``###`` ends within this many tokens of where it begins, however it is cut into tokens."""


@dataclass(frozen=True)
class ImageState:
    """What all regions and conversations of a picture share."""

    maps: tuple[Tensor, ...]
    cache: KeyValueCache
    """Of system text and image, one row."""
    ids: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Memory of the maps and the cache, in bytes."""
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
def prepare_image(
    model: Gpt4RoiForConditionalGeneration,
    processor: Gpt4RoiProcessor,
    pixels: Tensor,
    *,
    shared: tuple[int, ...] | None = None,
) -> ImageState:
    """Encode a picture [3, S, S]: vision transformer, pyramid, and the decoder over system text and image.

    ``shared`` are the ids up to the end of the image, where they are not those of `Gpt4RoiProcessor.shared_ids`.
    """
    features: ImageFeatures = model.encode_image(pixels[None].to(model.device))
    ids = shared if shared is not None else processor.shared_ids()
    cache = KeyValueCache(model, rows=1, capacity=len(ids))
    embeddings = model.embed(_row(ids, model), image=features.tokens.unbind(), regions=None)
    places = torch.arange(len(ids), device=model.device)[None]
    run_decoder(model, embeddings, cache, causal(len(ids), 0, model.device)[None], places)
    return ImageState(features.maps, cache, ids)


@torch.inference_mode()
def region_vectors(model: Gpt4RoiForConditionalGeneration, state: ImageState, boxes: Tensor) -> Tensor:
    """Boxes [n, 4] (xyxy, 0..1) of the picture -> [n, width]."""
    if not len(boxes):
        return model.model.embed_tokens.weight.new_zeros((0, model.config.text_config.hidden_size))
    return model.encode_regions(state.maps, [boxes])[0]


@torch.inference_mode()
def generate(
    model: Gpt4RoiForConditionalGeneration,
    tokenizer: Gpt4RoiTokenizer,
    state: ImageState,
    questions: Sequence[Question],
    *,
    ahead: int = 0,
    compiled: CompiledSteps | None = None,
    generator: torch.Generator | None = None,
    interrupt: Callable[[], None] = lambda: None,
) -> list[Continuation]:
    """Answer all ``questions`` about a picture in one batch, each until it ends or is as long as it may be.

    A token is looked at when ``ahead`` further steps have been given to the device, which are for nothing if it ends
    the last answer. Once half of the rows have ended, these leave the batch. ``compiled`` runs the steps, if given.

    Raises:
        CaptionerError: a prompt is longer than the model's context, or the model cannot be compiled.
    """
    if not questions:
        return []
    room = room_left(model, max(len(q.ids) for q in questions))
    longest = min(room, max(q.longest for q in questions))
    batch = _Batch(model, state, questions, longest=longest, generator=generator, compiled=compiled)
    written: list[list[int]] = [[] for _ in questions]
    scores: list[list[float]] = [[] for _ in questions]
    rows = list(range(len(questions)))  # the question of each row of the batch
    going = set(rows)
    under_way: deque[tuple[list[int], _Reading]] = deque()
    while going:
        if batch.written < longest:
            interrupt()
            under_way.append((rows, _Reading(*batch.write())))
        if len(under_way) <= ahead and batch.written < longest:
            continue
        numbers, reading = under_way.popleft()
        tokens, log_probabilities = reading.result()
        for question, token, score in zip(numbers, tokens, log_probabilities, strict=False):  # rows that fill up
            if question not in going:
                continue
            written[question].append(token)
            scores[question].append(score)
            full = len(written[question]) >= min(room, questions[question].longest)
            if full or has_token_ended(tokenizer, written[question]):
                going.discard(question)
        if going and len(going) <= len(rows) // 2:
            kept = [row for row, question in enumerate(rows) if question in going]
            batch.keep_rows(kept)
            rows = [rows[row] for row in kept]
    return [Continuation(tuple(t), tuple(s)) for t, s in zip(written, scores, strict=True)]


class _Reading:
    """Tokens [B] and their log-probabilities on the way to the host."""

    def __init__(self, token: Tensor, score: Tensor | None = None) -> None:
        both = token[None].double() if score is None else torch.stack([token.double(), score.double()])
        self._host = both.to("cpu", non_blocking=True)
        self._arrived = torch.cuda.Event() if both.is_cuda else None
        if self._arrived is not None:
            self._arrived.record()

    def result(self) -> tuple[list[int], list[float]]:
        """Waits for the step that they are of, not for those after it."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return [int(number) for number in self._host[0].tolist()], self._host[-1].tolist()


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
        compiled: CompiledSteps | None = None,
    ) -> None:
        shared = len(state.ids)
        if any(q.ids[:shared] != state.ids for q in questions):
            raise ValueError("a question does not begin with the system text and the image")
        if compiled is not None:  # rows that fill up say what the first one says
            questions = [*questions, *[questions[0]] * (compiled.rows(len(questions)) - len(questions))]
        own = [q.ids[shared:] for q in questions]
        width = max(map(len, own))
        device = model.device
        gaps = torch.tensor([width - len(ids) for ids in own], device=device)
        self._model, self._generator, self._compiled = model, generator, compiled
        self._ids = torch.tensor([[0] * (width - len(ids)) + list(ids) for ids in own], device=device)
        self._regions = [q.regions for q in questions]
        self._cache = self._new_cache(len(own), shared + width + longest)
        self._cache.begin_with(state.cache)
        column = torch.arange(self._cache.capacity, device=device)
        self._visible = (column < shared) | (column >= shared + gaps[:, None])
        self._positions = (shared + torch.arange(width, device=device) - gaps[:, None]).clamp_min(shared)
        self._place = torch.tensor([shared + width - 1], device=device)
        """Where the last token is in the cache."""
        self._temperature = torch.tensor([q.temperature for q in questions], device=device)
        self._top_p = torch.tensor([q.top_p for q in questions], device=device)
        self._samples = any(q.temperature > 0 for q in questions)
        self._last: Tensor | None = None
        self.written = 0
        """Tokens that each row has."""

    def write(self) -> tuple[Tensor, Tensor]:
        """The next token of all rows [B], those that have ended too, and their log-probabilities [B]."""
        self._last, scores = self._choose(self._first() if self._last is None else self._next(self._last))
        self.written += 1
        return self._last, scores

    def keep_rows(self, rows: Sequence[int]) -> None:
        if self._compiled is not None:
            rows = [*rows, *[rows[0]] * (self._compiled.rows(len(rows)) - len(rows))]
        index = torch.tensor(rows, device=self._visible.device)
        cache = self._new_cache(len(rows), self._cache.capacity)
        cache.begin_with(self._cache, index)
        self._cache = cache
        self._visible, self._positions = self._visible[index], self._positions[index]
        self._temperature, self._top_p = self._temperature[index], self._top_p[index]
        if self._last is not None:
            self._last = self._last[index]

    def _new_cache(self, rows: int, capacity: int) -> KeyValueCache:
        if self._compiled is None:
            return KeyValueCache(self._model, rows=rows, capacity=capacity)
        return self._compiled.cache("batch", rows=rows, capacity=capacity)

    def _first(self) -> Tensor:
        before, length = self._cache.length, self._ids.shape[1]
        embeddings = self._model.embed(self._ids, image=None, regions=self._regions)
        mask = self._visible[:, None, : before + length] & causal(length, before, self._ids.device)
        logits = run_decoder(self._model, embeddings, self._cache, mask, self._positions)
        self._positions = self._positions[:, -1:]
        return logits[:, -1]

    def _next(self, token: Tensor) -> Tensor:
        self._positions = self._positions + 1
        if self._compiled is not None:
            self._place = self._place + 1
            return self._compiled(token, self._cache, self._place, self._visible, self._positions)
        embeddings = self._model.model.embed_tokens(token[:, None])
        mask = self._visible[:, None, : self._cache.length + 1]
        return run_decoder(self._model, embeddings, self._cache, mask, self._positions)[:, -1]

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
    # The first of independent exponential times with these rates: what torch.multinomial draws, without its checks,
    # for which the host would wait.
    times = torch.empty_like(ordered).exponential_(generator=generator)
    return index.gather(1, (ordered / times).argmax(-1, keepdim=True))[:, 0]


class ConversationCache:
    """The decoder's state of one conversation about a picture: a turn runs over what is new in it only.

    With ``compiled`` the state lives in its buffers, so that there may be one conversation at a time.
    """

    def __init__(
        self,
        model: Gpt4RoiForConditionalGeneration,
        state: ImageState,
        *,
        ahead: int = 0,
        compiled: CompiledSteps | None = None,
    ) -> None:
        self._model, self._state, self._ahead, self._compiled = model, state, ahead, compiled
        self._cache = state.cache
        self._prompt: list[int | tuple[float, ...]] = list(state.ids)
        self._written: list[int] = []
        self._fed = 0

    @property
    def _keys(self) -> list[int | tuple[float, ...]]:
        """What stands at each place whose keys and values are known; places behind these are written over."""
        return [*self._prompt, *self._written[: self._fed]]

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
    ) -> Iterator[int]:
        """The likeliest answer to the conversation ``ids`` with ``boxes`` [n, 4] (xyxy, 0..1) in the order of its
        ``<bbox>``, token by token.

        Raises:
            CaptionerError: the conversation is longer than the model's context, or the model cannot be compiled.
        """
        keys = _place_keys(ids, boxes, tokenizer.added[BOX])
        longest = min(longest, room_left(self._model, len(ids)))
        with torch.inference_mode():
            logits = self._continue(keys, ids, boxes, longest=longest)
            places = torch.tensor([len(ids) - 1], device=logits.device)
        under_way: deque[_Reading] = deque()
        chosen = 0
        while True:
            with torch.inference_mode():
                token = logits.argmax(-1)
                under_way.append(_Reading(token))
                chosen += 1
            while len(under_way) > self._ahead or (under_way and chosen == longest):
                self._written.append(under_way.popleft().result()[0][0])
                yield self._written[-1]
                if has_token_ended(tokenizer, self._written) or len(self._written) == longest:
                    return
            with torch.inference_mode():
                places = places + 1
                logits = self._step(token, places)
                self._fed += 1

    def _continue(
        self, keys: list[int | tuple[float, ...]], ids: Sequence[int], boxes: Tensor, *, longest: int
    ) -> Tensor:
        common = 0
        known_keys = self._keys
        for known, given in zip(known_keys, keys[:-1], strict=False):
            if known != given:
                break
            common += 1
        if self._cache is self._state.cache or self._cache.capacity < len(keys) + longest:
            larger = self._larger_cache(len(keys) + longest)
            larger.begin_with(self._cache)
            self._cache = larger
        self._cache.length = common
        self._prompt, self._written, self._fed = known_keys[:common], [], 0
        known_boxes = sum(isinstance(key, tuple) for key in keys[:common])
        regions = region_vectors(self._model, self._state, boxes[known_boxes:])
        embeddings = self._model.embed(_row(ids[common:], self._model), image=None, regions=[regions])
        length, device = len(keys) - common, embeddings.device
        positions = torch.arange(common, len(keys), device=device)[None]
        logits = run_decoder(self._model, embeddings, self._cache, causal(length, common, device)[None], positions)
        self._prompt = keys
        return logits[:, -1]

    def _larger_cache(self, capacity: int) -> KeyValueCache:
        if self._compiled is None:
            return KeyValueCache(self._model, rows=1, capacity=capacity)
        return self._compiled.cache("conversation", rows=1, capacity=capacity)

    def _step(self, token: Tensor, place: Tensor) -> Tensor:
        """Feed one token [1]; ``place`` [1] is where it stands in the conversation and in the cache."""
        if self._compiled is not None:
            visible = torch.ones(1, self._cache.capacity, dtype=torch.bool, device=token.device)
            return self._compiled(token, self._cache, place, visible, place[None])
        mask = torch.ones(1, 1, self._cache.length + 1, dtype=torch.bool, device=token.device)
        embeddings = self._model.model.embed_tokens(token[:, None])
        return run_decoder(self._model, embeddings, self._cache, mask, place[None])[:, -1]


@torch.inference_mode()
def score_continuations(
    model: Gpt4RoiForConditionalGeneration,
    state: ImageState,
    ids: Sequence[int],
    regions: Tensor,
    continuations: Sequence[Sequence[int]],
) -> list[float]:
    """The log-probability of each of ``continuations`` after the prompt ``ids`` with ``regions`` [n, width].

    The prompt is read once, behind what the picture shares, and the continuations together behind it.

    Raises:
        CaptionerError: prompt and continuation are longer than the model's context.
    """
    shared, longest = len(state.ids), max(map(len, continuations))
    if tuple(ids[:shared]) != state.ids or not min(map(len, continuations)):
        raise ValueError("a prompt does not begin with the system text and the image, or a continuation is empty")
    room_left(model, len(ids) + longest - 1)
    device = model.device
    prompt = KeyValueCache(model, rows=1, capacity=len(ids))
    prompt.begin_with(state.cache)
    embeddings = model.embed(_row(ids[shared:], model), image=None, regions=[regions])
    places = torch.arange(shared, len(ids), device=device)[None]
    mask = causal(len(ids) - shared, shared, device)[None]
    logits = run_decoder(model, embeddings, prompt, mask, places).expand(len(continuations), -1, -1)
    # What fills up a row stands behind it, where nothing that counts looks.
    padded = [[*tokens, *[0] * (longest - len(tokens))] for tokens in continuations]
    tokens = torch.tensor(padded, device=device)
    if longest > 1:
        rows = KeyValueCache(model, rows=len(padded), capacity=len(ids) + longest - 1)
        rows.begin_with(prompt)
        places = torch.arange(len(ids), rows.capacity, device=device)[None]
        mask = causal(longest - 1, len(ids), device)[None]
        embeddings = model.model.embed_tokens(tokens[:, :-1])
        behind = run_decoder(model, embeddings, rows, mask, places, last=longest - 1)
        logits = torch.cat([logits, behind], dim=1)
    log_probabilities = torch.log_softmax(logits.float(), dim=-1).gather(2, tokens[..., None])[..., 0]
    counts = torch.tensor([[k < len(tokens) for k in range(longest)] for tokens in continuations], device=device)
    return (log_probabilities * counts).sum(1).tolist()


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
    all_logits = []
    while len(written) < longest:
        row = _row([*ids, *written], model)
        output = model(input_ids=row, pixel_values=pixels[None].to(model.device), boxes=[boxes], logits_to_keep=1)
        all_logits.append(output.logits[0, -1, :-ADDED_TOKENS])
        written.append(int(all_logits[-1].argmax()))
        if has_token_ended(tokenizer, written):
            break
    return tuple(written), torch.stack(all_logits)


def _place_keys(ids: Sequence[int], boxes: Tensor, box_id: int) -> list[int | tuple[float, ...]]:
    """What makes two places of two conversations alike: the token, and at ``<bbox>`` the box."""
    remaining = iter(boxes.tolist())
    return [tuple(next(remaining)) if number == box_id else number for number in ids]


def _row(ids: Sequence[int], model: Gpt4RoiForConditionalGeneration) -> Tensor:
    return torch.tensor([list(ids)], device=model.device)
