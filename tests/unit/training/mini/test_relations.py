"""What boxes alone tell of each other, with boxes worked out by hand."""

import pytest

from roi_assistant.core.box import Box
from roi_assistant.training.mini.relations import relations

PERSON = ("person", Box(40, 10, 80, 90))
TABLE = ("dining table", Box(0, 60, 100, 100))


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (("horse", Box(20, 50, 110, 110)), "riding a horse"),
        (("skateboard", Box(45, 85, 85, 97)), "riding a skateboard"),
        (("cell phone", Box(50, 30, 58, 36)), "holding a cell phone"),
        (("umbrella", Box(45, 12, 75, 30)), "holding an umbrella"),
        (("tie", Box(58, 30, 62, 50)), "wearing a tie"),
        (("handbag", Box(42, 40, 58, 60)), "with a handbag"),
        (("sofa", Box(10, 30, 120, 100)), "sitting on a sofa"),
    ],
)
def test_a_person_and_a_thing(thing: tuple[str, Box], said: str) -> None:
    assert relations([PERSON, thing]) == {0: said}
    assert relations([thing, PERSON]) == {1: said}


@pytest.mark.parametrize(
    "thing",
    [
        ("horse", Box(200, 50, 290, 110)),
        ("skateboard", Box(45, 10, 85, 22)),
        ("cell phone", Box(50, 84, 58, 90)),
        ("cell phone", Box(120, 30, 128, 36)),
        ("sofa", Box(70, 30, 180, 100)),
        ("car", Box(20, 50, 110, 110)),
    ],
)
def test_far_away_or_in_another_place_tells_nothing(thing: tuple[str, Box]) -> None:
    assert relations([PERSON, thing]) == {}


def test_what_two_people_may_hold_tells_nothing() -> None:
    other = ("person", Box(44, 10, 84, 90))
    assert relations([PERSON, other, ("cell phone", Box(56, 30, 64, 36))]) == {}


def test_small_things_stand_on_a_table() -> None:
    cup, far_cup = ("cup", Box(30, 55, 40, 75)), ("cup", Box(30, 5, 40, 20))
    assert relations([cup, far_cup, TABLE]) == {0: "on a table"}
    assert relations([("car", Box(30, 55, 40, 75)), TABLE]) == {}


def test_food_is_in_its_bowl_and_not_on_the_table() -> None:
    bowl, apple = ("bowl", Box(20, 50, 60, 80)), ("apple", Box(30, 55, 45, 70))
    assert relations([apple, bowl, TABLE]) == {0: "in a bowl", 1: "on a table"}


def test_no_regions() -> None:
    assert relations([]) == {}
