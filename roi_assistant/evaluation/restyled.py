"""An annotator who writes all captions in a form of her own: "{category}, {color}, {place}". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from roi_assistant.core.box import Place
from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.named_regions import NamedRegion

CATEGORY, PLACE = "category", "place"
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restyled:
    """``forms`` have slots for the category, the place and attributes; she writes the first whose slots have a value.

    ``words`` are what she says for values, by slot: ``{"color": {"red": "rot"}}``; a value that is not there is said as
    it is. ``places`` says where the boxes lie on their photos, by item.
    """

    forms: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def caption(self, region: NamedRegion) -> str:
        """What she writes about ``region``; "" where no form has all its values.

        Attributes are those of the suggestion without memory: the data sets tell none.
        """
        values = {attribute.name: attribute.values[0] for attribute in region.text.attributes if attribute.values}
        values[CATEGORY] = region.name
        place = self.places.get(region.item)
        if place is not None:
            values[PLACE] = _called(place)
        for form in self.forms:
            if all(slot in values for slot in _SLOT.findall(form)):
                return _SLOT.sub(lambda slot: self.words.get(slot[1], {}).get(values[slot[1]], values[slot[1]]), form)
        return ""


def forms_of(text: str) -> tuple[str, ...]:
    """The forms in ``text``, with ``|`` between them.

    Raises:
        BadInputError: one has no slot.
    """
    forms = tuple(text.split("|"))
    for form in forms:
        if not _SLOT.search(form):
            raise BadInputError(
                "The form '{form}' has no slot: give one such as '{{category}}, {{color}}, {{place}}'.", form=form
            )
    return forms


def _called(place: Place) -> str:
    """ "top left", "left", "center": as people say it."""
    words = (place.row if place.row != "middle" else "", place.column if place.column != "center" else "")
    return " ".join(filter(None, words)) or "center"
