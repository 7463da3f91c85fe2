"""What another model said, beside what stands there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtWidgets import QApplication, QLabel

from roi_assistant.core.records import Attribute
from roi_assistant.core.review import accept
from roi_assistant.ui.docks.second_answer import SecondAnswer
from tests.unit.core.test_answers import asked
from tests.unit.region_records import LATER, OTHER_MODEL, suggested


@pytest.fixture
def panel(qapp: QApplication) -> SecondAnswer:
    panel = SecondAnswer()
    panel.resize(360, 300)
    return panel


def texts(panel: SecondAnswer) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if not label.isHidden()]


def test_it_is_there_only_where_another_model_answered(panel: SecondAnswer) -> None:
    panel.show_region(suggested())
    assert panel.isHidden() and panel.index == -1
    panel.show_region(asked())
    assert not panel.isHidden() and panel.index == 0
    panel.show_region(None)
    assert panel.isHidden() and panel.index == -1


def test_both_sides_stand_line_by_line_and_what_differs_can_be_taken(panel: SecondAnswer) -> None:
    taken: list[tuple[int, str, str]] = []
    panel.partTaken.connect(lambda *part: taken.append(part))
    panel.show_region(asked())
    assert panel.reason.text() == "color: red against blue", "a mug is a cup"
    shown = texts(panel)
    assert {"a red cup", "a blue mug", "cup", "mug", "red", "blue", "glass", "florence"} <= set(shown)
    assert [button.accessibleName() for button in panel.take_buttons] == [
        "Take caption: a blue mug", "Take category: mug", "Take color: blue", "Take material: glass",
    ]  # fmt: skip
    for button in panel.take_buttons:
        button.click()
    assert taken == [(0, "caption", ""), (0, "category", ""), (0, "attribute", "color"), (0, "attribute", "material")]
    assert panel.accessibleDescription().startswith("caption: a red cup, a blue mug; category: cup, mug; color: red")


def test_the_lines_of_the_next_region_take_the_place_of_those_before(panel: SecondAnswer) -> None:
    panel.show_region(asked())
    same = replace(asked(suggested("r2")).answers[0], caption="a red cup", category="cup", attributes=())
    panel.show_region(replace(suggested("r2"), answers=(same,)))
    assert panel.reason.text() == "Both say the same." and panel.take_buttons == []
    assert "a blue mug" not in texts(panel)


def test_of_several_answers_the_one_that_differs_most_comes_first(panel: SecondAnswer) -> None:
    first = asked().answers[0]
    dog = replace(
        first,
        provenance=replace(OTHER_MODEL, model_id="qwen"),
        caption="a dog",
        category="dog",
        attributes=(Attribute("color", ("red",), OTHER_MODEL),),
    )
    region = replace(suggested(), answers=(first, dog))
    panel.show_region(region)
    assert panel.index == 1 and panel.reason.text() == "cup against dog"
    panel.next_button.click()
    assert panel.index == 0 and "florence" in texts(panel)
    panel.show_region(accept(region, at=LATER))
    assert panel.index == 0, "what one looks at stays"


def test_the_buttons_take_all_or_keep_all_and_can_be_locked(panel: SecondAnswer) -> None:
    told: list[object] = []
    panel.allTaken.connect(told.append)
    panel.leftKept.connect(lambda: told.append("left"))
    panel.show_region(asked())
    panel.right_button.click()
    panel.left_button.click()
    assert told == [0, "left"]
    panel.set_enabled(False)
    panel.right_button.click()
    assert told == [0, "left"] and not any(button.isEnabled() for button in panel.take_buttons)
