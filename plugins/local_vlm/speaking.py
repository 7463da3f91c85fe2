"""Writing with a model of transformers: greedy or by beams, many questions at a time, interrupted at any layer."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from roi_assistant.api import CaptionerError, RoiAssistantError

if TYPE_CHECKING:
    from .loading import Loaded

ROWS = 8
"""Questions that are answered at a time; halved for good when memory does not suffice."""
AT_A_TIME = 4
"""Tokens of a stream that are written before they are shown."""
Row = list[tuple[int, float]]
"""What was written: ids of tokens and their log probabilities. Where it ends with a token that ends answers, it was
finished."""
_One = TypeVar("_One")
_Said = TypeVar("_Said")


class Speaker:
    """Lets a model write. ``interrupt`` is called before every layer, and what it raises passes."""

    def __init__(self, loaded: Loaded) -> None:
        import torch

        self._torch = torch
        self._model = loaded.model
        self._tokenizer = loaded.processor.tokenizer
        self._id, self._precision = loaded.info.id, loaded.info.precision
        self._rows = ROWS
        self._raised: BaseException | None = None
        self.interrupt: Callable[[], None] = lambda: None
        self.ends = _end_tokens(loaded)
        named = inspect.signature(self._model.forward).parameters
        self.cache_name = "cache" if "cache" in named else "past_key_values"  # the name changes in 5.x
        for module in self._model.modules():
            if isinstance(module, torch.nn.ModuleList):
                for layer in module:
                    layer.register_forward_pre_hook(self._pause)

    def _pause(self, *_: object) -> None:
        try:
            self.interrupt()
        except BaseException as error:
            self._raised = error
            raise

    def write(self, inputs: dict[str, Any], *, most: int, cache: Any = None) -> list[Row]:
        """What comes after each row of ``inputs`` (``input_ids``: rows x tokens, padded at the left), the likeliest
        token each time, ``most`` tokens at most. ``cache`` holds what was computed for the first tokens; it is changed.
        """
        likely: list[Any] = []

        def watch(_ids: Any, scores: Any) -> Any:
            best = scores.max(dim=-1).values
            likely.append(best - scores.logsumexp(dim=-1))
            return scores

        output = self._generate(inputs, most=most, cache=cache, logits_processor=[watch])
        written = output.sequences[:, inputs["input_ids"].shape[1] :].tolist()
        logs = self._numbers(self._torch.stack(likely, dim=1)).tolist() if likely else [[]] * len(written)
        return [self._finished(list(zip(ids, row, strict=False))) for ids, row in zip(written, logs, strict=True)]

    def next_logs(self, inputs: dict[str, Any], *, cache: Any = None) -> Any:
        """The log probabilities of all tokens after each row of ``inputs`` (rows x vocabulary, float32). Arguments as
        of `write`."""
        seen: list[Any] = []

        def watch(_ids: Any, scores: Any) -> Any:
            seen.append(scores.float().log_softmax(dim=-1))
            return scores

        self._generate(inputs, most=1, cache=cache, logits_processor=[watch])
        return self._numbers(seen[0])

    def _numbers(self, logs: Any) -> Any:
        """``logs``, where they are numbers: sums that leave the range of the weights' type are none, and all that is
        written then is noise."""
        if bool(self._torch.isnan(logs).any()):
            raise CaptionerError(
                "{id} computes no numbers in {precision}: choose another precision, or use --device cpu.",
                id=self._id,
                precision=self._precision,
            )
        return logs

    def _finished(self, row: Row) -> Row:
        end = next((place for place, (token, _) in enumerate(row) if token in self.ends), len(row))
        return row[: end + 1]

    def stream(self, inputs: dict[str, Any], *, most: int, cache: Any = None) -> Iterator[int]:
        """The tokens after the one row of ``inputs``, as they are written, without the one that ends them."""
        mask = inputs["attention_mask"]
        left = most
        while left > 0:
            length = inputs["input_ids"].shape[1]
            output = self._generate(inputs, most=min(left, AT_A_TIME), cache=cache)
            written = output.sequences[0, length:].tolist()
            for token in written:
                if token in self.ends:
                    return
                yield token
            left -= len(written)
            cache = getattr(output, self.cache_name)
            more = mask.new_ones((1, len(written)))
            mask = self._torch.cat([mask, more], dim=1)
            inputs = {"input_ids": output.sequences, "attention_mask": mask}

    def beams(
        self, inputs: dict[str, Any], *, most: int, kept: int, beams: int = 3
    ) -> list[list[tuple[list[int], float]]]:
        """For each row of ``inputs`` the ``kept`` likeliest answers that a search with ``beams`` finds, and the
        geometric mean of the probabilities of their tokens."""
        output = self._generate(inputs, most=most, num_beams=beams, num_return_sequences=kept, output_scores=True)
        begin = 0 if self._model.config.is_encoder_decoder else inputs["input_ids"].shape[1]
        ids = output.sequences[:, begin:].tolist()
        scores = [math.exp(min(0.0, score)) for score in self._numbers(output.sequences_scores).tolist()]
        return [list(zip(ids[at : at + kept], scores[at : at + kept], strict=True)) for at in range(0, len(ids), kept)]

    def _generate(
        self,
        inputs: dict[str, Any],
        *,
        most: int,
        cache: Any = None,
        logits_processor: Sequence[Any] = (),
        num_beams: int = 1,
        **more: Any,
    ) -> Any:
        from transformers import GenerationConfig, LogitsProcessorList

        # A checkpoint's own configuration asks for sampling and penalties: an answer would differ each time, and its
        # probabilities not be the model's.
        config = GenerationConfig(
            max_new_tokens=most,
            do_sample=False,
            num_beams=num_beams,
            repetition_penalty=1.0,
            length_penalty=1.0,
            eos_token_id=sorted(self.ends),
            pad_token_id=self._pad,
            use_cache=True,
            return_dict_in_generate=True,
            **more,
        )
        held = {} if cache is None else {self.cache_name: cache}
        with self._torch.inference_mode():
            return self._model.generate(
                **inputs, **held, generation_config=config, logits_processor=LogitsProcessorList(logits_processor)
            )

    @property
    def _pad(self) -> int:
        pad = self._tokenizer.pad_token_id
        return min(self.ends) if pad is None else int(pad)

    def batches(self, things: Sequence[_One], answer: Callable[[Sequence[_One]], list[_Said]]) -> Iterator[_Said]:
        """What ``answer`` says to each of ``things``, as many at a time as memory holds.

        Raises:
            CaptionerError: it does not hold one, or the model cannot be asked.
        """
        start = 0
        while start < len(things):
            part = things[start : start + self._rows]
            said: list[_Said] | None
            with self.failures():
                try:
                    said = answer(part)
                except (self._torch.OutOfMemoryError, RuntimeError) as error:
                    if not self._is_memory(error) or self._rows == 1:
                        raise
                    said = None
            if said is None:
                # Outside of the handler: the traceback would keep what filled the memory.
                self._rows = max(1, min(self._rows, len(part)) // 2)
                self._free()
                continue
            yield from said
            start += len(part)

    @contextlib.contextmanager
    def failures(self) -> Iterator[None]:
        """What goes wrong inside, as one sentence.

        Raises:
            CaptionerError: memory does not suffice, or the libraries refuse a picture or a question.
        """
        self._raised = None
        try:
            yield
        except RoiAssistantError:
            raise
        except Exception as error:
            if error is self._raised:
                raise
            if self._is_memory(error):
                raise CaptionerError(
                    "There is too little memory for {id} and one photo: close other programs, or use a smaller model.",
                    id=self._id,
                ) from error
            raise CaptionerError(
                "{id} cannot answer: {reason}.", id=self._id, reason=" ".join(str(error).split())[:300]
            ) from error

    def _is_memory(self, error: BaseException) -> bool:
        return isinstance(error, self._torch.OutOfMemoryError) or "can't allocate memory" in str(error)

    def _free(self) -> None:
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def close(self) -> None:
        """Let go of the weights."""
        del self._model
        self._free()


def _end_tokens(loaded: Loaded) -> frozenset[int]:
    told = loaded.model.generation_config.eos_token_id
    ends: Iterable[int] = told if isinstance(told, list) else () if told is None else (told,)
    own = loaded.processor.tokenizer.eos_token_id
    return frozenset(ends) | (frozenset() if own is None else {int(own)})


class Pieces:
    """Tokens as texts that give the answer when they are joined. A letter of several tokens is whole in the last."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        # Decoding a few tokens back is enough for the spaces between words, and quick in a long answer.
        self._begin = self._told = 0

    def add(self, token: int) -> str:
        """What is new with ``token``."""
        self._ids.append(token)
        return self._new(finished=False)

    def rest(self) -> str:
        """What was held back because a letter was not whole."""
        return self._new(finished=True)

    def _new(self, *, finished: bool) -> str:
        before = self._decode(self._ids[self._begin : self._told])
        after = self._decode(self._ids[self._begin :])
        if len(after) <= len(before) or (after.endswith("\N{REPLACEMENT CHARACTER}") and not finished):
            return ""
        self._begin, self._told = self._told, len(self._ids)
        return after[len(before) :]

    def _decode(self, ids: list[int]) -> str:
        text = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(text)
