"""The embedded model beside one that has neither features nor proposals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from roi_assistant.captioners.asking import describe_checked, propose_checked
from roi_assistant.captioners.companion import GIVEN, BothStates, with_companion
from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredBox, ScoredText, Turn
from roi_assistant.errors import ModelFileError
from roi_assistant.interfaces import Captioner, can_be_interrupted

PHOTO = Image.new("RGB", (64, 48))
BOXES = [Box(0, 0, 9, 9), Box(9, 0, 19, 9)]


class Says:
    """Says its name of everything."""

    def __init__(self, name: str, *capabilities: str, features: str = "") -> None:
        self.info = CaptionerInfo(name, name, name * 32, capabilities=frozenset(capabilities))  # type: ignore[arg-type]
        self.features, self.images, self.requests = features, 0, list[DescribeRequest]()
        self.interrupt: Any = None
        self.is_closed = False

    def set_image(self, image: Image.Image) -> str:
        self.images += 1
        return self.info.id

    def describe(self, state: Any, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        assert state == self.info.id
        self.requests.append(request)
        for number, box in enumerate(boxes):
            looks = f"{self.features}{number}" if self.features else ""
            yield RegionText(box, ScoredText(self.info.id, 0.5), features=looks)

    def chat(self, state: Any, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        yield self.info.id

    def propose(self, state: Any, *, most: int = 50) -> Sequence[ScoredBox]:
        assert state == self.info.id
        return [ScoredBox(Box(0, 0, 5, 5), 0.5)]

    def close(self) -> None:
        self.is_closed = True


def _both(*capabilities: str) -> tuple[Captioner, Says, Says, list[int]]:
    other, mini, loads = (
        Says("vl", "chat", *capabilities),
        Says("mini", "features", "proposes", features="f"),
        list[int](),
    )
    mini.info = replace(mini.info, capabilities=mini.info.capabilities | {"interruptible"})

    def load() -> Captioner:
        loads.append(1)
        return mini

    return with_companion(other, load, weights_sha256="ab"), other, mini, loads


def test_words_of_one_and_looks_of_the_other() -> None:
    captioner, other, mini, loads = _both()
    assert captioner.info.capabilities >= GIVEN and captioner.info.features_by == "ab" and captioner.info.id == "vl"
    state = captioner.set_image(PHOTO)
    assert loads == [] and isinstance(state, BothStates) and state.nbytes == 64 * 48 * 3
    texts = list(describe_checked(captioner, state, BOXES, DescribeRequest(), image="photo"))
    assert [(text.caption.text, text.features) for text in texts] == [("vl", "f0"), ("vl", "f1")]
    list(captioner.describe(state, BOXES, DescribeRequest()))
    assert (loads, mini.images, other.images) == ([1], 1, 1), "loaded once, and the image is encoded once"
    assert next(iter(captioner.chat(state, BOXES, []))) == "vl"


def test_only_to_look_the_other_model_is_not_asked() -> None:
    captioner, other, _, _ = _both()
    state = captioner.set_image(PHOTO)
    request = DescribeRequest(looks_only=True)
    texts = list(describe_checked(captioner, state, BOXES, request, image="photo"))
    assert [(text.caption.text, text.features) for text in texts] == [("", "f0"), ("", "f1")]
    assert other.requests == []


def test_boxes_are_proposed_by_who_can() -> None:
    captioner, _, mini, _ = _both()
    found = propose_checked(captioner, captioner.set_image(PHOTO), most=9, width=64, height=48, image="photo")
    assert len(found) == 1 and mini.images == 1
    own, _, mini, loads = _both("proposes")
    assert len(propose_checked(own, own.set_image(PHOTO), most=9, width=64, height=48, image="photo")) == 1
    assert loads == []


def test_a_model_that_lacks_nothing_stays_alone() -> None:
    whole = Says("whole", "features", "proposes")
    assert with_companion(whole, lambda: pytest.fail("not needed"), weights_sha256="ab") is whole
    looks, _, _, loads = _both("features")
    assert looks.info.features_by == "", "its own features"
    list(looks.describe(looks.set_image(PHOTO), BOXES, DescribeRequest()))
    assert loads == []


def test_without_the_companion_there_are_words_all_the_same() -> None:
    def load() -> Captioner:
        raise ModelFileError("view.onnx is missing.")

    captioner = with_companion(Says("vl"), load, weights_sha256="ab")
    state = captioner.set_image(PHOTO)
    texts = list(describe_checked(captioner, state, BOXES, DescribeRequest(), image="photo"))
    assert [(text.caption.text, text.features) for text in texts] == [("vl", "")] * 2
    assert propose_checked(captioner, state, most=9, width=64, height=48, image="photo") == ()


def test_both_are_interrupted_and_closed() -> None:
    captioner, other, mini, _ = _both("interruptible")
    assert can_be_interrupted(captioner)
    captioner.interrupt = print
    list(captioner.describe(captioner.set_image(PHOTO), BOXES, DescribeRequest()))
    assert other.interrupt is print and mini.interrupt is print
    captioner.close()
    assert other.is_closed and mini.is_closed
