"""Rules about the words of one region: caption against category, against measured colors, values against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roi_assistant.core.caption_category import is_same_thing, noun_of
from roi_assistant.core.lexicon import is_person, kind_of, singular
from roi_assistant.core.lint.findings import Finding, LintImage, caption_of
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import AttributeSchema, Region, ScoredText
from roi_assistant.core.schema import validate_values
from roi_assistant.errors import AttributeValueError
from roi_assistant.sentences import Sentence

_FAMILIES = {
    **{kind: kind for kind in ("animal", "food", "person", "vehicle")},
    **{kind: "wear" for kind in ("clothing", "accessory")},
    **{kind: "scenery" for kind in ("natural feature", "plant", "place", "structure", "building")},
    **{
        kind: "thing"
        for kind in (
            *("tool", "machine", "household item", "weapon", "container", "utensil", "furniture", "appliance"),
            *("instrument", "bathroom fixture", "medicine", "electronic device"),
        )
    },
}
"""Widest word of the lexicon -> what it is told apart as. Not in it: what looks like anything (toys, signs, pictures),
parts of bodies, and "object". Two people who name one box choose words of different kinds within a family and of the
pairs below every day ("grass" and "field", "cup" and "drink")."""
_MAY_MEET = {frozenset(pair) for pair in (("thing", "food"), ("thing", "wear"), ("thing", "scenery"))}

COLOR_RULES = 0.6
"""Part of the thing from which another color stands against that of the caption."""
SMALLEST_COLORED = 24
"""Pixels of the shorter side of a box in which colors are told from each other."""

_BASIC = frozenset(
    ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "tan")
)
"""Colors that are measured; others, such as "multicolored" and "gold", are not held against a photo."""
_NEAR = {
    frozenset(pair)
    for pair in (
        *(("red", "orange"), ("red", "pink"), ("red", "brown"), ("red", "purple"), ("orange", "brown")),
        *(("orange", "yellow"), ("orange", "tan"), ("yellow", "tan"), ("yellow", "green"), ("green", "blue")),
        *(("blue", "purple"), ("purple", "pink"), ("brown", "tan"), ("brown", "black"), ("pink", "tan")),
        *(("black", "gray"), ("gray", "white"), ("white", "tan"), ("gray", "tan"), ("blue", "gray")),
        *(("blue", "black"), ("green", "gray"), ("gray", "brown"), ("green", "black"), ("white", "pink")),
        *(("white", "blue"), ("white", "yellow"), ("purple", "black"), ("purple", "gray"), ("orange", "pink")),
        *(("green", "brown"), ("green", "tan"), ("brown", "purple"), ("red", "black")),
    )
}
"""Colors that light and shade turn into each other: a photo does not say which one a person would name."""


def empty_captions(image: LintImage) -> Iterator[Finding]:
    """Captions without a letter or a digit. Whether a region must have one is `missing_captions`' question."""
    for region in image.regions:
        if region.captions and not any(letter.isalnum() for letter in caption_of(region)):
            yield Finding(
                rule="empty-caption",
                text=Sentence.of("The caption “{caption}” says nothing.", caption=caption_of(region)),
                image=image.key,
                regions=(region.id,),
            )


def captions_against_categories(image: LintImage) -> Iterator[Finding]:
    """Captions whose noun is of another kind than the category. Both must be words of the lexicon: of others nobody
    knows their kind."""
    for region in image.regions:
        category, caption = (region.category or "").casefold(), caption_of(region)
        noun = noun_of(caption) if category and caption else ""
        if noun and are_different_kinds(category, noun) and category not in caption.casefold():
            yield Finding(
                rule="caption-category",
                text=Sentence.of(
                    "The caption “{caption}” is about a “{noun}”, the category is “{category}”.",
                    caption=caption,
                    noun=noun,
                    category=region.category or "",
                ),
                image=image.key,
                regions=(region.id,),
                subject=f"{caption}\0{category}",
            )


def are_different_kinds(category: str, noun: str) -> bool:
    """Whether two nouns in small letters name things of different kinds for certain: both are known to the lexicon,
    neither may be a word for the other, and people do not call the same thing by words of both kinds."""
    one, other = family_of(category), family_of(noun)
    if not one or not other or one == other or frozenset((one, other)) in _MAY_MEET:
        return False
    return not is_same_thing(category, noun)


def family_of(noun: str) -> str:
    """What ``noun`` is told apart as by `are_different_kinds`; "" where that is not known."""
    word = singular(noun)
    return "person" if is_person(word) else _FAMILIES.get(kind_of(word), "")


def _one_color(caption: str) -> str | None:
    """The basic color that ``caption`` names of the thing itself, not of what it wears or has; None when it names
    none, several, or one that is not measured."""
    named = set(parse_phrase(caption).attributes.get("color", ()))
    return next(iter(named)) if len(named) == 1 and named <= _BASIC else None


def wants_colors(region: Region) -> bool:
    """Whether `color_against_caption` can say anything of ``region``, so that its photo is worth reading."""
    box = region.box
    return min(box.width, box.height) >= SMALLEST_COLORED and _one_color(caption_of(region)) is not None


def color_against_caption(
    image: str, region: Region, measured: Sequence[ScoredText], anywhere: Sequence[ScoredText]
) -> Finding | None:
    """A caption whose one color is nowhere in the box while a quite different one fills the thing in it.

    Args:
        image: Key of the image.
        region: Of which `wants_colors` holds.
        measured: The basic colors of the box and their parts of the thing in it, 0..1, the largest first, as of
            ``imaging.colors.measure_colors``.
        anywhere: The same with all pixels of the box counting alike: thin and small things, such as a chain, are
            mostly taken for background.
    """
    named = _one_color(caption_of(region))
    if named is None or not measured or any(color.text == named for color in (*measured, *anywhere)):
        return None
    main = measured[0]
    if main.score < COLOR_RULES or frozenset((named, main.text)) in _NEAR:
        return None
    return Finding(
        rule="caption-color",
        text=Sentence.of(
            "The caption “{caption}” says {named}, the box is {percent} percent {measured}.",
            caption=caption_of(region),
            named=named,
            percent=int(100 * main.score),
            measured=main.text,
        ),
        image=image,
        regions=(region.id,),
        subject=caption_of(region),
    )


def values_outside_schema(image: LintImage, schema: AttributeSchema) -> Iterator[Finding]:
    """Attribute values that the project's schema does not allow, and attributes that it does not have. A project
    without a schema allows all."""
    definitions = {definition.name: definition for definition in schema.attributes}
    if not definitions:
        return
    for region in image.regions:
        for attribute in region.attributes:
            definition = definitions.get(attribute.name)
            values = ", ".join(attribute.values)
            if definition is None:
                text = Sentence.of(
                    "The project has no attribute {name}; here it is “{values}”.", name=attribute.name, values=values
                )
            else:
                try:
                    validate_values(definition, attribute.values)
                except AttributeValueError as error:
                    text = error.sentence
                else:
                    continue
            yield Finding(
                rule="attribute-value",
                text=text,
                image=image.key,
                regions=(region.id,),
                subject=f"{attribute.name}\0{values}",
            )
