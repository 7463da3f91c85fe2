"""Where labels go, and that they go with their boxes."""

from __future__ import annotations

import random

from roi_assistant.core.box import Box
from roi_assistant.imaging.label_layout import overlap
from roi_assistant.ui.canvas.placing import MOST_CAPTIONS, LabelRequest, beside, place_all

VIEW = {"width": 1200.0, "height": 800.0}


def requests(count: int, *, size: tuple[float, float] = (60.0, 40.0)) -> list[LabelRequest]:
    chance = random.Random(3)
    asked = []
    for number in range(count):
        x, y = chance.uniform(30, 1100), chance.uniform(30, 700)
        asked.append(LabelRequest(str(number), Box(x, y, x + size[0], y + size[1]), (24, 16), ((120, 18), (80, 34))))
    return asked


def rects(asked: list[LabelRequest]) -> dict[str, tuple[float, float, float, float]]:
    by_id = {}
    for request in asked:
        place = place_all(asked, **VIEW).get(request.id)
        if place is not None:
            x, y = place.corner(request.box.xyxy)
            w, h = request.chip if place.shape is None else request.shapes[place.shape]
            by_id[request.id] = (x, y, x + w, y + h)
    return by_id


def test_few_labels_have_captions_that_do_not_cover_each_other() -> None:
    asked = requests(8)
    places = place_all(asked, **VIEW)
    assert [name for name, place in places.items() if place.shape is None] == []
    plates = list(rects(asked).values())
    assert all(overlap(a, b) == 0 for number, a in enumerate(plates) for b in plates[:number])


def test_many_labels_are_numbers_that_cover_neither_each_other_nor_small_boxes() -> None:
    asked = requests(MOST_CAPTIONS * 4, size=(30, 25))
    places = place_all(asked, **VIEW)
    assert len(places) > MOST_CAPTIONS
    assert all(place.shape is None for place in places.values())
    by_id = {}
    for request in asked:
        if request.id in places:
            x, y = places[request.id].corner(request.box.xyxy)
            by_id[request.id] = (x, y, x + request.chip[0], y + request.chip[1])
    chips = list(by_id.values())
    assert all(overlap(a, b) == 0 for number, a in enumerate(chips) for b in chips[:number])
    for name, chip in by_id.items():
        assert all(overlap(chip, request.box.xyxy) == 0 for request in asked if request.id != name)


def test_a_label_rides_along_with_its_box() -> None:
    request = LabelRequest("a", Box(300, 300, 500, 400), (24, 16), ((120, 18),))
    place = place_all([request], **VIEW)["a"]
    x, y = place.corner((300, 300, 500, 400))
    assert place.corner((350, 280, 550, 380)) == (x + 50, y - 20)


def test_a_label_below_stays_below_when_the_box_grows() -> None:
    request = LabelRequest("a", Box(300, 0, 500, 100), (24, 16), ((120, 18),))
    place = place_all([request], **VIEW)["a"]
    assert place.at_bottom
    assert place.corner((300, 0, 500, 200))[1] == place.corner((300, 0, 500, 100))[1] + 100


def test_a_label_that_must_be_seen_is_in_view() -> None:
    for box in (Box(0, 0, 1200, 800), Box(1150, 0, 1200, 300), Box(0, 700, 100, 800)):
        place = beside(box, (150, 20), shape=0, **VIEW)
        x, y = place.corner(box.xyxy)
        assert 0 <= x <= 1050 and 0 <= y <= 780
