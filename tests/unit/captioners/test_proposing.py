"""A captioner in the place of a detector."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from roi_assistant.captioners.asking import detect_checked
from roi_assistant.captioners.proposing import ProposingCaptioner
from roi_assistant.core.box import Box
from roi_assistant.core.records import BoxSearch, CaptionerInfo, ScoredBox
from roi_assistant.errors import BadInputError, CaptionerError

SURE, LIKELY, UNLIKELY = (Box(0, 0, 10 * n, 10) for n in (1, 2, 3))
IMAGE = Image.new("RGB", (60, 40))


class Proposing:
    """Finds three boxes, with scores of 0.9, 0.3 and 0.1."""

    def __init__(self, *, proposes: bool = True) -> None:
        self.info = CaptionerInfo("m", "M", "ab" * 32, capabilities=frozenset({"proposes"} if proposes else ()))
        self.asked: list[tuple[object, int]] = []
        self.is_closed = False

    def set_image(self, image: Image.Image) -> object:
        return image.size

    def propose(self, state: object, *, most: int = 50) -> list[ScoredBox]:
        self.asked.append((state, most))
        return [ScoredBox(SURE, 0.9), ScoredBox(LIKELY, 0.3), ScoredBox(UNLIKELY, 0.1)]

    def close(self) -> None:
        self.is_closed = True


def test_its_boxes_are_those_that_the_window_would_show() -> None:
    captioner: Any = Proposing()
    proposer = ProposingCaptioner(captioner)
    assert proposer.info is captioner.info
    found = detect_checked(proposer, IMAGE, BoxSearch(most=7, categories=("cat",)), image="a.png")
    assert found == (ScoredBox(SURE, 0.9), ScoredBox(LIKELY, 0.3))
    assert captioner.asked == [((60, 40), 7)]
    assert proposer.propose(IMAGE) == [SURE, LIKELY]


@pytest.mark.parametrize(("least", "count"), [(0.0, 3), (0.3, 2), (0.5, 1), (1.0, 0)])
def test_another_least_score(least: float, count: int) -> None:
    captioner: Any = Proposing()
    assert len(ProposingCaptioner(captioner).detect(IMAGE, BoxSearch(least=least))) == count


def test_it_looks_for_no_words() -> None:
    captioner: Any = Proposing()
    with pytest.raises(CaptionerError, match="m cannot look for red car, cat: it suggests boxes of whatever is there"):
        ProposingCaptioner(captioner).detect(IMAGE, BoxSearch(words=("red car", "cat")))
    assert captioner.asked == []


def test_one_that_proposes_nothing_is_refused_and_closed() -> None:
    captioner: Any = Proposing(proposes=False)
    with pytest.raises(BadInputError, match="m writes captions and finds no boxes: give it to --model"):
        ProposingCaptioner(captioner)
    assert captioner.is_closed


def test_closing() -> None:
    captioner: Any = Proposing()
    ProposingCaptioner(captioner).close()
    assert captioner.is_closed
