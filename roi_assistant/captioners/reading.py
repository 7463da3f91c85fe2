"""What is written in boxes, read beside any captioner and put into its answers.

The captioner says what a thing is, a reader of text (a plugin) what is written on it. Where a reader answers, it alone
fills the attribute `TEXT`: a captioner that is asked for it as well would invent a text where there is none. A reader
that fails costs its own answer and no caption. See docs/adr/0037-reading-what-is-written.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from roi_assistant.captioners.asking import describe_checked
from roi_assistant.core.box import Box
from roi_assistant.core.reading import TEXT, is_read, with_quotation
from roi_assistant.core.records import AttributeSchema, DescribeRequest, ReadText, RegionText, SuggestedAttribute
from roi_assistant.core.text_bounds import LONGEST_TEXT, shortened
from roi_assistant.errors import CaptionerError, MissingDependencyError, RoiAssistantError
from roi_assistant.interfaces import Captioner, ImageState, TextReader
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    from PIL.Image import Image

QUOTED_FROM = 0.9
"""Confidence from which on a description quotes what was read: docs/models.md has the figures."""

_log = logging.getLogger(__name__)


class TextReading:
    """One reader, loaded when the first box is to be read.

    ``load`` makes it. ``note`` is told, once each, what keeps boxes from being read. ``interrupt`` is called before
    each box and may raise an exception to leave the call.
    """

    def __init__(
        self,
        load: Callable[[], TextReader],
        *,
        note: Callable[[Sentence], None],
        interrupt: Callable[[], None] = lambda: None,
    ) -> None:
        self._load, self._note, self._interrupt = load, note, interrupt
        self._reader: TextReader | None = None
        self._failure: RoiAssistantError | None = None
        self._noted: set[str] = set()

    def describe(
        self,
        captioner: Captioner,
        state: ImageState,
        boxes: Sequence[Box],
        request: DescribeRequest,
        *,
        image: str,
        pixels: Callable[[], Image],
        draft: bool = False,
    ) -> Iterator[RegionText]:
        """As `describe_checked`, with what is written in the boxes where ``request`` asks for it.

        A draft is not read: captions come first. ``pixels`` gives the picture, mode RGB, EXIF orientation applied.
        """
        reader = self._reader_for(request) if is_read(request) else None
        if reader is None:
            yield from describe_checked(captioner, state, boxes, request, image=image, draft=draft)
            return
        asked = replace(request, attributes=_without_text(request.attributes))
        for text in describe_checked(captioner, state, boxes, asked, image=image, draft=draft):
            if draft:
                yield text
                continue
            self._interrupt()
            yield _completed(text, self._read(reader, pixels, text.box, image), reader, request)

    def _reader_for(self, request: DescribeRequest) -> TextReader | None:
        if self._reader is None and self._failure is None:
            try:
                self._reader = self._load()
            except RoiAssistantError as error:
                _log.info("boxes are not read: %s", error)
                self._failure = error
        if self._failure is not None and (
            request.read_text == "yes" or not isinstance(self._failure, MissingDependencyError)
        ):
            self._tell(self._failure.sentence)
        return self._reader

    def _read(self, reader: TextReader, pixels: Callable[[], Image], box: Box, image: str) -> ReadText | None:
        try:
            (answer,) = reader.read(pixels(), [box])
            return _checked(answer)
        except Exception as error:  # a plugin may raise anything; the caption is worth more than what it quotes
            _log.exception("reading a box of %s", image)
            reason = error.sentence if isinstance(error, RoiAssistantError) else f"{type(error).__name__}: {error}"
            self._tell(
                Sentence.of(
                    "What is written in a box of {image} could not be read ({reason}); captions go on.",
                    image=image,
                    reason=reason,
                )
            )
            return None

    def _tell(self, sentence: Sentence) -> None:
        text = sentence.to_text()
        if text not in self._noted:
            self._noted.add(text)
            self._note(sentence)


def _without_text(schema: AttributeSchema | None) -> AttributeSchema | None:
    if schema is None:
        return None
    return replace(schema, attributes=tuple(item for item in schema.attributes if item.name != TEXT))


def _checked(answer: object) -> ReadText | None:
    if answer is None:
        return None
    if not isinstance(answer, ReadText) or not 0.0 <= answer.score <= 1.0:  # false for NaN, too
        raise CaptionerError("the reader's answer is no text with a confidence from 0 to 1")
    text = shortened(" ".join(answer.text.split()), LONGEST_TEXT)
    return replace(answer, text=text) if text else None


def _completed(text: RegionText, read: ReadText | None, reader: TextReader, request: DescribeRequest) -> RegionText:
    """``text`` with what was read as its attribute, and quoted in a description where the reader is confident."""
    others = tuple(item for item in text.attributes if item.name != TEXT)
    if read is None or read.score < request.attribute_score:
        return replace(text, attributes=others)
    info = reader.info
    found = SuggestedAttribute(
        TEXT, (read.text,), float(read.score), model_id=info.id, weights_sha256=info.weights_sha256
    )
    text = replace(text, attributes=(*others, found))
    if request.style != "description" or read.score < QUOTED_FROM:
        return text
    caption = with_quotation(text.caption.text, read.text)
    if caption == text.caption.text:
        return text
    return replace(text, caption=replace(text.caption, text=caption), quotes=info.id)
