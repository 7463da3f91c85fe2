"""From decoded answers to what an annotator is shown: ranked texts, honest scores, and a general word when unsure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.mini.clause import Clause, split_clause
from roi_assistant.captioners.mini.description import DESCRIBING, described
from roi_assistant.captioners.mini.guesses import CategoryVotes, category_mass
from roi_assistant.captioners.mini.ranking import Evidence, PhraseSimilarity, Ranking, consensus, renamed
from roi_assistant.captioners.mini.wording import is_garbled, once, written
from roi_assistant.core.box import Box
from roi_assistant.core.calibration import Curve
from roi_assistant.core.lexicon import load_lexicon
from roi_assistant.core.participles import participial
from roi_assistant.core.phrases import (
    basic_color,
    hypernym,
    is_animate,
    is_person,
    kind_of,
    parse_phrase,
    singular,
    with_article,
    without_article,
)
from roi_assistant.core.prompts import QUESTIONS, Task
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeSchema,
    AttributeSource,
    CaptionStyle,
    DescribeRequest,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)
from roi_assistant.imaging.colors import measure_colors

ATTRIBUTE_TASKS: tuple[Task, ...] = (
    "color", "material", "size", "pattern", "state", "shape", "action", "wearing", "count",
)  # fmt: skip
_ATTRIBUTE_QUESTIONS: dict[str, str] = {name: QUESTIONS[name][0] for name in ATTRIBUTE_TASKS}
CAPTION_TASKS: dict[CaptionStyle, Task] = {"phrase": "phrase", "sentence": "sentence", "description": "phrase"}
"""What the decoder is asked for a caption; a description is a phrase that is completed, see `described`."""
UNKNOWN_THING = "object"
ONE_KIND_FROM = 0.4
"""Share of the guesses of one kind from which the likeliest of them is shown, marked as unsure, and not "an object"."""
CATEGORIES = 5
"""How many categories are shown."""
ADJECTIVES = frozenset(("material", "size", "pattern", "state", "shape"))
COLOR, WEARING, ALTERNATIVES = "color", "wearing", "alternatives"
ONLY_WHEN_ASKED = frozenset(("size", WEARING))
"""A size is relative, and few want to know what people wear: both were corrected more often than kept."""
GROUPS = frozenset(("group", "couple", "pair", "crowd", "bunch", "team", "set", "row", "herd", "pack"))
"""Words after which a phrase that begins with "a" still speaks of several things."""
DECODER_KNOWS_BETTER = frozenset(("color", "pattern", "shape"))
ASKED_ANYWAY = DECODER_KNOWS_BETTER | {WEARING}
"""Attributes that the decoder is asked about although there is a head: hardly anybody named patterns and shapes, of
which the head is much too sure; and the decoder knows the colors of garments."""
MOST_WORN, WORN_FROM = 3, 0.25
"""How many garments are shown at most, and from which raw probability the others beside the likeliest are."""
_UNSEEN_SHARE = 1e-9
"""Added to the measured share of every color, so that there is always one to say. Next to nothing, because a color that
the pixels do not show was right for 5 of 26 boxes of val whose model believed in one."""
_COLOR_MARGIN = 0.5
"""Colors are measured on a crop this much larger than the box on every side, so that the background can be seen."""


@dataclass(frozen=True)
class RegionAnswers:
    """What the decoder and the heads answer about one region, best first.

    ``by_task`` has the decoder's answers to the questions for captions and category; ``attributes`` those about
    attributes, by name. The two are apart because a schema may call an attribute "category".
    ``first`` has the log-probabilities [vocabulary] of the first token of the answer about color; no more of that
    answer is read.
    """

    by_task: Mapping[str, Sequence[Hypothesis]]
    first: Mapping[str, NDArray[np.float32]]
    attributes: Mapping[str, Sequence[Hypothesis]] = field(default_factory=dict)
    nouns: Sequence[ScoredText] = ()
    """What the category head would call it, with raw probabilities; empty for a model without one."""
    values: Mapping[str, Sequence[ScoredText]] = field(default_factory=dict)
    """The attribute head's values by attribute, all of them, with raw probabilities."""
    ngrams: NDArray[np.float32] | None = None
    """What the phrase head expects of a person's phrase [n-grams], see `ranking.Agreement.with_people`."""
    features: str = ""
    """How the region looks, see `RegionText`."""


def schema_questions(schema: AttributeSchema | None) -> list[tuple[str, str]]:
    """(attribute name, question) for a schema; None asks for what the model was taught but `ONLY_WHEN_ASKED`.

    An attribute that the model was not taught is asked with the schema's own question, or left out without one.
    """
    if schema is None:
        return [pair for pair in _ATTRIBUTE_QUESTIONS.items() if pair[0] not in ONLY_WHEN_ASKED]
    questions = []
    for attribute in schema.attributes:
        if attribute.name in _ATTRIBUTE_QUESTIONS:
            questions.append((attribute.name, _ATTRIBUTE_QUESTIONS[attribute.name]))
        elif attribute.question:
            questions.append((attribute.name, attribute.question.lower().rstrip("? ")))
    return questions


class AnswerReader:
    """Turns answers into a `RegionText`, with the curves and thresholds fitted on val (``calibration.json``)."""

    def __init__(
        self, calibration: Mapping[str, Any], *, tokenizer: Tokenizer, weights: Mapping[str, float] | None = None
    ) -> None:
        """``weights`` of n-grams: see `PhraseSimilarity`."""
        self._tokenizer = tokenizer
        self._curves = {
            name: Curve(tuple(c["inputs"]), tuple(c["outputs"])) for name, c in calibration["curves"].items()
        }
        self._unsure_below = float(calibration["unsure_below"])
        self._agreement = PhraseSimilarity(weights or {})
        self._ranking = Ranking(calibration["ranking"], self._agreement)
        self._general_from = float(calibration["general_from"])
        self._one_kind_from = float(calibration.get("one_kind_from", ONE_KIND_FROM))
        self.clause_from = float(calibration.get("clause_from", math.inf))
        """Mean probability of a token from which what the decoder writes on from a noun completes a phrase; above 1 it
        is not asked."""
        self.clause_task: Task = calibration.get("clause_task", "sentence")
        """The question that it is asked for that."""
        self._rename_margin = float(calibration.get("rename_margin", math.inf))
        category = calibration.get("category", {})
        self._head_weight = float(category.get("head_weight", 0.5))
        self._certainty: tuple[float, ...] = tuple(category.get("certainty", ()))
        """See `CategoryVotes.certain`; without weights a curve tells what a guess is worth."""
        color = calibration["color"]
        self._color_weight, self._second_color = float(color["pixel_weight"]), float(color["second_from"])
        self._color_ids = {
            name: ids[0]
            for name in color["names"]
            if len(ids := tokenizer.encode(name, add_special_tokens=False).ids) == 1
        }

    def read(
        self, answers: RegionAnswers, *, box: Box, request: DescribeRequest, prompt: str, shares: Mapping[str, float]
    ) -> RegionText:
        """One region's text.

        Args:
            answers: what the model computed about the region.
            box: the region, in pixels of its image.
            request: what was asked for; attributes that it does not ask for are left out.
            prompt: the question, kept as it is in the text.
            shares: of the named colors in the box, see `measured_shares`.
        """
        style = CAPTION_TASKS[request.style]
        captions = self._candidates(answers.by_task[style], style=style)
        if request.decoding == "consensus":
            captions = consensus(captions, self._agreement)
        votes = self.votes(answers)
        guesses = votes.guesses(head_weight=self._head_weight) if request.category else []
        colors = self._colors(answers, shares)
        likely = colors.probabilities if colors is not None else {}
        if request.decoding == "beam" and style == "phrase":
            captions = self._ranking.ranked(captions, Evidence(answers.nouns or guesses, likely, answers.ngrams))
        raw_output = captions[0][0]
        captions = [(self._ranking.recolored(text, likely), hypothesis) for text, hypothesis in captions]
        best = captions[0]
        others = [*captions[1:], *self._candidates(answers.by_task.get(ALTERNATIVES, ()), style=style)]
        if self._certainty and votes.both:
            categories = votes.certain(guesses[:CATEGORIES], among=guesses, weights=self._certainty)
        else:
            categories = [ScoredText(g.text, self._score("category", g.score)) for g in guesses[:CATEGORIES]]
        sure_of_category = categories[0].score if categories else None
        look = self._look(answers, colors=colors) if request.style == "description" else ()
        clauses = self._clauses(answers)
        scored = [
            ScoredText(written(text), self._caption_score(style, hypothesis, sure_of_category))
            for text, hypothesis in (best, *others)
        ]
        if style == "phrase" and request.decoding == "beam" and categories:
            scored = renamed(scored, categories[0], margin=self._rename_margin)
        if look:
            seen = shares if colors else None
            scored = [ScoredText(described(s.text, look, seen, clauses), s.score) for s in scored]
        caption, alternatives = scored[0], _distinct(scored[1:], without=scored[0].text)
        category = categories[0] if categories else None
        unsure = caption.score < self._unsure_below and (category is None or category.score < self._unsure_below)
        thing = category.text if category else parse_phrase(caption.text).head
        defined = {a.name: a for a in request.attributes.attributes} if request.attributes else {}
        attributes = tuple(
            attribute
            for name, _ in schema_questions(request.attributes)
            if _applies(name, thing=thing, caption=caption.text)
            and (attribute := self._attribute(name, answers, colors=colors, definition=defined.get(name)))
        )
        shown, shown_category = caption, category
        guessed = guesses or self._raw(answers.by_task[style])
        general = self._general(guessed, (caption, *alternatives)) if unsure else None
        if general is not None and general.text == UNKNOWN_THING and self._agree_in_kind(guessed):
            general = None  # the noun says more, and the mark that it is not sure
        if general is not None:
            shown, shown_category = ScoredText(with_article(general.text), general.score), general
            alternatives = _distinct((caption, *alternatives), without=shown.text)
        return RegionText(
            box=box,
            caption=shown,
            # Those that the search ranks first, in the order of the probabilities that are shown beside them.
            alternatives=tuple(sorted(alternatives[: request.alternatives], key=lambda other: -other.score)),
            category=shown_category if categories else None,
            category_alternatives=tuple(categories if general is not None else categories[1:]),
            attributes=attributes,
            unsure=unsure,
            prompt=prompt,
            raw_output=raw_output,
            specific=caption if general is not None else None,
            features=answers.features,
        )

    def _texts(self, hypotheses: Sequence[Hypothesis]) -> list[tuple[str, Hypothesis]]:
        """Distinct decoded texts, best first."""
        texts: dict[str, Hypothesis] = {}
        for hypothesis in hypotheses:
            text = self._tokenizer.decode(list(hypothesis.tokens), skip_special_tokens=True).strip()
            texts.setdefault(once(text) or UNKNOWN_THING, hypothesis)
        return list(texts.items())

    def _candidates(self, hypotheses: Sequence[Hypothesis], *, style: str) -> list[tuple[str, Hypothesis]]:
        """Captions, best first: of phrases those that are not garbled, if there are any."""
        texts = self._texts(hypotheses)
        return [pair for pair in texts if style != "phrase" or not is_garbled(pair[0])] or texts

    def _raw(self, hypotheses: Sequence[Hypothesis]) -> list[ScoredText]:
        return [ScoredText(text, math.exp(hypothesis.total)) for text, hypothesis in self._texts(hypotheses)]

    def votes(self, answers: RegionAnswers) -> CategoryVotes:
        """What decoder and category head say that the region is."""
        asked = {guess.text: guess.score for guess in self._raw(answers.by_task.get("category", ()))}
        return CategoryVotes(asked, category_mass(answers.nouns))

    def guesses(self, answers: RegionAnswers) -> list[ScoredText]:
        """Categories with raw scores, best first, see `CategoryVotes.guesses`."""
        return self.votes(answers).guesses(head_weight=self._head_weight)

    def _score(self, task: str, value: float) -> float:
        curve = self._curves.get(task)
        return min(1.0, max(0.0, curve(value) if curve else value))

    def _caption_score(self, curve: str, hypothesis: Hypothesis, category: float | None) -> float:
        """A caption is right when its noun is: certainty about the category says more than that about the words."""
        words = math.exp(hypothesis.mean)
        return self._score(curve, math.sqrt(words * category) if category is not None else words)

    def _general(self, guesses: Sequence[ScoredText], specific: Sequence[ScoredText]) -> ScoredText:
        """The more general word that most of the guesses share, if they are together likely enough.

        It is at least as likely as any of the captions ``specific`` that it covers: an animal is what a dog is.
        """
        mass: dict[str, float] = {}
        for guess in guesses:
            for word in _general_words(parse_phrase(guess.text).head or guess.text):
                mass[word] = mass.get(word, 0.0) + guess.score
        unknown = ScoredText(UNKNOWN_THING, max(guess.score for guess in (*guesses, *specific)))
        if not mass:
            return unknown
        word = max(mass, key=lambda key: mass[key])  # of equally likely words the first, which is the least general
        score = self._score("general", min(1.0, mass[word]))
        if score < self._general_from:
            return unknown
        covered = (text.score for text in specific if word in _general_words(parse_phrase(text.text).head or text.text))
        return ScoredText(word, max((score, *covered)))

    def _agree_in_kind(self, guesses: Sequence[ScoredText]) -> bool:
        """Whether most of what it may be is of one kind, such as vehicles."""
        mass: dict[str, float] = {}
        for guess in guesses:
            kind = kind_of(parse_phrase(guess.text).head or guess.text)
            mass[kind] = mass.get(kind, 0.0) + guess.score
        return max(mass.values(), default=0.0) >= self._one_kind_from * sum(mass.values())

    def _attribute(
        self, name: str, answers: RegionAnswers, *, colors: _Colors | None, definition: AttributeDefinition | None
    ) -> SuggestedAttribute | None:
        """What is known about an attribute: the head's value where it knows the attribute, else the decoder's."""
        if name == COLOR:
            return self._color_attribute(colors) if colors is not None else None
        asked = self._texts(answers.attributes.get(name, ()))
        phrases = tuple(dict.fromkeys(asked[0][0].split(" and "))) if asked and name == WEARING else ()
        known = () if name in DECODER_KNOWS_BETTER else answers.values.get(name, ())
        if values := _allowed(known, definition):
            texts = _worn(values, phrases, definition) if name == WEARING else (values[0].text,)
            return SuggestedAttribute(name, texts, self._score(name, values[0].score))
        if not asked:
            return None
        text, hypothesis = asked[0]
        texts = phrases or (text,)
        if name in ADJECTIVES and not _is_value_of(name, text):
            return None  # an answer to another question, such as a state for a shape
        return SuggestedAttribute(name, texts, self._score(name, math.exp(hypothesis.total)))

    def _look(self, answers: RegionAnswers, *, colors: _Colors | None) -> list[SuggestedAttribute]:
        """What completes a description, whatever attributes are asked for.

        A color is told where the attribute head believes in the same one: else the pixels are as often as not those of
        what is behind the thing.
        """
        found = (self._attribute(name, answers, colors=colors, definition=None) for name in DESCRIBING)
        seen = [value.text for value in answers.values.get(COLOR, ())[:1]]
        return [a for a in found if a is not None and (a.name != COLOR or not seen or a.values[0] in seen)]

    def _clauses(self, answers: RegionAnswers) -> list[Clause]:
        """What the decoder's descriptions go on with after their nouns, where that is sure enough."""
        clauses = []
        for text, hypothesis in self._texts(answers.by_task.get("description", ())):
            head, first, rest = split_clause(participial(text))
            before = len(self._tokenizer.encode(" ".join(first), add_special_tokens=False).ids)
            told = hypothesis.log_probabilities[before:]
            if rest and told and (score := math.exp(sum(told) / len(told))) >= self.clause_from:
                clauses.append(Clause(head, rest, score))
        return clauses

    def _colors(self, answers: RegionAnswers, shares: Mapping[str, float]) -> _Colors | None:
        """The model's distribution over color names times the ``shares`` measured from the pixels."""
        if COLOR not in answers.first or not self._color_ids:
            return None
        names = list(self._color_ids)
        log_probabilities = answers.first[COLOR][[self._color_ids[name] for name in names]]
        model = np.exp(log_probabilities.astype(np.float64)) + 1e-6
        measured = np.array([shares.get(basic_color(name), 0.0) for name in names]) + _UNSEEN_SHARE
        weight = self._color_weight
        combined = (model / model.sum()) ** (1 - weight) * (measured / measured.sum()) ** weight
        combined /= combined.sum()
        ranked = sorted(zip(names, combined.tolist(), strict=True), key=lambda pair: -pair[1])
        return _Colors(dict(ranked), measured=max(shares, key=lambda key: shares[key], default=""))

    def _color_attribute(self, colors: _Colors) -> SuggestedAttribute:
        (first, probability), *others = colors.probabilities.items()
        values = (first, *(second for second, likely in others[:1] if likely >= self._second_color))
        source: AttributeSource = "pixels" if basic_color(first) == colors.measured else "model"
        return SuggestedAttribute(COLOR, values, self._score(COLOR, probability), source=source)


@dataclass(frozen=True)
class _Colors:
    """Probabilities of color names, the likeliest first, and the one that covers most of the region."""

    probabilities: dict[str, float]
    measured: str


def _is_value_of(attribute: str, text: str) -> bool:
    """Whether ``text`` is a state for "state", a shape for "shape" and so on.

    The grammar of noun phrases alone would not do: it reads "leopard print" as a print and "burning" as an action.
    """
    return text in _listed_values(attribute) or text in parse_phrase(f"a {text} thing").attributes.get(attribute, ())


@cache
def _listed_values(attribute: str) -> frozenset[str]:
    """The values of ``attribute`` in the lexicon, and the words for them."""
    listed = [(word, value) for word, of in load_lexicon().values.items() for name, value in of if name == attribute]
    return frozenset(text for pair in listed for text in pair)


def _general_words(noun: str) -> list[str]:
    """More general words for ``noun``, the least general first, without "object"."""
    if is_person(noun):
        return ["person"]
    words: list[str] = []
    while (noun := hypernym(noun)) != UNKNOWN_THING and noun not in words:
        words.append(noun)
    return words


def _allowed(values: Sequence[ScoredText], definition: AttributeDefinition | None) -> Sequence[ScoredText]:
    """Those of ``values`` that the schema lists for the attribute; all where it lists none of them."""
    listed = {value.casefold() for value in definition.values} if definition else ()
    return [value for value in values if value.text.casefold() in listed] or values


def _worn(
    values: Sequence[ScoredText], phrases: Sequence[str], definition: AttributeDefinition | None
) -> tuple[str, ...]:
    """The likeliest of the garments ``values`` (best first), and the next where they are likely too and the schema
    takes several.

    Where the schema lists no garments they are told in the words of ``phrases``, which know colors: "blue shirt" for
    "shirt".
    """
    several = definition is None or definition.kind != "single"
    garments = [v.text for k, v in enumerate(values[:MOST_WORN]) if not k or (several and v.score >= WORN_FROM)]
    if definition is not None and definition.values:
        return tuple(garments)
    words = {singular(parse_phrase(text).head): text for text in reversed(phrases)}
    return tuple(words.get(garment, garment) for garment in garments)


def _applies(attribute: str, *, thing: str, caption: str) -> bool:
    """Whether it makes sense to ask: only people wear things, only the living act, and one thing is not counted.

    Category and caption are separate guesses: it is enough when one of them is a person, or lives.
    """
    if attribute == "wearing":
        return is_person(thing) or is_person(parse_phrase(caption).head)
    if attribute == "action":
        return is_animate(thing) or is_animate(parse_phrase(caption).head)
    if attribute == "material":
        return not is_animate(thing)
    if attribute == "count":
        words = caption.split()
        return words[:1] not in (["a"], ["an"], ["one"]) or bool(GROUPS.intersection(words[1:3]))
    return True


def measured_shares(image: Image.Image, box: Box) -> dict[str, float]:
    """Shares of named colors inside ``box``, from a crop with some surroundings, at most 128 pixels a side."""
    dx, dy = _COLOR_MARGIN * box.width, _COLOR_MARGIN * box.height
    left, top = max(0, int(box.x1 - dx)), max(0, int(box.y1 - dy))
    right, bottom = min(image.width, int(box.x2 + dx) + 1), min(image.height, int(box.y2 + dy) + 1)
    scale = min(1.0, 128 / max(right - left, bottom - top))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    crop = image.resize(size, Image.Resampling.BOX, box=(left, top, right, bottom))
    sx, sy = size[0] / (right - left), size[1] / (bottom - top)
    inner = Box((box.x1 - left) * sx, (box.y1 - top) * sy, (box.x2 - left) * sx, (box.y2 - top) * sy)
    return {color.text: color.score for color in measure_colors(np.asarray(crop), inner)}


def _distinct(texts: Sequence[ScoredText], *, without: str) -> tuple[ScoredText, ...]:
    """Those of ``texts`` that say something else than ``without`` and the ones before them; an article says nothing."""
    seen = {without_article(without)}
    kept = []
    for item in texts:
        if (words := without_article(item.text)) not in seen:
            seen.add(words)
            kept.append(item)
    return tuple(kept)
