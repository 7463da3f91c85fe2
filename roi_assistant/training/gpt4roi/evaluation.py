"""Evaluation while training: the loss on conversations that are not trained on, and answers written to their
questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch

from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.models.gpt4roi.generation import Question, generate, prepare_image, region_vectors
from roi_assistant.models.gpt4roi.processing import Gpt4RoiProcessor
from roi_assistant.models.gpt4roi.prompting import answer_text
from roi_assistant.models.gpt4roi.reference_model import Gpt4RoiForConditionalGeneration
from roi_assistant.models.gpt4roi.tokenization import BOX, IMAGE_END
from roi_assistant.training.gpt4roi.conversations import Batch, collate, encode
from roi_assistant.training.gpt4roi.pictures import Prepared, prepared
from roi_assistant.training.gpt4roi.plan import Item, passes

UNSEEN = 1_000_000
"""An epoch that no training reaches: its wordings, and the order of its regions, are drawn for evaluation alone."""
_SPARE_TOKENS = 8
_TOGETHER = 16


def held_out(
    datasets: Sequence[RegionDataset],
    processor: Gpt4RoiProcessor,
    *,
    conversations: int,
    max_tokens: int,
    seed: int,
    world: int = 1,
) -> list[Item]:
    """``conversations`` of each data set, spread over it; a multiple of ``world`` in all."""
    items = []
    for dataset in datasets:
        count = min(conversations, len(dataset))
        for number in range(count):
            sample = dataset.sample(number * len(dataset) // count, seed=seed, epoch=UNSEEN)
            items.append(Item(dataset, sample, encode(sample, processor, max_tokens=max_tokens), ""))
    while len(items) % world:
        items.append(items[len(items) % world])
    return items


@dataclass(frozen=True, slots=True)
class HeldOutLoss:
    """Sum over ``tokens`` learned tokens."""

    total: float
    tokens: int


def held_out_loss(
    items: Sequence[Item],
    processor: Gpt4RoiProcessor,
    loss: Callable[[Batch], torch.Tensor],
    *,
    tokens_at_once: int,
    rank: int = 0,
    world: int = 1,
) -> HeldOutLoss:
    """That of the share of one of ``world`` processes; ``loss`` gives the sum over a batch."""
    groups = passes([len(i.encoded.ids) for i in items], tokens_at_once=tokens_at_once, world=world)
    total, tokens = 0.0, 0
    with torch.no_grad():
        for group in groups[rank::world]:
            ready = [prepared(items[index], processor) for index in group]
            total += float(loss(collate([e for e, _ in ready], [p for _, p in ready], processor=processor)))
            tokens += sum(e.learned for e, _ in ready)
    return HeldOutLoss(total, tokens)


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote where ``expected`` stands. ``turn`` 0 is the first answer of the conversation ``id``."""

    id: str
    turn: int
    expected: str
    written: str

    @property
    def same(self) -> bool:
        """Whether the model wrote what was expected, to the letter."""
        return self.expected == self.written


def answers(model: Gpt4RoiForConditionalGeneration, processor: Gpt4RoiProcessor, item: Item) -> list[Written]:
    """The model's likeliest answer to every question of a conversation, each after the true answers before it."""
    return _answers(model, processor, item, prepared(item, processor))


def _answers(
    model: Gpt4RoiForConditionalGeneration, processor: Gpt4RoiProcessor, item: Item, ready: Prepared
) -> list[Written]:
    encoded, pixels = ready
    tokenizer = processor.tokenizer
    end = encoded.ids.index(tokenizer.added[IMAGE_END]) + 1
    state = prepare_image(model, processor, pixels, shared=encoded.ids[:end])
    boxes = torch.tensor(encoded.boxes, dtype=torch.float32).reshape(-1, 4).to(model.device)
    vectors = region_vectors(model, state, boxes)
    questions = []
    for start, stop in encoded.spans:
        ids = encoded.ids[:start]
        mentioned = ids.count(tokenizer.added[BOX])
        questions.append(Question(ids, vectors[:mentioned], longest=stop - start + _SPARE_TOKENS))
    written = [
        answer_text(tokenizer.decode(continuation.tokens), finished=True)
        for first in range(0, len(questions), _TOGETHER)
        for continuation in generate(model, tokenizer, state, questions[first : first + _TOGETHER])
    ]
    expected = [answer_text(tokenizer.decode(encoded.ids[start:stop]), finished=True) for start, stop in encoded.spans]
    return [
        Written(item.sample.id, turn, truth, text)
        for turn, (truth, text) in enumerate(zip(expected, written, strict=True))
    ]


def as_log(written: Sequence[Written]) -> dict[str, object]:
    """Fields of a line of the log."""
    return {
        "answers": len(written),
        "answers_as_expected": sum(w.same for w in written),
        "examples": [asdict(w) for w in written[:12]],
    }
