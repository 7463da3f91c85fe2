"""Shared pictures, batches and conversations give the answers of the path that shares nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.errors import BadInputError, CaptionerError, RegionReferenceError
from tests.unit import tiny_gpt4roi as tiny

BOXES = (Box(1, 2, 20, 30), Box(10, 5, 50, 35), Box(0, 0, 60, 40))
TEXTS = ("a short <region1>?", "what of <region2> and <region3>, then <region2>", "nothing", "<1> or <3>")
LONGEST = 10


@pytest.fixture(scope="module")
def generation(torch: Any) -> Any:
    from roi_assistant.models.gpt4roi import generation

    return generation


@pytest.fixture(scope="module")
def model(torch: Any) -> Any:
    return tiny.model()


@pytest.fixture(scope="module")
def processor(torch: Any) -> Any:
    return tiny.processor()


@pytest.fixture(scope="module")
def state(generation: Any, model: Any, processor: Any) -> Any:
    return generation.prepare_image(model, processor, processor.pixels(tiny.photo()))


Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(generation: Any, model: Any, processor: Any, state: Any) -> Ask:
    def question(text: str, *, longest: int = LONGEST, **options: Any) -> Any:
        given = processor.conversation([Turn("user", text)], boxes=BOXES, width=60, height=40)
        vectors = generation.region_vectors(model, state, given.boxes)
        return generation.Question(given.input_ids, vectors, longest, **options)

    return question


@pytest.fixture(scope="module")
def naive(generation: Any, model: Any, processor: Any) -> list[Any]:
    """(tokens, logits) for each of TEXTS with everything computed anew for every token."""
    pixels = processor.pixels(tiny.photo())
    answers = []
    for text in TEXTS:
        given = processor.conversation([Turn("user", text)], boxes=BOXES, width=60, height=40)
        answers.append(
            generation.generate_naive(model, processor.tokenizer, pixels, given.input_ids, given.boxes, longest=LONGEST)
        )
    return answers


@pytest.mark.parametrize("ahead", [0, 1, 3, 100])
def test_batch_equals_the_naive_path(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any], ahead: int
) -> None:
    answers = generation.generate(model, processor.tokenizer, state, [ask(text) for text in TEXTS], ahead=ahead)
    assert len({answer.tokens for answer in answers}) > 2, "rows that all say the same prove little"
    for answer, (tokens, logits) in zip(answers, naive, strict=True):
        assert answer.tokens == tokens
        expected = torch.log_softmax(logits, -1)[torch.arange(len(tokens)), list(tokens)]
        torch.testing.assert_close(torch.tensor(answer.log_probabilities), expected, rtol=0, atol=1e-4)


def test_all_logits_equal_the_naive_path(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any]
) -> None:
    batch = generation._Batch(model, state, [ask(text) for text in TEXTS], longest=LONGEST, generator=None)
    with torch.inference_mode():
        logits = batch._first()
        for step in range(4):
            for row, (tokens, expected) in enumerate(naive):
                assert len(tokens) > step
                torch.testing.assert_close(logits[row], expected[step], rtol=0, atol=1e-4)
            logits = batch._next(logits.argmax(-1))


@pytest.mark.parametrize("ahead", [0, 2])
def test_each_row_ends_for_itself(
    generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any], ahead: int
) -> None:
    """A token that one of the answers contains is made the end token; rows leave the batch, the others go on."""
    tokenizer = tiny.tokenizer()
    tokenizer.end = naive[1][0][2]
    answers = generation.generate(model, tokenizer, state, [ask(text) for text in TEXTS], ahead=ahead)
    lengths = []
    for answer, (tokens, _) in zip(answers, naive, strict=True):
        stop = tokens.index(tokenizer.end) + 1 if tokenizer.end in tokens else len(tokens)
        assert answer.tokens == tokens[:stop]
        lengths.append(stop)
    assert len(set(lengths)) > 1


def test_rows_that_leave_the_batch_do_not_disturb_the_others(
    generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any]
) -> None:
    questions = [ask(text, longest=longest) for text, longest in zip(TEXTS, (1, 8, 2, 3), strict=True)]
    answers = generation.generate(model, processor.tokenizer, state, questions)
    assert [answer.tokens for answer in answers] == [
        tokens[:longest] for (tokens, _), longest in zip(naive, (1, 8, 2, 3), strict=True)
    ]


def test_separators_end_an_answer_however_they_are_cut(generation: Any) -> None:
    tokenizer = tiny.tokenizer()
    single = tokenizer.encode("a\n#")[-1:]
    assert generation.has_token_ended(tokenizer, tokenizer.encode("a\n###"))
    assert generation.has_token_ended(tokenizer, tokenizer.encode("a") + single * 3)
    assert not generation.has_token_ended(tokenizer, tokenizer.encode("a") + single * 2)
    assert generation.has_token_ended(tokenizer, [5, tokenizer.end])
    assert not generation.has_token_ended(tokenizer, tokenizer.encode("### a red and a"))


def test_sampling_is_repeatable_and_leaves_greedy_rows_alone(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any]
) -> None:
    questions = [ask(TEXTS[0]), *(ask(TEXTS[0], temperature=2.0) for _ in range(3)), ask(TEXTS[1], temperature=1e-4)]

    def answers(seed: int) -> list[tuple[int, ...]]:
        generator = torch.Generator().manual_seed(seed)
        continuations = generation.generate(model, processor.tokenizer, state, questions, generator=generator)
        return [answer.tokens for answer in continuations]

    first = answers(1)
    assert first == answers(1) and first != answers(2)
    assert first[0] == naive[0][0] and first[4] == naive[1][0]
    assert len(set(first[1:4])) > 1


def test_top_p_draws_from_the_likeliest_only(torch: Any, generation: Any) -> None:
    likely = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]])).repeat(200, 1)
    ones = torch.ones(200)
    generator = torch.Generator().manual_seed(0)
    drawn = generation._sample(likely, ones, ones * 0.6, generator)
    assert set(drawn.tolist()) == {0, 1}
    assert set(generation._sample(likely, ones, ones * 0.4, generator).tolist()) == {0}
    assert set(generation._sample(likely, ones, ones, generator).tolist()) == {0, 1, 2, 3}


def test_an_exception_of_interrupt_comes_through(
    generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any]
) -> None:
    calls = []

    def interrupt() -> None:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generation.generate(model, processor.tokenizer, state, [ask(TEXTS[0])], interrupt=interrupt)
    again = generation.generate(model, processor.tokenizer, state, [ask(TEXTS[0])])
    assert again[0].tokens == naive[0][0], "the picture's cache is as it was"


def test_no_questions(generation: Any, model: Any, processor: Any, state: Any) -> None:
    assert generation.generate(model, processor.tokenizer, state, []) == []


def test_state_is_used_as_it_is_by_all(torch: Any, generation: Any, model: Any, processor: Any, state: Any) -> None:
    again = generation.prepare_image(model, processor, processor.pixels(tiny.photo()))
    for one, other in zip((*state.cache.keys, *state.maps), (*again.cache.keys, *again.maps), strict=True):
        assert torch.equal(one, other)
    cells = sum(side**2 for side in (16, 8, 4, 2)) * 16
    assert state.nbytes == 4 * (cells + 2 * 2 * len(state.ids) * 32)


# Compiled steps.


@pytest.fixture(scope="module")
def compiled(torch: Any, model: Any) -> Any:
    """All but the code generator, which needs a compiler: tracing, one graph without breaks, functional buffers."""
    from roi_assistant.models.gpt4roi.steps import CompiledSteps

    return CompiledSteps(model, backend="aot_eager")


@pytest.mark.parametrize("ahead", [0, 2])
def test_compiled_steps_write_the_same(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any], compiled: Any,
    ahead: int,
) -> None:  # fmt: skip
    """Twice, because buffers are used again; three rows, so that one fills up; rows leave."""
    questions = [ask(text, longest=longest) for text, longest in zip(TEXTS[:3], (10, 2, 3), strict=True)]
    for _ in range(2):
        answers = generation.generate(model, processor.tokenizer, state, questions, compiled=compiled, ahead=ahead)
        for answer, (tokens, logits), longest in zip(answers, naive, (10, 2, 3), strict=False):
            assert answer.tokens == tokens[:longest]
            expected = torch.log_softmax(logits, -1)[torch.arange(len(answer.tokens)), list(answer.tokens)]
            torch.testing.assert_close(torch.tensor(answer.log_probabilities), expected, rtol=0, atol=1e-4)
    sizes = {(cache.rows, cache.capacity) for cache in compiled._caches.values()}
    assert sizes == {(4, 256), (1, 256)} and compiled.nbytes == 5 * 256 * 32 * 2 * 2 * 4


def test_compiled_sizes_are_few(compiled: Any) -> None:
    assert [compiled.rows(needed) for needed in (1, 2, 3, 4, 5, 16)] == [1, 2, 4, 4, 8, 16]


def test_compiled_conversations_write_the_same(
    generation: Any, model: Any, processor: Any, state: Any, compiled: Any, ask: Ask
) -> None:
    """A batch between two turns does not disturb them; the second turn needs a larger buffer."""
    plain = generation.ConversationCache(model, state)
    conversation = generation.ConversationCache(model, state, compiled=compiled, ahead=1)
    turns: list[Turn] = []
    for text in ("what is <region2>?", "and <region1> beside <region2>? " + "a" * 90):
        turns.append(Turn("user", text))
        given = processor.conversation(turns, boxes=BOXES, width=60, height=40)
        arguments = (processor.tokenizer, given.input_ids, given.boxes)
        assert list(conversation.reply(*arguments, longest=6)) == list(plain.reply(*arguments, longest=6))
        generation.generate(model, processor.tokenizer, state, [ask(TEXTS[0], longest=3)], compiled=compiled)
        turns.append(Turn("assistant", "a red"))
    assert {cache.capacity for cache in compiled._caches.values()} == {256, 512}


def test_where_it_cannot_be_compiled(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roi_assistant.models.gpt4roi.steps import CompiledSteps

    def broken(*_: Any) -> Any:
        raise RuntimeError("no compiler here")

    steps = CompiledSteps(model, backend=broken)  # type: ignore[arg-type]
    with pytest.raises(CaptionerError, match="use it uncompiled"):
        generation.generate(model, processor.tokenizer, state, [ask(TEXTS[0])], compiled=steps)


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_steps_read_nothing_back(torch: Any, generation: Any, processor: Any, temperature: float) -> None:
    """Meta tensors have no values: what needs one on the host, for which a GPU would be waited for, raises."""
    from torch.utils._python_dispatch import TorchDispatchMode

    steps: list[str] = []

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            steps.append(str(func))
            return func(*args, **(kwargs or {}))

    model = tiny.model().to("meta")
    ids = processor.shared_ids()
    cache = generation.KeyValueCache(model, rows=1, capacity=len(ids))
    cache.length = len(ids)
    shared = generation.ImageState((), cache, ids)
    questions = [
        generation.Question((*ids, 5, 6, 7), torch.empty(0, 32, device="meta"), 9, temperature=temperature, top_p=0.9)
    ] * 2
    batch = generation._Batch(model, shared, questions, longest=9, generator=None)
    with torch.inference_mode():
        batch._last, batch._positions = batch._ids[:, -1], batch._positions[:, -1:]  # behind the prompt
        with Operations():
            for _ in range(3):
                batch.write()
        assert len(steps) > 100 and not [name for name in steps if "_local_scalar" in name or "nonzero" in name]
        with pytest.raises((RuntimeError, NotImplementedError)):
            int(batch._last[0])


def test_a_token_is_read_when_further_steps_have_begun(
    generation: Any, model: Any, processor: Any, state: Any, ask: Ask, naive: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    write, result = generation._Batch.write, generation._Reading.result
    monkeypatch.setattr(generation._Batch, "write", lambda self: (events.append("write"), write(self))[1])
    monkeypatch.setattr(generation._Reading, "result", lambda self: (events.append("read"), result(self))[1])
    generation.generate(model, processor.tokenizer, state, [ask(TEXTS[0], longest=5)], ahead=2)
    assert events == ["write"] * 3 + ["read", "write"] * 2 + ["read"] * 3


# Given answers.


def test_given_answers_score_as_with_everything_computed_anew(
    torch: Any, generation: Any, model: Any, processor: Any, state: Any
) -> None:
    options = ("(A)", "(B)", "red and a red", "a")
    turns = [Turn("user", "what of <region3> and <region1>? (A), a (B), red")]
    inputs, continuations = processor.answers(turns, options, boxes=BOXES, width=60, height=40)
    assert len({len(tokens) for tokens in continuations}) > 1, "rows of one length need no filling up"
    vectors = generation.region_vectors(model, state, inputs.boxes)
    scores = generation.score_continuations(model, state, inputs.input_ids, vectors, continuations)
    pixels = processor.pixels(tiny.photo())[None]
    for score, tokens in zip(scores, continuations, strict=True):
        ids = torch.tensor([[*inputs.input_ids, *tokens]])
        logits = model(input_ids=ids, pixel_values=pixels, boxes=[inputs.boxes]).logits[0, -len(tokens) - 1 : -1, :-6]
        expected = torch.log_softmax(logits, -1)[torch.arange(len(tokens)), list(tokens)].sum()
        assert score == pytest.approx(float(expected), abs=1e-4)
    single = [continuations[3][:1], continuations[0][:1]]
    alone = generation.score_continuations(model, state, inputs.input_ids, vectors, single)
    every = torch.log_softmax(
        model(input_ids=torch.tensor([inputs.input_ids]), pixel_values=pixels, boxes=[inputs.boxes]).logits[0, -1, :-6],
        -1,
    )
    assert alone == pytest.approx([float(every[tokens[0]]) for tokens in single], abs=1e-4)


def test_given_answers_are_cut_into_tokens_as_a_whole(processor: Any) -> None:
    turns = [Turn("user", "what is <region1>?")]
    inputs, continuations = processor.answers(turns, ["(A)", "red"], boxes=BOXES, width=60, height=40)
    text = processor.conversation(turns, boxes=BOXES, width=60, height=40)
    words = processor.tokenizer.encode
    # "### Assistant:" is what the model was trained to write after, "### " is what it is given to go on from.
    assert inputs.input_ids[:-5] == text.input_ids[: len(inputs.input_ids) - 5]
    assert processor.tokenizer.decode(inputs.input_ids).endswith("### Assistant:")
    assert [processor.tokenizer.decode(tokens) for tokens in continuations] == ["(A)", "red"]
    assert continuations[1] == tuple(words("red"))
    with pytest.raises(BadInputError, match="empty"):
        processor.answers(turns, ["(A)", " "], boxes=BOXES, width=60, height=40)
    with pytest.raises(RegionReferenceError, match="token of the model"):
        processor.answers(turns, ["<bbox>"], boxes=BOXES, width=60, height=40)


# Conversations.


class Counted:
    """Counts the places that go through the decoder."""

    def __init__(self, model: Any) -> None:
        self.places = 0
        self._hook = model.model.layers[0].register_forward_pre_hook(self._count, with_kwargs=True)

    def _count(self, _module: Any, args: Any, kwargs: Any) -> None:
        hidden = args[0] if args else kwargs["hidden_states"]
        self.places += hidden.shape[1]

    def close(self) -> None:
        self._hook.remove()


@pytest.mark.parametrize("ahead", [0, 2])
def test_a_conversation_equals_the_naive_path_and_reads_what_is_new(
    generation: Any, model: Any, processor: Any, state: Any, ahead: int
) -> None:
    conversation = generation.ConversationCache(model, state, ahead=ahead)
    pixels = processor.pixels(tiny.photo())
    turns: list[Turn] = []
    known = len(state.ids)
    for text in ("what is <region2>?", "and <region1> beside <region2>?", "why"):
        turns.append(Turn("user", text))
        given = processor.conversation(turns, boxes=BOXES, width=60, height=40)
        expected, _ = generation.generate_naive(
            model, processor.tokenizer, pixels, given.input_ids, given.boxes, longest=6
        )
        counted = Counted(model)
        reply = tuple(conversation.reply(processor.tokenizer, given.input_ids, given.boxes, longest=6))
        counted.close()
        assert reply == expected
        assert counted.places <= len(given.input_ids) - known + len(reply) - 1
        known = len(given.input_ids) - 2  # the model's own words may be cut into other tokens than their text
        turns.append(Turn("assistant", "a red"))


def test_another_conversation_about_the_same_picture(generation: Any, model: Any, processor: Any, state: Any) -> None:
    """Same words, another box: nothing behind the box may be taken from the cache."""
    conversation = generation.ConversationCache(model, state)
    pixels = processor.pixels(tiny.photo())
    for box in BOXES:
        given = processor.conversation([Turn("user", "what is <region1>?")], boxes=[box], width=60, height=40)
        expected, _ = generation.generate_naive(
            model, processor.tokenizer, pixels, given.input_ids, given.boxes, longest=5
        )
        assert tuple(conversation.reply(processor.tokenizer, given.input_ids, given.boxes, longest=5)) == expected


@pytest.mark.parametrize("ahead", [0, 1])
def test_an_abandoned_answer_leaves_a_usable_conversation(
    generation: Any, model: Any, processor: Any, state: Any, naive: list[Any], ahead: int
) -> None:
    conversation = generation.ConversationCache(model, state, ahead=ahead)
    given = processor.conversation([Turn("user", TEXTS[0])], boxes=BOXES, width=60, height=40)
    pieces = conversation.reply(processor.tokenizer, given.input_ids, given.boxes, longest=LONGEST)
    assert (next(pieces), next(pieces)) == naive[0][0][:2]
    pieces.close()
    assert tuple(conversation.reply(processor.tokenizer, given.input_ids, given.boxes, longest=LONGEST)) == naive[0][0]


def test_a_conversation_longer_than_the_context(
    generation: Any, model: Any, processor: Any, state: Any, ask: Ask
) -> None:
    given = processor.conversation([Turn("user", "a" * 800)], boxes=BOXES, width=60, height=40)
    with pytest.raises(CaptionerError, match="begin a new one"):
        list(
            generation.ConversationCache(model, state).reply(
                processor.tokenizer, given.input_ids, given.boxes, longest=5
            )
        )
    with pytest.raises(CaptionerError, match="begin a new one"):
        generation.generate(model, processor.tokenizer, state, [ask("a" * 800)])


def test_answers_end_with_the_context(generation: Any, model: Any, processor: Any, state: Any, ask: Ask) -> None:
    short = len(ask("b").ids) - 1
    question = ask("b" * (700 - short - 3), longest=50)
    assert len(question.ids) == 697
    [answer] = generation.generate(model, processor.tokenizer, state, [question])
    assert len(answer.tokens) <= 3
