"""Several questions share one prefix and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tokenizers import Tokenizer

from roi_assistant.core.prompts import END, ask, prefix
from roi_assistant.training.mini.instructions import Exchange

SAMPLES = [
    (
        1,
        [
            Exchange("phrase", "describe <region1>", "a clown", weight=2.0),
            Exchange("color", "what color is <region1>", "red and blue"),
            Exchange("category", "category of <region1>", "clown"),
        ],
    ),
    (2, [Exchange("relation", "what is <region1> doing to <region2>", "chasing")]),
]


@pytest.fixture
def batch(text_encoder: Any) -> Any:
    return text_encoder.batch(SAMPLES)


def layout(text_encoder: Any, sample: tuple[int, list[Exchange]]) -> list[tuple[int, int]]:
    """Where the prefix and each block of a row begin and end."""
    bounds = [(0, len(text_encoder.prefix(sample[0])))]
    for exchange in sample[1]:
        length = len(text_encoder.encode(ask(exchange.question))) + len(text_encoder.encode(exchange.answer))
        bounds.append((bounds[-1][1], bounds[-1][1] + length))
    return bounds


def test_row_is_the_prefix_and_its_questions(tokenizer: Tokenizer, text_encoder: Any, batch: Any) -> None:
    for row, sample in enumerate(SAMPLES):
        start = prefix(regions=sample[0], image_tokens=5, region_tokens=4)
        expected = start + "".join(ask(e.question) + e.answer for e in sample[1])
        ids = batch.ids[row].tolist()
        end = layout(text_encoder, sample)[-1][1]
        assert set(ids[end:]) <= {text_encoder.pad}
        assert (
            tokenizer.decode(ids[:end], skip_special_tokens=False).split()
            == tokenizer.decode(
                tokenizer.encode(expected, add_special_tokens=False).ids, skip_special_tokens=False
            ).split()
        )
    assert batch.ids.shape[1] == max(layout(text_encoder, sample)[-1][1] for sample in SAMPLES)


def test_positions_start_again_after_the_prefix(text_encoder: Any, batch: Any) -> None:
    for row, sample in enumerate(SAMPLES):
        (_, end), *blocks = layout(text_encoder, sample)
        assert batch.positions[row, :end].tolist() == list(range(end))
        for start, stop in blocks:
            assert batch.positions[row, start:stop].tolist() == list(range(end, end + stop - start))


def test_only_answers_are_learned(tokenizer: Tokenizer, text_encoder: Any, batch: Any) -> None:
    from roi_assistant.training.mini.batching import IGNORE

    end_token = tokenizer.token_to_id(END)
    for row, (regions, exchanges) in enumerate(SAMPLES):
        (_, end), *blocks = layout(text_encoder, (regions, exchanges))
        assert set(batch.labels[row, :end].tolist()) == {IGNORE}
        assert set(batch.labels[row, blocks[-1][1] :].tolist()) <= {IGNORE}
        for (start, stop), exchange in zip(blocks, exchanges, strict=True):
            answer = [*text_encoder.encode(exchange.answer), end_token]
            learned = batch.labels[row, start:stop].tolist()
            assert learned == [IGNORE] * (stop - start - len(answer)) + answer
            weights = batch.weights[row, start:stop].tolist()
            assert weights == [0.0] * (stop - start - len(answer)) + [exchange.weight] * len(answer)
            # The label of a place is the token after it.
            first = stop - len(answer)
            assert batch.ids[row, first + 1 : stop].tolist() == answer[:-1]
            assert batch.ids[row, first].item() == tokenizer.token_to_id("<a>")


def test_mask_lets_a_block_see_the_prefix_and_itself(text_encoder: Any, batch: Any) -> None:
    assert batch.mask.shape == (2, 1, batch.ids.shape[1], batch.ids.shape[1])
    for row, sample in enumerate(SAMPLES):
        (_, end), *blocks = layout(text_encoder, sample)
        mask = batch.mask[row, 0]
        for place in range(end):
            assert mask[place].nonzero()[:, 0].tolist() == list(range(place + 1))
        for start, stop in blocks:
            for place in range(start, stop):
                seen = mask[place].nonzero()[:, 0].tolist()
                assert seen == [*range(end), *range(start, place + 1)]
    assert batch.mask.any(-1).all(), "a place that sees nothing gives no number"


@pytest.fixture
def logits(torch: Any, new_model: Callable[[], Any], batch: Any) -> Callable[[Any], Any]:
    model = new_model().eval()

    def compute(ids: Any) -> Any:
        with torch.inference_mode():
            embeddings = model.language.get_input_embeddings()(ids) * 20  # so that words matter to a new model
            hidden = model.language.model(
                inputs_embeds=embeddings, attention_mask=batch.mask, position_ids=batch.positions, use_cache=False
            ).last_hidden_state
            return model.language.lm_head(hidden)

    return compute


def test_other_blocks_change_nothing(torch: Any, text_encoder: Any, batch: Any, logits: Callable[[Any], Any]) -> None:
    before = logits(batch.ids)
    (_, end), *blocks = layout(text_encoder, SAMPLES[0])
    for start, stop in blocks:
        ids = batch.ids.clone()
        ids[0, start:stop] = ids[0, start:stop].flip(0) + 1
        change = (logits(ids) - before).abs().amax(-1)[0]
        assert change[start:stop].min() > 1e-4
        change[start:stop] = 0
        assert change.max() == 0, "the other blocks and the prefix must not notice"
    ids = batch.ids.clone()
    ids[0, end - 1] += 1
    change = (logits(ids) - before).abs().amax(-1)
    assert all(change[0, start:stop].min() > 1e-5 for start, stop in blocks), "all of them see the prefix"
    assert change[1].max() == 0


def test_block_answers_as_if_it_were_asked_alone(
    torch: Any, new_model: Callable[[], Any], text_encoder: Any, batch: Any, logits: Callable[[Any], Any]
) -> None:
    """What is trained together is what is asked one by one at run time."""
    together = logits(batch.ids)
    model = new_model().eval()
    (_, end), *blocks = layout(text_encoder, SAMPLES[0])
    for start, stop in blocks:
        ids = torch.cat([batch.ids[:1, :end], batch.ids[:1, start:stop]], 1)
        with torch.inference_mode():
            embeddings = model.language.get_input_embeddings()(ids) * 20
            alone = model.language(inputs_embeds=embeddings, use_cache=False).logits
        torch.testing.assert_close(together[0, start:stop], alone[0, end:], rtol=0, atol=1e-4)


def test_encoding_again_gives_the_same_batch(torch: Any, text_encoder: Any, batch: Any) -> None:
    """Cached encodings are not changed by being used."""
    again = text_encoder.batch(SAMPLES)
    for name in ("ids", "positions", "labels", "mask", "weights"):
        assert torch.equal(getattr(again, name), getattr(batch, name))


def test_sample_without_questions(text_encoder: Any) -> None:
    batch = text_encoder.batch([(1, [])])
    assert batch.ids[0].tolist() == text_encoder.prefix(1)
    assert batch.weights.sum() == 0
