"""What a project knows about regions, and what captioners answer. Frozen dataclasses, no behaviour beyond
validation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from roi_assistant.core.box import Box

Author = Literal["human", "model"]
ReviewState = Literal["suggested", "accepted", "edited", "rejected"]
AttributeKind = Literal["single", "multi", "boolean", "text"]
AttributeSource = Literal["model", "pixels", "human"]
CaptionStyle = Literal["phrase", "sentence", "description"]
Decoding = Literal["greedy", "beam", "consensus"]
ReadingText = Literal["no", "if_possible", "yes"]
"""Whether what is written in boxes is read: ``if_possible`` where a reader is installed, ``yes`` or a note says why
not."""
Capability = Literal[
    "multi_region",
    "chat",
    "attributes",
    "alternatives",
    "streams",
    "drafts",
    "interruptible",
    "scores_options",
    "features",
    "proposes",
]
"""What a captioner can do: answer questions about several boxes (``multi_region``), ``chat``, suggest ``attributes``,
rank ``alternatives``, yield an answer in pieces while it is written (``streams``), tell how regions look
(``features``), so that a project can remember them. ``drafts``, ``interruptible``, ``scores_options`` and ``proposes``
bring more members, see ``roi_assistant.interfaces``."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who wrote a field. ``created_at`` is ISO 8601 in UTC; the model fields are empty when a person wrote it.

    ``derived_from`` is ``caption`` for a category that followed from the caption of the same author, ``detection`` for
    one that came with the box, from what found it.
    """

    author: Author
    created_at: str
    model_id: str = ""
    weights_sha256: str = ""
    prompt: str = ""
    decoding: str = ""
    raw_output: str = ""
    derived_from: Literal["", "caption", "detection"] = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence or phrase about a region. ``score`` is a calibrated probability 0..1 when a model wrote it."""

    text: str
    provenance: Provenance
    score: float | None = None
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named value from the project's schema; several values when the schema says ``multi``.

    ``unconfirmed``: a model's values that did not fit what a person decided about the region; she has not decided
    about them. (In a region that is ``suggested`` she has decided about nothing yet.)
    """

    name: str
    values: tuple[str, ...]
    provenance: Provenance
    score: float | None = None
    source: AttributeSource = "human"
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text and the calibrated probability, 0..1, that a person would agree with it."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """A box and the calibrated probability, 0..1, that a person would draw one that overlaps it by half (IoU); of a
    detector the score is its own and not calibrated. ``label``: what a detector says is in it, "" where it does not."""

    box: Box
    score: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSearch:
    """Which boxes of an image are wanted: at most ``most``.

    ``words`` are what a person typed: nothing else is wanted. ``categories`` are those of the project: what a detector
    that must be told looks for where nothing was typed. ``least``: of the scores, 0..1; None leaves it to the detector.
    """

    most: int = 50
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    least: float | None = None


@dataclass(frozen=True, slots=True)
class RegionKey:
    """A region of a project: the key of its image, and its id."""

    image: str
    region: str


MOST_ANSWERS = 3
"""Answers of other models that a region keeps, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What another model said about a region than the one whose words stand there. ``score`` and ``category_score`` are
    0..1, None where not known; ``provenance`` is that of all of it."""

    provenance: Provenance
    caption: str
    score: float | None = None
    category: str | None = None
    category_score: float | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A box on an image with what is known about it. ``id`` is stable over edits and unique on its image.

    ``category_score``, ``category_alternatives`` and ``unsure`` are set while a model's suggestion stands; see
    ``RegionText``. ``category_provenance`` None: not known, as in files of other programs. The box of a ``locked``
    region is not moved. ``created_at`` and ``reviewed_at`` (the last decision of a person) are ISO 8601 in UTC, empty
    where not known. ``category_unconfirmed`` is to the category what ``Attribute.unconfirmed`` is to an attribute.
    ``copied_from``: key of the image from which box and words were copied, empty for others. ``like``: the accepted
    regions after which a suggestion was told, the most alike first. ``answers``: of other models that were asked about
    the same box, at most `MOST_ANSWERS`, the latest last; nobody has decided for them.
    """

    id: str
    box: Box
    category: str | None = None
    captions: tuple[Caption, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    state: ReviewState = "suggested"
    category_score: float | None = None
    unsure: bool = False
    category_provenance: Provenance | None = None
    category_alternatives: tuple[ScoredText, ...] = ()
    locked: bool = False
    created_at: str = ""
    reviewed_at: str = ""
    category_unconfirmed: bool = False
    copied_from: str = ""
    like: tuple[RegionKey, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageNotes:
    """What a person says of an image as a whole. ``note`` is any text. ``reviewed_empty``: she has looked at it and
    there is nothing to box; an image with regions is never that."""

    note: str = ""
    reviewed_empty: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. ``<region1>`` in ``text`` refers, 1-based, to the boxes of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns about regions of one image; ``region_ids[0]`` is ``<region1>``.

    ``id`` and ``created_at`` (ISO 8601 in UTC) are set on conversations that a project keeps.
    """

    image: str
    region_ids: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    id: str = ""
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class AttributeDefinition:
    """One attribute of a schema. ``values`` are the allowed ones (empty for ``text`` and ``boolean``)."""

    name: str
    kind: AttributeKind
    values: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """The attributes that a project asks about."""

    name: str
    attributes: tuple[AttributeDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryList:
    """What a project says of its categories.

    Attributes:
        names: The list that a person keeps, in its order.
        closed: Whether categories must be in the list.
        colors: (name, ``#rrggbb``) of those whose color a person chose.
        keys: The categories of the digits 1 to 9; "" where a digit has none.
        removed: Names that were merged, deleted or given up for others: while no region has them, they are not
            written to files.
    """

    names: tuple[str, ...] = ()
    closed: bool = False
    colors: tuple[tuple[str, str], ...] = ()
    keys: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestedAttribute:
    """An attribute value that a captioner proposes. ``model_id`` and ``weights_sha256`` are empty unless somebody else
    than the captioner does, as a reader of text."""

    name: str
    values: tuple[str, ...]
    score: float
    source: AttributeSource = "model"
    model_id: str = ""
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True)
class RegionText:
    """What a captioner says about one box.

    ``caption`` is the best text; ``alternatives`` are ranked and exclude it. ``unsure`` says that the score is below
    the level at which, on held-out data, people mostly agreed. Caption and category may then be a more general word
    ("an animal", "an object"): ``specific`` is set, and the specific guesses are among the alternatives.
    """

    box: Box
    caption: ScoredText
    alternatives: tuple[ScoredText, ...] = ()
    category: ScoredText | None = None
    category_alternatives: tuple[ScoredText, ...] = ()
    attributes: tuple[SuggestedAttribute, ...] = ()
    unsure: bool = False
    prompt: str = ""
    raw_output: str = ""
    specific: ScoredText | None = None
    """The best specific caption where ``caption`` is a more general word; None when ``caption`` is it."""
    features: str = ""
    """How the region looks, as `roi_assistant.memory.vectors.packed` writes it; "" from a captioner without the
    capability ``features``."""
    like: tuple[RegionKey, ...] = ()
    """The accepted regions of the project after which it was told, see `Region`; a captioner knows none."""
    like_elsewhere: tuple[str, ...] = ()
    """The projects of other such regions, by their names, one for each region."""
    quotes: str = ""
    """Id of the reader of text whose words ``caption`` quotes; "" while it quotes none."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line that was read, with the reader's confidence 0..1. It is not calibrated."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class ReadText:
    """What is written in a box: ``lines`` in reading order, and all of them in one line of ``text`` with the
    confidence ``score``, 0..1, which is not calibrated."""

    lines: tuple[ReadLine, ...]
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class TextReaderInfo:
    """What reads: ``id`` is registered, ``name`` says product and version, ``weights_sha256`` is of all its weights."""

    id: str
    name: str = ""
    weights_sha256: str = ""


REGION = "<region>"
"""Stands in prompts where a model is told which region is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """What a chatting vision-language model is asked for, in plain words, which a person may change. ``task`` ends
    the question and holds `REGION`; ``attributes`` are (name, words) in place of the schema's questions."""

    task: str = f"Look at {REGION}. Answer about this one thing only, not about the whole picture."
    phrase: str = "a short noun phrase that names it and what sets it apart, such as 'a red cup with a broken handle'"
    sentence: str = "one plain sentence about it"
    description: str = "two or three sentences: what it is, what it looks like, what it does, and what is beside it"
    category: str = "the common name of the thing in one or two words, singular"
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """How to describe boxes. ``alternatives`` is the largest number of ranked alternatives (0..9); suggested attributes
    with a score below ``attribute_score`` are left out. ``prompts`` are those of a person, for models that are asked in
    words; None: the program's."""

    style: CaptionStyle = "phrase"
    alternatives: int = 5
    attributes: AttributeSchema | None = None
    decoding: Decoding = "beam"
    category: bool = True
    attribute_score: float = 0.0
    prompts: Prompts | None = None
    examples: tuple[str, ...] = ()
    """Captions that people accepted for regions that look alike, for models that are asked in words."""
    looks_only: bool = False
    """Only how regions look is wanted: a captioner may leave out all words."""
    examples_by_box: tuple[tuple[Box, tuple[str, ...]], ...] = ()
    """Such captions for each of several boxes that look like different things."""
    read_text: ReadingText = "no"
    """Whether what is written in the boxes is read, beside the captioner: see `roi_assistant.captioners.reading`."""

    def examples_for(self, box: Box) -> tuple[str, ...]:
        """The examples for ``box``, exactly as it was asked about."""
        return next((found for one, found in self.examples_by_box if one == box), self.examples)


LOOK_ONLY = DescribeRequest(
    alternatives=0, attributes=AttributeSchema("none"), decoding="greedy", category=False, looks_only=True
)
"""The least that a captioner can be asked for; its words are dropped."""


@dataclass(frozen=True, slots=True)
class CaptionerInfo:
    """What a captioner is and can do. ``device`` and ``precision`` are set once it is loaded."""

    id: str
    name: str
    weights_sha256: str = ""
    device: str = ""
    precision: str = ""
    notes: tuple[str, ...] = ()
    capabilities: frozenset[Capability] = field(default_factory=frozenset)
    features_by: str = ""
    """sha256 of the weights that say how regions look, where these are not the model's own."""
