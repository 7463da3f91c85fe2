"""Captioners of simulated servers, which leave a call that takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from PIL import Image, ImageDraw

from plugins.openai_server import captioner as captioner_module
from plugins.openai_server import open_server
from plugins.openai_server.captioner import ServerCaptioner
from plugins.openai_server.client import Client
from roi_assistant.core.box import Box

from .simulator import Desk, serving

LONGEST = 20.0
SILENCE = 0.6


class TooLongError(Exception):
    """A test waited for something that did not come."""


def deadline(seconds: float = LONGEST) -> Callable[[], None]:
    """What ends a call after ``seconds``."""
    until = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > until:
            raise TooLongError

    return check


@pytest.fixture(autouse=True)
def nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of whoever runs the tests, and servers that may say nothing for `SILENCE` seconds only."""
    for name in ("ROI_ASSISTANT_SERVER_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(captioner_module, "Client", partial(Client, silence_seconds=SILENCE))


Opened = tuple[Desk, ServerCaptioner]


@pytest.fixture
def opened() -> Iterator[Callable[..., Opened]]:
    """Runs a desk of a kind and opens it; both are closed at the end."""
    with ExitStack() as stack:

        def open_desk(kind: str, *, model: str = "", **options: Any) -> Opened:
            desk = stack.enter_context(serving(kind, **options))
            captioner = open_server(desk.url, model=model)(device="cpu")
            assert isinstance(captioner, ServerCaptioner)
            captioner.interrupt = deadline()
            stack.callback(captioner.close)
            return desk, captioner

        yield open_desk


def tiles(count: int) -> tuple[Image.Image, list[Box], list[str]]:
    """A picture of tiles in different colors, a box in each, and what a desk calls them."""
    image = Image.new("RGB", (count * 60, 80))
    draw = ImageDraw.Draw(image)
    boxes, names = [], []
    for number in range(count):
        steps = (number % 4, number // 4 % 4, number // 16 % 4)
        left = number * 60
        red, green, blue = (step * 80 for step in steps)
        draw.rectangle((left, 0, left + 59, 79), fill=(red, green, blue))
        boxes.append(Box(left + 20, 20, left + 40, 60))
        names.append("a thing of color " + "-".join(str(step * 2) for step in steps))
    return image, boxes, names
