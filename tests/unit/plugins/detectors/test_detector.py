"""Where boxes come out, with answers of the models made by hand: the numbers are worked out from the formats, not from
our code. Then each kind of checkpoint as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from plugins.detectors.detector import not_thin, phrase_spans
from roi_assistant.api import BoxSearch
from roi_assistant.captioners.asking import detect_checked
from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredBox
from roi_assistant.errors import CaptionerError
from roi_assistant.imaging.decode import decode_image
from tests.unit.tiny_detectors import MAKERS

NONE = -20.0
"""A logit of what is certainly not there."""
BY_WORDS = ("grounding_dino", "mm_grounding_dino", "owlv2", "owlvit", "omdet_turbo")


def logit(score: float) -> float:
    return math.log(score / (1 - score))


class Answers:
    """Stands in for the model: gives ``outputs``, and keeps what it is asked."""

    def __init__(self, model: Any, outputs: Callable[[Any], Any]) -> None:
        self.config, self.device, self._outputs = model.config, model.device, outputs
        self.asked: list[Any] = []

    def __call__(self, **inputs: Any) -> Any:
        self.asked.append(inputs)
        return self._outputs(inputs)


def answering(
    monkeypatch: pytest.MonkeyPatch, detector: Any, torch: Any, boxes: Sequence[Any], rows: Callable[[Any], list[Any]]
) -> Answers:
    """``detector`` with a model that answers ``boxes`` (cx, cy, w, h of what it sees) with logits ``rows(inputs)``."""

    def outputs(inputs: Any) -> Any:
        return SimpleNamespace(logits=torch.tensor([rows(inputs)]), pred_boxes=torch.tensor([boxes]))

    model = Answers(detector._model, outputs)
    monkeypatch.setattr(detector, "_model", model)
    return model


def rounded(found: Sequence[ScoredBox]) -> list[tuple[tuple[float, ...], float, str]]:
    return [(tuple(round(side, 2) for side in one.box.xyxy), round(one.score, 3), one.label) for one in found]


def classes(*scores: dict[int, float]) -> list[list[float]]:
    return [[logit(row[place]) if place in row else NONE for place in range(4)] for row in scores]


def test_boxes_of_classes_are_pixels_of_a_photo_that_is_not_square(
    detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = detector("rt_detr")
    boxes = [(0.5, 0.5, 0.5, 0.5), (0.9, 0.1, 0.4, 0.2), (0.25, 0.75, 0.1, 0.1)]
    answering(monkeypatch, found, torch, boxes, lambda _: classes({3: 0.5}, {0: 0.9}, {2: 0.4}))
    # 400 x 200 pixels: the second box is cut at the right edge; the class of the third has no name.
    assert rounded(found.detect(Image.new("RGB", (400, 200)), BoxSearch())) == [
        ((280, 0, 400, 40), 0.9, "cat"),
        ((100, 50, 300, 150), 0.5, "person"),
        ((80, 140, 120, 160), 0.4, ""),
    ]


def test_a_photo_that_its_camera_turned(
    detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: 400 x 200 stored, 200 x 400 displayed
    Image.new("RGB", (400, 200)).save(tmp_path / "turned.jpg", exif=exif)
    picture = decode_image(tmp_path / "turned.jpg").pixels
    found = detector("rt_detr")
    answering(monkeypatch, found, torch, [(0.25, 0.75, 0.5, 0.1)], lambda _: classes({0: 0.8}))
    (one,) = detect_checked(found, picture, BoxSearch(), image="turned.jpg")
    assert rounded([one]) == [((0, 280, 100, 320), 0.8, "cat")]


def test_threshold_count_and_suppression(detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = detector("rt_detr")
    same, nearly, other = (0.5, 0.5, 0.4, 0.4), (0.5, 0.5, 0.4, 0.44), (0.1, 0.1, 0.2, 0.2)
    rows = classes({0: 0.8, 3: 0.35}, {0: 0.7}, {3: 0.6}, {1: 0.29}, {})
    answering(monkeypatch, found, torch, [same, nearly, nearly, other, other], lambda _: rows)
    image = Image.new("RGB", (100, 100))

    def labels(**search: Any) -> list[str]:
        return [one.label for one in found.detect(image, BoxSearch(**search))]

    # The second cat is the first one again; a person in its place is another thing, but not in the very same box.
    assert labels() == ["cat", "person"], "0.29 is too little"
    assert labels(least=0.2) == ["cat", "person", "traffic sign"]
    assert labels(most=1) == ["cat"]
    assert labels(least=0.9) == []
    assert labels(least=0.2, words=("Traffic sign", "dragon")) == ["traffic sign"]
    assert labels(categories=("dragon",)) == ["cat", "person"], "a project may have words of its own"
    with pytest.raises(CaptionerError, match=r"cannot find dragon: it knows 3 classes, such as cat, traffic sign"):
        labels(words=("dragon",))


def test_owlv2_sees_the_photo_in_a_corner_of_a_square(
    detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = detector("owlv2")
    boxes = [(0.25, 0.125, 0.5, 0.25), (0.5, 0.5, 0.2, 0.2), (0.5, 0.9, 0.2, 0.1)]
    rows = [[logit(0.9), NONE], [NONE, logit(0.6)], [logit(0.5), NONE]]
    model = answering(monkeypatch, found, torch, boxes, lambda _: rows)
    answer = found.detect(Image.new("RGB", (400, 200)), BoxSearch(words=("red car", "a cat")))
    # The square has sides of 400; the photo is its upper half, and the third box lies below it.
    assert rounded(answer) == [((0, 0, 200, 100), 0.9, "red car"), ((160, 160, 240, 200), 0.6, "a cat")]
    texts = found._processor.tokenizer.batch_decode(model.asked[0]["input_ids"], skip_special_tokens=True)
    assert [text.replace(" ", "") for text in texts] == ["aphotoofaredcar", "aphotoofacat"]


class Watched:
    """A processor that keeps the sizes of what it is shown."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor
        self.sizes: list[tuple[int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def __call__(self, *, images: Image.Image, **more: Any) -> Any:
        self.sizes.append(images.size)
        return self._processor(images=images, **more)


def test_a_large_photo_is_shrunk_before_owlv2_blurs_it(
    detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = detector("owlv2")  # sees 64 x 64 pixels
    watched = Watched(found._processor)
    monkeypatch.setattr(found, "_processor", watched)
    answering(monkeypatch, found, torch, [(0.25, 0.125, 0.5, 0.25)], lambda _: [[logit(0.9)]])
    for size in ((1000, 503), (128, 60)):
        (one,) = found.detect(Image.new("RGB", size), BoxSearch(words=("cat",)))
        assert rounded([one]) == [((0, 0, size[0] / 2, size[0] / 4), 0.9, "cat")], "pixels of the photo itself"
    assert watched.sizes == [(128, 64), (128, 60)]


def test_owl_vit_does_not_pad(detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = detector("owlvit")
    answering(monkeypatch, found, torch, [(0.25, 0.25, 0.5, 0.5)], lambda _: [[logit(0.9)]])
    (one,) = found.detect(Image.new("RGB", (400, 200)), BoxSearch(categories=("cat",)))
    assert rounded([one]) == [((0, 0, 200, 100), 0.9, "cat")]


@pytest.mark.parametrize("kind", ["grounding_dino", "mm_grounding_dino"])
def test_phrases_that_share_a_word_are_told_apart(
    kind: str, detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = detector(kind)
    # [CLS] red car . red bus . [SEP]: places 1 2 3 4 5 6.
    tokens = [{4: 0.8, 2: 0.3}, {2: 0.7}, {3: 0.9, 5: 0.4}, {6: 0.6}, {1: 0.2}]
    boxes = [(0.25, 0.5, 0.5, 1.0), (0.75, 0.5, 0.5, 1.0), (0.5, 0.25, 0.2, 0.2), (0.5, 0.5, 0.9, 0.9), (0.1,) * 4]

    def rows(inputs: Any) -> list[list[float]]:
        length = inputs["input_ids"].shape[1]
        return [[logit(row[place]) if place in row else NONE for place in range(length)] for row in tokens]

    model = answering(monkeypatch, found, torch, boxes, rows)
    answer = found.detect(Image.new("RGB", (200, 100)), BoxSearch(words=("Red car", "red BUS.")))
    # "red" alone, of the second phrase, is the bus; a dot alone is nothing; a dot beside a word does not count.
    assert rounded(answer) == [
        ((0, 0, 100, 100), 0.8, "red BUS"),
        ((100, 0, 200, 100), 0.7, "Red car"),
        ((80, 15, 120, 35), 0.4, "red BUS"),
    ]
    ids = model.asked[0]["input_ids"][0]
    words = found._processor.tokenizer.convert_ids_to_tokens(ids)
    assert words == ["[CLS]", "red", "car", ".", "red", "bus", ".", "[SEP]"]


def test_more_phrases_than_the_model_reads_at_once_are_asked_in_parts(
    detector: Any, torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = detector("grounding_dino")  # 24 tokens: 11 phrases of a word and a dot
    words = [f"cat {word}" for word in ("red", "blue", "car", "bus", "sign", "flag", "thing", "person", "a")]

    def rows(inputs: Any) -> list[list[float]]:
        ids = inputs["input_ids"][0].tolist()
        flag = found._processor.tokenizer.convert_tokens_to_ids("flag")
        return [[logit(0.9) if token == flag else NONE for token in ids]]

    model = answering(monkeypatch, found, torch, [(0.5, 0.5, 0.5, 0.5)], rows)
    (one,) = found.detect(Image.new("RGB", (100, 100)), BoxSearch(categories=tuple(words)))
    assert one.label == "cat flag"
    assert [inputs["input_ids"].shape[1] for inputs in model.asked] == [23, 8]


def test_nothing_to_look_for(detector: Any) -> None:
    for kind in BY_WORDS:
        with pytest.raises(CaptionerError, match=r"looks for what it is told: type what to look for"):
            detector(kind).detect(Image.new("RGB", (10, 10)), BoxSearch())
    with pytest.raises(CaptionerError, match="looks for what it is told"):
        detector("grounding_dino").detect(Image.new("RGB", (10, 10)), BoxSearch(words=("...", "?")))


def test_spans_of_phrases() -> None:
    assert phrase_spans([9, 4, 5, 1, 6, 1, 8], dot=1) == [(1, 3), (4, 5)]


def test_thin_photos_get_a_margin_and_keep_their_coordinates() -> None:
    image = Image.new("RGB", (3, 1000), (10, 20, 30))
    padded = not_thin(image)
    assert padded.size == (50, 1000) and padded.getpixel((2, 999)) == (10, 20, 30)
    usual = Image.new("RGB", (60, 1000))
    assert not_thin(usual) is usual


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_each_kind_of_checkpoint(kind: str, detector: Any) -> None:
    found = detector(kind)
    assert (found.info.id, found.info.device, found.info.precision) == (f"tiny-{kind}", "CPU", "fp32")
    assert found.info.capabilities == {"proposes"} and len(found.info.weights_sha256) == 64
    long = " ".join(["red traffic sign"] * 6)
    search = BoxSearch(most=4, categories=("red car", long), least=0.0)
    for size in ((160, 120), (2, 2), (1, 300), (300, 3)):
        image = Image.effect_noise(size, 90).convert("RGB")
        answer = detect_checked(found, image, search, image="noise")
        assert len(answer) <= 4
        assert [one.score for one in answer] == sorted((one.score for one in answer), reverse=True)
        for one in answer:
            assert one.box.x1 >= 0 and one.box.y1 >= 0 and one.box.x2 <= size[0] and one.box.y2 <= size[1]
    assert found.detect(image, BoxSearch(categories=("cat",), least=1.0)) == ()
    assert all(isinstance(box, Box) for box in found.propose(Image.new("RGB", (64, 48)))) if kind not in BY_WORDS else 1
