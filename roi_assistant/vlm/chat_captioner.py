"""A captioner of any model that chats about pictures, in this process or behind a server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, overload, runtime_checkable

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import (
    REGION,
    Capability,
    CaptionerInfo,
    DescribeRequest,
    Prompts,
    RegionText,
    ScoredText,
    Turn,
)
from roi_assistant.core.references import find_references, named_references
from roi_assistant.errors import CaptionerError, RegionReferenceError
from roi_assistant.sentences import Sentence
from roi_assistant.vlm.answers import Answer, Reading, read_answer
from roi_assistant.vlm.lenient_json import spoken, without_thoughts
from roi_assistant.vlm.options import ClosedQuestion, OptionsRead, closed_questions, lettered, with_reads
from roi_assistant.vlm.prompts import (
    answer_schema,
    asked_attributes,
    instruction,
    instruction_for_several,
    several_schema,
)
from roi_assistant.vlm.several import MOST_TOGETHER, read_several
from roi_assistant.vlm.telling import RegionForm, tell, tell_several

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_About = TypeVar("_About")
_log = logging.getLogger(__name__)

CAPABILITIES: frozenset[Capability] = frozenset(
    {"multi_region", "chat", "attributes", "alternatives", "streams", "interruptible"}
)
UNREADABLE = "an object"
"""The caption where a model's answer cannot be read: it stands in the raw output."""
MOST_TOKENS = {"phrase": 400, "sentence": 500, "description": 700}
"""Of an answer: the object has category, alternatives and attributes, too."""
MOST_CHAT_TOKENS = 512
LETTER_TOKENS = 4
"""Of an answer that is one letter: some models begin with a blank or a mark."""


@dataclass(frozen=True, slots=True)
class Message:
    """``pictures`` stand before ``text``: what is the same for many questions comes first."""

    role: Literal["user", "assistant"]
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question. ``schema`` is the JSON schema of the answer, None for prose. ``place``: how the region is told."""

    messages: tuple[Message, ...]
    most_tokens: int
    schema: dict[str, Any] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsAsk:
    """``questions`` about the region that ``message`` shows and tells."""

    message: Message
    questions: tuple[ClosedQuestion, ...]

    @property
    def lettered(self) -> tuple[Ask, ...]:
        """Each as a question that one letter answers. The picture comes first, and the region: they are the same."""
        return tuple(
            Ask(
                messages=(
                    replace(self.message, text=f"{self.message.text}\n{lettered(question.text, question.options)}"),
                ),
                most_tokens=LETTER_TOKENS,
            )
            for question in self.questions
        )


class ChatModel(Protocol):
    """What a backend does. ``interrupt`` is called every few milliseconds of work or waiting, and what it raises
    passes."""

    interrupt: Callable[[], None]

    @property
    def info(self) -> CaptionerInfo:
        """What is loaded; its capabilities are those of the captioner made of it."""

    @property
    def region_form(self) -> RegionForm:
        """How it is told a region."""

    def answers(self, asks: Sequence[Ask]) -> Iterator[Answer]:
        """An answer to each of ``asks``, in their order. An ask is made when it is first looked at, which takes some
        milliseconds: who looks at all of them first lets the first answer wait.

        Raises:
            CaptionerError: the model cannot answer; the message says what to do.
        """

    def stream(self, ask: Ask) -> Iterator[str]:
        """The answer to ``ask`` in pieces. Raises: CaptionerError."""

    def close(self) -> None:
        """Give memory and connections back."""


@runtime_checkable
class ReadsOptions(ChatModel, Protocol):
    """A model that can tell how likely it finds each option of a question."""

    def option_reads(self, ask: OptionsAsk) -> Sequence[OptionsRead | None]:
        """What it thinks of the options of each question, in their order; None of those about which it cannot tell, or
        not at a bounded cost.

        Raises:
            CaptionerError: as `ChatModel.answers`.
        """


@runtime_checkable
class AsksTogether(ChatModel, Protocol):
    """A model for which it can be better to ask about several regions in one question."""

    @property
    def asks_together(self) -> bool:
        """Whether it is, by what is known of it now: each question costs the whole picture."""


@dataclass(frozen=True, slots=True)
class ChatState:
    """The picture itself: what is shared between its regions is the backend's to find."""

    image: Picture

    @property
    def nbytes(self) -> int:
        """Of the pixels."""
        return self.image.width * self.image.height * 3


class ChatCaptioner:
    """See `roi_assistant.interfaces.Captioner`."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._reader = model if isinstance(model, ReadsOptions) else None
        self._grouping = model if isinstance(model, AsksTogether) else None

    @property
    def info(self) -> CaptionerInfo:
        """What the model says of itself by now: a server shows some of it only when it answers."""
        info = self._model.info
        return replace(info, capabilities=info.capabilities | CAPABILITIES)

    @property
    def interrupt(self) -> Callable[[], None]:
        """See `roi_assistant.interfaces.Interruptible`."""
        return self._model.interrupt

    @interrupt.setter
    def interrupt(self, function: Callable[[], None]) -> None:
        self._model.interrupt = function

    def set_image(self, image: Picture) -> ChatState:
        """Nothing is sent or encoded before a question."""
        return ChatState(image)

    def describe(self, state: ChatState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """One question for each box, and one more where the answer could not be read. Attributes with a list of values
        are then decided by their probabilities, where the model tells them.

        Raises:
            CaptionerError: of the model.
        """
        if len(boxes) > 1 and self._grouping is not None and self._grouping.asks_together:
            yield from self._together(state.image, boxes, request)
        else:
            yield from self._one_by_one(state.image, boxes, request)

    def _one_by_one(self, image: Picture, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        asks = _Asks(lambda box: self._ask(image, box, request), boxes)
        for box, ask, answer in zip(boxes, asks, self._model.answers(asks), strict=True):
            reading = read_answer(answer, box, request)
            if reading is None or reading.fault:
                fault = reading.fault if reading is not None else Sentence.of("The answer holds no caption.")
                again = next(iter(self._model.answers([_again(ask, answer, fault)])), None)
                second = read_answer(again, box, request) if again is not None else None
                # The second one may be worse: then what could be read of the first stands.
                if second is not None and (reading is None or not second.fault):
                    reading = second
            text = _told(reading, answer, box, ask.messages[0].text)
            yield text if reading is None else self._decided(text, reading.outside, ask, request)

    def _together(self, image: Picture, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Up to `MOST_TOGETHER` regions in a question; about those that its answer does not tell clearly, one each."""
        groups = [boxes[start : start + MOST_TOGETHER] for start in range(0, len(boxes), MOST_TOGETHER)]
        asks = _Asks(lambda group: self._group_ask(image, group, request), groups)
        answers = self._model.answers(asks)
        for place, (group, ask) in enumerate(zip(groups, asks, strict=True)):
            try:
                answer = next(answers)
            except CaptionerError:
                # Perhaps it has no room for so much; if it is something else, it is so for one region, too.
                _log.warning("several regions could not be asked about at once", exc_info=True)
                self._grouping = None
                yield from self._one_by_one(image, [box for rest in groups[place:] for box in rest], request)
                return
            readings = read_several(answer, group, request)
            unclear = [box for box, reading in zip(group, readings, strict=True) if reading is None]
            alone = self._one_by_one(image, unclear, request) if unclear else iter(())
            for box, reading in zip(group, readings, strict=True):
                if reading is None:
                    yield next(alone)
                    continue
                text = replace(reading.text, prompt=ask.messages[0].text)
                yield self._decided(text, reading.outside, self._ask(image, box, request), request)

    def chat(self, state: ChatState, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """Answer the last of ``turns``.

        Raises:
            CaptionerError: of the model, or a question refers to a box that does not exist.
        """
        ask = self.chat_ask(state, boxes, turns, most_tokens=MOST_CHAT_TOKENS)
        yield from spoken(self._model.stream(ask))

    def chat_ask(self, state: ChatState, boxes: Sequence[Box], turns: Sequence[Turn], *, most_tokens: int) -> Ask:
        """The conversation ``turns`` about ``boxes`` (pixels of the image), as a question of at most ``most_tokens``.

        Raises:
            CaptionerError: a question refers to a box that does not exist.
        """
        told = tell_several(state.image, boxes, self._model.region_form)
        messages = []
        for place, turn in enumerate(turns):
            text = named_references(turn.text) if turn.role == "user" else turn.text
            _check_references(text, len(boxes), turn.role)
            if place == 0:
                text = f"{told.words}\n{text}" if told.words else text
                messages.append(Message(turn.role, text, told.pictures))
            else:
                messages.append(Message(turn.role, text))
        return Ask(messages=tuple(messages), most_tokens=most_tokens)

    def close(self) -> None:
        """See `ChatModel.close`."""
        self._model.close()

    def _decided(
        self, text: RegionText, outside: Sequence[tuple[str, str]], ask: Ask, request: DescribeRequest
    ) -> RegionText:
        """``text``, an answer to ``ask``, with what the model thinks of the options of each closed attribute. Values
        ``outside`` of their lists stay: they may belong there."""
        kept = {name for name, _ in outside}
        questions = tuple(question for question in closed_questions(request) if question.name not in kept)
        if self._reader is None or not questions:
            return text
        words = (request.prompts or Prompts()).task.replace(REGION, ask.place)
        message = Message("user", words, ask.messages[0].pictures)
        try:
            reads = self._reader.option_reads(OptionsAsk(message=message, questions=questions))
        except CaptionerError:
            _log.warning("options could not be read", exc_info=True)  # the caption is there, and stays
            return text
        return with_reads(text, questions, reads, order=[one.name for one in asked_attributes(request)])

    def _group_ask(self, image: Picture, boxes: Sequence[Box], request: DescribeRequest) -> Ask:
        inside = [clip_box(box, width=image.width, height=image.height) for box in boxes]
        told = tell_several(image, inside, self._model.region_form)
        text = instruction_for_several(
            request,
            told.words.splitlines(),
            request.prompts or Prompts(),
            examples=[request.examples_for(box) for box in boxes],
        )
        return Ask(
            messages=(Message("user", text, told.pictures),),
            # An answer has half of what one may have; one that is cut off is asked for again, region by region.
            most_tokens=MOST_TOKENS[request.style] // 2 * len(boxes),
            schema=several_schema(request, len(boxes)),
        )

    def _ask(self, image: Picture, box: Box, request: DescribeRequest) -> Ask:
        inside = clip_box(box, width=image.width, height=image.height)
        told = tell(image, inside, self._model.region_form)
        text = instruction(request, told.words, request.prompts or Prompts(), examples=request.examples_for(box))
        return Ask(
            messages=(Message("user", text, told.pictures),),
            most_tokens=MOST_TOKENS[request.style],
            schema=answer_schema(request),
            place=told.words,
        )


class _Asks(Sequence[Ask], Generic[_About]):
    """The asks about ``boxes`` or groups of them, each made by ``make`` when it is first looked at: the pictures of a
    hundred boxes take half a second, in which a server could work."""

    def __init__(self, make: Callable[[_About], Ask], boxes: Sequence[_About]) -> None:
        self._make = make
        self._boxes = boxes
        self._made: dict[int, Ask] = {}

    def __len__(self) -> int:
        return len(self._boxes)

    @overload
    def __getitem__(self, place: int) -> Ask: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Ask]: ...
    def __getitem__(self, place: int | slice) -> Ask | Sequence[Ask]:
        places = range(len(self._boxes))[place]
        if isinstance(places, range):
            return [self[one] for one in places]
        if places not in self._made:
            self._made[places] = self._make(self._boxes[places])
        return self._made[places]


def _again(ask: Ask, answer: Answer, fault: Sentence) -> Ask:
    """``ask`` with what was wrong with ``answer``."""
    complaint = f"{fault} Answer again, with one JSON object and nothing else."
    said = without_thoughts(answer.text)[:2000] or "-"
    return replace(ask, messages=(*ask.messages, Message("assistant", said), Message("user", complaint)))


def _told(reading: Reading | None, answer: Answer, box: Box, prompt: str) -> RegionText:
    if reading is None:
        caption = ScoredText(UNREADABLE, 0.0)
        return RegionText(box=box, caption=caption, unsure=True, prompt=prompt, raw_output=answer.text)
    return replace(reading.text, prompt=prompt)


def _check_references(text: str, boxes: int, role: str) -> None:
    wrong = [number for number in find_references(text) if not 1 <= number <= boxes]
    if wrong and role == "user":
        raise RegionReferenceError(
            "The question refers to region {number}, but {boxes} boxes are selected.", number=wrong[0], boxes=boxes
        )
