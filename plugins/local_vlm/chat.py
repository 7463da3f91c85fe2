"""Any model with a chat template, asked about regions. Where the whole picture is shown, it is computed once."""

from __future__ import annotations

import copy
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from PIL import Image

from roi_assistant.api import (
    Answer,
    Ask,
    CaptionerError,
    CaptionerInfo,
    Message,
    OptionsAsk,
    OptionsRead,
    RegionForm,
    Token,
    qwen_resized,
    read_weights,
)

from .speaking import Pieces, Row, Speaker

if TYPE_CHECKING:
    from .loading import Loaded

PREFIXES_KEPT = 3
"""Beginnings of conversations that are kept computed: a picture that is worked on, the same with what all questions
about its regions begin with, and the picture before."""
WORTH_KEEPING = 16
"""Tokens after a picture that several questions share, from which on they are computed once. Fewer, such as the first
figure of a box, differ with the next question."""
THINKING = "enable_thinking"
"""What templates of models that can think look for. Thoughts cost seconds, and a caption needs none."""
GRAY = Image.new("RGB", (64, 48), (127, 127, 127))


@dataclass(frozen=True, slots=True)
class _Prefix:
    """What was computed of conversations that begin with the tokens ``ids``: the text ``head`` up to and with their
    ``picture``, which is ``head_length`` tokens, and perhaps more. ``cache`` is that of the layers, ``deltas`` how far
    positions are behind the number of tokens, where the model counts so."""

    picture: Image.Image
    head: str
    head_length: int
    ids: list[int]
    cache: Any
    deltas: Any


class LocalChatModel:
    """See `roi_assistant.api.ChatModel` and `roi_assistant.api.ReadsOptions`."""

    def __init__(self, loaded: Loaded) -> None:
        import torch

        self._torch = torch
        self._model, self._processor, self._family = loaded.model, loaded.processor, loaded.family
        self._device = loaded.device
        template = str(self._processor.chat_template or self._processor.tokenizer.chat_template)
        self._told_not_to_think = {THINKING: False} if THINKING in template else {}
        self._speaker = Speaker(loaded)
        self._prefixes: list[_Prefix] = []
        self._asked_last: tuple[Image.Image, list[int]] | None = None
        self._is_shared = self._may_share = False
        self.info: CaptionerInfo = loaded.info
        """See `roi_assistant.api.ChatModel`."""
        self.region_form = _region_form(loaded)
        """See `roi_assistant.api.ChatModel`."""
        hello = Ask(messages=(Message("user", "What is this?", (GRAY,)),), most_tokens=1)
        list(self.answers([hello]))
        with self._speaker.failures():
            self._may_share = self._can_share(hello)
            self._is_shared = self.region_form.telling == "text" and self._may_share
        self._letters = self._letter_ids()

    @property
    def interrupt(self) -> Callable[[], None]:
        """See `roi_assistant.api.ChatModel`."""
        return self._speaker.interrupt

    @interrupt.setter
    def interrupt(self, function: Callable[[], None]) -> None:
        self._speaker.interrupt = function

    def answers(self, asks: Sequence[Ask]) -> Iterator[Answer]:
        """See `roi_assistant.api.ChatModel`."""
        for _, group in groupby(asks, key=lambda ask: id(_picture_of(ask)) if self._is_shared else 0):
            yield from self._speaker.batches(list(group), self._answers)

    def option_reads(self, ask: OptionsAsk) -> Sequence[OptionsRead | None]:
        """See `roi_assistant.api.ReadsOptions`. Where the picture cannot be shared, each question would cost all of
        it: nothing is read."""
        if not (self._may_share and self._letters):
            return [None] * len(ask.questions)
        counts = [len(question.options) for question in ask.questions]
        weights = self._speaker.batches(ask.lettered, self.letter_weights)
        return [read_weights(row[:count]) for row, count in zip(weights, counts, strict=True)]

    def letter_weights(self, asks: Sequence[Ask]) -> list[list[float]]:
        """For each of ``asks`` (about one picture) how likely its answer begins with each capital letter: asks x 26."""
        inputs, cache = self._shared_inputs(asks, is_read=True) if self._may_share else self._whole_inputs(asks)
        likely = self._speaker.next_logs(inputs, cache=cache).exp()
        return [[sum(row[id_] for id_ in ids) for ids in self._letters] for row in likely.tolist()]

    def _letter_ids(self) -> list[list[int]]:
        """The tokens that are each capital letter alone or behind a blank; empty where a letter has none."""
        tokenizer = self._processor.tokenizer
        found = []
        for letter in string.ascii_uppercase:
            # Behind a blank as tokenizers of bytes and of pieces write it.
            names = tokenizer.convert_tokens_to_ids([letter, f"\u0120{letter}", f"\u2581{letter}"])
            ids = {id_ for id_ in names if id_ is not None and id_ != tokenizer.unk_token_id}
            found.append(sorted(ids))
        return found if all(found) else []

    def _answers(self, asks: Sequence[Ask]) -> list[Answer]:
        most = max(ask.most_tokens for ask in asks)
        inputs, cache = self.inputs(asks)
        rows = self._speaker.write(inputs, most=most, cache=cache)
        return [self._answer(row, ask) for row, ask in zip(rows, asks, strict=True)]

    def inputs(self, asks: Sequence[Ask]) -> tuple[dict[str, Any], Any]:
        """What the model is given for ``asks`` (about one picture, where it is shared): ``input_ids`` and
        ``attention_mask`` (asks x tokens, padding at the left of what differs), and either the pictures or the cache of
        what all begin with."""
        if self._is_shared and _picture_of(asks[0]) is not None:
            return self._shared_inputs(asks)
        return self._whole_inputs(asks)

    def _whole_inputs(self, asks: Sequence[Ask]) -> tuple[dict[str, Any], None]:
        pictures = [[picture for message in ask.messages for picture in message.pictures] for ask in asks]
        return self._encoded([self._rendered(ask) for ask in asks], pictures), None

    def _shared_inputs(self, asks: Sequence[Ask], *, is_read: bool = False) -> tuple[dict[str, Any], Any]:
        """``is_read``: nothing but the picture is kept computed for them. The words about a region come once, and would
        drive out what is needed for the next."""
        picture = _picture_of(asks[0])
        assert picture is not None
        prefix, tails = self._prefix(picture, [self._rendered(ask) for ask in asks], is_read=is_read)
        longest = max(map(len, tails))
        pad = self._processor.tokenizer.pad_token_id or 0
        begin = len(prefix.ids)
        ids = [prefix.ids + [pad] * (longest - len(tail)) + tail for tail in tails]
        real = [[1] * begin + [0] * (longest - len(tail)) + [1] * len(tail) for tail in tails]
        cache = copy.deepcopy(prefix.cache)
        cache.batch_repeat_interleave(len(asks))
        self._set_deltas(prefix.deltas)
        return {"input_ids": self._tensor(ids), "attention_mask": self._tensor(real)}, cache

    def stream(self, ask: Ask) -> Iterator[str]:
        """See `roi_assistant.api.ChatModel`."""
        pieces = Pieces(self._processor.tokenizer)
        with self._speaker.failures():
            inputs, cache = self.inputs([ask])
            for token in self._speaker.stream(inputs, most=ask.most_tokens, cache=cache):
                if piece := self._unmarked(pieces.add(token)):
                    yield piece
        if piece := pieces.rest():
            yield piece

    def close(self) -> None:
        """See `roi_assistant.api.ChatModel`."""
        self._prefixes.clear()
        self._asked_last = None
        del self._model
        self._speaker.close()

    def _answer(self, row: Row, ask: Ask) -> Answer:
        row = row[: ask.most_tokens]
        cut = not row or row[-1][0] not in self._speaker.ends
        pieces = Pieces(self._processor.tokenizer)
        tokens = []
        for token, log in row if cut else row[:-1]:
            tokens.append(Token(self._unmarked(pieces.add(token)), log))
        if tokens and (rest := pieces.rest()):
            tokens[-1] = Token(tokens[-1].text + rest, tokens[-1].log_probability)
        return Answer(text="".join(token.text for token in tokens), tokens=tuple(tokens), cut=cut)

    def _unmarked(self, piece: str) -> str:
        return "" if piece.strip() in self._family.markers else piece

    def _rendered(self, ask: Ask) -> str:
        messages = [
            {
                "role": message.role,
                "content": [*({"type": "image"} for _ in message.pictures), {"type": "text", "text": message.text}],
            }
            for message in ask.messages
        ]
        text = self._processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, **self._told_not_to_think
        )
        return str(text)

    def _encoded(self, texts: Sequence[str], pictures: Sequence[Sequence[Image.Image]]) -> dict[str, Any]:
        bos = self._processor.tokenizer.bos_token
        told = {"add_special_tokens": False} if bos is not None and texts[0].startswith(bos) else {}
        inputs = self._processor(
            text=list(texts),
            images=[list(one) for one in pictures] if any(pictures) else None,
            padding=True,
            return_tensors="pt",
            **told,
        )
        return dict(inputs.to(self._device, dtype=self._model.dtype))

    # What is shared

    def _can_share(self, ask: Ask) -> bool:
        """Whether a cache may be continued with several questions: all layers look at all tokens, and a conversation
        that is cut behind its picture gives the same tokens as the whole."""
        kinds = getattr(self._text_config, "layer_types", None) or ()
        text = self._rendered(ask)
        head, tail = self._split(text)
        if set(kinds) - {"full_attention"} or not head:
            return False
        whole = self._encoded([text], [[GRAY]])["input_ids"][0].tolist()
        parts = self._encoded([head], [[GRAY]])["input_ids"][0].tolist() + self._tail_ids(tail)
        return bool(whole == parts)

    def _split(self, text: str) -> tuple[str, str]:
        """``text`` up to and with its picture, and the rest."""
        head, mark, tail = text.partition(self._processor.image_token)
        return (head + mark, tail) if mark else ("", text)

    def _tail_ids(self, tail: str) -> list[int]:
        return list(self._processor.tokenizer(tail, add_special_tokens=False)["input_ids"])

    def _prefix(
        self, picture: Image.Image, texts: Sequence[str], *, is_read: bool = False
    ) -> tuple[_Prefix, list[list[int]]]:
        """What is computed of the conversations ``texts`` about ``picture``, and the tokens of each after that."""
        heads, ends = zip(*map(self._split, texts), strict=True)
        known = next((one for one in self._prefixes if one.picture is picture and one.head == heads[0]), None)
        first = known or self._begun(picture, heads[0])
        asked = [first.ids[: first.head_length] + self._tail_ids(end) for end in ends]
        fitting = [
            one for one in self._prefixes if one.picture is picture and all(_begins(ids, one.ids) for ids in asked)
        ]
        prefix = max(fitting, key=lambda one: len(one.ids)) if fitting else self._begun(picture, heads[0])
        # The question before this one tells what the next will begin with, too.
        compared = [*asked, self._asked_last[1]] if self._asked_last and self._asked_last[0] is picture else asked
        common = min(_common(compared), min(map(len, asked)) - 1)
        if not is_read:
            if len(compared) > 1 and common - len(prefix.ids) >= WORTH_KEEPING:
                prefix = self._continued(prefix, asked[0][len(prefix.ids) : common])
            self._asked_last = (picture, asked[-1])
        self._prefixes = [one for one in self._prefixes if one is not prefix] + [prefix]
        return prefix, [ids[len(prefix.ids) :] for ids in asked]

    def _begun(self, picture: Image.Image, head: str) -> _Prefix:
        from transformers import DynamicCache

        inputs = self._encoded([head], [[picture]])
        ids = inputs["input_ids"][0].tolist()
        return self._computed(picture, head, len(ids), ids, inputs, DynamicCache(config=self._text_config))

    def _continued(self, prefix: _Prefix, more: list[int]) -> _Prefix:
        self._set_deltas(prefix.deltas)
        cache = copy.deepcopy(prefix.cache)
        inputs = {"input_ids": self._tensor([more])}
        return self._computed(prefix.picture, prefix.head, prefix.head_length, prefix.ids + more, inputs, cache)

    def _computed(
        self, picture: Image.Image, head: str, head_length: int, ids: list[int], inputs: dict[str, Any], cache: Any
    ) -> _Prefix:
        del self._prefixes[: max(0, len(self._prefixes) - PREFIXES_KEPT + 1)]
        with self._torch.inference_mode():
            self._model(**inputs, **{self._speaker.cache_name: cache}, use_cache=True, logits_to_keep=1)
        prefix = _Prefix(picture, head, head_length, ids, cache, self._deltas())
        self._prefixes.append(prefix)
        return prefix

    def _tensor(self, rows: list[list[int]]) -> Any:
        return self._torch.tensor(rows, device=self._device)

    @property
    def _text_config(self) -> Any:
        return self._model.config.get_text_config()

    def _deltas(self) -> Any:
        """Models whose positions count the sides of pictures keep how far they are behind, for the last picture."""
        return getattr(self._model.model, "rope_deltas", None)

    def _set_deltas(self, deltas: Any) -> None:
        if deltas is not None:
            self._model.model.rope_deltas = deltas


def _begins(ids: list[int], begin: list[int]) -> bool:
    return len(begin) < len(ids) and ids[: len(begin)] == begin


def _common(rows: Sequence[list[int]]) -> int:
    """How many tokens all of ``rows`` begin with."""
    shortest = min(map(len, rows))
    return next((place for place in range(shortest) if len({row[place] for row in rows}) > 1), shortest)


def _picture_of(ask: Ask) -> Image.Image | None:
    """The one picture of ``ask``, which it begins with; None where it has none or several."""
    pictures = [picture for message in ask.messages for picture in message.pictures]
    return pictures[0] if len(pictures) == 1 and ask.messages[0].pictures else None


def _region_form(loaded: Loaded) -> RegionForm:
    family = loaded.family
    resized = None
    if family.form is not None and family.form.unit == "resized_pixels":
        images = loaded.processor.image_processor
        resized = partial(
            _resized,
            loaded.info.id,
            factor=images.patch_size * images.merge_size,
            min_pixels=images.size["shortest_edge"],
            max_pixels=images.size["longest_edge"],
        )
    return RegionForm(telling=family.telling, form=family.form, resized=resized)


def _resized(id: str, size: tuple[int, int], **bounds: int) -> tuple[int, int]:
    try:
        return qwen_resized(size, **bounds)
    except ValueError as error:
        raise CaptionerError("{id} cannot be shown this picture: {reason}.", id=id, reason=error) from error
