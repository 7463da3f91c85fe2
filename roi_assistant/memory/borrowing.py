"""Lessons of other projects, as a project keeps them: a new project starts with the words of an old one."""

from __future__ import annotations

import json
from dataclasses import replace

from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import Region, RegionKey
from roi_assistant.errors import FormatError
from roi_assistant.memory.lessons import Lesson, lesson_of


def borrowed_lesson(image: str, region: Region) -> str | None:
    """The lesson of ``region`` on the image with the key ``image`` as JSON; None where it teaches nothing. Photos of
    the other project are not named: nobody could open them here."""
    lesson = lesson_of(image, region)
    return None if lesson is None else json.dumps(encode(replace(lesson, key=RegionKey("", ""))), ensure_ascii=False)


def read_borrowed(text: str, *, source: str, number: int) -> Lesson:
    """The lesson that `borrowed_lesson` wrote, the one of that ``number`` of the project called ``source``.

    Raises:
        FormatError: ``text`` is no lesson.
    """
    try:
        lesson = decode(Lesson, json.loads(text))
    except (ValueError, RecursionError, FormatError) as error:
        raise FormatError(
            "A lesson of the project {source} cannot be read ({reason}).", source=source, reason=error
        ) from error
    if not lesson.category:
        raise FormatError("A lesson of the project {source} has no category.", source=source)
    return replace(lesson, key=RegionKey("", f"{source} {number}"), source=source)
